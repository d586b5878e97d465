/* SPDX-License-Identifier: ISC */
/* Table features, request and reply alike (7.3.5.5). */
#include "messages.h"

/* Where a property's list lives; [hit or miss]. */
static uint32_t *
id_list(struct table_features *f, unsigned prop)
{
	switch (prop & ~1u) {
	case OFPTFPT_INSTRUCTIONS:
		return &f->instructions[prop & 1];
	case OFPTFPT_WRITE_ACTIONS:
		return &f->write_actions[prop & 1];
	case OFPTFPT_APPLY_ACTIONS:
		return &f->apply_actions[prop & 1];
	default:
		return NULL;
	}
}

static uint64_t *
field_list(struct table_features *f, unsigned prop)
{
	switch (prop) {
	case OFPTFPT_MATCH:
		return &f->match;
	case OFPTFPT_WILDCARDS:
		return &f->wildcards;
	case OFPTFPT_WRITE_SETFIELD:
	case OFPTFPT_WRITE_SETFIELD_MISS:
		return &f->write_setfield[prop & 1];
	case OFPTFPT_APPLY_SETFIELD:
	case OFPTFPT_APPLY_SETFIELD_MISS:
		return &f->apply_setfield[prop & 1];
	default:
		return NULL;
	}
}

static void
encode_fields(struct wbuf *b, uint64_t fields, uint64_t hasmask)
{
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		const bool mask = (hasmask & OXM_BIT(i)) != 0;

		if (!(fields & OXM_BIT(i)))
			continue;
		wbuf_put_be16(b, OFPXMC_OPENFLOW_BASIC);
		wbuf_put_u8(b, (uint8_t)(i << 1 | mask));
		wbuf_put_u8(b, (uint8_t)(oxm_info((enum oxm_field)i)->bytes * (mask ? 2 : 1)));
	}
}

static void
encode_prop(struct wbuf *b, struct table_features *f, unsigned prop)
{
	const size_t start = b->len;
	const uint32_t *ids = id_list(f, prop);
	const uint64_t *fields = field_list(f, prop);

	wbuf_put_be16(b, (uint16_t)prop);
	wbuf_put_be16(b, 0);
	for (unsigned i = 0; ids && i < 32; i++) {
		if (*ids & (UINT32_C(1) << i)) {
			wbuf_put_be16(b, (uint16_t)i);
			wbuf_put_be16(b, 4);
		}
	}
	if (fields)
		encode_fields(b, *fields, prop == OFPTFPT_MATCH ? f->match_hasmask : 0);
	for (unsigned i = 0; (prop & ~1u) == OFPTFPT_NEXT_TABLES && i < 256; i++) {
		if (f->next_tables[prop & 1][i / 64] & (UINT64_C(1) << i % 64))
			wbuf_put_u8(b, (uint8_t)i);
	}
	wbuf_patch_be16(b, start + 2, (uint16_t)(b->len - start));
	wbuf_pad8(b, start);
}

void
table_features_encode(struct wbuf *b, const struct table_features *features)
{
	struct table_features f = *features;
	const size_t start = b->len;

	wbuf_put_be16(b, 0);
	wbuf_put_u8(b, f.table_id);
	wbuf_put_zeros(b, 5);
	wbuf_put(b, f.name, OFP_MAX_TABLE_NAME_LEN);
	wbuf_put_be64(b, f.metadata_match);
	wbuf_put_be64(b, f.metadata_write);
	wbuf_put_be32(b, f.config);
	wbuf_put_be32(b, f.max_entries);
	for (unsigned prop = 0; prop < 16; prop++) {
		if (f.present & (UINT32_C(1) << prop))
			encode_prop(b, &f, prop);
	}
	wbuf_patch_be16(b, start, (uint16_t)(b->len - start));
}

void
table_features_fill_miss(struct table_features *f)
{
	const uint32_t absent = ~f->present;

	if (absent & 1u << OFPTFPT_INSTRUCTIONS_MISS)
		f->instructions[1] = f->instructions[0];
	if (absent & 1u << OFPTFPT_NEXT_TABLES_MISS)
		memcpy(f->next_tables[1], f->next_tables[0], sizeof(f->next_tables[1]));
	if (absent & 1u << OFPTFPT_WRITE_ACTIONS_MISS)
		f->write_actions[1] = f->write_actions[0];
	if (absent & 1u << OFPTFPT_APPLY_ACTIONS_MISS)
		f->apply_actions[1] = f->apply_actions[0];
	if (absent & 1u << OFPTFPT_WRITE_SETFIELD_MISS)
		f->write_setfield[1] = f->write_setfield[0];
	if (absent & 1u << OFPTFPT_APPLY_SETFIELD_MISS)
		f->apply_setfield[1] = f->apply_setfield[0];
}

static enum of_error
decode_ids(struct wire *w, uint32_t *ids, bool *unknown)
{
	while (wire_left(w)) {
		const uint16_t type = wire_be16(w);
		const uint16_t len = wire_be16(w);

		if (!wire_ok(w) || len < 4)
			return OFPTFFC_BAD_LEN;
		wire_skip(w, len - 4u);
		if (type < 32)
			*ids |= UINT32_C(1) << type;
		else
			*unknown = true;
	}
	return wire_ok(w) ? OF_OK : OFPTFFC_BAD_LEN;
}

static enum of_error
decode_fields(struct wire *w, uint64_t *fields, uint64_t *hasmask, bool *unknown)
{
	while (wire_left(w)) {
		const uint16_t class = wire_be16(w);
		const uint8_t fh = wire_u8(w);

		wire_skip(w, class == OFPXMC_EXPERIMENTER ? 5 : 1);
		if (!wire_ok(w))
			return OFPTFFC_BAD_LEN;
		if (class != OFPXMC_OPENFLOW_BASIC || fh >> 1 >= OXM_N_FIELDS) {
			*unknown = true;
			continue;
		}
		*fields |= OXM_BIT(fh >> 1);
		if (fh & 1)
			*hasmask |= OXM_BIT(fh >> 1);
	}
	return wire_ok(w) ? OF_OK : OFPTFFC_BAD_LEN;
}

static enum of_error
decode_prop(struct wire *w, struct table_features *f)
{
	const uint16_t type = wire_be16(w);
	const uint16_t len = wire_be16(w);
	uint64_t ignored = 0;
	struct wire body;

	if (!wire_ok(w) || len < 4)
		return OFPTFFC_BAD_LEN;
	body = wire_sub(w, len - 4u);
	wire_skip(w, (8 - len % 8u) % 8u);
	if (!wire_ok(w))
		return OFPTFFC_BAD_LEN;
	if (type >= OFPTFPT_EXPERIMENTER)
		return OF_OK;
	if (type > OFPTFPT_APPLY_SETFIELD_MISS || type == 9 || type == 11)
		return OFPTFFC_BAD_TYPE;
	if (f->present & (UINT32_C(1) << type))
		return OFPTFFC_BAD_TYPE;
	f->present |= UINT32_C(1) << type;
	if (id_list(f, type))
		return decode_ids(&body, id_list(f, type), &f->unknown);
	if (field_list(f, type))
		return decode_fields(&body, field_list(f, type), type == OFPTFPT_MATCH ? &f->match_hasmask : &ignored,
		                     &f->unknown);
	while (wire_left(&body)) {
		const uint8_t next = wire_u8(&body);

		f->next_tables[type & 1][next / 64] |= UINT64_C(1) << next % 64;
	}
	return OF_OK;
}

enum of_error
table_features_decode(struct wire *w, struct table_features *f)
{
	const uint16_t len = wire_be16(w);
	struct wire body;

	memset(f, 0, sizeof(*f));
	if (!wire_ok(w) || len < 64 || len % 8)
		return OFPTFFC_BAD_LEN;
	body = wire_sub(w, len - 2u);
	if (!wire_ok(&body))
		return OFPTFFC_BAD_LEN;
	f->table_id = wire_u8(&body);
	wire_skip(&body, 5);
	wire_bytes(&body, f->name, OFP_MAX_TABLE_NAME_LEN);
	f->name[OFP_MAX_TABLE_NAME_LEN - 1] = '\0';
	f->metadata_match = wire_be64(&body);
	f->metadata_write = wire_be64(&body);
	f->config = wire_be32(&body);
	f->max_entries = wire_be32(&body);
	while (wire_left(&body)) {
		const enum of_error error = decode_prop(&body, f);

		if (error)
			return error;
	}
	return OF_OK;
}
