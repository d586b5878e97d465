/* SPDX-License-Identifier: ISC */
/* The walk through the tables (5.1).
 *
 * Apply-actions become operations at once, the action set when the walk ends.  When a table is to be asked about a frame whose key
 * only a parser can know, the program ends in REPARSE with what is needed to go on there (resume.c). */
#include "action_set.h"
#include "meters.h"
#include "xlate.h"

#include <endian.h>
#include <string.h>

static void
run_action(void *aux, const struct ofp_act *a)
{
	xlate_action(aux, a);
}

static void
run_list(struct xlate *x, const struct ofp_acts *acts)
{
	OFP_ACT_FOR_EACH (a, acts)
		xlate_action(x, a);
}

static void
reparse(struct xlate *x, const void *resume, size_t len)
{
	struct dp_op_reparse *op = dp_program_append(x->prog, DP_OP_REPARSE, sizeof(*op) + len);

	if (!op)
		return;
	op->resume_len = (uint16_t)len;
	if (len)
		memcpy(op->resume, resume, len);
}

static void
reparse_at(struct xlate *x, struct resume *r, uint8_t table_id)
{
	struct resume_buf buf;
	size_t len;

	r->table_id = table_id;
	r->metadata = x->key.metadata;
	len = resume_encode(r, &buf);
	if (!len) {
		x->prog->overflow = true;
		return;
	}
	reparse(x, buf.data, len);
}

/* What a remark band writes is known when the frame passes it, so tables that come after must look at the frame itself. */
static void
meter(const struct pipeline *pl, struct xlate *x, uint32_t id)
{
	struct dp_op_meter *op = dp_program_append(x->prog, DP_OP_METER, sizeof(*op));
	const struct meter *m = meters_find(tables_meters(pl->tables), id);

	if (op) {
		op->id = id;
		op->n_credits = x->prog->n_credits;
	}
	if (m && m->remarks && (x->key_unknown || flow_key_has(&x->key, OXM_IP_DSCP)))
		x->dscp_unknown = true;
}

/* The rule's instructions in the standard's order; true if the walk goes on at *next. */
static bool
run_insts(const struct pipeline *pl, struct xlate *x, const struct ofp_insts *in, struct action_set *set, uint8_t *next)
{
	if (in->present & OFP_INST_BIT(OFPIT_METER))
		meter(pl, x, in->meter);
	if (in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS))
		run_list(x, &in->apply);
	if (in->present & OFP_INST_BIT(OFPIT_CLEAR_ACTIONS))
		action_set_clear(set);
	if (in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS))
		action_set_write(set, &in->write);
	if (in->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) {
		const be64 value = htobe64(in->metadata), mask = htobe64(in->metadata_mask);

		x->key.metadata = (x->key.metadata & ~mask) | (value & mask);
	}
	*next = in->goto_table;
	return (in->present & OFP_INST_BIT(OFPIT_GOTO_TABLE)) != 0;
}

/* A table is going to see 'key' as changed so far: what the program depends on is no longer the frame's own (dp_program.h). */
static void
note_rows(struct xlate *x, const struct flow_key *key)
{
	const uint64_t *now = (const uint64_t *)(const void *)&x->key, *was = (const uint64_t *)(const void *)key;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		x->prog->rows |= (uint32_t)(now[i] != was[i]) << i;
}

/* An entry counts what its flags leave to be counted (5.8); the time of its last use is kept for its idle time-out alone. */
static void
credit_rule(struct xlate *x, const struct rule *r)
{
	static const enum dp_credit_kind kinds[2][2] = {{DP_CREDIT_RULE, DP_CREDIT_RULE_PACKETS},
	                                                {DP_CREDIT_RULE_BYTES, DP_CREDIT_RULE_USE}};
	const enum dp_credit_kind kind =
	    kinds[(r->flags & OFPFF_NO_PKT_COUNTS) != 0][(r->flags & OFPFF_NO_BYT_COUNTS) != 0];

	if (kind != DP_CREDIT_RULE_USE || r->idle_timeout_s)
		dp_program_credit(x->prog, r->counter, kind);
}

/* Looks up one table and gives its credits; NULL: no rule. */
static const struct rule *
ask_table(const struct pipeline *pl, struct xlate *x, uint8_t table_id)
{
	const struct rule *r = tables_lookup(pl->tables, table_id, &x->key);
	const uint32_t counter = tables_counter(pl->tables, table_id);

	x->prog->tables |= UINT64_C(1) << table_id % 64;
	if (counter != COUNTER_NONE)
		dp_program_credit(x->prog, counter, r ? DP_CREDIT_TABLE_HIT : DP_CREDIT_TABLE_MISS);
	if (r) {
		credit_rule(x, r);
		x->table_id = r->table_id;
		x->cookie = r->cookie;
		x->reason = rule_is_table_miss(r) ? OFPR_NO_MATCH : OFPR_ACTION;
	}
	return r;
}

/* NO_MATCH is for what a table-miss entry orders itself: that the walk ends at one does not make it of what others wrote into the set. */
static void
run_set(struct xlate *x, const struct action_set *set, const struct ofp_insts *last)
{
	const struct ofp_act *output = set->by_type[OFPAT_OUTPUT];
	bool own = false;

	if (last->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS)) {
		OFP_ACT_FOR_EACH (a, &last->write)
			own |= a == output;
	}
	if (!own)
		x->reason = OFPR_ACTION;
	action_set_for_each(set, run_action, x);
}

static void
walk(const struct pipeline *pl, struct xlate *x, const struct flow_key *key, struct resume *at)
{
	uint8_t table_id = at->table_id;
	struct ofp_insts in;

	for (;;) {
		const struct rule *r = ask_table(pl, x, table_id);
		uint8_t next;

		if (!r) {
			xlate_drop(x, DP_DROP_NO_MATCH); /* 5.4: dropped, its action set with it */
			return;
		}
		rule_insts(r, &in);
		if (!run_insts(pl, x, &in, &at->set, &next))
			break;
		if (next <= table_id) /* flow-mods can't order that */
			break;
		if (x->key_unknown || x->dscp_unknown) {
			reparse_at(x, at, next);
			return;
		}
		note_rows(x, key);
		table_id = next;
	}
	run_set(x, &at->set, &in);
	if (!x->n_outputs)
		xlate_drop(x, DP_DROP_NO_ACTION);
}

static void
xlate_init(struct xlate *x, const struct flow_key *key, struct dp_program *prog)
{
	*x = (struct xlate){.prog = prog, .key = *key, .reason = OFPR_ACTION};
	x->key.metadata = 0;
	x->key.present |= OXM_BIT(OXM_METADATA);
}

void
pipeline_translate(const struct pipeline *pl, const struct flow_key *key, const uint8_t *resume, size_t resume_len,
                   struct dp_program *prog)
{
	struct resume at = {0};
	struct resume_buf buf;
	struct xlate x;

	prog->tables = 0;
	prog->rows = 0;
	xlate_init(&x, key, prog);
	if (pl->standalone) {
		dp_program_append(prog, DP_OP_NORMAL, sizeof(struct dp_op_none));
		return;
	}
	if (resume_len && !resume_decode(&at, &buf, resume, resume_len)) {
		xlate_drop(&x, DP_DROP_MALFORMED);
		return;
	}
	x.key.metadata = at.metadata;
	note_rows(&x, key);
	walk(pl, &x, key, &at);
	xlate_finish(&x);
}

/* OUTPUT to TABLE runs last, whatever its place in the list: the datapath parses a frame again at the end of a program only.  In a list
 * where it is last, as controllers write it, that is the same. */
void
pipeline_translate_packet_out(const struct pipeline *pl, const struct flow_key *key, struct ofp_acts acts,
                              struct dp_program *prog)
{
	struct xlate x;

	(void)pl;
	xlate_init(&x, key, prog);
	x.cookie = UINT64_MAX;
	run_list(&x, &acts);
	if (x.to_table)
		reparse(&x, NULL, 0);
	else if (!x.n_outputs)
		xlate_drop(&x, DP_DROP_NO_ACTION);
	xlate_finish(&x);
}
