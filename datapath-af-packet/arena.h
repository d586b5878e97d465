/* SPDX-License-Identifier: ISC */
/* The batch's memory: handed out in order, given back all at once by exec_batch_done (exec.h has arena_alloc). */
#ifndef DATAPATH_AF_PACKET_ARENA_H
#define DATAPATH_AF_PACKET_ARENA_H

#include "exec.h"

#define ARENA_BYTES (1024u * 1024u)

/* NULL when memory ran out. */
struct batch_arena *arena_create(void);
/* Accepts NULL. */
void arena_destroy(struct batch_arena *);
void arena_reset(struct batch_arena *);
/* More than half of it is handed out. */
bool arena_is_low(const struct batch_arena *);
/* A copy of the first 'n' bytes of the head becomes the head, 8-aligned, with fresh headroom; the rest becomes the tail.  'n' is
 * raised to all of the head where there is a tail already.  False: no memory. */
bool arena_copy_head(struct reader *, struct packet *, uint32_t n);

#endif
