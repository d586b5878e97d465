/* SPDX-License-Identifier: ISC */
/* The timing wheel against a list in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wheel.h"

#include <stdio.h>
#include <stdlib.h>

#define N 3000u
#define STEPS 60000u

struct item {
	struct wheel_node timer;
	uint32_t due; /* what the list believes */
	bool in;
};

static struct wheel w;
static struct item items[N];

static uint32_t
rnd(uint32_t n)
{
	static uint64_t s = 88172645463325252u;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (uint32_t)(s >> 20) % n;
}

/* Near ones and far ones alike: up to 2^bits ticks. */
static uint32_t
distance(unsigned bits)
{
	return rnd(UINT32_C(1) << rnd(bits + 1));
}

static unsigned
n_due(uint32_t now)
{
	unsigned n = 0;

	for (unsigned i = 0; i < N; i++)
		n += items[i].in && items[i].due <= now;
	return n;
}

/* Takes out what is due with budgets of 'slice', and checks it against the list. */
static void
advance(uint32_t now, unsigned slice)
{
	unsigned expected = n_due(now), budget = slice;

	for (;;) {
		struct wheel_node *n = wheel_next(&w, now, &budget);
		struct item *it;

		if (!n && budget)
			break;
		if (!budget)
			budget = slice;
		if (!n)
			continue;
		it = CONTAINER_OF(n, struct item, timer);
		assert_true(it->in);
		assert_true(it->due <= now);
		assert_int_equal(it->due, n->due);
		it->in = false;
		expected--;
	}
	assert_int_equal(expected, 0);
	assert_int_equal(n_due(now), 0);
}

static void
start(uint32_t now)
{
	wheel_init(&w, now);
	for (unsigned i = 0; i < N; i++) {
		wheel_node_init(&items[i].timer);
		items[i].in = false;
	}
}

static void
random_walk(uint32_t now, unsigned far_bits, unsigned jump_bits)
{
	start(now);
	for (unsigned step = 0; step < STEPS; step++) {
		struct item *it = &items[rnd(N)];

		wheel_remove(&w, &it->timer);
		assert_false(wheel_has(&it->timer));
		it->in = rnd(4) != 0;
		if (it->in) {
			it->due = now + distance(far_bits);
			wheel_add(&w, &it->timer, it->due, now);
			assert_true(wheel_has(&it->timer));
		}
		if (rnd(20) == 0) {
			now += distance(jump_bits);
			advance(now, 1 + rnd(100));
		}
	}
	now += UINT32_C(1) << 27;
	advance(now, 1000);
	assert_int_equal(w.n, 0);
}

static void
test_seconds(void **unused)
{
	(void)unused;
	random_walk(0, 10, 6);
}

/* Four ticks a second, time-outs of up to 2^16 s. */
static void
test_whole_range(void **unused)
{
	(void)unused;
	random_walk(12345, 18, 12);
}

static void
test_beyond_the_highest_level(void **unused)
{
	(void)unused;
	random_walk(1u << 24, 26, 22);
}

/* Behind each border of each level, and one tick before and after it. */
static void
test_borders(void **unused)
{
	static const uint32_t starts[] = {0, 1, 62, 63, 64, 4095, 4096, 262143, 262144, 16777215, 16777216, 16777217};

	(void)unused;
	for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
		unsigned n = 0;

		start(starts[s]);
		for (unsigned bit = 0; bit < 27; bit++) {
			for (int off = -1; off <= 1; off++) {
				struct item *it = &items[n++];

				it->due = starts[s] + (UINT32_C(1) << bit) + (uint32_t)off;
				it->in = true;
				wheel_add(&w, &it->timer, it->due, starts[s]);
			}
		}
		for (unsigned bit = 0; bit < 27; bit++) {
			for (int off = -2; off <= 2; off++)
				if (bit || off >= 0)
					advance(starts[s] + (UINT32_C(1) << bit) + (uint32_t)off, 7);
		}
		assert_int_equal(w.n, 0);
	}
}

static void
test_time_that_goes_back(void **unused)
{
	unsigned budget = 100;

	(void)unused;
	start(1000);
	wheel_add(&w, &items[0].timer, 1010, 1000);
	assert_null(wheel_next(&w, 500, &budget));
	assert_null(wheel_next(&w, 1009, &budget));
	assert_ptr_equal(wheel_next(&w, 1010, &budget), &items[0].timer);
	wheel_add(&w, &items[0].timer, 110, 100); /* it was empty: time begins anew */
	assert_null(wheel_next(&w, 109, &budget));
	assert_ptr_equal(wheel_next(&w, 110, &budget), &items[0].timer);
	wheel_remove(&w, &items[0].timer);
	assert_int_equal(w.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_seconds),
	    cmocka_unit_test(test_whole_range),
	    cmocka_unit_test(test_beyond_the_highest_level),
	    cmocka_unit_test(test_borders),
	    cmocka_unit_test(test_time_that_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
