/* SPDX-License-Identifier: ISC */
/* PACKET_OUT (7.3.7). */
#include "handlers.h"

static bool
port_may_be_ingress(const struct conn *c, uint32_t port)
{
	struct dp_port_info info;

	return port == OFPP_CONTROLLER || port == OFPP_ANY || port == OFPP_LOCAL ||
	       dp_port_get(c->op->dpb, port, &info) == 0;
}

static bool
changes_frame(const struct ofp_act *a)
{
	return a->type != OFPAT_OUTPUT && a->type != OFPAT_GROUP && a->type != OFPAT_SET_QUEUE;
}

/* Output to the tables happens when the list has ended: it would see a change that is ordered after it. */
static enum of_error
check_order(const struct ofp_acts *acts)
{
	bool to_table = false;

	OFP_ACT_FOR_EACH (a, acts) {
		if (to_table && changes_frame(a))
			return OFPBAC_UNSUPPORTED_ORDER;
		to_table |= a->type == OFPAT_OUTPUT && a->port == OFPP_TABLE;
	}
	return OF_OK;
}

enum of_error
handle_packet_out(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	static struct dp_program prog; /* control thread only */
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_offsets ofs;
	struct packet_out po;
	struct flow_key key;
	enum of_error error = packet_out_decode(body, &acts, &po);

	(void)h;
	if (!error && po.buffer_id != OFP_NO_BUFFER)
		error = OFPBRC_BUFFER_UNKNOWN;
	else if (!error && !port_may_be_ingress(c, po.in_port))
		error = OFPBRC_BAD_PORT;
	else if (!error && po.len < 14)
		error = OFPBRC_BAD_PACKET;
	if (!error)
		error = check_order(&po.acts);
	if (!error)
		error = tables_check_groups(c->op->tables, &po.acts);
	if (!error) {
		const uint32_t in_port = po.in_port == OFPP_ANY ? OFPP_CONTROLLER : po.in_port;

		ofproto_release(c->op);
		flow_key_extract(po.data, po.len, po.len, in_port, &key, &ofs);
		dp_program_init(&prog);
		pipeline_translate_packet_out(&c->op->pipeline, &key, po.acts, &prog);
		dp_packet_out(c->op->dpb, in_port, po.data, po.len, &prog);
	}
	act_buf_fini(&acts);
	return error;
}
