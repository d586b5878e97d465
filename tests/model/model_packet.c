/* SPDX-License-Identifier: ISC */
/* The model's frames: where their headers are, what their fields hold, what actions do to them (7.2.3.7, 5.12). */
#include "model.h"

#include <string.h>

const uint8_t m_bytes[M_FIELDS] = {4, 4, 8, 6, 6, 2, 2,  1,  1, 1, 1, 4,  4, 2, 2, 2, 2, 2, 2, 1,
                                   1, 2, 4, 4, 6, 6, 16, 16, 4, 1, 1, 16, 6, 6, 4, 1, 1, 3, 8, 2};

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static bool
is_tpid(unsigned t)
{
	return t == 0x8100 || t == 0x88a8 || t == 0x9100;
}

static bool
fits(const struct m_packet *p, int at, int n)
{
	return at + n <= (int)p->n;
}

/* ---- headers ---- */

static void
find_transport(const struct m_packet *p, struct m_layers *l, int at, bool v6)
{
	const int left = l->end - at;
	const uint8_t *b = p->b + at;

	if ((l->proto == 6 && left >= 20 && b[12] >> 4 >= 5) || (l->proto == 17 && left >= 8) ||
	    (l->proto == 132 && left >= 12) || (l->proto == 1 && !v6 && left >= 8) ||
	    (l->proto == 58 && v6 && left >= 4)) {
		l->l4 = at;
		l->icmp_type = b[0];
	}
}

static void
find_ipv4(const struct m_packet *p, struct m_layers *l, int at)
{
	const uint8_t *b = p->b + at;
	int header, total;

	if (!fits(p, at, 20) || b[0] >> 4 != 4)
		return;
	header = (b[0] & 15) * 4;
	total = (int)get16(b + 2);
	if (header < 20 || total < header || !fits(p, at, total))
		return;
	l->ip4 = at;
	l->end = at + total;
	l->proto_at = at + 9;
	l->proto = b[9];
	if (!(get16(b + 6) & 0x1fff))
		find_transport(p, l, at + header, false);
}

/* The order that RFC 8200 recommends (4.1); destination options have two places. */
static const uint8_t v6_order[] = {0, 60, 43, 44, 51, 50, 60};

static unsigned
v6_bit(unsigned type)
{
	switch (type) {
	case 0:
		return 1 << 6;
	case 43:
		return 1 << 5;
	case 44:
		return 1 << 4;
	case 60:
		return 1 << 3;
	case 51:
		return 1 << 2;
	case 50:
		return 1 << 1;
	case 59:
		return 1 << 0;
	default:
		return 0;
	}
}

static void
find_ipv6(const struct m_packet *p, struct m_layers *l, int at)
{
	const uint8_t *b = p->b;
	unsigned type, place = 0;
	int here = at + 40;
	bool later = false;

	if (!fits(p, at, 40) || b[at] >> 4 != 6 || !fits(p, at, 40 + (int)get16(b + at + 4)))
		return;
	l->ip6 = at;
	l->end = at + 40 + (int)get16(b + at + 4);
	l->proto_at = at + 6;
	while (type = b[l->proto_at], v6_bit(type) && type != 59 && type != 50) {
		const int n = type == 44 ? 8 : type == 51 ? (b[here + 1] + 2) * 4 : (b[here + 1] + 1) * 8;

		l->exthdr |= v6_bit(type);
		while (place < sizeof(v6_order) && v6_order[place] != type)
			place++;
		if (place == sizeof(v6_order))
			l->exthdr |= 1 << 8;
		else
			place++;
		if (here + n > l->end) {
			l->proto_at = -1; /* cut off: nobody knows what follows */
			return;
		}
		l->routed |= type == 43 && b[here + 3];
		l->fragment |= type == 44 && (get16(b + here + 2) & 0xfff9);
		later |= type == 44 && (get16(b + here + 2) & 0xfff8);
		l->proto_at = here;
		here += n;
		if (later)
			break;
	}
	l->proto = b[l->proto_at];
	if (!later) {
		l->exthdr |= v6_bit(l->proto);
		find_transport(p, l, here, true);
	}
}

struct m_layers
m_parse(const struct m_packet *p)
{
	struct m_layers l = {-1, -1, 0, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, false, false, 0};
	int at = 12;

	if (p->n < 14)
		return l;
	while (is_tpid(get16(p->b + at)) && fits(p, at, 6)) {
		l.tag = 12;
		at += 4;
	}
	l.type_at = at;
	l.type = get16(p->b + at);
	at += 2;
	if (l.type < 0x600)
		l.type = 0x5ff; /* no frames with LLC here */
	else if (l.type == 0x800)
		find_ipv4(p, &l, at);
	else if (l.type == 0x86dd)
		find_ipv6(p, &l, at);
	else if (l.type == 0x806 && fits(p, at, 28) && !memcmp(p->b + at, "\0\1\x8\0\6\4", 6))
		l.arp = at;
	else if ((l.type == 0x8847 || l.type == 0x8848) && fits(p, at, 4))
		l.label = at;
	else if (l.type == 0x88e7 && fits(p, at, 18))
		l.itag = at;
	return l;
}

/* ---- fields ---- */

/* The link-layer address option of 'type', or -1. */
static int
nd_option(const struct m_packet *p, const struct m_layers *l, unsigned type)
{
	int at = l->l4 + 24;

	while (at + 8 <= l->end && p->b[at + 1] && at + p->b[at + 1] * 8 <= l->end) {
		if (p->b[at] == type && p->b[at + 1] == 1)
			return at + 2;
		at += p->b[at + 1] * 8;
	}
	return -1;
}

/* Where a field that fills whole bytes begins; -1: the frame does not have it, or it is not of that kind. */
static int
place(const struct m_packet *p, const struct m_layers *l, unsigned field)
{
	const bool ip = l->ip4 >= 0 || (l->ip6 >= 0 && l->proto_at >= 0);
	const unsigned type = l->icmp_type;
	const bool nd = l->l4 >= 0 && l->proto == 58 && (type == 135 || type == 136) && l->l4 + 24 <= l->end;
	static const struct {
		uint8_t field, proto;
		int8_t at;
	} transport[] = {{F_TCP_SRC, 6, 0},      {F_TCP_DST, 6, 2},     {F_UDP_SRC, 17, 0},    {F_UDP_DST, 17, 2},
	                 {F_SCTP_SRC, 132, 0},   {F_SCTP_DST, 132, 2},  {F_ICMPV4_TYPE, 1, 0}, {F_ICMPV4_CODE, 1, 1},
	                 {F_ICMPV6_TYPE, 58, 0}, {F_ICMPV6_CODE, 58, 1}};
	static const struct {
		uint8_t field;
		int8_t at;
	} arp[] = {{F_ARP_OP, 6}, {F_ARP_SHA, 8}, {F_ARP_SPA, 14}, {F_ARP_THA, 18}, {F_ARP_TPA, 24}};

	for (unsigned i = 0; i < sizeof(transport) / sizeof(transport[0]); i++) {
		if (transport[i].field == field)
			return l->l4 >= 0 && l->proto == transport[i].proto ? l->l4 + transport[i].at : -1;
	}
	for (unsigned i = 0; i < sizeof(arp) / sizeof(arp[0]); i++) {
		if (arp[i].field == field)
			return l->arp >= 0 ? l->arp + arp[i].at : -1;
	}
	switch (field) {
	case F_ETH_DST:
		return 0;
	case F_ETH_SRC:
		return 6;
	case F_IP_PROTO:
		return ip ? l->proto_at : -1;
	case F_IPV4_SRC:
		return l->ip4 >= 0 ? l->ip4 + 12 : -1;
	case F_IPV4_DST:
		return l->ip4 >= 0 ? l->ip4 + 16 : -1;
	case F_IPV6_SRC:
		return l->ip6 >= 0 ? l->ip6 + 8 : -1;
	case F_IPV6_DST:
		return l->ip6 >= 0 ? l->ip6 + 24 : -1;
	case F_IPV6_ND_TARGET:
		return nd ? l->l4 + 8 : -1;
	case F_IPV6_ND_SLL:
		return nd && type == 135 ? nd_option(p, l, 1) : -1;
	case F_IPV6_ND_TLL:
		return nd && type == 136 ? nd_option(p, l, 2) : -1;
	case F_PBB_ISID:
		return l->itag >= 0 ? l->itag + 1 : -1;
	default:
		return -1;
	}
}

static bool
put_number(uint8_t *out, unsigned bytes, uint32_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		out[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	return true;
}

static unsigned
traffic_class(const struct m_packet *p, const struct m_layers *l)
{
	if (l->ip4 >= 0)
		return p->b[l->ip4 + 1];
	return (get16(p->b + l->ip6) >> 4) & 0xff;
}

bool
m_read(const struct m_packet *p, const struct m_layers *l, unsigned field, uint8_t out[16])
{
	const bool ip = l->ip4 >= 0 || l->ip6 >= 0;
	const int at = p->n < 14 ? -1 : place(p, l, field);
	const unsigned tci = l->tag >= 0 ? get16(p->b + l->tag + 2) : 0;
	const unsigned bytes = m_bytes[field];

	memset(out, 0, 16);
	if (at >= 0) {
		memcpy(out, p->b + at, bytes);
		return true;
	}
	switch (field) {
	case F_IN_PORT:
	case F_IN_PHY_PORT:
		return put_number(out, 4, p->in_port);
	case F_METADATA:
		memcpy(out, p->metadata, 8);
		return true;
	case F_ETH_TYPE:
		return p->n >= 14 && put_number(out, 2, l->type);
	case F_VLAN_VID:
		return p->n >= 14 && put_number(out, 2, l->tag >= 0 ? 0x1000 | (tci & 0xfff) : 0);
	case F_VLAN_PCP:
		return l->tag >= 0 && put_number(out, 1, tci >> 13);
	case F_IP_DSCP:
		return ip && put_number(out, 1, traffic_class(p, l) >> 2);
	case F_IP_ECN:
		return ip && put_number(out, 1, traffic_class(p, l) & 3);
	case F_IPV6_FLABEL:
		return l->ip6 >= 0 && put_number(out, 4, (p->b[l->ip6 + 1] & 15u) << 16 | get16(p->b + l->ip6 + 2));
	case F_MPLS_LABEL:
		return l->label >= 0 && put_number(out, 4, get16(p->b + l->label) << 4 | p->b[l->label + 2] >> 4);
	case F_MPLS_TC:
		return l->label >= 0 && put_number(out, 1, (p->b[l->label + 2] >> 1) & 7);
	case F_MPLS_BOS:
		return l->label >= 0 && put_number(out, 1, p->b[l->label + 2] & 1);
	case F_IPV6_EXTHDR:
		return l->ip6 >= 0 && put_number(out, 2, l->exthdr);
	default:
		return false;
	}
}

/* ---- checksums: by the difference (RFC 1624, equation 3), word by word ---- */

static void
adjust_word(uint8_t *sum, unsigned was, unsigned now)
{
	uint32_t s = (~get16(sum) & 0xffffu) + (~was & 0xffffu) + now;

	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	put16(sum, ~s & 0xffff);
}

static void
adjust(uint8_t *sum, const uint8_t *was, const uint8_t *now, unsigned n)
{
	for (unsigned i = 0; i < n; i += 2)
		adjust_word(sum, get16(was + i), get16(now + i));
}

static uint32_t
crc32c(const uint8_t *b, int n)
{
	uint32_t c = 0xffffffff;

	for (int i = 0; i < n; i++) {
		c ^= b[i];
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0x82f63b78 : c >> 1;
	}
	return ~c;
}

/* Bytes that the transport's checksum covers were 'was' and are 'now'; 'pseudo': they are of the pseudo header. */
static void
transport_follows(struct m_packet *p, const struct m_layers *l, const uint8_t *was, const uint8_t *now, unsigned n,
                  bool pseudo)
{
	uint8_t *t = p->b + l->l4, *sum;
	uint32_t crc;

	if (l->l4 < 0)
		return;
	switch (l->proto) {
	case 6:
		adjust(t + 16, was, now, n);
		break;
	case 17:
		sum = t + 6;
		if (!get16(sum))
			break; /* none */
		adjust(sum, was, now, n);
		if (!get16(sum))
			put16(sum, 0xffff);
		break;
	case 1:
		if (!pseudo)
			adjust(t + 2, was, now, n);
		break;
	case 58:
		adjust(t + 2, was, now, n);
		break;
	case 132:
		if (pseudo || (l->ip4 >= 0 && (get16(p->b + l->ip4 + 6) & 0x3fff)) || l->fragment)
			break;
		memset(t + 8, 0, 4);
		crc = crc32c(t, l->end - l->l4);
		for (unsigned i = 0; i < 4; i++)
			t[8 + i] = (uint8_t)(crc >> (8 * i));
		break;
	default:
		break;
	}
}

/* ---- set-field ---- */

/* 'n' bytes at 'at' with 'at' even in its header. */
static void
write_ipv4(struct m_packet *p, const struct m_layers *l, int at, const uint8_t *v, unsigned n, bool pseudo)
{
	uint8_t was[16];

	memcpy(was, p->b + at, n);
	memcpy(p->b + at, v, n);
	adjust(p->b + l->ip4 + 10, was, v, n);
	if (pseudo)
		transport_follows(p, l, was, v, n, true);
}

static void
write_tos(struct m_packet *p, const struct m_layers *l, unsigned mask, unsigned v)
{
	const unsigned tos = (traffic_class(p, l) & ~mask) | v;
	uint8_t word[2];

	if (l->ip4 >= 0) {
		word[0] = p->b[l->ip4];
		word[1] = (uint8_t)tos;
		write_ipv4(p, l, l->ip4, word, 2, false);
	} else {
		put16(p->b + l->ip6, (get16(p->b + l->ip6) & 0xf00f) | tos << 4);
	}
}

static void
write_proto(struct m_packet *p, struct m_layers *l, uint8_t v)
{
	const uint8_t was[2] = {0, p->b[l->proto_at]}, now[2] = {0, v};
	uint8_t word[2] = {p->b[l->proto_at - 1], v};

	if (l->ip4 >= 0)
		write_ipv4(p, l, l->proto_at - 1, word, 2, false);
	else
		p->b[l->proto_at] = v;
	transport_follows(p, l, was, now, 2, true);
}

static void
write_transport(struct m_packet *p, const struct m_layers *l, int at, const uint8_t *v, unsigned n)
{
	uint8_t was[16];

	memcpy(was, p->b + at, n);
	memcpy(p->b + at, v, n);
	transport_follows(p, l, was, v, n, false);
}

static bool
is_port(unsigned field)
{
	return field >= F_TCP_SRC && field <= F_SCTP_DST;
}

/* Ports lie where the transport's ports lie, and belong to the protocol that the IP header names now. */
static int
port_place(const struct m_packet *p, const struct m_layers *l, unsigned field)
{
	static const uint8_t protos[] = {6, 6, 17, 17, 132, 132};

	if (l->l4 < 0 || (l->proto != 6 && l->proto != 17 && l->proto != 132) ||
	    p->b[l->proto_at] != protos[field - F_TCP_SRC])
		return -1;
	return l->l4 + ((field - F_TCP_SRC) % 2 ? 2 : 0);
}

static void
write_field(struct m_packet *p, struct m_layers *l, unsigned field, const uint8_t *v)
{
	const unsigned n = m_bytes[field];
	const int at = is_port(field) ? port_place(p, l, field) : place(p, l, field);
	uint8_t old[16], word[2];

	if (p->n < 14 || (at < 0 && is_port(field)) || (!is_port(field) && !m_read(p, l, field, old)))
		return; /* what it lacks is passed over */
	switch (field) {
	case F_ETH_TYPE:
		memcpy(p->b + l->type_at, v, 2);
		break;
	case F_VLAN_VID:
		if (l->tag >= 0)
			put16(p->b + l->tag + 2, (get16(p->b + l->tag + 2) & 0xf000) | (get16(v) & 0xfff));
		break;
	case F_VLAN_PCP:
		put16(p->b + l->tag + 2, (get16(p->b + l->tag + 2) & 0x1fff) | (unsigned)v[0] << 13);
		break;
	case F_IP_DSCP:
		write_tos(p, l, 0xfc, (unsigned)v[0] << 2);
		break;
	case F_IP_ECN:
		write_tos(p, l, 3, v[0]);
		break;
	case F_IP_PROTO:
		write_proto(p, l, v[0]);
		break;
	case F_IPV4_SRC:
	case F_IPV4_DST:
		write_ipv4(p, l, at, v, 4, true);
		break;
	case F_IPV6_SRC:
	case F_IPV6_DST:
		memcpy(old, p->b + at, 16);
		memcpy(p->b + at, v, 16);
		if (field == F_IPV6_SRC || !l->routed)
			transport_follows(p, l, old, v, 16, true);
		break;
	case F_IPV6_FLABEL:
		p->b[l->ip6 + 1] = (uint8_t)((p->b[l->ip6 + 1] & 0xf0) | v[1]);
		memcpy(p->b + l->ip6 + 2, v + 2, 2);
		break;
	case F_ICMPV4_TYPE:
	case F_ICMPV6_TYPE:
		word[0] = v[0];
		word[1] = p->b[at + 1];
		write_transport(p, l, at, word, 2);
		break;
	case F_ICMPV4_CODE:
	case F_ICMPV6_CODE:
		word[0] = p->b[at - 1];
		word[1] = v[0];
		write_transport(p, l, at - 1, word, 2);
		break;
	case F_MPLS_LABEL:
		put16(p->b + l->label, (unsigned)v[1] << 12 | (unsigned)v[2] << 4 | v[3] >> 4);
		p->b[l->label + 2] = (uint8_t)((p->b[l->label + 2] & 15) | v[3] << 4);
		break;
	case F_MPLS_TC:
		p->b[l->label + 2] = (uint8_t)((p->b[l->label + 2] & ~0x0e) | v[0] << 1);
		break;
	case F_MPLS_BOS:
		p->b[l->label + 2] = (uint8_t)((p->b[l->label + 2] & ~1) | v[0]);
		break;
	case F_IPV6_EXTHDR: /* nothing in a frame to write */
		break;
	default:
		if (is_port(field) || field == F_IPV6_ND_TARGET || field == F_IPV6_ND_SLL || field == F_IPV6_ND_TLL)
			write_transport(p, l, at, v, n);
		else
			memcpy(p->b + at, v, n);
		break;
	}
}

/* ---- tags (5.12: a new tag goes directly after the Ethernet addresses) and TTLs ---- */

static void
insert(struct m_packet *p, int at, const void *v, unsigned n)
{
	memmove(p->b + at + n, p->b + at, p->n - (size_t)at);
	memcpy(p->b + at, v, n);
	p->n += n;
}

static void
cut(struct m_packet *p, int at, unsigned n)
{
	memmove(p->b + at, p->b + at + n, p->n - (size_t)at - n);
	p->n -= n;
}

static void
push_vlan(struct m_packet *p, const struct m_layers *l, unsigned type)
{
	uint8_t tag[4];

	put16(tag, type);
	put16(tag + 2, l->tag >= 0 ? get16(p->b + l->tag + 2) & 0xefff : 0);
	insert(p, 12, tag, 4);
}

static void
push_mpls(struct m_packet *p, const struct m_layers *l, unsigned type)
{
	uint8_t lse[4] = {0, 0, 1, 0};

	if (l->label >= 0) {
		memcpy(lse, p->b + l->label, 4);
		lse[2] &= 0xfe;
	} else if (l->ip4 >= 0) {
		lse[3] = p->b[l->ip4 + 8];
	} else if (l->ip6 >= 0) {
		lse[3] = p->b[l->ip6 + 7];
	}
	put16(p->b + 12, type);
	insert(p, 14, lse, 4);
}

static void
push_pbb(struct m_packet *p, const struct m_layers *l, unsigned type)
{
	uint8_t head[18] = {0};

	put16(head, type);
	if (l->tag >= 0)
		head[2] = (uint8_t)(p->b[l->tag + 2] & 0xe0);
	if (l->itag >= 0)
		memcpy(head + 3, p->b + l->itag + 1, 3);
	memcpy(head + 6, p->b, 12);
	insert(p, 12, head, 18);
}

static void
pop_pbb(struct m_packet *p, const struct m_layers *l)
{
	memcpy(p->b, p->b + l->itag + 4, 12);
	cut(p, l->itag - 2, 18);
}

/* Below the last label nothing says what follows: IP it is if version and lengths agree. */
static int
ip_below(const struct m_packet *p, int at, bool *v6)
{
	const uint8_t *b = p->b + at;

	*v6 = fits(p, at, 40) && b[0] >> 4 == 6 && fits(p, at, 40 + (int)get16(b + 4));
	if (*v6)
		return at;
	if (fits(p, at, 20) && b[0] >> 4 == 4 && (b[0] & 15) >= 5 && (int)get16(b + 2) >= (b[0] & 15) * 4 &&
	    fits(p, at, (int)get16(b + 2)))
		return at;
	return -1;
}

static void
write_ip_ttl(struct m_packet *p, int at, bool v6, uint8_t ttl)
{
	struct m_layers l = {.ip4 = at};
	uint8_t word[2] = {ttl, p->b[at + 9]};

	if (v6)
		p->b[at + 7] = ttl;
	else
		write_ipv4(p, &l, at + 8, word, 2, false);
}

static void
copy_ttl(struct m_packet *p, const struct m_layers *l, bool out)
{
	const int below = l->label + 4;
	uint8_t *ttl;
	bool v6;

	if (l->label < 0)
		return;
	ttl = p->b + l->label + 3;
	if (!(p->b[l->label + 2] & 1)) {
		if (fits(p, below, 4) && out)
			*ttl = p->b[below + 3];
		else if (fits(p, below, 4))
			p->b[below + 3] = *ttl;
	} else if (ip_below(p, below, &v6) >= 0) {
		if (out)
			*ttl = p->b[below + (v6 ? 7 : 8)];
		else
			write_ip_ttl(p, below, v6, *ttl);
	}
}

static bool
ip_ttl(struct m_packet *p, const struct m_layers *l, bool dec, uint8_t ttl)
{
	const bool v6 = l->ip6 >= 0;
	const int at = v6 ? l->ip6 : l->ip4;

	if (at < 0)
		return false;
	if (dec && p->b[at + (v6 ? 7 : 8)] <= 1)
		return true;
	write_ip_ttl(p, at, v6, dec ? (uint8_t)(p->b[at + (v6 ? 7 : 8)] - 1) : ttl);
	return false;
}

static bool
mpls_ttl(struct m_packet *p, const struct m_layers *l, bool dec, uint8_t ttl)
{
	if (l->label < 0)
		return false;
	if (dec && p->b[l->label + 3] <= 1)
		return true;
	p->b[l->label + 3] = dec ? (uint8_t)(p->b[l->label + 3] - 1) : ttl;
	return false;
}

bool
m_change(struct m_packet *p, struct m_layers *l, const struct m_act *a)
{
	const struct m_layers now = m_parse(p);

	if (p->n < 14)
		return false;
	if (a->type == 19 || a->type == 20 || a->type >= 26)
		*l = now; /* what set-fields before it have made of it */
	switch (a->type) {
	case 11:
	case 12:
		copy_ttl(p, l, a->type == 11);
		return false;
	case 15:
	case 16:
		return mpls_ttl(p, l, a->type == 16, a->ttl);
	case 23:
	case 24:
		return ip_ttl(p, l, a->type == 24, a->ttl);
	case 25:
		write_field(p, l, a->field, a->value);
		return false;
	case 17:
		push_vlan(p, &now, a->ethertype);
		break;
	case 18:
		if (now.tag < 0)
			return false;
		cut(p, 12, 4);
		break;
	case 19:
		push_mpls(p, l, a->ethertype);
		break;
	case 20:
		if (l->label < 0)
			return false;
		put16(p->b + l->label - 2, a->ethertype);
		cut(p, l->label, 4);
		break;
	case 26:
		push_pbb(p, l, a->ethertype);
		break;
	case 27:
		if (l->itag < 0)
			return false;
		pop_pbb(p, l);
		break;
	default:
		return false;
	}
	*l = m_parse(p);
	return false;
}
