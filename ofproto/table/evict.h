/* SPDX-License-Identifier: ISC */
/* What makes room in a full flow table (EXT-192; eviction of OpenFlow 1.4, 7.3.3).
 *
 * A table that may evict keeps its flow entries in a heap: those of the lowest importance first (OFPTMPEF_IMPORTANCE), among them those
 * with the least lifetime left (OFPTMPEF_LIFETIME; without time-outs it never ends), among them the oldest (OFPTMPEF_OTHER, and
 * where nothing else decides).  A table-miss entry is never put away: without it a table says nothing to anybody any more.
 *
 * Putting an entry in, out or finding the next one takes the logarithm of their number; a table that may not evict pays nothing.
 * As in expiry.c an idle deadline is an estimate that packets don't touch, put right when it comes to the top; after EVICT_LOOKS of them
 * the best one seen so far goes, so one flow-mod costs a bounded time however many entries are busy.  Control thread only. */
#ifndef OFPROTO_TABLE_EVICT_H
#define OFPROTO_TABLE_EVICT_H

#include "counters.h"

#define EVICT_LOOKS 256u
#define EVICT_NONE UINT32_MAX

struct flow_rule;
struct flow_table;

struct evict_entry {
	uint64_t due_ns; /* the end of its lifetime, or an earlier time; UINT64_MAX: never */
	uint64_t created_ns;
	uint32_t slot;
	uint16_t importance;
	bool keep; /* never put away */
};

struct evict {
	bool on;
	uint32_t flags; /* OFPTMPEF_*, what counts; also while it is off */
	struct evict_entry *heap;
	uint32_t *pos; /* of the rule in a slot, or EVICT_NONE */
	uint32_t n, cap; /* room for all slots, so that coming back never fails */
};

/* Switches eviction on or off, and says by what (which must not be 0).  False: no memory, nothing changed. */
bool evict_set(struct flow_table *, bool on, uint32_t flags, const struct counters *);
void evict_fini(struct evict *);
/* A table's content is taken out: 'to', which has none, goes on as 'from' did, and 'from' is off. */
void evict_leave(struct evict *to, struct evict *from);

/* All but evict_reserve do nothing while eviction is off. */
/* Room for rules in so many slots.  False: no memory. */
bool evict_reserve(struct evict *, uint32_t n_slots);
/* Puts a rule of the table in, or where it belongs by now. */
void evict_update(struct flow_table *, const struct flow_rule *, const struct counters *);
/* Takes it out, if it is in. */
void evict_remove(struct flow_table *, const struct flow_rule *);
/* The rule that is to make room, still in its place; NULL: none may go. */
struct flow_rule *evict_choose(struct flow_table *, const struct counters *);

#endif
