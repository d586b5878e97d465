/* SPDX-License-Identifier: ISC */
/* Group and meter messages: what is malformed is told so, and what is written reads back equal. */
#include "messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static struct wbuf out = WBUF_INIT(OFP_MAX_MSG_LEN);
static struct act_buf acts = ACT_BUF_INIT;

static int
teardown(void **state)
{
	(void)state;
	wbuf_reset(&out);
	act_buf_reset(&acts);
	return 0;
}

static size_t
from_hex(const char *hex, uint8_t *to)
{
	size_t n = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		const char pair[3] = {hex[0], hex[1], '\0'};

		to[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static enum of_error
group_error(const char *hex)
{
	uint8_t buf[256];
	struct wire w = wire_init(buf, from_hex(hex, buf));
	struct group_mod gm;
	enum of_error error = group_mod_decode(&w, &acts, &gm);

	group_mod_fini(&gm);
	act_buf_reset(&acts);
	return error;
}

static enum of_error
meter_error(const char *hex)
{
	uint8_t buf[256];
	struct wire w = wire_init(buf, from_hex(hex, buf));
	struct meter_mod mm;
	enum of_error error = meter_mod_decode(&w, &mm);

	meter_mod_fini(&mm);
	return error;
}

#define BUCKET "0000ffffffffffffffff00000000"
#define OUTPUT_2 "0000001000000002ffff000000000000"

static void
malformed_group_mods_are_told_so(void **state)
{
	(void)state;
	assert_int_equal(group_error("0000000000000001"), OF_OK);
	assert_int_equal(group_error("00000000000000"), OFPBRC_BAD_LEN);
	assert_int_equal(group_error("0000000000000001"
	                             "0020" BUCKET OUTPUT_2),
	                 OF_OK);
	assert_int_equal(group_error("0003000000000001"), OFPGMFC_BAD_COMMAND);
	assert_int_equal(group_error("8000000000000001"
	                             "0007"),
	                 OFPGMFC_BAD_COMMAND);
	assert_int_equal(group_error("0000040000000001"), OFPGMFC_BAD_TYPE);
	/* a DELETE may say what it likes */
	assert_int_equal(group_error("0002ff0000000001"
	                             "0007"),
	                 OF_OK);
	/* lengths: too short, not of eight, beyond the message */
	assert_int_equal(group_error("0000000000000001"
	                             "0008" BUCKET),
	                 OFPGMFC_BAD_BUCKET);
	assert_int_equal(group_error("0000000000000001"
	                             "0014" BUCKET "00000000"),
	                 OFPGMFC_BAD_BUCKET);
	assert_int_equal(group_error("0000000000000001"
	                             "0028" BUCKET OUTPUT_2),
	                 OFPGMFC_BAD_BUCKET);
	assert_int_equal(group_error("0000000000000001"
	                             "0020" BUCKET "0000001000000000ffff000000000000"),
	                 OFPBAC_BAD_OUT_PORT);
	assert_int_equal(group_error("0000000000000001"
	                             "0018" BUCKET "0016000800000000"
	                             "0018" BUCKET "00160008ffffff01"),
	                 OFPBAC_BAD_OUT_GROUP);
}

static void
malformed_meter_mods_are_told_so(void **state)
{
	(void)state;
	assert_int_equal(meter_error("0000000100000001"
	                             "00010010000003e80000000000000000"),
	                 OF_OK);
	assert_int_equal(meter_error("00000001000000"), OFPBRC_BAD_LEN);
	assert_int_equal(meter_error("0003000100000001"), OFPMMFC_BAD_COMMAND);
	assert_int_equal(meter_error("0002ffff00000001"
	                             "0009"),
	                 OF_OK);
	assert_int_equal(meter_error("0000000100000001"
	                             "00030010000003e80000000000000000"),
	                 OFPMMFC_BAD_BAND);
	assert_int_equal(meter_error("0000000100000001"
	                             "ffff0010000003e80000000000000000"),
	                 OFPMMFC_BAD_BAND);
	assert_int_equal(meter_error("0000000100000001"
	                             "00010008000003e80000000000000000"),
	                 OFPBRC_BAD_LEN);
	assert_int_equal(meter_error("0000000100000001"
	                             "00010018000003e80000000000000000"),
	                 OFPBRC_BAD_LEN);
}

/* Two buckets whose actions lie in one buffer. */
static void
fill_group(struct group_mod *gm)
{
	static struct ofp_bucket buckets[2];
	const uint8_t port[2] = {0x12, 0x34};
	size_t first;

	act_buf_output(&acts, 2, OFPCML_NO_BUFFER);
	first = acts.b.len;
	act_buf_set_field(&acts, OXM_TCP_SRC, port);
	act_buf_output(&acts, 3, 0);
	buckets[0] = (struct ofp_bucket){7, 1, OFPG_ANY, {acts.b.data, (uint32_t)first}};
	buckets[1] = (struct ofp_bucket){9, OFPP_ANY, 5, {acts.b.data + first, (uint32_t)(acts.b.len - first)}};
	*gm = (struct group_mod){OFPGC_MODIFY, OFPGT_SELECT, 77, buckets, 2};
}

static void
assert_groups_equal(const struct group_mod *a, const struct group_mod *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->group_id, b->group_id);
	assert_int_equal(a->n_buckets, b->n_buckets);
	for (size_t i = 0; i < a->n_buckets; i++) {
		assert_int_equal(a->buckets[i].weight, b->buckets[i].weight);
		assert_int_equal(a->buckets[i].watch_port, b->buckets[i].watch_port);
		assert_int_equal(a->buckets[i].watch_group, b->buckets[i].watch_group);
		assert_int_equal(a->buckets[i].acts.len, b->buckets[i].acts.len);
		assert_memory_equal(a->buckets[i].acts.data, b->buckets[i].acts.data, a->buckets[i].acts.len);
	}
}

static void
groups_read_back_equal(void **state)
{
	struct act_buf read = ACT_BUF_INIT;
	struct group_mod gm, back;
	struct wire w;

	(void)state;
	fill_group(&gm);
	group_mod_encode(&out, 1, &gm);
	assert_int_equal(out.len, 16 + group_buckets_len(&gm));
	w = wire_init(out.data + 8, out.len - 8);
	assert_int_equal(group_mod_decode(&w, &read, &back), OF_OK);
	assert_int_equal(back.command, OFPGC_MODIFY);
	assert_groups_equal(&gm, &back);
	group_mod_fini(&back);
	/* two descriptions one after the other */
	wbuf_reset(&out);
	group_desc_encode(&out, &gm);
	group_desc_encode(&out, &gm);
	w = wire_init(out.data, out.len);
	for (unsigned i = 0; i < 2; i++) {
		act_buf_reset(&read);
		assert_int_equal(group_desc_decode(&w, &read, &back), OF_OK);
		assert_groups_equal(&gm, &back);
		group_mod_fini(&back);
	}
	assert_int_equal(wire_left(&w), 0);
	act_buf_fini(&read);
}

static void
group_statistics_read_back_equal(void **state)
{
	struct bucket_count counts[2] = {{1, 2}, {UINT64_MAX, 4}};
	const struct group_stats gs = {5, 6, 7, UINT64_C(1) << 40, 9, 10, counts, 2};
	const struct group_features gf = {15, 14, {1, 2, 3, 4}, {5, 6, 7, 8}};
	struct group_features gf_back;
	struct group_stats back;
	struct wire w;
	uint32_t id;

	(void)state;
	group_stats_encode(&out, &gs);
	assert_int_equal(out.len, 40 + 2 * 16);
	w = wire_init(out.data, out.len);
	assert_int_equal(group_stats_decode(&w, &back), OF_OK);
	assert_memory_equal(&back, &gs, offsetof(struct group_stats, buckets));
	assert_int_equal(back.n_buckets, 2);
	assert_memory_equal(back.buckets, counts, sizeof(counts));
	group_stats_fini(&back);
	for (size_t n = 0; n < out.len; n++) {
		w = wire_init(out.data, n);
		assert_int_equal(group_stats_decode(&w, &back), OFPBRC_BAD_LEN);
	}
	wbuf_reset(&out);
	group_features_encode(&out, &gf);
	assert_int_equal(out.len, 40);
	w = wire_init(out.data, out.len);
	assert_int_equal(group_features_decode(&w, &gf_back), OF_OK);
	assert_memory_equal(&gf_back, &gf, sizeof(gf));
	wbuf_reset(&out);
	group_stats_request_encode(&out, 1, 12);
	w = wire_init(out.data + 16, out.len - 16);
	assert_int_equal(group_stats_request_decode(&w, &id), OF_OK);
	assert_int_equal(id, 12);
}

static void
meters_read_back_equal(void **state)
{
	struct ofp_meter_band bands[2] = {{OFPMBT_DROP, 1000, 0, 0}, {OFPMBT_DSCP_REMARK, 500, 70, 2}};
	const struct meter_mod mm = {OFPMC_ADD, OFPMF_KBPS | OFPMF_STATS, 3, bands, 2};
	struct meter_mod back;
	struct wire w;

	(void)state;
	meter_mod_encode(&out, 1, &mm);
	w = wire_init(out.data + 8, out.len - 8);
	assert_int_equal(meter_mod_decode(&w, &back), OF_OK);
	assert_int_equal(back.flags, mm.flags);
	assert_int_equal(back.n_bands, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(back.bands[i].type, bands[i].type);
		assert_int_equal(back.bands[i].rate, bands[i].rate);
		assert_int_equal(back.bands[i].burst_size, bands[i].burst_size);
		assert_int_equal(back.bands[i].prec_level, bands[i].prec_level);
	}
	meter_mod_fini(&back);
	wbuf_reset(&out);
	meter_config_encode(&out, &mm);
	assert_int_equal(out.len, 8 + 2 * 16);
	w = wire_init(out.data, out.len);
	assert_int_equal(meter_config_decode(&w, &back), OF_OK);
	assert_int_equal(back.meter_id, 3);
	assert_int_equal(back.bands[1].prec_level, 2);
	meter_mod_fini(&back);
}

static void
meter_statistics_read_back_equal(void **state)
{
	struct bucket_count counts[2] = {{1, 2}, {3, 4}};
	const struct meter_stats ms = {5, 6, 7, UINT64_C(1) << 40, 9, 10, counts, 2};
	const struct meter_features mf = {1000, 6, 15, 8, 3};
	struct meter_features mf_back;
	struct meter_stats back;
	struct wire w;
	uint32_t id;

	(void)state;
	meter_stats_encode(&out, &ms);
	assert_int_equal(out.len, 40 + 2 * 16);
	w = wire_init(out.data, out.len);
	assert_int_equal(meter_stats_decode(&w, &back), OF_OK);
	assert_memory_equal(&back, &ms, offsetof(struct meter_stats, bands));
	assert_memory_equal(back.bands, counts, sizeof(counts));
	meter_stats_fini(&back);
	for (size_t n = 0; n < out.len; n++) {
		w = wire_init(out.data, n);
		assert_int_equal(meter_stats_decode(&w, &back), OFPBRC_BAD_LEN);
	}
	wbuf_reset(&out);
	meter_features_encode(&out, &mf);
	assert_int_equal(out.len, 16);
	w = wire_init(out.data, out.len);
	assert_int_equal(meter_features_decode(&w, &mf_back), OF_OK);
	assert_memory_equal(&mf_back, &mf, offsetof(struct meter_features, max_color) + 1);
	wbuf_reset(&out);
	meter_request_encode(&out, 1, OFPMP_METER_CONFIG, OFPM_ALL);
	w = wire_init(out.data + 16, out.len - 16);
	assert_int_equal(meter_request_decode(&w, &id), OF_OK);
	assert_int_equal(id, OFPM_ALL);
}

static int
fini(void **state)
{
	(void)state;
	wbuf_fini(&out);
	act_buf_fini(&acts);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(malformed_group_mods_are_told_so, teardown),
	    cmocka_unit_test_teardown(malformed_meter_mods_are_told_so, teardown),
	    cmocka_unit_test_teardown(groups_read_back_equal, teardown),
	    cmocka_unit_test_teardown(group_statistics_read_back_equal, teardown),
	    cmocka_unit_test_teardown(meters_read_back_equal, teardown),
	    cmocka_unit_test_teardown(meter_statistics_read_back_equal, teardown),
	};

	return cmocka_run_group_tests_name("wire: groups and meters", tests, NULL, fini);
}
