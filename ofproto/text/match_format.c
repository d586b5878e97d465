/* SPDX-License-Identifier: ISC */
/* Writes matches in the order and with the names of ovs-ofctl: protocol words first, then the old names of the fields. */
#include "match_text.h"

#include "addr.h"
#include "openflow/openflow13.h"

#include <inttypes.h>
#include <string.h>

static const struct {
	uint16_t dl_type;
	int nw_proto; /* -1: any or none */
	const char *word;
} protocol_words[] = {
    {0x0800, 1, "icmp"},   {0x0800, 6, "tcp"},   {0x0800, 17, "udp"},  {0x0800, 132, "sctp"},  {0x0800, -1, "ip"},
    {0x86dd, 58, "icmp6"}, {0x86dd, 6, "tcp6"},  {0x86dd, 17, "udp6"}, {0x86dd, 132, "sctp6"}, {0x86dd, -1, "ipv6"},
    {0x0806, -1, "arp"},   {0x8035, -1, "rarp"}, {0x8847, -1, "mpls"}, {0x8848, -1, "mplsm"},
};

/* Which words the protocol stands for. */
struct said {
	bool dl_type, nw_proto;
};

static struct said
put_protocol(struct sbuf *b, const struct loose_match *l)
{
	if (l->mask.dl_type != 0xffff)
		return (struct said){false, false};
	for (size_t i = 0; i < sizeof(protocol_words) / sizeof(protocol_words[0]); i++) {
		const int proto = protocol_words[i].nw_proto;

		if (protocol_words[i].dl_type != l->key.dl_type)
			continue;
		if (proto >= 0 && (!l->mask.nw_proto || proto != l->key.nw_proto))
			continue;
		sbuf_puts(b, protocol_words[i].word);
		sbuf_putc(b, ',');
		return (struct said){true, proto >= 0};
	}
	return (struct said){false, false};
}

static void
put_decimal(struct sbuf *b, const char *name, uint32_t value)
{
	sbuf_puts(b, name);
	sbuf_put_u64(b, value);
	sbuf_putc(b, ',');
}

static void
put_hex64(struct sbuf *b, const char *name, uint64_t value, uint64_t mask)
{
	if (!mask)
		return;
	sbuf_puts(b, name);
	if (value)
		sbuf_put_hex(b, value);
	else
		sbuf_putc(b, '0');
	if (mask != UINT64_MAX)
		sbuf_printf(b, "/0x%" PRIx64, mask);
	sbuf_putc(b, ',');
}

static void
put_hex(struct sbuf *b, const char *name, uint32_t value, uint32_t mask, uint32_t all, int width)
{
	if (!mask)
		return;
	sbuf_printf(b, "%s0x%0*" PRIx32, name, width, value);
	if (mask != all)
		sbuf_printf(b, "/0x%0*" PRIx32, width, mask);
	sbuf_putc(b, ',');
}

static void
put_port(struct sbuf *b, const char *name, uint32_t port, uint32_t mask, const struct port_names *names)
{
	if (!mask)
		return;
	sbuf_puts(b, name);
	port_format(b, port, names);
	sbuf_putc(b, ',');
}

static void
put_vlan(struct sbuf *b, const struct loose_match *l)
{
	const uint16_t tci = l->key.vlan_tci, mask = l->mask.vlan_tci;
	const uint16_t vid_mask = mask & VLAN_TCI_VID, pcp_mask = mask & VLAN_TCI_PCP;

	if (!mask)
		return;
	if ((mask & tci & OFPVID_PRESENT) && (vid_mask == VLAN_TCI_VID || !vid_mask) &&
	    (pcp_mask == VLAN_TCI_PCP || !pcp_mask) && (vid_mask || pcp_mask)) {
		if (vid_mask)
			put_decimal(b, "dl_vlan=", tci & VLAN_TCI_VID);
		if (pcp_mask)
			put_decimal(b, "dl_vlan_pcp=", tci >> VLAN_TCI_PCP_SHIFT);
	} else {
		put_hex(b, "vlan_tci=", tci, mask, 0xffff, 4);
	}
}

static bool
mask_is(const uint8_t *mask, size_t n, uint8_t byte)
{
	for (size_t i = 0; i < n; i++)
		if (mask[i] != byte)
			return false;
	return true;
}

static void
put_mac(struct sbuf *b, const char *name, const uint8_t *value, const uint8_t *mask)
{
	char text[MAC_STR_LEN];

	if (mask_is(mask, 6, 0))
		return;
	sbuf_puts(b, name);
	sbuf_puts(b, mac_format(value, text));
	if (!mask_is(mask, 6, 0xff)) {
		sbuf_putc(b, '/');
		sbuf_puts(b, mac_format(mask, text));
	}
	sbuf_putc(b, ',');
}

static void
put_ipv4(struct sbuf *b, const char *name, uint32_t value, uint32_t mask)
{
	uint8_t bytes[4];
	char text[16];
	int prefix;

	if (!mask)
		return;
	put_be32(bytes, value);
	sbuf_puts(b, name);
	sbuf_puts(b, ipv4_format(bytes, text));
	put_be32(bytes, mask);
	prefix = mask_prefix_len(bytes, 4);
	if (prefix < 0)
		sbuf_printf(b, "/%s", ipv4_format(bytes, text));
	else if (prefix < 32)
		sbuf_printf(b, "/%d", prefix);
	sbuf_putc(b, ',');
}

static void
put_ipv6(struct sbuf *b, const char *name, const uint8_t *value, const uint8_t *mask)
{
	char text[IPV6_STR_LEN];
	int prefix;

	if (mask_is(mask, 16, 0))
		return;
	sbuf_puts(b, name);
	sbuf_puts(b, ipv6_format(value, text));
	prefix = mask_prefix_len(mask, 16);
	if (prefix < 0)
		sbuf_printf(b, "/%s", ipv6_format(mask, text));
	else if (prefix < 128)
		sbuf_printf(b, "/%d", prefix);
	sbuf_putc(b, ',');
}

static void
put_network(struct sbuf *b, const struct loose_match *l)
{
	const struct loose_key *k = &l->key, *m = &l->mask;
	const bool arp = k->dl_type == 0x0806 || k->dl_type == 0x8035;

	if (k->dl_type == 0x86dd) {
		put_ipv6(b, "ipv6_src=", k->ipv6_src, m->ipv6_src);
		put_ipv6(b, "ipv6_dst=", k->ipv6_dst, m->ipv6_dst);
		put_hex(b, "ipv6_label=", k->ipv6_label, m->ipv6_label, 0xfffff, 5);
		put_hex(b, "ipv6_exthdr=", k->ipv6_exthdr, m->ipv6_exthdr, 0x1ff, 0);
	} else {
		put_ipv4(b, arp ? "arp_spa=" : "nw_src=", k->nw_src, m->nw_src);
		put_ipv4(b, arp ? "arp_tpa=" : "nw_dst=", k->nw_dst, m->nw_dst);
	}
}

static void
put_transport(struct sbuf *b, const struct loose_match *l)
{
	const struct loose_key *k = &l->key, *m = &l->mask;
	const bool icmp = k->dl_type == 0x0800 && k->nw_proto == 1, icmp6 = k->dl_type == 0x86dd && k->nw_proto == 58;
	const bool types = m->nw_proto && (icmp || icmp6);

	if (m->tp_src == 0xffff)
		put_decimal(b, types ? "icmp_type=" : "tp_src=", k->tp_src);
	else
		put_hex(b, types ? "icmp_type=" : "tp_src=", k->tp_src, m->tp_src, 0xffff, 0);
	if (m->tp_dst == 0xffff)
		put_decimal(b, types ? "icmp_code=" : "tp_dst=", k->tp_dst);
	else
		put_hex(b, types ? "icmp_code=" : "tp_dst=", k->tp_dst, m->tp_dst, 0xffff, 0);
	if (types && icmp6) {
		put_ipv6(b, "nd_target=", k->nd_target, m->nd_target);
		put_mac(b, "nd_sll=", k->arp_sha, m->arp_sha);
		put_mac(b, "nd_tll=", k->arp_tha, m->arp_tha);
	}
}

void
loose_format(struct sbuf *b, const struct loose_match *l, int priority, const struct port_names *names)
{
	const struct loose_key *k = &l->key, *m = &l->mask;
	const size_t start = b->len;
	const bool arp = m->dl_type && (k->dl_type == 0x0806 || k->dl_type == 0x8035);
	struct said said;

	if (priority >= 0 && priority != OFP_DEFAULT_PRIORITY)
		put_decimal(b, "priority=", (uint32_t)priority);
	said = put_protocol(b, l);
	put_hex64(b, "tun_id=", k->tun_id, m->tun_id);
	put_hex64(b, "metadata=", k->metadata, m->metadata);
	put_port(b, "in_port=", k->in_port, m->in_port, names);
	put_port(b, "in_phy_port=", k->in_phy_port, m->in_phy_port, names);
	put_vlan(b, l);
	put_mac(b, "dl_src=", k->dl_src, m->dl_src);
	put_mac(b, "dl_dst=", k->dl_dst, m->dl_dst);
	if (!said.dl_type)
		put_hex(b, "dl_type=", k->dl_type, m->dl_type, 0xffff, 4);
	put_network(b, l);
	if (!said.nw_proto && m->nw_proto)
		put_decimal(b, arp ? "arp_op=" : "nw_proto=", k->nw_proto);
	if (arp) {
		put_mac(b, "arp_sha=", k->arp_sha, m->arp_sha);
		put_mac(b, "arp_tha=", k->arp_tha, m->arp_tha);
	}
	if (m->nw_tos & 0xfc)
		put_decimal(b, "nw_tos=", k->nw_tos & 0xfcu);
	if (m->nw_tos & 3)
		put_decimal(b, "nw_ecn=", k->nw_tos & 3u);
	if (m->mpls_label)
		put_decimal(b, "mpls_label=", k->mpls_label);
	if (m->mpls_tc)
		put_decimal(b, "mpls_tc=", k->mpls_tc);
	if (m->mpls_bos)
		put_decimal(b, "mpls_bos=", k->mpls_bos);
	put_hex(b, "pbb_isid=", k->pbb_isid, m->pbb_isid, 0xffffff, 0);
	put_transport(b, l);
	if (b->len > start)
		sbuf_chomp(b, ',');
}

void
match_format(struct sbuf *b, const struct match *m, int priority, const struct port_names *names)
{
	struct loose_match l;

	loose_from_match(&l, m);
	loose_format(b, &l, priority, names);
}
