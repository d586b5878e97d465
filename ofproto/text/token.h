/* SPDX-License-Identifier: ISC */
/* Cuts "key=value,key:value key(value)" into pieces, in place. */
#ifndef OFPROTO_TEXT_TOKEN_H
#define OFPROTO_TEXT_TOKEN_H

#include <stdbool.h>

struct token {
	char *key;
	char *value; /* "" without one */
	bool has_value;
};

/* Takes the next piece off '*s', which it overwrites.  Keys end at '=', ':', '(', a comma or a blank; values at a comma or blank
 * outside parentheses and double quotes.  False: nothing is left.  An unclosed parenthesis takes all the rest. */
bool token_next(char **s, struct token *);

#endif
