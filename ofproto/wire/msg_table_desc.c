/* SPDX-License-Identifier: ISC */
/* Eviction and vacancy events: EXT-192, the table-mod, table-desc and table-status of OpenFlow 1.4 in experimenter messages. */
#include "extensions.h"

#define PROP_LEN 8u
#define DESC_HEAD 8u

static enum of_error
prop_decode(struct wire *w, struct table_desc *d)
{
	const uint16_t type = wire_be16(w), len = wire_be16(w);
	bool *has = type == OFPTMPT_EVICTION ? &d->has_eviction : type == OFPTMPT_VACANCY ? &d->has_vacancy : NULL;

	if (!wire_ok(w) || len < 4)
		return OFPBRC_BAD_LEN;
	if (!has || *has)
		return OFPTMFC_BAD_CONFIG;
	if (len != PROP_LEN)
		return OFPBRC_BAD_LEN;
	*has = true;
	if (type == OFPTMPT_EVICTION) {
		d->eviction_flags = wire_be32(w);
	} else {
		d->vacancy_down = wire_u8(w);
		d->vacancy_up = wire_u8(w);
		d->vacancy = wire_u8(w);
		wire_skip(w, 1);
	}
	return wire_ok(w) ? OF_OK : OFPBRC_BAD_LEN;
}

static enum of_error
props_decode(struct wire *w, struct table_desc *d)
{
	enum of_error error = wire_ok(w) ? OF_OK : OFPBRC_BAD_LEN;

	while (!error && wire_left(w))
		error = prop_decode(w, d);
	return error;
}

static void
props_encode(struct wbuf *b, const struct table_desc *d)
{
	if (d->has_eviction) {
		wbuf_put_be16(b, OFPTMPT_EVICTION);
		wbuf_put_be16(b, PROP_LEN);
		wbuf_put_be32(b, d->eviction_flags);
	}
	if (d->has_vacancy) {
		wbuf_put_be16(b, OFPTMPT_VACANCY);
		wbuf_put_be16(b, PROP_LEN);
		wbuf_put_u8(b, d->vacancy_down);
		wbuf_put_u8(b, d->vacancy_up);
		wbuf_put_u8(b, d->vacancy);
		wbuf_put_u8(b, 0);
	}
}

enum of_error
onf_table_mod_decode(struct wire *body, struct table_desc *d)
{
	memset(d, 0, sizeof(*d));
	d->table_id = wire_u8(body);
	wire_skip(body, 3);
	d->config = wire_be32(body);
	return props_decode(body, d);
}

void
onf_table_mod_encode(struct wbuf *b, uint32_t xid, const struct table_desc *d)
{
	const size_t start = onf_begin(b, xid, ONFT_TABLE_MOD);

	wbuf_put_be32(b, (uint32_t)d->table_id << 24);
	wbuf_put_be32(b, d->config);
	props_encode(b, d);
	ofp_end(b, start);
}

void
table_desc_encode(struct wbuf *b, const struct table_desc *d)
{
	const size_t start = b->len;

	wbuf_put_be16(b, 0);
	wbuf_put_u8(b, d->table_id);
	wbuf_put_u8(b, 0);
	wbuf_put_be32(b, d->config);
	props_encode(b, d);
	if (wbuf_ok(b))
		wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

enum of_error
table_desc_decode(struct wire *w, struct table_desc *d)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	memset(d, 0, sizeof(*d));
	if (len < DESC_HEAD)
		return OFPBRC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	d->table_id = wire_u8(&body);
	wire_skip(&body, 1);
	d->config = wire_be32(&body);
	return props_decode(&body, d);
}

void
table_status_encode(struct wbuf *b, uint32_t xid, const struct table_status *s)
{
	const size_t start = onf_begin(b, xid, ONFT_TABLE_STATUS);

	wbuf_put_u8(b, s->reason);
	wbuf_put_zeros(b, 7);
	table_desc_encode(b, &s->desc);
	ofp_end(b, start);
}

enum of_error
table_status_decode(struct wire *body, struct table_status *s)
{
	s->reason = wire_u8(body);
	wire_skip(body, 7);
	return wire_ok(body) ? table_desc_decode(body, &s->desc) : OFPBRC_BAD_LEN;
}
