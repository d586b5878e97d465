/* SPDX-License-Identifier: ISC */
/* Flow monitor: EXT-187. */
#include "extensions.h"

#define REQUEST_HEAD 16u
#define UPDATE_HEAD 24u
#define ABBREV_LEN 8u

/* OXM fields without the head of a struct ofp_match. */
static enum of_error
bare_match_decode(struct wire *w, size_t len, struct match *m)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN + 16);
	enum of_error error = OFPBRC_BAD_LEN;
	struct wire whole;
	const uint8_t *oxms = wire_take(w, len);

	wbuf_put_be16(&b, OFPMT_OXM);
	wbuf_put_be16(&b, (uint16_t)(len + 4));
	if (oxms)
		wbuf_put(&b, oxms, len);
	wbuf_pad8(&b, 0);
	if (oxms && wbuf_ok(&b)) {
		whole = wire_init(b.data, b.len);
		error = match_decode(&whole, m);
	}
	wbuf_fini(&b);
	return error;
}

enum of_error
flow_monitor_request_decode(struct wire *w, struct flow_monitor_request *r)
{
	enum of_error error;
	struct wire match;
	uint16_t len;

	memset(r, 0, sizeof(*r));
	r->id = wire_be32(w);
	r->flags = wire_be16(w);
	len = wire_be16(w);
	r->out_port = wire_be32(w);
	r->table_id = wire_u8(w);
	wire_skip(w, 3);
	match = wire_sub(w, (len + 7u) / 8 * 8);
	if (!wire_ok(w) || len > OFP_MAX_MSG_LEN - UPDATE_HEAD)
		return OFPBRC_BAD_LEN;
	if (len == 0)
		return OF_OK;
	if (len >= 4 && get_be16(match.p) >= OFPXMC_OPENFLOW_BASIC)
		return bare_match_decode(&match, len, &r->match);
	error = match_decode(&match, &r->match);
	return error ? error : wire_left(&match) ? OFPBRC_BAD_LEN : OF_OK;
}

/* A struct ofp_match; the head's length field at 'at' is its length without padding. */
static void
put_match(struct wbuf *b, const struct match *m, size_t at)
{
	const size_t start = b->len;

	match_encode(b, m);
	if (wbuf_ok(b))
		wbuf_patch_be16(b, at, get_be16(b->data + start + 2));
}

void
flow_monitor_request_encode(struct wbuf *b, const struct flow_monitor_request *r)
{
	const size_t start = b->len;

	wbuf_put_be32(b, r->id);
	wbuf_put_be16(b, r->flags);
	wbuf_put_be16(b, 0);
	wbuf_put_be32(b, r->out_port);
	wbuf_put_be32(b, (uint32_t)r->table_id << 24);
	put_match(b, &r->match, start + 6);
}

void
flow_update_encode(struct wbuf *b, const struct flow_update *u)
{
	const size_t start = b->len;

	wbuf_put_be16(b, u->event == ONFFME_ABBREV ? ABBREV_LEN : 0);
	wbuf_put_be16(b, u->event);
	if (u->event == ONFFME_ABBREV) {
		wbuf_put_be32(b, u->xid);
		return;
	}
	wbuf_put_be16(b, u->reason);
	wbuf_put_be16(b, u->priority);
	wbuf_put_be16(b, u->idle_timeout_s);
	wbuf_put_be16(b, u->hard_timeout_s);
	wbuf_put_be16(b, 0);
	wbuf_put_u8(b, u->table_id);
	wbuf_put_u8(b, 0);
	wbuf_put_be64(b, u->cookie);
	put_match(b, &u->match, start + 12);
	ofp_insts_encode(b, &u->insts);
	if (wbuf_ok(b))
		wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

static enum of_error
full_decode(struct wire *body, struct act_buf *acts, struct flow_update *u)
{
	enum of_error error;

	u->reason = wire_be16(body);
	u->priority = wire_be16(body);
	u->idle_timeout_s = wire_be16(body);
	u->hard_timeout_s = wire_be16(body);
	wire_skip(body, 2); /* the match says how long it is */
	u->table_id = wire_u8(body);
	wire_skip(body, 1);
	u->cookie = wire_be64(body);
	if (!wire_ok(body))
		return OFPBRC_BAD_LEN;
	error = match_decode(body, &u->match);
	return error ? error : ofp_insts_decode(body, acts, &u->insts);
}

enum of_error
flow_update_decode(struct wire *w, struct act_buf *acts, struct flow_update *u)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	memset(u, 0, sizeof(*u));
	if (len < ABBREV_LEN || len % 8)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	u->event = wire_be16(&body);
	if (!wire_ok(&body))
		return OFPBRC_BAD_LEN;
	if (u->event < ONFFME_ABBREV)
		return full_decode(&body, acts, u);
	if (u->event > ONFFME_ABBREV || len != ABBREV_LEN)
		return OFPBRC_BAD_LEN;
	u->xid = wire_be32(&body);
	return OF_OK;
}

enum of_error
flow_monitor_cancel_decode(struct wire *body, uint32_t *id)
{
	*id = wire_be32(body);
	return wire_ok(body) && !wire_left(body) ? OF_OK : OFPBRC_BAD_LEN;
}

void
flow_monitor_cancel_encode(struct wbuf *b, uint32_t xid, uint32_t id)
{
	const size_t start = onf_begin(b, xid, ONFT_FLOW_MONITOR_CANCEL);

	wbuf_put_be32(b, id);
	ofp_end(b, start);
}
