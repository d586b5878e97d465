/* SPDX-License-Identifier: ISC */
/* Checksums.  Sums are of big-endian 16-bit words in 64 bits, so that nothing overflows before the fold. */
#include "checksum.h"

uint64_t
csum_bytes(const uint8_t *p, size_t n)
{
	uint64_t sum = 0;

	for (; n >= 4; n -= 4, p += 4)
		sum += get_be32(p);
	if (n >= 2) {
		sum += get_be16(p);
		n -= 2;
		p += 2;
	}
	if (n)
		sum += (uint64_t)p[0] << 8;
	return sum;
}

uint16_t
csum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint64_t
csum_diff(const uint8_t *was, const uint8_t *now, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint64_t)(uint16_t)~get_be16(was + i) + get_be16(now + i);
	return sum;
}

void
csum_update(uint8_t *field, uint64_t diff, bool partial)
{
	if (partial)
		put_be16(field, csum_fold(get_be16(field) + diff));
	else
		put_be16(field, (uint16_t)~csum_fold((uint16_t)~get_be16(field) + diff));
}

/* The piece of [from, to) that lies in the frame's part [base, base + n) at 'data'. */
struct piece {
	const uint8_t *data;
	size_t len;
};

static struct piece
piece_of(const uint8_t *data, size_t base, size_t n, size_t from, size_t to)
{
	const size_t a = from > base ? from : base;
	const size_t b = to < base + n ? to : base + n;
	struct piece pc = {NULL, 0};

	if (a < b) {
		pc.data = data + (a - base);
		pc.len = b - a;
	}
	return pc;
}

uint64_t
csum_packet(const struct packet *p, size_t from, size_t to)
{
	const struct piece h = piece_of(p->head, 0, p->head_len, from, to);
	const struct piece t = piece_of(p->tail, p->head_len, p->tail_len, from, to);
	uint64_t sum = csum_bytes(h.data, h.len);
	uint16_t rest;

	if (h.len & 1) {
		/* the tail's bytes change places */
		rest = csum_fold(csum_bytes(t.data, t.len));
		return sum + (uint16_t)((rest << 8) | (rest >> 8));
	}
	return sum + csum_bytes(t.data, t.len);
}

static uint32_t
crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
	/* four bits a step, reflected polynomial 0x82f63b78 */
	static const uint32_t table[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	                                   0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	                                   0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

	for (; n; n--, p++) {
		crc ^= *p;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return crc;
}

static uint32_t
crc32c_range(uint32_t crc, const struct packet *p, size_t from, size_t to)
{
	const struct piece h = piece_of(p->head, 0, p->head_len, from, to);
	const struct piece t = piece_of(p->tail, p->head_len, p->tail_len, from, to);

	return crc32c(crc32c(crc, h.data, h.len), t.data, t.len);
}

void
crc32c_packet(const struct packet *p, size_t from, size_t to, size_t hole, uint8_t out[4])
{
	static const uint8_t zero[4];
	uint32_t crc = crc32c_range(UINT32_MAX, p, from, hole);

	crc = crc32c(crc, zero, 4);
	crc = ~crc32c_range(crc, p, hole + 4, to);
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(crc >> (8 * i));
}

uint64_t
csum_pseudo(const uint8_t *l3, uint8_t proto, uint32_t l4_len)
{
	const bool v6 = (l3[0] >> 4) == 6;

	return csum_bytes(l3 + (v6 ? 8 : 12), v6 ? 32 : 8) + proto + l4_len;
}

/* Checksum offset 8 is SCTP's alone: its checksum is no sum. */
bool
packet_complete_checksum(struct reader *r, struct packet *p)
{
	const size_t start = p->vnet.csum_start;
	const size_t field = start + p->vnet.csum_offset;
	uint16_t sum;

	if (!packet_has_partial_csum(p))
		return true;
	if (!packet_unshare(r, p))
		return false;
	if (p->vnet.csum_offset == 8) {
		if (field + 4 > p->head_len)
			return false;
		crc32c_packet(p, start, packet_len(p), field, p->head + field);
	} else {
		if (field + 2 > p->head_len)
			return false;
		sum = (uint16_t)~csum_fold(csum_packet(p, start, packet_len(p)));
		/* UDP: 0 means "none" */
		put_be16(p->head + field, sum == 0 && p->vnet.csum_offset == 6 ? 0xffff : sum);
	}
	p->vnet.flags &= (uint8_t)~VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p->vnet.csum_start = 0;
	p->vnet.csum_offset = 0;
	return true;
}
