/* SPDX-License-Identifier: ISC */
/* Which bucket: see select.h. */
#include "select.h"

#include "hash.h"

#include <math.h>
#include <string.h>

#define FIRST_ROW 4 /* of flow_key: in_port, metadata, tunnel and 'present' are no header fields */
#define TRANSPORT_ROW 8
_Static_assert(offsetof(struct flow_key, eth_dst) == FIRST_ROW * 8, "headers begin at this row");
_Static_assert(offsetof(struct flow_key, tcp_src) == TRANSPORT_ROW * 8, "and ports are in this one");

uint64_t
select_hash(const struct flow_key *key, uint64_t seed)
{
	const unsigned n = flow_key_words(key);
	uint64_t w[FLOW_KEY_WORDS];
	uint8_t *bytes = (uint8_t *)w;

	memcpy(w, key, n * sizeof(uint64_t));
	if ((key->layout & FLOW_LAYOUT_FRAG) && n > TRANSPORT_ROW)
		w[TRANSPORT_ROW] = 0;
	memset(bytes + offsetof(struct flow_key, layout), 0, sizeof(key->layout));
	memset(bytes + offsetof(struct flow_key, ip_ecn), 0, sizeof(key->ip_ecn));
	memset(bytes + offsetof(struct flow_key, ipv6_exthdr), 0, sizeof(key->ipv6_exthdr));
	return hash_words(w + FIRST_ROW, n - FIRST_ROW, seed);
}

static bool
has_live_weight(const struct group *g)
{
	for (uint32_t i = 0; g->weighted && i < g->n_buckets; i++) {
		if (g->buckets[i].weight && group_bucket_is_live(&g->buckets[i]))
			return true;
	}
	return false;
}

/* Equal weights need no logarithm: the largest draw wins. */
static int
select_equal(const struct group *g, uint64_t hash)
{
	uint64_t best = 0;
	int chosen = -1;

	for (uint32_t i = 0; i < g->n_buckets; i++) {
		const struct group_bucket *b = &g->buckets[i];
		const uint64_t draw = group_bucket_is_live(b) ? hash_mix(hash, b->key) : 0;

		if (group_bucket_is_live(b) && (chosen < 0 || draw > best)) {
			best = draw;
			chosen = (int)i;
		}
	}
	return chosen;
}

/* -ln(u) / weight of a u in (0, 1] is exponential with that rate, and the least of several is each one's as often as its rate's share. */
static int
select_weighted(const struct group *g, uint64_t hash)
{
	double best = 0;
	int chosen = -1;

	for (uint32_t i = 0; i < g->n_buckets; i++) {
		const struct group_bucket *b = &g->buckets[i];
		double draw;

		if (!b->weight || !group_bucket_is_live(b))
			continue;
		draw = -log(((double)(hash_mix(hash, b->key) >> 11) + 1) * 0x1p-53) / b->weight;
		if (chosen < 0 || draw < best) {
			best = draw;
			chosen = (int)i;
		}
	}
	return chosen;
}

int
select_bucket(const struct group *g, uint64_t hash)
{
	return has_live_weight(g) ? select_weighted(g, hash) : select_equal(g, hash);
}

int
select_first_live(const struct group *g)
{
	for (uint32_t i = 0; i < g->n_buckets; i++) {
		if (group_bucket_is_live(&g->buckets[i]))
			return (int)i;
	}
	return -1;
}
