/* SPDX-License-Identifier: ISC */
/* Multipart replies (7.3.5): short ones written at once, long ones by cursor.
 *
 * A dump is written a part at a time, when the peer has read most of what went before, and never for longer than a few milliseconds in
 * one turn of the loop.  While it runs, the connection's other requests wait (echoes don't), so replies keep the order of the
 * requests, and the parts of two replies never mix (X5). */
#ifndef OFPROTO_CONN_REPLY_H
#define OFPROTO_CONN_REPLY_H

#include "conn.h"

/* Short replies: begin, encode entries to c->out, end.  reply_next before an entry of at most 'entry' bytes ends a part that would
 * become too long and begins the next; it returns the new 'start'. */
size_t reply_begin(struct conn *, uint32_t xid, uint16_t mp_type);
size_t reply_next(struct conn *, size_t start, uint32_t xid, uint16_t mp_type, size_t entry);
void reply_end(struct conn *, size_t start);

/* Long replies.  dump_prepare gives the connection's dump, zeroed, for the handler to put its position in; dump_start then takes
 * 'next', which appends one entry to d->part and says DUMP_ENTRY, or DUMP_PAUSE when it has looked at a few hundred things in vain, or
 * DUMP_END (with or without a last entry).  An experimenter's
 * multipart (of the ONF) says so in d->exp_type.  Between two calls anything may have changed: keep positions, not pointers. */
struct dump *dump_prepare(struct conn *);
void dump_start(struct conn *, uint32_t xid, uint16_t mp_type, enum dump_step (*next)(struct conn *, struct dump *));
/* Sends the entries that the part of an ONF multipart has so far, as a part of its own: for what must come after them. */
void dump_cut(struct conn *);
/* Goes on with it; conn.c calls this. */
void dump_continue(struct conn *);
void dump_fini(struct dump *);

#endif
