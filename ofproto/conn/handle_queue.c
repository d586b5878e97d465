/* SPDX-License-Identifier: ISC */
/* Queues: there are none yet, and every port says so (7.3.6, 7.3.5.8). */
#include "handlers.h"
#include "reply.h"

enum of_error
handle_queue_get_config(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct dp_port_info info;
	uint32_t port;
	enum of_error error = queue_get_config_request_decode(body, &port);
	size_t start;

	if (error)
		return error;
	if (port != OFPP_ANY && dp_port_get(c->op->dpb, port, &info))
		return OFPQOFC_BAD_PORT;
	start = ofp_begin(&c->out, OFPT_QUEUE_GET_CONFIG_REPLY, h->xid);
	wbuf_put_be32(&c->out, port);
	wbuf_put_be32(&c->out, 0);
	ofp_end(&c->out, start);
	conn_flush_out(c);
	return OF_OK;
}

enum of_error
handle_mp_queue(struct conn *c, uint32_t xid, struct wire *body)
{
	const uint32_t port = wire_be32(body), queue = wire_be32(body);
	struct dp_port_info info;

	if (port != OFPP_ANY && dp_port_get(c->op->dpb, port, &info))
		return OFPQOFC_BAD_PORT;
	if (queue != OFPQ_ALL)
		return OFPQOFC_BAD_QUEUE;
	reply_end(c, reply_begin(c, xid, OFPMP_QUEUE));
	return OF_OK;
}
