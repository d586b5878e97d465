/* SPDX-License-Identifier: ISC */
/* The seed, and hashing of byte strings. */
#include "hash.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t seed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_seed(void)
{
	struct timespec t;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
		clock_gettime(CLOCK_REALTIME, &t);
		seed = hash_mix((uint64_t)t.tv_nsec, (uint64_t)(uintptr_t)&t);
	}
}

uint64_t
hash_seed(void)
{
	pthread_once(&once, make_seed);
	return seed;
}

uint64_t
hash_bytes(const void *data, size_t n, uint64_t s)
{
	const uint8_t *p = data;
	uint64_t h = s ^ n;
	uint64_t w;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&w, p, 8);
		h = hash_mix(h ^ w, s);
	}
	if (n) {
		w = 0;
		memcpy(&w, p, n);
		h = hash_mix(h ^ w, s);
	}
	return hash_mix(h, s ^ UINT64_C(0x94d049bb133111eb));
}
