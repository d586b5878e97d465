/* SPDX-License-Identifier: ISC */
/* See conn_case.h. */
#include "conn_case.h"

#include "extensions.h"

#include <stdlib.h>

struct rig rig;
struct peer peer;
struct wbuf req;

int
conn_case_setup(void **state)
{
	(void)state;
	clock_fake_set(1000 * SECOND);
	rig_open(&rig, 8, 4);
	peer_open_ready(&rig, &peer, false);
	req = (struct wbuf)WBUF_INIT(1 << 22);
	return 0;
}

int
conn_case_teardown(void **state)
{
	(void)state;
	peer_close(&rig, &peer);
	rig_close(&rig);
	wbuf_fini(&req);
	clock_fake_set(0);
	return 0;
}

/* ---- what goes out ---- */

void
send_and_run(void)
{
	peer_send(&peer, req.data, req.len);
	wbuf_reset(&req);
	rig_run(&rig, &peer, 1);
}

void
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
	flow_mod_encode(&req, 7, &fm);
	act_buf_fini(&acts);
}

void
put_flow_request(uint32_t xid, uint16_t type)
{
	const struct flow_stats_request all = {.table_id = OFPTT_ALL, .out_port = OFPP_ANY, .out_group = OFPG_ANY};

	flow_stats_request_encode(&req, xid, type, &all);
}

void
put_raw(const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		const char pair[3] = {hex[0], hex[1], '\0'};

		wbuf_put_u8(&req, (uint8_t)strtoul(pair, NULL, 16));
	}
}

void
add_many_flows(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		put_flow(OFPFC_ADD, (uint8_t)(i % 7), (uint16_t)(i / 7), 1);
		if (req.len > 16384)
			send_and_run();
	}
	send_and_run();
	assert_nothing();
}

/* ---- what comes back ---- */

bool
is_error(const uint8_t *m, enum of_error error)
{
	return m && m[1] == OFPT_ERROR && get_be16(m + 8) == of_error_type(error) &&
	       get_be16(m + 10) == of_error_code(error);
}

const uint8_t *
assert_error_of(enum of_error error, uint32_t xid, size_t *len)
{
	const uint8_t *m = peer_next(&peer, len);

	assert_non_null(m);
	assert_int_equal(m[1], OFPT_ERROR);
	assert_int_equal(get_be16(m + 8), of_error_type(error));
	assert_int_equal(get_be16(m + 10), of_error_code(error));
	if (of_error_type(error) == 0xffff)
		assert_int_equal(get_be32(m + 12), ONF_EXPERIMENTER_ID);
	assert_int_equal(get_be32(m + 4), xid);
	return m;
}

void
assert_error(enum of_error error, uint32_t xid, const void *request, size_t request_len)
{
	const size_t head = of_error_type(error) == 0xffff ? 16 : 12;
	size_t len;
	const uint8_t *m = assert_error_of(error, xid, &len);

	assert_int_equal(len, head + request_len);
	assert_memory_equal(m + head, request, request_len);
}

void
assert_reply(uint8_t type, uint32_t xid)
{
	size_t len;
	const uint8_t *m = peer_next(&peer, &len);

	assert_non_null(m);
	assert_int_equal(m[1], type);
	assert_int_equal(get_be32(m + 4), xid);
}

void
assert_nothing(void)
{
	size_t len;

	assert_null(peer_next(&peer, &len));
}

void
assert_alive(void)
{
	size_t len;
	const uint8_t *m;

	assert_false(peer_is_gone(&rig, &peer));
	echo_encode(&req, OFPT_ECHO_REQUEST, 0xec40, "still here", 10);
	m = peer_ask(&rig, &peer, &req, &len);
	assert_non_null(m);
	assert_int_equal(m[1], OFPT_ECHO_REPLY);
	assert_int_equal(get_be32(m + 4), 0xec40);
	assert_int_equal(len, 18);
	assert_memory_equal(m + 8, "still here", 10);
	assert_nothing();
}
