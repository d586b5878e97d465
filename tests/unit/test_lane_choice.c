/* SPDX-License-Identifier: ISC */
/* Which lane a port takes, and that it does not go to and fro. */
#include "lane_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define LOAD 70 /* the default */

static void
bulk_is_for_a_worker_that_drowns(void **state)
{
	(void)state;
	assert_true(lane_wants_bulk(false, LOAD, &(struct lane_load){71, 300, 300 * 64}));
	assert_false(lane_wants_bulk(false, LOAD, &(struct lane_load){70, 300, 300 * 64}));
	/* what else keeps the worker busy is no reason to make a quiet port slow */
	assert_false(lane_wants_bulk(false, LOAD, &(struct lane_load){100, 30, 30 * 64}));
	assert_true(lane_wants_bulk(false, 5, &(struct lane_load){6, 31, 31 * 64}));
}

static void
the_express_lane_comes_back(void **state)
{
	(void)state;
	/* 100,000 frames/s from the ring are a fifth of a worker */
	assert_false(lane_wants_bulk(true, LOAD, &(struct lane_load){20, 100, 100 * 64}));
	assert_true(lane_wants_bulk(true, LOAD, &(struct lane_load){28, 170, 170 * 64}));
	assert_false(lane_wants_bulk(true, LOAD, &(struct lane_load){100, 14, 14 * 64}));
	assert_false(lane_wants_bulk(true, LOAD, &(struct lane_load){0, 0, 0}));
}

static void
superframes_take_bulk_at_any_load(void **state)
{
	(void)state;
	assert_true(lane_wants_bulk(false, LOAD, &(struct lane_load){40, 24, 24 * 65000}));
	assert_true(lane_wants_bulk(true, LOAD, &(struct lane_load){10, 7, 7 * 65000}));
	assert_false(lane_wants_bulk(true, LOAD, &(struct lane_load){10, 6, 6 * 65000}));
	assert_false(lane_wants_bulk(false, LOAD, &(struct lane_load){40, 15, 15 * 65000}));
}

static void
at_100_percent_express_is_never_left(void **state)
{
	(void)state;
	assert_false(lane_wants_bulk(false, 100, &(struct lane_load){100, 600, 600 * 64}));
	assert_false(lane_wants_bulk(false, 100, &(struct lane_load){100, 30, 30 * 65000}));
	assert_false(lane_wants_bulk(true, 100, &(struct lane_load){100, 600, 600 * 64}));
}

/* Whatever an express frame costs, from as much as one from the ring to 2.5 times that: who has left for a lane does not want to go back. */
static void
no_port_goes_to_and_fro(void **state)
{
	(void)state;
	for (unsigned setting = 1; setting < 100; setting++)
		for (unsigned frames = 1; frames < 1000; frames++)
			for (unsigned size = 64; size < 70000; size *= 4)
				for (unsigned busy = 0; busy <= 100; busy++)
					for (unsigned more = 2; more <= 5; more++) {
						const unsigned express = busy * more / 2;
						const struct lane_load ring = {busy, frames, (uint64_t)frames * size};
						const struct lane_load own = {express > 100 ? 100 : express, frames,
						                              ring.bytes};

						if (!lane_wants_bulk(true, setting, &ring) &&
						    lane_wants_bulk(false, setting, &own))
							fail_msg("to and fro: %u percent, %u frames of %u bytes a ms, "
							         "%u and %u busy",
							         setting, frames, size, busy, own.busy_pct);
					}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bulk_is_for_a_worker_that_drowns),  cmocka_unit_test(the_express_lane_comes_back),
	    cmocka_unit_test(superframes_take_bulk_at_any_load), cmocka_unit_test(at_100_percent_express_is_never_left),
	    cmocka_unit_test(no_port_goes_to_and_fro),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
