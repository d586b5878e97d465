/* SPDX-License-Identifier: ISC */
/* Reads single values.  What is too wide for its field is refused, never cut. */
#include "value_text.h"

#include "addr.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
ones(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

int
integer_parse(const char *s, unsigned bytes, uint64_t *value, const char **end)
{
	const bool negative = *s == '-';
	char *stop;
	unsigned long long v;

	if (negative)
		s++;
	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &stop, 0);
	*end = stop;
	if (errno || v > ones(bytes * 8) || (negative && bytes < 8))
		return -ERANGE;
	*value = negative ? (0 - v) & ones(bytes * 8) : v;
	return 0;
}

static bool
number_complain(const char *s, const struct value_spec *spec, const char *what, int error, struct sbuf *err)
{
	if (error == -ERANGE)
		sbuf_printf(err, "%s: %s too large for %u-byte field %s", s, what, spec->bytes, spec->name);
	else
		sbuf_printf(err, "%s: bad syntax for %s %s", s, spec->name, what);
	return false;
}

bool
number_masked_parse(const char *s, const struct value_spec *spec, uint64_t *value, uint64_t *mask, struct sbuf *err)
{
	const uint64_t all = ones(spec->bits);
	const char *end = s;
	int error = integer_parse(s, spec->bytes, value, &end);

	*mask = all;
	if (error || (*end && *end != '/'))
		return number_complain(s, spec, "value", error, err);
	if (*value > all && *s != '-') {
		sbuf_printf(err, "%s: value too large for %u-bit field %s", s, spec->bits, spec->name);
		return false;
	}
	*value &= all;
	if (*end == '/') {
		error = integer_parse(end + 1, spec->bytes, mask, &end);
		if (error || *end)
			return number_complain(s, spec, "mask", error, err);
		*mask &= all;
	}
	return true;
}

/* Copies what stands before a slash; the mask's text is returned, NULL without one.  False: too long to be an address. */
static bool
cut_mask(const char *s, char *first, size_t size, const char **mask)
{
	const char *slash = strchr(s, '/');
	const size_t len = slash ? (size_t)(slash - s) : strlen(s);

	if (len >= size)
		return false;
	memcpy(first, s, len);
	first[len] = '\0';
	*mask = slash ? slash + 1 : NULL;
	return true;
}

bool
mac_masked_parse(const char *s, uint8_t value[6], uint8_t mask[6], struct sbuf *err)
{
	char first[64];
	const char *m = NULL;

	memset(mask, 0xff, 6);
	if (cut_mask(s, first, sizeof(first), &m) && mac_parse(first, value) && (!m || mac_parse(m, mask)))
		return true;
	sbuf_printf(err, "%s: invalid Ethernet address", s);
	return false;
}

/* A mask as a number of leading ones; negative: not a number. */
static int
prefix_bits(const char *s)
{
	uint64_t v;
	const char *end = s;

	if (integer_parse(s, 4, &v, &end) || *end || v > 100000)
		return -1;
	return (int)v;
}

bool
ipv4_masked_parse(const char *s, uint8_t value[4], uint8_t mask[4], struct sbuf *err)
{
	char first[64];
	const char *m = NULL;
	int prefix;

	memset(mask, 0xff, 4);
	if (!cut_mask(s, first, sizeof(first), &m) || !ipv4_parse(first, value))
		goto bad;
	if (!m || ipv4_parse(m, mask))
		return true;
	prefix = prefix_bits(m);
	if (prefix < 0)
		goto bad;
	if (prefix > 32) {
		sbuf_printf(err, "%s: IPv4 network prefix bits not between 0 and 32, inclusive", s);
		return false;
	}
	mask_from_prefix((unsigned)prefix, mask, 4);
	return true;
bad:
	sbuf_printf(err, "%s: invalid IP address", s);
	return false;
}

bool
ipv6_masked_parse(const char *s, uint8_t value[16], uint8_t mask[16], struct sbuf *err)
{
	char first[64];
	const char *m = NULL;
	int prefix;

	memset(mask, 0xff, 16);
	if (!cut_mask(s, first, sizeof(first), &m) || !ipv6_parse(first, value)) {
		sbuf_printf(err, "%s: invalid IPv6 address", s);
		return false;
	}
	if (!m || ipv6_parse(m, mask))
		return true;
	prefix = prefix_bits(m);
	if (prefix < 0) {
		sbuf_printf(err, *m ? "%s: Invalid IPv6 mask" : "%s: invalid IPv6 address", s);
		return false;
	}
	if (prefix > 128) {
		sbuf_printf(err, "%s: IPv6 network prefix bits not between 0 and 128, inclusive", s);
		return false;
	}
	mask_from_prefix((unsigned)prefix, mask, 16);
	return true;
}
