/* SPDX-License-Identifier: ISC */
/* Table features: what is granted is enforced, all or nothing (7.3.5.5). */
#include "shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 4

static int removed;
static struct counters *counters;
static struct tables *ts;
static struct table_features f[N];

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)aux;
	(void)reason;
	removed += (r->flags & OFPFF_SEND_FLOW_REM) != 0;
}

static int
setup(void **state)
{
	static const struct table_events events = {.flow_removed = on_removed};

	(void)state;
	removed = 0;
	counters = counters_create(1);
	ts = tables_create(N, counters, &events, NULL);
	for (unsigned i = 0; i < N; i++)
		f[i] = *shape_get(ts, (uint8_t)i);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tables_destroy(ts);
	counters_destroy(counters);
	return 0;
}

static struct flow_mod
add(uint8_t table, uint16_t priority)
{
	return (struct flow_mod){.command = OFPFC_ADD,
	                         .table_id = table,
	                         .priority = priority,
	                         .buffer_id = OFP_NO_BUFFER,
	                         .out_port = OFPP_ANY,
	                         .out_group = OFPG_ANY,
	                         .flags = OFPFF_SEND_FLOW_REM};
}

static void
match_in_port(struct flow_mod *fm, uint8_t port)
{
	const uint8_t v[4] = {0, 0, 0, port};

	match_set(&fm->match, OXM_IN_PORT, v, NULL);
}

static void
what_is_read_can_be_written(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N; i++) { /* through the wire, as ovs-ofctl does it */
		struct wbuf b = WBUF_INIT(65536);
		struct table_features again;
		struct wire w;

		table_features_encode(&b, &f[i]);
		w = wire_init(b.data, b.len);
		assert_int_equal(table_features_decode(&w, &again), OF_OK);
		assert_int_equal(wire_left(&w), 0);
		f[i] = again;
		snprintf(f[i].name, sizeof(f[i].name), "mine%u", i);
		wbuf_fini(&b);
	}
	{
		struct flow_mod fm = add(0, 5);

		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	}
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	assert_string_equal(shape_get(ts, 2)->name, "mine2");
	assert_int_equal(tables_active(ts, 0), 1); /* a name changes no flow */
}

static void
a_write_is_checked_as_a_whole(void **state)
{
	struct table_features bad[N];
	unsigned n = N;

	(void)state;
	for (unsigned fault = 0; fault < 15; fault++) {
		enum of_error want = OFPTFFC_BAD_ARGUMENT;

		memcpy(bad, f, sizeof(f));
		n = N;
		bad[0].max_entries = 7; /* would be a change */
		switch (fault) {
		case 0:
			bad[3].table_id = N;
			want = OFPTFFC_BAD_TABLE;
			break;
		case 1:
			bad[3].table_id = 1;
			want = OFPTFFC_BAD_TABLE;
			break;
		case 2:
			bad[0].table_id = 3;
			n = 1; /* no table 0 */
			want = OFPTFFC_BAD_TABLE;
			break;
		case 3:
			bad[3].config = 4;
			break;
		case 4:
			bad[3].instructions[0] |= 1u << 9;
			break;
		case 5:
			bad[3].present |= 1u << OFPTFPT_INSTRUCTIONS_MISS;
			bad[3].instructions[1] |= 1u << OFPIT_GOTO_TABLE; /* the last one */
			break;
		case 6:
			bad[3].write_actions[0] |= 1u << 1;
			break;
		case 7:
			bad[3].present |= 1u << OFPTFPT_APPLY_ACTIONS_MISS;
			bad[3].apply_actions[1] |= 1u << 30;
			break;
		case 8:
			bad[3].write_setfield[0] |= OXM_BIT(OXM_IN_PORT);
			break;
		case 9:
			bad[3].match_hasmask |= OXM_BIT(OXM_IN_PORT);
			break;
		case 10:
			bad[2].next_tables[0][0] |= 1u << 2; /* itself */
			break;
		case 11:
			bad[3].max_entries = UINT32_MAX;
			break;
		case 12:
			bad[3].unknown = true;
			break;
		case 13:
			bad[3].metadata_match = 0;
			want = OFPTFFC_BAD_METADATA;
			break;
		default:
			n = N - 1; /* table 2 would lead to one that is gone */
			break;
		}
		assert_int_equal(shape_set(ts, bad, n), want);
		for (unsigned i = 0; i < N; i++)
			assert_memory_equal(shape_get(ts, (uint8_t)i), &f[i], sizeof(f[i]));
	}
}

/* As Faucet does: properties that would be empty are left out, no HASMASK, for Open vSwitch no match fields at all. */
static void
what_faucet_leaves_out_is_filled_in(void **state)
{
	const uint32_t required = f[0].present;
	const uint8_t mac[6] = {1}, mask[6] = {1};
	struct flow_mod fm = add(1, 5);

	(void)state;
	f[0].present = 1u << OFPTFPT_MATCH | 1u << OFPTFPT_NEXT_TABLES | 1u << OFPTFPT_INSTRUCTIONS;
	f[0].write_actions[0] = f[0].apply_actions[0] = 0;
	f[0].write_setfield[0] = f[0].apply_setfield[0] = 0;
	f[0].match = OXM_BIT(OXM_ETH_DST);
	f[0].wildcards = 0;
	f[1].match = f[1].match_hasmask = f[1].wildcards = f[1].apply_setfield[0] = 0;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	assert_int_equal(shape_get(ts, 0)->present & required, required);
	assert_int_equal(shape_get(ts, 0)->apply_setfield[0], 0);
	assert_true(shape_get(ts, 1)->apply_setfield[0] & OXM_BIT(OXM_ETH_SRC)); /* SET_FIELD is among its actions */
	match_set(&fm.match, OXM_ETH_DST, mac, mask);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	fm.table_id = 0;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBMC_BAD_WILDCARDS); /* no wildcards: exact */
	match_set(&fm.match, OXM_ETH_DST, mac, NULL);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
}

static void
tables_go_and_come_back(void **state)
{
	struct flow_mod fm = add(3, 5);

	(void)state;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	fm = add(1, 5);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	f[0].next_tables[0][0] = 1u << 2;
	f[2].next_tables[0][0] = 0;
	f[1] = f[2];
	assert_int_equal(shape_set(ts, f, 2), OF_OK); /* tables 0 and 2 */
	assert_int_equal(shape_n_tables(ts), 3);
	assert_false(shape_table_exists(ts, 1));
	assert_false(shape_table_exists(ts, 3));
	assert_int_equal(tables_active(ts, 1) + tables_active(ts, 3), 0);
	assert_int_equal(removed, 0); /* no FLOW_REMOVED */
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_BAD_TABLE_ID);
	fm.command = OFPFC_DELETE;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_BAD_TABLE_ID);
	fm = add(0, 5);
	fm.insts.present = OFP_INST_BIT(OFPIT_GOTO_TABLE);
	fm.insts.goto_table = 1;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_BAD_TABLE_ID);
	fm.insts.goto_table = 2;
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	for (unsigned i = 0; i < N; i++)
		shape_capability(ts, (uint8_t)i, &f[i]);
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	assert_int_equal(shape_n_tables(ts), N);
	assert_int_equal(tables_active(ts, 0), 0); /* it can do more than before */
	fm = add(1, 5);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
}

static void
matches_are_enforced(void **state)
{
	const uint8_t v[8] = {0, 0, 0, 0, 0, 0, 0, 1}, low[8] = {0, 0, 0, 0, 0, 0, 0, 0x0f},
	              high[8] = {0, 0, 0, 0, 0, 0, 0, 0xff}, mac[6] = {2, 0, 0, 0, 0, 1}, part[6] = {0xff};
	struct flow_mod fm;

	(void)state;
	f[0].match = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_ETH_DST);
	f[0].wildcards = OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_ETH_DST);
	f[0].match_hasmask = 0; /* left out by controllers: granted wherever there can be a mask */
	f[0].metadata_match = 0x0f;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	fm = add(0, 0);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK); /* a table-miss entry always */
	fm = add(0, 5);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBMC_BAD_WILDCARDS); /* in_port may not be omitted */
	match_in_port(&fm, 1);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	match_set(&fm.match, OXM_ETH_DST, mac, part);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	match_set(&fm.match, OXM_METADATA, v, low);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	match_set(&fm.match, OXM_METADATA, v, high);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBMC_BAD_MASK);
	fm = add(0, 5);
	match_in_port(&fm, 1);
	match_set(&fm.match, OXM_ETH_SRC, mac, NULL);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBMC_BAD_FIELD);
	assert_int_equal(tables_active(ts, 0), 4);
	fm.command = OFPFC_DELETE; /* may ask for anything */
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
}

static void
instructions_and_actions_are_enforced(void **state)
{
	struct act_buf out = ACT_BUF_INIT, set = ACT_BUF_INIT;
	const uint8_t mac[6] = {2};
	struct flow_mod fm = add(0, 5);

	(void)state;
	act_buf_output(&out, 1, 0);
	act_buf_set_field(&set, OXM_ETH_SRC, mac);
	f[0].instructions[0] = 1u << OFPIT_APPLY_ACTIONS | 1u << OFPIT_WRITE_METADATA;
	f[0].apply_actions[0] = 1u << OFPAT_OUTPUT | 1u << OFPAT_SET_FIELD;
	f[0].apply_setfield[0] = OXM_BIT(OXM_ETH_DST);
	f[0].metadata_write = 0xf0;
	f[0].present |= 1u << OFPTFPT_APPLY_ACTIONS_MISS; /* misses go nowhere */
	f[0].apply_actions[1] = 0;
	f[0].next_tables[0][0] = 0;
	f[1].metadata_write = 0;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	fm.insts.apply = act_buf_acts(&out);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	fm.priority = 0;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBAC_BAD_TYPE);
	fm.command = OFPFC_MODIFY;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBAC_BAD_TYPE); /* would change the miss too */
	fm.command = OFPFC_ADD;
	fm.priority = 5;
	fm.insts.apply = act_buf_acts(&set);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBAC_BAD_SET_TYPE);
	fm.insts = (struct ofp_insts){.present = OFP_INST_BIT(OFPIT_WRITE_ACTIONS), .write = act_buf_acts(&out)};
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_UNSUP_INST);
	fm.insts = (struct ofp_insts){.present = OFP_INST_BIT(OFPIT_GOTO_TABLE), .goto_table = 1};
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_UNSUP_INST);
	fm.insts = (struct ofp_insts){.present = OFP_INST_BIT(OFPIT_WRITE_METADATA), .metadata_mask = 0x10};
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	fm.insts.metadata_mask = 0x18;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_UNSUP_METADATA_MASK);
	fm.table_id = 1;
	assert_int_equal(tables_flow_mod(ts, &fm), OFPBIC_UNSUP_METADATA);
	act_buf_fini(&out);
	act_buf_fini(&set);
}

static void
a_table_holds_no_more_than_it_says(void **state)
{
	struct flow_mod fm;

	(void)state;
	f[1].max_entries = 2;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	for (uint16_t i = 0; i < 2; i++) {
		fm = add(1, i);
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	}
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK); /* the same again takes no place */
	fm = add(1, 9);
	assert_int_equal(tables_flow_mod(ts, &fm), OFPFMFC_TABLE_FULL);
	fm = add(2, 9);
	assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
	f[1].max_entries = 3;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	assert_int_equal(tables_active(ts, 1), 2); /* they fit */
	f[1].max_entries = 1;
	assert_int_equal(shape_set(ts, f, N), OF_OK);
	assert_int_equal(tables_active(ts, 1), 0);
	assert_int_equal(removed, 0);
}

static void
the_configuration_is_kept(void **state)
{
	(void)state;
	assert_int_equal(shape_set_config(ts, 2, 3), OF_OK);
	assert_int_equal(shape_get(ts, 2)->config, 3);
	assert_int_equal(shape_get(ts, 1)->config, 0);
	assert_int_equal(shape_set_config(ts, OFPTT_ALL, 1), OF_OK);
	assert_int_equal(shape_get(ts, 3)->config, 1);
	assert_int_equal(shape_set_config(ts, N, 0), OFPTMFC_BAD_TABLE);
	assert_int_equal(shape_set_config(ts, 0, 4), OFPTMFC_BAD_CONFIG);
}

int
main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(what_is_read_can_be_written),
	    T(a_write_is_checked_as_a_whole),
	    T(what_faucet_leaves_out_is_filled_in),
	    T(tables_go_and_come_back),
	    T(matches_are_enforced),
	    T(instructions_and_actions_are_enforced),
	    T(a_table_holds_no_more_than_it_says),
	    T(the_configuration_is_kept),
	};

	return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
