/* SPDX-License-Identifier: ISC */
/* Queues: their configuration and their counts (7.3.6, 7.3.5.8).  The operator makes them, controllers only read. */
#include "handlers.h"
#include "reply.h"

#define DEFAULT_KBPS 10000000u /* where the interface does not know its speed */

/* Rates go out in tenths of a percent of the port's speed, none of them as 0. */
static uint16_t
share(const struct dp_port_info *port, uint64_t kbps)
{
	const uint64_t speed = port->curr_speed ? port->curr_speed : DEFAULT_KBPS;
	const uint64_t tenths = (kbps * 1000 + speed / 2) / speed;

	if (kbps == 0)
		return OFPQ_MIN_RATE_UNCFG;
	return tenths < 1 ? 1 : tenths > 1000 ? 1000 : (uint16_t)tenths;
}

static void
encode_configs(struct conn *c, const struct dp_port_info *port)
{
	struct dp_queue_stats st;
	struct dp_queue q;

	for (uint64_t id = 0; dp_queue_next(c->op->dpb, port->port_no, id, &q, &st); id = (uint64_t)q.id + 1) {
		const struct queue_config w = {q.id, port->port_no, share(port, q.min_kbps), share(port, q.max_kbps)};

		if (c->out.len < 60000) /* the message has no continuation */
			queue_config_encode(&c->out, &w);
	}
}

enum of_error
handle_queue_get_config(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct dp_port_info port;
	uint32_t port_no;
	enum of_error error = queue_get_config_request_decode(body, &port_no);
	size_t start;

	if (error)
		return error;
	if (port_no != OFPP_ANY && dp_port_get(c->op->dpb, port_no, &port))
		return OFPQOFC_BAD_PORT;
	start = queue_config_reply_begin(&c->out, h->xid, port_no);
	if (port_no != OFPP_ANY)
		encode_configs(c, &port);
	for (uint32_t after = 0; port_no == OFPP_ANY && dp_port_next(c->op->dpb, after, &port); after = port.port_no)
		encode_configs(c, &port);
	ofp_end(&c->out, start);
	conn_flush_out(c);
	return OF_OK;
}

static void
encode_stats(struct conn *c, uint32_t port_no, const struct dp_queue *q, const struct dp_queue_stats *st)
{
	const struct queue_stats w = {.port_no = port_no,
	                              .queue_id = q->id,
	                              .tx_bytes = st->tx_bytes,
	                              .tx_packets = st->tx_packets,
	                              .tx_errors = st->tx_errors,
	                              .duration_s = (uint32_t)(st->duration_ns / 1000000000),
	                              .duration_ns = (uint32_t)(st->duration_ns % 1000000000)};

	queue_stats_encode(&c->out, &w);
}

/* The first queue of 'port_no' from 'id' on that 'wanted' (OFPQ_ALL: any) allows. */
static bool
next_wanted(const struct conn *c, uint32_t port_no, uint64_t id, uint32_t wanted, struct dp_queue *q,
            struct dp_queue_stats *st)
{
	if (wanted != OFPQ_ALL && id > wanted)
		return false;
	return dp_queue_next(c->op->dpb, port_no, wanted == OFPQ_ALL ? id : wanted, q, st) &&
	       (wanted == OFPQ_ALL || q->id == wanted);
}

static bool
exists(const struct conn *c, uint32_t port_no, uint32_t wanted)
{
	struct dp_queue_stats st;
	struct dp_port_info port;
	struct dp_queue q;

	if (port_no != OFPP_ANY)
		return next_wanted(c, port_no, 0, wanted, &q, &st);
	for (uint32_t after = 0; dp_port_next(c->op->dpb, after, &port); after = port.port_no)
		if (next_wanted(c, port.port_no, 0, wanted, &q, &st))
			return true;
	return false;
}

enum of_error
handle_mp_queue(struct conn *c, uint32_t xid, struct wire *body)
{
	uint32_t port_no, wanted, after = 0;
	struct dp_queue_stats st;
	struct dp_port_info port;
	struct dp_queue q;
	enum of_error error = queue_stats_request_decode(body, &port_no, &wanted);
	size_t start;

	if (error)
		return error;
	if (port_no != OFPP_ANY && dp_port_get(c->op->dpb, port_no, &port))
		return OFPQOFC_BAD_PORT;
	if (wanted != OFPQ_ALL && !exists(c, port_no, wanted))
		return OFPQOFC_BAD_QUEUE;
	start = reply_begin(c, xid, OFPMP_QUEUE);
	while (dp_port_next(c->op->dpb, after, &port)) {
		after = port.port_no;
		if (port_no != OFPP_ANY && port_no != port.port_no)
			continue;
		for (uint64_t id = 0; next_wanted(c, port.port_no, id, wanted, &q, &st); id = (uint64_t)q.id + 1) {
			start = reply_next(c, start, xid, OFPMP_QUEUE, 40);
			encode_stats(c, port.port_no, &q, &st);
		}
	}
	reply_end(c, start);
	return OF_OK;
}
