/* SPDX-License-Identifier: ISC */
/* The plain tuple-space search that the classifier is measured against.
 *
 * Tuple-space search: matches with the same mask share a subtable, a hash map of their values.  A lookup asks subtable after
 * subtable, from the highest priority down, and stops as soon as none that is left can win.  Only the words of the key that a mask
 * has bits in are touched, and a subtable whose fields the frame lacks is passed over without a hash. */
#ifndef TESTS_BENCH_TSS_H
#define TESTS_BENCH_TSS_H

#include "hmap.h"
#include "match.h"

struct tss_subtable;

/* One match in a classifier; the last member of what embeds it, allocated with tss_words() words of value. */
struct tss_rule {
	struct hmap_node node;
	struct tss_subtable *sub; /* NULL: in no classifier */
	uint32_t priority;
	uint32_t pad;
	uint64_t value[]; /* the mask's words in use */
};

struct tss_order;
struct tss {
	struct hmap subtables; /* by mask */
	struct tss_order *order; /* by highest priority, descending */
	size_t n_order, cap_order;
	uint64_t seed;
};

void tss_init(struct tss *);
/* The classifier must be empty. */
void tss_fini(struct tss *);
/* Words of value that a rule with this match needs. */
unsigned tss_words(const struct match *);
/* False: no memory, nothing changed.  The same match and priority must not be in it already. */
bool tss_insert(struct tss *, struct tss_rule *, const struct match *, uint16_t priority);
void tss_remove(struct tss *, struct tss_rule *);
/* The rule of highest priority that takes 'key', or NULL. */
struct tss_rule *tss_lookup(const struct tss *, const struct flow_key *key);
/* The rule of exactly this match and priority, or NULL. */
struct tss_rule *tss_find(const struct tss *, const struct match *, uint16_t priority);

#endif
