/* SPDX-License-Identifier: ISC */
/* Single fields as text: their names, old and new, and their values (7.2.3.7; the names are those of ovs-ofctl).
 *
 * A name may mean several fields (tp_dst, nw_src, icmp_type): the row that fits the Ethernet type and IP protocol known
 * so far is taken.  Values are read and written by kind; nothing here knows of whole matches. */
#include "field_text.h"

#include "addr.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ANY (-1)

/* The first row of a field without conditions gives the name that set_field prints. */
static const struct field_name {
	const char *name;
	enum oxm_field field;
	int eth_type, ip_proto; /* what must be known, or ANY */
} field_names[] = {
    {"in_port", OXM_IN_PORT, ANY, ANY},
    {"in_port_oxm", OXM_IN_PORT, ANY, ANY},
    {"in_phy_port", OXM_IN_PHY_PORT, ANY, ANY},
    {"metadata", OXM_METADATA, ANY, ANY},
    {"eth_dst", OXM_ETH_DST, ANY, ANY},
    {"dl_dst", OXM_ETH_DST, ANY, ANY},
    {"eth_src", OXM_ETH_SRC, ANY, ANY},
    {"dl_src", OXM_ETH_SRC, ANY, ANY},
    {"eth_type", OXM_ETH_TYPE, ANY, ANY},
    {"dl_type", OXM_ETH_TYPE, ANY, ANY},
    {"vlan_vid", OXM_VLAN_VID, ANY, ANY},
    {"vlan_pcp", OXM_VLAN_PCP, ANY, ANY},
    {"dl_vlan_pcp", OXM_VLAN_PCP, ANY, ANY},
    {"ip_dscp", OXM_IP_DSCP, ANY, ANY},
    {"nw_ecn", OXM_IP_ECN, ANY, ANY},
    {"ip_ecn", OXM_IP_ECN, ANY, ANY},
    {"nw_proto", OXM_ARP_OP, 0x0806, ANY},
    {"nw_proto", OXM_IP_PROTO, ANY, ANY},
    {"ip_proto", OXM_IP_PROTO, ANY, ANY},
    {"nw_src", OXM_ARP_SPA, 0x0806, ANY},
    {"nw_dst", OXM_ARP_TPA, 0x0806, ANY},
    {"ip_src", OXM_IPV4_SRC, ANY, ANY},
    {"nw_src", OXM_IPV4_SRC, ANY, ANY},
    {"ipv4_src", OXM_IPV4_SRC, ANY, ANY},
    {"ip_dst", OXM_IPV4_DST, ANY, ANY},
    {"nw_dst", OXM_IPV4_DST, ANY, ANY},
    {"ipv4_dst", OXM_IPV4_DST, ANY, ANY},
    {"tcp_src", OXM_TCP_SRC, ANY, ANY},
    {"tcp_dst", OXM_TCP_DST, ANY, ANY},
    {"udp_src", OXM_UDP_SRC, ANY, ANY},
    {"udp_dst", OXM_UDP_DST, ANY, ANY},
    {"sctp_src", OXM_SCTP_SRC, ANY, ANY},
    {"sctp_dst", OXM_SCTP_DST, ANY, ANY},
    {"tp_src", OXM_TCP_SRC, ANY, 6},
    {"tp_dst", OXM_TCP_DST, ANY, 6},
    {"tp_src", OXM_UDP_SRC, ANY, 17},
    {"tp_dst", OXM_UDP_DST, ANY, 17},
    {"tp_src", OXM_SCTP_SRC, ANY, 132},
    {"tp_dst", OXM_SCTP_DST, ANY, 132},
    {"icmp_type", OXM_ICMPV6_TYPE, ANY, 58},
    {"icmp_code", OXM_ICMPV6_CODE, ANY, 58},
    {"icmp_type", OXM_ICMPV4_TYPE, ANY, ANY},
    {"icmp_code", OXM_ICMPV4_CODE, ANY, ANY},
    {"icmpv4_type", OXM_ICMPV4_TYPE, ANY, ANY},
    {"icmpv4_code", OXM_ICMPV4_CODE, ANY, ANY},
    {"arp_op", OXM_ARP_OP, ANY, ANY},
    {"arp_spa", OXM_ARP_SPA, ANY, ANY},
    {"arp_tpa", OXM_ARP_TPA, ANY, ANY},
    {"arp_sha", OXM_ARP_SHA, ANY, ANY},
    {"arp_tha", OXM_ARP_THA, ANY, ANY},
    {"ipv6_src", OXM_IPV6_SRC, ANY, ANY},
    {"ipv6_dst", OXM_IPV6_DST, ANY, ANY},
    {"ipv6_label", OXM_IPV6_FLABEL, ANY, ANY},
    {"ipv6_flabel", OXM_IPV6_FLABEL, ANY, ANY},
    {"icmpv6_type", OXM_ICMPV6_TYPE, ANY, ANY},
    {"icmpv6_code", OXM_ICMPV6_CODE, ANY, ANY},
    {"nd_target", OXM_IPV6_ND_TARGET, ANY, ANY},
    {"nd_sll", OXM_IPV6_ND_SLL, ANY, ANY},
    {"nd_tll", OXM_IPV6_ND_TLL, ANY, ANY},
    {"mpls_label", OXM_MPLS_LABEL, ANY, ANY},
    {"mpls_tc", OXM_MPLS_TC, ANY, ANY},
    {"mpls_bos", OXM_MPLS_BOS, ANY, ANY},
    {"pbb_isid", OXM_PBB_ISID, ANY, ANY},
    {"tun_id", OXM_TUNNEL_ID, ANY, ANY},
    {"tunnel_id", OXM_TUNNEL_ID, ANY, ANY},
    {"ipv6_exthdr", OXM_IPV6_EXTHDR, ANY, ANY},
};
#define N_FIELD_NAMES (sizeof(field_names) / sizeof(field_names[0]))

/* Fields that Open vSwitch has beyond OpenFlow 1.3; a trailing '*' takes any rest. */
static const char *const foreign_fields[] = {
    "nw_ttl",      "ip_ttl",        "mpls_ttl", "ip_frag",   "nw_frag",      "tcp_flags", "reg*",
    "xreg*",       "xxreg*",        "pkt_mark", "ct_*",      "conj_id",      "tun_*",     "tunnel_*",
    "packet_type", "actset_output", "dp_hash",  "recirc_id", "skb_priority", "nsh_*",     "eth_type1",
};

enum field_kind
field_kind(enum oxm_field field)
{
	switch (field) {
	case OXM_IN_PORT:
	case OXM_IN_PHY_PORT:
		return FIELD_PORT;
	case OXM_ETH_DST:
	case OXM_ETH_SRC:
	case OXM_ARP_SHA:
	case OXM_ARP_THA:
	case OXM_IPV6_ND_SLL:
	case OXM_IPV6_ND_TLL:
		return FIELD_MAC;
	case OXM_IPV4_SRC:
	case OXM_IPV4_DST:
	case OXM_ARP_SPA:
	case OXM_ARP_TPA:
		return FIELD_IPV4;
	case OXM_IPV6_SRC:
	case OXM_IPV6_DST:
	case OXM_IPV6_ND_TARGET:
		return FIELD_IPV6;
	case OXM_METADATA:
	case OXM_TUNNEL_ID:
	case OXM_ETH_TYPE:
	case OXM_IPV6_FLABEL:
	case OXM_PBB_ISID:
	case OXM_IPV6_EXTHDR:
		return FIELD_HEX;
	default: /* all the small numbers */
		return FIELD_DECIMAL;
	}
}

const char *
field_set_name(enum oxm_field field)
{
	for (size_t i = 0; i < N_FIELD_NAMES; i++)
		if (field_names[i].field == field && field_names[i].eth_type == ANY && field_names[i].ip_proto == ANY)
			return field_names[i].name;
	return oxm_info(field)->name;
}

bool
field_by_name(const char *name, int eth_type, int ip_proto, enum oxm_field *field)
{
	for (size_t i = 0; i < N_FIELD_NAMES; i++) {
		const struct field_name *f = &field_names[i];

		if (strcasecmp(f->name, name) || (f->eth_type != ANY && f->eth_type != eth_type) ||
		    (f->ip_proto != ANY && f->ip_proto != ip_proto))
			continue;
		*field = f->field;
		return true;
	}
	return false;
}

const char *
field_refusal(const char *name)
{
	if (!strcasecmp(name, "tp_src") || !strcasecmp(name, "tp_dst"))
		return "needs tcp, udp or sctp in the same flow";
	for (size_t i = 0; i < sizeof(foreign_fields) / sizeof(foreign_fields[0]); i++) {
		const char *f = foreign_fields[i];
		const size_t len = strlen(f);

		if (f[len - 1] == '*' ? !strncasecmp(name, f, len - 1) : !strcasecmp(name, f))
			return "is an Open vSwitch extension, not available in OpenFlow 1.3";
	}
	return NULL;
}

void
field_exact_mask(enum oxm_field field, uint8_t mask[16])
{
	const struct oxm_info *info = oxm_info(field);
	const unsigned spare = info->bytes * 8u - info->bits;

	memset(mask, 0, 16);
	memset(mask, 0xff, info->bytes);
	for (unsigned i = 0; i < spare; i++)
		mask[i / 8] &= (uint8_t) ~(0x80u >> (i % 8));
}

static uint64_t
get_be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void
put_be(uint8_t *p, size_t n, uint64_t v)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

/* One value, without mask. */
static bool
single_parse(enum oxm_field field, enum field_kind kind, const char *s, const struct port_names *names, uint8_t out[16],
             struct sbuf *err)
{
	const struct oxm_info *info = oxm_info(field);
	uint64_t max = info->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << info->bits) - 1;
	uint64_t v;
	uint32_t port;

	switch (kind) {
	case FIELD_MAC:
		if (mac_parse(s, out))
			return true;
		sbuf_printf(err, "%s: \"%s\" is not an Ethernet address", info->name, s);
		return false;
	case FIELD_IPV4:
		if (ipv4_parse(s, out))
			return true;
		sbuf_printf(err, "%s: \"%s\" is not an IPv4 address", info->name, s);
		return false;
	case FIELD_IPV6:
		if (ipv6_parse(s, out))
			return true;
		sbuf_printf(err, "%s: \"%s\" is not an IPv6 address", info->name, s);
		return false;
	case FIELD_PORT:
		if (!port_parse(s, names, &port)) {
			sbuf_printf(err, "%s: \"%s\" is not a port number or name", info->name, s);
			return false;
		}
		put_be(out, 4, port);
		return true;
	case FIELD_DECIMAL:
	case FIELD_HEX:
		break;
	}
	if (!number_parse(s, UINT64_MAX, &v)) {
		sbuf_printf(err, "%s: \"%s\" is not a number", info->name, s);
		return false;
	}
	if (v > max) {
		sbuf_printf(err, "%s: %s is too large, it has %u bits", info->name, s, info->bits);
		return false;
	}
	put_be(out, info->bytes, v);
	return true;
}

static bool
mask_parse(enum oxm_field field, enum field_kind kind, const char *s, const struct port_names *names, uint8_t mask[16],
           struct sbuf *err)
{
	const struct oxm_info *info = oxm_info(field);
	uint64_t bits;

	if (!strcmp(s, "-1")) {
		field_exact_mask(field, mask);
		return true;
	}
	if ((kind == FIELD_IPV4 || kind == FIELD_IPV6) && number_parse(s, info->bits, &bits)) {
		mask_from_prefix((unsigned)bits, mask, info->bytes);
		return true;
	}
	if (kind == FIELD_PORT) {
		sbuf_printf(err, "%s: cannot have a mask", info->name);
		return false;
	}
	return single_parse(field, kind, s, names, mask, err);
}

bool
field_value_parse(enum oxm_field field, const char *text, const struct port_names *names, uint8_t value[16],
                  uint8_t mask[16], struct sbuf *err)
{
	const enum field_kind kind = field_kind(field);
	const char *slash = strchr(text, '/');
	char first[64];

	memset(value, 0, 16);
	field_exact_mask(field, mask);
	if (!slash)
		return single_parse(field, kind, text, names, value, err);
	if ((size_t)(slash - text) >= sizeof(first)) {
		sbuf_printf(err, "%s: value is too long", oxm_info(field)->name);
		return false;
	}
	memcpy(first, text, (size_t)(slash - text));
	first[slash - text] = '\0';
	if (!single_parse(field, kind, first, names, value, err))
		return false;
	memset(mask, 0, 16);
	if (!mask_parse(field, kind, slash + 1, names, mask, err))
		return false;
	for (unsigned i = 0; i < oxm_info(field)->bytes; i++)
		value[i] &= mask[i];
	return true;
}

static void
single_format(struct sbuf *b, enum oxm_field field, enum field_kind kind, const uint8_t *v,
              const struct port_names *names)
{
	char text[IPV6_STR_LEN];

	switch (kind) {
	case FIELD_MAC:
		sbuf_puts(b, mac_format(v, text));
		break;
	case FIELD_IPV4:
		sbuf_puts(b, ipv4_format(v, text));
		break;
	case FIELD_IPV6:
		sbuf_puts(b, ipv6_format(v, text));
		break;
	case FIELD_PORT:
		port_format(b, (uint32_t)get_be(v, 4), names);
		break;
	case FIELD_HEX:
		sbuf_printf(b, "0x%llx", (unsigned long long)get_be(v, oxm_info(field)->bytes));
		break;
	case FIELD_DECIMAL:
		sbuf_printf(b, "%llu", (unsigned long long)get_be(v, oxm_info(field)->bytes));
		break;
	}
}

void
field_value_format(struct sbuf *b, enum oxm_field field, const uint8_t *value, const uint8_t *mask,
                   const struct port_names *names)
{
	enum field_kind kind = field_kind(field);
	const size_t n = oxm_info(field)->bytes;
	uint8_t exact[16];
	int prefix;

	field_exact_mask(field, exact);
	if (!mask || !memcmp(mask, exact, n)) {
		single_format(b, field, kind, value, names);
		return;
	}
	if (kind == FIELD_DECIMAL)
		kind = FIELD_HEX; /* a mask reads better so */
	single_format(b, field, kind, value, names);
	sbuf_putc(b, '/');
	prefix = kind == FIELD_IPV4 || kind == FIELD_IPV6 ? mask_prefix_len(mask, n) : -1;
	if (prefix >= 0)
		sbuf_printf(b, "%d", prefix);
	else
		single_format(b, field, kind, mask, names);
}
