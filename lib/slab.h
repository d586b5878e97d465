/* SPDX-License-Identifier: ISC */
/* Many objects of one size, without a word beside each, in blocks that go back to the system when their last object does: after a delete
 * of a million flow entries malloc's heap would stay as large as it was, and giving it back at once (malloc_trim) would take tens of
 * milliseconds.
 *
 * Not thread-safe: a slab belongs to the thread that allocates and frees. */
#ifndef LIB_SLAB_H
#define LIB_SLAB_H

#include "list.h"

#include <stddef.h>
#include <stdint.h>

#define SLAB_BLOCK (256u * 1024) /* bytes; those that no object has ever used are no memory yet */

struct slab {
	struct list open; /* blocks with room, those in use before the one that is not */
	size_t size;
	unsigned per_block;
	unsigned n_blocks;
	unsigned n_empty; /* of them: at most one, so that one object that comes and goes does not map and unmap one */
};

/* 'size' above 0 and far below SLAB_BLOCK; objects are aligned to 8 bytes.  Nothing is allocated yet. */
void slab_init(struct slab *, size_t size);
/* All its objects have been freed. */
void slab_fini(struct slab *);
/* Uninitialised; NULL: no memory. */
void *slab_alloc(struct slab *);
/* An object of any slab; accepts NULL. */
void slab_free(void *);

#endif
