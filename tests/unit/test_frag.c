/* SPDX-License-Identifier: ISC */
/* Fragments: whatever their order, the datagram is what was cut; what contradicts itself is refused; memory and time are bounded. */
#include "exec_fakes.h"
#include "frag.h"
#include "frames.h"
#include "openflow/openflow13.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MAX_PARTS 200u

struct part {
	size_t len;
	uint8_t room[PACKET_HEADROOM];
	uint8_t bytes[2048];
};

static struct fake *fk;
static uint8_t whole[FAKE_FRAME_MAX];
static size_t whole_len;
static struct part parts[MAX_PARTS];
static unsigned n_parts;
static uint32_t rnd_state = 7;

static uint32_t
rnd(uint32_t n)
{
	rnd_state = rnd_state * 1664525u + 1013904223u;
	return (rnd_state >> 8) % n;
}

static void
v4_checksum(uint8_t *ip)
{
	frame_u16(ip + 10, 0);
	frame_u16(ip + 10, ~frame_sum(0, ip, (size_t)(ip[0] & 15) * 4) & 0xffff);
}

/* One fragment of 'whole', bytes [at, at + len) of its payload; 'l3' + 'hdr' is where that begins. */
static void
cut_one(bool v6, size_t l3, size_t hdr, size_t at, size_t len, bool more)
{
	struct part *p = &parts[n_parts++];
	const size_t head = l3 + hdr;

	memcpy(p->bytes, whole, head);
	p->len = head;
	if (v6) {
		uint8_t *fh = p->bytes + head;

		memset(fh, 0, 8);
		fh[0] = whole[l3 + 6];
		frame_u16(fh + 2, (unsigned)at | more);
		frame_u16(fh + 6, 0x4242);
		p->bytes[l3 + 6] = 44;
		frame_u16(p->bytes + l3 + 4, (unsigned)(8 + len));
		p->len += 8;
	} else {
		frame_u16(p->bytes + l3 + 2, (unsigned)(hdr + len));
		frame_u16(p->bytes + l3 + 6, (unsigned)(at / 8) | (more ? 0x2000 : 0));
		v4_checksum(p->bytes + l3);
	}
	memcpy(p->bytes + p->len, whole + head + at, len);
	p->len += len;
}

/* Makes a UDP datagram and cuts it into pieces of 'size' payload bytes. */
static void
cut(bool v6, unsigned vlans, size_t payload, size_t size)
{
	const struct frame_spec s = {vlans, v6, 17, payload, false};
	const size_t l3 = 14 + 4 * (size_t)vlans, hdr = v6 ? 40 : 20;
	size_t total, at;

	whole_len = frame_make(whole, &s, 3);
	if (!v6) {
		frame_u16(whole + l3 + 6, 0);
		v4_checksum(whole + l3);
	}
	total = whole_len - l3 - hdr;
	for (n_parts = 0, at = 0; at < total; at += size)
		cut_one(v6, l3, hdr, at, total - at < size ? total - at : size, at + size < total);
}

static void
output_to(uint32_t port)
{
	struct dp_op_output *o = dp_program_append(&fk->prog, DP_OP_OUTPUT, sizeof(*o));

	o->port_no = port;
}

static void
start(void)
{
	fake_reset(fk);
	frags_forget(fk->reader.frags, NULL);
	fk->bridge.frag_flags = OFPC_FRAG_REASM;
	output_to(2);
}

static void
send_part(unsigned i)
{
	fake_run(fk, parts[i].bytes, parts[i].len, NULL);
}

static void
shuffle(void)
{
	for (unsigned i = n_parts; i > 1; i--) {
		const unsigned j = rnd(i);
		struct part *t = malloc(sizeof(*t));

		assert_non_null(t);
		*t = parts[i - 1];
		parts[i - 1] = parts[j];
		parts[j] = *t;
		free(t);
	}
}

static void
the_datagram_is_what_was_cut(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		const bool v6 = rnd(2);

		/* two at least: IPv6 has fragments that are whole (RFC 6946), and they pass as they are */
		cut(v6, rnd(3), 2000 + rnd(round % 8 ? 8000 : 60000), (1 + rnd(160)) * 8 + 400);
		if (rnd(4))
			shuffle();
		start();
		for (unsigned i = 0; i < n_parts; i++)
			send_part(i);
		assert_int_equal(fk->n_outputs, 1);
		assert_int_equal(fk->out[0].len, whole_len);
		assert_memory_equal(fk->out[0].bytes, whole, whole_len);
		assert_int_equal(fk->drops[0][DP_DROP_FRAG_REASSEMBLED], n_parts);
		assert_int_equal(frags_waiting(fk->reader.frags), 0);
		exec_batch_done(&fk->reader);
	}
}

static void
duplicates_are_ignored(void **state)
{
	(void)state;
	cut(false, 0, 4000, 1000);
	start();
	for (unsigned i = 0; i + 1 < n_parts; i++) {
		send_part(i);
		send_part(i);
	}
	send_part(n_parts - 1);
	assert_int_equal(fk->n_outputs, 1);
	assert_memory_equal(fk->out[0].bytes, whole, whole_len);
	assert_int_equal(fk->drops[0][DP_DROP_FRAG_DUPLICATE], n_parts - 1);
	assert_int_equal(fk->drops[0][DP_DROP_FRAG_REASSEMBLED], n_parts);
}

/* Each way of contradicting: nothing goes on, also when the true fragments follow, and each fragment is counted. */
static void
overlaps_refuse_the_datagram(void **state)
{
	static const struct {
		size_t at, len;
		bool more;
	} bad[] = {{504, 1000, true}, {0, 2000, true},    {1000, 504, true},
	           {3200, 16, false}, {4000, 8000, true}, {8000, 80, false}};

	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			const size_t l3 = 14, hdr = v6 ? 40 : 20;
			unsigned n;

			cut(v6, 0, 4492, 1000);
			n = n_parts;
			memset(whole + whole_len, 0, 16000); /* what the bad one claims to hold */
			if (bad[i].len < 2000)
				cut_one(v6, l3, hdr, bad[i].at, bad[i].len, bad[i].more);
			else
				cut_one(v6, l3, hdr, bad[i].at, 1600, bad[i].more);
			start();
			send_part(1);
			send_part(n - 1);
			send_part(n);
			for (unsigned k = 0; k < n; k++)
				send_part(k);
			assert_int_equal(fk->n_outputs, 0);
			assert_int_equal(fk->drops[0][DP_DROP_FRAG_OVERLAP], n + 3);
			fk->reader.now_ms += FRAG_TIMEOUT_V6_MS;
		}
	}
}

static void
what_does_not_come_in_time_is_given_up(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		const uint32_t limit = v6 ? FRAG_TIMEOUT_V6_MS : FRAG_TIMEOUT_V4_MS;

		cut(v6, 0, 4000, 1000);
		start();
		send_part(0);
		send_part(2);
		fk->reader.now_ms += limit - 1;
		frags_expire(&fk->reader);
		assert_int_equal(frags_waiting(fk->reader.frags), 1);
		fk->reader.now_ms += 1;
		frags_expire(&fk->reader);
		assert_int_equal(frags_waiting(fk->reader.frags), 0);
		assert_int_equal(fk->drops[0][DP_DROP_FRAG_TIMEOUT], 2);
		assert_int_equal(fk->n_outputs, 0);
	}
}

static void
memory_is_bounded_and_the_oldest_makes_room(void **state)
{
	uint64_t sent = 0;

	(void)state;
	cut(false, 0, 4000, 1400);
	start();
	for (unsigned i = 0; i < 20000; i++, sent++) {
		frame_u16(parts[0].bytes + 14 + 4, i); /* another datagram each time */
		v4_checksum(parts[0].bytes + 14);
		send_part(0);
		assert_true(frags_waiting(fk->reader.frags) <= FRAG_MAX_DATAGRAMS + 1);
	}
	assert_int_equal(fk->drops[0][DP_DROP_FRAG_FULL] + frags_waiting(fk->reader.frags), sent);
	cut(false, 0, 4000, 1400); /* a good one still gets through */
	frame_u16(parts[0].bytes + 14 + 4, 60001);
	for (unsigned i = 0; i < n_parts; i++) {
		frame_u16(parts[i].bytes + 14 + 4, 60001);
		v4_checksum(parts[i].bytes + 14);
		send_part(i);
	}
	assert_int_equal(fk->n_outputs, 1);
}

/* Fragments of no length, beyond 64 KiB, not a multiple of 8, by another port or VLAN: none completes a datagram. */
static void
strangers_do_not_mix(void **state)
{
	(void)state;
	cut(false, 1, 3000, 1400);
	start();
	send_part(0);
	send_part(1);
	parts[2].bytes[15] ^= 1; /* the VLAN */
	send_part(2);
	assert_int_equal(fk->n_outputs, 0);
	parts[2].bytes[15] ^= 1;
	parts[2].bytes[18 + 9] = 6; /* the protocol */
	v4_checksum(parts[2].bytes + 18);
	send_part(2);
	assert_int_equal(fk->n_outputs, 0);
	cut(false, 0, 3000, 1400);
	frame_u16(parts[1].bytes + 14 + 6, 0x2000 | 0x1fff);
	send_part(1);
	frame_u16(parts[1].bytes + 14 + 2, 20 + 1399);
	frame_u16(parts[1].bytes + 14 + 6, 0x2000 | 0x10);
	send_part(1);
	frame_u16(parts[1].bytes + 14 + 2, 20);
	send_part(1);
	assert_int_equal(fk->drops[0][DP_DROP_MALFORMED], 3);
	assert_int_equal(fk->n_outputs, 0);
}

struct again {
	unsigned n;
	size_t max;
};

static void
take_again(void *aux, struct packet *p)
{
	struct again *a = aux;
	struct part *q = &parts[a->n++];

	memcpy(q->bytes, p->head, p->head_len);
	if (p->tail_len)
		memcpy(q->bytes + p->head_len, p->tail, p->tail_len);
	q->len = packet_len(p);
	a->max = q->len > a->max ? q->len : a->max;
}

static void
it_leaves_in_fragments_that_make_it_again(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		const bool v6 = rnd(2);
		const unsigned vlans = rnd(3);
		const uint32_t l3 = 14 + 4 * vlans, mtu = 576 + rnd(900);
		struct again a = {0, 0};
		struct packet p;

		cut(v6, vlans, 3000 + rnd(20000), 1400);
		memset(&p, 0, sizeof(p));
		p.head = whole;
		p.head_len = (uint32_t)whole_len;
		p.in_port = 1;
		p.frag_max = 1448;
		p.frag_at = v6 ? 40 : 20;
		p.frag_id = htobe32(0x4242);
		if (rnd(2)) { /* in two pieces */
			p.head_len = 256 + rnd(1000);
			p.tail = whole + p.head_len;
			p.tail_len = (uint32_t)whole_len - p.head_len;
		}
		start();
		assert_true(packet_refragment(&fk->reader, &p, mtu, take_again, &a));
		assert_true(a.max <= l3 + mtu && a.max <= l3 + 1448);
		n_parts = a.n;
		exec_batch_done(&fk->reader);
		shuffle();
		for (unsigned i = 0; i < n_parts; i++)
			send_part(i);
		assert_int_equal(fk->n_outputs, 1);
		assert_int_equal(fk->out[0].len, whole_len);
		assert_memory_equal(fk->out[0].bytes, whole, whole_len);
		exec_batch_done(&fk->reader);
	}
}

static void
options_that_are_not_copied_stay_in_the_first(void **state)
{
	static const uint8_t opts[8] = {0x07, 3, 4, 0x82, 4, 1, 2, 0x01}; /* record route; security, copied; nop */
	struct again a = {0, 0};
	struct packet p;

	(void)state;
	cut(false, 0, 3000, 1400);
	memmove(whole + 14 + 28, whole + 14 + 20, whole_len - 34);
	memcpy(whole + 34, opts, 8);
	whole_len += 8;
	whole[14] = 0x47;
	frame_u16(whole + 14 + 2, (unsigned)whole_len - 14);
	v4_checksum(whole + 14);
	memset(&p, 0, sizeof(p));
	p.head = whole;
	p.head_len = (uint32_t)whole_len;
	p.frag_max = 1400;
	start();
	assert_true(packet_refragment(&fk->reader, &p, 1500, take_again, &a));
	assert_memory_equal(parts[0].bytes + 34, opts, 8);
	assert_memory_equal(parts[1].bytes + 34, ((const uint8_t[]){1, 1, 1, 0x82, 4, 1, 2, 1}), 8);
	for (unsigned i = 0; i < a.n; i++)
		assert_int_equal(frame_sum(0, parts[i].bytes + 14, 28), 0xffff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_datagram_is_what_was_cut),
	    cmocka_unit_test(duplicates_are_ignored),
	    cmocka_unit_test(overlaps_refuse_the_datagram),
	    cmocka_unit_test(what_does_not_come_in_time_is_given_up),
	    cmocka_unit_test(memory_is_bounded_and_the_oldest_makes_room),
	    cmocka_unit_test(strangers_do_not_mix),
	    cmocka_unit_test(it_leaves_in_fragments_that_make_it_again),
	    cmocka_unit_test(options_that_are_not_copied_stay_in_the_first),
	};
	int rc;

	fk = fake_create();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	fake_destroy(fk);
	return rc;
}
