/* SPDX-License-Identifier: ISC */
/* Who listens at BRIDGE.snoop gets a copy of every message from and to the controllers, as `ovs-ofctl snoop` prints them. */
#ifndef OFPROTO_CONN_SNOOP_H
#define OFPROTO_CONN_SNOOP_H

#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct conn;
struct ofproto;

/* Takes 'bev' over. */
void snooper_create(struct ofproto *, struct bufferevent *);
/* One whole message that 'c' has received or is about to send. */
void snoop_copy(const struct conn *c, const uint8_t *msg, size_t len);
void snoop_close_all(struct ofproto *);

#endif
