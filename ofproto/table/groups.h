/* SPDX-License-Identifier: ISC */
/* The group table (OpenFlow 1.3.5, 5.6, 6.5, 7.3.4.2).
 *
 * Members marked [lookup] are read by workers when a frame meets the group; the control thread changes them inside an exclusive section,
 * but for the 'live' flags, which it stores at any time (relaxed).  Cached programs hold the group's id alone, so a change of a group
 * never makes them stale.
 *
 * A group can be written as the message that creates it (group_as_mod).  A group must exist before another may forward to it, so whoever
 * writes all of them does it by ascending height (groups_measure), not by id.
 *
 * Limits: GROUPS_MAX groups (OFPGMFC_OUT_OF_GROUPS), GROUPS_MAX_BUCKETS buckets in one of them and GROUPS_MAX_MEMORY bytes in all
 * (OFPGMFC_OUT_OF_BUCKETS), GROUPS_MAX_DEPTH groups in a chain (OFPGMFC_CHAINING_UNSUPPORTED). */
#ifndef OFPROTO_TABLE_GROUPS_H
#define OFPROTO_TABLE_GROUPS_H

#include "counters.h"
#include "hmap.h"
#include "messages.h"
#include "uses.h"

#define GROUPS_MAX 65536u
#define GROUPS_MAX_BUCKETS 1024u
#define GROUPS_MAX_MEMORY (256u << 20) /* bytes */
#define GROUPS_MAX_DEPTH 32u

struct groups;

struct group_bucket {
	/* [lookup] */
	struct ofp_acts set; /* its actions as an action set, in the order of 5.10 */
	uint64_t key; /* what SELECT hashes: stays when a MODIFY keeps the bucket or puts another in its place */
	uint32_t counter;
	uint16_t weight;
	bool live; /* a watched port or group is live, or nothing is watched */
	/* control thread */
	uint32_t watch_port, watch_group;
	struct ofp_acts acts; /* as they were sent */
};

struct group {
	struct hmap_node node;
	/* [lookup] */
	uint32_t id;
	uint8_t type; /* OFPGT_* */
	bool weighted; /* SELECT: a bucket has a weight */
	bool live; /* one of its buckets is */
	uint32_t counter;
	uint32_t n_buckets;
	struct group_bucket *buckets;
	bool changed; /* by the transaction in preparation: frames see 'was' (NULL: none) in its place */
	bool gone; /* by the transaction: stands for a group that frames no longer see after the switch */
	const struct group *was;
	/* control thread */
	uint64_t created_ns;
	struct user_list *users;
	uint32_t n_targets; /* groups that it forwards to, each once */
	uint32_t *targets;
	struct list watching; /* in groups.watchers, if a bucket watches anything */
	bool watches_groups;
	uint64_t mark; /* of the walk that has seen it last */
	uint32_t height; /* groups in the longest chain from here, as groups_measure found it */
	size_t bytes; /* of memory */
};

/* NULL: no memory. */
struct groups *groups_create(struct counters *);
/* Accepts NULL.  No flow entry may use a group any more. */
void groups_destroy(struct groups *);

/* [lookup] The group that frames meet now; NULL if there is none. */
const struct group *groups_find(const struct groups *, uint32_t id);
/* [lookup] */
static inline bool
group_bucket_is_live(const struct group_bucket *b)
{
	return __atomic_load_n(&b->live, __ATOMIC_RELAXED);
}

uint32_t groups_count(const struct groups *);
/* The group of the lowest id that is not below 'from', or NULL. */
const struct group *groups_next(const struct groups *, uint32_t from);
/* Makes the height of every group right. */
void groups_measure(struct groups *);
/* The group as the message that creates it; buckets and their actions are borrowed, group_mod_fini frees the array.  False: no memory. */
bool group_as_mod(const struct group *, struct group_mod *);
/* Counters of the group, and of its first 'n' buckets. */
void
group_stats(const struct groups *, const struct group *, struct group_stats *, struct bucket_count *buckets, size_t n);

/* A port is live (OFPPS_LIVE) or no longer: buckets that watch it follow at once, and those that watch their groups.  Any time, no
 * exclusive section needed.  A port that was never named is not live. */
void groups_port_live(struct groups *, uint32_t port_no, bool live);

/* ---- GROUP_MOD: check, then commit ----
 *
 *   error = group_mod_prepare(tables, gm, &change);     any time; nothing changes, all errors come from here
 *   while (group_change_step(change, n)) ...            each call in an exclusive section: a DELETE takes its flow entries away
 *   group_change_commit(change);                        in an exclusive section; can't fail; swaps pointers
 *   group_change_undo(change);                          instead of going on: in an exclusive section
 *   group_change_free(change);                          after it, outside
 *
 * Between prepare and commit of one change no other change of groups or flow entries may be made.  Several changes that are to take effect
 * together are prepared and committed one after the other (a later one may build on an earlier one) in one exclusive section, and undone
 * in the opposite order.  Undo gives the group table back as it was, counters and reference counts included.  It does not bring back the
 * flow entries that steps removed: whoever may want to undo a DELETE keeps them first (group_for_each_user) and puts them in again
 * after the undo, which makes their references again. */
struct group_change;
struct tables;
struct rule;
/* In a transaction (txn.h) changes are committed one by one as it is prepared, each in an exclusive section, but frames go on meeting the
 * groups as they were until groups_show; a DELETE of all is not prepared, but one of each (group_delete_prepare).  After the switch,
 * each change is settled in an exclusive section, then freed. */
void groups_hide(struct groups *);
void groups_show(struct groups *);
void group_change_settle(struct group_change *);
enum of_error group_delete_prepare(struct tables *, uint32_t id, struct group_change **);
/* The users of what the change deletes, or NULL. */
struct user_list *group_change_users(const struct group_change *);
enum of_error group_mod_prepare(struct tables *, const struct group_mod *, struct group_change **);
/* Removes at most 'max' flow entries that use what is to be deleted (OFPRR_GROUP_DELETE); true if there is more to do.  *removed is added to. */
bool group_change_step(struct group_change *, unsigned max, unsigned *removed);
void group_change_commit(struct group_change *);
void group_change_undo(struct group_change *);
/* Accepts NULL.  Frees what the change replaced, or what it prepared if it was not committed or undone. */
void group_change_free(struct group_change *);
void group_for_each_user(const struct group *, void (*cb)(void *aux, const struct rule *), void *aux);

#endif
