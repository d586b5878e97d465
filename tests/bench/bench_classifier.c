/* SPDX-License-Identifier: ISC */
/* The classifier alone: lookups, updates, memory, and the worst packet that a search finds, beside a plain tuple-space search.
 *
 *   bench_classifier [-t FILE] [-n TRIES] [SET...]    SET: KIND:RULES[:SEED] (ruleset.h), or a ClassBench file
 *
 * One line a set and structure; -t writes the same as tab-separated values.  The costs (tables asked and rules compared) are the same on every
 * machine.  Times are of this thread's processor time, of lookups the median of several rounds; rules come and go in a random order. */
#include "classifier.h"
#include "ruleset.h"
#include "search.h"
#include "tss.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEYS 65536u
#define ROUNDS 5
#define ENOUGH_NS UINT64_C(1000000000) /* a round of lookups that takes longer ends early */
#define SLOW_NS 4000 /* lookups above which the search is cut to a tenth */

static struct flow_key keys[KEYS];
static unsigned tries = 1000000; /* packets that the search looks at */

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* what others take of the processor is not ours */
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void *
must(void *p)
{
	if (!p)
		abort();
	return p;
}

static size_t
heap_bytes(void)
{
	const struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* ---- the two structures behind one face ---- */

struct structure {
	const char *name;
	struct classifier cls;
	struct tss tss;
	bool plain; /* tss */
};

static void *
rule_new(const struct structure *s, const struct match *m)
{
	return must(s->plain ? calloc(1, sizeof(struct tss_rule) + tss_words(m) * sizeof(uint64_t))
	                     : calloc(1, sizeof(struct cls_rule) + classifier_words(m) * sizeof(uint64_t)));
}

static bool
has(const struct structure *s, const struct ruleset_rule *x)
{
	return s->plain ? tss_find(&s->tss, &x->match, x->priority) != NULL
	                : classifier_find(&s->cls, &x->match, x->priority, CLS_NEW) != NULL;
}

static bool
insert(struct structure *s, void *rule, const struct ruleset_rule *x)
{
	return s->plain ? tss_insert(&s->tss, rule, &x->match, x->priority)
	                : classifier_insert(&s->cls, rule, &x->match, x->priority);
}

static void
take(struct structure *s, void *rule)
{
	if (s->plain)
		tss_remove(&s->tss, rule);
	else
		classifier_remove(&s->cls, rule);
}

static bool
lookup(const struct structure *s, const struct flow_key *k)
{
	return s->plain ? tss_lookup(&s->tss, k) != NULL : classifier_lookup(&s->cls, k, CLS_NEW) != NULL;
}

/* ---- figures ---- */

struct times {
	uint32_t *v;
	size_t n;
	double per_s;
	uint32_t p50, p99, p9999, max; /* ns */
};
struct figures {
	size_t n_rules, n_masks;
	double lookup_ns, bytes, found;
	struct search search;
	struct times add, del;
};

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
times_sum(struct times *t)
{
	uint64_t total = 0;

	qsort(t->v, t->n, sizeof(*t->v), compare_u32);
	for (size_t i = 0; i < t->n; i++)
		total += t->v[i];
	t->per_s = total ? (double)t->n * 1e9 / (double)total : 0;
	if (t->n) {
		t->p50 = t->v[t->n / 2];
		t->p99 = t->v[t->n * 99 / 100];
		t->p9999 = t->v[t->n * 9999 / 10000];
		t->max = t->v[t->n - 1];
	}
	free(t->v);
	t->v = NULL;
}

static int
compare_double(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure_lookups(const struct structure *s, struct figures *f)
{
	double each[ROUNDS];
	size_t found = 0, asked = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const uint64_t begin = now_ns();
		unsigned n = 0;

		while (n < KEYS && ((n & 255) || now_ns() - begin < ENOUGH_NS))
			found += lookup(s, &keys[n++]);
		each[round] = (double)(now_ns() - begin) / n;
		asked += n;
	}
	qsort(each, ROUNDS, sizeof(each[0]), compare_double);
	f->lookup_ns = each[ROUNDS / 2];
	f->found = (double)found / (double)asked;
}

static void
shuffle(void **v, size_t n, struct ruleset_rnd *r)
{
	for (size_t i = n; i > 1; i--) {
		const size_t j = (size_t)(ruleset_rnd(r) % i);
		void *t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

/* Fills, asks, searches, empties. */
static void
measure(struct structure *s, const struct ruleset *set, struct figures *f)
{
	void **rules = must(calloc(set->n, sizeof(*rules)));
	struct ruleset_rnd r = {4};
	size_t before, n = 0;

	f->add.v = must(malloc(set->n * sizeof(uint32_t)));
	f->del.v = must(malloc(set->n * sizeof(uint32_t)));
	before = heap_bytes();
	for (size_t i = 0; i < set->n; i++) {
		uint64_t begin;

		if (has(s, &set->rules[i]))
			continue;
		rules[n] = rule_new(s, &set->rules[i].match);
		begin = now_ns();
		if (!insert(s, rules[n++], &set->rules[i]))
			abort();
		f->add.v[f->add.n++] = (uint32_t)(now_ns() - begin);
	}
	f->n_rules = n;
	f->n_masks = s->plain ? s->tss.n_order : hmap_count(&s->cls.masks);
	f->bytes = (double)(heap_bytes() - before) / (double)n;
	measure_lookups(s, f);
	if (!s->plain)
		search_worst(&s->cls, set, 5, f->lookup_ns > SLOW_NS ? tries / 10 : tries, &f->search);
	shuffle(rules, n, &r);
	for (size_t i = 0; i < n; i++) {
		const uint64_t begin = now_ns();

		take(s, rules[i]);
		f->del.v[f->del.n++] = (uint32_t)(now_ns() - begin);
		free(rules[i]);
	}
	times_sum(&f->add);
	times_sum(&f->del);
	free(rules);
}

/* ---- output ---- */

static void
print_head(FILE *tsv)
{
	printf("%-22s %-5s %8s %6s %9s %10s %6s | %5s %6s %11s %6s | %9s %6s %7s %7s %8s | %9s %6s %7s %7s %8s\n",
	       "set", "", "rules", "masks", "ns/lookup", "lookups/s", "B/rule", "mean", "median", "worst", "x",
	       "inserts/s", "p50", "p99", "p99.99", "max ns", "removes/s", "p50", "p99", "p99.99", "max ns");
	if (tsv)
		fputs("set\tstructure\trules\tmasks\tlookup_ns\tlookups_s\tbytes_rule\tcost_mean\tcost_median\tworst_"
		      "tables\t"
		      "worst_rules\tworst_x_median\tinserts_s\tinsert_p50\tinsert_p99\tinsert_p9999\tinsert_max\t"
		      "removes_s\tremove_p50\tremove_p99\tremove_p9999\tremove_max\n",
		      tsv);
}

static void
print_one(const char *set, const struct structure *s, const struct figures *f, FILE *tsv)
{
	const struct search *w = &f->search;
	char worst[32] = "-";

	if (!s->plain)
		snprintf(worst, sizeof(worst), "%u+%u", w->worst_tables, w->worst_rules);
	printf("%-22s %-5s %8zu %6zu %9.1f %10.0f %6.0f | %5.1f %6u %11s %6.1f | %9.0f %6u %7u %7u %8u | %9.0f %6u %7u "
	       "%7u "
	       "%8u\n",
	       set, s->name, f->n_rules, f->n_masks, f->lookup_ns, 1e9 / f->lookup_ns, f->bytes,
	       w->mean_tables + w->mean_rules, w->median, worst, s->plain ? 0 : search_ratio(w), f->add.per_s,
	       f->add.p50, f->add.p99, f->add.p9999, f->add.max, f->del.per_s, f->del.p50, f->del.p99, f->del.p9999,
	       f->del.max);
	fflush(stdout);
	if (!tsv)
		return;
	fprintf(
	    tsv,
	    "%s\t%s\t%zu\t%zu\t%.1f\t%.0f\t%.1f\t%.2f\t%u\t%u\t%u\t%.2f\t%.0f\t%u\t%u\t%u\t%u\t%.0f\t%u\t%u\t%u\t%u\n",
	    set, s->name, f->n_rules, f->n_masks, f->lookup_ns, 1e9 / f->lookup_ns, f->bytes,
	    w->mean_tables + w->mean_rules, w->median, w->worst_tables, w->worst_rules, s->plain ? 0 : search_ratio(w),
	    f->add.per_s, f->add.p50, f->add.p99, f->add.p9999, f->add.max, f->del.per_s, f->del.p50, f->del.p99,
	    f->del.p9999, f->del.max);
	fflush(tsv);
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

/* So that the order of a file does not help. */
static void
shuffle_set(struct ruleset *s, struct ruleset_rnd *r)
{
	for (size_t i = s->n; i > 1; i--) {
		const size_t j = (size_t)(ruleset_rnd(r) % i);
		const struct ruleset_rule t = s->rules[i - 1];

		s->rules[i - 1] = s->rules[j];
		s->rules[j] = t;
	}
}

static bool
bench(const char *name, FILE *tsv)
{
	static const char *const names[] = {"own", "plain"};
	const char *base = strrchr(name, '/');
	struct ruleset_rnd r = {2};
	struct ruleset set = {0};

	if (!load(&set, name)) {
		fprintf(stderr, "bench_classifier: %s: no such set or file\n", name);
		return false;
	}
	shuffle_set(&set, &r);
	for (unsigned k = 0; k < KEYS; k++)
		ruleset_key_in(&set, &r, &keys[k]);
	for (unsigned i = 0; i < 2; i++) {
		struct structure s = {.name = names[i], .plain = i == 1};
		struct figures f = {0};

		classifier_init(&s.cls);
		tss_init(&s.tss);
		measure(&s, &set, &f);
		print_one(base ? base + 1 : name, &s, &f, tsv);
		classifier_fini(&s.cls);
		tss_fini(&s.tss);
	}
	ruleset_fini(&set);
	return true;
}

int
main(int argc, char **argv)
{
	static const char *const standard[] = {
	    "acl:1000",    "fw:1000",      "ipc:1000",   "acl:10000", "fw:10000",   "ipc:10000",  "acl:10000:2",
	    "fw:10000:2",  "ipc:10000:2",  "acl:100000", "fw:100000", "ipc:100000", "mac:100000", "six:100000",
	    "acl:1000000", "five:1000000", "tse:16384",  "nest:4096", "bits:4096"};
	FILE *tsv = NULL;
	int c;

	mallopt(M_MXFAST, 0); /* as rf-switchd does */
	mallopt(M_TRIM_THRESHOLD, 1 << 30); /* giving memory back to the kernel is no part of a removal */
	while ((c = getopt(argc, argv, "n:t:")) != -1) {
		if (c == 'n')
			tries = (unsigned)atoi(optarg);
		else if (c != 't' || (tsv = fopen(optarg, "w")) == NULL)
			return 2;
	}
	print_head(tsv);
	for (int i = optind; i < argc; i++) {
		if (!bench(argv[i], tsv))
			return 1;
	}
	for (size_t i = 0; optind == argc && i < sizeof(standard) / sizeof(standard[0]); i++)
		bench(standard[i], tsv);
	if (tsv)
		fclose(tsv);
	return 0;
}
