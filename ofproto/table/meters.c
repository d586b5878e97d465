/* SPDX-License-Identifier: ISC */
/* The meters of a switch: found by id, asked by frames, written as messages. */
#include "meters_private.h"

#include "clock.h"
#include "hash.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

static uint64_t
id_hash(uint32_t id, uint64_t seed)
{
	return hash_mix(id, seed);
}

/* ---- sets ---- */

struct meter_set *
meter_set_create(void)
{
	return calloc(1, sizeof(struct meter_set)); /* which is an empty hmap and an empty array */
}

void
meter_free(struct meter *m, struct counters *counters)
{
	if (!m)
		return;
	counters_free(counters, m->counter);
	for (uint32_t i = 0; i < m->n_bands; i++)
		counters_free(counters, m->bands[i].counter);
	free(m);
}

void
meter_set_destroy(struct meter_set *s, struct counters *counters)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		user_list_destroy(s->sorted[i]->users);
		meter_free(s->sorted[i], counters);
	}
	hmap_fini(&s->by_id);
	free(s->sorted);
	free(s);
}

bool
meter_set_reserve(struct meter_set *s)
{
	const uint32_t cap = s->cap ? s->cap * 2 : 16;
	struct hmap_node first = {0};
	struct meter **sorted;

	/* only the first insertion into a map needs memory that may not be there */
	if (!hmap_count(&s->by_id)) {
		if (!hmap_insert(&s->by_id, &first, 0))
			return false;
		hmap_remove(&s->by_id, &first);
	}
	if (s->n < s->cap)
		return true;
	sorted = realloc(s->sorted, cap * sizeof(struct meter *));
	if (!sorted)
		return false;
	s->sorted = sorted;
	s->cap = cap;
	return true;
}

/* Where a meter of this id is or would be. */
static uint32_t
position(const struct meter_set *s, uint32_t id)
{
	uint32_t low = 0, high = s->n;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (s->sorted[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void
meter_set_swap(struct meter_set *s, uint64_t seed, struct meter *was, struct meter *now)
{
	const uint32_t at = position(s, was ? was->id : now->id);

	if (was)
		hmap_remove(&s->by_id, &was->node);
	if (now)
		hmap_insert(&s->by_id, &now->node, id_hash(now->id, seed));
	if (!was) {
		memmove(s->sorted + at + 1, s->sorted + at, (s->n - at) * sizeof(struct meter *));
		s->n++;
	} else if (!now) {
		s->n--;
		memmove(s->sorted + at, s->sorted + at + 1, (s->n - at) * sizeof(struct meter *));
	}
	if (now)
		s->sorted[at] = now;
}

/* ---- the table ---- */

struct meters *
meters_create(struct counters *counters)
{
	struct meters *ms = calloc(1, sizeof(*ms));

	if (!ms)
		return NULL;
	ms->counters = counters;
	ms->seed = hash_seed();
	ms->set = meter_set_create();
	if (!ms->set) {
		free(ms);
		return NULL;
	}
	return ms;
}

void
meters_destroy(struct meters *ms)
{
	if (!ms)
		return;
	meter_set_destroy(ms->set, ms->counters);
	free(ms);
}

struct meter *
meters_raw(const struct meters *ms, uint32_t id)
{
	struct hmap_node *n = hmap_first_with_hash(&ms->set->by_id, id_hash(id, ms->seed));

	for (; n; n = hmap_next_with_hash(&ms->set->by_id, n)) {
		struct meter *m = CONTAINER_OF(n, struct meter, node);

		if (m->id == id)
			return m;
	}
	return NULL;
}

struct meter *
meters_get(const struct meters *ms, uint32_t id)
{
	struct meter *m = meters_raw(ms, id);

	return m && !m->gone ? m : NULL;
}

const struct meter *
meters_find(const struct meters *ms, uint32_t id)
{
	const struct meter *m = meters_raw(ms, id);

	if (m && ms->hiding && m->changed)
		return m->was;
	return m && !m->gone ? m : NULL;
}

void
meters_hide(struct meters *ms)
{
	ms->hiding = true;
}

void
meters_show(struct meters *ms)
{
	ms->hiding = false;
}

uint32_t
meters_count(const struct meters *ms)
{
	return ms->set->n - ms->n_gone;
}

const struct meter *
meters_next(const struct meters *ms, uint32_t from)
{
	const uint32_t at = position(ms->set, from);

	return at < ms->set->n ? ms->set->sorted[at] : NULL;
}

bool
meter_as_mod(const struct meter *m, struct meter_mod *mm)
{
	*mm = (struct meter_mod){.command = OFPMC_ADD, .flags = m->flags, .meter_id = m->id, .n_bands = m->n_bands};
	mm->bands = calloc(m->n_bands + 1, sizeof(*mm->bands));
	for (uint32_t i = 0; mm->bands && i < m->n_bands; i++) {
		const struct meter_band *b = &m->bands[i];

		mm->bands[i] = (struct ofp_meter_band){b->type, b->rate, b->burst_size, b->prec_level};
	}
	return mm->bands != NULL;
}

void
meter_stats(const struct meters *ms, const struct meter *m, struct meter_stats *out, struct bucket_count *bands,
            size_t n)
{
	const uint64_t now = clock_ns();
	const uint64_t age = now > m->created_ns ? now - m->created_ns : 0;
	struct counter_sum sum;

	counters_read(ms->counters, m->counter, &sum);
	*out = (struct meter_stats){.meter_id = m->id,
	                            .flow_count = m->users->n_rules,
	                            .packet_in_count = sum.packets,
	                            .byte_in_count = sum.bytes,
	                            .duration_s = (uint32_t)(age / NS_PER_S),
	                            .duration_ns = (uint32_t)(age % NS_PER_S),
	                            .bands = bands,
	                            .n_bands = n < m->n_bands ? n : m->n_bands};
	for (size_t i = 0; i < out->n_bands; i++) {
		counters_read(ms->counters, m->bands[i].counter, &sum);
		bands[i] = (struct bucket_count){sum.packets, sum.bytes};
	}
}

/* ---- rates ---- */

/* How long 'n' frames of 'bytes' bytes take at the band's rate, in 1/64 ns. */
static uint64_t
duration(const struct meter *m, const struct meter_band *b, uint64_t n, uint64_t bytes)
{
	if (m->flags & OFPMF_PKTPS)
		return n * (NS_PER_S * METER_TICKS) / b->rate;
	return bytes * (8 * NS_PER_S / 1000 * METER_TICKS) / b->rate;
}

static uint64_t
backlog(const struct meter_band *b, uint64_t now)
{
	const uint64_t until = __atomic_load_n(&b->busy_until, __ATOMIC_RELAXED);

	return until > now ? until - now : 0;
}

/* Workers may do this at once; each adds all of its own. */
static void
occupy(struct meter_band *b, uint64_t now, uint64_t span)
{
	uint64_t was = __atomic_load_n(&b->busy_until, __ATOMIC_RELAXED);
	uint64_t until;

	do {
		until = (was > now ? was : now) + span;
	} while (!__atomic_compare_exchange_n(&b->busy_until, &was, until, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

/* Bands of higher rates let the frames through and are charged for them; those below the band that applies are not: what one band takes
 * out of the stream does not use up another's rate. */
enum meter_color
meter_measure(const struct meter *m, uint32_t n, uint64_t bytes, uint64_t now_ns, const struct meter_band **band)
{
	const uint64_t now = now_ns * METER_TICKS;
	struct meter_band *bands = (struct meter_band *)(uintptr_t)m->bands;
	uint32_t passed = 0;

	*band = NULL;
	for (; passed < m->n_bands; passed++) {
		const struct meter_band *b = &bands[m->by_rate[passed]];
		const uint64_t wait = backlog(b, now);

		if (wait >= b->burst) {
			*band = b;
			break;
		}
		if (n > 1 && wait + duration(m, b, n, bytes) / n * (n - 1) >= b->burst)
			return METER_SPLIT;
	}
	for (uint32_t i = 0; i < passed; i++)
		occupy(&bands[m->by_rate[i]], now, duration(m, &bands[m->by_rate[i]], n, bytes));
	return *band ? METER_BAND : METER_PASS;
}
