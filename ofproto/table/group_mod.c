/* SPDX-License-Identifier: ISC */
/* GROUP_MOD (6.5, 7.3.4.2): every check comes before the first change, and the change itself swaps pointers.
 *
 * What the standard leaves open: a group that others forward to is not deleted (OFPGMFC_CHAINED_GROUP), unless all are; a bucket may forward
 * only to a group that exists (OFPBAC_BAD_OUT_GROUP); a weight outside SELECT, an INDIRECT group of other than one bucket and a fast
 * failover bucket that watches nothing make the group invalid (OFPGMFC_INVALID_GROUP), as in Open vSwitch. */
#include "flow_table.h"

#include "groups_private.h"

#include "clock.h"
#include "hash.h"

#include <stdlib.h>
#include <string.h>

#define DESC_HEAD 8u /* bytes of a group's description without its buckets */
#define MAX_WIRE (OFP_MAX_MSG_LEN - 16u - DESC_HEAD) /* what one part of a GROUP_DESC reply holds */

#define LOOKS 4096u /* groups looked at in one step */

struct group_change {
	struct tables *ts;
	struct groups *gs;
	enum { CHANGE_NOTHING, CHANGE_ONE, CHANGE_ALL } kind;
	bool committed;
	struct group *was, *now; /* CHANGE_ONE; NULL: was not, is not to be */
	struct group *over; /* in a transaction: a group that is gone already stands where 'now' goes */
	struct group *tomb; /* in a transaction: stands where 'was' was */
	struct group_set *set; /* CHANGE_ALL: the empty one, after the commit the old one */
	uint32_t next; /* CHANGE_ALL: groups before this one have no flow entries left */
};

/* ---- form ---- */

static enum of_error
check_watch(const struct ofp_bucket *b)
{
	const bool port_ok = (b->watch_port > 0 && b->watch_port <= OFPP_MAX) || b->watch_port == OFPP_LOCAL ||
	                     b->watch_port == OFPP_ANY;
	const bool group_ok = b->watch_group <= OFPG_MAX || b->watch_group == OFPG_ANY;

	if (b->watch_port >= OFPP_IN_PORT && b->watch_port <= OFPP_CONTROLLER)
		return OFPGMFC_WATCH_UNSUPPORTED; /* they have no state */
	if (!port_ok || !group_ok)
		return OFPGMFC_BAD_WATCH;
	return b->watch_port == OFPP_ANY && b->watch_group == OFPG_ANY ? OFPGMFC_INVALID_GROUP : OF_OK;
}

static enum of_error
check_bucket(const struct tables *ts, const struct group_mod *gm, const struct ofp_bucket *b)
{
	enum of_error error = OF_OK;

	if (b->weight && gm->type != OFPGT_SELECT)
		return OFPGMFC_INVALID_GROUP;
	if (gm->type == OFPGT_FF)
		error = check_watch(b);
	OFP_ACT_FOR_EACH (a, &b->acts) {
		/* a group that forwards to itself is a loop, although it does not exist yet */
		if (!error && a->type == OFPAT_GROUP && a->id == gm->group_id)
			error = OFPGMFC_LOOP;
	}
	return error ? error : tables_check_outputs(ts, &b->acts);
}

static enum of_error
check_form(const struct tables *ts, const struct group_mod *gm)
{
	enum of_error error = OF_OK;

	if (gm->type > OFPGT_FF)
		return OFPGMFC_BAD_TYPE;
	if (gm->n_buckets > GROUPS_MAX_BUCKETS || group_buckets_len(gm) > MAX_WIRE)
		return OFPGMFC_OUT_OF_BUCKETS;
	if (gm->type == OFPGT_INDIRECT && gm->n_buckets != 1)
		return OFPGMFC_INVALID_GROUP;
	for (size_t i = 0; !error && i < gm->n_buckets; i++)
		error = check_bucket(ts, gm, &gm->buckets[i]);
	return error;
}

/* ---- making a group ---- */

/* Writes 'acts' as an action set (5.10): of each kind the last one, in the order of the standard, OUTPUT only without GROUP.
 * Returns its length, never more than that of 'acts'. */
static uint32_t
write_set(const struct ofp_acts *acts, uint8_t *out)
{
	const struct ofp_act *by_type[OFP_ACT_TYPES] = {0}, *by_field[OXM_N_FIELDS] = {0};
	uint32_t len = 0;

	OFP_ACT_FOR_EACH (a, acts) {
		if (a->type == OFPAT_SET_FIELD)
			by_field[a->field] = a;
		else
			by_type[a->type] = a;
	}
	if (by_type[OFPAT_GROUP])
		by_type[OFPAT_OUTPUT] = NULL;
	for (unsigned i = 0; i < OFP_ACT_SET_ORDER; i++) {
		const uint8_t type = ofp_act_set_order[i];
		const unsigned n = type == OFPAT_SET_FIELD ? OXM_N_FIELDS : 1;

		for (unsigned f = 0; f < n; f++) {
			const struct ofp_act *a = type == OFPAT_SET_FIELD ? by_field[f] : by_type[type];

			if (!a)
				continue;
			memcpy(out + len, a, a->len);
			len += a->len;
		}
	}
	return len;
}

static bool
same_bucket(const struct group_bucket *a, const struct group_bucket *b)
{
	return a->watch_port == b->watch_port && a->watch_group == b->watch_group && a->acts.len == b->acts.len &&
	       (!a->acts.len || !memcmp(a->acts.data, b->acts.data, a->acts.len));
}

/* The key of a new bucket follows from what it does, so that the same group has the same keys whenever it is made. */
static uint64_t
fresh_key(const struct group *g, const struct group_bucket *b)
{
	uint64_t key = hash_bytes(b->acts.data, b->acts.len, 1);
	bool taken = true;

	key = hash_mix(key ^ b->watch_port, (uint64_t)b->watch_group << 32 | 1);
	while (taken) {
		taken = false;
		for (uint32_t i = 0; i < g->n_buckets; i++)
			taken |= g->buckets[i].key == key;
		if (taken)
			key = hash_mix(key, 2);
	}
	return key ? key : 1;
}

/* Keys for the buckets of 'g', which takes the place of 'was' (or NULL): a bucket that was there keeps its key, one that is new takes
 * over from one that is gone, in their order.  So only flows of changed buckets move. */
static void
give_keys(struct group *g, const struct group *was)
{
	bool used[GROUPS_MAX_BUCKETS] = {false};
	uint32_t next = 0;

	for (uint32_t i = 0; i < g->n_buckets; i++) {
		/* most buckets stay in their places */
		for (uint32_t k = 0; was && !g->buckets[i].key && k < was->n_buckets; k++) {
			const uint32_t j = (i + k) % was->n_buckets;

			if (used[j] || !same_bucket(&g->buckets[i], &was->buckets[j]))
				continue;
			used[j] = true;
			g->buckets[i].key = was->buckets[j].key;
		}
	}
	for (uint32_t i = 0; i < g->n_buckets; i++) {
		if (g->buckets[i].key)
			continue;
		while (was && next < was->n_buckets && used[next])
			next++;
		if (was && next < was->n_buckets)
			g->buckets[i].key = was->buckets[next++].key;
		else
			g->buckets[i].key = fresh_key(g, &g->buckets[i]);
	}
}

static void
find_targets(struct group *g)
{
	for (uint32_t i = 0; i < g->n_buckets; i++) {
		OFP_ACT_FOR_EACH (a, &g->buckets[i].acts) {
			uint32_t k = 0;

			if (a->type != OFPAT_GROUP)
				continue;
			while (k < g->n_targets && g->targets[k] != a->id)
				k++;
			if (k == g->n_targets)
				g->targets[g->n_targets++] = a->id;
		}
	}
}

static void
fill_buckets(struct group *g, const struct group_mod *gm, uint8_t *acts)
{
	for (uint32_t i = 0; i < g->n_buckets; i++) {
		const struct ofp_bucket *from = &gm->buckets[i];
		struct group_bucket *b = &g->buckets[i];

		b->weight = from->weight;
		b->watch_port = from->watch_port;
		b->watch_group = from->watch_group;
		b->counter = COUNTER_NONE;
		g->weighted |= from->weight > 0;
		b->acts = (struct ofp_acts){acts, from->acts.len};
		if (from->acts.len)
			memcpy(acts, from->acts.data, from->acts.len);
		acts += from->acts.len;
		b->set = (struct ofp_acts){acts, write_set(&b->acts, acts)};
		acts += b->set.len;
	}
}

static bool
alloc_counters(struct group *g, struct counters *counters)
{
	bool ok;

	g->counter = counters_alloc(counters);
	ok = g->counter != COUNTER_NONE;
	for (uint32_t i = 0; ok && i < g->n_buckets; i++) {
		g->buckets[i].counter = counters_alloc(counters);
		ok = g->buckets[i].counter != COUNTER_NONE;
	}
	return ok;
}

static size_t
count_group_actions(const struct group_mod *gm)
{
	size_t n = 0;

	for (size_t i = 0; i < gm->n_buckets; i++) {
		OFP_ACT_FOR_EACH (a, &gm->buckets[i].acts)
			n += a->type == OFPAT_GROUP;
	}
	return n;
}

/* One block: the group, its buckets, the ids it may forward to, the actions as sent and as sets.  NULL: no memory. */
static struct group *
group_make(struct groups *gs, const struct group_mod *gm, const struct group *was)
{
	const size_t buckets = gm->n_buckets * sizeof(struct group_bucket);
	const size_t targets = (count_group_actions(gm) * sizeof(uint32_t) + 7) & ~(size_t)7;
	size_t acts = 0;
	struct group *g;

	for (size_t i = 0; i < gm->n_buckets; i++)
		acts += 2 * (size_t)gm->buckets[i].acts.len;
	g = calloc(1, sizeof(*g) + buckets + targets + acts);
	if (!g)
		return NULL;
	g->bytes = sizeof(*g) + buckets + targets + acts;
	g->id = gm->group_id;
	g->type = gm->type;
	g->n_buckets = (uint32_t)gm->n_buckets;
	g->buckets = (struct group_bucket *)(g + 1);
	g->targets = (uint32_t *)(void *)((uint8_t *)g->buckets + buckets);
	g->created_ns = was ? was->created_ns : clock_ns();
	list_init(&g->watching);
	fill_buckets(g, gm, (uint8_t *)g->targets + targets);
	find_targets(g);
	give_keys(g, was);
	if (!alloc_counters(g, gs->counters)) {
		group_free(g, gs->counters);
		return NULL;
	}
	return g;
}

/* ---- prepare ---- */

static enum of_error
prepare_put(struct group_change *c, const struct group_mod *gm)
{
	struct groups *gs = c->gs;
	enum of_error error;

	if (gm->group_id > OFPG_MAX)
		return OFPGMFC_INVALID_GROUP;
	c->was = groups_get(gs, gm->group_id);
	c->over = c->was ? NULL : groups_raw(gs, gm->group_id);
	if (gm->command == OFPGC_ADD && c->was)
		return OFPGMFC_GROUP_EXISTS;
	if (gm->command == OFPGC_MODIFY && !c->was)
		return OFPGMFC_UNKNOWN_GROUP;
	error = check_form(c->ts, gm);
	if (error)
		return error;
	if (!c->was && groups_count(gs) >= GROUPS_MAX)
		return OFPGMFC_OUT_OF_GROUPS;
	c->now = group_make(gs, gm, c->was);
	if (!c->now || !group_set_reserve(gs->set))
		return OFPGMFC_OUT_OF_GROUPS;
	if (gs->set->bytes + c->now->bytes - (c->was ? c->was->bytes : 0) > GROUPS_MAX_MEMORY)
		return OFPGMFC_OUT_OF_BUCKETS;
	c->now->users = c->was ? c->was->users : user_list_create();
	return c->now->users ? group_check_chains(gs, c->now) : OFPGMFC_OUT_OF_GROUPS;
}

/* What stands for a group that a transaction has deleted, until frames see that it is gone. */
static enum of_error
make_tomb(struct group_change *c)
{
	c->tomb = calloc(1, sizeof(*c->tomb));
	if (!c->tomb)
		return OFPGMFC_OUT_OF_GROUPS;
	c->tomb->id = c->was->id;
	c->tomb->gone = true;
	c->tomb->counter = COUNTER_NONE;
	list_init(&c->tomb->watching);
	return OF_OK;
}

static enum of_error
prepare_delete(struct group_change *c, uint32_t id, bool chained_too)
{
	if (id == OFPG_ALL) {
		c->kind = CHANGE_ALL;
		c->set = group_set_create();
		return c->set ? OF_OK : OFPGMFC_OUT_OF_GROUPS;
	}
	c->was = groups_get(c->gs, id);
	if (!c->was) {
		c->kind = CHANGE_NOTHING;
		return OF_OK;
	}
	if (c->was->users->n_groups && !chained_too)
		return OFPGMFC_CHAINED_GROUP;
	return c->gs->hiding ? make_tomb(c) : OF_OK;
}

static struct group_change *
change_create(struct tables *ts)
{
	struct group_change *c = calloc(1, sizeof(*c));

	if (c)
		*c = (struct group_change){.ts = ts, .gs = ts->groups, .kind = CHANGE_ONE};
	return c;
}

enum of_error
group_delete_prepare(struct tables *ts, uint32_t id, struct group_change **out)
{
	struct group_change *c = *out = change_create(ts);
	enum of_error error = c ? prepare_delete(c, id, true) : OFPGMFC_OUT_OF_GROUPS;

	if (error) {
		group_change_free(c);
		*out = NULL;
	}
	return error;
}

struct user_list *
group_change_users(const struct group_change *c)
{
	return c->kind == CHANGE_ONE && c->was && !c->now ? c->was->users : NULL;
}

enum of_error
group_mod_prepare(struct tables *ts, const struct group_mod *gm, struct group_change **out)
{
	struct group_change *c;
	enum of_error error;

	*out = NULL;
	if (gm->command > OFPGC_DELETE)
		return OFPGMFC_BAD_COMMAND;
	c = change_create(ts);
	if (!c)
		return OFPGMFC_OUT_OF_GROUPS;
	error = gm->command == OFPGC_DELETE ? prepare_delete(c, gm->group_id, false) : prepare_put(c, gm);
	if (error) {
		group_change_free(c);
		return error;
	}
	*out = c;
	return OF_OK;
}

/* ---- commit and undo ---- */

static bool
take_flows(struct tables *ts, const struct group *g, unsigned *max, unsigned *removed)
{
	struct flow_rule *r;

	for (; (r = user_list_first(g->users)) != NULL; (*max)--, (*removed)++) {
		if (!*max)
			return true;
		tables_remove_rule(ts, r, OFPRR_GROUP_DELETE);
	}
	return false;
}

bool
group_change_step(struct group_change *c, unsigned max, unsigned *removed)
{
	bool more = false;

	if (c->kind == CHANGE_ONE && c->was && !c->now)
		return take_flows(c->ts, c->was, &max, removed);
	for (unsigned looks = LOOKS; c->kind == CHANGE_ALL && c->next < c->gs->set->n && !more; looks--) {
		if (!looks)
			return true;
		more = take_flows(c->ts, c->gs->set->sorted[c->next], &max, removed);
		c->next += !more;
	}
	return more;
}

static void
count_refs(const struct groups *gs, const struct group *g, uint32_t by)
{
	for (uint32_t i = 0; i < g->n_targets; i++) {
		struct group *target = groups_get(gs, g->targets[i]);

		if (target)
			target->users->n_groups += by;
	}
}

/* Puts 'now' in the place of 'was', or 'now_tomb' in that of 'was_tomb' where there is none; any may be NULL. */
static void
swap_one(struct groups *gs, struct group *was, struct group *was_tomb, struct group *now, struct group *now_tomb)
{
	struct group *out = was ? was : was_tomb, *in = now ? now : now_tomb;

	if (was)
		count_refs(gs, was, UINT32_MAX); /* less one */
	if (out && in)
		group_set_replace(gs->set, out, in);
	else if (in)
		group_set_insert(gs->set, gs->seed, in);
	else if (out)
		group_set_remove(gs->set, out);
	gs->n_gone += (in && in->gone) - (uint32_t)(out && out->gone);
	if (now) {
		count_refs(gs, now, 1);
		group_refresh_live(gs, now);
	}
	groups_refresh_watchers(gs);
}

/* What frames meet in place of 'in' while the transaction is in preparation. */
static void
remember(struct group *in, const struct group *out)
{
	if (!in)
		return;
	in->changed = true;
	in->was = out && out->changed ? out->was : out;
}

static void
swap_all(struct group_change *c)
{
	struct group_set *was = c->gs->set;

	c->gs->set = c->set;
	c->set = was;
}

void
group_change_commit(struct group_change *c)
{
	if (c->kind == CHANGE_ONE && c->gs->hiding)
		remember(c->now ? c->now : c->tomb, c->was ? c->was : c->over);
	if (c->kind == CHANGE_ONE)
		swap_one(c->gs, c->was, c->over, c->now, c->tomb);
	else if (c->kind == CHANGE_ALL)
		swap_all(c);
	c->committed = true;
}

void
group_change_undo(struct group_change *c)
{
	if (!c->committed)
		return;
	if (c->kind == CHANGE_ONE)
		swap_one(c->gs, c->now, c->tomb, c->was, c->over);
	else if (c->kind == CHANGE_ALL)
		swap_all(c);
	c->committed = false;
}

void
group_change_settle(struct group_change *c)
{
	struct group *in = c->now ? c->now : c->tomb;

	/* a later change of the transaction may have taken its place */
	if (c->kind != CHANGE_ONE || !in || groups_raw(c->gs, in->id) != in)
		return;
	in->changed = false;
	in->was = NULL;
	if (in->gone) {
		group_set_remove(c->gs->set, in);
		c->gs->n_gone--;
	}
}

void
group_change_free(struct group_change *c)
{
	struct group *gone;

	if (!c)
		return;
	group_set_destroy(c->set, c->gs->counters);
	gone = c->committed ? c->was : c->now;
	/* the list of users lives as long as one of the two is in the table */
	if (gone && !(c->was && c->now))
		user_list_destroy(gone->users);
	group_free(gone, c->gs->counters);
	group_free(c->tomb, c->gs->counters);
	free(c);
}

void
group_for_each_user(const struct group *g, void (*cb)(void *aux, const struct rule *), void *aux)
{
	LIST_FOR_EACH (n, &g->users->rules)
		cb(aux, &CONTAINER_OF(n, struct use, node)->rule->pub);
}
