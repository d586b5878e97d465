/* SPDX-License-Identifier: ISC */
/* See outq.h. */
#include "outq.h"

#include "conn.h"
#include "log.h"

#include <event2/buffer.h>
#include <stdlib.h>

#define PACKET_IN_MAX (512u * 1024) /* bytes of packet-ins that wait, PACKET_IN_EXTRA for each included */
#define PACKET_IN_EXTRA 64
#define PACKET_IN_LOW (32u * 1024) /* they move on while less than this is to be sent; below the write watermark */
#define EVENTS_LOW (48u * 1024) /* the same for port-status and flow-removed */
#define EVENTS_FULL (1024u * 1024) /* bytes that make requests wait */
#define EVENTS_MAX (16u * 1024 * 1024) /* bytes; what comes then is dropped and counted */

struct pin {
	struct fair_item item;
	size_t len;
	uint8_t data[];
};

struct port_note {
	struct list node;
	struct port_status status;
};

bool
outq_init(struct outq *q)
{
	fair_init(&q->packet_ins, PACKET_IN_MAX);
	list_init(&q->ports);
	q->events = evbuffer_new();
	q->packet_ins_dropped = q->events_dropped = 0;
	return q->events != NULL;
}

void
outq_fini(struct outq *q)
{
	struct fair_item *item;
	struct list *n;

	while ((item = fair_pop(&q->packet_ins)) != NULL)
		free(CONTAINER_OF(item, struct pin, item));
	while ((n = list_pop_front(&q->ports)) != NULL)
		free(CONTAINER_OF(n, struct port_note, node));
	if (q->events)
		evbuffer_free(q->events);
}

static bool
events_wait(const struct outq *q)
{
	return !list_is_empty(&q->ports) || evbuffer_get_length(q->events) != 0;
}

static void
send_port_note(struct conn *c)
{
	struct port_note *note = CONTAINER_OF(list_pop_front(&c->outq.ports), struct port_note, node);

	port_status_encode(&c->out, 0, &note->status);
	conn_flush_out(c);
	free(note);
}

static void
send_event(struct conn *c)
{
	struct evbuffer *events = c->outq.events;
	const uint8_t *head = evbuffer_pullup(events, OFP_HEADER_LEN);
	const size_t len = head ? get_be16(head + 2) : 0;

	conn_write(c, evbuffer_pullup(events, (ev_ssize_t)len), len);
	evbuffer_drain(events, len);
}

static void
send_packet_in(struct conn *c)
{
	struct pin *pin = CONTAINER_OF(fair_pop(&c->outq.packet_ins), struct pin, item);

	conn_write(c, pin->data, pin->len);
	free(pin);
}

void
outq_move(struct conn *c)
{
	struct outq *q = &c->outq;

	while (!c->closing && !list_is_empty(&q->ports) && conn_output_len(c) < EVENTS_LOW)
		send_port_note(c);
	while (!c->closing && evbuffer_get_length(q->events) && conn_output_len(c) < EVENTS_LOW)
		send_event(c);
	while (!c->closing && fair_peek(&q->packet_ins) && conn_output_len(c) < PACKET_IN_LOW)
		send_packet_in(c);
}

void
outq_flush_events(struct conn *c)
{
	while (!list_is_empty(&c->outq.ports))
		send_port_note(c);
	while (evbuffer_get_length(c->outq.events))
		send_event(c);
}

size_t
outq_events_len(const struct outq *q)
{
	return evbuffer_get_length(q->events);
}

bool
outq_is_full(const struct outq *q)
{
	return evbuffer_get_length(q->events) >= EVENTS_FULL;
}

void
outq_packet_in(struct conn *c, uint32_t in_port)
{
	struct outq *q = &c->outq;
	struct pin *pin = c->closing || !wbuf_ok(&c->out) ? NULL : malloc(sizeof(*pin) + c->out.len);
	struct list victims, *v;

	list_init(&victims);
	if (pin) {
		pin->len = c->out.len;
		memcpy(pin->data, c->out.data, pin->len);
	}
	if (!pin || !fair_push(&q->packet_ins, in_port, &pin->item, pin->len + PACKET_IN_EXTRA, &victims)) {
		q->packet_ins_dropped++;
		free(pin);
	}
	while ((v = list_pop_front(&victims)) != NULL) {
		q->packet_ins_dropped++;
		free(CONTAINER_OF(v, struct pin, item.node));
	}
	wbuf_reset(&c->out);
	outq_move(c);
}

void
outq_event(struct conn *c)
{
	struct outq *q = &c->outq;

	if (!events_wait(q) && conn_output_len(c) < EVENTS_LOW) {
		conn_flush_out(c);
		return;
	}
	if (c->closing || !wbuf_ok(&c->out) || evbuffer_get_length(q->events) + c->out.len > EVENTS_MAX ||
	    evbuffer_add(q->events, c->out.data, c->out.len)) {
		if (!q->events_dropped++)
			log_warn(LOG_CONN,
			         "%s: it reads too slowly: flow-removed and table-status messages are dropped",
			         c->name);
	}
	wbuf_reset(&c->out);
}

static struct port_note *
find_note(struct outq *q, uint32_t port_no)
{
	LIST_FOR_EACH (n, &q->ports) {
		struct port_note *note = CONTAINER_OF(n, struct port_note, node);

		if (note->status.port.port_no == port_no)
			return note;
	}
	return NULL;
}

/* Puts the later news into the one that waits; false: the peer need not hear of that port at all. */
static bool
merge(struct port_status *waiting, const struct port_status *news)
{
	const uint8_t first = waiting->reason;

	if (first == OFPPR_ADD && news->reason == OFPPR_DELETE)
		return false;
	*waiting = *news;
	if (first == OFPPR_ADD)
		waiting->reason = OFPPR_ADD;
	else if (first == OFPPR_DELETE && news->reason == OFPPR_ADD)
		waiting->reason = OFPPR_MODIFY; /* it knows the port and has not heard that it went */
	return true;
}

void
outq_port_status(struct conn *c, const struct port_status *ps)
{
	struct outq *q = &c->outq;
	struct port_note *note = find_note(q, ps->port.port_no);

	if (note) {
		if (!merge(&note->status, ps)) {
			list_remove(&note->node);
			free(note);
		}
		return;
	}
	if (!events_wait(q) && conn_output_len(c) < EVENTS_LOW) {
		port_status_encode(&c->out, 0, ps);
		conn_flush_out(c);
		return;
	}
	note = malloc(sizeof(*note));
	if (!note) {
		q->events_dropped++;
		return;
	}
	note->status = *ps;
	list_push_back(&q->ports, &note->node);
}
