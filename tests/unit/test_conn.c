/* SPDX-License-Identifier: ISC */
/* Connections against a switch without frames: handshake, framing, sizes, roles, order, bounds. */
#include "conn_rig.h"

#include "clock.h"
#include "shape.h"

#include <errno.h>
#include <event2/buffer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)

static struct rig rig;
static struct peer peer;
static struct wbuf b;

static int
setup(void **state)
{
	(void)state;
	clock_fake_set(1000 * SECOND);
	rig_open(&rig, 8, 4);
	peer_open_ready(&rig, &peer, false);
	b = (struct wbuf)WBUF_INIT(1 << 22);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	peer_close(&rig, &peer);
	rig_close(&rig);
	wbuf_fini(&b);
	clock_fake_set(0);
	return 0;
}

/* ---- what comes back ---- */

static bool
is_error(const uint8_t *m, enum of_error error)
{
	return m && m[1] == OFPT_ERROR && get_be16(m + 8) == of_error_type(error) &&
	       get_be16(m + 10) == of_error_code(error);
}

/* The next message is that error for 'xid', with the whole request as data. */
static void
assert_error(enum of_error error, uint32_t xid, const void *request, size_t request_len)
{
	size_t len, head = of_error_type(error) == 0xffff ? 16 : 12;
	const uint8_t *m = peer_next(&peer, &len);

	assert_non_null(m);
	assert_int_equal(m[1], OFPT_ERROR);
	assert_int_equal(get_be16(m + 8), of_error_type(error));
	assert_int_equal(get_be16(m + 10), of_error_code(error));
	assert_int_equal(get_be32(m + 4), xid);
	assert_int_equal(len, head + request_len);
	assert_memory_equal(m + head, request, request_len);
}

static void
assert_reply(uint8_t type, uint32_t xid)
{
	size_t len;
	const uint8_t *m = peer_next(&peer, &len);

	assert_non_null(m);
	assert_int_equal(m[1], type);
	assert_int_equal(get_be32(m + 4), xid);
}

static void
assert_nothing(void)
{
	size_t len;

	assert_null(peer_next(&peer, &len));
}

static void
send_and_run(void)
{
	peer_send(&peer, b.data, b.len);
	wbuf_reset(&b);
	rig_run(&rig, &peer, 1);
}

static void
assert_alive(void)
{
	size_t len;
	const uint8_t *m;

	assert_false(peer_is_gone(&rig, &peer));
	echo_encode(&b, OFPT_ECHO_REQUEST, 0xec40, "still here", 10);
	m = peer_ask(&rig, &peer, &b, &len);
	assert_non_null(m);
	assert_int_equal(m[1], OFPT_ECHO_REPLY);
	assert_int_equal(get_be32(m + 4), 0xec40);
	assert_int_equal(len, 18);
	assert_memory_equal(m + 8, "still here", 10);
	assert_nothing();
}

static void
put_flow(uint8_t command, uint8_t table, uint16_t priority, uint32_t out_port)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm = {.table_id = table,
	                      .command = command,
	                      .priority = priority,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY};

	if (out_port) {
		act_buf_output(&acts, out_port, 0);
		fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
		fm.insts.apply = act_buf_acts(&acts);
	}
	flow_mod_encode(&b, 7, &fm);
	act_buf_fini(&acts);
}

static void
put_flow_request(uint32_t xid, uint16_t type)
{
	struct flow_stats_request req = {.table_id = OFPTT_ALL, .out_port = OFPP_ANY, .out_group = OFPG_ANY};

	flow_stats_request_encode(&b, xid, type, &req);
}

static void
put_raw(const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		const char pair[3] = {hex[0], hex[1], '\0'};

		wbuf_put_u8(&b, (uint8_t)strtoul(pair, NULL, 16));
	}
}

/* ---- handshake ---- */

/* A13: HELLO, and what must happen. */
static void
hello_variants(void **state)
{
	static const struct {
		const char *bytes;
		bool taken;
	} rows[] = {
	    {"0400000800000001", true}, /* no elements */
	    {"0500000800000001", true}, /* 1.4 and below */
	    {"0600000800000001", true},
	    {"0100000800000001", false}, /* 1.0 alone */
	    {"0300000800000001", false},
	    {"04000010000000010001000800000010", true}, /* bitmap 1.3 */
	    {"05000010000000010001000800000030", true}, /* 1.3, 1.4 */
	    {"06000010000000010001000800000052", true}, /* as ONOS */
	    {"01000010000000010001000800000012", true}, /* header 1.0, bitmap with 1.3 (X2) */
	    {"05000010000000010001000800000020", false}, /* 1.4 alone */
	    {"04000010000000010001000800000002", false}, /* bitmap wins */
	    {"0400001000000001000200080102030405", true}, /* an unknown element (a byte of the next message) */
	    {"040000180000000100020006010200000001000800000010", true}, /* unknown, padded, then the bitmap */
	    {"04000010000000010001000400000010", true}, /* an empty bitmap says nothing */
	    {"040000100000000100010003000000", false}, /* cut: not whole, nothing happens */
	    {"040000100000000100010003000000ff", false}, /* element shorter than its head */
	    {"0402000800000001", false}, /* not HELLO first */
	    {"0405000800000001", false},
	    {"160301020001000001fc", false}, /* TLS: it need not come whole */
	    {"474554202f20485454502f312e310d0a", false}, /* HTTP */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const bool cut = i == 14;
		struct peer p;
		size_t len;
		const uint8_t *m;

		peer_open(&rig, &p, false);
		put_raw(rows[i].bytes);
		m = peer_ask(&rig, &p, &b, &len);
		assert_non_null(m); /* ours comes at once (X1) */
		assert_int_equal(len, 16);
		assert_memory_equal(m, "\4\0\0\20\0\0\0\0\0\1\0\10\0\0\0\20", 16);
		if (rows[i].taken) {
			assert_true(p.conn->hello_seen);
			assert_null(peer_next(&p, &len));
		} else if (cut) {
			assert_false(peer_is_gone(&rig, &p));
		} else {
			assert_true(is_error(peer_next(&p, &len), OFPHFC_INCOMPATIBLE));
			assert_true(peer_is_gone(&rig, &p));
		}
		peer_close(&rig, &p);
	}
}

static void
a_second_hello_is_ignored(void **state)
{
	(void)state;
	put_raw("0400000800000001");
	put_raw("0100000800000001");
	send_and_run();
	assert_nothing();
	assert_alive();
}

static void
no_hello_ends_after_ten_seconds(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&rig, &p, false);
	rig_run(&rig, &p, 1);
	clock_fake_set(1009 * SECOND);
	conn_tick(p.conn);
	assert_false(peer_is_gone(&rig, &p));
	clock_fake_set(1010 * SECOND + 1);
	conn_tick(p.conn);
	assert_true(peer_is_gone(&rig, &p));
	peer_close(&rig, &p);
}

static void
silence_is_probed_and_ends(void **state)
{
	(void)state;
	clock_fake_set(1005 * SECOND);
	conn_tick(peer.conn);
	conn_tick(peer.conn);
	rig_run(&rig, &peer, 1);
	assert_reply(OFPT_ECHO_REQUEST, 0);
	assert_nothing(); /* one is enough */
	put_raw("0403000800000000");
	send_and_run(); /* any byte is life */
	clock_fake_set(1009 * SECOND);
	conn_tick(peer.conn);
	assert_false(peer_is_gone(&rig, &peer));
	clock_fake_set(1015 * SECOND + 1);
	conn_tick(peer.conn);
	assert_true(peer_is_gone(&rig, &peer));
}

/* ---- sizes ---- */

/* What the rows say of a message of 'len' bytes; OF_OK: the row has no objection. */
static enum of_error
row_says(uint8_t type, size_t len)
{
	const struct ofp_type_info *info = ofp_type_info(type);

	if (!info || info->direction == OFP_TO_CONTROLLER)
		return OFPBRC_BAD_TYPE;
	if (len < info->min_len || (info->exact && len > info->min_len))
		return type == OFPT_SET_CONFIG ? OFPSCFC_BAD_LEN : OFPBRC_BAD_LEN;
	return OF_OK;
}

/* A14: every type, every length around its own.  Zeroes behind the header; one answer at most, and the connection lives. */
static void
every_type_of_every_length(void **state)
{
	(void)state;
	for (unsigned type = 1; type < 256; type++) {
		const struct ofp_type_info *info = ofp_type_info((uint8_t)type);
		const size_t max = info ? info->min_len + 9u : 12;

		if (type == OFPT_ERROR || type == OFPT_ECHO_REPLY || type == OFPT_ECHO_REQUEST)
			continue;
		for (size_t len = OFP_HEADER_LEN; len < max; len++) {
			const enum of_error error = row_says((uint8_t)type, len);
			uint8_t msg[128] = {4, (uint8_t)type, 0, (uint8_t)len, 0, 0, 0, 9};
			size_t n;

			peer_send(&peer, msg, len);
			rig_run(&rig, &peer, 1);
			if (error)
				assert_error(error, 9, msg, len);
			else
				peer_next(&peer, &n);
			assert_nothing();
			assert_alive();
		}
	}
}

static void
a_length_below_eight_ends_it(void **state)
{
	(void)state;
	put_raw("0402000700000001");
	send_and_run();
	assert_true(peer_is_gone(&rig, &peer));
}

static void
the_longest_message_is_answered_whole(void **state)
{
	static uint8_t msg[65535] = {4, 77, 0xff, 0xff, 0, 0, 0, 5};
	const uint8_t *m;
	size_t len;

	(void)state;
	memset(msg + 8, 0xa5, sizeof(msg) - 8);
	for (size_t at = 0; at < sizeof(msg); at += 4096) { /* more than the socket takes at once */
		peer_send(&peer, msg + at, sizeof(msg) - at < 4096 ? sizeof(msg) - at : 4096);
		rig_run(&rig, &peer, 1);
	}
	m = peer_next(&peer, &len);
	assert_true(is_error(m, OFPBRC_BAD_TYPE));
	assert_int_equal(len, 65535);
	assert_memory_equal(m + 12, msg, sizeof(msg) - 12);
	assert_alive();
}

static void
another_version_is_refused(void **state)
{
	static const uint8_t msg[] = {5, 20, 0, 8, 0, 0, 0, 3};

	(void)state;
	peer_send(&peer, msg, sizeof(msg));
	rig_run(&rig, &peer, 1);
	assert_error(OFPBRC_BAD_VERSION, 3, msg, sizeof(msg));
	assert_alive();
}

static void
put_sample(void)
{
	const struct switch_config cfg = {0, 99};
	const struct role_msg role = {OFPCR_ROLE_NOCHANGE, 0};

	simple_encode(&b, OFPT_FEATURES_REQUEST, 1);
	echo_encode(&b, OFPT_ECHO_REQUEST, 2, "abc", 3);
	switch_config_encode(&b, OFPT_SET_CONFIG, 3, &cfg);
	simple_encode(&b, OFPT_GET_CONFIG_REQUEST, 4);
	put_flow(OFPFC_ADD, 1, 5, 2);
	put_flow(OFPFC_ADD, 200, 5, 2); /* no such table */
	multipart_simple_encode(&b, 6, OFPMP_TABLE);
	put_flow_request(8, OFPMP_AGGREGATE);
	simple_encode(&b, OFPT_GET_ASYNC_REQUEST, 9);
	role_encode(&b, OFPT_ROLE_REQUEST, 10, &role);
	simple_encode(&b, OFPT_BARRIER_REQUEST, 11);
}

/* X21: where a stream is cut makes no difference. */
static void
fragments_make_no_difference(void **state)
{
	uint8_t *want;
	size_t want_len, n;

	(void)state;
	put_sample();
	n = b.len;
	send_and_run();
	want_len = peer.in_len;
	want = malloc(want_len);
	assert_non_null(want);
	memcpy(want, peer.in, want_len);
	for (size_t cut = 1; cut < n; cut++) {
		peer.in_len = 0;
		put_sample();
		peer_send(&peer, b.data, cut);
		rig_run(&rig, &peer, 1);
		peer_send(&peer, b.data + cut, b.len - cut);
		wbuf_reset(&b);
		rig_run(&rig, &peer, 1);
		assert_int_equal(peer.in_len, want_len);
		assert_memory_equal(peer.in, want, want_len);
	}
	peer.in_len = 0;
	put_sample();
	for (size_t i = 0; i < b.len; i++) {
		peer_send(&peer, b.data + i, 1);
		rig_run(&rig, &peer, 1);
	}
	wbuf_reset(&b);
	assert_int_equal(peer.in_len, want_len);
	assert_memory_equal(peer.in, want, want_len);
	peer.in_len = 0;
	free(want);
}

/* ---- roles ---- */

static void
set_role(struct peer *p, uint32_t role, uint64_t generation)
{
	const struct role_msg r = {role, generation};
	size_t len;
	const uint8_t *m;

	role_encode(&b, OFPT_ROLE_REQUEST, 1, &r);
	m = peer_ask(&rig, p, &b, &len);
	assert_non_null(m);
	assert_int_equal(m[1], OFPT_ROLE_REPLY);
	assert_int_equal(get_be32(m + 8), role);
}

static void
a_slave_changes_nothing(void **state)
{
	/* 6.3.6, apart from the rows under test */
	static const uint8_t writes[] = {OFPT_PACKET_OUT, OFPT_FLOW_MOD,  OFPT_GROUP_MOD,
	                                 OFPT_PORT_MOD,   OFPT_TABLE_MOD, OFPT_METER_MOD};

	(void)state;
	set_role(&peer, OFPCR_ROLE_SLAVE, 1);
	for (unsigned i = 0; i < sizeof(writes); i++) {
		const struct ofp_type_info *info = ofp_type_info(writes[i]);
		uint8_t msg[128] = {4, writes[i], 0, (uint8_t)info->min_len, 0, 0, 0, 3};

		peer_send(&peer, msg, info->min_len);
		rig_run(&rig, &peer, 1);
		assert_error(OFPBRC_IS_SLAVE, 3, msg, info->min_len);
	}
	/* table features with a body are a write */
	put_raw("0412005000000003000c000000000000"
	        "00400000000000000000000000000000"
	        "00000000000000000000000000000000"
	        "00000000000000000000000000000000"
	        "00000000000000000000000000000000");
	send_and_run();
	{
		size_t len;

		assert_true(is_error(peer_next(&peer, &len), OFPBRC_IS_SLAVE));
	}
	assert_int_equal(fake_dp.n_packet_outs, 0);
	put_flow_request(4, OFPMP_AGGREGATE); /* it may look */
	send_and_run();
	assert_reply(OFPT_MULTIPART_REPLY, 4);
}

static void
a_new_master_demotes_the_old(void **state)
{
	struct peer other;
	const struct role_msg stale = {OFPCR_ROLE_MASTER, 4};
	size_t len;

	(void)state;
	peer_open_ready(&rig, &other, false);
	set_role(&peer, OFPCR_ROLE_MASTER, 5);
	set_role(&peer, OFPCR_ROLE_MASTER, 5); /* ONOS repeats itself */
	set_role(&other, OFPCR_ROLE_MASTER, 6);
	assert_int_equal(peer.conn->s->role, OFPCR_ROLE_SLAVE);
	assert_int_equal(other.conn->s->role, OFPCR_ROLE_MASTER);
	role_encode(&b, OFPT_ROLE_REQUEST, 1, &stale);
	assert_true(is_error(peer_ask(&rig, &peer, &b, &len), OFPRRFC_STALE));
	assert_int_equal(peer.conn->s->role, OFPCR_ROLE_SLAVE);
	set_role(&peer, OFPCR_ROLE_EQUAL, 0); /* needs no generation */
	set_role(&other, OFPCR_ROLE_SLAVE, UINT64_C(0x7fffffffffffffff) + 6 - 1); /* the farthest step forward */
	peer_close(&rig, &other);
}

/* A25: at most one master at every instant, and an old generation changes nothing. */
static void
there_is_never_a_second_master(void **state)
{
	struct peer p[4];
	uint64_t generation = 0;
	bool defined = false;
	unsigned n_stale = 0;

	(void)state;
	srand(1);
	for (unsigned i = 0; i < 4; i++)
		peer_open_ready(&rig, &p[i], false);
	for (unsigned step = 0; step < 10000; step++) {
		struct peer *who = &p[rand() % 4];
		const struct role_msg r = {(uint32_t)(rand() % 5), generation + (uint64_t)(rand() % 5) - 1};
		const uint32_t was = who->conn->s->role;
		const bool takes = r.role == OFPCR_ROLE_MASTER || r.role == OFPCR_ROLE_SLAVE;
		const bool stale = takes && defined && (int64_t)(r.generation_id - generation) < 0;
		unsigned masters = 0;
		const uint8_t *m;
		size_t len;

		role_encode(&b, OFPT_ROLE_REQUEST, step, &r);
		m = peer_ask(&rig, who, &b, &len);
		assert_non_null(m);
		assert_int_equal(get_be32(m + 4), step);
		if (r.role > OFPCR_ROLE_SLAVE) {
			assert_true(is_error(m, OFPRRFC_BAD_ROLE));
		} else if (stale) {
			assert_true(is_error(m, OFPRRFC_STALE));
			n_stale++;
		} else {
			assert_int_equal(get_be32(m + 8), r.role == OFPCR_ROLE_NOCHANGE ? was : r.role);
			generation = takes ? r.generation_id : generation;
			defined |= takes;
		}
		for (unsigned i = 0; i < 4; i++)
			masters += p[i].conn->s->role == OFPCR_ROLE_MASTER;
		assert_in_range(masters, 0, 1);
		if (r.role > OFPCR_ROLE_SLAVE || stale)
			assert_int_equal(who->conn->s->role, was);
	}
	assert_in_range(n_stale, 100, 10000);
	for (unsigned i = 0; i < 4; i++)
		peer_close(&rig, &p[i]);
}

/* 6.3.6: the default masks, and who is told what. */
static void
async_masks_are_per_role(void **state)
{
	struct peer slave;
	const uint8_t *m;
	size_t len;

	(void)state;
	simple_encode(&b, OFPT_GET_ASYNC_REQUEST, 1);
	m = peer_ask(&rig, &peer, &b, &len);
	assert_int_equal(get_be32(m + 8), 1u << OFPR_NO_MATCH | 1u << OFPR_ACTION);
	assert_int_equal(get_be32(m + 12), 0);
	assert_int_equal(get_be32(m + 16), 7);
	assert_int_equal(get_be32(m + 20), 7);
	assert_int_equal(get_be32(m + 24), 15);
	assert_int_equal(get_be32(m + 28), 0);
	peer_open_ready(&rig, &slave, false);
	set_role(&slave, OFPCR_ROLE_SLAVE, 1);
	fake_dp_packet_in(2, OFPR_ACTION, 64, 100, 0x11);
	fake_dp_packet_in(2, OFPR_INVALID_TTL, 0, 100, 0x11);
	fake_dp_port_event(3, DP_PORT_CHANGED, OFPPS_LINK_DOWN);
	rig_run(&rig, (struct peer[]){peer}, 0);
	rig_run(&rig, &peer, 1);
	assert_reply(OFPT_PACKET_IN, 0);
	assert_reply(OFPT_PORT_STATUS, 0);
	assert_nothing();
	rig_run(&rig, &slave, 1);
	assert_int_equal(peer_next(&slave, &len)[1], OFPT_PORT_STATUS);
	assert_null(peer_next(&slave, &len));
	peer_close(&rig, &slave);
}

/* ---- order ---- */

static void
errors_precede_the_barrier(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		put_flow(OFPFC_ADD, 0, (uint16_t)i, 1);
		put_flow(OFPFC_ADD, 100, 1, 1);
		simple_encode(&b, OFPT_BARRIER_REQUEST, i);
	}
	send_and_run();
	for (unsigned i = 0; i < 200; i++) {
		assert_reply(OFPT_ERROR, 7);
		assert_reply(OFPT_BARRIER_REPLY, i);
	}
	assert_nothing();
	assert_int_equal(ofproto_flow_count(rig.op), 200);
}

static void
add_many_flows(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		put_flow(OFPFC_ADD, (uint8_t)(i % 7), (uint16_t)(i / 7), 1);
		if (b.len > 16384)
			send_and_run();
	}
	send_and_run();
	assert_nothing();
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
	simple_encode(&b, OFPT_BARRIER_REQUEST, 4);
	echo_encode(&b, OFPT_ECHO_REQUEST, 5, NULL, 0);
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

/* ---- frames ---- */

static void
packet_outs_of_every_length(void **state)
{
	static uint8_t frame[65535];
	struct act_buf acts = ACT_BUF_INIT;
	struct packet_out po = {.buffer_id = OFP_NO_BUFFER, .in_port = OFPP_CONTROLLER};

	(void)state;
	act_buf_output(&acts, 2, 0);
	po.acts = act_buf_acts(&acts);
	po.data = frame;
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= 65535 - 40; len += len < 1600 ? 1 : 997) {
		const unsigned before = fake_dp.n_packet_outs;
		size_t n;

		po.len = len;
		packet_out_encode(&b, 5, &po);
		for (size_t at = 0; at < b.len; at += 32768) {
			peer_send(&peer, b.data + at, b.len - at < 32768 ? b.len - at : 32768);
			rig_run(&rig, &peer, 1);
		}
		wbuf_reset(&b);
		if (len < 14) {
			assert_true(is_error(peer_next(&peer, &n), OFPBRC_BAD_PACKET));
			assert_int_equal(fake_dp.n_packet_outs, before);
		} else {
			assert_int_equal(fake_dp.n_packet_outs, before + 1);
			assert_int_equal(fake_dp.out_len, len);
			assert_memory_equal(fake_dp.out_data, frame, len);
		}
		assert_nothing();
	}
	act_buf_fini(&acts);
}

/* 7.4.1: data is cut to the max_len of the action, total_len never is, and IN_PORT is always there (X8). */
static void
packet_ins_of_every_length(void **state)
{
	(void)state;
	for (size_t len = 14; len <= 9000; len += len < 1600 ? 1 : 97) {
		const uint16_t max[] = {0, 64, 128, 1500, OFPCML_MAX, OFPCML_NO_BUFFER};

		for (unsigned i = 0; i < 6; i++) {
			const size_t want = max[i] == OFPCML_NO_BUFFER || max[i] > len ? len : max[i];
			struct packet_in pi;
			const uint8_t *m;
			struct wire w;
			size_t n;

			fake_dp_packet_in(3, OFPR_ACTION, max[i], len, 0x5a);
			rig_run(&rig, &peer, 1);
			m = peer_next(&peer, &n);
			assert_non_null(m);
			w = wire_init(m + OFP_HEADER_LEN, n - OFP_HEADER_LEN);
			assert_int_equal(packet_in_decode(&w, &pi), OF_OK);
			assert_int_equal(pi.total_len, len);
			assert_int_equal(pi.len, want);
			assert_int_equal(pi.buffer_id, OFP_NO_BUFFER);
			assert_int_equal(be32_to_host(pi.match.key.in_port), 3);
			assert_true(want == 0 || (pi.data[0] == 0x5a && pi.data[want - 1] == 0x5a));
			assert_nothing();
		}
	}
}

/* 7.3.2: a frame that has run out of TTL was sent by no action, so miss_send_len bounds it. */
static void
an_expired_frame_is_cut_to_miss_send_len(void **state)
{
	static const uint16_t lengths[] = {0, 40, 128, OFPCML_NO_BUFFER};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const size_t want = lengths[i] > 100 ? 100 : lengths[i];
		const struct async_config all = {.packet_in = {7, 7}};
		struct packet_in pi;
		const uint8_t *m;
		struct wire w;
		size_t n;

		async_encode(&b, OFPT_SET_ASYNC, 1, &all);
		switch_config_encode(&b, OFPT_SET_CONFIG, 2, &(struct switch_config){0, lengths[i]});
		send_and_run();
		fake_dp_packet_in(3, OFPR_INVALID_TTL, OFPCML_NO_BUFFER, 100, 0x5a);
		rig_run(&rig, &peer, 1);
		m = peer_next(&peer, &n);
		assert_non_null(m);
		w = wire_init(m + OFP_HEADER_LEN, n - OFP_HEADER_LEN);
		assert_int_equal(packet_in_decode(&w, &pi), OF_OK);
		assert_int_equal(pi.reason, OFPR_INVALID_TTL);
		assert_int_equal(pi.total_len, 100);
		assert_int_equal(pi.len, want);
		assert_nothing();
	}
}

static void
the_configuration_is_read_back(void **state)
{
	static const uint16_t flags[] = {OFPC_FRAG_DROP, OFPC_FRAG_REASM, OFPC_FRAG_NORMAL};
	const uint8_t *m;
	size_t len;

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		switch_config_encode(&b, OFPT_SET_CONFIG, 1, &(struct switch_config){flags[i], (uint16_t)(70 + i)});
		simple_encode(&b, OFPT_GET_CONFIG_REQUEST, 2);
		m = peer_ask(&rig, &peer, &b, &len);
		assert_non_null(m);
		assert_int_equal(m[1], OFPT_GET_CONFIG_REPLY);
		assert_int_equal(get_be16(m + 8), flags[i]);
		assert_int_equal(get_be16(m + 10), 70 + i);
		assert_int_equal(fake_dp.frag_flags, flags[i]);
	}
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

	flow_mod_encode(&b, 7, &fm);
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
	simple_encode(&b, OFPT_BARRIER_REQUEST, 77);
	send_and_run();
	for (unsigned i = 0; i < 3000; i++)
		assert_reply(OFPT_FLOW_REMOVED, 0);
	assert_reply(OFPT_BARRIER_REPLY, 77);
	assert_nothing();
}

/* ---- bounds ---- */

static void
a_deaf_peer_costs_little(void **state)
{
	(void)state;
	add_many_flows(7000);
	peer.deaf = true;
	for (unsigned i = 0; i < 20000; i++)
		put_flow_request(i, OFPMP_FLOW);
	send_and_run();
	for (unsigned i = 0; i < 20000; i++)
		fake_dp_packet_in(1 + i % 4, OFPR_ACTION, OFPCML_NO_BUFFER, 100, 0);
	rig_run(&rig, &peer, 1);
	assert_in_range(conn_output_len(peer.conn), 1, 256 * 1024);
	assert_in_range(evbuffer_get_length(peer.conn->waiting), 1, 256 * 1024);
	assert_in_range(peer.conn->outq.packet_ins.cost, 256 * 1024, 512 * 1024);
	assert_in_range(peer.conn->outq.packet_ins_dropped, 15000, 20000);
}

static void
packet_ins_are_fair_among_ports(void **state)
{
	unsigned got[5] = {0};
	const uint8_t *m;
	size_t len;

	(void)state;
	peer.deaf = true;
	for (unsigned i = 0; i < 50000; i++) {
		fake_dp_packet_in(1, OFPR_ACTION, OFPCML_NO_BUFFER, 100, 0);
		if (i % 100 == 0)
			fake_dp_packet_in(2, OFPR_ACTION, OFPCML_NO_BUFFER, 100, 0);
		if (i % 1000 == 0)
			fake_dp_packet_in(3, OFPR_ACTION, OFPCML_NO_BUFFER, 100, 0);
	}
	peer.deaf = false;
	rig_run(&rig, &peer, 1);
	while ((m = peer_next(&peer, &len)) != NULL) {
		assert_int_equal(m[1], OFPT_PACKET_IN);
		got[get_be32(m + 8 + 16 + 8)]++;
	}
	assert_int_equal(got[2], 500); /* none is lost */
	assert_int_equal(got[3], 50);
	assert_int_equal(got[1] + peer.conn->outq.packet_ins_dropped, 50000);
	assert_in_range(peer.conn->outq.packet_ins_dropped, 40000, 50000);
}

/* A30 */
static void
a_stalled_peer_hears_the_last_state_of_a_port(void **state)
{
	unsigned n = 0, adds = 0;
	uint8_t state_of[5] = {0};
	const uint8_t *m;
	size_t len;
	static uint8_t filler[60000];

	(void)state;
	peer.deaf = true;
	for (unsigned i = 0; i < 8; i++) {
		echo_encode(&b, OFPT_ECHO_REQUEST, 1, filler, sizeof(filler));
		send_and_run();
	}
	for (unsigned i = 0; i < 10000; i++)
		fake_dp_port_event(1 + i % 3, DP_PORT_CHANGED, i < 9999 && i % 2 ? OFPPS_LINK_DOWN : OFPPS_LIVE);
	fake_dp_port_event(4, DP_PORT_GONE, 0);
	fake_dp_port_event(4, DP_PORT_ADDED, OFPPS_LIVE);
	rig_run(&rig, &peer, 1);
	for (struct list *it = peer.conn->outq.ports.next; it != &peer.conn->outq.ports; it = it->next)
		n++;
	assert_int_equal(n, 4);
	peer.deaf = false;
	rig_run(&rig, &peer, 1);
	while ((m = peer_next(&peer, &len)) != NULL) {
		if (m[1] != OFPT_PORT_STATUS)
			continue;
		adds += m[8] != OFPPR_MODIFY;
		state_of[get_be32(m + 16)] = m[16 + 39];
	}
	assert_int_equal(adds, 0);
	assert_int_equal(state_of[1], OFPPS_LIVE);
	assert_int_equal(state_of[4], OFPPS_LIVE);
}

/* ---- multipart requests in parts ---- */

static void
put_part(uint32_t xid, uint16_t type, bool more, const void *body, size_t len)
{
	const size_t start = multipart_begin(&b, OFPT_MULTIPART_REQUEST, xid, type, more ? OFPMPF_REQ_MORE : 0);

	wbuf_put(&b, body, len);
	ofp_end(&b, start);
}

static void
parts_are_joined(void **state)
{
	uint8_t whole[40];

	(void)state;
	put_flow_request(1, OFPMP_AGGREGATE);
	assert_int_equal(b.len, 16 + sizeof(whole));
	memcpy(whole, b.data + 16, sizeof(whole));
	wbuf_reset(&b);
	for (size_t cut = 0; cut <= sizeof(whole); cut++) {
		put_part(1, OFPMP_AGGREGATE, true, whole, cut);
		put_part(2, OFPMP_AGGREGATE, true, whole, sizeof(whole)); /* another one in between (A16) */
		put_part(1, OFPMP_AGGREGATE, false, whole + cut, sizeof(whole) - cut);
		put_part(2, OFPMP_AGGREGATE, false, NULL, 0);
		send_and_run();
		assert_reply(OFPT_MULTIPART_REPLY, 1);
		assert_reply(OFPT_MULTIPART_REPLY, 2);
		assert_nothing();
	}
}

static void
a_change_of_type_is_refused(void **state)
{
	size_t len;

	(void)state;
	put_part(1, OFPMP_TABLE_FEATURES, true, NULL, 0);
	put_part(1, OFPMP_PORT_DESC, false, NULL, 0);
	put_part(1, OFPMP_PORT_DESC, false, NULL, 0); /* the first request is forgotten */
	send_and_run();
	assert_true(is_error(peer_next(&peer, &len), OFPBRC_BAD_MULTIPART));
	assert_reply(OFPT_MULTIPART_REPLY, 1);
	assert_nothing();
}

/* A17 */
static void
open_requests_are_bounded(void **state)
{
	static uint8_t body[60000];
	unsigned refused = 0;
	size_t len;

	(void)state;
	for (uint32_t xid = 0; xid < 100; xid++) {
		put_part(xid, OFPMP_TABLE_FEATURES, true, body, sizeof(body));
		send_and_run();
		while (peer.in_len) {
			assert_true(is_error(peer_next(&peer, &len), OFPBRC_MULTIPART_BUFFER_OVERFLOW));
			refused++;
		}
	}
	assert_int_equal(refused, 96);
	for (unsigned i = 0; i < 17; i++) { /* one of them grows beyond 1 MiB */
		put_part(0, OFPMP_TABLE_FEATURES, true, body, sizeof(body));
		send_and_run();
	}
	assert_true(is_error(peer_next(&peer, &len), OFPBRC_MULTIPART_BUFFER_OVERFLOW));
	assert_nothing();
	clock_fake_set(1004 * SECOND);
	conn_tick(peer.conn);
	rig_run(&rig, &peer, 1);
	assert_nothing();
	clock_fake_set(1006 * SECOND);
	peer.conn->last_rx_ns = clock_ns();
	conn_tick(peer.conn);
	rig_run(&rig, &peer, 1);
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t *m = peer_next(&peer, &len);

		assert_true(is_error(m, OFPBRC_MULTIPART_REQUEST_TIMEOUT));
		assert_int_equal(get_be32(m + 12), ONF_EXPERIMENTER_ID);
		assert_int_equal(get_be32(m + 4), get_be32(m + 16 + 4)); /* xid, and that of the data */
		assert_int_equal(len, 16 + 64);
	}
	assert_true(list_is_empty(&peer.conn->mp_requests));
	assert_alive();
}

/* ---- table features over the wire ---- */

static void
table_features_are_read_written_and_read(void **state)
{
	struct table_features f[8];
	struct wbuf body = WBUF_INIT(65536);
	const uint8_t *m;
	struct wire w;
	size_t len;

	(void)state;
	multipart_simple_encode(&b, 1, OFPMP_TABLE_FEATURES);
	m = peer_ask(&rig, &peer, &b, &len);
	assert_non_null(m);
	w = wire_init(m + 16, len - 16);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(table_features_decode(&w, &f[i]), OF_OK);
	assert_int_equal(wire_left(&w), 0);
	f[0].config = 3; /* as Faucet */
	snprintf(f[0].name, sizeof(f[0].name), "first");
	f[0].max_entries = 1;
	memset(f[0].next_tables, 0, sizeof(f[0].next_tables));
	f[0].next_tables[0][0] = 2;
	memset(f[1].next_tables, 0, sizeof(f[1].next_tables));
	for (unsigned i = 0; i < 2; i++)
		table_features_encode(&body, &f[i]);
	put_part(2, OFPMP_TABLE_FEATURES, true, body.data, 100);
	put_part(2, OFPMP_TABLE_FEATURES, true, body.data + 100, 1000);
	put_part(2, OFPMP_TABLE_FEATURES, false, body.data + 1100, body.len - 1100);
	m = peer_ask(&rig, &peer, &b, &len);
	assert_non_null(m);
	assert_int_equal(m[1], OFPT_MULTIPART_REPLY);
	assert_int_equal(len, 16 + body.len);
	assert_memory_equal(m + 16, body.data, body.len);
	simple_encode(&b, OFPT_FEATURES_REQUEST, 3);
	m = peer_ask(&rig, &peer, &b, &len);
	assert_int_equal(m[20], 2); /* n_tables */
	put_flow(OFPFC_ADD, 0, 5, 1);
	put_flow(OFPFC_ADD, 0, 6, 1);
	put_flow(OFPFC_ADD, 2, 6, 1);
	send_and_run();
	assert_true(is_error(peer_next(&peer, &len), OFPFMFC_TABLE_FULL));
	assert_true(is_error(peer_next(&peer, &len), OFPFMFC_BAD_TABLE_ID));
	put_part(4, OFPMP_TABLE_FEATURES, false, body.data, 100);
	send_and_run();
	assert_true(is_error(peer_next(&peer, &len), OFPTFFC_BAD_LEN));
	wbuf_fini(&body);
}

static void
put_features(const struct table_features *f, unsigned n)
{
	struct wbuf body = WBUF_INIT(65536);

	for (unsigned i = 0; i < n; i++)
		table_features_encode(&body, &f[i]);
	put_part(7, OFPMP_TABLE_FEATURES, false, body.data, body.len);
	wbuf_fini(&body);
}

/* More entries than one section takes away: without a flow-removed message, the others stay. */
static void
table_features_empty_a_large_table(void **state)
{
	struct table_features f[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		f[i] = *shape_get(rig.op->tables, (uint8_t)i);
	for (uint16_t i = 1; i <= 600; i++) {
		struct flow_mod fm = {.table_id = (uint8_t)(i % 3),
		                      .priority = i,
		                      .flags = OFPFF_SEND_FLOW_REM,
		                      .buffer_id = OFP_NO_BUFFER,
		                      .out_port = OFPP_ANY,
		                      .out_group = OFPG_ANY};

		flow_mod_encode(&b, i, &fm);
	}
	send_and_run();
	assert_int_equal(ofproto_flow_count(rig.op), 600);
	f[0].max_entries = 150; /* they don't fit */
	f[1].metadata_write = 0; /* another table */
	f[2].max_entries = 200; /* they do */
	put_features(f, 8);
	send_and_run();
	assert_reply(OFPT_MULTIPART_REPLY, 7);
	assert_nothing();
	assert_int_equal(ofproto_flow_count(rig.op), 200);
	assert_int_equal(tables_active(rig.op->tables, 2), 200);
	assert_int_equal(shape_get(rig.op->tables, 0)->max_entries, 150);
	put_flow(OFPFC_DELETE, OFPTT_ALL, 0, 0);
	send_and_run();
	assert_reply(OFPT_FLOW_REMOVED, 0); /* as ever */
}

/* ---- targets ---- */

static void
targets_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text;
		bool active, passive;
	} rows[] = {
	    {"tcp:10.0.0.1", true, false},
	    {"tcp:10.0.0.1:6633", true, false},
	    {"tcp:[fe80::1]:1", true, false},
	    {"tcp:[::1]", true, false},
	    {"tcp:name.example:65535,aux=8", true, false},
	    {"tcp:h,aux=2,read-only", true, false},
	    {"tcp:h,read-only,aux=0", true, false},
	    {"ssl:h,verify-name,aux=1", true, false},
	    {"ptcp:", true, true},
	    {"ptcp:6653", true, true},
	    {"ptcp:6653:127.0.0.1,read-only", true, true},
	    {"pssl::[::1]", true, true},
	    {"tcp:", false, false},
	    {"tcp::6653", false, false},
	    {"tcp:h:0", false, false},
	    {"tcp:h:65536", false, false},
	    {"tcp:h:12x", false, false},
	    {"tcp:h:-1", false, false},
	    {"tcp:[::1", false, false},
	    {"tcp:[::1]x", false, false},
	    {"tcp:h,aux=9", false, false},
	    {"tcp:h,aux=", false, false},
	    {"tcp:h,aux=1x", false, false},
	    {"tcp:h,nonsense", false, false},
	    {"tcp:h,verify-name", false, false}, /* there is no certificate */
	    {"pssl:6653,verify-name", false, false},
	    {"ptcp:6653,aux=1", false, false},
	    {"ptcp:x", false, false},
	    {"udp:h", false, false},
	    {"h:6653", false, false},
	    {"", false, false},
	};
	char why[512], longest[300] = "tcp:";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ofproto_target_check(rows[i].text, false, true, why, sizeof(why)) == 0,
		                 rows[i].active);
		assert_int_equal(ofproto_target_check(rows[i].text, true, true, why, sizeof(why)) == 0,
		                 rows[i].passive);
	}
	memset(longest + 4, 'h', sizeof(longest) - 5);
	assert_int_not_equal(ofproto_target_check(longest, false, true, why, sizeof(why)), 0);
	assert_int_not_equal(ofproto_target_check("ssl:h", false, false, why, sizeof(why)), 0); /* no keys */
}

static void
a_bridge_has_at_most_sixteen_controllers(void **state)
{
	char target[64], why[512];

	(void)state;
	for (unsigned i = 0; i < 17; i++) {
		snprintf(target, sizeof(target), "tcp:127.0.0.1:%u", 1 + i);
		assert_int_equal(ofproto_controller_add(rig.op, target, why, sizeof(why)), i < 16 ? 0 : -E2BIG);
	}
	assert_int_equal(ofproto_controller_del(rig.op, "tcp:127.0.0.1:1"), 0);
	assert_int_equal(ofproto_controller_add(rig.op, target, why, sizeof(why)), 0);
	assert_int_equal(ofproto_controller_add(rig.op, target, why, sizeof(why)), -EEXIST);
}

/* Adds to 'b': one that takes addresses under a prefix. */
static void
put_prefix(uint32_t xid, uint32_t address, unsigned bits, uint16_t flags)
{
	struct flow_mod fm = {.priority = 7, .flags = flags, .buffer_id = OFP_NO_BUFFER};
	const be32 v = host_to_be32(address), m = host_to_be32(UINT32_MAX << (32 - bits));
	const be16 ip = host_to_be16(0x0800);

	match_init(&fm.match);
	match_set(&fm.match, OXM_ETH_TYPE, &ip, NULL);
	match_set(&fm.match, OXM_IPV4_DST, &v, &m);
	flow_mod_encode(&b, xid, &fm);
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
		simple_encode(&b, OFPT_BARRIER_REQUEST, 3);
		send_and_run();
		assert_reply(OFPT_BARRIER_REPLY, 3);
		assert_int_equal(tables_active(rig.op->tables, 0), 6001 + turn);
		put_prefix(4, 2999u << 8, 24, OFPFF_CHECK_OVERLAP);
		len = b.len;
		memcpy(request, b.data, len);
		simple_encode(&b, OFPT_BARRIER_REQUEST, 5);
		send_and_run();
		assert_error(OFPFMFC_OVERLAP, 4, request, len);
		assert_reply(OFPT_BARRIER_REPLY, 5);
		assert_int_equal(tables_active(rig.op->tables, 0), 6001 + turn);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(hello_variants),
	    T(a_second_hello_is_ignored),
	    T(no_hello_ends_after_ten_seconds),
	    T(silence_is_probed_and_ends),
	    T(every_type_of_every_length),
	    T(a_length_below_eight_ends_it),
	    T(the_longest_message_is_answered_whole),
	    T(another_version_is_refused),
	    T(fragments_make_no_difference),
	    T(a_slave_changes_nothing),
	    T(a_new_master_demotes_the_old),
	    T(there_is_never_a_second_master),
	    T(async_masks_are_per_role),
	    T(errors_precede_the_barrier),
	    T(dumps_never_mix),
	    T(packet_outs_of_every_length),
	    T(packet_ins_of_every_length),
	    T(an_expired_frame_is_cut_to_miss_send_len),
	    T(the_configuration_is_read_back),
	    T(flow_removed_goes_to_who_asked),
	    T(events_precede_the_barrier),
	    T(a_deaf_peer_costs_little),
	    T(packet_ins_are_fair_among_ports),
	    T(a_stalled_peer_hears_the_last_state_of_a_port),
	    T(parts_are_joined),
	    T(a_change_of_type_is_refused),
	    T(open_requests_are_bounded),
	    T(table_features_are_read_written_and_read),
	    T(table_features_empty_a_large_table),
	    T(targets_are_parsed_strictly),
	    T(a_bridge_has_at_most_sixteen_controllers),
	    T(overlap_is_found_among_many),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
