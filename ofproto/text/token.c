/* SPDX-License-Identifier: ISC */
/* Cuts "key=value,key:value key(value)" into pieces, in place.  Knows nothing of what the pieces mean. */
#include "token.h"

#include <stddef.h>
#include <string.h>

#define SEPARATORS ", \t\r\n"

/* The end of a value that begins at 's': the first separator outside parentheses and quotes, or the closing parenthesis
 * when the value itself began with one ('depth' 1). */
static char *
value_end(char *s, int depth)
{
	const int start = depth;
	bool quoted = false;

	for (; *s; s++) {
		if (*s == '"') {
			quoted = !quoted;
		} else if (quoted) {
			continue;
		} else if (*s == '(') {
			depth++;
		} else if (*s == ')' && depth > 0) {
			if (--depth == 0 && start)
				return s;
		} else if (depth == 0 && strchr(SEPARATORS, *s)) {
			return s;
		}
	}
	return s;
}

bool
token_next(char **s, struct token *t)
{
	char *p = *s + strspn(*s, SEPARATORS);
	char *end;
	char delimiter;

	if (!*p) {
		*s = p;
		return false;
	}
	t->key = p;
	if (*p == '"')
		end = value_end(p, 0);
	else
		end = p + strcspn(p, ":=(" SEPARATORS);
	delimiter = *end;
	t->value = end;
	t->has_value = false;
	if (delimiter)
		*end++ = '\0';
	if (delimiter == '(' || delimiter == '=' || delimiter == ':') {
		t->has_value = true;
		t->value = end;
		end = value_end(end, delimiter == '(');
		if (*end)
			*end++ = '\0';
	}
	*s = end;
	return true;
}
