/* SPDX-License-Identifier: ISC */
/* A message that takes longer than a turn of the control loop: it goes on turn by turn while everything else does too.
 *
 * There is at most one such work in a switch.  The connection that asked for it handles no further request until it is done (echoes
 * apart), so a barrier behind it is true.  Other connections: what changes the tables waits while the work is 'closed'; when it is not,
 * only what needs the tables for itself waits (DELETE, MODIFY, CHECK_OVERLAP, groups, meters, bundles, table features).  Everything else is
 * answered as ever.  The work goes on if its connection closes.
 *
 * It pauses while what it has told (flow-removed messages, flow monitors) fills the queue of a peer that reads. */
#ifndef OFPROTO_CONN_WORK_H
#define OFPROTO_CONN_WORK_H

#include "sweep.h"

struct conn;
struct ofproto;

/* The first member of what a kind of work needs; allocated by who starts it. */
struct work {
	/* Goes on until clock_ns() has passed 'until_ns', outside any section to begin with and to end with.  True: all is done. */
	bool (*step)(struct ofproto *, struct work *, uint64_t until_ns);
	/* Frees it, done or (the switch stops) not. */
	void (*destroy)(struct work *);
	bool closed; /* nobody else may change the tables before the next step */
	/* work.c's */
	struct conn *conn; /* NULL: it has closed */
	uint32_t xid;
	bool told_own; /* see monitor.h */
};

/* Takes over 'w', and does what a turn has room for: often that is all.  Called by the handler of a message of op->origin, which must be
 * one that work_holds_back would hold back. */
void work_start(struct ofproto *, struct work *w);
/* A sweep (sweep.h) as work.  'aux' is the plan's and is freed with free() after it, or if this fails; false: no memory. */
bool work_sweep(struct ofproto *, const struct sweep_plan *, void *aux);

/* A change that takes its flow entries away before it is made: a group or a meter goes. */
struct removal {
	bool (*step)(void *change, unsigned max, unsigned *removed); /* in a section: takes at most 'max' away; true: there are more */
	void (*commit)(struct ofproto *, void *change); /* in a section, when none is left */
	void (*free)(void *change); /* after it or (the switch stops) instead */
	bool large; /* there may be much to free */
};
/* Takes over 'change', and carries it out: at once if it has few flow entries, and else as work.  Opens a section, and may leave it open. */
void work_removal(struct ofproto *, const struct removal *, void *change);

/* True if the message, OpenFlow's header first, of 'len' bytes, waits for the work under way. */
bool work_holds_back(const struct conn *, const uint8_t *msg, size_t len);
#define WORK_PEEK 46u /* bytes of a message that work_holds_back looks at, at most */
/* The connection is going. */
void work_forget(struct conn *);
/* True while peers that read have so much unread that whoever has more to tell should wait. */
bool work_should_pause(struct ofproto *);

/* For ofproto.c. */
void work_continue(struct ofproto *);
void work_cancel(struct ofproto *);

#endif
