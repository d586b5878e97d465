/* SPDX-License-Identifier: ISC */
/* What a peer that does not read costs, and what it hears once it does. */
#include "conn_case.h"

#include <event2/buffer.h>

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
		echo_encode(&req, OFPT_ECHO_REQUEST, 1, filler, sizeof(filler));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(a_deaf_peer_costs_little),
	    CONN_CASE(packet_ins_are_fair_among_ports),
	    CONN_CASE(a_stalled_peer_hears_the_last_state_of_a_port),
	};

	return cmocka_run_group_tests_name("conn_bounds", tests, NULL, NULL);
}
