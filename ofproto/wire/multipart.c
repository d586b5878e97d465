/* SPDX-License-Identifier: ISC */
/* Multipart heads and the statistics bodies (7.3.5). */
#include "messages.h"

static enum of_error
body_end(const struct wire *w)
{
	return wire_ok(w) ? OF_OK : OFPBRC_BAD_LEN;
}

enum of_error
multipart_hdr_decode(struct wire *body, struct multipart_hdr *h)
{
	h->type = wire_be16(body);
	h->flags = wire_be16(body);
	wire_skip(body, 4);
	return body_end(body);
}

enum of_error
multipart_request_check(uint16_t type, size_t len)
{
	static const struct {
		uint16_t type;
		size_t min;
		bool exact;
	} rows[] = {
#define MP(type, min, exact, handler) {OFPMP_##type, min, (exact) != 0},
#include "multipart_types.def"
#undef MP
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type)
			return len < rows[i].min || (rows[i].exact && len != rows[i].min) ? OFPBRC_BAD_LEN : OF_OK;
	}
	return OFPBRC_BAD_MULTIPART;
}

size_t
multipart_begin(struct wbuf *b, uint8_t msg_type, uint32_t xid, uint16_t type, uint16_t flags)
{
	const size_t start = ofp_begin(b, msg_type, xid);

	wbuf_put_be16(b, type);
	wbuf_put_be16(b, flags);
	wbuf_put_be32(b, 0);
	return start;
}

void
multipart_set_more(struct wbuf *b, size_t start)
{
	wbuf_patch_be16(b, start + 10, OFPMPF_REPLY_MORE);
}

void
multipart_simple_encode(struct wbuf *b, uint32_t xid, uint16_t type)
{
	ofp_end(b, multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, type, 0));
}

void
desc_stats_encode(struct wbuf *b, const struct desc_stats *d)
{
	wbuf_put(b, d->mfr_desc, OFP_DESC_STR_LEN);
	wbuf_put(b, d->hw_desc, OFP_DESC_STR_LEN);
	wbuf_put(b, d->sw_desc, OFP_DESC_STR_LEN);
	wbuf_put(b, d->serial_num, OFP_SERIAL_NUM_LEN);
	wbuf_put(b, d->dp_desc, OFP_DESC_STR_LEN);
}

static void
get_str(struct wire *w, char *s, size_t n)
{
	wire_bytes(w, s, n);
	s[n - 1] = '\0';
}

enum of_error
desc_stats_decode(struct wire *body, struct desc_stats *d)
{
	get_str(body, d->mfr_desc, OFP_DESC_STR_LEN);
	get_str(body, d->hw_desc, OFP_DESC_STR_LEN);
	get_str(body, d->sw_desc, OFP_DESC_STR_LEN);
	get_str(body, d->serial_num, OFP_SERIAL_NUM_LEN);
	get_str(body, d->dp_desc, OFP_DESC_STR_LEN);
	return body_end(body);
}

enum of_error
flow_stats_request_decode(struct wire *body, struct flow_stats_request *r)
{
	memset(r, 0, sizeof(*r));
	r->table_id = wire_u8(body);
	wire_skip(body, 3);
	r->out_port = wire_be32(body);
	r->out_group = wire_be32(body);
	wire_skip(body, 4);
	r->cookie = wire_be64(body);
	r->cookie_mask = wire_be64(body);
	return wire_ok(body) ? match_decode(body, &r->match) : OFPBRC_BAD_LEN;
}

void
flow_stats_request_encode(struct wbuf *b, uint32_t xid, uint16_t mp_type, const struct flow_stats_request *r)
{
	const size_t start = multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, mp_type, 0);

	wbuf_put_u8(b, r->table_id);
	wbuf_put_zeros(b, 3);
	wbuf_put_be32(b, r->out_port);
	wbuf_put_be32(b, r->out_group);
	wbuf_put_zeros(b, 4);
	wbuf_put_be64(b, r->cookie);
	wbuf_put_be64(b, r->cookie_mask);
	match_encode(b, &r->match);
	ofp_end(b, start);
}

void
flow_stats_encode(struct wbuf *b, const struct flow_stats *fs)
{
	const size_t start = b->len;

	wbuf_put_be16(b, 0);
	wbuf_put_u8(b, fs->table_id);
	wbuf_put_u8(b, 0);
	wbuf_put_be32(b, fs->duration_s);
	wbuf_put_be32(b, fs->duration_ns);
	wbuf_put_be16(b, fs->priority);
	wbuf_put_be16(b, fs->idle_timeout_s);
	wbuf_put_be16(b, fs->hard_timeout_s);
	wbuf_put_be16(b, fs->flags);
	wbuf_put_zeros(b, 4);
	wbuf_put_be64(b, fs->cookie);
	wbuf_put_be64(b, fs->packet_count);
	wbuf_put_be64(b, fs->byte_count);
	match_encode(b, &fs->match);
	ofp_insts_encode(b, &fs->insts);
	wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

enum of_error
flow_stats_decode(struct wire *w, struct act_buf *acts, struct flow_stats *fs)
{
	const uint16_t len = wire_be16(w);
	struct wire body;
	enum of_error error;

	memset(fs, 0, sizeof(*fs));
	if (len < 2)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	fs->table_id = wire_u8(&body);
	wire_skip(&body, 1);
	fs->duration_s = wire_be32(&body);
	fs->duration_ns = wire_be32(&body);
	fs->priority = wire_be16(&body);
	fs->idle_timeout_s = wire_be16(&body);
	fs->hard_timeout_s = wire_be16(&body);
	fs->flags = wire_be16(&body);
	wire_skip(&body, 4);
	fs->cookie = wire_be64(&body);
	fs->packet_count = wire_be64(&body);
	fs->byte_count = wire_be64(&body);
	if (!wire_ok(&body))
		return OFPBRC_BAD_LEN;
	error = match_decode(&body, &fs->match);
	return error ? error : ofp_insts_decode(&body, acts, &fs->insts);
}

void
aggregate_stats_encode(struct wbuf *b, const struct aggregate_stats *a)
{
	wbuf_put_be64(b, a->packet_count);
	wbuf_put_be64(b, a->byte_count);
	wbuf_put_be32(b, a->flow_count);
	wbuf_put_be32(b, 0);
}

enum of_error
aggregate_stats_decode(struct wire *body, struct aggregate_stats *a)
{
	a->packet_count = wire_be64(body);
	a->byte_count = wire_be64(body);
	a->flow_count = wire_be32(body);
	wire_skip(body, 4);
	return body_end(body);
}

void
table_stats_encode(struct wbuf *b, const struct table_stats *t)
{
	wbuf_put_be32(b, (uint32_t)t->table_id << 24);
	wbuf_put_be32(b, t->active_count);
	wbuf_put_be64(b, t->lookup_count);
	wbuf_put_be64(b, t->matched_count);
}

enum of_error
table_stats_decode(struct wire *w, struct table_stats *t)
{
	t->table_id = wire_u8(w);
	wire_skip(w, 3);
	t->active_count = wire_be32(w);
	t->lookup_count = wire_be64(w);
	t->matched_count = wire_be64(w);
	return body_end(w);
}

enum of_error
port_stats_request_decode(struct wire *body, uint32_t *port_no)
{
	*port_no = wire_be32(body);
	wire_skip(body, 4);
	return body_end(body);
}

void
port_stats_request_encode(struct wbuf *b, uint32_t xid, uint32_t port_no)
{
	const size_t start = multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, OFPMP_PORT_STATS, 0);

	wbuf_put_be32(b, port_no);
	wbuf_put_be32(b, 0);
	ofp_end(b, start);
}

/* The twelve counters of port stats, in wire order. */
static uint64_t *
port_counter(struct port_stats *s, unsigned i)
{
	uint64_t *const c[] = {&s->rx_packets,   &s->tx_packets,  &s->rx_bytes,   &s->tx_bytes,
	                       &s->rx_dropped,   &s->tx_dropped,  &s->rx_errors,  &s->tx_errors,
	                       &s->rx_frame_err, &s->rx_over_err, &s->rx_crc_err, &s->collisions};

	return c[i];
}

void
port_stats_encode(struct wbuf *b, const struct port_stats *s)
{
	struct port_stats copy = *s;

	wbuf_put_be32(b, s->port_no);
	wbuf_put_be32(b, 0);
	for (unsigned i = 0; i < 12; i++)
		wbuf_put_be64(b, *port_counter(&copy, i));
	wbuf_put_be32(b, s->duration_s);
	wbuf_put_be32(b, s->duration_ns);
}

enum of_error
port_stats_decode(struct wire *w, struct port_stats *s)
{
	s->port_no = wire_be32(w);
	wire_skip(w, 4);
	for (unsigned i = 0; i < 12; i++)
		*port_counter(s, i) = wire_be64(w);
	s->duration_s = wire_be32(w);
	s->duration_ns = wire_be32(w);
	return body_end(w);
}
