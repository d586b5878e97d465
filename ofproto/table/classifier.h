/* SPDX-License-Identifier: ISC */
/* Finds, among many wildcard matches, the one of highest priority that takes a flow key.
 *
 * Tuple-space search: matches with the same mask share a subtable, a hash map of their values.  A lookup asks subtable after
 * subtable, from the highest priority down, and stops as soon as none that is left can win.  Only the words of the key that a mask
 * has bits in are touched, and a subtable whose fields the frame lacks is passed over without a hash.
 *
 * Views: a transaction (txn.h) keeps the rules that frames see and those that they will see in one classifier.  A rule is hidden from the
 * old view, from the new one, or (as nearly always) from none, and whoever asks says for which view.  Two rules of the same match and
 * priority may be in a classifier if no view has both. */
#ifndef OFPROTO_TABLE_CLASSIFIER_H
#define OFPROTO_TABLE_CLASSIFIER_H

#include "hmap.h"
#include "match.h"

struct cls_subtable;

enum cls_view { CLS_OLD = 1, CLS_NEW = 2 };

/* One match in a classifier; the last member of what embeds it, allocated with classifier_words() words of value. */
struct cls_rule {
	struct hmap_node node;
	struct cls_subtable *sub; /* NULL: in no classifier */
	uint32_t priority;
	uint8_t hidden; /* from these views (bits of enum cls_view); 0: seen in both.  Stored and read relaxed */
	uint8_t pad[3];
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
/* False: no memory, nothing changed.  No view that the rule is in may have the same match and priority already. */
bool classifier_insert(struct classifier *, struct cls_rule *, const struct match *, uint16_t priority);
void classifier_remove(struct classifier *, struct cls_rule *);
/* The rule of highest priority that takes 'key', or NULL. */
struct cls_rule *classifier_lookup(const struct classifier *, const struct flow_key *key, enum cls_view);
/* The rule of exactly this match and priority, or NULL. */
struct cls_rule *classifier_find(const struct classifier *, const struct match *, uint16_t priority, enum cls_view);
/* True if a packet could match both 'match' and a rule of the same priority (6.4). */
bool classifier_overlaps(const struct classifier *, const struct match *, uint16_t priority, enum cls_view);
/* Calls 'cb' for each rule of the view that is the same as 'match' or more specific; the callback may hide or remove the rule it is
 * given. */
void classifier_for_each(struct classifier *, const struct match *, enum cls_view,
                         void (*cb)(void *aux, struct cls_rule *), void *aux);

static inline bool
cls_rule_seen(const struct cls_rule *r, enum cls_view view)
{
	return !(__atomic_load_n(&r->hidden, __ATOMIC_RELAXED) & view);
}
/* Any time, no exclusive section needed: what a view that is not in force shows is nobody's business yet. */
static inline void
cls_rule_hide(struct cls_rule *r, unsigned views)
{
	__atomic_store_n(&r->hidden, (uint8_t)views, __ATOMIC_RELAXED);
}

/* The rule's match, expanded. */
void cls_rule_match(const struct cls_rule *, struct match *);
/* True if the rule is the same as 'match' or more specific. */
bool cls_rule_within(const struct cls_rule *, const struct match *);
/* True if its match is empty. */
bool cls_rule_is_empty(const struct cls_rule *);

#endif
