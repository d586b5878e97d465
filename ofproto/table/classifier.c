/* SPDX-License-Identifier: ISC */
/* Looking up and finding: reading nodes (cls_private.h), never changing them. */
#include "cls_private.h"

#include "hash.h"

#include <stdlib.h>
#include <string.h>

void
classifier_init(struct classifier *c)
{
	*c = (struct classifier){.seed = hash_seed()};
	hmap_init(&c->masks);
}

void
classifier_fini(struct classifier *c)
{
	cls_node_destroy(c->root);
	hmap_fini(&c->masks);
}

unsigned
classifier_words(const struct match *m)
{
	const uint64_t *w = key_words(&m->mask);
	unsigned n = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		n += i != PRESENT_WORD && w[i];
	return n;
}

/* ---- packets ---- */

static inline bool
rule_takes(const struct cls_rule *r, const uint64_t *k)
{
	const struct cls_mask *m = r->mask;
	uint64_t diff = ~k[PRESENT_WORD] & m->present;

	for (unsigned i = 0; i < m->n_words; i++)
		diff |= (k[m->index[i]] & m->words[i]) ^ r->value[i];
	return diff == 0;
}

/* Ordered by priority: the first that takes the key is the best. */
static inline const struct cls_rule *
list_lookup(const struct cls_list *l, const struct cls_ask *a, const struct cls_rule *best)
{
	for (const struct cls_entry *e = l->head; e; e = e->next) {
		if (best && e->priority <= best->e.priority)
			break;
		if (a->cost)
			a->cost->rules++;
		if (rule_takes(cls_rule_of(e), a->key) && cls_rule_seen(cls_rule_of(e), a->view))
			return cls_rule_of(e);
	}
	return best;
}

/* 'b' may hold rules of other values too. */
static inline const struct cls_rule *
chain_lookup(const struct cls_bucket *b, uint32_t hash, const struct cls_ask *a, const struct cls_rule *best)
{
	for (const struct cls_entry *e = b->head; e; e = e->next) {
		if (best && e->priority <= best->e.priority)
			break;
		if (e->hash != hash)
			continue;
		if (a->cost)
			a->cost->rules++; /* what a node asks of a packet first is as much as a rule does */
		if (e->kind == CLS_NODE) {
			if (cls_box_takes(&cls_node_of(e)->box, a->key))
				best = cls_node_lookup(cls_node_of(e), a, best);
			continue;
		}
		if (rule_takes(cls_rule_of(e), a->key) && cls_rule_seen(cls_rule_of(e), a->view))
			return cls_rule_of(e);
	}
	return best;
}

#define AHEAD 4u /* tables whose buckets are fetched together */

/* The buckets of the next tables; returns how many, and where to go on. */
static inline unsigned
look_ahead(const struct cls_order **o, const struct cls_order *end, const uint64_t *k,
           const struct cls_bucket *bucket[], uint32_t hash[], uint32_t priority[])
{
	unsigned n = 0;

	for (; *o < end && n < AHEAD && (*o)->kind == CLS_MASKED; (*o)++) {
		const struct cls_table *t = (*o)->table;

		if ((*o)->present & ~k[PRESENT_WORD])
			continue;
		hash[n] = cls_table_hash(t, k);
		bucket[n] = cls_hash_bucket(&t->hash, hash[n]);
		__builtin_prefetch(bucket[n]);
		priority[n++] = (*o)->max_priority;
	}
	return n;
}

/* The path whose mask may have the highest priority, taken out of '*paths'. */
static inline unsigned
best_path(const struct cls_cut *cut, unsigned *paths)
{
	unsigned top = (unsigned)__builtin_ctz(*paths);

	for (unsigned left = *paths & (*paths - 1); left; left &= left - 1) {
		const unsigned at = (unsigned)__builtin_ctz(left);

		if (cut->top[at] > cut->top[top])
			top = at;
	}
	*paths &= ~(1u << top);
	return top;
}

/* The buckets that a packet's byte leads to, as long as one can still win; while one is asked the next comes to the processor. */
static const struct cls_rule *
cut_lookup(const struct cls_table *t, const struct cls_ask *a, const struct cls_rule *best)
{
	const struct cls_cut *cut = t->cut;
	const uint8_t byte = cls_byte(a->key, cut->at);
	const struct cls_bucket *next = NULL;
	unsigned paths = cut->path[byte];
	uint16_t next_top = 0;
	uint32_t next_hash = 0;

	if (a->cost)
		a->cost->tables++;
	for (;;) {
		const struct cls_bucket *const bucket = next;
		const uint32_t hash = next_hash, top = next_top;

		if (bucket && best && top <= best->e.priority)
			return best;
		next = NULL;
		if (paths) {
			const unsigned at = best_path(cut, &paths);

			next_top = cut->top[at];
			next_hash = cls_cut_hash(cut, cut->mask[at], byte & cut->mask[at]);
			next = cls_hash_bucket(&t->hash, next_hash);
			__builtin_prefetch(next);
		}
		if (bucket) {
			if (a->cost)
				a->cost->tables++;
			best = chain_lookup(bucket, hash, a, best);
		}
		if (!next)
			return best;
	}
}

const struct cls_rule *
cls_node_lookup(const struct cls_node *n, const struct cls_ask *a, const struct cls_rule *best)
{
	const struct cls_order *o = n->order, *const end = o + n->n_order;

	while (o < end && (!best || o->max_priority > best->e.priority)) {
		const struct cls_bucket *bucket[AHEAD];
		uint32_t hash[AHEAD], priority[AHEAD];
		unsigned n_ahead;

		if (o->kind != CLS_MASKED) {
			best = o->kind == CLS_CUT ? cut_lookup(o->table, a, best)
			                          : cls_matrix_lookup(o->table->matrix, a, best);
			o++;
			continue;
		}
		n_ahead = look_ahead(&o, end, a->key, bucket, hash, priority);
		for (unsigned i = 0; i < n_ahead && (!best || priority[i] > best->e.priority); i++) {
			if (a->cost)
				a->cost->tables++;
			if (bucket[i]->filter & cls_hash_bit(hash[i]))
				best = chain_lookup(bucket[i], hash[i], a, best);
		}
	}
	return list_lookup(&n->rest, a, best);
}

struct cls_rule *
classifier_lookup_cost(const struct classifier *c, const struct flow_key *key, enum cls_view view,
                       struct cls_cost *cost)
{
	const struct cls_ask a = {key_words(key), view, cost};

	return c->root ? (struct cls_rule *)(uintptr_t)cls_node_lookup(c->root, &a, NULL) : NULL;
}

struct cls_rule *
classifier_lookup(const struct classifier *c, const struct flow_key *key, enum cls_view view)
{
	return classifier_lookup_cost(c, key, view, NULL);
}

void
classifier_expect(const struct classifier *c, const struct flow_key *key, unsigned step)
{
	/* with more tables than one a lookup looks ahead by itself */
	const struct cls_order *o = c->root && c->root->n_order == 1 ? c->root->order : NULL;
	const uint64_t *const k = key_words(key);
	const struct cls_bucket *bucket;

	if (!o || o->kind != CLS_MASKED || (o->present & ~k[PRESENT_WORD]))
		return;
	bucket = cls_hash_bucket(&o->table->hash, cls_table_hash(o->table, k));
	if (step == 0) {
		__builtin_prefetch(bucket);
	} else if (bucket->head) {
		__builtin_prefetch(bucket->head);
		__builtin_prefetch((const char *)bucket->head + 64);
	}
}

/* ---- matches ---- */

void
cls_rule_expand(const struct cls_rule *r, uint64_t value[FLOW_KEY_WORDS])
{
	memset(value, 0, FLOW_KEY_WORDS * sizeof(*value));
	for (unsigned i = 0; i < r->mask->n_words; i++)
		value[r->mask->index[i]] = r->value[i];
	value[PRESENT_WORD] = r->mask->present;
}

void
cls_rule_match(const struct cls_rule *r, struct match *m)
{
	uint64_t w[FLOW_KEY_WORDS];

	cls_rule_expand(r, w);
	memcpy(&m->key, w, sizeof(m->key));
	cls_mask_expand(r->mask, w);
	memcpy(&m->mask, w, sizeof(m->mask));
}

bool
cls_rule_is_empty(const struct cls_rule *r)
{
	return r->mask->n_words == 0 && r->mask->present == 0;
}

bool
cls_rule_within(const struct cls_rule *r, const struct match *m)
{
	const uint64_t *v = key_words(&m->key), *w = key_words(&m->mask);
	uint64_t mask[FLOW_KEY_WORDS], value[FLOW_KEY_WORDS], diff = 0;

	if (w[PRESENT_WORD] & ~r->mask->present)
		return false;
	cls_mask_expand(r->mask, mask);
	cls_rule_expand(r, value);
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		diff |= (w[i] & ~mask[i]) | ((value[i] & w[i]) ^ v[i]);
	return diff == 0;
}

/* What is searched for by value. */
struct wanted {
	const struct cls_mask *mask;
	uint64_t words[FLOW_KEY_WORDS]; /* of the mask */
	const uint64_t *value;
	uint16_t priority;
	enum cls_view view;
};

static bool
rule_is(const struct cls_rule *r, const struct wanted *w)
{
	uint64_t diff = 0;

	if (r->e.priority != w->priority || r->mask != w->mask || !cls_rule_seen(r, w->view))
		return false;
	for (unsigned i = 0; i < r->mask->n_words; i++)
		diff |= r->value[i] ^ w->value[r->mask->index[i]];
	return diff == 0;
}

static const struct cls_rule *
chain_find(const struct cls_entry *first, bool hashed, uint32_t hash, const struct wanted *w,
           const struct cls_node **below)
{
	for (const struct cls_entry *e = first; e && e->priority >= w->priority; e = e->next) {
		if (hashed && e->hash != hash)
			continue;
		if (e->kind == CLS_NODE)
			*below = cls_node_of(e);
		else if (rule_is(cls_rule_of(e), w))
			return cls_rule_of(e);
	}
	return NULL;
}

static const struct cls_rule *
matrix_find(const struct cls_matrix *m, const struct wanted *w)
{
	const uint64_t key = cls_matrix_key(m, w->mask, w->value, w->priority);

	for (struct cls_place p = cls_matrix_seek(m, key); p.block < m->n; p = cls_matrix_next(m, p)) {
		const struct cls_block *b = m->block[p.block].rules;

		if (b->key[p.rule] != key)
			break;
		if (rule_is(b->rule[p.rule], w))
			return b->rule[p.rule];
	}
	return NULL;
}

static const struct cls_rule *
table_find(const struct cls_table *t, const struct wanted *w)
{
	const uint32_t hash = cls_table_rule_hash(t, w->words, w->value);
	const struct cls_node *below = NULL;
	const struct cls_rule *r = chain_find(cls_hash_bucket(&t->hash, hash)->head, true, hash, w, &below);

	return r || !below ? r : cls_node_find(below, w);
}

const struct cls_rule *
cls_node_find(const struct cls_node *n, const struct wanted *w)
{
	for (unsigned i = 0; i < n->n_order && n->order[i].max_priority >= w->priority; i++) {
		const struct cls_table *t = n->order[i].table;
		const struct cls_rule *r;

		if (!cls_table_may_have(t, w->words))
			continue;
		r = t->matrix ? matrix_find(t->matrix, w) : table_find(t, w);
		if (r)
			return r;
	}
	return chain_find(cls_list_from(&n->rest, w->priority), false, 0, w, NULL);
}

struct cls_rule *
classifier_find(const struct classifier *c, const struct match *m, uint16_t priority, enum cls_view view)
{
	struct wanted w = {
	    .mask = cls_mask_find(c, &m->mask), .value = key_words(&m->key), .priority = priority, .view = view};

	if (!w.mask || !c->root)
		return NULL;
	cls_mask_expand(w.mask, w.words);
	return (struct cls_rule *)(uintptr_t)cls_node_find(c->root, &w);
}

/* ---- many at once ---- */

/* Calls 'visit' for each rule that may be within, or if 'overlap' may overlap, the match; false: it said to stop. */
struct walk {
	const struct match *match;
	bool (*visit)(struct walk *, const struct cls_rule *);
	int priority; /* of the rules wanted, or -1: any */
	enum cls_view view;
	struct cls_rule **out;
	size_t n, max, looks, max_looks;
};

static bool
walk_list(struct walk *w, const struct cls_entry *e)
{
	for (; e; e = e->next) {
		if (w->priority >= 0 && e->priority < w->priority)
			break;
		if (e->kind == CLS_NODE ? !cls_node_walk(cls_node_of(e), w) : !w->visit(w, cls_rule_of(e)))
			return false;
	}
	return true;
}

static bool
walk_matrix(struct walk *w, const struct cls_matrix *m)
{
	const uint16_t from = w->priority < 0 ? UINT16_MAX : (uint16_t)w->priority;

	for (struct cls_place p = cls_matrix_seek(m, cls_matrix_begin(from)); p.block < m->n;
	     p = cls_matrix_next(m, p)) {
		const struct cls_rule *r = m->block[p.block].rules->rule[p.rule];

		if (r->e.priority < w->priority)
			break;
		if (!w->visit(w, r))
			return false;
	}
	return true;
}

static bool
walk_table(struct walk *w, const struct cls_table *t)
{
	const uint64_t *value = key_words(&w->match->key);

	if (t->matrix)
		return walk_matrix(w, t->matrix);
	if (w->priority >= 0 && !prio_map_get(&t->prios, (uint16_t)w->priority))
		return true;
	if (!t->cut && cls_table_takes(t, key_words(&w->match->mask)))
		return walk_list(w, cls_hash_bucket(&t->hash, cls_table_hash(t, value))->head);
	for (uint32_t i = 0; i < t->hash.n_buckets; i++) {
		if (w->looks++ >= w->max_looks || !walk_list(w, cls_hash_at(&t->hash, i)->head))
			return false;
	}
	return true;
}

bool
cls_node_walk(const struct cls_node *n, struct walk *w)
{
	for (unsigned i = 0; i < n->n_order; i++) {
		if (!walk_table(w, n->order[i].table))
			return false;
	}
	return walk_list(w, w->priority < 0 ? n->rest.head : cls_list_from(&n->rest, (uint16_t)w->priority));
}

bool
cls_rule_overlaps(const struct cls_rule *r, const struct match *m, uint16_t priority, enum cls_view view)
{
	const uint64_t *key = key_words(&m->key), *mask = key_words(&m->mask);

	if (r->e.priority != priority || !cls_rule_seen(r, view))
		return false;
	for (unsigned i = 0; i < r->mask->n_words; i++) {
		const unsigned at = r->mask->index[i];

		if ((r->value[i] ^ key[at]) & r->mask->words[i] & mask[at])
			return false;
	}
	return true;
}

/* False, to stop, if some key could be taken by both; n is then 1. */
static bool
visit_overlap(struct walk *w, const struct cls_rule *r)
{
	if (w->looks++ >= w->max_looks)
		return false;
	w->n = cls_rule_overlaps(r, w->match, (uint16_t)w->priority, w->view);
	return w->n == 0;
}

/* False: all masks have something in common that keeps their rules apart from the match. */
static bool
some_mask_may_overlap(const struct classifier *c, const struct match *m, size_t max_looks)
{
	for (struct hmap_node *n = hmap_first(&c->masks); n; n = hmap_next(&c->masks, n)) {
		if (!max_looks-- || cls_mask_may_overlap(CONTAINER_OF(n, struct cls_mask, node), m))
			return true;
	}
	return false;
}

enum cls_overlap
classifier_overlaps(const struct classifier *c, const struct match *m, uint16_t priority, enum cls_view view,
                    size_t max_looks)
{
	struct walk w = {
	    .match = m, .visit = visit_overlap, .priority = priority, .view = view, .max_looks = max_looks};

	if (!c->root || !some_mask_may_overlap(c, m, max_looks) || cls_node_walk(c->root, &w))
		return CLS_APART;
	return w.n ? CLS_OVERLAPS : CLS_UNKNOWN;
}

static bool
visit_collect(struct walk *w, const struct cls_rule *r)
{
	if (w->looks++ >= w->max_looks)
		return false;
	if (!cls_rule_seen(r, w->view) || !cls_rule_within(r, w->match))
		return true;
	if (w->n == w->max)
		return false;
	w->out[w->n++] = (struct cls_rule *)(uintptr_t)r;
	return true;
}

size_t
classifier_collect(const struct classifier *c, const struct match *m, enum cls_view view, struct cls_rule *out[],
                   size_t max, size_t max_looks)
{
	struct walk w = {.match = m,
	                 .visit = visit_collect,
	                 .priority = -1,
	                 .view = view,
	                 .out = out,
	                 .max = max,
	                 .max_looks = max_looks};

	return !c->root || cls_node_walk(c->root, &w) ? w.n : max + 1;
}
