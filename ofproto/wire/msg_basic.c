/* SPDX-License-Identifier: ISC */
/* Headers, hello, error, echo, features, configuration, role, async (7.1, 7.3.1, 7.3.2, 7.3.9, 7.3.10, 7.4.4, 7.5). */
#include "messages.h"

static const struct ofp_type_info types[OFPT_N_TYPES] = {
#define MSG(type, min, exact, direction, slave, handler)                                                               \
	[OFPT_##type] = {"OFPT_" #type, min, (exact) != 0, OFP_##direction, (slave) != 0},
#include "msg_types.def"
#undef MSG
};

const struct ofp_type_info *
ofp_type_info(uint8_t type)
{
	return type < OFPT_N_TYPES ? &types[type] : NULL;
}

struct ofp_hdr
ofp_hdr_decode(const uint8_t *data)
{
	struct ofp_hdr h = {data[0], data[1], get_be16(data + 2), get_be32(data + 4)};

	return h;
}

size_t
ofp_begin(struct wbuf *b, uint8_t type, uint32_t xid)
{
	const size_t start = b->len;

	wbuf_put_u8(b, OFP_VERSION);
	wbuf_put_u8(b, type);
	wbuf_put_be16(b, OFP_HEADER_LEN);
	wbuf_put_be32(b, xid);
	return start;
}

void
ofp_end(struct wbuf *b, size_t start)
{
	wbuf_patch_be16(b, start + 2, (uint16_t)(b->len - start));
}

static enum of_error
body_end(const struct wire *w)
{
	return wire_ok(w) ? OF_OK : OFPBRC_BAD_LEN;
}

enum of_error
hello_decode(struct wire *body, uint8_t header_version, uint32_t *versions)
{
	*versions = header_version >= 31 ? UINT32_MAX : (UINT32_C(2) << header_version) - 1;
	if (header_version < OFP_VERSION)
		*versions = UINT32_C(1) << header_version;
	while (wire_left(body) >= 4) {
		const uint16_t type = wire_be16(body);
		const uint16_t len = wire_be16(body);
		struct wire elem;

		if (len < 4)
			return OFPHFC_INCOMPATIBLE;
		elem = wire_sub(body, len - 4u);
		if (!wire_ok(&elem))
			return OFPHFC_INCOMPATIBLE;
		wire_skip(body, wire_left(body) < (8 - len % 8u) % 8u ? wire_left(body) : (8 - len % 8u) % 8u);
		if (type == OFPHET_VERSIONBITMAP && wire_left(&elem) >= 4)
			*versions = wire_be32(&elem);
	}
	return OF_OK;
}

void
hello_encode(struct wbuf *b, uint32_t xid)
{
	const size_t start = ofp_begin(b, OFPT_HELLO, xid);

	wbuf_put_be16(b, OFPHET_VERSIONBITMAP);
	wbuf_put_be16(b, 8);
	wbuf_put_be32(b, UINT32_C(1) << OFP_VERSION);
	ofp_end(b, start);
}

void
error_encode(struct wbuf *b, uint32_t xid, enum of_error error, const void *data, size_t len)
{
	const uint16_t type = of_error_type(error);
	const size_t start = ofp_begin(b, OFPT_ERROR, xid);
	const size_t head = type == 0xffff ? 16 : 12;

	wbuf_put_be16(b, type);
	wbuf_put_be16(b, of_error_code(error));
	if (type == 0xffff)
		wbuf_put_be32(b, ONF_EXPERIMENTER_ID);
	wbuf_put(b, data, len < OFP_MAX_MSG_LEN - head ? len : OFP_MAX_MSG_LEN - head);
	ofp_end(b, start);
}

enum of_error
error_decode(struct wire *body, struct error_msg *e)
{
	memset(e, 0, sizeof(*e));
	e->type = wire_be16(body);
	e->code = wire_be16(body);
	if (e->type == 0xffff)
		e->experimenter = wire_be32(body);
	e->len = wire_left(body);
	e->data = wire_take(body, e->len);
	return body_end(body);
}

void
simple_encode(struct wbuf *b, uint8_t type, uint32_t xid)
{
	ofp_begin(b, type, xid);
}

void
echo_encode(struct wbuf *b, uint8_t type, uint32_t xid, const void *data, size_t len)
{
	const size_t start = ofp_begin(b, type, xid);

	wbuf_put(b, data, len);
	ofp_end(b, start);
}

void
features_reply_encode(struct wbuf *b, uint32_t xid, const struct features_reply *f)
{
	const size_t start = ofp_begin(b, OFPT_FEATURES_REPLY, xid);

	wbuf_put_be64(b, f->datapath_id);
	wbuf_put_be32(b, f->n_buffers);
	wbuf_put_u8(b, f->n_tables);
	wbuf_put_u8(b, f->auxiliary_id);
	wbuf_put_zeros(b, 2);
	wbuf_put_be32(b, f->capabilities);
	wbuf_put_zeros(b, 4);
	ofp_end(b, start);
}

enum of_error
features_reply_decode(struct wire *body, struct features_reply *f)
{
	f->datapath_id = wire_be64(body);
	f->n_buffers = wire_be32(body);
	f->n_tables = wire_u8(body);
	f->auxiliary_id = wire_u8(body);
	wire_skip(body, 2);
	f->capabilities = wire_be32(body);
	wire_skip(body, 4);
	return body_end(body);
}

void
switch_config_encode(struct wbuf *b, uint8_t type, uint32_t xid, const struct switch_config *c)
{
	const size_t start = ofp_begin(b, type, xid);

	wbuf_put_be16(b, c->flags);
	wbuf_put_be16(b, c->miss_send_len);
	ofp_end(b, start);
}

enum of_error
switch_config_decode(struct wire *body, struct switch_config *c)
{
	c->flags = wire_be16(body);
	c->miss_send_len = wire_be16(body);
	return body_end(body);
}

void
role_encode(struct wbuf *b, uint8_t type, uint32_t xid, const struct role_msg *r)
{
	const size_t start = ofp_begin(b, type, xid);

	wbuf_put_be32(b, r->role);
	wbuf_put_be32(b, 0);
	wbuf_put_be64(b, r->generation_id);
	ofp_end(b, start);
}

enum of_error
role_decode(struct wire *body, struct role_msg *r)
{
	r->role = wire_be32(body);
	wire_skip(body, 4);
	r->generation_id = wire_be64(body);
	return body_end(body);
}

void
async_encode(struct wbuf *b, uint8_t type, uint32_t xid, const struct async_config *a)
{
	const size_t start = ofp_begin(b, type, xid);

	for (unsigned i = 0; i < 2; i++)
		wbuf_put_be32(b, a->packet_in[i]);
	for (unsigned i = 0; i < 2; i++)
		wbuf_put_be32(b, a->port_status[i]);
	for (unsigned i = 0; i < 2; i++)
		wbuf_put_be32(b, a->flow_removed[i]);
	ofp_end(b, start);
}

enum of_error
async_decode(struct wire *body, struct async_config *a)
{
	for (unsigned i = 0; i < 2; i++)
		a->packet_in[i] = wire_be32(body);
	for (unsigned i = 0; i < 2; i++)
		a->port_status[i] = wire_be32(body);
	for (unsigned i = 0; i < 2; i++)
		a->flow_removed[i] = wire_be32(body);
	return body_end(body);
}

enum of_error
queue_get_config_request_decode(struct wire *body, uint32_t *port)
{
	*port = wire_be32(body);
	return body_end(body);
}

void
queue_get_config_request_encode(struct wbuf *b, uint32_t xid, uint32_t port)
{
	const size_t start = ofp_begin(b, OFPT_QUEUE_GET_CONFIG_REQUEST, xid);

	wbuf_put_be32(b, port);
	wbuf_put_be32(b, 0);
	ofp_end(b, start);
}
