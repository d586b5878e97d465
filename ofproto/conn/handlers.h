/* SPDX-License-Identifier: ISC */
/* The handlers of msg_types.def and multipart_types.def, one file per noun (handle_flow.c, handle_port.c, ...).
 *
 * A handler returns OF_OK, or the error that the peer must get with the whole request; state is then unchanged.  Replies are written
 * to c->out and sent with conn_flush_out, or as a multipart (reply.h).  'body' ends where the message ends; sizes, direction and role
 * are checked by then as the rows say. */
#ifndef OFPROTO_CONN_HANDLERS_H
#define OFPROTO_CONN_HANDLERS_H

#include "conn.h"

#define MSG(type, min, exact, direction, slave, handler)                                                               \
	enum of_error handle_##handler(struct conn *c, const struct ofp_hdr *h, struct wire *body);
#include "msg_types.def"
#undef MSG

/* 'body' is that of the whole request, all its parts joined. */
#define MP(type, min, exact, handler) enum of_error handle_mp_##handler(struct conn *c, uint32_t xid, struct wire *body);
#include "multipart_types.def"
#undef MP

#endif
