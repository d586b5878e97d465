/* SPDX-License-Identifier: ISC */
/* lib/: cursors stop at their end, maps keep every node while they grow, counters sum over lanes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "addr.h"
#include "clock.h"
#include "counters.h"
#include "fair_queue.h"
#include "hash.h"
#include "hmap.h"
#include "list.h"
#include "log.h"
#include "sbuf.h"
#include "slab.h"
#include "wire.h"

static void
reads_past_the_end_are_zero_and_sticky(void **state)
{
	const uint8_t data[] = {0x12, 0x34, 0x56};
	struct wire w = wire_init(data, sizeof(data));

	(void)state;
	assert_int_equal(wire_be16(&w), 0x1234);
	assert_int_equal(wire_be32(&w), 0);
	assert_false(wire_ok(&w));
	assert_int_equal(wire_u8(&w), 0);
	assert_int_equal(wire_left(&w), 0);
}

static void
a_child_cursor_sees_its_length_alone(void **state)
{
	const uint8_t data[] = {1, 2, 3, 4};
	struct wire w = wire_init(data, sizeof(data));
	struct wire sub = wire_sub(&w, 2);

	(void)state;
	assert_int_equal(wire_be32(&sub), 0);
	assert_false(wire_ok(&sub));
	assert_true(wire_ok(&w));
	assert_int_equal(wire_be16(&w), 0x0304);
	sub = wire_sub(&w, 1);
	assert_false(wire_ok(&sub));
	assert_false(wire_ok(&w));
}

static void
a_message_never_passes_its_maximum(void **state)
{
	struct wbuf b = WBUF_INIT(10);

	(void)state;
	wbuf_put_be64(&b, UINT64_C(0x0102030405060708));
	wbuf_put_be16(&b, 0x090a);
	assert_true(wbuf_ok(&b));
	assert_int_equal(b.data[9], 0x0a);
	wbuf_put_u8(&b, 1);
	assert_false(wbuf_ok(&b));
	assert_int_equal(b.len, 10);
	wbuf_fini(&b);
}

struct item {
	struct hmap_node node;
	uint64_t value;
};

static struct item *
item_find(const struct hmap *m, uint64_t hash, uint64_t value)
{
	for (struct hmap_node *n = hmap_first_with_hash(m, hash); n; n = hmap_next_with_hash(m, n)) {
		struct item *it = CONTAINER_OF(n, struct item, node);

		if (it->value == value)
			return it;
	}
	return NULL;
}

/* Hashes collide on purpose: only 64 different ones. */
static void
a_growing_map_keeps_every_node(void **state)
{
	enum { N = 3000 };
	struct item *items = calloc(N, sizeof(*items));
	struct hmap m;

	(void)state;
	assert_non_null(items);
	hmap_init(&m);
	for (uint64_t i = 0; i < N; i++) {
		size_t seen = 0;

		items[i].value = i;
		assert_true(hmap_insert(&m, &items[i].node, i % 64));
		if (i % 97)
			continue;
		for (uint64_t j = 0; j <= i; j++)
			assert_ptr_equal(item_find(&m, j % 64, j), &items[j]);
		for (struct hmap_node *n = hmap_first(&m); n; n = hmap_next(&m, n))
			seen++;
		assert_int_equal(seen, i + 1);
	}
	for (uint64_t i = 0; i < N; i += 2)
		hmap_remove(&m, &items[i].node);
	for (uint64_t i = 0; i < N; i++)
		assert_ptr_equal(item_find(&m, i % 64, i), i % 2 ? &items[i] : NULL);
	assert_int_equal(hmap_count(&m), N / 2);
	hmap_fini(&m);
	free(items);
}

static void
counters_are_summed_over_lanes(void **state)
{
	struct counters *c = counters_create(3);
	struct counter_sum sum;
	uint32_t last = 0;

	(void)state;
	assert_non_null(c);
	for (unsigned i = 0; i < COUNTERS_CHUNK + 10; i++)
		last = counters_alloc(c);
	assert_int_equal(last, COUNTERS_CHUNK + 9);
	counters_add(counters_lane(c, 0), last, 1, 60, 5);
	counters_add(counters_lane(c, 2), last, 2, 140, 9);
	counters_read(c, last, &sum);
	assert_int_equal(sum.packets, 3);
	assert_int_equal(sum.bytes, 200);
	assert_int_equal(sum.used_ms, 9);
	counters_free(c, last);
	assert_int_equal(counters_alloc(c), last);
	counters_read(c, last, &sum);
	assert_int_equal(sum.packets, 0);
	counters_destroy(c);
}

/* What a lane has written to a chunk is gone when all the chunk's ids are. */
static void
a_chunk_without_counters_in_use_begins_at_zero(void **state)
{
	struct counters *c = counters_create(2);
	struct counter_sum sum;

	(void)state;
	assert_non_null(c);
	for (unsigned i = 0; i < 3 * COUNTERS_CHUNK; i++) {
		assert_int_equal(counters_alloc(c), i);
		counters_add(counters_lane(c, 1), i, 1, 60, 5);
	}
	for (unsigned i = 0; i < 2 * COUNTERS_CHUNK; i++) /* the first two chunks are idle */
		counters_free(c, i);
	for (unsigned i = 2 * COUNTERS_CHUNK; i < 3 * COUNTERS_CHUNK; i++) {
		counters_read(c, i, &sum);
		assert_int_equal(sum.packets, 1);
	}
	for (unsigned i = 0; i < COUNTERS_CHUNK; i++) {
		counters_read(c, i, &sum); /* this one's memory has been given back */
		assert_int_equal(sum.packets, 0);
	}
	for (unsigned i = 0; i < 2 * COUNTERS_CHUNK; i++) {
		const uint32_t id = counters_alloc(c);

		assert_in_range(id, 0, 2 * COUNTERS_CHUNK - 1);
		counters_read(c, id, &sum);
		assert_int_equal(sum.packets + sum.used_ms, 0);
		counters_add(counters_lane(c, 0), id, 1, 60, 7);
	}
	counters_free(c, 5); /* and one that comes and goes */
	assert_int_equal(counters_alloc(c), 5);
	counters_destroy(c);
}

/* Each object has its own bytes, whatever goes before and after it; blocks come with the objects and go with them. */
static void
objects_of_a_slab_keep_apart_and_its_blocks_go(void **state)
{
	enum { N = 20000, SIZE = 152 };
	static uint32_t *object[N];
	struct slab s;

	(void)state;
	slab_init(&s, SIZE - 3); /* rounded up */
	assert_int_equal(s.size, SIZE);
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = round ? 1 : 0; i < N; i += round ? 2 : 1) {
			object[i] = slab_alloc(&s);
			assert_non_null(object[i]);
			assert_int_equal((uintptr_t)object[i] % 8, 0);
			for (unsigned w = 0; w < SIZE / 4; w++)
				object[i][w] = i;
		}
		for (uint32_t i = 0; i < N; i++) {
			for (unsigned w = 0; w < SIZE / 4; w++)
				assert_int_equal(object[i][w], i);
		}
		assert_in_range(s.n_blocks, N * SIZE / SLAB_BLOCK, N * SIZE / SLAB_BLOCK + 1);
		for (uint32_t i = 1; i < N; i += 2)
			slab_free(object[(i * 7919) % N | 1]);
		for (uint32_t i = 1; i < N; i += 2)
			object[i] = NULL;
	}
	for (uint32_t i = 0; i < N; i += 2)
		slab_free(object[i]);
	slab_free(NULL);
	assert_int_equal(s.n_blocks, 1); /* one stays, so that one object that comes and goes costs no system call */
	assert_int_equal(s.n_empty, 1);
	slab_fini(&s);
	assert_int_equal(s.n_blocks, 0);
}

static void
addresses_are_parsed_strictly(void **state)
{
	uint8_t mac[6], mask[16];
	char buf[MAC_STR_LEN];

	(void)state;
	assert_true(mac_parse("02:0:aB:00:00:1", mac));
	assert_string_equal(mac_format(mac, buf), "02:00:ab:00:00:01");
	assert_false(mac_parse("02:00:00:00:00", mac));
	assert_false(mac_parse("02:00:00:00:00:01:", mac));
	assert_false(mac_parse("02:00:00:00:00:001", mac));
	mask_from_prefix(9, mask, 4);
	assert_int_equal(mask_prefix_len(mask, 4), 9);
	mask[3] = 1;
	assert_int_equal(mask_prefix_len(mask, 4), -1);
}

static int lines;

static void
count_line(enum log_module module, enum log_level level, const char *line)
{
	(void)module;
	(void)level;
	(void)line;
	lines++;
}

static void
a_call_site_is_limited_and_says_so(void **state)
{
	(void)state;
	log_init("test");
	log_set_sink(count_line);
	clock_fake_set(UINT64_C(1000000000));
	for (int i = 0; i < 1000; i++) {
		log_warn_rl(LOG_MAIN, "again");
		if (i == 500)
			clock_fake_set(UINT64_C(120000000000));
	}
	clock_fake_set(0);
	log_set_sink(NULL);
	assert_int_equal(lines, 40);
	assert_true(log_set_spec("conn:dbg"));
	assert_true(log_enabled(LOG_CONN, LOG_LEVEL_DEBUG));
	assert_false(log_enabled(LOG_PORT, LOG_LEVEL_DEBUG));
	assert_false(log_set_spec("nothing:dbg"));
	assert_false(log_set_spec("conn:loud"));
}

struct thing {
	struct fair_item item;
	uint32_t source;
};

/* Pushes a thing of cost 1; counts victims by source in 'lost'. */
static void
offer(struct fair_queue *q, uint32_t source, unsigned lost[])
{
	struct thing *t = calloc(1, sizeof(*t));
	struct list victims, *e;

	list_init(&victims);
	t->source = source;
	if (!fair_push(q, source, &t->item, 1, &victims)) {
		lost[source]++;
		free(t);
	}
	while ((e = list_pop_front(&victims)) != NULL) {
		t = CONTAINER_OF(e, struct thing, item.node);
		lost[t->source]++;
		free(t);
	}
}

static uint32_t
serve(struct fair_queue *q)
{
	struct fair_item *item = fair_pop(q);
	struct thing *t = item ? CONTAINER_OF(item, struct thing, item) : NULL;
	const uint32_t source = t ? t->source : 0;

	free(t);
	return source;
}

static void
a_loud_source_takes_no_quiet_ones_place(void **state)
{
	unsigned lost[4] = {0}, served[4] = {0};
	struct fair_queue q;

	(void)state;
	fair_init(&q, 30);
	for (unsigned i = 0; i < 1000; i++)
		offer(&q, 1, lost);
	assert_int_equal(lost[1], 970);
	for (unsigned i = 0; i < 10; i++) {
		offer(&q, 2, lost);
		offer(&q, 3, lost);
	}
	assert_int_equal(lost[1], 990); /* it gave way */
	assert_int_equal(lost[2] + lost[3], 0);
	offer(&q, 2, lost); /* above its share of a full queue */
	assert_int_equal(lost[2], 1);
	for (unsigned i = 0; i < 30; i++) {
		served[serve(&q)]++;
		assert_in_range(served[2], i / 3, i / 3 + 1); /* in turn */
	}
	assert_int_equal(served[1] + served[2] + served[3], 30);
	assert_int_equal(q.cost, 0);
	assert_null(fair_pop(&q));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_past_the_end_are_zero_and_sticky),
	    cmocka_unit_test(a_child_cursor_sees_its_length_alone),
	    cmocka_unit_test(a_message_never_passes_its_maximum),
	    cmocka_unit_test(a_growing_map_keeps_every_node),
	    cmocka_unit_test(counters_are_summed_over_lanes),
	    cmocka_unit_test(a_chunk_without_counters_in_use_begins_at_zero),
	    cmocka_unit_test(objects_of_a_slab_keep_apart_and_its_blocks_go),
	    cmocka_unit_test(addresses_are_parsed_strictly),
	    cmocka_unit_test(a_call_site_is_limited_and_says_so),
	    cmocka_unit_test(a_loud_source_takes_no_quiet_ones_place),
	};

	return cmocka_run_group_tests_name("lib", tests, NULL, NULL);
}
