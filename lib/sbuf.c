/* SPDX-License-Identifier: ISC */
/* Growing text. */
#include "sbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
sbuf_fini(struct sbuf *b)
{
	free(b->s);
	*b = (struct sbuf)SBUF_INIT;
}

void
sbuf_reset(struct sbuf *b)
{
	sbuf_truncate(b, 0);
	b->bad = false;
}

void
sbuf_truncate(struct sbuf *b, size_t len)
{
	if (b->s && len <= b->len) {
		b->len = len;
		b->s[len] = '\0';
	}
}

static bool
reserve(struct sbuf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 128;
	char *s;

	if (b->bad)
		return false;
	if (b->len + n + 1 <= b->cap)
		return true;
	while (cap < b->len + n + 1)
		cap *= 2;
	s = realloc(b->s, cap);
	if (!s) {
		b->bad = true;
		return false;
	}
	b->s = s;
	b->cap = cap;
	return true;
}

void
sbuf_put(struct sbuf *b, const char *s, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n)
		memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
sbuf_puts(struct sbuf *b, const char *s)
{
	sbuf_put(b, s, strlen(s));
}

void
sbuf_putc(struct sbuf *b, char c)
{
	sbuf_put(b, &c, 1);
}

void
sbuf_vprintf(struct sbuf *b, const char *fmt, va_list args)
{
	va_list again;
	size_t room;
	int n;

	if (!reserve(b, 0))
		return;
	room = b->cap - b->len;
	va_copy(again, args);
	n = vsnprintf(b->s + b->len, room, fmt, args);
	if (n >= 0 && (size_t)n >= room && reserve(b, (size_t)n))
		vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	if (n >= 0 && !b->bad)
		b->len += (size_t)n;
	if (b->s)
		b->s[b->len] = '\0';
}

void
sbuf_printf(struct sbuf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sbuf_vprintf(b, fmt, args);
	va_end(args);
}

void
sbuf_put_u64(struct sbuf *b, uint64_t v)
{
	char text[20], *p = text + sizeof(text);

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	sbuf_put(b, p, (size_t)(text + sizeof(text) - p));
}

void
sbuf_put_hex(struct sbuf *b, uint64_t v)
{
	char text[18], *p = text + sizeof(text);

	do {
		*--p = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	*--p = 'x';
	*--p = '0';
	sbuf_put(b, p, (size_t)(text + sizeof(text) - p));
}

void
sbuf_chomp(struct sbuf *b, char c)
{
	if (b->len && b->s[b->len - 1] == c)
		sbuf_truncate(b, b->len - 1);
}

const char *
sbuf_str(const struct sbuf *b)
{
	return b->s ? b->s : "";
}

char *
sbuf_steal(struct sbuf *b)
{
	char *s = NULL;

	if (!b->bad && reserve(b, 0)) {
		s = b->s;
		s[b->len] = '\0';
		b->s = NULL;
	}
	sbuf_fini(b);
	return s;
}
