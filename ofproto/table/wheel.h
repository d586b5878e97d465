/* SPDX-License-Identifier: ISC */
/* A hierarchical timing wheel (Varghese and Lauck, ToN 1997, scheme 7): many time-outs, each put in and taken out at the same small cost.
 *
 * Time is counted in ticks of the user's choice.  Four levels of 64 slots: the slots of a level are 64 times as wide as those of the level
 * below, and what is in a wide one moves down when its time begins, a few at a time.  A node may be due at any tick; what lies further
 * than 2^24 ticks ahead waits in the last slot until it is nearer. */
#ifndef OFPROTO_TABLE_WHEEL_H
#define OFPROTO_TABLE_WHEEL_H

#include "list.h"

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_LEVELS 4u
#define WHEEL_BITS 6u
#define WHEEL_SLOTS (1u << WHEEL_BITS)

/* One time-out; a member of what waits for it. */
struct wheel_node {
	struct list node; /* empty: it is in no wheel */
	uint32_t due; /* tick */
};

struct wheel {
	uint32_t now; /* what is due by this tick is in 'ready', or still in 'moving' */
	uint32_t n;
	uint64_t used[WHEEL_LEVELS]; /* slots that may have nodes */
	struct list slot[WHEEL_LEVELS][WHEEL_SLOTS];
	struct list moving; /* to be put into the slots below */
	struct list ready;
};

/* It holds pointers to itself: it can't be copied. */
void wheel_init(struct wheel *, uint32_t now);
static inline void
wheel_node_init(struct wheel_node *n)
{
	list_init(&n->node);
}
static inline bool
wheel_has(const struct wheel_node *n)
{
	return !list_is_empty(&n->node);
}
/* 'n' is in no wheel.  An empty wheel takes 'now' for its time, whatever that was before. */
void wheel_add(struct wheel *, struct wheel_node *n, uint32_t due, uint32_t now);
/* Does nothing if it is in no wheel. */
void wheel_remove(struct wheel *, struct wheel_node *);
/* The next node that is due by 'now', taken out, in no order but that of ticks; NULL: there is none, or *budget steps were not enough to
 * find it (then *budget is 0).  'now' may jump ahead by any number of ticks; when it goes back nothing is due. */
struct wheel_node *wheel_next(struct wheel *, uint32_t now, unsigned *budget);

#endif
