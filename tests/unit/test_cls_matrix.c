/* SPDX-License-Identifier: ISC */
/* The classifier's matrices (cls_matrix.c), changed and asked beside a plain list of the same rules: what a block says is checked bit for
 * bit, as nothing compares a packet with a rule again.  Memory runs out now and then. */
#include "cls_private.h"
#include "ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N_KEYS 40
#define JOIN 24u /* cls_matrix.c: neighbours with no more rules are one */

static struct ruleset_rnd rnd = {19};
static unsigned fail_in; /* allocations until one fails; 0: none does */

/* The linker leads the allocations of our own libraries through here (--wrap). */
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);

static bool
fails(void)
{
	return fail_in && --fail_in == 0;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

/* The rules of a set, of which some are in the matrix. */
struct world {
	struct ruleset set;
	struct classifier c; /* its masks alone */
	struct cls_matrix *m;
	struct cls_rule **rule;
	bool *in;
	size_t n;
	bool short_of_memory; /* blocks may have stayed apart */
};

static void
world_init(struct world *w)
{
	classifier_init(&w->c);
	w->m = cls_matrix_create(w->c.seed);
	w->rule = calloc(w->set.n, sizeof(*w->rule));
	w->in = calloc(w->set.n, sizeof(*w->in));
	assert_true(w->m && w->rule && w->in);
	for (size_t i = 0; i < w->set.n; i++) {
		const struct ruleset_rule *x = &w->set.rules[i];
		struct cls_rule *r = calloc(1, sizeof(*r) + classifier_words(&x->match) * sizeof(uint64_t));

		assert_non_null(r);
		r->mask = cls_mask_intern(&w->c, &x->match.mask);
		assert_non_null(r->mask);
		r->e.priority = x->priority;
		for (unsigned k = 0; k < r->mask->n_words; k++)
			r->value[k] = key_words(&x->match.key)[r->mask->index[k]];
		w->rule[i] = r;
	}
}

static bool
put(struct world *w, size_t i)
{
	uint64_t mask[FLOW_KEY_WORDS], value[FLOW_KEY_WORDS];

	cls_mask_expand(w->rule[i]->mask, mask);
	cls_rule_expand(w->rule[i], value);
	if (!cls_matrix_insert(w->m, w->rule[i], mask, value))
		return false;
	w->in[i] = true;
	w->n++;
	return true;
}

static bool
take(struct world *w, size_t i)
{
	uint64_t value[FLOW_KEY_WORDS];

	cls_rule_expand(w->rule[i], value);
	if (!cls_matrix_remove(w->m, w->rule[i], value))
		return false;
	w->in[i] = false;
	w->n--;
	return true;
}

static void
world_fini(struct world *w)
{
	for (size_t i = 0; i < w->set.n; i++) {
		if (w->in[i])
			assert_true(take(w, i));
		cls_mask_unref(&w->c, w->rule[i]->mask);
		free(w->rule[i]);
	}
	assert_int_equal(w->m->n, 0);
	cls_matrix_destroy(w->m);
	classifier_fini(&w->c);
	free(w->rule);
	free(w->in);
	ruleset_fini(&w->set);
}

/* Gate and columns of a block say of this rule what its mask and value say. */
static void
check_rule(const struct cls_block *b, unsigned i)
{
	uint64_t mask[FLOW_KEY_WORDS], value[FLOW_KEY_WORDS], left[FLOW_KEY_WORDS], any = 0;

	cls_mask_expand(b->rule[i]->mask, mask);
	cls_rule_expand(b->rule[i], value);
	memcpy(left, mask, sizeof(left));
	for (unsigned g = 0; g < b->n_gate; g++) {
		assert_int_equal(b->gate[g].mask & ~mask[b->gate[g].index], 0);
		assert_int_equal((b->gate[g].value ^ value[b->gate[g].index]) & b->gate[g].mask, 0);
		left[b->gate[g].index] &= ~b->gate[g].mask;
	}
	for (unsigned c = 0; c < b->n_columns; c++) {
		const unsigned m = cls_byte(mask, b->at[c]), v = cls_byte(value, b->at[c]);

		for (unsigned x = 0; x < 16; x++) {
			assert_int_equal(b->column[c].high[x] >> i & 1, ((x << 4 ^ v) & m & 0xf0) == 0);
			assert_int_equal(b->column[c].low[x] >> i & 1, ((x ^ v) & m & 0x0f) == 0);
		}
		((uint8_t *)left)[b->at[c]] = 0;
	}
	for (unsigned k = 0; k < FLOW_KEY_WORDS; k++)
		any |= left[k];
	assert_int_equal(any, 0);
}

/* No bits are left of rules that moved on. */
static void
check_columns(const struct cls_block *b)
{
	const uint64_t ours = UINT64_MAX >> (CLS_BLOCK - b->n);

	for (unsigned c = 0; c < b->n_columns; c++) {
		for (unsigned x = 0; x < 16; x++)
			assert_int_equal((b->column[c].high[x] | b->column[c].low[x]) & ~ours, 0);
	}
}

static void
check_blocks(const struct world *w)
{
	uint64_t last = 0;
	size_t n = 0;

	for (uint32_t i = 0; i < w->m->n; i++) {
		const struct cls_block *b = w->m->block[i].rules;

		assert_in_range(b->n, 1, CLS_BLOCK);
		check_columns(b);
		assert_int_equal(w->m->block[i].first, b->key[0]);
		if (i && !w->short_of_memory)
			assert_true(b->n + w->m->block[i - 1].rules->n > JOIN);
		for (unsigned k = 0; k < b->n; k++, n++) {
			assert_true(b->key[k] >= last);
			last = b->key[k];
			assert_int_equal(cls_matrix_priority(last), b->rule[k]->e.priority);
			check_rule(b, k);
		}
	}
	assert_int_equal(n, w->n);
}

static void
check_key(const struct world *w, const struct flow_key *k, enum cls_view view, uint16_t floor)
{
	const struct cls_rule best = {.e.priority = floor}, *r;
	const struct cls_ask ask = {key_words(k), view, NULL};
	int expected = -1;
	struct match m;

	r = cls_matrix_lookup(w->m, &ask, floor ? &best : NULL);
	for (size_t i = 0; i < w->set.n; i++) {
		if (w->in[i] && w->set.rules[i].priority > expected && cls_rule_seen(w->rule[i], view) &&
		    match_covers(&w->set.rules[i].match, k))
			expected = w->set.rules[i].priority;
	}
	if (floor && expected <= floor) {
		assert_ptr_equal(r, &best);
		return;
	}
	assert_int_equal(r ? r->e.priority : -1, expected);
	if (!r)
		return;
	cls_rule_match(r, &m);
	assert_true(match_covers(&m, k));
}

static void
check_keys(const struct world *w)
{
	for (int i = 0; i < N_KEYS; i++) {
		struct flow_key k;

		if (i % 4)
			ruleset_key_in(&w->set, &rnd, &k);
		else
			ruleset_key_any(&rnd, &k);
		if (i % 8 == 1)
			k.present &= ruleset_rnd(&rnd); /* headers that end early */
		check_key(w, &k, i & 1 ? CLS_OLD : CLS_NEW, i % 5 ? 0 : (uint16_t)ruleset_rnd(&rnd));
	}
}

static void
churn(struct world *w)
{
	world_init(w);
	for (int round = 0; round < 40; round++) {
		const unsigned share = round < 20 ? 75 : 20; /* grows, then shrinks */

		for (size_t n = 0; n < w->set.n / 4; n++) {
			const size_t i = ruleset_rnd(&rnd) % w->set.n;
			const bool comes = ruleset_rnd(&rnd) % 100 < share;

			if (round % 4 == 3) /* 0, or so many */
				fail_in = (unsigned)(ruleset_rnd(&rnd) % 5);
			if (ruleset_rnd(&rnd) % 16 == 0)
				cls_rule_hide(w->rule[i], (unsigned)(ruleset_rnd(&rnd) % 3));
			if (comes && !w->in[i]) {
				const bool failing = fail_in != 0;

				assert_true(put(w, i) || failing);
			} else if (!comes) {
				const bool was_in = w->in[i];

				w->short_of_memory |= fail_in != 0;
				assert_int_equal(take(w, i), was_in);
			}
			fail_in = 0;
		}
		check_blocks(w);
		check_keys(w);
	}
	world_fini(w);
}

static void
matrices_change_while_they_are_asked(void **unused)
{
	static const char *const kinds[] = {"acl", "fw", "six", "tse", "nest", "bits"};

	(void)unused;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct world w = {0};

		assert_true(ruleset_make(&w.set, kinds[i], 600, 5 + i));
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

/* Each removal takes the very rule, though all keys are the same and stand in many blocks. */
static void
rules_of_one_key_are_told_apart(void **unused)
{
	struct world w = {0};
	struct match m = {0};

	(void)unused;
	m.mask.metadata = 0xf0;
	m.key.metadata = 0x30;
	m.key.present = m.mask.present = OXM_BIT(OXM_METADATA);
	for (int i = 0; i < 300; i++)
		add(&w.set, &m, 7);
	world_init(&w);
	for (size_t i = 0; i < w.set.n; i++) {
		assert_false(take(&w, i));
		assert_true(put(&w, i));
	}
	check_blocks(&w);
	for (size_t i = 0; i < w.set.n; i++) {
		assert_true(take(&w, i * 97 % w.set.n));
		assert_false(take(&w, i * 97 % w.set.n));
		check_blocks(&w);
	}
	world_fini(&w);
}

/* Rules that differ in ever more bytes: the gate loses bit after bit, the blocks get a column for each. */
static void
a_gate_narrows_to_columns(void **unused)
{
	struct world w = {0};

	(void)unused;
	for (unsigned i = 0; i < 136; i++) {
		struct match m = {0};

		memset(&m.mask, 0xff, sizeof(m.mask));
		memset(&m.key, 0x5a, sizeof(m.key));
		m.mask.present = OXM_BIT(OXM_METADATA) | (i & 1 ? OXM_BIT(OXM_IN_PORT) : 0);
		if (i % 3 == 0)
			((uint8_t *)&m.mask)[i] = 0xf0;
		else
			((uint8_t *)&m.key)[i] ^= (uint8_t)(1 << i % 8);
		((uint8_t *)&m.key)[i] &= ((uint8_t *)&m.mask)[i];
		m.mask.present &= OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_IN_PORT);
		m.key.present = m.mask.present;
		add(&w.set, &m, (uint16_t)(i * 77 % 101));
	}
	churn(&w);
}

/* In the order of their keys, or the other way round, rules fill their blocks. */
static void
blocks_fill_in_order(void **unused)
{
	(void)unused;
	for (int backwards = 0; backwards < 2; backwards++) {
		struct world w = {0};

		for (unsigned i = 0; i < 20 * CLS_BLOCK; i++) {
			struct match m = {0};

			m.mask.metadata = 0xff;
			m.key.metadata = i & 0xff;
			m.key.present = m.mask.present = OXM_BIT(OXM_METADATA);
			add(&w.set, &m, (uint16_t)(backwards ? 100 + i : 60000 - i));
		}
		world_init(&w);
		for (size_t i = 0; i < w.set.n; i++)
			assert_true(put(&w, i));
		assert_int_equal(w.m->n, 20);
		check_blocks(&w);
		world_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(matrices_change_while_they_are_asked), cmocka_unit_test(rules_of_one_key_are_told_apart),
	    cmocka_unit_test(a_gate_narrows_to_columns), cmocka_unit_test(blocks_fill_in_order)};

	return cmocka_run_group_tests_name("matrices", tests, NULL, NULL);
}
