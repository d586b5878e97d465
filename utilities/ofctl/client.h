/* SPDX-License-Identifier: ISC */
/* One blocking OpenFlow 1.3 connection to a switch, for command line use. */
#ifndef UTILITIES_OFCTL_CLIENT_H
#define UTILITIES_OFCTL_CLIENT_H

#include "messages.h"
#include "sbuf.h"
#include "wire.h"

struct client;

struct client_options {
	const char *rundir;
	const char *key, *cert, *ca; /* for ssl:, or NULL */
	int timeout_s; /* 0 = none */
};

/* Opens 'target' (bridge name, socket path, unix:PATH, tcp:HOST[:PORT], ssl:HOST[:PORT]) and exchanges hellos.  NULL: 'err' has
 * the reason. */
struct client *client_open(const char *target, const struct client_options *, struct sbuf *err);
void client_close(struct client *);

/* The next transaction id. */
uint32_t client_xid(struct client *);
/* False: 'err' has the reason. */
bool client_send(struct client *, const struct wbuf *, struct sbuf *err);
/* The next message, valid until the next call; echo requests are answered on the way.  NULL: 'err' has the reason, and is empty
 * when nothing came within wait_ms (negative = the whole timeout). */
const uint8_t *client_recv(struct client *, int wait_ms, size_t *len, struct sbuf *err);
/* The next message with this transaction id; others are dropped. */
const uint8_t *client_recv_xid(struct client *, uint32_t xid, size_t *len, struct sbuf *err);

#endif
