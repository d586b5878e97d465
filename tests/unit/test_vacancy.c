/* SPDX-License-Identifier: ISC */
/* EXT-192 on a connection: table-mod and table-desc, who hears of evictions and vacancy, and who sees importances. */
#include "conn_rig.h"

#include "clock.h"
#include "extensions.h"
#include "shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define N_TABLES 4
#define XID 77

static struct rig rig;
static struct peer peer, other;
static struct wbuf b;

static int
setup(void **state)
{
	struct table_features f[N_TABLES];

	(void)state;
	clock_fake_set(1000 * SECOND);
	rig_open(&rig, N_TABLES, 4);
	peer_open_ready(&rig, &peer, false);
	peer_open_ready(&rig, &other, false);
	b = (struct wbuf)WBUF_INIT(1 << 20);
	for (unsigned i = 0; i < N_TABLES; i++) {
		f[i] = *shape_get(rig.op->tables, (uint8_t)i);
		f[i].max_entries = 4;
	}
	return shape_set(rig.op->tables, f, N_TABLES) == OF_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	peer_close(&rig, &other);
	peer_close(&rig, &peer);
	rig_close(&rig);
	wbuf_fini(&b);
	clock_fake_set(0);
	return 0;
}

/* ---- what goes out ---- */

static void
send_to(struct peer *p)
{
	peer_send(p, b.data, b.len);
	wbuf_reset(&b);
	rig_run(&rig, p, 1);
}

static void
table_mod(struct peer *p, uint32_t config, uint8_t down, uint8_t up)
{
	const struct table_desc d = {
	    .table_id = 1, .config = config, .has_vacancy = up != 0, .vacancy_down = down, .vacancy_up = up};

	onf_table_mod_encode(&b, XID, &d);
	send_to(p);
}

static void
put_flow(uint8_t command, uint16_t priority, uint16_t importance)
{
	const struct flow_mod fm = {.command = command,
	                            .table_id = 1,
	                            .priority = priority,
	                            .flags = OFPFF_SEND_FLOW_REM,
	                            .buffer_id = OFP_NO_BUFFER,
	                            .out_port = OFPP_ANY,
	                            .out_group = OFPG_ANY,
	                            .insts = {.has_importance = importance != 0, .importance = importance}};

	flow_mod_encode(&b, XID, &fm);
}

/* ---- what comes back ---- */

static const uint8_t *
next(struct peer *p, uint8_t type, struct wire *body)
{
	size_t len;
	const uint8_t *m;

	rig_run(&rig, p, 1);
	m = peer_next(p, &len);
	assert_non_null(m);
	assert_int_equal(m[1], type);
	*body = wire_init(m + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	return m;
}

static void
assert_nothing(struct peer *p)
{
	size_t len;

	rig_run(&rig, p, 1);
	assert_null(peer_next(p, &len));
}

static void
assert_error(struct peer *p, enum of_error error)
{
	struct wire body;

	next(p, OFPT_ERROR, &body);
	assert_int_equal(wire_be16(&body), of_error_type(error));
	assert_int_equal(wire_be16(&body), of_error_code(error));
}

static void
assert_status(struct peer *p, uint8_t reason, uint8_t vacancy)
{
	struct experimenter_hdr e;
	struct table_status s;
	struct wire body;

	next(p, OFPT_EXPERIMENTER, &body);
	assert_int_equal(experimenter_hdr_decode(&body, &e), OF_OK);
	assert_int_equal(e.experimenter, ONF_EXPERIMENTER_ID);
	assert_int_equal(e.exp_type, ONFT_TABLE_STATUS);
	assert_int_equal(table_status_decode(&body, &s), OF_OK);
	assert_int_equal(s.reason, reason);
	assert_int_equal(s.desc.table_id, 1);
	assert_int_equal(s.desc.vacancy, vacancy);
}

static void
assert_removed(struct peer *p, uint16_t priority, uint8_t reason)
{
	struct flow_removed fr;
	struct wire body;

	next(p, OFPT_FLOW_REMOVED, &body);
	assert_int_equal(flow_removed_decode(&body, &fr), OF_OK);
	assert_int_equal(fr.priority, priority);
	assert_int_equal(fr.reason, reason);
}

/* ---- tests ---- */

static void
who_asked_is_told_of_vacancy(void **state)
{
	(void)state;
	table_mod(&peer, OFPTC_VACANCY_EVENTS, 50, 60);
	for (uint16_t i = 1; i <= 3; i++)
		put_flow(OFPFC_ADD, i, 0);
	send_to(&other);
	assert_status(&peer, OFPTR_VACANCY_DOWN, 25);
	assert_nothing(&peer);
	assert_nothing(&other);
	table_mod(&other, OFPTC_VACANCY_EVENTS, 50, 60); /* from now on both */
	put_flow(OFPFC_DELETE, 0, 0);
	send_to(&peer);
	for (unsigned i = 0; i < 3; i++) /* the third one makes it 75 per cent, the second 50 */
		assert_int_equal(next(&peer, i < 2 ? OFPT_FLOW_REMOVED : OFPT_EXPERIMENTER, &(struct wire){0})[1],
		                 i < 2 ? OFPT_FLOW_REMOVED : OFPT_EXPERIMENTER);
}

static void
nobody_is_told_unasked(void **state)
{
	struct role_msg role = {.role = OFPCR_ROLE_SLAVE, .generation_id = 1};

	(void)state;
	table_mod(&peer, OFPTC_VACANCY_EVENTS, 50, 60);
	table_mod(&peer, 0, 0, 0); /* and not any more */
	table_mod(&other, OFPTC_VACANCY_EVENTS, 50, 60);
	role_encode(&b, OFPT_ROLE_REQUEST, XID, &role);
	send_to(&other); /* a slave */
	next(&other, OFPT_ROLE_REPLY, &(struct wire){0});
	for (uint16_t i = 1; i <= 3; i++)
		put_flow(OFPFC_ADD, i, 0);
	send_to(&peer);
	assert_nothing(&peer);
	assert_nothing(&other);
	table_mod(&other, OFPTC_VACANCY_EVENTS, 50, 60);
	assert_error(&other, OFPBRC_IS_SLAVE);
}

static void
evictions_are_flow_removed(void **state)
{
	const struct async_config without = {{3, 0}, {7, 7}, {15, 0}};

	(void)state;
	table_mod(&peer, OFPTC_EVICTION, 0, 0);
	async_encode(&b, OFPT_SET_ASYNC, XID, &without);
	send_to(&other);
	for (uint16_t i = 1; i <= 5; i++)
		put_flow(OFPFC_ADD, i, (uint16_t)(10 - i));
	send_to(&peer);
	assert_removed(&peer, 4, OFPRR_EVICTION);
	assert_nothing(&peer);
	assert_nothing(&other); /* as it wanted */
	put_flow(OFPFC_DELETE, 0, 0);
	send_to(&peer);
	assert_int_equal(tables_active(rig.op->tables, 1), 0);
	for (unsigned i = 0; i < 4; i++) {
		struct flow_removed fr;
		struct wire body;

		next(&other, OFPT_FLOW_REMOVED, &body);
		assert_int_equal(flow_removed_decode(&body, &fr), OF_OK);
		assert_int_equal(fr.reason, OFPRR_DELETE);
		assert_int_not_equal(fr.priority, 4);
	}
	assert_nothing(&other);
}

/* Flags of FLOW_REMOVED as GET_ASYNC tells them. */
static uint32_t
told_reasons(struct peer *p)
{
	struct async_config a;
	struct wire body;

	simple_encode(&b, OFPT_GET_ASYNC_REQUEST, XID);
	send_to(p);
	next(p, OFPT_GET_ASYNC_REPLY, &body);
	assert_int_equal(async_decode(&body, &a), OF_OK);
	return a.flow_removed[0];
}

static void
what_is_not_13_is_told_to_who_knows_it(void **state)
{
	struct flow_stats_request req = {.table_id = 1, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	struct peer *peers[] = {&peer, &other};

	(void)state;
	put_flow(OFPFC_ADD, 5, 500);
	send_to(&peer);
	for (unsigned i = 0; i < 2; i++) {
		struct act_buf acts = ACT_BUF_INIT;
		struct flow_stats fs;
		struct wire body;

		flow_stats_request_encode(&b, XID, OFPMP_FLOW, &req);
		send_to(peers[i]);
		next(peers[i], OFPT_MULTIPART_REPLY, &body);
		wire_skip(&body, 8);
		assert_int_equal(flow_stats_decode(&body, &acts, &fs), OF_OK);
		assert_int_equal(fs.insts.has_importance, i == 0); /* the second has never said a word of it */
		assert_int_equal(fs.insts.importance, i == 0 ? 500 : 0);
		assert_int_equal(told_reasons(peers[i]), i == 0 ? 0x2f : 0xf);
		act_buf_fini(&acts);
	}
}

static void
table_desc_tells_what_was_set(void **state)
{
	struct multipart_hdr h;
	struct table_desc d;
	struct wire body;

	(void)state;
	table_mod(&peer, OFPTC_EVICTION | OFPTC_VACANCY_EVENTS, 20, 80);
	ofp_end(&b, onf_multipart_begin(&b, OFPT_MULTIPART_REQUEST, XID, ONFMP_TABLE_DESC, 0));
	send_to(&other);
	next(&other, OFPT_MULTIPART_REPLY, &body);
	assert_int_equal(multipart_hdr_decode(&body, &h), OF_OK);
	assert_int_equal(h.type, OFPMP_EXPERIMENTER);
	assert_int_equal(wire_be32(&body), ONF_EXPERIMENTER_ID);
	assert_int_equal(wire_be32(&body), ONFMP_TABLE_DESC);
	for (unsigned i = 0; i < N_TABLES; i++) {
		assert_int_equal(table_desc_decode(&body, &d), OF_OK);
		assert_int_equal(d.table_id, i);
		assert_int_equal(d.config, i == 1 ? OFPTC_EVICTION | OFPTC_VACANCY_EVENTS : 0);
		assert_int_equal(d.eviction_flags, OFPTMPEF_ALL);
		assert_int_equal(d.has_vacancy, i == 1);
		assert_int_equal(d.vacancy_up, i == 1 ? 80 : 0);
		assert_int_equal(d.vacancy, i == 1 ? 100 : 0);
	}
	assert_int_equal(wire_left(&body), 0);
	ofp_end(&b, onf_begin(&b, XID, ONFT_TABLE_MOD)); /* cut short */
	send_to(&peer);
	assert_error(&peer, OFPBRC_BAD_LEN);
	table_mod(&peer, 1u << 9, 0, 0);
	assert_error(&peer, OFPTMFC_BAD_CONFIG);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(who_asked_is_told_of_vacancy),           T(nobody_is_told_unasked),        T(evictions_are_flow_removed),
	    T(what_is_not_13_is_told_to_who_knows_it), T(table_desc_tells_what_was_set),
	};

	return cmocka_run_group_tests_name("vacancy", tests, NULL, NULL);
}
