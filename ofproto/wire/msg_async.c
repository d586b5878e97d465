/* SPDX-License-Identifier: ISC */
/* What the switch says unasked: packet-in, flow-removed, port-status (7.4). */
#include "messages.h"

static enum of_error
body_end(const struct wire *w)
{
	return wire_ok(w) ? OF_OK : OFPBRC_BAD_LEN;
}

void
packet_in_encode(struct wbuf *b, uint32_t xid, const struct packet_in *pi)
{
	const size_t start = ofp_begin(b, OFPT_PACKET_IN, xid);

	wbuf_put_be32(b, pi->buffer_id);
	wbuf_put_be16(b, pi->total_len);
	wbuf_put_u8(b, pi->reason);
	wbuf_put_u8(b, pi->table_id);
	wbuf_put_be64(b, pi->cookie);
	match_encode(b, &pi->match);
	wbuf_put_be16(b, 0);
	wbuf_put(b, pi->data, pi->len);
	ofp_end(b, start);
}

enum of_error
packet_in_decode(struct wire *body, struct packet_in *pi)
{
	enum of_error error;

	memset(pi, 0, sizeof(*pi));
	pi->buffer_id = wire_be32(body);
	pi->total_len = wire_be16(body);
	pi->reason = wire_u8(body);
	pi->table_id = wire_u8(body);
	pi->cookie = wire_be64(body);
	error = match_decode(body, &pi->match);
	if (error)
		return error;
	wire_skip(body, 2);
	pi->len = wire_left(body);
	pi->data = wire_take(body, pi->len);
	return body_end(body);
}

void
flow_removed_encode(struct wbuf *b, uint32_t xid, const struct flow_removed *fr)
{
	const size_t start = ofp_begin(b, OFPT_FLOW_REMOVED, xid);

	wbuf_put_be64(b, fr->cookie);
	wbuf_put_be16(b, fr->priority);
	wbuf_put_u8(b, fr->reason);
	wbuf_put_u8(b, fr->table_id);
	wbuf_put_be32(b, fr->duration_s);
	wbuf_put_be32(b, fr->duration_ns);
	wbuf_put_be16(b, fr->idle_timeout_s);
	wbuf_put_be16(b, fr->hard_timeout_s);
	wbuf_put_be64(b, fr->packet_count);
	wbuf_put_be64(b, fr->byte_count);
	match_encode(b, &fr->match);
	ofp_end(b, start);
}

enum of_error
flow_removed_decode(struct wire *body, struct flow_removed *fr)
{
	memset(fr, 0, sizeof(*fr));
	fr->cookie = wire_be64(body);
	fr->priority = wire_be16(body);
	fr->reason = wire_u8(body);
	fr->table_id = wire_u8(body);
	fr->duration_s = wire_be32(body);
	fr->duration_ns = wire_be32(body);
	fr->idle_timeout_s = wire_be16(body);
	fr->hard_timeout_s = wire_be16(body);
	fr->packet_count = wire_be64(body);
	fr->byte_count = wire_be64(body);
	return wire_ok(body) ? match_decode(body, &fr->match) : OFPBRC_BAD_LEN;
}

void
ofp_port_encode(struct wbuf *b, const struct ofp_port *p)
{
	wbuf_put_be32(b, p->port_no);
	wbuf_put_be32(b, 0);
	wbuf_put(b, p->hw_addr, 6);
	wbuf_put_be16(b, 0);
	wbuf_put(b, p->name, OFP_MAX_PORT_NAME_LEN);
	wbuf_put_be32(b, p->config);
	wbuf_put_be32(b, p->state);
	wbuf_put_be32(b, p->curr);
	wbuf_put_be32(b, p->advertised);
	wbuf_put_be32(b, p->supported);
	wbuf_put_be32(b, p->peer);
	wbuf_put_be32(b, p->curr_speed);
	wbuf_put_be32(b, p->max_speed);
}

void
ofp_port_decode(struct wire *w, struct ofp_port *p)
{
	p->port_no = wire_be32(w);
	wire_skip(w, 4);
	wire_bytes(w, p->hw_addr, 6);
	wire_skip(w, 2);
	wire_bytes(w, p->name, OFP_MAX_PORT_NAME_LEN);
	p->name[OFP_MAX_PORT_NAME_LEN - 1] = '\0';
	p->config = wire_be32(w);
	p->state = wire_be32(w);
	p->curr = wire_be32(w);
	p->advertised = wire_be32(w);
	p->supported = wire_be32(w);
	p->peer = wire_be32(w);
	p->curr_speed = wire_be32(w);
	p->max_speed = wire_be32(w);
}

void
port_status_encode(struct wbuf *b, uint32_t xid, const struct port_status *ps)
{
	const size_t start = ofp_begin(b, OFPT_PORT_STATUS, xid);

	wbuf_put_u8(b, ps->reason);
	wbuf_put_zeros(b, 7);
	ofp_port_encode(b, &ps->port);
	ofp_end(b, start);
}

enum of_error
port_status_decode(struct wire *body, struct port_status *ps)
{
	ps->reason = wire_u8(body);
	wire_skip(body, 7);
	ofp_port_decode(body, &ps->port);
	return body_end(body);
}
