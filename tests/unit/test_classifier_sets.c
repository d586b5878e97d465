/* SPDX-License-Identifier: ISC */
/* The classifier on whole rule sets: shapes of real ones and adverse ones, changed while they are asked, against a plain search; and
 * what a lookup may cost, counted, not timed. */
#include "classifier.h"
#include "prio_map.h"
#include "ruleset.h"
#include "search.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N_KEYS 150

static struct ruleset_rnd rnd = {11};

/* A set of rules, of which some are in the classifier. */
struct world {
	struct ruleset set;
	struct classifier c;
	struct cls_rule **in; /* NULL: not in */
};

static void
world_init(struct world *w)
{
	w->in = calloc(w->set.n, sizeof(*w->in));
	assert_non_null(w->in);
	classifier_init(&w->c);
}

static void
put(struct world *w, size_t i)
{
	const struct ruleset_rule *x = &w->set.rules[i];

	if (w->in[i] || classifier_find(&w->c, &x->match, x->priority, CLS_NEW))
		return;
	w->in[i] = calloc(1, sizeof(**w->in) + classifier_words(&x->match) * sizeof(uint64_t));
	assert_non_null(w->in[i]);
	assert_true(classifier_insert(&w->c, w->in[i], &x->match, x->priority));
}

static void
take(struct world *w, size_t i)
{
	if (!w->in[i])
		return;
	classifier_remove(&w->c, w->in[i]);
	free(w->in[i]);
	w->in[i] = NULL;
}

static void
world_fini(struct world *w)
{
	for (size_t i = 0; i < w->set.n; i++)
		take(w, i);
	assert_null(w->c.root);
	assert_int_equal(hmap_count(&w->c.masks), 0);
	classifier_fini(&w->c);
	free(w->in);
	ruleset_fini(&w->set);
}

static void
check_key(const struct world *w, const struct flow_key *k)
{
	const struct cls_rule *r;
	int best = -1;
	struct match m;

	classifier_expect(&w->c, k, 0);
	classifier_expect(&w->c, k, 1);
	r = classifier_lookup(&w->c, k, CLS_NEW);
	for (size_t i = 0; i < w->set.n; i++) {
		if (w->in[i] && w->set.rules[i].priority > best && match_covers(&w->set.rules[i].match, k))
			best = w->set.rules[i].priority;
	}
	if ((r ? cls_rule_priority(r) : -1) != best)
		fail_msg("found priority %d, not %d", r ? cls_rule_priority(r) : -1, best);
	if (!r)
		return;
	cls_rule_match(r, &m);
	assert_true(match_covers(&m, k));
}

static void
check_found(const struct world *w)
{
	for (size_t i = 0; i < w->set.n; i++) {
		const struct ruleset_rule *x = &w->set.rules[i];
		struct match m;

		if (!w->in[i])
			continue;
		assert_ptr_equal(classifier_find(&w->c, &x->match, x->priority, CLS_NEW), w->in[i]);
		cls_rule_match(w->in[i], &m);
		assert_memory_equal(&m, &x->match, sizeof(m));
	}
}

static bool
within(const struct match *specific, const struct match *general)
{
	const uint64_t *s = (const uint64_t *)(const void *)&specific->mask,
	               *g = (const uint64_t *)(const void *)&general->mask;

	for (size_t i = 0; i < FLOW_KEY_WORDS; i++) {
		if (g[i] & ~s[i])
			return false;
	}
	return match_covers(general, &specific->key);
}

static bool
overlap(const struct match *a, const struct match *b)
{
	const uint64_t *ak = (const uint64_t *)(const void *)&a->key, *am = (const uint64_t *)(const void *)&a->mask;
	const uint64_t *bk = (const uint64_t *)(const void *)&b->key, *bm = (const uint64_t *)(const void *)&b->mask;

	for (size_t i = 0; i < FLOW_KEY_WORDS; i++) {
		if ((ak[i] ^ bk[i]) & am[i] & bm[i])
			return false;
	}
	return true;
}

/* Collecting and the overlap check, for the match of one rule made a little wider. */
static void
check_match(const struct world *w)
{
	const struct ruleset_rule *x = &w->set.rules[ruleset_rnd(&rnd) % w->set.n];
	struct match m = x->match;
	struct cls_rule **out = calloc(w->set.n, sizeof(*out));
	size_t n = 0, got;
	enum cls_overlap few;
	bool meets = false;

	assert_non_null(out);
	if (ruleset_rnd(&rnd) & 1) {
		m.key.ipv4_src = m.mask.ipv4_src = 0;
		m.key.present = m.mask.present &= ~OXM_BIT(OXM_IPV4_SRC);
	}
	for (size_t i = 0; i < w->set.n; i++) {
		n += w->in[i] && within(&w->set.rules[i].match, &m);
		meets |= w->in[i] && w->set.rules[i].priority == x->priority && overlap(&w->set.rules[i].match, &m);
	}
	got = classifier_collect(&w->c, &m, CLS_NEW, out, w->set.n, SIZE_MAX);
	assert_int_equal(got, n);
	for (size_t i = 0; i < got; i++)
		assert_true(cls_rule_within(out[i], &m));
	if (n)
		assert_int_equal(classifier_collect(&w->c, &m, CLS_NEW, out, n - 1, SIZE_MAX), n);
	assert_int_equal(classifier_overlaps(&w->c, &m, x->priority, CLS_NEW, SIZE_MAX), meets);
	few = classifier_overlaps(&w->c, &m, x->priority, CLS_NEW, ruleset_rnd(&rnd) % 64);
	assert_true(few == CLS_UNKNOWN || few == (enum cls_overlap)meets);
	free(out);
}

static void
churn(struct world *w)
{
	world_init(w);
	for (int round = 0; round < 24; round++) {
		const unsigned share = round < 12 ? 70 : 25; /* grows, then shrinks */

		for (size_t n = 0; n < w->set.n / 2; n++) {
			const size_t i = ruleset_rnd(&rnd) % w->set.n;

			if (ruleset_rnd(&rnd) % 100 < share)
				put(w, i);
			else
				take(w, i);
		}
		for (int i = 0; i < N_KEYS; i++) {
			struct flow_key k;

			if (i % 4)
				ruleset_key_in(&w->set, &rnd, &k);
			else
				ruleset_key_any(&rnd, &k);
			check_key(w, &k);
		}
		check_found(w);
		check_match(w);
	}
	world_fini(w);
}

static void
sets_change_while_they_are_asked(void **unused)
{
	static const char *const kinds[] = {"acl", "fw", "ipc", "mac", "five", "six", "tse", "nest", "bits"};

	(void)unused;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct world w = {0};

		assert_true(ruleset_make(&w.set, kinds[i], 1500, 3 + i));
		churn(&w);
	}
}

static void
add(struct ruleset *s, const struct match *m, uint16_t priority)
{
	if ((s->n & (s->n - 1)) == 0)
		s->rules = realloc(s->rules, (s->n ? 2 * s->n : 1) * sizeof(*s->rules));
	assert_non_null(s->rules);
	s->rules[s->n++] = (struct ruleset_rule){*m, priority};
}

/* Masks that share no prefix, and few priorities, so that there are ties. */
static void
masks_without_any_order(void **unused)
{
	struct world w = {0};

	(void)unused;
	for (int i = 0; i < 800; i++) {
		struct match m = {0};

		m.mask.metadata = ruleset_rnd(&rnd) & ruleset_rnd(&rnd) & ruleset_rnd(&rnd);
		m.mask.ipv4_src = (be32)(ruleset_rnd(&rnd) & ruleset_rnd(&rnd));
		m.key.metadata = m.mask.metadata & ruleset_rnd(&rnd) & 0x0101010101010101;
		m.key.ipv4_src = m.mask.ipv4_src & (be32)(ruleset_rnd(&rnd) & 0x11111111);
		m.key.present = m.mask.present = OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_IPV4_SRC);
		add(&w.set, &m, (uint16_t)(ruleset_rnd(&rnd) % 5));
	}
	churn(&w);
}

/* One match at very many priorities, put in from both ends and in the middle. */
static void
one_match_at_many_priorities(void **unused)
{
	struct world w = {0};
	struct flow_key k;

	(void)unused;
	for (unsigned i = 0; i < 6000; i++) {
		struct match m = {0};

		m.mask.metadata = 0x30;
		m.key.metadata = i % 3 << 4;
		m.key.present = m.mask.present = OXM_BIT(OXM_METADATA);
		add(&w.set, &m, (uint16_t)(i < 2000 ? 60000 - i : i < 4000 ? i : 10000 + i * 7919 % 20011));
	}
	world_init(&w);
	for (size_t i = 0; i < w.set.n; i++)
		put(&w, i);
	check_found(&w);
	for (size_t i = 0; i < w.set.n; i++) {
		if (i % 60 == 0) {
			ruleset_key_in(&w.set, &rnd, &k);
			check_key(&w, &k);
		}
		take(&w, i * 4001 % w.set.n);
	}
	world_fini(&w);
}

/* The goals of what a lookup costs, tables asked and rules compared: on average, and of the costliest packet that a search finds, beside
 * the median; and of 'bits', where nothing but comparing helps, far fewer than its rules. */
static void
cost_is_bounded(void **unused)
{
	static const struct {
		const char *kind;
		size_t n;
		unsigned mean, times;
	} goals[] = {{"acl", 10000, 40, 8},  {"fw", 10000, 50, 8},  {"ipc", 10000, 50, 8}, {"mac", 100000, 3, 8},
	             {"five", 100000, 3, 8}, {"six", 100000, 4, 8}, {"tse", 16384, 40, 8}, {"nest", 16384, 40, 8},
	             {"nest", 4096, 20, 8},  {"bits", 4096, 200, 8}};

	(void)unused;
	for (size_t g = 0; g < 2 * sizeof(goals) / sizeof(goals[0]); g++) {
		const size_t at = g / 2;
		struct world w = {0};
		struct search s;

		assert_true(ruleset_make(&w.set, goals[at].kind, goals[at].n, 5 + g));
		world_init(&w);
		for (size_t i = 0; i < w.set.n; i++) /* in order, and not */
			put(&w, g % 2 ? i * 40009 % w.set.n : i);
		search_worst(&w.c, &w.set, ruleset_rnd(&rnd), 30000, &s);
		print_message("%s: mean %.1f, median %u, worst %u + %u\n", goals[at].kind, s.mean_tables + s.mean_rules,
		              s.median, s.worst_tables, s.worst_rules);
		assert_true(s.mean_tables + s.mean_rules <= goals[at].mean);
		assert_true(search_ratio(&s) <= goals[at].times);
		assert_true(s.worst_tables + s.worst_rules <= 400);
		world_fini(&w);
	}
}

static void
report(const char *what, const struct world *w, struct search *s)
{
	search_worst(&w->c, &w->set, ruleset_rnd(&rnd), 30000, s);
	print_message("%s: mean %.1f, median %u, worst %u + %u\n", what, s->mean_tables + s->mean_rules, s->median,
	              s->worst_tables, s->worst_rules);
}

/* All of one network: 1024 rules that nest, which nothing divides, and then very many that their ports tell apart.  These don't end among the former,
 * and a packet costs little, whichever go. */
static void
rules_that_divide_come_after_rules_that_nest(void **unused)
{
	const size_t nested = 1024, all = 21024;
	struct world w = {0};
	struct search s;

	(void)unused;
	for (size_t i = 0; i < all; i++) {
		const unsigned src = (unsigned)i % 8, dst = 16 + (unsigned)i / 8 % 8, port = 1 + (unsigned)i / 64 % 16;
		struct match m = {0};

		m.mask.eth_type = 0xffff;
		m.key.eth_type = htons(0x0800);
		m.mask.ip_proto = 0xff;
		m.key.ip_proto = 6;
		m.mask.ipv4_dst = htonl(UINT32_MAX << (32 - (i < nested ? dst : 16)));
		m.key.ipv4_dst = htonl(0x0a010203) & m.mask.ipv4_dst;
		m.mask.ipv4_src = i < nested && src ? htonl(UINT32_MAX << (32 - src)) : 0;
		m.key.ipv4_src = htonl(0x55aa55aa) & m.mask.ipv4_src;
		m.mask.tcp_dst = htons((uint16_t)(i < nested ? 0x10000 - (1 << (16 - port)) : 0xffff));
		m.key.tcp_dst = (be16)((i < nested ? htons(0x1f90) : ruleset_rnd(&rnd)) & m.mask.tcp_dst);
		m.mask.tcp_src = i < nested ? 0 : 0xffff;
		m.key.tcp_src = (be16)ruleset_rnd(&rnd) & m.mask.tcp_src;
		m.key.present = m.mask.present = OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_IP_PROTO) | OXM_BIT(OXM_IPV4_DST) |
		                                 OXM_BIT(OXM_TCP_DST) | (m.mask.ipv4_src ? OXM_BIT(OXM_IPV4_SRC) : 0) |
		                                 (m.mask.tcp_src ? OXM_BIT(OXM_TCP_SRC) : 0);
		add(&w.set, &m, (uint16_t)(1 + ruleset_rnd(&rnd) % 65000));
	}
	world_init(&w);
	for (size_t i = 0; i < all; i++)
		put(&w, i);
	report("both", &w, &s);
	assert_true(s.mean_tables + s.mean_rules <= 60 && s.worst_tables + s.worst_rules <= 120);
	for (size_t i = 0; i < nested; i++)
		take(&w, i);
	report("those that divide", &w, &s);
	assert_true(s.mean_tables + s.mean_rules <= 60 && s.worst_tables + s.worst_rules <= 120);
	for (size_t i = 0; i < nested; i++)
		put(&w, i);
	for (size_t i = nested; i < all; i++)
		take(&w, i);
	report("those that nest", &w, &s);
	assert_true(s.mean_tables + s.mean_rules <= 40 && s.worst_tables + s.worst_rules <= 120);
	world_fini(&w);
}

static void
priorities_are_kept_in_order(void **unused)
{
	static uint64_t oracle[65536];
	struct prio_map m = PRIO_MAP_INIT;

	(void)unused;
	for (int i = 0; i < 200000; i++) {
		const unsigned spread = i % 50000 < 25000 ? 30 : 65536;
		const uint16_t p = (uint16_t)(ruleset_rnd(&rnd) % spread);
		int above = p + 1, max = 65535;

		if (ruleset_rnd(&rnd) % 100 < (i % 20000 < 10000 ? 60u : 20u)) {
			oracle[p] = ruleset_rnd(&rnd) | 1;
			assert_true(prio_map_set(&m, p, oracle[p]));
		} else {
			oracle[p] = 0;
			prio_map_clear(&m, p);
		}
		assert_int_equal(prio_map_get(&m, p), oracle[p]);
		if (i % 500)
			continue;
		while (above < 65536 && !oracle[above])
			above++;
		while (max >= 0 && !oracle[max])
			max--;
		assert_int_equal(prio_map_above(&m, p), above == 65536 ? -1 : above);
		assert_int_equal(prio_map_max(&m), max);
	}
	prio_map_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sets_change_while_they_are_asked),
	    cmocka_unit_test(masks_without_any_order),
	    cmocka_unit_test(one_match_at_many_priorities),
	    cmocka_unit_test(cost_is_bounded),
	    cmocka_unit_test(rules_that_divide_come_after_rules_that_nest),
	    cmocka_unit_test(priorities_are_kept_in_order),
	};

	return cmocka_run_group_tests_name("classifier sets", tests, NULL, NULL);
}
