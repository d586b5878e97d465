/* SPDX-License-Identifier: ISC */
/* FLOW_MOD (6.4): every check comes before the first change, so that an error leaves the tables as they were.
 *
 * Alone, a flow-mod changes rules in their places, inside the caller's exclusive section.  In a transaction a rule that frames may see is
 * never touched: it is hidden from what comes, and where it is to be another one, that one is put beside it. */
#include "txn_private.h"

#include "clock.h"
#include "groups_private.h"
#include "meters_private.h"
#include "shape.h"
#include "sweep_private.h"

#include <stdlib.h>
#include <string.h>

#define OVERLAP_LOOKS 2000u /* in the classifier; then the slots are walked */
#define BULK 256u /* flow entries that one section may look at and change */
#define BULK_TABLES 16u /* tables that it may look into */

static bool
is_output_port(uint32_t port)
{
	switch (port) {
	case OFPP_IN_PORT:
	case OFPP_NORMAL:
	case OFPP_FLOOD:
	case OFPP_ALL:
	case OFPP_CONTROLLER:
	case OFPP_LOCAL:
		return true;
	default:
		return port > 0 && port <= OFPP_MAX;
	}
}

enum of_error
tables_check_groups(const struct tables *ts, const struct ofp_acts *acts)
{
	OFP_ACT_FOR_EACH (a, acts) {
		if (a->type == OFPAT_GROUP && !groups_get(ts->groups, a->id))
			return OFPBAC_BAD_OUT_GROUP;
	}
	return OF_OK;
}

enum of_error
tables_check_outputs(const struct tables *ts, const struct ofp_acts *acts)
{
	OFP_ACT_FOR_EACH (a, acts) {
		if (a->type == OFPAT_OUTPUT && !is_output_port(a->port))
			return OFPBAC_BAD_OUT_PORT;
		if (a->type == OFPAT_SET_QUEUE &&
		    a->id == OFPQ_ALL) /* names no queue; one that no port has is the default queue */
			return OFPBAC_BAD_QUEUE;
	}
	return tables_check_groups(ts, acts);
}

/* What depends on the switch's state, then the prerequisites. */
static enum of_error
check_insts(const struct tables *ts, const struct flow_mod *fm)
{
	const struct ofp_insts *in = &fm->insts;
	enum of_error err = OF_OK;

	if ((in->present & OFP_INST_BIT(OFPIT_METER)) && (in->meter > OFPM_MAX || !meters_get(ts->meters, in->meter)))
		return OFPMMFC_INVALID_METER;
	if (in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS))
		err = tables_check_outputs(ts, &in->apply);
	if (!err && (in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS)))
		err = tables_check_outputs(ts, &in->write);
	return err ? err : ofp_insts_check(in, &fm->match);
}

static enum of_error
check_change(const struct tables *ts, const struct flow_mod *fm)
{
	const enum of_error err = shape_check(ts, fm);

	if (err)
		return err;
	if (fm->buffer_id != OFP_NO_BUFFER)
		return OFPBRC_BUFFER_UNKNOWN;
	return check_insts(ts, fm);
}

/* A rule without a place yet.  'counter': whose it takes over, or COUNTER_NONE for one of its own.  NULL: no memory or no counter. */
static struct flow_rule *
rule_create(struct tables *ts, uint8_t table_id, uint16_t priority, const struct match *m, uint32_t counter)
{
	struct flow_rule *r = slab_alloc(&ts->rules[classifier_words(m)]);

	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	wheel_node_init(&r->timer);
	r->pub.table_id = table_id;
	r->pub.priority = priority;
	r->pub.counter = counter == COUNTER_NONE ? counters_alloc(ts->counters) : counter;
	if (r->pub.counter == COUNTER_NONE) {
		slab_free(r);
		return NULL;
	}
	return r;
}

/* Gives a rule what an ADD says; takes over the reference to 'acts', and 'uses'. */
static void
rule_fill(struct tables *ts, struct flow_rule *r, const struct flow_mod *fm, struct rule_actions *acts,
          struct rule_uses *uses)
{
	rule_uses_set(r, uses);
	rule_actions_unref(r->acts);
	r->acts = acts;
	r->pub.inst_present = acts->present;
	r->pub.cookie = fm->cookie;
	r->pub.flags = fm->flags;
	r->pub.idle_timeout_s = fm->idle_timeout_s;
	r->pub.hard_timeout_s = fm->hard_timeout_s;
	r->pub.created_ns = r->pub.modified_ns = clock_ns();
	r->pub.importance = fm->insts.importance;
	expiry_arm(ts, r);
	evict_update(&ts->table[r->pub.table_id], r, ts->counters);
}

/* 'victim': what makes room for it, or NULL. */
static enum of_error
add_new(struct tables *ts, const struct flow_mod *fm, struct rule_actions *acts, struct rule_uses *uses,
        struct flow_rule *victim)
{
	struct flow_rule *r = rule_create(ts, fm->table_id, fm->priority, &fm->match, COUNTER_NONE);

	if (!r)
		return OFPFMFC_TABLE_FULL;
	if (!flow_table_insert(&ts->table[fm->table_id], r, &fm->match)) {
		counters_free(ts->counters, r->pub.counter);
		slab_free(r);
		return OFPFMFC_TABLE_FULL;
	}
	ts->n_rules++;
	rule_fill(ts, r, fm, acts, uses);
	if (victim)
		tables_remove_rule(ts, victim, OFPRR_EVICTION);
	tables_tell(ts, r, TABLE_FLOW_ADDED);
	table_vacancy_check(ts, fm->table_id);
	return OF_OK;
}

/* In a transaction: puts a rule like 'like' beside 'old' (or NULL), with which it shares the counter unless counts are reset.  NULL: no
 * memory. */
static struct flow_rule *
put_beside(struct tables *ts, const struct rule *like, const struct match *m, struct flow_rule *old, bool reset)
{
	struct txn_new new = {.modified = old != NULL, .counter_lent = old && !reset};

	if (!txn_reserve(ts->txn))
		return NULL;
	new.rule =
	    rule_create(ts, like->table_id, like->priority, m, new.counter_lent ? old->pub.counter : COUNTER_NONE);
	if (!new.rule)
		return NULL;
	cls_rule_hide(&new.rule->cls, CLS_OLD);
	if (!txn_insert(ts->txn, new, m)) {
		if (!new.counter_lent)
			counters_free(ts->counters, new.rule->pub.counter);
		slab_free(new.rule);
		return NULL;
	}
	if (old)
		txn_hide(ts->txn,
		         (struct txn_old){.rule = old, .replaced = true, .by = new.rule, .counter_given = !reset});
	return new.rule;
}

static enum of_error
add_beside(struct tables *ts, const struct flow_mod *fm, struct flow_rule *old, struct rule_actions *acts,
           struct rule_uses *uses, struct flow_rule *victim)
{
	const struct rule like = {.table_id = fm->table_id, .priority = fm->priority};
	struct flow_rule *r = put_beside(ts, &like, &fm->match, old, (fm->flags & OFPFF_RESET_COUNTS) != 0);

	if (!r)
		return OFPFMFC_TABLE_FULL;
	rule_fill(ts, r, fm, acts, uses);
	if (victim) /* then there was no 'old', and what was reserved for that is for this one */
		txn_hide(ts->txn, (struct txn_old){.rule = victim, .reason = OFPRR_EVICTION});
	return OF_OK;
}

/* Replaced in its place: new in all but, without RESET_COUNTS, its counters. */
static enum of_error
add_again(struct tables *ts, const struct flow_mod *fm, struct flow_rule *old, struct rule_actions *acts,
          struct rule_uses *uses)
{
	if (fm->flags & OFPFF_RESET_COUNTS)
		counters_reset(ts->counters, old->pub.counter);
	rule_fill(ts, old, fm, acts, uses);
	tables_tell(ts, old, TABLE_FLOW_MODIFIED);
	return OF_OK;
}

static bool
is_full(const struct tables *ts, uint8_t table_id)
{
	return txn_n_rules(ts) >= TABLES_MAX_RULES ||
	       flow_table_n_rules(&ts->table[table_id]) >= shape_get(ts, table_id)->max_entries;
}

bool
tables_overlap_scan(const struct tables *ts, const struct flow_mod *fm, uint32_t *slot, uint32_t n, bool *found)
{
	const struct flow_table *t = &ts->table[fm->table_id];

	for (*found = false; n && *slot < t->n_slots && !*found; n--) {
		const struct flow_rule *r = flow_table_slot(t, (*slot)++);

		*found = r && cls_rule_overlaps(&r->cls, &fm->match, fm->priority, CLS_NEW);
	}
	return !*found && *slot < t->n_slots;
}

bool
tables_overlap_is_long(const struct tables *ts, const struct flow_mod *fm)
{
	return fm->command == OFPFC_ADD && (fm->flags & OFPFF_CHECK_OVERLAP) && fm->table_id < ts->n_tables &&
	       classifier_overlaps(&ts->table[fm->table_id].cls, &fm->match, fm->priority, CLS_NEW, OVERLAP_LOOKS) ==
	           CLS_UNKNOWN;
}

static bool
overlaps(const struct tables *ts, const struct flow_mod *fm)
{
	const enum cls_overlap o =
	    classifier_overlaps(&ts->table[fm->table_id].cls, &fm->match, fm->priority, CLS_NEW, OVERLAP_LOOKS);
	uint32_t slot = 0;
	bool found = o == CLS_OVERLAPS;

	if (o == CLS_UNKNOWN)
		(void)tables_overlap_scan(ts, fm, &slot, UINT32_MAX, &found);
	return found;
}

static enum of_error
add(struct tables *ts, const struct flow_mod *fm)
{
	struct flow_table *t = &ts->table[fm->table_id];
	struct flow_rule *old, *victim = NULL;
	struct rule_uses *uses = NULL;
	struct rule_actions *acts;
	struct flow_rule *gone;
	enum of_error err = OF_OK;

	if ((fm->flags & OFPFF_CHECK_OVERLAP) && overlaps(ts, fm))
		return OFPFMFC_OVERLAP;
	acts = rule_actions_create(ts->known, &fm->insts);
	if (!acts || !rule_uses_prepare(ts, acts, &uses)) {
		rule_actions_unref(acts);
		return OFPFMFC_TABLE_FULL;
	}
	gone = sweep_find(ts, fm->table_id, &fm->match, fm->priority);
	if (gone) /* who watches must hear of its removal before he hears of the new one */
		tables_remove_rule(ts, gone, sweep_reason(ts));
	old = flow_rule_of_cls(classifier_find(&t->cls, &fm->match, fm->priority, CLS_NEW));
	if (!old && is_full(ts, fm->table_id)) {
		victim = evict_choose(t, ts->counters);
		err = victim ? OF_OK : OFPFMFC_TABLE_FULL;
	}
	if (!err && ts->txn)
		err = add_beside(ts, fm, old, acts, uses, victim);
	else if (!err)
		err = old ? add_again(ts, fm, old, acts, uses) : add_new(ts, fm, acts, uses, victim);
	if (err) {
		rule_actions_unref(acts);
		free(uses);
	}
	return err;
}

struct change {
	struct tables *ts;
	const struct flow_mod *fm;
	struct rule_actions *acts; /* MODIFY */
	struct rule_uses **uses; /* MODIFY: for each rule that is to change, if 'acts' names a group or a meter */
	size_t n_uses, cap_uses;
	struct flow_rule **rules; /* MODIFY in a transaction: those selected */
	size_t n_rules, cap_rules;
	bool no_memory;
};

static bool
cookie_ok(const struct flow_rule *r, const struct flow_mod *fm)
{
	return ((r->pub.cookie ^ fm->cookie) & fm->cookie_mask) == 0;
}

/* Zeroes the counts alone: the last use stays, or a busy rule would look idle. */
static void
reset_counts(struct counters *counters, uint32_t id)
{
	struct counter_sum sum;

	counters_read(counters, id, &sum);
	counters_reset(counters, id);
	if (sum.used_ms)
		counters_add(counters_lane(counters, 0), id, 0, 0, sum.used_ms);
}

/* Before a MODIFY that names a group or a meter: what each rule will need. */
static void
prepare_one(void *aux, struct cls_rule *cls)
{
	struct change *c = aux;

	if (!cookie_ok(flow_rule_of_cls(cls), c->fm) || c->no_memory)
		return;
	if (c->n_uses == c->cap_uses) {
		const size_t cap = c->cap_uses ? c->cap_uses * 2 : 16;
		struct rule_uses **uses = realloc(c->uses, cap * sizeof(struct rule_uses *));

		if (!uses) {
			c->no_memory = true;
			return;
		}
		c->uses = uses;
		c->cap_uses = cap;
	}
	if (rule_uses_prepare(c->ts, c->acts, &c->uses[c->n_uses]))
		c->n_uses++;
	else
		c->no_memory = true;
}

static void
modify_one(void *aux, struct cls_rule *cls)
{
	struct change *c = aux;
	struct flow_rule *r = flow_rule_of_cls(cls);

	if (!cookie_ok(r, c->fm))
		return;
	rule_uses_set(r, c->n_uses ? c->uses[--c->n_uses] : NULL);
	c->acts->refs++;
	rule_actions_unref(r->acts);
	r->acts = c->acts;
	r->pub.inst_present = c->acts->present;
	r->pub.modified_ns = clock_ns();
	if (c->fm->flags & OFPFF_RESET_COUNTS)
		reset_counts(c->ts->counters, r->pub.counter);
	tables_tell(c->ts, r, TABLE_FLOW_MODIFIED);
}

static void
delete_one(void *aux, struct cls_rule *cls)
{
	struct change *c = aux;
	struct flow_rule *r = flow_rule_of_cls(cls);

	if (!cookie_ok(r, c->fm) || !rule_actions_output_to(r->acts, c->fm->out_port, c->fm->out_group))
		return;
	if (!c->ts->txn)
		tables_remove_rule(c->ts, r, OFPRR_DELETE);
	else if (txn_reserve(c->ts->txn))
		txn_hide(c->ts->txn, (struct txn_old){.rule = r, .reason = OFPRR_DELETE});
	else
		c->no_memory = true;
}

static void
for_each_selected(struct flow_table *t, bool strict, struct change *c, void (*cb)(void *aux, struct cls_rule *))
{
	struct cls_rule *r;

	if (!strict) {
		flow_table_for_each(t, &c->fm->match, CLS_NEW, cb, c);
		return;
	}
	r = classifier_find(&t->cls, &c->fm->match, c->fm->priority, CLS_NEW);
	if (r)
		cb(c, r);
}

static void
collect_one(void *aux, struct cls_rule *cls)
{
	struct change *c = aux;

	if (!cookie_ok(flow_rule_of_cls(cls), c->fm) || c->no_memory)
		return;
	if (c->n_rules == c->cap_rules) {
		const size_t cap = c->cap_rules ? c->cap_rules * 2 : 16;
		struct flow_rule **rules = realloc(c->rules, cap * sizeof(struct flow_rule *));

		if (!rules) {
			c->no_memory = true;
			return;
		}
		c->rules = rules;
		c->cap_rules = cap;
	}
	c->rules[c->n_rules++] = flow_rule_of_cls(cls);
}

/* In a transaction: a rule that is 'old' but for its instructions. */
static bool
modify_beside(struct change *c, struct flow_rule *old)
{
	const bool reset = (c->fm->flags & OFPFF_RESET_COUNTS) != 0;
	struct rule_uses *uses = NULL;
	struct counter_sum sum;
	struct flow_rule *r;
	struct match m;

	cls_rule_match(&old->cls, &m);
	if (!rule_uses_prepare(c->ts, c->acts, &uses))
		return false;
	r = put_beside(c->ts, &old->pub, &m, old, reset);
	if (!r) {
		free(uses);
		return false;
	}
	rule_uses_set(r, uses);
	r->acts = c->acts;
	c->acts->refs++;
	r->pub.inst_present = c->acts->present;
	r->pub.cookie = old->pub.cookie;
	r->pub.flags = old->pub.flags;
	r->pub.idle_timeout_s = old->pub.idle_timeout_s;
	r->pub.hard_timeout_s = old->pub.hard_timeout_s;
	r->pub.importance = old->pub.importance;
	r->pub.created_ns = old->pub.created_ns;
	r->pub.modified_ns = clock_ns();
	counters_read(c->ts->counters, old->pub.counter, &sum);
	if (reset && sum.used_ms) /* nobody else writes a counter that no frame can meet */
		counters_add(counters_lane(c->ts->counters, 0), r->pub.counter, 0, 0, sum.used_ms);
	expiry_arm(c->ts, r);
	evict_update(&c->ts->table[r->pub.table_id], r, c->ts->counters);
	return true;
}

static void
modify_all_beside(struct change *c)
{
	for (size_t i = 0; i < c->n_rules && !c->no_memory; i++)
		c->no_memory = !modify_beside(c, c->rules[i]);
	free(c->rules);
}

static enum of_error
modify(struct tables *ts, const struct flow_mod *fm, bool strict)
{
	struct change c = {.ts = ts, .fm = fm, .acts = rule_actions_create(ts->known, &fm->insts)};
	struct rule_uses *probe = NULL;

	if (c.acts && !rule_uses_prepare(ts, c.acts, &probe))
		c.no_memory = true;
	if (c.acts && !c.no_memory && ts->txn) {
		for_each_selected(&ts->table[fm->table_id], strict, &c, collect_one);
		modify_all_beside(&c);
	}
	if (probe && !ts->txn)
		for_each_selected(&ts->table[fm->table_id], strict, &c, prepare_one);
	if (c.acts && !c.no_memory && !ts->txn)
		for_each_selected(&ts->table[fm->table_id], strict, &c, modify_one);
	free(probe);
	while (c.n_uses)
		free(c.uses[--c.n_uses]);
	free(c.uses);
	rule_actions_unref(c.acts);
	return c.acts && !c.no_memory ? OF_OK : OFPFMFC_TABLE_FULL;
}

static enum of_error
delete_rules(struct tables *ts, const struct flow_mod *fm, bool strict)
{
	struct change c = {.ts = ts, .fm = fm};

	if (fm->table_id == OFPTT_ALL) {
		for (unsigned i = 0; i < ts->n_tables; i++)
			for_each_selected(&ts->table[i], strict, &c, delete_one);
	} else if (!shape_table_exists(ts, fm->table_id)) {
		return OFPFMFC_BAD_TABLE_ID;
	} else {
		for_each_selected(&ts->table[fm->table_id], strict, &c, delete_one);
	}
	return c.no_memory ? OFPFMFC_UNKNOWN : OF_OK;
}

enum of_error
tables_flow_mod_check(const struct tables *ts, const struct flow_mod *fm)
{
	if (fm->command > OFPFC_DELETE_STRICT)
		return OFPFMFC_BAD_COMMAND;
	if (fm->command == OFPFC_DELETE || fm->command == OFPFC_DELETE_STRICT) /* its flags mean nothing (X17) */
		return OF_OK;
	return fm->flags & ~OFPFF_ALL ? OFPFMFC_BAD_FLAGS : check_change(ts, fm);
}

enum of_error
tables_flow_mod(struct tables *ts, const struct flow_mod *fm)
{
	const enum of_error err = tables_flow_mod_check(ts, fm);

	if (err)
		return err;
	if (fm->command == OFPFC_DELETE || fm->command == OFPFC_DELETE_STRICT)
		return delete_rules(ts, fm, fm->command == OFPFC_DELETE_STRICT);
	if (fm->command == OFPFC_ADD)
		return add(ts, fm);
	return modify(ts, fm, fm->command == OFPFC_MODIFY_STRICT);
}

bool
tables_is_bulk(const struct tables *ts, const struct flow_mod *fm)
{
	unsigned tables = 0;
	uint32_t looks = 0;

	if (ts->txn || (fm->command != OFPFC_DELETE && fm->command != OFPFC_MODIFY))
		return false;
	for (unsigned i = 0; i < ts->n_tables; i++) {
		if (!ts->table[i].n_rules || (fm->table_id != OFPTT_ALL && fm->table_id != i))
			continue;
		looks += flow_table_looks(&ts->table[i], &fm->match);
		if (looks > BULK || ++tables > BULK_TABLES)
			return true;
	}
	return false;
}

bool
tables_delete_wants(void *flow_mod, const struct rule *rule)
{
	const struct flow_mod *fm = flow_mod;
	const struct flow_rule *r = flow_rule_of(rule);

	return cookie_ok(r, fm) && cls_rule_within(&r->cls, &fm->match) &&
	       rule_actions_output_to(r->acts, fm->out_port, fm->out_group);
}

bool
tables_delete_is_total(const struct flow_mod *fm)
{
	struct match all;

	match_init(&all);
	return !fm->cookie_mask && fm->out_port == OFPP_ANY && fm->out_group == OFPG_ANY &&
	       !memcmp(&fm->match.mask, &all.mask, sizeof(all.mask));
}
