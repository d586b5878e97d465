/* SPDX-License-Identifier: ISC */
/* See wheel.h.  A slot's bit in 'used' is cleared when the slot is emptied by time; after removals it may be set for nothing. */
#include "wheel.h"

#define MASK (WHEEL_SLOTS - 1)

void
wheel_init(struct wheel *w, uint32_t now)
{
	w->now = now;
	w->n = 0;
	list_init(&w->moving);
	list_init(&w->ready);
	for (unsigned l = 0; l < WHEEL_LEVELS; l++) {
		w->used[l] = 0;
		for (unsigned s = 0; s < WHEEL_SLOTS; s++)
			list_init(&w->slot[l][s]);
	}
}

/* Puts the node where its time says, seen from w->now: the lowest level whose present round it is in.  The rounds of the highest level
 * overlap: there it may be any slot but the present one. */
static void
place(struct wheel *w, struct wheel_node *n)
{
	const unsigned top = WHEEL_BITS * (WHEEL_LEVELS - 1);
	uint32_t due = n->due;
	unsigned level = 0, slot;

	if (due <= w->now) {
		list_push_back(&w->ready, &n->node);
		return;
	}
	if ((due >> top) - (w->now >> top) > MASK)
		due = w->now + (MASK << top);
	while (level < WHEEL_LEVELS - 1 && due >> WHEEL_BITS * (level + 1) != w->now >> WHEEL_BITS * (level + 1))
		level++;
	slot = due >> WHEEL_BITS * level & MASK;
	list_push_back(&w->slot[level][slot], &n->node);
	w->used[level] |= UINT64_C(1) << slot;
}

void
wheel_add(struct wheel *w, struct wheel_node *n, uint32_t due, uint32_t now)
{
	if (!w->n++)
		w->now = now;
	n->due = due;
	place(w, n);
}

void
wheel_remove(struct wheel *w, struct wheel_node *n)
{
	if (!wheel_has(n))
		return;
	list_remove(&n->node);
	w->n--;
}

/* All of a slot, to the end of 'to'. */
static void
empty_slot(struct wheel *w, unsigned level, unsigned slot, struct list *to)
{
	struct list *from = &w->slot[level][slot];

	w->used[level] &= ~(UINT64_C(1) << slot);
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* Time goes on to the next slot of level 0 that is used, or to the end of the level's round, but not beyond 'now'. */
static void
advance(struct wheel *w, uint32_t now)
{
	const uint32_t left = MASK - (w->now & MASK);
	const uint64_t ahead = left ? w->used[0] >> (w->now & MASK) >> 1 : 0;
	const uint32_t step = ahead ? (uint32_t)__builtin_ctzll(ahead) + 1 : left + 1;

	if (step > now - w->now) {
		w->now = now;
		return;
	}
	w->now += step;
	if (ahead) {
		empty_slot(w, 0, w->now & MASK, &w->ready);
		return;
	}
	for (unsigned level = 1; level < WHEEL_LEVELS; level++) {
		const uint32_t slot = w->now >> WHEEL_BITS * level & MASK;

		empty_slot(w, level, slot, &w->moving);
		if (slot)
			break;
	}
}

struct wheel_node *
wheel_next(struct wheel *w, uint32_t now, unsigned *budget)
{
	for (; *budget; (*budget)--) {
		struct list *n = list_pop_front(&w->moving);

		if (n) {
			place(w, CONTAINER_OF(n, struct wheel_node, node));
			continue;
		}
		if ((n = list_pop_front(&w->ready)) != NULL) {
			w->n--;
			return CONTAINER_OF(n, struct wheel_node, node);
		}
		if (!w->n || w->now >= now)
			return NULL;
		advance(w, now);
	}
	return NULL;
}
