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
};

/* Opens 'target' (bridge name, socket path, unix:PATH, tcp:HOST[:PORT], ssl:HOST[:PORT]) and exchanges hellos.  NULL: 'err' has
 * the reason, naming the target. */
struct client *client_open(const char *target, const struct client_options *, struct sbuf *err);
/* The same without a hello of ours: 'suffix' is that of the socket for a bridge's name, "mgmt" or "snoop". */
struct client *
client_open_suffix(const char *target, const char *suffix, const struct client_options *, struct sbuf *err);
/* "unix:PATH", "tcp:HOST": what it is connected to. */
const char *client_name(const struct client *);
void client_close(struct client *);

/* The next transaction id; one count for the whole run. */
uint32_t client_xid(struct client *);
/* False: 'err' has the reason. */
bool client_send(struct client *, const struct wbuf *, struct sbuf *err);
/* The next message, valid until the next call; echo requests are answered on the way.  NULL: 'err' has the reason, and is empty
 * when nothing came within wait_ms (negative = the whole timeout). */
const uint8_t *client_recv(struct client *, int wait_ms, size_t *len, struct sbuf *err);
/* True if something can be read now. */
bool client_readable(struct client *);
/* The next message with this transaction id; others are dropped. */
const uint8_t *client_recv_xid(struct client *, uint32_t xid, size_t *len, struct sbuf *err);

#endif
