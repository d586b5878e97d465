/* SPDX-License-Identifier: ISC */
/* See evict.h. */
#include "flow_table.h"

#include <stdlib.h>

void
evict_fini(struct evict *e)
{
	free(e->heap);
	free(e->pos);
	*e = (struct evict){.flags = e->flags};
}

void
evict_leave(struct evict *to, struct evict *from)
{
	*to = (struct evict){.on = from->on, .flags = from->flags};
	from->on = false;
}

/* Room for more than that, so that growing slot by slot copies little. */
static bool
grow(struct evict *e, uint32_t at_least)
{
	const uint32_t n_slots = at_least > 2 * e->cap ? at_least : 2 * e->cap;
	struct evict_entry *heap = realloc(e->heap, (n_slots ? n_slots : 1) * sizeof(*heap));
	uint32_t *pos;

	if (!heap)
		return false;
	e->heap = heap;
	pos = realloc(e->pos, (n_slots ? n_slots : 1) * sizeof(*pos));
	if (!pos)
		return false;
	e->pos = pos;
	for (; e->cap < n_slots; e->cap++)
		e->pos[e->cap] = EVICT_NONE;
	return true;
}

bool
evict_reserve(struct evict *e, uint32_t n_slots)
{
	return !e->on || n_slots <= e->cap || grow(e, n_slots);
}

/* ---- order ---- */

static struct evict_entry
entry_of(const struct evict *e, const struct flow_rule *r, const struct counters *counters)
{
	return (struct evict_entry){
	    .due_ns = e->flags & OFPTMPEF_LIFETIME ? expiry_due(r, counters) : UINT64_MAX,
	    .created_ns = r->pub.created_ns,
	    .slot = r->slot,
	    .importance = e->flags & OFPTMPEF_IMPORTANCE ? r->pub.importance : 0,
	    .keep = rule_is_table_miss(&r->pub),
	};
}

/* True if 'a' is to go before 'b'. */
static bool
before(const struct evict_entry *a, const struct evict_entry *b)
{
	if (a->keep != b->keep)
		return b->keep;
	if (a->importance != b->importance)
		return a->importance < b->importance;
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	if (a->created_ns != b->created_ns)
		return a->created_ns < b->created_ns;
	return a->slot < b->slot;
}

static void
place(struct evict *e, uint32_t i, const struct evict_entry *entry)
{
	e->heap[i] = *entry;
	e->pos[entry->slot] = i;
}

/* Puts 'entry' into the hole at 'i' or where the order wants it below. */
static void
sink(struct evict *e, uint32_t i, struct evict_entry entry)
{
	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child >= e->n)
			break;
		if (child + 1 < e->n && before(&e->heap[child + 1], &e->heap[child]))
			child++;
		if (!before(&e->heap[child], &entry))
			break;
		place(e, i, &e->heap[child]);
		i = child;
	}
	place(e, i, &entry);
}

/* The same, above too. */
static void
settle(struct evict *e, uint32_t i, struct evict_entry entry)
{
	while (i > 0 && before(&entry, &e->heap[(i - 1) / 2])) {
		place(e, i, &e->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	sink(e, i, entry);
}

/* ---- entries ---- */

void
evict_update(struct flow_table *t, const struct flow_rule *r, const struct counters *counters)
{
	struct evict *e = &t->evict;

	if (!e->on)
		return;
	if (e->pos[r->slot] == EVICT_NONE)
		e->pos[r->slot] = e->n++;
	settle(e, e->pos[r->slot], entry_of(e, r, counters));
}

void
evict_remove(struct flow_table *t, const struct flow_rule *r)
{
	struct evict *e = &t->evict;
	const uint32_t i = e->on ? e->pos[r->slot] : EVICT_NONE;

	if (i == EVICT_NONE)
		return;
	e->pos[r->slot] = EVICT_NONE;
	if (i != --e->n)
		settle(e, i, e->heap[e->n]);
}

struct flow_rule *
evict_choose(struct flow_table *t, const struct counters *counters)
{
	struct evict *e = &t->evict;
	struct evict_entry best = {.keep = true};

	for (unsigned looks = EVICT_LOOKS; e->on && e->n && looks; looks--) {
		const struct evict_entry top = e->heap[0];
		const struct evict_entry now = entry_of(e, flow_table_slot(t, top.slot), counters);

		if (top.keep || (!best.keep && before(&best, &top)))
			break;
		if (now.due_ns == top.due_ns) /* the estimates of the others are not later than the truth */
			return flow_table_slot(t, top.slot);
		if (best.keep || before(&now, &best))
			best = now;
		sink(e, 0, now);
	}
	return best.keep ? NULL : flow_table_slot(t, best.slot);
}

/* All rules that are to be there, in the order of their slots; then a heap from below. */
static void
fill(struct flow_table *t, const struct counters *counters)
{
	struct evict *e = &t->evict;

	e->n = 0;
	for (uint32_t i = 0; i < t->n_slots; i++) {
		const struct flow_rule *r = flow_table_slot(t, i);
		struct evict_entry entry;

		if (!r || !cls_rule_seen(&r->cls, CLS_NEW))
			continue;
		entry = entry_of(e, r, counters);
		place(e, e->n++, &entry);
	}
	for (uint32_t i = e->n / 2; i-- > 0;)
		sink(e, i, e->heap[i]);
}

bool
evict_set(struct flow_table *t, bool on, uint32_t flags, const struct counters *counters)
{
	struct evict *e = &t->evict;
	const bool same = e->flags == flags;

	if (on && !e->on && !grow(e, t->n_segments * SLOT_SEGMENT)) {
		evict_fini(e);
		return false;
	}
	e->flags = flags;
	if (on && !(e->on && same))
		fill(t, counters);
	e->on = on;
	if (!on)
		evict_fini(e);
	return true;
}
