/* SPDX-License-Identifier: ISC */
/* Frames are built from the inside out with right checksums; a match takes its values from such a frame; actions write what such frames
 * have.  One message in some dozens gets one fault of form. */
#include "gen.h"

#include <string.h>

static uint64_t state = 1;

void
gen_seed(uint64_t seed)
{
	state = seed * 2654435761u + 88172645463325252u;
}

uint32_t
gen_rnd(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % n);
}

bool
gen_one_in(uint32_t n)
{
	return gen_rnd(n) == 0;
}

/* ---- frames ---- */

static void
front(struct m_packet *p, const void *v, size_t n)
{
	memmove(p->b + n, p->b, p->n);
	memcpy(p->b, v, n);
	p->n += n;
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t
sum16(uint32_t s, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static uint8_t
pick(const uint8_t *from, size_t n)
{
	return from[gen_rnd((uint32_t)n)];
}

static size_t
transport(struct m_packet *p, unsigned proto)
{
	uint8_t h[64] = {0};
	size_t n = 8;

	put16(h, 1000 + gen_rnd(3));
	put16(h + 2, 2000 + gen_rnd(3));
	if (proto == 6) {
		n = 20;
		h[12] = 0x50;
	} else if (proto == 17) {
		put16(h + 4, (unsigned)(8 + p->n));
	} else if (proto == 132) {
		n = 12;
	} else if (proto == 1) {
		h[0] = (uint8_t)(gen_rnd(2) * 8);
		h[1] = (uint8_t)gen_rnd(2);
	} else if (proto == 58) {
		static const uint8_t types[] = {128, 135, 136, 135, 136};

		h[0] = pick(types, 5);
		h[1] = 0;
		if (h[0] != 128) {
			h[8] = 0xfe;
			h[23] = (uint8_t)gen_rnd(3);
			h[24] = (uint8_t)(1 + gen_rnd(2));
			h[25] = 1;
			h[31] = (uint8_t)gen_rnd(3);
			n = gen_one_in(4) ? 24 : 32;
			p->n = 0;
		}
	} else {
		n = 4;
	}
	front(p, h, n);
	return n;
}

static unsigned
checksum_at(unsigned proto)
{
	return proto == 6 ? 16 : proto == 17 ? 6 : 2;
}

/* Once the addresses are known. */
static void
finish_transport(uint8_t *l4, size_t n, unsigned proto, uint32_t pseudo)
{
	uint8_t *sum = l4 + checksum_at(proto);

	if (proto != 6 && proto != 17 && proto != 1 && proto != 58)
		return; /* SCTP: any value, it is computed anew when something changes */
	put16(sum, 0);
	put16(sum, ~sum16(proto == 1 ? 0 : pseudo, l4, n) & 0xffff);
	if (proto == 17 && gen_one_in(8))
		put16(sum, 0);
}

static void
ipv4(struct m_packet *p)
{
	static const uint8_t protos[] = {6, 6, 17, 17, 132, 1, 47};
	const unsigned proto = pick(protos, 7);
	const size_t options = gen_one_in(8) ? 4 : 0, l4 = transport(p, proto) ? p->n : 0;
	uint8_t h[24] = {0};

	h[0] = (uint8_t)(0x45 + options / 4);
	h[1] = (uint8_t)(gen_rnd(2) << 2 | gen_rnd(2));
	put16(h + 2, (unsigned)(20 + options + l4));
	if (gen_one_in(10))
		put16(h + 6, gen_one_in(2) ? 0x2000 : 0x0007);
	h[8] = (uint8_t)(gen_one_in(4) ? gen_rnd(3) : 64);
	h[9] = (uint8_t)proto;
	h[12] = h[16] = 10;
	h[15] = (uint8_t)gen_rnd(3);
	h[18] = (uint8_t)gen_rnd(2);
	h[19] = (uint8_t)gen_rnd(3);
	h[20] = h[21] = h[22] = (uint8_t)(options ? 1 : 0);
	put16(h + 10, ~sum16(0, h, 20 + options) & 0xffff);
	finish_transport(p->b, p->n, proto, sum16(proto + (uint32_t)l4, h + 12, 8));
	front(p, h, 20 + options);
}

static void
ipv6(struct m_packet *p)
{
	static const uint8_t protos[] = {6, 17, 132, 58, 58, 59};
	unsigned next = pick(protos, 6);
	const unsigned proto = next;
	const size_t l4 = transport(p, proto) ? p->n : 0;
	uint8_t h[40] = {0}, ext[8] = {0, 0, 1, 4};

	h[0] = 0x60 | (uint8_t)gen_rnd(2);
	h[1] = (uint8_t)(gen_rnd(4) << 4);
	h[3] = (uint8_t)gen_rnd(3);
	h[7] = (uint8_t)(gen_one_in(4) ? gen_rnd(3) : 64);
	h[8] = h[24] = 0xfd;
	h[23] = (uint8_t)gen_rnd(3);
	h[39] = (uint8_t)gen_rnd(3);
	finish_transport(p->b, p->n, proto, sum16(proto + (uint32_t)l4, h + 8, 32));
	if (gen_one_in(4)) {
		static const uint8_t kinds[] = {60, 44, 43, 0, 60};

		/* from the inside: the order that RFC 8200 wants, or any other */
		for (unsigned i = 0; i < 5; i++) {
			if (!gen_one_in(2) || (i == 4 && gen_one_in(2)))
				continue;
			ext[0] = (uint8_t)next;
			memset(ext + 2, 0, 2);
			if (kinds[i] == 44 && gen_one_in(4))
				ext[3] = 8;
			else if (kinds[i] == 43)
				ext[3] = (uint8_t)gen_rnd(2); /* segments left */
			front(p, ext, 8);
			next = kinds[i];
		}
	}
	h[6] = (uint8_t)next;
	put16(h + 4, (unsigned)p->n);
	front(p, h, 40);
}

static void
arp(struct m_packet *p)
{
	uint8_t h[28] = {0, 1, 8, 0, 6, 4, 0, 1};

	h[7] = (uint8_t)(1 + gen_rnd(2));
	h[13] = (uint8_t)gen_rnd(3);
	h[14] = h[24] = 10;
	h[17] = (uint8_t)gen_rnd(3);
	h[23] = (uint8_t)gen_rnd(3);
	h[27] = (uint8_t)gen_rnd(3);
	p->n = gen_one_in(2) ? 18 : 0;
	front(p, h, 28);
}

/* What lies below the Ethernet header; returns its type. */
static unsigned
payload(struct m_packet *p)
{
	const unsigned kind = gen_rnd(10);

	if (kind < 5) {
		ipv4(p);
		return 0x800;
	}
	if (kind < 8) {
		ipv6(p);
		return 0x86dd;
	}
	if (kind == 8) {
		arp(p);
		return 0x806;
	}
	return 0x9000 + gen_rnd(2);
}

static void
labels(struct m_packet *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const uint8_t lse[4] = {0, 0, (uint8_t)(gen_rnd(3) << 4 | gen_rnd(2) << 1 | (i == 0)),
		                        (uint8_t)(gen_one_in(4) ? gen_rnd(3) : 60 + i)};

		front(p, lse, 4);
	}
}

static void
ethernet(struct m_packet *p, unsigned type)
{
	unsigned tags = gen_one_in(3) ? 1 + gen_rnd(3) : 0;
	uint8_t h[12] = {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0}, word[2];

	h[5] = (uint8_t)gen_rnd(3);
	h[11] = (uint8_t)gen_rnd(3);
	put16(word, type);
	front(p, word, 2);
	while (tags--) {
		uint8_t tag[4] = {0x81, 0, 0, 0};

		if (gen_one_in(3))
			put16(tag, 0x88a8);
		put16(tag + 2, gen_rnd(2) << 13 | gen_rnd(2) << 12 | (5 + gen_rnd(3)));
		front(p, tag, 4);
	}
	front(p, h, 12);
}

void
gen_packet(struct m_packet *p)
{
	unsigned type;

	memset(p, 0, sizeof(*p));
	p->in_port = 1 + gen_rnd(M_PORTS);
	p->n = gen_rnd(40);
	for (size_t i = 0; i < p->n; i++)
		p->b[i] = (uint8_t)gen_rnd(256);
	type = payload(p);
	if (gen_one_in(5)) {
		labels(p, 1 + gen_rnd(4));
		type = 0x8847 + gen_rnd(2);
	}
	if (gen_one_in(8)) {
		const uint8_t itag[4] = {(uint8_t)(gen_rnd(2) << 5), 0, 0, (uint8_t)gen_rnd(3)};

		ethernet(p, type);
		front(p, itag, 4);
		type = 0x88e7;
	}
	ethernet(p, type);
	while (p->n < 60 && !gen_one_in(3))
		p->b[p->n++] = 0;
	if (gen_one_in(100) && p->n > 15)
		p->n = 14 + gen_rnd((uint32_t)p->n - 14);
}

/* ---- matches ---- */

static void
put(struct gen_buf *g, const void *v, size_t n)
{
	if (g->n + n <= sizeof(g->b))
		memcpy(g->b + g->n, v, n);
	g->n += n;
}

static void
number(struct gen_buf *g, unsigned bytes, uint64_t v)
{
	while (bytes--) {
		const uint8_t b = (uint8_t)(v >> (8 * bytes));

		put(g, &b, 1);
	}
}

static void
pad8(struct gen_buf *g, size_t start)
{
	while ((g->n - start) % 8)
		number(g, 1, 0);
}

static bool
maskable(unsigned f)
{
	static const uint8_t fields[] = {F_METADATA,    F_ETH_DST,     F_ETH_SRC,  F_VLAN_VID,    F_IPV4_SRC,
	                                 F_IPV4_DST,    F_TCP_SRC,     F_TCP_DST,  F_UDP_SRC,     F_UDP_DST,
	                                 F_SCTP_SRC,    F_SCTP_DST,    F_ARP_SPA,  F_ARP_TPA,     F_ARP_SHA,
	                                 F_ARP_THA,     F_IPV6_SRC,    F_IPV6_DST, F_IPV6_FLABEL, F_IPV6_ND_TARGET,
	                                 F_IPV6_ND_SLL, F_IPV6_ND_TLL, F_PBB_ISID, F_IPV6_EXTHDR};

	return memchr(fields, (int)f, sizeof(fields)) != NULL;
}

static void
oxm(struct gen_buf *g, unsigned f, const uint8_t *value)
{
	const bool masked = maskable(f) && gen_one_in(3);
	uint8_t v[16], mask[16];

	for (unsigned i = 0; i < m_bytes[f]; i++) {
		mask[i] = (uint8_t)(gen_one_in(2) ? 0xff : gen_one_in(2) ? 0 : gen_rnd(256));
		v[i] = masked ? value[i] & mask[i] : value[i];
	}
	number(g, 2, 0x8000);
	number(g, 1, f << 1 | masked);
	number(g, 1, m_bytes[f] * (masked ? 2u : 1u));
	put(g, v, m_bytes[f]);
	if (masked)
		put(g, mask, m_bytes[f]);
}

/* What a field needs before it, by the table of prerequisites. */
static void
want(bool wanted[M_FIELDS], unsigned f)
{
	wanted[f] = true;
	if (f == F_IN_PHY_PORT)
		wanted[F_IN_PORT] = true;
	if (f == F_VLAN_PCP)
		wanted[F_VLAN_VID] = true;
	if (f >= F_IP_DSCP && f != F_TUNNEL_ID)
		wanted[F_ETH_TYPE] = true;
	if ((f >= F_TCP_SRC && f <= F_ICMPV4_CODE) || (f >= F_ICMPV6_TYPE && f <= F_IPV6_ND_TLL))
		wanted[F_IP_PROTO] = true;
	if (f >= F_IPV6_ND_TARGET && f <= F_IPV6_ND_TLL)
		wanted[F_ICMPV6_TYPE] = true;
}

/* Fields of 'p', at most 'max' and what they need. */
static void
match_of(struct gen_buf *g, const struct m_packet *p, unsigned max)
{
	const struct m_layers l = m_parse(p);
	const size_t start = g->n;
	bool wanted[M_FIELDS] = {false};
	uint8_t v[16];

	for (unsigned i = 0; i < max; i++) {
		const unsigned f = gen_rnd(M_FIELDS);

		if (m_read(p, &l, f, v))
			want(wanted, f);
	}
	number(g, 2, 1);
	number(g, 2, 0);
	for (unsigned f = 0; f < M_FIELDS; f++) {
		if (wanted[f] && m_read(p, &l, f, v) && (f != F_VLAN_PCP || l.tag >= 0))
			oxm(g, f, v);
	}
	put16(g->b + start + 2, (unsigned)(g->n - start));
	pad8(g, start);
}

void
gen_match(struct gen_buf *g, unsigned max_fields)
{
	struct m_packet p;

	gen_packet(&p);
	p.metadata[7] = (uint8_t)gen_rnd(4);
	match_of(g, &p, gen_rnd(max_fields + 1));
}

/* ---- actions ---- */

static uint32_t
some_port(void)
{
	static const uint32_t special[] = {0xfffffff8, 0xfffffffb, 0xfffffffc, 0xfffffffd, 77};

	return gen_one_in(3) ? special[gen_rnd(5)] : 1 + gen_rnd(M_PORTS);
}

static void
act_output(struct gen_buf *g)
{
	number(g, 2, 0);
	number(g, 2, 16);
	number(g, 4, some_port());
	number(g, 2, 0xffff);
	number(g, 6, 0);
}

/* A field that 'p' has takes the value that another frame has in it, or one of its own. */
static void
act_set_field(struct gen_buf *g, const struct m_packet *p)
{
	const struct m_layers l = m_parse(p);
	const size_t start = g->n;
	struct m_packet other;
	struct m_layers lo;
	unsigned f;
	uint8_t v[16];

	do
		f = 3 + gen_rnd(M_FIELDS - 3);
	while (f == F_TUNNEL_ID || (!m_read(p, &l, f, v) && !gen_one_in(50)));
	gen_packet(&other);
	lo = m_parse(&other);
	if (!m_read(&other, &lo, f, v) && !gen_one_in(2))
		(void)m_read(p, &l, f, v);
	if (f == F_VLAN_VID)
		v[0] |= 0x10;
	number(g, 2, 25);
	number(g, 2, (8u + m_bytes[f] + 7) / 8 * 8);
	number(g, 2, 0x8000);
	number(g, 1, f << 1);
	number(g, 1, m_bytes[f]);
	put(g, v, m_bytes[f]);
	pad8(g, start);
}

static void
act_simple(struct gen_buf *g, unsigned type, unsigned ethertype, unsigned ttl)
{
	number(g, 2, type);
	number(g, 2, 8);
	number(g, 2, ttl ? ttl << 8 : ethertype);
	number(g, 2, 0);
}

static void
act_group(struct gen_buf *g)
{
	number(g, 2, 22);
	number(g, 2, 8);
	number(g, 4, 1 + gen_rnd(6));
}

/* One action for frames like 'p'. */
static void
act(struct gen_buf *g, const struct m_packet *p)
{
	const struct m_layers l = m_parse(p);
	const bool ip = l.ip4 >= 0 || l.ip6 >= 0, mpls = l.label >= 0;

	switch (gen_rnd(16)) {
	case 0:
	case 1:
	case 2:
	case 3:
		act_output(g);
		break;
	case 4:
		act_simple(g, 17, gen_one_in(2) ? 0x8100 : 0x88a8, 0);
		break;
	case 5:
		act_simple(g, 18, 0, 0);
		break;
	case 6:
		act_simple(g, 19, 0x8847 + gen_rnd(2), 0);
		break;
	case 7:
		act_simple(g, mpls ? 20 : 26, mpls ? (gen_one_in(2) ? 0x800 : 0x8847) : 0x88e7, 0);
		break;
	case 8:
		act_simple(g, l.itag >= 0 || gen_one_in(20) ? 27 : gen_one_in(2) ? 11 : 12, 0, 0);
		break;
	case 9:
		act_simple(g, mpls ? 15 + gen_rnd(2) : ip ? 24 : 11, 0, mpls ? 1 + gen_rnd(3) : 0);
		break;
	case 10:
		act_simple(g, ip ? 23 : 12, 0, ip ? 1 + gen_rnd(3) : 0);
		break;
	case 11:
		act_group(g);
		break;
	default:
		act_set_field(g, p);
		break;
	}
}

static void
inst_actions(struct gen_buf *g, unsigned type, const struct m_packet *p)
{
	const size_t start = g->n;

	number(g, 2, type);
	number(g, 2, 0);
	number(g, 4, 0);
	for (unsigned n = gen_rnd(type == 3 ? 4 : 6); n; n--)
		act(g, p);
	if (gen_one_in(2))
		act_output(g);
	put16(g->b + start + 2, (unsigned)(g->n - start));
}

static void
insts(struct gen_buf *g, unsigned table, const struct m_packet *p)
{
	if (gen_one_in(5)) {
		number(g, 4, 6 << 16 | 8);
		number(g, 4, 1 + gen_rnd(4));
	}
	if (gen_one_in(2))
		inst_actions(g, 4, p);
	if (gen_one_in(8)) {
		number(g, 4, 5 << 16 | 8);
		number(g, 4, 0);
	}
	if (gen_one_in(2))
		inst_actions(g, 3, p);
	if (gen_one_in(4)) {
		number(g, 4, 2 << 16 | 24);
		number(g, 4, 0);
		number(g, 8, gen_rnd(4));
		number(g, 8, gen_one_in(4) ? UINT64_MAX : 1 + gen_rnd(3));
	}
	if (gen_one_in(2)) {
		number(g, 4, 1 << 16 | 8);
		number(g, 1, gen_one_in(40) ? table : table + 1 + gen_rnd(2));
		number(g, 3, 0);
	}
}

/* ---- messages ---- */

/* One fault of form. */
static void
spoil(struct gen_buf *g, size_t match)
{
	const size_t oxm_at = match + 4, body = match + ((size_t)(g->b[match + 2] << 8 | g->b[match + 3]) + 7) / 8 * 8;
	const bool has_oxm = g->b[match + 3] > 4;

	switch (gen_rnd(8)) {
	case 0:
		g->b[17] = (uint8_t)(5 + gen_rnd(200));
		break;
	case 1:
		g->b[37] |= 0x20;
		break;
	case 2:
		g->b[16] = (uint8_t)(M_TABLES + gen_rnd(200));
		break;
	case 3:
		g->b[match + 1] = 0;
		break;
	case 4:
		if (has_oxm)
			g->b[oxm_at + 1] = 7; /* no such class */
		break;
	case 5:
		if (has_oxm)
			g->b[oxm_at + 2] = 90; /* no such field */
		break;
	case 6:
		if (body + 8 <= g->n)
			g->b[body + 1] = 9; /* no such instruction */
		break;
	default:
		if (body + 16 <= g->n && g->b[body + 1] >= 3 && g->b[body + 1] <= 4 && g->b[body + 3] > 8)
			g->b[body + 9] = 99; /* no such action */
		break;
	}
}

void
gen_flow_mod(struct gen_buf *g)
{
	static const uint8_t commands[] = {0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4};
	static const uint8_t times[] = {0, 0, 0, 1, 5, 20};
	const unsigned command = pick(commands, 11), table = gen_one_in(3) ? gen_rnd(4) : 0;
	struct m_packet p;

	gen_packet(&p);
	p.metadata[7] = (uint8_t)gen_rnd(4);
	g->n = 0;
	number(g, 8, gen_rnd(4));
	number(g, 8, command && gen_one_in(3) ? 1 + gen_rnd(3) : 0);
	number(g, 1, command >= 3 && gen_one_in(3) ? 0xff : table);
	number(g, 1, command);
	number(g, 2, pick(times, 6));
	number(g, 2, pick(times, 6));
	number(g, 2, gen_one_in(8) ? 0 : gen_rnd(200));
	number(g, 4, 0xffffffff);
	number(g, 4, command >= 3 && gen_one_in(5) ? 1 + gen_rnd(M_PORTS) : 0xffffffff);
	number(g, 4, command >= 3 && gen_one_in(9) ? 1 + gen_rnd(6) : 0xffffffff);
	number(g, 2,
	       gen_rnd(2) | (gen_one_in(6) ? 2 : 0) | (gen_one_in(4) ? 4 : 0) | (gen_one_in(6) ? 8 : 0) |
	           (gen_one_in(6) ? 16 : 0));
	number(g, 2, 0);
	match_of(g, &p, command == 1 || command == 3 ? gen_rnd(3) : gen_rnd(6));
	if (command < 3)
		insts(g, table, &p);
	if (gen_one_in(30))
		spoil(g, 40);
}

void
gen_group_mod(struct gen_buf *g)
{
	static const uint8_t types[] = {0, 0, 2, 3, 1, 1};
	const unsigned command = gen_rnd(3), type = pick(types, 6);
	struct m_packet p;

	gen_packet(&p);
	g->n = 0;
	number(g, 2, command);
	number(g, 1, type);
	number(g, 1, 0);
	number(g, 4, 1 + gen_rnd(6));
	for (unsigned n = type == 2 && !gen_one_in(20) ? 1 : gen_rnd(M_BUCKETS); n; n--) {
		const size_t start = g->n;

		number(g, 2, 0);
		number(g, 2, type == 1 ? gen_rnd(3) : 0);
		number(g, 4, type == 3 || (type == 1 && gen_one_in(2)) ? 1 + gen_rnd(M_PORTS) : 0xffffffff);
		number(g, 4, 0xffffffff);
		number(g, 4, 0);
		for (unsigned k = gen_rnd(3); k; k--)
			act(g, &p);
		act_output(g);
		put16(g->b + start, (unsigned)(g->n - start));
	}
}

void
gen_packet_out(struct gen_buf *g, struct m_packet *p)
{
	gen_packet(p);
	if (gen_one_in(2))
		p->in_port = 0xfffffffd;
	g->n = 0;
	number(g, 4, 0xffffffff);
	number(g, 4, p->in_port);
	number(g, 2, 0);
	number(g, 6, 0);
	for (unsigned n = gen_rnd(4); n; n--)
		act(g, p);
	if (gen_one_in(2)) {
		number(g, 4, 16);
		number(g, 4, 0xfffffff9); /* to the tables, which is the last there is */
		number(g, 8, 0);
	}
	put16(g->b + 8, (unsigned)(g->n - 16));
	put(g, p->b, p->n);
}

/* Rates of a few frames or some kilobits a second: a second of the driver passes once in a hundred steps. */
void
gen_meter_mod(struct gen_buf *g)
{
	static const uint16_t flags[] = {1, 2, 4 | 1, 4 | 2, 4 | 2, 8 | 1, 0, 4, 3, 0x11};
	static const uint8_t rates[] = {1, 2, 5, 8, 10, 100, 200}, bursts[] = {1, 3, 10, 50};
	const unsigned command = gen_rnd(3);

	g->n = 0;
	number(g, 2, command == 2 && gen_one_in(2) ? 1 : command);
	number(g, 2, flags[gen_rnd(gen_one_in(4) ? 10 : 7)]);
	number(g, 4, gen_one_in(20) ? 0 : gen_one_in(20) ? 0xffff0001 : gen_one_in(50) ? 0xffffffff : 1 + gen_rnd(4));
	for (unsigned n = gen_rnd(M_BANDS); n; n--) {
		number(g, 2, 1 + gen_rnd(2));
		number(g, 2, 16);
		number(g, 4, gen_one_in(20) ? 0 : pick(rates, 7));
		number(g, 4, gen_one_in(20) ? 0 : pick(bursts, 4));
		number(g, 1, gen_one_in(10) ? 0 : 1 + gen_rnd(3));
		number(g, 3, 0);
	}
}
