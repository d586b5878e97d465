/* SPDX-License-Identifier: ISC */
/* From a multipart request to its handler (7.3.5). */
#include "handlers.h"

struct row {
	uint16_t type, min;
	bool exact;
	enum of_error (*handler)(struct conn *c, uint32_t xid, struct wire *body);
};

static const struct row rows[] = {
#define MP(type, min, exact, handler) {OFPMP_##type, min, (exact) != 0, handle_mp_##handler},
#include "multipart_types.def"
#undef MP
};

static const struct row *
find(uint16_t type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type)
			return &rows[i];
	}
	return NULL;
}

enum of_error
handle_multipart(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct multipart_hdr m;
	enum of_error error = multipart_hdr_decode(body, &m);
	const struct row *row = find(m.type);

	if (error)
		return error;
	if (!row)
		return OFPBRC_BAD_MULTIPART;
	if (m.flags & OFPMPF_REQ_MORE)
		return OFPBRC_MULTIPART_BUFFER_OVERFLOW;
	if (wire_left(body) < row->min || (row->exact && wire_left(body) != row->min))
		return OFPBRC_BAD_LEN;
	ofproto_release(c->op);
	return row->handler(c, h->xid, body);
}
