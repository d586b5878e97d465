/* SPDX-License-Identifier: ISC */
/* The receive sockets of a port: for each worker an express socket and a ring, one fanout group for all of them.
 *
 * The group is made as a whole and never patched: sockets are numbered in the order they joined, and the steering program counts on
 * that.  Until all have joined a filter refuses everything, so that no frame comes twice. */
#include "dp_private.h"

#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define RCVBUF (8 << 20)
#define MAX_EXPECTED 256u /* ports whose rings are made together */

static int
socket_open(void)
{
	const int one = 1;
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (filter_none(fd) || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one)) {
		const int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int
socket_bind(const struct port *p, int fd)
{
	const struct sockaddr_ll sll = {
	    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = p->ifindex};

	return bind(fd, (const struct sockaddr *)&sll, sizeof sll) ? -errno : 0;
}

/* The first socket makes the group with an id of the kernel's choice; the others join it. */
static int
group_join(struct port *p, int fd, unsigned type, unsigned *id)
{
	unsigned arg;
	socklen_t len = sizeof arg;

	if (p->fanout_fd < 0) {
		arg = (type | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
		if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof arg))
			return -errno;
		if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, &len))
			return -errno;
		*id = arg & 0xffff;
		p->fanout_fd = fd;
		return 0;
	}
	arg = *id | type << 16;
	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof arg) ? -errno : 0;
}

static int
express_open(struct lane *l)
{
	const int one = 1, size = RCVBUF;
	const int fd = socket_open();

	if (fd < 0)
		return fd;
	l->ex_fd = fd;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one))
		return -errno;
	return socket_bind(l->port, fd);
}

/* Blocks of each worker's ring; 0 = none.  A port's rings get half of what is left, so that late ports have some too. */
static unsigned
ring_blocks(const struct dp *dp, uint64_t used)
{
	const uint64_t left = dp->ring_memory > used ? (dp->ring_memory - used) / RING_BLOCK : 0;
	const uint64_t n = left / 2 / dp->n_workers;

	return n > RING_BLOCKS ? RING_BLOCKS : n < RING_MIN_BLOCKS ? 0 : (unsigned)n;
}

static void
spares_drop(struct dp *dp)
{
	for (unsigned i = 0; i < dp->n_spares; i++)
		helpers_close(dp, dp->spares[i].fd, dp->spares[i].ring, (size_t)dp->spares[i].blocks * RING_BLOCK);
	free(dp->spares);
	dp->spares = NULL;
	dp->n_spares = 0;
}

/* The rings that n ports would get one after another. */
void
dp_expect_ports(struct dp *dp, unsigned n)
{
	uint64_t used = dp->ring_used;

	spares_drop(dp);
	if (n > MAX_EXPECTED)
		n = MAX_EXPECTED;
	dp->spares = n ? calloc((size_t)n * dp->n_workers, sizeof *dp->spares) : NULL;
	for (unsigned i = 0; dp->spares && i < n * dp->n_workers; i++) {
		const unsigned blocks = i % dp->n_workers ? dp->spares[i - 1].blocks : ring_blocks(dp, used);
		const int fd = blocks ? socket_open() : -1;

		if (fd < 0)
			break;
		dp->spares[dp->n_spares++] = (struct spare_ring){.fd = fd, .blocks = blocks};
		used += (uint64_t)blocks * RING_BLOCK;
	}
	helpers_make_rings(dp, dp->spares, dp->n_spares);
}

static bool
spare_take(struct dp *dp, struct lane *l, unsigned blocks)
{
	for (unsigned i = 0; i < dp->n_spares; i++) {
		const struct spare_ring s = dp->spares[i];

		if (s.blocks != blocks || !s.ring)
			continue;
		l->bulk_fd = s.fd;
		l->ring = s.ring;
		dp->spares[i] = dp->spares[--dp->n_spares];
		return true;
	}
	return false;
}

static int
bulk_open(struct lane *l, unsigned blocks)
{
	l->n_blocks = blocks;
	if (!spare_take(l->port->bridge->dp, l, blocks)) {
		l->bulk_fd = socket_open();
		if (l->bulk_fd < 0)
			return l->bulk_fd;
		l->ring = ring_map(l->bulk_fd, blocks);
		if (!l->ring)
			return -errno;
	}
	l->port->bridge->dp->ring_used += (uint64_t)blocks * RING_BLOCK;
	l->port->ring_bytes += (uint64_t)blocks * RING_BLOCK;
	return socket_bind(l->port, l->bulk_fd);
}

static int
watch(const struct lane *l, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = l->slot}};

	return fd < 0 || epoll_ctl(l->worker->epfd, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : -errno;
}

static struct lane *
lane_new(struct port *p, unsigned w)
{
	struct lane *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->port = p;
	l->worker = p->bridge->dp->workers[w];
	l->slot = p->slot;
	l->ex_fd = l->bulk_fd = -1;
	l->vlen = BATCH_FRAMES;
	p->lanes[w] = l;
	return l;
}

static int
tap_lane(struct port *p)
{
	struct lane *l = lane_new(p, 0);

	if (!l)
		return -ENOMEM;
	l->tap = true;
	l->ex_fd = p->tap_fd;
	return 0;
}

static int
lanes_open(struct port *p, unsigned blocks)
{
	struct dp *dp = p->bridge->dp;
	const enum steer_mode mode = dp->steer.mode;
	const unsigned type = mode == STEER_EBPF   ? PACKET_FANOUT_EBPF
	                      : mode == STEER_CBPF ? PACKET_FANOUT_CBPF
	                                           : PACKET_FANOUT_HASH;
	unsigned id = 0;
	int err = 0;

	if (mode == STEER_NONE && !blocks)
		return -ENOBUFS;
	for (unsigned w = 0; !err && w < dp->n_workers; w++) {
		struct lane *l = lane_new(p, w);

		if (!l)
			return -ENOMEM;
		if (mode != STEER_NONE) {
			err = express_open(l);
			if (!err)
				err = group_join(p, l->ex_fd, type, &id);
		}
		/* All workers have a ring or none has: the program counts sockets. */
		if (!err && blocks) {
			err = bulk_open(l, blocks);
			if (!err)
				err = group_join(p, l->bulk_fd, type, &id);
		}
		l->steered = mode != STEER_NONE && blocks;
		if (mode == STEER_EBPF && blocks)
			l->word = &dp->steer.words[p->slot * MAX_WORKERS + w];
		if (l->word)
			__atomic_store_n(l->word, 0, __ATOMIC_SEQ_CST);
	}
	if (!err && mode != STEER_NONE)
		err = steer_attach(&dp->steer, p->fanout_fd, p->ifindex, p->slot, blocks > 0, dp->n_workers);
	return err;
}

static int
promiscuous(const struct port *p, int fd)
{
	const struct packet_mreq mr = {.mr_ifindex = p->ifindex, .mr_type = PACKET_MR_PROMISC};

	return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof mr) ? -errno : 0;
}

/* Makes the lanes known to their workers and opens the filters. */
static int
lanes_start(struct port *p)
{
	struct dp *dp = p->bridge->dp;
	int err = 0;

	dp_exclusive_begin(dp);
	for (unsigned w = 0; w < dp->n_workers; w++)
		dp->workers[w]->lanes[p->slot] = p->lanes[w];
	dp_exclusive_end(dp);
	for (unsigned w = 0; !err && w < dp->n_workers; w++) {
		struct lane *l = p->lanes[w];

		if (!l)
			continue;
		if (!l->tap && l->ex_fd >= 0)
			err = filter_incoming(l->ex_fd);
		if (!err && l->bulk_fd >= 0)
			err = filter_incoming(l->bulk_fd);
		if (!err)
			err = watch(l, l->ex_fd);
		if (!err)
			err = watch(l, l->bulk_fd);
	}
	return err;
}

/* The worker has forgotten the lane, but the socket lives on for a little while. */
static void
leave(const struct lane *l, int fd, void *ring)
{
	if (fd < 0)
		return;
	(void)epoll_ctl(l->worker->epfd, EPOLL_CTL_DEL, fd, NULL);
	(void)filter_none(fd);
	helpers_close(l->port->bridge->dp, fd, ring, (size_t)l->n_blocks * RING_BLOCK);
}

static void
lane_free(struct lane *l)
{
	if (l->tap && l->ex_fd >= 0)
		(void)epoll_ctl(l->worker->epfd, EPOLL_CTL_DEL, l->ex_fd, NULL);
	else
		leave(l, l->ex_fd, NULL);
	leave(l, l->bulk_fd, l->ring);
	if (l->held)
		exbuf_free(l->held);
	free(l);
}

bool
rx_is_open(const struct port *p)
{
	for (unsigned w = 0; w < MAX_WORKERS; w++)
		if (p->lanes[w])
			return true;
	return false;
}

void
rx_close(struct port *p)
{
	struct dp *dp = p->bridge->dp;

	if (!rx_is_open(p))
		return;
	dp_exclusive_begin(dp);
	for (unsigned w = 0; w < dp->n_workers; w++)
		dp->workers[w]->lanes[p->slot] = NULL;
	dp_exclusive_end(dp);
	stats_poll_port(p); /* the counts go with the sockets */
	for (unsigned w = 0; w < dp->n_workers; w++) {
		if (p->lanes[w])
			lane_free(p->lanes[w]);
		p->lanes[w] = NULL;
	}
	dp->ring_used -= p->ring_bytes;
	p->ring_bytes = 0;
	p->fanout_fd = -1;
}

/* Where the kernel has no memory for rings the express lanes do it alone. */
static int
lanes_open_somehow(struct port *p)
{
	const struct dp *dp = p->bridge->dp;
	const unsigned blocks = ring_blocks(dp, dp->ring_used);
	int err = lanes_open(p, blocks);

	if (!err || !blocks || dp->steer.mode == STEER_NONE)
		return err;
	log_warn(LOG_LANE, "%s: no ring of %u KiB: %s: it goes by the express lane alone", p->info.name,
	         blocks * (RING_BLOCK / 1024), strerror(-err));
	rx_close(p);
	return lanes_open(p, 0);
}

int
rx_open(struct port *p)
{
	int err;

	p->fanout_fd = -1;
	err = p->tap_fd >= 0 ? tap_lane(p) : lanes_open_somehow(p);
	if (!err && p->tap_fd < 0)
		err = promiscuous(p, p->fanout_fd);
	if (!err)
		err = lanes_start(p);
	if (err) {
		log_warn_rl(LOG_LANE, "%s: receive sockets failed: %s", p->info.name, strerror(-err));
		rx_close(p);
	}
	return err;
}
