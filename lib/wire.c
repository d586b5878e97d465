/* SPDX-License-Identifier: ISC */
/* Growing messages (struct wbuf).  The reading half is inline in wire.h. */
#include "wire.h"

#include <stdlib.h>

void
wbuf_fini(struct wbuf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

void
wbuf_reset(struct wbuf *b)
{
	b->len = 0;
	b->bad = false;
}

static bool
wbuf_reserve(struct wbuf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 64;
	uint8_t *data;

	if (b->bad || n > b->max || b->len > b->max - n) {
		b->bad = true;
		return false;
	}
	if (b->len + n <= b->cap)
		return true;
	while (cap < b->len + n)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->bad = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

uint8_t *
wbuf_put_zeros(struct wbuf *b, size_t n)
{
	uint8_t *p;

	if (!wbuf_reserve(b, n))
		return NULL;
	p = b->data + b->len;
	if (n)
		memset(p, 0, n);
	b->len += n;
	return p;
}

void
wbuf_put(struct wbuf *b, const void *data, size_t n)
{
	if (n == 0 || !wbuf_reserve(b, n))
		return;
	memcpy(b->data + b->len, data, n);
	b->len += n;
}

void
wbuf_put_u8(struct wbuf *b, uint8_t v)
{
	wbuf_put(b, &v, 1);
}

void
wbuf_put_be16(struct wbuf *b, uint16_t v)
{
	uint8_t *p = wbuf_put_zeros(b, 2);

	if (p)
		put_be16(p, v);
}

void
wbuf_put_be32(struct wbuf *b, uint32_t v)
{
	uint8_t *p = wbuf_put_zeros(b, 4);

	if (p)
		put_be32(p, v);
}

void
wbuf_put_be64(struct wbuf *b, uint64_t v)
{
	uint8_t *p = wbuf_put_zeros(b, 8);

	if (p)
		put_be64(p, v);
}

void
wbuf_pad8(struct wbuf *b, size_t start)
{
	(void)wbuf_put_zeros(b, (8 - (b->len - start) % 8) % 8);
}

void
wbuf_patch_be16(struct wbuf *b, size_t offset, uint16_t v)
{
	if (!b->bad && b->len >= 2 && offset <= b->len - 2)
		put_be16(b->data + offset, v);
}
