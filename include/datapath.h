/* SPDX-License-Identifier: ISC */
/* The datapath: workers, ports, lanes, as ofproto and switchd see them.
 *
 * CONTRACT.  Implemented by datapath-af-packet/ (and by tests/fakes/fake_datapath.c); called by ofproto/ and switchd/.
 *
 * Threads.  Every function here is called by the control thread only, unless its comment says otherwise.  The callbacks in
 * dp_client say in which thread they run.  A worker holds its batch lock while it runs callbacks marked [worker]; the control
 * thread changes what they read only between dp_exclusive_begin() and dp_exclusive_end().
 *
 * One 'struct dp' owns the worker threads, the steering program and the ring memory; it serves any number of bridges. */
#ifndef DATAPATH_H
#define DATAPATH_H

#include "dp_program.h"
#include "match.h"

#include <net/if.h>

struct event_base;
struct counters;
struct dp;
struct dp_bridge;

/* ---- the engine ---- */

struct dp_config {
	struct event_base *base;    /* the control thread's; not owned */
	struct counters *counters;  /* credits go here, lane = reader index; not owned; made with dp_n_readers lanes */
	unsigned n_workers;         /* 1 to 16; DESIGN: default cores - 1, at least 1, at most 4 */
	uint64_t ring_memory;       /* bytes for all rings together */
	const char *keep_dir;       /* where an interface's own settings outlive a crash, for the next run to restore; NULL: nowhere */
	void (*worker_start)(void); /* [worker] called first in each worker, to give up what it doesn't need; NULL: nothing */
	unsigned express_load;      /* percent of a worker, above which a port takes its bulk lane; 0 = 70 */
	bool no_ebpf;               /* steer by classic BPF */
	bool no_steering;           /* bulk lane alone */
};

/* Readers of the tables: the workers, then the control thread itself (packet-out). */
static inline unsigned
dp_n_readers(unsigned n_workers)
{
	return n_workers + 1;
}

/* Starts the workers.  Returns 0 and *dpp, or -errno. */
int dp_create(const struct dp_config *, struct dp **dpp);
/* Stops the workers, closes and restores all ports.  Accepts NULL. */
void dp_destroy(struct dp *);
/* From the handler of a signal that ends the process, in any thread, whatever state it is in: closes the packet sockets side by side, which
 * the kernel would do one after another (90 ms a port and worker).  Takes a second at the most.  Nothing may be called after it. */
void dp_crashed(struct dp *);

/* Exclusive sections: no worker runs a batch inside.  They nest.  Keep each under 1 ms; never close, map or unmap inside. */
void dp_exclusive_begin(struct dp *);
void dp_exclusive_end(struct dp *);

/* ---- callbacks into ofproto ---- */

/* A frame for the controllers, copied out of the ring; valid during the callback. */
struct dp_packet_in {
	uint32_t in_port;
	uint32_t in_phy_port;
	be64 metadata;
	be64 tunnel_id;
	bool has_tunnel_id;
	uint8_t reason;     /* OFPR_* */
	uint8_t table_id;
	uint16_t max_len;   /* as ordered; for INVALID_TTL 0 = use miss_send_len */
	uint64_t cookie;
	uint32_t total_len; /* bytes of the whole frame */
	uint32_t len;       /* bytes in 'data', at most 65535; at least min(max_len, total_len) */
	const uint8_t *data;
};

/* NORMAL's verdict on one frame. */
enum dp_normal_verdict { DP_NORMAL_UNICAST, DP_NORMAL_FLOOD, DP_NORMAL_DROP };
struct dp_normal {
	enum dp_normal_verdict verdict;
	uint32_t port_no;      /* UNICAST */
	enum dp_drop reason;   /* DROP */
	bool learn;            /* the source address is new or has moved: report it (once) */
	uint16_t vlan;         /* 0 to 4095, the VLAN of learning */
};

/* What a meter says to some frames. */
enum dp_meter_verdict {
	DP_METER_PASS,
	DP_METER_DROP,
	DP_METER_REMARK, /* raise the drop precedence of IP packets of an assured forwarding class (RFC 2597) by 'levels' */
	DP_METER_SPLIT,  /* the frames of a superframe fare differently: ask for each alone.  Nothing was measured */
};
struct dp_meter {
	enum dp_meter_verdict verdict;
	uint8_t levels;
	unsigned n_counters;
	uint32_t counters[2]; /* to be credited with the frames: the meter's, its band's */
};

/* Where a walk over a group's buckets is. */
#define DP_GROUP_LAST UINT32_MAX /* this bucket was the last one */

enum dp_port_event { DP_PORT_ADDED, DP_PORT_CHANGED, DP_PORT_GONE };
struct dp_port_info;

struct dp_client {
	/* [worker or control, under that reader's batch lock]  Writes the program for 'key' into *prog (already initialised), for a
	 * fresh frame (resume_len 0: table 0) or one that was parsed again.  Pure: reads tables, writes only *prog. */
	void (*classify)(void *aux, const struct flow_key *key, const uint8_t *resume, size_t resume_len, struct dp_program *prog);
	/* [worker]  classify will be asked about 'key' soon, as far as can be told: a good moment to have its memory fetched.  Called with 0,
	 * then some 100 ns later with 1, when what was fetched first has come.  NULL: nothing of the kind. */
	void (*expect)(void *aux, const struct flow_key *key, unsigned step);
	/* [worker or control, under that reader's batch lock]  NORMAL: looks up key's addresses and refreshes the source's age
	 * (a relaxed store).  now_s: CLOCK_MONOTONIC seconds, read once per batch. */
	void (*normal)(void *aux, const struct flow_key *key, uint32_t now_s, struct dp_normal *out);
	/* [worker or control, under that reader's batch lock]  The next bucket of a group that takes a frame of 'key', as operations in *prog
	 * (already initialised): a list without GROUP but at its end, and without REPARSE.  *at is 0 to begin with, then as this left it.
	 * False: no bucket (any more); *prog then holds credits alone.  The credits are the group's with the first call, then the
	 * bucket's.  Pure but for *at and *prog. */
	bool (*group)(void *aux, const struct dp_op_group *, const struct flow_key *key, uint32_t *at, struct dp_program *prog);
	/* [worker or control, under that reader's batch lock]  Measures 'n' frames of 'bytes' bytes together at now_ns (CLOCK_MONOTONIC, read
	 * once per batch).  All workers measure by the same (atomic) rates.  A meter that does not exist passes everything. */
	void (*meter)(void *aux, uint32_t meter_id, uint32_t n, uint64_t bytes, uint64_t now_ns, struct dp_meter *out);
	/* [control]  A new or moved address that some frame showed to NORMAL. */
	void (*learn)(void *aux, const uint8_t mac[6], uint16_t vlan, uint32_t port_no);
	/* [control] */
	void (*packet_in)(void *aux, const struct dp_packet_in *);
	/* [control]  A port's interface appeared, changed (any member of info), or went.  Comes within 200 ms of the kernel's event, also
	 * for changes that dp_port_set_config made.  Not called from inside dp_* functions, always from the event loop. */
	void (*port_event)(void *aux, enum dp_port_event, const struct dp_port_info *);
};

/* ---- bridges ---- */

/* 'name' is for logs and the LOCAL interface; copied.  Returns 0 or -errno. */
int dp_bridge_create(struct dp *, const char *name, const struct dp_client *, void *aux, struct dp_bridge **);
/* Closes its ports.  Accepts NULL. */
void dp_bridge_destroy(struct dp_bridge *);
/* Forgets all cached programs of the bridge: call after each change of what classify reads, inside the same exclusive section.  Cheap
 * (a number). */
void dp_bridge_invalidate(struct dp_bridge *);
/* The same for programs that depend on one rule: call for each that is added, changed or removed, inside the same exclusive section. */
void dp_bridge_rule_changed(struct dp_bridge *, uint8_t table_id, const struct match *);
/* IP fragments: OFPC_FRAG_NORMAL, OFPC_FRAG_DROP or OFPC_FRAG_REASM (7.3.2).  What waits for the rest of its datagram is given up. */
void dp_bridge_set_frags(struct dp_bridge *, unsigned frag_flags);

/* Runs 'prog' on a frame that a controller made (packet-out), as reader n_workers; 'in_port' may be OFPP_CONTROLLER.
 * 'data' is copied where it must be changed.  The frame counts as received from the controller, not from a port. */
void dp_packet_out(struct dp_bridge *, uint32_t in_port, const uint8_t *data, size_t len, const struct dp_program *prog);

/* Drop counters, summed over readers; DP_N_DROPS entries. */
void dp_bridge_drops(const struct dp_bridge *, uint64_t drops[]);

/* ---- ports ---- */

struct dp_port_info {
	uint32_t port_no;
	char name[IFNAMSIZ];
	bool present;          /* the interface exists and is attached */
	uint8_t hw_addr[6];
	uint32_t mtu;          /* bytes */
	uint32_t config;       /* OFPPC_* */
	uint32_t state;        /* OFPPS_* */
	uint32_t curr, advertised, supported, peer; /* OFPPF_* */
	uint32_t curr_speed, max_speed;             /* kbit/s */
	char error[128];       /* why it is not present, for people; "" = fine */
};

struct dp_port_stats {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t rx_dropped, tx_dropped, rx_errors, tx_errors;
	uint64_t rx_frame_err, rx_over_err, rx_crc_err, collisions;
	uint64_t duration_ns; /* since the port was added */
};

#define DP_PORT_LOCAL (1u << 0)   /* create (and on removal delete) a TAP device of this name */
#define DP_PORT_FORCE (1u << 1)   /* attach although the interface has addresses or carries a default route */
#define DP_PORT_VISIBLE (1u << 2) /* transmit through the qdisc layer, so that tcpdump on the interface sees it */

/* Makes port 'port_no' for the interface 'name' (at most 15 bytes, checked).  The port exists from now on; its interface may come
 * later or come back, with the same number.  If the interface is there but must not be taken (it has addresses, no FORCE) the
 * call fails with -EADDRINUSE and 'why' says what would break.  -EEXIST: number or name in use.  Other -errno: not added.
 * An absent interface is no failure: info.present is false, port_event(ADDED) follows when it appears. */
int dp_port_add(struct dp_bridge *, const char *name, uint32_t port_no, unsigned flags, char *why, size_t why_size);
/* n ports whose interfaces are there will be added next: what the kernel lets one wait for is made for all of them together.  Call it
 * again with 0 afterwards.  Never needed, and never wrong but in what it costs. */
void dp_expect_ports(struct dp *, unsigned n);
/* Detaches and restores the interface.  No port_event is raised.  -ENOENT. */
int dp_port_del(struct dp_bridge *, uint32_t port_no);
/* Changes the bits in 'mask' of OFPPC_*; PORT_DOWN takes the interface down or up.  -ENOENT, or -errno of rtnetlink. */
int dp_port_set_config(struct dp_bridge *, uint32_t port_no, uint32_t config, uint32_t mask);
/* DP_PORT_VISIBLE on or off.  -ENOENT. */
int dp_port_set_visible(struct dp_bridge *, uint32_t port_no, bool visible);
/* -ENOENT if there is no such port.  'info' may be of a port whose interface is absent. */
int dp_port_get(const struct dp_bridge *, uint32_t port_no, struct dp_port_info *);
int dp_port_stats(const struct dp_bridge *, uint32_t port_no, struct dp_port_stats *);
/* The ports in ascending order of number: the first above 'after' (0 to begin).  False: no more. */
bool dp_port_next(const struct dp_bridge *, uint32_t after, struct dp_port_info *);

/* ---- queues (7.2.2) ---- */

#define DP_MAX_QUEUES 64 /* a port */

struct dp_queue {
	uint32_t id;                 /* not OFPQ_ALL */
	uint64_t min_kbps, max_kbps; /* 0 = none */
};
struct dp_queue_stats {
	uint64_t tx_packets, tx_bytes, tx_errors, duration_ns;
};

/* Gives the port these queues, ascending by id, instead of those it has; queues that stay keep their counts.  The kernel's HTB sends
 * them by their rates, all together at most 'port_max_kbps' (0: the speed of the interface).  They wait for an absent interface.
 * -ENOENT, or with a sentence in 'why': -EINVAL, -EBUSY (somebody's own discipline is on the interface), -EOPNOTSUPP (no HTB in this
 * kernel), other -errno; the port then has no queues. */
int dp_port_set_queues(struct dp_bridge *, uint32_t port_no, uint64_t port_max_kbps, const struct dp_queue *, size_t n, char *why,
                       size_t why_size);
/* The port's first queue with an id of at least 'from'.  False: none, or no such port. */
bool dp_queue_next(const struct dp_bridge *, uint32_t port_no, uint64_t from, struct dp_queue *, struct dp_queue_stats *);

/* What status shows: free text lines "name: value", newline-ended, for `rf-ctl status`; ring memory, lanes, steering. */
struct sbuf;
void dp_describe(const struct dp *, struct sbuf *);

#endif
