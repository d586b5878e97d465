/* SPDX-License-Identifier: ISC */
/* Targets of controllers and listeners: their text, and how many a bridge has. */
#include "conn_case.h"

#include <errno.h>
#include <stdio.h>

static void
targets_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text;
		bool active, passive;
	} rows[] = {
	    {"tcp:10.0.0.1", true, false},
	    {"tcp:10.0.0.1:6633", true, false},
	    {"tcp:[fe80::1]:1", true, false},
	    {"tcp:[::1]", true, false},
	    {"tcp:name.example:65535,aux=8", true, false},
	    {"tcp:h,aux=2,read-only", true, false},
	    {"tcp:h,read-only,aux=0", true, false},
	    {"ssl:h,verify-name,aux=1", true, false},
	    {"ptcp:", true, true},
	    {"ptcp:6653", true, true},
	    {"ptcp:6653:127.0.0.1,read-only", true, true},
	    {"pssl::[::1]", true, true},
	    {"tcp:", false, false},
	    {"tcp::6653", false, false},
	    {"tcp:h:0", false, false},
	    {"tcp:h:65536", false, false},
	    {"tcp:h:12x", false, false},
	    {"tcp:h:-1", false, false},
	    {"tcp:[::1", false, false},
	    {"tcp:[::1]x", false, false},
	    {"tcp:h,aux=9", false, false},
	    {"tcp:h,aux=", false, false},
	    {"tcp:h,aux=1x", false, false},
	    {"tcp:h,nonsense", false, false},
	    {"tcp:h,verify-name", false, false}, /* there is no certificate */
	    {"pssl:6653,verify-name", false, false},
	    {"ptcp:6653,aux=1", false, false},
	    {"ptcp:x", false, false},
	    {"udp:h", false, false},
	    {"h:6653", false, false},
	    {"", false, false},
	};
	char why[512], longest[300] = "tcp:";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ofproto_target_check(rows[i].text, false, true, why, sizeof(why)) == 0,
		                 rows[i].active);
		assert_int_equal(ofproto_target_check(rows[i].text, true, true, why, sizeof(why)) == 0,
		                 rows[i].passive);
	}
	memset(longest + 4, 'h', sizeof(longest) - 5);
	assert_int_not_equal(ofproto_target_check(longest, false, true, why, sizeof(why)), 0);
	assert_int_not_equal(ofproto_target_check("ssl:h", false, false, why, sizeof(why)), 0); /* no keys */
}

static void
a_bridge_has_at_most_sixteen_controllers(void **state)
{
	char target[64], why[512];

	(void)state;
	for (unsigned i = 0; i < 17; i++) {
		snprintf(target, sizeof(target), "tcp:127.0.0.1:%u", 1 + i);
		assert_int_equal(ofproto_controller_add(rig.op, target, why, sizeof(why)), i < 16 ? 0 : -E2BIG);
	}
	assert_int_equal(ofproto_controller_del(rig.op, "tcp:127.0.0.1:1"), 0);
	assert_int_equal(ofproto_controller_add(rig.op, target, why, sizeof(why)), 0);
	assert_int_equal(ofproto_controller_add(rig.op, target, why, sizeof(why)), -EEXIST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONN_CASE(targets_are_parsed_strictly),
	    CONN_CASE(a_bridge_has_at_most_sixteen_controllers),
	};

	return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
