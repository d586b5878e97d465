/* SPDX-License-Identifier: ISC */
/* The group table: what is refused and how, what a change leaves behind, liveness. */
#include "groups.h"
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

static struct counters *counters;
static struct tables *ts;
static struct groups *gs;
static int removed[4];
static struct act_buf buf;

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)aux;
	(void)r;
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
	gs = tables_groups(ts);
	buf = (struct act_buf)ACT_BUF_INIT;
	return ts ? 0 : -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	act_buf_fini(&buf);
	tables_destroy(ts);
	counters_destroy(counters);
	clock_fake_set(0);
	return 0;
}

/* ---- making messages ---- */

#define MAX_BUCKETS 1100
static struct ofp_bucket buckets[MAX_BUCKETS];

static struct ofp_acts
acts_of(uint16_t type, uint32_t id)
{
	static uint8_t mem[MAX_BUCKETS][16] __attribute__((aligned(8)));
	static unsigned next;
	uint8_t *m = mem[next++ % MAX_BUCKETS];

	act_buf_reset(&buf);
	if (type == OFPAT_OUTPUT) {
		act_buf_output(&buf, id, 0);
	} else {
		struct ofp_act *a = act_buf_add(&buf, type, 0);

		a->id = id;
	}
	memcpy(m, buf.b.data, buf.b.len);
	return (struct ofp_acts){m, (uint32_t)buf.b.len};
}

static struct ofp_bucket
output(uint32_t port)
{
	return (struct ofp_bucket){0, OFPP_ANY, OFPG_ANY, acts_of(OFPAT_OUTPUT, port)};
}

static struct ofp_bucket
chain(uint32_t group)
{
	return (struct ofp_bucket){0, OFPP_ANY, OFPG_ANY, acts_of(OFPAT_GROUP, group)};
}

/* Of the first 'n' of buckets[]. */
static struct group_mod
mod(uint16_t command, uint8_t type, uint32_t id, size_t n)
{
	return (struct group_mod){command, type, id, buckets, n};
}

static enum of_error
apply(struct group_mod gm)
{
	struct group_change *c;
	enum of_error error = group_mod_prepare(ts, &gm, &c);
	unsigned n = 0;

	if (error)
		return error;
	while (group_change_step(c, 2, &n))
		;
	group_change_commit(c);
	group_change_free(c);
	return OF_OK;
}

/* ALL of one bucket. */
static enum of_error
add1(uint32_t id, struct ofp_bucket b)
{
	buckets[0] = b;
	return apply(mod(OFPGC_ADD, OFPGT_ALL, id, 1));
}

static enum of_error
modify1(uint32_t id, struct ofp_bucket b)
{
	buckets[0] = b;
	return apply(mod(OFPGC_MODIFY, OFPGT_ALL, id, 1));
}

static enum of_error
del(uint32_t id)
{
	return apply(mod(OFPGC_DELETE, 0, id, 0));
}

static enum of_error
flow_to_group(uint8_t command, uint32_t in_port, uint32_t group)
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
	fm.insts.present = OFP_INST_BIT(OFPIT_WRITE_ACTIONS);
	fm.insts.write = acts_of(OFPAT_GROUP, group);
	return tables_flow_mod(ts, &fm);
}

static uint32_t
refs(uint32_t id)
{
	const struct group *g = groups_find(gs, id);
	struct group_stats st;

	if (!g)
		return UINT32_MAX;
	group_stats(gs, g, &st, NULL, 0);
	return st.ref_count;
}

/* ---- what is refused ---- */

static void
each_error_has_its_code(void **unused)
{
	(void)unused;
	assert_int_equal(add1(OFPG_MAX + 1, output(1)), OFPGMFC_INVALID_GROUP);
	assert_int_equal(add1(OFPG_ALL, output(1)), OFPGMFC_INVALID_GROUP);
	assert_int_equal(add1(OFPG_MAX, output(1)), OF_OK);
	assert_int_equal(add1(0, output(1)), OF_OK);
	assert_int_equal(add1(0, output(2)), OFPGMFC_GROUP_EXISTS);
	assert_int_equal(modify1(7, output(2)), OFPGMFC_UNKNOWN_GROUP);
	assert_int_equal(apply(mod(3, OFPGT_ALL, 1, 0)), OFPGMFC_BAD_COMMAND);
	assert_int_equal(apply(mod(OFPGC_ADD, 4, 1, 0)), OFPGMFC_BAD_TYPE);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_INDIRECT, 1, 0)), OFPGMFC_INVALID_GROUP);
	buckets[0] = buckets[1] = output(1);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_INDIRECT, 1, 2)), OFPGMFC_INVALID_GROUP);
	buckets[0].weight = 1;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_ALL, 1, 2)), OFPGMFC_INVALID_GROUP);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_SELECT, 1, 2)), OF_OK);
	assert_int_equal(add1(2, output(0xffffff01)), OFPBAC_BAD_OUT_PORT);
	assert_int_equal(add1(2, chain(3)), OFPBAC_BAD_OUT_GROUP);
	for (unsigned i = 0; i <= GROUPS_MAX_BUCKETS; i++)
		buckets[i] = output(1);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_ALL, 3, GROUPS_MAX_BUCKETS + 1)), OFPGMFC_OUT_OF_BUCKETS);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_ALL, 3, GROUPS_MAX_BUCKETS)), OF_OK);
	assert_int_equal(del(99), OF_OK);
	assert_int_equal(del(OFPG_MAX + 1), OF_OK);
	assert_int_equal(groups_count(gs), 4);
}

static void
watch_values_are_looked_at_in_fast_failover_only(void **unused)
{
	(void)unused;
	buckets[0] = output(1);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 1)), OFPGMFC_INVALID_GROUP);
	buckets[0].watch_port = 0;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 1)), OFPGMFC_BAD_WATCH);
	buckets[0].watch_port = OFPP_CONTROLLER;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 1)), OFPGMFC_WATCH_UNSUPPORTED);
	buckets[0].watch_port = 1;
	buckets[0].watch_group = OFPG_MAX + 1;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 1)), OFPGMFC_BAD_WATCH);
	for (uint8_t type = OFPGT_ALL; type < OFPGT_FF; type++)
		assert_int_equal(apply(mod(OFPGC_ADD, type, type, 1)), OF_OK);
	buckets[0].watch_group = OFPG_ANY;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 9, 1)), OF_OK);
}

static void
the_table_is_full_at_its_limit(void **unused)
{
	(void)unused;
	for (uint32_t id = 0; id < GROUPS_MAX; id++)
		assert_int_equal(add1(id, output(1)), OF_OK);
	assert_int_equal(add1(GROUPS_MAX, output(1)), OFPGMFC_OUT_OF_GROUPS);
	assert_int_equal(modify1(5, output(2)), OF_OK);
	assert_int_equal(del(5), OF_OK);
	assert_int_equal(add1(GROUPS_MAX, output(1)), OF_OK);
	assert_int_equal(del(OFPG_ALL), OF_OK);
	assert_int_equal(groups_count(gs), 0);
}

static void
loops_are_refused(void **unused)
{
	(void)unused;
	assert_int_equal(add1(1, chain(1)), OFPGMFC_LOOP);
	assert_int_equal(add1(1, output(1)), OF_OK);
	assert_int_equal(modify1(1, chain(1)), OFPGMFC_LOOP);
	assert_int_equal(add1(2, chain(1)), OF_OK);
	assert_int_equal(add1(3, chain(2)), OF_OK);
	assert_int_equal(modify1(1, chain(2)), OFPGMFC_LOOP);
	assert_int_equal(modify1(1, chain(3)), OFPGMFC_LOOP);
	/* a diamond is no loop */
	buckets[0] = chain(1);
	buckets[1] = chain(2);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_ALL, 4, 2)), OF_OK);
	/* nothing was changed by what was refused */
	assert_int_equal(groups_find(gs, 1)->n_targets, 0);
	assert_int_equal(refs(1), 2);
	assert_int_equal(refs(2), 2);
	assert_int_equal(refs(3), 0);
}

static void
chains_have_an_end(void **unused)
{
	(void)unused;
	assert_int_equal(add1(1, output(1)), OF_OK);
	for (uint32_t id = 2; id <= GROUPS_MAX_DEPTH; id++)
		assert_int_equal(add1(id, chain(id - 1)), OF_OK);
	assert_int_equal(add1(100, chain(GROUPS_MAX_DEPTH)), OFPGMFC_CHAINING_UNSUPPORTED);
	/* made too long at its far end, or in the middle */
	assert_int_equal(add1(200, output(1)), OF_OK);
	assert_int_equal(modify1(1, chain(200)), OFPGMFC_CHAINING_UNSUPPORTED);
	assert_int_equal(add1(201, chain(10)), OF_OK);
	assert_int_equal(modify1(12, chain(201)), OF_OK);
	assert_int_equal(add1(202, chain(201)), OF_OK);
	assert_int_equal(modify1(12, chain(202)), OFPGMFC_CHAINING_UNSUPPORTED);
	groups_measure(gs);
	assert_int_equal(groups_find(gs, GROUPS_MAX_DEPTH)->height, GROUPS_MAX_DEPTH);
	assert_int_equal(groups_find(gs, 201)->height, 11);
}

/* ---- references and deletes ---- */

static void
deleting_a_group_deletes_its_flows(void **unused)
{
	(void)unused;
	assert_int_equal(flow_to_group(OFPFC_ADD, 1, 5), OFPBAC_BAD_OUT_GROUP);
	assert_int_equal(add1(5, output(1)), OF_OK);
	assert_int_equal(add1(6, chain(5)), OF_OK);
	for (uint32_t port = 1; port <= 5; port++)
		assert_int_equal(flow_to_group(OFPFC_ADD, port, port < 4 ? 5 : 6), OF_OK);
	assert_int_equal(refs(5), 4);
	assert_int_equal(refs(6), 2);
	assert_int_equal(del(5), OFPGMFC_CHAINED_GROUP);
	assert_int_equal(tables_active(ts, 0), 5);
	assert_int_equal(del(6), OF_OK);
	assert_int_equal(removed[OFPRR_GROUP_DELETE], 2);
	assert_int_equal(refs(5), 3);
	assert_int_equal(del(5), OF_OK);
	assert_int_equal(removed[OFPRR_GROUP_DELETE], 5);
	assert_int_equal(tables_active(ts, 0), 0);
}

static void
references_follow_every_change_of_a_flow(void **unused)
{
	struct flow_mod fm = {.command = OFPFC_DELETE, .out_port = OFPP_ANY, .out_group = 6, .table_id = OFPTT_ALL};

	(void)unused;
	add1(5, output(1));
	add1(6, output(1));
	for (uint32_t port = 1; port <= 40; port++)
		assert_int_equal(flow_to_group(OFPFC_ADD, port, 5), OF_OK);
	assert_int_equal(flow_to_group(OFPFC_ADD, 1, 6), OF_OK);
	assert_int_equal(refs(5), 39);
	assert_int_equal(refs(6), 1);
	assert_int_equal(flow_to_group(OFPFC_MODIFY, 0, 6), OF_OK);
	assert_int_equal(refs(5), 0);
	assert_int_equal(refs(6), 40);
	assert_int_equal(flow_to_group(OFPFC_MODIFY, 0, 7), OFPBAC_BAD_OUT_GROUP);
	assert_int_equal(flow_to_group(OFPFC_MODIFY_STRICT, 3, 5), OF_OK);
	assert_int_equal(refs(5), 1);
	/* out_group selects */
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	assert_int_equal(tables_active(ts, 0), 1);
	assert_int_equal(refs(6), 0);
	/* a MODIFY of the group keeps them */
	assert_int_equal(modify1(5, output(9)), OF_OK);
	assert_int_equal(refs(5), 1);
	assert_int_equal(del(OFPG_ALL), OF_OK);
	assert_int_equal(tables_active(ts, 0), 0);
}

static void
delete_all_takes_chains_and_flows(void **unused)
{
	(void)unused;
	add1(1, output(1));
	add1(2, chain(1));
	add1(3, chain(2));
	for (uint32_t port = 1; port <= 9; port++)
		assert_int_equal(flow_to_group(OFPFC_ADD, port, 1 + port % 3), OF_OK);
	assert_int_equal(del(OFPG_ALL), OF_OK);
	assert_int_equal(groups_count(gs), 0);
	assert_int_equal(tables_active(ts, 0), 0);
	assert_int_equal(removed[OFPRR_GROUP_DELETE], 9);
	assert_int_equal(add1(1, output(1)), OF_OK);
	assert_int_equal(refs(1), 0);
}

static void
what_was_sent_reads_back(void **unused)
{
	struct group_mod gm;
	struct group_stats st;
	struct bucket_count counts[2];
	const struct group *g;

	(void)unused;
	buckets[0] = (struct ofp_bucket){3, 4, 5, acts_of(OFPAT_OUTPUT, 9)};
	buckets[1] = (struct ofp_bucket){0, OFPP_ANY, OFPG_ANY, {NULL, 0}};
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_SELECT, 77, 2)), OF_OK);
	g = groups_next(gs, 0);
	assert_true(group_as_mod(g, &gm));
	assert_int_equal(gm.type, OFPGT_SELECT);
	assert_int_equal(gm.group_id, 77);
	assert_int_equal(gm.n_buckets, 2);
	assert_int_equal(gm.buckets[0].weight, 3);
	assert_int_equal(gm.buckets[0].watch_port, 4);
	assert_int_equal(gm.buckets[0].watch_group, 5);
	assert_int_equal(gm.buckets[0].acts.len, 16);
	group_mod_fini(&gm);
	assert_null(groups_next(gs, 78));
	counters_add(counters_lane(counters, 1), g->counter, 3, 180, 1);
	counters_add(counters_lane(counters, 0), g->buckets[1].counter, 2, 120, 1);
	clock_fake_set(1002 * S + 5);
	group_stats(gs, g, &st, counts, 2);
	assert_int_equal(st.packet_count, 3);
	assert_int_equal(st.byte_count, 180);
	assert_int_equal(counts[0].packets, 0);
	assert_int_equal(counts[1].bytes, 120);
	assert_int_equal(st.duration_s, 2);
	assert_int_equal(st.duration_ns, 5);
}

static void
a_bucket_is_an_action_set(void **unused)
{
	const uint8_t vid[2] = {0x10, 7};
	const struct ofp_act *a;
	struct ofp_act *push;

	(void)unused;
	act_buf_reset(&buf);
	act_buf_output(&buf, 1, 0);
	act_buf_set_field(&buf, OXM_VLAN_VID, vid);
	push = act_buf_add(&buf, OFPAT_PUSH_VLAN, 0);
	push->ethertype = 0x8100;
	act_buf_output(&buf, 2, 0);
	buckets[0] = (struct ofp_bucket){0, OFPP_ANY, OFPG_ANY, act_buf_acts(&buf)};
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_INDIRECT, 1, 1)), OF_OK);
	a = (const void *)groups_find(gs, 1)->buckets[0].set.data;
	assert_int_equal(a->type, OFPAT_PUSH_VLAN);
	a = (const void *)((const uint8_t *)a + a->len);
	assert_int_equal(a->type, OFPAT_SET_FIELD);
	a = (const void *)((const uint8_t *)a + a->len);
	assert_int_equal(a->type, OFPAT_OUTPUT);
	assert_int_equal(a->port, 2);
	assert_int_equal(groups_find(gs, 1)->buckets[0].set.len, 8 + 16 + 16);
	/* a group in it beats the output */
	push = act_buf_add(&buf, OFPAT_GROUP, 0);
	push->id = 1;
	buckets[0].acts = act_buf_acts(&buf);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_INDIRECT, 2, 1)), OF_OK);
	assert_int_equal(groups_find(gs, 2)->buckets[0].set.len, 8 + 16 + 8);
	assert_int_equal(groups_find(gs, 2)->buckets[0].acts.len, buf.b.len);
}

/* ---- keys of SELECT ---- */

static uint64_t
key(uint32_t bucket)
{
	return groups_find(gs, 1)->buckets[bucket].key;
}

static void
a_bucket_keeps_its_key_as_long_as_it_can(void **unused)
{
	uint64_t a, b, c;

	(void)unused;
	buckets[0] = output(1);
	buckets[1] = output(2);
	buckets[2] = output(3);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_SELECT, 1, 3)), OF_OK);
	a = key(0);
	b = key(1);
	c = key(2);
	assert_true(a != b && b != c && a != c);
	/* one less, in the middle; with another weight */
	buckets[1] = output(3);
	buckets[1].weight = 0;
	assert_int_equal(apply(mod(OFPGC_MODIFY, OFPGT_SELECT, 1, 2)), OF_OK);
	assert_true(key(0) == a && key(1) == c);
	/* the first is replaced: the new one inherits */
	buckets[0] = output(9);
	assert_int_equal(apply(mod(OFPGC_MODIFY, OFPGT_SELECT, 1, 2)), OF_OK);
	assert_true(key(0) == a && key(1) == c);
	/* what it was comes back beside it */
	buckets[2] = output(1);
	buckets[3] = output(1);
	assert_int_equal(apply(mod(OFPGC_MODIFY, OFPGT_SELECT, 1, 4)), OF_OK);
	assert_true(key(0) == a && key(1) == c && key(2) != a && key(3) != a && key(2) != key(3));
	/* the same group made anew has the same keys */
	del(1);
	buckets[0] = output(1);
	buckets[1] = output(2);
	buckets[2] = output(3);
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_SELECT, 1, 3)), OF_OK);
	assert_true(key(0) == a && key(1) == b && key(2) == c);
}

/* ---- liveness ---- */

static void
liveness_goes_through_chains_of_watching(void **unused)
{
	const struct group *g;

	(void)unused;
	groups_port_live(gs, 1, true);
	buckets[0] = (struct ofp_bucket){0, 1, OFPG_ANY, acts_of(OFPAT_OUTPUT, 1)};
	buckets[1] = (struct ofp_bucket){0, 2, OFPG_ANY, acts_of(OFPAT_OUTPUT, 2)};
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 2)), OF_OK);
	buckets[0] = (struct ofp_bucket){0, OFPP_ANY, 1, acts_of(OFPAT_GROUP, 1)};
	buckets[1] = (struct ofp_bucket){0, 3, 77, acts_of(OFPAT_OUTPUT, 3)};
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 2, 2)), OF_OK);
	buckets[0] = (struct ofp_bucket){0, OFPP_ANY, 2, acts_of(OFPAT_GROUP, 2)};
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 3, 1)), OF_OK);
	g = groups_find(gs, 3);
	assert_true(group_bucket_is_live(&g->buckets[0]));
	assert_true(group_bucket_is_live(&groups_find(gs, 1)->buckets[0]));
	assert_false(group_bucket_is_live(&groups_find(gs, 1)->buckets[1]));
	assert_false(group_bucket_is_live(&groups_find(gs, 2)->buckets[1]));
	groups_port_live(gs, 1, false);
	assert_false(group_bucket_is_live(&g->buckets[0]));
	groups_port_live(gs, 2, true);
	assert_true(group_bucket_is_live(&g->buckets[0]));
	assert_true(group_bucket_is_live(&groups_find(gs, 2)->buckets[0]));
	/* a watched group that is made, and one that is made otherwise, count at once */
	groups_port_live(gs, 2, false);
	assert_int_equal(add1(77, output(1)), OF_OK);
	assert_true(group_bucket_is_live(&groups_find(gs, 2)->buckets[1]));
	assert_true(group_bucket_is_live(&g->buckets[0]));
	assert_int_equal(apply(mod(OFPGC_MODIFY, OFPGT_ALL, 77, 0)), OF_OK);
	assert_false(group_bucket_is_live(&g->buckets[0]));
	assert_int_equal(modify1(77, output(2)), OF_OK);
	assert_int_equal(del(77), OF_OK);
	assert_false(group_bucket_is_live(&g->buckets[0]));
	groups_port_live(gs, 3, true);
	assert_true(group_bucket_is_live(&g->buckets[0]));
}

/* Whoever watches may be older than what it watches. */
static void
liveness_reaches_watchers_in_any_order(void **unused)
{
	(void)unused;
	for (uint32_t id = 1; id <= 5; id++) {
		buckets[0] = (struct ofp_bucket){0, id == 5 ? 9 : OFPP_ANY, id == 5 ? OFPG_ANY : id + 1, {NULL, 0}};
		assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, id, 1)), OF_OK);
	}
	for (unsigned round = 0; round < 4; round++) {
		groups_port_live(gs, 9, round % 2 == 0);
		for (uint32_t id = 1; id <= 5; id++)
			assert_int_equal(group_bucket_is_live(&groups_find(gs, id)->buckets[0]), round % 2 == 0);
	}
}

static void
watching_in_a_circle_is_refused(void **unused)
{
	(void)unused;
	buckets[0] = (struct ofp_bucket){0, OFPP_ANY, 1, acts_of(OFPAT_OUTPUT, 1)};
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 1)), OFPGMFC_BAD_WATCH);
	buckets[0].watch_group = 2;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 1, 1)), OF_OK);
	buckets[0].watch_group = 1;
	assert_int_equal(apply(mod(OFPGC_ADD, OFPGT_FF, 2, 1)), OFPGMFC_BAD_WATCH);
}

/* ---- undo ---- */

static struct group_change *
begin(struct group_mod gm)
{
	struct group_change *c;
	unsigned n = 0;

	assert_int_equal(group_mod_prepare(ts, &gm, &c), OF_OK);
	while (group_change_step(c, 100, &n))
		;
	group_change_commit(c);
	return c;
}

static void
changes_can_be_undone_in_the_opposite_order(void **unused)
{
	struct group_change *c[4];
	uint64_t before;

	(void)unused;
	add1(1, output(1));
	add1(2, chain(1));
	flow_to_group(OFPFC_ADD, 1, 1);
	counters_add(counters_lane(counters, 0), groups_find(gs, 1)->counter, 5, 300, 1);
	before = groups_find(gs, 1)->buckets[0].key;
	buckets[0] = output(7);
	c[0] = begin(mod(OFPGC_MODIFY, OFPGT_ALL, 1, 1));
	buckets[0] = chain(2);
	c[1] = begin(mod(OFPGC_ADD, OFPGT_ALL, 3, 1));
	c[2] = begin(mod(OFPGC_DELETE, 0, 3, 0));
	assert_int_equal(refs(2), 0);
	c[3] = begin(mod(OFPGC_DELETE, 0, OFPG_ALL, 0));
	assert_int_equal(groups_count(gs), 0);
	for (unsigned i = 4; i-- > 0;) {
		group_change_undo(c[i]);
		group_change_free(c[i]);
	}
	assert_int_equal(groups_count(gs), 2);
	assert_true(groups_find(gs, 1)->buckets[0].key == before);
	assert_int_equal(refs(1), 1); /* group 2; the flow is for whoever undoes to bring back */
	assert_int_equal(refs(2), 0);
	assert_int_equal(flow_to_group(OFPFC_ADD, 1, 1), OF_OK);
	assert_int_equal(refs(1), 2);
	assert_int_equal(modify1(1, chain(2)), OFPGMFC_LOOP);
}

static void
a_prepared_change_may_be_thrown_away(void **unused)
{
	struct group_change *c;
	struct group_mod gm;

	(void)unused;
	add1(1, output(1));
	buckets[0] = output(2);
	gm = mod(OFPGC_MODIFY, OFPGT_ALL, 1, 1);
	assert_int_equal(group_mod_prepare(ts, &gm, &c), OF_OK);
	group_change_free(c);
	gm = mod(OFPGC_ADD, OFPGT_ALL, 2, 1);
	assert_int_equal(group_mod_prepare(ts, &gm, &c), OF_OK);
	group_change_free(c);
	gm = mod(OFPGC_DELETE, OFPGT_ALL, OFPG_ALL, 0);
	assert_int_equal(group_mod_prepare(ts, &gm, &c), OF_OK);
	group_change_free(c);
	assert_int_equal(groups_count(gs), 1);
	assert_int_equal(flow_to_group(OFPFC_ADD, 1, 1), OF_OK);
}

/* ---- against a model ---- */

#define IDS 10
#define PORTS 12

/* What the table should hold: edges between groups, and the group of each flow (0: there is no such flow). */
static struct {
	bool there, to[IDS + 1];
} model[IDS + 1];
static uint32_t flow_group[PORTS + 1];

static bool
reaches(uint32_t from, uint32_t to)
{
	if (from == to)
		return true;
	for (uint32_t i = 1; i <= IDS; i++) {
		if (model[from].to[i] && reaches(i, to))
			return true;
	}
	return false;
}

static void
compare(void)
{
	uint32_t n = 0, flows = 0;

	for (uint32_t id = 1; id <= IDS; id++) {
		uint32_t want = 0;

		assert_true((groups_find(gs, id) != NULL) == model[id].there);
		if (!model[id].there)
			continue;
		n++;
		for (uint32_t i = 1; i <= IDS; i++)
			want += model[i].to[id];
		for (uint32_t port = 1; port <= PORTS; port++)
			want += flow_group[port] == id;
		assert_int_equal(refs(id), want);
	}
	for (uint32_t port = 1; port <= PORTS; port++)
		flows += flow_group[port] != 0;
	assert_int_equal(groups_count(gs), n);
	assert_int_equal(tables_active(ts, 0), flows);
}

static void
model_forget(uint32_t id)
{
	memset(&model[id], 0, sizeof(model[id]));
	for (uint32_t port = 1; port <= PORTS; port++)
		flow_group[port] = flow_group[port] == id ? 0 : flow_group[port];
}

static void
random_put(uint32_t id)
{
	const uint16_t command = rand() % 2 ? OFPGC_ADD : OFPGC_MODIFY;
	const unsigned n = (unsigned)rand() % 4;
	enum of_error want = OF_OK;
	bool to[IDS + 1] = {false};

	for (unsigned i = 0; i < n; i++) {
		const uint32_t target = 1 + (uint32_t)rand() % IDS;

		buckets[i] = rand() % 2 ? output(target) : chain(target);
		if (buckets[i].acts.len != 8)
			continue;
		to[target] = true;
		if (!want)
			want = target == id ? OFPGMFC_LOOP : model[target].there ? OF_OK : OFPBAC_BAD_OUT_GROUP;
	}
	if (command == OFPGC_ADD && model[id].there)
		want = OFPGMFC_GROUP_EXISTS;
	else if (command == OFPGC_MODIFY && !model[id].there)
		want = OFPGMFC_UNKNOWN_GROUP;
	for (uint32_t i = 1; i <= IDS && !want; i++) {
		if (to[i] && reaches(i, id))
			want = OFPGMFC_LOOP;
	}
	assert_int_equal(apply(mod(command, OFPGT_ALL, id, n)), want);
	if (!want) {
		model[id].there = true;
		memcpy(model[id].to, to, sizeof(to));
	}
}

static void
random_delete(uint32_t id)
{
	bool chained = false;

	for (uint32_t i = 1; i <= IDS; i++)
		chained |= model[i].to[id];
	assert_int_equal(del(id), chained ? OFPGMFC_CHAINED_GROUP : OF_OK);
	if (!chained)
		model_forget(id);
}

static void
random_flow(uint32_t id)
{
	const uint32_t port = 1 + (uint32_t)rand() % PORTS;
	const enum of_error want = model[id].there ? OF_OK : OFPBAC_BAD_OUT_GROUP;

	if (rand() % 3) {
		assert_int_equal(flow_to_group(OFPFC_ADD, port, id), want);
		flow_group[port] = want ? flow_group[port] : id;
	} else {
		assert_int_equal(flow_to_group(OFPFC_MODIFY, 0, id), want);
		for (uint32_t p = 1; !want && p <= PORTS; p++)
			flow_group[p] = flow_group[p] ? id : 0;
	}
}

static void
random_changes_agree_with_a_model(void **unused)
{
	(void)unused;
	srand(7);
	memset(model, 0, sizeof(model));
	memset(flow_group, 0, sizeof(flow_group));
	for (unsigned step = 0; step < 100000; step++) {
		const uint32_t id = 1 + (uint32_t)rand() % IDS;

		switch (rand() % 8) {
		case 0:
			random_delete(id);
			break;
		case 1:
		case 2:
			random_flow(id);
			break;
		default:
			random_put(id);
			break;
		}
		if (step % 1000 == 999) {
			assert_int_equal(del(OFPG_ALL), OF_OK);
			for (uint32_t i = 1; i <= IDS; i++)
				model_forget(i);
		}
		compare();
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(each_error_has_its_code),
	    T(watch_values_are_looked_at_in_fast_failover_only),
	    T(the_table_is_full_at_its_limit),
	    T(loops_are_refused),
	    T(chains_have_an_end),
	    T(deleting_a_group_deletes_its_flows),
	    T(references_follow_every_change_of_a_flow),
	    T(delete_all_takes_chains_and_flows),
	    T(what_was_sent_reads_back),
	    T(a_bucket_is_an_action_set),
	    T(a_bucket_keeps_its_key_as_long_as_it_can),
	    T(liveness_goes_through_chains_of_watching),
	    T(liveness_reaches_watchers_in_any_order),
	    T(watching_in_a_circle_is_refused),
	    T(changes_can_be_undone_in_the_opposite_order),
	    T(a_prepared_change_may_be_thrown_away),
	    T(random_changes_agree_with_a_model),
	};

	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
