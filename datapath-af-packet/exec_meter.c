/* SPDX-License-Identifier: ISC */
/* A frame in a meter (OpenFlow 1.3.5, 5.7), and packet-ins, which have meters of their own.
 *
 * A superframe that is within the rate as a whole stays one, and one whose first frame is beyond it shares that frame's fate: nothing is
 * cut.  Where the rate ends inside it, it is cut and each of its frames is measured: the first ones pass and the rest are dropped or
 * remarked, as if the sender had sent them one by one.  So rates hold to the frame, and TCP sees the loss it is made for: the end of a
 * train is missing and what went before arrives. */
#include "act.h"

#include "openflow/openflow13.h"

static enum dp_meter_verdict
measure(struct act *a, uint32_t id, uint8_t *levels)
{
	const struct packet *p = a->p;
	struct dp_meter m = {.verdict = DP_METER_PASS};

	a->b->client->meter(a->b->aux, id, p->n_frames, p->wire_bytes, a->r->now_ns, &m);
	for (unsigned i = 0; i < m.n_counters; i++)
		counters_add(a->r->credits, m.counters[i], p->n_frames, p->wire_bytes, a->r->now_ms);
	*levels = m.levels;
	return m.verdict;
}

/* AFxy, x = 1 to 4, is DSCP x * 8 + y * 2, y = 1 to 3 the drop precedence (RFC 2597).  Other code points have none to raise. */
static bool
remark(struct act *a, uint8_t levels)
{
	struct dp_op_set_field set = {.op = {DP_OP_SET_FIELD, sizeof(set)}, .field = OXM_IP_DSCP, .len = 1};
	unsigned class, precedence;

	act_refresh(a);
	class = a->key.ip_dscp >> 3;
	precedence = (a->key.ip_dscp >> 1) & 3;
	if (!flow_key_has(&a->key, OXM_IP_DSCP) || (a->key.ip_dscp & 1) || class < 1 || class > 4 || precedence < 1)
		return true;
	precedence = precedence + levels > 3 ? 3 : precedence + levels;
	set.value[0] = (uint8_t)(class << 3 | precedence << 1);
	return act_set_field(a, &set);
}

bool
act_meter(struct act *a, const struct dp_op_meter *op, const uint8_t *rest, size_t len)
{
	uint8_t levels;

	switch (measure(a, op->id, &levels)) {
	case DP_METER_PASS:
		return true;
	case DP_METER_REMARK:
		return remark(a, levels);
	case DP_METER_DROP:
		act_ends(a, op->n_credits);
		a->reason = DP_DROP_METER;
		return false;
	case DP_METER_SPLIT:
		act_run_segments(a, rest, len);
		return false;
	}
	return true;
}

/* ---- packet-ins ---- */

static const uint32_t up_meters[] = {OFPM_SLOWPATH, OFPM_CONTROLLER};
#define N_UP_METERS 2u

/* Through the meters from *next on; PASS, or DROP, or SPLIT with *next at the meter that said so. */
static enum dp_meter_verdict
through(struct act *a, unsigned *next)
{
	for (; *next < N_UP_METERS; ++*next) {
		uint8_t levels;

		switch (measure(a, up_meters[*next], &levels)) {
		case DP_METER_PASS:
			break;
		case DP_METER_REMARK:
			if (!remark(a, levels))
				return DP_METER_DROP;
			break;
		case DP_METER_DROP:
			a->reason = DP_DROP_METER;
			return DP_METER_DROP;
		case DP_METER_SPLIT:
			return DP_METER_SPLIT;
		}
	}
	return DP_METER_PASS;
}

static void
send_up(struct act *a, const struct dp_op_controller *op)
{
	act_refresh(a);
	if (upcall_packet_in(a->r, a->b, a->p, &a->key, op))
		a->p->n_outputs++;
	else
		a->counted = true;
}

struct up {
	const struct act *a;
	const struct dp_op_controller *op;
	unsigned next, n_sent;
};

static void
up_segment(void *aux, struct packet *seg)
{
	struct up *u = aux;
	unsigned next = u->next;
	struct act a = *u->a;

	a.p = seg;
	a.counted = false;
	seg->key_valid = false;
	if (through(&a, &next) == DP_METER_PASS)
		send_up(&a, u->op);
	u->n_sent += seg->n_outputs;
	if (!seg->n_outputs && !a.counted)
		exec_drop(a.r, a.b, a.reason, 1);
}

/* Works on a view of its own: what a meter remarks is what the controllers get, not what goes on. */
void
act_controller(struct act *a, const struct dp_op_controller *op)
{
	const struct flow_key key = a->key;
	const bool stale = a->stale;
	struct packet *p = a->p;
	struct packet copy = *p;
	struct up u = {a, op, 0, 0};

	copy.queued = true;
	copy.n_outputs = 0;
	a->p = &copy;
	switch (through(a, &u.next)) {
	case DP_METER_PASS:
		send_up(a, op);
		break;
	case DP_METER_SPLIT:
		a->reason = DP_DROP_SEGMENT;
		a->counted |= packet_segment(a->r, &copy, up_segment, &u);
		break;
	case DP_METER_DROP:
	case DP_METER_REMARK:
		break;
	}
	a->p = p;
	a->key = key;
	a->stale = stale;
	p->n_outputs = (uint16_t)(p->n_outputs + copy.n_outputs + u.n_sent);
}
