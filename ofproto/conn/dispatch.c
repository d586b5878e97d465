/* SPDX-License-Identifier: ISC */
/* From a message to its handler: form first, then role, then state.  Everything is synchronous, so errors precede the barrier reply
 * that follows, and a barrier is true when it is answered. */
#include "conn.h"

#include "log.h"

#define BAD_DIRECTION OFPBRC_BAD_TYPE

static enum of_error
handle_features(struct conn *c, const struct ofp_hdr *h)
{
	const struct features_reply f = {
	    .datapath_id = c->op->dpid,
	    .n_tables = (uint8_t)tables_count(c->op->tables),
	    .capabilities = OFPC_FLOW_STATS | OFPC_TABLE_STATS | OFPC_PORT_STATS | OFPC_GROUP_STATS | OFPC_QUEUE_STATS,
	};

	features_reply_encode(&c->out, h->xid, &f);
	conn_flush_out(c);
	if (!c->is_mgmt && !c->handshake_done) {
		c->handshake_done = true;
		ofproto_connectivity_changed(c->op);
	}
	return OF_OK;
}

static enum of_error
handle_get_config(struct conn *c, const struct ofp_hdr *h)
{
	const struct switch_config cfg = {c->op->frag_flags, c->miss_send_len};

	switch_config_encode(&c->out, OFPT_GET_CONFIG_REPLY, h->xid, &cfg);
	conn_flush_out(c);
	return OF_OK;
}

static enum of_error
handle_set_config(struct conn *c, struct wire *body)
{
	struct switch_config cfg;
	enum of_error error = switch_config_decode(body, &cfg);

	if (error)
		return error;
	if (cfg.flags & ~OFPC_FRAG_MASK || cfg.flags == OFPC_FRAG_MASK || cfg.flags == OFPC_FRAG_REASM)
		return OFPSCFC_BAD_FLAGS;
	if (c->role != OFPCR_ROLE_SLAVE && cfg.flags != c->op->frag_flags) {
		c->op->frag_flags = cfg.flags;
		dp_bridge_set_frags(c->op->dpb, cfg.flags);
	}
	c->miss_send_len = cfg.miss_send_len;
	if (c->is_mgmt)
		c->async_on = cfg.miss_send_len > 0;
	return OF_OK;
}

static enum of_error
handle_flow_mod(struct conn *c, struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;
	enum of_error error = flow_mod_decode(body, &acts, &fm);

	if (!error && fm.table_id != OFPTT_ALL && fm.table_id >= tables_count(c->op->tables))
		error = OFPFMFC_BAD_TABLE_ID;
	if (!error) {
		ofproto_hold(c->op);
		error = tables_flow_mod(c->op->tables, &fm);
		c->op->changed |= !error;
	}
	act_buf_fini(&acts);
	return error;
}

/* No groups and meters yet: nothing can be added, nothing is there to change, and deleting nothing succeeds. */
static enum of_error
handle_group_mod(struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	enum of_error error = group_mod_decode(body, &acts, &gm);

	if (!error && gm.command > OFPGC_DELETE)
		error = OFPGMFC_BAD_COMMAND;
	else if (!error && gm.command != OFPGC_DELETE && gm.group_id > OFPG_MAX)
		error = OFPGMFC_INVALID_GROUP;
	else if (!error && gm.command != OFPGC_DELETE && gm.type > OFPGT_FF)
		error = OFPGMFC_BAD_TYPE;
	else if (!error && gm.command == OFPGC_ADD)
		error = OFPGMFC_OUT_OF_GROUPS;
	else if (!error && gm.command == OFPGC_MODIFY)
		error = OFPGMFC_UNKNOWN_GROUP;
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

static enum of_error
handle_meter_mod(struct wire *body)
{
	struct meter_mod mm;
	enum of_error error = meter_mod_decode(body, &mm);

	if (!error && mm.command > OFPMC_DELETE)
		error = OFPMMFC_BAD_COMMAND;
	else if (!error && mm.command == OFPMC_ADD)
		error = OFPMMFC_OUT_OF_METERS;
	else if (!error && mm.command == OFPMC_MODIFY)
		error = OFPMMFC_UNKNOWN_METER;
	meter_mod_fini(&mm);
	return error;
}

static enum of_error
handle_port_mod(struct conn *c, struct wire *body)
{
	struct dp_port_info info;
	struct port_mod pm;
	enum of_error error = port_mod_decode(body, &pm);

	if (error)
		return error;
	if (dp_port_get(c->op->dpb, pm.port_no, &info) || !info.present)
		return OFPPMFC_BAD_PORT;
	if (memcmp(pm.hw_addr, info.hw_addr, 6))
		return OFPPMFC_BAD_HW_ADDR;
	if ((pm.config | pm.mask) & ~OFPPC_ALL)
		return OFPPMFC_BAD_CONFIG;
	return dp_port_set_config(c->op->dpb, pm.port_no, pm.config, pm.mask) ? OFPPMFC_EPERM : OF_OK;
}

static enum of_error
handle_table_mod(struct conn *c, struct wire *body)
{
	struct table_mod tm;
	enum of_error error = table_mod_decode(body, &tm);

	if (error)
		return error;
	if (tm.table_id != OFPTT_ALL && tm.table_id >= tables_count(c->op->tables))
		return OFPTMFC_BAD_TABLE;
	return tm.config & ~(uint32_t)OFPTC_DEPRECATED_MASK ? OFPTMFC_BAD_CONFIG : OF_OK;
}

static bool
port_may_be_ingress(const struct conn *c, uint32_t port)
{
	struct dp_port_info info;

	return port == OFPP_CONTROLLER || port == OFPP_ANY || port == OFPP_LOCAL ||
	       dp_port_get(c->op->dpb, port, &info) == 0;
}

static enum of_error
handle_packet_out(struct conn *c, struct wire *body)
{
	static struct dp_program prog; /* control thread only */
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_offsets ofs;
	struct packet_out po;
	struct flow_key key;
	enum of_error error = packet_out_decode(body, &acts, &po);

	if (!error && po.buffer_id != OFP_NO_BUFFER)
		error = OFPBRC_BUFFER_UNKNOWN;
	else if (!error && !port_may_be_ingress(c, po.in_port))
		error = OFPBRC_BAD_PORT;
	else if (!error && po.len < 14)
		error = OFPBRC_BAD_PACKET;
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

/* A new master makes slaves of the old ones (6.3.6); generation ids are the switch's. */
static enum of_error
handle_role(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct ofproto *op = c->op;
	struct role_msg r;
	enum of_error error = role_decode(body, &r);

	if (error)
		return error;
	if (r.role > OFPCR_ROLE_SLAVE)
		return OFPRRFC_BAD_ROLE;
	if (r.role == OFPCR_ROLE_MASTER || r.role == OFPCR_ROLE_SLAVE) {
		if (op->generation_defined && (int64_t)(r.generation_id - op->generation_id) < 0)
			return OFPRRFC_STALE;
		op->generation_defined = true;
		op->generation_id = r.generation_id;
		LIST_FOR_EACH (n, &op->conns) {
			struct conn *other = CONTAINER_OF(n, struct conn, node);

			if (r.role == OFPCR_ROLE_MASTER && other != c && other->role == OFPCR_ROLE_MASTER)
				other->role = OFPCR_ROLE_SLAVE;
		}
	}
	if (r.role != OFPCR_ROLE_NOCHANGE)
		c->role = r.role;
	r.role = c->role;
	r.generation_id = op->generation_defined ? op->generation_id : UINT64_MAX;
	role_encode(&c->out, OFPT_ROLE_REPLY, h->xid, &r);
	conn_flush_out(c);
	return OF_OK;
}

static enum of_error
handle_queue_config(struct conn *c, const struct ofp_hdr *h, struct wire *body)
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

static enum of_error
handle(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	switch ((enum ofp_type)h->type) {
	case OFPT_FEATURES_REQUEST:
		return handle_features(c, h);
	case OFPT_GET_CONFIG_REQUEST:
		return handle_get_config(c, h);
	case OFPT_SET_CONFIG:
		return handle_set_config(c, body);
	case OFPT_PACKET_OUT:
		return handle_packet_out(c, body);
	case OFPT_FLOW_MOD:
		return handle_flow_mod(c, body);
	case OFPT_GROUP_MOD:
		return handle_group_mod(body);
	case OFPT_METER_MOD:
		return handle_meter_mod(body);
	case OFPT_PORT_MOD:
		return handle_port_mod(c, body);
	case OFPT_TABLE_MOD:
		return handle_table_mod(c, body);
	case OFPT_MULTIPART_REQUEST:
		return handle_multipart(c, h, body);
	case OFPT_BARRIER_REQUEST:
		ofproto_release(c->op); /* what was committed is visible to every worker before the reply is written */
		simple_encode(&c->out, OFPT_BARRIER_REPLY, h->xid);
		conn_flush_out(c);
		return OF_OK;
	case OFPT_QUEUE_GET_CONFIG_REQUEST:
		return handle_queue_config(c, h, body);
	case OFPT_ROLE_REQUEST:
		return handle_role(c, h, body);
	case OFPT_GET_ASYNC_REQUEST:
		async_encode(&c->out, OFPT_GET_ASYNC_REPLY, h->xid, &c->async);
		conn_flush_out(c);
		return OF_OK;
	case OFPT_SET_ASYNC:
		return async_decode(body, &c->async);
	case OFPT_EXPERIMENTER:
		return OFPBRC_BAD_EXPERIMENTER;
	case OFPT_HELLO:
	case OFPT_ERROR:
	case OFPT_ECHO_REQUEST:
	case OFPT_ECHO_REPLY:
	case OFPT_FEATURES_REPLY:
	case OFPT_GET_CONFIG_REPLY:
	case OFPT_PACKET_IN:
	case OFPT_FLOW_REMOVED:
	case OFPT_PORT_STATUS:
	case OFPT_MULTIPART_REPLY:
	case OFPT_BARRIER_REPLY:
	case OFPT_QUEUE_GET_CONFIG_REPLY:
	case OFPT_ROLE_REPLY:
	case OFPT_GET_ASYNC_REPLY:
		return BAD_DIRECTION;
	}
	return OFPBRC_BAD_TYPE;
}

void
conn_dispatch(struct conn *c, const uint8_t *msg, size_t len)
{
	const struct ofp_hdr h = ofp_hdr_decode(msg);
	const struct ofp_type_info *info = ofp_type_info(h.type);
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	enum of_error error;

	if (!info || info->direction == OFP_TO_CONTROLLER)
		error = OFPBRC_BAD_TYPE;
	else if (len < info->min_len || (info->exact && len != info->min_len))
		error = h.type == OFPT_SET_CONFIG ? OFPSCFC_BAD_LEN : OFPBRC_BAD_LEN;
	else if (info->slave_refused && c->role == OFPCR_ROLE_SLAVE)
		error = OFPBRC_IS_SLAVE;
	else
		error = handle(c, &h, &body);
	if (error)
		conn_send_error(c, msg, len, error);
}
