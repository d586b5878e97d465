/* SPDX-License-Identifier: ISC */
/* The choice of a bucket: shares by weight, which flows move when buckets change, what the hash covers; and groups as programs. */
#include "pipeline.h"
#include "select.h"

#include "groups.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SEED 42u
#define FLOWS 200000u

static struct counters *counters;
static struct tables *ts;
static struct groups *gs;
static struct pipeline pl;
static struct ofp_bucket buckets[64];
static uint8_t mem[64][16] __attribute__((aligned(8)));

static int
setup(void **unused)
{
	(void)unused;
	counters = counters_create(1);
	ts = tables_create(4, counters, NULL, NULL);
	gs = tables_groups(ts);
	pl = (struct pipeline){.tables = ts};
	for (uint32_t port = 1; port <= 64; port++)
		groups_port_live(gs, port, true);
	return 0;
}

static int
teardown(void **unused)
{
	(void)unused;
	tables_destroy(ts);
	counters_destroy(counters);
	return 0;
}

/* Buckets to ports 1 to n, which they watch, of these weights. */
static void
put(uint16_t command, uint8_t type, unsigned n, const uint16_t *weights)
{
	struct group_mod gm = {command, type, 1, buckets, n};
	struct group_change *c;

	for (unsigned i = 0; i < n; i++) {
		struct act_buf b = ACT_BUF_INIT;

		act_buf_output(&b, i + 1, 0);
		memcpy(mem[i], b.b.data, b.b.len);
		act_buf_fini(&b);
		buckets[i] = (struct ofp_bucket){weights ? weights[i] : 0, i + 1, OFPG_ANY, {mem[i], 16}};
	}
	assert_int_equal(group_mod_prepare(ts, &gm, &c), OF_OK);
	group_change_commit(c);
	group_change_free(c);
}

/* A TCP flow; 'i' says which. */
static struct flow_key
flow(uint32_t i)
{
	struct flow_key k;

	memset(&k, 0, sizeof(k));
	k.present = OXM_BIT(OXM_IPV4_SRC) | OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_IP_DSCP);
	k.eth_type = htons(0x0800);
	k.ip_proto = 6;
	k.ipv4_src = htonl(0x0a000000 | i >> 8);
	k.ipv4_dst = htonl(0x0a010001);
	k.tcp_src = htons((uint16_t)(1024 + i % 256));
	k.tcp_dst = htons(80);
	return k;
}

static int
choose(uint32_t i)
{
	const struct flow_key k = flow(i);

	return select_bucket(groups_find(gs, 1), select_hash(&k, SEED));
}

/* Each share is within five standard deviations of its weight's. */
static void
assert_shares(unsigned n, const uint16_t *weights)
{
	unsigned count[64] = {0};
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += weights[i];
	for (uint32_t i = 0; i < FLOWS; i++)
		count[choose(i)]++;
	for (unsigned i = 0; i < n; i++) {
		const double p = weights[i] / sum, want = FLOWS * p;
		const double off = count[i] - want;

		if (off * off > 25 * want * (1 - p) + 1)
			print_error("bucket %u of %u: %u, not %.0f\n", i, n, count[i], want);
		assert_true(off * off <= 25 * want * (1 - p) + 1);
	}
}

static void
shares_follow_the_weights(void **unused)
{
	static const uint16_t rows[][8] = {{1, 2},
	                                   {1, 1},
	                                   {5, 11},
	                                   {1, 100, 10},
	                                   {65535, 1, 65535},
	                                   {3, 0, 5, 7},
	                                   {1},
	                                   {1, 2, 3, 4, 5, 6, 7, 8},
	                                   {100, 100, 100, 100, 101},
	                                   {2, 2, 2, 0, 2, 2}};

	(void)unused;
	put(OFPGC_ADD, OFPGT_SELECT, 1, rows[0]);
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		unsigned n = 8;

		while (rows[r][n - 1] == 0)
			n--;
		put(OFPGC_MODIFY, OFPGT_SELECT, n, rows[r]);
		assert_shares(n, rows[r]);
	}
}

static void
no_weights_are_equal_shares(void **unused)
{
	static const uint16_t ones[7] = {1, 1, 1, 1, 1, 1, 1};
	static const uint16_t first[3] = {9, 0, 0};

	(void)unused;
	put(OFPGC_ADD, OFPGT_SELECT, 7, NULL);
	assert_shares(7, ones);
	/* buckets without weight stand by */
	put(OFPGC_MODIFY, OFPGT_SELECT, 3, first);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(choose(i), 0);
	groups_port_live(gs, 1, false);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_not_equal(choose(i), 0);
}

static void
dead_buckets_are_passed_over_and_only_their_flows_move(void **unused)
{
	static const uint16_t weights[4] = {1, 2, 3, 4}, without[4] = {1, 2, 0, 4};
	static uint8_t before[FLOWS];

	(void)unused;
	put(OFPGC_ADD, OFPGT_SELECT, 4, weights);
	for (uint32_t i = 0; i < FLOWS; i++)
		before[i] = (uint8_t)choose(i);
	groups_port_live(gs, 3, false);
	for (uint32_t i = 0; i < FLOWS; i++)
		assert_true(before[i] == 2 ? choose(i) != 2 : choose(i) == before[i]);
	assert_shares(4, without);
	groups_port_live(gs, 3, true);
	for (uint32_t i = 0; i < FLOWS; i++)
		assert_int_equal(choose(i), before[i]);
	for (uint32_t port = 1; port <= 4; port++)
		groups_port_live(gs, port, false);
	assert_int_equal(choose(1), -1);
}

/* A bucket more, a bucket less, another weight: the flows that move are those that must. */
static void
a_change_moves_the_fewest_flows(void **unused)
{
	static const uint16_t four[4] = {1, 1, 1, 1}, heavier[4] = {1, 1, 3, 1};
	static uint8_t before[FLOWS];
	unsigned moved = 0;

	(void)unused;
	put(OFPGC_ADD, OFPGT_SELECT, 3, four);
	for (uint32_t i = 0; i < FLOWS; i++)
		before[i] = (uint8_t)choose(i);
	put(OFPGC_MODIFY, OFPGT_SELECT, 4, four);
	for (uint32_t i = 0; i < FLOWS; i++) {
		assert_true(choose(i) == before[i] || choose(i) == 3);
		moved += choose(i) == 3;
	}
	assert_in_range(moved, FLOWS / 4 - FLOWS / 100, FLOWS / 4 + FLOWS / 100);
	for (uint32_t i = 0; i < FLOWS; i++)
		before[i] = (uint8_t)choose(i);
	put(OFPGC_MODIFY, OFPGT_SELECT, 4, heavier);
	for (uint32_t i = 0; i < FLOWS; i++)
		assert_true(choose(i) == before[i] || choose(i) == 2);
	put(OFPGC_MODIFY, OFPGT_SELECT, 4, four);
	for (uint32_t i = 0; i < FLOWS; i++)
		assert_int_equal(choose(i), before[i]);
}

/* Every bit of every header field counts, but for those that vary within a flow. */
static void
the_hash_covers_all_header_fields(void **unused)
{
	static const enum oxm_field skipped[] = {OXM_IN_PORT, OXM_IN_PHY_PORT, OXM_METADATA,
	                                         OXM_IP_ECN,  OXM_TUNNEL_ID,   OXM_IPV6_EXTHDR};

	(void)unused;
	for (unsigned f = 0; f < OXM_N_FIELDS; f++) {
		const struct oxm_info *info = oxm_info((enum oxm_field)f);
		struct flow_key a, b;
		bool skip = false;

		for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++)
			skip |= skipped[i] == f;
		memset(&a, 0, sizeof(a));
		a.present = OXM_BIT(f);
		if (f >= OXM_TCP_SRC && f <= OXM_ICMPV4_CODE)
			a.present |= OXM_BIT(OXM_IPV4_SRC);
		else if (f >= OXM_IPV6_SRC && f <= OXM_IPV6_ND_TLL)
			a.present |= OXM_BIT(OXM_IPV6_SRC);
		else if (f >= OXM_ARP_OP && f <= OXM_ARP_THA)
			a.present |= OXM_BIT(OXM_ARP_OP);
		else if (f == OXM_IPV4_DST)
			a.present |= OXM_BIT(OXM_IPV4_SRC);
		for (unsigned bit = 0; bit < info->bytes * 8u; bit++) {
			uint8_t v[16] = {0};

			b = a;
			v[bit / 8] = (uint8_t)(1u << bit % 8);
			key_set(&b, (enum oxm_field)f, v);
			assert_true((select_hash(&a, SEED) != select_hash(&b, SEED)) != skip);
		}
	}
}

static void
fragments_of_a_packet_stay_together(void **unused)
{
	struct flow_key first = flow(1), later = flow(1);

	(void)unused;
	first.layout = FLOW_LAYOUT_FRAG;
	later.layout = FLOW_LAYOUT_FRAG | FLOW_LAYOUT_FRAG_LATER;
	later.tcp_src = later.tcp_dst = 0;
	later.present &= ~OXM_BIT(OXM_TCP_SRC);
	assert_true(select_hash(&first, SEED) == select_hash(&later, SEED));
}

/* ---- groups as programs ---- */

static uint32_t
port_of(const struct dp_program *prog)
{
	const struct dp_op *op = dp_op_first(prog->ops);

	return op->type == DP_OP_OUTPUT ? ((const struct dp_op_output *)(const void *)op)->port_no : 0;
}

static void
all_gives_each_bucket_once(void **unused)
{
	const struct dp_op_group op = {.group_id = 1};
	const struct flow_key k = flow(1);
	static struct dp_program prog;
	uint32_t at = 0;

	(void)unused;
	put(OFPGC_ADD, OFPGT_ALL, 3, NULL);
	groups_port_live(gs, 2, false); /* ALL does not look */
	for (uint32_t port = 1; port <= 3; port++) {
		dp_program_init(&prog);
		assert_true(pipeline_group(&pl, &op, &k, &at, &prog));
		assert_int_equal(port_of(&prog), port);
		assert_int_equal(prog.n_credits, port == 1 ? 2 : 1);
	}
	assert_int_equal(at, DP_GROUP_LAST);
}

static void
failover_gives_the_first_live_bucket(void **unused)
{
	const struct dp_op_group op = {.group_id = 1};
	const struct flow_key k = flow(1);
	static struct dp_program prog;
	uint32_t at;

	(void)unused;
	put(OFPGC_ADD, OFPGT_FF, 3, NULL);
	for (uint32_t port = 1; port <= 3; port++) {
		at = 0;
		dp_program_init(&prog);
		assert_true(pipeline_group(&pl, &op, &k, &at, &prog));
		assert_int_equal(port_of(&prog), port);
		assert_int_equal(at, DP_GROUP_LAST);
		groups_port_live(gs, port, false);
	}
	at = 0;
	dp_program_init(&prog);
	assert_false(pipeline_group(&pl, &op, &k, &at, &prog));
	assert_int_equal(prog.n_credits, 1); /* the group has seen the frame */
	groups_port_live(gs, 2, true);
	dp_program_init(&prog);
	at = 0;
	assert_true(pipeline_group(&pl, &op, &k, &at, &prog));
	assert_int_equal(port_of(&prog), 2);
}

static void
a_group_that_is_not_there_has_no_bucket(void **unused)
{
	const struct dp_op_group op = {.group_id = 9};
	const struct flow_key k = flow(1);
	static struct dp_program prog;
	uint32_t at = 0;

	(void)unused;
	dp_program_init(&prog);
	assert_false(pipeline_group(&pl, &op, &k, &at, &prog));
	assert_int_equal(prog.n_credits, 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(shares_follow_the_weights),
	    T(no_weights_are_equal_shares),
	    T(dead_buckets_are_passed_over_and_only_their_flows_move),
	    T(a_change_moves_the_fewest_flows),
	    T(the_hash_covers_all_header_fields),
	    T(fragments_of_a_packet_stay_together),
	    T(all_gives_each_bucket_once),
	    T(failover_gives_the_first_live_bucket),
	    T(a_group_that_is_not_there_has_no_bucket),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
