/* SPDX-License-Identifier: ISC */
/* The groups of a switch: found by id, walked in order of id, written as messages. */
#include "groups_private.h"

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

struct group_set *
group_set_create(void)
{
	struct group_set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	hmap_init(&s->by_id);
	list_init(&s->watchers);
	return s;
}

void
group_free(struct group *g, struct counters *counters)
{
	if (!g)
		return;
	counters_free(counters, g->counter);
	for (uint32_t i = 0; i < g->n_buckets; i++)
		counters_free(counters, g->buckets[i].counter);
	free(g);
}

void
group_set_destroy(struct group_set *s, struct counters *counters)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		user_list_destroy(s->sorted[i]->users);
		group_free(s->sorted[i], counters);
	}
	hmap_fini(&s->by_id);
	free(s->sorted);
	free(s);
}

bool
group_set_reserve(struct group_set *s)
{
	const uint32_t cap = s->cap ? s->cap * 2 : 16;
	struct group **sorted;
	struct hmap_node first = {0};

	/* only the first insertion into a map needs memory that may not be there */
	if (!hmap_count(&s->by_id)) {
		if (!hmap_insert(&s->by_id, &first, 0))
			return false;
		hmap_remove(&s->by_id, &first);
	}
	if (s->n < s->cap)
		return true;
	sorted = realloc(s->sorted, cap * sizeof(struct group *));
	if (!sorted)
		return false;
	s->sorted = sorted;
	s->cap = cap;
	return true;
}

/* Where a group of this id is or would be. */
static uint32_t
position(const struct group_set *s, uint32_t id)
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

static void
watch(struct group_set *s, struct group *g)
{
	bool watches = false;

	g->watches_groups = false;
	for (uint32_t i = 0; i < g->n_buckets; i++) {
		const struct group_bucket *b = &g->buckets[i];

		watches |= group_bucket_watches(b, g->type);
		g->watches_groups |= group_bucket_watches(b, g->type) && b->watch_group != OFPG_ANY;
	}
	if (watches)
		list_push_back(&s->watchers, &g->watching);
	s->n_group_watchers += g->watches_groups;
}

static void
unwatch(struct group_set *s, struct group *g)
{
	list_remove(&g->watching);
	s->n_group_watchers -= g->watches_groups;
}

void
group_set_insert(struct group_set *s, uint64_t seed, struct group *g)
{
	const uint32_t at = position(s, g->id);

	hmap_insert(&s->by_id, &g->node, id_hash(g->id, seed));
	memmove(s->sorted + at + 1, s->sorted + at, (s->n - at) * sizeof(struct group *));
	s->sorted[at] = g;
	s->n++;
	s->bytes += g->bytes;
	watch(s, g);
}

void
group_set_remove(struct group_set *s, struct group *g)
{
	const uint32_t at = position(s, g->id);

	hmap_remove(&s->by_id, &g->node);
	s->n--;
	memmove(s->sorted + at, s->sorted + at + 1, (s->n - at) * sizeof(struct group *));
	s->bytes -= g->bytes;
	unwatch(s, g);
}

void
group_set_replace(struct group_set *s, struct group *was, struct group *now)
{
	const uint64_t hash = was->node.hash;

	hmap_remove(&s->by_id, &was->node);
	hmap_insert(&s->by_id, &now->node, hash);
	s->sorted[position(s, was->id)] = now;
	s->bytes += now->bytes - was->bytes;
	unwatch(s, was);
	watch(s, now);
}

/* ---- the table ---- */

struct groups *
groups_create(struct counters *counters)
{
	struct groups *gs = calloc(1, sizeof(*gs));

	if (!gs)
		return NULL;
	gs->counters = counters;
	gs->seed = hash_seed();
	gs->set = group_set_create();
	if (!gs->set) {
		free(gs);
		return NULL;
	}
	return gs;
}

void
groups_destroy(struct groups *gs)
{
	if (!gs)
		return;
	group_set_destroy(gs->set, gs->counters);
	free(gs->live_ports);
	free(gs);
}

struct group *
groups_raw(const struct groups *gs, uint32_t id)
{
	struct hmap_node *n = hmap_first_with_hash(&gs->set->by_id, id_hash(id, gs->seed));

	for (; n; n = hmap_next_with_hash(&gs->set->by_id, n)) {
		struct group *g = CONTAINER_OF(n, struct group, node);

		if (g->id == id)
			return g;
	}
	return NULL;
}

struct group *
groups_get(const struct groups *gs, uint32_t id)
{
	struct group *g = groups_raw(gs, id);

	return g && !g->gone ? g : NULL;
}

const struct group *
groups_find(const struct groups *gs, uint32_t id)
{
	const struct group *g = groups_raw(gs, id);

	if (g && gs->hiding && g->changed)
		return g->was;
	return g && !g->gone ? g : NULL;
}

void
groups_hide(struct groups *gs)
{
	gs->hiding = true;
}

void
groups_show(struct groups *gs)
{
	gs->hiding = false;
}

uint32_t
groups_count(const struct groups *gs)
{
	return gs->set->n - gs->n_gone;
}

const struct group *
groups_next(const struct groups *gs, uint32_t from)
{
	const uint32_t at = position(gs->set, from);

	return at < gs->set->n ? gs->set->sorted[at] : NULL;
}

bool
group_as_mod(const struct group *g, struct group_mod *gm)
{
	*gm = (struct group_mod){.command = OFPGC_ADD, .type = g->type, .group_id = g->id, .n_buckets = g->n_buckets};
	gm->buckets = calloc(g->n_buckets + 1, sizeof(*gm->buckets));
	for (uint32_t i = 0; gm->buckets && i < g->n_buckets; i++) {
		const struct group_bucket *b = &g->buckets[i];

		gm->buckets[i] = (struct ofp_bucket){b->weight, b->watch_port, b->watch_group, b->acts};
	}
	return gm->buckets != NULL;
}

void
group_stats(const struct groups *gs, const struct group *g, struct group_stats *out, struct bucket_count *buckets,
            size_t n)
{
	const uint64_t now = clock_ns();
	const uint64_t age = now > g->created_ns ? now - g->created_ns : 0;
	struct counter_sum sum;

	counters_read(gs->counters, g->counter, &sum);
	*out = (struct group_stats){.group_id = g->id,
	                            .ref_count = g->users->n_rules + g->users->n_groups,
	                            .packet_count = sum.packets,
	                            .byte_count = sum.bytes,
	                            .duration_s = (uint32_t)(age / NS_PER_S),
	                            .duration_ns = (uint32_t)(age % NS_PER_S),
	                            .buckets = buckets,
	                            .n_buckets = n < g->n_buckets ? n : g->n_buckets};
	for (size_t i = 0; i < out->n_buckets; i++) {
		counters_read(gs->counters, g->buckets[i].counter, &sum);
		buckets[i] = (struct bucket_count){sum.packets, sum.bytes};
	}
}
