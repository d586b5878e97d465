/* SPDX-License-Identifier: ISC */
/* One OpenFlow connection, and what all handlers share.  Private to ofproto.c and conn/. */
#ifndef OFPROTO_CONN_CONN_H
#define OFPROTO_CONN_CONN_H

#include "list.h"
#include "messages.h"
#include "monitor.h"
#include "ofproto.h"
#include "outq.h"
#include "pipeline.h"
#include "txn.h"
#include "work.h"

struct bufferevent;
struct conn;
struct controller;
struct evbuffer;
struct event;
struct ssl_ctx_st;
struct ssl_st;
struct unix_socket;

enum dump_step { DUMP_ENTRY, DUMP_PAUSE, DUMP_END };

/* A long multipart reply in progress (reply.h). */
struct dump {
	bool active;
	uint16_t type;
	uint32_t xid;
	struct wbuf part; /* the part under construction */
	enum dump_step (*next)(struct conn *, struct dump *);
	/* where the handler's 'next' is */
	struct flow_stats_request req;
	struct tables_cursor cursor;
	struct aggregate_stats sum;
	uint32_t exp_type; /* an ONF multipart, if not 0 */
	uint32_t position;
	bool single, done;
};

/* What all connections of one controller share (6.3.5, 6.3.6, 7.3.2). */
struct session {
	uint32_t role;
	uint16_t miss_send_len;
	bool async_on;             /* a management connection asks for packet-ins first */
	struct async_config async;
	bool knows_ext192; /* it has used it: flow entries have importances when they are told to it */
	uint64_t vacancy_tables[4]; /* bit: it has switched on the vacancy events of this table, and is told of them (EXT-192) */
};

struct conn {
	struct list node; /* in ofproto.conns */
	struct ofproto *op;
	struct controller *owner; /* the target it belongs to; NULL: management socket */
	struct bufferevent *bev;
	char name[160];
	bool connected, hello_seen, handshake_done, is_mgmt, closing;
	bool read_only; /* it may look, and change nothing of the switch */
	struct session own, *s;    /* 's': the main connection's */
	struct conn *main;         /* of an auxiliary connection; NULL: it is a main one */
	uint8_t aux_id;            /* 0: main */
	uint8_t peer[16];          /* address of one that was accepted */
	struct event *probe;       /* inactivity */
	struct event *again;       /* more can be done in the next turn */
	bool again_due;
	uint64_t until_ns;         /* its part of the turn under way */
	uint64_t behind_ns;        /* since when it has not read on, with too much unread; 0: it is not behind */
	size_t behind_len;
	bool echo_sent;
	uint64_t last_rx_ns, created_ns;
	struct dump dump;
	struct list mp_requests; /* whose last part has not come */
	struct monitors monitors; /* flow monitors */
	struct list bundles; /* open ones (bundle.h) */
	struct evbuffer *waiting; /* whole requests that wait for the end of the dump */
	struct wbuf out; /* reused for each message */
	struct outq outq; /* what is said unasked */
	bool linger; /* closing, but the last words are not sent yet */
};

#define CONTROLLER_MAX_AUX 8

/* One connection that is dialled again and again. */
struct line {
	struct controller *owner;
	struct conn *conn;         /* NULL while it waits */
	struct event *retry;
	unsigned backoff_s;
	uint8_t aux_id;            /* 0: the main connection */
};

struct controller {
	struct list node;
	struct ofproto *op;
	char target[128];
	char host[112];
	uint16_t port;
	bool tls, passive, read_only, verify_name;
	uint64_t since_ms;
	char last_error[160];
	/* active */
	unsigned n_aux;
	struct line lines[CONTROLLER_MAX_AUX + 1];
	/* passive */
	struct evconnlistener *listener;
	struct event *resume;
	unsigned n_accepted; /* since it last rested */
	unsigned n_peers;
};

struct port_number {
	struct list node;
	char name[IFNAMSIZ];
	uint32_t port_no;
	bool attached;
};

/* What is changing the tables at the moment. */
struct origin {
	struct conn *conn; /* whose message; NULL: nobody's, time's */
	uint32_t xid;
	uint64_t begin_ns; /* nothing it has changed is older */
};

struct ofproto {
	struct event_base *base;
	struct evdns_base *dns;
	struct dp *dp;
	struct dp_bridge *dpb;
	struct counters *counters;
	struct tables *tables;
	struct mac_table *macs;
	struct pipeline pipeline;
	char name[16];
	char dp_desc[OFP_DESC_STR_LEN];
	uint64_t dpid;
	enum fail_mode fail_mode;
	unsigned fail_delay_s, probe_interval_s, max_backoff_s;
	struct ssl_ctx_st *tls;
	struct unix_socket *mgmt, *snoop;
	struct list snoopers;
	unsigned n_snoopers;
	struct list conns, controllers, ports, dead;
	struct event *tick, *fail_timer, *reap;
	struct event *go_on; /* with work, or with time-outs, in the next turn */
	struct work *work; /* under way, or NULL */
	bool expire_more; /* time-outs are due that the last turn had no time for */
	uint32_t most_mib; /* that flow entries took since memory was last given back */
	unsigned n_again; /* connections that have more to do in the next turn */
	uint16_t frag_flags;
	bool generation_defined;
	uint64_t generation_id;
	bool held; /* an exclusive section is open for this slice */
	uint64_t held_ns;          /* since when */
	bool changed; /* the tables changed in it */
	bool quiet; /* flow entries go without flow-removed messages */
	struct origin origin;
	unsigned n_monitors; /* of all connections */
	uint64_t no_controller; /* packet-ins nobody took */
};

/* conn.c */
struct conn *conn_create(struct ofproto *, struct bufferevent *, struct controller *, const char *name);
/* Makes it the auxiliary connection 'aux_id' of 'main' (6.3.5). */
void conn_make_auxiliary(struct conn *, struct conn *main, uint8_t aux_id);
/* Announces itself: HELLO. */
void conn_opened(struct conn *);
/* Ends the connection; the memory goes when the loop is back (ofproto.reap). */
void conn_close(struct conn *, const char *why);
void conn_free(struct conn *);
/* Lets it go on in the next turn of the loop. */
void conn_again(struct conn *);
/* What time asks for: deadlines, probes.  Twice a second. */
void conn_tick(struct conn *);
/* Sends what is in c->out and empties it. */
void conn_flush_out(struct conn *);
/* Sends one whole message. */
void conn_write(struct conn *, const uint8_t *msg, size_t len);
/* The connection of the same controller that takes a packet-in: frames of one flow keep to one of them. */
struct conn *conn_for_packet_in(struct conn *main, uint32_t in_port, const uint8_t *frame, size_t len);
void conn_send_error(struct conn *, const uint8_t *msg, size_t len, enum of_error);
size_t conn_output_len(const struct conn *);
const char *conn_role_name(const struct conn *);

/* dispatch.c */
void conn_dispatch(struct conn *, const uint8_t *msg, size_t len);
/* controller.c */
struct controller *controller_create(struct ofproto *, const char *target, char *why, size_t why_size, int *error);
void controller_destroy(struct controller *);
void controller_conn_closed(struct controller *, struct conn *, const char *why);
/* The main connection is ready: the auxiliary ones are dialled. */
void controller_handshake_done(struct controller *);
/* A stream that owns 'fd' (-1: to be connected), as the target says (NULL: a Unix socket); NULL: no memory, or no TLS keys. */
struct bufferevent *stream_create(struct ofproto *, int fd, const struct controller *);

/* target.c */
bool target_parse(const char *target, struct controller *);

/* listener.c */
int listener_open(struct controller *);
void listener_close(struct controller *);
void listener_conn_closed(struct controller *);
/* False: there are enough peers that have finished their handshake. */
bool listener_may_finish(const struct conn *);

/* mgmt.c: BRIDGE.mgmt and BRIDGE.snoop */
int mgmt_open(struct ofproto *, const char *rundir, char *why, size_t why_size);
void mgmt_close(struct unix_socket *);
void mgmt_peer_left(struct ofproto *);

/* tls.c */
struct ssl_ctx_st *tls_context(const struct ofproto_tls *, char *why, size_t why_size);
/* The peer's certificate must be that of 'host', a name or an address. */
bool tls_check_name(struct ssl_st *, const char *host);
/* A sentence on why the handshake or the stream failed; "" if TLS has nothing to say. */
void tls_failure(struct bufferevent *, char *buf, size_t size);

/* ofproto.c */
void ofproto_hold(struct ofproto *);
void ofproto_release(struct ofproto *);
/* The exclusive sections of a transaction of the tables; aux: the ofproto. */
extern const struct txn_section ofproto_section;
/* Between two messages: releases what has been held for long, so that no section nears 1 ms. */
void ofproto_slice(struct ofproto *, uint64_t now_ns);
/* Comes back in the next turn for work and time-outs, or a little later if they should pause. */
void ofproto_go_on(struct ofproto *);
void ofproto_connectivity_changed(struct ofproto *);
void ofproto_port_to_wire(const struct dp_port_info *, struct ofp_port *);

#endif
