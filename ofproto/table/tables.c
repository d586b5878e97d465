/* SPDX-License-Identifier: ISC */
/* All tables of a switch: making them, asking them, and walking them for replies. */
#include "flow_table.h"

#include "groups.h"
#include "meters.h"

#include "clock.h"
#include "shape.h"
#include "sweep_private.h"

#include <stdlib.h>

#define NS_PER_S UINT64_C(1000000000)

struct tables *
tables_create(unsigned n_tables, struct counters *counters, const struct table_events *events, void *aux)
{
	struct tables *ts = calloc(1, sizeof(*ts) + n_tables * sizeof(ts->table[0]));

	if (!ts)
		return NULL;
	ts->counters = counters;
	ts->aux = aux;
	ts->view = CLS_OLD;
	wheel_init(&ts->expiry, 0);
	for (unsigned i = 0; i <= FLOW_KEY_WORDS; i++)
		slab_init(&ts->rules[i], sizeof(struct flow_rule) + i * sizeof(uint64_t));
	if (events)
		ts->events = *events;
	ts->groups = groups_create(counters);
	ts->meters = meters_create(counters);
	if (!ts->groups || !ts->meters) {
		tables_destroy(ts);
		return NULL;
	}
	for (; ts->n_tables < n_tables; ts->n_tables++) {
		if (!flow_table_init(&ts->table[ts->n_tables], counters)) {
			tables_destroy(ts);
			return NULL;
		}
	}
	for (unsigned i = 0; i < n_tables; i++)
		shape_capability(ts, (uint8_t)i, &ts->table[i].features);
	return ts;
}

void
tables_destroy(struct tables *ts)
{
	if (!ts)
		return;
	sweep_destroy(ts);
	for (unsigned i = 0; i < ts->n_tables; i++)
		flow_table_fini(&ts->table[i], ts->counters);
	groups_destroy(ts->groups);
	meters_destroy(ts->meters);
	for (unsigned i = 0; i < ACTIONS_KNOWN; i++)
		rule_actions_unref(ts->known[i]);
	for (unsigned i = 0; i <= FLOW_KEY_WORDS; i++)
		slab_fini(&ts->rules[i]);
	free(ts);
}

unsigned
tables_count(const struct tables *ts)
{
	return ts->n_tables;
}

struct groups *
tables_groups(const struct tables *ts)
{
	return ts->groups;
}

struct meters *
tables_meters(const struct tables *ts)
{
	return ts->meters;
}

const struct rule *
tables_lookup(const struct tables *ts, uint8_t table_id, const struct flow_key *key)
{
	const struct flow_rule *r;

	if (table_id >= ts->n_tables)
		return NULL;
	r = flow_rule_of_cls(classifier_lookup(&ts->table[table_id].cls, key, ts->view));
	return r ? &r->pub : NULL;
}

void
tables_expect(const struct tables *ts, const struct flow_key *key, unsigned step)
{
	if (ts->n_tables)
		classifier_expect(&ts->table[0].cls, key, step);
}

uint32_t
tables_counter(const struct tables *ts, uint8_t table_id)
{
	return table_id < ts->n_tables ? ts->table[table_id].counter : COUNTER_NONE;
}

uint32_t
tables_active(const struct tables *ts, uint8_t table_id)
{
	const struct flow_table *t = &ts->table[table_id];

	if (table_id >= ts->n_tables)
		return 0;
	return t->n_rules - (ts->view == CLS_NEW ? t->n_going : 0);
}

uint32_t
tables_max_rules(const struct tables *ts)
{
	(void)ts;
	return TABLES_MAX_RULES;
}

uint32_t
tables_memory_mib(const struct tables *ts)
{
	uint32_t blocks = 0;

	for (unsigned i = 0; i <= FLOW_KEY_WORDS; i++)
		blocks += ts->rules[i].n_blocks;
	return blocks / (1024 * 1024 / SLAB_BLOCK);
}

void
tables_tell(const struct tables *ts, const struct flow_rule *r, enum table_flow_event event)
{
	if (ts->events.flow_changed)
		ts->events.flow_changed(ts->aux, &r->pub, event);
}

void
rule_vanish(struct tables *ts, struct flow_rule *r)
{
	const bool going = !cls_rule_seen(&r->cls, CLS_NEW);

	ts->table[r->pub.table_id].n_going += !going;
	ts->n_going += !going;
	cls_rule_hide(&r->cls, CLS_OLD | CLS_NEW);
	evict_remove(&ts->table[r->pub.table_id], r);
	table_vacancy_check(ts, r->pub.table_id);
}

void
tables_unlink_rule(struct tables *ts, struct flow_table *t, struct flow_rule *r)
{
	const bool going = !cls_rule_seen(&r->cls, CLS_NEW);

	t->n_going -= going;
	ts->n_going -= going;
	ts->n_rules -= t == &ts->table[r->pub.table_id]; /* not counted any more once a sweep has taken it out */
	flow_table_remove(t, r);
	table_vacancy_check(ts, r->pub.table_id);
}

void
tables_free_rule(struct tables *ts, struct flow_rule *r)
{
	wheel_remove(&ts->expiry, &r->timer);
	rule_uses_set(r, NULL);
	counters_free(ts->counters, r->pub.counter);
	rule_actions_unref(r->acts);
	slab_free(r);
}

void
tables_drop_rule(struct tables *ts, struct flow_rule *r)
{
	tables_unlink_rule(ts, sweep_table_of(ts, r), r);
	tables_free_rule(ts, r);
}

void
tables_remove_rule(struct tables *ts, struct flow_rule *r, enum ofp_flow_removed_reason reason)
{
	if (ts->events.flow_removed)
		ts->events.flow_removed(ts->aux, &r->pub, sweep_has(ts, r) ? sweep_reason(ts) : reason);
	tables_drop_rule(ts, r);
}

void
tables_cursor_init(struct tables_cursor *c, uint8_t first_table)
{
	*c = (struct tables_cursor){.table_id = first_table == OFPTT_ALL ? 0 : first_table};
}

static bool
selected(const struct flow_rule *r, const struct flow_stats_request *req)
{
	return ((r->pub.cookie ^ req->cookie) & req->cookie_mask) == 0 && cls_rule_within(&r->cls, &req->match) &&
	       rule_actions_output_to(r->acts, req->out_port, req->out_group);
}

bool
rule_is_selected(const struct rule *r, const struct flow_stats_request *req)
{
	return (req->table_id == OFPTT_ALL || req->table_id == r->table_id) && selected(flow_rule_of(r), req);
}

/* 'position' is the number of slots already looked at in the table. */
const struct rule *
tables_cursor_next(const struct tables *ts, struct tables_cursor *c, const struct flow_stats_request *req,
                   unsigned budget)
{
	while (!c->done) {
		const struct flow_table *t;

		if (c->table_id >= ts->n_tables || (req->table_id != OFPTT_ALL && c->table_id != req->table_id)) {
			c->done = true;
			break;
		}
		t = &ts->table[c->table_id];
		while (c->position < t->n_slots) {
			const struct flow_rule *r = flow_table_slot(t, (uint32_t)c->position++);

			if (r && cls_rule_seen(&r->cls, ts->view) && selected(r, req))
				return &r->pub;
			if (!budget--)
				return NULL;
		}
		c->table_id++;
		c->position = 0;
	}
	return NULL;
}

void
rule_stats(const struct tables *ts, const struct rule *r, struct flow_stats *fs)
{
	const uint64_t now = clock_ns();
	const uint64_t age = now > r->created_ns ? now - r->created_ns : 0;
	struct counter_sum sum;

	counters_read(ts->counters, r->counter, &sum);
	*fs = (struct flow_stats){.table_id = r->table_id,
	                          .duration_s = (uint32_t)(age / NS_PER_S),
	                          .duration_ns = (uint32_t)(age % NS_PER_S),
	                          .priority = r->priority,
	                          .idle_timeout_s = r->idle_timeout_s,
	                          .hard_timeout_s = r->hard_timeout_s,
	                          .flags = r->flags,
	                          .cookie = r->cookie,
	                          .packet_count = rule_packets(r, &sum),
	                          .byte_count = rule_bytes(r, &sum)};
	rule_match(r, &fs->match);
	rule_insts(r, &fs->insts);
}
