/* SPDX-License-Identifier: ISC */
/* The order of what a connection is told: errors and events before the barrier, dumps whole and in turn. */
#include "conn_case.h"

#include <event2/buffer.h>

/* ---- order ---- */

static void
errors_precede_the_barrier(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		put_flow(OFPFC_ADD, 0, (uint16_t)i, 1);
		put_flow(OFPFC_ADD, 100, 1, 1);
		simple_encode(&req, OFPT_BARRIER_REQUEST, i);
	}
	send_and_run();
	for (unsigned i = 0; i < 200; i++) {
		assert_reply(OFPT_ERROR, 7);
		assert_reply(OFPT_BARRIER_REPLY, i);
	}
	assert_nothing();
	assert_int_equal(ofproto_flow_count(rig.op), 200);
}

/* X4, X5, X12: dumps come whole and in turn, requests behind them wait, echoes do not. */
static void
dumps_never_mix(void **state)
{
	unsigned flows[4] = {0}, turn = 0;
	const uint8_t *m;
	size_t len;

	(void)state;
	add_many_flows(7000);
	peer.deaf = true;
	for (uint32_t xid = 0; xid < 3; xid++)
		put_flow_request(xid, OFPMP_FLOW);
	put_flow_request(3, OFPMP_AGGREGATE);
	simple_encode(&req, OFPT_BARRIER_REQUEST, 4);
	echo_encode(&req, OFPT_ECHO_REQUEST, 5, NULL, 0);
	send_and_run();
	assert_true(evbuffer_get_length(peer.conn->waiting) > 0);
	peer.deaf = false;
	rig_run(&rig, &peer, 1);
	while ((m = peer_next(&peer, &len)) != NULL && m[1] != OFPT_BARRIER_REPLY) {
		const uint32_t xid = get_be32(m + 4);
		struct wire w = wire_init(m + 16, len - 16);
		struct act_buf acts = ACT_BUF_INIT;
		struct flow_stats fs;

		if (m[1] == OFPT_ECHO_REPLY) {
			assert_int_equal(turn, 0); /* it overtook what waited */
			continue;
		}
		assert_int_equal(m[1], OFPT_MULTIPART_REPLY);
		assert_int_equal(xid, turn);
		if (xid == 3) {
			assert_int_equal(get_be32(m + 32), 7000);
		} else {
			for (; wire_left(&w); flows[xid]++)
				assert_int_equal(flow_stats_decode(&w, &acts, &fs), OF_OK);
		}
		act_buf_fini(&acts);
		turn += !(m[11] & OFPMPF_REPLY_MORE);
	}
	assert_non_null(m);
	assert_int_equal(turn, 4);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(flows[i], 7000);
	assert_nothing();
}

/* ---- flow-removed (7.4.2) ---- */

static void
put_timed_flow(uint16_t priority, uint16_t idle_s, uint16_t hard_s, uint16_t flags)
{
	const struct flow_mod fm = {.priority = priority,
	                            .cookie = 0x1000u + priority,
	                            .idle_timeout_s = idle_s,
	                            .hard_timeout_s = hard_s,
	                            .flags = flags,
	                            .buffer_id = OFP_NO_BUFFER,
	                            .out_port = OFPP_ANY,
	                            .out_group = OFPG_ANY};

	flow_mod_encode(&req, 7, &fm);
}

static void
assert_removed(uint16_t priority, enum ofp_flow_removed_reason reason, uint32_t duration_s)
{
	struct flow_removed fr;
	struct wire w;
	size_t len;
	const uint8_t *m = peer_next(&peer, &len);

	assert_non_null(m);
	assert_int_equal(m[1], OFPT_FLOW_REMOVED);
	w = wire_init(m + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	assert_int_equal(flow_removed_decode(&w, &fr), OF_OK);
	assert_int_equal(fr.priority, priority);
	assert_int_equal(fr.cookie, 0x1000u + priority);
	assert_int_equal(fr.reason, reason);
	assert_int_equal(fr.duration_s, duration_s);
}

static void
expire_at(uint64_t second)
{
	clock_fake_set(second * SECOND);
	while (tables_expire(rig.op->tables, &ofproto_section, rig.op, 100))
		;
	rig_run(&rig, &peer, 1);
}

/* Those that asked for it are told of, with the reason, and no others. */
static void
flow_removed_goes_to_who_asked(void **state)
{
	(void)state;
	put_timed_flow(1, 0, 5, OFPFF_SEND_FLOW_REM);
	put_timed_flow(2, 0, 5, 0);
	put_timed_flow(3, 3, 0, OFPFF_SEND_FLOW_REM);
	put_timed_flow(4, 3, 0, 0);
	put_timed_flow(5, 0, 0, OFPFF_SEND_FLOW_REM);
	put_timed_flow(6, 0, 0, 0);
	send_and_run();
	assert_nothing();
	expire_at(1003);
	assert_removed(3, OFPRR_IDLE_TIMEOUT, 3);
	assert_nothing();
	expire_at(1005);
	assert_removed(1, OFPRR_HARD_TIMEOUT, 5);
	assert_nothing();
	put_flow(OFPFC_DELETE, 0, 0, 0);
	send_and_run();
	assert_removed(5, OFPRR_DELETE, 5);
	assert_nothing();
}

/* 7.3.8: what a request leads to comes before the reply to the barrier after it, however much that is. */
static void
events_precede_the_barrier(void **state)
{
	(void)state;
	for (uint16_t i = 1; i <= 3000; i++)
		put_timed_flow(i, 0, 0, OFPFF_SEND_FLOW_REM);
	send_and_run();
	put_flow(OFPFC_DELETE, 0, 0, 0);
	simple_encode(&req, OFPT_BARRIER_REQUEST, 77);
	send_and_run();
	for (unsigned i = 0; i < 3000; i++)
		assert_reply(OFPT_FLOW_REMOVED, 0);
	assert_reply(OFPT_BARRIER_REPLY, 77);
	assert_nothing();
}

static void
put_prefix(uint32_t xid, uint32_t address, unsigned bits, uint16_t flags)
{
	struct flow_mod fm = {.priority = 7, .flags = flags, .buffer_id = OFP_NO_BUFFER};
	const be32 v = host_to_be32(address), m = host_to_be32(UINT32_MAX << (32 - bits));
	const be16 ip = host_to_be16(0x0800);

	match_init(&fm.match);
	match_set(&fm.match, OXM_ETH_TYPE, &ip, NULL);
	match_set(&fm.match, OXM_IPV4_DST, &v, &m);
	flow_mod_encode(&req, xid, &fm);
}

/* So many entries that each must be asked that a turn may not be enough; the clock stands still or goes (6.4). */
static void
overlap_is_found_among_many(void **state)
{
	uint8_t request[128];
	size_t len;

	(void)state;
	for (unsigned turn = 0; turn < 2; turn++) {
		if (turn)
			clock_fake_set(0);
		for (uint32_t i = 0; i < 3000; i++) {
			put_prefix(1, i << 8, 32, 0); /* 0.x and 192.x: what they share keeps nobody away */
			put_prefix(1, 3u << 30 | i << 8, 32, 0);
			if (i % 50 == 49)
				send_and_run();
		}
		put_prefix(2, (1u + turn) << 30, 2, OFPFF_CHECK_OVERLAP); /* 64/2, 128/2: none of them */
		simple_encode(&req, OFPT_BARRIER_REQUEST, 3);
		send_and_run();
		assert_reply(OFPT_BARRIER_REPLY, 3);
		assert_int_equal(tables_active(rig.op->tables, 0), 6001 + turn);
		put_prefix(4, 2999u << 8, 24, OFPFF_CHECK_OVERLAP);
		len = req.len;
		memcpy(request, req.data, len);
		simple_encode(&req, OFPT_BARRIER_REQUEST, 5);
		send_and_run();
		assert_error(OFPFMFC_OVERLAP, 4, request, len);
		assert_reply(OFPT_BARRIER_REPLY, 5);
		assert_int_equal(tables_active(rig.op->tables, 0), 6001 + turn);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(errors_precede_the_barrier),     CONN_CASE(dumps_never_mix),
	    CONN_CASE(flow_removed_goes_to_who_asked), CONN_CASE(events_precede_the_barrier),
	    CONN_CASE(overlap_is_found_among_many),
	};

	return cmocka_run_group_tests_name("conn_order", tests, NULL, NULL);
}
