/* SPDX-License-Identifier: ISC */
/* A map from priorities to words that also answers "which is the highest" and "which is the next above", at the same cost however many
 * there are: a short sorted array, and a tree of four levels of 16 for those that find it full.  Nothing ever moves from one to the other, so
 * no step is long. */
#ifndef OFPROTO_TABLE_PRIO_MAP_H
#define OFPROTO_TABLE_PRIO_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct prio_small;
struct prio_block;

struct prio_map {
	struct prio_small *small;
	struct prio_block *root; /* NULL: none is in the tree */
	uint8_t n_small, cap_small;
};

#define PRIO_MAP_INIT                                                                                                  \
	{                                                                                                              \
		.n_small = 0                                                                                           \
	}
void prio_map_fini(struct prio_map *);
/* 0: absent. */
uint64_t prio_map_get(const struct prio_map *, uint16_t priority);
/* 'value' is not 0.  False: no memory, nothing changed; a priority that is present can always be given another value. */
bool prio_map_set(struct prio_map *, uint16_t priority, uint64_t value);
void prio_map_clear(struct prio_map *, uint16_t priority);
/* The highest priority present, or -1. */
int prio_map_max(const struct prio_map *);
/* The lowest priority present above 'priority', or -1. */
int prio_map_above(const struct prio_map *, uint16_t priority);

#endif
