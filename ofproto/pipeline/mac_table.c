/* SPDX-License-Identifier: ISC */
/* Addresses in a hash map, and for each port a list of its own from the longest unused to the latest.
 *
 * Workers only store an entry's time of use, so a list is in the order of the times at which the control thread last looked ('stamp').  What has
 * been used since is put where it belongs when it comes to the front: the front then is the oldest indeed. */
#include "mac_table.h"

#include "hash.h"
#include "hmap.h"
#include "list.h"

#include <stdlib.h>
#include <string.h>

struct mac_port {
	struct list in_table;
	struct list entries; /* by stamp */
	size_t n;
	uint32_t port_no;
};

struct mac_node {
	struct hmap_node node;
	struct list in_port;
	struct mac_port *port;
	uint32_t stamp;
	struct mac_entry e;
};

struct mac_table {
	struct hmap map;
	struct list ports;
	size_t max_entries;
	uint32_t aging_s; /* 0: never */
	uint64_t seed;
};

struct mac_table *
mac_table_create(size_t max_entries, uint32_t aging_s)
{
	struct mac_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	hmap_init(&t->map);
	list_init(&t->ports);
	t->max_entries = max_entries;
	t->aging_s = aging_s;
	t->seed = hash_seed();
	return t;
}

static void
node_remove(struct mac_table *t, struct mac_node *n)
{
	struct mac_port *p = n->port;

	hmap_remove(&t->map, &n->node);
	list_remove(&n->in_port);
	free(n);
	if (--p->n == 0) {
		list_remove(&p->in_table);
		free(p);
	}
}

void
mac_table_flush(struct mac_table *t)
{
	while (hmap_count(&t->map))
		node_remove(t, CONTAINER_OF(hmap_first(&t->map), struct mac_node, node));
}

void
mac_table_destroy(struct mac_table *t)
{
	if (!t)
		return;
	mac_table_flush(t);
	hmap_fini(&t->map);
	free(t);
}

static uint64_t
hash_of(const struct mac_table *t, const uint8_t mac[6], uint16_t vlan)
{
	uint64_t w = (uint64_t)vlan << 48;

	memcpy(&w, mac, 6);
	return hash_words(&w, 1, t->seed);
}

static struct mac_node *
find(const struct mac_table *t, const uint8_t mac[6], uint16_t vlan)
{
	struct hmap_node *h = hmap_first_with_hash(&t->map, hash_of(t, mac, vlan));

	for (; h; h = hmap_next_with_hash(&t->map, h)) {
		struct mac_node *n = CONTAINER_OF(h, struct mac_node, node);

		if (n->e.vlan == vlan && memcmp(n->e.mac, mac, 6) == 0)
			return n;
	}
	return NULL;
}

static uint32_t
used(const struct mac_node *n)
{
	return __atomic_load_n(&n->e.used_s, __ATOMIC_RELAXED);
}

static bool
is_aged(const struct mac_table *t, const struct mac_node *n, uint32_t now_s)
{
	const uint32_t u = used(n);

	return t->aging_s && (int32_t)(now_s - u) > 0 && now_s - u > t->aging_s;
}

uint32_t
mac_table_lookup(const struct mac_table *t, const uint8_t mac[6], uint16_t vlan, uint32_t now_s)
{
	const struct mac_node *n = find(t, mac, vlan);

	return n && !is_aged(t, n, now_s) ? n->e.port_no : 0;
}

bool
mac_table_refresh(const struct mac_table *t, const uint8_t mac[6], uint16_t vlan, uint32_t port_no, uint32_t now_s)
{
	struct mac_node *n = find(t, mac, vlan);

	if (!n || n->e.port_no != port_no)
		return true;
	if (used(n) != now_s)
		__atomic_store_n(&n->e.used_s, now_s, __ATOMIC_RELAXED);
	return false;
}

/* Puts the entry into its port's list by its time of use; mostly that is the end. */
static void
node_stamp(struct mac_node *n)
{
	struct list *before = &n->port->entries;

	list_remove(&n->in_port);
	n->stamp = used(n);
	while (before->prev != &n->port->entries &&
	       (int32_t)(CONTAINER_OF(before->prev, struct mac_node, in_port)->stamp - n->stamp) > 0)
		before = before->prev;
	list_insert_before(before, &n->in_port);
}

/* The port's entry that is unused for longest. */
static struct mac_node *
oldest(struct mac_port *p)
{
	for (;;) {
		struct mac_node *n = CONTAINER_OF(p->entries.next, struct mac_node, in_port);

		if (n->stamp == used(n))
			return n;
		node_stamp(n);
	}
}

static void
evict_one(struct mac_table *t)
{
	struct mac_port *most = NULL;

	LIST_FOR_EACH (it, &t->ports) {
		struct mac_port *p = CONTAINER_OF(it, struct mac_port, in_table);

		if (!most || p->n > most->n)
			most = p;
	}
	if (most)
		node_remove(t, oldest(most));
}

void
mac_table_set_limits(struct mac_table *t, size_t max_entries, uint32_t aging_s)
{
	t->max_entries = max_entries;
	t->aging_s = aging_s;
	while (hmap_count(&t->map) > max_entries)
		evict_one(t);
}

static struct mac_port *
port_find(const struct mac_table *t, uint32_t port_no)
{
	LIST_FOR_EACH (it, &t->ports) {
		struct mac_port *p = CONTAINER_OF(it, struct mac_port, in_table);

		if (p->port_no == port_no)
			return p;
	}
	return NULL;
}

static struct mac_port *
port_get(struct mac_table *t, uint32_t port_no)
{
	struct mac_port *p = port_find(t, port_no);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->port_no = port_no;
	list_init(&p->entries);
	list_push_back(&t->ports, &p->in_table);
	return p;
}

static void
node_add(struct mac_table *t, const struct mac_entry *e)
{
	struct mac_node *n = calloc(1, sizeof(*n));
	struct mac_port *p = n ? port_get(t, e->port_no) : NULL;

	if (p && hmap_insert(&t->map, &n->node, hash_of(t, e->mac, e->vlan))) {
		n->e = *e;
		n->port = p;
		p->n++;
		list_init(&n->in_port);
		node_stamp(n);
		return;
	}
	if (p && !p->n) {
		list_remove(&p->in_table);
		free(p);
	}
	free(n);
}

void
mac_table_learn(struct mac_table *t, const uint8_t mac[6], uint16_t vlan, uint32_t port_no, uint32_t now_s)
{
	struct mac_entry e = {.vlan = vlan, .port_no = port_no, .used_s = now_s};
	struct mac_node *n = find(t, mac, vlan);

	if (n && n->e.port_no == port_no) {
		__atomic_store_n(&n->e.used_s, now_s, __ATOMIC_RELAXED);
		return;
	}
	if (n)
		node_remove(t, n);
	if (!t->max_entries)
		return;
	while (hmap_count(&t->map) >= t->max_entries)
		evict_one(t);
	memcpy(e.mac, mac, 6);
	node_add(t, &e);
}

void
mac_table_flush_port(struct mac_table *t, uint32_t port_no)
{
	struct mac_port *p = port_find(t, port_no);

	for (size_t n = p ? p->n : 0; n; n--)
		node_remove(t, CONTAINER_OF(p->entries.next, struct mac_node, in_port));
}

bool
mac_table_age(struct mac_table *t, uint32_t now_s, unsigned max)
{
	LIST_FOR_EACH_SAFE (it, next, &t->ports) {
		struct mac_port *p = CONTAINER_OF(it, struct mac_port, in_table);

		for (size_t left = p->n; left; left--) {
			struct mac_node *n = oldest(p);

			if (!is_aged(t, n, now_s))
				break;
			if (!max--)
				return true;
			node_remove(t, n);
		}
	}
	return false;
}

size_t
mac_table_count(const struct mac_table *t)
{
	return hmap_count(&t->map);
}

void
mac_table_for_each(const struct mac_table *t, void (*cb)(void *aux, const struct mac_entry *), void *aux)
{
	for (struct hmap_node *h = hmap_first(&t->map); h; h = hmap_next(&t->map, h))
		cb(aux, &CONTAINER_OF(h, struct mac_node, node)->e);
}
