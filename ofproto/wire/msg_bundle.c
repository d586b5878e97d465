/* SPDX-License-Identifier: ISC */
/* Heads of experimenter messages, and bundles: EXT-230, which is 7.3.9 of OpenFlow 1.4 in experimenter messages. */
#include "extensions.h"

#define PROP_EXPERIMENTER 0xffff

enum of_error
experimenter_hdr_decode(struct wire *body, struct experimenter_hdr *h)
{
	h->experimenter = wire_be32(body);
	h->exp_type = wire_be32(body);
	return wire_ok(body) ? OF_OK : OFPBRC_BAD_LEN;
}

size_t
onf_begin(struct wbuf *b, uint32_t xid, uint32_t exp_type)
{
	const size_t start = ofp_begin(b, OFPT_EXPERIMENTER, xid);

	wbuf_put_be32(b, ONF_EXPERIMENTER_ID);
	wbuf_put_be32(b, exp_type);
	return start;
}

size_t
onf_multipart_begin(struct wbuf *b, uint8_t msg_type, uint32_t xid, uint32_t exp_type, uint16_t flags)
{
	const size_t start = multipart_begin(b, msg_type, xid, OFPMP_EXPERIMENTER, flags);

	wbuf_put_be32(b, ONF_EXPERIMENTER_ID);
	wbuf_put_be32(b, exp_type);
	return start;
}

void
onf_simple_encode(struct wbuf *b, uint32_t xid, uint32_t exp_type)
{
	ofp_end(b, onf_begin(b, xid, exp_type));
}

/* Properties: none is defined but experimenters' own, and of those we know none. */
static enum of_error
no_properties(struct wire *w)
{
	uint16_t type, len;

	if (!wire_left(w))
		return OF_OK;
	type = wire_be16(w);
	len = wire_be16(w);
	if (!wire_ok(w) || len < 4 || wire_left(w) < (len + 7u) / 8 * 8 - 4)
		return OFPBRC_BAD_LEN;
	return type == PROP_EXPERIMENTER ? OFPBRC_BAD_EXPERIMENTER : OFPBFC_UNKNOWN;
}

enum of_error
bundle_control_decode(struct wire *body, struct bundle_control *c)
{
	c->bundle_id = wire_be32(body);
	c->type = wire_be16(body);
	c->flags = wire_be16(body);
	return wire_ok(body) ? no_properties(body) : OFPBRC_BAD_LEN;
}

void
bundle_control_encode(struct wbuf *b, uint32_t xid, const struct bundle_control *c)
{
	const size_t start = onf_begin(b, xid, ONFT_BUNDLE_CONTROL);

	wbuf_put_be32(b, c->bundle_id);
	wbuf_put_be16(b, c->type);
	wbuf_put_be16(b, c->flags);
	ofp_end(b, start);
}

enum of_error
bundle_add_decode(struct wire *body, struct bundle_add *a)
{
	struct wire head;

	a->bundle_id = wire_be32(body);
	wire_skip(body, 2);
	a->flags = wire_be16(body);
	if (!wire_ok(body))
		return OFPBRC_BAD_LEN;
	head = *body;
	wire_skip(&head, 2);
	a->len = wire_be16(&head);
	if (!wire_ok(&head) || a->len < OFP_HEADER_LEN || a->len > wire_left(body))
		return OFPBFC_MSG_BAD_LEN;
	a->msg = wire_take(body, a->len);
	if (wire_left(body))
		wire_skip(body, (8 - a->len % 8) % 8); /* properties begin on a multiple of 8 */
	return wire_ok(body) ? no_properties(body) : OFPBRC_BAD_LEN;
}

void
bundle_add_encode(struct wbuf *b, uint32_t xid, const struct bundle_add *a)
{
	const size_t start = onf_begin(b, xid, ONFT_BUNDLE_ADD_MESSAGE);

	wbuf_put_be32(b, a->bundle_id);
	wbuf_put_be16(b, 0);
	wbuf_put_be16(b, a->flags);
	wbuf_put(b, a->msg, a->len);
	ofp_end(b, start);
}
