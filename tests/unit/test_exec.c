/* SPDX-License-Identifier: ISC */
/* The executor: what programs do to frames, and that every checksum holds afterwards. */
#include "exec_fakes.h"
#include "frames.h"
#include "openflow/openflow13.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct fake *fk;
static uint8_t buf[FAKE_FRAME_MAX + PACKET_HEADROOM];
static uint8_t *const frame = buf + PACKET_HEADROOM;
static uint32_t rnd_state = 1;

static uint32_t
rnd(uint32_t n)
{
	rnd_state = rnd_state * 1664525u + 1013904223u;
	return (rnd_state >> 8) % n;
}

static void
op_output(uint32_t port)
{
	struct dp_op_output *o = dp_program_append(&fk->prog, DP_OP_OUTPUT, sizeof(*o));

	o->port_no = port;
}

static void
op_type(enum dp_op_type type, uint16_t ethertype)
{
	struct dp_op_ethertype *o = dp_program_append(&fk->prog, type, sizeof(*o));

	o->ethertype = ethertype;
}

static void
op_ttl(enum dp_op_type type, uint8_t ttl)
{
	struct dp_op_ttl *o = dp_program_append(&fk->prog, type, sizeof(*o));

	o->ttl = ttl;
}

static void
op_set(enum oxm_field field, const void *v, uint8_t n)
{
	struct dp_op_set_field *o = dp_program_append(&fk->prog, DP_OP_SET_FIELD, sizeof(*o));

	o->field = (uint8_t)field;
	o->len = n;
	memcpy(o->value, v, n);
}

static size_t
fresh(bool v6, uint8_t proto, unsigned vlans)
{
	const struct frame_spec s = {vlans, v6, proto, 33, false};

	fake_reset(fk);
	return frame_make(frame, &s, 5);
}

static void
output_hits_the_cache_the_second_time(void **state)
{
	const size_t len = fresh(false, 6, 0);
	struct counter_sum sum;
	const uint32_t id = counters_alloc(fk->counters);

	(void)state;
	dp_program_credit(&fk->prog, id, DP_CREDIT_RULE);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 2);
	assert_int_equal(fk->n_classify, 1);
	assert_int_equal(fake_drops(fk), 0);
	counters_read(fk->counters, id, &sum);
	assert_int_equal(sum.packets, 2);
	assert_int_equal(sum.bytes, 2 * len);
	changes_all(&fk->bridge.changes);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_classify, 2);
}

/* A batch of any length runs all its frames, in order; each new flow is announced in two steps before it is classified. */
static void
batches_keep_order_and_announce_new_flows(void **state)
{
	enum { MOST = 9, ROOM = 256 };
	static uint8_t frames[MOST][PACKET_HEADROOM + ROOM];
	struct packet p[MOST];

	(void)state;
	for (unsigned n = 1; n <= MOST; n++) {
		const size_t len = fresh(false, 6, 0);

		op_output(2);
		for (unsigned run = 0; run < 2; run++) {
			memset(p, 0, sizeof(p));
			for (unsigned i = 0; i < n; i++) {
				p[i].head = memcpy(frames[i] + PACKET_HEADROOM, frame, len);
				p[i].head[10] = (uint8_t)n; /* eth_src: flows that the cache has never seen */
				p[i].head[11] = (uint8_t)i;
				p[i].head_len = (uint32_t)len;
				p[i].headroom = PACKET_HEADROOM;
				p[i].in_port = 1;
			}
			exec_batch(&fk->reader, &fk->bridge, p, n);
		}
		assert_int_equal(fk->n_outputs, 2 * n);
		for (unsigned i = 0; i < 2 * n; i++)
			assert_int_equal(fk->out[i].bytes[11], i % n);
		assert_int_equal(fk->n_classify, n);
		assert_int_equal(fk->n_expect[0], n);
		assert_int_equal(fk->n_expect[1], n);
		assert_true(fk->expect_order);
	}
}

/* What an entry's flags leave out is not written (5.8); the time of its use is. */
static void
only_what_is_asked_for_is_counted(void **state)
{
	static const enum dp_credit_kind kinds[] = {DP_CREDIT_RULE, DP_CREDIT_RULE_PACKETS, DP_CREDIT_RULE_BYTES,
	                                            DP_CREDIT_RULE_USE};
	const size_t len = fresh(false, 6, 0);
	uint32_t ids[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		ids[i] = counters_alloc(fk->counters);
		dp_program_credit(&fk->prog, ids[i], kinds[i]);
	}
	op_output(2);
	fk->reader.now_ms = 77;
	fake_run(fk, frame, len, NULL);
	fake_run(fk, frame, len, NULL);
	for (unsigned i = 0; i < 4; i++) {
		struct counter_sum sum;

		counters_read(fk->counters, ids[i], &sum);
		assert_int_equal(sum.packets, i == 0 || i == 1 ? 2 : 0);
		assert_int_equal(sum.bytes, i == 0 || i == 2 ? 2 * len : 0);
		assert_int_equal(sum.used_ms, 77);
	}
}

static void
every_end_without_output_counts_once(void **state)
{
	struct dp_op_drop *d;
	size_t len = fresh(false, 6, 0);

	(void)state;
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_NO_ACTION], 1);
	len = fresh(false, 6, 0);
	d = dp_program_append(&fk->prog, DP_OP_DROP, sizeof(*d));
	d->reason = DP_DROP_NO_MATCH;
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_NO_MATCH], 1);
	assert_int_equal(fake_drops(fk), 1);
	len = fresh(false, 6, 0);
	op_output(1);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_IN_PORT], 1);
	assert_int_equal(fake_drops(fk), 1);
	len = fresh(false, 6, 0);
	fk->n_all = 0;
	dp_program_append(&fk->prog, DP_OP_OUTPUT_ALL, sizeof(struct dp_op_none));
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_NO_FLOOD_PORT], 1);
}

static void
what_a_frame_lacks_is_passed_over(void **state)
{
	const uint8_t v[16] = {1, 2, 3};
	uint8_t was[512];
	const size_t len = fresh(false, 6, 0);

	(void)state;
	memcpy(was, frame, len);
	op_type(DP_OP_POP_VLAN, 0);
	op_type(DP_OP_POP_MPLS, 0x0800);
	op_type(DP_OP_POP_PBB, 0);
	op_ttl(DP_OP_DEC_MPLS_TTL, 0);
	op_ttl(DP_OP_COPY_TTL_IN, 0);
	op_set(OXM_VLAN_PCP, v, 1);
	op_set(OXM_IPV6_DST, v, 16);
	op_set(OXM_ARP_SPA, v, 4);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 1);
	assert_int_equal(fk->out[0].len, len);
	assert_memory_equal(fk->out[0].bytes, was, len);
}

static void
reparse_ends_after_16_passes(void **state)
{
	const size_t len = fresh(false, 6, 0);
	struct dp_op_reparse *o = dp_program_append(&fk->prog, DP_OP_REPARSE, sizeof(*o) + 8);

	(void)state;
	o->resume_len = 5;
	memset(o->resume, 7, 5);
	fk->resumed = fk->prog;
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_LOOP], 1);
	assert_int_equal(fake_drops(fk), 1);
	assert_int_equal(fk->n_classify, 2);
}

static void
expired_ttl_goes_to_the_controller(void **state)
{
	const size_t len = fresh(false, 6, 0);

	(void)state;
	op_ttl(DP_OP_SET_NW_TTL, 1);
	op_ttl(DP_OP_DEC_NW_TTL, 0);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 0);
	assert_int_equal(fk->n_packet_in, 1);
	assert_int_equal(fk->packet_in_reason, OFPR_INVALID_TTL);
	assert_int_equal(fake_drops(fk), 0);
}

/* 5.8: what lies behind the end of a frame's way is not credited. */
static void
an_expired_frame_counts_as_far_as_it_got(void **state)
{
	const size_t len = fresh(false, 6, 0);
	const uint32_t first = counters_alloc(fk->counters), second = counters_alloc(fk->counters);
	struct dp_op_ttl *dec;
	struct counter_sum sum;

	(void)state;
	dp_program_credit(&fk->prog, first, DP_CREDIT_RULE);
	op_ttl(DP_OP_SET_NW_TTL, 1);
	dec = dp_program_append(&fk->prog, DP_OP_DEC_NW_TTL, sizeof(*dec));
	dec->n_credits = 1;
	dp_program_credit(&fk->prog, second, DP_CREDIT_RULE);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	counters_read(fk->counters, first, &sum);
	assert_int_equal(sum.packets, 1);
	counters_read(fk->counters, second, &sum);
	assert_int_equal(sum.packets, 0);
}

/* Port fields are those of the protocol that the IP header names. */
static void
ports_belong_to_the_protocol(void **state)
{
	const uint8_t port[2] = {0x12, 0x34}, udp = 17;
	const size_t len = fresh(false, 6, 0);

	(void)state;
	op_set(OXM_UDP_SRC, port, 2);
	op_output(2);
	op_set(OXM_IP_PROTO, &udp, 1);
	op_set(OXM_TCP_DST, port, 2);
	op_set(OXM_UDP_SRC, port, 2);
	op_output(3);
	fake_run(fk, frame, len, NULL);
	assert_int_not_equal(get_be16(fk->out[0].bytes + 34), 0x1234);
	assert_int_equal(get_be16(fk->out[1].bytes + 34), 0x1234);
	assert_int_not_equal(get_be16(fk->out[1].bytes + 36), 0x1234);
}

/* RFC 768: a sum that comes out as 0 is sent as 0xffff, for 0 says that there is none. */
static void
an_udp_checksum_never_becomes_none(void **state)
{
	const size_t len = fresh(false, 17, 0);
	uint8_t *const udp = frame + 34;
	uint8_t words[4], port[2];

	(void)state;
	frame_u16(words, ~frame_get16(udp + 6) & 0xffff); /* the sum of all words, without that of the port */
	frame_u16(words + 2, ~frame_get16(udp) & 0xffff);
	frame_u16(port, 0xffff - frame_sum(0, words, 4));
	op_set(OXM_UDP_SRC, port, 2);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_memory_equal(fk->out[0].bytes + 34, port, 2);
	assert_int_equal(frame_get16(fk->out[0].bytes + 40), 0xffff);
}

/* RFC 8200, section 8.1: with segments left the pseudo header has the last destination, not the one that is written. */
static void
a_routing_header_decides_on_the_destination(void **state)
{
	static const uint8_t address[16] = {0x20, 1, [15] = 9};

	(void)state;
	for (uint8_t left = 0; left < 2; left++) {
		const uint8_t routing[8] = {6, 0, 0, left};
		size_t len = fresh(true, 6, 0);
		unsigned before;

		before = frame_get16(frame + 54 + 16);
		memmove(frame + 62, frame + 54, len - 54);
		memcpy(frame + 54, routing, 8);
		frame[20] = 43;
		frame_u16(frame + 18, frame_get16(frame + 18) + 8);
		len += 8;
		op_set(OXM_IPV6_DST, address, 16);
		op_output(2);
		fake_run(fk, frame, len, NULL);
		assert_memory_equal(fk->out[0].bytes + 38, address, 16);
		assert_true((frame_get16(fk->out[0].bytes + 62 + 16) == before) == (left == 1));
	}
}

static void
normal_follows_its_verdict(void **state)
{
	size_t len = fresh(false, 6, 0);

	(void)state;
	dp_program_append(&fk->prog, DP_OP_NORMAL, sizeof(struct dp_op_none));
	fk->normal = (struct dp_normal){.verdict = DP_NORMAL_UNICAST, .port_no = 9, .learn = true};
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->out[0].port_no, 9);
	assert_int_equal(fk->n_learn, 1);
	fk->normal = (struct dp_normal){.verdict = DP_NORMAL_FLOOD};
	fk->n_all = 3;
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 4);
	fk->normal = (struct dp_normal){.verdict = DP_NORMAL_DROP, .reason = DP_DROP_SAME_PORT};
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_SAME_PORT], 1);
}

/* Push and pop leave the frame as it was, for each kind of tag, at any number of rounds. */
static void
push_then_pop_is_nothing(void **state)
{
	static const struct {
		enum dp_op_type push, pop;
		uint16_t type;
	} kinds[] = {{DP_OP_PUSH_VLAN, DP_OP_POP_VLAN, 0x88a8},
	             {DP_OP_PUSH_MPLS, DP_OP_POP_MPLS, 0x8847},
	             {DP_OP_PUSH_PBB, DP_OP_POP_PBB, 0x88e7}};
	uint8_t was[512];

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		for (unsigned n = 1; n < 20; n++) {
			const size_t len = fresh(n & 1, 17, k == 1 ? 1 : 0);

			memcpy(was, frame, len);
			for (unsigned i = 0; i < n; i++) {
				op_type(kinds[k].push, kinds[k].type);
				op_output(2);
			}
			for (unsigned i = n; i > 0; i--)
				op_type(kinds[k].pop, i > 1 ? kinds[k].type : 0x8100);
			op_output(3);
			fake_run(fk, frame, len, NULL);
			assert_int_equal(fk->n_outputs, n + 1);
			assert_int_equal(fk->out[n].len, len);
			assert_memory_equal(fk->out[n].bytes, was, len);
			assert_true(fake_outputs_untouched(fk));
		}
	}
}

static void
push_mpls_takes_the_ip_ttl(void **state)
{
	const size_t len = fresh(false, 6, 0);
	const uint8_t label[4] = {0, 0, 0x12, 0x34};

	(void)state;
	op_type(DP_OP_PUSH_MPLS, 0x8847);
	op_set(OXM_MPLS_LABEL, label, 4);
	op_ttl(DP_OP_DEC_MPLS_TTL, 0);
	dp_program_append(&fk->prog, DP_OP_COPY_TTL_IN, sizeof(struct dp_op_none));
	op_output(2);
	op_type(DP_OP_POP_MPLS, 0x0800);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 2);
	assert_int_equal(get_be16(fk->out[0].bytes + 12), 0x8847);
	assert_int_equal(get_be32(fk->out[0].bytes + 14), (0x1234u << 12) | 0x100 | 63);
	assert_int_equal(fk->out[1].bytes[14 + 8], 63);
	assert_true(frame_checksums_right(fk->out[1].bytes, fk->out[1].len));
}

/* 5.12: "immediately after the Ethernet header and before other tags". */
static void
push_mpls_goes_before_the_vlan_tag(void **state)
{
	const size_t len = fresh(false, 6, 1);
	const uint16_t tci = get_be16(frame + 14);

	(void)state;
	op_type(DP_OP_PUSH_MPLS, 0x8848);
	op_output(2);
	op_type(DP_OP_POP_MPLS, 0x8100);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(get_be16(fk->out[0].bytes + 12), 0x8848);
	assert_int_equal(get_be32(fk->out[0].bytes + 14), 0x100 | 64);
	assert_int_equal(get_be16(fk->out[0].bytes + 18), tci);
	assert_int_equal(get_be16(fk->out[1].bytes + 12), 0x8100);
	assert_int_equal(get_be16(fk->out[1].bytes + 14), tci);
}

/* 5.12.1: a field with nothing to be copied from is zero. */
static void
push_mpls_on_arp_has_ttl_0(void **state)
{
	size_t len = fresh(false, 6, 0);

	(void)state;
	frame[12] = 0x08;
	frame[13] = 0x06;
	op_type(DP_OP_PUSH_MPLS, 0x8847);
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(get_be32(fk->out[0].bytes + 14), 0x100);
}

/* Label by label to the outside, and to the inside again. */
static void
copy_ttl_goes_from_label_to_label(void **state)
{
	const size_t len = fresh(false, 6, 0);

	(void)state;
	op_type(DP_OP_PUSH_MPLS, 0x8847);
	op_ttl(DP_OP_SET_MPLS_TTL, 11);
	op_type(DP_OP_PUSH_MPLS, 0x8847);
	op_ttl(DP_OP_SET_MPLS_TTL, 22);
	op_output(2);
	dp_program_append(&fk->prog, DP_OP_COPY_TTL_OUT, sizeof(struct dp_op_none));
	op_output(2);
	op_ttl(DP_OP_SET_MPLS_TTL, 33);
	dp_program_append(&fk->prog, DP_OP_COPY_TTL_IN, sizeof(struct dp_op_none));
	op_output(2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(get_be32(fk->out[0].bytes + 14), 22);
	assert_int_equal(get_be32(fk->out[0].bytes + 18), 0x100 | 11);
	assert_int_equal(get_be32(fk->out[1].bytes + 14), 11);
	assert_int_equal(get_be32(fk->out[2].bytes + 14), 33);
	assert_int_equal(get_be32(fk->out[2].bytes + 18), 0x100 | 33);
}

static uint8_t
field_bits(enum oxm_field f)
{
	static const uint8_t bits[] = {
#define OXM(id, n, name, bytes, b, mask, set, prereq, member) b,
#include "openflow/oxm_fields.def"
#undef OXM
	};

	return bits[f];
}

/* A random value of the field, and its length. */
static uint8_t
random_value(enum oxm_field f, uint8_t v[16])
{
	const uint8_t bits = f == OXM_VLAN_VID ? 12 : field_bits(f);
	const uint8_t n = (uint8_t)((field_bits(f) + 7) / 8 == 3 && f != OXM_PBB_ISID ? 4 : (field_bits(f) + 7) / 8);

	for (unsigned i = 0; i < n; i++)
		v[i] = (uint8_t)rnd(256);
	for (unsigned bit = bits; bit < n * 8u; bit++)
		v[n - 1 - bit / 8] &= (uint8_t) ~(1u << (bit % 8));
	if (f == OXM_VLAN_VID)
		v[0] |= 0x10;
	return n;
}

static void
random_op(const struct frame_spec *s)
{
	static const enum oxm_field any[] = {OXM_ETH_DST, OXM_ETH_SRC, OXM_IP_DSCP, OXM_IP_ECN};
	uint8_t v[16];
	enum oxm_field f;

	switch (rnd(8)) {
	case 0:
		op_type(DP_OP_PUSH_VLAN, 0x8100);
		return;
	case 1:
		op_ttl(DP_OP_SET_NW_TTL, (uint8_t)(2 + rnd(250)));
		return;
	case 2:
		op_ttl(DP_OP_DEC_NW_TTL, 0);
		return;
	case 3:
		op_output(5);
		return;
	case 4:
		f = any[rnd(4)];
		break;
	case 5:
		f = s->proto == 6     ? OXM_TCP_SRC
		    : s->proto == 17  ? OXM_UDP_DST
		    : s->proto == 132 ? OXM_SCTP_DST
		    : s->proto == 1   ? OXM_ICMPV4_CODE
		                      : OXM_ICMPV6_CODE;
		break;
	default:
		f = s->v6 ? (rnd(3) ? (rnd(2) ? OXM_IPV6_SRC : OXM_IPV6_DST) : OXM_IPV6_FLABEL)
		          : (rnd(2) ? OXM_IPV4_SRC : OXM_IPV4_DST);
		break;
	}
	op_set(f, v, random_value(f, v));
}

/* Completes a partial checksum the slow way. */
static void
complete(struct fake_output *o)
{
	const size_t at = (size_t)o->vnet.csum_start + o->vnet.csum_offset;

	if (!(o->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return;
	frame_u16(o->bytes + at, ~frame_sum(0, o->bytes + o->vnet.csum_start, o->len - o->vnet.csum_start));
}

static void
checksums_hold_after_random_actions(void **state)
{
	static const uint8_t protos[2][4] = {{1, 6, 17, 132}, {58, 6, 17, 132}};

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct frame_spec s = {rnd(3), rnd(2), 0, rnd(400), rnd(4) == 0};
		struct virtio_net_hdr vnet;
		size_t len;
		size_t l4;

		memset(&vnet, 0, sizeof(vnet));
		s.proto = protos[s.v6][rnd(4)];
		fake_reset(fk);
		len = frame_make(frame, &s, (uint8_t)rnd(256));
		l4 = frame_l3(frame) + (s.v6 ? 40 : 20);
		if ((s.proto == 6 || s.proto == 17) && rnd(3) == 0) {
			vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
			vnet.csum_start = (uint16_t)l4;
			vnet.csum_offset = (uint16_t)frame_l4_csum_at(s.proto);
			frame_u16(frame + l4 + vnet.csum_offset,
			          frame_pseudo(frame + l4 - (s.v6 ? 40 : 20), s.v6, s.proto, len - l4));
		}
		for (unsigned n = rnd(6); n > 0; n--)
			random_op(&s);
		op_output(2);
		fake_run(fk, frame, len, &vnet);
		assert_true(fk->n_outputs > 0);
		assert_int_equal(fake_drops(fk), 0);
		assert_true(fake_outputs_untouched(fk));
		for (unsigned i = 0; i < fk->n_outputs; i++) {
			complete(&fk->out[i]);
			assert_true(frame_checksums_right(fk->out[i].bytes, fk->out[i].len));
		}
	}
}

static void
set_field_writes_what_the_key_then_shows(void **state)
{
	static const uint8_t protos[] = {1, 6, 17, 58, 132};

	(void)state;
	for (unsigned round = 0; round < 4000; round++) {
		const uint8_t proto = protos[rnd(5)];
		const size_t len = fresh(proto == 58 || (proto != 1 && rnd(2)), proto, rnd(3));
		const enum oxm_field f = (enum oxm_field)(OXM_ETH_DST + rnd(OXM_N_FIELDS - OXM_ETH_DST));
		static const size_t offset[] = {
#define OXM(id, n, name, bytes, b, mask, set, prereq, member) offsetof(struct flow_key, member),
#include "openflow/oxm_fields.def"
#undef OXM
		};
		struct flow_offsets ofs;
		struct flow_key key;
		uint8_t v[16];
		uint8_t n;

		flow_key_extract(frame, len, len, 1, &key, &ofs);
		if (!flow_key_has(&key, f) || f == OXM_ETH_TYPE || f == OXM_IP_PROTO || f == OXM_IPV6_EXTHDR ||
		    (f == OXM_VLAN_VID && !flow_key_has(&key, OXM_VLAN_PCP)))
			continue;
		n = random_value(f, v);
		if (f == OXM_ICMPV6_TYPE)
			v[0] = 129;
		op_set(f, v, n);
		op_output(2);
		fake_run(fk, frame, len, NULL);
		assert_int_equal(fk->n_outputs, 1);
		flow_key_extract(fk->out[0].bytes, len, len, 1, &key, &ofs);
		assert_memory_equal((uint8_t *)&key + offset[f], v, n);
		assert_true(frame_checksums_right(fk->out[0].bytes, len));
	}
}

static void
fragments_are_dropped_when_asked(void **state)
{
	const size_t len = fresh(false, 17, 0);

	(void)state;
	frame[14 + 6] = 0x20;
	op_output(2);
	fk->bridge.frag_flags = OFPC_FRAG_DROP;
	fake_run(fk, frame, len, NULL);
	fk->bridge.frag_flags = OFPC_FRAG_NORMAL;
	assert_int_equal(fk->drops[0][DP_DROP_FRAG], 1);
	assert_int_equal(fk->n_outputs, 0);
}

static size_t
make_superframe(struct virtio_net_hdr *vnet)
{
	const struct frame_spec s = {0, false, 6, 5000, false};

	fake_reset(fk);
	memset(vnet, 0, sizeof(*vnet));
	vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vnet->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	vnet->gso_size = 1400;
	vnet->hdr_len = 54;
	vnet->csum_start = 34;
	vnet->csum_offset = 16;
	return frame_make(frame, &s, 3);
}

/* The kernel cuts a superframe by the protocols that its headers name: afterwards it no longer could. */
static void
a_superframe_is_cut_before_its_protocol_changes(void **state)
{
	static const uint8_t proto = 17, type[2] = {0x88, 0xb5};
	struct virtio_net_hdr vnet;

	(void)state;
	for (unsigned turn = 0; turn < 2; turn++) {
		const size_t len = make_superframe(&vnet);

		op_set(turn ? OXM_ETH_TYPE : OXM_IP_PROTO, turn ? type : &proto, turn ? 2 : 1);
		op_output(2);
		fake_run(fk, frame, len, &vnet);
		assert_int_equal(fk->n_outputs, 4);
		assert_int_equal(fake_drops(fk), 0);
		for (unsigned i = 0; i < 4; i++) {
			assert_int_equal(fk->out[i].vnet.gso_type, VIRTIO_NET_HDR_GSO_NONE);
			assert_int_equal(fk->out[i].len, 54 + (i < 3 ? 1400 : 800));
		}
	}
}

static void
push_mpls_on_a_superframe_makes_frames(void **state)
{
	struct virtio_net_hdr vnet;
	size_t len;

	(void)state;
	len = make_superframe(&vnet);
	op_type(DP_OP_PUSH_MPLS, 0x8847);
	op_type(DP_OP_POP_MPLS, 0x0800);
	op_output(2);
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_outputs, 4);
	assert_int_equal(fake_drops(fk), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(fk->out[i].len, 54 + (i < 3 ? 1400 : 800));
		assert_true(frame_checksums_right(fk->out[i].bytes, fk->out[i].len));
	}
}

static int
setup(void **state)
{
	(void)state;
	fk = fake_create();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_destroy(fk);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(output_hits_the_cache_the_second_time),
	    cmocka_unit_test(batches_keep_order_and_announce_new_flows),
	    cmocka_unit_test(only_what_is_asked_for_is_counted),
	    cmocka_unit_test(every_end_without_output_counts_once),
	    cmocka_unit_test(reparse_ends_after_16_passes),
	    cmocka_unit_test(expired_ttl_goes_to_the_controller),
	    cmocka_unit_test(an_expired_frame_counts_as_far_as_it_got),
	    cmocka_unit_test(ports_belong_to_the_protocol),
	    cmocka_unit_test(an_udp_checksum_never_becomes_none),
	    cmocka_unit_test(a_routing_header_decides_on_the_destination),
	    cmocka_unit_test(normal_follows_its_verdict),
	    cmocka_unit_test(push_then_pop_is_nothing),
	    cmocka_unit_test(what_a_frame_lacks_is_passed_over),
	    cmocka_unit_test(push_mpls_takes_the_ip_ttl),
	    cmocka_unit_test(push_mpls_goes_before_the_vlan_tag),
	    cmocka_unit_test(push_mpls_on_arp_has_ttl_0),
	    cmocka_unit_test(copy_ttl_goes_from_label_to_label),
	    cmocka_unit_test(checksums_hold_after_random_actions),
	    cmocka_unit_test(set_field_writes_what_the_key_then_shows),
	    cmocka_unit_test(fragments_are_dropped_when_asked),
	    cmocka_unit_test(push_mpls_on_a_superframe_makes_frames),
	    cmocka_unit_test(a_superframe_is_cut_before_its_protocol_changes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
