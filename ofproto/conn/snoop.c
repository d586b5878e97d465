/* SPDX-License-Identifier: ISC */
/* See snoop.h.  A snooper says HELLO, which is not looked at, and is then only spoken to; what it does not read in time it misses. */
#include "snoop.h"

#include "conn.h"

#include "loop.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>

#define MAX_OUTPUT (1024 * 1024) /* bytes it may leave unread */

struct snooper {
	struct list node; /* in ofproto.snoopers */
	struct ofproto *op;
	struct bufferevent *bev;
};

static void
snooper_destroy(struct snooper *s)
{
	list_remove(&s->node);
	s->op->n_snoopers--;
	bufferevent_free(s->bev);
	free(s);
}

static void
on_read(struct bufferevent *bev, void *aux)
{
	struct evbuffer *in = bufferevent_get_input(bev);

	loop_mark();
	(void)aux;
	evbuffer_drain(in, evbuffer_get_length(in));
}

static void
on_event(struct bufferevent *bev, short what, void *aux)
{
	struct snooper *s = aux;
	struct ofproto *op = s->op;

	loop_mark();
	(void)bev;
	(void)what;
	snooper_destroy(s);
	mgmt_peer_left(op);
}

void
snooper_create(struct ofproto *op, struct bufferevent *bev)
{
	struct snooper *s = calloc(1, sizeof(*s));
	struct wbuf b = WBUF_INIT(64);

	if (!s) {
		bufferevent_free(bev);
		return;
	}
	s->op = op;
	s->bev = bev;
	list_push_back(&op->snoopers, &s->node);
	op->n_snoopers++;
	bufferevent_setcb(bev, on_read, NULL, on_event, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	hello_encode(&b, 0);
	bufferevent_write(bev, b.data, b.len);
	wbuf_fini(&b);
}

void
snoop_copy(const struct conn *c, const uint8_t *msg, size_t len)
{
	if (c->is_mgmt)
		return;
	LIST_FOR_EACH (n, &c->op->snoopers) {
		struct snooper *s = CONTAINER_OF(n, struct snooper, node);

		if (evbuffer_get_length(bufferevent_get_output(s->bev)) + len <= MAX_OUTPUT)
			bufferevent_write(s->bev, msg, len);
	}
}

void
snoop_close_all(struct ofproto *op)
{
	while (!list_is_empty(&op->snoopers))
		snooper_destroy(CONTAINER_OF(op->snoopers.next, struct snooper, node));
}
