/* SPDX-License-Identifier: ISC */
/* A bounded queue that is fair among its sources: each source has a lane, lanes are served in turn, and when the queue is full the
 * longest lane loses, so that a quiet source is never starved by a loud one.
 *
 * Intrusive: items embed fair_item and stay their owner's.  Sources share lanes when their numbers are equal modulo FAIR_LANES. */
#ifndef LIB_FAIR_QUEUE_H
#define LIB_FAIR_QUEUE_H

#include "list.h"

#include <stdint.h>

#define FAIR_LANES 256u

struct fair_item {
	struct list node;
	size_t cost;
};

struct fair_lane {
	struct list node; /* in 'active' while it holds items */
	struct list items;
	size_t cost;
};

struct fair_queue {
	size_t max, cost; /* in the unit of the items' cost, such as bytes */
	unsigned n_active;
	struct list active; /* the lane to serve next in front */
	struct fair_lane lanes[FAIR_LANES];
};

/* 'max': the sum of costs that may wait. */
void fair_init(struct fair_queue *, size_t max);
/* Appends 'item' to the lane of 'source'.  Returns false when it must be dropped instead: the queue is full, and its own lane has its
 * share.  Otherwise items that had to go for it (of the longest lanes, newest first) are put on 'victims'; the caller frees them. */
bool fair_push(struct fair_queue *, uint32_t source, struct fair_item *item, size_t cost, struct list *victims);
/* The item whose turn it is, left in the queue; NULL when empty. */
struct fair_item *fair_peek(const struct fair_queue *);
/* Takes that item out; the next lane's turn comes. */
struct fair_item *fair_pop(struct fair_queue *);
/* Takes out an item that is in the queue. */
void fair_remove(struct fair_queue *, uint32_t source, struct fair_item *);

#endif
