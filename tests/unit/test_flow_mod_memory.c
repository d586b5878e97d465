/* SPDX-License-Identifier: ISC */
/* What a flow-mod allocates: an entry's memory comes from a slab, and decoding one and changing one that is there come without.  The
 * linker leads the allocations of our own libraries through here. */
#include "tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 20000u

static unsigned n_allocations;

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);

void *
__wrap_malloc(size_t n)
{
	n_allocations++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	n_allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	n_allocations++;
	return __real_realloc(p, n);
}

/* The message of entry 'i': TCP between two addresses, in one of two forms of actions. */
static void
encode(struct wbuf *b, uint8_t command, uint32_t i, struct act_buf *acts)
{
	struct flow_mod fm = {.command = command,
	                      .priority = 10,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .out_port = OFPP_ANY,
	                      .out_group = OFPG_ANY};
	const uint8_t type[2] = {8, 0}, proto[1] = {6}, mac[6] = {2, 0, 0, 0, 0, 1};
	uint8_t address[4];

	put_be32(address, UINT32_C(0x0a000000) + i);
	match_init(&fm.match);
	match_set(&fm.match, OXM_ETH_TYPE, type, NULL);
	match_set(&fm.match, OXM_IP_PROTO, proto, NULL);
	match_set(&fm.match, OXM_IPV4_SRC, address, NULL);
	address[0] = 20;
	match_set(&fm.match, OXM_IPV4_DST, address, NULL);
	act_buf_reset(acts);
	act_buf_set_field(acts, OXM_ETH_DST, mac);
	act_buf_output(acts, 1 + i % 8, 0);
	fm.insts.present = OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
	fm.insts.apply = act_buf_acts(acts);
	wbuf_reset(b);
	flow_mod_encode(b, 0, &fm);
	assert_true(wbuf_ok(b));
}

/* Allocations of N messages. */
static unsigned
apply(struct tables *ts, uint8_t command)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct act_buf made = ACT_BUF_INIT, acts = ACT_BUF_INIT;
	unsigned total = 0;

	for (uint32_t i = 0; i < N; i++) {
		struct flow_mod fm;
		struct wire body;

		encode(&b, command, i, &made);
		body = wire_init(b.data + OFP_HEADER_LEN, b.len - OFP_HEADER_LEN);
		n_allocations = 0;
		act_buf_reset(&acts);
		assert_int_equal(flow_mod_decode(&body, &acts, &fm), OF_OK);
		assert_int_equal(tables_flow_mod(ts, &fm), OF_OK);
		total += n_allocations;
	}
	wbuf_fini(&b);
	act_buf_fini(&made);
	act_buf_fini(&acts);
	return total;
}

static void
flow_mods_allocate_nothing_each(void **state)
{
	struct counters *counters = counters_create(2);
	struct tables *ts = tables_create(2, counters, NULL, NULL);

	(void)state;
	assert_non_null(ts);
	assert_in_range(apply(ts, OFPFC_ADD), 1, N / 50); /* tables grow by hundreds */
	assert_int_equal(tables_active(ts, 0), N);
	assert_in_range(apply(ts, OFPFC_ADD), 0, 2); /* the first one makes the decoder's buffer */
	assert_in_range(apply(ts, OFPFC_MODIFY_STRICT), 0, 2);
	assert_in_range(apply(ts, OFPFC_MODIFY), 0, 2);
	assert_in_range(apply(ts, OFPFC_DELETE_STRICT), 0, 2);
	assert_int_equal(tables_active(ts, 0), 0);
	tables_destroy(ts);
	counters_destroy(counters);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(flow_mods_allocate_nothing_each)};

	return cmocka_run_group_tests_name("flow-mod memory", tests, NULL, NULL);
}
