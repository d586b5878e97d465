/* SPDX-License-Identifier: ISC */
/* Groups that forward to groups, and groups that watch groups: neither may go in circles, and a chain has an end (5.6, 6.5).
 *
 * The table holds no circle and no chain above GROUPS_MAX_DEPTH at any time, so a walk from a new group goes at most that deep before
 * it finds what is wrong.  Each group is visited once a walk: 'mark' says which walk has seen it. */
#include "groups_private.h"

enum edges { FORWARDS, WATCHES };

struct walk {
	struct groups *gs;
	struct group *fresh; /* takes the place of the group of its id; may be NULL */
	enum edges edges;
	uint64_t mark;
	bool loop;
};

static uint32_t
n_edges(const struct walk *w, const struct group *g)
{
	return w->edges == FORWARDS ? g->n_targets : g->n_buckets;
}

/* The group at the other end, or NULL. */
static struct group *
edge(const struct walk *w, const struct group *g, uint32_t i)
{
	uint32_t id;

	if (w->edges == WATCHES && !group_bucket_watches(&g->buckets[i], g->type))
		return NULL;
	id = w->edges == FORWARDS ? g->targets[i] : g->buckets[i].watch_group;
	return w->fresh && w->fresh->id == id ? w->fresh : groups_get(w->gs, id);
}

/* The number of groups in the longest chain from 'g'.  The walk begins at the fresh group: whoever meets it before that is done has gone
 * in a circle. */
static uint32_t
height(struct walk *w, struct group *g)
{
	uint32_t longest = 0;

	if (g->mark == w->mark)
		return g->height;
	for (uint32_t i = 0; i < n_edges(w, g) && !w->loop; i++) {
		struct group *next = edge(w, g, i);

		if (next && next == w->fresh && next->mark != w->mark) {
			w->loop = true;
		} else if (next) {
			const uint32_t h = height(w, next);

			longest = h > longest ? h : longest;
		}
	}
	g->mark = w->mark;
	g->height = longest + 1;
	return g->height;
}

/* The longest chain of all that there are. */
static uint32_t
tallest(struct walk *w)
{
	uint32_t max = 0;

	for (uint32_t i = 0; i < w->gs->set->n; i++) {
		struct group *g = w->gs->set->sorted[i];
		const uint32_t h = w->fresh && g->id == w->fresh->id ? 0 : height(w, g);

		max = h > max ? h : max;
	}
	return max;
}

/* 'others': some group may have an edge to the fresh one. */
static enum of_error
check(struct groups *gs, struct group *fresh, enum edges edges, bool others, enum of_error loop, enum of_error deep)
{
	struct walk w = {.gs = gs, .fresh = fresh, .edges = edges, .mark = ++gs->mark};

	if (height(&w, fresh) > GROUPS_MAX_DEPTH)
		return w.loop ? loop : deep;
	if (w.loop)
		return loop;
	return others && fresh->height > 1 && tallest(&w) > GROUPS_MAX_DEPTH ? deep : OF_OK;
}

enum of_error
group_check_chains(struct groups *gs, struct group *g)
{
	enum of_error error =
	    check(gs, g, FORWARDS, g->users && g->users->n_groups, OFPGMFC_LOOP, OFPGMFC_CHAINING_UNSUPPORTED);

	if (error)
		return error;
	return check(gs, g, WATCHES, gs->set->n_group_watchers > 0, OFPGMFC_BAD_WATCH, OFPGMFC_BAD_WATCH);
}

void
groups_measure(struct groups *gs)
{
	struct walk w = {.gs = gs, .edges = FORWARDS, .mark = ++gs->mark};

	(void)tallest(&w);
}
