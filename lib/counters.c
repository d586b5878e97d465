/* SPDX-License-Identifier: ISC */
/* The counter slab: chunk directories per lane, a stack of free ids. */
#include "counters.h"

#include <stdlib.h>
#include <sys/mman.h>

struct counters {
	unsigned n_lanes;
	struct counter_lane **lanes;
	uint32_t
	    *free_ids[COUNTERS_MAX_CHUNKS]; /* a stack that has room for every id, so that counters_free never fails */
	uint32_t n_free;
	uint32_t n_ids; /* ever given out */
	uint32_t n_chunks;
	uint16_t n_used[COUNTERS_MAX_CHUNKS]; /* ids given out of each chunk */
	uint32_t idle; /* the chunk that ran out of them last, or COUNTER_NONE */
};

static struct counter_chunk *
chunk_map(void)
{
	void *p = mmap(NULL, sizeof(struct counter_chunk), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

struct counters *
counters_create(unsigned n_lanes)
{
	struct counters *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->n_lanes = n_lanes;
	c->idle = COUNTER_NONE;
	c->lanes = calloc(n_lanes, sizeof(*c->lanes));
	if (!c->lanes) {
		free(c);
		return NULL;
	}
	for (unsigned i = 0; i < n_lanes; i++) {
		c->lanes[i] = calloc(1, sizeof(*c->lanes[i]));
		if (!c->lanes[i]) {
			counters_destroy(c);
			return NULL;
		}
	}
	return c;
}

void
counters_destroy(struct counters *c)
{
	if (!c)
		return;
	for (unsigned l = 0; l < c->n_lanes; l++) {
		for (uint32_t i = 0; c->lanes[l] && i < c->n_chunks; i++)
			munmap(c->lanes[l]->chunk[i], sizeof(struct counter_chunk));
		free(c->lanes[l]);
	}
	free(c->lanes);
	for (uint32_t i = 0; i < c->n_chunks; i++)
		free(c->free_ids[i]);
	free(c);
}

unsigned
counters_n_lanes(const struct counters *c)
{
	return c->n_lanes;
}

struct counter_lane *
counters_lane(struct counters *c, unsigned lane)
{
	return c->lanes[lane];
}

static bool
add_chunk(struct counters *c)
{
	if (c->n_chunks == COUNTERS_MAX_CHUNKS)
		return false;
	c->free_ids[c->n_chunks] = malloc(COUNTERS_CHUNK * sizeof(uint32_t));
	if (!c->free_ids[c->n_chunks])
		return false;
	for (unsigned l = 0; l < c->n_lanes; l++) {
		c->lanes[l]->chunk[c->n_chunks] = chunk_map();
		if (!c->lanes[l]->chunk[c->n_chunks]) {
			while (l--) {
				munmap(c->lanes[l]->chunk[c->n_chunks], sizeof(struct counter_chunk));
				c->lanes[l]->chunk[c->n_chunks] = NULL;
			}
			free(c->free_ids[c->n_chunks]);
			return false;
		}
	}
	c->n_chunks++;
	return true;
}

uint32_t
counters_alloc(struct counters *c)
{
	uint32_t id;

	if (c->n_free) {
		c->n_free--;
		id = c->free_ids[c->n_free / COUNTERS_CHUNK][c->n_free % COUNTERS_CHUNK];
	} else {
		if (c->n_ids / COUNTERS_CHUNK == c->n_chunks && !add_chunk(c))
			return COUNTER_NONE;
		id = c->n_ids++;
	}
	c->n_used[id / COUNTERS_CHUNK]++;
	counters_reset(c, id);
	return id;
}

/* A chunk without ids in use is no memory, and zero when it is used again.  The last one stays as it is: its ids are the next to be given
 * out. */
static void
chunk_is_idle(struct counters *c, uint32_t chunk)
{
	const uint32_t before = c->idle;

	c->idle = chunk;
	if (before == COUNTER_NONE || before == chunk || c->n_used[before])
		return;
	for (unsigned l = 0; l < c->n_lanes; l++)
		(void)madvise(c->lanes[l]->chunk[before], sizeof(struct counter_chunk), MADV_DONTNEED);
}

void
counters_free(struct counters *c, uint32_t id)
{
	if (id == COUNTER_NONE)
		return;
	if (--c->n_used[id / COUNTERS_CHUNK] == 0)
		chunk_is_idle(c, id / COUNTERS_CHUNK);
	c->free_ids[c->n_free / COUNTERS_CHUNK][c->n_free % COUNTERS_CHUNK] = id;
	c->n_free++;
}

void
counters_read(const struct counters *c, uint32_t id, struct counter_sum *sum)
{
	*sum = (struct counter_sum){0};
	for (unsigned l = 0; l < c->n_lanes; l++) {
		const struct counter_chunk *ch = c->lanes[l]->chunk[id / COUNTERS_CHUNK];
		const struct counter_cell *cell = &ch->cell[id % COUNTERS_CHUNK];
		uint32_t used = __atomic_load_n(&ch->used_ms[id % COUNTERS_CHUNK], __ATOMIC_RELAXED);

		sum->packets += __atomic_load_n(&cell->packets, __ATOMIC_RELAXED);
		sum->bytes += __atomic_load_n(&cell->bytes, __ATOMIC_RELAXED);
		if (used && (!sum->used_ms || (int32_t)(used - sum->used_ms) > 0))
			sum->used_ms = used;
	}
}

void
counters_reset(struct counters *c, uint32_t id)
{
	for (unsigned l = 0; l < c->n_lanes; l++) {
		struct counter_chunk *ch = c->lanes[l]->chunk[id / COUNTERS_CHUNK];
		struct counter_cell *cell = &ch->cell[id % COUNTERS_CHUNK];

		/* Pages that a lane has never written to take no memory, and stay so. */
		if (cell->packets || cell->bytes)
			*cell = (struct counter_cell){0};
		if (ch->used_ms[id % COUNTERS_CHUNK])
			ch->used_ms[id % COUNTERS_CHUNK] = 0;
	}
}

uint64_t
counters_memory(const struct counters *c)
{
	return (uint64_t)c->n_chunks * c->n_lanes * sizeof(struct counter_chunk) +
	       (uint64_t)c->n_chunks * COUNTERS_CHUNK * sizeof(uint32_t);
}
