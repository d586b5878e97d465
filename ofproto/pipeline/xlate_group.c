/* SPDX-License-Identifier: ISC */
/* Groups and meters at the moment when a frame meets them: the table's answer in the datapath's words. */
#include "select.h"
#include "xlate.h"

#include "groups.h"
#include "hash.h"
#include "meters.h"

/* The bucket to go on with, from 'at' on, or -1; *next is what 'at' becomes. */
static int
next_bucket(const struct group *g, const struct flow_key *key, uint32_t at, uint32_t *next)
{
	*next = DP_GROUP_LAST;
	switch ((enum ofp_group_type)g->type) {
	case OFPGT_ALL:
		if (at >= g->n_buckets)
			return -1;
		if (at + 1 < g->n_buckets)
			*next = at + 1;
		return (int)at;
	case OFPGT_SELECT:
		return select_bucket(g, select_hash(key, hash_seed()));
	case OFPGT_INDIRECT:
		return g->n_buckets ? 0 : -1;
	case OFPGT_FF:
		return select_first_live(g);
	}
	return -1;
}

/* Packet-ins from a bucket have the reason ACTION, whatever entry led there: the table-miss entry's NO_MATCH is for its own output. */
bool
pipeline_group(const struct pipeline *pl, const struct dp_op_group *op, const struct flow_key *key, uint32_t *at,
               struct dp_program *prog)
{
	const struct group *g = groups_find(tables_groups(pl->tables), op->group_id);
	struct xlate x = {.prog = prog,
	                  .key = *key,
	                  .in_bucket = true,
	                  .table_id = op->table_id,
	                  .reason = OFPR_ACTION,
	                  .cookie = op->cookie};
	int bucket;

	if (!g || *at == DP_GROUP_LAST)
		return false;
	if (*at == 0)
		dp_program_credit(prog, g->counter, DP_CREDIT_GROUP);
	bucket = next_bucket(g, key, *at, at);
	if (bucket < 0)
		return false;
	dp_program_credit(prog, g->buckets[bucket].counter, DP_CREDIT_GROUP);
	x.key.metadata = op->metadata;
	x.key.present |= OXM_BIT(OXM_METADATA);
	OFP_ACT_FOR_EACH (a, &g->buckets[bucket].set)
		xlate_action(&x, a);
	if (!x.n_outputs)
		xlate_drop(&x, DP_DROP_NO_ACTION);
	xlate_finish(&x);
	return true;
}

void
pipeline_meter(const struct pipeline *pl, uint32_t meter_id, uint32_t n, uint64_t bytes, uint64_t now_ns,
               struct dp_meter *out)
{
	const struct meter *m = meters_find(tables_meters(pl->tables), meter_id);
	const struct meter_band *band;

	out->verdict = DP_METER_PASS;
	out->n_counters = 0;
	if (!m)
		return;
	switch (meter_measure(m, n, bytes, now_ns, &band)) {
	case METER_PASS:
		out->counters[out->n_counters++] = m->counter;
		break;
	case METER_BAND:
		out->counters[out->n_counters++] = m->counter;
		out->counters[out->n_counters++] = band->counter;
		out->verdict = band->type == OFPMBT_DROP ? DP_METER_DROP : DP_METER_REMARK;
		out->levels = band->prec_level;
		break;
	case METER_SPLIT:
		out->verdict = DP_METER_SPLIT;
		break;
	}
}
