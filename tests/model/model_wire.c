/* SPDX-License-Identifier: ISC */
/* The model's reading of messages: matches (7.2.3), instructions (7.2.4), actions (7.2.5), and whether these fit together (7.2.3.8). */
#include "model.h"

#include <string.h>

#define BMC(code) M_ERR(4, code)
#define BAC(code) M_ERR(2, code)
#define BIC(code) M_ERR(3, code)
enum {
	BMC_TYPE = 0,
	BMC_LEN,
	BMC_TAG,
	BMC_DL,
	BMC_NW,
	BMC_WILDCARDS,
	BMC_FIELD,
	BMC_VALUE,
	BMC_MASK,
	BMC_PREREQ,
	BMC_DUP
};
enum {
	BAC_TYPE = 0,
	BAC_LEN,
	BAC_OUT_PORT = 4,
	BAC_INCONSISTENT = 10,
	BAC_TAG = 12,
	BAC_SET_TYPE,
	BAC_SET_LEN,
	BAC_SET_ARGUMENT
};
enum { BIC_UNKNOWN = 0, BIC_LEN = 6 };

static const uint8_t bits[M_FIELDS] = {32, 32, 64, 48, 48, 16, 13,  3,   6,  2, 8, 32,  32, 16, 16, 16, 16, 16, 16, 8,
                                       8,  16, 32, 32, 48, 48, 128, 128, 20, 8, 8, 128, 48, 48, 20, 3,  1,  24, 64, 9};

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* True if a bit above the field's own is set. */
static bool
too_big(unsigned field, const uint8_t *v)
{
	const unsigned spare = m_bytes[field] * 8u - bits[field];

	for (unsigned i = 0; i < spare; i++) {
		if (v[i / 8] & 0x80 >> i % 8)
			return true;
	}
	return false;
}

/* Bits of a mask above the field's own say nothing; a mask of all its bits is none. */
static void
trim(unsigned field, uint8_t *mask)
{
	const unsigned spare = m_bytes[field] * 8u - bits[field];
	bool all = true;

	for (unsigned i = 0; i < m_bytes[field]; i++) {
		const uint8_t own = (uint8_t)(i == spare / 8 ? 0xff >> spare % 8 : i < spare / 8 ? 0 : 0xff);

		mask[i] &= own;
		all &= mask[i] == own;
	}
	if (all)
		memset(mask, 0xff, m_bytes[field]);
}

/* By the standard's table of fields, and the documented superset: ports and neighbour discovery. */
static bool
maskable(unsigned field)
{
	switch (field) {
	case F_METADATA:
	case F_ETH_DST:
	case F_ETH_SRC:
	case F_VLAN_VID:
	case F_IPV4_SRC:
	case F_IPV4_DST:
	case F_ARP_SPA:
	case F_ARP_TPA:
	case F_ARP_SHA:
	case F_ARP_THA:
	case F_IPV6_SRC:
	case F_IPV6_DST:
	case F_IPV6_FLABEL:
	case F_PBB_ISID:
	case F_TUNNEL_ID:
	case F_IPV6_EXTHDR:
	case F_IPV6_ND_TARGET:
	case F_IPV6_ND_SLL:
	case F_IPV6_ND_TLL:
		return true;
	default:
		return field >= F_TCP_SRC && field <= F_SCTP_DST;
	}
}

static bool
settable(unsigned field)
{
	return field != F_IN_PORT && field != F_IN_PHY_PORT && field != F_METADATA;
}

/* ---- prerequisites ---- */

/* What is known of a frame. */
struct known {
	int eth_type, ip_proto, icmpv6_type; /* -1: nothing */
	enum { VLAN_UNKNOWN, VLAN_NONE, VLAN_TAGGED } vlan;
	bool in_port, anything; /* after a pop of PBB it may be anything */
};

static bool
exact(const struct m_match *m, unsigned field)
{
	for (unsigned i = 0; i < m_bytes[field]; i++) {
		if (!m->f[field].there || m->f[field].mask[i] != 0xff)
			return false;
	}
	return true;
}

static struct known
known_of(const struct m_match *m)
{
	struct known k = {-1, -1, -1, VLAN_UNKNOWN, m->f[F_IN_PORT].there, false};

	if (exact(m, F_ETH_TYPE))
		k.eth_type = (int)get16(m->f[F_ETH_TYPE].value);
	if (exact(m, F_IP_PROTO))
		k.ip_proto = m->f[F_IP_PROTO].value[0];
	if (exact(m, F_ICMPV6_TYPE))
		k.icmpv6_type = m->f[F_ICMPV6_TYPE].value[0];
	if (m->f[F_VLAN_VID].there)
		k.vlan = m->f[F_VLAN_VID].value[0] & m->f[F_VLAN_VID].mask[0] & 0x10 ? VLAN_TAGGED : VLAN_NONE;
	return k;
}

static bool
allowed(const struct known *k, unsigned field)
{
	const bool v4 = k->eth_type == 0x800, v6 = k->eth_type == 0x86dd;

	switch (field) {
	case F_IN_PHY_PORT:
		return k->in_port;
	case F_VLAN_PCP:
		return k->vlan == VLAN_TAGGED;
	case F_IP_DSCP:
	case F_IP_ECN:
	case F_IP_PROTO:
		return v4 || v6;
	case F_IPV4_SRC:
	case F_IPV4_DST:
		return v4;
	case F_TCP_SRC:
	case F_TCP_DST:
		return (v4 || v6) && k->ip_proto == 6;
	case F_UDP_SRC:
	case F_UDP_DST:
		return (v4 || v6) && k->ip_proto == 17;
	case F_SCTP_SRC:
	case F_SCTP_DST:
		return (v4 || v6) && k->ip_proto == 132;
	case F_ICMPV4_TYPE:
	case F_ICMPV4_CODE:
		return v4 && k->ip_proto == 1;
	case F_ARP_OP:
	case F_ARP_SPA:
	case F_ARP_TPA:
	case F_ARP_SHA:
	case F_ARP_THA:
		return k->eth_type == 0x806;
	case F_IPV6_SRC:
	case F_IPV6_DST:
	case F_IPV6_FLABEL:
	case F_IPV6_EXTHDR:
		return v6;
	case F_ICMPV6_TYPE:
	case F_ICMPV6_CODE:
		return v6 && k->ip_proto == 58;
	case F_IPV6_ND_TARGET:
		return v6 && k->ip_proto == 58 && (k->icmpv6_type == 135 || k->icmpv6_type == 136);
	case F_IPV6_ND_SLL:
		return v6 && k->ip_proto == 58 && k->icmpv6_type == 135;
	case F_IPV6_ND_TLL:
		return v6 && k->ip_proto == 58 && k->icmpv6_type == 136;
	case F_MPLS_LABEL:
	case F_MPLS_TC:
	case F_MPLS_BOS:
		return k->eth_type == 0x8847 || k->eth_type == 0x8848;
	case F_PBB_ISID:
		return k->eth_type == 0x88e7;
	default:
		return true;
	}
}

/* ---- matches ---- */

static unsigned
read_field(const uint8_t *b, struct m_match *m, bool seen[M_FIELDS])
{
	const unsigned field = b[2] >> 1, n = m_bytes[field < M_FIELDS ? field : 0];
	const bool masked = b[2] & 1;
	bool any = false;

	if (get16(b) != 0x8000 || field >= M_FIELDS)
		return BMC(BMC_FIELD);
	if (masked && !maskable(field))
		return BMC(BMC_MASK);
	if (b[3] != (masked ? 2 * n : n))
		return BMC(BMC_LEN);
	if (seen[field])
		return BMC(BMC_DUP);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t v = b[4 + i], mask = masked ? b[4 + n + i] : 0xff;

		if (v & ~mask)
			return BMC(BMC_WILDCARDS);
		m->f[field].value[i] = v;
		m->f[field].mask[i] = mask;
	}
	trim(field, m->f[field].mask);
	for (unsigned i = 0; i < n; i++)
		any |= m->f[field].mask[i] != 0;
	if (too_big(field, b + 4) || (field == F_VLAN_VID && !masked && get16(b + 4) && !(b[4] & 0x10)))
		return BMC(BMC_VALUE);
	struct known k = known_of(m);
	if (!allowed(&k, field))
		return BMC(BMC_PREREQ);
	seen[field] = true;
	m->f[field].there = any;
	return 0;
}

unsigned
m_read_match(const uint8_t *b, size_t n, struct m_match *m)
{
	bool seen[M_FIELDS] = {false};
	size_t at = 4, end;

	memset(m, 0, sizeof(*m));
	if (n < 4)
		return BMC(BMC_LEN);
	if (get16(b) != 1)
		return BMC(BMC_TYPE);
	end = get16(b + 2);
	if (end < 4 || (end + 7) / 8 * 8 > n)
		return BMC(BMC_LEN);
	while (at < end) {
		unsigned error;

		if (end - at < 4 || end - at < 4u + b[at + 3])
			return BMC(BMC_LEN);
		error = read_field(b + at, m, seen);
		if (error)
			return error;
		at += 4u + b[at + 3];
	}
	return 0;
}

/* ---- actions ---- */

static unsigned
read_set_field(const uint8_t *b, size_t n, struct m_act *a)
{
	if (n < 8 || get16(b + 4) != 0x8000 || b[6] >> 1 >= M_FIELDS || !settable(b[6] >> 1))
		return BAC(BAC_SET_TYPE);
	a->field = b[6] >> 1;
	if (b[6] & 1)
		return BAC(BAC_SET_ARGUMENT);
	if (b[7] != m_bytes[a->field] || 8u + b[7] > n)
		return BAC(BAC_SET_LEN);
	memcpy(a->value, b + 8, b[7]);
	return too_big(a->field, a->value) ? BAC(BAC_SET_ARGUMENT) : 0;
}

static unsigned
read_act(const uint8_t *b, size_t n, bool tables_too, struct m_act *a)
{
	memset(a, 0, sizeof(*a));
	a->type = (uint16_t)get16(b);
	switch (a->type) {
	case 0:
		if (n != 16)
			return BAC(BAC_LEN);
		a->port = get32(b + 4);
		a->max_len = (uint16_t)get16(b + 8);
		return a->port == 0 || a->port == 0xffffffff || (a->port == 0xfffffff9 && !tables_too)
		           ? BAC(BAC_OUT_PORT)
		           : 0;
	case 11:
	case 12:
	case 18:
	case 24:
	case 16:
	case 27:
		return n == 8 ? 0 : BAC(BAC_LEN);
	case 15:
	case 23:
		a->ttl = b[4];
		return n == 8 ? 0 : BAC(BAC_LEN);
	case 17:
	case 19:
	case 20:
	case 26:
		if (n != 8)
			return BAC(BAC_LEN);
		a->ethertype = (uint16_t)get16(b + 4);
		if ((a->type == 17 && a->ethertype != 0x8100 && a->ethertype != 0x88a8) ||
		    (a->type == 19 && a->ethertype != 0x8847 && a->ethertype != 0x8848) ||
		    (a->type == 26 && a->ethertype != 0x88e7))
			return BAC(BAC_TAG);
		return 0;
	case 21:
	case 22:
		a->port = get32(b + 4);
		return n == 8 ? 0 : BAC(BAC_LEN);
	case 25:
		return read_set_field(b, n, a);
	default:
		return BAC(BAC_TYPE);
	}
}

static unsigned
read_acts(const uint8_t *b, size_t n, bool tables_too, struct m_list *list)
{
	size_t at = 0;

	list->n = 0;
	while (at < n) {
		const size_t len = n - at < 4 ? 0 : get16(b + at + 2);
		unsigned error;

		if (len < 8 || len % 8 || len > n - at)
			return BAC(BAC_LEN);
		error = read_act(b + at, len, tables_too, &list->a[list->n++]);
		if (error)
			return error;
		at += len;
	}
	return 0;
}

unsigned
m_read_acts(const uint8_t *b, size_t n, struct m_list *list)
{
	return read_acts(b, n, false, list);
}

unsigned
m_read_packet_out(const uint8_t *body, size_t n, struct m_list *list)
{
	return n < 16 + get16(body + 8) ? M_ERR(1, 6) : read_acts(body + 16, get16(body + 8), true, list);
}

unsigned
m_read_insts(const uint8_t *b, size_t n, struct m_insts *in)
{
	size_t at = 0;

	memset(in, 0, sizeof(*in));
	while (at < n) {
		const unsigned type = n - at < 8 ? 0 : get16(b + at);
		const size_t len = n - at < 8 ? 0 : get16(b + at + 2);
		const uint8_t *body = b + at + 8;
		unsigned error = 0;

		if (len < 8 || len > n - at)
			return BIC(BIC_LEN);
		if (type == 1) {
			in->goto_table = b[at + 4];
		} else if (type == 2) {
			memcpy(in->metadata, body, 8);
			memcpy(in->metadata_mask, body + 8, 8);
		} else if (type == 3) {
			error = m_read_acts(body, len - 8, &in->write);
		} else if (type == 4) {
			error = m_read_acts(body, len - 8, &in->apply);
		} else if (type == 6) {
			in->meter = get32(b + at + 4);
		} else if (type != 5) {
			return BIC(BIC_UNKNOWN);
		}
		if (error)
			return error;
		in->has[type] = true;
		at += len;
	}
	return 0;
}

/* ---- actions against the match ---- */

static bool
follow(struct known *k, const struct m_act *a)
{
	switch (a->type) {
	case 25:
		/* on frames not known to be tagged it is passed over if they are not */
		if (a->field == F_VLAN_VID && k->vlan == VLAN_UNKNOWN)
			return true;
		if (a->field == F_VLAN_VID ? k->vlan == VLAN_NONE : !allowed(k, a->field))
			return false;
		if (a->field == F_ETH_TYPE) {
			k->eth_type = (int)get16(a->value);
			k->ip_proto = -1;
		} else if (a->field == F_IP_PROTO) {
			k->ip_proto = a->value[0];
		} else if (a->field == F_ICMPV6_TYPE) {
			k->icmpv6_type = a->value[0];
		}
		return true;
	case 15:
	case 16:
		return allowed(k, F_MPLS_LABEL);
	case 23:
	case 24:
		return allowed(k, F_IP_PROTO);
	case 17:
		k->vlan = VLAN_TAGGED;
		return true;
	case 18:
		if (k->vlan == VLAN_NONE)
			return false;
		k->vlan = VLAN_UNKNOWN;
		return true;
	case 20:
		if (!allowed(k, F_MPLS_LABEL))
			return false; /* fall through to the new type */
		k->eth_type = a->ethertype;
		k->ip_proto = -1;
		return true;
	case 19:
	case 26:
		k->eth_type = a->ethertype;
		k->ip_proto = -1;
		return true;
	case 27:
		k->anything = allowed(k, F_PBB_ISID);
		return k->anything;
	default:
		return true;
	}
}

static bool
follow_type(struct known *k, const struct m_list *list, unsigned type)
{
	for (unsigned i = 0; i < list->n; i++) {
		if (list->a[i].type == type && !k->anything && !follow(k, &list->a[i]))
			return false;
	}
	return true;
}

unsigned
m_check_insts(const struct m_match *m, const struct m_insts *in)
{
	static const uint8_t tags[] = {27, 20, 18, 19, 26, 17}; /* 5.10: pops, then pushes from the inside */
	struct known k = known_of(m);
	bool ok = true;

	for (unsigned i = 0; i < in->apply.n; i++)
		ok = ok && (k.anything || follow(&k, &in->apply.a[i]));
	for (unsigned i = 0; i < sizeof(tags); i++)
		ok = ok && follow_type(&k, &in->write, tags[i]);
	for (unsigned i = 0; i < in->write.n; i++) {
		if (!memchr(tags, (int)in->write.a[i].type, sizeof(tags)))
			ok = ok && (k.anything || follow(&k, &in->write.a[i]));
	}
	return ok ? 0 : BAC(BAC_INCONSISTENT);
}
