/* SPDX-License-Identifier: ISC */
/* A frame in a group (OpenFlow 1.3.5, 5.6): each bucket that takes it works on a copy of its own.
 *
 * A copy is a second view of the same bytes that counts as queued, so the first action that changes it makes its headers private
 * (packet.h) and nothing else is ever copied.  Superframes go through buckets as superframes. */
#include "act.h"

static void
run_bucket(struct act *a, const struct dp_program *prog, bool in_place)
{
	const struct flow_key key = a->key;
	const int64_t grown = a->grown;
	struct packet *p = a->p;
	struct packet copy = *p;

	if (in_place) {
		(void)act_run(a, prog->ops, prog->ops_len);
		return;
	}
	copy.queued = true;
	copy.n_outputs = 0;
	a->p = &copy;
	(void)act_run(a, prog->ops, prog->ops_len);
	a->p = p;
	p->n_outputs = (uint16_t)(p->n_outputs + copy.n_outputs);
	p->queued = true;
	a->key = key;
	a->grown = grown;
	a->proto_at = 0;
	a->stale = false;
}

/* 'prog' is the scratch of all groups: what is needed of it after a bucket has run is copied before. */
static void
run_buckets(struct act *a, const struct dp_op_group *op, bool last)
{
	struct dp_program *prog = &a->r->bucket;
	uint32_t at = 0;
	bool more;

	do {
		dp_program_init(prog);
		more = a->b->client->group(a->b->aux, op, &a->key, &at, prog);
		act_credits(a, prog->credits, prog->n_credits);
		if (!more)
			break;
		if (a->buckets == DP_MAX_BUCKETS) {
			a->reason = DP_DROP_GROUP_LIMIT;
			break;
		}
		a->buckets++;
		run_bucket(a, prog, last && at == DP_GROUP_LAST);
	} while (at != DP_GROUP_LAST);
}

void
act_group(struct act *a, const struct dp_op_group *op, bool last)
{
	const struct dp_op_group mine = *op;

	a->reason = DP_DROP_GROUP_LIMIT;
	if (a->groups == DP_MAX_GROUPS)
		return;
	a->reason = DP_DROP_GROUP;
	act_refresh(a);
	a->groups++;
	run_buckets(a, &mine, last);
	a->groups--;
}
