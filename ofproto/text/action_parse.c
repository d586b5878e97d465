/* SPDX-License-Identifier: ISC */
/* Reads lists of actions and instructions.
 *
 * A list is read to its end before anything is said of how its actions fit the match or each other, so that errors come in the order
 * of ovs-ofctl: first what cannot be read, then the order of instructions, then what does not fit. */
#include "action_ctx.h"

#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct ofp_act *
action_add(struct action_ctx *c, uint32_t type)
{
	struct ofp_act *a = act_buf_add(c->acts, (uint16_t)type, 0);

	if (!a)
		sbuf_puts(c->p->err, "the list of actions is too long");
	return a;
}

void
action_output(struct action_ctx *c, uint32_t port)
{
	const bool real = port >= 1 && port <= OFPP_MAX;

	if (!c->error && !real && (port < OFPP_IN_PORT || port == OFPP_ANY || (port == OFPP_TABLE && !c->packet_out))) {
		c->error = OFPBAC_BAD_OUT_PORT;
		action_suspect(c, port == OFPP_TABLE ? "TABLE is for packet-out alone (7.2.1)" : "no port to send to");
	}
	act_buf_output(c->acts, port, port == OFPP_CONTROLLER ? OFPCML_NO_BUFFER : 0);
}

void
action_inconsistent(struct action_ctx *c, bool ok, const char *why)
{
	if (ok || c->frame.opaque || c->set)
		return;
	c->p->usable &= USABLE_OLD;
	action_suspect(c, why);
}

void
action_suspect(struct action_ctx *c, const char *why)
{
	if (c->p->suspect)
		return;
	c->p->suspect = c->p->at;
	c->p->why = why;
}

/* ---- the frame that actions work on ---- */

bool
frame_is_ip(const struct frame_state *f)
{
	return f->opaque || f->dl_type == 0x0800 || f->dl_type == 0x86dd;
}

bool
frame_is_mpls(const struct frame_state *f)
{
	return f->opaque || f->dl_type == 0x8847 || f->dl_type == 0x8848;
}

static bool
is_nd(const struct frame_state *f, uint8_t a, uint8_t b)
{
	return f->dl_type == 0x86dd && f->nw_proto == 58 && f->has_icmp_type &&
	       (f->icmp_type == a || f->icmp_type == b);
}

bool
frame_has(const struct frame_state *f, enum oxm_field field)
{
	if (field == OXM_VLAN_VID)
		return f->tagged; /* as a match the field needs nothing: it also says "no tag" */
	switch ((enum oxm_prereq)oxm_info(field)->prereq) {
	case OXM_PREREQ_NONE:
	case OXM_PREREQ_IN_PORT:
		return true;
	case OXM_PREREQ_VLAN:
		return f->tagged;
	case OXM_PREREQ_IP:
		return frame_is_ip(f);
	case OXM_PREREQ_IPV4:
		return f->dl_type == 0x0800;
	case OXM_PREREQ_IPV6:
		return f->dl_type == 0x86dd;
	case OXM_PREREQ_ARP:
		return f->dl_type == 0x0806;
	case OXM_PREREQ_TCP:
		return frame_is_ip(f) && f->nw_proto == 6;
	case OXM_PREREQ_UDP:
		return frame_is_ip(f) && f->nw_proto == 17;
	case OXM_PREREQ_SCTP:
		return frame_is_ip(f) && f->nw_proto == 132;
	case OXM_PREREQ_ICMPV4:
		return f->dl_type == 0x0800 && f->nw_proto == 1;
	case OXM_PREREQ_ICMPV6:
		return f->dl_type == 0x86dd && f->nw_proto == 58;
	case OXM_PREREQ_ND:
		return is_nd(f, 135, 136);
	case OXM_PREREQ_ND_SOLICIT:
		return is_nd(f, 135, 135);
	case OXM_PREREQ_ND_ADVERT:
		return is_nd(f, 136, 136);
	case OXM_PREREQ_MPLS:
		return frame_is_mpls(f);
	case OXM_PREREQ_PBB:
		return f->dl_type == 0x88e7;
	}
	return true;
}

void
frame_init(struct frame_state *f, const struct match *m)
{
	memset(f, 0, sizeof(*f));
	if (match_is_exact(m, OXM_ETH_TYPE))
		f->dl_type = be16_to_host(m->key.eth_type);
	if (match_is_exact(m, OXM_IP_PROTO))
		f->nw_proto = m->key.ip_proto;
	f->has_icmp_type = match_is_exact(m, OXM_ICMPV6_TYPE);
	f->icmp_type = f->has_icmp_type ? m->key.icmpv6_type : 0;
	f->tagged = (be16_to_host(m->key.vlan_vid) & be16_to_host(m->mask.vlan_vid) & OFPVID_PRESENT) != 0;
}

/* ---- instructions ---- */

static const struct {
	const char *name;
	uint8_t type;
} instructions[] = {
    /* in the order that they must have */
    {"meter", OFPIT_METER},
    {"apply_actions", OFPIT_APPLY_ACTIONS},
    {"clear_actions", OFPIT_CLEAR_ACTIONS},
    {"write_actions", OFPIT_WRITE_ACTIONS},
    {"write_metadata", OFPIT_WRITE_METADATA},
    {"goto_table", OFPIT_GOTO_TABLE},
};
#define N_INSTRUCTIONS (int)(sizeof(instructions) / sizeof(instructions[0]))
#define APPLY 1 /* its place there */

static int
instruction_place(const char *key)
{
	for (int i = 0; i < N_INSTRUCTIONS; i++)
		if (!strcasecmp(key, instructions[i].name))
			return i;
	return -1;
}

const char *
action_word(size_t n)
{
	if (n < (size_t)N_INSTRUCTIONS)
		return n == APPLY ? "drop" : instructions[n].name;
	return action_row_word(n - (size_t)N_INSTRUCTIONS);
}

struct list {
	struct action_ctx apply;
	struct act_buf write;
	struct ofp_insts *insts; /* NULL: instructions have no place here */
	uint8_t table;
	bool nested; /* in write_actions */
	int place; /* of the last instruction, -1 at first */
	struct sbuf order; /* the first trouble with the order of instructions */
	unsigned n, n_apply;
	bool drop;
};

/* Takes note of an instruction at 'place' of the order. */
static void
follow_order(struct list *l, int place)
{
	if (l->order.len)
		return;
	if (!l->insts && place != APPLY) {
		if (place == 0)
			sbuf_puts(&l->order, l->nested ? "write_actions action doesn't support nested action meter"
			                               : "meter instruction not allowed here");
		else
			sbuf_printf(&l->order, "%s instruction not allowed here", instructions[place].name);
	} else if (place == l->place && place != APPLY) {
		sbuf_printf(&l->order, "duplicate %s instruction not allowed, for OpenFlow 1.1+ compatibility",
		            instructions[place].name);
	} else if (place < l->place) {
		sbuf_printf(&l->order,
		            "invalid instruction ordering: %s must appear before %s, for OpenFlow 1.1+ compatibility",
		            instructions[place].name, instructions[l->place].name);
	}
	if (place > l->place)
		l->place = place;
}

static void
note_error(struct list *l, enum of_error error)
{
	if (l->apply.error)
		return;
	l->apply.error = error;
	action_suspect(&l->apply, NULL);
}

static bool read_list(struct list *l, char *text);

static bool
read_write_actions(struct list *l, char *arg)
{
	struct list w = {.apply = l->apply, .write = ACT_BUF_INIT, .nested = true, .place = -1};
	bool ok;

	w.apply.acts = &l->write;
	w.apply.set = true;
	ok = read_list(&w, arg);
	if (w.apply.error)
		note_error(l, w.apply.error);
	act_buf_fini(&w.write);
	sbuf_fini(&w.order);
	return ok;
}

static bool
read_metadata(struct list *l, char *arg)
{
	struct ofp_insts throw_away, *i = l->insts ? l->insts : &throw_away;
	char *slash = strchr(arg, '/');

	if (slash)
		*slash = '\0';
	i->metadata_mask = UINT64_MAX;
	l->apply.p->usable &= USABLE_NXM_OF11;
	if (!parse_u64_arg(l->apply.p, arg, &i->metadata) ||
	    (slash && !parse_u64_arg(l->apply.p, slash + 1, &i->metadata_mask)))
		return false;
	i->metadata &= i->metadata_mask;
	return true;
}

static bool
read_goto(struct list *l, const char *arg)
{
	uint8_t table;

	if (!table_parse(arg, l->apply.p->names, &table)) {
		sbuf_printf(l->apply.p->err, "unknown table \"%s\"", arg);
		return false;
	}
	if (l->table != OFPTT_ALL && table <= l->table) {
		action_suspect(&l->apply, "a flow can only go to later tables");
		note_error(l, OFPBIC_BAD_TABLE_ID);
	}
	if (l->insts)
		l->insts->goto_table = table;
	return true;
}

static bool
read_meter(struct list *l, const char *arg)
{
	uint32_t meter;

	l->apply.p->usable &= USABLE_OF13_UP;
	if (!parse_u32_arg(l->apply.p, arg, &meter))
		return false;
	if (!meter || meter > OFPM_MAX)
		note_error(l, OFPMMFC_INVALID_METER);
	if (l->insts)
		l->insts->meter = meter;
	return true;
}

static bool
read_instruction(struct list *l, int place, struct token *t)
{
	if (place == APPLY) {
		sbuf_puts(l->apply.p->err, "apply_actions is the default instruction");
		return false;
	}
	follow_order(l, place);
	if (l->insts)
		l->insts->present |= OFP_INST_BIT(instructions[place].type);
	switch (instructions[place].type) {
	case OFPIT_METER:
		return read_meter(l, t->value);
	case OFPIT_WRITE_ACTIONS:
		return read_write_actions(l, t->value);
	case OFPIT_WRITE_METADATA:
		return read_metadata(l, t->value);
	case OFPIT_GOTO_TABLE:
		return read_goto(l, t->value);
	default: /* clear_actions */
		return true;
	}
}

/* ---- lists ---- */

static bool
read_action(struct list *l, struct token *t)
{
	struct action_ctx *c = &l->apply;
	uint32_t port;

	follow_order(l, APPLY);
	if (++l->n_apply > OFP_MAX_ACTIONS) {
		sbuf_printf(c->p->err, "more than %d actions", OFP_MAX_ACTIONS);
		return false;
	}
	for (size_t i = 0; i < n_action_rows; i++)
		if (!strcasecmp(action_rows[i].name, t->key))
			return action_rows[i].parse(c, &action_rows[i], t->value);
	if (!port_parse(t->key, c->p->names, &port)) {
		sbuf_printf(c->p->err, "unknown action %s", t->key);
		c->p->vocabulary = action_word;
		return false;
	}
	action_output(c, port);
	return true;
}

static bool
read_list(struct list *l, char *text)
{
	struct parse_state *p = l->apply.p;
	struct token t;
	int place;

	while (token_next(&text, &t)) {
		p->at = t.key;
		place = instruction_place(t.key);
		if (!strcasecmp(t.key, "drop"))
			l->drop = true;
		else if (place >= 0 ? !read_instruction(l, place, &t) : !read_action(l, &t))
			return false;
		else
			l->n++;
		if (!wbuf_ok(&l->apply.acts->b)) {
			sbuf_puts(p->err, "the list of actions is too long");
			return false;
		}
	}
	if (l->drop && l->n) {
		sbuf_puts(p->err, "\"drop\" must not be accompanied by any other action or instruction");
		return false;
	}
	if (l->order.len) {
		sbuf_puts(p->err, sbuf_str(&l->order));
		return false;
	}
	return true;
}

static bool
complain_if_unfit(struct list *l)
{
	if (!l->apply.error)
		return true;
	if (l->apply.p->suspect)
		l->apply.p->at = l->apply.p->suspect;
	sbuf_printf(l->apply.p->err, "actions are invalid with specified match (%s)", of_error_name(l->apply.error));
	return false;
}

bool
actions_parse(struct parse_state *p, char *text, const struct match *m, bool packet_out, struct act_buf *acts)
{
	struct list l = {.apply = {.p = p, .acts = acts}, .write = ACT_BUF_INIT, .place = -1};
	bool ok;

	if (m)
		frame_init(&l.apply.frame, m);
	l.apply.frame.opaque = !m;
	l.apply.packet_out = packet_out;
	ok = read_list(&l, text) && complain_if_unfit(&l);
	act_buf_fini(&l.write);
	sbuf_fini(&l.order);
	return ok;
}

/* Puts both lists into one buffer, so that the caller has one thing to free. */
static bool
join_lists(struct list *l, struct act_buf *acts, struct ofp_insts *insts)
{
	const struct ofp_acts write = act_buf_acts(&l->write);
	const uint32_t apply_len = act_buf_acts(acts).len;

	wbuf_put(&acts->b, write.data, write.len);
	if (!wbuf_ok(&acts->b)) {
		sbuf_puts(l->apply.p->err, "the list of actions is too long");
		return false;
	}
	if (apply_len) {
		insts->present |= OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
		insts->apply.data = acts->b.data;
		insts->apply.len = apply_len;
	}
	if (insts->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS)) {
		insts->write.data = acts->b.data ? acts->b.data + apply_len : NULL;
		insts->write.len = write.len;
	}
	return true;
}

bool
insts_parse(struct parse_state *p, char *text, const struct match *m, uint8_t table, struct act_buf *acts,
            struct ofp_insts *insts)
{
	struct list l = {
	    .apply = {.p = p, .acts = acts}, .write = ACT_BUF_INIT, .insts = insts, .table = table, .place = -1};
	bool ok;

	memset(insts, 0, sizeof(*insts));
	frame_init(&l.apply.frame, m);
	ok = read_list(&l, text) && complain_if_unfit(&l) && join_lists(&l, acts, insts);
	act_buf_fini(&l.write);
	sbuf_fini(&l.order);
	return ok;
}
