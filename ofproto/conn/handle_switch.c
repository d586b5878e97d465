/* SPDX-License-Identifier: ISC */
/* The switch as a whole: features, configuration, description, barrier, echo (7.3.1, 7.3.2, 7.3.5.1, 7.3.8, 7.5.2). */
#include "handlers.h"
#include "reply.h"

#include "shape.h"

#include <stdio.h>

enum of_error
handle_echo_request(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	const size_t len = wire_left(body);

	echo_encode(&c->out, OFPT_ECHO_REPLY, h->xid, wire_take(body, len), len);
	conn_flush_out(c);
	return OF_OK;
}

enum of_error
handle_features(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	const struct features_reply f = {
	    .datapath_id = c->op->dpid,
	    .auxiliary_id = c->aux_id,
	    .n_tables = (uint8_t)shape_n_tables(c->op->tables),
	    .capabilities = OFPC_FLOW_STATS | OFPC_TABLE_STATS | OFPC_PORT_STATS | OFPC_GROUP_STATS | OFPC_QUEUE_STATS |
	                    OFPC_IP_REASM,
	};

	(void)body;
	features_reply_encode(&c->out, h->xid, &f);
	conn_flush_out(c);
	if (!c->is_mgmt && !c->handshake_done) {
		c->handshake_done = true;
		if (c->main)
			return OF_OK;
		ofproto_connectivity_changed(c->op);
		if (c->owner)
			controller_handshake_done(c->owner);
	}
	return OF_OK;
}

enum of_error
handle_get_config(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	const struct switch_config cfg = {c->op->frag_flags, c->s->miss_send_len};

	(void)body;
	switch_config_encode(&c->out, OFPT_GET_CONFIG_REPLY, h->xid, &cfg);
	conn_flush_out(c);
	return OF_OK;
}

enum of_error
handle_set_config(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct switch_config cfg;
	enum of_error error = switch_config_decode(body, &cfg);

	(void)h;
	if (error)
		return error;
	if (cfg.flags & ~OFPC_FRAG_MASK || cfg.flags == OFPC_FRAG_MASK)
		return OFPSCFC_BAD_FLAGS;
	if (cfg.flags != c->op->frag_flags) {
		if (c->s->role == OFPCR_ROLE_SLAVE || c->read_only)
			return OFPSCFC_EPERM; /* they are the switch's, not the connection's */
		c->op->frag_flags = cfg.flags;
		dp_bridge_set_frags(c->op->dpb, cfg.flags);
	}
	c->s->miss_send_len = cfg.miss_send_len;
	if (c->is_mgmt)
		c->s->async_on = cfg.miss_send_len > 0;
	return OF_OK;
}

enum of_error
handle_barrier(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	(void)body;
	ofproto_release(c->op); /* what was committed is visible to every worker before the reply is written */
	outq_flush_events(c);
	simple_encode(&c->out, OFPT_BARRIER_REPLY, h->xid);
	conn_flush_out(c);
	return OF_OK;
}

enum of_error
handle_mp_desc(struct conn *c, uint32_t xid, struct wire *body)
{
	struct desc_stats d = {0};
	const size_t start = reply_begin(c, xid, OFPMP_DESC);

	(void)body;
	snprintf(d.mfr_desc, sizeof(d.mfr_desc), RINGFLOW_MFR_DESC);
	snprintf(d.hw_desc, sizeof(d.hw_desc), "Linux AF_PACKET");
	snprintf(d.sw_desc, sizeof(d.sw_desc), "Ringflow " PACKAGE_VERSION);
	snprintf(d.serial_num, sizeof(d.serial_num), "None");
	snprintf(d.dp_desc, sizeof(d.dp_desc), "%s", c->op->dp_desc);
	desc_stats_encode(&c->out, &d);
	reply_end(c, start);
	return OF_OK;
}
