/* SPDX-License-Identifier: ISC */
/* The array while it is short; no way back from the blocks but through empty. */
#include "prio_map.h"

#include <stdlib.h>
#include <string.h>

#define SMALL_MAX 32u

struct prio_small {
	uint64_t value;
	uint16_t priority;
};

/* One bit for each of 256. */
struct bits {
	uint64_t w[4];
};

struct prio_block {
	struct bits used;
	uint64_t value[256];
};

struct prio_radix {
	struct bits used;
	struct prio_block *block[256];
};

static void
bit_set(struct bits *b, unsigned i)
{
	b->w[i / 64] |= UINT64_C(1) << i % 64;
}

static void
bit_clear(struct bits *b, unsigned i)
{
	b->w[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static int
bit_max(const struct bits *b)
{
	for (int i = 3; i >= 0; i--) {
		if (b->w[i])
			return i * 64 + 63 - __builtin_clzll(b->w[i]);
	}
	return -1;
}

/* The lowest bit at or above 'from', or -1. */
static int
bit_from(const struct bits *b, unsigned from)
{
	for (unsigned i = from / 64; i < 4; i++) {
		const uint64_t w = i == from / 64 ? b->w[i] >> from % 64 << from % 64 : b->w[i];

		if (w)
			return (int)i * 64 + __builtin_ctzll(w);
	}
	return -1;
}

void
prio_map_fini(struct prio_map *m)
{
	if (m->is_radix) {
		for (unsigned i = 0; i < 256; i++)
			free(m->radix->block[i]);
		free(m->radix);
	} else {
		free(m->small);
	}
	*m = (struct prio_map)PRIO_MAP_INIT;
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
	const struct prio_block *b;
	unsigned i;

	if (m->is_radix) {
		b = m->radix->block[priority >> 8];
		return b ? b->value[priority & 255] : 0;
	}
	i = small_position(m, priority);
	return small_has(m, i, priority) ? m->small[i].value : 0;
}

static bool
radix_set(struct prio_radix *r, uint16_t priority, uint64_t value)
{
	struct prio_block **b = &r->block[priority >> 8];

	if (!*b && (*b = calloc(1, sizeof(**b))) == NULL)
		return false;
	(*b)->value[priority & 255] = value;
	bit_set(&(*b)->used, priority & 255);
	bit_set(&r->used, priority >> 8);
	return true;
}

/* The array is full: its content moves to blocks. */
static bool
to_radix(struct prio_map *m)
{
	struct prio_map big = {.radix = calloc(1, sizeof(struct prio_radix)), .is_radix = true};

	if (!big.radix)
		return false;
	for (unsigned i = 0; i < m->n_small; i++) {
		if (!radix_set(big.radix, m->small[i].priority, m->small[i].value)) {
			prio_map_fini(&big);
			return false;
		}
	}
	free(m->small);
	*m = big;
	return true;
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
	unsigned i;

	if (m->is_radix)
		return radix_set(m->radix, priority, value);
	i = small_position(m, priority);
	if (small_has(m, i, priority)) {
		m->small[i].value = value;
		return true;
	}
	if (m->n_small == SMALL_MAX)
		return to_radix(m) && radix_set(m->radix, priority, value);
	if (m->n_small == m->cap_small && !small_grow(m))
		return false;
	memmove(&m->small[i + 1], &m->small[i], (m->n_small - i) * sizeof(*m->small));
	m->small[i] = (struct prio_small){value, priority};
	m->n_small++;
	return true;
}

static void
radix_clear(struct prio_map *m, uint16_t priority)
{
	struct prio_radix *r = m->radix;
	struct prio_block *b = r->block[priority >> 8];

	if (!b)
		return;
	b->value[priority & 255] = 0;
	bit_clear(&b->used, priority & 255);
	if (bit_max(&b->used) >= 0)
		return;
	free(b);
	r->block[priority >> 8] = NULL;
	bit_clear(&r->used, priority >> 8);
	if (bit_max(&r->used) < 0)
		prio_map_fini(m);
}

void
prio_map_clear(struct prio_map *m, uint16_t priority)
{
	unsigned i;

	if (m->is_radix) {
		radix_clear(m, priority);
		return;
	}
	i = small_position(m, priority);
	if (!small_has(m, i, priority))
		return;
	m->n_small--;
	memmove(&m->small[i], &m->small[i + 1], (m->n_small - i) * sizeof(*m->small));
}

int
prio_map_max(const struct prio_map *m)
{
	int top;

	if (!m->is_radix)
		return m->n_small ? m->small[m->n_small - 1].priority : -1;
	top = bit_max(&m->radix->used);
	return top * 256 + bit_max(&m->radix->block[top]->used);
}

int
prio_map_above(const struct prio_map *m, uint16_t priority)
{
	int top, low;
	unsigned i;

	if (priority == UINT16_MAX)
		return -1;
	if (!m->is_radix) {
		i = small_position(m, (uint16_t)(priority + 1));
		return i < m->n_small ? m->small[i].priority : -1;
	}
	priority++;
	if (m->radix->block[priority >> 8]) {
		low = bit_from(&m->radix->block[priority >> 8]->used, priority & 255);
		if (low >= 0)
			return (priority >> 8) * 256 + low;
	}
	if (priority >> 8 == 255)
		return -1;
	top = bit_from(&m->radix->used, (priority >> 8) + 1u);
	return top < 0 ? -1 : top * 256 + bit_from(&m->radix->block[top]->used, 0);
}
