/* SPDX-License-Identifier: ISC */
/* ofproto: one OpenFlow switch (bridge) as switchd sees it.  Control thread only.
 *
 * Owns the flow tables, the address table, the connections and the datapath bridge.  Strings are copied. */
#ifndef OFPROTO_OFPROTO_H
#define OFPROTO_OFPROTO_H

#include "datapath.h"
#include "sbuf.h"

struct event_base;
struct evdns_base;
struct ofproto;

enum fail_mode { FAIL_SECURE, FAIL_STANDALONE };

struct ofproto_tls {
	const char *private_key, *certificate, *ca_cert; /* PEM files; NULL: no TLS */
	const char *ciphers;                             /* NULL: OpenSSL's default */
};

struct ofproto_config {
	const char *name;         /* bridge name, at most 15 bytes */
	uint64_t dpid;
	unsigned n_tables;        /* 254 */
	enum fail_mode fail_mode;
	unsigned fail_delay_s;    /* 0 */
	unsigned probe_interval_s; /* 5; 0 = off */
	unsigned max_backoff_s;   /* 8 */
	bool forward_bpdu;
	unsigned mac_aging_s;     /* 300 */
	size_t mac_table_size;    /* 8192 */
	const char *dp_desc;      /* NULL: name */
	const char *rundir;       /* BRIDGE.mgmt goes here; NULL: no management socket */
	struct ofproto_tls tls;
};

/* Returns 0 or -errno, with a sentence in 'why'. */
int ofproto_create(struct event_base *, struct dp *, struct counters *, const struct ofproto_config *, struct ofproto **,
                   char *why, size_t why_size);
/* Closes connections politely, removes sockets, ports and LOCAL.  Accepts NULL. */
void ofproto_destroy(struct ofproto *);
/* Applies what differs and may change while running (not name, dpid, n_tables: -EINVAL with 'why').  Re-reads certificates. */
int ofproto_reconfigure(struct ofproto *, const struct ofproto_config *, char *why, size_t why_size);
const char *ofproto_name(const struct ofproto *);
uint64_t ofproto_dpid(const struct ofproto *);

/* Targets: tcp:HOST[:PORT], ssl:HOST[:PORT] (active); ptcp:[PORT][:ADDR], pssl:[PORT][:ADDR] (passive), [v6] in brackets; behind them
 * ,aux=N (active: N auxiliary connections, up to 8), ,verify-name (ssl: the certificate must be HOST's) and ,read-only (it may look, and
 * change nothing of the switch).
 * 0, -EINVAL (syntax, 'why' points at it), -EEXIST, -ENOENT (del), -E2BIG (more than 16), -errno of bind. */
/* Whether the text is a target (passive: one to listen on) that can be had with or without key files: 0, or -EINVAL with 'why'. */
int ofproto_target_check(const char *target, bool passive, bool tls, char *why, size_t why_size);
/* Whether the files can be loaded and fit together: 0, or -EINVAL with 'why'. */
int ofproto_tls_check(const struct ofproto_tls *, char *why, size_t why_size);
int ofproto_controller_add(struct ofproto *, const char *target, char *why, size_t why_size);
int ofproto_controller_del(struct ofproto *, const char *target);
/* True if at least one controller has finished its handshake. */
bool ofproto_is_connected(const struct ofproto *);
/* Lines for people: one controller each: target, state, role, since, last error. */
struct ofproto_conn_info {
	char target[160];   /* with " aux N" behind it for an auxiliary connection */
	bool connected;
	const char *role;   /* "equal", "master", "slave" */
	const char *state;  /* "backoff", "connecting", "handshake", "active", "listening" */
	uint64_t since_ms;  /* in this state */
	char last_error[160];
};
/* Calls cb for each controller and listener target, then each accepted peer. */
void ofproto_for_each_conn(const struct ofproto *, void (*cb)(void *aux, const struct ofproto_conn_info *), void *aux);

/* port_no 0: the lowest free number from 1 upwards (a name keeps the number it had).  Sends PORT_STATUS ADD.  As dp_port_add. */
int ofproto_port_add(struct ofproto *, const char *name, uint32_t port_no, unsigned dp_flags, char *why, size_t why_size);
int ofproto_port_del(struct ofproto *, const char *name);
int ofproto_port_set_visible(struct ofproto *, const char *name, bool visible);
/* Number of a port by name; 0 = none. */
uint32_t ofproto_port_by_name(const struct ofproto *, const char *name);
struct dp_bridge *ofproto_dp_bridge(struct ofproto *);

struct mac_table;
const struct mac_table *ofproto_macs(const struct ofproto *);
void ofproto_fdb_flush(struct ofproto *);
/* True while fail mode standalone is in force. */
bool ofproto_is_standalone(const struct ofproto *);
uint32_t ofproto_flow_count(const struct ofproto *);

#endif
