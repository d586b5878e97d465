/* SPDX-License-Identifier: ISC */
/* Flow-mods, time-outs and cursors. */
#include "tables.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S UINT64_C(1000000000)

static int removed[4];
static struct counters *counters;
static struct tables *ts;

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)aux;
	if (r->flags & OFPFF_SEND_FLOW_REM)
		removed[reason]++;
}

static int
setup(void **unused)
{
	static const struct table_events events = {.flow_removed = on_removed};

	(void)unused;
	memset(removed, 0, sizeof(removed));
	clock_fake_set(1000 * S);
	counters = counters_create(2);
	ts = tables_create(4, counters, &events, NULL);
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

static struct flow_mod
mod(uint8_t command, uint32_t in_port)
{
	struct flow_mod fm = {.command = command,
	                      .priority = 10,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY,
	                      .flags = OFPFF_SEND_FLOW_REM};

	if (in_port) {
		fm.match.key.in_port = in_port;
		fm.match.mask.in_port = UINT32_MAX;
		fm.match.key.present = fm.match.mask.present = OXM_BIT(OXM_IN_PORT);
	}
	return fm;
}

static const struct rule *
look(uint32_t in_port)
{
	struct flow_key k = {.in_port = in_port, .present = OXM_BIT(OXM_IN_PORT)};

	return tables_lookup(ts, 0, &k);
}

static uint64_t
packets(const struct rule *r)
{
	struct counter_sum sum;

	counters_read(counters, r->counter, &sum);
	return sum.packets;
}

static void
hit(const struct rule *r)
{
	counters_add(counters_lane(counters, 1), r->counter, 1, 60, (uint32_t)clock_ms());
}

static void
test_add_replaces(void **unused)
{
	struct flow_mod fm = mod(OFPFC_ADD, 1);

	(void)unused;
	fm.cookie = 1;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	hit(look(1));
	fm.cookie = 2;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(tables_active(ts, 0), 1);
	assert_int_equal(look(1)->cookie, 2);
	assert_int_equal(packets(look(1)), 1);
	fm.flags |= OFPFF_RESET_COUNTS;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(packets(look(1)), 0);
	assert_int_equal(removed[OFPRR_DELETE], 0);
}

static void
counters_that_are_not_kept_read_as_ones(void **unused)
{
	struct flow_mod fm = mod(OFPFC_ADD, 1);
	struct flow_stats fs;

	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		fm.flags = (uint16_t)((i & 1 ? OFPFF_NO_PKT_COUNTS : 0) | (i & 2 ? OFPFF_NO_BYT_COUNTS : 0));
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
		rule_stats(ts, look(1), &fs);
		assert_int_equal(fs.flags, fm.flags);
		assert_true(fs.packet_count == (i & 1 ? UINT64_MAX : 0));
		assert_true(fs.byte_count == (i & 2 ? UINT64_MAX : 0));
	}
	fm = mod(OFPFC_DELETE, 1);
	fm.flags = 0xffff; /* mean nothing (X17) */
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(tables_active(ts, 0), 0);
}

static void
test_errors(void **unused)
{
	struct flow_mod fm = mod(OFPFC_ADD, 1);

	(void)unused;
	fm.table_id = 4;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_BAD_TABLE_ID);
	fm.table_id = 3;
	fm.insts.present = OFP_INST_BIT(OFPIT_GOTO_TABLE);
	fm.insts.goto_table = 3;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_BAD_TABLE_ID);
	fm.insts.goto_table = 4;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_BAD_TABLE_ID);
	fm = mod(5, 1);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_BAD_COMMAND);
	fm = mod(OFPFC_ADD, 1);
	fm.flags = 0x20;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_BAD_FLAGS);
	fm = mod(OFPFC_ADD, 1);
	fm.buffer_id = 7;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBRC_BUFFER_UNKNOWN);
	fm = mod(OFPFC_ADD, 1);
	fm.insts.present = OFP_INST_BIT(OFPIT_METER);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPMMFC_INVALID_METER);
	fm = mod(OFPFC_ADD, 1);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	fm = mod(OFPFC_ADD, 0);
	fm.flags |= OFPFF_CHECK_OVERLAP;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_OVERLAP);
	assert_int_equal(tables_active(ts, 0), 1);
}

static void
test_modify_and_delete(void **unused)
{
	struct flow_mod fm = mod(OFPFC_ADD, 1);

	(void)unused;
	fm.cookie = 5;
	tables_flow_mod(ts, &fm);
	fm = mod(OFPFC_ADD, 2);
	fm.cookie = 6;
	tables_flow_mod(ts, &fm);
	hit(look(1));
	fm = mod(OFPFC_MODIFY, 0);
	fm.cookie = 9;
	fm.insts.present = OFP_INST_BIT(OFPIT_GOTO_TABLE);
	fm.insts.goto_table = 2;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(look(1)->cookie, 5);
	assert_int_equal(look(1)->inst_present, fm.insts.present);
	assert_int_equal(packets(look(1)), 1);
	fm = mod(OFPFC_DELETE_STRICT, 0);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(tables_active(ts, 0), 2);
	fm = mod(OFPFC_DELETE, 0);
	fm.table_id = OFPTT_ALL;
	fm.cookie = 6;
	fm.cookie_mask = UINT64_MAX;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_null(look(2));
	fm.cookie_mask = 0;
	fm.out_port = 3;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_non_null(look(1));
	fm.out_port = OFPP_ANY;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(tables_active(ts, 0), 0);
	assert_int_equal(removed[OFPRR_DELETE], 2);
}

static void
nothing(void *aux)
{
	(void)aux;
}

static bool
expire_all(void)
{
	static const struct txn_section section = {nothing, nothing, nothing};

	return tables_expire(ts, &section, NULL, 10);
}

static void
test_expiry(void **unused)
{
	struct flow_mod fm = mod(OFPFC_ADD, 1);

	(void)unused;
	fm.idle_timeout_s = 5;
	tables_flow_mod(ts, &fm);
	fm = mod(OFPFC_ADD, 2);
	fm.hard_timeout_s = 7;
	tables_flow_mod(ts, &fm);
	clock_fake_set(1004 * S);
	hit(look(1));
	clock_fake_set(1008 * S);
	assert_false(expire_all());
	assert_non_null(look(1));
	assert_null(look(2));
	assert_int_equal(removed[OFPRR_HARD_TIMEOUT], 1);
	clock_fake_set(1009 * S);
	assert_false(expire_all());
	assert_null(look(1));
	assert_int_equal(removed[OFPRR_IDLE_TIMEOUT], 1);
}

static void
test_cursor(void **unused)
{
	const struct flow_stats_request req = {.table_id = OFPTT_ALL, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	struct tables_cursor c;
	unsigned n = 0;

	(void)unused;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct flow_mod fm = mod(OFPFC_ADD, i);

		fm.table_id = (uint8_t)(i % 4);
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	}
	tables_cursor_init(&c, OFPTT_ALL);
	while (!c.done) {
		if (tables_cursor_next(ts, &c, &req, 10) && ++n == 500) {
			struct flow_mod fm = mod(OFPFC_DELETE, 0);

			fm.table_id = 3;
			tables_flow_mod(ts, &fm);
		}
	}
	assert_int_equal(n, 750);
}

/* Instructions that are the same are kept once, and each entry changes its own alone. */
static void
entries_share_short_instructions(void **unused)
{
	struct ofp_insts in[3];
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;

	(void)unused;
	act_buf_output(&acts, 7, 0);
	for (uint32_t i = 1; i <= 3; i++) {
		fm = mod(OFPFC_ADD, i);
		fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
		fm.insts.apply = act_buf_acts(&acts);
		if (i == 3) { /* the same list, for another purpose */
			fm.insts.present = OFP_INST_BIT(OFPIT_WRITE_ACTIONS);
			fm.insts.write = fm.insts.apply;
			fm.insts.apply = (struct ofp_acts){0};
		}
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	}
	for (uint32_t i = 1; i <= 3; i++)
		rule_insts(look(i), &in[i - 1]);
	assert_ptr_equal(in[0].apply.data, in[1].apply.data);
	assert_int_equal(in[0].apply.len, acts.b.len);
	assert_int_equal(in[2].apply.len, 0);
	assert_memory_equal(in[2].write.data, acts.b.data, acts.b.len);
	fm = mod(OFPFC_MODIFY, 2);
	fm.insts.present = OFP_INST_BIT(OFPIT_GOTO_TABLE);
	fm.insts.goto_table = 1;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	rule_insts(look(1), &in[0]);
	rule_insts(look(2), &in[1]);
	assert_memory_equal(in[0].apply.data, acts.b.data, acts.b.len);
	assert_int_equal(in[0].apply.len, acts.b.len);
	assert_int_equal(in[1].apply.len, 0);
	assert_int_equal(in[1].goto_table, 1);
	act_buf_fini(&acts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_add_replaces, setup, teardown),
	    cmocka_unit_test_setup_teardown(counters_that_are_not_kept_read_as_ones, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_modify_and_delete, setup, teardown),
	    cmocka_unit_test_setup_teardown(entries_share_short_instructions, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_expiry, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_cursor, setup, teardown),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
