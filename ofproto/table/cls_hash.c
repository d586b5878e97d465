/* SPDX-License-Identifier: ISC */
/* The hash map of a classifier's table, and ordered lists of rules.
 *
 * Linear hashing: with n buckets the next one to be split is n - (level + 1), and each insertion that finds the map full splits
 * exactly one.  Segments never move, so growing has no large step. */
#include "cls_private.h"

#include <stdlib.h>

#define FIRST 4u /* buckets */
#define FILL 3u / 2u /* entries a bucket, when growing */

bool
cls_hash_init(struct cls_hash *h)
{
	*h = (struct cls_hash){.n_buckets = FIRST, .cap_buckets = FIRST, .level = FIRST / 2 - 1};
	h->segment = malloc(sizeof(*h->segment));
	if (h->segment && (h->segment[0] = calloc(FIRST, sizeof(**h->segment))) != NULL)
		return true;
	free(h->segment);
	return false;
}

void
cls_hash_fini(struct cls_hash *h)
{
	for (uint32_t i = 0; i < h->cap_buckets; i += CLS_SEGMENT)
		free(h->segment[i / CLS_SEGMENT]);
	free(h->segment);
}

static void
chain_insert(struct cls_bucket *b, struct cls_entry *e)
{
	struct cls_entry **at = &b->head;

	while (*at && (*at)->priority >= e->priority)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	b->filter |= cls_hash_bit(e->hash);
}

/* Room for one more bucket: a longer first segment, or another one. */
static bool
reserve(struct cls_hash *h)
{
	const uint32_t n = h->cap_buckets / CLS_SEGMENT;
	struct cls_bucket **dir, *s;

	if (h->n_buckets < h->cap_buckets)
		return true;
	if (h->cap_buckets < CLS_SEGMENT) {
		s = realloc(h->segment[0], 2 * h->cap_buckets * sizeof(*s));
		if (!s)
			return false;
		h->segment[0] = s;
		h->cap_buckets *= 2;
		return true;
	}
	if ((n & (n - 1)) == 0) {
		dir = realloc(h->segment, 2 * (size_t)n * sizeof(*dir));
		if (!dir)
			return false;
		h->segment = dir;
	}
	h->segment[n] = malloc(CLS_SEGMENT * sizeof(*s));
	if (!h->segment[n])
		return false;
	h->cap_buckets += CLS_SEGMENT;
	return true;
}

/* Without memory the chains grow longer instead. */
static void
split(struct cls_hash *h)
{
	struct cls_bucket *from, *to;
	struct cls_entry *e, *next, **end_from, **end_to;
	uint32_t i, bit;

	if (!reserve(h))
		return;
	if (h->n_buckets == 2 * (h->level + 1))
		h->level = 2 * h->level + 1;
	bit = h->level + 1;
	i = h->n_buckets - bit;
	from = cls_hash_at(h, i);
	to = cls_hash_at(h, h->n_buckets++);
	e = from->head;
	*from = *to = (struct cls_bucket){0};
	end_from = &from->head;
	end_to = &to->head;
	for (; e; e = next) {
		struct cls_bucket *b = e->hash & bit ? to : from;
		struct cls_entry ***end = e->hash & bit ? &end_to : &end_from;

		next = e->next;
		e->next = NULL;
		**end = e;
		*end = &e->next;
		b->filter |= cls_hash_bit(e->hash);
	}
}

/* The last bucket goes back to the one it was split from. */
static void
join(struct cls_hash *h)
{
	struct cls_bucket *to, *from = cls_hash_at(h, --h->n_buckets);
	struct cls_entry *e = from->head, *next;

	to = cls_hash_at(h, h->n_buckets - (h->level + 1));
	for (; e; e = next) {
		next = e->next;
		chain_insert(to, e);
	}
	if (h->n_buckets == h->level + 1)
		h->level /= 2;
	if (h->cap_buckets >= 2 * CLS_SEGMENT && h->n_buckets + CLS_SEGMENT + CLS_SEGMENT / 2 <= h->cap_buckets) {
		h->cap_buckets -= CLS_SEGMENT;
		free(h->segment[h->cap_buckets / CLS_SEGMENT]);
	}
}

void
cls_hash_insert(struct cls_hash *h, struct cls_entry *e)
{
	if (h->n++ >= h->n_buckets * FILL)
		split(h);
	chain_insert(cls_hash_bucket(h, e->hash), e);
}

static void
chain_remove(struct cls_bucket *b, struct cls_entry *e)
{
	struct cls_entry **at = &b->head;
	uint64_t filter = 0;

	while (*at) {
		if (*at == e) {
			*at = e->next;
			continue;
		}
		filter |= cls_hash_bit((*at)->hash);
		at = &(*at)->next;
	}
	b->filter = filter;
}

void
cls_hash_settle(struct cls_hash *h, struct cls_entry *e)
{
	struct cls_bucket *b = cls_hash_bucket(h, e->hash);

	chain_remove(b, e);
	chain_insert(b, e);
}

void
cls_hash_remove(struct cls_hash *h, struct cls_entry *e)
{
	chain_remove(cls_hash_bucket(h, e->hash), e);
	if (--h->n < h->n_buckets / 4 && h->n_buckets > FIRST)
		join(h);
}

/* ---- ordered lists ---- */

static bool
index_build(struct cls_list *l)
{
	for (struct cls_entry *e = l->head; e; e = e->next) {
		if (!prio_map_set(&l->last, e->priority, (uint64_t)(uintptr_t)e)) {
			prio_map_fini(&l->last);
			return false;
		}
	}
	return true;
}

/* The entry behind which 'priority' begins, or would begin; NULL: the front. */
static struct cls_entry *
list_before(const struct cls_list *l, uint16_t priority)
{
	const int above = l->indexed ? prio_map_above(&l->last, priority) : -1;

	return above < 0 ? NULL : (struct cls_entry *)(uintptr_t)prio_map_get(&l->last, (uint16_t)above);
}

const struct cls_entry *
cls_list_from(const struct cls_list *l, uint16_t priority)
{
	const struct cls_entry *before = list_before(l, priority), *e = before ? before->next : l->head;

	while (e && e->priority > priority)
		e = e->next;
	return e;
}

void
cls_list_insert(struct cls_list *l, struct cls_entry *e)
{
	struct cls_entry *before, **at;

	if (l->n++ == CLS_INDEX && !l->indexed)
		l->indexed = index_build(l);
	before = l->indexed ? (struct cls_entry *)(uintptr_t)prio_map_get(&l->last, e->priority) : NULL;
	if (!before)
		before = list_before(l, e->priority);
	at = before ? &before->next : &l->head;
	while (*at && (*at)->priority >= e->priority)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	if (l->indexed && !prio_map_set(&l->last, e->priority, (uint64_t)(uintptr_t)e)) {
		prio_map_fini(&l->last); /* no memory: without an index it is only slower */
		l->indexed = false;
	}
}

bool
cls_list_remove(struct cls_list *l, struct cls_entry *e)
{
	struct cls_entry *prev = list_before(l, e->priority);
	struct cls_entry **at = prev ? &prev->next : &l->head;

	for (; *at && *at != e && (*at)->priority >= e->priority; at = &(*at)->next)
		prev = *at;
	if (*at != e)
		return false;
	*at = e->next;
	l->n--;
	if (!l->indexed || prio_map_get(&l->last, e->priority) != (uint64_t)(uintptr_t)e)
		return true;
	if (prev && prev->priority == e->priority)
		prio_map_set(&l->last, e->priority, (uint64_t)(uintptr_t)prev);
	else
		prio_map_clear(&l->last, e->priority);
	return true;
}

void
cls_list_fini(struct cls_list *l)
{
	prio_map_fini(&l->last);
}
