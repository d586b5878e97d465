/* SPDX-License-Identifier: ISC */
/* What the readers of flows, actions, groups and meters share while they work on one line. */
#ifndef OFPROTO_TEXT_PARSE_H
#define OFPROTO_TEXT_PARSE_H

#include "names.h"
#include "sbuf.h"
#include "usable.h"

/* Errors begin with the line that ovs-ofctl prints, for scripts.  parse_point adds the line that was read with a mark under the word at
 * fault, and a hint; error_first_line takes that off again. */
struct parse_state {
	const struct port_names *names; /* or NULL */
	struct sbuf *err;
	uint32_t usable; /* formats that can say what was read so far */
	const char *at; /* the word being read, within the line */
	const char *suspect; /* a word read before, that a later error is about; or NULL */
	const char *why; /* what helps, or NULL; static */
	const char *(*vocabulary)(size_t n); /* the word at 'at' is none of these; NULL: not the trouble */
};

static inline struct parse_state
parse_begin(const struct port_names *names, struct sbuf *err)
{
	return (struct parse_state){names, err, USABLE_ANY, NULL, NULL, NULL, NULL};
}
/* A copy for readers to cut: control characters are blanks in it, so that errors stay in one line.  NULL: out of memory, and so says 'err'. */
char *parse_copy(const char *line, struct sbuf *err);
/* 'line' is a copy of what was read, unchanged; 'offset' of the word at fault, or SIZE_MAX. */
void parse_point(struct parse_state *, const char *line, size_t offset);
/* Length of the first line of an error. */
size_t error_first_line(const char *err);
/* True and the error "none of the usable flow formats ..." if 1.3 is not among them. */
bool parse_not_usable(struct parse_state *);

/* Numbers in the manner of actions; false: the error is set. */
bool parse_u64_arg(struct parse_state *, const char *arg, uint64_t *);
bool parse_u32_arg(struct parse_state *, const char *arg, uint32_t *);
/* At most 'max', called 'name' in the error. */
bool parse_named_arg(struct parse_state *, const char *arg, const char *name, uint64_t max, uint64_t *);

/* The nearest word of a vocabulary, NULL when none is near. */
const char *nearest_word(const char *word, size_t len, const char *(*vocabulary)(size_t));

#endif
