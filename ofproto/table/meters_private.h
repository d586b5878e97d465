/* SPDX-License-Identifier: ISC */
/* What meters.c and meter_mod.c share of 'struct meters'. */
#ifndef OFPROTO_TABLE_METERS_PRIVATE_H
#define OFPROTO_TABLE_METERS_PRIVATE_H

#include "meters.h"

#define METER_TICKS UINT64_C(64) /* in a nanosecond */

/* What a DELETE of all meters takes away in one stroke. */
struct meter_set {
	struct hmap by_id;
	struct meter **sorted; /* ascending ids; room for 'cap' */
	uint32_t n, cap;
};

struct meters {
	struct counters *counters;
	struct meter_set *set; /* [lookup] */
	bool hiding; /* [lookup] a transaction is in preparation: frames meet 'was' of what it has changed */
	uint32_t n_gone; /* in the set, but stand for meters that are not there any more */
	uint64_t seed;
};

/* NULL: no memory. */
struct meter_set *meter_set_create(void);
/* Frees the meters, their counters and user lists too.  Accepts NULL. */
void meter_set_destroy(struct meter_set *, struct counters *);
/* Room for one more: after this meter_set_swap can't fail.  False: no memory. */
bool meter_set_reserve(struct meter_set *);
/* Puts 'now' where 'was' is; one of them may be NULL. */
void meter_set_swap(struct meter_set *, uint64_t seed, struct meter *was, struct meter *now);
/* The meter and its counters; not the list of its users.  Accepts NULL. */
void meter_free(struct meter *, struct counters *);
/* [control] The meter as it is by now, changes of a transaction included. */
struct meter *meters_get(const struct meters *, uint32_t id);
/* [control] The same, and what stands for a meter that is gone. */
struct meter *meters_raw(const struct meters *, uint32_t id);

#endif
