/* SPDX-License-Identifier: ISC */
/* What the switch says unasked, waiting behind the replies (DESIGN section 6).
 *
 * Three classes share a connection.  Replies go straight to the socket's buffer.  Port-status and flow-removed follow while that is
 * short; a port has at most one port-status waiting, its last state.  Packet-ins come last, fair among the ports they came from, and
 * the first to be dropped.  So a peer that reads slowly delays itself, and one that doesn't read costs a bounded amount. */
#ifndef OFPROTO_CONN_OUTQ_H
#define OFPROTO_CONN_OUTQ_H

#include "fair_queue.h"
#include "messages.h"

struct conn;
struct evbuffer;

struct outq {
	struct fair_queue packet_ins;
	struct list ports; /* port-statuses */
	struct evbuffer *events; /* flow-removed and table-status, whole messages */
	uint64_t packet_ins_dropped, events_dropped;
};

/* False: no memory. */
bool outq_init(struct outq *);
void outq_fini(struct outq *);

/* Each of these takes the message in c->out, or drops and counts it, and empties c->out. */
void outq_packet_in(struct conn *c, uint32_t in_port);
void outq_event(struct conn *c); /* flow-removed, table-status */
/* Not encoded yet: it may be merged with what waits for that port. */
void outq_port_status(struct conn *c, const struct port_status *);

/* Moves on what the socket's buffer has room for. */
void outq_move(struct conn *c);
/* Moves all port-statuses and flow-removed: what a barrier's reply may not overtake. */
void outq_flush_events(struct conn *c);
/* Bytes of flow-removed messages that wait. */
size_t outq_events_len(const struct outq *);
/* True while so much waits that the peer should read before it asks for more. */
bool outq_is_full(const struct outq *);

#endif
