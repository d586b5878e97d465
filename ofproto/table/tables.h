/* SPDX-License-Identifier: ISC */
/* The flow tables of one switch: flow entries, lookup, flow-mods, time-outs (OpenFlow 1.3.5, 5.1 to 5.5, 6.4, 7.3.4.1).
 *
 * No packets, no sockets.  tables_lookup and rule members marked [lookup] may be read by workers; everything that changes tables is
 * called by the control thread inside an exclusive section (datapath.h), which the caller holds. */
#ifndef OFPROTO_TABLE_TABLES_H
#define OFPROTO_TABLE_TABLES_H

#include "counters.h"
#include "list.h"
#include "match.h"
#include "messages.h"

#define TABLES_MAX 254
#define TABLES_MAX_RULES 2000000u /* in all tables together; then OFPFMFC_TABLE_FULL */

struct tables;

/* A flow entry.  Owned by its table. */
struct rule {
	/* [lookup] */
	uint32_t counter; /* id in the slab */
	uint16_t priority;
	uint8_t table_id;
	uint8_t inst_present; /* bits OFPIT_x */
	uint64_t cookie;
	uint16_t flags; /* OFPFF_* */
	uint16_t idle_timeout_s;
	/* control thread */
	uint16_t hard_timeout_s;
	uint16_t importance; /* EXT-192: the lowest makes room first */
	uint64_t created_ns, modified_ns;
	/* members of table/ follow in rule.h's private part */
};

/* [lookup] The rule's instructions, borrowed. */
void rule_insts(const struct rule *, struct ofp_insts *);
/* Its match, expanded. */
void rule_match(const struct rule *, struct match *);
/* True for a table-miss entry: priority 0 and an empty match (5.4). */
bool rule_is_table_miss(const struct rule *);

enum table_flow_event { TABLE_FLOW_ADDED, TABLE_FLOW_MODIFIED };
struct table_events {
	/* Called for every removal of a rule, inside the exclusive section or (sweep.h) when frames don't see it any more; the rule is
	 * still whole. */
	void (*flow_removed)(void *aux, const struct rule *, enum ofp_flow_removed_reason);
	/* Called inside the section after which frames don't meet the rule any more, where flow_removed follows outside it.  A
	 * transaction, a sweep, and time-outs by the hundred call txn_section.changed instead.  May be NULL. */
	void (*flow_vanished)(void *aux, const struct rule *);
	/* Called when a rule is there or has changed; an ADD that replaces a rule is a change.  May be NULL. */
	void (*flow_changed)(void *aux, const struct rule *, enum table_flow_event);
	/* The free part of a table has passed a threshold of its vacancy events (table_desc.h).  May be NULL. */
	void (*table_vacancy)(void *aux, uint8_t table_id, enum ofp_table_reason);
};

/* 'n_tables' 1 to 254.  NULL: no memory. */
struct tables *tables_create(unsigned n_tables, struct counters *, const struct table_events *, void *aux);
void tables_destroy(struct tables *);
unsigned tables_count(const struct tables *);

/* [lookup] The highest-priority rule of the table that takes 'key', or NULL. */
const struct rule *tables_lookup(const struct tables *, uint8_t table_id, const struct flow_key *key);
/* [lookup]  classifier_expect, for table 0. */
void tables_expect(const struct tables *, const struct flow_key *key, unsigned step);
/* [lookup] The counter of a table: packets = lookups, bytes = matched. */
uint32_t tables_counter(const struct tables *, uint8_t table_id);

/* [lookup] Groups and meters of this switch (groups.h, meters.h); they live as long as the tables. */
struct groups *tables_groups(const struct tables *);
struct meters *tables_meters(const struct tables *);
/* OFPBAC_BAD_OUT_GROUP if the list names a group that does not exist. */
enum of_error tables_check_groups(const struct tables *, const struct ofp_acts *);

/* One FLOW_MOD, all five commands (6.4).  State is unchanged after any error. */
enum of_error tables_flow_mod(struct tables *, const struct flow_mod *);
/* True if it looks at so many flow entries that it belongs into a sweep (DELETE; sweep.h) or a transaction (MODIFY; txn.h). */
bool tables_is_bulk(const struct tables *, const struct flow_mod *);
/* What of its checks looks at no other flow entry. */
enum of_error tables_flow_mod_check(const struct tables *, const struct flow_mod *);
/* True if CHECK_OVERLAP (6.4) can't be answered by looking at a few entries, and should be by tables_overlap_scan, outside any section. */
bool tables_overlap_is_long(const struct tables *, const struct flow_mod *);
/* Looks at the next 'n' slots of the table, from *slot (0 to begin with).  True: there are more.  *found: an entry overlaps. */
bool tables_overlap_scan(const struct tables *, const struct flow_mod *, uint32_t *slot, uint32_t n, bool *found);
/* What a sweep in place of a non-strict DELETE wants; the first argument is the flow-mod. */
bool tables_delete_wants(void *flow_mod, const struct rule *);
/* True if it deletes whatever is in its tables. */
bool tables_delete_is_total(const struct flow_mod *);

/* How what is done in slices gets its exclusive sections. */
struct txn_section {
	void (*hold)(void *aux); /* frames stand still */
	void (*release)(void *aux); /* and go on */
	void (*changed)(void *aux); /* inside: what was derived from the tables is stale */
};

/* Removes some of what has timed out by clock_ns(), at most 'max' rules; true if more may be due.  Outside any section; those it takes are
 * short. */
bool tables_expire(struct tables *, const struct txn_section *, void *section_aux, unsigned max);

uint32_t tables_active(const struct tables *, uint8_t table_id);
uint32_t tables_max_rules(const struct tables *);
/* Memory of the flow entries themselves, MiB. */
uint32_t tables_memory_mib(const struct tables *);

/* Rules in a stable order for long replies.  A cursor survives any change of the tables between calls: it holds a position, not a
 * pointer; rules added or removed meanwhile may be missed. */
struct tables_cursor {
	uint8_t table_id; /* where to go on */
	uint64_t position; /* sequence number of the last rule seen in it */
	bool done;
};
void tables_cursor_init(struct tables_cursor *, uint8_t first_table /* OFPTT_ALL = 0 */);
/* The next rule that 'req' selects (table, cookie, out_port, out_group, match: non-strict), or NULL at the end; also NULL with
 * cursor->done false after 'budget' rules were looked at in vain. */
const struct rule *tables_cursor_next(const struct tables *, struct tables_cursor *,
                                      const struct flow_stats_request *req, unsigned budget);

/* True if 'req' selects the rule; its table is looked at too. */
bool rule_is_selected(const struct rule *, const struct flow_stats_request *req);

/* Its counters as they are told: all ones where NO_PKT_COUNTS or NO_BYT_COUNTS says that there are none (5.8).  They are not counted
 * either: see credit_rule in pipeline/translate.c. */
static inline uint64_t
rule_packets(const struct rule *r, const struct counter_sum *sum)
{
	return r->flags & OFPFF_NO_PKT_COUNTS ? UINT64_MAX : sum->packets;
}
static inline uint64_t
rule_bytes(const struct rule *r, const struct counter_sum *sum)
{
	return r->flags & OFPFF_NO_BYT_COUNTS ? UINT64_MAX : sum->bytes;
}
/* Fills 'fs' from a rule; match by value, instructions borrowed. */
void rule_stats(const struct tables *, const struct rule *, struct flow_stats *fs);

#endif
