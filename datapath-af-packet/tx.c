/* SPDX-License-Identifier: ISC */
/* Transmit: outputs are queued per port and reader as iovecs into the frames, and sent together at the end of the batch.
 *
 * All frames of one port in one reader take one socket in the order they were queued.  A frame that the kernel refuses is counted
 * and the rest goes on after it. */
#include "dp_private.h"
#include "frag.h"

#include "log.h"
#include "openflow/openflow13.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SNDBUF (8 << 20)
#define GSO_UDP_L4 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, Linux 6.2 */

int
tx_socket(const struct port *p, uint32_t priority)
{
	const struct sockaddr_ll sll = {.sll_family = AF_PACKET, .sll_ifindex = p->ifindex};
	const int one = 1, size = SNDBUF, prio = (int)priority;
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) == 0 &&
	    (!priority || setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &prio, sizeof prio) == 0) &&
	    bind(fd, (const struct sockaddr *)&sll, sizeof sll) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Sockets of all readers; they are in use as soon as can_send says so. */
int
tx_open(struct port *p)
{
	const unsigned n = p->bridge->dp->n_readers;

	for (unsigned i = 0; i < n; i++) {
		const int fd = p->tap_fd >= 0 ? p->tap_fd : tx_socket(p, 0);

		if (fd < 0) {
			tx_close(p);
			return fd;
		}
		p->txq[i].fd = fd;
	}
	p->bypass = false; /* port_sync decides */
	queue_attach(p);
	return 0;
}

void
tx_close(struct port *p)
{
	struct dp *dp = p->bridge->dp;
	int fds[MAX_WORKERS + 1];

	dp_exclusive_begin(dp);
	p->can_send = false;
	for (unsigned i = 0; i < dp->n_readers; i++) {
		fds[i] = p->txq[i].fd;
		p->txq[i].fd = -1;
	}
	dp_exclusive_end(dp);
	for (unsigned i = 0; i < dp->n_readers; i++)
		if (fds[i] >= 0 && p->tap_fd < 0)
			helpers_close(dp, fds[i], NULL, 0);
}

/* Past the qdisc layer the kernel drops what it would have to segment itself, and nothing can watch.  'uso': the device segments UDP. */
void
tx_set_bypass(struct port *p, bool uso)
{
	const int want = p->tap_fd < 0 && p->direct && !(p->flags & DP_PORT_VISIBLE);

	if (p->tap_fd >= 0 || (want == p->bypass && uso == p->uso))
		return;
	/* First what workers make of superframes, then, when no batch thinks otherwise, the sockets. */
	dp_exclusive_begin(p->bridge->dp);
	p->uso = uso;
	p->bypass = want != 0;
	for (unsigned i = 0; i < p->bridge->dp->n_readers; i++)
		(void)setsockopt(p->txq[i].fd, SOL_PACKET, PACKET_QDISC_BYPASS, &want, sizeof want);
	dp_exclusive_end(p->bridge->dp);
}

/* ---- sending ---- */

static void
failed(struct reader *r, struct txq *q, unsigned i, int error)
{
	struct port_count *c = &q->port->count[r->index];
	const bool full = error == EAGAIN || error == ENOBUFS;
	const bool down = error == ENETDOWN || error == ENXIO || error == EIO;

	if (full && q->frames[i] > 1)
		__atomic_store_n(&q->port->suspect, true, __ATOMIC_RELAXED);
	count_add(&q->errors, q->frames[i]);
	count_add(full || down ? &c->tx_dropped : &c->tx_errors, q->frames[i]);
	exec_drop(r, q->bridge, full ? DP_DROP_TX_FULL : down ? DP_DROP_PORT_DOWN : DP_DROP_TX_ERROR, q->frames[i]);
	if (!full && !down)
		log_warn_rl(LOG_TX, "%s: the kernel refused a frame of %u bytes: %s", q->port->info.name, q->bytes[i],
		            strerror(error));
}

static void
sent(struct reader *r, struct txq *q, unsigned from, unsigned n)
{
	struct port_count *c = &q->port->count[r->index];
	uint64_t frames = 0, bytes = 0;

	for (unsigned i = from; i < from + n; i++) {
		frames += q->frames[i];
		bytes += q->bytes[i];
	}
	count_add(&c->tx_packets, frames);
	count_add(&c->tx_bytes, bytes);
	count_add(&q->packets, frames);
	count_add(&q->octets, bytes);
}

static int
send_some(struct txq *q, unsigned from)
{
	const struct msghdr *m = &q->msg[from].msg_hdr;

	if (q->fd < 0) {
		errno = ENETDOWN;
		return -1;
	}
	if (q->port->tap_fd >= 0)
		return writev(q->fd, m->msg_iov, (int)m->msg_iovlen) < 0 ? -1 : 1;
	return sendmmsg(q->fd, q->msg + from, q->n - from, MSG_DONTWAIT);
}

static void
txq_flush(struct reader *r, struct txq *q)
{
	unsigned done = 0;

	while (done < q->n) {
		const int n = send_some(q, done);

		if (n > 0) {
			sent(r, q, done, (unsigned)n);
			done += (unsigned)n;
		} else if (n == 0 || errno != EINTR) {
			const int error = n == 0 ? EAGAIN : errno;

			failed(r, q, done++, error);
			while (error == EAGAIN && done < q->n)
				failed(r, q, done++, error);
		}
	}
	q->n = q->n_iov = 0;
}

/* Sends all that is queued by this reader. */
void
tx_flush(struct reader *r)
{
	struct txq *q = r->tx->dirty;

	r->tx->dirty = NULL;
	for (; q; q = q->next_dirty) {
		txq_flush(r, q);
		q->dirty = false;
	}
}

/* ---- queueing ---- */

static bool
refuse(struct reader *r, struct exec_bridge *b, struct port *p, enum dp_drop reason, uint32_t n)
{
	exec_drop(r, b, reason, n);
	if (p)
		count_add(&p->count[r->index].tx_dropped, n);
	return false;
}

static void
queue(struct reader *r, struct exec_bridge *b, struct txq *q, struct packet *p)
{
	struct msghdr *m = &q->msg[q->n].msg_hdr;
	struct iovec *iov = &q->iov[q->n_iov];
	unsigned k = 0;

	memset(m, 0, sizeof *m);
	m->msg_iov = iov;
	if (!p->queued && p->headroom >= VNET_LEN) {
		memcpy(p->head - VNET_LEN, &p->vnet, VNET_LEN);
		iov[k++] = (struct iovec){p->head - VNET_LEN, p->head_len + VNET_LEN};
	} else {
		q->vnet[q->n] = p->vnet;
		iov[k++] = (struct iovec){&q->vnet[q->n], VNET_LEN};
		iov[k++] = (struct iovec){p->head, p->head_len};
	}
	if (p->tail_len)
		iov[k++] = (struct iovec){(void *)(uintptr_t)p->tail, p->tail_len};
	m->msg_iovlen = k;
	q->n_iov += k;
	q->frames[q->n] = p->n_frames;
	q->bytes[q->n++] = p->wire_bytes;
	q->bridge = b;
	p->queued = true;
	if (!q->dirty) {
		q->dirty = true;
		q->next_dirty = r->tx->dirty;
		r->tx->dirty = q;
	}
	if (q->n == BATCH_FRAMES)
		txq_flush(r, q);
}

/* The longest frame that 'p' puts on the wire. */
static uint32_t
wire_len(const struct packet *p)
{
	const uint32_t len = packet_len(p);
	uint32_t headers;

	if (!packet_is_gso(p) || p->n_frames < 2 || p->wire_bytes < len)
		return len;
	headers = (p->wire_bytes - len) / (p->n_frames - 1);
	return headers + p->vnet.gso_size;
}

/* One 802.1Q tag is not held against the MTU, as everywhere in Linux; an 802.1ad tag and a second one are. */
static bool
fits(const struct packet *p, uint32_t mtu)
{
	const uint32_t tag = p->head_len >= 14 && get_be16(p->head + 12) == ETH_P_8021Q ? 4 : 0;

	return wire_len(p) <= mtu + ETH_HLEN + tag;
}

/* Superframes that the port can't carry as they are.  Through the qdisc layer the kernel segments; past it a device gets what it
 * can do: TCP (or the port would not be direct), UDP perhaps, and neither below two tags. */
static bool
must_segment(const struct port *port, const struct packet *p)
{
	uint16_t type, inner;

	if (!packet_is_gso(p) || !port->bypass)
		return false;
	if ((p->vnet.gso_type & ~VIRTIO_NET_HDR_GSO_ECN) == GSO_UDP_L4 && !port->uso)
		return true;
	if (p->head_len < 18)
		return true;
	type = get_be16(p->head + 12);
	inner = get_be16(p->head + 16);
	return (type == ETH_P_8021Q || type == ETH_P_8021AD) && (inner == ETH_P_8021Q || inner == ETH_P_8021AD);
}

/* Where what a superframe or a datagram was cut into goes. */
struct pieces {
	struct reader *r;
	struct exec_bridge *b;
	struct txq *q;
};

static void
queue_piece(void *aux, struct packet *p)
{
	const struct pieces *s = aux;

	queue(s->r, s->b, s->q, p);
}

/* A queue that the port does not have is no queue. */
static struct txq *
pick(const struct reader *r, const struct port *port, uint32_t queue_id)
{
	const struct queue_set *s = port->queues;

	for (unsigned i = 0; s && i < s->n; i++)
		if (s->q[i].id == queue_id)
			return &s->txq[i][r->index];
	return &port->txq[r->index];
}

/* False: a superframe whose header does not describe it; counted. */
static bool
queue_any(struct reader *r, struct exec_bridge *b, struct port *port, struct packet *p)
{
	struct pieces s = {r, b, pick(r, port, p->queue_id)};

	if (!must_segment(port, p)) {
		queue(r, b, s.q, p);
		return true;
	}
	if (!packet_segment(r, p, queue_piece, &s))
		return refuse(r, b, port, DP_DROP_SEGMENT, p->n_frames);
	p->queued = true; /* the segments refer to its payload */
	return true;
}

/* A datagram that came in fragments.  The fragments refer to its payload: later actions must not change that in place. */
static bool
output_fragments(struct reader *r, struct exec_bridge *b, struct port *port, struct packet *p)
{
	struct pieces o = {r, b, pick(r, port, p->queue_id)};

	if (!packet_refragment(r, p, port->mtu, queue_piece, &o))
		return false;
	p->queued = true;
	return true;
}

static bool
output(struct reader *r, struct exec_bridge *b, struct port *port, struct packet *p)
{
	if (!port->can_send)
		return refuse(r, b, port, DP_DROP_PORT_DOWN, p->n_frames);
	if (port->no_fwd)
		return refuse(r, b, port, DP_DROP_NO_FWD, p->n_frames);
	if (p->frag_max && output_fragments(r, b, port, p))
		return true;
	if (!fits(p, port->mtu))
		return refuse(r, b, port, DP_DROP_MTU, p->n_frames);
	return queue_any(r, b, port, p);
}

bool
tx_output(struct reader *r, struct exec_bridge *b, uint32_t port_no, struct packet *p, bool to_in_port)
{
	struct port *port = bridge_port((struct dp_bridge *)b, port_no);

	if (!port)
		return refuse(r, b, NULL, DP_DROP_NO_PORT, p->n_frames);
	if (port_no == p->in_port && !to_in_port)
		return refuse(r, b, NULL, DP_DROP_IN_PORT, p->n_frames);
	return output(r, b, port, p);
}

unsigned
tx_output_all(struct reader *r, struct exec_bridge *b, struct packet *p)
{
	struct dp_bridge *bridge = (struct dp_bridge *)b;
	unsigned n = 0;

	LIST_FOR_EACH (it, &bridge->port_list) {
		struct port *port = CONTAINER_OF(it, struct port, node);

		if (port->info.port_no == p->in_port || !port->can_send || port->no_fwd)
			continue;
		if (p->frag_max && output_fragments(r, b, port, p))
			n++;
		else if (fits(p, port->mtu))
			n += queue_any(r, b, port, p);
	}
	return n;
}
