/* SPDX-License-Identifier: ISC */
/* The codec: what each malformed match, action and instruction is told, and that what is written reads back equal. */
#include "messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t n = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		const char pair[3] = {hex[0], hex[1], '\0'};

		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

/* A struct ofp_match of 'oxms', padded. */
static size_t
make_match(const char *oxms, uint8_t *out)
{
	const size_t len = 4 + from_hex(oxms, out + 4);

	put_be16(out, OFPMT_OXM);
	put_be16(out + 2, (uint16_t)len);
	memset(out + len, 0, 8);
	return (len + 7) / 8 * 8;
}

static enum of_error
match_error(const char *oxms, struct match *m)
{
	uint8_t buf[256];
	struct wire w = wire_init(buf, make_match(oxms, buf));

	return match_decode(&w, m);
}

static void
test_match_errors(void **state)
{
	static const struct {
		const char *oxms;
		enum of_error error;
	} rows[] = {
	    {"", OF_OK},
	    {"8000000400000001", OF_OK},
	    {"80000a020800", OF_OK},
	    {"8000000300000001", OFPBMC_BAD_LEN},
	    {"80000004000000", OFPBMC_BAD_LEN},
	    {"800000", OFPBMC_BAD_LEN},
	    {"8000fe0100", OFPBMC_BAD_FIELD},
	    {"0001000400000001", OFPBMC_BAD_FIELD},
	    {"80000b040800ffff", OFPBMC_BAD_MASK},
	    {"80000a02080080000a020800", OFPBMC_DUP_FIELD},
	    {"80001401"
	     "06",
	     OFPBMC_BAD_PREREQ},
	    {"800014010680000a020800", OFPBMC_BAD_PREREQ},
	    {"80000a02080080001908"
	     "0a000001ff000000",
	     OFPBMC_BAD_WILDCARDS},
	    {"80000a02080080001001"
	     "40",
	     OFPBMC_BAD_VALUE},
	    {"80000c02000a", OFPBMC_BAD_VALUE},
	};
	struct match m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const enum of_error error = match_error(rows[i].oxms, &m);

		if (error != rows[i].error)
			fail_msg("%s: %s, expected %s", rows[i].oxms, of_error_name(error),
			         of_error_name(rows[i].error));
	}
}

static void
test_match_head(void **state)
{
	const uint8_t standard[8] = {0, 0, 0, 4}, cut[8] = {0, 1, 0, 12}, small[8] = {0, 1, 0, 3};
	struct match m;
	struct wire w;

	(void)state;
	w = wire_init(standard, 8);
	assert_int_equal(match_decode(&w, &m), OFPBMC_BAD_TYPE);
	w = wire_init(cut, 8);
	assert_int_equal(match_decode(&w, &m), OFPBMC_BAD_LEN);
	w = wire_init(small, 8);
	assert_int_equal(match_decode(&w, &m), OFPBMC_BAD_LEN);
}

static void
test_flow_mod(void **state)
{
	const uint8_t ip[2] = {8, 0}, dst[4] = {10}, mask[4] = {255}, mac[6] = {2, 0, 0, 0, 0, 1};
	struct act_buf acts = ACT_BUF_INIT, acts2 = ACT_BUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct flow_mod fm, out;
	struct wire w;

	(void)state;
	memset(&fm, 0, sizeof(fm));
	fm.cookie = 0x1122334455667788;
	fm.priority = 7;
	fm.idle_timeout_s = 5;
	fm.buffer_id = fm.out_port = fm.out_group = UINT32_MAX;
	match_set(&fm.match, OXM_ETH_TYPE, ip, NULL);
	match_set(&fm.match, OXM_IPV4_DST, dst, mask);
	act_buf_set_field(&acts, OXM_ETH_DST, mac);
	act_buf_output(&acts, OFPP_CONTROLLER, 128);
	fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS) | OFP_INST_BIT(OFPIT_GOTO_TABLE);
	fm.insts.goto_table = 3;
	fm.insts.apply = act_buf_acts(&acts);
	flow_mod_encode(&b, 9, &fm);
	assert_true(wbuf_ok(&b));
	assert_int_equal(get_be16(b.data + 2), b.len);
	w = wire_init(b.data + OFP_HEADER_LEN, b.len - OFP_HEADER_LEN);
	assert_int_equal(flow_mod_decode(&w, &acts2, &out), OF_OK);
	assert_int_equal(out.cookie, fm.cookie);
	assert_int_equal(out.priority, 7);
	assert_int_equal(out.idle_timeout_s, 5);
	assert_memory_equal(&out.match, &fm.match, sizeof(fm.match));
	assert_true(ofp_insts_equal(&out.insts, &fm.insts));
	wbuf_fini(&b);
	act_buf_fini(&acts);
	act_buf_fini(&acts2);
}

static void
test_action_errors(void **state)
{
	static const struct {
		const char *hex;
		enum of_error error;
	} rows[] = {
	    {"0000001000000001ffff000000000000", OF_OK},
	    {"0000001000000000ffff000000000000", OFPBAC_BAD_OUT_PORT},
	    {"00000010ffffffffffff000000000000", OFPBAC_BAD_OUT_PORT},
	    {"00000010fffffff9ffff000000000000", OFPBAC_BAD_OUT_PORT},
	    {"0000000800000001", OFPBAC_BAD_LEN},
	    {"0000001000000001", OFPBAC_BAD_LEN},
	    {"0012000c00000000", OFPBAC_BAD_LEN},
	    {"00630008"
	     "00000000",
	     OFPBAC_BAD_TYPE},
	    {"ffff000800000001", OFPBAC_BAD_EXPERIMENTER},
	    {"0011000808000000", OFPBAC_BAD_TAG},
	    {"0011000881000000", OF_OK},
	    {"00160008ffffff01", OFPBAC_BAD_OUT_GROUP},
	    {"001900108000000400000001"
	     "00000000",
	     OFPBAC_BAD_SET_TYPE},
	    {"0019001880000a0208000000000000000000000000000000", OFPBAC_BAD_LEN},
	    {"0019001080000a030800"
	     "000000000000",
	     OFPBAC_BAD_SET_LEN},
	    {"0019001080001001"
	     "40"
	     "00000000000000",
	     OFPBAC_BAD_SET_ARGUMENT},
	};
	uint8_t buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct act_buf acts = ACT_BUF_INIT;
		struct wire w = wire_init(buf, from_hex(rows[i].hex, buf));
		const enum of_error error = ofp_acts_decode(&w, wire_left(&w), 0, &acts);

		if (error != rows[i].error)
			fail_msg("%s: %s, expected %s", rows[i].hex, of_error_name(error),
			         of_error_name(rows[i].error));
		act_buf_fini(&acts);
	}
}

static void
test_instruction_errors(void **state)
{
	static const struct {
		const char *hex;
		enum of_error error;
	} rows[] = {
	    {"0001000801000000", OF_OK},
	    {"00010008010000000001000802000000", OFPBIC_DUP_INST},
	    {"0001000701000000", OFPBIC_BAD_LEN},
	    {"0001001001000000", OFPBIC_BAD_LEN},
	    {"00010010010000000000000000000000", OFPBIC_BAD_LEN},
	    {"0063000800000000", OFPBIC_UNKNOWN_INST},
	    {"ffff000800000001", OFPBIC_BAD_EXPERIMENTER},
	    {"000400100000000000630008"
	     "00000000",
	     OFPBAC_BAD_TYPE},
	};
	uint8_t buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct act_buf acts = ACT_BUF_INIT;
		struct wire w = wire_init(buf, from_hex(rows[i].hex, buf));
		struct ofp_insts insts;
		const enum of_error error = ofp_insts_decode(&w, &acts, &insts);

		if (error != rows[i].error)
			fail_msg("%s: %s, expected %s", rows[i].hex, of_error_name(error),
			         of_error_name(rows[i].error));
		act_buf_fini(&acts);
	}
}

static uint32_t
hello_versions(const char *hex, uint8_t version)
{
	uint8_t buf[64];
	struct wire w = wire_init(buf, from_hex(hex, buf));
	uint32_t versions = 0;

	return hello_decode(&w, version, &versions) == OF_OK ? versions : 0;
}

static void
test_hello(void **state)
{
	(void)state;
	assert_int_equal(hello_versions("0001000800000010", 4), 1u << 4);
	assert_int_equal(hello_versions("0001000800000012", 6), 0x12);
	assert_true(hello_versions("", 4) & 1u << 4);
	assert_true(hello_versions("", 6) & 1u << 4);
	assert_int_equal(hello_versions("", 1), 1u << 1);
	/* An element of another type is skipped; a broken one is refused. */
	assert_int_equal(hello_versions("00090005aa0000000001000800000010", 4), 1u << 4);
	assert_int_equal(hello_versions("0001000300000010", 4), 0);
	assert_int_equal(hello_versions("0001004000000010", 4), 0);
}

static void
test_table_features(void **state)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct table_features f, out;
	struct wire w;

	(void)state;
	memset(&f, 0, sizeof(f));
	f.table_id = 2;
	memcpy(f.name, "two", 3);
	f.max_entries = 1000;
	f.present =
	    1u << OFPTFPT_INSTRUCTIONS | 1u << OFPTFPT_NEXT_TABLES | 1u << OFPTFPT_MATCH | 1u << OFPTFPT_APPLY_ACTIONS;
	f.instructions[0] = 1u << OFPIT_GOTO_TABLE | 1u << OFPIT_APPLY_ACTIONS;
	f.apply_actions[0] = 1u << OFPAT_OUTPUT;
	f.next_tables[0][0] = UINT64_C(1) << 3;
	f.next_tables[0][3] = UINT64_C(1) << 62;
	f.match = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_IPV4_DST);
	f.match_hasmask = OXM_BIT(OXM_IPV4_DST);
	table_features_encode(&b, &f);
	w = wire_init(b.data, b.len);
	assert_int_equal(table_features_decode(&w, &out), OF_OK);
	assert_int_equal(wire_left(&w), 0);
	assert_memory_equal(&out, &f, sizeof(f));
	wbuf_fini(&b);
}

static void
test_long_error(void **state)
{
	static uint8_t request[OFP_MAX_MSG_LEN];
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct error_msg err;
	struct wire w;

	(void)state;
	memset(request, 0xa5, sizeof(request));
	error_encode(&b, 1, OFPBRC_BAD_LEN, request, sizeof(request));
	assert_true(wbuf_ok(&b));
	assert_int_equal(b.len, OFP_MAX_MSG_LEN);
	assert_int_equal(get_be16(b.data + 2), OFP_MAX_MSG_LEN);
	w = wire_init(b.data + OFP_HEADER_LEN, b.len - OFP_HEADER_LEN);
	assert_int_equal(error_decode(&w, &err), OF_OK);
	assert_int_equal(of_error_from_wire(err.type, err.code), OFPBRC_BAD_LEN);
	assert_int_equal(err.len, OFP_MAX_MSG_LEN - 12);
	wbuf_fini(&b);
}

static void
add_type(struct act_buf *b, uint16_t type, uint16_t ethertype)
{
	struct ofp_act *a = act_buf_add(b, type, 0);

	assert_non_null(a);
	a->ethertype = ethertype;
}

/* A set is judged in the order of 5.10, after the actions that are applied at once; a list as it stands. */
static void
test_set_consistency(void **state)
{
	static const uint8_t mpls[2] = {0x88, 0x47}, v[16] = {0};
	struct act_buf apply = ACT_BUF_INIT, write = ACT_BUF_INIT;
	struct ofp_insts in = {.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS) | OFP_INST_BIT(OFPIT_WRITE_ACTIONS)};
	struct match m = {0};

	(void)state;
	match_set(&m, OXM_ETH_TYPE, mpls, NULL);
	act_buf_set_field(&write, OXM_IPV4_SRC, v);
	in.write = act_buf_acts(&write);
	in.apply = act_buf_acts(&apply);
	assert_int_equal(ofp_insts_check(&in, &m), OFPBAC_MATCH_INCONSISTENT);
	add_type(&apply, OFPAT_POP_MPLS, 0x0800);
	in.apply = act_buf_acts(&apply);
	assert_int_equal(ofp_insts_check(&in, &m), OF_OK);
	act_buf_set_field(&write, OXM_MPLS_LABEL, v);
	in.write = act_buf_acts(&write);
	assert_int_equal(ofp_insts_check(&in, &m), OFPBAC_MATCH_INCONSISTENT);
	act_buf_reset(&write);
	act_buf_set_field(&write, OXM_MPLS_LABEL, v);
	add_type(&write, OFPAT_PUSH_MPLS, 0x8847);
	in.write = act_buf_acts(&write);
	assert_int_equal(ofp_insts_check(&in, &m), OF_OK);
	act_buf_reset(&apply);
	act_buf_set_field(&apply, OXM_VLAN_VID, v);
	act_buf_set_field(&apply, OXM_IPV4_SRC, v);
	in.apply = act_buf_acts(&apply);
	assert_int_equal(ofp_insts_check(&in, &m), OFPBAC_MATCH_INCONSISTENT);
	act_buf_fini(&apply);
	act_buf_fini(&write);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_match_errors),       cmocka_unit_test(test_match_head),
	    cmocka_unit_test(test_flow_mod),           cmocka_unit_test(test_action_errors),
	    cmocka_unit_test(test_instruction_errors), cmocka_unit_test(test_hello),
	    cmocka_unit_test(test_table_features),     cmocka_unit_test(test_long_error),
	    cmocka_unit_test(test_set_consistency),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
