/* SPDX-License-Identifier: ISC */
/* Changing nodes: where a rule is put, when a chain becomes a node and a node a chain again.
 *
 * Steps are bounded: a rest is tried again when it has doubled, and what a new table takes over moves a few rules at a time. */
#include "cls_private.h"

#include <stdlib.h>
#include <string.h>

#define SETTLE_MOVES 32u /* rules that one step moves from a rest into tables */
#define SETTLE_LOOKS 256u

/* A rule on its way in or out, spread out once for all levels. */
struct item {
	struct classifier *c;
	struct cls_rule *r;
	uint64_t mask[FLOW_KEY_WORDS];
	uint64_t value[FLOW_KEY_WORDS];
};

static void
item_init(struct item *it, struct classifier *c, struct cls_rule *r)
{
	it->c = c;
	it->r = r;
	cls_mask_expand(r->mask, it->mask);
	cls_rule_expand(r, it->value);
}

/* ---- tables of a node ---- */

static struct cls_table *
cut_create(const struct classifier *c, uint8_t at)
{
	struct cls_table *t = calloc(1, sizeof(*t));

	if (t && (t->cut = cls_cut_create(at, (uint32_t)hash_mix(c->seed, at))) != NULL && cls_hash_init(&t->hash)) {
		t->n_bits = 8;
		return t;
	}
	free(t ? t->cut : NULL);
	free(t);
	return NULL;
}

static struct cls_table *
matrix_create(const struct classifier *c)
{
	struct cls_table *t = calloc(1, sizeof(*t));

	if (t && (t->matrix = cls_matrix_create(hash_mix(c->seed, FLOW_KEY_WORDS))) != NULL) {
		t->max_rules = CLS_MATRIX_RULES;
		return t;
	}
	free(t);
	return NULL;
}

static struct cls_table *
table_create(const struct classifier *c, const uint64_t mask[FLOW_KEY_WORDS])
{
	struct cls_table *t;
	unsigned n = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		n += i != PRESENT_WORD && mask[i];
	t = calloc(1, sizeof(*t) + n * sizeof(t->word[0]));
	if (!t || !cls_hash_init(&t->hash)) {
		free(t);
		return NULL;
	}
	t->present = mask[PRESENT_WORD];
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++) {
		if (i == PRESENT_WORD || !mask[i])
			continue;
		t->word[t->n_words++] = (struct cls_word){mask[i], hash_mix(c->seed, i), i};
		t->n_bits += (uint32_t)__builtin_popcountll(mask[i]);
	}
	return t;
}

static void
table_destroy(struct cls_table *t)
{
	if (!t->matrix)
		cls_hash_fini(&t->hash);
	cls_matrix_destroy(t->matrix);
	prio_map_fini(&t->prios);
	free(t->cut);
	free(t);
}

/* Takes over 't', which may be NULL; NULL: no memory. */
static struct cls_table *
node_add(struct cls_node *n, struct cls_table *t)
{
	if (!t)
		return NULL;
	if (n->n_order == n->cap_order) {
		const uint32_t cap = n->cap_order ? n->cap_order * 2 : 1;
		struct cls_order *o = realloc(n->order, cap * sizeof(*o));

		if (!o) {
			table_destroy(t);
			return NULL;
		}
		n->order = o;
		n->cap_order = cap;
	}
	n->order[n->n_order++] =
	    (struct cls_order){.present = t->present, .table = t, .kind = (uint8_t)cls_table_kind(t)};
	return t;
}

/* The table's highest priority may have changed, or it is empty and goes. */
static void
node_update_table(struct cls_node *n, struct cls_table *t)
{
	struct cls_order e;
	uint32_t i = 0;

	while (n->order[i].table != t)
		i++;
	if (!t->n_rules) {
		memmove(&n->order[i], &n->order[i + 1], (--n->n_order - i) * sizeof(*n->order));
		table_destroy(t);
		return;
	}
	e = n->order[i];
	e.max_priority = t->matrix ? cls_matrix_priority(t->matrix->block[0].first) : (uint32_t)prio_map_max(&t->prios);
	for (; i > 0 && n->order[i - 1].max_priority < e.max_priority; i--)
		n->order[i] = n->order[i - 1];
	for (; i + 1 < n->n_order && n->order[i + 1].max_priority > e.max_priority; i++)
		n->order[i] = n->order[i + 1];
	n->order[i] = e;
}

static uint16_t
node_priority(const struct cls_node *n)
{
	const uint32_t tables = n->n_order ? n->order[0].max_priority : 0;
	const uint32_t rest = n->rest.head ? n->rest.head->priority : 0;

	return (uint16_t)(tables > rest ? tables : rest);
}

static bool
prio_add(struct cls_table *t, uint16_t priority)
{
	return prio_map_set(&t->prios, priority, prio_map_get(&t->prios, priority) + 1);
}

static void
prio_sub(struct cls_table *t, uint16_t priority)
{
	const uint64_t n = prio_map_get(&t->prios, priority);

	if (n > 1)
		prio_map_set(&t->prios, priority, n - 1);
	else
		prio_map_clear(&t->prios, priority);
}

/* True if a rule of this mask may be put into the table. */
static bool
table_wants(const struct cls_table *t, const uint64_t *mask)
{
	switch (cls_table_kind(t)) {
	case CLS_CUT:
		return cls_cut_takes(t->cut, mask);
	case CLS_MATRIX:
		return t->n_rules < t->max_rules;
	case CLS_MASKED:
		break;
	}
	return cls_table_takes(t, mask);
}

/* The table with most bits that can hold the rule, or NULL. */
static struct cls_table *
node_table_for(const struct cls_node *n, const uint64_t *mask)
{
	struct cls_table *best = NULL;

	for (uint32_t i = 0; i < n->n_order; i++) {
		struct cls_table *t = n->order[i].table;

		if ((!best || t->n_bits > best->n_bits) && table_wants(t, mask))
			best = t;
	}
	return best;
}

static bool
table_is(const struct cls_table *t, const uint64_t *mask)
{
	unsigned n = 0;

	if (t->cut || t->matrix || t->present != mask[PRESENT_WORD])
		return false;
	for (uint32_t i = 0; i < t->n_words; i++) {
		if (t->word[i].mask != mask[t->word[i].index])
			return false;
	}
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		n += i != PRESENT_WORD && mask[i];
	return n == t->n_words;
}

/* In the root each rule has the table of its coarse mask, as long as there are not too many. */
static struct cls_table *
root_table_for(const struct classifier *c, struct cls_node *n, const uint64_t *mask)
{
	uint64_t coarse[FLOW_KEY_WORDS];
	struct flow_key key;
	uint64_t any = 0;

	memcpy(&key, mask, sizeof(key));
	cls_mask_coarse(&key, coarse);
	for (uint32_t i = 0; i < n->n_order; i++) {
		if (table_is(n->order[i].table, coarse))
			return n->order[i].table;
	}
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		any |= coarse[i];
	if (any && n->n_order < CLS_ROOT_TABLES)
		return node_add(n, table_create(c, coarse));
	return node_table_for(n, mask);
}

/* ---- nodes ---- */

static struct cls_node *
node_create(unsigned depth)
{
	struct cls_node *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->e.kind = CLS_NODE;
	n->depth = depth;
	n->next_try = CLS_REST;
	return n;
}

void
cls_node_destroy(struct cls_node *n)
{
	if (!n)
		return;
	for (uint32_t i = 0; i < n->n_order; i++)
		table_destroy(n->order[i].table);
	free(n->order);
	cls_list_fini(&n->rest);
	free(n);
}

/* Bits that tell nothing in this node: all its rules have the same. */
static void
node_used(const struct cls_node *n, uint64_t used[FLOW_KEY_WORDS])
{
	memset(used, 0, FLOW_KEY_WORDS * sizeof(*used));
	for (; n->up; n = n->up) {
		const struct cls_table *t = n->via;

		used[PRESENT_WORD] |= t->present;
		for (uint32_t i = 0; i < t->n_words; i++)
			used[t->word[i].index] |= t->word[i].mask;
		if (t->cut)
			((uint8_t *)used)[t->cut->at] = 0xff;
	}
}

/* The box of the node's first rule: the words that say most. */
static void
box_begin(struct cls_node *n, const uint64_t *mask, const uint64_t *value)
{
	struct cls_box *b = &n->box;
	uint64_t used[FLOW_KEY_WORDS];

	b->n = 0;
	node_used(n, used);
	for (unsigned w = 0; w < FLOW_KEY_WORDS; w++) {
		const uint64_t bits = w == PRESENT_WORD ? 0 : mask[w] & ~used[w];
		unsigned at = b->n;

		if (at == CLS_BOX) {
			at = 0;
			for (unsigned i = 1; i < CLS_BOX; i++) {
				if (__builtin_popcountll(b->mask[i]) < __builtin_popcountll(b->mask[at]))
					at = i;
			}
		}
		if (!bits || (b->n == CLS_BOX && __builtin_popcountll(bits) <= __builtin_popcountll(b->mask[at])))
			continue;
		b->index[at] = (uint8_t)w;
		b->mask[at] = bits;
		b->value[at] = value[w] & bits;
		b->n += at == b->n;
	}
}

/* A rule comes to the node, which has 'n_rules' without it. */
static void
box_add(struct cls_node *n, const uint64_t *mask, const uint64_t *value)
{
	struct cls_box *b = &n->box;

	if (!n->depth)
		return;
	if (!n->n_rules)
		box_begin(n, mask, value);
	for (uint32_t i = 0; i < b->n;) {
		const unsigned w = b->index[i];

		b->mask[i] &= mask[w] & ~(b->value[i] ^ value[w]);
		b->value[i] &= b->mask[i];
		if (b->mask[i]) {
			i++;
			continue;
		}
		b->mask[i] = b->mask[--b->n];
		b->value[i] = b->value[b->n];
		b->index[i] = b->index[b->n];
	}
}

/* Into the rest, when the node is made of rules that are there already. */
static void
node_begin_with(struct cls_node *n, struct cls_rule *r)
{
	uint64_t mask[FLOW_KEY_WORDS], value[FLOW_KEY_WORDS];

	cls_mask_expand(r->mask, mask);
	cls_rule_expand(r, value);
	box_add(n, mask, value);
	cls_list_insert(&n->rest, &r->e);
	n->n_rules++;
}

static unsigned
matrix_take(const struct cls_matrix *m, struct cls_rule **rules)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < m->n; i++) {
		memcpy(rules + count, m->block[i].rules->rule, m->block[i].rules->n * sizeof(*rules));
		count += m->block[i].rules->n;
	}
	return count;
}

static unsigned
table_take(const struct cls_hash *h, struct cls_rule **rules)
{
	unsigned count = 0;

	for (uint32_t b = 0; b < h->n_buckets; b++) {
		for (struct cls_entry *e = cls_hash_at(h, b)->head, *next; e; e = next) {
			next = e->next;
			if (e->kind == CLS_RULE) {
				rules[count++] = cls_rule_of(e);
			} else {
				count += cls_node_take(cls_node_of(e), rules + count);
				cls_node_destroy(cls_node_of(e));
			}
		}
	}
	return count;
}

/* All rules of a node, which is left without order. */
unsigned
cls_node_take(struct cls_node *n, struct cls_rule **rules)
{
	unsigned count = 0;

	for (struct cls_entry *e = n->rest.head; e; e = e->next)
		rules[count++] = cls_rule_of(e);
	for (uint32_t i = 0; i < n->n_order; i++) {
		const struct cls_table *t = n->order[i].table;

		count += t->matrix ? matrix_take(t->matrix, rules + count) : table_take(&t->hash, rules + count);
	}
	return count;
}

/* The node below a table for the rules of one value. */
static struct cls_node *
child_create(const struct cls_node *n, const struct cls_table *t, uint32_t hash)
{
	struct cls_node *child = node_create(n->depth + 1);

	if (!child)
		return NULL;
	child->e.hash = hash;
	child->up = n;
	child->via = t;
	return child;
}

/* The rules of 'hash' in the chain move into a node.  Without memory they stay a chain. */
static void
chain_to_node(struct item *it, struct cls_node *n, struct cls_table *t, uint32_t hash)
{
	struct cls_node *child = child_create(n, t, hash);
	struct cls_entry *e, *next;

	if (!child)
		return;
	for (e = cls_hash_bucket(&t->hash, hash)->head; e; e = next) {
		next = e->next;
		if (e->hash != hash)
			continue;
		cls_hash_remove(&t->hash, e);
		node_begin_with(child, cls_rule_of(e));
	}
	child->e.priority = node_priority(child);
	cls_hash_insert(&t->hash, &child->e);
	cls_node_settle(it->c, child);
}

static bool
matrix_insert(struct item *it, struct cls_table *t)
{
	if (!cls_matrix_insert(t->matrix, it->r, it->mask, it->value))
		return false;
	t->n_rules++;
	return true;
}

static bool
hash_insert(struct item *it, struct cls_node *n, struct cls_table *t)
{
	const uint32_t hash = cls_table_rule_hash(t, it->mask, it->value);
	struct cls_entry *e = cls_hash_bucket(&t->hash, hash)->head;
	unsigned same = 0;

	for (; e && !(e->hash == hash && e->kind == CLS_NODE); e = e->next)
		same += e->hash == hash;
	if (!prio_add(t, it->r->e.priority))
		return false;
	if (e) {
		struct cls_node *child = cls_node_of(e);

		if (!cls_node_insert(it, child)) {
			prio_sub(t, it->r->e.priority);
			return false;
		}
		if (child->e.priority != node_priority(child)) {
			child->e.priority = node_priority(child);
			cls_hash_settle(&t->hash, e);
		}
	} else {
		it->r->e.hash = hash;
		cls_hash_insert(&t->hash, &it->r->e);
		if (same >= CLS_CHAIN && n->depth < CLS_DEPTH && it->c->choices)
			chain_to_node(it, n, t, hash);
	}
	if (t->cut)
		cls_cut_add(t->cut, it->mask, it->value, it->r->e.priority);
	t->n_rules++;
	return true;
}

static bool
table_insert(struct item *it, struct cls_node *n, struct cls_table *t)
{
	return t->matrix ? matrix_insert(it, t) : hash_insert(it, n, t);
}

/* Moves rules of the rest into tables that can hold them; false: more may be left. */
static bool
rest_to_tables(struct classifier *c, struct cls_node *n)
{
	unsigned moves = 0, looks = 0;
	struct cls_entry *e, *next;

	for (e = n->rest.head; e; e = next) {
		struct cls_table *t;
		struct item it;

		next = e->next;
		if (moves == SETTLE_MOVES || looks++ == SETTLE_LOOKS)
			return looks > SETTLE_LOOKS && moves == 0;
		item_init(&it, c, cls_rule_of(e));
		t = node_table_for(n, it.mask);
		if (!t)
			continue;
		cls_list_remove(&n->rest, e);
		if (table_insert(&it, n, t)) {
			node_update_table(n, t);
			moves++;
		} else {
			cls_list_insert(&n->rest, e);
		}
	}
	return true;
}

static struct cls_table *
node_matrix(const struct cls_node *n)
{
	for (uint32_t i = 0; i < n->n_order; i++) {
		if (n->order[i].kind == CLS_MATRIX)
			return n->order[i].table;
	}
	return NULL;
}

/* The chosen table, made; or the node's matrix, which it has at most one of, gets room for as many rules again. */
static struct cls_table *
node_choose(const struct classifier *c, struct cls_node *n, const struct cls_choice *choice)
{
	struct cls_table *t = choice->kind == CLS_MATRIX ? node_matrix(n) : NULL;

	if (t) {
		t->max_rules = 2 * t->n_rules;
		return t;
	}
	return node_add(n, choice->kind == CLS_CUT      ? cut_create(c, choice->at)
	                   : choice->kind == CLS_MATRIX ? matrix_create(c)
	                                                : table_create(c, choice->words));
}

void
cls_node_settle(struct classifier *c, struct cls_node *n)
{
	uint64_t used[FLOW_KEY_WORDS];
	struct cls_choice choice;

	if (n->unsettled) {
		n->unsettled = !rest_to_tables(c, n);
		return;
	}
	while (n->rest.n > n->next_try && !n->unsettled && c->choices) {
		const uint32_t before = n->rest.n;
		struct cls_table *t = NULL;

		c->choices--;
		node_used(n, used);
		if (cls_mask_choose(n->rest.head, used, &choice))
			t = node_choose(c, n, &choice);
		if (t)
			n->unsettled = !rest_to_tables(c, n);
		if (t && !t->n_rules)
			node_update_table(n, t);
		n->next_try = n->rest.n >= before ? 2 * before : node_matrix(n) ? CLS_MATRIX_REST : CLS_REST;
	}
}

/* The first few rules of a node chose its tables.  When there are as many as a sample has, these choose again. */
static void
node_begin_again(struct classifier *c, struct cls_node *n)
{
	struct cls_rule *rules[CLS_SAMPLE];
	const unsigned count = cls_node_take(n, rules);

	for (uint32_t i = 0; i < n->n_order; i++)
		table_destroy(n->order[i].table);
	n->n_order = 0;
	cls_list_fini(&n->rest);
	n->rest = (struct cls_list){0};
	n->n_rules = 0;
	for (unsigned i = 0; i < count; i++)
		node_begin_with(n, rules[i]);
	n->next_try = CLS_REST;
	n->unsettled = false;
	n->begun_again = true;
	cls_node_settle(c, n);
}

bool
cls_node_insert(struct item *it, struct cls_node *n)
{
	struct cls_table *t = n->depth ? node_table_for(n, it->mask) : root_table_for(it->c, n, it->mask);

	box_add(n, it->mask, it->value);
	if (t) {
		const bool ok = table_insert(it, n, t);

		node_update_table(n, t);
		if (!ok)
			return false;
	} else {
		cls_list_insert(&n->rest, &it->r->e);
	}
	n->n_rules++;
	if (n->depth && n->n_rules == CLS_SAMPLE && !n->begun_again && it->c->choices)
		node_begin_again(it->c, n);
	else if (n->unsettled || n->rest.n > n->next_try)
		cls_node_settle(it->c, n);
	return true;
}

bool
classifier_insert(struct classifier *c, struct cls_rule *r, const struct match *m, uint16_t priority)
{
	struct item it;

	if (!c->root && (c->root = node_create(0)) == NULL)
		return false;
	r->mask = cls_mask_intern(c, &m->mask);
	if (!r->mask)
		return false;
	r->e.priority = priority;
	r->e.kind = CLS_RULE;
	for (unsigned i = 0; i < r->mask->n_words; i++)
		r->value[i] = key_words(&m->key)[r->mask->index[i]];
	c->choices = CLS_CHOICES;
	cls_mask_note(r->mask, r->value);
	item_init(&it, c, r);
	if (cls_node_insert(&it, c->root))
		return true;
	cls_mask_unref(c, r->mask);
	r->mask = NULL;
	return false;
}

/* ---- removal ---- */

/* A node of few rules: all of them, into the chain it stood in. */
static void
node_to_chain(struct cls_table *t, struct cls_node *n)
{
	struct cls_rule *rules[CLS_COLLAPSE];
	const unsigned count = cls_node_take(n, rules);

	cls_hash_remove(&t->hash, &n->e);
	for (unsigned i = 0; i < count; i++) {
		rules[i]->e.hash = n->e.hash;
		cls_hash_insert(&t->hash, &rules[i]->e);
	}
	cls_node_destroy(n);
}

static bool
has_hash(const struct cls_hash *h, uint32_t hash)
{
	const struct cls_entry *e = cls_hash_bucket(h, hash)->head;

	while (e && e->hash != hash)
		e = e->next;
	return e != NULL;
}

/* True if the rule was in the table and is out. */
static bool
matrix_remove(struct item *it, struct cls_table *t)
{
	if (!cls_matrix_remove(t->matrix, it->r, it->value))
		return false;
	t->n_rules--;
	return true;
}

/* The same. */
static bool
hash_remove(struct item *it, struct cls_table *t)
{
	const uint32_t hash = cls_table_rule_hash(t, it->mask, it->value);
	struct cls_entry *e = cls_hash_bucket(&t->hash, hash)->head;
	struct cls_node *child;

	while (e && e != &it->r->e && !(e->hash == hash && e->kind == CLS_NODE))
		e = e->next;
	if (!e)
		return false;
	if (e->kind == CLS_RULE) {
		cls_hash_remove(&t->hash, e);
	} else {
		child = cls_node_of(e);
		if (!cls_node_remove(it, child))
			return false;
		if (child->n_rules <= CLS_COLLAPSE) {
			node_to_chain(t, child);
		} else if (child->e.priority != node_priority(child)) {
			child->e.priority = node_priority(child);
			cls_hash_settle(&t->hash, e);
		}
	}
	prio_sub(t, it->r->e.priority);
	t->n_rules--;
	if (t->cut)
		cls_cut_sub(t->cut, it->mask, it->value, !has_hash(&t->hash, hash));
	return true;
}

bool
cls_node_remove(struct item *it, struct cls_node *n)
{
	for (uint32_t i = 0; i < n->n_order && n->order[i].max_priority >= it->r->e.priority; i++) {
		struct cls_table *t = n->order[i].table;

		if (!cls_table_may_have(t, it->mask) || !(t->matrix ? matrix_remove(it, t) : hash_remove(it, t)))
			continue;
		node_update_table(n, t);
		n->n_rules--;
		return true;
	}
	if (!cls_list_remove(&n->rest, &it->r->e))
		return false;
	n->n_rules--;
	return true;
}

void
classifier_remove(struct classifier *c, struct cls_rule *r)
{
	struct item it;

	item_init(&it, c, r);
	cls_node_remove(&it, c->root);
	cls_mask_unref(c, r->mask);
	r->mask = NULL;
	if (c->root->n_rules)
		return;
	cls_node_destroy(c->root);
	c->root = NULL;
}
