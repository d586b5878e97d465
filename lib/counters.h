/* SPDX-License-Identifier: ISC */
/* The slab of hit counters: {packets, bytes, last use} for each id, a copy for each reader ("lane"), summed on read.
 *
 * Ids come from the control thread.  A lane writes only its own copy, inside its batch lock; nothing is shared between lanes
 * on the packet path.  Memory is in chunks that never move, so that it could be placed in shared memory later.
 * counters_add and counters_touch are the packet path; all else belongs to the control thread. */
#ifndef LIB_COUNTERS_H
#define LIB_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

struct counters;

#define COUNTER_NONE UINT32_MAX
#define COUNTERS_CHUNK 4096u /* ids a chunk */
#define COUNTERS_MAX_CHUNKS 4096u

struct counter_sum {
	uint64_t packets;
	uint64_t bytes;
	uint32_t used_ms; /* latest use, in ms of clock_ms() cut to 32 bits; 0 = never */
};

struct counter_cell {
	uint64_t packets;
	uint64_t bytes;
};
struct counter_chunk {
	struct counter_cell cell[COUNTERS_CHUNK];
	uint32_t used_ms[COUNTERS_CHUNK];
};
struct counter_lane {
	struct counter_chunk *chunk[COUNTERS_MAX_CHUNKS];
};

/* NULL when memory ran out. */
struct counters *counters_create(unsigned n_lanes);
void counters_destroy(struct counters *);
unsigned counters_n_lanes(const struct counters *);
/* The lane's own memory, for counters_add. */
struct counter_lane *counters_lane(struct counters *, unsigned lane);
/* A zeroed counter, or COUNTER_NONE when memory or ids ran out.  Inside an exclusive section, or before the id is published. */
uint32_t counters_alloc(struct counters *);
/* The id may be given out again: no cached program may name it any more.  COUNTER_NONE is accepted. */
void counters_free(struct counters *, uint32_t id);
/* Sum over lanes.  May run beside the lanes: each 64-bit word is read whole. */
void counters_read(const struct counters *, uint32_t id, struct counter_sum *);
/* RESET_COUNTS: zero in all lanes; inside an exclusive section. */
void counters_reset(struct counters *, uint32_t id);
/* Memory in bytes. */
uint64_t counters_memory(const struct counters *);

static inline void
counters_add(struct counter_lane *lane, uint32_t id, uint64_t packets, uint64_t bytes, uint32_t now_ms)
{
	struct counter_chunk *c = lane->chunk[id / COUNTERS_CHUNK];
	struct counter_cell *cell = &c->cell[id % COUNTERS_CHUNK];

	__atomic_store_n(&cell->packets, cell->packets + packets, __ATOMIC_RELAXED);
	__atomic_store_n(&cell->bytes, cell->bytes + bytes, __ATOMIC_RELAXED);
	__atomic_store_n(&c->used_ms[id % COUNTERS_CHUNK], now_ms, __ATOMIC_RELAXED);
}

/* counters_add is about to be called. */
static inline void
counters_expect(const struct counter_lane *lane, uint32_t id)
{
	const struct counter_chunk *c = lane->chunk[id / COUNTERS_CHUNK];

	__builtin_prefetch(&c->cell[id % COUNTERS_CHUNK], 1);
	__builtin_prefetch(&c->used_ms[id % COUNTERS_CHUNK], 1);
}

/* A use that is not counted: only its time is kept. */
static inline void
counters_touch(struct counter_lane *lane, uint32_t id, uint32_t now_ms)
{
	struct counter_chunk *c = lane->chunk[id / COUNTERS_CHUNK];

	__atomic_store_n(&c->used_ms[id % COUNTERS_CHUNK], now_ms, __ATOMIC_RELAXED);
}

#endif
