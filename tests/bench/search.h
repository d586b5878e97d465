/* SPDX-License-Identifier: ISC */
/* Looks for the packet that a classifier spends most on, as an attacker would who knows the rules: in counts, not in time. */
#ifndef TESTS_BENCH_SEARCH_H
#define TESTS_BENCH_SEARCH_H

#include "classifier.h"
#include "ruleset.h"

struct search {
	double mean_tables, mean_rules; /* of random packets: half are inside a random rule, half anything */
	unsigned median; /* tables asked and rules compared, together */
	unsigned worst_tables, worst_rules; /* of the costliest packet found */
	struct flow_key worst, typical; /* typical: a random one of the median's cost */
};

/* A tenth of the tries are random packets, the rest climb: from the costliest of a few random ones, one bit or one field (that of another rule) at
 * a time, and begin again when nothing gets better. */
void search_worst(const struct classifier *, const struct ruleset *, uint64_t seed, unsigned tries, struct search *);
static inline double
search_ratio(const struct search *s)
{
	return (double)(s->worst_tables + s->worst_rules) / (s->median ? s->median : 1);
}

#endif
