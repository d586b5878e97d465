/* SPDX-License-Identifier: ISC */
/* The parts of multipart replies: see reply.h. */
#include "reply.h"

#include "clock.h"
#include "extensions.h"

#define PART_MAX 60000 /* bytes */
#define DUMP_LOW (128 * 1024) /* write the next part while less is queued */
#define ENTRIES 64 /* between two looks at the clock */

size_t
reply_begin(struct conn *c, uint32_t xid, uint16_t mp_type)
{
	return multipart_begin(&c->out, OFPT_MULTIPART_REPLY, xid, mp_type, 0);
}

void
reply_end(struct conn *c, size_t start)
{
	ofp_end(&c->out, start);
	conn_flush_out(c);
}

size_t
reply_next(struct conn *c, size_t start, uint32_t xid, uint16_t mp_type, size_t entry)
{
	if (c->out.len - start + entry <= PART_MAX)
		return start;
	multipart_set_more(&c->out, start);
	reply_end(c, start);
	return reply_begin(c, xid, mp_type);
}

struct dump *
dump_prepare(struct conn *c)
{
	dump_fini(&c->dump);
	c->dump = (struct dump){.part = WBUF_INIT(1 << 18)};
	return &c->dump;
}

void
dump_fini(struct dump *d)
{
	wbuf_fini(&d->part);
	d->active = false;
}

void
dump_start(struct conn *c, uint32_t xid, uint16_t mp_type, enum dump_step (*next)(struct conn *, struct dump *))
{
	struct dump *d = &c->dump;

	d->xid = xid;
	d->type = mp_type;
	d->next = next;
	d->active = true;
	dump_continue(c);
}

/* Bytes before the first entry of a part. */
static size_t
head_len(const struct dump *d)
{
	return OFP_HEADER_LEN + 8 + (d->exp_type ? 8 : 0);
}

/* Sends the first 'len' bytes of the part; what follows them begins the next. */
static void
send_part(struct conn *c, struct dump *d, size_t len, bool more)
{
	const size_t head = head_len(d), tail = d->part.len - len;

	if (!wbuf_ok(&d->part)) {
		conn_close(c, "no memory for a reply");
		return;
	}
	if (more)
		multipart_set_more(&d->part, 0);
	wbuf_patch_be16(&d->part, 2, (uint16_t)len);
	conn_write(c, d->part.data, len);
	if (!more)
		return;
	memmove(d->part.data + head, d->part.data + len, tail);
	d->part.len = head + tail;
	wbuf_patch_be16(&d->part, 10, 0);
}

/* One entry; false when the dump has to wait. */
static bool
step(struct conn *c, struct dump *d, unsigned n)
{
	const size_t before = d->part.len;
	const enum dump_step s = d->next(c, d);

	if (d->part.len > PART_MAX && before > head_len(d))
		send_part(c, d, before, true);
	if (s == DUMP_END) {
		send_part(c, d, d->part.len, false);
		dump_fini(d);
		return false;
	}
	if ((s == DUMP_PAUSE || n % ENTRIES == 0) && clock_ns() > c->until_ns) {
		conn_again(c);
		return false;
	}
	return true;
}

void
dump_cut(struct conn *c)
{
	struct dump *d = &c->dump;

	if (d->active && d->exp_type && d->part.len > head_len(d) && !c->closing)
		send_part(c, d, d->part.len, true);
}

void
dump_continue(struct conn *c)
{
	struct dump *d = &c->dump;

	if (!d->part.len && d->active && d->exp_type)
		onf_multipart_begin(&d->part, OFPT_MULTIPART_REPLY, d->xid, d->exp_type, 0);
	else if (!d->part.len && d->active)
		multipart_begin(&d->part, OFPT_MULTIPART_REPLY, d->xid, d->type, 0);
	for (unsigned n = 1; d->active && !c->closing && conn_output_len(c) < DUMP_LOW; n++) {
		if (!step(c, d, n))
			return;
	}
}
