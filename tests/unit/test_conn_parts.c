/* SPDX-License-Identifier: ISC */
/* Multipart requests in parts, and table features, the longest of them. */
#include "conn_case.h"
#include "shape.h"

#include <stdio.h>

/* ---- multipart requests in parts ---- */

static void
put_part(uint32_t xid, uint16_t type, bool more, const void *body, size_t len)
{
	const size_t start = multipart_begin(&req, OFPT_MULTIPART_REQUEST, xid, type, more ? OFPMPF_REQ_MORE : 0);

	wbuf_put(&req, body, len);
	ofp_end(&req, start);
}

static void
parts_are_joined(void **state)
{
	uint8_t whole[40];

	(void)state;
	put_flow_request(1, OFPMP_AGGREGATE);
	assert_int_equal(req.len, 16 + sizeof(whole));
	memcpy(whole, req.data + 16, sizeof(whole));
	wbuf_reset(&req);
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
	multipart_simple_encode(&req, 1, OFPMP_TABLE_FEATURES);
	m = peer_ask(&rig, &peer, &req, &len);
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
	m = peer_ask(&rig, &peer, &req, &len);
	assert_non_null(m);
	assert_int_equal(m[1], OFPT_MULTIPART_REPLY);
	assert_int_equal(len, 16 + body.len);
	assert_memory_equal(m + 16, body.data, body.len);
	simple_encode(&req, OFPT_FEATURES_REQUEST, 3);
	m = peer_ask(&rig, &peer, &req, &len);
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

		flow_mod_encode(&req, i, &fm);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(parts_are_joined),
	    CONN_CASE(a_change_of_type_is_refused),
	    CONN_CASE(open_requests_are_bounded),
	    CONN_CASE(table_features_are_read_written_and_read),
	    CONN_CASE(table_features_empty_a_large_table),
	};

	return cmocka_run_group_tests_name("conn_parts", tests, NULL, NULL);
}
