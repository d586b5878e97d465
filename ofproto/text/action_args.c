/* SPDX-License-Identifier: ISC */
/* The actions, one row each: its name, how its argument reads, and what is made of it.  Those that set fields: action_fields.c. */
#include "action_ctx.h"

#include "action_fields.h"
#include "token.h"

#include <string.h>

#define FOREIGN_TEXT "not available in OpenFlow 1.3 (an Open vSwitch extension)"

bool
action_refuse(struct action_ctx *c, const char *arg, const char *why)
{
	sbuf_printf(c->p->err, "%s: %s", arg, why);
	return false;
}

static bool
parse_foreign(struct action_ctx *c, const struct action_row *row, char *arg)
{
	(void)arg;
	return action_refuse(c, row->name, FOREIGN_TEXT);
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
		return action_refuse(c, "dec_ttl(ids)", FOREIGN_TEXT);
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

bool
action_ethertype(struct action_ctx *c, uint32_t type, uint64_t v)
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
		return action_refuse(c, arg, "not a valid VLAN ethertype");
	c->frame.tagged = true;
	return action_ethertype(c, row->type, v);
}

static bool
parse_push_mpls(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	if (!parse_named_arg(c->p, arg, row->name, 0xffff, &v))
		return false;
	if (v != 0x8847 && v != 0x8848)
		return action_refuse(c, arg, "not a valid MPLS ethertype");
	c->frame.dl_type = (uint16_t)v;
	c->frame.nw_proto = 0;
	return action_ethertype(c, row->type, v);
}

static bool
parse_pop_mpls(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v;

	if (!parse_named_arg(c->p, arg, row->name, 0xffff, &v))
		return false;
	action_inconsistent(c, frame_is_mpls(&c->frame), "pop_mpls needs mpls in the match or push_mpls before");
	c->frame.dl_type = (uint16_t)v;
	return action_ethertype(c, row->type, v);
}

static bool
parse_push_pbb(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t v = 0x88e7;

	c->p->usable &= USABLE_OF13_UP;
	if (*arg && !parse_named_arg(c->p, arg, row->name, 0xffff, &v))
		return false;
	if (v != 0x88e7)
		return action_refuse(c, arg, "not a valid PBB ethertype");
	c->frame.dl_type = (uint16_t)v;
	c->frame.nw_proto = 0;
	return action_ethertype(c, row->type, v);
}

static bool
parse_output(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint32_t port;

	if (strstr(arg, "max_len="))
		return action_refuse(c, "output(port=,max_len=)", FOREIGN_TEXT);
	if (!port_parse(arg, c->p->names, &port)) {
		(void)row;
		return action_refuse(c, arg, "output to unknown port");
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
