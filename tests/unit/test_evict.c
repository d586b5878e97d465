/* SPDX-License-Identifier: ISC */
/* Eviction and vacancy events (EXT-192): who makes room, against a plain search; what a transaction that is taken back leaves; who is told
 * when. */
#include "table_desc.h"

#include "clock.h"
#include "flow_table.h"
#include "shape.h"
#include "sweep.h"
#include "txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S UINT64_C(1000000000)
#define N 4 /* tables */
#define LOG_MAX 64

static struct counters *counters;
static struct tables *ts;
static struct table_features f[N];
static uint64_t now_ns, state;

/* What was told, in order. */
static struct event {
	enum { REMOVED, CHANGED, VACANCY } kind;
	uint16_t priority;
	int reason;
} events[LOG_MAX];
static unsigned n_events;

static uint64_t
rnd(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static void
note(int kind, uint16_t priority, int reason)
{
	if (n_events < LOG_MAX)
		events[n_events++] = (struct event){(unsigned)kind, priority, reason};
}

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)aux;
	note(REMOVED, r->priority, (int)reason);
}

static void
on_changed(void *aux, const struct rule *r, enum table_flow_event event)
{
	(void)aux;
	note(CHANGED, r->priority, (int)event);
}

static void
on_vacancy(void *aux, uint8_t table_id, enum ofp_table_reason reason)
{
	(void)aux;
	note(VACANCY, table_id, (int)reason);
}

static void
nothing(void *aux)
{
	(void)aux;
}

static const struct txn_section section = {nothing, nothing, nothing};

static void
pass(uint64_t ns)
{
	now_ns += ns;
	clock_fake_set(now_ns);
}

static int
setup(void **unused)
{
	static const struct table_events e = {
	    .flow_removed = on_removed, .flow_changed = on_changed, .table_vacancy = on_vacancy};

	(void)unused;
	state = 88172645463325252u;
	now_ns = 0;
	pass(1000 * S);
	counters = counters_create(2);
	ts = tables_create(N, counters, &e, NULL);
	for (unsigned i = 0; i < N; i++)
		f[i] = *shape_get(ts, (uint8_t)i);
	n_events = 0;
	return ts ? 0 : -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	tables_destroy(ts);
	counters_destroy(counters);
	clock_fake_set(0);
	return 0;
}

/* ---- words ---- */

static void
limit(uint32_t max)
{
	f[0].max_entries = max;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
}

static enum of_error
evict(uint32_t flags)
{
	const struct table_desc d = {
	    .config = flags ? OFPTC_EVICTION : 0, .has_eviction = flags != 0, .eviction_flags = flags};

	return table_desc_set(ts, &d);
}

static enum of_error
vacancy(uint8_t down, uint8_t up)
{
	const struct table_desc d = {
	    .config = OFPTC_VACANCY_EVENTS, .has_vacancy = true, .vacancy_down = down, .vacancy_up = up};

	return table_desc_set(ts, &d);
}

static struct flow_mod
mod(uint8_t command, uint16_t priority, uint16_t importance, uint16_t hard)
{
	return (struct flow_mod){.command = command,
	                         .priority = priority,
	                         .buffer_id = OFP_NO_BUFFER,
	                         .out_port = OFPP_ANY,
	                         .out_group = OFPG_ANY,
	                         .hard_timeout_s = hard,
	                         .insts = {.has_importance = importance != 0, .importance = importance}};
}

static enum of_error
add(uint16_t priority, uint16_t importance, uint16_t hard)
{
	const struct flow_mod fm = mod(OFPFC_ADD, priority, importance, hard);

	return tables_flow_mod(ts, &fm);
}

static const struct rule *
find(uint16_t priority)
{
	const struct flow_stats_request all = {.out_port = OFPP_ANY, .out_group = OFPG_ANY};
	struct tables_cursor c;
	const struct rule *r;

	tables_cursor_init(&c, 0);
	while ((r = tables_cursor_next(ts, &c, &all, UINT32_MAX)) != NULL)
		if (r->priority == priority)
			return r;
	return NULL;
}

static void
use(uint16_t priority)
{
	counters_add(counters_lane(counters, 1), find(priority)->counter, 1, 60, (uint32_t)clock_ms());
}

/* The next flow-mod puts this one away and is told after it. */
static void
assert_makes_room(uint16_t victim, uint16_t priority, uint16_t importance, uint16_t hard)
{
	n_events = 0;
	pass(1); /* no two are of one age */
	assert_int_equal(add(priority, importance, hard), OF_OK);
	assert_int_equal(n_events, 2);
	assert_int_equal(events[0].kind, REMOVED);
	assert_int_equal(events[0].priority, victim);
	assert_int_equal(events[0].reason, OFPRR_EVICTION);
	assert_int_equal(events[1].kind, CHANGED);
	assert_int_equal(events[1].priority, priority);
	assert_null(find(victim));
	assert_non_null(find(priority));
}

/* ---- eviction ---- */

static void
a_table_that_may_not_evict_is_full(void **unused)
{
	(void)unused;
	limit(2);
	assert_int_equal(add(1, 1, 0), OF_OK);
	assert_int_equal(add(2, 2, 0), OF_OK);
	assert_int_equal(add(3, 3, 0), OFPFMFC_TABLE_FULL);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK); /* from now on it may: what is there counts */
	assert_makes_room(1, 3, 3, 0);
	assert_int_equal(evict(0), OF_OK);
	assert_int_equal(add(4, 4, 0), OFPFMFC_TABLE_FULL);
	assert_int_equal(tables_active(ts, 0), 2);
}

static void
importance_then_lifetime_then_age(void **unused)
{
	(void)unused;
	limit(5);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	assert_int_equal(add(1, 7, 10), OF_OK);
	assert_int_equal(add(2, 5, 0), OF_OK); /* never ends */
	pass(S);
	assert_int_equal(add(3, 5, 0), OF_OK); /* the same, but younger */
	assert_int_equal(add(4, 5, 100), OF_OK);
	assert_int_equal(add(5, 5, 50), OF_OK);
	assert_makes_room(5, 11, 9, 0);
	assert_makes_room(4, 12, 9, 0);
	assert_makes_room(2, 13, 9, 0);
	assert_makes_room(3, 14, 9, 0);
	assert_makes_room(1, 15, 9, 0);
	assert_makes_room(11, 16, 1, 0); /* it is not refused for its own importance */
	assert_makes_room(16, 17, 9, 0);
}

static void
only_what_counts_decides(void **unused)
{
	(void)unused;
	limit(3);
	assert_int_equal(evict(OFPTMPEF_LIFETIME), OF_OK);
	assert_int_equal(add(1, 1, 0), OF_OK);
	assert_int_equal(add(2, 9, 10), OF_OK);
	assert_int_equal(add(3, 5, 20), OF_OK);
	assert_makes_room(2, 4, 0, 0);
	assert_int_equal(evict(OFPTMPEF_IMPORTANCE), OF_OK); /* another order of the same entries */
	assert_makes_room(4, 5, 3, 10);
	assert_makes_room(1, 6, 8, 1);
	assert_int_equal(evict(OFPTMPEF_OTHER), OF_OK);
	pass(S);
	assert_makes_room(3, 7, 9, 0);
}

static void
replacing_needs_no_room(void **unused)
{
	const struct flow_mod fm = mod(OFPFC_MODIFY, 0, 99, 0);

	(void)unused;
	limit(2);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	assert_int_equal(add(1, 1, 0), OF_OK);
	assert_int_equal(add(2, 2, 0), OF_OK);
	n_events = 0;
	assert_int_equal(add(1, 3, 0), OF_OK);
	assert_int_equal(n_events, 1);
	assert_int_equal(find(1)->importance, 3);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK); /* a MODIFY leaves it, as it leaves the time-outs */
	assert_int_equal(find(1)->importance, 3);
	assert_makes_room(2, 3, 9, 0);
}

static void
the_table_miss_entry_stays(void **unused)
{
	(void)unused;
	limit(2);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	assert_int_equal(add(0, 0, 5), OF_OK);
	assert_int_equal(add(1, 9, 0), OF_OK);
	assert_makes_room(1, 2, 9, 0);
	limit(1); /* what does not fit goes, as ever */
	assert_int_equal(tables_active(ts, 0), 0);
	assert_int_equal(add(0, 0, 0), OF_OK);
	assert_int_equal(add(1, 9, 0), OFPFMFC_TABLE_FULL);
	limit(0);
	assert_int_equal(add(1, 9, 0), OFPFMFC_TABLE_FULL);
}

static void
an_overlap_is_refused_first(void **unused)
{
	struct flow_mod fm = mod(OFPFC_ADD, 1, 0, 0);
	const be32 port = host_to_be32(1);

	(void)unused;
	limit(1);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	assert_int_equal(add(1, 0, 0), OF_OK);
	match_set(&fm.match, OXM_IN_PORT, &port, NULL);
	fm.flags = OFPFF_CHECK_OVERLAP;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_OVERLAP);
	assert_non_null(find(1));
	fm.priority = 2;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_null(find(1));
}

static struct flow_mod
idle(uint16_t priority, uint16_t seconds)
{
	struct flow_mod fm = mod(OFPFC_ADD, priority, 0, 0);

	fm.idle_timeout_s = seconds;
	return fm;
}

static void
use_prolongs_an_idle_lifetime(void **unused)
{
	struct flow_mod fm;

	(void)unused;
	limit(300);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	for (uint16_t i = 1; i <= 300; i++) {
		fm = idle(i, 60);
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	}
	pass(30 * S);
	for (uint16_t i = 1; i <= 300; i++)
		if (i != 200)
			use(i);
	fm = idle(301, 60);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_null(find(200)); /* found by the looks of one flow-mod */
	assert_int_equal(tables_active(ts, 0), 300);
}

/* The same entries in a table that is searched. */
static const struct rule *
worst(uint32_t flags)
{
	const struct rule *best = NULL;

	for (uint32_t i = 0; i < ts->table[0].n_slots; i++) {
		const struct flow_rule *r = flow_table_slot(&ts->table[0], i);
		const struct rule *p = r ? &r->pub : NULL;
		uint64_t due[2];

		if (!p || rule_is_table_miss(p))
			continue;
		if (!best) {
			best = p;
			continue;
		}
		due[0] = flags & OFPTMPEF_LIFETIME ? expiry_due(r, counters) : 0;
		due[1] = flags & OFPTMPEF_LIFETIME ? expiry_due(flow_rule_of(best), counters) : 0;
		if ((flags & OFPTMPEF_IMPORTANCE) && p->importance != best->importance)
			best = p->importance < best->importance ? p : best;
		else if (due[0] != due[1])
			best = due[0] < due[1] ? p : best;
		else if (p->created_ns < best->created_ns)
			best = p;
	}
	return best;
}

static void
change_at_random(uint16_t priority)
{
	struct flow_mod fm = mod(OFPFC_DELETE_STRICT, (uint16_t)(1 + rnd(priority)), 0, 0);

	if (rnd(4) == 0)
		(void)tables_flow_mod(ts, &fm);
	if (rnd(8) == 0)
		(void)tables_expire(ts, &section, NULL, 1);
	pass(1 + rnd(2 * S)); /* no two are of one age */
	if (tables_active(ts, 0) > 1) {
		const struct rule *r = find((uint16_t)(1 + rnd(priority)));

		if (r)
			use(r->priority);
	}
}

static void
against_a_search(void **unused)
{
	unsigned n_evicted = 0;

	(void)unused;
	limit(40);
	for (uint16_t i = 1; i < 6000; i++) {
		const uint32_t flags = 1 + (i - 1u) / 1000 % 7;
		struct flow_mod fm = mod(OFPFC_ADD, i, (uint16_t)rnd(5), (uint16_t)(rnd(3) ? 1 + rnd(100) : 0));
		const struct rule *expected;
		uint16_t victim;

		if (i % 1000 == 1)
			assert_int_equal(evict(flags), OF_OK);
		fm.idle_timeout_s = (uint16_t)(rnd(3) ? 0 : 1 + rnd(50));
		change_at_random(i);
		expected = tables_active(ts, 0) == 40 ? worst(flags) : NULL;
		victim = expected ? expected->priority : 0;
		n_events = 0;
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
		assert_int_equal(n_events, expected ? 2 : 1);
		if (expected) {
			assert_int_equal(events[0].priority, victim);
			n_evicted++;
		}
	}
	assert_true(n_evicted > 2000);
}

/* ---- in transactions ---- */

static enum of_error
txn_add(struct txn *x, uint16_t priority, uint16_t importance)
{
	const struct flow_mod fm = mod(OFPFC_ADD, priority, importance, 0);

	return txn_flow_mod(x, &fm);
}

static void
an_aborted_transaction_evicts_nothing(void **unused)
{
	struct txn *x;

	(void)unused;
	limit(3);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	assert_int_equal(vacancy(0, 0), OF_OK);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	for (uint16_t i = 1; i <= 3; i++)
		assert_int_equal(add(i, i, 0), OF_OK);
	n_events = 0;
	x = txn_begin(ts, &section, NULL);
	assert_int_equal(txn_add(x, 4, 4), OF_OK); /* for 1 */
	assert_int_equal(txn_add(x, 5, 1), OF_OK); /* for 2 */
	assert_int_equal(txn_add(x, 6, 6), OF_OK); /* for 5, which frames never saw */
	txn_abort(x);
	assert_int_equal(n_events, 0);
	assert_int_equal(tables_active(ts, 0), 3);
	assert_makes_room(1, 7, 9, 0);
	assert_makes_room(2, 8, 9, 0);
	assert_makes_room(3, 9, 9, 0);
}

static void
a_transaction_evicts_when_it_is_committed(void **unused)
{
	struct flow_mod del = mod(OFPFC_DELETE_STRICT, 3, 0, 0);
	struct txn *x;

	(void)unused;
	limit(3);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	for (uint16_t i = 1; i <= 3; i++)
		assert_int_equal(add(i, i, 0), OF_OK);
	n_events = 0;
	x = txn_begin(ts, &section, NULL);
	assert_int_equal(txn_add(x, 4, 9), OF_OK);
	assert_int_equal(txn_flow_mod(x, &del), OF_OK);
	assert_int_equal(txn_add(x, 5, 9), OF_OK); /* there is room */
	assert_int_equal(txn_add(x, 6, 9), OF_OK);
	assert_int_equal(n_events, 0);
	txn_commit(x);
	assert_int_equal(n_events, 6);
	assert_int_equal(events[0].priority, 1);
	assert_int_equal(events[0].reason, OFPRR_EVICTION);
	assert_int_equal(events[1].priority, 3);
	assert_int_equal(events[1].reason, OFPRR_DELETE);
	assert_int_equal(events[2].priority, 2);
	assert_int_equal(events[2].reason, OFPRR_EVICTION);
	assert_int_equal(tables_active(ts, 0), 3);
}

/* ---- beside sweeps ---- */

static bool
is_even(void *aux, const struct rule *r)
{
	(void)aux;
	return r->priority % 2 == 0;
}

static void
what_a_sweep_takes_makes_no_room(void **unused)
{
	const struct sweep_plan some = {.table_id = 0, .reason = OFPRR_DELETE, .wants = is_even},
	                        all = {.table_id = OFPTT_ALL, .reason = OFPRR_DELETE};

	(void)unused;
	limit(1000);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	assert_int_equal(vacancy(10, 40), OF_OK);
	assert_int_equal(evict(OFPTMPEF_ALL), OF_OK);
	for (uint16_t i = 1; i <= 1000; i++)
		assert_int_equal(add(i, i, 0), OF_OK);
	assert_true(sweep_begin(ts, &some, &section, NULL));
	assert_int_equal(sweep_step(ts, 0), SWEEP_LOOKS);
	while (sweep_step(ts, 0) == SWEEP_LOOKS)
		continue;
	/* half of them have vanished, and most are still to be freed: there is room at once */
	assert_int_equal(add(2001, 1, 0), OF_OK);
	assert_non_null(find(1));
	for (uint16_t i = 2; i <= 500; i++)
		assert_int_equal(add((uint16_t)(2000 + i), 2, 0), OF_OK);
	assert_makes_room(1, 3001, 2001, 0); /* the older one of importance 1, not 2, which is going */
	assert_makes_room(2001, 3002, 2001, 0);
	while (sweep_step(ts, UINT64_MAX) != SWEEP_DONE)
		continue;
	assert_int_equal(tables_active(ts, 0), 1000);
	assert_true(sweep_begin(ts, &all, &section, NULL)); /* taken out whole */
	assert_int_equal(sweep_step(ts, 0), SWEEP_REMOVES);
	for (uint16_t i = 1; i <= 1000; i++)
		assert_int_equal(add(i, i, 0), OF_OK);
	assert_makes_room(1, 3003, 2001, 0);
	while (sweep_step(ts, UINT64_MAX) != SWEEP_DONE)
		continue;
	assert_makes_room(2, 3004, 2001, 0);
	assert_int_equal(tables_active(ts, 0), 1000);
}

/* ---- vacancy ---- */

static void
assert_told(enum ofp_table_reason reason)
{
	assert_true(n_events > 0);
	assert_int_equal(events[n_events - 1].kind, VACANCY);
	assert_int_equal(events[n_events - 1].reason, reason);
	n_events = 0;
}

static void
assert_not_told(void)
{
	for (unsigned i = 0; i < n_events; i++)
		assert_int_not_equal(events[i].kind, VACANCY);
	n_events = 0;
}

static void
del(uint16_t priority)
{
	const struct flow_mod fm = mod(OFPFC_DELETE_STRICT, priority, 0, 0);

	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
}

static void
thresholds_have_a_hysteresis(void **unused)
{
	(void)unused;
	limit(10);
	assert_int_equal(vacancy(30, 60), OF_OK);
	for (uint16_t i = 1; i <= 7; i++)
		assert_int_equal(add(i, 0, 0), OF_OK);
	assert_not_told(); /* 30 per cent are not less than 30 */
	assert_int_equal(add(8, 0, 0), OF_OK);
	assert_told(OFPTR_VACANCY_DOWN);
	del(8);
	assert_int_equal(add(8, 0, 0), OF_OK);
	assert_int_equal(add(9, 0, 0), OF_OK);
	assert_not_told();
	for (uint16_t i = 9; i >= 5; i--)
		del(i);
	assert_not_told(); /* 60 are not more than 60 */
	del(4);
	assert_told(OFPTR_VACANCY_UP);
	for (uint16_t i = 4; i <= 8; i++)
		assert_int_equal(add(i, 0, 0), OF_OK);
	assert_told(OFPTR_VACANCY_DOWN);
}

static void
what_comes_first_depends_on_what_is_free(void **unused)
{
	(void)unused;
	limit(10);
	for (uint16_t i = 1; i <= 8; i++)
		assert_int_equal(add(i, 0, 0), OF_OK);
	n_events = 0;
	assert_int_equal(vacancy(30, 60), OF_OK); /* 20 per cent are free: up is next */
	assert_int_equal(add(9, 0, 0), OF_OK);
	assert_not_told();
	for (uint16_t i = 9; i >= 4; i--)
		del(i);
	assert_told(OFPTR_VACANCY_UP);
	f[0].max_entries = 4; /* three of four are taken */
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	assert_told(OFPTR_VACANCY_DOWN);
}

static void
a_transaction_tells_once(void **unused)
{
	struct txn *x;

	(void)unused;
	limit(10);
	assert_int_equal(vacancy(30, 60), OF_OK);
	x = txn_begin(ts, &section, NULL);
	for (uint16_t i = 1; i <= 9; i++)
		assert_int_equal(txn_add(x, i, 0), OF_OK);
	assert_int_equal(n_events, 0);
	txn_commit(x);
	assert_told(OFPTR_VACANCY_DOWN);
	x = txn_begin(ts, &section, NULL);
	for (uint16_t i = 1; i <= 9; i++) {
		const struct flow_mod fm = mod(OFPFC_DELETE_STRICT, i, 0, 0);

		assert_int_equal(txn_flow_mod(x, &fm), OF_OK);
	}
	txn_abort(x);
	assert_not_told();
}

static void
a_sweep_tells_once(void **unused)
{
	const struct sweep_plan some = {.table_id = 0, .reason = OFPRR_DELETE, .wants = is_even};

	(void)unused;
	limit(1000);
	for (uint16_t i = 1; i <= 1000; i++)
		assert_int_equal(add(i, 0, 0), OF_OK);
	assert_int_equal(vacancy(10, 20), OF_OK);
	n_events = 0;
	assert_true(sweep_begin(ts, &some, &section, NULL));
	assert_int_equal(sweep_step(ts, 0), SWEEP_LOOKS);
	assert_int_equal(n_events, 0); /* many are marked, none has vanished */
	while (sweep_step(ts, 0) == SWEEP_LOOKS)
		continue;
	assert_int_equal(events[0].kind, VACANCY);
	assert_int_equal(events[0].reason, OFPTR_VACANCY_UP);
	while (sweep_step(ts, UINT64_MAX) != SWEEP_DONE)
		continue;
	for (unsigned i = 1; i < n_events; i++)
		assert_int_equal(events[i].kind, REMOVED);
}

/* ---- configuration ---- */

static void
bad_configurations_change_nothing(void **unused)
{
	static const struct {
		struct table_desc d;
		enum of_error error;
	} rows[] = {
	    {{.config = 1u << 4}, OFPTMFC_BAD_CONFIG},
	    {{.config = OFPTC_EVICTION, .has_eviction = true}, OFPTMFC_BAD_CONFIG},
	    {{.config = OFPTC_EVICTION, .has_eviction = true, .eviction_flags = 8}, OFPTMFC_BAD_CONFIG},
	    {{.config = OFPTC_VACANCY_EVENTS}, OFPTMFC_BAD_CONFIG},
	    {{.has_vacancy = true, .vacancy_down = 2, .vacancy_up = 1}, OFPTMFC_BAD_CONFIG},
	    {{.has_vacancy = true, .vacancy_down = 2, .vacancy_up = 101}, OFPTMFC_BAD_CONFIG},
	    {{.table_id = N, .config = OFPTC_EVICTION}, OFPTMFC_BAD_TABLE},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table_desc d;

		assert_int_equal(table_desc_set(ts, &rows[i].d), rows[i].error);
		table_desc_get(ts, 0, &d);
		assert_int_equal(d.config, 0);
		assert_int_equal(d.eviction_flags, OFPTMPEF_ALL);
		assert_false(d.has_vacancy);
	}
}

static void
what_is_set_stays(void **unused)
{
	const struct table_desc all = {.table_id = OFPTT_ALL,
	                               .config = OFPTC_EVICTION | OFPTC_VACANCY_EVENTS,
	                               .has_eviction = true,
	                               .eviction_flags = OFPTMPEF_IMPORTANCE,
	                               .has_vacancy = true,
	                               .vacancy_down = 10,
	                               .vacancy_up = 20};
	struct table_desc d;

	(void)unused;
	assert_int_equal(table_desc_set(ts, &all), OF_OK);
	assert_int_equal(shape_set_config(ts, OFPTT_ALL, 3), OF_OK); /* OFPT_TABLE_MOD of 1.3 */
	limit(7);
	for (uint8_t i = 0; i < N; i++) {
		table_desc_get(ts, i, &d);
		assert_int_equal(d.config & ~3u, OFPTC_EVICTION | OFPTC_VACANCY_EVENTS);
		assert_int_equal(d.eviction_flags, OFPTMPEF_IMPORTANCE);
		assert_int_equal(d.vacancy_down, 10);
		assert_int_equal(d.vacancy_up, 20);
		assert_int_equal(d.vacancy, 100);
	}
	assert_int_equal(shape_get(ts, 0)->config & ~3u, 0); /* not what 1.3's table features speak of */
	for (unsigned i = 0; i < N; i++)
		memset(f[i].next_tables, 0, sizeof(f[i].next_tables));
	assert_int_equal(shape_set(ts, f, N - 1), OF_OK); /* the last one goes, and comes back as new */
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	table_desc_get(ts, N - 1, &d);
	assert_int_equal(d.config, 0);
	table_desc_get(ts, N - 2, &d);
	assert_int_equal(d.config & OFPTC_EVICTION, OFPTC_EVICTION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_table_that_may_not_evict_is_full),
	    TEST(importance_then_lifetime_then_age),
	    TEST(only_what_counts_decides),
	    TEST(replacing_needs_no_room),
	    TEST(the_table_miss_entry_stays),
	    TEST(an_overlap_is_refused_first),
	    TEST(use_prolongs_an_idle_lifetime),
	    TEST(against_a_search),
	    TEST(an_aborted_transaction_evicts_nothing),
	    TEST(a_transaction_evicts_when_it_is_committed),
	    TEST(what_a_sweep_takes_makes_no_room),
	    TEST(a_sweep_tells_once),
	    TEST(thresholds_have_a_hysteresis),
	    TEST(what_comes_first_depends_on_what_is_free),
	    TEST(a_transaction_tells_once),
	    TEST(bad_configurations_change_nothing),
	    TEST(what_is_set_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
