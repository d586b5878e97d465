/* SPDX-License-Identifier: ISC */
/* The microflow cache: programs of exact flow keys, one cache for each reader, fixed in size.
 *
 * A lookup costs one hash and at most four tags; an insertion evicts or is put off, it never searches or grows.  Small programs lie in the
 * entry; others in heap memory that is bounded in all. */
#ifndef DATAPATH_AF_PACKET_MICROFLOW_H
#define DATAPATH_AF_PACKET_MICROFLOW_H

#include "changes.h"
#include "dp_program.h"

struct microflow;

/* What a program belongs to. */
struct microflow_key {
	const struct flow_key *key;
	const uint8_t *resume;
	uint16_t resume_len;
	uint32_t bridge_id;
	const struct changes *changes; /* the bridge's */
};

/* A cached or fresh program; valid until the next microflow_insert. */
struct microflow_prog {
	const struct dp_credit *credits;
	const uint8_t *ops;
	uint16_t n_credits;
	uint16_t ops_len;
};

/* NULL when memory ran out. */
struct microflow *microflow_create(void);
/* Accepts NULL. */
void microflow_destroy(struct microflow *);
/* The hash for lookup and insertion. */
uint64_t microflow_hash(const struct microflow *, const struct microflow_key *);
/* Brings nearer what a lookup of 'hash' will read: first the set's line, some time later the entry that the line names. */
void microflow_prefetch_set(const struct microflow *, uint64_t hash);
/* False: there is none. */
bool microflow_prefetch_entry(const struct microflow *, uint64_t hash);
/* A program that something has outdated is not found. */
bool microflow_lookup(struct microflow *, const struct microflow_key *, uint64_t hash, struct microflow_prog *);
/* Copies 'prog' in; leaves the cache as it is when the program is too large or memory ran out, or
 * when its set is full and the flow has not missed shortly before. */
void microflow_insert(struct microflow *, const struct microflow_key *, uint64_t hash, const struct dp_program *prog);

#endif
