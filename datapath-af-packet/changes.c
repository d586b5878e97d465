/* SPDX-License-Identifier: ISC */
/* Changes of rules by class.  The first classes are masks as they come; when those are taken, a mask is cut down to sixteen bits of one
 * address, or to one field, so that rules of very many masks (access lists) fall into few classes. */
#include "changes.h"

#include "hash.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 2048u /* a power of two */
#define EXACT 8u /* classes for masks as they come */
#define ENOUGH 12u /* bits, for a class to serve masks that have more */
#define METADATA_ROW (offsetof(struct flow_key, metadata) / 8)
#define PRESENT_ROW (offsetof(struct flow_key, present) / 8)

void
changes_init(struct changes *c)
{
	*c = (struct changes){.now = 1, .all = 1, .seed = hash_seed()};
}

void
changes_fini(struct changes *c)
{
	for (unsigned i = 0; i < CHANGES_CLASSES; i++)
		free(c->class[i].latest);
}

void
changes_all(struct changes *c)
{
	c->all = ++c->now;
}

static uint64_t *
latest_of(const struct changes *c, const struct changes_class *cl, const uint64_t *key)
{
	uint64_t h = c->seed;

	for (unsigned i = 0; i < cl->n_words; i++)
		h = hash_mix(h ^ (key[cl->index[i]] & cl->words[i]), c->seed);
	return &cl->latest[h & (SLOTS - 1)];
}

static bool
class_is(const struct changes_class *cl, uint8_t table_id, const uint64_t *mask)
{
	uint64_t diff = 0;
	uint32_t rows = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		rows |= (uint32_t)(mask[i] != 0) << i;
	for (unsigned i = 0; i < cl->n_words; i++)
		diff |= cl->words[i] ^ mask[cl->index[i]];
	return cl->latest && cl->table_id == table_id && cl->rows == rows && diff == 0;
}

/* True if the class can hold a rule of this mask, and tells values apart. */
static bool
class_serves(const struct changes_class *cl, uint8_t table_id, const uint64_t *mask)
{
	uint64_t extra = 0;
	unsigned bits = 0;

	for (unsigned i = 0; i < cl->n_words; i++) {
		extra |= cl->words[i] & ~mask[cl->index[i]];
		bits += (unsigned)__builtin_popcountll(cl->words[i]);
	}
	return cl->latest && cl->table_id == table_id && extra == 0 && bits >= ENOUGH;
}

/* What pipelines write to is no use to recognise a frame by, nor is what is present. */
static void
mask_prepare(const struct match *m, uint64_t mask[FLOW_KEY_WORDS])
{
	memcpy(mask, &m->mask, sizeof(m->mask));
	mask[METADATA_ROW] = 0;
	mask[PRESENT_ROW] = 0;
}

/* The half row with most bits; of one with sixteen in front these alone. */
static void
mask_reduce(uint64_t mask[FLOW_KEY_WORDS])
{
	uint32_t half[FLOW_KEY_WORDS * 2];
	unsigned best = 0;
	uint8_t *b;

	memcpy(half, mask, sizeof(half));
	for (unsigned i = 1; i < FLOW_KEY_WORDS * 2; i++) {
		if (__builtin_popcount(half[i]) > __builtin_popcount(half[best]))
			best = i;
	}
	for (unsigned i = 0; i < FLOW_KEY_WORDS * 2; i++) {
		if (i != best)
			half[i] = 0;
	}
	b = (uint8_t *)&half[best];
	if (b[0] == 0xff && b[1] == 0xff)
		b[2] = b[3] = 0;
	memcpy(mask, half, sizeof(half));
}

/* Gives 'cl' another mask.  Numbers that stay in it are not above its last one, which 'all' has passed by then. */
static bool
class_set(struct changes *c, struct changes_class *cl, uint8_t table_id, const uint64_t *mask)
{
	if (!cl->latest && (cl->latest = calloc(SLOTS, sizeof(*cl->latest))) == NULL)
		return false;
	if (cl->last > c->all)
		c->all = cl->last;
	cl->table_id = table_id;
	cl->n_words = 0;
	cl->rows = 0;
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++) {
		if (!mask[i])
			continue;
		cl->rows |= 1u << i;
		cl->index[cl->n_words] = (uint8_t)i;
		cl->words[cl->n_words++] = mask[i];
	}
	return true;
}

/* The class that a change of this mask is kept in; NULL: no memory. */
static struct changes_class *
class_for(struct changes *c, uint8_t table_id, uint64_t mask[FLOW_KEY_WORDS])
{
	struct changes_class *oldest = &c->class[EXACT], *cl;

	for (cl = c->class; cl < c->class + CHANGES_CLASSES; cl++) {
		if (class_is(cl, table_id, mask))
			return cl;
	}
	for (cl = c->class; cl < c->class + EXACT; cl++) {
		if (!cl->latest)
			return class_set(c, cl, table_id, mask) ? cl : NULL;
	}
	for (cl = c->class; cl < c->class + CHANGES_CLASSES; cl++) {
		if (class_serves(cl, table_id, mask))
			return cl;
	}
	mask_reduce(mask);
	for (cl = c->class; cl < c->class + CHANGES_CLASSES; cl++) {
		if (class_is(cl, table_id, mask))
			return cl;
		if (cl->last < oldest->last)
			oldest = cl;
	}
	return class_set(c, oldest, table_id, mask) ? oldest : NULL;
}

void
changes_rule(struct changes *c, uint8_t table_id, const struct match *m)
{
	uint64_t mask[FLOW_KEY_WORDS];
	struct changes_class *cl;

	mask_prepare(m, mask);
	cl = class_for(c, table_id, mask);
	if (!cl) {
		changes_all(c);
		return;
	}
	cl->last = ++c->now;
	*latest_of(c, cl, (const uint64_t *)(const void *)&m->key) = cl->last;
}

bool
changes_spare(const struct changes *c, uint64_t since, const struct flow_key *key, struct changes_deps deps)
{
	if (since < c->all)
		return false;
	for (const struct changes_class *cl = c->class; cl < c->class + CHANGES_CLASSES; cl++) {
		if (cl->last <= since || !(deps.tables & UINT64_C(1) << cl->table_id % 64))
			continue;
		if ((deps.rows & cl->rows) || *latest_of(c, cl, (const uint64_t *)(const void *)key) > since)
			return false;
	}
	return true;
}
