/* SPDX-License-Identifier: ISC */
/* Bridges: a name, a client, and the ports by number. */
#include "dp_private.h"
#include "frag.h"

#include "openflow/openflow13.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
dp_bridge_create(struct dp *dp, const char *name, const struct dp_client *client, void *aux, struct dp_bridge **bp)
{
	static uint32_t last_id;
	struct dp_bridge *b = calloc(1, sizeof *b);

	*bp = NULL;
	if (!b)
		return -ENOMEM;
	b->x.drops = calloc(dp->n_readers, sizeof *b->x.drops);
	if (!b->x.drops) {
		free(b);
		return -ENOMEM;
	}
	b->dp = dp;
	b->client = *client;
	b->x.client = &b->client;
	b->x.aux = aux;
	b->x.id = ++last_id;
	changes_init(&b->x.changes);
	snprintf(b->name, sizeof b->name, "%s", name);
	list_init(&b->port_list);
	list_push_back(&dp->bridges, &b->node);
	*bp = b;
	return 0;
}

/* Inside an exclusive section. */
static void
forget_fragments(struct dp_bridge *b)
{
	for (unsigned i = 0; i < b->dp->n_workers; i++)
		frags_forget(b->dp->workers[i]->reader.frags, &b->x);
}

void
dp_bridge_destroy(struct dp_bridge *b)
{
	if (!b)
		return;
	LIST_FOR_EACH_SAFE (it, next, &b->port_list)
		port_close(CONTAINER_OF(it, struct port, node));
	upcall_forget(b->dp, b);
	/* Whoever runs a batch of this bridge has ended after this. */
	dp_exclusive_begin(b->dp);
	list_remove(&b->node);
	forget_fragments(b);
	dp_exclusive_end(b->dp);
	upcall_forget(b->dp, b);
	changes_fini(&b->x.changes);
	free(b->x.drops);
	free(b);
}

void
dp_bridge_invalidate(struct dp_bridge *b)
{
	changes_all(&b->x.changes);
}

void
dp_bridge_rule_changed(struct dp_bridge *b, uint8_t table_id, const struct match *m)
{
	changes_rule(&b->x.changes, table_id, m);
}

void
dp_bridge_set_frags(struct dp_bridge *b, unsigned frag_flags)
{
	dp_exclusive_begin(b->dp);
	b->x.frag_flags = frag_flags;
	forget_fragments(b);
	dp_exclusive_end(b->dp);
}

struct port *
bridge_port(const struct dp_bridge *b, uint32_t port_no)
{
	if (port_no < LOW_PORTS)
		return b->low[port_no];
	if (port_no == OFPP_LOCAL)
		return b->local;
	LIST_FOR_EACH (it, &b->port_list) {
		struct port *p = CONTAINER_OF(it, struct port, node);

		if (p->info.port_no >= port_no)
			return p->info.port_no == port_no ? p : NULL;
	}
	return NULL;
}

int
dp_port_get(const struct dp_bridge *b, uint32_t port_no, struct dp_port_info *info)
{
	const struct port *p = bridge_port(b, port_no);

	if (!p)
		return -ENOENT;
	*info = p->info;
	return 0;
}

bool
dp_port_next(const struct dp_bridge *b, uint32_t after, struct dp_port_info *info)
{
	LIST_FOR_EACH (it, &b->port_list) {
		const struct port *p = CONTAINER_OF(it, struct port, node);

		if (p->info.port_no > after) {
			*info = p->info;
			return true;
		}
	}
	return false;
}
