/* SPDX-License-Identifier: ISC */
/* Intrusive doubly linked lists. */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

static inline void
list_init(struct list *l)
{
	l->prev = l->next = l;
}
static inline bool
list_is_empty(const struct list *l)
{
	return l->next == l;
}
static inline void
list_insert_before(struct list *before, struct list *elem)
{
	elem->prev = before->prev;
	elem->next = before;
	before->prev->next = elem;
	before->prev = elem;
}
static inline void
list_push_back(struct list *l, struct list *elem)
{
	list_insert_before(l, elem);
}
static inline void
list_push_front(struct list *l, struct list *elem)
{
	list_insert_before(l->next, elem);
}
/* Takes 'elem' out and leaves it as an empty list, so that removing it twice is harmless. */
static inline void
list_remove(struct list *elem)
{
	elem->prev->next = elem->next;
	elem->next->prev = elem->prev;
	list_init(elem);
}
/* The first element, taken out; NULL when empty. */
static inline struct list *
list_pop_front(struct list *l)
{
	struct list *e = l->next;

	if (e == l)
		return NULL;
	list_remove(e);
	return e;
}

#define LIST_FOR_EACH(it, list_) for (struct list *it = (list_)->next; it != (list_); it = it->next)
/* The body may remove 'it'. */
#define LIST_FOR_EACH_SAFE(it, next_, list_)                                                                           \
	for (struct list *it = (list_)->next, *next_ = it->next; it != (list_); it = next_, next_ = it->next)

#endif
