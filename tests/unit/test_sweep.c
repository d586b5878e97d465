/* SPDX-License-Identifier: ISC */
/* Sweeps: what vanishes, when, and what others may do meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "sweep.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

#define N 5000u
#define S UINT64_C(1000000000)

static struct counters *counters;
static struct tables *ts;
static unsigned depth, n_sections, n_switched, n_removed, n_added;
static enum ofp_flow_removed_reason reasons; /* the last one */
static uint64_t last_removed, last_added; /* which event came when: cookies, of the last */
static unsigned order, removed_at, added_at;

static void
hold(void *aux)
{
	(void)aux;
	assert_int_equal(depth++, 0);
	n_sections++;
}

static void
release(void *aux)
{
	(void)aux;
	assert_int_equal(--depth, 0);
}

static void
changed(void *aux)
{
	(void)aux;
	assert_int_equal(depth, 1);
}

static const struct txn_section section = {hold, release, changed};

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	struct match m;

	(void)aux;
	rule_match(r, &m); /* it is whole */
	n_removed++;
	reasons = reason;
	last_removed = r->cookie;
	removed_at = ++order;
}

static void
on_changed(void *aux, const struct rule *r, enum table_flow_event event)
{
	(void)aux;
	if (event != TABLE_FLOW_ADDED)
		return;
	n_added++;
	last_added = r->cookie;
	added_at = ++order;
}

static int
setup(void **unused)
{
	static const struct table_events events = {.flow_removed = on_removed, .flow_changed = on_changed};

	(void)unused;
	clock_fake_set(1000 * S);
	counters = counters_create(2);
	ts = tables_create(4, counters, &events, NULL);
	n_sections = n_switched = n_removed = n_added = order = removed_at = added_at = 0;
	return 0;
}

static int
teardown(void **unused)
{
	(void)unused;
	assert_int_equal(depth, 0);
	tables_destroy(ts);
	counters_destroy(counters);
	clock_fake_set(0);
	return 0;
}

static struct flow_mod
mod(uint8_t table_id, uint32_t in_port, uint64_t cookie)
{
	struct flow_mod fm = {.table_id = table_id,
	                      .priority = 7,
	                      .cookie = cookie,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY};
	const be32 port = host_to_be32(in_port);

	match_init(&fm.match);
	match_set(&fm.match, OXM_IN_PORT, &port, NULL);
	return fm;
}

static void
add(uint8_t table_id, uint32_t in_port, uint64_t cookie)
{
	const struct flow_mod fm = mod(table_id, in_port, cookie);

	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
}

static void
fill(void)
{
	for (uint32_t i = 1; i <= N; i++) {
		add(0, i, i % 2);
		add(1, i, i % 2);
	}
	n_added = 0;
}

static const struct rule *
look(uint8_t table_id, uint32_t in_port)
{
	struct flow_key key;

	memset(&key, 0, sizeof(key));
	key.in_port = host_to_be32(in_port);
	key.present = OXM_BIT(OXM_IN_PORT);
	return tables_lookup(ts, table_id, &key);
}

static unsigned
count(uint8_t table_id)
{
	const struct flow_stats_request req = {.table_id = table_id, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	struct tables_cursor c;
	unsigned n = 0;

	tables_cursor_init(&c, table_id);
	while (tables_cursor_next(ts, &c, &req, UINT32_MAX))
		n++;
	return n;
}

static bool
odd(void *aux, const struct rule *r)
{
	(void)aux;
	return r->cookie == 1;
}

static void
on_switch(void *aux)
{
	assert_ptr_equal(aux, &n_switched);
	assert_int_equal(depth, 1);
	n_switched++;
}

/* One step, as short as it can be: the clock has passed its end when it is first looked at. */
static enum sweep_state
step(void)
{
	return sweep_step(ts, clock_ns() - 1);
}

static void
test_choosy(void **unused)
{
	const struct sweep_plan plan = {OFPTT_ALL, OFPRR_DELETE, odd, on_switch, &n_switched};
	unsigned steps = 0;
	enum sweep_state state;

	(void)unused;
	fill();
	assert_true(sweep_begin(ts, &plan, &section, NULL));
	assert_false(sweep_begin(ts, &plan, &section, NULL));
	assert_null(txn_begin(ts, &section, NULL));
	while ((state = step()) == SWEEP_LOOKS) {
		assert_non_null(look(0, 1)); /* all are there, or none */
		assert_non_null(look(1, N - 1));
		assert_int_equal(count(0), N);
		assert_int_equal(tables_active(ts, 0), N);
		assert_int_equal(n_switched, 0);
		steps++;
	}
	assert_true(steps > 10);
	assert_int_equal(n_switched, 1);
	for (; state == SWEEP_REMOVES; state = step(), steps++) {
		assert_null(look(0, 1));
		assert_null(look(1, N - 1));
		assert_non_null(look(0, 2));
		assert_int_equal(count(1), N / 2);
		assert_int_equal(tables_active(ts, 1), N / 2);
	}
	assert_int_equal(state, SWEEP_DONE);
	assert_true(steps > 20);
	assert_int_equal(n_removed, N);
	assert_int_equal(reasons, OFPRR_DELETE);
	assert_int_equal(count(0) + count(1), N);
	assert_non_null(look(1, N));
}

/* Of one table, all: the section is one, whatever the size. */
static void
test_whole_table(void **unused)
{
	const struct sweep_plan plan = {1, OFPRR_DELETE, NULL, NULL, NULL};
	unsigned steps = 0;

	(void)unused;
	fill();
	assert_true(sweep_begin(ts, &plan, &section, NULL));
	for (enum sweep_state state = step(); state != SWEEP_DONE; state = step(), steps++) {
		assert_int_equal(state, SWEEP_REMOVES);
		assert_null(look(1, 1));
		assert_int_equal(tables_active(ts, 1), 0);
		assert_non_null(look(0, 1));
	}
	assert_true(steps > 10);
	assert_int_equal(n_sections, 1);
	assert_int_equal(n_removed, N);
	assert_int_equal(count(0), N);
	assert_int_equal(count(1), 0);
	add(1, 1, 5);
	assert_non_null(look(1, 1));
}

/* Between the switch and the end flows come and go as ever, and one that comes back is told of in order. */
static void
others(bool choosy)
{
	const struct sweep_plan plan = {OFPTT_ALL, OFPRR_GROUP_DELETE, choosy ? odd : NULL, NULL, NULL};
	struct flow_mod fm = mod(0, N - 1, 0);

	fill();
	assert_true(sweep_begin(ts, &plan, &section, NULL));
	while (step() == SWEEP_LOOKS)
		;
	add(0, N - 1, 77); /* the last of those that have vanished */
	assert_int_equal(last_removed, 1);
	assert_int_equal(reasons, OFPRR_GROUP_DELETE);
	assert_int_equal(last_added, 77);
	assert_true(removed_at < added_at);
	add(0, N - 1, 78); /* in its place, no removal */
	assert_int_equal(added_at, removed_at + 1);
	assert_int_equal(look(0, N - 1)->cookie, 78);
	add(1, N + 1, 79);
	fm.command = OFPFC_DELETE_STRICT;
	fm.table_id = 1;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK); /* it is gone already: nothing to do */
	while (step() != SWEEP_DONE)
		;
	assert_int_equal(look(0, N - 1)->cookie, 78);
	assert_int_equal(look(1, N + 1)->cookie, 79);
	assert_null(look(1, N - 1));
	assert_int_equal(n_removed, choosy ? N : 2 * N);
	assert_int_equal(count(0), (choosy ? N / 2 : 0) + 1);
}

static void
test_others_meanwhile(void **unused)
{
	(void)unused;
	others(true);
}

static void
test_others_meanwhile_whole(void **unused)
{
	(void)unused;
	others(false);
}

/* Time-outs come first while entries are looked for, and have no say after the switch. */
static void
test_time_outs(void **unused)
{
	for (unsigned choosy = 0; choosy < 2; choosy++) {
		const struct sweep_plan plan = {0, OFPRR_DELETE, choosy ? odd : NULL, NULL, NULL};

		n_removed = 0;
		for (uint32_t i = 1; i <= N; i++) {
			struct flow_mod fm = mod(0, i, 1);

			fm.hard_timeout_s = 5;
			assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
		}
		assert_true(sweep_begin(ts, &plan, &section, NULL));
		if (choosy)
			assert_int_equal(step(), SWEEP_LOOKS);
		else
			assert_int_equal(step(), SWEEP_REMOVES);
		clock_fake_set(clock_ns() + 6 * S);
		while (tables_expire(ts, &section, NULL, UINT32_MAX))
			;
		if (choosy) {
			assert_int_equal(n_removed, N);
			assert_int_equal(reasons, OFPRR_HARD_TIMEOUT);
		} else {
			assert_true(n_removed < N);
		}
		while (step() != SWEEP_DONE)
			;
		assert_int_equal(n_removed, N);
		assert_int_equal(reasons, choosy ? OFPRR_HARD_TIMEOUT : OFPRR_DELETE);
		assert_int_equal(count(0), 0);
	}
	(void)unused;
}

/* The switch stops with a sweep half done: nothing leaks (a sanitizer sees it). */
static void
test_left_open(void **unused)
{
	const struct sweep_plan plan = {OFPTT_ALL, OFPRR_DELETE, NULL, NULL, NULL};

	(void)unused;
	fill();
	assert_true(sweep_begin(ts, &plan, &section, NULL));
	assert_int_equal(step(), SWEEP_REMOVES);
}

/* Deleting by flow-mod in one go and by sweep leaves the same. */
static void
test_delete_wants(void **unused)
{
	struct flow_mod fm = mod(OFPTT_ALL, 1, 1);
	const struct sweep_plan plan = {OFPTT_ALL, OFPRR_DELETE, tables_delete_wants, NULL, &fm};

	(void)unused;
	fill();
	match_init(&fm.match);
	fm.command = OFPFC_DELETE;
	assert_true(tables_delete_is_total(&fm));
	fm.cookie_mask = UINT64_MAX;
	assert_false(tables_delete_is_total(&fm));
	assert_true(tables_is_bulk(ts, &fm));
	assert_true(sweep_begin(ts, &plan, &section, NULL));
	assert_int_equal(sweep_step(ts, UINT64_MAX), SWEEP_DONE);
	assert_int_equal(count(OFPTT_ALL), N);
	fm.cookie = 0;
	fm.out_port = 3; /* no rule has outputs */
	assert_true(sweep_begin(ts, &plan, &section, NULL));
	assert_int_equal(sweep_step(ts, UINT64_MAX), SWEEP_DONE);
	assert_int_equal(count(OFPTT_ALL), N);
	fm.out_port = OFPP_ANY;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(count(OFPTT_ALL), 0);
}

/* A transaction that puts others in the place of all flows, between two parts of a reply: each is told of once. */
static void
test_reply_through_a_transaction(void **unused)
{
	const struct flow_stats_request req = {.table_id = 0, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	static uint8_t told[N + 1];
	const struct rule *r;
	struct tables_cursor c;

	(void)unused;
	memset(told, 0, sizeof(told));
	fill();
	tables_cursor_init(&c, 0);
	for (unsigned part = 0; part < 3; part++) {
		struct txn *x = txn_begin(ts, &section, NULL);

		assert_non_null(x);
		for (uint32_t i = 1; i <= N; i++) {
			const struct flow_mod fm = mod(0, i, part);

			assert_int_equal(txn_flow_mod(x, &fm), OF_OK);
			if (i % 7 == 0)
				assert_int_equal(txn_flow_mod(x, &fm), OF_OK); /* and another in its place */
		}
		txn_commit(x);
		for (unsigned n = 0; (part == 2 || n < N / 3) && (r = tables_cursor_next(ts, &c, &req, UINT32_MAX));
		     n++) {
			struct match m;

			rule_match(r, &m);
			assert_int_equal(r->cookie, part);
			told[be32_to_host(m.key.in_port)]++;
		}
	}
	for (uint32_t i = 1; i <= N; i++)
		assert_int_equal(told[i], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_choosy, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_whole_table, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_others_meanwhile, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_others_meanwhile_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_time_outs, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_left_open, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_delete_wants, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reply_through_a_transaction, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
