/* SPDX-License-Identifier: ISC */
/* Transactions against the same changes made one by one: the same result, nothing of it seen before the switch, no trace after an abort. */
#include "txn.h"

#include "clock.h"
#include "groups.h"
#include "meters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define S UINT64_C(1000000000)
#define N_TABLES 3
#define N_ROUNDS 3000

struct side {
	struct counters *counters;
	struct tables *ts;
	unsigned n_removed, n_added, n_modified;
	struct wbuf dump;
};

static struct side one, all; /* changes one by one; changes in transactions */
static int n_held, n_holds, n_switches;
static uint64_t state = 88172645463325252u;

static uint64_t
rnd(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)reason;
	if (r->flags & OFPFF_SEND_FLOW_REM)
		((struct side *)aux)->n_removed++;
}

static void
on_changed(void *aux, const struct rule *r, enum table_flow_event event)
{
	struct side *s = aux;

	(void)r;
	assert_true(s == &one || n_held == 0); /* a million of them may be told of */
	s->n_added += event == TABLE_FLOW_ADDED;
	s->n_modified += event == TABLE_FLOW_MODIFIED;
}

static void
hold(void *aux)
{
	(void)aux;
	assert_int_equal(n_held, 0);
	n_held++;
	n_holds++;
}

static void
release(void *aux)
{
	(void)aux;
	assert_int_equal(n_held, 1);
	n_held--;
}

static void
changed(void *aux)
{
	(void)aux;
	assert_int_equal(n_held, 1);
	n_switches++;
}

static const struct txn_section section = {hold, release, changed};

static void
side_open(struct side *s)
{
	static const struct table_events events = {.flow_removed = on_removed, .flow_changed = on_changed};

	*s = (struct side){.dump = WBUF_INIT(1u << 24)};
	s->counters = counters_create(2);
	s->ts = tables_create(N_TABLES, s->counters, &events, s);
}

static void
side_close(struct side *s)
{
	tables_destroy(s->ts);
	counters_destroy(s->counters);
	wbuf_fini(&s->dump);
}

static int
setup(void **unused)
{
	(void)unused;
	clock_fake_set(1000 * S);
	n_held = n_holds = n_switches = 0;
	side_open(&one);
	side_open(&all);
	return one.ts && all.ts ? 0 : -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	side_close(&one);
	side_close(&all);
	clock_fake_set(0);
	return 0;
}

/* ---- what is there ---- */

static int
compare_rules(const void *a, const void *b)
{
	const struct rule *const *x = a, *const *y = b;
	struct match m[2];
	int d;

	if ((*x)->table_id != (*y)->table_id)
		return (*x)->table_id < (*y)->table_id ? -1 : 1;
	if ((*x)->priority != (*y)->priority)
		return (*x)->priority < (*y)->priority ? -1 : 1;
	rule_match(*x, &m[0]);
	rule_match(*y, &m[1]);
	d = memcmp(&m[0], &m[1], sizeof(m[0]));
	return d;
}

static void
dump_groups(struct side *s)
{
	struct groups *gs = tables_groups(s->ts);
	struct bucket_count counts[8];

	for (const struct group *g = groups_next(gs, 0); g; g = groups_next(gs, g->id + 1)) {
		struct group_stats stats;
		struct group_mod gm;

		assert_true(group_as_mod(g, &gm));
		group_desc_encode(&s->dump, &gm);
		group_mod_fini(&gm);
		group_stats(gs, g, &stats, counts, 8);
		group_stats_encode(&s->dump, &stats);
	}
	wbuf_put_be32(&s->dump, groups_count(gs));
}

static void
dump_meters(struct side *s)
{
	struct meters *ms = tables_meters(s->ts);
	struct bucket_count counts[8];

	for (const struct meter *m = meters_next(ms, 0); m; m = meters_next(ms, m->id + 1)) {
		struct meter_stats stats;
		struct meter_mod mm;

		assert_true(meter_as_mod(m, &mm));
		meter_config_encode(&s->dump, &mm);
		meter_mod_fini(&mm);
		meter_stats(ms, m, &stats, counts, 8);
		meter_stats_encode(&s->dump, &stats);
	}
	wbuf_put_be32(&s->dump, meters_count(ms));
}

/* Everything that a controller could ask for, in an order of its own. */
static void
dump(struct side *s)
{
	struct flow_stats_request req = {.table_id = OFPTT_ALL, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	const struct rule *rules[256], *r;
	struct tables_cursor c;
	size_t n = 0;

	wbuf_reset(&s->dump);
	tables_cursor_init(&c, OFPTT_ALL);
	while ((r = tables_cursor_next(s->ts, &c, &req, UINT32_MAX)) != NULL) {
		assert_true(n < 256);
		rules[n++] = r;
	}
	qsort(rules, n, sizeof(rules[0]), compare_rules);
	for (size_t i = 0; i < n; i++) {
		struct flow_stats fs;

		rule_stats(s->ts, rules[i], &fs);
		flow_stats_encode(&s->dump, &fs);
	}
	for (unsigned i = 0; i < N_TABLES; i++)
		wbuf_put_be32(&s->dump, tables_active(s->ts, (uint8_t)i));
	dump_groups(s);
	dump_meters(s);
	assert_true(wbuf_ok(&s->dump));
}

static void
assert_same(void)
{
	dump(&one);
	dump(&all);
	assert_int_equal(one.dump.len, all.dump.len);
	assert_memory_equal(one.dump.data, all.dump.data, one.dump.len);
}

/* ---- what frames see ---- */

static void
sight(struct side *s, struct wbuf *b)
{
	for (unsigned i = 0; i < 4 * N_TABLES; i++) {
		struct flow_key k = {.in_port = i % 4, .present = OXM_BIT(OXM_IN_PORT)};
		const struct rule *r = tables_lookup(s->ts, (uint8_t)(i / 4), &k);
		struct ofp_insts in = {0};

		if (r)
			rule_insts(r, &in);
		wbuf_put_be64(b, r ? r->cookie : UINT64_MAX);
		wbuf_put_be32(b, r ? r->priority : 0);
		ofp_insts_encode(b, &in);
	}
	for (uint32_t id = 1; id <= 4; id++) {
		const struct group *g = groups_find(tables_groups(s->ts), id);
		const struct meter *m = meters_find(tables_meters(s->ts), id);

		wbuf_put_be32(b, g ? g->type : 9);
		wbuf_put_be32(b, g ? g->n_buckets : 0);
		if (g && g->n_buckets)
			ofp_acts_encode(b, g->buckets[0].set);
		wbuf_put_be32(b, m ? m->bands[0].rate : 0);
	}
}

/* Frames meet rules: counters tell whose they were. */
static void
traffic(void)
{
	for (unsigned i = 0; i < 8; i++) {
		struct flow_key k = {.in_port = (uint32_t)rnd(4), .present = OXM_BIT(OXM_IN_PORT)};
		const uint8_t table = (uint8_t)rnd(N_TABLES);
		const struct rule *a = tables_lookup(one.ts, table, &k), *b = tables_lookup(all.ts, table, &k);

		assert_int_equal(!a, !b);
		if (!a)
			continue;
		counters_add(counters_lane(one.counters, 1), a->counter, 1, 60, (uint32_t)clock_ms());
		counters_add(counters_lane(all.counters, 1), b->counter, 1, 60, (uint32_t)clock_ms());
	}
}

/* ---- changes ---- */

struct change {
	enum { FLOW, GROUP, METER } kind;
	struct flow_mod fm;
	struct group_mod gm;
	struct meter_mod mm;
	struct act_buf acts;
	struct ofp_bucket buckets[2];
	struct ofp_meter_band band;
};

static void
random_flow(struct change *c)
{
	struct flow_mod *fm = &c->fm;

	*fm = (struct flow_mod){.command = (uint8_t)rnd(5),
	                        .table_id = (uint8_t)rnd(N_TABLES),
	                        .priority = (uint16_t)(1 + rnd(2)),
	                        .cookie = 1 + rnd(1000),
	                        .buffer_id = OFP_NO_BUFFER,
	                        .out_port = rnd(6) ? OFPP_ANY : 2,
	                        .out_group = rnd(6) ? OFPG_ANY : 1 + (uint32_t)rnd(3),
	                        .idle_timeout_s = rnd(4) ? 0 : 10,
	                        .hard_timeout_s = rnd(4) ? 0 : 20};
	fm->flags = (uint16_t)((rnd(2) ? OFPFF_SEND_FLOW_REM : 0) | (rnd(4) ? 0 : OFPFF_RESET_COUNTS) |
	                       (rnd(8) ? 0 : OFPFF_CHECK_OVERLAP));
	if (fm->command >= OFPFC_DELETE && !rnd(8))
		fm->table_id = OFPTT_ALL;
	if (rnd(5)) {
		fm->priority =
		    (uint16_t)(fm->priority +
		               2); /* rules of one priority never overlap: who wins would be anybody's guess */
		fm->match.key.in_port = (uint32_t)rnd(4);
		fm->match.mask.in_port = UINT32_MAX;
		fm->match.key.present = fm->match.mask.present = OXM_BIT(OXM_IN_PORT);
	}
	if (rnd(3))
		act_buf_output(&c->acts, (uint32_t)(1 + rnd(3)), 0);
	else
		act_buf_add(&c->acts, OFPAT_GROUP, 0)->id = (uint32_t)(1 + rnd(3));
	fm->insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	fm->insts.apply = act_buf_acts(&c->acts);
	if (!rnd(4)) {
		fm->insts.present |= OFP_INST_BIT(OFPIT_METER);
		fm->insts.meter = (uint32_t)(1 + rnd(3));
	}
}

static void
random_group(struct change *c)
{
	const bool chain = !rnd(4);

	c->gm = (struct group_mod){.command = (uint16_t)rnd(3),
	                           .type = OFPGT_ALL,
	                           .group_id = (uint32_t)(1 + rnd(4)),
	                           .buckets = c->buckets,
	                           .n_buckets = 1 + rnd(2)};
	if (c->gm.command == OFPGC_DELETE && !rnd(6))
		c->gm.group_id = OFPG_ALL;
	if (chain)
		act_buf_add(&c->acts, OFPAT_GROUP, 0)->id = (uint32_t)(1 + rnd(4));
	else
		act_buf_output(&c->acts, (uint32_t)(1 + rnd(3)), 0);
	for (int i = 0; i < 2; i++)
		c->buckets[i] = (struct ofp_bucket){0, OFPP_ANY, OFPG_ANY, act_buf_acts(&c->acts)};
}

static void
random_meter(struct change *c)
{
	c->band = (struct ofp_meter_band){.type = OFPMBT_DROP, .rate = (uint32_t)(1 + rnd(1000))};
	c->mm = (struct meter_mod){.command = (uint16_t)rnd(3),
	                           .flags = OFPMF_KBPS,
	                           .meter_id = (uint32_t)(1 + rnd(4)),
	                           .bands = &c->band,
	                           .n_bands = 1};
	if (c->mm.command == OFPMC_DELETE && !rnd(6))
		c->mm.meter_id = OFPM_ALL;
}

static void
random_change(struct change *c)
{
	const uint64_t r = rnd(10);

	memset(c, 0, sizeof(*c));
	c->acts = (struct act_buf)ACT_BUF_INIT;
	c->kind = r < 6 ? FLOW : r < 8 ? GROUP : METER;
	if (c->kind == FLOW)
		random_flow(c);
	else if (c->kind == GROUP)
		random_group(c);
	else
		random_meter(c);
}

static enum of_error
do_group(struct side *s, const struct group_mod *gm)
{
	struct group_change *gc;
	unsigned removed = 0;
	const enum of_error error = group_mod_prepare(s->ts, gm, &gc);

	if (error)
		return error;
	while (group_change_step(gc, 1000, &removed))
		;
	group_change_commit(gc);
	group_change_free(gc);
	return OF_OK;
}

static enum of_error
do_meter(struct side *s, const struct meter_mod *mm)
{
	struct meter_change *mc;
	unsigned removed = 0;
	const enum of_error error = meter_mod_prepare(s->ts, mm, &mc);

	if (error)
		return error;
	while (meter_change_step(mc, 1000, &removed))
		;
	(void)meter_change_commit(mc);
	meter_change_free(mc);
	return OF_OK;
}

static enum of_error
do_one(struct side *s, const struct change *c)
{
	return c->kind == FLOW    ? tables_flow_mod(s->ts, &c->fm)
	       : c->kind == GROUP ? do_group(s, &c->gm)
	                          : do_meter(s, &c->mm);
}

static enum of_error
do_txn(struct txn *x, const struct change *c)
{
	return c->kind == FLOW    ? txn_flow_mod(x, &c->fm)
	       : c->kind == GROUP ? txn_group_mod(x, &c->gm)
	                          : txn_meter_mod(x, &c->mm);
}

/* The same changes, one by one and in a transaction; what is refused by one is refused by the other. */
static void
test_same_as_one_by_one(void **unused)
{
	struct wbuf before = WBUF_INIT(1u << 20), during = WBUF_INIT(1u << 20);
	unsigned n_errors = 0;

	(void)unused;
	for (int round = 0; round < N_ROUNDS; round++) {
		const unsigned n = 1 + (unsigned)rnd(8);
		struct txn *x = txn_begin(all.ts, &section, NULL);
		enum of_error error = OF_OK;

		assert_non_null(x);
		assert_null(txn_begin(all.ts, &section, NULL));
		wbuf_reset(&before);
		sight(&all, &before);
		for (unsigned i = 0; i < n && !error; i++) {
			struct change c;

			random_change(&c);
			error = do_txn(x, &c);
			assert_int_equal(do_one(&one, &c), error);
			act_buf_fini(&c.acts);
			wbuf_reset(&during);
			sight(&all, &during);
			assert_int_equal(before.len, during.len);
			assert_memory_equal(before.data, during.data, before.len);
		}
		/* what the failed one left undone, 'one' has done: the transaction is committed all the same, which only this test may do */
		n_errors += error != OF_OK;
		txn_commit(x);
		assert_int_equal(n_held, 0);
		assert_int_equal(n_switches, round + 1);
		assert_same();
		traffic();
		if (rnd(4) == 0)
			clock_fake_set(clock_ns() + S);
	}
	assert_int_equal(one.n_removed, all.n_removed);
	assert_true(n_errors > N_ROUNDS / 10 && n_errors < N_ROUNDS);
	wbuf_fini(&before);
	wbuf_fini(&during);
}

static void
test_abort_leaves_no_trace(void **unused)
{
	struct wbuf before = WBUF_INIT(1u << 20), after = WBUF_INIT(1u << 20);

	(void)unused;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct txn *x;
		struct change c;

		/* something to lose */
		random_change(&c);
		assert_int_equal(do_one(&one, &c), do_one(&all, &c));
		act_buf_fini(&c.acts);
		traffic();
		wbuf_reset(&before);
		sight(&all, &before);
		x = txn_begin(all.ts, &section, NULL);
		for (unsigned i = 0; i < 8; i++) {
			random_change(&c);
			(void)do_txn(x, &c);
			act_buf_fini(&c.acts);
		}
		txn_abort(x);
		assert_int_equal(n_held, 0);
		wbuf_reset(&after);
		sight(&all, &after);
		assert_int_equal(before.len, after.len);
		assert_memory_equal(before.data, after.data, before.len);
		assert_same();
	}
	assert_int_equal(n_switches, 0);
	assert_int_equal(one.n_removed, all.n_removed);
	assert_int_equal(one.n_added, all.n_added);
	assert_int_equal(one.n_modified, all.n_modified);
	wbuf_fini(&before);
	wbuf_fini(&after);
}

/* After everything is deleted no counter is left behind or given back twice. */
static void
test_counters_come_back(void **unused)
{
	const uint64_t memory = counters_memory(all.counters);

	(void)unused;
	for (int round = 0; round < 20; round++) {
		struct txn *x = txn_begin(all.ts, &section, NULL);

		for (uint32_t i = 0; i < 2 * COUNTERS_CHUNK; i++) {
			struct flow_mod fm = {
			    .priority = 1, .buffer_id = OFP_NO_BUFFER, .out_port = OFPP_ANY, .out_group = OFPG_ANY};

			fm.match.key.in_port = i;
			fm.match.mask.in_port = UINT32_MAX;
			fm.match.key.present = fm.match.mask.present = OXM_BIT(OXM_IN_PORT);
			fm.command = round % 3 == 1 ? OFPFC_MODIFY : OFPFC_ADD;
			assert_int_equal(txn_flow_mod(x, &fm), OF_OK);
		}
		if (round % 2)
			txn_abort(x);
		else
			txn_commit(x);
	}
	assert_int_equal(tables_active(all.ts, 0), 2 * COUNTERS_CHUNK);
	assert_true(counters_memory(all.counters) - memory <= 3 * 2 * sizeof(struct counter_chunk));
}

/* Thousands of entries at once go by a transaction, few do not; the result is the same. */
static void
a_large_delete_is_known_as_one(void **unused)
{
	struct flow_mod fm = {.command = OFPFC_ADD,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .priority = 7,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY,
	                      .flags = OFPFF_SEND_FLOW_REM};
	struct txn *x;

	(void)unused;
	for (uint64_t i = 0; i < 3000; i++) {
		match_init(&fm.match);
		match_set(&fm.match, OXM_METADATA, &i, NULL);
		assert_int_equal(tables_flow_mod(one.ts, &fm), OF_OK);
		assert_int_equal(tables_flow_mod(all.ts, &fm), OF_OK);
	}
	fm.flags = 0;
	fm.command = OFPFC_DELETE;
	assert_false(tables_is_bulk(all.ts, &fm)); /* one entry */
	match_init(&fm.match);
	fm.command = OFPFC_DELETE_STRICT;
	assert_false(tables_is_bulk(all.ts, &fm));
	fm.command = OFPFC_DELETE;
	assert_true(tables_is_bulk(all.ts, &fm));
	fm.table_id = 1;
	assert_false(tables_is_bulk(all.ts, &fm)); /* it is empty */
	fm.table_id = OFPTT_ALL;
	assert_true(tables_is_bulk(all.ts, &fm));
	x = txn_begin(all.ts, &section, NULL);
	assert_non_null(x);
	assert_int_equal(txn_flow_mod(x, &fm), OF_OK);
	assert_int_equal(tables_active(all.ts, 0), 3000); /* frames still meet them */
	txn_commit(x);
	assert_int_equal(tables_flow_mod(one.ts, &fm), OF_OK);
	assert_int_equal(tables_active(all.ts, 0), 0);
	assert_int_equal(tables_active(one.ts, 0), 0);
	assert_int_equal(all.n_removed, 3000);
	assert_int_equal(one.n_removed, 3000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_large_delete_is_known_as_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_same_as_one_by_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_abort_leaves_no_trace, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_counters_come_back, setup, teardown),
	};

	return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
