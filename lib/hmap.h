/* SPDX-License-Identifier: ISC */
/* Intrusive hash map that grows a little with each insertion: no single step moves more than a few nodes.
 *
 * The caller hashes (lib/hash.h, with a seed) and compares.  Readers in other threads may look up while nobody changes the map. */
#ifndef LIB_HMAP_H
#define LIB_HMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hmap_node {
	struct hmap_node *next;
	uint64_t hash;
};

struct hmap {
	struct hmap_node **buckets; /* mask + 1 of them */
	struct hmap_node **old;     /* being emptied into buckets, or NULL */
	size_t mask, old_mask;
	size_t old_next;            /* old buckets below this are empty */
	size_t n;
};

void hmap_init(struct hmap *);
/* Frees the bucket arrays, not the nodes. */
void hmap_fini(struct hmap *);
/* False when memory ran out and the map is unchanged (only the very first insertion can fail). */
bool hmap_insert(struct hmap *, struct hmap_node *, uint64_t hash);
/* 'node' must be in the map. */
void hmap_remove(struct hmap *, struct hmap_node *);
/* The first node with 'hash', then the next one; NULL at the end. */
struct hmap_node *hmap_first_with_hash(const struct hmap *, uint64_t hash);
struct hmap_node *hmap_next_with_hash(const struct hmap *, const struct hmap_node *);
/* Any order; the map must not change meanwhile, except that the body may remove the node it was given when it fetched the next before. */
struct hmap_node *hmap_first(const struct hmap *);
struct hmap_node *hmap_next(const struct hmap *, const struct hmap_node *);

static inline size_t
hmap_count(const struct hmap *m)
{
	return m->n;
}

#endif
