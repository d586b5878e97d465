/* SPDX-License-Identifier: ISC */
/* Colours the lines of flows after they were written: the sequences are those of ovs-ofctl, so that tools that strip or map them work. */
#include "color.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define PARAM "36" /* name of a plain value */
#define SPECIAL "33" /* table, priority, output, set_field */
#define VALUE "32" /* words without a value */
#define PAREN "35" /* words with parentheses */
#define DROP "34"
#define ACTIONS "1;31"

static void
put(FILE *out, const char *color, const char *s, size_t n)
{
	fprintf(out, "\033[%sm\033[K%.*s\033[m\033[K", color, (int)n, s);
}

static bool
is_word(const char *s, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && !memcmp(s, *list, n))
			return true;
	return false;
}

/* One word of the part before the actions. */
static void
color_key(FILE *out, const char *s, size_t n)
{
	static const char *const special[] = {"table", "priority", NULL};
	static const char *const protocols[] = {"ip",   "tcp",  "udp",   "sctp",  "icmp", "arp",   "rarp", "ipv6",
	                                        "tcp6", "udp6", "sctp6", "icmp6", "mpls", "mplsm", NULL};
	const char *equals = memchr(s, '=', n);
	const size_t key = equals ? (size_t)(equals - s) : n;

	if (equals) {
		put(out, is_word(s, key, special) ? SPECIAL : PARAM, s, key + 1);
		fwrite(s + key + 1, 1, n - key - 1, out);
	} else if (is_word(s, n, protocols)) {
		put(out, VALUE, s, n);
	} else {
		fwrite(s, 1, n, out);
	}
}

static void
color_match(FILE *out, const char *s, const char *end)
{
	while (s < end) {
		const size_t n = strcspn(s, ", ");
		const size_t word = s + n > end ? (size_t)(end - s) : n;

		if (word)
			color_key(out, s, word);
		s += word;
		while (s < end && (*s == ',' || *s == ' '))
			putc(*s++, out);
	}
}

/* One action up to its comma; returns what follows.  'open' counts parentheses that wait for their end. */
static const char *
color_action(FILE *out, const char *s, int *open)
{
	static const char *const special[] = {"output", "set_field", NULL};
	static const char *const parens[] = {"dec_ttl", NULL};
	const size_t n = strcspn(s, ":(,)\n");
	size_t rest;

	if (n && isupper((unsigned char)*s)) {
		rest = strcspn(s, ",)\n");
		fwrite(s, 1, rest, out);
		return s + rest;
	}
	if (s[n] == '(') {
		put(out, PAREN, s, n + 1);
		(*open)++;
		return s + n + 1;
	}
	if (s[n] == ':') {
		const char *arrow;

		put(out, is_word(s, n, special) ? SPECIAL : PARAM, s, n + 1);
		s += n + 1;
		rest = strcspn(s, ",)\n");
		arrow = strstr(s, "->");
		if (arrow && (size_t)(arrow - s) < rest) {
			fwrite(s, 1, (size_t)(arrow - s), out);
			put(out, SPECIAL, "->", 2);
			rest -= (size_t)(arrow - s) + 2;
			s = arrow + 2;
		}
		fwrite(s, 1, rest, out);
		return s + rest;
	}
	if (n == 4 && !memcmp(s, "drop", 4))
		put(out, DROP, s, n);
	else if (n)
		put(out, is_word(s, n, parens) ? PAREN : isdigit((unsigned char)*s) ? PARAM : VALUE, s, n);
	return s + n;
}

static void
color_actions(FILE *out, const char *s, const char *end)
{
	int open = 0;

	while (s < end) {
		if (*s == ',') {
			putc(*s++, out);
		} else if (*s == ')' && open) {
			put(out, PAREN, s++, 1);
			open--;
		} else if (*s == ')') {
			putc(*s++, out);
		} else {
			s = color_action(out, s, &open);
		}
	}
}

void
color_text(FILE *out, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");
		const char *end = text + n, *actions = strstr(text, "actions=");
		const bool flow = *text == ' ' && actions && actions < end && actions[-1] == ' ' &&
		                  strncmp(text, " group_id", 9) != 0;

		if (flow) {
			putc(' ', out);
			color_match(out, text + 1, actions);
			put(out, ACTIONS, actions, 8);
			color_actions(out, actions + 8, end);
		} else {
			fwrite(text, 1, n, out);
		}
		text = end;
		if (*text == '\n')
			putc(*text++, out);
	}
}
