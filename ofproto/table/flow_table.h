/* SPDX-License-Identifier: ISC */
/* One flow table, and what the files of this folder share of 'struct tables'. */
#ifndef OFPROTO_TABLE_FLOW_TABLE_H
#define OFPROTO_TABLE_FLOW_TABLE_H

#include "evict.h"
#include "rule.h"
#include "slab.h"

/* Vacancy events (table_desc.h). */
struct vacancy {
	bool on;
	bool up_next; /* the event that may come: UP, or else DOWN */
	uint8_t down, up; /* per cent of free entries */
};

/* Rules sit in slots: a rule keeps its slot as long as it lives, so a slot number is a place in the table that outlives rules.  Slots are
 * in segments, as one array of millions would be copied when it grows. */
#define SLOT_SEGMENT 1024u
union flow_slot {
	struct flow_rule *rule;
	uintptr_t free; /* odd: the next free slot times 2, plus 1 */
};

struct flow_table {
	struct classifier cls;
	union flow_slot **segments;
	uint32_t n_segments, cap_segments;
	uint32_t n_slots; /* ever used */
	uint32_t free_slot; /* the first, SLOT_NONE: none */
	uint32_t n_rules;
	uint32_t n_going; /* of them, hidden from the new view */
	uint32_t counter;
	struct table_features features; /* present 0: the table is not part of the pipeline */
	struct evict evict;
	struct vacancy vacancy;
};

#define SLOT_NONE (UINT32_MAX >> 1)

/* The rule in a slot below n_slots, or NULL. */
static inline struct flow_rule *
flow_table_slot(const struct flow_table *t, uint32_t i)
{
	const union flow_slot *s = &t->segments[i / SLOT_SEGMENT][i % SLOT_SEGMENT];

	return s->free & 1 ? NULL : s->rule;
}

/* Flow entries that there are, or will be when the open transaction is committed. */
static inline uint32_t
flow_table_n_rules(const struct flow_table *t)
{
	return t->n_rules - t->n_going;
}

bool flow_table_init(struct flow_table *, struct counters *);
/* Frees all rules without a word. */
void flow_table_fini(struct flow_table *, struct counters *);
/* Frees rules and slots, in silence: of one that holds nothing else. */
void flow_table_empty(struct flow_table *, struct counters *);
/* Exchanges the rules of a table and of one that holds nothing else; what eviction has to say of them is forgotten. */
void flow_table_swap(struct flow_table *, struct flow_table *);
/* False: no memory, nothing changed. */
bool flow_table_insert(struct flow_table *, struct flow_rule *, const struct match *);
void flow_table_remove(struct flow_table *, struct flow_rule *);
/* Each takes the other's slot. */
void flow_table_exchange(struct flow_table *, struct flow_rule *, struct flow_rule *);
/* How many rules flow_table_for_each would look at, about. */
uint32_t flow_table_looks(const struct flow_table *, const struct match *);
/* Calls 'cb' for each rule of the view that is the same as 'match' or more specific; the callback may hide or remove the rule it is
 * given. */
void flow_table_for_each(struct flow_table *, const struct match *, enum cls_view,
                         void (*cb)(void *aux, struct cls_rule *), void *aux);

/* Starts the rule's time anew by its time-outs, or ends it if it has none. */
void expiry_arm(struct tables *, struct flow_rule *);
/* When the rule will go by its time-outs, as far as is known now; UINT64_MAX: never. */
uint64_t expiry_due(const struct flow_rule *, const struct counters *);

struct tables {
	struct counters *counters;
	struct table_events events;
	void *aux;
	unsigned n_tables;
	uint32_t n_rules;
	uint32_t n_going; /* of them, hidden from the new view */
	enum cls_view view; /* [lookup] what frames see */
	struct txn *txn; /* in preparation, or NULL */
	struct sweep *sweep; /* under way, or NULL */
	struct wheel expiry;
	struct groups *groups;
	struct meters *meters;
	struct slab rules[FLOW_KEY_WORDS + 1]; /* by words of value */
	struct rule_actions *known[ACTIONS_KNOWN]; /* referred to; NULL: nothing is known */
	struct flow_table table[];
};

/* Takes a rule out of its table, tells whoever wants to know, and frees it.  What a sweep has is told of with the sweep's reason. */
void tables_remove_rule(struct tables *, struct flow_rule *, enum ofp_flow_removed_reason);
/* The same in silence. */
void tables_drop_rule(struct tables *, struct flow_rule *);
/* Its parts: frames don't see it any more; they don't come across it any more; it is freed. */
void rule_vanish(struct tables *, struct flow_rule *);
void tables_unlink_rule(struct tables *, struct flow_table *, struct flow_rule *);
void tables_free_rule(struct tables *, struct flow_rule *);
/* Raises flow_changed. */
void tables_tell(const struct tables *, const struct flow_rule *, enum table_flow_event);

/* Per cent of the table's max_entries that are free, rounded down. */
uint8_t table_vacancy(const struct flow_table *);
/* After a change of the number of entries or of what fits in: raises table_vacancy if a threshold was passed.  Not while a transaction is
 * open or a sweep looks for entries, which do it themselves when all is done at once. */
void table_vacancy_check(struct tables *, uint8_t id);

/* What of a list depends on the switch: ports that can be sent to, groups that exist. */
enum of_error tables_check_outputs(const struct tables *, const struct ofp_acts *);

#endif
