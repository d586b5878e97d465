/* SPDX-License-Identifier: ISC */
/* What groups.c, group_mod.c and group_live.c share of 'struct groups'. */
#ifndef OFPROTO_TABLE_GROUPS_PRIVATE_H
#define OFPROTO_TABLE_GROUPS_PRIVATE_H

#include "groups.h"

/* What a DELETE of all groups takes away in one stroke. */
struct group_set {
	struct hmap by_id;
	struct group **sorted; /* ascending ids; room for 'cap' */
	uint32_t n, cap;
	struct list watchers;
	uint32_t n_group_watchers;
	size_t bytes;
};

struct groups {
	struct counters *counters;
	struct group_set *set; /* [lookup] */
	bool hiding; /* [lookup] a transaction is in preparation: frames meet 'was' of what it has changed */
	uint32_t n_gone; /* in the set, but stand for groups that are not there any more */
	uint32_t *live_ports; /* ascending */
	uint32_t n_live, cap_live;
	uint64_t seed;
	uint64_t mark;
};

/* NULL: no memory. */
struct group_set *group_set_create(void);
/* Frees the groups, their counters and user lists too.  Accepts NULL. */
void group_set_destroy(struct group_set *, struct counters *);
/* Room for one more: after this group_set_insert can't fail.  False: no memory. */
bool group_set_reserve(struct group_set *);
void group_set_insert(struct group_set *, uint64_t seed, struct group *);
void group_set_remove(struct group_set *, struct group *);
/* Puts 'now' where 'was' is; same id. */
void group_set_replace(struct group_set *, struct group *was, struct group *now);
/* The group, its buckets and counters; not the list of its users.  Accepts NULL. */
void group_free(struct group *, struct counters *);
/* [control] The group as it is by now, changes of a transaction included. */
struct group *groups_get(const struct groups *, uint32_t id);
/* [control] The same, and what stands for a group that is gone. */
struct group *groups_raw(const struct groups *, uint32_t id);

/* group_live.c: makes the flags of 'g' right; and those of all that watch groups, after a change of the table. */
void group_refresh_live(struct groups *, struct group *);
void groups_refresh_watchers(struct groups *);
bool group_bucket_watches(const struct group_bucket *, uint8_t type);

/* group_chain.c: what 'g' would do to chains when it takes the place of the group of its id: OFPGMFC_LOOP,
 * OFPGMFC_CHAINING_UNSUPPORTED, OFPGMFC_BAD_WATCH or OF_OK. */
enum of_error group_check_chains(struct groups *, struct group *g);

#endif
