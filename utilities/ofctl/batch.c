/* SPDX-License-Identifier: ISC */
/* State changes on their way to a switch.  Replies are read while requests are still being written: a switch that says much about
 * little must not block both sides. */
#include "batch.h"

#include "xalloc.h"

#include <stdlib.h>

#define CHUNK (1u << 16) /* bytes */

void
batch_fini(struct batch *b)
{
	for (size_t i = 0; i < b->n_chunks; i++)
		wbuf_fini(&b->chunks[i]);
	free(b->chunks);
	free(b->lines);
}

struct wbuf *
batch_next(struct batch *b, unsigned line)
{
	static const struct wbuf empty = WBUF_INIT(CHUNK + OFP_MAX_MSG_LEN);

	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		b->lines = xrealloc(b->lines, b->cap, sizeof(*b->lines));
	}
	if (!b->n_chunks || b->chunks[b->n_chunks - 1].len >= CHUNK) {
		b->chunks = xrealloc(b->chunks, b->n_chunks + 1, sizeof(*b->chunks));
		b->chunks[b->n_chunks++] = empty;
	}
	if (!b->n)
		b->first_xid = client_xid(NULL);
	else
		(void)client_xid(NULL);
	b->lines[b->n++] = line;
	return &b->chunks[b->n_chunks - 1];
}

uint32_t
batch_xid(const struct batch *b)
{
	return b->first_xid + (uint32_t)b->n - 1;
}

const char *
batch_where(const struct batch *b, uint32_t xid, char *buf, size_t size)
{
	const uint32_t i = xid - b->first_xid;

	*buf = '\0';
	if (b->file && i < b->n)
		snprintf(buf, size, "%s:%u: ", b->file, b->lines[i]);
	return buf;
}

struct progress {
	const struct batch *batch;
	uint32_t barrier;
	bool done;
	int ret;
};

static void
take_reply(struct ofctl *o, struct progress *p, const uint8_t *msg, size_t len)
{
	const struct ofp_hdr h = ofp_hdr_decode(msg);
	char where[512];

	if (h.type == OFPT_ERROR) {
		p->ret = 1;
		fflush(stdout);
		print_message(o, stderr, msg, len);
		if (*batch_where(p->batch, h.xid, where, sizeof(where)))
			fprintf(stderr, "rf-ofctl: %sthe switch refused this line\n", where);
	}
	p->done |= h.xid == p->barrier;
}

int
batch_send(struct ofctl *o, struct batch *b)
{
	struct progress p = {.batch = b, .barrier = client_xid(o->client), .ret = 0};
	struct wbuf end = WBUF_INIT(OFP_HEADER_LEN);
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg = NULL;
	bool ok = true;
	size_t len;

	simple_encode(&end, OFPT_BARRIER_REQUEST, p.barrier);
	for (size_t i = 0; ok && i <= b->n_chunks; i++) {
		ok = client_send(o->client, i < b->n_chunks ? &b->chunks[i] : &end, &err);
		while (ok && client_readable(o->client) && (msg = client_recv(o->client, 0, &len, &err)) != NULL)
			take_reply(o, &p, msg, len);
		ok = ok && !err.len;
		if (i < b->n_chunks)
			wbuf_fini(&b->chunks[i]);
	}
	while (ok && !p.done) {
		msg = client_recv(o->client, -1, &len, &err);
		ok = msg != NULL;
		if (ok)
			take_reply(o, &p, msg, len);
	}
	if (!ok)
		p.ret = fail("talking to %s (%s)", target_name(o), sbuf_str(&err));
	wbuf_fini(&end);
	sbuf_fini(&err);
	return p.ret;
}
