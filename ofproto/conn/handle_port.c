/* SPDX-License-Identifier: ISC */
/* Ports: PORT_MOD, and the PORT_STATS and PORT_DESC multiparts (7.3.4.3, 7.3.5.6, 7.3.5.7). */
#include "handlers.h"
#include "reply.h"

#include <stdlib.h>

struct port_undo {
	struct port_undo *next;
	uint32_t port_no, config;
};

enum of_error
port_mod_check(const struct ofproto *op, const struct port_mod *pm)
{
	struct dp_port_info info;

	if (dp_port_get(op->dpb, pm->port_no, &info) || !info.present)
		return OFPPMFC_BAD_PORT;
	if (memcmp(pm->hw_addr, info.hw_addr, 6))
		return OFPPMFC_BAD_HW_ADDR;
	if ((pm->config | pm->mask) & ~OFPPC_ALL)
		return OFPPMFC_BAD_CONFIG;
	return pm->advertise & ~(uint32_t)OFPPF_ALL ? OFPPMFC_BAD_ADVERTISE : OF_OK;
}

enum of_error
port_mod_apply(struct ofproto *op, const struct port_mod *pm, struct port_undo **undo)
{
	struct dp_port_info info;
	struct port_undo *u;

	if (dp_port_get(op->dpb, pm->port_no, &info))
		return OFPPMFC_BAD_PORT;
	u = malloc(sizeof(*u));
	if (!u)
		return OFPPMFC_EPERM;
	*u = (struct port_undo){*undo, pm->port_no, info.config};
	*undo = u;
	return dp_port_set_config(op->dpb, pm->port_no, pm->config, pm->mask) ? OFPPMFC_EPERM : OF_OK;
}

void
port_undo_all(struct ofproto *op, struct port_undo *u, bool back)
{
	while (u) {
		struct port_undo *next = u->next;

		if (back)
			(void)dp_port_set_config(op->dpb, u->port_no, u->config, OFPPC_ALL);
		free(u);
		u = next;
	}
}

enum of_error
handle_port_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct port_mod pm;
	enum of_error error = port_mod_decode(body, &pm);

	(void)h;
	if (!error)
		error = port_mod_check(c->op, &pm);
	if (error)
		return error;
	return dp_port_set_config(c->op->dpb, pm.port_no, pm.config, pm.mask) ? OFPPMFC_EPERM : OF_OK;
}

static void
encode_port_stats(struct conn *c, uint32_t port_no)
{
	struct dp_port_stats s;
	struct port_stats w;

	if (dp_port_stats(c->op->dpb, port_no, &s))
		return;
	w = (struct port_stats){
	    .port_no = port_no,
	    .rx_packets = s.rx_packets,
	    .tx_packets = s.tx_packets,
	    .rx_bytes = s.rx_bytes,
	    .tx_bytes = s.tx_bytes,
	    .rx_dropped = s.rx_dropped,
	    .tx_dropped = s.tx_dropped,
	    .rx_errors = s.rx_errors,
	    .tx_errors = s.tx_errors,
	    .rx_frame_err = s.rx_frame_err,
	    .rx_over_err = s.rx_over_err,
	    .rx_crc_err = s.rx_crc_err,
	    .collisions = s.collisions,
	    .duration_s = (uint32_t)(s.duration_ns / 1000000000),
	    .duration_ns = (uint32_t)(s.duration_ns % 1000000000),
	};
	port_stats_encode(&c->out, &w);
}

enum of_error
handle_mp_port_stats(struct conn *c, uint32_t xid, struct wire *body)
{
	struct dp_port_info info;
	uint32_t port_no, after = 0;
	enum of_error error = port_stats_request_decode(body, &port_no);
	size_t start;

	if (error)
		return error;
	if (port_no != OFPP_ANY && dp_port_get(c->op->dpb, port_no, &info))
		return OFPBRC_BAD_PORT;
	start = reply_begin(c, xid, OFPMP_PORT_STATS);
	if (port_no != OFPP_ANY)
		encode_port_stats(c, port_no);
	for (; port_no == OFPP_ANY && dp_port_next(c->op->dpb, after, &info); after = info.port_no) {
		start = reply_next(c, start, xid, OFPMP_PORT_STATS, 112);
		if (info.present)
			encode_port_stats(c, info.port_no);
	}
	reply_end(c, start);
	return OF_OK;
}

enum of_error
handle_mp_port_desc(struct conn *c, uint32_t xid, struct wire *body)
{
	size_t start = reply_begin(c, xid, OFPMP_PORT_DESC);
	struct dp_port_info info;
	struct ofp_port p;

	(void)body;
	for (uint32_t after = 0; dp_port_next(c->op->dpb, after, &info); after = info.port_no) {
		if (!info.present)
			continue;
		start = reply_next(c, start, xid, OFPMP_PORT_DESC, OFP_PORT_LEN);
		ofproto_port_to_wire(&info, &p);
		ofp_port_encode(&c->out, &p);
	}
	reply_end(c, start);
	return OF_OK;
}
