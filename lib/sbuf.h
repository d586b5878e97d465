/* SPDX-License-Identifier: ISC */
/* Growing text.  Never fails visibly: on lack of memory it stops growing and sets 'bad'. */
#ifndef LIB_SBUF_H
#define LIB_SBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbuf {
	char *s; /* NUL-terminated; NULL while empty: use sbuf_str */
	size_t len;
	size_t cap;
	bool bad;
};

#define SBUF_INIT {NULL, 0, 0, false}

void sbuf_fini(struct sbuf *);
void sbuf_reset(struct sbuf *);
/* Cuts to 'len' bytes (<= current). */
void sbuf_truncate(struct sbuf *, size_t len);
void sbuf_put(struct sbuf *, const char *, size_t n);
void sbuf_puts(struct sbuf *, const char *);
void sbuf_putc(struct sbuf *, char);
void sbuf_printf(struct sbuf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sbuf_vprintf(struct sbuf *, const char *fmt, va_list) __attribute__((format(printf, 2, 0)));
/* Decimal digits; 0x and hexadecimal digits: faster than printf where a million lines are written. */
void sbuf_put_u64(struct sbuf *, uint64_t);
void sbuf_put_hex(struct sbuf *, uint64_t);
/* Removes one trailing 'c' if there is one. */
void sbuf_chomp(struct sbuf *, char c);
/* "" while empty; valid until the next change. */
const char *sbuf_str(const struct sbuf *);
/* The text as a heap string that the caller frees, and an empty sbuf; NULL when bad. */
char *sbuf_steal(struct sbuf *);

#endif
