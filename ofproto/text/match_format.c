/* SPDX-License-Identifier: ISC */
/* Writes matches in the order and with the names of ovs-ofctl: protocol words first, then the old names of the fields. */
#include "match_text.h"

#include <string.h>

/* Order and names of printing after the protocol word and the VLAN tag are done; eth_type stands where it goes without a word. */
static const struct {
	enum oxm_field field;
	const char *name;
} fields_before_vlan[] =
    {
        {OXM_TUNNEL_ID, "tun_id"},
        {OXM_METADATA, "metadata"},
        {OXM_IN_PORT, "in_port"},
        {OXM_IN_PHY_PORT, "in_phy_port"},
},
  fields_after_vlan[] = {
      {OXM_ETH_SRC, "dl_src"},          {OXM_ETH_DST, "dl_dst"},
      {OXM_ETH_TYPE, "dl_type"},        {OXM_IPV4_SRC, "nw_src"},
      {OXM_IPV4_DST, "nw_dst"},         {OXM_IPV6_SRC, "ipv6_src"},
      {OXM_IPV6_DST, "ipv6_dst"},       {OXM_IPV6_FLABEL, "ipv6_label"},
      {OXM_IPV6_EXTHDR, "ipv6_exthdr"}, {OXM_ARP_SPA, "arp_spa"},
      {OXM_ARP_TPA, "arp_tpa"},         {OXM_IP_PROTO, "nw_proto"},
      {OXM_ARP_OP, "arp_op"},           {OXM_ARP_SHA, "arp_sha"},
      {OXM_ARP_THA, "arp_tha"},         {OXM_IP_DSCP, "nw_tos"},
      {OXM_IP_ECN, "nw_ecn"},           {OXM_MPLS_LABEL, "mpls_label"},
      {OXM_MPLS_TC, "mpls_tc"},         {OXM_MPLS_BOS, "mpls_bos"},
      {OXM_PBB_ISID, "pbb_isid"},       {OXM_ICMPV4_TYPE, "icmp_type"},
      {OXM_ICMPV4_CODE, "icmp_code"},   {OXM_ICMPV6_TYPE, "icmp_type"},
      {OXM_ICMPV6_CODE, "icmp_code"},   {OXM_IPV6_ND_TARGET, "nd_target"},
      {OXM_IPV6_ND_SLL, "nd_sll"},      {OXM_IPV6_ND_TLL, "nd_tll"},
      {OXM_TCP_SRC, "tp_src"},          {OXM_TCP_DST, "tp_dst"},
      {OXM_UDP_SRC, "tp_src"},          {OXM_UDP_DST, "tp_dst"},
      {OXM_SCTP_SRC, "tp_src"},         {OXM_SCTP_DST, "tp_dst"},
};

static const struct {
	uint16_t eth_type;
	int ip_proto; /* -1: any or none */
	const char *word;
} words[] = {
    {0x0800, 1, "icmp"},   {0x0800, 6, "tcp"},   {0x0800, 17, "udp"},  {0x0800, 132, "sctp"},  {0x0800, -1, "ip"},
    {0x86dd, 58, "icmp6"}, {0x86dd, 6, "tcp6"},  {0x86dd, 17, "udp6"}, {0x86dd, 132, "sctp6"}, {0x86dd, -1, "ipv6"},
    {0x0806, -1, "arp"},   {0x8035, -1, "rarp"}, {0x8847, -1, "mpls"}, {0x8848, -1, "mplsm"},
};

/* The protocol word; says which fields it stands for. */
static uint64_t
put_word(struct sbuf *b, const struct match *m)
{
	const bool has_proto = match_is_exact(m, OXM_IP_PROTO);

	if (!match_is_exact(m, OXM_ETH_TYPE))
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].eth_type != be16_to_host(m->key.eth_type))
			continue;
		if (words[i].ip_proto >= 0 && (!has_proto || words[i].ip_proto != m->key.ip_proto))
			continue;
		sbuf_printf(b, "%s,", words[i].word);
		return OXM_BIT(OXM_ETH_TYPE) | (words[i].ip_proto >= 0 ? OXM_BIT(OXM_IP_PROTO) : 0);
	}
	return 0;
}

static void
put_vlan(struct sbuf *b, const struct match *m)
{
	const uint64_t present = m->mask.present;
	uint16_t tci, mask, vid_mask;

	if (!(present & (OXM_BIT(OXM_VLAN_VID) | OXM_BIT(OXM_VLAN_PCP))))
		return;
	tci = (uint16_t)(be16_to_host(m->key.vlan_vid) | m->key.vlan_pcp << 13);
	mask = (uint16_t)(be16_to_host(m->mask.vlan_vid) | m->mask.vlan_pcp << 13);
	vid_mask = mask & 0x0fff;
	if ((tci & mask & OFPVID_PRESENT) && (vid_mask == 0x0fff || (vid_mask == 0 && mask >> 13))) {
		if (vid_mask)
			sbuf_printf(b, "dl_vlan=%u,", tci & 0x0fffu);
		if (mask >> 13)
			sbuf_printf(b, "dl_vlan_pcp=%u,", tci >> 13);
	} else if (mask == 0xffff) {
		sbuf_printf(b, "vlan_tci=0x%04x,", tci);
	} else {
		sbuf_printf(b, "vlan_tci=0x%04x/0x%04x,", tci, mask);
	}
}

static void
put_field(struct sbuf *b, const struct match *m, enum oxm_field field, const char *name, const struct port_names *names)
{
	uint8_t value[16], mask[16];

	if (!match_get(m, field, value, mask))
		return;
	sbuf_printf(b, "%s=", name);
	if (field == OXM_ETH_TYPE)
		sbuf_printf(b, "0x%04x", get_be16(value));
	else if (field == OXM_IP_DSCP)
		sbuf_printf(b, "%u", value[0] << 2);
	else if (field == OXM_IPV6_FLABEL && match_is_exact(m, field))
		sbuf_printf(b, "0x%05x", get_be32(value));
	else if (field == OXM_IPV6_FLABEL)
		sbuf_printf(b, "0x%05x/0x%05x", get_be32(value), get_be32(mask));
	else
		field_value_format(b, field, value, mask, names);
	sbuf_putc(b, ',');
}

void
match_format(struct sbuf *b, const struct match *m, int priority, const struct port_names *names)
{
	const size_t start = b->len;
	uint64_t done;

	if (priority >= 0 && priority != OFP_DEFAULT_PRIORITY)
		sbuf_printf(b, "priority=%d,", priority);
	done = put_word(b, m);
	for (size_t i = 0; i < sizeof(fields_before_vlan) / sizeof(fields_before_vlan[0]); i++)
		put_field(b, m, fields_before_vlan[i].field, fields_before_vlan[i].name, names);
	put_vlan(b, m);
	for (size_t i = 0; i < sizeof(fields_after_vlan) / sizeof(fields_after_vlan[0]); i++)
		if (!(done & OXM_BIT(fields_after_vlan[i].field)))
			put_field(b, m, fields_after_vlan[i].field, fields_after_vlan[i].name, names);
	if (b->len > start)
		sbuf_chomp(b, ',');
}
