/* SPDX-License-Identifier: ISC */
/* From a multipart request to its handler (7.3.5); a request in several parts is joined first.
 *
 * Parts belong together when their xids are equal.  Each connection may have MAX_REQUESTS of them open, of MAX_BODY bytes, for
 * MAX_AGE_NS; what is beyond is refused or forgotten, so that requests which never end cost a bounded amount. */
#include "handlers.h"
#include "multipart.h"

#include "clock.h"

#include <stdlib.h>

#define MAX_REQUESTS 4
#define MAX_BODY (1024u * 1024)
#define MAX_AGE_NS UINT64_C(5000000000)
#define HEAD 64 /* bytes of the first part, kept for the error that says it took too long */

struct mp_request {
	struct list node; /* in conn.mp_requests */
	uint32_t xid;
	uint16_t type;
	uint16_t head_len;
	uint64_t since_ns;
	struct wbuf body;
	uint8_t head[HEAD];
};

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

static struct mp_request *
find_open(struct conn *c, uint32_t xid)
{
	LIST_FOR_EACH (n, &c->mp_requests) {
		struct mp_request *r = CONTAINER_OF(n, struct mp_request, node);

		if (r->xid == xid)
			return r;
	}
	return NULL;
}

static unsigned
n_open(const struct conn *c)
{
	unsigned n = 0;

	LIST_FOR_EACH (it, &c->mp_requests)
		n++;
	return n;
}

static void
forget(struct mp_request *r)
{
	if (!r)
		return;
	list_remove(&r->node);
	wbuf_fini(&r->body);
	free(r);
}

void
multipart_forget_all(struct conn *c)
{
	while (!list_is_empty(&c->mp_requests))
		forget(CONTAINER_OF(c->mp_requests.next, struct mp_request, node));
}

void
multipart_expire(struct conn *c)
{
	const uint64_t now = clock_ns();

	LIST_FOR_EACH_SAFE (n, next, &c->mp_requests) {
		struct mp_request *r = CONTAINER_OF(n, struct mp_request, node);

		if (now - r->since_ns < MAX_AGE_NS)
			continue;
		conn_send_error(c, r->head, r->head_len, OFPBRC_MULTIPART_REQUEST_TIMEOUT);
		forget(r);
	}
}

/* Keeps the first bytes of the message whose body, multipart head read, is 'body'. */
static void
keep_head(struct mp_request *r, const struct ofp_hdr *h, const struct wire *body)
{
	const uint8_t *msg = body->p - OFP_HEADER_LEN - 8;

	r->head_len = h->length < HEAD ? h->length : HEAD;
	memcpy(r->head, msg, r->head_len);
}

static struct mp_request *
open_request(struct conn *c, const struct ofp_hdr *h, uint16_t type, const struct wire *body)
{
	struct mp_request *r = n_open(c) < MAX_REQUESTS ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	r->xid = h->xid;
	r->type = type;
	r->since_ns = clock_ns();
	r->body = (struct wbuf)WBUF_INIT(MAX_BODY);
	keep_head(r, h, body);
	list_push_back(&c->mp_requests, &r->node);
	return r;
}

/* Adds a part to its request; the request is forgotten when it can't. */
static enum of_error
join(struct conn *c, const struct ofp_hdr *h, const struct multipart_hdr *m, struct mp_request **rp, struct wire *body)
{
	const size_t len = wire_left(body);
	struct mp_request *r = *rp;

	if (!r && !(r = *rp = open_request(c, h, m->type, body)))
		return OFPBRC_MULTIPART_BUFFER_OVERFLOW;
	if (r->type != m->type) {
		forget(r);
		return OFPBRC_BAD_MULTIPART;
	}
	wbuf_put(&r->body, wire_take(body, len), len);
	if (wbuf_ok(&r->body))
		return OF_OK;
	forget(r);
	return OFPBRC_MULTIPART_BUFFER_OVERFLOW;
}

static enum of_error
answer(struct conn *c, const struct row *row, uint32_t xid, struct wire *body)
{
	if (wire_left(body) < row->min || (row->exact && wire_left(body) != row->min))
		return OFPBRC_BAD_LEN;
	ofproto_release(c->op);
	return row->handler(c, xid, body);
}

enum of_error
handle_multipart(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct mp_request *r = find_open(c, h->xid);
	struct multipart_hdr m;
	enum of_error error = multipart_hdr_decode(body, &m);
	const struct row *row = find(m.type);
	struct wire joined;

	if (error)
		return error;
	if (!row) {
		forget(r);
		return OFPBRC_BAD_MULTIPART;
	}
	if (!r && !(m.flags & OFPMPF_REQ_MORE))
		return answer(c, row, h->xid, body);
	error = join(c, h, &m, &r, body);
	if (error || (m.flags & OFPMPF_REQ_MORE))
		return error;
	joined = wire_init(r->body.len ? r->body.data : r->head, r->body.len);
	error = answer(c, row, h->xid, &joined);
	forget(r);
	return error;
}
