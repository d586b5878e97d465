/* SPDX-License-Identifier: ISC */
/* Both parts are asked.  What is in one stays there until it is cleared. */
#include "prio_map.h"

#include <stdlib.h>
#include <string.h>

#define SMALL_MAX 32u

struct prio_small {
	uint64_t value;
	uint16_t priority;
};

#define LEVELS 4u

/* Of 16 priorities, or of 16 blocks. */
struct prio_block {
	union {
		struct prio_block *below[16];
		uint64_t value[16];
	};
	unsigned used; /* a bit for each place */
};

/* The place that a priority has in a block of the level; the root's is LEVELS - 1, that of values 0. */
static unsigned
place_of(uint16_t priority, unsigned level)
{
	return (unsigned)priority >> 4 * level & 15u;
}

static unsigned
top_of(const struct prio_block *b)
{
	return 31u - (unsigned)__builtin_clz(b->used);
}

static void
block_free(struct prio_block *b, unsigned level)
{
	for (unsigned used = level ? b->used : 0; used; used &= used - 1)
		block_free(b->below[__builtin_ctz(used)], level - 1);
	free(b);
}

void
prio_map_fini(struct prio_map *m)
{
	if (m->root)
		block_free(m->root, LEVELS - 1);
	free(m->small);
	*m = (struct prio_map)PRIO_MAP_INIT;
}

/* The priority's place among values, or NULL. */
static uint64_t *
tree_find(struct prio_block *root, uint16_t priority)
{
	struct prio_block *b = root;

	for (unsigned level = LEVELS - 1; b && level; level--)
		b = b->used >> place_of(priority, level) & 1u ? b->below[place_of(priority, level)] : NULL;
	return b && b->used >> (priority & 15) & 1u ? &b->value[priority & 15] : NULL;
}

/* Where 'priority' is or belongs. */
static unsigned
small_position(const struct prio_map *m, uint16_t priority)
{
	unsigned lo = 0, hi = m->n_small;

	while (lo < hi) {
		const unsigned mid = (lo + hi) / 2;

		if (m->small[mid].priority < priority)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
small_has(const struct prio_map *m, unsigned i, uint16_t priority)
{
	return i < m->n_small && m->small[i].priority == priority;
}

uint64_t
prio_map_get(const struct prio_map *m, uint16_t priority)
{
	const unsigned i = small_position(m, priority);
	const uint64_t *value;

	if (small_has(m, i, priority))
		return m->small[i].value;
	value = tree_find(m->root, priority);
	return value ? *value : 0;
}

/* Takes out what is under the priority; true: the block has nothing left. */
static bool
block_clear(struct prio_block *b, unsigned level, uint16_t priority)
{
	const unsigned at = place_of(priority, level);

	if (!(b->used >> at & 1u))
		return !b->used;
	if (level) {
		if (!block_clear(b->below[at], level - 1, priority))
			return false;
		free(b->below[at]);
	}
	b->used &= ~(1u << at);
	return !b->used;
}

static void
tree_clear(struct prio_map *m, uint16_t priority)
{
	if (!m->root || !block_clear(m->root, LEVELS - 1, priority))
		return;
	free(m->root);
	m->root = NULL;
}

static bool
tree_add(struct prio_map *m, uint16_t priority, uint64_t value)
{
	struct prio_block *b = m->root ? m->root : calloc(1, sizeof(*b));

	m->root = b;
	for (unsigned level = LEVELS - 1; b && level; level--) {
		const unsigned at = place_of(priority, level);

		if (!(b->used >> at & 1u)) {
			b->below[at] = calloc(1, sizeof(*b));
			if (!b->below[at])
				break;
			b->used |= 1u << at;
		}
		b = b->below[at];
		if (level > 1)
			continue;
		b->value[priority & 15] = value;
		b->used |= 1u << (priority & 15);
		return true;
	}
	tree_clear(m, priority);
	return false;
}

static bool
small_grow(struct prio_map *m)
{
	const unsigned cap = m->cap_small ? m->cap_small * 2u : 1;
	struct prio_small *s = realloc(m->small, cap * sizeof(*s));

	if (!s)
		return false;
	m->small = s;
	m->cap_small = (uint8_t)cap;
	return true;
}

bool
prio_map_set(struct prio_map *m, uint16_t priority, uint64_t value)
{
	const unsigned i = small_position(m, priority);
	uint64_t *there;

	if (small_has(m, i, priority)) {
		m->small[i].value = value;
		return true;
	}
	there = tree_find(m->root, priority);
	if (there) {
		*there = value;
		return true;
	}
	if (m->n_small == SMALL_MAX)
		return tree_add(m, priority, value);
	if (m->n_small == m->cap_small && !small_grow(m))
		return false;
	memmove(&m->small[i + 1], &m->small[i], (m->n_small - i) * sizeof(*m->small));
	m->small[i] = (struct prio_small){value, priority};
	m->n_small++;
	return true;
}

void
prio_map_clear(struct prio_map *m, uint16_t priority)
{
	const unsigned i = small_position(m, priority);

	if (!small_has(m, i, priority)) {
		tree_clear(m, priority);
		return;
	}
	m->n_small--;
	memmove(&m->small[i], &m->small[i + 1], (m->n_small - i) * sizeof(*m->small));
}

static int
tree_max(const struct prio_block *b)
{
	unsigned priority = 0;

	if (!b)
		return -1;
	for (unsigned level = LEVELS - 1; level; level--) {
		priority = priority << 4 | top_of(b);
		b = b->below[top_of(b)];
	}
	return (int)(priority << 4 | top_of(b));
}

int
prio_map_max(const struct prio_map *m)
{
	const int small = m->n_small ? m->small[m->n_small - 1].priority : -1, tree = tree_max(m->root);

	return small > tree ? small : tree;
}

/* The lowest priority at or above 'from' under the block, whose own begin at 'base'; -1: none. */
static int
block_from(const struct prio_block *b, unsigned level, unsigned base, unsigned from)
{
	for (unsigned at = from > base ? (from - base) >> 4 * level : 0; at < 16; at++) {
		const unsigned begin = base + (at << 4 * level);
		int found = (int)begin;

		if (!(b->used >> at & 1u))
			continue;
		if (level)
			found = block_from(b->below[at], level - 1, begin, from);
		if (found >= 0)
			return found;
	}
	return -1;
}

int
prio_map_above(const struct prio_map *m, uint16_t priority)
{
	int small = -1, tree = -1;
	unsigned i;

	if (priority == UINT16_MAX)
		return -1;
	i = small_position(m, (uint16_t)(priority + 1));
	if (i < m->n_small)
		small = m->small[i].priority;
	if (m->root)
		tree = block_from(m->root, LEVELS - 1, 0, priority + 1u);
	return tree < 0 || (small >= 0 && small < tree) ? small : tree;
}
