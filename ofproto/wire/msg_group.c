/* SPDX-License-Identifier: ISC */
/* Groups, bytes <-> structs: GROUP_MOD (7.3.4.2) and the three multiparts (7.3.5.9 to 7.3.5.11). */
#include "messages.h"

#include <stdlib.h>

#define BUCKET_LEN 16u /* bytes of a bucket without actions */
#define BUCKET_CTR_LEN 16u /* bytes of a bucket's counters */
#define STATS_LEN 40u /* bytes of a group's statistics without buckets */

static enum of_error
decode_bucket(struct wire *w, struct act_buf *acts, struct ofp_bucket *bk, size_t *at)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	if (!wire_ok(w) || len < BUCKET_LEN || len % 8)
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

/* All of 'w' as buckets.  Actions are kept as offsets until the buffer stops moving. */
static enum of_error
decode_buckets(struct wire *w, struct act_buf *acts, struct group_mod *gm)
{
	const size_t max = wire_left(w) / BUCKET_LEN + 1;
	size_t *at = calloc(max + 1, sizeof(*at));
	enum of_error error = OF_OK;

	gm->buckets = calloc(max, sizeof(*gm->buckets));
	if (!at || !gm->buckets) {
		free(at);
		return OFPGMFC_OUT_OF_BUCKETS;
	}
	while (!error && wire_left(w)) {
		error = decode_bucket(w, acts, &gm->buckets[gm->n_buckets], &at[gm->n_buckets]);
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

enum of_error
group_mod_decode(struct wire *body, struct act_buf *acts, struct group_mod *gm)
{
	memset(gm, 0, sizeof(*gm));
	gm->command = wire_be16(body);
	gm->type = wire_u8(body);
	wire_skip(body, 1);
	gm->group_id = wire_be32(body);
	if (!wire_ok(body))
		return OFPBRC_BAD_LEN;
	if (gm->command > OFPGC_DELETE)
		return OFPGMFC_BAD_COMMAND;
	if (gm->command == OFPGC_DELETE)
		return OF_OK;
	if (gm->type > OFPGT_FF)
		return OFPGMFC_BAD_TYPE;
	return decode_buckets(body, acts, gm);
}

static void
encode_buckets(struct wbuf *b, const struct group_mod *gm)
{
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
}

void
group_mod_encode(struct wbuf *b, uint32_t xid, const struct group_mod *gm)
{
	const size_t start = ofp_begin(b, OFPT_GROUP_MOD, xid);

	wbuf_put_be16(b, gm->command);
	wbuf_put_u8(b, gm->type);
	wbuf_put_u8(b, 0);
	wbuf_put_be32(b, gm->group_id);
	encode_buckets(b, gm);
	ofp_end(b, start);
}

void
group_mod_fini(struct group_mod *gm)
{
	free(gm->buckets);
	gm->buckets = NULL;
	gm->n_buckets = 0;
}

size_t
group_buckets_len(const struct group_mod *gm)
{
	struct wbuf b = WBUF_INIT(1u << 24);
	size_t len;

	encode_buckets(&b, gm);
	len = wbuf_ok(&b) ? b.len : SIZE_MAX;
	wbuf_fini(&b);
	return len;
}

/* ---- statistics ---- */

enum of_error
group_stats_request_decode(struct wire *body, uint32_t *group_id)
{
	*group_id = wire_be32(body);
	wire_skip(body, 4);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}

void
group_stats_request_encode(struct wbuf *b, uint32_t xid, uint32_t group_id)
{
	const size_t start = multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, OFPMP_GROUP, 0);

	wbuf_put_be32(b, group_id);
	wbuf_put_be32(b, 0);
	ofp_end(b, start);
}

void
group_stats_encode(struct wbuf *b, const struct group_stats *gs)
{
	const size_t start = b->len;

	wbuf_put_be32(b, 0); /* length and padding */
	wbuf_put_be32(b, gs->group_id);
	wbuf_put_be32(b, gs->ref_count);
	wbuf_put_be32(b, 0);
	wbuf_put_be64(b, gs->packet_count);
	wbuf_put_be64(b, gs->byte_count);
	wbuf_put_be32(b, gs->duration_s);
	wbuf_put_be32(b, gs->duration_ns);
	for (size_t i = 0; i < gs->n_buckets; i++) {
		wbuf_put_be64(b, gs->buckets[i].packets);
		wbuf_put_be64(b, gs->buckets[i].bytes);
	}
	wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

enum of_error
group_stats_decode(struct wire *w, struct group_stats *gs)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	memset(gs, 0, sizeof(*gs));
	if (len < STATS_LEN || (len - STATS_LEN) % BUCKET_CTR_LEN)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	wire_skip(&body, 2);
	gs->group_id = wire_be32(&body);
	gs->ref_count = wire_be32(&body);
	wire_skip(&body, 4);
	gs->packet_count = wire_be64(&body);
	gs->byte_count = wire_be64(&body);
	gs->duration_s = wire_be32(&body);
	gs->duration_ns = wire_be32(&body);
	gs->buckets = calloc((len - STATS_LEN) / BUCKET_CTR_LEN + 1, sizeof(*gs->buckets));
	if (!gs->buckets || !wire_ok(&body)) {
		group_stats_fini(gs);
		return OFPBRC_BAD_LEN;
	}
	while (wire_left(&body)) {
		gs->buckets[gs->n_buckets].packets = wire_be64(&body);
		gs->buckets[gs->n_buckets++].bytes = wire_be64(&body);
	}
	return OF_OK;
}

void
group_stats_fini(struct group_stats *gs)
{
	free(gs->buckets);
	gs->buckets = NULL;
	gs->n_buckets = 0;
}

void
group_desc_encode(struct wbuf *b, const struct group_mod *gm)
{
	const size_t start = b->len;

	wbuf_put_be16(b, 0);
	wbuf_put_u8(b, gm->type);
	wbuf_put_u8(b, 0);
	wbuf_put_be32(b, gm->group_id);
	encode_buckets(b, gm);
	wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

enum of_error
group_desc_decode(struct wire *w, struct act_buf *acts, struct group_mod *gm)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	memset(gm, 0, sizeof(*gm));
	if (len < 8)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	gm->type = wire_u8(&body);
	wire_skip(&body, 1);
	gm->group_id = wire_be32(&body);
	if (!wire_ok(&body))
		return OFPBRC_BAD_LEN;
	return decode_buckets(&body, acts, gm);
}

void
group_features_encode(struct wbuf *b, const struct group_features *gf)
{
	wbuf_put_be32(b, gf->types);
	wbuf_put_be32(b, gf->capabilities);
	for (unsigned i = 0; i < 4; i++)
		wbuf_put_be32(b, gf->max_groups[i]);
	for (unsigned i = 0; i < 4; i++)
		wbuf_put_be32(b, gf->actions[i]);
}

enum of_error
group_features_decode(struct wire *body, struct group_features *gf)
{
	gf->types = wire_be32(body);
	gf->capabilities = wire_be32(body);
	for (unsigned i = 0; i < 4; i++)
		gf->max_groups[i] = wire_be32(body);
	for (unsigned i = 0; i < 4; i++)
		gf->actions[i] = wire_be32(body);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}
