/* SPDX-License-Identifier: ISC */
/* One OpenFlow connection, and what all handlers share.  Private to ofproto.c and conn/. */
#ifndef OFPROTO_CONN_CONN_H
#define OFPROTO_CONN_CONN_H

#include "list.h"
#include "messages.h"
#include "ofproto.h"
#include "outq.h"
#include "pipeline.h"

struct bufferevent;
struct conn;
struct controller;
struct evbuffer;
struct event;
struct ssl_ctx_st;

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
	uint32_t position;
	bool single, done;
};

struct conn {
	struct list node; /* in ofproto.conns */
	struct ofproto *op;
	struct controller *owner; /* the target it belongs to; NULL: management socket */
	struct bufferevent *bev;
	char name[128];
	bool connected, hello_seen, handshake_done, is_mgmt, async_on, closing;
	uint32_t role;
	uint16_t miss_send_len;
	struct async_config async;
	struct event *probe; /* inactivity */
	struct event *again; /* more messages wait in the input */
	bool echo_sent;
	uint64_t last_rx_ns, created_ns;
	struct dump dump;
	struct list mp_requests; /* whose last part has not come */
	struct list bundles; /* open ones (bundle.h) */
	struct evbuffer *waiting; /* whole requests that wait for the end of the dump */
	struct wbuf out; /* reused for each message */
	struct outq outq; /* what is said unasked */
	bool linger; /* closing, but the last words are not sent yet */
};

struct controller {
	struct list node;
	struct ofproto *op;
	char target[128];
	char host[112];
	uint16_t port;
	bool tls, passive;
	struct evconnlistener *listener;
	struct conn *conn; /* active: the present connection */
	struct event *retry;
	unsigned backoff_s;
	uint64_t since_ms;
	unsigned n_peers; /* passive */
	char last_error[160];
};

struct port_number {
	struct list node;
	char name[IFNAMSIZ];
	uint32_t port_no;
	bool attached;
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
	char *mgmt_path;
	struct evconnlistener *mgmt;
	struct list conns, controllers, ports, dead;
	struct event *tick, *fail_timer, *reap;
	uint16_t frag_flags;
	bool generation_defined;
	uint64_t generation_id;
	bool held; /* an exclusive section is open for this slice */
	bool changed; /* the tables changed in it */
	uint64_t no_controller; /* packet-ins nobody took */
};

/* conn.c */
struct conn *conn_create(struct ofproto *, struct bufferevent *, struct controller *, const char *name);
/* Announces itself: HELLO. */
void conn_opened(struct conn *);
/* Ends the connection; the memory goes when the loop is back (ofproto.reap). */
void conn_close(struct conn *, const char *why);
void conn_free(struct conn *);
/* What time asks for: deadlines, probes.  Twice a second. */
void conn_tick(struct conn *);
/* Sends what is in c->out and empties it. */
void conn_flush_out(struct conn *);
void conn_send_error(struct conn *, const uint8_t *msg, size_t len, enum of_error);
size_t conn_output_len(const struct conn *);
const char *conn_role_name(const struct conn *);

/* dispatch.c */
void conn_dispatch(struct conn *, const uint8_t *msg, size_t len);
/* controller.c */
struct controller *controller_create(struct ofproto *, const char *target, char *why, size_t why_size, int *error);
void controller_destroy(struct controller *);
void controller_conn_closed(struct controller *, struct conn *, const char *why);
int mgmt_open(struct ofproto *, const char *rundir, char *why, size_t why_size);

/* tls.c */
struct ssl_ctx_st *tls_context(const struct ofproto_tls *, char *why, size_t why_size);
/* A sentence on why the handshake or the stream failed; "" if TLS has nothing to say. */
void tls_failure(struct bufferevent *, char *buf, size_t size);

/* ofproto.c */
void ofproto_hold(struct ofproto *);
void ofproto_release(struct ofproto *);
void ofproto_connectivity_changed(struct ofproto *);
void ofproto_port_to_wire(const struct dp_port_info *, struct ofp_port *);

#endif
