/* SPDX-License-Identifier: ISC */
/* Time, from one place, so that tests can turn it. */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in ns, or what clock_fake_set said last. */
uint64_t clock_ns(void);

static inline uint64_t
clock_ms(void)
{
	return clock_ns() / UINT64_C(1000000);
}

/* Tests: from now on the clock stands at 'ns'; 0 gives the real one back. */
void clock_fake_set(uint64_t ns);

#endif
