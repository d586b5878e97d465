/* SPDX-License-Identifier: ISC */
/* The handlers of msg_types.def and multipart_types.def, one file per noun (handle_flow.c, handle_port.c, ...).
 *
 * A handler returns OF_OK, or the error that the peer must get with the whole request; state is then unchanged.  Replies are written
 * to c->out and sent with conn_flush_out, or as a multipart (reply.h).  'body' ends where the message ends; sizes, direction and role
 * are checked by then as the rows say. */
#ifndef OFPROTO_CONN_HANDLERS_H
#define OFPROTO_CONN_HANDLERS_H

#include "conn.h"

typedef enum of_error handler(struct conn *c, const struct ofp_hdr *h, struct wire *body);
typedef enum of_error mp_handler(struct conn *c, uint32_t xid, struct wire *body);

#define MSG(type, min, exact, direction, slave, handler)                                                               \
	enum of_error handle_##handler(struct conn *c, const struct ofp_hdr *h, struct wire *body);
#include "msg_types.def"
#undef MSG

/* 'body' is that of the whole request, all its parts joined. */
#define MP(type, min, exact, handler)                                                                                  \
	enum of_error handle_mp_##handler(struct conn *c, uint32_t xid, struct wire *body);
#include "multipart_types.def"
#undef MP

/* Those of ONF_EXPERIMENTER_ID (handle_experimenter.c); 'body' is behind the experimenter's number and type. */
handler handle_bundle_control, handle_bundle_add, handle_monitor_cancel, handle_onf_table_mod;
mp_handler handle_mp_flow_monitor, handle_mp_table_desc;

/* Tells the controllers that asked for it of a table's vacancy event (table_events). */
void tell_vacancy(struct ofproto *, uint8_t table_id, enum ofp_table_reason);

/* The configuration that ports had before the changes of a bundle, the last change first. */
struct port_undo;
enum of_error port_mod_check(const struct ofproto *, const struct port_mod *);
/* Changes the port and pushes what it was to *undo. */
enum of_error port_mod_apply(struct ofproto *, const struct port_mod *, struct port_undo **undo);
/* Frees the list; 'back': puts the ports back first. */
void port_undo_all(struct ofproto *, struct port_undo *, bool back);

#endif
