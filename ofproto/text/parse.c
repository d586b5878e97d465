/* SPDX-License-Identifier: ISC */
/* What readers share: numbers of arguments, and errors that show the place and what might have been meant. */
#include "parse.h"

#include "value_text.h"

#include <string.h>

#define LINE_SHOWN 160 /* bytes of a line, around the mark */
#define WORD_MAX 24

/* Edits that make 'a' (of length n) 'b'; transpositions count as one. */
static unsigned
distance(const char *a, size_t n, const char *b)
{
	const size_t m = strlen(b);
	unsigned row[3][WORD_MAX + 1];

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= m; j++)
		row[1][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *before = row[(i + 2) % 3], *last = row[i % 3], *now = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			const unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);

			now[j] = last[j] + 1 < now[j - 1] + 1 ? last[j] + 1 : now[j - 1] + 1;
			if (change < now[j])
				now[j] = change;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return row[(n + 1) % 3][m];
}

const char *
nearest_word(const char *word, size_t len, const char *(*vocabulary)(size_t))
{
	const char *best = NULL;
	unsigned limit = len <= 3 ? 1 : len <= 6 ? 2 : 3;

	for (size_t i = 0; vocabulary(i); i++) {
		const unsigned d = distance(word, len, vocabulary(i));

		if (d <= limit && d < len) {
			best = vocabulary(i);
			limit = d ? d - 1 : 0;
			if (!d)
				break;
		}
	}
	return best;
}

char *
parse_copy(const char *line, struct sbuf *err)
{
	char *copy = strdup(line);

	if (!copy)
		sbuf_puts(err, "out of memory");
	for (char *s = copy; s && *s; s++)
		if ((unsigned char)*s < ' ')
			*s = ' ';
	return copy;
}

void
parse_point(struct parse_state *p, const char *line, size_t offset)
{
	const size_t len = strlen(line);
	size_t from = 0, word;
	const char *near = NULL;

	if (offset > len)
		return;
	word = strcspn(line + offset, ",=:( \t\r\n");
	if (p->vocabulary)
		near = nearest_word(line + offset, word, p->vocabulary);
	if (offset > LINE_SHOWN / 2)
		from = offset - LINE_SHOWN / 2;
	sbuf_puts(p->err, "\n  ");
	for (size_t i = from; i < len && i < from + LINE_SHOWN; i++)
		sbuf_putc(p->err, (unsigned char)line[i] < ' ' ? ' ' : line[i]);
	sbuf_printf(p->err, "\n  %*s^", (int)(offset - from), "");
	if (near)
		sbuf_printf(p->err, " did you mean \"%s\"?", near);
	else if (p->why)
		sbuf_printf(p->err, " %s", p->why);
}

size_t
error_first_line(const char *err)
{
	return strcspn(err, "\n");
}

bool
parse_not_usable(struct parse_state *p)
{
	if (p->usable & USABLE_OF13)
		return false;
	if (p->suspect)
		p->at = p->suspect;
	sbuf_puts(p->err, "none of the usable flow formats (");
	usable_format(p->err, p->usable);
	sbuf_puts(p->err, ") is among the allowed flow formats (OXM-OpenFlow13)");
	return true;
}

bool
parse_u64_arg(struct parse_state *p, const char *arg, uint64_t *v)
{
	const char *end = arg;

	if (!*arg) {
		sbuf_puts(p->err, "missing required numeric argument");
		return false;
	}
	if (!integer_parse(arg, 8, v, &end) && !*end)
		return true;
	sbuf_printf(p->err, "invalid numeric format %s", arg);
	return false;
}

bool
parse_u32_arg(struct parse_state *p, const char *arg, uint32_t *v)
{
	uint64_t wide;

	if (!parse_u64_arg(p, arg, &wide))
		return false;
	if (wide <= UINT32_MAX || (*arg == '-' && wide >= UINT64_MAX - INT32_MAX)) {
		*v = (uint32_t)wide;
		return true;
	}
	sbuf_printf(p->err, "invalid numeric format %s", arg);
	p->why = "more than 32 bits";
	return false;
}

bool
parse_named_arg(struct parse_state *p, const char *arg, const char *name, uint64_t max, uint64_t *v)
{
	if (number_parse(arg, max, v))
		return true;
	sbuf_printf(p->err, "invalid %s \"%s\"", name, arg);
	return false;
}
