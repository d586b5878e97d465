/* SPDX-License-Identifier: ISC */
/* Two sets of flow entries side by side. */
#ifndef UTILITIES_OFCTL_FLOW_SETS_H
#define UTILITIES_OFCTL_FLOW_SETS_H

#include "hmap.h"
#include "ofctl.h"

/* What an entry does, in one of the sets; an action list of its own. */
struct version {
	uint64_t cookie;
	uint16_t idle_timeout_s, hard_timeout_s, flags;
	struct ofp_insts insts;
	uint8_t *acts; /* heap; insts point into it */
};

/* An entry by what it matches, with its version in each set or NULL. */
struct pair {
	struct hmap_node node;
	struct pair *next; /* in order of appearance */
	uint8_t table_id;
	uint16_t priority;
	struct match match;
	struct version *in[2];
};

struct flow_sets {
	struct hmap map;
	struct pair *first, **end;
};
void flow_sets_init(struct flow_sets *);
void flow_sets_fini(struct flow_sets *);
/* The pair for this table, priority and match, made when it is new; never NULL. */
struct pair *flow_sets_pair(struct flow_sets *, uint8_t table_id, uint16_t priority, const struct match *);
/* Adds a version, replacing one that is there; the instructions are copied. */
void pair_set(struct pair *, unsigned set, const struct version *);
/* What two versions do is the same (flags are not compared: switches drop some). */
bool version_equal(const struct version *, const struct version *);

/* All entries of the connected switch, or of a file; false: reported. */
bool flow_sets_from_switch(struct ofctl *, struct flow_sets *, unsigned set);
bool flow_sets_from_file(struct ofctl *, struct flow_sets *, unsigned set, const char *name);

#endif
