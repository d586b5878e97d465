/* SPDX-License-Identifier: ISC */
/* Blocks are aligned to their size, so that an object's address leads to its block.  Free objects of a block are a list through their
 * first words; behind the ones that were ever used there is untouched memory. */
#include "slab.h"

#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define FORBID(p, n) __asan_poison_memory_region(p, n)
#define ALLOW(p, n) __asan_unpoison_memory_region(p, n)
#else
#define FORBID(p, n) ((void)(p), (void)(n))
#define ALLOW(p, n) ((void)(p), (void)(n))
#endif

struct object {
	struct object *next;
};

struct block {
	struct list node; /* in slab.open, unless it is full */
	struct slab *slab;
	struct object *free;
	unsigned n_used, n_touched;
	_Alignas(16) uint8_t mem[];
};

void
slab_init(struct slab *s, size_t size)
{
	*s = (struct slab){.size = (size + 7) & ~(size_t)7};
	s->per_block = (unsigned)((SLAB_BLOCK - sizeof(struct block)) / s->size);
	list_init(&s->open);
}

/* The system mostly hands out what lies next to the block before, which is aligned too. */
static struct block *
block_map(void)
{
	const size_t mask = SLAB_BLOCK - 1;
	uint8_t *p = mmap(NULL, SLAB_BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t head;

	if (p != MAP_FAILED && !((uintptr_t)p & mask))
		return (struct block *)(void *)p;
	if (p != MAP_FAILED)
		munmap(p, SLAB_BLOCK);
	p = mmap(NULL, 2 * SLAB_BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	head = -(uintptr_t)p & mask;
	if (head)
		munmap(p, head);
	munmap(p + head + SLAB_BLOCK, SLAB_BLOCK - head);
	return (struct block *)(void *)(p + head);
}

static void
block_unmap(struct block *b)
{
	ALLOW(b, SLAB_BLOCK);
	munmap(b, SLAB_BLOCK);
}

void
slab_fini(struct slab *s)
{
	struct list *n;

	while ((n = list_pop_front(&s->open)) != NULL)
		block_unmap(CONTAINER_OF(n, struct block, node));
	s->n_blocks = s->n_empty = 0;
}

static struct block *
block_open(struct slab *s)
{
	struct block *b = block_map();

	if (!b)
		return NULL;
	b->slab = s;
	FORBID(b->mem, SLAB_BLOCK - sizeof(*b));
	list_push_back(&s->open, &b->node);
	s->n_blocks++;
	s->n_empty++;
	return b;
}

void *
slab_alloc(struct slab *s)
{
	struct block *b = list_is_empty(&s->open) ? block_open(s) : CONTAINER_OF(s->open.next, struct block, node);
	struct object *o;

	if (!b)
		return NULL;
	if (b->free) {
		o = b->free;
		ALLOW(o, s->size);
		b->free = o->next;
	} else {
		o = (struct object *)(void *)(b->mem + b->n_touched++ * s->size);
		ALLOW(o, s->size);
	}
	s->n_empty -= b->n_used == 0;
	if (++b->n_used == s->per_block)
		list_remove(&b->node);
	return o;
}

void
slab_free(void *p)
{
	struct block *b = (struct block *)((uintptr_t)p & ~(uintptr_t)(SLAB_BLOCK - 1));
	struct object *o = p;
	struct slab *s;

	if (!p)
		return;
	s = b->slab;
	o->next = b->free;
	b->free = o;
	FORBID(o, s->size);
	if (b->n_used-- == s->per_block)
		list_push_front(&s->open, &b->node);
	if (b->n_used)
		return;
	list_remove(&b->node);
	if (s->n_empty) {
		block_unmap(b);
		s->n_blocks--;
		return;
	}
	s->n_empty++;
	list_push_back(&s->open, &b->node);
}
