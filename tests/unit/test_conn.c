/* SPDX-License-Identifier: ISC */
/* Connections against a switch without frames: handshake, framing, sizes. */
#include "conn_case.h"

#include <stdlib.h>

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
		m = peer_ask(&rig, &p, &req, &len);
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

	simple_encode(&req, OFPT_FEATURES_REQUEST, 1);
	echo_encode(&req, OFPT_ECHO_REQUEST, 2, "abc", 3);
	switch_config_encode(&req, OFPT_SET_CONFIG, 3, &cfg);
	simple_encode(&req, OFPT_GET_CONFIG_REQUEST, 4);
	put_flow(OFPFC_ADD, 1, 5, 2);
	put_flow(OFPFC_ADD, 200, 5, 2); /* no such table */
	multipart_simple_encode(&req, 6, OFPMP_TABLE);
	put_flow_request(8, OFPMP_AGGREGATE);
	simple_encode(&req, OFPT_GET_ASYNC_REQUEST, 9);
	role_encode(&req, OFPT_ROLE_REQUEST, 10, &role);
	simple_encode(&req, OFPT_BARRIER_REQUEST, 11);
}

/* X21: where a stream is cut makes no difference. */
static void
fragments_make_no_difference(void **state)
{
	uint8_t *want;
	size_t want_len, n;

	(void)state;
	put_sample();
	n = req.len;
	send_and_run();
	want_len = peer.in_len;
	want = malloc(want_len);
	assert_non_null(want);
	memcpy(want, peer.in, want_len);
	for (size_t cut = 1; cut < n; cut++) {
		peer.in_len = 0;
		put_sample();
		peer_send(&peer, req.data, cut);
		rig_run(&rig, &peer, 1);
		peer_send(&peer, req.data + cut, req.len - cut);
		wbuf_reset(&req);
		rig_run(&rig, &peer, 1);
		assert_int_equal(peer.in_len, want_len);
		assert_memory_equal(peer.in, want, want_len);
	}
	peer.in_len = 0;
	put_sample();
	for (size_t i = 0; i < req.len; i++) {
		peer_send(&peer, req.data + i, 1);
		rig_run(&rig, &peer, 1);
	}
	wbuf_reset(&req);
	assert_int_equal(peer.in_len, want_len);
	assert_memory_equal(peer.in, want, want_len);
	peer.in_len = 0;
	free(want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(hello_variants),
	    CONN_CASE(a_second_hello_is_ignored),
	    CONN_CASE(no_hello_ends_after_ten_seconds),
	    CONN_CASE(silence_is_probed_and_ends),
	    CONN_CASE(every_type_of_every_length),
	    CONN_CASE(a_length_below_eight_ends_it),
	    CONN_CASE(the_longest_message_is_answered_whole),
	    CONN_CASE(another_version_is_refused),
	    CONN_CASE(fragments_make_no_difference),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
