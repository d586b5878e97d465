/* SPDX-License-Identifier: ISC */
/* Checksums against the slow way, over frames in one and two pieces, odd cuts included. */
#include "checksum.h"
#include "exec_fakes.h"
#include "frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t buf[PACKET_HEADROOM + 4096];

static void
colour(uint8_t *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		p[i] = (uint8_t)(seed >> 16);
	}
}

/* A frame of 'n' bytes cut after 'cut'. */
static struct packet
two_pieces(size_t n, size_t cut)
{
	struct packet p;

	memset(&p, 0, sizeof(p));
	p.head = buf + PACKET_HEADROOM;
	p.head_len = (uint32_t)cut;
	p.headroom = PACKET_HEADROOM;
	p.tail = cut < n ? p.head + cut : NULL;
	p.tail_len = (uint32_t)(n - cut);
	return p;
}

static void
sum_over_two_pieces_is_the_sum(void **state)
{
	(void)state;
	colour(buf, sizeof(buf), 3);
	for (size_t cut = 20; cut <= 101; cut++) {
		for (size_t from = 0; from < 101; from += 2) {
			const struct packet p = two_pieces(101, cut);

			assert_int_equal(csum_fold(csum_packet(&p, from, 101)),
			                 frame_sum(0, p.head + from, 101 - from));
		}
	}
}

static void
difference_equals_recomputation(void **state)
{
	uint8_t f[64];
	uint8_t was[64];

	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		const size_t at = 2 + (round % 29) * 2;

		colour(f, sizeof(f), round);
		frame_u16(f, 0);
		frame_u16(f, ~frame_sum(0, f, sizeof(f)));
		memcpy(was, f, sizeof(f));
		colour(f + at, 4, round * 7 + 1);
		csum_update(f, csum_diff(was + at, f + at, 4), false);
		assert_int_equal(frame_sum(0, f, sizeof(f)), 0xffff);
	}
}

static void
crc32c_matches_the_slow_way(void **state)
{
	uint8_t out[4];
	uint32_t crc;

	(void)state;
	assert_int_equal(frame_crc32c((const uint8_t *)"123456789", 9), 0xe3069283u);
	colour(buf, sizeof(buf), 9);
	memset(buf + PACKET_HEADROOM + 8, 0, 4);
	for (size_t cut = 12; cut < 300; cut += 7) {
		const struct packet p = two_pieces(300, cut);

		crc32c_packet(&p, 0, 300, 8, out);
		crc = frame_crc32c(p.head, 300);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(out[i], (uint8_t)(crc >> (8 * i)));
	}
}

static void
partial_checksum_is_completed(void **state)
{
	struct fake *fk = fake_create();

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		const struct frame_spec s = {round % 3, round & 1, round % 5 ? 6 : 17, round * 3, false};
		uint8_t *f = buf + PACKET_HEADROOM;
		const size_t len = frame_make(f, &s, (uint8_t)round);
		const size_t l3 = frame_l3(f);
		const size_t l4 = l3 + (s.v6 ? 40 : 20);
		struct packet p = two_pieces(len, len);

		p.queued = round & 2;
		p.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		p.vnet.csum_start = (uint16_t)l4;
		p.vnet.csum_offset = (uint16_t)frame_l4_csum_at(s.proto);
		frame_u16(f + l4 + p.vnet.csum_offset, frame_pseudo(f + l3, s.v6, s.proto, len - l4));
		assert_true(packet_complete_checksum(&fk->reader, &p));
		assert_false(packet_has_partial_csum(&p));
		memcpy(f, p.head, p.head_len);
		assert_true(frame_checksums_right(f, len));
		exec_batch_done(&fk->reader);
	}
	fake_destroy(fk);
}

static void
partial_checksum_outside_the_frame_is_refused(void **state)
{
	struct fake *fk = fake_create();
	struct packet p = two_pieces(60, 60);

	(void)state;
	p.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p.vnet.csum_start = 50;
	p.vnet.csum_offset = 16;
	assert_false(packet_complete_checksum(&fk->reader, &p));
	p.vnet.csum_start = 0xffff;
	p.vnet.csum_offset = 0xffff;
	assert_false(packet_complete_checksum(&fk->reader, &p));
	fake_destroy(fk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sum_over_two_pieces_is_the_sum),
	    cmocka_unit_test(difference_equals_recomputation),
	    cmocka_unit_test(crc32c_matches_the_slow_way),
	    cmocka_unit_test(partial_checksum_is_completed),
	    cmocka_unit_test(partial_checksum_outside_the_frame_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
