/* SPDX-License-Identifier: ISC */
/* Instructions (7.2.4). */
#include "actions.h"

#include "openflow/openflow13.h"

#define IMPORTANCE_LEN 16u

static enum of_error
check_len(uint16_t type, uint16_t len, const struct wire *body)
{
	struct wire w = *body;

	switch (type) {
	case OFPIT_GOTO_TABLE:
	case OFPIT_METER:
	case OFPIT_CLEAR_ACTIONS:
		return len == 8 ? OF_OK : OFPBIC_BAD_LEN;
	case OFPIT_WRITE_METADATA:
		return len == 24 ? OF_OK : OFPBIC_BAD_LEN;
	case OFPIT_WRITE_ACTIONS:
	case OFPIT_APPLY_ACTIONS:
		return len >= 8 ? OF_OK : OFPBIC_BAD_LEN;
	case OFPIT_EXPERIMENTER:
		if (wire_be32(&w) != ONF_EXPERIMENTER_ID)
			return OFPBIC_BAD_EXPERIMENTER;
		if (wire_be32(&w) != ONFIT_IMPORTANCE || !wire_ok(&w))
			return OFPBIC_BAD_EXP_TYPE;
		return len == IMPORTANCE_LEN ? OF_OK : OFPBIC_BAD_LEN;
	default:
		return OFPBIC_UNKNOWN_INST;
	}
}

/* The lists are kept as offsets until the buffer stops moving. */
struct spans {
	size_t apply_at, apply_len, write_at, write_len;
};

static enum of_error
decode_actions(struct wire *body, struct act_buf *acts, size_t *at, size_t *len)
{
	enum of_error error;

	wire_skip(body, 4);
	*at = acts->b.len;
	error = ofp_acts_decode(body, wire_left(body), 0, acts);
	*len = acts->b.len - *at;
	return error;
}

static enum of_error
decode_body(uint16_t type, struct wire *body, struct act_buf *acts, struct ofp_insts *in, struct spans *s)
{
	switch (type) {
	case OFPIT_GOTO_TABLE:
		in->goto_table = wire_u8(body);
		return OF_OK;
	case OFPIT_METER:
		in->meter = wire_be32(body);
		return OF_OK;
	case OFPIT_WRITE_METADATA:
		wire_skip(body, 4);
		in->metadata = wire_be64(body);
		in->metadata_mask = wire_be64(body);
		return OF_OK;
	case OFPIT_APPLY_ACTIONS:
		return decode_actions(body, acts, &s->apply_at, &s->apply_len);
	case OFPIT_WRITE_ACTIONS:
		return decode_actions(body, acts, &s->write_at, &s->write_len);
	case OFPIT_EXPERIMENTER:
		wire_skip(body, 8);
		in->importance = wire_be16(body);
		return OF_OK;
	default:
		return OF_OK;
	}
}

/* Notes that there is one of this type; false: there was one before. */
static bool
is_first(struct ofp_insts *in, uint16_t type)
{
	const bool first = type == OFPIT_EXPERIMENTER ? !in->has_importance : !(in->present & OFP_INST_BIT(type));

	if (type == OFPIT_EXPERIMENTER)
		in->has_importance = true;
	else
		in->present |= OFP_INST_BIT(type);
	return first;
}

enum of_error
ofp_insts_decode(struct wire *w, struct act_buf *acts, struct ofp_insts *in)
{
	struct spans s = {0};

	memset(in, 0, sizeof(*in));
	while (wire_left(w)) {
		const uint16_t type = wire_be16(w);
		const uint16_t len = wire_be16(w);
		struct wire body;
		enum of_error error;

		if (!wire_ok(w) || len < 8 || len % 8)
			return OFPBIC_BAD_LEN;
		body = wire_sub(w, len - 4u);
		if (!wire_ok(&body))
			return OFPBIC_BAD_LEN;
		error = check_len(type, len, &body);
		if (error)
			return error;
		if (!is_first(in, type))
			return OFPBIC_DUP_INST;
		error = decode_body(type, &body, acts, in, &s);
		if (error)
			return error;
	}
	if (s.apply_len)
		in->apply = (struct ofp_acts){acts->b.data + s.apply_at, (uint32_t)s.apply_len};
	if (s.write_len)
		in->write = (struct ofp_acts){acts->b.data + s.write_at, (uint32_t)s.write_len};
	return OF_OK;
}

static void
encode_actions(struct wbuf *b, uint16_t type, struct ofp_acts acts)
{
	const size_t start = b->len;

	wbuf_put_be16(b, type);
	wbuf_put_be16(b, 0);
	wbuf_put_be32(b, 0);
	ofp_acts_encode(b, acts);
	wbuf_patch_be16(b, start + 2, (uint16_t)(b->len - start));
}

void
ofp_insts_encode(struct wbuf *b, const struct ofp_insts *in)
{
	static const struct ofp_acts none;

	if (in->present & OFP_INST_BIT(OFPIT_METER)) {
		wbuf_put_be32(b, OFPIT_METER << 16 | 8);
		wbuf_put_be32(b, in->meter);
	}
	if (in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS))
		encode_actions(b, OFPIT_APPLY_ACTIONS, in->apply);
	if (in->present & OFP_INST_BIT(OFPIT_CLEAR_ACTIONS))
		encode_actions(b, OFPIT_CLEAR_ACTIONS, none);
	if (in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS))
		encode_actions(b, OFPIT_WRITE_ACTIONS, in->write);
	if (in->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) {
		wbuf_put_be32(b, OFPIT_WRITE_METADATA << 16 | 24);
		wbuf_put_be32(b, 0);
		wbuf_put_be64(b, in->metadata);
		wbuf_put_be64(b, in->metadata_mask);
	}
	if (in->present & OFP_INST_BIT(OFPIT_GOTO_TABLE)) {
		wbuf_put_be32(b, OFPIT_GOTO_TABLE << 16 | 8);
		wbuf_put_be32(b, (uint32_t)in->goto_table << 24);
	}
	if (in->has_importance) {
		wbuf_put_be32(b, (uint32_t)OFPIT_EXPERIMENTER << 16 | IMPORTANCE_LEN);
		wbuf_put_be32(b, ONF_EXPERIMENTER_ID);
		wbuf_put_be32(b, ONFIT_IMPORTANCE);
		wbuf_put_be32(b, (uint32_t)in->importance << 16);
	}
}

static bool
acts_equal(struct ofp_acts a, struct ofp_acts b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

bool
ofp_insts_equal(const struct ofp_insts *a, const struct ofp_insts *b)
{
	return a->present == b->present && a->goto_table == b->goto_table && a->meter == b->meter &&
	       a->importance == b->importance && a->metadata == b->metadata && a->metadata_mask == b->metadata_mask &&
	       acts_equal(a->apply, b->apply) && acts_equal(a->write, b->write);
}
