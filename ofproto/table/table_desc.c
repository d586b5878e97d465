/* SPDX-License-Identifier: ISC */
/* See table_desc.h. */
#include "table_desc.h"

#include "shape.h"
#include "sweep_private.h"

#define CONFIG_ALL ((uint32_t)OFPTC_DEPRECATED_MASK | OFPTC_EVICTION | OFPTC_VACANCY_EVENTS)

uint8_t
table_vacancy(const struct flow_table *t)
{
	const uint32_t max = t->features.max_entries, n = flow_table_n_rules(t);

	return (uint8_t)(n >= max ? 0 : (uint64_t)(max - n) * 100 / max);
}

void
table_vacancy_check(struct tables *ts, uint8_t id)
{
	struct flow_table *t = &ts->table[id];
	struct vacancy *v = &t->vacancy;
	uint8_t free_part;

	if (!v->on || ts->txn || sweep_looks(ts))
		return;
	free_part = table_vacancy(t);
	if (v->up_next ? free_part <= v->up : free_part >= v->down)
		return;
	v->up_next = !v->up_next;
	if (ts->events.table_vacancy)
		ts->events.table_vacancy(ts->aux, id, v->up_next ? OFPTR_VACANCY_DOWN : OFPTR_VACANCY_UP);
}

static bool
is_named(const struct tables *ts, const struct table_desc *d, unsigned id)
{
	return (d->table_id == OFPTT_ALL || d->table_id == id) && shape_table_exists(ts, (uint8_t)id);
}

static enum of_error
check(const struct tables *ts, const struct table_desc *d)
{
	bool found = d->table_id == OFPTT_ALL;

	if (d->config & ~CONFIG_ALL)
		return OFPTMFC_BAD_CONFIG;
	if (d->has_eviction && (!d->eviction_flags || d->eviction_flags & ~OFPTMPEF_ALL))
		return OFPTMFC_BAD_CONFIG;
	if (d->has_vacancy && (d->vacancy_down > d->vacancy_up || d->vacancy_up > 100))
		return OFPTMFC_BAD_CONFIG;
	for (unsigned i = 0; i < ts->n_tables; i++) {
		const struct vacancy *v = &ts->table[i].vacancy;

		if (!is_named(ts, d, i))
			continue;
		found = true;
		if ((d->config & OFPTC_VACANCY_EVENTS) && !d->has_vacancy && !v->up)
			return OFPTMFC_BAD_CONFIG;
	}
	return found ? OF_OK : OFPTMFC_BAD_TABLE;
}

static bool
set_eviction(struct tables *ts, uint8_t id, const struct table_desc *d)
{
	struct flow_table *t = &ts->table[id];

	return evict_set(t, (d->config & OFPTC_EVICTION) != 0, d->has_eviction ? d->eviction_flags : t->evict.flags,
	                 ts->counters);
}

/* What was there before, in the tables before 'end'. */
static void
undo_eviction(struct tables *ts, const struct table_desc *d, const struct table_desc *was, unsigned end)
{
	for (unsigned i = 0; i < end; i++) {
		struct flow_table *t = &ts->table[i];

		/* one that has been switched on goes off, one that has been switched off needs memory that was just there */
		if (is_named(ts, d, i))
			(void)evict_set(t, (was[i].config & OFPTC_EVICTION) != 0, was[i].eviction_flags, ts->counters);
	}
}

static void
set_vacancy(struct tables *ts, uint8_t id, const struct table_desc *d)
{
	struct flow_table *t = &ts->table[id];
	struct vacancy *v = &t->vacancy;
	const bool on = (d->config & OFPTC_VACANCY_EVENTS) != 0;

	if (d->has_vacancy) {
		v->down = d->vacancy_down;
		v->up = d->vacancy_up;
	}
	if (on && (!v->on || d->has_vacancy))
		v->up_next = table_vacancy(t) < v->up;
	v->on = on;
}

enum of_error
table_desc_set(struct tables *ts, const struct table_desc *d)
{
	static struct table_desc was[TABLES_MAX]; /* control thread only */
	const enum of_error error = check(ts, d);

	if (error)
		return error;
	for (unsigned i = 0; i < ts->n_tables; i++) {
		if (!is_named(ts, d, i))
			continue;
		table_desc_get(ts, (uint8_t)i, &was[i]);
		if (!set_eviction(ts, (uint8_t)i, d)) {
			undo_eviction(ts, d, was, i);
			return OFPTMFC_BAD_CONFIG;
		}
	}
	for (unsigned i = 0; i < ts->n_tables; i++) {
		if (!is_named(ts, d, i))
			continue;
		set_vacancy(ts, (uint8_t)i, d);
		ts->table[i].features.config = d->config & OFPTC_DEPRECATED_MASK;
	}
	return OF_OK;
}

void
table_desc_get(const struct tables *ts, uint8_t id, struct table_desc *d)
{
	const struct flow_table *t = &ts->table[id];

	*d = (struct table_desc){.table_id = id,
	                         .config = t->features.config,
	                         .has_eviction = true,
	                         .eviction_flags = t->evict.flags,
	                         .has_vacancy = t->vacancy.on,
	                         .vacancy_down = t->vacancy.down,
	                         .vacancy_up = t->vacancy.up,
	                         .vacancy = table_vacancy(t)};
	if (t->evict.on)
		d->config |= OFPTC_EVICTION;
	if (t->vacancy.on)
		d->config |= OFPTC_VACANCY_EVENTS;
}

void
table_desc_reset(struct tables *ts, uint8_t id)
{
	struct flow_table *t = &ts->table[id];

	evict_fini(&t->evict);
	t->evict.flags = OFPTMPEF_ALL;
	t->vacancy = (struct vacancy){0};
}
