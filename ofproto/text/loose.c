/* SPDX-License-Identifier: ISC */
/* Between the words of a match and its OXM fields: one row says where the bits of each field stand among the words. */
#include "loose.h"

#include "openflow/openflow13.h"

#include <string.h>

/* OXM field, member, how far its lowest bit is from the member's. */
struct place {
	enum oxm_field field;
	uint8_t offset, size, shift;
	bool bytes; /* a string of bytes rather than a number */
};

#define NUM(field, member, shift)                                                                                      \
	{                                                                                                              \
		OXM_##field, offsetof(struct loose_key, member), sizeof(((struct loose_key *)0)->member), shift, false \
	}
#define STR(field, member)                                                                                             \
	{                                                                                                              \
		OXM_##field, offsetof(struct loose_key, member), sizeof(((struct loose_key *)0)->member), 0, true      \
	}

static const struct place always[] = {NUM(IN_PORT, in_port, 0), NUM(METADATA, metadata, 0), STR(ETH_DST, dl_dst),
                                      STR(ETH_SRC, dl_src),     NUM(ETH_TYPE, dl_type, 0),  NUM(TUNNEL_ID, tun_id, 0)},
                          phy_port[] = {NUM(IN_PHY_PORT, in_phy_port, 0)},
                          ip[] = {NUM(IP_DSCP, nw_tos, 2), NUM(IP_ECN, nw_tos, 0), NUM(IP_PROTO, nw_proto, 0)},
                          ipv4[] = {NUM(IPV4_SRC, nw_src, 0), NUM(IPV4_DST, nw_dst, 0)},
                          ipv6[] = {STR(IPV6_SRC, ipv6_src), STR(IPV6_DST, ipv6_dst), NUM(IPV6_FLABEL, ipv6_label, 0),
                                    NUM(IPV6_EXTHDR, ipv6_exthdr, 0)},
                          tcp[] = {NUM(TCP_SRC, tp_src, 0), NUM(TCP_DST, tp_dst, 0)},
                          udp[] = {NUM(UDP_SRC, tp_src, 0), NUM(UDP_DST, tp_dst, 0)},
                          sctp[] = {NUM(SCTP_SRC, tp_src, 0), NUM(SCTP_DST, tp_dst, 0)},
                          icmpv4[] = {NUM(ICMPV4_TYPE, tp_src, 0), NUM(ICMPV4_CODE, tp_dst, 0)},
                          icmpv6[] = {NUM(ICMPV6_TYPE, tp_src, 0), NUM(ICMPV6_CODE, tp_dst, 0)},
                          nd[] = {STR(IPV6_ND_TARGET, nd_target)}, nd_solicit[] = {STR(IPV6_ND_SLL, arp_sha)},
                          nd_advert[] = {STR(IPV6_ND_TLL, arp_tha)},
                          arp[] = {NUM(ARP_OP, nw_proto, 0), NUM(ARP_SPA, nw_src, 0), NUM(ARP_TPA, nw_dst, 0),
                                   STR(ARP_SHA, arp_sha), STR(ARP_THA, arp_tha)},
                          mpls[] = {NUM(MPLS_LABEL, mpls_label, 0), NUM(MPLS_TC, mpls_tc, 0),
                                    NUM(MPLS_BOS, mpls_bos, 0)},
                          pbb[] = {NUM(PBB_ISID, pbb_isid, 0)};

#define ROWS(a) a, sizeof(a) / sizeof((a)[0])

static uint64_t
number_get(const struct loose_key *k, const struct place *p)
{
	const uint8_t *m = (const uint8_t *)k + p->offset;
	uint64_t v = 0;

	switch (p->size) {
	case 1:
		v = *m;
		break;
	case 2:
		v = *(const uint16_t *)(const void *)m;
		break;
	case 4:
		v = *(const uint32_t *)(const void *)m;
		break;
	case 8:
		v = *(const uint64_t *)(const void *)m;
		break;
	}
	return v >> p->shift;
}

static void
number_add(struct loose_key *k, const struct place *p, uint64_t v)
{
	uint8_t *m = (uint8_t *)k + p->offset;

	v <<= p->shift;
	switch (p->size) {
	case 1:
		*m |= (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)(void *)m |= (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)(void *)m |= (uint32_t)v;
		break;
	case 8:
		*(uint64_t *)(void *)m |= v;
		break;
	}
}

/* Appends the field's bits of 'k' in network order; those that the field does not have are dropped. */
static void
place_read(const struct loose_key *k, const struct place *p, uint8_t out[16])
{
	const struct oxm_info *info = oxm_info(p->field);
	uint64_t v;

	if (p->bytes) {
		memcpy(out, (const uint8_t *)k + p->offset, p->size);
		return;
	}
	v = number_get(k, p);
	if (info->bits < 64)
		v &= (UINT64_C(1) << info->bits) - 1;
	for (size_t i = info->bytes; i-- > 0; v >>= 8)
		out[i] = (uint8_t)v;
}

static void
place_write(struct loose_key *k, const struct place *p, const uint8_t *in)
{
	uint64_t v = 0;

	if (p->bytes) {
		memcpy((uint8_t *)k + p->offset, in, p->size);
		return;
	}
	for (size_t i = 0; i < oxm_info(p->field)->bytes; i++)
		v = v << 8 | in[i];
	number_add(k, p, v);
}

static void
rows_to_match(const struct loose_match *l, struct match *m, const struct place *rows, size_t n)
{
	static const uint8_t zero[16];
	uint8_t value[16], mask[16];

	for (size_t i = 0; i < n; i++) {
		place_read(&l->mask, &rows[i], mask);
		if (!memcmp(mask, zero, oxm_info(rows[i].field)->bytes))
			continue;
		place_read(&l->key, &rows[i], value);
		match_set(m, rows[i].field, value, mask);
	}
}

static void
rows_from_match(struct loose_match *l, const struct match *m, const struct place *rows, size_t n)
{
	uint8_t value[16], mask[16];

	for (size_t i = 0; i < n; i++)
		if (m->mask.present & OXM_BIT(rows[i].field) && match_get(m, rows[i].field, value, mask)) {
			place_write(&l->key, &rows[i], value);
			place_write(&l->mask, &rows[i], mask);
		}
}

static void
vlan_to_match(const struct loose_match *l, struct match *m)
{
	const uint16_t vid = l->key.vlan_tci & (OFPVID_PRESENT | VLAN_TCI_VID);
	const uint16_t vid_mask = l->mask.vlan_tci & (OFPVID_PRESENT | VLAN_TCI_VID);
	uint8_t value[2], mask[2], pcp;

	if (vid_mask) {
		put_be16(value, vid);
		put_be16(mask, vid_mask);
		match_set(m, OXM_VLAN_VID, value, mask);
	}
	if (vid && (l->mask.vlan_tci & VLAN_TCI_PCP) == VLAN_TCI_PCP) {
		pcp = (uint8_t)(l->key.vlan_tci >> VLAN_TCI_PCP_SHIFT);
		match_set(m, OXM_VLAN_PCP, &pcp, NULL);
	}
}

static void
transport_to_match(const struct loose_match *l, struct match *m)
{
	const bool v6 = l->key.dl_type == 0x86dd;

	if (l->mask.nw_proto == 0)
		return;
	switch (l->key.nw_proto) {
	case 6:
		rows_to_match(l, m, ROWS(tcp));
		break;
	case 17:
		rows_to_match(l, m, ROWS(udp));
		break;
	case 132:
		rows_to_match(l, m, ROWS(sctp));
		break;
	case 1:
		if (!v6)
			rows_to_match(l, m, ROWS(icmpv4));
		break;
	case 58:
		if (!v6)
			break;
		rows_to_match(l, m, ROWS(icmpv6));
		if (l->mask.tp_src != 0xffff)
			break;
		if (l->key.tp_src == 135 || l->key.tp_src == 136)
			rows_to_match(l, m, ROWS(nd));
		if (l->key.tp_src == 135)
			rows_to_match(l, m, ROWS(nd_solicit));
		else if (l->key.tp_src == 136)
			rows_to_match(l, m, ROWS(nd_advert));
		break;
	}
}

bool
loose_to_match(const struct loose_match *l, struct match *m)
{
	struct loose_match back;

	match_init(m);
	rows_to_match(l, m, ROWS(always));
	if (l->mask.in_port)
		rows_to_match(l, m, ROWS(phy_port));
	vlan_to_match(l, m);
	switch (l->mask.dl_type ? l->key.dl_type : 0) {
	case 0x0800:
		rows_to_match(l, m, ROWS(ip));
		rows_to_match(l, m, ROWS(ipv4));
		transport_to_match(l, m);
		break;
	case 0x86dd:
		rows_to_match(l, m, ROWS(ip));
		rows_to_match(l, m, ROWS(ipv6));
		transport_to_match(l, m);
		break;
	case 0x0806:
		rows_to_match(l, m, ROWS(arp));
		break;
	case 0x8847:
	case 0x8848:
		rows_to_match(l, m, ROWS(mpls));
		break;
	case 0x88e7:
		rows_to_match(l, m, ROWS(pbb));
		break;
	}
	loose_from_match(&back, m);
	back.key.vlan_tci = l->key.vlan_tci; /* an untagged frame has no priority: nothing is lost */
	back.mask.vlan_tci = l->mask.vlan_tci;
	return !memcmp(&back, l, sizeof(back));
}

void
loose_from_match(struct loose_match *l, const struct match *m)
{
	static const struct {
		const struct place *rows;
		size_t n;
	} all[] = {{ROWS(always)},     {ROWS(phy_port)},  {ROWS(ip)},     {ROWS(ipv4)},   {ROWS(ipv6)}, {ROWS(tcp)},
	           {ROWS(udp)},        {ROWS(sctp)},      {ROWS(icmpv4)}, {ROWS(icmpv6)}, {ROWS(nd)},   {ROWS(arp)},
	           {ROWS(nd_solicit)}, {ROWS(nd_advert)}, {ROWS(mpls)},   {ROWS(pbb)}};
	static const struct place vid = NUM(VLAN_VID, vlan_tci, 0), pcp = NUM(VLAN_PCP, vlan_tci, 13);

	memset(l, 0, sizeof(*l));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		rows_from_match(l, m, all[i].rows, all[i].n); /* most fields are absent, and cost a test each */
	rows_from_match(l, m, &vid, 1);
	rows_from_match(l, m, &pcp, 1);
	/* words have one width whatever the field's: an exact 8-bit type is an exact tp_src */
	if (m->mask.present & (OXM_BIT(OXM_ICMPV4_TYPE) | OXM_BIT(OXM_ICMPV6_TYPE)))
		l->mask.tp_src = 0xffff;
	if (m->mask.present & (OXM_BIT(OXM_ICMPV4_CODE) | OXM_BIT(OXM_ICMPV6_CODE)))
		l->mask.tp_dst = 0xffff;
	if (m->mask.present & (OXM_BIT(OXM_IP_PROTO) | OXM_BIT(OXM_ARP_OP)))
		l->mask.nw_proto = 0xffff;
}
