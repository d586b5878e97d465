/* SPDX-License-Identifier: ISC */
/* pktgen: UDP frames of many flows out of one interface.
 *
 *   pktgen IFACE SECONDS BYTES FLOWS FRAMES-PER-SECOND     (0: as fast as it can)
 *
 * FLOWS may be @FILE: ready frames of BYTES bytes, one after another (rulefiles.c).
 *
 * Frames are made beforehand and sent round and round with sendmmsg past the queueing layer; with more than MAX_FRAMES flows
 * each is made when its turn comes.  Flows are visited in a shuffled order.  Prints "sent N seconds S". */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define MAX_FRAMES 65536
#define MIN_BYTES 60
#define MAX_BYTES 9014
#define MAX_FLOWS (1u << 30)

/* What is sent. */
struct load {
	uint8_t *all; /* 'made' frames */
	unsigned bytes; /* of a frame */
	unsigned made, flows;
	uint32_t turn; /* more flows than frames: which is made next */
};

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The frame of flow number 'flow': addresses 10.1/16 to 10.2/16, source ports from 1024.  It goes to nobody's address, so that the host where it
 * arrives drops it at once and its work does not count as the switch's. */
static void
frame_make(uint8_t *f, unsigned bytes, unsigned flow)
{
	static const uint8_t macs[] = {2, 0, 0, 0, 0, 0x99, 2, 0, 0, 0, 0, 1, 0x08, 0x00};
	uint8_t *ip = f + ETH_HLEN, *udp = ip + 20;
	uint32_t sum = 0;

	memset(f, 0, bytes);
	memcpy(f, macs, sizeof macs);
	ip[0] = 0x45;
	put16(ip + 2, bytes - ETH_HLEN);
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	ip[12] = ip[16] = 10;
	ip[13] = 1;
	ip[17] = 2;
	put16(ip + 14, flow & 0xffff);
	put16(ip + 18, flow & 0xffff);
	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
	put16(udp, 1024 + (flow >> 16));
	put16(udp + 2, 5001);
	put16(udp + 4, bytes - ETH_HLEN - 20);
}

static uint8_t *
frames_make(unsigned n, unsigned bytes)
{
	uint8_t *all = malloc((size_t)n * bytes);
	unsigned *order = calloc(n, sizeof *order);

	if (!all || !order) {
		free(all);
		free(order);
		return NULL;
	}
	srand(1);
	for (unsigned i = 0; i < n; i++) {
		const unsigned j = (unsigned)rand() % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (unsigned i = 0; i < n; i++)
		frame_make(all + (size_t)i * bytes, bytes, order[i]);
	free(order);
	return all;
}

static int
open_port(const char *name)
{
	const struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
	const int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1, room = 4 << 20;

	if (fd < 0 || !at.sll_ifindex || bind(fd, (const struct sockaddr *)&at, sizeof at)) {
		perror(name);
		exit(1);
	}
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
	return fd;
}

/* The next frame.  Multiplying by an odd number visits every flow before one comes again, when their number is a power of two, and
 * nearly so when not. */
static uint8_t *
next_frame(struct load *l, unsigned *at)
{
	uint8_t *f = l->all + (size_t)*at * l->bytes;

	*at = *at + 1 < l->made ? *at + 1 : 0;
	if (l->flows > l->made)
		frame_make(f, l->bytes, (uint32_t)(l->turn++ * UINT32_C(2654435761)) % l->flows);
	return f;
}

static void
send_for(int fd, double seconds, double rate, struct load *l)
{
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	const double start = seconds_now();
	uint64_t sent = 0;
	unsigned at = 0;
	double t;

	memset(m, 0, sizeof m);
	while ((t = seconds_now() - start) < seconds) {
		unsigned k = BATCH;
		int done;

		if (rate > 0) {
			const double due = rate * t - (double)sent;

			if (due < 1) {
				usleep(50);
				continue;
			}
			k = due < BATCH ? (unsigned)due : BATCH;
		}
		for (unsigned i = 0; i < k; i++) {
			iov[i] = (struct iovec){next_frame(l, &at), l->bytes};
			m[i].msg_hdr.msg_iov = &iov[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		done = sendmmsg(fd, m, k, 0);
		if (done > 0)
			sent += (unsigned)done;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
			perror("sendmmsg");
			exit(1);
		}
	}
	printf("sent %llu seconds %.3f\n", (unsigned long long)sent, t);
}

static uint8_t *
frames_read(const char *path, unsigned bytes, unsigned *n)
{
	FILE *in = fopen(path, "r");
	uint8_t *all = NULL;
	long size;

	if (in && fseek(in, 0, SEEK_END) == 0 && (size = ftell(in)) >= (long)bytes) {
		*n = (unsigned)(size / (long)bytes);
		rewind(in);
		all = malloc((size_t)*n * bytes);
		if (all && fread(all, bytes, *n, in) != *n) {
			free(all);
			all = NULL;
		}
	}
	if (!all)
		fprintf(stderr, "pktgen: %s can't be read\n", path);
	if (in)
		fclose(in);
	return all;
}

int
main(int argc, char **argv)
{
	const bool file = argc == 6 && argv[4][0] == '@';
	struct load l = {.bytes = argc == 6 ? (unsigned)atoi(argv[3]) : 0};

	if (argc == 6 && !file)
		l.flows = (unsigned)strtoul(argv[4], NULL, 10);
	if (l.bytes < MIN_BYTES || l.bytes > MAX_BYTES || l.flows > MAX_FLOWS || (!l.flows && !file)) {
		fputs("Usage: pktgen IFACE SECONDS BYTES FLOWS FRAMES-PER-SECOND\n", stderr);
		return 2;
	}
	l.made = l.flows > MAX_FRAMES ? BATCH : l.flows;
	l.all = file ? frames_read(argv[4] + 1, l.bytes, &l.made) : frames_make(l.made, l.bytes);
	if (!l.all)
		return 1;
	send_for(open_port(argv[1]), atof(argv[2]), atof(argv[5]), &l);
	free(l.all);
	return 0;
}
