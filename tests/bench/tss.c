/* SPDX-License-Identifier: ISC */
/* Subtables and the order they are asked in.
 *
 * A subtable counts its rules by priority in a small sorted array, so that its highest priority is known after any removal without
 * looking at rules.  The order array holds what a lookup needs to pass over a subtable: its highest priority and the fields it
 * wants present. */
#include "tss.h"

#include "hash.h"
#include "list.h"

#include <stdlib.h>
#include <string.h>

struct tss_priority {
	uint32_t priority;
	uint32_t n_rules;
};

struct tss_subtable {
	struct hmap_node node;
	struct hmap rules;
	struct tss_priority *prios; /* ascending */
	size_t n_prios, cap_prios;
	struct flow_key mask;
	unsigned n_words;
	uint8_t index[FLOW_KEY_WORDS]; /* of the words in use */
	uint64_t words[FLOW_KEY_WORDS]; /* their masks */
};

struct tss_order {
	uint64_t present; /* bits a key must have */
	struct tss_subtable *sub;
	uint32_t max_priority;
};

static const uint64_t *
key_words(const struct flow_key *key)
{
	return (const uint64_t *)(const void *)key;
}

static struct tss_rule *
rule_of(struct hmap_node *node)
{
	return node ? CONTAINER_OF(node, struct tss_rule, node) : NULL;
}

static struct tss_subtable *
subtable_of(struct hmap_node *node)
{
	return node ? CONTAINER_OF(node, struct tss_subtable, node) : NULL;
}

void
tss_init(struct tss *c)
{
	*c = (struct tss){.seed = hash_seed()};
	hmap_init(&c->subtables);
}

void
tss_fini(struct tss *c)
{
	hmap_fini(&c->subtables);
	free(c->order);
}

unsigned
tss_words(const struct match *m)
{
	const uint64_t *w = key_words(&m->mask);
	unsigned n = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		n += w[i] != 0;
	return n;
}

/* ---- order ---- */

static uint32_t
max_priority(const struct tss_subtable *s)
{
	return s->n_prios ? s->prios[s->n_prios - 1].priority : 0;
}

static size_t
order_find(const struct tss *c, const struct tss_subtable *s)
{
	size_t i = 0;

	while (c->order[i].sub != s)
		i++;
	return i;
}

/* Moves the entry at 'i' to where its priority belongs. */
static void
order_settle(struct tss *c, size_t i)
{
	const struct tss_order e = c->order[i];

	for (; i > 0 && c->order[i - 1].max_priority < e.max_priority; i--)
		c->order[i] = c->order[i - 1];
	for (; i + 1 < c->n_order && c->order[i + 1].max_priority > e.max_priority; i++)
		c->order[i] = c->order[i + 1];
	c->order[i] = e;
}

static void
order_update(struct tss *c, const struct tss_subtable *s)
{
	const size_t i = order_find(c, s);

	c->order[i].max_priority = max_priority(s);
	order_settle(c, i);
}

static bool
order_add(struct tss *c, struct tss_subtable *s)
{
	if (c->n_order == c->cap_order) {
		const size_t cap = c->cap_order ? c->cap_order * 2 : 4;
		struct tss_order *o = realloc(c->order, cap * sizeof(*o));

		if (!o)
			return false;
		c->order = o;
		c->cap_order = cap;
	}
	c->order[c->n_order++] = (struct tss_order){.present = s->mask.present, .sub = s};
	return true;
}

/* ---- priorities of one subtable ---- */

/* Where 'priority' is or belongs. */
static size_t
prio_position(const struct tss_subtable *s, uint32_t priority)
{
	size_t lo = 0, hi = s->n_prios;

	while (lo < hi) {
		const size_t mid = (lo + hi) / 2;

		if (s->prios[mid].priority < priority)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
prio_add(struct tss_subtable *s, uint32_t priority)
{
	const size_t i = prio_position(s, priority);

	if (i < s->n_prios && s->prios[i].priority == priority) {
		s->prios[i].n_rules++;
		return true;
	}
	if (s->n_prios == s->cap_prios) {
		const size_t cap = s->cap_prios ? s->cap_prios * 2 : 1;
		struct tss_priority *p = realloc(s->prios, cap * sizeof(*p));

		if (!p)
			return false;
		s->prios = p;
		s->cap_prios = cap;
	}
	memmove(&s->prios[i + 1], &s->prios[i], (s->n_prios - i) * sizeof(*s->prios));
	s->prios[i] = (struct tss_priority){priority, 1};
	s->n_prios++;
	return true;
}

static void
prio_sub(struct tss_subtable *s, uint32_t priority)
{
	const size_t i = prio_position(s, priority);

	if (--s->prios[i].n_rules)
		return;
	s->n_prios--;
	memmove(&s->prios[i], &s->prios[i + 1], (s->n_prios - i) * sizeof(*s->prios));
}

/* ---- subtables ---- */

static struct tss_subtable *
subtable_find(const struct tss *c, const struct flow_key *mask)
{
	const uint64_t h = hash_words(key_words(mask), FLOW_KEY_WORDS, c->seed);
	struct hmap_node *node = hmap_first_with_hash(&c->subtables, h);

	while (node && memcmp(&subtable_of(node)->mask, mask, sizeof(*mask)) != 0)
		node = hmap_next_with_hash(&c->subtables, node);
	return subtable_of(node);
}

static void
subtable_free(struct tss_subtable *s)
{
	hmap_fini(&s->rules);
	free(s->prios);
	free(s);
}

static struct tss_subtable *
subtable_create(struct tss *c, const struct flow_key *mask)
{
	struct tss_subtable *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->mask = *mask;
	hmap_init(&s->rules);
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++) {
		if (key_words(mask)[i]) {
			s->index[s->n_words] = (uint8_t)i;
			s->words[s->n_words++] = key_words(mask)[i];
		}
	}
	if (!order_add(c, s)) {
		subtable_free(s);
		return NULL;
	}
	if (!hmap_insert(&c->subtables, &s->node, hash_words(key_words(mask), FLOW_KEY_WORDS, c->seed))) {
		c->n_order--;
		subtable_free(s);
		return NULL;
	}
	return s;
}

static void
subtable_destroy(struct tss *c, struct tss_subtable *s)
{
	const size_t i = order_find(c, s);

	c->n_order--;
	memmove(&c->order[i], &c->order[i + 1], (c->n_order - i) * sizeof(*c->order));
	hmap_remove(&c->subtables, &s->node);
	subtable_free(s);
}

/* ---- rules ---- */

bool
tss_insert(struct tss *c, struct tss_rule *r, const struct match *m, uint16_t priority)
{
	struct tss_subtable *s = subtable_find(c, &m->mask);
	bool ok;

	if (!s)
		s = subtable_create(c, &m->mask);
	if (!s)
		return false;
	for (unsigned i = 0; i < s->n_words; i++)
		r->value[i] = key_words(&m->key)[s->index[i]];
	r->priority = priority;
	r->sub = s;
	ok = prio_add(s, priority);
	if (ok && !hmap_insert(&s->rules, &r->node, hash_words(r->value, s->n_words, c->seed))) {
		prio_sub(s, priority);
		ok = false;
	}
	if (!ok) {
		r->sub = NULL;
		if (!hmap_count(&s->rules))
			subtable_destroy(c, s);
		return false;
	}
	if (max_priority(s) == priority)
		order_update(c, s);
	return true;
}

void
tss_remove(struct tss *c, struct tss_rule *r)
{
	struct tss_subtable *s = r->sub;
	const uint32_t before = max_priority(s);

	hmap_remove(&s->rules, &r->node);
	prio_sub(s, r->priority);
	r->sub = NULL;
	if (!hmap_count(&s->rules)) {
		subtable_destroy(c, s);
	} else if (max_priority(s) != before) {
		order_update(c, s);
	}
}

static bool
same_words(const uint64_t *a, const uint64_t *b, unsigned n)
{
	uint64_t diff = 0;

	for (unsigned i = 0; i < n; i++)
		diff |= a[i] ^ b[i];
	return diff == 0;
}

struct tss_rule *
tss_lookup(const struct tss *c, const struct flow_key *key)
{
	const uint64_t *k = key_words(key);
	struct tss_rule *best = NULL;

	for (const struct tss_order *o = c->order, *end = o + c->n_order; o < end; o++) {
		const struct tss_subtable *s = o->sub;
		uint64_t v[FLOW_KEY_WORDS];
		struct hmap_node *node;

		if (best && best->priority >= o->max_priority)
			break;
		if ((key->present & o->present) != o->present)
			continue;
		for (unsigned i = 0; i < s->n_words; i++)
			v[i] = k[s->index[i]] & s->words[i];
		node = hmap_first_with_hash(&s->rules, hash_words(v, s->n_words, c->seed));
		for (; node; node = hmap_next_with_hash(&s->rules, node)) {
			struct tss_rule *r = rule_of(node);

			if ((!best || r->priority > best->priority) && same_words(v, r->value, s->n_words))
				best = r;
		}
	}
	return best;
}

struct tss_rule *
tss_find(const struct tss *c, const struct match *m, uint16_t priority)
{
	const struct tss_subtable *s = subtable_find(c, &m->mask);
	uint64_t v[FLOW_KEY_WORDS];
	struct hmap_node *node;

	if (!s)
		return NULL;
	for (unsigned i = 0; i < s->n_words; i++)
		v[i] = key_words(&m->key)[s->index[i]];
	node = hmap_first_with_hash(&s->rules, hash_words(v, s->n_words, c->seed));
	for (; node; node = hmap_next_with_hash(&s->rules, node)) {
		struct tss_rule *r = rule_of(node);

		if (r->priority == priority && same_words(v, r->value, s->n_words))
			return r;
	}
	return NULL;
}
