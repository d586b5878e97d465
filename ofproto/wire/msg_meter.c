/* SPDX-License-Identifier: ISC */
/* Meters, bytes <-> structs: METER_MOD (7.3.4.4) and the three multiparts (7.3.5.12 to 7.3.5.14). */
#include "messages.h"

#include <stdlib.h>

#define BAND_LEN 16u /* bytes of a drop or remark band */
#define BAND_MIN_LEN 12u /* bytes that all bands have */
#define BAND_CTR_LEN 16u /* bytes of a band's counters */
#define STATS_LEN 40u /* bytes of a meter's statistics without bands */

static enum of_error
decode_band(struct wire *w, struct ofp_meter_band *band)
{
	struct wire body;
	uint16_t len;

	band->type = wire_be16(w);
	len = wire_be16(w);
	if (!wire_ok(w) || len < BAND_MIN_LEN)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 4u);
	if (!wire_ok(&body))
		return OFPBRC_BAD_LEN;
	if (band->type != OFPMBT_DROP && band->type != OFPMBT_DSCP_REMARK)
		return OFPMMFC_BAD_BAND;
	if (len != BAND_LEN)
		return OFPBRC_BAD_LEN;
	band->rate = wire_be32(&body);
	band->burst_size = wire_be32(&body);
	band->prec_level = band->type == OFPMBT_DSCP_REMARK ? wire_u8(&body) : 0;
	return OF_OK;
}

static enum of_error
decode_bands(struct wire *w, struct meter_mod *mm)
{
	enum of_error error = OF_OK;

	mm->bands = calloc(wire_left(w) / BAND_MIN_LEN + 1, sizeof(*mm->bands));
	if (!mm->bands)
		return OFPMMFC_OUT_OF_BANDS;
	while (!error && wire_left(w))
		error = decode_band(w, &mm->bands[mm->n_bands++]);
	return error;
}

enum of_error
meter_mod_decode(struct wire *body, struct meter_mod *mm)
{
	memset(mm, 0, sizeof(*mm));
	mm->command = wire_be16(body);
	mm->flags = wire_be16(body);
	mm->meter_id = wire_be32(body);
	if (!wire_ok(body))
		return OFPBRC_BAD_LEN;
	if (mm->command > OFPMC_DELETE)
		return OFPMMFC_BAD_COMMAND;
	return mm->command == OFPMC_DELETE ? OF_OK : decode_bands(body, mm);
}

static void
encode_bands(struct wbuf *b, const struct meter_mod *mm)
{
	for (size_t i = 0; i < mm->n_bands; i++) {
		wbuf_put_be16(b, mm->bands[i].type);
		wbuf_put_be16(b, BAND_LEN);
		wbuf_put_be32(b, mm->bands[i].rate);
		wbuf_put_be32(b, mm->bands[i].burst_size);
		wbuf_put_u8(b, mm->bands[i].prec_level);
		wbuf_put_zeros(b, 3);
	}
}

void
meter_mod_encode(struct wbuf *b, uint32_t xid, const struct meter_mod *mm)
{
	const size_t start = ofp_begin(b, OFPT_METER_MOD, xid);

	wbuf_put_be16(b, mm->command);
	wbuf_put_be16(b, mm->flags);
	wbuf_put_be32(b, mm->meter_id);
	encode_bands(b, mm);
	ofp_end(b, start);
}

void
meter_mod_fini(struct meter_mod *mm)
{
	free(mm->bands);
	mm->bands = NULL;
	mm->n_bands = 0;
}

/* ---- statistics ---- */

enum of_error
meter_request_decode(struct wire *body, uint32_t *meter_id)
{
	*meter_id = wire_be32(body);
	wire_skip(body, 4);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}

void
meter_request_encode(struct wbuf *b, uint32_t xid, uint16_t mp_type, uint32_t meter_id)
{
	const size_t start = multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, mp_type, 0);

	wbuf_put_be32(b, meter_id);
	wbuf_put_be32(b, 0);
	ofp_end(b, start);
}

void
meter_stats_encode(struct wbuf *b, const struct meter_stats *ms)
{
	const size_t start = b->len;

	wbuf_put_be32(b, ms->meter_id);
	wbuf_put_be16(b, 0);
	wbuf_put_zeros(b, 6);
	wbuf_put_be32(b, ms->flow_count);
	wbuf_put_be64(b, ms->packet_in_count);
	wbuf_put_be64(b, ms->byte_in_count);
	wbuf_put_be32(b, ms->duration_s);
	wbuf_put_be32(b, ms->duration_ns);
	for (size_t i = 0; i < ms->n_bands; i++) {
		wbuf_put_be64(b, ms->bands[i].packets);
		wbuf_put_be64(b, ms->bands[i].bytes);
	}
	wbuf_patch_be16(b, start + 4, (uint16_t)(b->len - start));
}

enum of_error
meter_stats_decode(struct wire *w, struct meter_stats *ms)
{
	struct wire body;
	uint16_t len;

	memset(ms, 0, sizeof(*ms));
	ms->meter_id = wire_be32(w);
	len = wire_be16(w);
	if (len < STATS_LEN || (len - STATS_LEN) % BAND_CTR_LEN)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 6u);
	wire_skip(&body, 6);
	ms->flow_count = wire_be32(&body);
	ms->packet_in_count = wire_be64(&body);
	ms->byte_in_count = wire_be64(&body);
	ms->duration_s = wire_be32(&body);
	ms->duration_ns = wire_be32(&body);
	ms->bands = calloc((len - STATS_LEN) / BAND_CTR_LEN + 1, sizeof(*ms->bands));
	if (!ms->bands || !wire_ok(&body)) {
		meter_stats_fini(ms);
		return OFPBRC_BAD_LEN;
	}
	while (wire_left(&body)) {
		ms->bands[ms->n_bands].packets = wire_be64(&body);
		ms->bands[ms->n_bands++].bytes = wire_be64(&body);
	}
	return OF_OK;
}

void
meter_stats_fini(struct meter_stats *ms)
{
	free(ms->bands);
	ms->bands = NULL;
	ms->n_bands = 0;
}

void
meter_config_encode(struct wbuf *b, const struct meter_mod *mm)
{
	const size_t start = b->len;

	wbuf_put_be16(b, 0);
	wbuf_put_be16(b, mm->flags);
	wbuf_put_be32(b, mm->meter_id);
	encode_bands(b, mm);
	wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

enum of_error
meter_config_decode(struct wire *w, struct meter_mod *mm)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	memset(mm, 0, sizeof(*mm));
	if (len < 8)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	mm->flags = wire_be16(&body);
	mm->meter_id = wire_be32(&body);
	return wire_ok(&body) ? decode_bands(&body, mm) : OFPBRC_BAD_LEN;
}

void
meter_features_encode(struct wbuf *b, const struct meter_features *mf)
{
	wbuf_put_be32(b, mf->max_meter);
	wbuf_put_be32(b, mf->band_types);
	wbuf_put_be32(b, mf->capabilities);
	wbuf_put_u8(b, mf->max_bands);
	wbuf_put_u8(b, mf->max_color);
	wbuf_put_be16(b, 0);
}

enum of_error
meter_features_decode(struct wire *body, struct meter_features *mf)
{
	mf->max_meter = wire_be32(body);
	mf->band_types = wire_be32(body);
	mf->capabilities = wire_be32(body);
	mf->max_bands = wire_u8(body);
	mf->max_color = wire_u8(body);
	wire_skip(body, 2);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}
