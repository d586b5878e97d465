/* SPDX-License-Identifier: ISC */
/* Cached programs beside fresh ones, while rules come, change and go at random: none may outlive what it depends on, and most outlive
 * what they do not. */
#include "changes.h"
#include "microflow.h"
#include "pipeline.h"

#include <arpa/inet.h>
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define TABLES 4u
#define KEYS 64u
#define RULES 100u /* in a table; fewer in the first, so that most frames come further */

static struct counters *counters;
static struct tables *ts;
static struct pipeline pl;
static struct microflow *cache;
static struct changes changes;
static struct act_buf buf;
static struct dp_program fresh, kept;
static uint64_t state;
static unsigned n_hits, n_asked;

static uint32_t
below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 32) * n >> 32);
}

static void
on_changed(void *aux, const struct rule *r, enum table_flow_event event)
{
	struct match m;

	(void)aux;
	(void)event;
	rule_match(r, &m);
	changes_rule(&changes, r->table_id, &m);
}

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)reason;
	on_changed(aux, r, TABLE_FLOW_MODIFIED);
}

static int
setup(void **unused)
{
	static const struct table_events events = {.flow_removed = on_removed, .flow_changed = on_changed};

	(void)unused;
	counters = counters_create(1);
	ts = tables_create(TABLES, counters, &events, NULL);
	pl = (struct pipeline){.tables = ts};
	cache = microflow_create();
	buf = (struct act_buf)ACT_BUF_INIT;
	changes_init(&changes);
	n_hits = n_asked = 0;
	return !ts || !cache;
}

static int
teardown(void **unused)
{
	(void)unused;
	act_buf_fini(&buf);
	changes_fini(&changes);
	microflow_destroy(cache);
	tables_destroy(ts);
	counters_destroy(counters);
	return 0;
}

/* Addresses that agree in many leading bits. */
static be32
address(uint32_t n)
{
	return htonl(0x0a000000 | (n & 7) << 21 | (n >> 3 & 3) << 12 | (n & 1));
}

static struct flow_key
key_of(uint32_t n)
{
	struct flow_key k = {.in_port = htonl(1 + n % 2), .eth_type = htons(0x0800), .ip_proto = 6};

	k.eth_dst[5] = (uint8_t)(n % 5);
	k.ipv4_src = address(n);
	k.ipv4_dst = address(n * 7);
	k.tcp_dst = htons((uint16_t)(80 + n % 3));
	k.present = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_ETH_DST) | OXM_BIT(OXM_ETH_SRC) |
	            OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_VLAN_VID) | OXM_BIT(OXM_IP_PROTO) | OXM_BIT(OXM_IPV4_SRC) |
	            OXM_BIT(OXM_IPV4_DST) | OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_TCP_DST);
	return k;
}

static void
want(struct match *m, enum oxm_field f, const void *value, const void *mask)
{
	match_set(m, f, value, mask);
}

static be32
prefix(unsigned len)
{
	return htonl(len ? UINT32_MAX << (32 - len) : 0);
}

/* What some of the keys have, in one of many shapes. */
static struct match
random_match(unsigned table, unsigned shapes)
{
	const struct flow_key k = key_of(below(KEYS));
	const be32 src = prefix(8 + below(shapes)), dst = prefix(8 + below(shapes));
	const be64 metadata = htobe64(below(3)), low = htobe64(3);
	struct match m;

	match_init(&m);
	if (table && below(2))
		want(&m, OXM_METADATA, &metadata, below(2) ? &low : NULL);
	if (below(4) == 0)
		want(&m, OXM_IN_PORT, &k.in_port, NULL);
	if (below(4) == 0)
		want(&m, OXM_ETH_DST, k.eth_dst, NULL);
	if (below(8) == 0)
		return m;
	want(&m, OXM_ETH_TYPE, &k.eth_type, NULL);
	if (below(4))
		want(&m, OXM_IPV4_DST, &k.ipv4_dst, &dst);
	if (below(2))
		want(&m, OXM_IPV4_SRC, &k.ipv4_src, &src);
	if (below(4))
		return m;
	want(&m, OXM_IP_PROTO, &k.ip_proto, NULL);
	want(&m, OXM_TCP_DST, &k.tcp_dst, NULL);
	return m;
}

static struct ofp_insts
random_insts(unsigned table, const struct match *m)
{
	struct ofp_insts in = {.metadata = below(3), .metadata_mask = 3};
	uint8_t value[16] = {0};
	be32 ip;

	if (table + 1 < TABLES && (!table || below(8))) {
		in.goto_table = (uint8_t)(table + 1 + below(TABLES - table - 1));
		in.present |= OFP_INST_BIT(OFPIT_GOTO_TABLE);
	}
	if (below(2))
		in.present |= OFP_INST_BIT(OFPIT_WRITE_METADATA);
	if (below(3) == 0) {
		value[5] = (uint8_t)below(5);
		act_buf_set_field(&buf, OXM_ETH_DST, value);
	}
	if (flow_key_has(&m->key, OXM_ETH_TYPE) && below(4) == 0) {
		ip = address(below(KEYS));
		memcpy(value, &ip, sizeof(ip));
		act_buf_set_field(&buf, OXM_IPV4_DST, value);
	}
	act_buf_output(&buf, 1 + below(9), 0);
	in.present |= OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	in.apply = act_buf_acts(&buf);
	return in;
}

/* No two rules share one: which of two that a frame matches it would get is nobody's to say (5.3), and not the same every time. */
static uint16_t
own_priority(void)
{
	static uint32_t n;
	uint16_t priority;

	do
		priority = (uint16_t)(++n * 40503u); /* odd: each of the 65,536 comes in its turn */
	while (!priority);
	return priority;
}

static void
random_flow_mod(unsigned shapes)
{
	static const uint8_t commands[] = {OFPFC_DELETE_STRICT, OFPFC_MODIFY_STRICT, OFPFC_ADD};
	struct flow_mod fm = {.table_id = (uint8_t)(below(32) ? 1 + below(TABLES - 1) : 0),
	                      .buffer_id = OFP_NO_BUFFER,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY};
	struct tables_cursor c;
	struct flow_stats_request all = {.table_id = fm.table_id, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	const struct rule *r = NULL;

	act_buf_reset(&buf);
	fm.match = random_match(fm.table_id, shapes);
	fm.priority = own_priority();
	if (below(2)) { /* one that is there */
		tables_cursor_init(&c, fm.table_id);
		for (unsigned n = 1 + below(RULES); n; n--)
			r = tables_cursor_next(ts, &c, &all, UINT32_MAX);
	}
	if (r) {
		rule_match(r, &fm.match);
		fm.priority = r->priority;
		fm.command = below(64) ? commands[below(3)] : OFPFC_DELETE;
	} else if (tables_active(ts, fm.table_id) > (fm.table_id ? RULES : RULES / 16)) {
		return;
	}
	fm.insts = random_insts(fm.table_id, &fm.match);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
}

/* The frame's program out of the cache, or as the datapath puts it there, is the one that the tables give now. */
static void
ask(uint32_t n)
{
	const struct flow_key key = key_of(n);
	const struct microflow_key k = {.key = &key, .bridge_id = 1, .changes = &changes};
	const uint64_t hash = microflow_hash(cache, &k);
	struct microflow_prog out;

	n_asked++;
	dp_program_init(&fresh);
	pipeline_translate(&pl, &key, NULL, 0, &fresh);
	if (microflow_lookup(cache, &k, hash, &out)) {
		n_hits++;
	} else {
		dp_program_init(&kept);
		pipeline_translate(&pl, &key, NULL, 0, &kept);
		microflow_insert(cache, &k, hash, &kept);
		return;
	}
	assert_int_equal(out.n_credits, fresh.n_credits);
	assert_int_equal(out.ops_len, fresh.ops_len);
	assert_memory_equal(out.credits, fresh.credits, fresh.n_credits * sizeof(fresh.credits[0]));
	assert_memory_equal(out.ops, fresh.ops, fresh.ops_len);
}

/* Frames that no other rule takes come through all tables, with other metadata in each. */
static void
add_ways_through(void)
{
	struct flow_mod fm = {.buffer_id = OFP_NO_BUFFER, .out_port = OFPP_ANY, .out_group = OFPG_ANY};

	fm.insts = (struct ofp_insts){.present = OFP_INST_BIT(OFPIT_GOTO_TABLE) | OFP_INST_BIT(OFPIT_WRITE_METADATA),
	                              .metadata_mask = 3};
	for (uint8_t t = 0; t < TABLES - 1; t++) {
		fm.table_id = t;
		fm.insts.goto_table = (uint8_t)(t + 1);
		fm.insts.metadata = t;
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	}
}

static void
drive(unsigned shapes, unsigned asked_each)
{
	add_ways_through();
	for (unsigned i = 0; i < 60000; i++) {
		random_flow_mod(shapes);
		for (unsigned j = 0; j < asked_each; j++)
			ask(below(KEYS));
		if (i % 5000 == 4999) {
			pl.standalone = !pl.standalone;
			changes_all(&changes);
		}
	}
}

static void
no_program_outlives_its_rules(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		state = seed;
		drive(1, 3); /* few masks: each has its class */
		drive(24, 3); /* hundreds */
	}
	assert_true(n_hits > n_asked / 8);
}

static struct match
host(uint32_t n)
{
	const be16 ip = htons(0x0800);
	const be32 dst = htonl(0x14000000 + n);
	struct match m;

	match_init(&m);
	want(&m, OXM_ETH_TYPE, &ip, NULL);
	want(&m, OXM_IPV4_DST, &dst, NULL);
	return m;
}

/* A thousand rules of other hosts come and go between two frames of each flow: what the classes are for. */
static void
changes_elsewhere_cost_nothing(void **unused)
{
	struct flow_mod fm = {.buffer_id = OFP_NO_BUFFER, .out_port = OFPP_ANY, .out_group = OFPG_ANY, .priority = 5};

	(void)unused;
	for (unsigned round = 0; round < 50; round++) {
		for (uint32_t n = 0; n < 20; n++) {
			fm.match = host(round * 20 + n);
			fm.command = OFPFC_ADD;
			assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
			fm.command = OFPFC_DELETE_STRICT;
			assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
		}
		for (uint32_t n = 0; n < KEYS; n++)
			ask(n);
	}
	assert_true(n_hits > n_asked * 9 / 10);
}

/* A class that others have driven out has not been forgotten, and what came later still spares. */
static void
classes_are_given_up_with_all_they_know(void **unused)
{
	const struct changes_deps deps = {.tables = 1};
	const struct flow_key key = key_of(0);
	struct match m = host(0), own;
	uint64_t since = changes.now;

	(void)unused;
	match_init(&own);
	want(&own, OXM_IPV4_DST, &key.ipv4_dst, NULL);
	changes_rule(&changes, 0, &m);
	assert_true(changes_spare(&changes, since, &key, deps));
	changes_rule(&changes, 0, &own);
	assert_false(changes_spare(&changes, since, &key, deps));
	for (uint8_t table = 1; table < 2 * CHANGES_CLASSES; table++)
		changes_rule(&changes, table, &m);
	assert_false(changes_spare(&changes, since, &key, deps));
	since = changes.now;
	changes_rule(&changes, 1, &own);
	assert_true(changes_spare(&changes, since, &key, deps));
	changes_rule(&changes, 64, &own); /* shares its bit with table 0 */
	assert_false(changes_spare(&changes, since, &key, deps));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_program_outlives_its_rules, setup, teardown),
	    cmocka_unit_test_setup_teardown(classes_are_given_up_with_all_they_know, setup, teardown),
	    cmocka_unit_test_setup_teardown(changes_elsewhere_cost_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
