/* SPDX-License-Identifier: ISC */
/* Finds, among many wildcard matches, the one of highest priority that takes a flow key.
 *
 * Tuple-space search: matches with the same mask share a subtable, a hash map of their values.  A lookup asks subtable after
 * subtable, from the highest priority down, and stops as soon as none that is left can win.  Only the words of the key that a mask
 * has bits in are touched, and a subtable whose fields the frame lacks is passed over without a hash. */
#ifndef OFPROTO_TABLE_CLASSIFIER_H
#define OFPROTO_TABLE_CLASSIFIER_H

#include "hmap.h"
#include "match.h"

struct cls_subtable;

/* One match in a classifier; the last member of what embeds it, allocated with classifier_words() words of value. */
struct cls_rule {
	struct hmap_node node;
	struct cls_subtable *sub; /* NULL: in no classifier */
	uint32_t priority;
	uint32_t pad;
	uint64_t value[]; /* the mask's words in use */
};

struct cls_order;
struct classifier {
	struct hmap subtables; /* by mask */
	struct cls_order *order; /* by highest priority, descending */
	size_t n_order, cap_order;
	uint64_t seed;
	bool walking;
};

void classifier_init(struct classifier *);
/* The classifier must be empty. */
void classifier_fini(struct classifier *);
/* Words of value that a rule with this match needs. */
unsigned classifier_words(const struct match *);
/* False: no memory, nothing changed.  The same match and priority must not be in it already. */
bool classifier_insert(struct classifier *, struct cls_rule *, const struct match *, uint16_t priority);
void classifier_remove(struct classifier *, struct cls_rule *);
/* The rule of highest priority that takes 'key', or NULL. */
struct cls_rule *classifier_lookup(const struct classifier *, const struct flow_key *key);
/* The rule of exactly this match and priority, or NULL. */
struct cls_rule *classifier_find(const struct classifier *, const struct match *, uint16_t priority);
/* True if a packet could match both 'match' and a rule of the same priority (6.4). */
bool classifier_overlaps(const struct classifier *, const struct match *, uint16_t priority);
/* Calls 'cb' for each rule that is the same as 'match' or more specific; the callback may remove the rule it is given. */
void
classifier_for_each(struct classifier *, const struct match *, void (*cb)(void *aux, struct cls_rule *), void *aux);

/* The rule's match, expanded. */
void cls_rule_match(const struct cls_rule *, struct match *);
/* True if the rule is the same as 'match' or more specific. */
bool cls_rule_within(const struct cls_rule *, const struct match *);
/* True if its match is empty. */
bool cls_rule_is_empty(const struct cls_rule *);

#endif
