/* SPDX-License-Identifier: ISC */
/* Flow monitors (EXT-187): who wants to hear of changes of the flow tables, and what he is told.
 *
 * Updates go straight to the socket's buffer, so that they keep their place among replies.  When more waits there than PAUSE_AT, the
 * monitors of that connection pause: deletions are still told, the rest is found again by its time stamps when the peer has read
 * what there was.  A peer that reads nothing at all is closed at CLOSE_AT. */
#ifndef OFPROTO_CONN_MONITOR_H
#define OFPROTO_CONN_MONITOR_H

#include "list.h"
#include "tables.h"
#include "wire.h"

struct conn;
struct ofproto;

struct monitors {
	struct list list; /* of one connection */
	struct wbuf out; /* updates not yet sent: the part under construction */
	unsigned n;
	/* Paused, as the peer knows it, is all but MONITORS_RUN. */
	enum {
		MONITORS_RUN,
		MONITORS_SILENT, /* until the peer has read */
		MONITORS_WALK, /* what has changed meanwhile is looked for */
		MONITORS_DONE, /* and told */
	} state;
	bool told_own; /* the message under way has been abbreviated already */
	bool lost; /* an update could not be kept: the connection must go */
	uint64_t since_ns; /* SILENT: changes not older than this have not been told */
	uint64_t walk_ns; /* the same, of the walk under way */
};

void monitors_init(struct monitors *);
void monitors_fini(struct monitors *, struct ofproto *);

/* A flow entry was added (ONFFME_ADDED), modified, or deleted for 'reason'. */
void monitors_tell(struct ofproto *, const struct rule *, unsigned event, unsigned reason);
/* Sends what has been collected: with the end of each exclusive section. */
void monitors_flush(struct ofproto *);
/* Goes on after a pause when the peer has read enough. */
void monitors_resume(struct conn *);

#endif
