/* SPDX-License-Identifier: ISC */
/* Finds, among many wildcard matches, the one of highest priority that takes a flow key.
 *
 * Rules are classified directly: nothing is built from traffic, so what a lookup may cost depends on what is installed alone.  Rules
 * with compatible masks share a hash table under a coarser mask (after TupleMerge, Daly et al., ToN 2019): the root has one table for
 * each set of address prefixes, rounded to bytes, or of whole fields where there are no addresses.  Rules that share a value there
 * beyond a short chain are told apart one level below, by the bits that divide them best, or by one byte and what their masks leave of it:
 * so rules of thousands of masks around one packet do not cost a table each.  Those that nothing divides, for one packet meets them all, are
 * ANDed out of bit vectors, 64 of them at a time and the highest priorities first.  What all rules below have in common is kept there, and a packet
 * that differs in it goes no further.  A lookup, which writes nothing, asks the tables from the highest
 * priority down and stops as soon as none that is left can win; most tables that have nothing to say answer with one memory access.
 *
 * Adding or removing a rule touches one way through the levels: hash tables grow by one bucket at a time, priorities are counted in
 * maps of fixed depth.  Hashes are keyed.
 *
 * Views: a transaction (txn.h) keeps the rules that frames see and those that they will see in one classifier.  A rule is hidden from the
 * old view, from the new one, or (as nearly always) from none, and whoever asks says for which view.  Two rules of the same match and
 * priority may be in a classifier if no view has both. */
#ifndef OFPROTO_TABLE_CLASSIFIER_H
#define OFPROTO_TABLE_CLASSIFIER_H

#include "hmap.h"
#include "match.h"

struct cls_mask;
struct cls_node;

enum cls_view { CLS_OLD = 1, CLS_NEW = 2 };

/* What stands in a chain: a rule, or a node of rules. */
struct cls_entry {
	struct cls_entry *next;
	uint32_t hash;
	uint16_t priority; /* of a node: the highest in it */
	uint8_t kind;
	uint8_t
	    hidden; /* of a rule: from these views (bits of enum cls_view); 0: seen in both.  Stored and read relaxed */
};

/* One match in a classifier; the last member of what embeds it, allocated with classifier_words() words of value. */
struct cls_rule {
	struct cls_entry e;
	struct cls_mask *mask; /* NULL: in no classifier */
	uint64_t value[]; /* the mask's words in use */
};

struct classifier {
	struct hmap masks;
	struct cls_node *root; /* NULL: empty */
	uint64_t seed;
	unsigned choices; /* of tables that the insertion at work may still make */
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
/* A lookup of 'key' is about to come.  Step 0 has the memory that it looks at first fetched, step 1, when that has come, what comes next. */
void classifier_expect(const struct classifier *, const struct flow_key *key, unsigned step);
/* The same as classifier_lookup, and adds to the counts what it did. */
struct cls_cost {
	unsigned tables; /* hash tables asked */
	unsigned rules; /* rules compared with the key */
};
struct cls_rule *
classifier_lookup_cost(const struct classifier *, const struct flow_key *key, enum cls_view, struct cls_cost *);
/* The rule of exactly this match and priority, or NULL. */
struct cls_rule *classifier_find(const struct classifier *, const struct match *, uint16_t priority, enum cls_view);
/* Whether a packet could match both 'match' and a rule of the same priority (6.4).  UNKNOWN: it can't be told by looking at 'max_looks'
 * rules and buckets, and each should be asked. */
enum cls_overlap { CLS_APART, CLS_OVERLAPS, CLS_UNKNOWN };
enum cls_overlap classifier_overlaps(const struct classifier *, const struct match *, uint16_t priority, enum cls_view,
                                     size_t max_looks);
/* Fills 'out' with rules of the view that are the same as 'match' or more specific and returns their number; max + 1 when there are more than
 * 'max', or when finding them takes more than 'max_looks' looks at rules and buckets: then 'out' is of no use. */
size_t classifier_collect(const struct classifier *, const struct match *, enum cls_view, struct cls_rule *out[],
                          size_t max, size_t max_looks);

static inline bool
cls_rule_seen(const struct cls_rule *r, enum cls_view view)
{
	return !(__atomic_load_n(&r->e.hidden, __ATOMIC_RELAXED) & view);
}
/* Any time, no exclusive section needed: what a view that is not in force shows is nobody's business yet. */
static inline void
cls_rule_hide(struct cls_rule *r, unsigned views)
{
	__atomic_store_n(&r->e.hidden, (uint8_t)views, __ATOMIC_RELAXED);
}

/* The rule's match, expanded. */
void cls_rule_match(const struct cls_rule *, struct match *);
/* True if the rule is the same as 'match' or more specific. */
bool cls_rule_within(const struct cls_rule *, const struct match *);
/* True if it has this priority, is in the view, and some packet could match it and 'match'. */
bool cls_rule_overlaps(const struct cls_rule *, const struct match *, uint16_t priority, enum cls_view);
/* True if its match is empty. */
bool cls_rule_is_empty(const struct cls_rule *);
static inline uint16_t
cls_rule_priority(const struct cls_rule *r)
{
	return r->e.priority;
}

#endif
