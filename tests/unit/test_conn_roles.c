/* SPDX-License-Identifier: ISC */
/* Roles of connections (6.3.6): who may change the switch, and who is told what. */
#include "conn_case.h"

#include <stdlib.h>

static void
set_role(struct peer *p, uint32_t role, uint64_t generation)
{
	const struct role_msg r = {role, generation};
	size_t len;
	const uint8_t *m;

	role_encode(&req, OFPT_ROLE_REQUEST, 1, &r);
	m = peer_ask(&rig, p, &req, &len);
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
	role_encode(&req, OFPT_ROLE_REQUEST, 1, &stale);
	assert_true(is_error(peer_ask(&rig, &peer, &req, &len), OFPRRFC_STALE));
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

		role_encode(&req, OFPT_ROLE_REQUEST, step, &r);
		m = peer_ask(&rig, who, &req, &len);
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
	simple_encode(&req, OFPT_GET_ASYNC_REQUEST, 1);
	m = peer_ask(&rig, &peer, &req, &len);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(a_slave_changes_nothing),
	    CONN_CASE(a_new_master_demotes_the_old),
	    CONN_CASE(there_is_never_a_second_master),
	    CONN_CASE(async_masks_are_per_role),
	};

	return cmocka_run_group_tests_name("conn_roles", tests, NULL, NULL);
}
