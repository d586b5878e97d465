/* SPDX-License-Identifier: ISC */
/* Reads actions and instructions.  Each action is one row: its name, how its argument reads, and what is made of it.
 *
 * After each action the list so far is checked against the flow's match, so that an error names the action at fault. */
#include "action_text.h"

#include "addr.h"
#include "field_text.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct action_ctx {
	struct act_buf *acts;
	struct match match; /* of the flow; what earlier pushes and pops did to the tag is in 'tagged' */
	bool tagged;
	bool is_set; /* write_actions: carried out in another order, so the switch checks it as a whole */
	const struct port_names *names;
	struct sbuf *err;
};

/* What a row's function gets: the argument, never NULL, and the row's own parameter. */
struct action_row {
	const char *name;
	bool (*parse)(struct action_ctx *, const struct action_row *, char *arg);
	uint32_t type; /* OFPAT_* or enum oxm_field */
	uint32_t max; /* of a number */
	const char *nick; /* what a set-field row calls its field, or NULL */
};

static bool
refuse(struct action_ctx *c, const char *action, const char *arg, const char *why)
{
	if (*arg)
		sbuf_printf(c->err, "%s:%s: %s", action, arg, why);
	else
		sbuf_printf(c->err, "%s: %s", action, why);
	return false;
}

static struct ofp_act *
add(struct action_ctx *c, uint32_t type)
{
	struct ofp_act *a = act_buf_add(c->acts, (uint16_t)type, 0);

	if (!a)
		sbuf_puts(c->err, "the list of actions is too long");
	return a;
}

/* pop_vlan, dec_ttl, ...: no argument. */
static bool
parse_bare(struct action_ctx *c, const struct action_row *row, char *arg)
{
	if (*arg)
		return refuse(c, row->name, arg, "takes no argument in OpenFlow 1.3");
	if (row->type == OFPAT_POP_VLAN)
		c->tagged = false;
	return add(c, row->type) != NULL;
}

/* group, set_queue: a 32-bit number. */
static bool
parse_id(struct action_ctx *c, const struct action_row *row, char *arg)
{
	struct ofp_act *a;
	uint64_t v;

	if (!number_parse(arg, row->max, &v))
		return refuse(c, row->name, arg, "not a number in range");
	a = add(c, row->type);
	if (a)
		a->id = (uint32_t)v;
	return a != NULL;
}

static bool
parse_ttl(struct action_ctx *c, const struct action_row *row, char *arg)
{
	struct ofp_act *a;
	uint64_t v;

	if (!number_parse(arg, 255, &v))
		return refuse(c, row->name, arg, "not a TTL of 0 to 255");
	a = add(c, row->type);
	if (a)
		a->ttl = (uint8_t)v;
	return a != NULL;
}

/* push_*, pop_mpls: an Ethernet type; which ones fit, 'ok' says. */
static bool
ethertype_fits(uint32_t type, uint64_t v)
{
	switch (type) {
	case OFPAT_PUSH_VLAN:
		return v == 0x8100 || v == 0x88a8;
	case OFPAT_PUSH_MPLS:
		return v == 0x8847 || v == 0x8848;
	case OFPAT_PUSH_PBB:
		return v == 0x88e7;
	default:
		return v <= 0xffff;
	}
}

static bool
parse_ethertype(struct action_ctx *c, const struct action_row *row, char *arg)
{
	struct ofp_act *a;
	uint64_t v = 0x88e7;

	if (!(row->type == OFPAT_PUSH_PBB && !*arg) && !number_parse(arg, 0xffff, &v))
		return refuse(c, row->name, arg, "needs an Ethernet type");
	if (!ethertype_fits(row->type, v))
		return refuse(c, row->name, arg, "not an Ethernet type that this action can use");
	if (row->type == OFPAT_PUSH_VLAN)
		c->tagged = true;
	a = add(c, row->type);
	if (a)
		a->ethertype = (uint16_t)v;
	return a != NULL;
}

static bool
parse_output(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint32_t port;

	if (!port_parse(arg, c->names, &port))
		return refuse(c, row->name, arg, "not a port number or name");
	act_buf_output(c->acts, port, port == OFPP_CONTROLLER ? OFPCML_NO_BUFFER : 0);
	return true;
}

/* controller, controller:128, controller(max_len=128) */
static bool
parse_controller(struct action_ctx *c, const struct action_row *row, char *arg)
{
	uint64_t max_len = OFPCML_NO_BUFFER;
	struct token t;
	char *rest = arg;

	if (*arg && !number_parse(arg, 0xffff, &max_len))
		while (token_next(&rest, &t)) {
			if (strcasecmp(t.key, "max_len"))
				return refuse(c, row->name, t.key,
				              "is an Open vSwitch extension, not available in OpenFlow 1.3");
			if (!number_parse(t.value, 0xffff, &max_len))
				return refuse(c, row->name, t.value, "max_len is 0 to 65535");
		}
	act_buf_output(c->acts, OFPP_CONTROLLER, (uint16_t)max_len);
	return true;
}

static bool
add_set_field(struct action_ctx *c, const char *action, enum oxm_field field, const char *text)
{
	uint8_t value[16], mask[16], exact[16];

	if (!oxm_info(field)->settable)
		return refuse(c, action, text, "the field cannot be written");
	if (!field_value_parse(field, text, c->names, value, mask, c->err))
		return false;
	field_exact_mask(field, exact);
	if (memcmp(mask, exact, oxm_info(field)->bytes) != 0)
		return refuse(c, action, text, "OpenFlow 1.3 cannot write parts of a field (no mask)");
	if (field == OXM_VLAN_VID)
		value[0] |= OFPVID_PRESENT >> 8;
	act_buf_set_field(c->acts, field, value);
	return true;
}

/* mod_nw_src:A and its like: row->type is the field. */
static bool
parse_mod(struct action_ctx *c, const struct action_row *row, char *arg)
{
	return add_set_field(c, row->name, (enum oxm_field)row->type, arg);
}

/* mod_vlan_vid, mod_vlan_pcp: make a tag unless the frame has one already. */
static bool
parse_mod_vlan(struct action_ctx *c, const struct action_row *row, char *arg)
{
	struct ofp_act *a;
	uint64_t v;

	if (!number_parse(arg, row->max, &v))
		return refuse(c, row->name, arg, "out of range");
	if (!c->tagged && !strncasecmp(row->name, "mod_", 4)) {
		a = add(c, OFPAT_PUSH_VLAN);
		if (!a)
			return false;
		a->ethertype = 0x8100;
		c->tagged = true;
	}
	return add_set_field(c, row->name, (enum oxm_field)row->type, arg);
}

static bool
parse_mod_tos(struct action_ctx *c, const struct action_row *row, char *arg)
{
	char dscp[8] = "";
	uint64_t v;

	if (!number_parse(arg, 0xff, &v) || (v & 3))
		return refuse(c, row->name, arg, "not a multiple of 4 from 0 to 252");
	dscp[0] = (char)('0' + (v >> 2) / 10);
	dscp[1] = (char)('0' + (v >> 2) % 10);
	return add_set_field(c, row->name, OXM_IP_DSCP, dscp[0] == '0' ? dscp + 1 : dscp);
}

static int
known_eth_type(const struct match *m)
{
	return match_is_exact(m, OXM_ETH_TYPE) ? be16_to_host(m->key.eth_type) : -1;
}

static int
known_ip_proto(const struct match *m)
{
	return match_is_exact(m, OXM_IP_PROTO) ? m->key.ip_proto : -1;
}

/* mod_tp_src, mod_tp_dst: which transport, the match says. */
static bool
parse_mod_tp(struct action_ctx *c, const struct action_row *row, char *arg)
{
	enum oxm_field field;

	if (!field_by_name(row->nick, -1, known_ip_proto(&c->match), &field))
		return refuse(c, row->name, arg, "needs a match on tcp, udp or sctp");
	return add_set_field(c, row->name, field, arg);
}

/* Strips what Open vSwitch writes around field names: NXM_OF_IP_SRC[] and ip_src[]. */
static bool
field_by_long_name(struct action_ctx *c, const char *name, enum oxm_field *field)
{
	static const char *const prefixes[] = {"NXM_OF_", "NXM_NX_", "OXM_OF_", ""};
	char text[64];
	char *bracket;

	if (strlen(name) >= sizeof(text))
		return false;
	strcpy(text, name);
	bracket = strchr(text, '[');
	if (bracket) {
		if (strcmp(bracket, "[]") != 0)
			return false;
		*bracket = '\0';
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const size_t len = strlen(prefixes[i]);

		if (!strncasecmp(text, prefixes[i], len))
			return field_by_name(text + len, known_eth_type(&c->match), known_ip_proto(&c->match), field);
	}
	return false;
}

/* set_field:VALUE->FIELD and load:VALUE->FIELD[] */
static bool
parse_set_field(struct action_ctx *c, const struct action_row *row, char *arg)
{
	char *arrow = strstr(arg, "->");
	const struct action_row tos = {.name = row->name};
	const char *why;
	enum oxm_field field;

	if (!arrow)
		return refuse(c, row->name, arg, "needs VALUE->FIELD");
	*arrow = '\0';
	arrow += 2;
	if (!strcasecmp(arrow, "nw_tos"))
		return parse_mod_tos(c, &tos, arg);
	if (!field_by_long_name(c, arrow, &field)) {
		why = field_refusal(arrow);
		return refuse(c, row->name, arrow, why ? why : "not a field, or not a whole one");
	}
	return add_set_field(c, row->name, field, arg);
}

static bool
parse_foreign(struct action_ctx *c, const struct action_row *row, char *arg)
{
	(void)arg;
	return refuse(c, row->name, "", "is an Open vSwitch extension, not available in OpenFlow 1.3");
}

#define FOREIGN(name)                                                                                                  \
	{                                                                                                              \
		name, parse_foreign, 0, 0, NULL                                                                        \
	}
static const struct action_row action_rows[] = {
    {"output", parse_output, OFPAT_OUTPUT, 0, NULL},
    {"controller", parse_controller, OFPAT_OUTPUT, 0, NULL},
    {"group", parse_id, OFPAT_GROUP, UINT32_MAX, NULL},
    {"set_queue", parse_id, OFPAT_SET_QUEUE, UINT32_MAX, NULL},
    {"push_vlan", parse_ethertype, OFPAT_PUSH_VLAN, 0, NULL},
    {"pop_vlan", parse_bare, OFPAT_POP_VLAN, 0, NULL},
    {"strip_vlan", parse_bare, OFPAT_POP_VLAN, 0, NULL},
    {"push_mpls", parse_ethertype, OFPAT_PUSH_MPLS, 0, NULL},
    {"pop_mpls", parse_ethertype, OFPAT_POP_MPLS, 0, NULL},
    {"push_pbb", parse_ethertype, OFPAT_PUSH_PBB, 0, NULL},
    {"pop_pbb", parse_bare, OFPAT_POP_PBB, 0, NULL},
    {"copy_ttl_out", parse_bare, OFPAT_COPY_TTL_OUT, 0, NULL},
    {"copy_ttl_in", parse_bare, OFPAT_COPY_TTL_IN, 0, NULL},
    {"set_mpls_ttl", parse_ttl, OFPAT_SET_MPLS_TTL, 0, NULL},
    {"dec_mpls_ttl", parse_bare, OFPAT_DEC_MPLS_TTL, 0, NULL},
    {"mod_nw_ttl", parse_ttl, OFPAT_SET_NW_TTL, 0, NULL},
    {"set_nw_ttl", parse_ttl, OFPAT_SET_NW_TTL, 0, NULL},
    {"dec_ttl", parse_bare, OFPAT_DEC_NW_TTL, 0, NULL},
    {"dec_nw_ttl", parse_bare, OFPAT_DEC_NW_TTL, 0, NULL},
    {"set_field", parse_set_field, OFPAT_SET_FIELD, 0, NULL},
    {"load", parse_set_field, OFPAT_SET_FIELD, 0, NULL},
    {"mod_dl_src", parse_mod, OXM_ETH_SRC, 0, NULL},
    {"mod_dl_dst", parse_mod, OXM_ETH_DST, 0, NULL},
    {"mod_nw_src", parse_mod, OXM_IPV4_SRC, 0, NULL},
    {"mod_nw_dst", parse_mod, OXM_IPV4_DST, 0, NULL},
    {"mod_nw_ecn", parse_mod, OXM_IP_ECN, 0, NULL},
    {"mod_nw_tos", parse_mod_tos, 0, 0, NULL},
    {"mod_tp_src", parse_mod_tp, 0, 0, "tp_src"},
    {"mod_tp_dst", parse_mod_tp, 0, 0, "tp_dst"},
    {"mod_vlan_vid", parse_mod_vlan, OXM_VLAN_VID, 4095, NULL},
    {"mod_vlan_pcp", parse_mod_vlan, OXM_VLAN_PCP, 7, NULL},
    {"set_vlan_vid", parse_mod_vlan, OXM_VLAN_VID, 4095, NULL},
    {"set_vlan_pcp", parse_mod_vlan, OXM_VLAN_PCP, 7, NULL},
    {"set_mpls_label", parse_mod, OXM_MPLS_LABEL, 0, NULL},
    {"set_mpls_tc", parse_mod, OXM_MPLS_TC, 0, NULL},
    {"set_tunnel", parse_mod, OXM_TUNNEL_ID, 0, NULL},
    {"set_tunnel64", parse_mod, OXM_TUNNEL_ID, 0, NULL},
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
#define N_ACTION_ROWS (sizeof(action_rows) / sizeof(action_rows[0]))

/* One action of a list; bare port numbers and names are outputs. */
static bool
parse_action(struct action_ctx *c, const struct token *t)
{
	enum of_error error;
	uint32_t port;
	bool found = false;

	for (size_t i = 0; i < N_ACTION_ROWS && !found; i++) {
		if (strcasecmp(action_rows[i].name, t->key))
			continue;
		if (!action_rows[i].parse(c, &action_rows[i], t->value))
			return false;
		found = true;
	}
	if (!found && !strcasecmp(t->key, "drop")) {
		sbuf_puts(c->err, "drop: must stand alone");
		return false;
	}
	if (!found) {
		if (t->has_value || !port_parse(t->key, c->names, &port)) {
			sbuf_printf(c->err, "%s: unknown action", t->key);
			return false;
		}
		act_buf_output(c->acts, port, 0);
	}
	if (!wbuf_ok(&c->acts->b)) {
		sbuf_puts(c->err, "the list of actions is too long");
		return false;
	}
	error = c->is_set ? OF_OK : ofp_acts_check(act_buf_acts(c->acts), &c->match);
	if (error) {
		sbuf_printf(c->err, "%s: does not fit the match or the actions before it (%s)", t->key,
		            of_error_name(error));
		return false;
	}
	return true;
}

static void
ctx_init(struct action_ctx *c, struct act_buf *acts, const struct match *m, const struct port_names *names,
         struct sbuf *err)
{
	c->acts = acts;
	c->match = *m;
	c->tagged = (be16_to_host(m->key.vlan_vid) & OFPVID_PRESENT) != 0;
	c->is_set = false;
	c->names = names;
	c->err = err;
}

static bool
parse_list(struct action_ctx *c, char *text)
{
	struct token t;
	unsigned n = 0;

	while (token_next(&text, &t)) {
		if (++n > OFP_MAX_ACTIONS) {
			sbuf_printf(c->err, "more than %d actions", OFP_MAX_ACTIONS);
			return false;
		}
		if (!strcasecmp(t.key, "drop") && n == 1) {
			if (t.has_value || token_next(&text, &t)) {
				sbuf_puts(c->err, "drop: must stand alone");
				return false;
			}
			return true;
		}
		if (!parse_action(c, &t))
			return false;
	}
	return true;
}

bool
actions_parse(char *text, const struct match *m, const struct port_names *names, struct act_buf *acts, struct sbuf *err)
{
	struct action_ctx c;

	ctx_init(&c, acts, m, names, err);
	return parse_list(&c, text);
}

static bool
set_parse(char *text, const struct action_ctx *from, struct act_buf *acts)
{
	struct action_ctx c;

	ctx_init(&c, acts, &from->match, from->names, from->err);
	c.is_set = true;
	return parse_list(&c, text);
}

/* ---- instructions ---- */

static bool
parse_write_metadata(struct ofp_insts *insts, char *arg, struct sbuf *err)
{
	char *slash = strchr(arg, '/');

	insts->metadata_mask = UINT64_MAX;
	if (slash)
		*slash++ = '\0';
	if (!number_parse(arg, UINT64_MAX, &insts->metadata) ||
	    (slash && strcmp(slash, "-1") && !number_parse(slash, UINT64_MAX, &insts->metadata_mask))) {
		sbuf_puts(err, "write_metadata: not VALUE or VALUE/MASK of 64 bits");
		return false;
	}
	return true;
}

/* The instruction named by 't', 0 when it is an action. */
static uint8_t
instruction_type(const struct token *t)
{
	static const struct {
		const char *name;
		uint8_t type;
	} names[] = {
	    {"meter", OFPIT_METER},
	    {"clear_actions", OFPIT_CLEAR_ACTIONS},
	    {"write_actions", OFPIT_WRITE_ACTIONS},
	    {"write_metadata", OFPIT_WRITE_METADATA},
	    {"goto_table", OFPIT_GOTO_TABLE},
	    {"apply_actions", OFPIT_APPLY_ACTIONS},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(t->key, names[i].name))
			return names[i].type;
	return 0;
}

struct inst_ctx {
	struct action_ctx apply;
	struct act_buf write;
	struct ofp_insts *insts;
	unsigned n_apply;
};

static bool
parse_instruction(struct inst_ctx *c, uint8_t type, const struct token *t)
{
	struct action_ctx *a = &c->apply;
	uint64_t v;

	if (c->insts->present & OFP_INST_BIT(type)) {
		sbuf_printf(a->err, "%s: given twice", t->key);
		return false;
	}
	if (type != OFPIT_APPLY_ACTIONS)
		c->insts->present |= OFP_INST_BIT(type);
	switch (type) {
	case OFPIT_METER:
		if (!number_parse(t->value, OFPM_MAX, &v) || !v) {
			sbuf_printf(a->err, "meter: \"%s\" is not a meter number", t->value);
			return false;
		}
		c->insts->meter = (uint32_t)v;
		return true;
	case OFPIT_GOTO_TABLE:
		if (!number_parse(t->value, OFPTT_MAX, &v)) {
			sbuf_printf(a->err, "goto_table: \"%s\" is not a table (0 to %d)", t->value, OFPTT_MAX);
			return false;
		}
		c->insts->goto_table = (uint8_t)v;
		return true;
	case OFPIT_WRITE_METADATA:
		return parse_write_metadata(c->insts, t->value, a->err);
	case OFPIT_WRITE_ACTIONS:
		return set_parse(t->value, a, &c->write);
	case OFPIT_APPLY_ACTIONS:
		c->n_apply++;
		return actions_parse(t->value, &a->match, a->names, a->acts, a->err);
	default: /* clear_actions */
		return true;
	}
}

static bool
parse_all(struct inst_ctx *c, char *text)
{
	struct token t;
	bool drop = false;
	unsigned n = 0;

	while (token_next(&text, &t)) {
		const uint8_t type = instruction_type(&t);

		if (++n > 1 && (drop || !strcasecmp(t.key, "drop"))) {
			sbuf_puts(c->apply.err, "drop: must stand alone");
			return false;
		}
		if (!strcasecmp(t.key, "drop") && !t.has_value) {
			drop = true;
		} else if (type) {
			if (!parse_instruction(c, type, &t))
				return false;
		} else {
			if (++c->n_apply > OFP_MAX_ACTIONS) {
				sbuf_printf(c->apply.err, "more than %d actions", OFP_MAX_ACTIONS);
				return false;
			}
			if (!parse_action(&c->apply, &t))
				return false;
		}
	}
	return true;
}

bool
insts_parse(char *text, const struct match *m, const struct port_names *names, struct act_buf *acts,
            struct ofp_insts *insts, struct sbuf *err)
{
	struct inst_ctx c = {.write = ACT_BUF_INIT, .insts = insts};
	struct ofp_acts write;
	uint32_t apply_len;
	bool ok;

	memset(insts, 0, sizeof(*insts));
	ctx_init(&c.apply, acts, m, names, err);
	ok = parse_all(&c, text);
	if (ok) {
		write = act_buf_acts(&c.write);
		apply_len = act_buf_acts(acts).len;
		wbuf_put(&acts->b, write.data, write.len);
		if (!wbuf_ok(&acts->b)) {
			sbuf_puts(err, "the list of actions is too long");
			ok = false;
		}
		if (ok && c.n_apply) {
			insts->present |= OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
			insts->apply.data = acts->b.data;
			insts->apply.len = apply_len;
		}
		if (ok && (insts->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS))) {
			insts->write.data = acts->b.data ? acts->b.data + apply_len : NULL;
			insts->write.len = write.len;
		}
	}
	act_buf_fini(&c.write);
	return ok;
}
