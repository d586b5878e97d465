/* SPDX-License-Identifier: ISC */
/* Programs that the tables give for a key. */
#include "pipeline.h"

#include "meters.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct counters *counters;
static struct tables *ts;
static struct pipeline pl;
static struct dp_program prog;
static struct act_buf buf;

static int
setup(void **unused)
{
	(void)unused;
	counters = counters_create(1);
	ts = tables_create(4, counters, NULL, NULL);
	pl = (struct pipeline){.tables = ts};
	buf = (struct act_buf)ACT_BUF_INIT;
	return 0;
}

static int
teardown(void **unused)
{
	(void)unused;
	act_buf_fini(&buf);
	tables_destroy(ts);
	counters_destroy(counters);
	return 0;
}

/* A rule that takes everything in 'table', or what has 'metadata'. */
static void
add(uint8_t table, uint16_t priority, uint64_t metadata, struct ofp_insts in)
{
	struct flow_mod fm = {.table_id = table, .priority = priority, .buffer_id = OFP_NO_BUFFER, .insts = in};

	if (metadata) {
		fm.match.key.metadata = metadata;
		fm.match.mask.metadata = UINT64_MAX;
		fm.match.key.present = fm.match.mask.present = OXM_BIT(OXM_METADATA);
	}
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	act_buf_reset(&buf);
}

static struct ofp_insts
insts(unsigned present, uint8_t next)
{
	struct ofp_insts in = {.present = (uint8_t)present, .goto_table = next};

	in.apply = in.write = act_buf_acts(&buf);
	return in;
}

static struct flow_key
key(void)
{
	return (struct flow_key){.in_port = htonl(1),
	                         .present = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_ETH_DST) |
	                                    OXM_BIT(OXM_ETH_SRC) | OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_VLAN_VID)};
}

static void
run(const struct flow_key *k, const uint8_t *resume, size_t len)
{
	dp_program_init(&prog);
	pipeline_translate(&pl, k, resume, len, &prog);
}

static const struct dp_op *
op(unsigned n)
{
	const struct dp_op *o = dp_op_first(prog.ops);

	while (n-- && dp_op_in(o, prog.ops, prog.ops_len))
		o = dp_op_next(o);
	assert_true(dp_op_in(o, prog.ops, prog.ops_len));
	return o;
}

static void
test_miss(void **unused)
{
	struct flow_key k = key();

	(void)unused;
	run(&k, NULL, 0);
	assert_int_equal(((const struct dp_op_drop *)(const void *)op(0))->reason, DP_DROP_NO_MATCH);
	act_buf_output(&buf, OFPP_CONTROLLER, 128);
	add(0, 0, 0, insts(OFP_INST_BIT(OFPIT_APPLY_ACTIONS), 0));
	run(&k, NULL, 0);
	assert_int_equal(op(0)->type, DP_OP_CONTROLLER);
	assert_int_equal(((const struct dp_op_controller *)(const void *)op(0))->reason, OFPR_NO_MATCH);
	assert_int_equal(((const struct dp_op_controller *)(const void *)op(0))->max_len, 128);
	assert_int_equal(prog.n_credits, 2);
	add(0, 9, 0, insts(0, 0));
	run(&k, NULL, 0);
	assert_int_equal(((const struct dp_op_drop *)(const void *)op(0))->reason, DP_DROP_NO_ACTION);
}

static uint8_t
reason_of_first(void)
{
	assert_int_equal(op(0)->type, DP_OP_CONTROLLER);
	return ((const struct dp_op_controller *)(const void *)op(0))->reason;
}

/* 5.4: the walk ends at a table-miss entry; what it has written itself is a miss, what another entry has written is not. */
static void
test_miss_and_the_action_set(void **unused)
{
	struct flow_key k = key();

	(void)unused;
	act_buf_output(&buf, OFPP_CONTROLLER, 128);
	add(0, 5, 0, insts(OFP_INST_BIT(OFPIT_WRITE_ACTIONS) | OFP_INST_BIT(OFPIT_GOTO_TABLE), 1));
	add(1, 0, 0, insts(0, 0));
	run(&k, NULL, 0);
	assert_int_equal(reason_of_first(), OFPR_ACTION);
	act_buf_output(&buf, OFPP_CONTROLLER, 128);
	add(1, 0, 0, insts(OFP_INST_BIT(OFPIT_WRITE_ACTIONS), 0));
	run(&k, NULL, 0);
	assert_int_equal(reason_of_first(), OFPR_NO_MATCH);
}

/* goto, metadata, the action set in its own order, apply before it. */
static void
test_walk(void **unused)
{
	static const uint8_t mac[16] = {2, 3, 4, 5, 6, 7};
	struct flow_key k = key();
	struct ofp_insts in;

	(void)unused;
	act_buf_output(&buf, 2, 0);
	act_buf_set_field(&buf, OXM_ETH_DST, mac);
	act_buf_add(&buf, OFPAT_PUSH_VLAN, 0)->ethertype = 0x8100;
	in = insts(
	    OFP_INST_BIT(OFPIT_WRITE_ACTIONS) | OFP_INST_BIT(OFPIT_WRITE_METADATA) | OFP_INST_BIT(OFPIT_GOTO_TABLE), 2);
	in.metadata = 0xab00000000000001;
	in.metadata_mask = UINT64_MAX;
	add(0, 5, 0, in);
	act_buf_output(&buf, 7, 0);
	act_buf_set_field(&buf, OXM_ETH_SRC, mac);
	add(2, 5, __builtin_bswap64(0xab00000000000001), insts(OFP_INST_BIT(OFPIT_APPLY_ACTIONS), 0));
	run(&k, NULL, 0);
	assert_int_equal(prog.n_credits, 4);
	assert_int_equal(((const struct dp_op_output *)(const void *)op(0))->port_no, 7);
	assert_int_equal(((const struct dp_op_set_field *)(const void *)op(1))->field, OXM_ETH_SRC);
	assert_int_equal(op(2)->type, DP_OP_PUSH_VLAN);
	assert_int_equal(((const struct dp_op_set_field *)(const void *)op(3))->field, OXM_ETH_DST);
	assert_int_equal(((const struct dp_op_output *)(const void *)op(4))->port_no, 2);
}

static void
test_reparse(void **unused)
{
	struct flow_key k = key();
	struct dp_program first;
	const struct dp_op_reparse *r;

	(void)unused;
	k.present |= OXM_BIT(OXM_MPLS_LABEL) | OXM_BIT(OXM_MPLS_TC) | OXM_BIT(OXM_MPLS_BOS);
	k.eth_type = htons(0x8847);
	act_buf_output(&buf, 4, 0);
	add(0, 5, 0, insts(OFP_INST_BIT(OFPIT_WRITE_ACTIONS) | OFP_INST_BIT(OFPIT_GOTO_TABLE), 1));
	act_buf_add(&buf, OFPAT_POP_MPLS, 0)->ethertype = 0x0800;
	/* POP_MPLS wants an MPLS match. */
	struct flow_mod fm = {.table_id = 1, .buffer_id = OFP_NO_BUFFER};
	fm.match.key.eth_type = k.eth_type;
	fm.match.mask.eth_type = UINT16_MAX;
	fm.match.key.present = fm.match.mask.present = OXM_BIT(OXM_ETH_TYPE);
	fm.insts = insts(OFP_INST_BIT(OFPIT_APPLY_ACTIONS) | OFP_INST_BIT(OFPIT_GOTO_TABLE), 2);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	act_buf_reset(&buf);
	add(2, 0, 0, insts(0, 0));
	run(&k, NULL, 0);
	assert_int_equal(op(0)->type, DP_OP_POP_MPLS);
	assert_int_equal(op(1)->type, DP_OP_REPARSE);
	first = prog;
	r = (const struct dp_op_reparse *)(const void *)((const uint8_t *)op(1) - prog.ops + first.ops);
	k = key();
	run(&k, r->resume, r->resume_len);
	assert_int_equal(prog.n_credits, 2);
	assert_int_equal(((const struct dp_op_output *)(const void *)op(0))->port_no, 4);
	run(&k, r->resume, 3);
	assert_int_equal(((const struct dp_op_drop *)(const void *)op(0))->reason, DP_DROP_MALFORMED);
}

static void
test_packet_out(void **unused)
{
	struct flow_key k = key();

	(void)unused;
	act_buf_output(&buf, OFPP_TABLE, 0);
	dp_program_init(&prog);
	pipeline_translate_packet_out(&pl, &k, act_buf_acts(&buf), &prog);
	assert_int_equal(op(0)->type, DP_OP_REPARSE);
	pl.standalone = true;
	run(&k, NULL, 0);
	assert_int_equal(op(0)->type, DP_OP_NORMAL);
}

static void
test_normal(void **unused)
{
	struct flow_key k = key();
	struct dp_normal n;

	(void)unused;
	pl.macs = mac_table_create(10, 300);
	memcpy(k.eth_src, "\2\0\0\0\0\1", 6);
	memcpy(k.eth_dst, "\2\0\0\0\0\2", 6);
	pipeline_normal(&pl, &k, 1, &n);
	assert_int_equal(n.verdict, DP_NORMAL_FLOOD);
	assert_true(n.learn);
	mac_table_learn(pl.macs, k.eth_dst, 0, 2, 1);
	pipeline_normal(&pl, &k, 1, &n);
	assert_int_equal(n.verdict, DP_NORMAL_UNICAST);
	assert_int_equal(n.port_no, 2);
	mac_table_learn(pl.macs, k.eth_dst, 0, 1, 1);
	pipeline_normal(&pl, &k, 1, &n);
	assert_int_equal(n.reason, DP_DROP_SAME_PORT);
	memcpy(k.eth_dst, "\x01\x80\xc2\0\0\x0e", 6);
	pipeline_normal(&pl, &k, 1, &n);
	assert_int_equal(n.reason, DP_DROP_RESERVED_MAC);
	mac_table_destroy(pl.macs);
}

/* A table that comes after a remark band is asked about the frame that the band has left; after a drop band nothing has changed. */
static void
test_remark_is_seen_by_later_tables(void **unused)
{
	struct ofp_meter_band band = {OFPMBT_DROP, 1000, 0, 1};
	struct meter_mod mm = {OFPMC_ADD, OFPMF_KBPS, 1, &band, 1};
	struct ofp_insts in = insts(OFP_INST_BIT(OFPIT_METER) | OFP_INST_BIT(OFPIT_GOTO_TABLE), 1);
	struct flow_key k = key();

	(void)unused;
	for (unsigned remark = 0; remark < 2; remark++) {
		struct meter_change *c;
		bool reparse = false;

		band.type = remark ? OFPMBT_DSCP_REMARK : OFPMBT_DROP;
		assert_int_equal(meter_mod_prepare(ts, &mm, &c), OF_OK);
		assert_int_equal(meter_change_commit(c), remark);
		meter_change_free(c);
		mm.command = OFPMC_MODIFY;
		in.meter = 1;
		add(0, 5, 0, in);
		for (unsigned ip = 0; ip < 2; ip++) {
			k.present = ip ? k.present | OXM_BIT(OXM_IP_DSCP) : k.present & ~OXM_BIT(OXM_IP_DSCP);
			run(&k, NULL, 0);
			reparse = false;
			for (const struct dp_op *op = dp_op_first(prog.ops); dp_op_in(op, prog.ops, prog.ops_len);
			     op = dp_op_next(op))
				reparse |= op->type == DP_OP_REPARSE;
			assert_int_equal(dp_op_first(prog.ops)->type, DP_OP_METER);
			assert_int_equal(reparse, remark && ip);
		}
	}
}

/* Each table's meter measures what the tables before have let through. */
static void
test_meters_of_several_tables(void **unused)
{
	struct ofp_meter_band band = {OFPMBT_DROP, 1000, 0, 1};
	const struct flow_key k = key();

	(void)unused;
	for (unsigned t = 0; t < 3; t++) {
		struct meter_mod mm = {OFPMC_ADD, OFPMF_KBPS, t + 1, &band, 1};
		struct ofp_insts in =
		    insts(OFP_INST_BIT(OFPIT_METER) | (t < 2 ? OFP_INST_BIT(OFPIT_GOTO_TABLE) : 0u), (uint8_t)(t + 1));
		struct meter_change *c;

		assert_int_equal(meter_mod_prepare(ts, &mm, &c), OF_OK);
		(void)meter_change_commit(c);
		meter_change_free(c);
		in.meter = t + 1;
		add((uint8_t)t, 5, 0, in);
	}
	run(&k, NULL, 0);
	for (unsigned t = 0; t < 3; t++) {
		const struct dp_op_meter *m = (const struct dp_op_meter *)(const void *)op(t);

		assert_int_equal(m->op.type, DP_OP_METER);
		assert_int_equal(m->id, t + 1);
		/* a table's lookup and its entry: what a frame that is dropped here counts */
		assert_int_equal(m->n_credits, 2 * (t + 1));
	}
}

static void
test_counts_that_are_not_kept(void **unused)
{
	static const struct {
		uint16_t flags, idle;
		unsigned n_credits;
		enum dp_credit_kind kind;
	} rows[] = {
	    {0, 0, 2, DP_CREDIT_RULE},
	    {OFPFF_NO_PKT_COUNTS, 0, 2, DP_CREDIT_RULE_BYTES},
	    {OFPFF_NO_BYT_COUNTS, 0, 2, DP_CREDIT_RULE_PACKETS},
	    {OFPFF_NO_PKT_COUNTS | OFPFF_NO_BYT_COUNTS, 5, 2, DP_CREDIT_RULE_USE},
	    {OFPFF_NO_PKT_COUNTS | OFPFF_NO_BYT_COUNTS, 0, 1, DP_CREDIT_TABLE_HIT},
	};
	struct flow_key k = key();

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct flow_mod fm = {
		    .flags = rows[i].flags, .idle_timeout_s = rows[i].idle, .buffer_id = OFP_NO_BUFFER};

		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
		run(&k, NULL, 0);
		assert_int_equal(prog.n_credits, rows[i].n_credits);
		assert_int_equal(prog.credits[prog.n_credits - 1].kind, rows[i].kind);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_miss, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_miss_and_the_action_set, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_walk, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reparse, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_remark_is_seen_by_later_tables, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_meters_of_several_tables, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_packet_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_normal, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_counts_that_are_not_kept, setup, teardown),
	};

	return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
