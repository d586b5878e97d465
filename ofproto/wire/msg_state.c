/* SPDX-License-Identifier: ISC */
/* Messages that change the switch: flow, port and table mods, packet-out (7.3.4, 7.3.7).  Groups and meters: msg_group.c, msg_meter.c. */
#include "messages.h"

static enum of_error
body_end(const struct wire *w)
{
	return wire_ok(w) ? OF_OK : OFPBRC_BAD_LEN;
}

enum of_error
flow_mod_decode(struct wire *body, struct act_buf *acts, struct flow_mod *fm)
{
	enum of_error error;

	memset(fm, 0, sizeof(*fm));
	fm->cookie = wire_be64(body);
	fm->cookie_mask = wire_be64(body);
	fm->table_id = wire_u8(body);
	fm->command = wire_u8(body);
	fm->idle_timeout_s = wire_be16(body);
	fm->hard_timeout_s = wire_be16(body);
	fm->priority = wire_be16(body);
	fm->buffer_id = wire_be32(body);
	fm->out_port = wire_be32(body);
	fm->out_group = wire_be32(body);
	fm->flags = wire_be16(body);
	wire_skip(body, 2);
	if (!wire_ok(body))
		return OFPBRC_BAD_LEN;
	if (fm->command > OFPFC_DELETE_STRICT)
		return OFPFMFC_BAD_COMMAND;
	error = match_decode(body, &fm->match);
	if (error || fm->command == OFPFC_DELETE || fm->command == OFPFC_DELETE_STRICT)
		return error;
	return ofp_insts_decode(body, acts, &fm->insts);
}

void
flow_mod_encode(struct wbuf *b, uint32_t xid, const struct flow_mod *fm)
{
	const size_t start = ofp_begin(b, OFPT_FLOW_MOD, xid);

	wbuf_put_be64(b, fm->cookie);
	wbuf_put_be64(b, fm->cookie_mask);
	wbuf_put_u8(b, fm->table_id);
	wbuf_put_u8(b, fm->command);
	wbuf_put_be16(b, fm->idle_timeout_s);
	wbuf_put_be16(b, fm->hard_timeout_s);
	wbuf_put_be16(b, fm->priority);
	wbuf_put_be32(b, fm->buffer_id);
	wbuf_put_be32(b, fm->out_port);
	wbuf_put_be32(b, fm->out_group);
	wbuf_put_be16(b, fm->flags);
	wbuf_put_be16(b, 0);
	match_encode(b, &fm->match);
	ofp_insts_encode(b, &fm->insts);
	ofp_end(b, start);
}

enum of_error
port_mod_decode(struct wire *body, struct port_mod *pm)
{
	pm->port_no = wire_be32(body);
	wire_skip(body, 4);
	wire_bytes(body, pm->hw_addr, 6);
	wire_skip(body, 2);
	pm->config = wire_be32(body);
	pm->mask = wire_be32(body);
	pm->advertise = wire_be32(body);
	wire_skip(body, 4);
	return body_end(body);
}

void
port_mod_encode(struct wbuf *b, uint32_t xid, const struct port_mod *pm)
{
	const size_t start = ofp_begin(b, OFPT_PORT_MOD, xid);

	wbuf_put_be32(b, pm->port_no);
	wbuf_put_be32(b, 0);
	wbuf_put(b, pm->hw_addr, 6);
	wbuf_put_be16(b, 0);
	wbuf_put_be32(b, pm->config);
	wbuf_put_be32(b, pm->mask);
	wbuf_put_be32(b, pm->advertise);
	wbuf_put_be32(b, 0);
	ofp_end(b, start);
}

enum of_error
table_mod_decode(struct wire *body, struct table_mod *tm)
{
	tm->table_id = wire_u8(body);
	wire_skip(body, 3);
	tm->config = wire_be32(body);
	return body_end(body);
}

void
table_mod_encode(struct wbuf *b, uint32_t xid, const struct table_mod *tm)
{
	const size_t start = ofp_begin(b, OFPT_TABLE_MOD, xid);

	wbuf_put_be32(b, (uint32_t)tm->table_id << 24);
	wbuf_put_be32(b, tm->config);
	ofp_end(b, start);
}

enum of_error
packet_out_decode(struct wire *body, struct act_buf *acts, struct packet_out *po)
{
	const size_t at = acts->b.len;
	uint16_t acts_len;
	enum of_error error;

	memset(po, 0, sizeof(*po));
	po->buffer_id = wire_be32(body);
	po->in_port = wire_be32(body);
	acts_len = wire_be16(body);
	wire_skip(body, 6);
	if (!wire_ok(body) || acts_len > wire_left(body))
		return OFPBRC_BAD_LEN;
	error = ofp_acts_decode(body, acts_len, OFP_ACTS_PACKET_OUT, acts);
	if (error)
		return error;
	if (acts->b.len > at)
		po->acts = (struct ofp_acts){acts->b.data + at, (uint32_t)(acts->b.len - at)};
	po->len = wire_left(body);
	po->data = wire_take(body, po->len);
	return OF_OK;
}

void
packet_out_encode(struct wbuf *b, uint32_t xid, const struct packet_out *po)
{
	const size_t start = ofp_begin(b, OFPT_PACKET_OUT, xid);
	size_t acts;

	wbuf_put_be32(b, po->buffer_id);
	wbuf_put_be32(b, po->in_port);
	wbuf_put_zeros(b, 8);
	acts = b->len;
	ofp_acts_encode(b, po->acts);
	wbuf_patch_be16(b, start + 16, (uint16_t)(b->len - acts));
	wbuf_put(b, po->data, po->len);
	ofp_end(b, start);
}
