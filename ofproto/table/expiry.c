/* SPDX-License-Identifier: ISC */
/* Idle and hard time-outs (5.5): one heap by the time at which a rule may be due.
 *
 * Packets don't touch the heap.  When a rule comes up its last use is read from the counters; if it was used meanwhile it goes back in with
 * the time that follows from that, so a busy rule is looked at once per idle time-out. */
#include "flow_table.h"

#include "clock.h"

#include <stdlib.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define LOOK_FACTOR 8 /* rules looked at for each that may be removed */

void
expiry_fini(struct expiry *e)
{
	free(e->heap);
}

bool
expiry_reserve(struct expiry *e)
{
	const uint32_t cap = e->cap ? e->cap * 2 : 64;
	struct expiry_entry *heap;

	if (e->n < e->cap)
		return true;
	heap = realloc(e->heap, cap * sizeof(*heap));
	if (!heap)
		return false;
	e->heap = heap;
	e->cap = cap;
	return true;
}

static void
place(struct expiry *e, uint32_t i, struct expiry_entry entry)
{
	e->heap[i] = entry;
	entry.rule->heap_pos = i;
}

/* Puts 'entry' into the hole at 'i' or where the order wants it. */
static void
settle(struct expiry *e, uint32_t i, struct expiry_entry entry)
{
	while (i > 0 && e->heap[(i - 1) / 2].due_ns > entry.due_ns) {
		place(e, i, e->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child >= e->n)
			break;
		if (child + 1 < e->n && e->heap[child + 1].due_ns < e->heap[child].due_ns)
			child++;
		if (e->heap[child].due_ns >= entry.due_ns)
			break;
		place(e, i, e->heap[child]);
		i = child;
	}
	place(e, i, entry);
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

static uint64_t
due(const struct flow_rule *r, const struct counters *counters, enum ofp_flow_removed_reason *reason)
{
	uint64_t at = UINT64_MAX;

	if (r->pub.hard_timeout_s) {
		at = r->pub.created_ns + r->pub.hard_timeout_s * NS_PER_S;
		*reason = OFPRR_HARD_TIMEOUT;
	}
	if (r->pub.idle_timeout_s) {
		const uint64_t idle = last_use(r, counters) + r->pub.idle_timeout_s * NS_PER_S;

		if (idle < at) {
			at = idle;
			*reason = OFPRR_IDLE_TIMEOUT;
		}
	}
	return at;
}

void
expiry_update(struct expiry *e, struct flow_rule *r, const struct counters *counters)
{
	enum ofp_flow_removed_reason reason;
	const uint64_t at = due(r, counters, &reason);

	if (at == UINT64_MAX) {
		expiry_remove(e, r);
		return;
	}
	if (r->heap_pos == RULE_NO_HEAP)
		r->heap_pos = e->n++;
	settle(e, r->heap_pos, (struct expiry_entry){at, r});
}

void
expiry_remove(struct expiry *e, struct flow_rule *r)
{
	const uint32_t i = r->heap_pos;

	if (i == RULE_NO_HEAP)
		return;
	r->heap_pos = RULE_NO_HEAP;
	if (i != --e->n)
		settle(e, i, e->heap[e->n]);
}

bool
tables_expire(struct tables *ts, unsigned max)
{
	struct expiry *e = &ts->expiry;
	const uint64_t now = clock_ns();

	for (unsigned looks = max < UINT32_MAX / LOOK_FACTOR ? max * LOOK_FACTOR : max; max && looks; looks--) {
		enum ofp_flow_removed_reason reason = OFPRR_IDLE_TIMEOUT;
		struct flow_rule *r;

		if (!e->n || e->heap[0].due_ns > now)
			return false;
		r = e->heap[0].rule;
		if (due(r, ts->counters, &reason) > now) {
			expiry_update(e, r, ts->counters);
		} else {
			tables_remove_rule(ts, r, reason);
			max--;
		}
	}
	return e->n && e->heap[0].due_ns <= now;
}
