/* SPDX-License-Identifier: ISC */
/* IPv6 in the flow key: extension headers (RFC 8200, section 4) and neighbour discovery (RFC 4861, section 4). */
#include "flow_key_parse.h"

#include "openflow/openflow13.h"

#define MAX_EXT_HEADERS 16
#define MAX_ND_OPTIONS 16

enum { IP6_HOP = 0, IP6_ROUTING = 43, IP6_FRAG = 44, IP6_ESP = 50, IP6_AUTH = 51, IP6_NONE = 59, IP6_DEST = 60 };

/* What OXM_IPV6_EXTHDR says, while we walk. */
struct exthdrs {
	uint16_t bits;
	uint8_t n_dest;
	uint8_t rank; /* place of the last header in the order of RFC 8200, section 4.1; 0 = none yet */
};

static void
exthdr_note(struct exthdrs *x, uint16_t bit, uint8_t rank)
{
	if (bit == OFPIEH_DEST) {
		/* one before the routing header, one at the end */
		if (x->rank >= 2)
			rank = 7;
		if (++x->n_dest > 2)
			x->bits |= OFPIEH_UNREP;
	} else if (x->bits & bit) {
		x->bits |= OFPIEH_UNREP;
	}
	if (rank < x->rank)
		x->bits |= OFPIEH_UNSEQ;
	x->rank = rank > x->rank ? rank : x->rank;
	x->bits |= bit;
}

/* True if 'next' is an extension header to be stepped over. */
static bool
exthdr_known(uint8_t next, struct exthdrs *x)
{
	switch (next) {
	case IP6_HOP:
		exthdr_note(x, OFPIEH_HOP, 1);
		return true;
	case IP6_DEST:
		exthdr_note(x, OFPIEH_DEST, 2);
		return true;
	case IP6_ROUTING:
		exthdr_note(x, OFPIEH_ROUTER, 3);
		return true;
	case IP6_FRAG:
		exthdr_note(x, OFPIEH_FRAG, 4);
		return true;
	case IP6_AUTH:
		exthdr_note(x, OFPIEH_AUTH, 5);
		return true;
	case IP6_ESP:
		exthdr_note(x, OFPIEH_ESP, 6);
		return false;
	case IP6_NONE:
		x->bits |= OFPIEH_NONEXT;
		return false;
	default:
		return false;
	}
}

static size_t
exthdr_len(uint8_t type, const uint8_t *p)
{
	if (type == IP6_FRAG)
		return 8;
	if (type == IP6_AUTH)
		return ((size_t)p[1] + 2) * 4;
	return ((size_t)p[1] + 1) * 8;
}

/* Steps over the extension headers; false when they are cut off or too many.  *next is the upper-layer protocol then. */
static bool
parse_exthdrs(struct parse *ps, uint8_t *next, struct exthdrs *x)
{
	const uint8_t *p;
	uint8_t type;
	uint16_t frag;

	for (unsigned n = 0; exthdr_known(*next, x); n++) {
		type = *next;
		p = ps->w.p;
		if (n == MAX_EXT_HEADERS || wire_left(&ps->w) < 8 || !wire_take(&ps->w, exthdr_len(type, p)))
			return false;
		*next = p[0];
		if (type != IP6_FRAG)
			continue;
		frag = get_be16(p + 2);
		if (frag & 0xfff9)
			ps->key->layout |= FLOW_LAYOUT_FRAG;
		if (frag & 0xfff8) {
			ps->key->layout |= FLOW_LAYOUT_FRAG_LATER;
			return true;
		}
	}
	return true;
}

void
parse_ipv6(struct parse *ps)
{
	struct flow_key *key = ps->key;
	const uint8_t *p = wire_take(&ps->w, 40);
	struct exthdrs x = {0, 0, 0};
	size_t payload;
	uint32_t first;
	uint8_t next;
	bool whole;

	key->layout |= FLOW_LAYOUT_BAD_IP;
	if (!p || (p[0] >> 4) != 6)
		return;
	payload = get_be16(p + 4);
	/* 0 is a length of its own; only superframes beyond 64 KiB use it for "unknown" */
	if (!parse_ip_length(ps, p, 40, payload == 0 && ps->frame_len > 0x10000 + 40 ? 0 : payload + 40))
		return;
	key->layout &= (uint8_t)~FLOW_LAYOUT_BAD_IP;
	ps->ofs->l3 = parse_offset(ps, p);
	first = get_be32(p);
	key->ip_dscp = (first >> 22) & 0x3f;
	key->ip_ecn = (first >> 20) & 3;
	key->ipv6_flabel = host_to_be32(first & 0xfffff);
	memcpy(key->ipv6_src, p + 8, 16);
	memcpy(key->ipv6_dst, p + 24, 16);
	next = p[6];
	whole = parse_exthdrs(ps, &next, &x);
	key->ipv6_exthdr = host_to_be16(x.bits);
	key->present |= OXM_BIT(OXM_IP_DSCP) | OXM_BIT(OXM_IP_ECN) | OXM_BIT(OXM_IPV6_FLABEL) | OXM_BIT(OXM_IPV6_SRC) |
	                OXM_BIT(OXM_IPV6_DST) | OXM_BIT(OXM_IPV6_EXTHDR);
	if (!whole)
		return;
	key->ip_proto = next;
	key->present |= OXM_BIT(OXM_IP_PROTO);
	if (!(key->layout & FLOW_LAYOUT_FRAG_LATER))
		parse_l4(ps, next, true);
}

/* The link-layer address option of 'type' in 'w', or NULL. */
static const uint8_t *
nd_option(struct wire w, uint8_t type)
{
	for (unsigned n = 0; n < MAX_ND_OPTIONS && wire_left(&w) >= 8; n++) {
		const uint8_t *p = w.p;

		if (p[1] == 0 || !wire_take(&w, (size_t)p[1] * 8))
			return NULL;
		if (p[0] == type && p[1] == 1)
			return p + 2;
	}
	return NULL;
}

/* The cursor is at the ICMPv6 header: target and link-layer address of solicitations (135) and advertisements (136). */
void
parse_nd(struct parse *ps)
{
	struct flow_key *key = ps->key;
	struct wire w = ps->w;
	const uint8_t *p = w.p;
	const uint8_t *ll;

	if ((p[0] != 135 && p[0] != 136) || !wire_take(&w, 24))
		return;
	memcpy(key->nd_target, p + 8, 16);
	key->present |= OXM_BIT(OXM_IPV6_ND_TARGET);
	ll = nd_option(w, p[0] == 135 ? 1 : 2);
	if (!ll)
		return;
	if (p[0] == 135) {
		memcpy(key->nd_sll, ll, 6);
		key->present |= OXM_BIT(OXM_IPV6_ND_SLL);
	} else {
		memcpy(key->nd_tll, ll, 6);
		key->present |= OXM_BIT(OXM_IPV6_ND_TLL);
	}
}
