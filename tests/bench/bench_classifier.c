/* SPDX-License-Identifier: ISC */
/* The classifier alone: lookups, updates, memory, and the worst packet that a search finds, beside a plain tuple-space search.
 *
 *   bench_classifier [SET...]      SET: KIND:RULES[:SEED] (ruleset.h), or a ClassBench file
 *
 * The counts (tables, rules compared) are the same on every machine; times are of this one, medians of several runs. */
#include "classifier.h"
#include "ruleset.h"
#include "tss.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEYS 65536u
#define SEARCH 1000000u
#define RUNS 5

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* what others take of the processor is not ours */
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct times {
	uint64_t *v;
	size_t n;
};

static void
times_init(struct times *t, size_t max)
{
	t->n = 0;
	t->v = malloc(max * sizeof(*t->v));
	if (!t->v)
		abort();
}

static void
times_print(struct times *t, const char *what)
{
	uint64_t total = 0;

	qsort(t->v, t->n, sizeof(*t->v), compare_u64);
	for (size_t i = 0; i < t->n; i++)
		total += t->v[i];
	if (t->n)
		printf("  %-8s %9.0f /s   p50 %llu  p99 %llu  p99.99 %llu  max %llu ns\n", what,
		       (double)t->n * 1e9 / (double)total, (unsigned long long)t->v[t->n / 2],
		       (unsigned long long)t->v[t->n * 99 / 100], (unsigned long long)t->v[t->n * 9999 / 10000],
		       (unsigned long long)t->v[t->n - 1]);
	free(t->v);
}

static size_t
heap_bytes(void)
{
	const struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* Rules in a random order, so that the order of a file does not help. */
static void
shuffle(struct ruleset *s, struct ruleset_rnd *r)
{
	for (size_t i = s->n; i > 1; i--) {
		const size_t j = (size_t)(ruleset_rnd(r) % i);
		const struct ruleset_rule t = s->rules[i - 1];

		s->rules[i - 1] = s->rules[j];
		s->rules[j] = t;
	}
}

static double
median_of(double v[RUNS])
{
	for (int i = 1; i < RUNS; i++) {
		for (int j = i; j > 0 && v[j] < v[j - 1]; j--) {
			const double t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
	}
	return v[RUNS / 2];
}

static struct flow_key keys[KEYS];

#define MEASURE_LOOKUPS(call)                                                                                          \
	({                                                                                                             \
		double run_[RUNS];                                                                                     \
		for (int run = 0; run < RUNS; run++) {                                                                 \
			const uint64_t t0 = now_ns();                                                                  \
			for (unsigned i = 0; i < KEYS; i++)                                                            \
				found += (call) != NULL;                                                               \
			run_[run] = (double)(now_ns() - t0) / KEYS;                                                    \
		}                                                                                                      \
		median_of(run_);                                                                                       \
	})

static void
bench_own(const struct ruleset *s)
{
	struct cls_rule **rules = calloc(s->n, sizeof(*rules));
	const size_t before = heap_bytes();
	struct times add, del;
	struct classifier c;
	size_t n = 0, found = 0, memory;
	struct ruleset_rnd r = {4};

	if (!rules)
		abort();
	classifier_init(&c);
	times_init(&add, s->n);
	times_init(&del, s->n);
	for (size_t i = 0; i < s->n; i++) {
		const struct ruleset_rule *x = &s->rules[i];
		uint64_t t0;

		if (classifier_find(&c, &x->match, x->priority, CLS_NEW))
			continue;
		rules[n] = calloc(1, sizeof(**rules) + classifier_words(&x->match) * sizeof(uint64_t));
		t0 = now_ns();
		if (!rules[n] || !classifier_insert(&c, rules[n++], &x->match, x->priority))
			abort();
		add.v[add.n++] = now_ns() - t0;
	}
	memory = heap_bytes() - before - s->n * 16;
	printf("  lookup   %9.1f ns\n", MEASURE_LOOKUPS(classifier_lookup(&c, &keys[i], CLS_NEW)));
	{
		struct cls_cost cost = {0}, worst = {0};
		uint64_t median;
		uint64_t *each = malloc(SEARCH * sizeof(*each));

		if (!each)
			abort();
		for (unsigned i = 0; i < SEARCH; i++) {
			struct cls_cost one = {0};
			struct flow_key k;

			if (i & 1)
				ruleset_key_any(&r, &k);
			else
				ruleset_key_in(s, &r, &k);
			classifier_lookup_cost(&c, &k, CLS_NEW, &one);
			cost.tables += one.tables;
			cost.rules += one.rules;
			each[i] = one.tables + one.rules;
			if (each[i] > worst.tables + worst.rules)
				worst = one;
		}
		qsort(each, SEARCH, sizeof(*each), compare_u64);
		median = each[SEARCH / 2];
		printf(
		    "  cost     mean %.1f tables + %.1f rules, median %llu, worst of %u: %u + %u = %.1f x the median\n",
		    (double)cost.tables / SEARCH, (double)cost.rules / SEARCH, (unsigned long long)median, SEARCH,
		    worst.tables, worst.rules, (double)(worst.tables + worst.rules) / (double)(median ? median : 1));
		free(each);
	}
	for (size_t i = n; i > 1; i--) {
		const size_t j = (size_t)(ruleset_rnd(&r) % i);
		struct cls_rule *t = rules[i - 1];

		rules[i - 1] = rules[j];
		rules[j] = t;
	}
	for (size_t i = 0; i < n; i++) {
		const uint64_t t0 = now_ns();

		classifier_remove(&c, rules[i]);
		del.v[del.n++] = now_ns() - t0;
		free(rules[i]);
	}
	times_print(&add, "insert");
	times_print(&del, "remove");
	printf("  memory   %9.1f bytes a rule, %zu rules, %.2f found\n", (double)memory / (double)n, n,
	       (double)found / RUNS / KEYS);
	classifier_fini(&c);
	free(rules);
}

static void
bench_tss(const struct ruleset *s)
{
	struct tss_rule **rules = calloc(s->n, sizeof(*rules));
	const size_t before = heap_bytes();
	struct times add;
	size_t n = 0, found = 0, memory;
	struct tss c;

	if (!rules)
		abort();
	tss_init(&c);
	times_init(&add, s->n);
	for (size_t i = 0; i < s->n; i++) {
		const struct ruleset_rule *x = &s->rules[i];
		uint64_t t0;

		if (tss_find(&c, &x->match, x->priority))
			continue;
		rules[n] = calloc(1, sizeof(**rules) + tss_words(&x->match) * sizeof(uint64_t));
		t0 = now_ns();
		if (!rules[n] || !tss_insert(&c, rules[n++], &x->match, x->priority))
			abort();
		add.v[add.n++] = now_ns() - t0;
	}
	memory = heap_bytes() - before - s->n * 16;
	printf("  lookup   %9.1f ns\n", MEASURE_LOOKUPS(tss_lookup(&c, &keys[i])));
	times_print(&add, "insert");
	printf("  memory   %9.1f bytes a rule, %zu masks, %.2f found\n", (double)memory / (double)n, c.n_order,
	       (double)found / RUNS / KEYS);
	for (size_t i = 0; i < n; i++) {
		tss_remove(&c, rules[i]);
		free(rules[i]);
	}
	tss_fini(&c);
	free(rules);
}

static bool
load(struct ruleset *s, const char *name)
{
	char kind[16];
	unsigned long n;
	unsigned long long seed = 1;

	if (sscanf(name, "%15[a-z]:%lu:%llu", kind, &n, &seed) >= 2)
		return ruleset_make(s, kind, n, seed);
	return ruleset_read(s, name);
}

int
main(int argc, char **argv)
{
	static const char *const standard[] = {"acl:1000",   "fw:1000",    "ipc:1000",     "acl:10000",  "fw:10000",
	                                       "ipc:10000",  "acl:100000", "fw:100000",    "ipc:100000", "mac:100000",
	                                       "six:100000", "tse:16384",  "five:1000000", "acl:1000000"};
	const int n = argc > 1 ? argc - 1 : (int)(sizeof(standard) / sizeof(standard[0]));

	mallopt(M_TRIM_THRESHOLD, 1 << 30); /* giving memory back to the kernel is no part of a removal */
	for (int i = 0; i < n; i++) {
		const char *name = argc > 1 ? argv[i + 1] : standard[i];
		struct ruleset_rnd r = {2};
		struct ruleset s = {0};

		if (!load(&s, name)) {
			fprintf(stderr, "bench_classifier: %s: no such set or file\n", name);
			return 1;
		}
		shuffle(&s, &r);
		for (unsigned k = 0; k < KEYS; k++)
			ruleset_key_in(&s, &r, &keys[k]);
		printf("%s\n", name);
		bench_own(&s);
		printf(" tuple-space search\n");
		bench_tss(&s);
		fflush(stdout);
		ruleset_fini(&s);
	}
	return 0;
}
