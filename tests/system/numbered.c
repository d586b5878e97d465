/* SPDX-License-Identifier: ISC */
/* Numbered frames at a steady rate, and their receiver, at a price that leaves a small machine to the switch.
 *
 *   numbered send IFACE MAC COUNT RATE     COUNT frames to MAC, RATE a second, then the end, said many times
 *   numbered receive IFACE COUNT           prints "ready", then {"received", "late", "twice", "missing"} in JSON
 *
 * Frames are 60 bytes long, of the local experimental type 88b5 (IEEE 802), with a 64-bit number in host order after it.  A sender that was
 * held up catches up. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BYTES 60
#define BATCH 64
#define END UINT64_MAX
#define TYPE 0x88b5
#define ROOM (256 << 20)
#define REST_US                                                                                                        \
	2000 /* between two looks at the socket: a wake-up for each frame would cost more than the switch does */
#define PATIENCE_S 60

struct batch {
	uint8_t frame[BATCH][BYTES];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
};

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
open_port(const char *name)
{
	const struct sockaddr_ll at = {
	    .sll_family = AF_PACKET, .sll_protocol = htons(TYPE), .sll_ifindex = (int)if_nametoindex(name)};
	const int fd = socket(AF_PACKET, SOCK_RAW, 0), room = ROOM;

	if (fd < 0 || !at.sll_ifindex || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) ||
	    bind(fd, (const struct sockaddr *)&at, sizeof at)) {
		perror(name);
		exit(1);
	}
	return fd;
}

static void
batch_init(struct batch *b)
{
	memset(b, 0, sizeof *b);
	for (unsigned i = 0; i < BATCH; i++) {
		b->iov[i] = (struct iovec){b->frame[i], BYTES};
		b->msg[i].msg_hdr.msg_iov = &b->iov[i];
		b->msg[i].msg_hdr.msg_iovlen = 1;
	}
}

static int
send_numbers(int fd, const uint8_t mac[6], uint64_t count, double rate)
{
	static struct batch b;
	const double start = seconds_now();
	uint64_t sent = 0, end = END;

	batch_init(&b);
	for (unsigned i = 0; i < BATCH; i++) {
		memcpy(b.frame[i], mac, 6);
		b.frame[i][6] = 2;
		b.frame[i][12] = TYPE >> 8;
		b.frame[i][13] = TYPE & 0xff;
	}
	while (sent < count) {
		const uint64_t due = (uint64_t)((seconds_now() - start) * rate);
		const uint64_t want = (due < count ? due : count) - sent;
		const unsigned n = due <= sent ? 0 : want < BATCH ? (unsigned)want : BATCH;
		int done;

		for (unsigned i = 0; i < n; i++) {
			const uint64_t number = sent + i;

			memcpy(b.frame[i] + ETH_HLEN, &number, sizeof number);
		}
		done = n ? sendmmsg(fd, b.msg, n, 0) : 0;
		if (done > 0)
			sent += (unsigned)done;
		else if (n && errno != ENOBUFS && errno != EINTR) {
			perror("sendmmsg");
			return 1;
		} else
			usleep(200);
	}
	for (unsigned i = 0; i < 20; i++) {
		usleep(20000);
		memcpy(b.frame[0] + ETH_HLEN, &end, sizeof end);
		(void)sendmmsg(fd, b.msg, 1, 0);
	}
	return 0;
}

static int
receive_numbers(int fd, uint64_t count)
{
	static struct batch b;
	uint8_t *seen = calloc(1, count);
	uint64_t next = 0, received = 0, late = 0, twice = 0, missing = 0;
	double heard = seconds_now();

	if (!seen)
		return 1;
	batch_init(&b);
	puts("ready");
	fflush(stdout);
	for (;;) {
		const int n = recvmmsg(fd, b.msg, BATCH, MSG_DONTWAIT, NULL);

		if (n <= 0) {
			if (seconds_now() - heard > PATIENCE_S)
				break;
			usleep(REST_US);
			continue;
		}
		heard = seconds_now();
		for (int i = 0; i < n; i++) {
			uint64_t number;

			memcpy(&number, b.frame[i] + ETH_HLEN, sizeof number);
			if (number == END)
				goto end;
			if (number >= count)
				continue;
			received++;
			twice += seen[number];
			seen[number] = 1;
			if (number < next)
				late++;
			else
				next = number + 1;
		}
	}
end:
	for (uint64_t i = 0; i < count; i++)
		missing += !seen[i];
	free(seen);
	printf("{\"received\": %llu, \"late\": %llu, \"twice\": %llu, \"missing\": %llu}\n",
	       (unsigned long long)received, (unsigned long long)late, (unsigned long long)twice,
	       (unsigned long long)missing);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "send")) {
		const struct ether_addr *mac = ether_aton(argv[3]);

		if (mac)
			return send_numbers(open_port(argv[2]), mac->ether_addr_octet, strtoull(argv[4], NULL, 10),
			                    atof(argv[5]));
	} else if (argc == 4 && !strcmp(argv[1], "receive"))
		return receive_numbers(open_port(argv[2]), strtoull(argv[3], NULL, 10));
	fputs("Usage: numbered send IFACE MAC COUNT RATE | numbered receive IFACE COUNT\n", stderr);
	return 2;
}
