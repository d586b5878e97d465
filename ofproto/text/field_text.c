/* SPDX-License-Identifier: ISC */
/* Fields as set_field names and writes them: one row for each of the 40 (7.2.3.7); the names are those of ovs-ofctl. */
#include "field_text.h"

#include "addr.h"
#include "usable.h"
#include "value_text.h"

#include <inttypes.h>
#include <string.h>

enum field_kind { DECIMAL, HEX, PORT, MAC, IPV4, IPV6 };

static const struct field_row {
	const char *name, *alias;
	enum field_kind kind;
	uint32_t usable;
} rows[OXM_N_FIELDS] = {
    [OXM_IN_PORT] = {"in_port", "in_port_oxm", PORT, USABLE_ANY},
    [OXM_IN_PHY_PORT] = {"in_phy_port", NULL, PORT, USABLE_OF12_UP},
    [OXM_METADATA] = {"metadata", NULL, HEX, USABLE_NXM_OF11},
    [OXM_ETH_DST] = {"eth_dst", "dl_dst", MAC, USABLE_ANY},
    [OXM_ETH_SRC] = {"eth_src", "dl_src", MAC, USABLE_ANY},
    [OXM_ETH_TYPE] = {"eth_type", "dl_type", HEX, USABLE_OF12_UP},
    [OXM_VLAN_VID] = {"vlan_vid", NULL, DECIMAL, USABLE_ANY},
    [OXM_VLAN_PCP] = {"vlan_pcp", NULL, DECIMAL, USABLE_ANY},
    [OXM_IP_DSCP] = {"ip_dscp", NULL, DECIMAL, USABLE_ANY},
    [OXM_IP_ECN] = {"nw_ecn", "ip_ecn", DECIMAL, USABLE_NXM_OF11},
    [OXM_IP_PROTO] = {"ip_proto", "nw_proto", DECIMAL, USABLE_OF12_UP},
    [OXM_IPV4_SRC] = {"ip_src", "nw_src", IPV4, USABLE_ANY},
    [OXM_IPV4_DST] = {"ip_dst", "nw_dst", IPV4, USABLE_ANY},
    [OXM_TCP_SRC] = {"tcp_src", "tp_src", DECIMAL, USABLE_ANY},
    [OXM_TCP_DST] = {"tcp_dst", "tp_dst", DECIMAL, USABLE_ANY},
    [OXM_UDP_SRC] = {"udp_src", NULL, DECIMAL, USABLE_ANY},
    [OXM_UDP_DST] = {"udp_dst", NULL, DECIMAL, USABLE_ANY},
    [OXM_SCTP_SRC] = {"sctp_src", NULL, DECIMAL, USABLE_NXM_OF11},
    [OXM_SCTP_DST] = {"sctp_dst", NULL, DECIMAL, USABLE_NXM_OF11},
    [OXM_ICMPV4_TYPE] = {"icmp_type", NULL, DECIMAL, USABLE_ANY},
    [OXM_ICMPV4_CODE] = {"icmp_code", NULL, DECIMAL, USABLE_ANY},
    [OXM_ARP_OP] = {"arp_op", NULL, DECIMAL, USABLE_ANY},
    [OXM_ARP_SPA] = {"arp_spa", NULL, IPV4, USABLE_ANY},
    [OXM_ARP_TPA] = {"arp_tpa", NULL, IPV4, USABLE_ANY},
    [OXM_ARP_SHA] = {"arp_sha", NULL, MAC, USABLE_NXM_OXM},
    [OXM_ARP_THA] = {"arp_tha", NULL, MAC, USABLE_NXM_OXM},
    [OXM_IPV6_SRC] = {"ipv6_src", NULL, IPV6, USABLE_NXM_OXM},
    [OXM_IPV6_DST] = {"ipv6_dst", NULL, IPV6, USABLE_NXM_OXM},
    [OXM_IPV6_FLABEL] = {"ipv6_label", NULL, HEX, USABLE_NXM_OXM},
    [OXM_ICMPV6_TYPE] = {"icmpv6_type", NULL, DECIMAL, USABLE_NXM_OXM},
    [OXM_ICMPV6_CODE] = {"icmpv6_code", NULL, DECIMAL, USABLE_NXM_OXM},
    [OXM_IPV6_ND_TARGET] = {"nd_target", NULL, IPV6, USABLE_NXM_OXM},
    [OXM_IPV6_ND_SLL] = {"nd_sll", NULL, MAC, USABLE_NXM_OXM},
    [OXM_IPV6_ND_TLL] = {"nd_tll", NULL, MAC, USABLE_NXM_OXM},
    [OXM_MPLS_LABEL] = {"mpls_label", NULL, DECIMAL, USABLE_NXM_OF11},
    [OXM_MPLS_TC] = {"mpls_tc", NULL, DECIMAL, USABLE_NXM_OF11},
    [OXM_MPLS_BOS] = {"mpls_bos", NULL, DECIMAL, USABLE_OF12_UP},
    [OXM_PBB_ISID] = {"pbb_isid", NULL, HEX, USABLE_OF12_UP},
    [OXM_TUNNEL_ID] = {"tun_id", "tunnel_id", HEX, USABLE_NXM_OXM},
    [OXM_IPV6_EXTHDR] = {"ipv6_exthdr", NULL, HEX, USABLE_OF12_UP},
};

bool
field_by_name(const char *name, enum oxm_field *field)
{
	for (unsigned i = 0; i < OXM_N_FIELDS; i++)
		if (!strcmp(name, rows[i].name) || (rows[i].alias && !strcmp(name, rows[i].alias))) {
			*field = (enum oxm_field)i;
			return true;
		}
	return false;
}

const char *
field_set_name(enum oxm_field field)
{
	return rows[field].name;
}

uint32_t
field_set_usable(enum oxm_field field)
{
	return rows[field].usable;
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

static bool
number_field_parse(const struct oxm_info *info, const char *name, const char *text, uint8_t value[16], uint8_t mask[16],
                   struct sbuf *err)
{
	const struct value_spec spec = {name, info->bytes * 8u, info->bytes};
	uint64_t v, m;

	if (!number_masked_parse(text, &spec, &v, &m, err))
		return false;
	if (info->bits < 64 && v >> info->bits) {
		sbuf_printf(err, "%s is not a valid value for field %s", text, name);
		return false;
	}
	if (info->bits < 64)
		m &= (UINT64_C(1) << info->bits) - 1;
	put_be(value, info->bytes, v);
	put_be(mask, info->bytes, m);
	return true;
}

static bool
port_field_parse(const char *name, const char *text, const struct port_names *names, uint8_t value[16],
                 uint8_t mask[16], struct sbuf *err)
{
	uint32_t port;

	if (!port_parse(text, names, &port)) {
		sbuf_printf(err, "%s: invalid or unknown port for %s", text, name);
		return false;
	}
	put_be(value, 4, port);
	memset(mask, 0xff, 4);
	return true;
}

bool
field_value_parse(enum oxm_field field, const char *name, const char *text, const struct port_names *names,
                  uint8_t value[16], uint8_t mask[16], struct sbuf *err)
{
	const struct oxm_info *info = oxm_info(field);

	memset(value, 0, 16);
	memset(mask, 0, 16);
	switch (rows[field].kind) {
	case MAC:
		return mac_masked_parse(text, value, mask, err);
	case IPV4:
		return ipv4_masked_parse(text, value, mask, err);
	case IPV6:
		return ipv6_masked_parse(text, value, mask, err);
	case PORT:
		return port_field_parse(name, text, names, value, mask, err);
	case DECIMAL:
	case HEX:
		break;
	}
	return number_field_parse(info, name, text, value, mask, err);
}

void
field_value_format(struct sbuf *b, enum oxm_field field, const uint8_t *v, const struct port_names *names)
{
	const size_t n = oxm_info(field)->bytes;
	char text[IPV6_STR_LEN];

	switch (rows[field].kind) {
	case MAC:
		sbuf_puts(b, mac_format(v, text));
		break;
	case IPV4:
		sbuf_puts(b, ipv4_format(v, text));
		break;
	case IPV6:
		sbuf_puts(b, ipv6_format(v, text));
		break;
	case PORT:
		port_format(b, (uint32_t)get_be(v, 4), names);
		break;
	case HEX:
		sbuf_printf(b, "%#" PRIx64, get_be(v, n));
		break;
	case DECIMAL:
		sbuf_put_u64(b, get_be(v, n));
		break;
	}
}
