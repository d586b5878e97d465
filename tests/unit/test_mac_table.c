/* SPDX-License-Identifier: ISC */
/* Learning, ageing and fair eviction. */
#include "mac_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const uint8_t A[6] = {2, 0, 0, 0, 0, 1}, B[6] = {2, 0, 0, 0, 0, 2};

static void
test_learn_and_age(void **unused)
{
	struct mac_table *t = mac_table_create(100, 10);

	(void)unused;
	assert_true(mac_table_refresh(t, A, 0, 1, 100));
	mac_table_learn(t, A, 0, 1, 100);
	assert_int_equal(mac_table_lookup(t, A, 0, 105), 1);
	assert_int_equal(mac_table_lookup(t, A, 7, 105), 0);
	assert_false(mac_table_refresh(t, A, 0, 1, 108));
	assert_int_equal(mac_table_lookup(t, A, 0, 118), 1);
	assert_int_equal(mac_table_lookup(t, A, 0, 119), 0);
	assert_true(mac_table_refresh(t, A, 0, 2, 118));
	mac_table_learn(t, A, 0, 2, 118);
	assert_int_equal(mac_table_count(t), 1);
	assert_int_equal(mac_table_lookup(t, A, 0, 118), 2);
	assert_false(mac_table_age(t, 200, 10));
	assert_int_equal(mac_table_count(t), 0);
	mac_table_learn(t, A, 0, 2, 200);
	mac_table_learn(t, B, 0, 3, 200);
	mac_table_flush_port(t, 2);
	assert_int_equal(mac_table_lookup(t, A, 0, 200), 0);
	assert_int_equal(mac_table_lookup(t, B, 0, 200), 3);
	mac_table_destroy(t);
}

static void
test_fair_eviction(void **unused)
{
	struct mac_table *t = mac_table_create(64, 3000);

	(void)unused;
	mac_table_learn(t, A, 0, 1, 1);
	mac_table_learn(t, B, 0, 2, 2);
	for (unsigned i = 0; i < 10000; i++) {
		const uint8_t mac[6] = {2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};

		mac_table_refresh(t, B, 0, 2, 3 + i / 10);
		mac_table_learn(t, mac, 0, 2, 3 + i / 10);
	}
	assert_int_equal(mac_table_count(t), 64);
	assert_int_equal(mac_table_lookup(t, A, 0, 1003), 1);
	assert_int_equal(mac_table_lookup(t, B, 0, 1003), 2);
	mac_table_set_limits(t, 2, 3000);
	assert_int_equal(mac_table_count(t), 2);
	assert_int_equal(mac_table_lookup(t, A, 0, 1003), 1);
	mac_table_destroy(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_learn_and_age), cmocka_unit_test(test_fair_eviction)};

	return cmocka_run_group_tests_name("mac_table", tests, NULL, NULL);
}
