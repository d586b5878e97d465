/* SPDX-License-Identifier: ISC */
/* Messages that change the switch: flow, group, meter, port, table mods, packet-out (7.3.4, 7.3.7). */
#include "messages.h"

#include <stdlib.h>

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

static enum of_error
decode_bucket(struct wire *w, struct act_buf *acts, struct ofp_bucket *bk, size_t *at)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	if (!wire_ok(w) || len < 16 || len % 8)
		return OFPGMFC_BAD_BUCKET;
	body = wire_sub(w, len - 2u);
	bk->weight = wire_be16(&body);
	bk->watch_port = wire_be32(&body);
	bk->watch_group = wire_be32(&body);
	wire_skip(&body, 4);
	if (!wire_ok(&body))
		return OFPGMFC_BAD_BUCKET;
	*at = acts->b.len;
	return ofp_acts_decode(&body, wire_left(&body), 0, acts);
}

enum of_error
group_mod_decode(struct wire *body, struct act_buf *acts, struct group_mod *gm)
{
	const size_t max = wire_left(body) / 16 + 1;
	size_t *at = calloc(max + 1, sizeof(*at));
	enum of_error error = OF_OK;

	memset(gm, 0, sizeof(*gm));
	gm->buckets = calloc(max, sizeof(*gm->buckets));
	if (!at || !gm->buckets) {
		free(at);
		return OFPGMFC_OUT_OF_GROUPS;
	}
	gm->command = wire_be16(body);
	gm->type = wire_u8(body);
	wire_skip(body, 1);
	gm->group_id = wire_be32(body);
	if (!wire_ok(body))
		error = OFPBRC_BAD_LEN;
	while (!error && gm->command != OFPGC_DELETE && wire_left(body)) {
		error = decode_bucket(body, acts, &gm->buckets[gm->n_buckets], &at[gm->n_buckets]);
		gm->n_buckets++;
	}
	at[gm->n_buckets] = acts->b.len;
	for (size_t i = 0; !error && i < gm->n_buckets; i++) {
		if (at[i + 1] > at[i])
			gm->buckets[i].acts = (struct ofp_acts){acts->b.data + at[i], (uint32_t)(at[i + 1] - at[i])};
	}
	free(at);
	return error;
}

void
group_mod_encode(struct wbuf *b, uint32_t xid, const struct group_mod *gm)
{
	const size_t start = ofp_begin(b, OFPT_GROUP_MOD, xid);

	wbuf_put_be16(b, gm->command);
	wbuf_put_u8(b, gm->type);
	wbuf_put_u8(b, 0);
	wbuf_put_be32(b, gm->group_id);
	for (size_t i = 0; i < gm->n_buckets; i++) {
		const size_t at = b->len;

		wbuf_put_be16(b, 0);
		wbuf_put_be16(b, gm->buckets[i].weight);
		wbuf_put_be32(b, gm->buckets[i].watch_port);
		wbuf_put_be32(b, gm->buckets[i].watch_group);
		wbuf_put_be32(b, 0);
		ofp_acts_encode(b, gm->buckets[i].acts);
		wbuf_patch_be16(b, at, (uint16_t)(b->len - at));
	}
	ofp_end(b, start);
}

void
group_mod_fini(struct group_mod *gm)
{
	free(gm->buckets);
	gm->buckets = NULL;
}

static enum of_error
decode_band(struct wire *w, struct ofp_meter_band *band)
{
	struct wire body;
	uint16_t len;

	band->type = wire_be16(w);
	len = wire_be16(w);
	if (!wire_ok(w) || len < 12)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 4u);
	if (!wire_ok(&body))
		return OFPBRC_BAD_LEN;
	if (band->type != OFPMBT_DROP && band->type != OFPMBT_DSCP_REMARK)
		return OFPMMFC_BAD_BAND;
	if (len != 16)
		return OFPBRC_BAD_LEN;
	band->rate = wire_be32(&body);
	band->burst_size = wire_be32(&body);
	band->prec_level = band->type == OFPMBT_DSCP_REMARK ? wire_u8(&body) : 0;
	return OF_OK;
}

enum of_error
meter_mod_decode(struct wire *body, struct meter_mod *mm)
{
	const size_t max = wire_left(body) / 12 + 1;
	enum of_error error = OF_OK;

	memset(mm, 0, sizeof(*mm));
	mm->bands = calloc(max, sizeof(*mm->bands));
	if (!mm->bands)
		return OFPMMFC_OUT_OF_METERS;
	mm->command = wire_be16(body);
	mm->flags = wire_be16(body);
	mm->meter_id = wire_be32(body);
	if (!wire_ok(body))
		return OFPBRC_BAD_LEN;
	while (!error && mm->command != OFPMC_DELETE && wire_left(body))
		error = decode_band(body, &mm->bands[mm->n_bands++]);
	return error;
}

void
meter_mod_encode(struct wbuf *b, uint32_t xid, const struct meter_mod *mm)
{
	const size_t start = ofp_begin(b, OFPT_METER_MOD, xid);

	wbuf_put_be16(b, mm->command);
	wbuf_put_be16(b, mm->flags);
	wbuf_put_be32(b, mm->meter_id);
	for (size_t i = 0; i < mm->n_bands; i++) {
		wbuf_put_be16(b, mm->bands[i].type);
		wbuf_put_be16(b, 16);
		wbuf_put_be32(b, mm->bands[i].rate);
		wbuf_put_be32(b, mm->bands[i].burst_size);
		wbuf_put_u8(b, mm->bands[i].prec_level);
		wbuf_put_zeros(b, 3);
	}
	ofp_end(b, start);
}

void
meter_mod_fini(struct meter_mod *mm)
{
	free(mm->bands);
	mm->bands = NULL;
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
