/* SPDX-License-Identifier: ISC */
/* Matrices: tables for rules that nothing divides, because one packet meets all of them.
 *
 * Prefixes that nest around one address, with ports that nest too, or masks of any bits: under a mask or a cut a packet still meets most of
 * the rules, at the price of a node for each.  Here rules stand by priority in blocks of 64, a bit of a word each.  A block has a column for every byte
 * of the key in which its rules differ: for each value of the byte's halves, the rules that take it.  A packet's columns are ANDed, and the first bit
 * that is left is the block's best rule.  So a lookup costs a few words for 64 rules, and blocks that can't win are not looked at.
 *
 * Columns and gate say all that the masks say, so what is left need not be compared with the packet again: every bit of a rule's mask is
 * in the gate, if all rules of the block agree on it, or in a column.  What presence a rule asks for is one more word of its mask, with
 * itself as value.
 *
 * A step changes one block, or splits it in two, or joins it with the next. */
#include "cls_private.h"

#include <stdlib.h>
#include <string.h>

#define JOIN 24u /* two blocks with no more rules than this become one */
#define SPARE 2u /* columns that a block has room for when it grows */

struct cls_matrix *
cls_matrix_create(uint64_t seed)
{
	struct cls_matrix *m = calloc(1, sizeof(*m));

	if (m)
		m->seed = seed;
	return m;
}

void
cls_matrix_destroy(struct cls_matrix *m)
{
	for (uint32_t i = 0; m && i < m->n; i++)
		free(m->block[i].rules);
	free(m ? m->block : NULL);
	free(m);
}

/* ---- where a rule is ---- */

uint64_t
cls_matrix_key(const struct cls_matrix *m, const struct cls_mask *mask, const uint64_t *value, uint16_t priority)
{
	uint64_t h = m->seed;

	for (unsigned i = 0; i < mask->n_words; i++)
		h = hash_mix(h ^ value[mask->index[i]], mask->words[i] + i);
	return cls_matrix_begin(priority) | (uint32_t)(h ^ h >> 32);
}

/* The first at or after 'at' that there is. */
static struct cls_place
place_settle(const struct cls_matrix *m, struct cls_place at)
{
	if (at.block < m->n && at.rule == m->block[at.block].rules->n)
		at = (struct cls_place){at.block + 1, 0};
	return at;
}

struct cls_place
cls_matrix_seek(const struct cls_matrix *m, uint64_t key)
{
	uint32_t lo = 0, hi = m->n, first = 0, last;
	const struct cls_block *b;

	while (lo < hi) {
		const uint32_t mid = (lo + hi) / 2;

		if (m->block[mid].first < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return (struct cls_place){0, 0}; /* all are behind it */
	b = m->block[--lo].rules;
	last = b->n;
	while (first < last) {
		const uint32_t mid = (first + last) / 2;

		if (b->key[mid] < key)
			first = mid + 1;
		else
			last = mid;
	}
	return place_settle(m, (struct cls_place){lo, first});
}

struct cls_place
cls_matrix_next(const struct cls_matrix *m, struct cls_place at)
{
	at.rule++;
	return place_settle(m, at);
}

/* ---- columns ---- */

/* What is to be kept of the masks in each word. */
struct wants {
	uint64_t word[FLOW_KEY_WORDS];
};

/* One rule's bits of a column move up and its own come in at 'pos'. */
static void
half_insert(uint64_t half[16], unsigned mask, unsigned value, unsigned pos)
{
	const uint64_t below = (UINT64_C(1) << pos) - 1;

	for (unsigned i = 0; i < 16; i++) {
		const uint64_t takes = ((i ^ value) & mask) == 0;

		half[i] = (half[i] & below) | (half[i] & ~below) << 1 | takes << pos;
	}
}

static void
column_insert(struct cls_column *c, unsigned mask, unsigned value, unsigned pos)
{
	half_insert(c->high, mask >> 4, value >> 4, pos);
	half_insert(c->low, mask & 15, value & 15, pos);
}

/* The same for a rule behind all others. */
static void
column_append(struct cls_column *c, unsigned mask, unsigned value, unsigned pos)
{
	for (unsigned i = 0; i < 16; i++) {
		c->high[i] |= (uint64_t)(((i << 4 ^ value) & mask & 0xf0) == 0) << pos;
		c->low[i] |= (uint64_t)(((i ^ value) & mask & 0x0f) == 0) << pos;
	}
}

static void
column_remove(struct cls_column *c, unsigned pos)
{
	const uint64_t below = (UINT64_C(1) << pos) - 1;

	for (unsigned i = 0; i < 16; i++) {
		c->high[i] = (c->high[i] & below) | (c->high[i] >> 1 & ~below);
		c->low[i] = (c->low[i] & below) | (c->low[i] >> 1 & ~below);
	}
}

/* Of one rule: a byte of its mask and value. */
static void
rule_byte(const struct cls_rule *r, unsigned at, uint8_t *mask, uint8_t *value)
{
	const struct cls_mask *m = r->mask;

	*mask = *value = 0;
	if (at / 8 == PRESENT_WORD) {
		*mask = *value = cls_byte(&m->present, at % 8);
		return;
	}
	for (unsigned i = 0; i < m->n_words; i++) {
		if (m->index[i] != at / 8)
			continue;
		*mask = cls_byte(&m->words[i], at % 8);
		*value = cls_byte(&r->value[i], at % 8);
	}
}

/* For the rules that the block has; there is room. */
static void
block_add_column(struct cls_block *b, unsigned at)
{
	struct cls_column *c = &b->column[b->n_columns];

	memset(c, 0, sizeof(*c));
	for (unsigned i = 0; i < b->n; i++) {
		uint8_t mask, value;

		rule_byte(b->rule[i], at, &mask, &value);
		column_append(c, mask, value, i);
	}
	b->at[b->n_columns++] = (uint8_t)at;
}

/* ---- blocks ---- */

static size_t
block_bytes(unsigned n_columns)
{
	return sizeof(struct cls_block) + n_columns * sizeof(struct cls_column);
}

/* The gate of a block's first rule: the words that say most.  Takes what it keeps out of 'w'. */
static void
gate_begin(struct cls_block *b, const uint64_t *value, struct wants *w)
{
	for (b->n_gate = 0; b->n_gate < CLS_GATE; b->n_gate++) {
		unsigned most = 0;

		for (unsigned i = 1; i < FLOW_KEY_WORDS; i++) {
			if (__builtin_popcountll(w->word[i]) > __builtin_popcountll(w->word[most]))
				most = i;
		}
		if (!w->word[most])
			return;
		b->gate[b->n_gate] = (struct cls_word_is){w->word[most], value[most] & w->word[most], most};
		w->word[most] = 0;
	}
}

/* The bits of a gate that another rule does not have, or has with another value. */
static uint64_t
gate_loses(const struct cls_word_is *g, const uint64_t *mask, const uint64_t *value)
{
	return g->mask & (~mask[g->index] | (g->value ^ value[g->index]));
}

/* What the block must have columns for when the rule comes: of its mask what the gate will not have, and what the gate loses.  Bytes that have columns
 * are left out.  Returns the number of bytes. */
static unsigned
block_wants(const struct cls_block *b, const uint64_t *mask, const uint64_t *value, struct wants *w)
{
	unsigned n = 0;

	memcpy(w->word, mask, sizeof(w->word));
	for (unsigned i = 0; i < b->n_gate; i++) {
		const struct cls_word_is *g = &b->gate[i];
		const uint64_t lost = gate_loses(g, mask, value);

		w->word[g->index] = (w->word[g->index] & ~(g->mask & ~lost)) | lost;
	}
	for (unsigned i = 0; i < b->n_columns; i++)
		((uint8_t *)w->word)[b->at[i]] = 0;
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++) {
		for (uint64_t left = w->word[i]; left; n++)
			left &= ~(UINT64_C(0xff) << (unsigned)__builtin_ctzll(left) / 8 * 8);
	}
	return n;
}

static void
gate_narrow(struct cls_block *b, const uint64_t *mask, const uint64_t *value)
{
	for (unsigned i = 0; i < b->n_gate;) {
		struct cls_word_is *g = &b->gate[i];

		g->mask &= ~gate_loses(g, mask, value);
		if (g->mask)
			i++;
		else
			*g = b->gate[--b->n_gate];
	}
}

/* At 'pos' into a block that is not full.  May move the block; false: no memory, nothing changed. */
static bool
block_insert(struct cls_block **at, struct cls_rule *r, const uint64_t *mask, const uint64_t *value, uint64_t key,
             unsigned pos)
{
	struct cls_block *b = *at;
	struct wants w;
	unsigned n;

	if (!b->n) {
		memcpy(w.word, mask, sizeof(w.word));
		b->n_columns = 0;
		gate_begin(b, value, &w);
	}
	n = block_wants(b, mask, value, &w);
	if (b->n_columns + n > b->cap_columns) {
		const unsigned cap = b->n_columns + n + SPARE;

		b = realloc(b, block_bytes(cap));
		if (!b)
			return false;
		b->cap_columns = (uint16_t)cap;
		*at = b;
	}
	for (unsigned i = 0; n && i < sizeof(w.word); i++) {
		if (cls_byte(w.word, i)) {
			block_add_column(b, i);
			n--;
		}
	}
	gate_narrow(b, mask, value);
	for (unsigned i = 0; i < b->n_columns; i++)
		column_insert(&b->column[i], cls_byte(mask, b->at[i]), cls_byte(value, b->at[i]), pos);
	memmove(&b->key[pos + 1], &b->key[pos], (b->n - pos) * sizeof(b->key[0]));
	memmove(&b->rule[pos + 1], &b->rule[pos], (b->n - pos) * sizeof(b->rule[0]));
	b->key[pos] = key;
	b->rule[pos] = r;
	b->n++;
	return true;
}

static void
block_remove(struct cls_block *b, unsigned pos)
{
	for (unsigned i = 0; i < b->n_columns; i++)
		column_remove(&b->column[i], pos);
	b->n--;
	memmove(&b->key[pos], &b->key[pos + 1], (b->n - pos) * sizeof(b->key[0]));
	memmove(&b->rule[pos], &b->rule[pos + 1], (b->n - pos) * sizeof(b->rule[0]));
}

/* Rules that the packet's byte leaves, in all its values: the fewer the sooner a lookup ends. */
static unsigned
column_weight(const struct cls_column *c)
{
	unsigned high = 0, low = 0;

	for (unsigned i = 0; i < 16; i++) {
		high += (unsigned)__builtin_popcountll(c->high[i]);
		low += (unsigned)__builtin_popcountll(c->low[i]);
	}
	return high * low;
}

static void
block_sort_columns(struct cls_block *b)
{
	unsigned weight[sizeof(struct flow_key)];

	for (unsigned i = 0; i < b->n_columns; i++)
		weight[i] = column_weight(&b->column[i]);
	for (unsigned i = 0; i + 1 < b->n_columns; i++) {
		const struct cls_column c = b->column[i];
		const uint8_t at = b->at[i];
		unsigned least = i, t;

		for (unsigned j = i + 1; j < b->n_columns; j++)
			least = weight[j] < weight[least] ? j : least;
		if (least == i)
			continue;
		t = weight[i];
		weight[i] = weight[least];
		weight[least] = t;
		b->column[i] = b->column[least];
		b->at[i] = b->at[least];
		b->column[least] = c;
		b->at[least] = at;
	}
}

/* The upper half of a full block, taken out of it; NULL: no memory. */
static struct cls_block *
block_split(struct cls_block *b)
{
	struct cls_block *upper = malloc(block_bytes(b->cap_columns));
	const unsigned half = CLS_BLOCK / 2;

	if (!upper)
		return NULL;
	block_sort_columns(b);
	memcpy(upper, b, block_bytes(b->n_columns));
	b->n = half;
	upper->n = CLS_BLOCK - half;
	memmove(upper->key, upper->key + half, upper->n * sizeof(upper->key[0]));
	memmove(upper->rule, upper->rule + half, upper->n * sizeof(upper->rule[0]));
	for (unsigned i = 0; i < b->n_columns; i++) {
		for (unsigned v = 0; v < 16; v++) {
			upper->column[i].high[v] >>= half;
			upper->column[i].low[v] >>= half;
			b->column[i].high[v] &= UINT64_MAX >> half;
			b->column[i].low[v] &= UINT64_MAX >> half;
		}
	}
	return upper;
}

/* ---- the whole ---- */

/* Room for one block more behind 'at', which is empty. */
static bool
matrix_open(struct cls_matrix *m, uint32_t at)
{
	if (m->n == m->cap) {
		const uint32_t cap = m->cap ? m->cap * 2 : 1;
		struct cls_blocks *b = realloc(m->block, cap * sizeof(*b));

		if (!b)
			return false;
		m->block = b;
		m->cap = cap;
	}
	memmove(&m->block[at + 1], &m->block[at], (m->n - at) * sizeof(*m->block));
	m->n++;
	return true;
}

static void
matrix_close(struct cls_matrix *m, uint32_t at)
{
	free(m->block[at].rules);
	memmove(&m->block[at], &m->block[at + 1], (--m->n - at) * sizeof(*m->block));
}

/* The same with a block in it, which may be NULL; false: it was, or there is no memory. */
static bool
matrix_add(struct cls_matrix *m, uint32_t at, struct cls_block *b)
{
	if (!b || !matrix_open(m, at)) {
		free(b);
		return false;
	}
	m->block[at] = (struct cls_blocks){b, b->key[0]};
	return true;
}

/* Where rules come in the order of their keys, or the other way round, blocks stay full. */
static bool
matrix_extend(struct cls_matrix *m, uint32_t *at, uint64_t key)
{
	const struct cls_block *b = m->n ? m->block[*at].rules : NULL;
	struct cls_block *upper;

	if (b && b->n < CLS_BLOCK)
		return true;
	if (!b || (*at == 0 && key < b->key[0]))
		return matrix_add(m, 0, calloc(1, block_bytes(0)));
	if (*at + 1 == m->n && key > b->key[CLS_BLOCK - 1])
		return matrix_add(m, ++*at, calloc(1, block_bytes(0)));
	if (!matrix_open(m, *at + 1))
		return false;
	upper = block_split(m->block[*at].rules);
	m->block[*at + 1] = (struct cls_blocks){upper, upper ? upper->key[0] : 0};
	if (!upper)
		matrix_close(m, *at + 1);
	else
		*at += key > upper->key[0];
	return upper != NULL;
}

/* The block whose rules the key stands among, never behind the last of a block if it can be before the first of the next. */
static uint32_t
block_for(const struct cls_matrix *m, uint64_t key)
{
	struct cls_place p = cls_matrix_seek(m, key);

	return p.block && (p.block == m->n || !p.rule) ? p.block - 1 : p.block;
}

static unsigned
block_seek(const struct cls_block *b, uint64_t key)
{
	unsigned pos = 0;

	for (unsigned step = CLS_BLOCK / 2; step; step /= 2) {
		while (pos + step <= b->n && b->key[pos + step - 1] < key)
			pos += step;
	}
	return pos;
}

bool
cls_matrix_insert(struct cls_matrix *m, struct cls_rule *r, const uint64_t *mask, const uint64_t *value)
{
	const uint64_t key = cls_matrix_key(m, r->mask, value, r->e.priority);
	uint32_t at = block_for(m, key);

	if (!matrix_extend(m, &at, key))
		return false;
	if (!block_insert(&m->block[at].rules, r, mask, value, key, block_seek(m->block[at].rules, key))) {
		if (!m->block[at].rules->n)
			matrix_close(m, at);
		return false;
	}
	m->block[at].first = m->block[at].rules->key[0];
	return true;
}

/* The next block's rules come to this one, as far as there is memory. */
static void
matrix_join(struct cls_matrix *m, uint32_t at)
{
	struct cls_block *from = m->block[at + 1].rules;
	uint64_t mask[FLOW_KEY_WORDS], value[FLOW_KEY_WORDS];

	while (from->n) {
		struct cls_rule *r = from->rule[0];

		cls_mask_expand(r->mask, mask);
		cls_rule_expand(r, value);
		if (!block_insert(&m->block[at].rules, r, mask, value, from->key[0], m->block[at].rules->n))
			break;
		block_remove(from, 0);
	}
	if (!from->n)
		matrix_close(m, at + 1);
	else
		m->block[at + 1].first = from->key[0];
}

bool
cls_matrix_remove(struct cls_matrix *m, struct cls_rule *r, const uint64_t *value)
{
	const uint64_t key = cls_matrix_key(m, r->mask, value, r->e.priority);
	struct cls_place p = cls_matrix_seek(m, key);
	struct cls_block *b;

	while (p.block < m->n && m->block[p.block].rules->key[p.rule] == key &&
	       m->block[p.block].rules->rule[p.rule] != r)
		p = cls_matrix_next(m, p);
	if (p.block == m->n || m->block[p.block].rules->rule[p.rule] != r)
		return false;
	b = m->block[p.block].rules;
	block_remove(b, p.rule);
	if (!b->n) {
		matrix_close(m, p.block);
		return true;
	}
	m->block[p.block].first = b->key[0];
	if (p.block + 1 < m->n && b->n + m->block[p.block + 1].rules->n <= JOIN)
		matrix_join(m, p.block);
	else if (p.block && b->n + m->block[p.block - 1].rules->n <= JOIN)
		matrix_join(m, p.block - 1);
	return true;
}

/* ---- packets ---- */

static inline const struct cls_rule *
block_lookup(const struct cls_block *b, const struct cls_ask *a, const struct cls_rule *best)
{
	uint64_t left = UINT64_MAX >> (CLS_BLOCK - b->n), diff = 0;
	unsigned i;

	for (i = 0; i < b->n_columns && left; i++) {
		const uint8_t byte = cls_byte(a->key, b->at[i]);

		left &= b->column[i].high[byte >> 4] & b->column[i].low[byte & 15];
	}
	if (a->cost)
		a->cost->tables += 1 + i / 4; /* four columns are as much as a hash table */
	if (!left) /* far more often than that the gate keeps it out, which the node's box has done */
		return best;
	for (i = 0; i < b->n_gate; i++)
		diff |= (a->key[b->gate[i].index] ^ b->gate[i].value) & b->gate[i].mask;
	if (diff)
		return best;
	for (; left; left &= left - 1) {
		const struct cls_rule *r = b->rule[__builtin_ctzll(left)];

		if (a->cost)
			a->cost->rules++;
		if (best && r->e.priority <= best->e.priority)
			break;
		if (cls_rule_seen(r, a->view))
			return r;
	}
	return best;
}

const struct cls_rule *
cls_matrix_lookup(const struct cls_matrix *m, const struct cls_ask *a, const struct cls_rule *best)
{
	for (uint32_t i = 0; i < m->n; i++) {
		const struct cls_rule *r;

		if (best && cls_matrix_priority(m->block[i].first) <= best->e.priority)
			break;
		r = block_lookup(m->block[i].rules, a, best);
		if (r != best)
			return r; /* blocks behind this one have nothing higher */
	}
	return best;
}
