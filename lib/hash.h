/* SPDX-License-Identifier: ISC */
/* Keyed hashing of 64-bit words: fast, and not predictable without the seed (robustness D06). */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>
#include <stdint.h>

/* A random seed from getrandom(2), made once at first use; thread-safe. */
uint64_t hash_seed(void);

static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	const unsigned __int128 p = (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xc2b2ae3d27d4eb4f));

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline uint64_t
hash_words(const uint64_t *w, size_t n, uint64_t seed)
{
	uint64_t h = seed ^ ((uint64_t)n * UINT64_C(0xff51afd7ed558ccd));

	for (; n >= 2; n -= 2, w += 2)
		h = hash_mix(w[0] ^ h, w[1] ^ (seed << 1));
	if (n)
		h = hash_mix(w[0] ^ h, seed);
	return hash_mix(h, seed ^ UINT64_C(0x94d049bb133111eb));
}

/* Any bytes; slower than hash_words. */
uint64_t hash_bytes(const void *, size_t n, uint64_t seed);

#endif
