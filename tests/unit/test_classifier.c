/* SPDX-License-Identifier: ISC */
/* The classifier against a plain search through all rules. */
#include "classifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N_RULES 24
#define N_ROUNDS 2000
#define N_LOOKUPS 5000

static uint64_t state = 88172645463325252u;

static uint64_t
rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Few values and few fields, so that rules meet often. */
static void
random_key(struct flow_key *k)
{
	const uint64_t r = rnd();

	memset(k, 0, sizeof(*k));
	k->in_port = r & 3;
	k->eth_type = (r >> 2) & 3;
	k->vlan_vid = (be16)((r >> 4) & 3);
	k->present = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_VLAN_VID);
	if (r & 0x100) {
		k->ipv4_src = (r >> 9) & 7;
		k->ipv4_dst = (r >> 12) & 7;
		k->present |= OXM_BIT(OXM_IPV4_SRC) | OXM_BIT(OXM_IPV4_DST);
	}
}

static void
random_match(struct match *m)
{
	struct flow_key k;
	uint64_t *key = (uint64_t *)(void *)&m->key, *mask = (uint64_t *)(void *)&m->mask;
	const uint64_t r = rnd();

	random_key(&k);
	memset(m, 0, sizeof(*m));
	m->mask.in_port = r & 1 ? UINT32_MAX : 0;
	m->mask.eth_type = r & 2 ? UINT16_MAX : 0;
	m->mask.vlan_vid = r & 4 ? 1 : 0;
	m->mask.ipv4_src = r & 8 ? (be32)(r >> 8 & 7) : 0;
	m->mask.ipv4_dst = r & 16 ? 7 : 0;
	m->mask.present |= m->mask.in_port ? OXM_BIT(OXM_IN_PORT) : 0;
	m->mask.present |= m->mask.eth_type ? OXM_BIT(OXM_ETH_TYPE) : 0;
	m->mask.present |= m->mask.vlan_vid ? OXM_BIT(OXM_VLAN_VID) : 0;
	m->mask.present |= m->mask.ipv4_src ? OXM_BIT(OXM_IPV4_SRC) : 0;
	m->mask.present |= m->mask.ipv4_dst ? OXM_BIT(OXM_IPV4_DST) : 0;
	k.present = m->mask.present;
	memcpy(key, &k, sizeof(k));
	for (size_t i = 0; i < FLOW_KEY_WORDS; i++)
		key[i] &= mask[i];
}

struct entry {
	struct match match;
	uint16_t priority;
	struct cls_rule *rule;
};

static void
fill(struct classifier *c, struct entry *e)
{
	random_match(&e->match);
	e->priority = (uint16_t)(rnd() % 40);
	e->rule = NULL;
	if (classifier_find(c, &e->match, e->priority, CLS_OLD))
		return;
	e->rule = calloc(1, sizeof(*e->rule) + classifier_words(&e->match) * 8);
	assert_non_null(e->rule);
	assert_true(classifier_insert(c, e->rule, &e->match, e->priority));
	assert_ptr_equal(classifier_find(c, &e->match, e->priority, CLS_OLD), e->rule);
}

static void
clear(struct classifier *c, struct entry *e)
{
	if (e->rule)
		classifier_remove(c, e->rule);
	free(e->rule);
	e->rule = NULL;
}

static int
best_priority(const struct entry *e, const struct flow_key *k)
{
	int best = -1;

	for (int i = 0; i < N_RULES; i++) {
		if (e[i].rule && e[i].priority > best && match_covers(&e[i].match, k))
			best = e[i].priority;
	}
	return best;
}

static void
test_oracle(void **unused)
{
	struct entry e[N_RULES] = {0};
	struct classifier c;

	(void)unused;
	classifier_init(&c);
	for (int round = 0; round < N_ROUNDS; round++) {
		for (int i = 0; i < N_RULES; i++) {
			if (round == 0 || rnd() % 4 == 0) {
				clear(&c, &e[i]);
				fill(&c, &e[i]);
			}
		}
		for (int i = 0; i < N_LOOKUPS; i++) {
			const struct cls_rule *r;
			struct match m;
			struct flow_key k;

			random_key(&k);
			r = classifier_lookup(&c, &k, CLS_OLD);
			if ((r ? (int)cls_rule_priority(r) : -1) != best_priority(e, &k))
				fail_msg("round %d: wrong priority", round);
			if (!r)
				continue;
			cls_rule_match(r, &m);
			if (!match_covers(&m, &k))
				fail_msg("round %d: the rule does not take the key", round);
		}
	}
	for (int i = 0; i < N_RULES; i++)
		clear(&c, &e[i]);
	classifier_fini(&c);
}

static size_t
count_seen(struct classifier *c, enum cls_view view)
{
	struct match all = {0};
	struct cls_rule *out[8];

	return classifier_collect(c, &all, view, out, 8, SIZE_MAX);
}

/* A rule that is going, one of the same match that is coming, and one below both. */
static void
test_views_are_apart(void **unused)
{
	struct match m = {0}, all = {0};
	struct cls_rule *r[3];
	struct flow_key k = {.in_port = 1, .present = OXM_BIT(OXM_IN_PORT)};
	struct classifier c;

	(void)unused;
	m.key = k;
	m.mask = (struct flow_key){.in_port = UINT32_MAX, .present = OXM_BIT(OXM_IN_PORT)};
	classifier_init(&c);
	for (int i = 0; i < 3; i++)
		assert_non_null(r[i] = calloc(1, sizeof(*r[i]) + classifier_words(&m) * 8));
	assert_true(classifier_insert(&c, r[0], &m, 7));
	assert_true(classifier_insert(&c, r[2], &all, 1));
	cls_rule_hide(r[0], CLS_NEW);
	assert_ptr_equal(classifier_lookup(&c, &k, CLS_OLD), r[0]);
	assert_ptr_equal(classifier_lookup(&c, &k, CLS_NEW), r[2]);
	assert_null(classifier_find(&c, &m, 7, CLS_NEW));
	assert_int_equal(classifier_overlaps(&c, &m, 7, CLS_OLD, 10), CLS_OVERLAPS);
	assert_int_equal(classifier_overlaps(&c, &m, 7, CLS_NEW, 10), CLS_APART);
	cls_rule_hide(r[1], CLS_OLD);
	assert_true(classifier_insert(&c, r[1], &m, 7));
	assert_ptr_equal(classifier_lookup(&c, &k, CLS_OLD), r[0]);
	assert_ptr_equal(classifier_lookup(&c, &k, CLS_NEW), r[1]);
	assert_ptr_equal(classifier_find(&c, &m, 7, CLS_OLD), r[0]);
	assert_ptr_equal(classifier_find(&c, &m, 7, CLS_NEW), r[1]);
	assert_int_equal(count_seen(&c, CLS_OLD), 2);
	cls_rule_hide(r[0], CLS_NEW | CLS_OLD);
	assert_ptr_equal(classifier_lookup(&c, &k, CLS_OLD), r[2]);
	assert_int_equal(count_seen(&c, CLS_OLD), 1);
	assert_int_equal(count_seen(&c, CLS_NEW), 2);
	for (int i = 0; i < 3; i++) {
		classifier_remove(&c, r[i]);
		free(r[i]);
	}
	classifier_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_oracle), cmocka_unit_test(test_views_are_apart)};

	return cmocka_run_group_tests_name("classifier", tests, NULL, NULL);
}
