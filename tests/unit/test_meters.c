/* SPDX-License-Identifier: ISC */
/* The meter table, and the arithmetic of its rates under a clock that the test turns. */
#include "meters.h"
#include "tables.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)

static struct counters *counters;
static struct tables *ts;
static struct meters *ms;
static int removed[4];
static struct ofp_meter_band bands[METERS_MAX_BANDS + 1];

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	(void)aux;
	(void)r;
	removed[reason]++;
}

static int
setup(void **unused)
{
	static const struct table_events events = {.flow_removed = on_removed};

	(void)unused;
	memset(removed, 0, sizeof(removed));
	clock_fake_set(1000 * S);
	counters = counters_create(2);
	ts = tables_create(4, counters, &events, NULL);
	ms = tables_meters(ts);
	return ts ? 0 : -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	tables_destroy(ts);
	counters_destroy(counters);
	clock_fake_set(0);
	return 0;
}

static enum of_error
apply(uint16_t command, uint16_t flags, uint32_t id, size_t n, bool *stale)
{
	const struct meter_mod mm = {command, flags, id, bands, n};
	struct meter_change *c;
	enum of_error error = meter_mod_prepare(ts, &mm, &c);
	unsigned gone = 0;
	bool s;

	if (error)
		return error;
	while (meter_change_step(c, 2, &gone))
		;
	s = meter_change_commit(c);
	if (stale)
		*stale = s;
	meter_change_free(c);
	return OF_OK;
}

static struct ofp_meter_band
drop(uint32_t rate, uint32_t burst)
{
	return (struct ofp_meter_band){OFPMBT_DROP, rate, burst, 0};
}

static struct ofp_meter_band
remark(uint32_t rate, uint8_t prec)
{
	return (struct ofp_meter_band){OFPMBT_DSCP_REMARK, rate, 0, prec};
}

static enum of_error
add1(uint16_t flags, uint32_t id, struct ofp_meter_band b)
{
	bands[0] = b;
	return apply(OFPMC_ADD, flags, id, 1, NULL);
}

static enum of_error
metered_flow(uint32_t in_port, uint32_t meter)
{
	struct flow_mod fm = {.priority = 10,
	                      .buffer_id = OFP_NO_BUFFER,
	                      .flags = OFPFF_SEND_FLOW_REM,
	                      .insts = {.present = OFP_INST_BIT(OFPIT_METER), .meter = meter}};

	fm.match.key.in_port = in_port;
	fm.match.mask.in_port = UINT32_MAX;
	fm.match.key.present = fm.match.mask.present = OXM_BIT(OXM_IN_PORT);
	return tables_flow_mod(ts, &fm);
}

static void
each_error_has_its_code(void **unused)
{
	(void)unused;
	assert_int_equal(add1(OFPMF_KBPS, 0, drop(1000, 0)), OFPMMFC_INVALID_METER);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_MAX + 1, drop(1000, 0)), OFPMMFC_INVALID_METER);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_ALL, drop(1000, 0)), OFPMMFC_INVALID_METER);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_MAX, drop(1000, 0)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_CONTROLLER, drop(1000, 0)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_SLOWPATH, drop(1000, 0)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS, 1, drop(1000, 0)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS, 1, drop(1000, 0)), OFPMMFC_METER_EXISTS);
	assert_int_equal(apply(OFPMC_MODIFY, OFPMF_KBPS, 2, 1, NULL), OFPMMFC_UNKNOWN_METER);
	assert_int_equal(apply(3, OFPMF_KBPS, 2, 1, NULL), OFPMMFC_BAD_COMMAND);
	assert_int_equal(add1(OFPMF_KBPS | OFPMF_PKTPS, 2, drop(1000, 0)), OFPMMFC_BAD_FLAGS);
	assert_int_equal(add1(1u << 4, 2, drop(1000, 0)), OFPMMFC_BAD_FLAGS);
	assert_int_equal(add1(OFPMF_KBPS, 2, drop(0, 0)), OFPMMFC_BAD_RATE);
	assert_int_equal(add1(OFPMF_KBPS, 2, (struct ofp_meter_band){3, 1000, 0, 0}), OFPMMFC_BAD_BAND);
	assert_int_equal(add1(OFPMF_KBPS | OFPMF_BURST, 2, drop(1000, 0)), OFPMMFC_BAD_BURST);
	assert_int_equal(add1(OFPMF_KBPS, 2, remark(1000, 0)), OFPMMFC_BAD_BAND_VALUE);
	for (unsigned i = 0; i <= METERS_MAX_BANDS; i++)
		bands[i] = drop(1000 + i, 0);
	assert_int_equal(apply(OFPMC_ADD, OFPMF_KBPS, 2, METERS_MAX_BANDS + 1, NULL), OFPMMFC_OUT_OF_BANDS);
	assert_int_equal(apply(OFPMC_ADD, OFPMF_KBPS, 2, METERS_MAX_BANDS, NULL), OF_OK);
	assert_int_equal(apply(OFPMC_DELETE, 0xffff, 99, 0, NULL), OF_OK);
	assert_int_equal(meters_count(ms), 5);
	assert_int_equal(apply(OFPMC_DELETE, 0, OFPM_ALL, 0, NULL), OF_OK);
	assert_int_equal(meters_count(ms), 0);
}

static void
the_table_is_full_at_its_limit(void **unused)
{
	(void)unused;
	for (uint32_t id = 1; id <= METERS_MAX; id++)
		assert_int_equal(add1(OFPMF_KBPS, id, drop(1000, 0)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS, METERS_MAX + 1, drop(1000, 0)), OFPMMFC_OUT_OF_METERS);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_CONTROLLER, drop(1000, 0)), OF_OK);
}

static void
deleting_a_meter_deletes_its_flows(void **unused)
{
	struct meter_stats st;

	(void)unused;
	assert_int_equal(metered_flow(1, 1), OFPMMFC_INVALID_METER);
	assert_int_equal(add1(OFPMF_KBPS, OFPM_CONTROLLER, drop(1000, 0)), OF_OK);
	assert_int_equal(metered_flow(1, OFPM_CONTROLLER), OFPMMFC_INVALID_METER);
	assert_int_equal(add1(OFPMF_KBPS, 1, drop(1000, 0)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS, 2, drop(1000, 0)), OF_OK);
	for (uint32_t port = 1; port <= 7; port++)
		assert_int_equal(metered_flow(port, port <= 5 ? 1 : 2), OF_OK);
	assert_int_equal(metered_flow(5, 2), OF_OK);
	meter_stats(ms, meters_find(ms, 1), &st, NULL, 0);
	assert_int_equal(st.flow_count, 4);
	assert_int_equal(apply(OFPMC_MODIFY, OFPMF_KBPS, 1, 1, NULL), OF_OK);
	meter_stats(ms, meters_find(ms, 1), &st, NULL, 0);
	assert_int_equal(st.flow_count, 4);
	assert_int_equal(apply(OFPMC_DELETE, 0, 1, 0, NULL), OF_OK);
	assert_int_equal(tables_active(ts, 0), 3);
	assert_int_equal(removed[OFPRR_DELETE], 4);
	assert_int_equal(apply(OFPMC_DELETE, 0, OFPM_ALL, 0, NULL), OF_OK);
	assert_int_equal(tables_active(ts, 0), 0);
}

static void
what_was_sent_reads_back(void **unused)
{
	struct meter_mod mm;

	(void)unused;
	bands[0] = drop(5, 77);
	bands[1] = remark(3, 2);
	bands[2] = drop(9, 0);
	assert_int_equal(apply(OFPMC_ADD, 0, 4, 3, NULL), OF_OK);
	assert_true(meter_as_mod(meters_next(ms, 0), &mm));
	assert_int_equal(mm.flags, 0);
	assert_int_equal(mm.n_bands, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(mm.bands[i].type, bands[i].type);
		assert_int_equal(mm.bands[i].rate, bands[i].rate);
		assert_int_equal(mm.bands[i].burst_size, bands[i].burst_size);
		assert_int_equal(mm.bands[i].prec_level, bands[i].prec_level);
	}
	meter_mod_fini(&mm);
}

static void
programs_are_stale_only_when_remark_bands_come_or_go(void **unused)
{
	bool stale = true;

	(void)unused;
	bands[0] = drop(5, 0);
	apply(OFPMC_ADD, 0, 4, 1, &stale);
	assert_false(stale);
	bands[0] = drop(6, 0);
	apply(OFPMC_MODIFY, 0, 4, 1, &stale);
	assert_false(stale);
	bands[0] = remark(6, 1);
	apply(OFPMC_MODIFY, 0, 4, 1, &stale);
	assert_true(stale);
	bands[0] = drop(6, 0);
	apply(OFPMC_MODIFY, 0, 4, 1, &stale);
	assert_true(stale);
}

static void
a_modified_meter_keeps_its_count_and_age(void **unused)
{
	struct bucket_count counts[1];
	struct meter_stats st;

	(void)unused;
	add1(OFPMF_KBPS, 1, drop(1000, 0));
	counters_add(counters_lane(counters, 0), meters_find(ms, 1)->counter, 5, 500, 1);
	counters_add(counters_lane(counters, 0), meters_find(ms, 1)->bands[0].counter, 2, 200, 1);
	clock_fake_set(1007 * S);
	assert_int_equal(apply(OFPMC_MODIFY, OFPMF_KBPS, 1, 1, NULL), OF_OK);
	meter_stats(ms, meters_find(ms, 1), &st, counts, 1);
	assert_int_equal(st.packet_in_count, 5);
	assert_int_equal(st.byte_in_count, 500);
	assert_int_equal(st.duration_s, 7);
	assert_int_equal(counts[0].packets, 0);
}

static void
a_change_can_be_undone(void **unused)
{
	const struct meter_mod del = {OFPMC_DELETE, 0, OFPM_ALL, NULL, 0};
	struct meter_mod mod = {OFPMC_MODIFY, OFPMF_PKTPS, 1, bands, 1};
	struct meter_change *a, *b;

	(void)unused;
	add1(OFPMF_KBPS, 1, drop(1000, 0));
	counters_add(counters_lane(counters, 0), meters_find(ms, 1)->counter, 5, 500, 1);
	bands[0] = remark(7, 1);
	assert_int_equal(meter_mod_prepare(ts, &mod, &a), OF_OK);
	assert_true(meter_change_commit(a));
	assert_int_equal(meter_mod_prepare(ts, &del, &b), OF_OK);
	meter_change_commit(b);
	assert_null(meters_find(ms, 1));
	meter_change_undo(b);
	meter_change_free(b);
	assert_true(meter_change_undo(a));
	meter_change_free(a);
	assert_int_equal(meters_find(ms, 1)->bands[0].rate, 1000);
	assert_int_equal(meters_find(ms, 1)->flags, OFPMF_KBPS);
	assert_int_equal(metered_flow(1, 1), OF_OK);
}

/* ---- rates ---- */

struct offer {
	uint64_t interval_ns; /* between arrivals */
	uint32_t n, bytes; /* of each */
	unsigned batch; /* arrivals that share one reading of the clock */
	uint64_t seconds;
};
struct taken {
	uint64_t frames, bytes, banded;
};

/* Offers frames to meter 1; those that split are asked for one by one, as the executor does. */
static struct taken
offer(const struct offer *o)
{
	const struct meter *m = meters_find(ms, 1);
	const struct meter_band *band;
	struct taken t = {0, 0, 0};
	uint64_t i = 0;

	for (uint64_t now = 1; now < o->seconds * S; now += o->interval_ns, i++) {
		const uint64_t seen = 2000 * S + (now - now % (o->batch * o->interval_ns));
		const enum meter_color whole = meter_measure(m, o->n, o->bytes, seen, &band);

		for (uint32_t k = 0; whole == METER_SPLIT && k < o->n; k++) {
			const bool pass = meter_measure(m, 1, o->bytes / o->n, seen, &band) == METER_PASS;

			t.frames += pass;
			t.bytes += pass ? o->bytes / o->n : 0;
			t.banded += !pass;
		}
		if (whole == METER_PASS) {
			t.frames += o->n;
			t.bytes += o->bytes;
		} else if (whole == METER_BAND) {
			t.banded += o->n;
		}
	}
	return t;
}

/* Within 'permille' of 'want'. */
static void
assert_near(uint64_t got, uint64_t want, uint64_t permille)
{
	const uint64_t off = got > want ? got - want : want - got;

	if (off * 1000 > want * permille)
		print_error("%llu is not near %llu\n", (unsigned long long)got, (unsigned long long)want);
	assert_true(off * 1000 <= want * permille);
}

static void
a_rate_holds_from_slow_to_fast(void **unused)
{
	/* kbit/s, and what is offered: about twice as much, in frames of one size */
	static const struct {
		uint32_t rate;
		struct offer o;
	} rows[] = {
	    {10, {600000000, 1, 1500, 1, 600}},     {10, {24000000, 1, 60, 1, 300}},
	    {1000, {6000000, 1, 1500, 1, 60}},      {100000, {60000, 1, 1500, 64, 20}},
	    {1000000, {6000, 1, 1500, 64, 20}},     {10000000, {26000, 44, 66000, 16, 20}},
	    {40000000, {6600, 44, 66000, 4, 20}},   {1000000, {480, 1, 60, 64, 20}},
	    {100000000, {2600, 44, 66000, 32, 20}}, {5000, {52800000, 44, 66000, 1, 60}},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct offer *o = &rows[i].o;
		const uint64_t want = (uint64_t)rows[i].rate * 125 * o->seconds;

		assert_int_equal(add1(OFPMF_KBPS, 1, drop(rows[i].rate, 0)), OF_OK);
		/* the burst is a tenth of a second's worth, and then one frame */
		assert_near(offer(o).bytes, want + (uint64_t)rows[i].rate * 125 / 10, 10);
		assert_int_equal(apply(OFPMC_DELETE, 0, 1, 0, NULL), OF_OK);
	}
}

static void
packets_are_counted_in_pktps(void **unused)
{
	static const uint32_t rates[] = {1, 100, 1000, 10000, 1000000};

	(void)unused;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const struct offer o = {S / rates[i] / 2, 1, 1500, rates[i] > 1000 ? 64 : 1, rates[i] > 10 ? 20 : 400};
		const struct offer super = {S / rates[i] * 20, 44, 66000, 1, 20};

		assert_int_equal(add1(OFPMF_PKTPS, 1, drop(rates[i], 0)), OF_OK);
		assert_near(offer(&o).frames, rates[i] * o.seconds + rates[i] / 10, 10);
		/* superframes count as the frames that they stand for; one must fit into the burst, a tenth of a second */
		assert_int_equal(apply(OFPMC_MODIFY, OFPMF_PKTPS, 1, 1, NULL), OF_OK);
		if (rates[i] >= 1000)
			assert_near(offer(&super).frames, rates[i] * super.seconds + rates[i] / 10, 10);
		assert_int_equal(apply(OFPMC_DELETE, 0, 1, 0, NULL), OF_OK);
	}
}

static void
below_the_rate_nothing_is_touched(void **unused)
{
	const struct offer o = {12100000, 1, 1500, 1, 60}; /* 992 kbit/s */
	struct taken t;

	(void)unused;
	assert_int_equal(add1(OFPMF_KBPS, 1, drop(1000, 0)), OF_OK);
	t = offer(&o);
	assert_int_equal(t.banded, 0);
}

static void
a_burst_passes_as_ordered(void **unused)
{
	const struct meter *m;
	const struct meter_band *band;
	unsigned n = 0;

	(void)unused;
	/* 1 Mbit/s, 120 kbit: ten frames of 1500 bytes at once, then one each 12 ms */
	assert_int_equal(add1(OFPMF_KBPS | OFPMF_BURST, 1, drop(1000, 120)), OF_OK);
	m = meters_find(ms, 1);
	while (meter_measure(m, 1, 1500, 5000 * S, &band) == METER_PASS)
		n++;
	assert_int_equal(n, 10);
	assert_ptr_equal(band, &m->bands[0]);
	assert_int_equal(meter_measure(m, 1, 1500, 5000 * S + 13 * MS, &band), METER_PASS);
	assert_int_equal(meter_measure(m, 1, 1500, 5000 * S + 13 * MS, &band), METER_PASS);
	assert_int_equal(meter_measure(m, 1, 1500, 5000 * S + 14 * MS, &band), METER_BAND);
	/* huge ones do not overflow */
	assert_int_equal(apply(OFPMC_DELETE, 0, 1, 0, NULL), OF_OK);
	assert_int_equal(add1(OFPMF_PKTPS | OFPMF_BURST, 1, drop(1, UINT32_MAX)), OF_OK);
	assert_int_equal(add1(OFPMF_KBPS | OFPMF_BURST, 2, drop(UINT32_MAX, UINT32_MAX)), OF_OK);
	for (unsigned i = 0; i < 100000; i++) {
		assert_int_equal(meter_measure(meters_find(ms, 1), 1, 1500, 5000 * S, &band), METER_PASS);
		assert_int_equal(meter_measure(meters_find(ms, 2), 44, 66000, 5000 * S, &band), METER_PASS);
	}
}

static void
a_superframe_splits_only_where_the_rate_ends(void **unused)
{
	const struct meter *m;
	const struct meter_band *band;

	(void)unused;
	assert_int_equal(add1(OFPMF_PKTPS | OFPMF_BURST, 1, drop(100, 50)), OF_OK);
	m = meters_find(ms, 1);
	assert_int_equal(meter_measure(m, 44, 66000, 5000 * S, &band), METER_PASS);
	assert_int_equal(meter_measure(m, 44, 66000, 5000 * S, &band), METER_SPLIT);
	assert_int_equal(meter_measure(m, 6, 9000, 5000 * S, &band), METER_PASS);
	assert_int_equal(meter_measure(m, 44, 66000, 5000 * S, &band), METER_BAND);
}

static void
of_the_bands_exceeded_the_highest_applies(void **unused)
{
	struct offer o = {2000000, 1, 1500, 1, 20}; /* 500 packets/s */
	const struct meter *m;
	uint64_t n[3] = {0, 0, 0};

	(void)unused;
	bands[0] = remark(100, 1);
	bands[1] = drop(300, 0);
	assert_int_equal(apply(OFPMC_ADD, OFPMF_PKTPS, 1, 2, NULL), OF_OK);
	m = meters_find(ms, 1);
	for (uint64_t now = 0; now < o.seconds * S; now += o.interval_ns) {
		const struct meter_band *band;

		if (meter_measure(m, 1, 1500, 3000 * S + now, &band) == METER_PASS)
			n[0]++;
		else
			n[band == &m->bands[0] ? 1 : 2]++;
	}
	/* of 500: 100 as they are, 200 remarked, 200 dropped */
	assert_near(n[0], 100 * o.seconds, 10);
	assert_near(n[1], 200 * o.seconds, 10);
	assert_near(n[2], 200 * o.seconds, 10);
}

static void
an_idle_meter_saves_no_more_than_its_burst(void **unused)
{
	const struct meter *m;
	const struct meter_band *band;
	unsigned n = 0;

	(void)unused;
	assert_int_equal(add1(OFPMF_PKTPS | OFPMF_BURST, 1, drop(100, 20)), OF_OK);
	m = meters_find(ms, 1);
	meter_measure(m, 1, 60, 5000 * S, &band);
	while (meter_measure(m, 1, 60, 9000 * S, &band) == METER_PASS)
		n++;
	assert_int_equal(n, 20);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(each_error_has_its_code),
	    T(the_table_is_full_at_its_limit),
	    T(deleting_a_meter_deletes_its_flows),
	    T(what_was_sent_reads_back),
	    T(programs_are_stale_only_when_remark_bands_come_or_go),
	    T(a_modified_meter_keeps_its_count_and_age),
	    T(a_change_can_be_undone),
	    T(a_rate_holds_from_slow_to_fast),
	    T(packets_are_counted_in_pktps),
	    T(below_the_rate_nothing_is_touched),
	    T(a_burst_passes_as_ordered),
	    T(a_superframe_splits_only_where_the_rate_ends),
	    T(of_the_bands_exceeded_the_highest_applies),
	    T(an_idle_meter_saves_no_more_than_its_burst),
	};

	return cmocka_run_group_tests_name("meters", tests, NULL, NULL);
}
