/* SPDX-License-Identifier: ISC */
/* The two lanes of a port in one worker, and the order between them.
 *
 * Express is the normal lane; bulk is for a worker that would drown in wake-ups.  A switch stores one word that the steering
 * program reads, and then both lanes may hold frames of one flow.  The rules that keep their order:
 *   towards bulk:    express holds the older frames.  When a block is there, empty express first, then take the block.
 *   towards express: the ring holds the older frames.  After taking an express batch look at the ring again, and if it has
 *                    anything, also in the block that the kernel still fills, the batch is held until that is sent.
 * Frames of one flow come by one CPU in order, so whoever sees the later frame in one lane finds the earlier ones in the other. */
#include "dp_private.h"

#include "lane_choice.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#define WINDOW_NS UINT64_C(10000000)
#define SETTLE_NS UINT64_C(3000000) /* a program run that read the old word has long ended */
#define CLASSIC_NS UINT64_C(250000000) /* between switches that cost the kernel a new program */

struct exbuf *
exbuf_get(struct worker *w)
{
	struct exbuf *e = w->spare;

	if (e) {
		w->spare = e->next;
		return e;
	}
	e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	e->mem =
	    mmap(NULL, (size_t)BATCH_FRAMES * EX_STRIDE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (e->mem == MAP_FAILED) {
		free(e);
		return NULL;
	}
	for (unsigned i = 0; i < BATCH_FRAMES; i++) {
		e->iov[i].iov_base = e->mem + (size_t)i * EX_STRIDE + PACKET_HEADROOM - VNET_LEN;
		e->iov[i].iov_len = EX_STRIDE - PACKET_HEADROOM;
		e->msg[i].msg_hdr.msg_iov = &e->iov[i];
		e->msg[i].msg_hdr.msg_iovlen = 1;
	}
	return e;
}

void
exbuf_put(struct worker *w, struct exbuf *e)
{
	e->next = w->spare;
	w->spare = e;
}

void
exbuf_free(struct exbuf *e)
{
	munmap(e->mem, (size_t)BATCH_FRAMES * EX_STRIDE);
	free(e);
}

/* Before Linux 6.2 a UDP superframe has no virtio-net header that says what it is: the kernel drops it as it is read. */
static void
refused(struct lane *l)
{
	static bool said; /* any worker, once a process */
	struct reader *r = &l->worker->reader;

	count_add(&l->port->count[r->index].rx_packets, 1);
	exec_drop(r, &l->port->bridge->x, DP_DROP_UDP_GSO, 1);
	if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		log_warn(
		    LOG_LANE,
		    "%s: this kernel can't hand over UDP superframes (Linux 6.2 can): they are dropped; `ethtool -K "
		    "INTERFACE tx-udp-segmentation off` at the sender avoids them",
		    l->port->info.name);
}

static unsigned
express_recv(struct lane *l, struct exbuf *e)
{
	int n = -1;

	for (unsigned i = 0; i < l->vlen; i++) {
		e->msg[i].msg_hdr.msg_control = e->control[i];
		e->msg[i].msg_hdr.msg_controllen = sizeof e->control[i];
	}
	/* An error belongs to one frame, or to the link; what comes after it must not be taken for an empty queue. */
	for (unsigned tries = 0; tries < BATCH_FRAMES; tries++) {
		n = recvmmsg(l->ex_fd, e->msg, l->vlen, MSG_DONTWAIT, NULL);
		if (n >= 0 || errno == EAGAIN)
			break;
		if (errno == EINVAL)
			refused(l);
	}
	e->n = n > 0 ? (unsigned)n : 0;
	return e->n;
}

static bool
put_aux_vlan(struct packet *p, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof aux);
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			return true;
		return frame_put_vlan(p, aux.tp_vlan_tci,
		                      aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : 0x8100);
	}
	return true;
}

/* Runs the frames of 'e' and gives it back. */
static void
express_deliver(struct worker *w, struct lane *l, struct exbuf *e)
{
	uint64_t bytes = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < e->n; i++) {
		uint8_t *vnet = e->iov[i].iov_base;
		struct packet *p = &w->pkts[n];

		bytes += e->msg[i].msg_len;
		if (e->msg[i].msg_len < VNET_LEN + 14 || (e->msg[i].msg_hdr.msg_flags & MSG_TRUNC)) {
			count_add(&l->port->count[w->reader.index].rx_errors, 1);
			continue;
		}
		frame_init(p, l, vnet + VNET_LEN, e->msg[i].msg_len - VNET_LEN, vnet);
		if (put_aux_vlan(p, &e->msg[i].msg_hdr))
			n++;
	}
	l->vlen = (unsigned)(BATCH_BYTES / (bytes / e->n + 1)) + 1;
	if (l->vlen > BATCH_FRAMES)
		l->vlen = BATCH_FRAMES;
	lane_deliver(w, l, n);
	exbuf_put(w, e);
}

/* Frames w->pkts[0..n) of 'l' through the executor and out. */
void
lane_deliver(struct worker *w, struct lane *l, unsigned n)
{
	struct port_count *c = &l->port->count[w->reader.index];
	struct exec_bridge *b = &l->port->bridge->x;
	uint64_t frames = 0, bytes = 0;

	if (!n)
		return;
	for (unsigned i = 0; i < n; i++) {
		packet_count_wire(&w->pkts[i]);
		frames += w->pkts[i].n_frames;
		bytes += w->pkts[i].wire_bytes;
	}
	l->frames += n;
	l->bytes += bytes;
	count_add(&c->rx_packets, frames);
	count_add(&c->rx_bytes, bytes);
	if (l->port->no_recv) {
		exec_drop(&w->reader, b, DP_DROP_NO_RECV, frames);
		return;
	}
	exec_batch(&w->reader, b, w->pkts, n);
	tx_flush(&w->reader);
	exec_batch_done(&w->reader);
}

/* Takes the express socket out of the sleep set while its frames must wait, so that the worker does not spin. */
static void
mute(struct worker *w, struct lane *l, bool muted)
{
	struct epoll_event ev = {.events = muted ? 0 : EPOLLIN, .data = {.u32 = l->slot}};

	if (l->muted != muted && epoll_ctl(w->epfd, EPOLL_CTL_MOD, l->ex_fd, &ev) == 0)
		l->muted = muted;
}

static void
set_state(struct lane *l, enum lane_state state, uint64_t now)
{
	const bool turning = state == LANE_TO_BULK || state == LANE_TO_EXPRESS;

	if (turning)
		__atomic_store_n(&l->settling_ns, 0, __ATOMIC_RELAXED);
	else
		l->settled_ns = now;
	__atomic_store_n(&l->state, state, __ATOMIC_RELEASE);
	if (turning) {
		steer_lane(l, state == LANE_TO_BULK, now);
		count_add(&l->flips, 1);
	}
}

/* No frame comes by the old lane any more. */
static bool
settled(const struct lane *l, uint64_t now)
{
	const uint64_t since = __atomic_load_n(&l->settling_ns, __ATOMIC_ACQUIRE);

	return since && now > since + SETTLE_NS;
}

/* Once a window: is the other lane the better one?  Only from a settled state. */
static void
choose(struct worker *w, struct lane *l, uint64_t now)
{
	const uint64_t span = now - l->window_ns;
	struct lane_load load = {.busy_pct = w->busy_pct};
	bool bulk;

	if (!l->steered || span < WINDOW_NS)
		return;
	load.frames = l->frames * 1000000 / span;
	load.bytes = l->bytes * 1000000 / span;
	l->frames = l->bytes = 0;
	l->window_ns = now;
	if (!l->word && now - l->settled_ns < CLASSIC_NS)
		return;
	bulk = lane_wants_bulk(l->state == LANE_BULK, w->dp->express_load, &load);
	if (l->state == LANE_EXPRESS && bulk)
		set_state(l, LANE_TO_BULK, now);
	else if (l->state == LANE_BULK && !bulk)
		set_state(l, LANE_TO_EXPRESS, now);
}

/* Express frames, when nothing in the ring is older. */
static bool
express_batch(struct worker *w, struct lane *l, uint64_t now)
{
	const bool after_ring = l->state == LANE_EXPRESS || l->state == LANE_TO_EXPRESS;
	struct exbuf *e = l->held;

	if (after_ring && ring_pending(l)) {
		mute(w, l, true);
		return false;
	}
	l->held = NULL;
	if (!e) {
		e = exbuf_get(w);
		if (!e)
			return false;
		if (!express_recv(l, e)) {
			exbuf_put(w, e);
			if (l->state == LANE_TO_BULK && settled(l, now))
				set_state(l, LANE_BULK, now);
			mute(w, l, false);
			return false;
		}
	}
	if (after_ring && (ring_ready(l) || ring_pending(l))) {
		l->held = e;
		return true;
	}
	mute(w, l, false);
	express_deliver(w, l, e);
	return true;
}

/* Express frames waited for the ring, and the ring has been emptied: its socket has no more to tell, the other one is muted, or has
 * been read. */
bool
lane_is_silent(const struct lane *l)
{
	return (l->muted || l->held) && !ring_ready(l);
}

void
lane_trouble(struct lane *l)
{
	const int fds[] = {l->ex_fd, l->bulk_fd};

	for (unsigned i = 0; i < 2; i++) {
		int error;
		socklen_t len = sizeof error;

		if (fds[i] >= 0)
			(void)getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &error, &len);
	}
}

bool
lane_batch(struct worker *w, struct lane *l, uint64_t now)
{
	if (l->tap)
		return tap_batch(w, l);
	choose(w, l, now);
	if (l->ex_fd < 0 || l->left || (l->state == LANE_TO_EXPRESS && ring_ready(l))) {
		if (!ring_ready(l))
			return false;
		ring_batch(w, l);
		return true;
	}
	if (l->state == LANE_TO_EXPRESS && settled(l, now) && !ring_pending(l))
		set_state(l, LANE_EXPRESS, now);
	if (l->state == LANE_EXPRESS || l->state == LANE_TO_EXPRESS) {
		if (ring_ready(l)) {
			ring_batch(w, l);
			return true;
		}
		return express_batch(w, l, now);
	}
	/* Towards bulk: the look at the ring comes first, then express is emptied, then the block is taken. */
	if (!ring_ready(l))
		return express_batch(w, l, now);
	if (express_batch(w, l, now))
		return true;
	ring_batch(w, l);
	return true;
}
