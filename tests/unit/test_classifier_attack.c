/* SPDX-License-Identifier: ISC */
/* Lookups leave the classifier as it is: while millions of packets look for the costliest way through it, all its memory is read-only. */
#include "classifier.h"
#include "ruleset.h"
#include "search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#define ARENA ((size_t)64 << 20)
#ifdef __SANITIZE_ADDRESS__ /* ten times slower */
#define TRIES 250000u
#else
#define TRIES 2500000u /* of each set; ten million in all */
#endif

/* Where everything is allocated that is allocated while 'arena_open': only ever more of it, and the size before each piece. */
static uint8_t *arena;
static size_t arena_used;
static bool arena_open;

/* The linker puts these in the places of malloc and its like (--wrap). */
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_free(void *);

static bool
in_arena(const void *p)
{
	return arena && (const uint8_t *)p >= arena && (const uint8_t *)p < arena + ARENA;
}

void *
__wrap_malloc(size_t n)
{
	uint8_t *p;

	if (!arena_open)
		return __real_malloc(n);
	p = arena + arena_used + 16;
	arena_used += (n + 31) / 16 * 16;
	if (arena_used > ARENA)
		abort();
	memcpy(p - 16, &n, sizeof(n));
	return p;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return arena_open ? __wrap_malloc(n * size) : __real_calloc(n, size); /* pages are zero and used once */
}

void *
__wrap_realloc(void *old, size_t n)
{
	size_t n_old = 0;
	void *p;

	if (!arena_open && !in_arena(old))
		return __real_realloc(old, n);
	assert_true(arena_open);
	p = __wrap_malloc(n);
	if (old) {
		memcpy(&n_old, (uint8_t *)old - 16, sizeof(n_old));
		memcpy(p, old, n_old < n ? n_old : n);
	}
	return p;
}

void
__wrap_free(void *p)
{
	if (!in_arena(p))
		__real_free(p);
}

static void
attack(const char *kind, size_t n)
{
	struct ruleset set = {0};
	struct classifier *c;
	struct search s;

	assert_true(ruleset_make(&set, kind, n, 7));
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(arena, MAP_FAILED);
	arena_used = 0;
	arena_open = true;
	c = calloc(1, sizeof(*c));
	classifier_init(c);
	for (size_t i = 0; i < set.n; i++) {
		struct cls_rule *r;

		if (classifier_find(c, &set.rules[i].match, set.rules[i].priority, CLS_NEW))
			continue;
		r = calloc(1, sizeof(*r) + classifier_words(&set.rules[i].match) * sizeof(uint64_t));
		assert_true(classifier_insert(c, r, &set.rules[i].match, set.rules[i].priority));
	}
	arena_open = false;
	assert_int_equal(mprotect(arena, ARENA, PROT_READ), 0);
	search_worst(c, &set, 9, TRIES, &s); /* a write ends the test by a signal */
	print_message("%s: median %u, worst %u + %u\n", kind, s.median, s.worst_tables, s.worst_rules);
	assert_true(s.worst_rules > 0);
	assert_int_equal(munmap(arena, ARENA), 0);
	arena = NULL;
	ruleset_fini(&set);
}

static void
lookups_write_nothing(void **unused)
{
	(void)unused;
	attack("acl", 10000);
	attack("fw", 10000);
	attack("tse", 16384);
	attack("nest", 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lookups_write_nothing)};

	return cmocka_run_group_tests_name("classifier under attack", tests, NULL, NULL);
}
