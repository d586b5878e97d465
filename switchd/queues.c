/* SPDX-License-Identifier: ISC */
/* The queues that the configuration gives to the ports of a bridge, however these came. */
#include "switchd.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

static int
by_id(const void *a, const void *b)
{
	const struct dp_queue *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void
apply_one(struct ofproto *o, const struct conf_bridge *b, const struct dp_port_info *port)
{
	struct dp_queue queues[DP_MAX_QUEUES + 1];
	char why[CONF_WHY] = "";
	uint64_t all_kbps = 0;
	size_t n = 0;

	for (size_t i = 0; i < b->queues.n && n <= DP_MAX_QUEUES; i++) {
		struct conf_queue q;

		if (conf_queue_parse(b->queues.v[i], &q, why) || strcmp(q.port, port->name))
			continue;
		if (q.all)
			all_kbps = q.max_kbps;
		else
			queues[n++] = (struct dp_queue){(uint32_t)q.id, q.min_kbps, q.max_kbps};
	}
	qsort(queues, n, sizeof *queues, by_id);
	if (dp_port_set_queues(ofproto_dp_bridge(o), port->port_no, all_kbps, queues, n, why, sizeof why))
		log_err(LOG_CONF, "%s: %s: the port has no queues", b->name, why);
}

void
switchd_queues_apply(struct ofproto *o, const struct conf_bridge *b)
{
	struct dp_port_info port;

	for (uint32_t after = 0; dp_port_next(ofproto_dp_bridge(o), after, &port); after = port.port_no)
		apply_one(o, b, &port);
}
