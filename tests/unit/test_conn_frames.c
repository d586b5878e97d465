/* SPDX-License-Identifier: ISC */
/* Frames in messages: packet-in, packet-out, and the configuration that cuts them. */
#include "conn_case.h"

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
		packet_out_encode(&req, 5, &po);
		for (size_t at = 0; at < req.len; at += 32768) {
			peer_send(&peer, req.data + at, req.len - at < 32768 ? req.len - at : 32768);
			rig_run(&rig, &peer, 1);
		}
		wbuf_reset(&req);
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

		async_encode(&req, OFPT_SET_ASYNC, 1, &all);
		switch_config_encode(&req, OFPT_SET_CONFIG, 2, &(struct switch_config){0, lengths[i]});
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
		switch_config_encode(&req, OFPT_SET_CONFIG, 1, &(struct switch_config){flags[i], (uint16_t)(70 + i)});
		simple_encode(&req, OFPT_GET_CONFIG_REQUEST, 2);
		m = peer_ask(&rig, &peer, &req, &len);
		assert_non_null(m);
		assert_int_equal(m[1], OFPT_GET_CONFIG_REPLY);
		assert_int_equal(get_be16(m + 8), flags[i]);
		assert_int_equal(get_be16(m + 10), 70 + i);
		assert_int_equal(fake_dp.frag_flags, flags[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(packet_outs_of_every_length),
	    CONN_CASE(packet_ins_of_every_length),
	    CONN_CASE(an_expired_frame_is_cut_to_miss_send_len),
	    CONN_CASE(the_configuration_is_read_back),
	};

	return cmocka_run_group_tests_name("conn_frames", tests, NULL, NULL);
}
