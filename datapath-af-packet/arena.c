/* SPDX-License-Identifier: ISC */
/* The batch's memory, and the copies of heads in it.  One allocation at start, no other on the packet path. */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

struct batch_arena {
	size_t used;
	_Alignas(8) uint8_t mem[ARENA_BYTES];
};

struct batch_arena *
arena_create(void)
{
	return calloc(1, sizeof(struct batch_arena));
}

void
arena_destroy(struct batch_arena *a)
{
	free(a);
}

void
arena_reset(struct batch_arena *a)
{
	a->used = 0;
}

bool
arena_is_low(const struct batch_arena *a)
{
	return a->used > ARENA_BYTES / 2;
}

uint8_t *
arena_alloc(struct reader *r, size_t n)
{
	struct batch_arena *a = r->arena;
	uint8_t *p;

	if (n > ARENA_BYTES || ARENA_BYTES - a->used < ((n + 7) & ~(size_t)7) + PACKET_HEADROOM)
		return NULL;
	p = a->mem + a->used + PACKET_HEADROOM;
	a->used += ((n + 7) & ~(size_t)7) + PACKET_HEADROOM;
	return p;
}

bool
arena_copy_head(struct reader *r, struct packet *p, uint32_t n)
{
	uint8_t *head;

	if (p->tail || n > p->head_len)
		n = p->head_len;
	head = arena_alloc(r, n);
	if (!head)
		return false;
	memcpy(head, p->head, n);
	if (n < p->head_len) {
		p->tail = p->head + n;
		p->tail_len = p->head_len - n;
	}
	p->head = head;
	p->head_len = n;
	p->headroom = PACKET_HEADROOM;
	p->queued = false;
	return true;
}

bool
packet_unshare(struct reader *r, struct packet *p)
{
	return !p->queued || arena_copy_head(r, p, PACKET_HEAD_MAX);
}
