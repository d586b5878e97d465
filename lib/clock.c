/* SPDX-License-Identifier: ISC */
/* The monotonic clock, and the one that tests turn. */
#include "clock.h"

#include <time.h>

static uint64_t fake_ns;

uint64_t
clock_ns(void)
{
	uint64_t fake = __atomic_load_n(&fake_ns, __ATOMIC_RELAXED);
	struct timespec t;

	if (fake)
		return fake;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

void
clock_fake_set(uint64_t ns)
{
	__atomic_store_n(&fake_ns, ns, __ATOMIC_RELAXED);
}
