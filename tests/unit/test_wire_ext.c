/* SPDX-License-Identifier: ISC */
/* The ONF extensions: bytes as Open vSwitch 3.1 and os-ken send them are understood, what is malformed is told so, and what is written reads
 * back equal. */
#include "extensions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static struct wbuf out = WBUF_INIT(OFP_MAX_MSG_LEN);
static struct act_buf acts = ACT_BUF_INIT;

static int
teardown(void **state)
{
	(void)state;
	wbuf_reset(&out);
	act_buf_reset(&acts);
	return 0;
}

/* A cursor over the bytes of a text; they are freed with the next call. */
static struct wire
hex(const char *text)
{
	static uint8_t *buf;
	size_t n = 0;

	free(buf);
	buf = malloc(strlen(text) / 2 + 1);
	assert_non_null(buf);
	for (; text[0] && text[1]; text += 2) {
		const char pair[3] = {text[0], text[1], '\0'};

		buf[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return wire_init(buf, n);
}

/* The body of the message in 'out', behind 'head' bytes; its length field is right. */
static struct wire
body_of(size_t head)
{
	assert_true(wbuf_ok(&out));
	assert_int_equal(get_be16(out.data + 2), out.len);
	return wire_init(out.data + head, out.len - head);
}

static void
test_bundle_control_as_ovs_ofctl_sends_it(void **unused)
{
	struct wire w = hex("4f4e4600000008fc0000000700000003");
	struct experimenter_hdr h;
	struct bundle_control c;

	(void)unused;
	assert_int_equal(experimenter_hdr_decode(&w, &h), OF_OK);
	assert_int_equal(h.experimenter, ONF_EXPERIMENTER_ID);
	assert_int_equal(h.exp_type, ONFT_BUNDLE_CONTROL);
	assert_int_equal(bundle_control_decode(&w, &c), OF_OK);
	assert_int_equal(c.bundle_id, 7);
	assert_int_equal(c.type, OFPBCT_OPEN_REQUEST);
	assert_int_equal(c.flags, OFPBF_ATOMIC | OFPBF_ORDERED);
	bundle_control_encode(&out, 9, &c);
	assert_int_equal(out.len, 24);
	assert_memory_equal(out.data, "\x04\x04\x00\x18\x00\x00\x00\x09ONF\0\0\0\x08\xfc\0\0\0\x07\0\0\0\x03", 24);
}

static enum of_error
control_error(const char *text)
{
	struct wire w = hex(text);
	struct bundle_control c;

	return bundle_control_decode(&w, &c);
}

static enum of_error
add_error(const char *text)
{
	struct wire w = hex(text);
	struct bundle_add a;

	return bundle_add_decode(&w, &a);
}

static void
test_bundle_form(void **unused)
{
	(void)unused;
	assert_int_equal(control_error("00000001000000"), OFPBRC_BAD_LEN);
	assert_int_equal(control_error("0000000100000000ffff"), OFPBRC_BAD_LEN);
	assert_int_equal(control_error("0000000100000000ffff000c000000010000000000000000"), OFPBRC_BAD_EXPERIMENTER);
	assert_int_equal(control_error("0000000100000000ffff001c0000000100000000"), OFPBRC_BAD_LEN);
	assert_int_equal(control_error("0000000100000000000100080000000000000000"), OFPBFC_UNKNOWN);
	assert_int_equal(add_error("00000001000000"), OFPBRC_BAD_LEN);
	assert_int_equal(add_error("0000000100000003"), OFPBFC_MSG_BAD_LEN);
	assert_int_equal(add_error("0000000100000003041400070000000a"), OFPBFC_MSG_BAD_LEN);
	assert_int_equal(add_error("0000000100000003041400090000000a"), OFPBFC_MSG_BAD_LEN);
	assert_int_equal(add_error("0000000100000003041400080000000a"), OF_OK);
	/* with 9 bytes the properties begin 7 further on */
	assert_int_equal(add_error("0000000100000003041400090000000aff00000000000000ffff000c0000000100000000"
	                           "00000000"),
	                 OFPBRC_BAD_EXPERIMENTER);
	assert_int_equal(add_error("0000000100000003041400090000000aff0000"), OFPBRC_BAD_LEN);
}

static void
test_bundle_add_again(void **unused)
{
	static const uint8_t barrier[8] = {4, OFPT_BARRIER_REQUEST, 0, 8, 0, 0, 0, 5};
	const struct bundle_add a = {.bundle_id = 3, .flags = OFPBF_ORDERED, .msg = barrier, .len = 8};
	struct bundle_add again;
	struct wire w;

	(void)unused;
	bundle_add_encode(&out, 5, &a);
	w = body_of(16);
	assert_int_equal(bundle_add_decode(&w, &again), OF_OK);
	assert_int_equal(again.bundle_id, 3);
	assert_int_equal(again.flags, OFPBF_ORDERED);
	assert_int_equal(again.len, 8);
	assert_memory_equal(again.msg, barrier, 8);
}

static void
test_monitor_request_as_ovs_ofctl_sends_it(void **unused)
{
	struct wire w = hex("00000000001f0016000000020300000000010016"
	                    "80000a02080080001708"
	                    "0a000000ff0000000000");
	struct flow_monitor_request r;
	uint8_t v[16], m[16];

	(void)unused;
	assert_int_equal(flow_monitor_request_decode(&w, &r), OF_OK);
	assert_int_equal(wire_left(&w), 0);
	assert_int_equal(r.flags, ONFFMF_ALL & ~ONFFMF_OWN);
	assert_int_equal(r.out_port, 2);
	assert_int_equal(r.table_id, 3);
	assert_true(match_get(&r.match, OXM_IPV4_SRC, v, m));
	assert_memory_equal(v, "\x0a\0\0\0", 4);
	assert_memory_equal(m, "\xff\0\0\0", 4);
	flow_monitor_request_encode(&out, &r);
	assert_int_equal(out.len, 40);
	assert_memory_equal(out.data, "\0\0\0\0\0\x1f\0\x16\0\0\0\x02\x03\0\0\0\0\x01\0\x16\x80\0\x0a\x02", 24);
}

/* os-ken writes the OXM fields alone, and nothing for a match of everything. */
static void
test_monitor_request_as_os_ken_sends_it(void **unused)
{
	struct wire w = hex("00000005003f0008fffffffdff000000"
	                    "8000000400000001"
	                    "00000006003f0000ffffffffff000000");
	struct flow_monitor_request r;
	struct match all;

	(void)unused;
	assert_int_equal(flow_monitor_request_decode(&w, &r), OF_OK);
	assert_int_equal(r.id, 5);
	assert_true(match_is_exact(&r.match, OXM_IN_PORT));
	assert_int_equal(flow_monitor_request_decode(&w, &r), OF_OK);
	assert_int_equal(r.id, 6);
	match_init(&all);
	assert_memory_equal(&r.match, &all, sizeof(all));
	assert_int_equal(wire_left(&w), 0);
}

static enum of_error
request_error(const char *text)
{
	struct wire w = hex(text);
	struct flow_monitor_request r;

	return flow_monitor_request_decode(&w, &r);
}

static void
test_monitor_request_form(void **unused)
{
	(void)unused;
	assert_int_equal(request_error("00000005003f0008fffffffdff0000"), OFPBRC_BAD_LEN);
	assert_int_equal(request_error("00000005003f0010fffffffdff0000000001000400000000"), OFPBRC_BAD_LEN);
	assert_int_equal(request_error("00000005003f0010fffffffdff00000000010004000000000000000000000000"),
	                 OFPBRC_BAD_LEN);
	assert_int_equal(request_error("00000005003f0008fffffffdff0000000002000400000000"), OFPBMC_BAD_TYPE);
	assert_int_equal(request_error("00000005003f0007fffffffdff0000008000000400000001"), OFPBMC_BAD_LEN);
}

static void
test_flow_update_again(void **unused)
{
	struct flow_update u = {.event = ONFFME_DELETED,
	                        .reason = OFPRR_HARD_TIMEOUT,
	                        .priority = 11,
	                        .idle_timeout_s = 22,
	                        .hard_timeout_s = 33,
	                        .table_id = 3,
	                        .cookie = 0x11},
	                   again;
	const be32 port = host_to_be32(1);
	struct act_buf more = ACT_BUF_INIT;
	struct wire w;

	(void)unused;
	match_init(&u.match);
	match_set(&u.match, OXM_IN_PORT, &port, NULL);
	act_buf_output(&acts, 2, 0);
	u.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	u.insts.apply = act_buf_acts(&acts);
	flow_update_encode(&out, &u);
	assert_int_equal(get_be16(out.data + 12), 12); /* the match without its padding */
	assert_int_equal(get_be16(out.data), out.len);
	w = wire_init(out.data, out.len);
	assert_int_equal(flow_update_decode(&w, &more, &again), OF_OK);
	assert_int_equal(again.reason, u.reason);
	assert_int_equal(again.priority, u.priority);
	assert_int_equal(again.idle_timeout_s, u.idle_timeout_s);
	assert_int_equal(again.hard_timeout_s, u.hard_timeout_s);
	assert_int_equal(again.table_id, u.table_id);
	assert_int_equal(again.cookie, u.cookie);
	assert_memory_equal(&again.match, &u.match, sizeof(u.match));
	assert_true(ofp_insts_equal(&again.insts, &u.insts));
	act_buf_fini(&more);
}

static enum of_error
update_error(const char *text)
{
	struct wire w = hex(text);
	struct flow_update u;

	act_buf_reset(&acts);
	return flow_update_decode(&w, &acts, &u);
}

static void
test_flow_update_form(void **unused)
{
	(void)unused;
	assert_int_equal(update_error("0008000300000077"), OF_OK);
	assert_int_equal(update_error("0008000400000077"), OFPBRC_BAD_LEN);
	assert_int_equal(update_error("00100003000000770000000000000000"), OFPBRC_BAD_LEN);
	assert_int_equal(update_error("000a0003000000770000"), OFPBRC_BAD_LEN);
	assert_int_equal(update_error("0000000300000077"), OFPBRC_BAD_LEN);
	assert_int_equal(update_error("00100000000080000000000000080300"), OFPBRC_BAD_LEN);
	assert_int_equal(update_error("0010000000008000000000000008030000"), OFPBRC_BAD_LEN);
}

static void
test_monitor_small_messages(void **unused)
{
	struct wire w;
	uint32_t id = 0;

	(void)unused;
	flow_monitor_cancel_encode(&out, 4, 5);
	assert_int_equal(out.len, 20);
	w = body_of(16);
	assert_int_equal(flow_monitor_cancel_decode(&w, &id), OF_OK);
	assert_int_equal(id, 5);
	w = hex("0000000500000000");
	assert_int_equal(flow_monitor_cancel_decode(&w, &id), OFPBRC_BAD_LEN);
	wbuf_reset(&out);
	onf_simple_encode(&out, 0, ONFT_FLOW_MONITOR_PAUSED);
	assert_memory_equal(out.data, "\x04\x04\0\x10\0\0\0\0ONF\0\0\0\x07\x4f", 16);
}

static void
test_table_desc_again(void **unused)
{
	const struct table_status s = {.reason = OFPTR_VACANCY_UP,
	                               .desc = {.table_id = 4,
	                                        .config = OFPTC_EVICTION | OFPTC_VACANCY_EVENTS,
	                                        .has_eviction = true,
	                                        .has_vacancy = true,
	                                        .eviction_flags = OFPTMPEF_IMPORTANCE,
	                                        .vacancy_down = 20,
	                                        .vacancy_up = 30,
	                                        .vacancy = 31}};
	struct table_status again;
	struct table_desc mod;
	struct wire w;

	(void)unused;
	table_status_encode(&out, 0, &s);
	w = body_of(16);
	assert_int_equal(table_status_decode(&w, &again), OF_OK);
	assert_int_equal(again.reason, s.reason);
	assert_int_equal(again.desc.config, s.desc.config);
	assert_int_equal(again.desc.eviction_flags, s.desc.eviction_flags);
	assert_int_equal(again.desc.vacancy_down, 20);
	assert_int_equal(again.desc.vacancy_up, 30);
	assert_int_equal(again.desc.vacancy, 31);
	wbuf_reset(&out);
	onf_table_mod_encode(&out, 1, &s.desc);
	w = body_of(16);
	assert_int_equal(onf_table_mod_decode(&w, &mod), OF_OK);
	assert_true(mod.has_eviction && mod.has_vacancy);
	assert_int_equal(mod.table_id, 4);
}

static enum of_error
table_mod_error(const char *text)
{
	struct wire w = hex(text);
	struct table_desc d;

	return onf_table_mod_decode(&w, &d);
}

static void
test_table_mod_form(void **unused)
{
	(void)unused;
	assert_int_equal(table_mod_error("04000000000000"), OFPBRC_BAD_LEN);
	assert_int_equal(table_mod_error("0400000000000004"), OF_OK);
	assert_int_equal(table_mod_error("0400000000000004000200"), OFPBRC_BAD_LEN);
	assert_int_equal(table_mod_error("0400000000000004000200070000000000"), OFPBRC_BAD_LEN);
	assert_int_equal(table_mod_error("04000000000000040004000800000000"), OFPTMFC_BAD_CONFIG);
	assert_int_equal(table_mod_error("040000000000000400020008000000020002000800000002"), OFPTMFC_BAD_CONFIG);
}

static enum of_error
importance(const char *text, struct ofp_insts *in)
{
	struct wire w = hex(text);

	act_buf_reset(&acts);
	return ofp_insts_decode(&w, &acts, in);
}

static void
test_importance(void **unused)
{
	struct ofp_insts in;
	struct wire w;

	(void)unused;
	assert_int_equal(importance("ffff00104f4e460000000780012c0000", &in), OF_OK);
	assert_true(in.has_importance);
	assert_int_equal(in.importance, 300);
	assert_int_equal(in.present, 0); /* nothing that frames meet */
	wbuf_reset(&out);
	ofp_insts_encode(&out, &in);
	w = wire_init(out.data, out.len);
	assert_int_equal(ofp_insts_decode(&w, &acts, &in), OF_OK);
	assert_int_equal(in.importance, 300);
	assert_int_equal(importance("ffff00104f4e460000000780012c0000ffff00104f4e460000000780012c0000", &in),
	                 OFPBIC_DUP_INST);
	assert_int_equal(importance("ffff00184f4e460000000780012c00000000000000000000", &in), OFPBIC_BAD_LEN);
	assert_int_equal(importance("ffff00104f4e460000000781012c0000", &in), OFPBIC_BAD_EXP_TYPE);
	assert_int_equal(importance("ffff00084f4e4600", &in), OFPBIC_BAD_EXP_TYPE);
	assert_int_equal(importance("ffff00100000232000000780012c0000", &in), OFPBIC_BAD_EXPERIMENTER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_bundle_control_as_ovs_ofctl_sends_it, teardown),
	    cmocka_unit_test_teardown(test_bundle_form, teardown),
	    cmocka_unit_test_teardown(test_bundle_add_again, teardown),
	    cmocka_unit_test_teardown(test_monitor_request_as_ovs_ofctl_sends_it, teardown),
	    cmocka_unit_test_teardown(test_monitor_request_as_os_ken_sends_it, teardown),
	    cmocka_unit_test_teardown(test_monitor_request_form, teardown),
	    cmocka_unit_test_teardown(test_flow_update_again, teardown),
	    cmocka_unit_test_teardown(test_flow_update_form, teardown),
	    cmocka_unit_test_teardown(test_monitor_small_messages, teardown),
	    cmocka_unit_test_teardown(test_table_desc_again, teardown),
	    cmocka_unit_test_teardown(test_table_mod_form, teardown),
	    cmocka_unit_test_teardown(test_importance, teardown),
	};
	const int failed = cmocka_run_group_tests_name("wire_ext", tests, NULL, NULL);

	(void)hex("");
	wbuf_fini(&out);
	act_buf_fini(&acts);
	return failed;
}
