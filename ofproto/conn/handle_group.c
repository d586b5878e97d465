/* SPDX-License-Identifier: ISC */
/* Groups: GROUP_MOD, and the GROUP, GROUP_DESC and GROUP_FEATURES multiparts (7.3.4.2, 7.3.5.9 to 7.3.5.11). */
#include "handlers.h"
#include "reply.h"

#include "groups.h"

static bool
step(void *change, unsigned max, unsigned *removed)
{
	return group_change_step(change, max, removed);
}

static void
commit(struct ofproto *op, void *change)
{
	(void)op;
	group_change_commit(change);
}

static void
change_free(void *change)
{
	group_change_free(change);
}

enum of_error
handle_group_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	static const struct removal one = {step, commit, change_free, false}, all = {step, commit, change_free, true};
	struct group_change *gc = NULL;
	struct group_mod gm;
	enum of_error error = group_mod_decode(body, &acts, &gm);

	(void)h;
	if (!error)
		error = group_mod_prepare(c->op->tables, &gm, &gc);
	if (!error)
		work_removal(c->op, gm.command == OFPGC_DELETE && gm.group_id == OFPG_ALL ? &all : &one, gc);
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

/* The group at the dump's position, and the position after it; NULL: none is left. */
static const struct group *
next_group(struct conn *c, struct dump *d)
{
	const struct group *g = d->done ? NULL : groups_next(tables_groups(c->op->tables), d->position);

	if (g) {
		d->position = g->id + 1;
		d->done = d->single || g->id == UINT32_MAX;
	}
	return g;
}

static void
encode_stats(const struct groups *groups, const struct group *g, struct wbuf *b)
{
	static struct bucket_count counts[GROUPS_MAX_BUCKETS]; /* control thread only */
	struct group_stats gs;

	group_stats(groups, g, &gs, counts, GROUPS_MAX_BUCKETS);
	group_stats_encode(b, &gs);
}

static enum dump_step
next_stats(struct conn *c, struct dump *d)
{
	const struct group *g = next_group(c, d);

	if (!g)
		return DUMP_END;
	encode_stats(tables_groups(c->op->tables), g, &d->part);
	return DUMP_ENTRY;
}

enum of_error
handle_mp_group(struct conn *c, uint32_t xid, struct wire *body)
{
	struct dump *d = dump_prepare(c);
	uint32_t id;
	enum of_error error = group_stats_request_decode(body, &id);

	if (error)
		return error;
	if (id != OFPG_ALL) {
		/* a group that is not there is no error: there is nothing to tell of it */
		d->single = true;
		d->done = !groups_find(tables_groups(c->op->tables), id);
		d->position = id;
	}
	dump_start(c, xid, OFPMP_GROUP, next_stats);
	return OF_OK;
}

static enum dump_step
next_desc(struct conn *c, struct dump *d)
{
	const struct group *g = next_group(c, d);
	struct group_mod gm;

	if (!g)
		return DUMP_END;
	if (group_as_mod(g, &gm))
		group_desc_encode(&d->part, &gm);
	else
		d->part.bad = true;
	group_mod_fini(&gm);
	return DUMP_ENTRY;
}

enum of_error
handle_mp_group_desc(struct conn *c, uint32_t xid, struct wire *body)
{
	(void)body;
	(void)dump_prepare(c);
	dump_start(c, xid, OFPMP_GROUP_DESC, next_desc);
	return OF_OK;
}

enum of_error
handle_mp_group_features(struct conn *c, uint32_t xid, struct wire *body)
{
	struct group_features gf = {
	    .types = 1u << OFPGT_ALL | 1u << OFPGT_SELECT | 1u << OFPGT_INDIRECT | 1u << OFPGT_FF,
	    .capabilities = OFPGFC_SELECT_WEIGHT | OFPGFC_SELECT_LIVENESS | OFPGFC_CHAINING | OFPGFC_CHAINING_CHECKS};
	const size_t start = reply_begin(c, xid, OFPMP_GROUP_FEATURES);

	(void)body;
	for (unsigned type = 0; type < 4; type++) {
		gf.max_groups[type] = GROUPS_MAX;
		for (unsigned i = 0; i < OFP_ACT_SET_ORDER; i++)
			gf.actions[type] |= 1u << ofp_act_set_order[i];
	}
	group_features_encode(&c->out, &gf);
	reply_end(c, start);
	return OF_OK;
}
