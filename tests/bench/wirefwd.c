/* SPDX-License-Identifier: ISC */
/* wirefwd: the ceiling.  Whatever arrives on one interface leaves by the other, with no look at it.
 *
 *   wirefwd IFACE IFACE
 *
 * A block ring (TPACKET_V3) to receive, sendmmsg out of the ring's own memory to transmit, the virtio-net header carried
 * along: the same system calls a packet socket switch cannot do without, and nothing else. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK (1u << 17)
#define BLOCKS 64u
#define BATCH 256u
#define VNET sizeof(struct virtio_net_hdr)
#define NO_ECHO 23 /* PACKET_IGNORE_OUTGOING, Linux 4.20 */

struct side {
	int rx, tx;
	uint8_t *ring;
	unsigned block;
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	unsigned queued;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void
must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static void
side_open(struct side *s, const char *name)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct tpacket_req3 req = {.tp_block_size = BLOCK,
	                           .tp_block_nr = BLOCKS,
	                           .tp_frame_size = 2048,
	                           .tp_frame_nr = BLOCK / 2048 * BLOCKS,
	                           .tp_retire_blk_tov = 1};
	struct packet_mreq promisc = {.mr_type = PACKET_MR_PROMISC};
	const int v3 = TPACKET_V3, on = 1, room = 8 << 20;

	at.sll_ifindex = promisc.mr_ifindex = (int)if_nametoindex(name);
	must(at.sll_ifindex > 0, name);
	s->rx = socket(AF_PACKET, SOCK_RAW, 0);
	s->tx = socket(AF_PACKET, SOCK_RAW, 0);
	must(s->rx >= 0 && s->tx >= 0, "socket");
	must(!setsockopt(s->rx, SOL_PACKET, PACKET_VERSION, &v3, sizeof v3), "TPACKET_V3");
	must(!setsockopt(s->rx, SOL_PACKET, NO_ECHO, &on, sizeof on), "PACKET_IGNORE_OUTGOING");
	must(!setsockopt(s->rx, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), "PACKET_VNET_HDR");
	must(!setsockopt(s->tx, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), "PACKET_VNET_HDR");
	must(!setsockopt(s->rx, SOL_PACKET, PACKET_RX_RING, &req, sizeof req), "PACKET_RX_RING");
	s->ring = mmap(NULL, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, s->rx, 0);
	must(s->ring != MAP_FAILED, "mmap");
	must(!bind(s->rx, (struct sockaddr *)&at, sizeof at), "bind");
	setsockopt(s->rx, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof promisc);
	at.sll_protocol = 0;
	must(!bind(s->tx, (struct sockaddr *)&at, sizeof at), "bind");
	setsockopt(s->tx, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
	setsockopt(s->tx, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
}

/* What the kernel does not take is lost, as on a wire. */
static void
side_send(struct side *s)
{
	for (unsigned at = 0; at < s->queued;) {
		const int n = sendmmsg(s->tx, s->m + at, s->queued - at, MSG_DONTWAIT);

		at += n > 0 ? (unsigned)n : 1;
	}
	s->queued = 0;
}

static void
side_put(struct side *s, uint8_t *frame, size_t bytes)
{
	s->iov[s->queued] = (struct iovec){frame, bytes};
	s->m[s->queued].msg_hdr.msg_iov = &s->iov[s->queued];
	s->m[s->queued].msg_hdr.msg_iovlen = 1;
	if (++s->queued == BATCH)
		side_send(s);
}

/* One block of 'from' leaves by 'to'.  False when there was none. */
static int
side_move(struct side *from, struct side *to)
{
	uint8_t *base = from->ring + (size_t)from->block * BLOCK;
	struct tpacket_block_desc *b = (void *)base;
	uint8_t *at;

	if (!(__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return 0;
	at = base + b->hdr.bh1.offset_to_first_pkt;
	for (uint32_t i = 0; i < b->hdr.bh1.num_pkts; i++) {
		const struct tpacket3_hdr *h = (void *)at;

		side_put(to, at + h->tp_mac - VNET, h->tp_snaplen + VNET);
		at += h->tp_next_offset;
	}
	side_send(to);
	__atomic_store_n(&b->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	from->block = (from->block + 1) % BLOCKS;
	return 1;
}

int
main(int argc, char **argv)
{
	static struct side s[2];
	struct pollfd p[2];

	if (argc != 3) {
		fputs("Usage: wirefwd IFACE IFACE\n", stderr);
		return 2;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	for (int i = 0; i < 2; i++) {
		side_open(&s[i], argv[i + 1]);
		p[i] = (struct pollfd){.fd = s[i].rx, .events = POLLIN};
	}
	while (!stopped) {
		const int a = side_move(&s[0], &s[1]), b = side_move(&s[1], &s[0]);

		if (!a && !b)
			poll(p, 2, 100);
	}
	return 0;
}
