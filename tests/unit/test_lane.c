/* SPDX-License-Identifier: ISC */
/* A worker and one lane, whose sockets and ring are the test's own: express frames that wait for older ones in the ring are not forgotten,
 * however many blocks that takes.  Nothing but the worker's own turns could wake it for them. */
#include "dp_private.h"

#include "counters.h"

#include <linux/if_packet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#define BLOCKS 32u
#define MOST 20u /* blocks that become ready at once; more than a lane's turn takes */
#define STRIDE 256u /* of frames in a block */
#define MAC_AT 128u
#define FRAME 60u
#define PATIENCE 2000u /* times 10 ms: for a machine that stands still */

static struct dp dp;
static struct dp_bridge bridge;
static struct port port;
static struct lane lane;
static struct worker *worker;
static struct counters *counters;
static uint64_t drops[1][DP_N_DROPS];
static struct port_count count;
static int peer;

static void
watch(int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data = {.u32 = 0}};

	assert_int_equal(epoll_ctl(worker->epfd, EPOLL_CTL_ADD, fd, &ev), 0);
}

static int
setup(void **state)
{
	int pair[2];

	(void)state;
	counters = counters_create(1);
	dp.n_workers = dp.n_readers = 1;
	dp.counters = counters;
	dp.express_load = 70;
	dp.backlog_fd = -1;
	bridge.dp = &dp;
	bridge.x.drops = drops;
	port.bridge = &bridge;
	port.count = &count;
	port.no_recv = true; /* frames are counted, and go nowhere */
	worker = worker_create(&dp, 0);
	assert_non_null(worker);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	peer = pair[0];
	lane.port = &port;
	lane.worker = worker;
	lane.ex_fd = pair[1];
	lane.bulk_fd = eventfd(0, EFD_NONBLOCK);
	lane.n_blocks = BLOCKS;
	lane.ring = aligned_alloc(4096, (size_t)BLOCKS * RING_BLOCK);
	assert_non_null(lane.ring);
	memset(lane.ring, 0, (size_t)BLOCKS * RING_BLOCK);
	lane.vlen = BATCH_FRAMES;
	pthread_mutex_lock(&worker->lock);
	worker->lanes[0] = &lane;
	pthread_mutex_unlock(&worker->lock);
	watch(lane.ex_fd, EPOLLIN);
	watch(lane.bulk_fd, EPOLLIN | EPOLLET); /* once for each ring_tells() */
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	worker_destroy(worker);
	counters_destroy(counters);
	close(peer);
	close(lane.ex_fd);
	close(lane.bulk_fd);
	free(lane.ring);
	return 0;
}

static struct tpacket_block_desc *
block(unsigned n)
{
	return (struct tpacket_block_desc *)(void *)(lane.ring + (size_t)((lane.block + n) % BLOCKS) * RING_BLOCK);
}

/* As the kernel closes a block: one batch of frames in it. */
static void
close_block(struct tpacket_block_desc *bd)
{
	const uint32_t first = 64;

	for (unsigned i = 0; i < BATCH_FRAMES; i++) {
		struct tpacket3_hdr *h = (struct tpacket3_hdr *)(void *)((uint8_t *)bd + first + i * STRIDE);

		*h = (struct tpacket3_hdr){
		    .tp_next_offset = STRIDE, .tp_snaplen = FRAME, .tp_len = FRAME, .tp_mac = MAC_AT};
	}
	bd->hdr.bh1.offset_to_first_pkt = first;
	bd->hdr.bh1.num_pkts = BATCH_FRAMES;
	__atomic_store_n(&bd->hdr.bh1.block_status, TP_STATUS_USER, __ATOMIC_RELEASE);
}

static bool
is_muted(void)
{
	bool muted;

	pthread_mutex_lock(&worker->lock);
	muted = lane.muted;
	pthread_mutex_unlock(&worker->lock);
	return muted;
}

static void
wait_for_mute(void)
{
	for (unsigned i = 0; i < PATIENCE && !is_muted(); i++)
		usleep(10000);
	assert_true(is_muted());
}

static void
ring_tells(void)
{
	const uint64_t one = 1;

	assert_int_equal(write(lane.bulk_fd, &one, sizeof one), sizeof one);
}

/* A ring tells of its blocks as long as it has any, and is quiet then. */
static void
wait_for_frames(uint64_t n)
{
	for (unsigned i = 0; i < PATIENCE && __atomic_load_n(&count.rx_packets, __ATOMIC_RELAXED) != n; i++) {
		bool ready;

		usleep(10000);
		pthread_mutex_lock(&worker->lock);
		ready = ring_ready(&lane);
		pthread_mutex_unlock(&worker->lock);
		if (ready)
			ring_tells();
	}
	assert_int_equal(__atomic_load_n(&count.rx_packets, __ATOMIC_RELAXED), n);
}

static void
express_frames_wait_for_the_ring_and_no_longer(void **state)
{
	const uint8_t frame[VNET_LEN + FRAME] = {0};
	uint64_t sent = 0;

	(void)state;
	for (unsigned n = 1; n <= MOST; n++) {
		pthread_mutex_lock(&worker->lock);
		block(0)->hdr.bh1.num_pkts = 1; /* the kernel is filling it */
		pthread_mutex_unlock(&worker->lock);
		assert_int_equal(send(peer, frame, sizeof frame, 0), sizeof frame);
		wait_for_mute();
		assert_int_equal(__atomic_load_n(&count.rx_packets, __ATOMIC_RELAXED), sent);
		pthread_mutex_lock(&worker->lock);
		for (unsigned i = 0; i < n; i++)
			close_block(block(i));
		pthread_mutex_unlock(&worker->lock);
		ring_tells();
		sent += n * BATCH_FRAMES + 1;
		wait_for_frames(sent);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(express_frames_wait_for_the_ring_and_no_longer),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
