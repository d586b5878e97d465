/* SPDX-License-Identifier: ISC */
/* Single values as text, with or without a mask: numbers, addresses. */
#ifndef OFPROTO_TEXT_VALUE_TEXT_H
#define OFPROTO_TEXT_VALUE_TEXT_H

#include "sbuf.h"

#include <stdbool.h>
#include <stdint.h>

/* What is read, and what errors call it. */
struct value_spec {
	const char *name; /* of the field */
	unsigned bits; /* significant */
	unsigned bytes; /* width of the field */
};

/* Each reads VALUE or VALUE/MASK; without one the mask is all ones.  Bits of the value outside the mask are kept.  On false 'err' has the
 * reason in the words of ovs-ofctl. */
bool number_masked_parse(const char *, const struct value_spec *, uint64_t *value, uint64_t *mask, struct sbuf *err);
bool mac_masked_parse(const char *, uint8_t value[6], uint8_t mask[6], struct sbuf *err);
bool ipv4_masked_parse(const char *, uint8_t value[4], uint8_t mask[4], struct sbuf *err);
bool ipv6_masked_parse(const char *, uint8_t value[16], uint8_t mask[16], struct sbuf *err);

/* One number of at most 'bytes' bytes, decimal, octal or hexadecimal; -1 is all ones.  0, -EINVAL or -ERANGE; *end is what follows. */
int integer_parse(const char *, unsigned bytes, uint64_t *value, const char **end);

#endif
