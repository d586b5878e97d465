/* SPDX-License-Identifier: ISC */
/* The rules of one table: the classifier finds them by packet or by match, the slots by position. */
#include "flow_table.h"

#include <stdlib.h>

#define FEW 64u /* rules that the classifier names; more are found by walking the slots */
#define FEW_LOOKS 1024u

bool
flow_table_init(struct flow_table *t, struct counters *counters)
{
	*t = (struct flow_table){
	    .counter = counters_alloc(counters), .free_slot = SLOT_NONE, .evict = {.flags = OFPTMPEF_ALL}};
	classifier_init(&t->cls);
	return t->counter != COUNTER_NONE;
}

/* One segment more. */
static bool
slots_grow(struct flow_table *t)
{
	const uint32_t cap = t->cap_segments ? t->cap_segments * 2 : 4;
	union flow_slot **segments;

	if (!evict_reserve(&t->evict, (t->n_segments + 1) * SLOT_SEGMENT))
		return false;
	if (t->n_segments == t->cap_segments) {
		segments = realloc(t->segments, cap * sizeof(union flow_slot *));
		if (!segments)
			return false;
		t->segments = segments;
		t->cap_segments = cap;
	}
	t->segments[t->n_segments] = malloc(SLOT_SEGMENT * sizeof(union flow_slot));
	if (!t->segments[t->n_segments])
		return false;
	t->n_segments++;
	return true;
}

static uint32_t
slot_take(struct flow_table *t, struct flow_rule *r)
{
	const uint32_t i = t->free_slot == SLOT_NONE ? t->n_slots++ : t->free_slot;
	union flow_slot *s = &t->segments[i / SLOT_SEGMENT][i % SLOT_SEGMENT];

	if (t->free_slot != SLOT_NONE)
		t->free_slot = (uint32_t)(s->free >> 1);
	s->rule = r;
	return i;
}

static void
slots_free(struct flow_table *t)
{
	for (uint32_t i = 0; i < t->n_segments; i++)
		free(t->segments[i]);
	free(t->segments);
	t->segments = NULL;
	t->n_segments = t->cap_segments = t->n_slots = 0;
	t->free_slot = SLOT_NONE;
}

static void
slot_give(struct flow_table *t, uint32_t i)
{
	union flow_slot *s = &t->segments[i / SLOT_SEGMENT][i % SLOT_SEGMENT];

	s->free = (uintptr_t)t->free_slot << 1 | 1;
	t->free_slot = i;
	if (!t->n_rules)
		slots_free(t);
}

void
flow_table_empty(struct flow_table *t, struct counters *counters)
{
	for (uint32_t i = 0; i < t->n_slots; i++) {
		struct flow_rule *r = flow_table_slot(t, i);

		if (!r)
			continue;
		classifier_remove(&t->cls, &r->cls);
		rule_uses_set(r, NULL);
		counters_free(counters, r->pub.counter);
		rule_actions_unref(r->acts);
		slab_free(r);
	}
	classifier_fini(&t->cls);
	evict_fini(&t->evict);
	slots_free(t);
}

void
flow_table_fini(struct flow_table *t, struct counters *counters)
{
	flow_table_empty(t, counters);
	counters_free(counters, t->counter);
}

void
flow_table_swap(struct flow_table *a, struct flow_table *b)
{
	const struct flow_table c = *a;

	*a = *b;
	*b = c;
	b->counter = a->counter;
	a->counter = c.counter;
	b->features = a->features;
	a->features = c.features;
	b->vacancy = a->vacancy;
	a->vacancy = c.vacancy;
	evict_leave(&a->evict, &b->evict);
}

bool
flow_table_insert(struct flow_table *t, struct flow_rule *r, const struct match *m)
{
	if (t->free_slot == SLOT_NONE && t->n_slots == t->n_segments * SLOT_SEGMENT && !slots_grow(t))
		return false;
	if (!classifier_insert(&t->cls, &r->cls, m, r->pub.priority))
		return false;
	r->slot = slot_take(t, r);
	t->n_rules++;
	return true;
}

void
flow_table_remove(struct flow_table *t, struct flow_rule *r)
{
	classifier_remove(&t->cls, &r->cls);
	evict_remove(t, r);
	t->n_rules--;
	slot_give(t, r->slot);
}

void
flow_table_exchange(struct flow_table *t, struct flow_rule *a, struct flow_rule *b)
{
	const uint32_t slot = a->slot;

	t->segments[slot / SLOT_SEGMENT][slot % SLOT_SEGMENT].rule = b;
	t->segments[b->slot / SLOT_SEGMENT][b->slot % SLOT_SEGMENT].rule = a;
	a->slot = b->slot;
	b->slot = slot;
}

uint32_t
flow_table_looks(const struct flow_table *t, const struct match *m)
{
	struct cls_rule *few[FEW];
	const size_t n = t->n_rules > FEW ? classifier_collect(&t->cls, m, CLS_NEW, few, FEW, FEW_LOOKS) : t->n_rules;

	return n > FEW ? t->n_slots : (uint32_t)n;
}

void
flow_table_for_each(struct flow_table *t, const struct match *m, enum cls_view view,
                    void (*cb)(void *aux, struct cls_rule *), void *aux)
{
	struct cls_rule *few[FEW];
	const size_t n = classifier_collect(&t->cls, m, view, few, FEW, FEW_LOOKS);

	for (size_t i = 0; n <= FEW && i < n; i++)
		cb(aux, few[i]);
	for (uint32_t i = 0; n > FEW && i < t->n_slots; i++) {
		struct flow_rule *r = flow_table_slot(t, i);

		if (r && cls_rule_seen(&r->cls, view) && cls_rule_within(&r->cls, m))
			cb(aux, &r->cls);
	}
}
