/* SPDX-License-Identifier: ISC */
/* Reading and writing bytes in network order, with bounds that can't be forgotten.
 *
 * A 'struct wire' is a cursor.  Reads past the end give zero and set a sticky flag; the caller tests wire_ok() once, after the
 * last read.  Nested structures get a child cursor that can't see beyond its length.  A 'struct wbuf' is a growing message;
 * running out of memory or of 'max' sets its sticky flag.  Only this file knows byte order. */
#ifndef LIB_WIRE_H
#define LIB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

static inline struct wire
wire_init(const void *data, size_t len)
{
	struct wire w = {(const uint8_t *)data, (const uint8_t *)data + len, false};

	return w;
}

static inline size_t
wire_left(const struct wire *w)
{
	return (size_t)(w->end - w->p);
}

static inline bool
wire_ok(const struct wire *w)
{
	return !w->bad;
}

/* The next 'n' bytes, or NULL (and the sticky flag) when fewer are left. */
static inline const uint8_t *
wire_take(struct wire *w, size_t n)
{
	const uint8_t *p = w->p;

	if (n > wire_left(w)) {
		w->bad = true;
		w->p = w->end;
		return NULL;
	}
	w->p += n;
	return p;
}

static inline void
wire_skip(struct wire *w, size_t n)
{
	(void)wire_take(w, n);
}

/* Copies 'n' bytes to 'dst', or zeroes. */
static inline void
wire_bytes(struct wire *w, void *dst, size_t n)
{
	const uint8_t *p = wire_take(w, n);

	if (p)
		memcpy(dst, p, n);
	else
		memset(dst, 0, n);
}

/* A cursor over the next 'n' bytes alone, which 'w' skips.  Bad at once when fewer are left. */
static inline struct wire
wire_sub(struct wire *w, size_t n)
{
	const uint8_t *p = wire_take(w, n);
	struct wire sub = {p ? p : w->end, p ? p + n : w->end, p == NULL};

	return sub;
}

static inline uint16_t
get_be16(const uint8_t *p)
{
	return (uint16_t)((p[0] << 8) | p[1]);
}
static inline uint32_t
get_be32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}
static inline uint64_t
get_be64(const uint8_t *p)
{
	return ((uint64_t)get_be32(p) << 32) | get_be32(p + 4);
}
static inline void
put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void
put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}
static inline void
put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

/* Big-endian members (be16, be32, be64 of flow_key.h) to and from host order. */
static inline uint16_t
be16_to_host(uint16_t v)
{
	return get_be16((const uint8_t *)&v);
}
static inline uint32_t
be32_to_host(uint32_t v)
{
	return get_be32((const uint8_t *)&v);
}
static inline uint64_t
be64_to_host(uint64_t v)
{
	return get_be64((const uint8_t *)&v);
}
static inline uint16_t
host_to_be16(uint16_t v)
{
	return be16_to_host(v);
}
static inline uint32_t
host_to_be32(uint32_t v)
{
	return be32_to_host(v);
}
static inline uint64_t
host_to_be64(uint64_t v)
{
	return be64_to_host(v);
}

static inline uint8_t
wire_u8(struct wire *w)
{
	const uint8_t *p = wire_take(w, 1);

	return p ? *p : 0;
}
static inline uint16_t
wire_be16(struct wire *w)
{
	const uint8_t *p = wire_take(w, 2);

	return p ? get_be16(p) : 0;
}
static inline uint32_t
wire_be32(struct wire *w)
{
	const uint8_t *p = wire_take(w, 4);

	return p ? get_be32(p) : 0;
}
static inline uint64_t
wire_be64(struct wire *w)
{
	const uint8_t *p = wire_take(w, 8);

	return p ? get_be64(p) : 0;
}

/* ---- writing ---- */

struct wbuf {
	uint8_t *data; /* heap; owned */
	size_t len;
	size_t cap;
	size_t max; /* never longer than this */
	bool bad;   /* out of memory or over max: the content is unusable */
};

#define WBUF_INIT(max_len) {NULL, 0, 0, (max_len), false}

void wbuf_fini(struct wbuf *);
/* Empties it and clears the flag; keeps the memory. */
void wbuf_reset(struct wbuf *);
/* Room for 'n' more bytes, zeroed, counted as written; NULL on failure (sticky).  Valid until the next call. */
uint8_t *wbuf_put_zeros(struct wbuf *, size_t n);
void wbuf_put(struct wbuf *, const void *, size_t n);
void wbuf_put_u8(struct wbuf *, uint8_t);
void wbuf_put_be16(struct wbuf *, uint16_t);
void wbuf_put_be32(struct wbuf *, uint32_t);
void wbuf_put_be64(struct wbuf *, uint64_t);
/* Zeroes up to the next multiple of 8 counted from offset 'start'. */
void wbuf_pad8(struct wbuf *, size_t start);
/* Overwrites two bytes at 'offset' (< len). */
void wbuf_patch_be16(struct wbuf *, size_t offset, uint16_t);

static inline bool
wbuf_ok(const struct wbuf *b)
{
	return !b->bad;
}

#endif
