/* SPDX-License-Identifier: ISC */
/* Cutting superframes: the segments together are the payload, and each is a right frame. */
#include "exec_fakes.h"
#include "frames.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t buf[PACKET_HEADROOM + FAKE_FRAME_MAX];
static uint8_t *const frame = buf + PACKET_HEADROOM;

struct seen {
	uint32_t n;
	uint32_t expected; /* how many there will be */
	size_t l4, hdr;
	uint32_t payload; /* bytes so far */
	bool tcp, v6;
	uint8_t bytes[FAKE_FRAME_MAX];
};

static void
check_segment(void *aux, struct packet *p)
{
	struct seen *s = aux;
	const size_t len = packet_len(p);
	uint8_t f[4096];

	assert_true(len <= sizeof(f) && p->n_frames == 1 && p->wire_bytes == len && p->headroom >= PACKET_HEADROOM);
	memcpy(f, p->head, p->head_len);
	memcpy(f + p->head_len, p->tail, p->tail_len);
	assert_true(frame_checksums_right(f, len));
	if (s->tcp) {
		const bool last = s->n + 1 == s->expected;

		assert_int_equal(get_be32(f + s->l4 + 4), 0xfffffff0u + s->payload);
		assert_int_equal(f[s->l4 + 13], 0x10 | (last ? 0x09 : 0) | (s->n == 0 ? 0x80 : 0));
	} else {
		assert_int_equal(get_be16(f + s->l4 + 4), len - s->l4);
	}
	if (!s->v6)
		assert_int_equal(get_be16(f + s->l4 - 20 + 4), 0x1234 + s->n);
	memcpy(s->bytes + s->payload, f + s->hdr, len - s->hdr);
	s->payload += (uint32_t)(len - s->hdr);
	s->n++;
}

static void
segments_make_up_the_payload(void **state)
{
	struct fake *fk = fake_create();
	struct seen *s = calloc(1, sizeof(*s));

	(void)state;
	assert_non_null(s);
	for (unsigned round = 0; round < 120; round++) {
		const bool tcp = round % 3 != 0;
		const struct frame_spec spec = {round % 4, round & 1, tcp ? 6 : 17, 1 + (round * 7919u) % 60000u,
		                                false};
		const size_t len = frame_make(frame, &spec, (uint8_t)round);
		const size_t l4 = frame_l3(frame) + (spec.v6 ? 40 : 20);
		const uint16_t size = (uint16_t)(536 + round * 8);
		struct packet p;

		memset(&p, 0, sizeof(p));
		p.head = frame;
		p.head_len = (uint32_t)len;
		p.headroom = PACKET_HEADROOM;
		if (tcp) {
			put_be32(frame + l4 + 4, 0xfffffff0u);
			frame[l4 + 13] = 0x80 | 0x10 | 0x09;
		}
		p.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		p.vnet.gso_type = (uint8_t)(tcp ? spec.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4 : 5);
		p.vnet.gso_size = size;
		p.vnet.csum_start = (uint16_t)l4;
		p.vnet.csum_offset = tcp ? 16 : 6;
		packet_count_wire(&p);
		if (round & 4) {
			p.queued = true;
			assert_true(packet_unshare(&fk->reader, &p));
		}
		memset(s, 0, sizeof(*s));
		s->expected = (uint32_t)((spec.payload + size - 1) / size);
		s->l4 = l4;
		s->hdr = l4 + (tcp ? 20 : 8);
		s->tcp = tcp;
		s->v6 = spec.v6;
		assert_int_equal(p.n_frames, s->expected);
		assert_int_equal(p.wire_bytes, spec.payload + s->expected * s->hdr);
		assert_true(packet_segment(&fk->reader, &p, check_segment, s));
		assert_int_equal(s->n, s->expected);
		assert_int_equal(s->payload, spec.payload);
		assert_memory_equal(s->bytes, frame + s->hdr, spec.payload);
		exec_batch_done(&fk->reader);
	}
	free(s);
	fake_destroy(fk);
}

static void
headers_that_lie_are_refused(void **state)
{
	struct fake *fk = fake_create();
	const struct frame_spec spec = {0, false, 6, 5000, false};
	const size_t len = frame_make(frame, &spec, 1);
	struct packet p;

	(void)state;
	memset(&p, 0, sizeof(p));
	p.head = frame;
	p.head_len = (uint32_t)len;
	p.vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	p.vnet.gso_size = 1000;
	assert_false(packet_segment(&fk->reader, &p, check_segment, NULL));
	p.vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	p.vnet.gso_size = 0;
	assert_false(packet_segment(&fk->reader, &p, check_segment, NULL));
	p.vnet.gso_size = 1000;
	p.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p.vnet.csum_start = 35;
	assert_false(packet_segment(&fk->reader, &p, check_segment, NULL));
	p.vnet.csum_start = 34;
	p.vnet.gso_type = 5;
	assert_false(packet_segment(&fk->reader, &p, check_segment, NULL));
	fake_destroy(fk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segments_make_up_the_payload),
	    cmocka_unit_test(headers_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
