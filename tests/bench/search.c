/* SPDX-License-Identifier: ISC */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define STARTS 64u /* random packets of which the costliest is climbed from */
#define PATIENCE 3000u /* steps without gain */
#define PRESENT (offsetof(struct flow_key, present) / 8)

static struct cls_cost
cost_of(const struct classifier *c, const struct flow_key *k)
{
	struct cls_cost cost = {0};

	classifier_lookup_cost(c, k, CLS_NEW, &cost);
	return cost;
}

static unsigned
sum(struct cls_cost c)
{
	return c.tables + c.rules;
}

static void
random_key(const struct ruleset *s, struct ruleset_rnd *r, struct flow_key *k)
{
	if (ruleset_rnd(r) & 1)
		ruleset_key_any(r, k);
	else
		ruleset_key_in(s, r, k);
}

static int
compare(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

static void
keep_worst(struct search *out, const struct flow_key *k, struct cls_cost cost)
{
	if (sum(cost) <= out->worst_tables + out->worst_rules)
		return;
	out->worst_tables = cost.tables;
	out->worst_rules = cost.rules;
	out->worst = *k;
}

/* The random packets once more, up to one of the median's cost. */
static void
find_typical(const struct classifier *c, const struct ruleset *s, struct ruleset_rnd r, struct search *out)
{
	do
		random_key(s, &r, &out->typical);
	while (sum(cost_of(c, &out->typical)) != out->median);
}

static void
sample(const struct classifier *c, const struct ruleset *s, struct ruleset_rnd *r, unsigned n, struct search *out)
{
	unsigned *each = calloc(n, sizeof(*each));
	const struct ruleset_rnd begin = *r;

	if (!each)
		abort();
	for (unsigned i = 0; i < n; i++) {
		struct cls_cost cost;
		struct flow_key k;

		random_key(s, r, &k);
		cost = cost_of(c, &k);
		each[i] = sum(cost);
		out->mean_tables += (double)cost.tables / n;
		out->mean_rules += (double)cost.rules / n;
		keep_worst(out, &k, cost);
	}
	qsort(each, n, sizeof(*each), compare);
	out->median = each[n / 2];
	free(each);
	find_typical(c, s, begin, out);
}

/* One bit that some rule looks at, or half a row of another rule's values. */
static void
change(const struct ruleset *s, struct ruleset_rnd *r, struct flow_key *k)
{
	const struct match *m = &s->rules[ruleset_rnd(r) % s->n].match;
	uint32_t mask[FLOW_KEY_WORDS * 2], value[FLOW_KEY_WORDS * 2], key[FLOW_KEY_WORDS * 2];
	unsigned at = (unsigned)(ruleset_rnd(r) % (FLOW_KEY_WORDS * 2));

	memcpy(mask, &m->mask, sizeof(mask));
	memcpy(value, &m->key, sizeof(value));
	memcpy(key, k, sizeof(key));
	for (unsigned i = 0; i < FLOW_KEY_WORDS * 2 && (!mask[at] || at / 2 == PRESENT); i++)
		at = (at + 1) % (FLOW_KEY_WORDS * 2);
	if (!mask[at] || at / 2 == PRESENT)
		return;
	if (ruleset_rnd(r) % 3) {
		const uint32_t bit = UINT32_C(1) << ruleset_rnd(r) % 32;

		key[at] ^= mask[at] & bit ? bit : mask[at] & -mask[at];
	} else {
		key[at] = (key[at] & ~mask[at]) | value[at];
	}
	memcpy(k, key, sizeof(key));
}

static unsigned
climb(const struct classifier *c, const struct ruleset *s, struct ruleset_rnd *r, unsigned tries, struct search *out)
{
	struct flow_key best, k;
	unsigned used = 0, idle = 0;
	struct cls_cost top = {0}, cost;

	for (; used < STARTS && used < tries; used++) {
		random_key(s, r, &k);
		cost = cost_of(c, &k);
		if (used && sum(cost) <= sum(top))
			continue;
		top = cost;
		best = k;
	}
	for (; idle < PATIENCE && used < tries; used++) {
		k = best;
		for (unsigned n = 1 + (unsigned)(ruleset_rnd(r) % 3); n; n--)
			change(s, r, &k);
		cost = cost_of(c, &k);
		idle = sum(cost) > sum(top) ? 0 : idle + 1;
		if (sum(cost) < sum(top))
			continue;
		top = cost;
		best = k;
	}
	keep_worst(out, &best, top);
	return used;
}

void
search_worst(const struct classifier *c, const struct ruleset *s, uint64_t seed, unsigned tries, struct search *out)
{
	struct ruleset_rnd r = {seed};
	unsigned used = tries / 10 + 1;

	*out = (struct search){0};
	sample(c, s, &r, used, out);
	while (used < tries)
		used += climb(c, s, &r, tries - used, out);
}
