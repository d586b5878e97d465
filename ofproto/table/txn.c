/* SPDX-License-Identifier: ISC */
/* The lists of a transaction, its switch, and what comes after: see txn.h. */
#include "txn_private.h"

#include "groups.h"
#include "meters.h"

#include "clock.h"

#include <stdlib.h>

#define SLICE_NS UINT64_C(300000) /* then frames go on for a moment */

struct txn {
	struct tables *ts;
	struct txn_section section;
	void *aux;
	bool held;
	uint64_t held_ns;
	struct txn_new *added;
	struct txn_old *removed;
	size_t n_added, cap_added, n_removed, cap_removed;
	struct group_change **groups; /* in the order they were made */
	struct meter_change **meters;
	size_t n_groups, cap_groups, n_meters, cap_meters;
};

static void
hold(struct txn *x)
{
	if (x->held)
		return;
	x->section.hold(x->aux);
	x->held = true;
	x->held_ns = clock_ns();
}

static void
release(struct txn *x)
{
	if (x->held)
		x->section.release(x->aux);
	x->held = false;
}

/* Between two steps inside a section. */
static void
breathe(struct txn *x)
{
	if (x->held && clock_ns() - x->held_ns > SLICE_NS)
		release(x);
}

/* Room for one more in an array that 'n' of 'cap' are used of. */
static bool
grow(void *array, size_t n, size_t *cap, size_t size)
{
	const size_t more = *cap ? *cap * 2 : 16;
	void *old, *new;

	if (n < *cap)
		return true;
	memcpy(&old, array, sizeof(old));
	new = realloc(old, more * size);
	if (!new)
		return false;
	memcpy(array, &new, sizeof(new));
	*cap = more;
	return true;
}

struct txn *
txn_begin(struct tables *ts, const struct txn_section *section, void *aux)
{
	struct txn *x = ts->txn || ts->sweep ? NULL : calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->ts = ts;
	x->section = *section;
	x->aux = aux;
	hold(x);
	groups_hide(ts->groups);
	meters_hide(ts->meters);
	ts->txn = x;
	release(x);
	return x;
}

/* ---- flow entries ---- */

bool
txn_reserve(struct txn *x)
{
	return grow(&x->added, x->n_added, &x->cap_added, sizeof(*x->added)) &&
	       grow(&x->removed, x->n_removed, &x->cap_removed, sizeof(*x->removed));
}

bool
txn_insert(struct txn *x, struct txn_new new, const struct match *m)
{
	bool ok;

	hold(x);
	ok = flow_table_insert(&x->ts->table[new.rule->pub.table_id], new.rule, m);
	breathe(x);
	if (!ok)
		return false;
	x->ts->n_rules++;
	x->added[x->n_added++] = new;
	return true;
}

void
txn_hide(struct txn *x, struct txn_old old)
{
	struct flow_table *t = &x->ts->table[old.rule->pub.table_id];

	cls_rule_hide(&old.rule->cls, old.rule->cls.e.hidden | CLS_NEW);
	evict_remove(t, old.rule);
	t->n_going++;
	x->ts->n_going++;
	x->removed[x->n_removed++] = old;
}

uint32_t
txn_n_rules(const struct tables *ts)
{
	return ts->n_rules - ts->n_going;
}

enum of_error
txn_flow_mod(struct txn *x, const struct flow_mod *fm)
{
	/* looking for many rules takes long, and changes nothing that frames see */
	if (fm->command != OFPFC_ADD || (fm->flags & OFPFF_CHECK_OVERLAP))
		release(x);
	return tables_flow_mod(x->ts, fm);
}

/* ---- groups and meters ---- */

/* Hides what uses a group or a meter that goes. */
static bool
hide_users(struct txn *x, const struct user_list *users, enum ofp_flow_removed_reason reason)
{
	if (!users)
		return true;
	LIST_FOR_EACH (n, &users->rules) {
		struct flow_rule *r = CONTAINER_OF(n, struct use, node)->rule;

		if (!cls_rule_seen(&r->cls, CLS_NEW))
			continue;
		if (!txn_reserve(x))
			return false;
		txn_hide(x, (struct txn_old){.rule = r, .reason = reason});
	}
	return true;
}

static enum of_error
take_group(struct txn *x, struct group_change *gc)
{
	x->groups[x->n_groups++] = gc;
	if (!hide_users(x, group_change_users(gc), OFPRR_GROUP_DELETE))
		return OFPGMFC_OUT_OF_GROUPS;
	hold(x);
	group_change_commit(gc);
	breathe(x);
	return OF_OK;
}

static enum of_error
delete_all_groups(struct txn *x)
{
	const struct group *g = groups_next(x->ts->groups, 0);
	enum of_error error = OF_OK;

	while (!error && g) {
		const uint32_t id = g->id;
		struct group_change *gc;

		if (!grow(&x->groups, x->n_groups, &x->cap_groups, sizeof(struct group_change *)))
			return OFPGMFC_OUT_OF_GROUPS;
		error = group_delete_prepare(x->ts, id, &gc);
		if (!error)
			error = take_group(x, gc);
		g = id == UINT32_MAX ? NULL : groups_next(x->ts->groups, id + 1);
	}
	return error;
}

enum of_error
txn_group_mod(struct txn *x, const struct group_mod *gm)
{
	struct group_change *gc;
	enum of_error error;

	if (gm->command == OFPGC_DELETE && gm->group_id == OFPG_ALL)
		return delete_all_groups(x);
	if (!grow(&x->groups, x->n_groups, &x->cap_groups, sizeof(struct group_change *)))
		return OFPGMFC_OUT_OF_GROUPS;
	error = group_mod_prepare(x->ts, gm, &gc);
	return error ? error : take_group(x, gc);
}

static enum of_error
meter_mod(struct txn *x, const struct meter_mod *mm)
{
	struct meter_change *mc;
	enum of_error error;

	if (!grow(&x->meters, x->n_meters, &x->cap_meters, sizeof(struct meter_change *)))
		return OFPMMFC_OUT_OF_METERS;
	error = meter_mod_prepare(x->ts, mm, &mc);
	if (error)
		return error;
	x->meters[x->n_meters++] = mc;
	if (!hide_users(x, meter_change_users(mc), OFPRR_DELETE))
		return OFPMMFC_OUT_OF_METERS;
	hold(x);
	(void)meter_change_commit(mc);
	breathe(x);
	return OF_OK;
}

enum of_error
txn_meter_mod(struct txn *x, const struct meter_mod *mm)
{
	struct meter_mod one = {.command = OFPMC_DELETE};
	enum of_error error = OF_OK;
	const struct meter *m;

	if (mm->command != OFPMC_DELETE || mm->meter_id != OFPM_ALL)
		return meter_mod(x, mm);
	for (m = meters_next(x->ts->meters, 0); !error && m; m = meters_next(x->ts->meters, one.meter_id + 1)) {
		one.meter_id = m->id;
		error = meter_mod(x, &one);
	}
	return error;
}

/* ---- the end ---- */

static void
finish(struct txn *x)
{
	struct tables *ts = x->ts;

	for (size_t i = 0; i < x->n_groups; i++)
		group_change_free(x->groups[i]);
	for (size_t i = 0; i < x->n_meters; i++)
		meter_change_free(x->meters[i]);
	ts->txn = NULL;
	for (unsigned i = 0; i < ts->n_tables; i++)
		table_vacancy_check(ts, (uint8_t)i);
	free(x->added);
	free(x->removed);
	free(x->groups);
	free(x->meters);
	free(x);
}

static void
remove_old(struct txn *x, struct txn_old old)
{
	if (old.counter_given)
		old.rule->pub.counter = COUNTER_NONE;
	hold(x);
	if (old.by)
		flow_table_exchange(&x->ts->table[old.rule->pub.table_id], old.rule, old.by);
	if (old.replaced)
		tables_drop_rule(x->ts, old.rule);
	else
		tables_remove_rule(x->ts, old.rule, old.reason);
	breathe(x);
}

/* What was added and taken away again is in both lists, and goes with the second. */
static void
forget_unseen(struct txn *x)
{
	for (size_t i = 0; i < x->n_added; i++) {
		if (!cls_rule_seen(&x->added[i].rule->cls, CLS_NEW))
			x->added[i].rule = NULL;
	}
}

void
txn_commit(struct txn *x)
{
	struct tables *ts = x->ts;

	hold(x);
	ts->view = CLS_NEW;
	groups_show(ts->groups);
	meters_show(ts->meters);
	x->section.changed(x->aux);
	release(x);
	forget_unseen(x);
	for (size_t i = 0; i < x->n_removed; i++)
		remove_old(x, x->removed[i]);
	release(x); /* telling of very many takes long */
	for (size_t i = 0; i < x->n_added; i++) {
		if (!x->added[i].rule)
			continue;
		cls_rule_hide(&x->added[i].rule->cls, 0);
		tables_tell(ts, x->added[i].rule, x->added[i].modified ? TABLE_FLOW_MODIFIED : TABLE_FLOW_ADDED);
	}
	for (size_t i = 0; i < x->n_groups; i++) {
		hold(x);
		group_change_settle(x->groups[i]);
		breathe(x);
	}
	for (size_t i = 0; i < x->n_meters; i++) {
		hold(x);
		meter_change_settle(x->meters[i]);
		breathe(x);
	}
	hold(x);
	ts->view = CLS_OLD; /* which is the same by now */
	release(x);
	finish(x);
}

void
txn_abort(struct txn *x)
{
	struct tables *ts = x->ts;

	for (size_t i = x->n_removed; i-- > 0;) {
		struct flow_rule *r = x->removed[i].rule;

		cls_rule_hide(&r->cls, r->cls.e.hidden & ~(unsigned)CLS_NEW);
		evict_update(&ts->table[r->pub.table_id], r, ts->counters);
		ts->table[r->pub.table_id].n_going--;
		ts->n_going--;
	}
	for (size_t i = x->n_added; i-- > 0;) {
		if (x->added[i].counter_lent)
			x->added[i].rule->pub.counter = COUNTER_NONE;
		hold(x);
		tables_drop_rule(ts, x->added[i].rule);
		breathe(x);
	}
	for (size_t i = x->n_meters; i-- > 0;) {
		hold(x);
		(void)meter_change_undo(x->meters[i]);
		breathe(x);
	}
	for (size_t i = x->n_groups; i-- > 0;) {
		hold(x);
		group_change_undo(x->groups[i]);
		breathe(x);
	}
	hold(x);
	groups_show(ts->groups);
	meters_show(ts->meters);
	release(x);
	finish(x);
}
