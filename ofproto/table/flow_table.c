/* SPDX-License-Identifier: ISC */
/* The rules of one table: the classifier finds them by packet or by match, the slots by position. */
#include "flow_table.h"

#include <stdlib.h>

#define FEW 64u /* rules that the classifier names; more are found by walking the slots */
#define FEW_LOOKS 1024u
#define LARGE 512u /* rules that can be changed in one section */

bool
flow_table_init(struct flow_table *t, struct counters *counters)
{
	*t = (struct flow_table){.counter = counters_alloc(counters)};
	classifier_init(&t->cls);
	return t->counter != COUNTER_NONE;
}

void
flow_table_fini(struct flow_table *t, struct counters *counters)
{
	for (uint32_t i = 0; i < t->n_slots; i++) {
		struct flow_rule *r = t->slots[i];

		if (!r)
			continue;
		classifier_remove(&t->cls, &r->cls);
		rule_uses_set(r, NULL);
		counters_free(counters, r->pub.counter);
		rule_actions_unref(r->acts);
		free(r);
	}
	classifier_fini(&t->cls);
	free(t->slots);
	free(t->free_slots);
	counters_free(counters, t->counter);
}

/* Slots and the stack of free ones grow together, so that giving a slot back never fails. */
static bool
slots_grow(struct flow_table *t)
{
	const uint32_t cap = t->cap_slots ? t->cap_slots * 2 : 8;
	struct flow_rule **slots = realloc(t->slots, cap * sizeof(*slots));
	uint32_t *stack;

	if (!slots)
		return false;
	t->slots = slots;
	stack = realloc(t->free_slots, cap * sizeof(*stack));
	if (!stack)
		return false;
	t->free_slots = stack;
	t->cap_slots = cap;
	return true;
}

bool
flow_table_insert(struct flow_table *t, struct flow_rule *r, const struct match *m)
{
	if (!t->n_free && t->n_slots == t->cap_slots && !slots_grow(t))
		return false;
	if (!classifier_insert(&t->cls, &r->cls, m, r->pub.priority))
		return false;
	r->slot = t->n_free ? t->free_slots[--t->n_free] : t->n_slots++;
	t->slots[r->slot] = r;
	t->n_rules++;
	return true;
}

void
flow_table_remove(struct flow_table *t, struct flow_rule *r)
{
	classifier_remove(&t->cls, &r->cls);
	t->slots[r->slot] = NULL;
	t->free_slots[t->n_free++] = r->slot;
	if (--t->n_rules == 0)
		t->n_slots = t->n_free = 0;
}

bool
flow_table_walks(const struct flow_table *t, const struct match *m)
{
	struct cls_rule *few[FEW];

	return t->n_rules > LARGE && classifier_collect(&t->cls, m, CLS_NEW, few, FEW, FEW_LOOKS) > FEW;
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
		struct flow_rule *r = t->slots[i];

		if (r && cls_rule_seen(&r->cls, view) && cls_rule_within(&r->cls, m))
			cb(aux, &r->cls);
	}
}
