/* SPDX-License-Identifier: ISC */
/* Reads matches: protocol words, fields under all their names, and the words of the past (dl_vlan, vlan_tci, nw_tos). */
#include "match_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	int eth_type, ip_proto;
} protocols[] = {
    {"ip", 0x0800, -1},    {"ipv4", 0x0800, -1},   {"ip4", 0x0800, -1},   {"ipv6", 0x86dd, -1},   {"ip6", 0x86dd, -1},
    {"arp", 0x0806, -1},   {"rarp", 0x8035, -1},   {"mpls", 0x8847, -1},  {"mplsm", 0x8848, -1},  {"icmp", 0x0800, 1},
    {"icmp4", 0x0800, 1},  {"tcp", 0x0800, 6},     {"tcp4", 0x0800, 6},   {"udp", 0x0800, 17},    {"udp4", 0x0800, 17},
    {"sctp", 0x0800, 132}, {"sctp4", 0x0800, 132}, {"icmp6", 0x86dd, 58}, {"icmpv6", 0x86dd, 58}, {"tcp6", 0x86dd, 6},
    {"udp6", 0x86dd, 17},  {"sctp6", 0x86dd, 132}, {"eth", -1, -1},
};
#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

void
match_parser_init(struct match_parser *p, const struct port_names *names)
{
	match_init(&p->match);
	p->eth_type = p->ip_proto = -1;
	p->names = names;
}

static int
protocol_row(const char *key)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (!strcasecmp(key, protocols[i].name))
			return (int)i;
	return -1;
}

bool
match_parser_is_protocol(const char *key)
{
	return protocol_row(key) >= 0;
}

static void
set_eth_type(struct match_parser *p, int eth_type)
{
	const uint8_t v[2] = {(uint8_t)(eth_type >> 8), (uint8_t)eth_type};

	p->eth_type = eth_type;
	match_set(&p->match, OXM_ETH_TYPE, v, NULL);
}

static void
set_ip_proto(struct match_parser *p, int ip_proto)
{
	const uint8_t v = (uint8_t)ip_proto;

	p->ip_proto = ip_proto;
	match_set(&p->match, OXM_IP_PROTO, &v, NULL);
}

bool
match_parser_protocol(struct match_parser *p, const struct token *t, struct sbuf *err)
{
	const int row = protocol_row(t->key);
	uint64_t v;

	if (row >= 0) {
		if (t->has_value) {
			sbuf_printf(err, "%s: takes no value", t->key);
			return false;
		}
		if (protocols[row].eth_type >= 0)
			set_eth_type(p, protocols[row].eth_type);
		if (protocols[row].ip_proto >= 0)
			set_ip_proto(p, protocols[row].ip_proto);
	} else if (!strcasecmp(t->key, "dl_type") || !strcasecmp(t->key, "eth_type")) {
		if (!number_parse(t->value, 0xffff, &v)) {
			sbuf_printf(err, "%s: \"%s\" is not an Ethernet type (0 to 0xffff, without mask)", t->key,
			            t->value);
			return false;
		}
		set_eth_type(p, (int)v);
	} else if (!strcasecmp(t->key, "ip_proto") || (!strcasecmp(t->key, "nw_proto") && p->eth_type != 0x0806)) {
		if (!number_parse(t->value, 0xff, &v)) {
			sbuf_printf(err, "%s: \"%s\" is not a protocol number (0 to 255, without mask)", t->key,
			            t->value);
			return false;
		}
		p->ip_proto = (int)v; /* set in the match by the second round, which knows arp from ip */
	}
	return true;
}

/* dl_vlan=V: a tag with this VID, or 0xffff: no tag. */
static bool
parse_dl_vlan(struct match_parser *p, const char *value, struct sbuf *err)
{
	uint8_t b[2];
	uint64_t v;

	if (!number_parse(value, 0xffff, &v) || (v > 4095 && v != 0xffff)) {
		sbuf_printf(err, "dl_vlan: \"%s\" is not a VLAN (0 to 4095, or 0xffff for untagged)", value);
		return false;
	}
	put_be16(b, v == 0xffff ? OFPVID_NONE : (uint16_t)(v | OFPVID_PRESENT));
	match_set(&p->match, OXM_VLAN_VID, b, NULL);
	return true;
}

/* vlan_tci=V[/M]: VID, tag present and priority in one number, as in the header. */
static bool
parse_vlan_tci(struct match_parser *p, char *value, struct sbuf *err)
{
	char *slash = strchr(value, '/');
	uint64_t v, m = 0xffff;
	uint8_t vid[2], vid_mask[2], pcp;

	if (slash)
		*slash++ = '\0';
	if (!number_parse(value, 0xffff, &v) || (slash && !number_parse(slash, 0xffff, &m))) {
		sbuf_puts(err, "vlan_tci: not VALUE or VALUE/MASK of 16 bits");
		return false;
	}
	v &= m;
	if (v == 0 && m == 0xffff)
		m = 0x1fff; /* untagged */
	if ((m & 0xe000) != 0 && ((m & 0xe000) != 0xe000 || !(v & 0x1000))) {
		sbuf_puts(err, "vlan_tci: OpenFlow 1.3 matches the priority bits as a whole and only with a tag");
		return false;
	}
	put_be16(vid, (uint16_t)(v & 0x1fff));
	put_be16(vid_mask, (uint16_t)(m & 0x1fff));
	match_set(&p->match, OXM_VLAN_VID, vid, vid_mask);
	if (m & 0xe000) {
		pcp = (uint8_t)(v >> 13);
		match_set(&p->match, OXM_VLAN_PCP, &pcp, NULL);
	}
	return true;
}

/* nw_tos=T: the DSCP in the upper six bits of the old TOS byte. */
static bool
parse_nw_tos(struct match_parser *p, const char *value, struct sbuf *err)
{
	uint64_t v;
	uint8_t dscp;

	if (!number_parse(value, 0xff, &v)) {
		sbuf_printf(err, "nw_tos: \"%s\" is not 0 to 255", value);
		return false;
	}
	dscp = (uint8_t)(v >> 2);
	match_set(&p->match, OXM_IP_DSCP, &dscp, NULL);
	return true;
}

/* A field as the table has it. */
static bool
parse_plain(struct match_parser *p, const struct token *t, struct sbuf *err)
{
	static const uint8_t tag_present[2] = {OFPVID_PRESENT >> 8, 0};
	enum oxm_field field;
	uint8_t value[16], mask[16];
	const char *why;

	if (!field_by_name(t->key, p->eth_type, p->ip_proto, &field)) {
		why = field_refusal(t->key);
		sbuf_printf(err, "%s: %s", t->key, why ? why : "unknown keyword");
		return false;
	}
	if (!t->has_value) {
		sbuf_printf(err, "%s: needs a value", t->key);
		return false;
	}
	if (!field_value_parse(field, t->value, p->names, value, mask, err))
		return false;
	match_set(&p->match, field, value, mask);
	if (field == OXM_VLAN_PCP && !(p->match.mask.present & OXM_BIT(OXM_VLAN_VID)))
		match_set(&p->match, OXM_VLAN_VID, tag_present, tag_present);
	return true;
}

bool
match_parser_field(struct match_parser *p, const struct token *t, struct sbuf *err)
{
	if (match_parser_is_protocol(t->key) || !strcasecmp(t->key, "dl_type") || !strcasecmp(t->key, "eth_type"))
		return true; /* done in the first round */
	if (!strcasecmp(t->key, "dl_vlan"))
		return parse_dl_vlan(p, t->value, err);
	if (!strcasecmp(t->key, "vlan_tci"))
		return parse_vlan_tci(p, t->value, err);
	if (!strcasecmp(t->key, "nw_tos"))
		return parse_nw_tos(p, t->value, err);
	return parse_plain(p, t, err);
}

static const char *const prereq_text[] = {
    [OXM_PREREQ_NONE] = "nothing",
    [OXM_PREREQ_IN_PORT] = "in_port",
    [OXM_PREREQ_VLAN] = "dl_vlan or vlan_vid",
    [OXM_PREREQ_IP] = "ip or ipv6",
    [OXM_PREREQ_IPV4] = "ip",
    [OXM_PREREQ_IPV6] = "ipv6",
    [OXM_PREREQ_ARP] = "arp",
    [OXM_PREREQ_TCP] = "tcp or tcp6",
    [OXM_PREREQ_UDP] = "udp or udp6",
    [OXM_PREREQ_SCTP] = "sctp or sctp6",
    [OXM_PREREQ_ICMPV4] = "icmp",
    [OXM_PREREQ_ICMPV6] = "icmp6",
    [OXM_PREREQ_ND] = "icmp6,icmp_type=135 or 136,icmp_code=0",
    [OXM_PREREQ_ND_SOLICIT] = "icmp6,icmp_type=135,icmp_code=0",
    [OXM_PREREQ_ND_ADVERT] = "icmp6,icmp_type=136,icmp_code=0",
    [OXM_PREREQ_MPLS] = "mpls or mplsm",
    [OXM_PREREQ_PBB] = "dl_type=0x88e7",
};

bool
match_parser_finish(struct match_parser *p, struct sbuf *err)
{
	for (unsigned f = 0; f < OXM_N_FIELDS; f++) {
		const enum oxm_field field = (enum oxm_field)f;

		if (!(p->match.mask.present & OXM_BIT(f)) || oxm_prereq_ok(&p->match, field))
			continue;
		sbuf_printf(err, "%s: needs %s in the same match", oxm_info(field)->name,
		            prereq_text[oxm_info(field)->prereq]);
		return false;
	}
	return true;
}
