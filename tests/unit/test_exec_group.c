/* SPDX-License-Identifier: ISC */
/* Frames in groups and meters: copies that do not see each other, ends that are counted, superframes. */
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

static void
add_output(struct dp_program *p, uint32_t port)
{
	struct dp_op_output *o = dp_program_append(p, DP_OP_OUTPUT, sizeof(*o));

	o->port_no = port;
}

static void
add_group(struct dp_program *p)
{
	struct dp_op_group *o = dp_program_append(p, DP_OP_GROUP, sizeof(*o));

	o->group_id = 1;
}

static void
add_meter(struct dp_program *p)
{
	struct dp_op_meter *o = dp_program_append(p, DP_OP_METER, sizeof(*o));

	o->id = 1;
}

static void
add_type(struct dp_program *p, enum dp_op_type type, uint16_t ethertype)
{
	struct dp_op_ethertype *o = dp_program_append(p, type, sizeof(*o));

	o->ethertype = ethertype;
}

static void
add_controller(struct dp_program *p)
{
	struct dp_op_controller *o = dp_program_append(p, DP_OP_CONTROLLER, sizeof(*o));

	o->max_len = OFPCML_NO_BUFFER;
	o->reason = OFPR_ACTION;
}

static void
add_set(struct dp_program *p, enum oxm_field field, const void *v, uint8_t n)
{
	struct dp_op_set_field *o = dp_program_append(p, DP_OP_SET_FIELD, sizeof(*o));

	o->field = (uint8_t)field;
	o->len = n;
	memcpy(o->value, v, n);
}

static void
add_dec_ttl(struct dp_program *p)
{
	dp_program_append(p, DP_OP_DEC_NW_TTL, sizeof(struct dp_op_ttl));
}

static size_t
fresh(bool v6, uint8_t proto, size_t payload, struct virtio_net_hdr *vnet)
{
	const struct frame_spec s = {0, v6, proto, (unsigned)payload, false};
	size_t len;

	fake_reset(fk);
	len = frame_make(frame, &s, 5);
	if (vnet) {
		memset(vnet, 0, sizeof(*vnet));
		vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vnet->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		vnet->gso_size = 1000;
		vnet->hdr_len = 54;
		vnet->csum_start = 34;
		vnet->csum_offset = 16;
	}
	return len;
}

/* ---- groups ---- */

static void
each_bucket_has_a_copy_of_its_own(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0x77}, addr[4] = {10, 9, 8, 7};
	const size_t len = fresh(false, 6, 200, NULL);
	uint8_t was[512];

	(void)state;
	memcpy(was, frame, len);
	add_output(&fk->prog, 9);
	add_group(&fk->prog);
	add_set(&fk->prog, OXM_ETH_SRC, mac, 6);
	add_output(&fk->prog, 8);
	fk->n_buckets = 3;
	add_set(&fk->buckets[0], OXM_IPV4_DST, addr, 4);
	add_output(&fk->buckets[0], 2);
	add_type(&fk->buckets[1], DP_OP_PUSH_VLAN, 0x8100);
	add_set(&fk->buckets[1], OXM_ETH_DST, mac, 6);
	add_output(&fk->buckets[1], 3);
	add_output(&fk->buckets[2], 4);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 5);
	assert_true(fake_outputs_untouched(fk));
	assert_memory_equal(fk->bucket_key.eth_dst, was, 6); /* not what the second bucket made of it */
	assert_int_equal(fk->bucket_key.vlan_vid, 0);
	assert_int_equal(fake_drops(fk), 0);
	assert_memory_equal(fk->out[0].bytes, was, len);
	assert_int_equal(fk->out[1].port_no, 2);
	assert_memory_equal(fk->out[1].bytes + 30, addr, 4);
	assert_true(frame_checksums_right(fk->out[1].bytes, fk->out[1].len));
	assert_int_equal(fk->out[2].len, len + 4);
	assert_memory_equal(fk->out[2].bytes, mac, 6);
	assert_memory_equal(fk->out[2].bytes + 16, was + 12, len - 12);
	assert_int_equal(fk->out[3].port_no, 4);
	assert_memory_equal(fk->out[3].bytes, was, len);
	assert_memory_equal(fk->out[4].bytes + 6, mac, 6);
	assert_memory_equal(fk->out[4].bytes + 12, was + 12, len - 12);
}

/* A bucket that sends the frame unchanged refers to its bytes: what comes after must not write to them. */
static void
what_comes_after_a_group_leaves_its_outputs_alone(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0x77};
	const size_t len = fresh(false, 17, 100, NULL);
	uint8_t was[512];

	(void)state;
	memcpy(was, frame, len);
	add_group(&fk->prog);
	add_set(&fk->prog, OXM_ETH_DST, mac, 6);
	add_output(&fk->prog, 8);
	fk->n_buckets = 1;
	add_output(&fk->buckets[0], 2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 2);
	assert_memory_equal(fk->out[0].bytes, was, len);
	assert_true(fake_outputs_untouched(fk));
	assert_memory_equal(fk->out[1].bytes, mac, 6);
}

static void
superframes_go_through_buckets_whole(void **state)
{
	static const uint8_t addr[4] = {10, 9, 8, 7};
	struct virtio_net_hdr vnet;
	const size_t len = fresh(false, 6, 5000, &vnet);

	(void)state;
	add_group(&fk->prog);
	fk->n_buckets = 3;
	add_set(&fk->buckets[0], OXM_IPV4_DST, addr, 4);
	add_output(&fk->buckets[0], 2);
	add_type(&fk->buckets[1], DP_OP_PUSH_MPLS, 0x8847); /* this one has to cut it */
	add_output(&fk->buckets[1], 3);
	add_output(&fk->buckets[2], 4);
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_outputs, 1 + 5 + 1);
	assert_int_equal(fk->out[0].len, len);
	assert_int_equal(fk->out[0].vnet.gso_size, 1000);
	assert_int_equal(fk->out[1].len, 54 + 4 + 1000);
	assert_int_equal(fk->out[6].len, len);
	assert_int_equal(fk->out[6].vnet.gso_size, 1000);
	assert_true(fake_outputs_untouched(fk));
	assert_int_equal(fake_drops(fk), 0);
}

static void
the_credits_of_a_group_count_frames(void **state)
{
	struct virtio_net_hdr vnet;
	const size_t len = fresh(false, 6, 5000, &vnet);
	const uint32_t id = counters_alloc(fk->counters);
	struct counter_sum sum;

	(void)state;
	add_group(&fk->prog);
	fk->n_buckets = 1;
	dp_program_credit(&fk->buckets[0], id, DP_CREDIT_GROUP);
	add_output(&fk->buckets[0], 2);
	fake_run(fk, frame, len, &vnet);
	counters_read(fk->counters, id, &sum);
	assert_int_equal(sum.packets, 5);
	assert_int_equal(sum.bytes, len + 4 * 54);
}

static void
no_bucket_is_a_counted_drop(void **state)
{
	struct virtio_net_hdr vnet;
	const size_t len = fresh(false, 6, 5000, &vnet);

	(void)state;
	add_group(&fk->prog);
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_outputs, 0);
	assert_int_equal(fk->drops[0][DP_DROP_GROUP], 5);
	assert_int_equal(fake_drops(fk), 5);
}

static void
a_bucket_ends_alone(void **state)
{
	size_t len = fresh(false, 6, 20, NULL);

	(void)state;
	frame[14 + 8] = 1; /* TTL */
	add_group(&fk->prog);
	fk->n_buckets = 3;
	add_type(&fk->buckets[0], DP_OP_POP_VLAN, 0); /* there is none: passed over */
	add_output(&fk->buckets[0], 2);
	add_dec_ttl(&fk->buckets[1]);
	add_output(&fk->buckets[1], 3);
	add_output(&fk->buckets[2], 4);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 2);
	assert_int_equal(fk->out[0].port_no, 2);
	assert_int_equal(fk->out[1].port_no, 4);
	assert_int_equal(fk->n_packet_in, 1);
	assert_int_equal(fk->packet_in_reason, OFPR_INVALID_TTL);
	assert_int_equal(fake_drops(fk), 0);
}

static void
groups_within_groups_have_a_bound(void **state)
{
	size_t len = fresh(false, 6, 20, NULL);

	(void)state;
	/* a group that forwards to itself, as no table holds it: one output on each level */
	add_group(&fk->prog);
	fk->n_buckets = 2;
	add_output(&fk->buckets[0], 2);
	add_group(&fk->buckets[1]);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, DP_MAX_GROUPS);
	assert_true(fake_outputs_untouched(fk));
	/* and one that does so three times: the bound on buckets ends it */
	fresh(false, 6, 20, NULL);
	add_group(&fk->prog);
	fk->n_buckets = 4;
	add_output(&fk->buckets[0], 2);
	add_group(&fk->buckets[1]);
	add_group(&fk->buckets[2]);
	add_group(&fk->buckets[3]);
	fake_run(fk, frame, len, NULL);
	assert_true(fk->n_outputs > FAKE_MAX_OUTPUTS - 1);
	/* without any output the bound is what is counted */
	fresh(false, 6, 20, NULL);
	add_group(&fk->prog);
	fk->n_buckets = 1;
	add_group(&fk->buckets[0]);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->drops[0][DP_DROP_GROUP_LIMIT], 1);
	assert_int_equal(fake_drops(fk), 1);
}

static void
changes_before_the_last_group_are_seen_in_it(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0x77};
	const size_t len = fresh(true, 17, 60, NULL);

	(void)state;
	add_set(&fk->prog, OXM_ETH_DST, mac, 6);
	add_group(&fk->prog);
	fk->n_buckets = 2;
	add_type(&fk->buckets[0], DP_OP_PUSH_VLAN, 0x88a8);
	add_output(&fk->buckets[0], 2);
	add_type(&fk->buckets[1], DP_OP_PUSH_PBB, 0x88e7);
	add_output(&fk->buckets[1], 3);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 2);
	assert_memory_equal(fk->out[0].bytes, mac, 6);
	assert_int_equal(get_be16(fk->out[0].bytes + 12), 0x88a8);
	assert_int_equal(get_be16(fk->out[1].bytes + 12), 0x88e7);
	assert_memory_equal(fk->out[1].bytes + 18, mac, 6);
	assert_true(fake_outputs_untouched(fk));
}

/* ---- meters ---- */

static void
a_drop_band_drops_and_counts(void **state)
{
	size_t len = fresh(false, 6, 20, NULL);
	const uint32_t id = counters_alloc(fk->counters);
	struct counter_sum sum;

	(void)state;
	fk->meter = (struct dp_meter){.verdict = DP_METER_DROP, .n_counters = 1, .counters = {id}};
	add_meter(&fk->prog);
	add_output(&fk->prog, 2);
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 0);
	assert_int_equal(fk->drops[0][DP_DROP_METER], 1);
	counters_read(fk->counters, id, &sum);
	assert_int_equal(sum.packets, 1);
	assert_int_equal(sum.bytes, len);
}

static void
a_remark_band_raises_the_drop_precedence(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		for (unsigned dscp = 0; dscp < 64; dscp++) {
			for (uint8_t levels = 1; levels < 4; levels++) {
				const unsigned y = (dscp >> 1) & 3, x = dscp >> 3;
				const bool af = !(dscp & 1) && x >= 1 && x <= 4 && y >= 1;
				const unsigned want = af ? x << 3 | (y + levels > 3 ? 3 : y + levels) << 1 : dscp;
				size_t len = fresh(v6, 6, 20, NULL);
				const uint8_t value = (uint8_t)dscp;
				struct flow_offsets ofs;
				struct flow_key key;

				add_set(&fk->prog, OXM_IP_DSCP, &value, 1);
				add_meter(&fk->prog);
				add_output(&fk->prog, 2);
				fk->meter = (struct dp_meter){.verdict = DP_METER_REMARK, .levels = levels};
				fake_run(fk, frame, len, NULL);
				assert_int_equal(fk->n_outputs, 1);
				flow_key_extract(fk->out[0].bytes, len, len, 1, &key, &ofs);
				assert_int_equal(key.ip_dscp, want);
				assert_true(frame_checksums_right(fk->out[0].bytes, len));
			}
		}
	}
}

static void
a_remark_leaves_other_frames_alone(void **state)
{
	size_t len = fresh(false, 6, 20, NULL);

	(void)state;
	put_be16(frame + 12, 0x88b5);
	add_meter(&fk->prog);
	add_output(&fk->prog, 2);
	fk->meter = (struct dp_meter){.verdict = DP_METER_REMARK, .levels = 1};
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 1);
	assert_memory_equal(fk->out[0].bytes, frame, len);
}

static void
a_superframe_is_cut_only_where_the_rate_ends(void **state)
{
	struct virtio_net_hdr vnet;
	size_t len = fresh(false, 6, 5000, &vnet);

	(void)state;
	add_meter(&fk->prog);
	add_output(&fk->prog, 2);
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_outputs, 1);
	assert_int_equal(fk->out[0].vnet.gso_size, 1000);
	/* all dropped: five frames */
	len = fresh(false, 6, 5000, &vnet);
	add_meter(&fk->prog);
	add_output(&fk->prog, 2);
	fk->meter_super = DP_METER_DROP;
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_outputs, 0);
	assert_int_equal(fk->drops[0][DP_DROP_METER], 5);
	/* cut: each is measured alone */
	len = fresh(false, 6, 5000, &vnet);
	add_meter(&fk->prog);
	add_output(&fk->prog, 2);
	fk->meter_super = DP_METER_SPLIT;
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_metered, 5);
	assert_int_equal(fk->n_outputs, 5);
	assert_int_equal(fake_drops(fk), 0);
	for (unsigned i = 0; i < 5; i++)
		assert_true(frame_checksums_right(fk->out[i].bytes, fk->out[i].len));
	len = fresh(false, 6, 5000, &vnet);
	add_meter(&fk->prog);
	add_output(&fk->prog, 2);
	fk->meter_super = DP_METER_SPLIT;
	fk->meter.verdict = DP_METER_DROP;
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->drops[0][DP_DROP_METER], 5);
	assert_int_equal(fake_drops(fk), 5);
}

static void
packet_ins_have_meters_of_their_own(void **state)
{
	struct virtio_net_hdr vnet;
	size_t len = fresh(false, 6, 20, NULL);

	(void)state;
	add_controller(&fk->prog);
	fk->up_meter.verdict = DP_METER_DROP;
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_packet_in, 0);
	assert_int_equal(fk->drops[0][DP_DROP_METER], 1);
	/* a frame that goes elsewhere too is no drop */
	len = fresh(false, 6, 20, NULL);
	add_controller(&fk->prog);
	add_output(&fk->prog, 2);
	fk->up_meter.verdict = DP_METER_DROP;
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_outputs, 1);
	assert_int_equal(fake_drops(fk), 0);
	/* superframes: one message for each frame */
	len = fresh(false, 6, 5000, &vnet);
	add_controller(&fk->prog);
	fk->up_meter.verdict = DP_METER_DROP;
	fake_run(fk, frame, len, &vnet);
	assert_int_equal(fk->n_metered, 5);
	assert_int_equal(fk->drops[0][DP_DROP_METER], 5);
	assert_int_equal(fake_drops(fk), 5);
	/* what goes on is not remarked */
	len = fresh(false, 6, 20, NULL);
	frame[15] = 10 << 2;
	add_controller(&fk->prog);
	add_output(&fk->prog, 2);
	fk->up_meter = (struct dp_meter){.verdict = DP_METER_REMARK, .levels = 1};
	fake_run(fk, frame, len, NULL);
	assert_int_equal(fk->n_packet_in, 1);
	assert_int_equal(fk->out[0].bytes[15], 10 << 2);
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
	    cmocka_unit_test(each_bucket_has_a_copy_of_its_own),
	    cmocka_unit_test(what_comes_after_a_group_leaves_its_outputs_alone),
	    cmocka_unit_test(superframes_go_through_buckets_whole),
	    cmocka_unit_test(the_credits_of_a_group_count_frames),
	    cmocka_unit_test(no_bucket_is_a_counted_drop),
	    cmocka_unit_test(a_bucket_ends_alone),
	    cmocka_unit_test(groups_within_groups_have_a_bound),
	    cmocka_unit_test(changes_before_the_last_group_are_seen_in_it),
	    cmocka_unit_test(a_drop_band_drops_and_counts),
	    cmocka_unit_test(a_remark_band_raises_the_drop_precedence),
	    cmocka_unit_test(a_remark_leaves_other_frames_alone),
	    cmocka_unit_test(a_superframe_is_cut_only_where_the_rate_ends),
	    cmocka_unit_test(packet_ins_have_meters_of_their_own),
	};

	return cmocka_run_group_tests_name("exec: groups and meters", tests, setup, teardown);
}
