/* SPDX-License-Identifier: ISC */
/* SET_FIELD: every writable field, and the checksums that cover it (RFC 1624: by the difference).
 *
 * Under a partial checksum (virtio_net_hdr) the field holds the sum of the pseudo header: an address changes it, a port does not.  A
 * UDP checksum of 0 means "none" and stays.  Later fragments have no transport header, and so no checksum to correct. */
#include "act.h"
#include "checksum.h"
#include "flow_key_parse.h"

#include "openflow/openflow13.h"

#include <string.h>

static bool
l4_is_partial(const struct packet *p)
{
	return packet_has_partial_csum(p) && p->vnet.csum_start == p->ofs.l4;
}

/* The transport checksum, or NULL where there is none that sums. */
static uint8_t *
l4_checksum(const struct packet *p)
{
	uint32_t at = p->ofs.l4;

	if (at == 0)
		return NULL;
	switch (p->ofs.l4_proto) {
	case IP_TCP:
		at += 16;
		break;
	case IP_UDP:
		at += 6;
		break;
	case IP_ICMP:
	case IP_ICMPV6:
		at += 2;
		break;
	default:
		return NULL;
	}
	return at + 2 <= p->head_len ? p->head + at : NULL;
}

static void
l4_update(const struct packet *p, uint64_t diff, bool partial)
{
	uint8_t *c = l4_checksum(p);

	if (!c || (p->ofs.l4_proto == IP_UDP && !partial && get_be16(c) == 0))
		return;
	csum_update(c, diff, partial);
	if (p->ofs.l4_proto == IP_UDP && !partial && get_be16(c) == 0)
		put_be16(c, 0xffff);
}

/* The pseudo header has changed by 'diff'.  ICMP has none in IPv4. */
static void
l4_pseudo_changed(const struct packet *p, uint64_t diff)
{
	if (p->ofs.l4_proto != IP_ICMP)
		l4_update(p, diff, l4_is_partial(p));
}

static void
sctp_recompute(const struct act *a)
{
	struct packet *p = a->p;
	const size_t end = p->ofs.l3_end == 0xffff || p->ofs.l3_end > packet_len(p) ? packet_len(p) : p->ofs.l3_end;

	/* of a fragment we do not have all bytes */
	if (p->ofs.l4 + 12u <= p->head_len && !(a->key.layout & FLOW_LAYOUT_FRAG))
		crc32c_packet(p, p->ofs.l4, end, p->ofs.l4 + 8u, p->head + p->ofs.l4 + 8);
}

/* Writes 'n' (even) bytes of the transport header or its payload at offset 'at' of the frame. */
static bool
put_l4(struct act *a, uint32_t at, const uint8_t *v, uint32_t n)
{
	uint8_t *h = act_head(a, at + n);
	uint64_t diff;

	if (!h)
		return false;
	diff = csum_diff(h + at, v, n);
	memcpy(h + at, v, n);
	if (l4_is_partial(a->p))
		return true;
	if (a->p->ofs.l4_proto == IP_SCTP)
		sctp_recompute(a);
	else
		l4_update(a->p, diff, false);
	return true;
}

static bool
put_port(struct act *a, uint32_t at, const uint8_t *v)
{
	const uint8_t proto = a->p->ofs.l4_proto;

	if (proto != IP_TCP && proto != IP_UDP && proto != IP_SCTP)
		return false;
	return put_l4(a, a->p->ofs.l4 + at, v, 2);
}

static bool
put_icmp(struct act *a, uint32_t at, uint8_t v)
{
	const uint8_t *h = act_head(a, a->p->ofs.l4 + 4u);
	uint8_t word[2];

	if (!h)
		return false;
	memcpy(word, h + a->p->ofs.l4, 2);
	word[at] = v;
	return put_l4(a, a->p->ofs.l4, word, 2);
}

/* Writes 'n' (even) bytes of the IPv4 header at offset 'at' of it; 'pseudo': they are in the pseudo header as well. */
static bool
put_ipv4(struct act *a, uint32_t at, const uint8_t *v, uint32_t n, bool pseudo)
{
	const uint32_t l3 = a->p->ofs.l3;
	uint8_t *h = act_head(a, l3 + 20);
	uint64_t diff;

	if (!h)
		return false;
	diff = csum_diff(h + l3 + at, v, n);
	memcpy(h + l3 + at, v, n);
	csum_update(h + l3 + 10, diff, false);
	if (pseudo)
		l4_pseudo_changed(a->p, diff);
	return true;
}

struct v6_chain {
	uint32_t next_at; /* offset in the frame of the byte that names the upper-layer protocol */
	bool routed; /* a routing header with segments left: the pseudo header has another destination */
};

/* Walks the extension headers that flow_key_extract has already found sound, up to what lies in the head.  What SET_FIELD of IP_PROTO has
 * written since is no extension header, whatever its number. */
static bool
v6_chain(const struct act *a, struct v6_chain *c)
{
	const struct packet *p = a->p;
	const uint8_t *h = p->head;
	uint32_t at = p->ofs.l3 + 40u;

	c->next_at = p->ofs.l3 + 6u;
	c->routed = false;
	for (unsigned n = 0; n <= 16; n++) {
		const uint8_t type = h[c->next_at];

		if (c->next_at == a->proto_at || (type != 0 && type != 43 && type != 44 && type != 51 && type != 60))
			return true;
		if (at + 8 > p->head_len)
			return false;
		if (type == 43 && h[at + 3] != 0)
			c->routed = true;
		c->next_at = at;
		if (type == 44 && (get_be16(h + at + 2) & 0xfff8))
			return true;
		at += type == 44 ? 8u : type == 51 ? (h[at + 1] + 2u) * 4 : (h[at + 1] + 1u) * 8;
	}
	return false;
}

static bool
put_ipv6_addr(struct act *a, uint32_t at, const uint8_t *v)
{
	const uint32_t l3 = a->p->ofs.l3;
	uint8_t *h = act_head(a, l3 + 40);
	struct v6_chain c;
	uint64_t diff;

	if (!h)
		return false;
	diff = csum_diff(h + l3 + at, v, 16);
	memcpy(h + l3 + at, v, 16);
	if (at == 8 || !v6_chain(a, &c) || !c.routed)
		l4_pseudo_changed(a->p, diff);
	return true;
}

static bool
put_ip_proto(struct act *a, uint8_t v)
{
	const uint32_t l3 = a->p->ofs.l3;
	uint8_t *h = act_head(a, l3 + 20);
	uint8_t was[2] = {0, 0};
	uint8_t now[2];
	struct v6_chain c;

	if (!h)
		return false;
	if (flow_key_has(&a->key, OXM_IPV4_SRC)) {
		was[1] = h[l3 + 9];
		now[0] = h[l3 + 8];
		now[1] = v;
		if (!put_ipv4(a, 8, now, 2, false))
			return false;
	} else {
		if (a->p->head_len < l3 + 40 || !v6_chain(a, &c))
			return false;
		was[1] = h[c.next_at];
		h[c.next_at] = v;
		a->proto_at = c.next_at;
	}
	now[0] = 0;
	now[1] = v;
	l4_pseudo_changed(a->p, csum_diff(was, now, 2));
	a->key.ip_proto = v;
	return true;
}

/* 'mask' bits of the traffic class become 'v'. */
static bool
put_tos(struct act *a, uint8_t mask, uint8_t v)
{
	const uint32_t l3 = a->p->ofs.l3;
	uint8_t *h = act_head(a, l3 + 20);
	uint32_t word;
	uint8_t now[2];

	if (!h)
		return false;
	if (flow_key_has(&a->key, OXM_IPV4_SRC)) {
		now[0] = h[l3];
		now[1] = (uint8_t)((h[l3 + 1] & ~mask) | v);
		return put_ipv4(a, 0, now, 2, false);
	}
	word = get_be32(h + l3) & ~((uint32_t)mask << 20);
	put_be32(h + l3, word | ((uint32_t)v << 20));
	return true;
}

/* Replaces the bits 'mask' of the big-endian word at 'at'. */
static bool
put_bits(struct act *a, uint32_t at, uint32_t mask, uint32_t v)
{
	uint8_t *h = act_head(a, at + 4);

	if (!h)
		return false;
	put_be32(h + at, (get_be32(h + at) & ~mask) | (v & mask));
	return true;
}

static bool
put_bytes(struct act *a, uint32_t at, const uint8_t *v, uint32_t n)
{
	uint8_t *h = act_head(a, at + n);

	if (!h)
		return false;
	memcpy(h + at, v, n);
	return true;
}

static bool
put_eth_type(struct act *a, const uint8_t *v)
{
	const uint8_t *h = act_head(a, 14);
	uint32_t at = 12;

	if (!h)
		return false;
	for (unsigned n = 0; n < MAX_VLAN_TAGS && is_vlan_tpid(get_be16(h + at)) && a->p->head_len >= at + 6; n++)
		at += 4;
	if (get_be16(h + at) < 0x0600 && a->key.eth_type != host_to_be16(ETH_NO_TYPE))
		at += 8; /* SNAP */
	return put_bytes(a, at, v, 2);
}

static bool
put_vlan(struct act *a, uint16_t mask, uint16_t v)
{
	uint8_t *h = act_head(a, 14);

	if (!h)
		return false;
	/* VLAN_VID is there without a tag too: OFPVID_NONE */
	if (!(a->key.vlan_vid & host_to_be16(OFPVID_PRESENT)) || a->p->head_len < 18 || !is_vlan_tpid(get_be16(h + 12)))
		return true;
	put_be16(h + 14, (uint16_t)((get_be16(h + 14) & ~mask) | (v & mask)));
	return true;
}

/* The link-layer address option: of solicitations the source's, of advertisements the target's. */
static bool
put_nd_option(struct act *a, uint8_t type, const uint8_t *v)
{
	const struct packet *p = a->p;
	const uint32_t end = p->ofs.l3_end < p->head_len ? p->ofs.l3_end : p->head_len;
	uint32_t at = p->ofs.l4 + 24u;

	for (unsigned n = 0; n < 16 && at + 8 <= end && p->head[at + 1] != 0; n++) {
		if (p->head[at] == type && p->head[at + 1] == 1)
			return put_l4(a, at + 2, v, 6);
		at += p->head[at + 1] * 8u;
	}
	return false;
}

/* Whether the header of 'field' is there.  Ports lie where the frame's transport has them, and belong to the protocol that the IP header
 * names now: after SET_FIELD of IP_PROTO those of the new one can be set. */
static bool
has_header(const struct act *a, enum oxm_field field)
{
	static const uint8_t protos[] = {IP_TCP, IP_TCP, IP_UDP, IP_UDP, IP_SCTP, IP_SCTP};
	const uint64_t ports = OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_TCP_DST) | OXM_BIT(OXM_UDP_SRC) |
	                       OXM_BIT(OXM_UDP_DST) | OXM_BIT(OXM_SCTP_SRC) | OXM_BIT(OXM_SCTP_DST);

	if (field == OXM_TUNNEL_ID || field == OXM_IPV6_EXTHDR)
		return true;
	if (OXM_BIT(field) & ports)
		return (a->key.present & ports) && a->key.ip_proto == protos[field - OXM_TCP_SRC];
	return flow_key_has(&a->key, field);
}

static bool
set_field(struct act *a, enum oxm_field field, const uint8_t *v)
{
	const struct flow_offsets *o = &a->p->ofs;

	switch (field) {
	case OXM_ETH_DST:
		return put_bytes(a, 0, v, 6);
	case OXM_ETH_SRC:
		return put_bytes(a, 6, v, 6);
	case OXM_ETH_TYPE:
		return put_eth_type(a, v);
	case OXM_VLAN_VID:
		return put_vlan(a, 0x0fff, get_be16(v));
	case OXM_VLAN_PCP:
		return put_vlan(a, 0xe000, (uint16_t)(v[0] << 13));
	case OXM_IP_DSCP:
		return put_tos(a, 0xfc, (uint8_t)(v[0] << 2));
	case OXM_IP_ECN:
		return put_tos(a, 0x03, v[0] & 3);
	case OXM_IP_PROTO:
		return put_ip_proto(a, v[0]);
	case OXM_IPV4_SRC:
		return put_ipv4(a, 12, v, 4, true);
	case OXM_IPV4_DST:
		return put_ipv4(a, 16, v, 4, true);
	case OXM_TCP_SRC:
	case OXM_UDP_SRC:
	case OXM_SCTP_SRC:
		return put_port(a, 0, v);
	case OXM_TCP_DST:
	case OXM_UDP_DST:
	case OXM_SCTP_DST:
		return put_port(a, 2, v);
	case OXM_ICMPV4_TYPE:
	case OXM_ICMPV6_TYPE:
		return put_icmp(a, 0, v[0]);
	case OXM_ICMPV4_CODE:
	case OXM_ICMPV6_CODE:
		return put_icmp(a, 1, v[0]);
	case OXM_ARP_OP:
		return put_bytes(a, o->l3 + 6u, v, 2);
	case OXM_ARP_SHA:
		return put_bytes(a, o->l3 + 8u, v, 6);
	case OXM_ARP_SPA:
		return put_bytes(a, o->l3 + 14u, v, 4);
	case OXM_ARP_THA:
		return put_bytes(a, o->l3 + 18u, v, 6);
	case OXM_ARP_TPA:
		return put_bytes(a, o->l3 + 24u, v, 4);
	case OXM_IPV6_SRC:
		return put_ipv6_addr(a, 8, v);
	case OXM_IPV6_DST:
		return put_ipv6_addr(a, 24, v);
	case OXM_IPV6_FLABEL:
		return put_bits(a, o->l3, 0x000fffff, get_be32(v));
	case OXM_IPV6_ND_TARGET:
		return put_l4(a, o->l4 + 8u, v, 16);
	case OXM_IPV6_ND_SLL:
		return put_nd_option(a, 1, v);
	case OXM_IPV6_ND_TLL:
		return put_nd_option(a, 2, v);
	case OXM_MPLS_LABEL:
		return put_bits(a, o->l2_5, 0xfffff000, get_be32(v) << 12);
	case OXM_MPLS_TC:
		return put_bits(a, o->l2_5, 0x00000e00, (uint32_t)v[0] << 9);
	case OXM_MPLS_BOS:
		return put_bits(a, o->l2_5, 0x00000100, (uint32_t)v[0] << 8);
	case OXM_PBB_ISID:
		return put_bytes(a, o->l2_5 + 1u, v, 3);
	case OXM_IN_PORT:
	case OXM_IN_PHY_PORT:
	case OXM_METADATA:
	case OXM_TUNNEL_ID:
	case OXM_IPV6_EXTHDR:
	case OXM_N_FIELDS:
		break;
	}
	return true; /* nothing in the frame to write */
}

bool
act_set_field(struct act *a, const struct dp_op_set_field *op)
{
	const enum oxm_field field = (enum oxm_field)op->field;

	act_offsets(a);
	a->reason = DP_DROP_MALFORMED;
	if (!has_header(a, field))
		return true;
	if (!act_head(a, 14) || !set_field(a, field, op->value))
		return false;
	a->stale = true;
	return true;
}
