/* SPDX-License-Identifier: ISC */
/* One switch over the fake datapath, and peers at the other end of socket pairs.  Nothing leaves the process, and time stands still
 * unless rig_run is left to its own clock. */
#ifndef TESTS_FAKES_CONN_RIG_H
#define TESTS_FAKES_CONN_RIG_H

#include "conn.h"
#include "fake_datapath.h"

struct rig {
	struct event_base *base;
	struct counters *counters;
	struct ofproto *op;
};

/* A controller's side of a connection. */
struct peer {
	struct conn *conn;  /* the switch's side; NULL once the switch has closed */
	struct controller target;
	int fd;
	bool deaf;          /* rig_run does not read what comes */
	uint8_t *in;        /* what came and was not taken, bytes */
	size_t in_len, in_cap;
};

void rig_open(struct rig *, unsigned n_tables, unsigned n_ports);
void rig_close(struct rig *);
/* Lets both sides do what they can without waiting. */
void rig_run(struct rig *, struct peer *, size_t n_peers);

/* Connects a peer; 'mgmt': as if over the management socket. */
void peer_open(struct rig *, struct peer *, bool mgmt);
/* Connects, shakes hands (HELLO alone), and throws the switch's HELLO away. */
void peer_open_ready(struct rig *, struct peer *, bool mgmt);
void peer_close(struct rig *, struct peer *);
void peer_send(struct peer *, const void *, size_t);
/* The next whole message, taken out of p->in: valid until the next call of rig_run or peer_next.  NULL: none. */
const uint8_t *peer_next(struct peer *, size_t *len);
/* Sends 'b' and empties it, runs, and gives the next message. */
const uint8_t *peer_ask(struct rig *, struct peer *, struct wbuf *b, size_t *len);
/* True when the switch has closed its side. */
bool peer_is_gone(const struct rig *, const struct peer *);

#endif
