/* SPDX-License-Identifier: ISC */
/* One flow table, and what the files of this folder share of 'struct tables'. */
#ifndef OFPROTO_TABLE_FLOW_TABLE_H
#define OFPROTO_TABLE_FLOW_TABLE_H

#include "rule.h"

/* Rules sit in slots: a rule keeps its slot as long as it lives, so a slot number is a place in the table that outlives rules. */
struct flow_table {
	struct classifier cls;
	struct flow_rule **slots; /* NULL: free */
	uint32_t *free_slots; /* stack */
	uint32_t n_slots, cap_slots, n_free;
	uint32_t n_rules;
	uint32_t n_going; /* of them, hidden from the new view */
	uint32_t counter;
	struct table_features features; /* present 0: the table is not part of the pipeline */
};

bool flow_table_init(struct flow_table *, struct counters *);
/* Frees all rules without a word. */
void flow_table_fini(struct flow_table *, struct counters *);
/* False: no memory, nothing changed. */
bool flow_table_insert(struct flow_table *, struct flow_rule *, const struct match *);
void flow_table_remove(struct flow_table *, struct flow_rule *);
/* True if flow_table_for_each would walk the whole of a large table. */
bool flow_table_walks(const struct flow_table *, const struct match *);
/* Calls 'cb' for each rule of the view that is the same as 'match' or more specific; the callback may hide or remove the rule it is
 * given. */
void flow_table_for_each(struct flow_table *, const struct match *, enum cls_view,
                         void (*cb)(void *aux, struct cls_rule *), void *aux);

/* Rules with a time-out, the one to look at next on top. */
struct expiry_entry {
	uint64_t due_ns;
	struct flow_rule *rule;
};
struct expiry {
	struct expiry_entry *heap;
	uint32_t n, cap;
};
void expiry_fini(struct expiry *);
/* Room for one more; false: no memory. */
bool expiry_reserve(struct expiry *);
/* Puts the rule in by its time-outs, or where it now belongs, or out if it has none.  Reserve before adding. */
void expiry_update(struct expiry *, struct flow_rule *, const struct counters *);
void expiry_remove(struct expiry *, struct flow_rule *);

struct tables {
	struct counters *counters;
	struct table_events events;
	void *aux;
	unsigned n_tables;
	uint32_t n_rules;
	enum cls_view view; /* [lookup] what frames see */
	struct txn *txn; /* in preparation, or NULL */
	struct expiry expiry;
	struct groups *groups;
	struct meters *meters;
	struct flow_table table[];
};

/* Takes a rule out of its table, tells whoever wants to know, and frees it. */
void tables_remove_rule(struct tables *, struct flow_rule *, enum ofp_flow_removed_reason);
/* The same in silence. */
void tables_drop_rule(struct tables *, struct flow_rule *);
/* Raises flow_changed. */
void tables_tell(const struct tables *, const struct flow_rule *, enum table_flow_event);

/* What of a list depends on the switch: ports that can be sent to, groups that exist. */
enum of_error tables_check_outputs(const struct tables *, const struct ofp_acts *);

#endif
