/* SPDX-License-Identifier: ISC */
/* Frames for tests, and checksums by the slow and obvious way, apart from the code under test. */
#ifndef TESTS_UNIT_FRAMES_H
#define TESTS_UNIT_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct frame_spec {
	unsigned vlans;
	bool v6;
	uint8_t proto; /* 1, 6, 17, 58, 132 */
	size_t payload;
	bool udp_no_csum;
};

static inline void
frame_u16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline unsigned
frame_get16(const uint8_t *p)
{
	return ((unsigned)p[0] << 8) | p[1];
}

/* Ones' complement sum, one word at a time. */
static inline unsigned
frame_sum(unsigned sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

static inline uint32_t
frame_crc32c(const uint8_t *p, size_t n)
{
	uint32_t c = 0xffffffffu;

	for (size_t i = 0; i < n; i++) {
		c ^= p[i];
		for (unsigned b = 0; b < 8; b++)
			c = (c >> 1) ^ (c & 1 ? 0x82f63b78u : 0);
	}
	return ~c;
}

static inline size_t
frame_l4_csum_at(uint8_t proto)
{
	return proto == 6 ? 16 : proto == 17 ? 6 : proto == 132 ? 8 : 2;
}

static inline unsigned
frame_pseudo(const uint8_t *l3, bool v6, uint8_t proto, size_t l4_len)
{
	unsigned sum;

	if (proto == 1)
		return 0;
	sum = v6 ? frame_sum(0, l3 + 8, 32) : frame_sum(0, l3 + 12, 8);
	sum += proto + (unsigned)l4_len;
	return (sum & 0xffff) + (sum >> 16);
}

/* Where the IP header is; 0: none. */
static inline size_t
frame_l3(const uint8_t *f)
{
	size_t at = 12;

	while (frame_get16(f + at) == 0x8100 || frame_get16(f + at) == 0x88a8)
		at += 4;
	return frame_get16(f + at) == 0x0800 || frame_get16(f + at) == 0x86dd ? at + 2 : 0;
}

/* Fills in all checksums of a frame of frame_make. */
static inline void
frame_finish(uint8_t *f, size_t len, const struct frame_spec *s)
{
	const size_t l3 = frame_l3(f);
	const size_t l4 = l3 + (s->v6 ? 40 : 20);
	const size_t at = l4 + frame_l4_csum_at(s->proto);
	unsigned c;

	if (!s->v6)
		frame_u16(f + l3 + 10, ~frame_sum(0, f + l3, 20));
	if (s->proto == 17 && s->udp_no_csum)
		return;
	if (s->proto == 132) {
		const uint32_t crc = frame_crc32c(f + l4, len - l4);

		for (unsigned i = 0; i < 4; i++)
			f[at + i] = (uint8_t)(crc >> (8 * i));
		return;
	}
	c = 0xffff & ~frame_sum(frame_pseudo(f + l3, s->v6, s->proto, len - l4), f + l4, len - l4);
	frame_u16(f + at, c == 0 && s->proto == 17 ? 0xffff : c);
}

/* Builds a frame; returns its length.  'seed' colours payload and addresses. */
static inline size_t
frame_make(uint8_t *f, const struct frame_spec *s, uint8_t seed)
{
	static const uint8_t mac[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	const size_t l4_hdr = s->proto == 6 ? 20 : s->proto == 132 ? 12 : 8;
	size_t at = 12;
	size_t l4;

	memcpy(f, mac, 12);
	for (unsigned i = 0; i < s->vlans; i++, at += 4) {
		frame_u16(f + at, i + 1 < s->vlans ? 0x88a8 : 0x8100);
		frame_u16(f + at + 2, 0x2000u + seed + i);
	}
	frame_u16(f + at, s->v6 ? 0x86dd : 0x0800);
	at += 2;
	l4 = at + (s->v6 ? 40 : 20);
	memset(f + at, 0, l4 + l4_hdr - at);
	for (size_t i = 0; i < 32; i++)
		f[at + (s->v6 ? 8 : 12) + i % (s->v6 ? 32 : 8)] = (uint8_t)(seed * 7 + i * 13);
	if (s->v6) {
		f[at] = 0x60;
		frame_u16(f + at + 4, (unsigned)(l4_hdr + s->payload));
		f[at + 6] = s->proto;
		f[at + 7] = 64;
	} else {
		f[at] = 0x45;
		frame_u16(f + at + 2, (unsigned)(20 + l4_hdr + s->payload));
		frame_u16(f + at + 4, 0x1234);
		f[at + 8] = 64;
		f[at + 9] = s->proto;
	}
	if (s->proto == 1 || s->proto == 58) {
		f[l4] = s->v6 ? 128 : 8;
	} else {
		frame_u16(f + l4, 1000u + seed);
		frame_u16(f + l4 + 2, 80);
	}
	if (s->proto == 6) {
		f[l4 + 12] = 0x50;
		f[l4 + 13] = 0x18;
	} else if (s->proto == 17) {
		frame_u16(f + l4 + 4, (unsigned)(8 + s->payload));
	}
	for (size_t i = 0; i < s->payload; i++)
		f[l4 + l4_hdr + i] = (uint8_t)(i * 31 + seed);
	frame_finish(f, l4 + l4_hdr + s->payload, s);
	return l4 + l4_hdr + s->payload;
}

/* True if all checksums of an unfragmented IP frame are right. */
static inline bool
frame_checksums_right(const uint8_t *f, size_t len)
{
	const size_t l3 = frame_l3(f);
	const bool v6 = l3 && (f[l3] >> 4) == 6;
	const size_t l4 = l3 + (v6 ? 40 : 20);
	const uint8_t proto = f[l3 + (v6 ? 6 : 9)];
	const size_t end = l3 + (v6 ? 40 + frame_get16(f + l3 + 4) : frame_get16(f + l3 + 2));
	uint8_t copy[2048];

	if (!l3 || end > len)
		return false;
	if (!v6 && frame_sum(0, f + l3, 20) != 0xffff)
		return false;
	if (proto == 17 && frame_get16(f + l4 + 6) == 0)
		return true;
	if (proto == 132) {
		uint32_t crc;

		if (end - l4 > sizeof(copy))
			return false;
		memcpy(copy, f + l4, end - l4);
		memset(copy + 8, 0, 4);
		crc = frame_crc32c(copy, end - l4);
		return f[l4 + 8] == (uint8_t)crc && f[l4 + 9] == (uint8_t)(crc >> 8) &&
		       f[l4 + 10] == (uint8_t)(crc >> 16) && f[l4 + 11] == (uint8_t)(crc >> 24);
	}
	return frame_sum(frame_pseudo(f + l3, v6, proto, end - l4), f + l4, end - l4) == 0xffff;
}

#endif
