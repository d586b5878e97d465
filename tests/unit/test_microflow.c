/* SPDX-License-Identifier: ISC */
/* The microflow cache: what is in it is found, and more flows than fit do not drive out those that come again and again. */
#include "microflow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct dp_program prog;

static struct flow_key
flow(uint32_t n)
{
	return (struct flow_key){.in_port = n, .present = OXM_BIT(OXM_IN_PORT)};
}

/* One frame of flow 'n': true if its program was there, else it is offered to the cache. */
static bool
frame(struct microflow *m, uint32_t n, const struct changes *changes)
{
	const struct flow_key key = flow(n);
	const struct microflow_key k = {.key = &key, .bridge_id = 1, .changes = changes};
	const uint64_t hash = microflow_hash(m, &k);
	struct microflow_prog out;

	if (microflow_lookup(m, &k, hash, &out)) {
		assert_int_equal(((const struct dp_op_output *)(const void *)out.ops)->port_no, n);
		return true;
	}
	dp_program_init(&prog);
	((struct dp_op_output *)dp_program_append(&prog, DP_OP_OUTPUT, sizeof(struct dp_op_output)))->port_no = n;
	microflow_insert(m, &k, hash, &prog);
	return false;
}

static void
the_second_frame_hits_until_something_changes(void **unused)
{
	struct microflow *m = microflow_create();
	struct changes c;

	(void)unused;
	assert_non_null(m);
	changes_init(&c);
	for (uint32_t n = 1; n <= 1000; n++) {
		assert_false(frame(m, n, &c));
		assert_true(frame(m, n, &c));
		changes_all(&c);
		assert_false(frame(m, n, &c));
		assert_true(frame(m, n, &c));
		c.all = c.now += UINT64_C(1) << 32; /* so many changes later it is not taken for in force */
		assert_false(frame(m, n, &c));
	}
	changes_fini(&c);
	microflow_destroy(m);
}

/* A million flows in turn, far more than fit, and in between ones that carry much: these stay. */
static void
passing_flows_do_not_drive_out_busy_ones(void **unused)
{
	struct microflow *m = microflow_create();
	unsigned hits = 0, asked = 0, few = 0;
	struct changes c;

	(void)unused;
	changes_init(&c);
	assert_non_null(m);
	for (uint32_t n = 0; n < 1000000; n++) {
		frame(m, 1000000 + n, &c);
		if (n % 100)
			continue;
		asked++;
		hits += frame(m, n / 100 % 100, &c);
	}
	assert_true(hits >= asked * 9 / 10);
	for (uint32_t n = 0; n < 1000000; n++) /* and a second round: most of what fits has stayed */
		few += frame(m, 1000000 + n, &c);
	assert_true(few >= 20000);
	microflow_destroy(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_second_frame_hits_until_something_changes),
	    cmocka_unit_test(passing_flows_do_not_drive_out_busy_ones),
	};

	return cmocka_run_group_tests_name("microflow", tests, NULL, NULL);
}
