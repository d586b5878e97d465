/* SPDX-License-Identifier: ISC */
/* Flow monitors on a connection: what is told to whom, and what happens to a peer that reads slowly. */
#include "conn_rig.h"

#include "clock.h"
#include "extensions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#define SECOND UINT64_C(1000000000)
#define XID 42
#define MAX_UPDATES 16384

static struct rig rig;
static struct peer peers[2]; /* [0] watches, [1] changes */
static struct wbuf b;
static struct act_buf acts = ACT_BUF_INIT;

/* Updates not yet looked at. */
static struct flow_update updates[MAX_UPDATES];
static size_t n_updates, n_paused, n_resumed, n_errors;
static enum of_error last_error;
static uint32_t last_xid;

static int
setup(void **state)
{
	(void)state;
	clock_fake_set(1000 * SECOND);
	rig_open(&rig, 8, 4);
	peer_open_ready(&rig, &peers[0], false);
	peer_open_ready(&rig, &peers[1], false);
	b = (struct wbuf)WBUF_INIT(1 << 22);
	n_updates = n_paused = n_resumed = n_errors = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	peer_close(&rig, &peers[0]);
	peer_close(&rig, &peers[1]);
	rig_close(&rig);
	wbuf_fini(&b);
	act_buf_fini(&acts);
	clock_fake_set(0);
	return 0;
}

static void
take_updates(const uint8_t *m, size_t len)
{
	struct wire w = wire_init(m + 24, len - 24);

	assert_int_equal(get_be16(m + 8), OFPMP_EXPERIMENTER);
	assert_int_equal(get_be32(m + 20), ONFMP_FLOW_MONITOR);
	last_xid = get_be32(m + 4);
	while (wire_left(&w)) {
		assert_true(n_updates < MAX_UPDATES);
		act_buf_reset(&acts);
		assert_int_equal(flow_update_decode(&w, &acts, &updates[n_updates]), OF_OK);
		updates[n_updates++].insts.apply.data = NULL; /* they go with the next */
	}
}

static void
take(struct peer *p)
{
	const uint8_t *m;
	size_t len;

	while ((m = peer_next(p, &len)) != NULL) {
		if (m[1] == OFPT_MULTIPART_REPLY) {
			take_updates(m, len);
		} else if (m[1] == OFPT_ERROR) {
			n_errors++;
			last_error = of_error_from_wire(get_be16(m + 8), get_be16(m + 10));
		} else if (m[1] == OFPT_EXPERIMENTER && get_be32(m + 12) == ONFT_FLOW_MONITOR_PAUSED) {
			assert_int_equal(n_paused, n_resumed);
			n_paused++;
		} else if (m[1] == OFPT_EXPERIMENTER && get_be32(m + 12) == ONFT_FLOW_MONITOR_RESUMED) {
			n_resumed++;
			assert_int_equal(n_paused, n_resumed);
		}
	}
}

static void
run(struct peer *p)
{
	peer_send(p, b.data, b.len);
	wbuf_reset(&b);
	rig_run(&rig, peers, 2);
	take(&peers[0]);
}

static void
watch(uint32_t id, uint16_t flags, uint8_t table_id, uint32_t out_port)
{
	const struct flow_monitor_request r = {.id = id, .flags = flags, .table_id = table_id, .out_port = out_port};
	const size_t start = onf_multipart_begin(&b, OFPT_MULTIPART_REQUEST, XID, ONFMP_FLOW_MONITOR, 0);

	flow_monitor_request_encode(&b, &r);
	ofp_end(&b, start);
}

static void
change(uint8_t command, uint8_t table_id, uint32_t in_port, uint32_t out_port)
{
	struct flow_mod fm = {.command = command,
	                      .table_id = table_id,
	                      .priority = 7,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY};
	const be32 port = host_to_be32(in_port);
	struct act_buf a = ACT_BUF_INIT;

	match_init(&fm.match);
	if (in_port)
		match_set(&fm.match, OXM_IN_PORT, &port, NULL);
	if (out_port) {
		act_buf_output(&a, out_port, 0);
		fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
		fm.insts.apply = act_buf_acts(&a);
	}
	flow_mod_encode(&b, in_port, &fm);
	act_buf_fini(&a);
}

static void
assert_update(size_t i, unsigned event, uint8_t table_id, bool actions)
{
	assert_true(i < n_updates);
	assert_int_equal(updates[i].event, event);
	assert_int_equal(updates[i].table_id, table_id);
	assert_int_equal(updates[i].insts.present != 0, actions);
}

static void
initial_and_every_event(void **state)
{
	(void)state;
	change(OFPFC_ADD, 1, 1, 2);
	change(OFPFC_ADD, 2, 2, 3);
	run(&peers[1]);
	assert_int_equal(n_updates, 0);
	watch(1, ONFFMF_ALL, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(n_updates, 2);
	assert_int_equal(last_xid, XID);
	assert_update(0, ONFFME_ADDED, 1, true);
	assert_update(1, ONFFME_ADDED, 2, true);
	change(OFPFC_ADD, 1, 3, 2);
	change(OFPFC_ADD, 1, 3, 4); /* replaces it */
	change(OFPFC_MODIFY, 1, 3, 1);
	change(OFPFC_DELETE, 1, 3, 0);
	run(&peers[1]);
	assert_int_equal(n_updates, 6);
	assert_int_equal(last_xid, 0);
	assert_update(2, ONFFME_ADDED, 1, true);
	assert_update(3, ONFFME_MODIFIED, 1, true);
	assert_update(4, ONFFME_MODIFIED, 1, true);
	assert_update(5, ONFFME_DELETED, 1, false);
	assert_int_equal(updates[5].reason, OFPRR_DELETE);
	assert_int_equal(updates[5].priority, 7);
}

static void
only_what_was_asked_for(void **state)
{
	(void)state;
	watch(1, ONFFMF_ADD, 1, OFPP_ANY);
	watch(2, ONFFMF_DELETE | ONFFMF_ACTIONS, OFPTT_ALL, 3);
	run(&peers[0]);
	change(OFPFC_ADD, 1, 1, 2);
	change(OFPFC_ADD, 2, 1, 2);
	change(OFPFC_MODIFY, 1, 1, 4);
	change(OFPFC_ADD, 3, 1, 3);
	change(OFPFC_DELETE, OFPTT_ALL, 0, 0);
	run(&peers[1]);
	assert_int_equal(n_updates, 2);
	assert_update(0, ONFFME_ADDED, 1, false);
	assert_update(1, ONFFME_DELETED, 3, false);
}

static void
own_changes_are_abbreviated_once_a_message(void **state)
{
	(void)state;
	watch(1, ONFFMF_ALL & ~ONFFMF_OWN, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	change(OFPFC_ADD, 1, 1, 2);
	change(OFPFC_ADD, 1, 2, 2);
	run(&peers[0]);
	assert_int_equal(n_updates, 2);
	assert_int_equal(updates[0].event, ONFFME_ABBREV);
	assert_int_equal(updates[0].xid, 1);
	assert_int_equal(updates[1].xid, 2);
	change(OFPFC_DELETE, 1, 0, 0); /* two flows, one message */
	run(&peers[0]);
	assert_int_equal(n_updates, 3);
	assert_int_equal(updates[2].event, ONFFME_ABBREV);
	watch(2, ONFFMF_ADD | ONFFMF_OWN, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	change(OFPFC_ADD, 1, 1, 2);
	run(&peers[0]);
	assert_int_equal(n_updates, 4);
	assert_update(3, ONFFME_ADDED, 1, true);
}

static void
time_outs_are_told(void **state)
{
	struct flow_mod fm = {.table_id = 1, .priority = 7, .hard_timeout_s = 5, .buffer_id = OFP_NO_BUFFER};

	(void)state;
	watch(1, ONFFMF_DELETE, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	flow_mod_encode(&b, 1, &fm);
	run(&peers[1]);
	clock_fake_set(clock_ns() + 6 * SECOND);
	(void)tables_expire(rig.op->tables, &ofproto_section, rig.op, 10);
	monitors_flush(rig.op);
	run(&peers[0]);
	assert_int_equal(n_updates, 1);
	assert_update(0, ONFFME_DELETED, 1, false);
	assert_int_equal(updates[0].reason, OFPRR_HARD_TIMEOUT);
}

static void
refusals(void **state)
{
	(void)state;
	watch(1, ONFFMF_INITIAL, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_BAD_FLAGS);
	watch(1, ONFFMF_ADD | 0x40, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_BAD_FLAGS);
	watch(1, ONFFMF_ADD, 200, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_BAD_TABLE_ID);
	watch(1, ONFFMF_ADD, OFPTT_ALL, OFPP_TABLE);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_BAD_OUT);
	watch(1, ONFFMF_ADD, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(n_errors, 4);
	watch(1, ONFFMF_ADD, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_MONITOR_EXISTS);
	flow_monitor_cancel_encode(&b, XID, 9);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_UNKNOWN_MONITOR);
	for (uint32_t id = 2; id <= 64; id++)
		watch(id, ONFFMF_ADD, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(n_errors, 6);
	watch(65, ONFFMF_ADD, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_UNKNOWN);
}

/* The second entry is wrong: the first is not there either. */
static void
a_request_is_taken_whole_or_not(void **state)
{
	struct flow_monitor_request r = {.id = 1, .flags = ONFFMF_ADD, .table_id = OFPTT_ALL, .out_port = OFPP_ANY};
	const size_t start = onf_multipart_begin(&b, OFPT_MULTIPART_REQUEST, XID, ONFMP_FLOW_MONITOR, 0);

	(void)state;
	flow_monitor_request_encode(&b, &r);
	flow_monitor_request_encode(&b, &r);
	ofp_end(&b, start);
	run(&peers[0]);
	assert_int_equal(last_error, OFPMOFC_MONITOR_EXISTS);
	assert_int_equal(peers[0].conn->monitors.n, 0);
	change(OFPFC_ADD, 1, 1, 2);
	run(&peers[1]);
	assert_int_equal(n_updates, 0);
}

static void
cancel_ends_it(void **state)
{
	(void)state;
	watch(1, ONFFMF_ALL, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	flow_monitor_cancel_encode(&b, XID, 1);
	run(&peers[0]);
	change(OFPFC_ADD, 1, 1, 2);
	run(&peers[1]);
	assert_int_equal(n_updates, 0);
	assert_int_equal(n_errors, 0);
	assert_int_equal(rig.op->n_monitors, 0);
}

/* The peer's own picture of the flows, kept up by the updates alone. */
static bool
knows(uint32_t in_port, const struct flow_update *u)
{
	const be32 port = host_to_be32(in_port);

	return u->match.key.in_port == port;
}

static void
replay(bool *there, uint8_t *n_changes, uint32_t n)
{
	for (size_t i = 0; i < n_updates; i++) {
		for (uint32_t p = 1; p <= n; p++) {
			if (!knows(p, &updates[i]))
				continue;
			there[p] = updates[i].event != ONFFME_DELETED;
			n_changes[p]++;
		}
	}
	n_updates = 0;
}

/* A peer that does not read is paused; when it reads again it knows all, the flows changed meanwhile included. */
static void
a_slow_reader_is_paused_and_catches_up(void **state)
{
	enum { N = 3000 };
	static bool there[N + 1];
	static uint8_t n_changes[N + 1];

	(void)state;
	watch(1, ONFFMF_ALL, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	change(OFPFC_ADD, 1, 1, 2);
	run(&peers[1]);
	peers[0].deaf = true;
	for (int round = 0; round < 6; round++) {
		clock_fake_set(clock_ns() + SECOND);
		for (uint32_t p = 1; p <= N; p++) {
			change(OFPFC_ADD, 1, p, 2);
			if (b.len > 60000)
				run(&peers[1]);
		}
		run(&peers[1]);
	}
	assert_int_not_equal(peers[0].conn->monitors.state, MONITORS_RUN);
	change(OFPFC_DELETE, 1, 1, 0);
	change(OFPFC_MODIFY, 1, 2, 3);
	run(&peers[1]);
	peers[0].deaf = false;
	for (int i = 0; i < 200; i++) {
		rig_run(&rig, peers, 2);
		take(&peers[0]);
		replay(there, n_changes, N);
	}
	assert_int_equal(n_paused, 1);
	assert_int_equal(n_resumed, 1);
	assert_int_equal(peers[0].conn->monitors.state, MONITORS_RUN);
	assert_false(there[1]);
	for (uint32_t p = 2; p <= N; p++)
		assert_true(there[p]);
	/* and goes on hearing of changes */
	change(OFPFC_ADD, 1, 1, 2);
	run(&peers[1]);
	assert_int_equal(n_updates, 1);
}

/* Deletions are told even then, so there must be an end to it. */
static void
a_peer_that_reads_nothing_is_closed(void **state)
{
	(void)state;
	watch(1, ONFFMF_ALL, OFPTT_ALL, OFPP_ANY);
	run(&peers[0]);
	peers[0].deaf = true;
	for (int round = 0; round < 4000 && !peer_is_gone(&rig, &peers[0]); round++) {
		for (uint32_t p = 1; p <= 100; p++)
			change(OFPFC_ADD, 1, p, 2);
		change(OFPFC_DELETE, 1, 0, 0);
		peer_send(&peers[1], b.data, b.len);
		wbuf_reset(&b);
		rig_run(&rig, peers, 2);
	}
	assert_true(peer_is_gone(&rig, &peers[0]));
	assert_false(peer_is_gone(&rig, &peers[1]));
	assert_int_equal(ofproto_flow_count(rig.op), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(initial_and_every_event, setup, teardown),
	    cmocka_unit_test_setup_teardown(only_what_was_asked_for, setup, teardown),
	    cmocka_unit_test_setup_teardown(own_changes_are_abbreviated_once_a_message, setup, teardown),
	    cmocka_unit_test_setup_teardown(time_outs_are_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(refusals, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_request_is_taken_whole_or_not, setup, teardown),
	    cmocka_unit_test_setup_teardown(cancel_ends_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_slow_reader_is_paused_and_catches_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_peer_that_reads_nothing_is_closed, setup, teardown),
	};

	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
