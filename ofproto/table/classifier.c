/* SPDX-License-Identifier: ISC */
/* Subtables and the order they are asked in.
 *
 * A subtable counts its rules by priority in a small sorted array, so that its highest priority is known after any removal without
 * looking at rules.  The order array holds what a lookup needs to pass over a subtable: its highest priority and the fields it
 * wants present. */
#include "classifier.h"

#include "hash.h"
#include "list.h"

#include <stdlib.h>
#include <string.h>

struct cls_priority {
	uint32_t priority;
	uint32_t n_rules;
};

struct cls_subtable {
	struct hmap_node node;
	struct hmap rules;
	struct cls_priority *prios; /* ascending */
	size_t n_prios, cap_prios;
	struct flow_key mask;
	unsigned n_words;
	uint8_t index[FLOW_KEY_WORDS]; /* of the words in use */
	uint64_t words[FLOW_KEY_WORDS]; /* their masks */
};

struct cls_order {
	uint64_t present; /* bits a key must have */
	struct cls_subtable *sub;
	uint32_t max_priority;
};

static const uint64_t *
key_words(const struct flow_key *key)
{
	return (const uint64_t *)(const void *)key;
}

static struct cls_rule *
rule_of(struct hmap_node *node)
{
	return node ? CONTAINER_OF(node, struct cls_rule, node) : NULL;
}

static struct cls_subtable *
subtable_of(struct hmap_node *node)
{
	return node ? CONTAINER_OF(node, struct cls_subtable, node) : NULL;
}

void
classifier_init(struct classifier *c)
{
	*c = (struct classifier){.seed = hash_seed()};
	hmap_init(&c->subtables);
}

void
classifier_fini(struct classifier *c)
{
	hmap_fini(&c->subtables);
	free(c->order);
}

unsigned
classifier_words(const struct match *m)
{
	const uint64_t *w = key_words(&m->mask);
	unsigned n = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		n += w[i] != 0;
	return n;
}

/* ---- order ---- */

static uint32_t
max_priority(const struct cls_subtable *s)
{
	return s->n_prios ? s->prios[s->n_prios - 1].priority : 0;
}

static size_t
order_find(const struct classifier *c, const struct cls_subtable *s)
{
	size_t i = 0;

	while (c->order[i].sub != s)
		i++;
	return i;
}

/* Moves the entry at 'i' to where its priority belongs. */
static void
order_settle(struct classifier *c, size_t i)
{
	const struct cls_order e = c->order[i];

	for (; i > 0 && c->order[i - 1].max_priority < e.max_priority; i--)
		c->order[i] = c->order[i - 1];
	for (; i + 1 < c->n_order && c->order[i + 1].max_priority > e.max_priority; i++)
		c->order[i] = c->order[i + 1];
	c->order[i] = e;
}

static void
order_update(struct classifier *c, const struct cls_subtable *s)
{
	const size_t i = order_find(c, s);

	c->order[i].max_priority = max_priority(s);
	order_settle(c, i);
}

static bool
order_add(struct classifier *c, struct cls_subtable *s)
{
	if (c->n_order == c->cap_order) {
		const size_t cap = c->cap_order ? c->cap_order * 2 : 4;
		struct cls_order *o = realloc(c->order, cap * sizeof(*o));

		if (!o)
			return false;
		c->order = o;
		c->cap_order = cap;
	}
	c->order[c->n_order++] = (struct cls_order){.present = s->mask.present, .sub = s};
	return true;
}

/* ---- priorities of one subtable ---- */

/* Where 'priority' is or belongs. */
static size_t
prio_position(const struct cls_subtable *s, uint32_t priority)
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
prio_add(struct cls_subtable *s, uint32_t priority)
{
	const size_t i = prio_position(s, priority);

	if (i < s->n_prios && s->prios[i].priority == priority) {
		s->prios[i].n_rules++;
		return true;
	}
	if (s->n_prios == s->cap_prios) {
		const size_t cap = s->cap_prios ? s->cap_prios * 2 : 1;
		struct cls_priority *p = realloc(s->prios, cap * sizeof(*p));

		if (!p)
			return false;
		s->prios = p;
		s->cap_prios = cap;
	}
	memmove(&s->prios[i + 1], &s->prios[i], (s->n_prios - i) * sizeof(*s->prios));
	s->prios[i] = (struct cls_priority){priority, 1};
	s->n_prios++;
	return true;
}

static void
prio_sub(struct cls_subtable *s, uint32_t priority)
{
	const size_t i = prio_position(s, priority);

	if (--s->prios[i].n_rules)
		return;
	s->n_prios--;
	memmove(&s->prios[i], &s->prios[i + 1], (s->n_prios - i) * sizeof(*s->prios));
}

/* ---- subtables ---- */

static struct cls_subtable *
subtable_find(const struct classifier *c, const struct flow_key *mask)
{
	const uint64_t h = hash_words(key_words(mask), FLOW_KEY_WORDS, c->seed);
	struct hmap_node *node = hmap_first_with_hash(&c->subtables, h);

	while (node && memcmp(&subtable_of(node)->mask, mask, sizeof(*mask)) != 0)
		node = hmap_next_with_hash(&c->subtables, node);
	return subtable_of(node);
}

static void
subtable_free(struct cls_subtable *s)
{
	hmap_fini(&s->rules);
	free(s->prios);
	free(s);
}

static struct cls_subtable *
subtable_create(struct classifier *c, const struct flow_key *mask)
{
	struct cls_subtable *s = calloc(1, sizeof(*s));

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
subtable_destroy(struct classifier *c, struct cls_subtable *s)
{
	const size_t i = order_find(c, s);

	c->n_order--;
	memmove(&c->order[i], &c->order[i + 1], (c->n_order - i) * sizeof(*c->order));
	hmap_remove(&c->subtables, &s->node);
	subtable_free(s);
}

/* ---- rules ---- */

bool
classifier_insert(struct classifier *c, struct cls_rule *r, const struct match *m, uint16_t priority)
{
	struct cls_subtable *s = subtable_find(c, &m->mask);
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
classifier_remove(struct classifier *c, struct cls_rule *r)
{
	struct cls_subtable *s = r->sub;
	const uint32_t before = max_priority(s);

	hmap_remove(&s->rules, &r->node);
	prio_sub(s, r->priority);
	r->sub = NULL;
	if (!hmap_count(&s->rules)) {
		if (!c->walking)
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

struct cls_rule *
classifier_lookup(const struct classifier *c, const struct flow_key *key, enum cls_view view)
{
	const uint64_t *k = key_words(key);
	struct cls_rule *best = NULL;

	for (const struct cls_order *o = c->order, *end = o + c->n_order; o < end; o++) {
		const struct cls_subtable *s = o->sub;
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
			struct cls_rule *r = rule_of(node);

			if ((!best || r->priority > best->priority) && same_words(v, r->value, s->n_words) &&
			    cls_rule_seen(r, view))
				best = r;
		}
	}
	return best;
}

struct cls_rule *
classifier_find(const struct classifier *c, const struct match *m, uint16_t priority, enum cls_view view)
{
	const struct cls_subtable *s = subtable_find(c, &m->mask);
	uint64_t v[FLOW_KEY_WORDS];
	struct hmap_node *node;

	if (!s)
		return NULL;
	for (unsigned i = 0; i < s->n_words; i++)
		v[i] = key_words(&m->key)[s->index[i]];
	node = hmap_first_with_hash(&s->rules, hash_words(v, s->n_words, c->seed));
	for (; node; node = hmap_next_with_hash(&s->rules, node)) {
		struct cls_rule *r = rule_of(node);

		if (r->priority == priority && same_words(v, r->value, s->n_words) && cls_rule_seen(r, view))
			return r;
	}
	return NULL;
}

/* ---- comparing matches ---- */

/* True if some key could be taken by both. */
static bool
rule_overlaps(const struct cls_rule *r, const struct match *m)
{
	const struct cls_subtable *s = r->sub;

	for (unsigned i = 0; i < s->n_words; i++) {
		const unsigned w = s->index[i];

		if ((r->value[i] ^ key_words(&m->key)[w]) & s->words[i] & key_words(&m->mask)[w])
			return false;
	}
	return true;
}

bool
classifier_overlaps(const struct classifier *c, const struct match *m, uint16_t priority, enum cls_view view)
{
	for (size_t i = 0; i < c->n_order && c->order[i].max_priority >= priority; i++) {
		const struct cls_subtable *s = c->order[i].sub;
		const size_t p = prio_position(s, priority);

		if (p == s->n_prios || s->prios[p].priority != priority)
			continue;
		for (struct hmap_node *node = hmap_first(&s->rules); node; node = hmap_next(&s->rules, node)) {
			if (rule_of(node)->priority == priority && rule_overlaps(rule_of(node), m) &&
			    cls_rule_seen(rule_of(node), view))
				return true;
		}
	}
	return false;
}

bool
cls_rule_within(const struct cls_rule *r, const struct match *m)
{
	const uint64_t *v = key_words(&m->key), *w = key_words(&m->mask), *mask = key_words(&r->sub->mask);
	struct match full;
	uint64_t diff = 0;

	cls_rule_match(r, &full);
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		diff |= (w[i] & ~mask[i]) | ((key_words(&full.key)[i] & w[i]) ^ v[i]);
	return diff == 0;
}

static bool
mask_within(const struct flow_key *specific, const struct flow_key *general)
{
	uint64_t extra = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		extra |= key_words(general)[i] & ~key_words(specific)[i];
	return extra == 0;
}

static void
subtable_for_each(struct classifier *c, struct cls_subtable *s, const struct match *m, enum cls_view view,
                  void (*cb)(void *aux, struct cls_rule *), void *aux)
{
	const bool exact = memcmp(&s->mask, &m->mask, sizeof(s->mask)) == 0;
	uint64_t v[FLOW_KEY_WORDS];
	struct hmap_node *node, *next;

	for (unsigned i = 0; i < s->n_words; i++)
		v[i] = key_words(&m->key)[s->index[i]];
	node = exact ? hmap_first_with_hash(&s->rules, hash_words(v, s->n_words, c->seed)) : hmap_first(&s->rules);
	for (; node; node = next) {
		next = exact ? hmap_next_with_hash(&s->rules, node) : hmap_next(&s->rules, node);
		if (cls_rule_seen(rule_of(node), view) && cls_rule_within(rule_of(node), m))
			cb(aux, rule_of(node));
	}
}

void
classifier_for_each(struct classifier *c, const struct match *m, enum cls_view view,
                    void (*cb)(void *aux, struct cls_rule *), void *aux)
{
	struct hmap_node *node, *next;

	c->walking = true;
	for (node = hmap_first(&c->subtables); node; node = hmap_next(&c->subtables, node)) {
		if (mask_within(&subtable_of(node)->mask, &m->mask))
			subtable_for_each(c, subtable_of(node), m, view, cb, aux);
	}
	c->walking = false;
	for (node = hmap_first(&c->subtables); node; node = next) {
		next = hmap_next(&c->subtables, node);
		if (!hmap_count(&subtable_of(node)->rules))
			subtable_destroy(c, subtable_of(node));
	}
}

void
cls_rule_match(const struct cls_rule *r, struct match *m)
{
	const struct cls_subtable *s = r->sub;
	uint64_t key[FLOW_KEY_WORDS] = {0};

	for (unsigned i = 0; i < s->n_words; i++)
		key[s->index[i]] = r->value[i];
	memcpy(&m->key, key, sizeof(m->key));
	m->mask = s->mask;
}

bool
cls_rule_is_empty(const struct cls_rule *r)
{
	return r->sub->n_words == 0;
}
