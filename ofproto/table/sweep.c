/* SPDX-License-Identifier: ISC */
/* See sweep.h.
 *
 * Marked is what is hidden from the new view (classifier.h); the switch makes that view the one in force until all of it is freed. */
#include "sweep_private.h"

#include "clock.h"

#include <stdlib.h>

#define LOOKS 256u /* slots between two looks at the clock */
#define BATCH 64u /* rules that leave the classifier in one section */

struct sweep {
	struct sweep_plan plan;
	struct txn_section section;
	void *section_aux;
	enum sweep_state state;
	unsigned table; /* where it is */
	uint32_t slot;
	unsigned n_tables;
	struct flow_table out[]; /* what was taken out whole; none if the plan is choosy */
};

static bool
is_choosy(const struct sweep *s)
{
	return s->plan.wants != NULL;
}

static bool
covers(const struct sweep *s, unsigned table)
{
	return s->plan.table_id == OFPTT_ALL || s->plan.table_id == table;
}

/* ---- what others ask ---- */

static bool
stands_in(const struct flow_table *t, const struct flow_rule *r)
{
	return r->slot < t->n_slots && flow_table_slot(t, r->slot) == r;
}

struct flow_table *
sweep_table_of(struct tables *ts, const struct flow_rule *r)
{
	struct flow_table *t = &ts->table[r->pub.table_id];

	return ts->sweep && !stands_in(t, r) ? &ts->sweep->out[r->pub.table_id] : t;
}

bool
sweep_has(const struct tables *ts, const struct flow_rule *r)
{
	return ts->sweep && ts->sweep->state == SWEEP_REMOVES &&
	       (!cls_rule_seen(&r->cls, CLS_NEW) || !stands_in(&ts->table[r->pub.table_id], r));
}

bool
sweep_looks(const struct tables *ts)
{
	return ts->sweep && ts->sweep->state == SWEEP_LOOKS;
}

enum ofp_flow_removed_reason
sweep_reason(const struct tables *ts)
{
	return ts->sweep->plan.reason;
}

struct flow_rule *
sweep_find(const struct tables *ts, uint8_t table_id, const struct match *m, uint16_t priority)
{
	const struct sweep *s = ts->sweep;
	const struct classifier *cls;
	struct flow_rule *r;

	if (!s || s->state != SWEEP_REMOVES)
		return NULL;
	cls = is_choosy(s) ? &ts->table[table_id].cls : &s->out[table_id].cls;
	r = flow_rule_of_cls(classifier_find(cls, m, priority, CLS_OLD));
	return r && sweep_has(ts, r) ? r : NULL;
}

void
sweep_destroy(struct tables *ts)
{
	struct sweep *s = ts->sweep;

	for (unsigned i = 0; s && !is_choosy(s) && i < s->n_tables; i++)
		flow_table_empty(&s->out[i], ts->counters);
	free(s);
	ts->sweep = NULL;
}

/* ---- looking ---- */

bool
sweep_begin(struct tables *ts, const struct sweep_plan *plan, const struct txn_section *section, void *section_aux)
{
	const unsigned n = plan->wants ? 0 : ts->n_tables;
	struct sweep *s = ts->txn || ts->sweep ? NULL : calloc(1, sizeof(*s) + n * sizeof(s->out[0]));

	if (!s)
		return false;
	s->plan = *plan;
	s->section = *section;
	s->section_aux = section_aux;
	s->n_tables = ts->n_tables;
	for (unsigned i = 0; i < n; i++) {
		classifier_init(&s->out[i].cls);
		s->out[i].free_slot = SLOT_NONE;
	}
	ts->sweep = s;
	return true;
}

/* The next slot of a table that is swept (NULL: it is free); false at the end. */
static bool
next_slot(struct sweep *s, struct tables *ts, struct flow_table **table, struct flow_rule **rule)
{
	for (; s->table < s->n_tables; s->table++, s->slot = 0) {
		struct flow_table *t =
		    s->state == SWEEP_REMOVES && !is_choosy(s) ? &s->out[s->table] : &ts->table[s->table];

		if (!covers(s, s->table) || s->slot >= t->n_slots)
			continue;
		*table = t;
		*rule = flow_table_slot(t, s->slot++);
		return true;
	}
	return false;
}

/* True when all have been looked at. */
static bool
look(struct sweep *s, struct tables *ts, uint64_t until_ns)
{
	struct flow_table *t;
	struct flow_rule *r;

	for (unsigned n = 1; next_slot(s, ts, &t, &r); n++) {
		if (r && cls_rule_seen(&r->cls, CLS_NEW) && s->plan.wants(s->plan.aux, &r->pub)) {
			cls_rule_hide(&r->cls, r->cls.e.hidden | CLS_NEW);
			evict_remove(t, r);
			t->n_going++;
			ts->n_going++;
		}
		if (n % LOOKS == 0 && clock_ns() > until_ns)
			return false;
	}
	return true;
}

/* ---- the switch ---- */

static void
switch_over(struct sweep *s, struct tables *ts)
{
	s->section.hold(s->section_aux);
	for (unsigned i = 0; !is_choosy(s) && i < ts->n_tables; i++) {
		if (!covers(s, i))
			continue;
		flow_table_swap(&ts->table[i], &s->out[i]);
		ts->n_rules -= s->out[i].n_rules;
	}
	if (is_choosy(s))
		ts->view = CLS_NEW;
	if (s->plan.switched)
		s->plan.switched(s->plan.aux);
	s->section.changed(s->section_aux);
	s->section.release(s->section_aux);
	s->state = SWEEP_REMOVES;
	s->table = s->slot = 0;
	for (unsigned i = 0; i < ts->n_tables; i++)
		table_vacancy_check(ts, (uint8_t)i);
}

/* ---- freeing ---- */

static void
tell(const struct tables *ts, const struct flow_rule *r)
{
	if (ts->events.flow_removed)
		ts->events.flow_removed(ts->aux, &r->pub, sweep_reason(ts));
}

/* Rules that frames may still walk over: out of the classifier together, the rest of the work outside the section. */
static void
free_batch(struct sweep *s, struct tables *ts, struct flow_rule **rules, unsigned n)
{
	if (!n)
		return;
	for (unsigned i = 0; i < n; i++)
		tell(ts, rules[i]);
	s->section.hold(s->section_aux);
	for (unsigned i = 0; i < n; i++)
		tables_unlink_rule(ts, &ts->table[rules[i]->pub.table_id], rules[i]);
	s->section.release(s->section_aux);
	for (unsigned i = 0; i < n; i++)
		tables_free_rule(ts, rules[i]);
}

static bool
remove_marked(struct sweep *s, struct tables *ts, uint64_t until_ns)
{
	struct flow_rule *batch[BATCH], *r;
	struct flow_table *t;
	unsigned n = 0;
	bool more;

	for (unsigned looks = 1; (more = next_slot(s, ts, &t, &r)); looks++) {
		if (r && !cls_rule_seen(&r->cls, CLS_NEW))
			batch[n++] = r;
		if (n == BATCH) {
			free_batch(s, ts, batch, n);
			n = 0;
		}
		if ((n == 0 || looks % LOOKS == 0) && clock_ns() > until_ns)
			break;
	}
	free_batch(s, ts, batch, n);
	return !more;
}

static bool
remove_out(struct sweep *s, struct tables *ts, uint64_t until_ns)
{
	struct flow_table *t;
	struct flow_rule *r;

	for (unsigned n = 1; next_slot(s, ts, &t, &r); n++) {
		if (r) {
			tell(ts, r);
			tables_unlink_rule(ts, t, r);
			tables_free_rule(ts, r);
		}
		if (n % BATCH == 0 && clock_ns() > until_ns)
			return false;
	}
	return true;
}

static void
finish(struct sweep *s, struct tables *ts)
{
	if (is_choosy(s)) {
		s->section.hold(s->section_aux);
		ts->view = CLS_OLD; /* which is the same by now */
		s->section.release(s->section_aux);
	}
	sweep_destroy(ts);
}

enum sweep_state
sweep_step(struct tables *ts, uint64_t until_ns)
{
	struct sweep *s = ts->sweep;
	bool done;

	if (s->state == SWEEP_LOOKS) {
		if (is_choosy(s) && !look(s, ts, until_ns))
			return SWEEP_LOOKS;
		switch_over(s, ts);
	}
	done = is_choosy(s) ? remove_marked(s, ts, until_ns) : remove_out(s, ts, until_ns);
	if (!done)
		return SWEEP_REMOVES;
	finish(s, ts);
	return SWEEP_DONE;
}
