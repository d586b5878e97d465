/* SPDX-License-Identifier: ISC */
/* Idle and hard time-outs (5.5), on a timing wheel.
 *
 * Packets don't touch the wheel.  A rule comes up when it may be due; its last use is then read from the counters, and if it was used
 * meanwhile it goes back in with the time that follows from that, so a busy rule is looked at once per idle time-out. */
#include "sweep_private.h"

#include "clock.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define TICK_NS UINT64_C(250000000)
#define BATCH 512u /* rules that vanish in one section */
#define LOOKS 1024u /* rules looked at for them, or moved within the wheel */
#define NAMED 64u /* vanished rules that are named one by one to whoever keeps what depends on them */
#define UNLINK 64u /* rules that leave the classifier in one section */

static uint32_t
tick_of(uint64_t ns)
{
	return (uint32_t)(ns / TICK_NS);
}

/* When the rule was last used, or made if that is later. */
static uint64_t
last_use(const struct flow_rule *r, const struct counters *counters)
{
	const uint64_t now_ms = clock_ms();
	struct counter_sum sum;
	uint64_t used_ns;
	int32_t ago;

	counters_read(counters, r->pub.counter, &sum);
	if (!sum.used_ms)
		return r->pub.created_ns;
	ago = (int32_t)((uint32_t)now_ms - sum.used_ms);
	if (ago < 0)
		ago = 0;
	used_ns = (now_ms - ((uint64_t)ago < now_ms ? (uint64_t)ago : now_ms)) * NS_PER_MS;
	return used_ns > r->pub.created_ns ? used_ns : r->pub.created_ns;
}

/* When it is due if it was last used at 'used_ns'; it has a time-out. */
static uint64_t
due(const struct flow_rule *r, uint64_t used_ns, enum ofp_flow_removed_reason *reason)
{
	const uint64_t hard = r->pub.hard_timeout_s ? r->pub.created_ns + r->pub.hard_timeout_s * NS_PER_S : UINT64_MAX;
	const uint64_t idle = r->pub.idle_timeout_s ? used_ns + r->pub.idle_timeout_s * NS_PER_S : UINT64_MAX;

	*reason = idle < hard ? OFPRR_IDLE_TIMEOUT : OFPRR_HARD_TIMEOUT;
	return idle < hard ? idle : hard;
}

/* Rounded up: nobody goes early. */
static void
wait_until(struct tables *ts, struct flow_rule *r, uint64_t ns)
{
	wheel_add(&ts->expiry, &r->timer, tick_of(ns + TICK_NS - 1), tick_of(clock_ns()));
}

uint64_t
expiry_due(const struct flow_rule *r, const struct counters *counters)
{
	enum ofp_flow_removed_reason reason;

	return due(r, r->pub.idle_timeout_s ? last_use(r, counters) : 0, &reason);
}

void
expiry_arm(struct tables *ts, struct flow_rule *r)
{
	enum ofp_flow_removed_reason reason;

	wheel_remove(&ts->expiry, &r->timer);
	if (r->pub.idle_timeout_s || r->pub.hard_timeout_s)
		wait_until(ts, r, due(r, r->pub.created_ns, &reason));
}

struct batch {
	struct flow_rule *rule[BATCH];
	enum ofp_flow_removed_reason reason[BATCH];
	unsigned n;
};

/* Inside the section: what is due vanishes, so that its counts are final.  True if there may be more. */
static bool
take_due(struct tables *ts, struct batch *b, unsigned max)
{
	const uint64_t now = clock_ns();
	unsigned budget = LOOKS;

	while (b->n < max) {
		struct wheel_node *n = wheel_next(&ts->expiry, tick_of(now), &budget);
		struct flow_rule *r;
		uint64_t at;

		if (!n)
			return budget == 0;
		r = CONTAINER_OF(n, struct flow_rule, timer);
		at = sweep_has(ts, r) ? now + NS_PER_S : due(r, last_use(r, ts->counters), &b->reason[b->n]);
		if (at > now) {
			wait_until(ts, r, at);
			continue;
		}
		rule_vanish(ts, r);
		b->rule[b->n++] = r;
	}
	return true;
}

static void
unlink_all(struct tables *ts, const struct batch *b, const struct txn_section *section, void *aux)
{
	for (unsigned i = 0; i < b->n; i++) {
		if (i % UNLINK == 0)
			section->hold(aux);
		tables_unlink_rule(ts, &ts->table[b->rule[i]->pub.table_id], b->rule[i]);
		if (i % UNLINK == UNLINK - 1 || i == b->n - 1)
			section->release(aux);
	}
}

bool
tables_expire(struct tables *ts, const struct txn_section *section, void *aux, unsigned max)
{
	struct batch b;
	bool more;

	if (ts->txn || !ts->expiry.n)
		return false;
	b.n = 0;
	section->hold(aux);
	more = take_due(ts, &b, max < BATCH ? max : BATCH);
	if (b.n > NAMED)
		section->changed(aux);
	for (unsigned i = 0; i < b.n && b.n <= NAMED && ts->events.flow_vanished; i++)
		ts->events.flow_vanished(ts->aux, &b.rule[i]->pub);
	section->release(aux);
	for (unsigned i = 0; i < b.n && ts->events.flow_removed; i++)
		ts->events.flow_removed(ts->aux, &b.rule[i]->pub, b.reason[i]);
	unlink_all(ts, &b, section, aux);
	for (unsigned i = 0; i < b.n; i++)
		tables_free_rule(ts, b.rule[i]);
	return more;
}
