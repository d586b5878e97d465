/* SPDX-License-Identifier: ISC */
/* Queues, bytes <-> structs: QUEUE_GET_CONFIG (7.3.6) and the QUEUE multipart (7.3.5.8). */
#include "messages.h"

#define PACKET_QUEUE_LEN 16u /* bytes of a queue without properties */
#define QUEUE_PROP_LEN 16u /* bytes of a rate property */
#define QUEUE_STATS_LEN 40u

void
queue_stats_request_encode(struct wbuf *b, uint32_t xid, uint32_t port_no, uint32_t queue_id)
{
	const size_t start = multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, OFPMP_QUEUE, 0);

	wbuf_put_be32(b, port_no);
	wbuf_put_be32(b, queue_id);
	ofp_end(b, start);
}

enum of_error
queue_stats_request_decode(struct wire *body, uint32_t *port_no, uint32_t *queue_id)
{
	*port_no = wire_be32(body);
	*queue_id = wire_be32(body);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}

void
queue_stats_encode(struct wbuf *b, const struct queue_stats *q)
{
	wbuf_put_be32(b, q->port_no);
	wbuf_put_be32(b, q->queue_id);
	wbuf_put_be64(b, q->tx_bytes);
	wbuf_put_be64(b, q->tx_packets);
	wbuf_put_be64(b, q->tx_errors);
	wbuf_put_be32(b, q->duration_s);
	wbuf_put_be32(b, q->duration_ns);
}

enum of_error
queue_stats_decode(struct wire *w, struct queue_stats *q)
{
	struct wire body = wire_sub(w, QUEUE_STATS_LEN);

	q->port_no = wire_be32(&body);
	q->queue_id = wire_be32(&body);
	q->tx_bytes = wire_be64(&body);
	q->tx_packets = wire_be64(&body);
	q->tx_errors = wire_be64(&body);
	q->duration_s = wire_be32(&body);
	q->duration_ns = wire_be32(&body);
	return wire_ok(&body) ? OF_OK : OFPBRC_BAD_LEN;
}

size_t
queue_config_reply_begin(struct wbuf *b, uint32_t xid, uint32_t port_no)
{
	const size_t start = ofp_begin(b, OFPT_QUEUE_GET_CONFIG_REPLY, xid);

	wbuf_put_be32(b, port_no);
	wbuf_put_be32(b, 0);
	return start;
}

static void
put_rate(struct wbuf *b, uint16_t property, uint16_t rate)
{
	if (rate == OFPQ_MIN_RATE_UNCFG)
		return;
	wbuf_put_be16(b, property);
	wbuf_put_be16(b, QUEUE_PROP_LEN);
	wbuf_put_be32(b, 0);
	wbuf_put_be16(b, rate);
	wbuf_put_be16(b, 0);
	wbuf_put_be32(b, 0);
}

void
queue_config_encode(struct wbuf *b, const struct queue_config *q)
{
	const size_t start = b->len;

	wbuf_put_be32(b, q->queue_id);
	wbuf_put_be32(b, q->port_no);
	wbuf_put_be16(b, 0); /* length */
	wbuf_put_be16(b, 0);
	wbuf_put_be32(b, 0);
	put_rate(b, OFPQT_MIN_RATE, q->min_rate);
	put_rate(b, OFPQT_MAX_RATE, q->max_rate);
	wbuf_patch_be16(b, start + 8, (uint16_t)(b->len - start));
}

enum of_error
queue_config_reply_decode(struct wire *body, uint32_t *port_no)
{
	*port_no = wire_be32(body);
	wire_skip(body, 4);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}

static enum of_error
decode_property(struct wire *props, struct queue_config *q)
{
	const uint16_t property = wire_be16(props), len = wire_be16(props);
	struct wire body;
	uint16_t rate;

	if (!wire_ok(props) || len < 8)
		return OFPBRC_BAD_LEN;
	body = wire_sub(props, len - 4u);
	wire_skip(&body, 4);
	if (property != OFPQT_MIN_RATE && property != OFPQT_MAX_RATE)
		return wire_ok(props) ? OF_OK : OFPBRC_BAD_LEN; /* an experimenter's */
	rate = wire_be16(&body);
	*(property == OFPQT_MIN_RATE ? &q->min_rate : &q->max_rate) = rate;
	return wire_ok(&body) && wire_ok(props) ? OF_OK : OFPBRC_BAD_LEN;
}

enum of_error
queue_config_decode(struct wire *w, struct queue_config *q)
{
	enum of_error error = OF_OK;
	struct wire props;
	uint16_t len;

	q->queue_id = wire_be32(w);
	q->port_no = wire_be32(w);
	len = wire_be16(w);
	wire_skip(w, 6);
	q->min_rate = q->max_rate = OFPQ_MIN_RATE_UNCFG;
	if (!wire_ok(w) || len < PACKET_QUEUE_LEN)
		return OFPBRC_BAD_LEN;
	props = wire_sub(w, len - PACKET_QUEUE_LEN);
	if (!wire_ok(w))
		return OFPBRC_BAD_LEN;
	while (!error && wire_left(&props))
		error = decode_property(&props, q);
	return error;
}
