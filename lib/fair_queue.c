/* SPDX-License-Identifier: ISC */
/* See fair_queue.h.  All steps take constant time but the search for the longest lane, which only a source below its share causes. */
#include "fair_queue.h"

void
fair_init(struct fair_queue *q, size_t max)
{
	q->max = max;
	q->cost = 0;
	q->n_active = 0;
	list_init(&q->active);
	for (unsigned i = 0; i < FAIR_LANES; i++) {
		list_init(&q->lanes[i].node);
		list_init(&q->lanes[i].items);
		q->lanes[i].cost = 0;
	}
}

static void
take(struct fair_queue *q, struct fair_lane *lane, struct fair_item *item)
{
	list_remove(&item->node);
	lane->cost -= item->cost;
	q->cost -= item->cost;
	if (list_is_empty(&lane->items)) {
		list_remove(&lane->node);
		q->n_active--;
	}
}

static struct fair_lane *
longest(const struct fair_queue *q)
{
	struct fair_lane *best = NULL;

	LIST_FOR_EACH (n, &q->active) {
		struct fair_lane *lane = CONTAINER_OF(n, struct fair_lane, node);

		if (!best || lane->cost > best->cost)
			best = lane;
	}
	return best;
}

/* True if the lane, with 'cost' more, would have more than its share of a full queue. */
static bool
above_share(const struct fair_queue *q, const struct fair_lane *lane, size_t cost)
{
	const unsigned n = q->n_active + list_is_empty(&lane->items);

	return lane->cost + cost > q->max / n;
}

bool
fair_push(struct fair_queue *q, uint32_t source, struct fair_item *item, size_t cost, struct list *victims)
{
	struct fair_lane *lane = &q->lanes[source % FAIR_LANES];

	if (cost > q->max)
		return false;
	if (q->cost + cost > q->max && above_share(q, lane, cost))
		return false;
	while (q->cost + cost > q->max) {
		struct fair_lane *l = longest(q);
		struct fair_item *last = CONTAINER_OF(l->items.prev, struct fair_item, node);

		take(q, l, last);
		list_push_back(victims, &last->node);
	}
	if (list_is_empty(&lane->items)) {
		list_push_back(&q->active, &lane->node);
		q->n_active++;
	}
	item->cost = cost;
	list_push_back(&lane->items, &item->node);
	lane->cost += cost;
	q->cost += cost;
	return true;
}

struct fair_item *
fair_peek(const struct fair_queue *q)
{
	const struct fair_lane *lane = CONTAINER_OF(q->active.next, const struct fair_lane, node);

	return list_is_empty(&q->active) ? NULL : CONTAINER_OF(lane->items.next, struct fair_item, node);
}

struct fair_item *
fair_pop(struct fair_queue *q)
{
	struct fair_item *item = fair_peek(q);
	struct fair_lane *lane;

	if (!item)
		return NULL;
	lane = CONTAINER_OF(q->active.next, struct fair_lane, node);
	take(q, lane, item);
	if (!list_is_empty(&lane->items)) {
		list_remove(&lane->node);
		list_push_back(&q->active, &lane->node);
	}
	return item;
}

void
fair_remove(struct fair_queue *q, uint32_t source, struct fair_item *item)
{
	take(q, &q->lanes[source % FAIR_LANES], item);
}
