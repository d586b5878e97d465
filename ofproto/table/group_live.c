/* SPDX-License-Identifier: ISC */
/* Which buckets are live (5.6.1, 6.5): those whose watched port is live or whose watched group has a live bucket.
 *
 * The flags are the mask that workers read (relaxed): a link event costs a walk over the groups that watch something, in the control
 * thread, and no worker stops for it.  Groups that watch each other in a circle are refused when they are made, so passes over the
 * watchers come to an end, after as many as the longest chain of watching has links. */
#include "groups_private.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
port_position(const struct groups *gs, uint32_t port_no)
{
	uint32_t low = 0, high = gs->n_live;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (gs->live_ports[mid] < port_no)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
port_is_live(const struct groups *gs, uint32_t port_no)
{
	const uint32_t at = port_position(gs, port_no);

	return at < gs->n_live && gs->live_ports[at] == port_no;
}

/* Fields that mean "nothing": ANY, and, in groups other than fast failover, where the standard does not use them, what clients leave
 * there when they do not care: port 0, with group 0. */
bool
group_bucket_watches(const struct group_bucket *b, uint8_t type)
{
	if (type != OFPGT_FF && b->watch_port == 0)
		return b->watch_group != 0 && b->watch_group != OFPG_ANY;
	return b->watch_port != OFPP_ANY || b->watch_group != OFPG_ANY;
}

static bool
bucket_live(const struct groups *gs, const struct group *g, const struct group_bucket *b)
{
	const struct group *watched;

	if (!group_bucket_watches(b, g->type))
		return true;
	if (b->watch_port != OFPP_ANY && port_is_live(gs, b->watch_port))
		return true;
	if (b->watch_group == OFPG_ANY)
		return false;
	watched = groups_get(gs, b->watch_group);
	return watched && watched->live;
}

/* True if a flag changed. */
static bool
refresh(const struct groups *gs, struct group *g)
{
	bool changed = false, any = false;

	for (uint32_t i = 0; i < g->n_buckets; i++) {
		struct group_bucket *b = &g->buckets[i];
		const bool live = bucket_live(gs, g, b);

		any |= live;
		changed |= live != b->live;
		__atomic_store_n(&b->live, live, __ATOMIC_RELAXED);
	}
	changed |= any != g->live;
	g->live = any;
	return changed;
}

void
group_refresh_live(struct groups *gs, struct group *g)
{
	refresh(gs, g);
}

void
groups_refresh_watchers(struct groups *gs)
{
	bool again = gs->set->n_group_watchers > 0;

	while (again) {
		again = false;
		LIST_FOR_EACH (n, &gs->set->watchers) {
			struct group *g = CONTAINER_OF(n, struct group, watching);

			if (g->watches_groups)
				again |= refresh(gs, g);
		}
	}
}

/* False: no memory; the port then counts as dead. */
static bool
remember(struct groups *gs, uint32_t at, uint32_t port_no)
{
	if (gs->n_live == gs->cap_live) {
		const uint32_t cap = gs->cap_live ? gs->cap_live * 2 : 16;
		uint32_t *ports = realloc(gs->live_ports, cap * sizeof(*ports));

		if (!ports)
			return false;
		gs->live_ports = ports;
		gs->cap_live = cap;
	}
	memmove(gs->live_ports + at + 1, gs->live_ports + at, (gs->n_live - at) * sizeof(*gs->live_ports));
	gs->live_ports[at] = port_no;
	gs->n_live++;
	return true;
}

void
groups_port_live(struct groups *gs, uint32_t port_no, bool live)
{
	const uint32_t at = port_position(gs, port_no);

	if (port_is_live(gs, port_no) == live)
		return;
	if (live) {
		if (!remember(gs, at, port_no))
			return;
	} else {
		gs->n_live--;
		memmove(gs->live_ports + at, gs->live_ports + at + 1, (gs->n_live - at) * sizeof(*gs->live_ports));
	}
	LIST_FOR_EACH (n, &gs->set->watchers)
		refresh(gs, CONTAINER_OF(n, struct group, watching));
	groups_refresh_watchers(gs);
}
