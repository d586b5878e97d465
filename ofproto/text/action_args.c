/* SPDX-License-Identifier: ISC */
/* The actions, one row each: its name, how its argument reads, and what is made of it. */
#include "action_ctx.h"

#include "addr.h"
#include "field_text.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FOREIGN_TEXT "not available in OpenFlow 1.3 (an Open vSwitch extension)"

static bool
refuse(struct action_ctx *c, const char *arg, const char *why)
{
	sbuf_printf(c->p->err, "%s: %s", arg, why);
	return false;
}

static bool
parse_foreign(struct action_ctx *c, const struct action_row *row, char *arg)
{
	(void)arg;
	return refuse(c, row->name, FOREIGN_TEXT);
}

/* copy_ttl_out, pop_pbb, ...: an argument is ignored, as ever. */
static bool
parse_bare(struct action_ctx *c, const struct action_row *row, char *arg)
{
	(void)arg;
	if (row->type == OFPAT_POP_PBB)
		c->frame.opaque = true;
	return action_add(c, row->type) != NULL;
}

static bool
parse_pop_vlan(struct action_ctx *c, const struct action_row *row, char *arg)
{
	(void)arg;
	action_inconsistent(c, c->frame.tagged, "pop_vlan needs a tag: dl_vlan or push_vlan before");
	c->frame.tagged = false;
	return action_add(c, row->type) != NULL;
}

static bool
parse_dec_ttl(struct action_ctx *c, const struct action_row *row, char *arg)
{
	if (*arg)
		return refuse(c, "dec_ttl(ids)", FOREIGN_TEXT);
	action_inconsistent(c, frame_is_ip(&c->frame), "dec_ttl needs ip or ipv6 in the match");
	return action_add(c, row->type) != NULL;
}

static bool
parse_dec_mpls_ttl(struct action_ctx *c, const struct action_row *row, char *arg)
{
	(void)arg;
	action_inconsistent(c, frame_is_mpls(&c->frame), "dec_mpls_ttl needs mpls in the match or push_mpls before");
	return action_add(c, row->type) != NULL;
}

/* group, set_queue: a 32-bit number. */
static bool
parse_id(struct action_ctx *c, const struct action_row *row, char *arg)
{
	struct ofp_act *a;
	uint32_t v;

	if (!parse_u32_arg(c->p, arg, &v))
		return false;
	if (row->type == OFPAT_GROUP && v > OFPG_MAX && !c->error)
		c->error = OFPBAC_BAD_OUT_GROUP;
	a = action_add(c, row->type);
	if (a)
		a->id = v;
	return a != NULL;
}

static bool
add_ttl(struct action_ctx *c, const struct action_row *row, const char *arg)
{
	struct ofp_act *a;
	uint64_t v;

	if (!parse_named_arg(c->p, arg, row->what, 255, &v))
		return false;
	a = action_add(c, row->type);
	if (a)
		a->ttl = (uint8_t)v;
	return a != NULL;
}

static bool
parse_nw_ttl(struct action_ctx *c, const struct action_row *row, char *arg)
{
	if (!add_ttl(c, row, arg))
		return false;
	action_inconsistent(c, frame_is_ip(&c->frame), "needs ip or ipv6 in the match");
	return true;
}

static bool
parse_mpls_ttl(struct action_ctx *c, const struct action_row *row, char *arg)
{
	if (!*arg) {
		sbuf_puts(c->p->err, "set_mpls_ttl: expected ttl.");
		return false;
	}
	if (!add_ttl(c, row, arg))
		return false;
	action_inconsistent(c, frame_is_mpls(&c->frame), "needs mpls in the match or push_mpls before");
	return true;
}

static bool
add_ethertype(struct action_ctx *c, uint32_t type, uint64_t v)
{
	struct ofp_act *a = action_add(c, type);

	if (a)
		a->ethertype = (uint16_t)v;
	return a != NULL;
}

static bool
parse_push_vlan(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	c->p->usable &= USABLE_OF11_UP;
	if (!parse_named_arg(c->p, arg, "ethertype", 0xffff, &v))
		return false;
	if (v != 0x8100 && v != 0x88a8)
		return refuse(c, arg, "not a valid VLAN ethertype");
	c->frame.tagged = true;
	return add_ethertype(c, row->type, v);
}

static bool
parse_push_mpls(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	if (!parse_named_arg(c->p, arg, row->name, 0xffff, &v))
		return false;
	if (v != 0x8847 && v != 0x8848)
		return refuse(c, arg, "not a valid MPLS ethertype");
	c->frame.dl_type = (uint16_t)v;
	c->frame.nw_proto = 0;
	return add_ethertype(c, row->type, v);
}

static bool
parse_pop_mpls(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	if (!parse_named_arg(c->p, arg, row->name, 0xffff, &v))
		return false;
	action_inconsistent(c, frame_is_mpls(&c->frame), "pop_mpls needs mpls in the match or push_mpls before");
	c->frame.dl_type = (uint16_t)v;
	return add_ethertype(c, row->type, v);
}

static bool
parse_push_pbb(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v = 0x88e7;

	c->p->usable &= USABLE_OF13_UP;
	if (*arg && !parse_named_arg(c->p, arg, row->name, 0xffff, &v))
		return false;
	if (v != 0x88e7)
		return refuse(c, arg, "not a valid PBB ethertype");
	c->frame.dl_type = (uint16_t)v;
	c->frame.nw_proto = 0;
	return add_ethertype(c, row->type, v);
}

static bool
parse_output(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint32_t port;

	if (strstr(arg, "max_len="))
		return refuse(c, "output(port=,max_len=)", FOREIGN_TEXT);
	if (!port_parse(arg, c->p->names, &port)) {
		(void)row;
		return refuse(c, arg, "output to unknown port");
	}
	action_output(c, port);
	return true;
}

/* controller, controller:128, controller(max_len=128) */
static bool
parse_controller(struct action_ctx *c, const struct action_row *row, char *arg)
{
	static const char *const foreign[] = {"reason", "id", "userdata", "pause", "meter_id"};
	uint64_t max_len = OFPCML_NO_BUFFER;
	struct token t;
	char *rest = arg;

	(void)row;
	if (*arg >= '0' && *arg <= '9') {
		if (!parse_named_arg(c->p, arg, "max_len", 0xffff, &max_len))
			return false;
	} else {
		while (token_next(&rest, &t)) {
			if (!strcmp(t.key, "max_len")) {
				if (!parse_named_arg(c->p, t.value, "max_len", 0xffff, &max_len))
					return false;
				continue;
			}
			for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
				if (!strcmp(t.key, foreign[i])) {
					sbuf_printf(c->p->err, "controller(%s): " FOREIGN_TEXT, t.key);
					return false;
				}
			sbuf_printf(c->p->err, "unknown key \"%s\" parsing controller action", t.key);
			return false;
		}
	}
	act_buf_output(c->acts, OFPP_CONTROLLER, (uint16_t)max_len);
	return true;
}

/* ---- setting fields ---- */

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

static bool
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

static bool
parse_mod_ipv4(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint8_t addr[16] = {0};

	if (!ipv4_parse(arg, addr))
		return refuse(c, arg, "could not convert to IP address");
	action_inconsistent(c, c->frame.opaque || c->frame.dl_type == 0x0800, "needs ip in the match");
	act_buf_set_field(c->acts, (enum oxm_field)row->type, addr);
	return true;
}

static bool
parse_mod_tos(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	(void)row;
	if (!parse_named_arg(c->p, arg, "TOS", 0xff, &v))
		return false;
	if (v & 3)
		return refuse(c, arg, "not a valid TOS");
	action_inconsistent(c, frame_is_ip(&c->frame), "needs ip or ipv6 in the match");
	add_number_field(c, OXM_IP_DSCP, v >> 2);
	return true;
}

static bool
parse_mod_ecn(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	(void)row;
	if (!parse_named_arg(c->p, arg, "ECN", 0xff, &v))
		return false;
	if (v > 3)
		return refuse(c, arg, "not a valid ECN");
	action_inconsistent(c, frame_is_ip(&c->frame), "needs ip or ipv6 in the match");
	add_number_field(c, OXM_IP_ECN, v);
	return true;
}

/* mod_tp_src, mod_tp_dst: which transport, the match says. */
static bool
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
static bool
parse_vlan(struct action_ctx *c, const struct action_row *row, char *arg)
{
	const bool vid = row->type == OXM_VLAN_VID;
	uint64_t v;

	if (!parse_named_arg(c->p, arg, vid ? "VLAN VID" : "VLAN PCP", vid ? 0xffff : 0xff, &v))
		return false;
	if (v > row->max)
		return refuse(c, arg, vid ? "not a valid VLAN VID" : "not a valid VLAN PCP");
	if (row->name[0] == 's')
		action_inconsistent(c, c->frame.tagged, "needs a tag: dl_vlan in the match, or push_vlan before");
	else if (!c->frame.tagged && !add_ethertype(c, OFPAT_PUSH_VLAN, 0x8100))
		return false;
	c->frame.tagged = true;
	add_number_field(c, (enum oxm_field)row->type, v);
	return true;
}

static bool
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
		return refuse(c, arg, "not a valid MPLS label");
	action_inconsistent(c, frame_is_mpls(&c->frame), "needs mpls in the match or push_mpls before");
	add_number_field(c, OXM_MPLS_LABEL, v);
	return true;
}

static bool
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
		return refuse(c, arg, "not a valid MPLS TC");
	action_inconsistent(c, frame_is_mpls(&c->frame), "needs mpls in the match or push_mpls before");
	add_number_field(c, OXM_MPLS_TC, v);
	return true;
}

static bool
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

static bool
parse_set_field(struct action_ctx *c, const struct action_row *row, char *arg)
{
	char *arrow = strstr(arg, "->"), *name;
	enum oxm_field field;

	if (!arrow)
		return refuse(c, arg, "missing `->'");
	name = arrow + 2;
	if (!*name)
		return refuse(c, arg, "missing field name following `->'");
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
static bool
parse_load(struct action_ctx *c, const struct action_row *row, char *arg)
{
	char *arrow = strstr(arg, "->");
	enum oxm_field field;
	uint64_t v;

	(void)row;
	if (!arrow)
		return refuse(c, arg, "missing `->'");
	*arrow = '\0';
	if (!number_parse(arg, UINT64_MAX, &v)) {
		*arrow = '-';
		return refuse(c, arg, "cannot parse integer value");
	}
	if (!field_by_long_name(arrow + 2, &field))
		return refuse(c, arrow + 2, "OpenFlow 1.3 writes whole fields only, with the names of set_field");
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

#define FOREIGN(name)                                                                                                  \
	{                                                                                                              \
		name, parse_foreign, 0, 0, NULL                                                                        \
	}
const struct action_row action_rows[] = {
    {"output", parse_output, OFPAT_OUTPUT, 0, NULL},
    {"controller", parse_controller, OFPAT_OUTPUT, 0, NULL},
    {"group", parse_id, OFPAT_GROUP, 0, NULL},
    {"set_queue", parse_id, OFPAT_SET_QUEUE, 0, NULL},
    {"push_vlan", parse_push_vlan, OFPAT_PUSH_VLAN, 0, NULL},
    {"pop_vlan", parse_pop_vlan, OFPAT_POP_VLAN, 0, NULL},
    {"strip_vlan", parse_pop_vlan, OFPAT_POP_VLAN, 0, NULL},
    {"push_mpls", parse_push_mpls, OFPAT_PUSH_MPLS, 0, NULL},
    {"pop_mpls", parse_pop_mpls, OFPAT_POP_MPLS, 0, NULL},
    {"push_pbb", parse_push_pbb, OFPAT_PUSH_PBB, 0, NULL},
    {"pop_pbb", parse_bare, OFPAT_POP_PBB, 0, NULL},
    {"copy_ttl_out", parse_bare, OFPAT_COPY_TTL_OUT, 0, NULL},
    {"copy_ttl_in", parse_bare, OFPAT_COPY_TTL_IN, 0, NULL},
    {"set_mpls_ttl", parse_mpls_ttl, OFPAT_SET_MPLS_TTL, 0, "MPLS TTL"},
    {"dec_mpls_ttl", parse_dec_mpls_ttl, OFPAT_DEC_MPLS_TTL, 0, NULL},
    {"mod_nw_ttl", parse_nw_ttl, OFPAT_SET_NW_TTL, 0, "TTL"},
    {"set_nw_ttl", parse_nw_ttl, OFPAT_SET_NW_TTL, 0, "TTL"},
    {"dec_ttl", parse_dec_ttl, OFPAT_DEC_NW_TTL, 0, NULL},
    {"set_field", parse_set_field, OFPAT_SET_FIELD, 0, NULL},
    {"load", parse_load, OFPAT_SET_FIELD, 0, NULL},
    {"mod_dl_src", parse_mod_mac, OXM_ETH_SRC, 0, NULL},
    {"mod_dl_dst", parse_mod_mac, OXM_ETH_DST, 0, NULL},
    {"mod_nw_src", parse_mod_ipv4, OXM_IPV4_SRC, 0, NULL},
    {"mod_nw_dst", parse_mod_ipv4, OXM_IPV4_DST, 0, NULL},
    {"mod_nw_tos", parse_mod_tos, OXM_IP_DSCP, 0, NULL},
    {"mod_nw_ecn", parse_mod_ecn, OXM_IP_ECN, 0, NULL},
    {"mod_tp_src", parse_mod_tp, OXM_TCP_SRC, 0, "source port"},
    {"mod_tp_dst", parse_mod_tp, OXM_TCP_DST, 0, "destination port"},
    {"mod_vlan_vid", parse_vlan, OXM_VLAN_VID, 4095, NULL},
    {"mod_vlan_pcp", parse_vlan, OXM_VLAN_PCP, 7, NULL},
    {"set_vlan_vid", parse_vlan, OXM_VLAN_VID, 4095, NULL},
    {"set_vlan_pcp", parse_vlan, OXM_VLAN_PCP, 7, NULL},
    {"set_mpls_label", parse_mpls_label, OXM_MPLS_LABEL, 0xfffff, NULL},
    {"set_mpls_tc", parse_mpls_tc, OXM_MPLS_TC, 7, NULL},
    {"set_tunnel", parse_tunnel, OXM_TUNNEL_ID, 0, NULL},
    {"set_tunnel64", parse_tunnel, OXM_TUNNEL_ID, 0, NULL},
    FOREIGN("enqueue"),
    FOREIGN("resubmit"),
    FOREIGN("learn"),
    FOREIGN("move"),
    FOREIGN("push"),
    FOREIGN("pop"),
    FOREIGN("exit"),
    FOREIGN("ct"),
    FOREIGN("ct_clear"),
    FOREIGN("nat"),
    FOREIGN("multipath"),
    FOREIGN("bundle"),
    FOREIGN("bundle_load"),
    FOREIGN("output_reg"),
    FOREIGN("note"),
    FOREIGN("sample"),
    FOREIGN("conjunction"),
    FOREIGN("clone"),
    FOREIGN("encap"),
    FOREIGN("decap"),
    FOREIGN("dec_nsh_ttl"),
    FOREIGN("check_pkt_larger"),
    FOREIGN("delete_field"),
    FOREIGN("fin_timeout"),
    FOREIGN("pop_queue"),
};
const size_t n_action_rows = sizeof(action_rows) / sizeof(action_rows[0]);

const char *
action_row_word(size_t n)
{
	/* Those that are only refused come last. */
	return n < n_action_rows && action_rows[n].parse != parse_foreign ? action_rows[n].name : NULL;
}
