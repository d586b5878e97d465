/* SPDX-License-Identifier: ISC */
/* What the I/O files of the datapath share: engine, workers, ports, lanes, transmit queues.
 *
 * Ownership.  The control thread makes and frees all of it.  Workers reach lanes and transmit queues only with their batch lock
 * held, so a pointer taken out inside an exclusive section is free to go after it. */
#ifndef DATAPATH_AF_PACKET_DP_PRIVATE_H
#define DATAPATH_AF_PACKET_DP_PRIVATE_H

#include "exec.h"
#include "list.h"
#include "queue.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define MAX_WORKERS 16u
#define MAX_SLOTS 1024u /* ports with an interface, all bridges together */
#define LOW_PORTS 1024u /* port numbers below this are found by index */
#define RING_BLOCK (128u * 1024)
#define RING_BLOCKS 64u /* 8 MiB */
#define RING_MIN_BLOCKS 4u /* below that a ring is not worth having */
#define EX_STRIDE 66176u /* one express buffer: headroom, 64 KiB and some tags */
#define VNET_LEN 10u
#define CACHE_LINE 64u /* bytes of a cache line */

struct event;
struct nl_sock;
struct sock_filter;

/* ---- lanes ---- */

/* What an interface does to a frame itself (ethtool -k). */
enum {
	OFFLOAD_SG = 1 << 0,
	OFFLOAD_CSUM4 = 1 << 1,
	OFFLOAD_CSUM6 = 1 << 2,
	OFFLOAD_TSO4 = 1 << 3,
	OFFLOAD_TSO6 = 1 << 4,
	OFFLOAD_ECN = 1 << 5,
	OFFLOAD_USO = 1 << 6,
	OFFLOAD_TCP = OFFLOAD_SG | OFFLOAD_CSUM4 | OFFLOAD_CSUM6 | OFFLOAD_TSO4 | OFFLOAD_TSO6 | OFFLOAD_ECN
};

enum lane_state { LANE_EXPRESS, LANE_TO_BULK, LANE_BULK, LANE_TO_EXPRESS };

/* Buffers of one express batch. */
struct exbuf {
	struct exbuf *next;
	uint8_t *mem; /* BATCH_FRAMES * EX_STRIDE, mapped */
	unsigned n; /* frames in it */
	struct mmsghdr msg[BATCH_FRAMES];
	struct iovec iov[BATCH_FRAMES];
	_Alignas(8) uint8_t control[BATCH_FRAMES][64];
};

/* The receive side of one port in one worker. */
struct lane {
	struct port *port;
	struct worker *worker;
	unsigned slot;
	int ex_fd; /* express socket or TAP; -1 = none */
	int bulk_fd; /* ring socket; -1 = none */
	bool tap;
	uint8_t *ring; /* n_blocks * RING_BLOCK */
	unsigned n_blocks, block;
	uint32_t left; /* frames of the present block not yet taken */
	uint32_t next; /* offset of the next one */
	enum lane_state state;
	uint64_t
	    settling_ns; /* a switch: when the program had the new word; 0 = not yet.  Written by control too (classic) */
	uint64_t settled_ns; /* when the last switch was over */
	bool steered; /* has both lanes and a program that chooses */
	uint32_t *word; /* eBPF: in the steering map */
	struct exbuf *held; /* express frames that wait for older ones in the ring */
	bool muted; /* ex_fd is out of the epoll set */
	unsigned vlen; /* express frames to ask for */
	uint64_t frames, bytes, window_ns;
	uint64_t flips;
	uint8_t apart[CACHE_LINE]; /* the next in memory may be another worker's */
};

/* ---- transmit ---- */

struct txq {
	struct port *port;
	struct txq *next_dirty;
	bool dirty;
	int fd; /* -1 = none */
	unsigned n, n_iov;
	struct exec_bridge *bridge;
	struct mmsghdr msg[BATCH_FRAMES];
	struct iovec iov[BATCH_FRAMES * 3];
	struct virtio_net_hdr vnet[BATCH_FRAMES];
	uint32_t frames[BATCH_FRAMES], bytes[BATCH_FRAMES];
	uint64_t packets, octets, errors; /* relaxed, as in port_count; read for queues */
	uint8_t apart[CACHE_LINE]; /* the next one is another reader's */
};

/* The queues of a port (queue.c), replaced as a whole. */
struct queue_set {
	unsigned n, n_readers;
	struct dp_queue q[DP_MAX_QUEUES];
	uint64_t since_ns[DP_MAX_QUEUES];
	struct txq *txq[DP_MAX_QUEUES]; /* n_readers each */
};

struct tx_reader {
	struct dp *dp;
	struct txq *dirty;
};

/* ---- ports ---- */

/* Written by one reader, relaxed; summed by control. */
struct port_count {
	uint64_t rx_packets, rx_bytes, rx_dropped, rx_errors;
	uint64_t tx_packets, tx_bytes, tx_dropped, tx_errors;
} __attribute__((aligned(64)));

struct link_info {
	int ifindex;
	char name[IFNAMSIZ];
	unsigned flags; /* IFF_* */
	uint32_t mtu;
	uint8_t mac[6];
	uint32_t gso_max_size, gso_max_segs; /* of what it segments itself */
	char qdisc[IFNAMSIZ]; /* kind of the root queueing discipline */
	bool has_conf, has_gen;
	uint32_t arp_ignore, forwarding;
	uint8_t addr_gen;
};

struct port {
	struct list node; /* in dp_bridge.port_list, ascending */
	struct dp_bridge *bridge;
	struct dp_port_info info;
	unsigned flags; /* DP_PORT_* */
	int ifindex;
	unsigned slot;
	int tap_fd;
	bool direct; /* the device takes superframes as they are, and no discipline shapes it */
	bool bypass; /* what the transmit sockets are set to; read by workers */
	bool suspect; /* a superframe was refused: look at the interface again; written by workers, relaxed */
	bool uso; /* the device segments UDP itself; read by workers */
	bool can_send; /* read by workers */
	bool no_recv, no_fwd, no_packet_in;
	uint32_t mtu; /* read by workers */
	bool was_up, taken;
	struct link_info saved;
	struct lane *lanes[MAX_WORKERS];
	int fanout_fd;
	struct txq *txq; /* n_readers */
	struct queue_set *queues; /* NULL = none; read by workers */
	uint64_t queue_kbps; /* of all queues together; 0 = the interface's speed */
	bool htb; /* the interface's root discipline is ours */
	bool shaped; /* it is somebody else's, and not a plain one */
	struct port_count *count; /* n_readers */
	uint64_t kernel_drops;
	uint64_t since_ns;
	unsigned notify; /* bit per enum dp_port_event, waiting */
	uint64_t ring_bytes;
};

struct dp_bridge {
	struct exec_bridge x; /* first */
	struct list node;
	struct dp *dp;
	char name[IFNAMSIZ];
	struct dp_client client;
	struct list port_list;
	struct port *low[LOW_PORTS];
	struct port *local;
};

/* ---- workers and the engine ---- */

struct worker {
	struct dp *dp;
	struct reader reader;
	struct tx_reader tx;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* the batch lock */
	pthread_mutex_t gate; /* held by control while it wants the batch lock */
	bool wanted, stop;
	int epfd, wake_fd;
	int cpu; /* that its last batch began on; -1 = none yet */
	struct lane *lanes[MAX_SLOTS];
	struct exbuf *spare;
	struct packet pkts[BATCH_FRAMES];
	uint64_t busy_ns, window_ns;
	unsigned busy_pct; /* of the last window */
	uint8_t apart[CACHE_LINE];
};

enum steer_mode { STEER_EBPF, STEER_CBPF, STEER_NONE };

struct steer {
	enum steer_mode mode;
	int map_fd, prog_fd;
	uint32_t *words; /* MAX_SLOTS * MAX_WORKERS, then the program's table of interfaces */
	uint16_t *owner; /* slot + 1 of each entry of that table; 0: free */
	int ask_fd; /* classic: lanes that want another program */
	struct event *ev;
};

struct upcalls;
struct helpers;

struct dp {
	struct event_base *base;
	struct counters *counters;
	unsigned n_workers, n_readers;
	void (*worker_start)(void);
	char keep_dir[128]; /* of keep.c; "" = none */
	uint64_t ring_memory, ring_used;
	unsigned express_load; /* percent of a worker, above which a port goes to its bulk lane */
	struct steer steer;
	struct list bridges;
	struct port *slots[MAX_SLOTS];
	unsigned exclusive_depth;
	struct worker *workers[MAX_WORKERS];
	struct reader control;
	struct tx_reader control_tx;
	uint8_t *control_buf;
	struct upcalls *upcalls;
	struct helpers *helpers;
	struct spare_ring *spares; /* of ports that are about to be added (rx.c) */
	unsigned n_spares;
	struct nl_sock *nl, *nl_events;
	struct event *ev_nl, *ev_tick, *ev_notify;
	int ioctl_fd;
	int backlog_fd; /* of backlog.c; -1: order may suffer where a worker changes processors */
};

/* backlog.c: order where a worker changes processors */
/* Opens softnet_stat; -1 with errno. */
int backlog_open(const char *path);
/* Frames that wait in the queue of processor 'cpu'; 0 also where that isn't told. */
unsigned long backlog_length(int fd, int cpu);
/* [worker]  Before a batch, without the lock: has this thread come here from another processor?  Then what it sent there goes first. */
void backlog_settle(struct worker *);

/* worker.c */
struct worker *worker_create(struct dp *, unsigned index);
void worker_destroy(struct worker *);
/* [control]  Percent of its time that it spends on frames. */
unsigned worker_busy(const struct worker *);
/* Before a thread is made: blocks all signals but those that say that it crashed, and gives the old mask. */
void dp_thread_signals(sigset_t *old);

/* helpers.c: threads for what the kernel lets its caller wait for */
int helpers_init(struct dp *);
/* Returns when all is closed.  Nothing may be given to it any more. */
void helpers_fini(struct dp *);
/* Unmaps 'map' (NULL: none) and closes 'fd', both the caller's no more.  They may live on for some ms: a socket that receives must have
 * been told to refuse (filter_none). */
void helpers_close(struct dp *, int fd, void *map, size_t len);
/* A ring on a socket that is not bound, made before it is needed. */
struct spare_ring {
	int fd;
	unsigned blocks;
	uint8_t *ring; /* NULL: it could not be made */
};
/* Makes them side by side, and returns when all are made. */
void helpers_make_rings(struct dp *, struct spare_ring *, unsigned n);

/* lane.c: one batch of 'l', the lock held; true: call again.  now: at its beginning. */
bool lane_batch(struct worker *, struct lane *, uint64_t now_ns);
/* Has it express frames that no event tells of?  Then lane_batch must be called until it says that there is no more. */
bool lane_is_silent(const struct lane *);
/* The kernel reported trouble (link down): takes the report, or the worker would never sleep. */
void lane_trouble(struct lane *);
void lane_deliver(struct worker *, struct lane *, unsigned n);
struct exbuf *exbuf_get(struct worker *);
void exbuf_put(struct worker *, struct exbuf *);
void exbuf_free(struct exbuf *);
/* tap.c */
int tap_open(const char *name, char *why, size_t why_size);
bool tap_batch(struct worker *, struct lane *);

/* ring.c */
/* Makes the ring of a socket that is not bound.  NULL with errno. */
uint8_t *ring_map(int fd, unsigned blocks);
bool ring_ready(const struct lane *); /* a block for user space, or one half read */
bool ring_pending(const struct lane *); /* frames in the block that the kernel fills */
void ring_batch(struct worker *, struct lane *);
bool frame_put_vlan(struct packet *, uint16_t tci, uint16_t tpid);
void frame_init(struct packet *, const struct lane *, uint8_t *head, uint32_t len, const void *vnet);

/* rx.c: the receive sockets of a port, made together */
int rx_open(struct port *);
bool rx_is_open(const struct port *);
void rx_close(struct port *);

/* steer.c */
void steer_init(struct steer *, unsigned n_workers, bool no_ebpf, bool no_steering);
void steer_fini(struct steer *);
int steer_attach(const struct steer *, int fd, int ifindex, unsigned slot, bool rings, unsigned n_workers);
int steer_listen(struct dp *);
void steer_lane(struct lane *, bool bulk, uint64_t now);
int filter_none(int fd);
int filter_incoming(int fd);

/* keep.c: 'saved' settings of an interface, over a crash.  keep_load changes '*l' and '*up' if there is a file. */
void keep_save(const struct dp *, const struct link_info *, bool up);
bool keep_load(const struct dp *, struct link_info *l, bool *up);
void keep_drop(const struct dp *, int ifindex);

/* tx.c */
/* A socket to send with, bound to the port's interface, or -errno. */
int tx_socket(const struct port *, uint32_t priority);
int tx_open(struct port *);
void tx_close(struct port *);
void tx_set_bypass(struct port *, bool uso);

/* bridge.c */
struct port *bridge_port(const struct dp_bridge *, uint32_t port_no);

/* port.c */
void port_sync(struct port *, const struct link_info *);
void port_close(struct port *);
void port_notify(struct port *, enum dp_port_event);
void port_run_notify(struct dp *);

/* netdev.c */
int netdev_init(struct dp *);
void netdev_fini(struct dp *);
int netdev_get(struct dp *, const char *name, struct link_info *);
/* What has changed at the interface of 'p'? */
void netdev_look_at(struct port *p);
int netdev_set_up(struct dp *, int ifindex, bool up);
int netdev_set_conf(struct dp *, int ifindex, const struct link_info *conf);
bool netdev_in_use(struct dp *, const struct link_info *, char *why, size_t why_size);
/* ethtool.c */
unsigned ethtool_offloads(struct dp *, const char *name);
void ethtool_speed(struct dp *, const char *name, struct dp_port_info *);

/* upcall.c */
int upcall_init(struct dp *);
void upcall_fini(struct dp *);
void upcall_forget(struct dp *, const struct dp_bridge *);

/* stats.c */
void stats_poll(struct dp *);
void stats_poll_port(struct port *);

static inline void
count_add(uint64_t *c, uint64_t n)
{
	__atomic_store_n(c, *c + n, __ATOMIC_RELAXED);
}

#endif
