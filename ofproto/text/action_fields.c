/* SPDX-License-Identifier: ISC */
/* The actions that set a field: set_field itself, load of whole fields, and the older mod_ and set_ words for one field each. */
#include "action_fields.h"

#include "addr.h"
#include "field_text.h"

#include <string.h>
#include <strings.h>

static void
add_number_field(struct action_ctx *c, enum oxm_field field, uint64_t v)
{
	const size_t n = oxm_info(field)->bytes;
	uint8_t value[16] = {0};

	if (field == OXM_VLAN_VID)
		v |= OFPVID_PRESENT;
	for (size_t i = n; i-- > 0; v >>= 8)
		value[i] = (uint8_t)v;
	act_buf_set_field(c->acts, field, value);
}

bool
parse_mod_mac(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint8_t mac[16] = {0};

	if (!mac_parse(arg, mac)) {
		sbuf_printf(c->p->err, "invalid mac address %s", arg);
		return false;
	}
	act_buf_set_field(c->acts, (enum oxm_field)row->type, mac);
	return true;
}

bool
parse_mod_ipv4(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint8_t addr[16] = {0};

	if (!ipv4_parse(arg, addr))
		return action_refuse(c, arg, "could not convert to IP address");
	action_inconsistent(c, c->frame.opaque || c->frame.dl_type == 0x0800, "needs ip in the match");
	act_buf_set_field(c->acts, (enum oxm_field)row->type, addr);
	return true;
}

bool
parse_mod_tos(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	(void)row;
	if (!parse_named_arg(c->p, arg, "TOS", 0xff, &v))
		return false;
	if (v & 3)
		return action_refuse(c, arg, "not a valid TOS");
	action_inconsistent(c, frame_is_ip(&c->frame), "needs ip or ipv6 in the match");
	add_number_field(c, OXM_IP_DSCP, v >> 2);
	return true;
}

bool
parse_mod_ecn(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	(void)row;
	if (!parse_named_arg(c->p, arg, "ECN", 0xff, &v))
		return false;
	if (v > 3)
		return action_refuse(c, arg, "not a valid ECN");
	action_inconsistent(c, frame_is_ip(&c->frame), "needs ip or ipv6 in the match");
	add_number_field(c, OXM_IP_ECN, v);
	return true;
}

/* mod_tp_src, mod_tp_dst: which transport, the match says. */
bool
parse_mod_tp(struct action_ctx *c, const struct action_row *row, char *arg)
{
	const enum oxm_field first = (enum oxm_field)row->type; /* of TCP; UDP and SCTP follow in steps of two */
	const struct frame_state *f = &c->frame;
	const unsigned step = f->nw_proto == 17 ? 2 : f->nw_proto == 132 ? 4 : 0;
	uint64_t v;

	if (!parse_named_arg(c->p, arg, row->what, 0xffff, &v))
		return false;
	if (f->opaque && !f->nw_proto) {
		sbuf_printf(c->p->err, "%s: which transport is not known here (set_field:%s->tcp_%s says it)",
		            row->name, arg, row->name + 7);
		return false;
	}
	action_inconsistent(c, frame_is_ip(f) && (f->nw_proto == 6 || f->nw_proto == 17 || f->nw_proto == 132),
	                    "needs tcp, udp or sctp in the match");
	add_number_field(c, (enum oxm_field)(first + step), v);
	return true;
}

/* mod_vlan_*: make a tag unless the frame has one already; set_vlan_* need one. */
bool
parse_vlan(struct action_ctx *c, const struct action_row *row, char *arg)
{
	const bool vid = row->type == OXM_VLAN_VID;
	uint64_t v;

	if (!parse_named_arg(c->p, arg, vid ? "VLAN VID" : "VLAN PCP", vid ? 0xffff : 0xff, &v))
		return false;
	if (v > row->max)
		return action_refuse(c, arg, vid ? "not a valid VLAN VID" : "not a valid VLAN PCP");
	if (row->name[0] == 's')
		action_inconsistent(c, c->frame.tagged, "needs a tag: dl_vlan in the match, or push_vlan before");
	else if (!c->frame.tagged && !action_ethertype(c, OFPAT_PUSH_VLAN, 0x8100))
		return false;
	c->frame.tagged = true;
	add_number_field(c, (enum oxm_field)row->type, v);
	return true;
}

bool
parse_mpls_label(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint32_t v;

	if (!*arg) {
		sbuf_puts(c->p->err, "set_mpls_label: expected label.");
		return false;
	}
	if (!parse_u32_arg(c->p, arg, &v))
		return false;
	if (v > row->max)
		return action_refuse(c, arg, "not a valid MPLS label");
	action_inconsistent(c, frame_is_mpls(&c->frame), "needs mpls in the match or push_mpls before");
	add_number_field(c, OXM_MPLS_LABEL, v);
	return true;
}

bool
parse_mpls_tc(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	if (!*arg) {
		sbuf_puts(c->p->err, "set_mpls_tc: expected tc.");
		return false;
	}
	if (!parse_named_arg(c->p, arg, "MPLS TC", 0xff, &v))
		return false;
	if (v > row->max)
		return action_refuse(c, arg, "not a valid MPLS TC");
	action_inconsistent(c, frame_is_mpls(&c->frame), "needs mpls in the match or push_mpls before");
	add_number_field(c, OXM_MPLS_TC, v);
	return true;
}

bool
parse_tunnel(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	(void)row;
	if (!parse_u64_arg(c->p, arg, &v))
		return false;
	add_number_field(c, OXM_TUNNEL_ID, v);
	return true;
}

/* A field with all that is said of it in the text: the value fits, the frame has it, 1.3 can write it whole. */
static bool
add_set_field(struct action_ctx *c, enum oxm_field field, const char *name, const char *text)
{
	uint8_t value[16], mask[16], exact[16];

	if (!oxm_info(field)->settable) {
		sbuf_printf(c->p->err, "%s is read-only", name);
		return false;
	}
	if (!field_value_parse(field, name, text, c->p->names, value, mask, c->p->err))
		return false;
	field_exact_mask(field, exact);
	if (memcmp(mask, exact, oxm_info(field)->bytes) != 0) {
		sbuf_printf(c->p->err, "%s: OpenFlow 1.3 writes whole fields only (no mask)", text);
		return false;
	}
	c->p->usable &= field_set_usable(field);
	if (!c->error && !c->set && !c->frame.opaque && !frame_has(&c->frame, field)) {
		c->error = OFPBAC_MATCH_INCONSISTENT;
		action_suspect(c, "the match does not say that frames have this field");
	}
	if (field == OXM_VLAN_VID)
		value[0] |= OFPVID_PRESENT >> 8;
	if (field == OXM_ETH_TYPE)
		c->frame.dl_type = get_be16(value);
	if (field == OXM_IP_PROTO)
		c->frame.nw_proto = value[0];
	act_buf_set_field(c->acts, field, value);
	return true;
}

bool
parse_set_field(struct action_ctx *c, const struct action_row *row, char *arg)
{
	char *arrow = strstr(arg, "->"), *name;
	enum oxm_field field;

	if (!arrow)
		return action_refuse(c, arg, "missing `->'");
	name = arrow + 2;
	if (!*name)
		return action_refuse(c, arg, "missing field name following `->'");
	*arrow = '\0';
	if (!strcmp(name, "nw_tos")) {
		uint64_t v;

		if (number_parse(arg, 0xff, &v) && !(v & 3))
			return parse_mod_tos(c, row, arg);
		sbuf_printf(c->p->err, "%s is not a valid value for field nw_tos", arg);
		return false;
	}
	if (!strcmp(name, "dl_vlan_pcp"))
		name = arrow + 5; /* vlan_pcp */
	if (!field_by_name(name, &field)) {
		sbuf_printf(c->p->err, "%s is not a valid OXM field name", name);
		return false;
	}
	return add_set_field(c, field, name, arg);
}

/* A field as load names it: NXM_OF_IP_SRC[], OXM_OF_METADATA[], ip_src[]. */
static bool
field_by_long_name(const char *name, enum oxm_field *field)
{
	static const struct {
		const char *name, *plain;
	} nicira[] = {
	    {"NXM_OF_ETH_DST", "eth_dst"},         {"NXM_OF_ETH_SRC", "eth_src"},
	    {"NXM_OF_IP_SRC", "ip_src"},           {"NXM_OF_IP_DST", "ip_dst"},
	    {"NXM_OF_TCP_SRC", "tcp_src"},         {"NXM_OF_TCP_DST", "tcp_dst"},
	    {"NXM_OF_UDP_SRC", "udp_src"},         {"NXM_OF_UDP_DST", "udp_dst"},
	    {"NXM_OF_ICMP_TYPE", "icmp_type"},     {"NXM_OF_ICMP_CODE", "icmp_code"},
	    {"NXM_OF_ARP_OP", "arp_op"},           {"NXM_OF_ARP_SPA", "arp_spa"},
	    {"NXM_OF_ARP_TPA", "arp_tpa"},         {"NXM_NX_ARP_SHA", "arp_sha"},
	    {"NXM_NX_ARP_THA", "arp_tha"},         {"NXM_NX_TUN_ID", "tun_id"},
	    {"NXM_NX_IPV6_SRC", "ipv6_src"},       {"NXM_NX_IPV6_DST", "ipv6_dst"},
	    {"NXM_NX_IPV6_LABEL", "ipv6_label"},   {"NXM_NX_IP_ECN", "nw_ecn"},
	    {"NXM_NX_ICMPV6_TYPE", "icmpv6_type"}, {"NXM_NX_ICMPV6_CODE", "icmpv6_code"},
	    {"NXM_NX_ND_TARGET", "nd_target"},     {"NXM_NX_ND_SLL", "nd_sll"},
	    {"NXM_NX_ND_TLL", "nd_tll"},
	};
	const char *bracket = strchr(name, '[');
	const size_t len = bracket ? (size_t)(bracket - name) : strlen(name);
	char plain[32];

	if ((bracket && strcmp(bracket, "[]") != 0) || len >= sizeof(plain))
		return false;
	memcpy(plain, name, len);
	plain[len] = '\0';
	for (size_t i = 0; i < sizeof(nicira) / sizeof(nicira[0]); i++)
		if (!strcasecmp(plain, nicira[i].name))
			return field_by_name(nicira[i].plain, field);
	if (!strncasecmp(plain, "OXM_OF_", 7)) {
		memmove(plain, plain + 7, strlen(plain + 7) + 1);
		for (char *s = plain; *s; s++)
			*s = (char)(*s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a' : *s);
	}
	return field_by_name(plain, field);
}

/* load:NUMBER->FIELD[]: what OpenFlow 1.3 has of it is set_field. */
bool
parse_load(struct action_ctx *c, const struct action_row *row, char *arg)
{
	char *arrow = strstr(arg, "->");
	enum oxm_field field;
	uint64_t v;

	(void)row;
	if (!arrow)
		return action_refuse(c, arg, "missing `->'");
	*arrow = '\0';
	if (!number_parse(arg, UINT64_MAX, &v)) {
		*arrow = '-';
		return action_refuse(c, arg, "cannot parse integer value");
	}
	if (!field_by_long_name(arrow + 2, &field))
		return action_refuse(c, arrow + 2,
		                     "OpenFlow 1.3 writes whole fields only, with the names of set_field");
	if (!oxm_info(field)->settable) {
		sbuf_printf(c->p->err, "%s is read-only", arrow + 2);
		return false;
	}
	if (oxm_info(field)->bits < 64 && v >> oxm_info(field)->bits) {
		sbuf_printf(c->p->err, "%s: value does not fit into %u bits", arg, oxm_info(field)->bits);
		return false;
	}
	c->p->usable &= field_set_usable(field);
	if (!c->error && !c->set && !c->frame.opaque && !frame_has(&c->frame, field))
		c->error = OFPBAC_MATCH_INCONSISTENT;
	add_number_field(c, field, v);
	return true;
}
