/* SPDX-License-Identifier: ISC */
/* Frames to flow keys: each header once, outside in.
 *
 * A cursor (lib/wire.h) bounds every read; a header that is cut off or contradicts itself leaves its fields absent and ends the walk.
 * Every loop has a bound of its own, so that no frame costs more than a few dozen steps: tags, extension headers and options.
 * IPv6 extension headers and neighbour discovery are in flow_key_v6.c.  Changes nothing, keeps nothing. */
#include "flow_key_parse.h"

#include "openflow/openflow13.h"

static struct flow_key *
set_present(struct flow_key *key, enum oxm_field field)
{
	key->present |= OXM_BIT(field);
	return key;
}

static void
parse_mpls(struct parse *ps, const uint8_t *p)
{
	struct flow_key *key = ps->key;
	const uint32_t lse = get_be32(p);

	ps->ofs->l2_5 = parse_offset(ps, p);
	key->mpls_label = host_to_be32(lse >> 12);
	key->mpls_tc = (lse >> 9) & 7;
	key->mpls_bos = (lse >> 8) & 1;
	key->present |= OXM_BIT(OXM_MPLS_LABEL) | OXM_BIT(OXM_MPLS_TC) | OXM_BIT(OXM_MPLS_BOS);
}

static void
parse_pbb(struct parse *ps, const uint8_t *p)
{
	ps->ofs->l2_5 = parse_offset(ps, p);
	memcpy(set_present(ps->key, OXM_PBB_ISID)->pbb_isid, p + 1, 3);
}

/* Ethernet and IPv4 only: other hardware or protocol types have no OXM fields. */
static void
parse_arp(struct parse *ps)
{
	struct flow_key *key = ps->key;
	const uint8_t *p = wire_take(&ps->w, 28);

	if (!p || get_be16(p) != 1 || get_be16(p + 2) != ETH_IPV4 || p[4] != 6 || p[5] != 4)
		return;
	ps->ofs->l3 = parse_offset(ps, p);
	memcpy(&key->arp_op, p + 6, 2);
	memcpy(key->arp_sha, p + 8, 6);
	memcpy(&key->arp_spa, p + 14, 4);
	memcpy(key->arp_tha, p + 18, 6);
	memcpy(&key->arp_tpa, p + 24, 4);
	key->present |= OXM_BIT(OXM_ARP_OP) | OXM_BIT(OXM_ARP_SPA) | OXM_BIT(OXM_ARP_TPA) | OXM_BIT(OXM_ARP_SHA) |
	                OXM_BIT(OXM_ARP_THA);
}

/* Ports and types.  The header must lie inside both the datagram and the memory. */
void
parse_l4(struct parse *ps, uint8_t proto, bool v6)
{
	struct flow_key *key = ps->key;
	const uint8_t *p = ps->w.p;
	const size_t left = wire_left(&ps->w);

	if (proto == IP_TCP && left >= 20 && (p[12] >> 4) >= 5) {
		key->present |= OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_TCP_DST);
	} else if (proto == IP_UDP && left >= 8) {
		key->present |= OXM_BIT(OXM_UDP_SRC) | OXM_BIT(OXM_UDP_DST);
	} else if (proto == IP_SCTP && left >= 12) {
		key->present |= OXM_BIT(OXM_SCTP_SRC) | OXM_BIT(OXM_SCTP_DST);
	} else if (proto == IP_ICMP && !v6 && left >= 8) {
		key->icmpv4_type = p[0];
		key->icmpv4_code = p[1];
		key->present |= OXM_BIT(OXM_ICMPV4_TYPE) | OXM_BIT(OXM_ICMPV4_CODE);
		goto found;
	} else if (proto == IP_ICMPV6 && v6 && left >= 4) {
		key->icmpv6_type = p[0];
		key->icmpv6_code = p[1];
		key->present |= OXM_BIT(OXM_ICMPV6_TYPE) | OXM_BIT(OXM_ICMPV6_CODE);
		parse_nd(ps);
		goto found;
	} else {
		return;
	}
	memcpy(&key->tcp_src, p, 2);
	memcpy(&key->tcp_dst, p + 2, 2);
found:
	ps->ofs->l4 = parse_offset(ps, p);
	ps->ofs->l4_proto = proto;
}

/* Narrows the cursor to the datagram of 'total' bytes at 'l3'; false when the frame or the header contradicts that.  total 0: a
 * superframe beyond 64 KiB, which can't say its length. */
bool
parse_ip_length(struct parse *ps, const uint8_t *l3, size_t header, size_t total)
{
	const size_t at = (size_t)(l3 - ps->data);

	if (total == 0 && ps->frame_len - at > 0xffff) {
		ps->ofs->l3_end = 0xffff;
		return true;
	}
	if (total < header || total > ps->frame_len - at)
		return false;
	ps->ofs->l3_end = at + total > 0xffff ? 0xffff : (uint16_t)(at + total);
	if ((size_t)(ps->w.end - l3) > total)
		ps->w.end = l3 + total;
	return true;
}

static void
parse_ipv4(struct parse *ps)
{
	struct flow_key *key = ps->key;
	const uint8_t *p = wire_take(&ps->w, 20);
	size_t ihl;
	size_t total;
	uint16_t frag;

	key->layout |= FLOW_LAYOUT_BAD_IP;
	if (!p)
		return;
	ihl = (size_t)(p[0] & 15) * 4;
	total = get_be16(p + 2);
	if ((p[0] >> 4) != 4 || ihl < 20 || !wire_take(&ps->w, ihl - 20) || !parse_ip_length(ps, p, ihl, total))
		return;
	key->layout &= (uint8_t)~FLOW_LAYOUT_BAD_IP;
	ps->ofs->l3 = parse_offset(ps, p);
	key->ip_dscp = p[1] >> 2;
	key->ip_ecn = p[1] & 3;
	key->ip_proto = p[9];
	memcpy(&key->ipv4_src, p + 12, 4);
	memcpy(&key->ipv4_dst, p + 16, 4);
	key->present |= OXM_BIT(OXM_IP_DSCP) | OXM_BIT(OXM_IP_ECN) | OXM_BIT(OXM_IP_PROTO) | OXM_BIT(OXM_IPV4_SRC) |
	                OXM_BIT(OXM_IPV4_DST);
	frag = get_be16(p + 6);
	if (frag & 0x3fff)
		key->layout |= FLOW_LAYOUT_FRAG;
	if (frag & 0x1fff)
		key->layout |= FLOW_LAYOUT_FRAG_LATER;
	else
		parse_l4(ps, p[9], false);
}

/* Takes the VLAN tags; returns the type below them.  A tag that is cut off is not a tag. */
static uint16_t
parse_vlans(struct parse *ps, uint16_t type)
{
	struct flow_key *key = ps->key;
	const uint8_t *p;
	unsigned n;

	for (n = 0; n < MAX_VLAN_TAGS && is_vlan_tpid(type) && wire_left(&ps->w) >= 4; n++) {
		p = wire_take(&ps->w, 4);
		if (n == 0) {
			key->vlan_vid = host_to_be16((uint16_t)((get_be16(p) & 0x0fff) | OFPVID_PRESENT));
			key->vlan_pcp = p[0] >> 5;
			set_present(key, OXM_VLAN_PCP);
		}
		type = get_be16(p + 2);
	}
	key->layout |= (uint8_t)(n > 3 ? 3 : n);
	return type;
}

/* 802.3 with a length: the type is in a SNAP header of OUI 0, or there is none. */
static uint16_t
parse_snap(struct parse *ps)
{
	static const uint8_t snap[6] = {0xaa, 0xaa, 0x03, 0, 0, 0};
	const uint8_t *p = ps->w.p;
	uint16_t type;

	if (wire_left(&ps->w) < 8 || memcmp(p, snap, 6) != 0)
		return ETH_NO_TYPE;
	type = get_be16(p + 6);
	if (type < 0x0600)
		return ETH_NO_TYPE;
	wire_skip(&ps->w, 8);
	return type;
}

static void
parse_ethernet(struct parse *ps)
{
	struct flow_key *key = ps->key;
	const uint8_t *p = wire_take(&ps->w, 14);
	uint16_t type;

	if (!p)
		return;
	memcpy(key->eth_dst, p, 6);
	memcpy(key->eth_src, p + 6, 6);
	type = parse_vlans(ps, get_be16(p + 12));
	if (type < 0x0600)
		type = parse_snap(ps);
	key->eth_type = host_to_be16(type);
	key->present |= OXM_BIT(OXM_ETH_DST) | OXM_BIT(OXM_ETH_SRC) | OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_VLAN_VID);
	switch (type) {
	case ETH_IPV4:
		parse_ipv4(ps);
		break;
	case ETH_IPV6:
		parse_ipv6(ps);
		break;
	case ETH_ARP:
		parse_arp(ps);
		break;
	case ETH_MPLS:
	case ETH_MPLS_MC:
		if ((p = wire_take(&ps->w, 4)) != NULL)
			parse_mpls(ps, p);
		break;
	case ETH_PBB:
		/* the tag ends with the customer's addresses, and what it wraps begins with a type */
		if (wire_left(&ps->w) >= 18 && (p = wire_take(&ps->w, 4)) != NULL)
			parse_pbb(ps, p);
		break;
	default:
		break;
	}
}

void
flow_key_extract(const uint8_t *data, size_t len, size_t frame_len, uint32_t in_port, struct flow_key *key,
                 struct flow_offsets *ofs)
{
	struct parse ps = {wire_init(data, len), data, frame_len < len ? len : frame_len, key, ofs};

	memset(key, 0, sizeof(*key));
	memset(ofs, 0, sizeof(*ofs));
	key->in_port = host_to_be32(in_port);
	key->in_phy_port = key->in_port;
	key->present = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_IN_PHY_PORT) | OXM_BIT(OXM_METADATA);
	parse_ethernet(&ps);
}
