/* SPDX-License-Identifier: ISC */
/* Bundles on a connection: every refusal with its code, all or nothing, and bounds. */
#include "bundle.h"
#include "conn_case.h"

#include "extensions.h"
#include "groups.h"
#include "meters.h"

#include <stdlib.h>

#define BOTH (OFPBF_ATOMIC | OFPBF_ORDERED)
#define XID 77

static struct wbuf inner;

static int
setup(void **state)
{
	inner = (struct wbuf)WBUF_INIT(1 << 17);
	return conn_case_setup(state);
}

static int
teardown(void **state)
{
	wbuf_fini(&inner);
	return conn_case_teardown(state);
}

/* ---- what comes back ---- */

static void
assert_refused(enum of_error error, uint32_t xid)
{
	size_t len;

	(void)assert_error_of(error, xid, &len);
}

static void
assert_control_reply(uint16_t type)
{
	size_t len;
	const uint8_t *m = peer_next(&peer, &len);

	assert_non_null(m);
	assert_int_equal(m[1], OFPT_EXPERIMENTER);
	assert_int_equal(len, 24);
	assert_int_equal(get_be16(m + 20), type);
}

/* ---- what is sent ---- */

static void
control(uint32_t id, uint16_t type, uint16_t flags)
{
	const struct bundle_control c = {id, type, flags};

	bundle_control_encode(&req, XID, &c);
	send_and_run();
}

/* Wraps what is in 'inner'. */
static void
wrap(uint32_t id, uint16_t flags, uint32_t xid)
{
	const struct bundle_add a = {.bundle_id = id, .flags = flags, .msg = inner.data, .len = inner.len};

	bundle_add_encode(&req, xid, &a);
	wbuf_reset(&inner);
}

static struct flow_mod
flow(uint16_t priority)
{
	return (struct flow_mod){
	    .priority = priority, .buffer_id = OFP_NO_BUFFER, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
}

static void
add_flow(uint32_t id, uint16_t priority, uint32_t xid)
{
	const struct flow_mod fm = flow(priority);

	flow_mod_encode(&inner, xid, &fm);
	wrap(id, BOTH, xid);
}

/* A flow with an action that names a group. */
static void
add_group_flow(uint32_t id, uint32_t group, uint32_t xid)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm = flow(5);

	act_buf_add(&acts, OFPAT_GROUP, 0)->id = group;
	fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	fm.insts.apply = act_buf_acts(&acts);
	flow_mod_encode(&inner, xid, &fm);
	wrap(id, BOTH, xid);
	act_buf_fini(&acts);
}

static void
add_group(uint32_t id, uint32_t group, uint32_t xid)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct ofp_bucket bucket = {.watch_port = OFPP_ANY, .watch_group = OFPG_ANY};
	const struct group_mod gm = {.type = OFPGT_ALL, .group_id = group, .buckets = &bucket, .n_buckets = 1};

	act_buf_output(&acts, 1, 0);
	bucket.acts = act_buf_acts(&acts);
	group_mod_encode(&inner, xid, &gm);
	wrap(id, BOTH, xid);
	act_buf_fini(&acts);
}

static void
add_meter(uint32_t id, uint32_t meter, uint32_t xid)
{
	struct ofp_meter_band band = {.type = OFPMBT_DROP, .rate = 100};
	const struct meter_mod mm = {.flags = OFPMF_KBPS, .meter_id = meter, .bands = &band, .n_bands = 1};

	meter_mod_encode(&inner, xid, &mm);
	wrap(id, BOTH, xid);
}

static void
add_port(uint32_t id, uint32_t port_no, uint32_t config, uint32_t xid)
{
	struct port_mod pm = {.port_no = port_no, .config = config, .mask = OFPPC_NO_FWD};

	memcpy(pm.hw_addr, fake_dp.ports[port_no <= 4 ? port_no - 1 : 0].hw_addr, 6);
	port_mod_encode(&inner, xid, &pm);
	wrap(id, BOTH, xid);
}

static uint32_t
n_flows(void)
{
	return ofproto_flow_count(rig.op);
}

/* ---- tests ---- */

static void
open_add_close_commit(void **state)
{
	(void)state;
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	add_flow(1, 1, XID);
	add_flow(1, 2, XID);
	send_and_run();
	assert_nothing();
	assert_int_equal(n_flows(), 0);
	control(1, OFPBCT_CLOSE_REQUEST, BOTH);
	assert_control_reply(OFPBCT_CLOSE_REPLY);
	assert_int_equal(n_flows(), 0);
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_control_reply(OFPBCT_COMMIT_REPLY);
	assert_int_equal(n_flows(), 2);
	assert_int_equal(fake_dp.exclusive, 0);
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_refused(OFPBFC_BAD_ID, XID);
}

static void
discard_forgets(void **state)
{
	(void)state;
	add_flow(1, 1, XID); /* which opens it */
	send_and_run();
	assert_nothing();
	control(1, OFPBCT_DISCARD_REQUEST, BOTH);
	assert_control_reply(OFPBCT_DISCARD_REPLY);
	assert_int_equal(n_flows(), 0);
	assert_true(list_is_empty(&peer.conn->bundles));
	control(1, OFPBCT_DISCARD_REQUEST, BOTH);
	assert_refused(OFPBFC_BAD_ID, XID);
	control(1, OFPBCT_CLOSE_REQUEST, BOTH);
	assert_refused(OFPBFC_BAD_ID, XID);
}

/* What is refused for its state or flags takes the bundle with it. */
static void
control_refusals(void **state)
{
	(void)state;
	control(1, OFPBCT_OPEN_REQUEST, 4);
	assert_refused(OFPBFC_BAD_FLAGS, XID);
	control(1, OFPBCT_OPEN_REPLY, 0);
	assert_refused(OFPBFC_BAD_TYPE, XID);
	control(1, 8, 0);
	assert_refused(OFPBFC_BAD_TYPE, XID);
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	assert_refused(OFPBFC_BAD_ID, XID);
	assert_true(list_is_empty(&peer.conn->bundles));
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	control(1, OFPBCT_CLOSE_REQUEST, 0);
	assert_refused(OFPBFC_BAD_FLAGS, XID);
	assert_true(list_is_empty(&peer.conn->bundles));
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	control(1, OFPBCT_COMMIT_REQUEST, 0);
	assert_refused(OFPBFC_BAD_FLAGS, XID);
	assert_true(list_is_empty(&peer.conn->bundles));
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	control(1, OFPBCT_CLOSE_REQUEST, BOTH);
	control(1, OFPBCT_CLOSE_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	assert_control_reply(OFPBCT_CLOSE_REPLY);
	assert_refused(OFPBFC_BUNDLE_CLOSED, XID);
	assert_true(list_is_empty(&peer.conn->bundles));
	/* a property nobody knows */
	onf_begin(&req, XID, ONFT_BUNDLE_CONTROL);
	wbuf_put_be32(&req, 1);
	wbuf_put_be32(&req, 0);
	wbuf_put_be32(&req, 0x00050008);
	wbuf_put_be32(&req, 0);
	ofp_end(&req, 0);
	send_and_run();
	assert_refused(OFPBFC_UNKNOWN, XID);
}

static void
add_refusals(void **state)
{
	const struct flow_mod fm = flow(1);

	(void)state;
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	flow_mod_encode(&inner, XID + 1, &fm);
	wrap(1, BOTH, XID);
	send_and_run();
	assert_refused(OFPBFC_MSG_BAD_XID, XID);
	simple_encode(&inner, OFPT_BARRIER_REQUEST, XID);
	wrap(1, BOTH, XID);
	send_and_run();
	assert_refused(OFPBFC_MSG_UNSUP, XID);
	flow_mod_encode(&inner, XID, &fm);
	inner.data[0] = 5;
	wrap(1, BOTH, XID);
	send_and_run();
	assert_refused(OFPBRC_BAD_VERSION, XID);
	ofp_begin(&inner, OFPT_FLOW_MOD, XID); /* eight bytes of a flow-mod */
	wrap(1, BOTH, XID);
	send_and_run();
	assert_refused(OFPBFC_MSG_BAD_LEN, XID);
	flow_mod_encode(&inner, XID, &fm);
	inner.data[25] = 9; /* no such command */
	wrap(1, BOTH, XID);
	send_and_run();
	assert_refused(OFPFMFC_BAD_COMMAND, XID);
	/* the bundle is still there, and empty */
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_control_reply(OFPBCT_COMMIT_REPLY);
	assert_int_equal(n_flows(), 0);
	/* flags differ; closed */
	control(1, OFPBCT_OPEN_REQUEST, 0);
	add_flow(1, 1, XID);
	send_and_run();
	assert_control_reply(OFPBCT_OPEN_REPLY);
	assert_refused(OFPBFC_BAD_FLAGS, XID);
	control(1, OFPBCT_OPEN_REQUEST, BOTH);
	control(1, OFPBCT_CLOSE_REQUEST, BOTH);
	add_flow(1, 1, XID);
	send_and_run();
	assert_control_reply(OFPBCT_OPEN_REPLY);
	assert_control_reply(OFPBCT_CLOSE_REPLY);
	assert_refused(OFPBFC_BUNDLE_CLOSED, XID);
	assert_true(list_is_empty(&peer.conn->bundles));
}

static void
all_or_nothing(void **state)
{
	(void)state;
	add_flow(1, 1, 1);
	add_group(1, 3, 2);
	add_meter(1, 4, 3);
	add_group_flow(1, 3, 4);
	add_port(1, 2, OFPPC_NO_FWD, 5);
	add_group_flow(1, 9, 6); /* there is no group 9 */
	add_flow(1, 2, 7);
	send_and_run();
	assert_nothing();
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_refused(OFPBAC_BAD_OUT_GROUP, 6);
	assert_refused(OFPBFC_MSG_FAILED, XID);
	assert_nothing();
	assert_int_equal(n_flows(), 0);
	assert_int_equal(groups_count(tables_groups(rig.op->tables)), 0);
	assert_int_equal(meters_count(tables_meters(rig.op->tables)), 0);
	assert_int_equal(fake_dp.ports[1].config & OFPPC_NO_FWD, 0);
	assert_true(list_is_empty(&peer.conn->bundles));

	add_flow(1, 1, 1);
	add_group(1, 3, 2);
	add_meter(1, 4, 3);
	add_group_flow(1, 3, 4);
	add_port(1, 2, OFPPC_NO_FWD, 5);
	send_and_run();
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_control_reply(OFPBCT_COMMIT_REPLY);
	assert_int_equal(n_flows(), 2);
	assert_int_equal(groups_count(tables_groups(rig.op->tables)), 1);
	assert_int_equal(meters_count(tables_meters(rig.op->tables)), 1);
	assert_int_equal(fake_dp.ports[1].config & OFPPC_NO_FWD, OFPPC_NO_FWD);

	/* a port that is not there */
	add_port(1, 2, 0, 8);
	add_port(1, 40, 0, 9);
	send_and_run();
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_refused(OFPPMFC_BAD_PORT, 9);
	assert_refused(OFPBFC_MSG_FAILED, XID);
	assert_int_equal(fake_dp.ports[1].config & OFPPC_NO_FWD, OFPPC_NO_FWD);
}

static void
four_bundles_and_no_more(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < 4; id++) {
		control(id, OFPBCT_OPEN_REQUEST, BOTH);
		assert_control_reply(OFPBCT_OPEN_REPLY);
	}
	control(4, OFPBCT_OPEN_REQUEST, BOTH);
	assert_refused(OFPBFC_OUT_OF_BUNDLES, XID);
	add_flow(5, 1, XID);
	send_and_run();
	assert_refused(OFPBFC_OUT_OF_BUNDLES, XID);
	control(0, OFPBCT_DISCARD_REQUEST, BOTH);
	assert_control_reply(OFPBCT_DISCARD_REPLY);
	control(4, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
}

static void
messages_are_bounded(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 65536; i++) {
		add_flow(1, (uint16_t)(i & 0xff), XID);
		if (req.len > 1 << 16)
			send_and_run();
	}
	send_and_run();
	assert_nothing();
	add_flow(1, 1, XID);
	send_and_run();
	assert_refused(OFPBFC_MSG_TOO_MANY, XID);
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_control_reply(OFPBCT_COMMIT_REPLY);
	assert_int_equal(n_flows(), 256);
}

/* Messages of 40,000 bytes: 16 MiB are full long before the number is. */
static void
bytes_are_bounded(void **state)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm = flow(1);
	size_t len, n = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		act_buf_output(&acts, 1, 0);
	fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	fm.insts.apply = act_buf_acts(&acts);
	while (n < 10000) {
		flow_mod_encode(&inner, XID, &fm);
		wrap(1, BOTH, XID);
		send_and_run();
		if (peer_next(&peer, &len))
			break;
		n++;
	}
	assert_in_range(n, (12u << 20) / 3300, (16u << 20) / 3280);
	flow_mod_encode(&inner, XID, &fm);
	wrap(1, BOTH, XID);
	send_and_run();
	assert_refused(OFPBFC_MSG_TOO_MANY, XID);
	act_buf_fini(&acts);
}

static void
an_idle_bundle_ends(void **state)
{
	(void)state;
	control(3, OFPBCT_OPEN_REQUEST, BOTH);
	assert_control_reply(OFPBCT_OPEN_REPLY);
	clock_fake_set(clock_ns() + 9 * SECOND);
	bundles_expire(peer.conn);
	add_flow(3, 1, XID); /* which is not idle */
	send_and_run();
	clock_fake_set(clock_ns() + 9 * SECOND);
	bundles_expire(peer.conn);
	rig_run(&rig, &peer, 1);
	assert_nothing();
	clock_fake_set(clock_ns() + 2 * SECOND);
	bundles_expire(peer.conn);
	rig_run(&rig, &peer, 1);
	assert_refused(OFPBFC_TIMEOUT, XID);
	assert_true(list_is_empty(&peer.conn->bundles));
}

static void
a_slave_may_only_tidy_up(void **state)
{
	(void)state;
	add_flow(1, 1, XID);
	send_and_run();
	peer.conn->s->role = OFPCR_ROLE_SLAVE;
	add_flow(1, 2, XID);
	send_and_run();
	assert_refused(OFPBRC_IS_SLAVE, XID);
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_refused(OFPBRC_IS_SLAVE, XID);
	assert_int_equal(n_flows(), 0);
	control(1, OFPBCT_DISCARD_REQUEST, BOTH);
	assert_control_reply(OFPBCT_DISCARD_REPLY);
}

static void
bundles_belong_to_their_connection(void **state)
{
	struct peer other;

	(void)state;
	peer_open_ready(&rig, &other, false);
	add_flow(1, 1, XID);
	peer_send(&other, req.data, req.len);
	wbuf_reset(&req);
	rig_run(&rig, &other, 1);
	control(1, OFPBCT_COMMIT_REQUEST, BOTH);
	assert_refused(OFPBFC_BAD_ID, XID);
	peer_close(&rig, &other); /* in the middle of it: the sanitizer sees what is left */
	rig_run(&rig, &peer, 1);
	assert_int_equal(n_flows(), 0);
}

static void
strangers_are_refused(void **state)
{
	(void)state;
	onf_simple_encode(&req, XID, 2302);
	send_and_run();
	assert_refused(OFPBRC_BAD_EXP_TYPE, XID);
	onf_simple_encode(&req, XID, ONFT_BUNDLE_CONTROL);
	req.data[8] = 0;
	send_and_run();
	assert_refused(OFPBRC_BAD_EXPERIMENTER, XID);
	onf_simple_encode(&req, XID, ONFT_BUNDLE_CONTROL);
	send_and_run();
	assert_refused(OFPBRC_BAD_LEN, XID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(open_add_close_commit, setup, teardown),
	    cmocka_unit_test_setup_teardown(discard_forgets, setup, teardown),
	    cmocka_unit_test_setup_teardown(control_refusals, setup, teardown),
	    cmocka_unit_test_setup_teardown(add_refusals, setup, teardown),
	    cmocka_unit_test_setup_teardown(all_or_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(four_bundles_and_no_more, setup, teardown),
	    cmocka_unit_test_setup_teardown(messages_are_bounded, setup, teardown),
	    cmocka_unit_test_setup_teardown(bytes_are_bounded, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_idle_bundle_ends, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_slave_may_only_tidy_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(bundles_belong_to_their_connection, setup, teardown),
	    cmocka_unit_test_setup_teardown(strangers_are_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
