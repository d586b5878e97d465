/* SPDX-License-Identifier: ISC */
/* Incremental growth: when the load passes one node a bucket, a table of twice the size is made and each later insertion
 * empties a few buckets of the old one into it. */
#include "hmap.h"

#include <stdlib.h>

#define MOVE_BUCKETS 4
#define FIRST_BUCKETS 8

void
hmap_init(struct hmap *m)
{
	*m = (struct hmap){0};
}

void
hmap_fini(struct hmap *m)
{
	free(m->buckets);
	free(m->old);
	hmap_init(m);
}

static void
move_some(struct hmap *m, size_t n)
{
	struct hmap_node *node, *next;

	for (; m->old && n; n--) {
		for (node = m->old[m->old_next]; node; node = next) {
			struct hmap_node **head = &m->buckets[node->hash & m->mask];

			next = node->next;
			node->next = *head;
			*head = node;
		}
		m->old[m->old_next] = NULL;
		if (m->old_next++ == m->old_mask) {
			free(m->old);
			m->old = NULL;
		}
	}
}

static bool
grow(struct hmap *m)
{
	size_t n = m->buckets ? (m->mask + 1) * 2 : FIRST_BUCKETS;
	struct hmap_node **buckets = calloc(n, sizeof(*buckets));

	if (!buckets)
		return m->buckets != NULL;
	m->old = m->buckets;
	m->old_mask = m->mask;
	m->old_next = 0;
	m->buckets = buckets;
	m->mask = n - 1;
	return true;
}

bool
hmap_insert(struct hmap *m, struct hmap_node *node, uint64_t hash)
{
	struct hmap_node **head;

	move_some(m, MOVE_BUCKETS);
	if ((!m->buckets || m->n > m->mask) && !m->old && !grow(m))
		return false;
	head = &m->buckets[hash & m->mask];
	node->hash = hash;
	node->next = *head;
	*head = node;
	m->n++;
	return true;
}

/* The chain that holds nodes of 'hash' in 'buckets', cut out of the node 'node'; false if it isn't there. */
static bool
unlink_from(struct hmap_node **head, struct hmap_node *node)
{
	for (; *head; head = &(*head)->next) {
		if (*head == node) {
			*head = node->next;
			return true;
		}
	}
	return false;
}

void
hmap_remove(struct hmap *m, struct hmap_node *node)
{
	if (unlink_from(&m->buckets[node->hash & m->mask], node) ||
	    (m->old && unlink_from(&m->old[node->hash & m->old_mask], node)))
		m->n--;
}

/* Nodes of one hash can sit in both tables: those of the old one are found by walking old chains after the new. */
static struct hmap_node *
find_in_chain(struct hmap_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hmap_node *
hmap_first_with_hash(const struct hmap *m, uint64_t hash)
{
	struct hmap_node *node;

	if (!m->buckets)
		return NULL;
	node = find_in_chain(m->buckets[hash & m->mask], hash);
	if (!node && m->old)
		node = find_in_chain(m->old[hash & m->old_mask], hash);
	return node;
}

struct hmap_node *
hmap_next_with_hash(const struct hmap *m, const struct hmap_node *node)
{
	struct hmap_node *next = find_in_chain(node->next, node->hash);

	if (next || !m->old || (node->hash & m->old_mask) < m->old_next)
		return next;
	/* The end of a chain: was it the new table's?  Then the old one follows. */
	for (const struct hmap_node *n = m->old[node->hash & m->old_mask]; n; n = n->next) {
		if (n == node)
			return NULL;
	}
	return find_in_chain(m->old[node->hash & m->old_mask], node->hash);
}

static struct hmap_node *
first_from(struct hmap_node *const *buckets, size_t from, size_t mask)
{
	for (size_t i = from; i <= mask; i++) {
		if (buckets[i])
			return buckets[i];
	}
	return NULL;
}

struct hmap_node *
hmap_first(const struct hmap *m)
{
	struct hmap_node *node = m->buckets ? first_from(m->buckets, 0, m->mask) : NULL;

	if (!node && m->old)
		node = first_from(m->old, m->old_next, m->old_mask);
	return node;
}

struct hmap_node *
hmap_next(const struct hmap *m, const struct hmap_node *node)
{
	struct hmap_node *next = node->next;
	bool in_old = false;

	if (next)
		return next;
	if (m->old && (node->hash & m->old_mask) >= m->old_next) {
		for (const struct hmap_node *n = m->old[node->hash & m->old_mask]; n; n = n->next)
			in_old |= n == node;
	}
	if (in_old)
		return first_from(m->old, (node->hash & m->old_mask) + 1, m->old_mask);
	next = first_from(m->buckets, (node->hash & m->mask) + 1, m->mask);
	if (!next && m->old)
		next = first_from(m->old, m->old_next, m->old_mask);
	return next;
}
