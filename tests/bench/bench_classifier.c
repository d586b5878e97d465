/* SPDX-License-Identifier: ISC */
/* The classifier alone: lookups, updates, memory, and the worst packet that a search finds, beside a plain tuple-space search.
 *
 *   bench_classifier [-t FILE] [-n TRIES] [-s SECONDS] [-a SECONDS] [SET...]    SET: KIND:RULES[:SEED] (ruleset.h), or a ClassBench file
 *
 * One line a set and structure; -t writes the same as tab-separated values.  The costs (tables asked and rules compared) are the same
 * on every machine; after them stand the ns of a packet of the median's cost and of the costliest, each asked for until all of it is
 * near.  Times are of this thread's processor time, of lookups the median of several rounds; rules come and go in a random order.
 * "wall" is the slowest by the clock on the wall, with whatever else the machine did meanwhile.
 *
 * The plain search is given SECONDS for its insertions (-s, 10 if it is not said) and as long for its removals, and a line says where it was
 * cut off.  -a goes on with the search's packets for so long, and measures again: a line says what was before and after. */
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
#define ENOUGH_NS UINT64_C(300000000) /* a round of lookups that takes longer ends early */
#define AGAIN 20000 /* lookups of one packet */
#define SLOW_NS 4000 /* lookups above which the search is cut to a tenth */

static struct flow_key keys[KEYS];
static unsigned tries = 1000000; /* packets that the search looks at */
static unsigned plain_seconds = 10, attack_seconds;

static uint64_t
wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

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
	uint32_t wall; /* the slowest */
};
struct figures {
	size_t n_rules, n_masks;
	double lookup_ns, bytes, found;
	struct search search;
	double typical_ns,
	    worst_ns; /* of the packet of the median cost and of the costliest, each asked for again and again */
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

/* One change, timed: 'rule' is put in as 'x', or taken out if that is NULL. */
static void
change(struct structure *s, struct times *t, void *rule, const struct ruleset_rule *x)
{
	const uint64_t wall_begin = wall_ns(), begin = now_ns();
	uint64_t wall;

	if (!x)
		take(s, rule);
	else if (!insert(s, rule, x))
		abort();
	t->v[t->n++] = (uint32_t)(now_ns() - begin);
	wall = wall_ns() - wall_begin;
	if (wall > t->wall)
		t->wall = (uint32_t)wall;
}

/* The plain search takes seconds for what takes the other one milliseconds: it need not go on forever. */
static bool
too_long(const struct structure *s, const struct times *t, uint64_t begin)
{
	return s->plain && (t->n & 255) == 0 && wall_ns() - begin > plain_seconds * UINT64_C(1000000000);
}

static size_t
fill(struct structure *s, const struct ruleset *set, void **rules, struct times *t)
{
	const uint64_t begin = wall_ns();
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (has(s, &set->rules[i]))
			continue;
		rules[n] = rule_new(s, &set->rules[i].match);
		change(s, t, rules[n++], &set->rules[i]);
		if (!too_long(s, t, begin))
			continue;
		printf("%s: cut off after %u s, with %zu of %zu rules\n", s->name, plain_seconds, n, set->n);
		break;
	}
	return n;
}

static void
empty(struct structure *s, void **rules, size_t n, struct times *t)
{
	const uint64_t begin = wall_ns();
	bool told = false;

	for (size_t i = 0; i < n; i++) {
		if (told) {
			take(s, rules[i]);
		} else {
			change(s, t, rules[i], NULL);
			told = too_long(s, t, begin);
			if (told)
				printf("%s: removals are not timed any more after %u s and %zu of %zu rules\n", s->name,
				       plain_seconds, i + 1, n);
		}
		free(rules[i]);
	}
}

static double
again_and_again(const struct structure *s, const struct flow_key *k)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const uint64_t begin = now_ns();
		double each;

		for (int i = 0; i < AGAIN; i++)
			lookup(s, k);
		each = (double)(now_ns() - begin) / AGAIN;
		if (!round || each < best)
			best = each;
	}
	return best;
}

/* What the same lookups cost after 'attack_seconds' of packets that look for the costliest way. */
static void
attack(const struct structure *s, const struct ruleset *set, const struct figures *f)
{
	const uint64_t end = wall_ns() + attack_seconds * UINT64_C(1000000000);
	const size_t heap = heap_bytes();
	struct figures after = {0};
	struct search found;
	uint64_t packets = 0;

	for (uint64_t seed = 100; wall_ns() < end; seed++, packets += 100000)
		search_worst(&s->cls, set, seed, 100000, &found);
	measure_lookups(s, &after);
	search_worst(&s->cls, set, 5, tries, &after.search);
	printf("attack: %u s, %.0f million packets: lookup %.1f -> %.1f ns, median %u -> %u, worst %u -> %u (%.1f -> "
	       "%.1f x), heap %+td bytes\n",
	       attack_seconds, (double)packets / 1e6, f->lookup_ns, after.lookup_ns, f->search.median,
	       after.search.median, f->search.worst_tables + f->search.worst_rules,
	       after.search.worst_tables + after.search.worst_rules, search_ratio(&f->search),
	       search_ratio(&after.search), (ptrdiff_t)(heap_bytes() - heap));
}

/* Fills, asks, searches, empties. */
static void
measure(struct structure *s, const struct ruleset *set, struct figures *f)
{
	void **rules = must(calloc(set->n, sizeof(*rules)));
	struct ruleset_rnd r = {4};
	size_t before;

	f->add.v = must(malloc(set->n * sizeof(uint32_t)));
	f->del.v = must(malloc(set->n * sizeof(uint32_t)));
	before = heap_bytes();
	f->n_rules = fill(s, set, rules, &f->add);
	f->n_masks = s->plain ? s->tss.n_order : hmap_count(&s->cls.masks);
	f->bytes = (double)(heap_bytes() - before) / (double)f->n_rules;
	measure_lookups(s, f);
	if (!s->plain) {
		search_worst(&s->cls, set, 5, f->lookup_ns > SLOW_NS ? tries / 10 : tries, &f->search);
		f->typical_ns = again_and_again(s, &f->search.typical);
		f->worst_ns = again_and_again(s, &f->search.worst);
	}
	if (!s->plain && attack_seconds)
		attack(s, set, f);
	shuffle(rules, f->n_rules, &r);
	empty(s, rules, f->n_rules, &f->del);
	times_sum(&f->add);
	times_sum(&f->del);
	free(rules);
}

/* ---- output ---- */

static void
print_head(FILE *tsv)
{
	printf("%-16s %-5s %7s %6s %9s %10s %6s | %5s %6s %8s %5s %6s %6s %5s | %9s %6s %7s %7s %8s %8s | %9s %6s %7s "
	       "%7s %8s %8s\n",
	       "set", "", "rules", "masks", "ns/lookup", "lookups/s", "B/rule", "mean", "median", "worst", "x", "ns",
	       "worst", "x", "inserts/s", "p50", "p99", "p99.99", "max ns", "wall", "removes/s", "p50", "p99", "p99.99",
	       "max ns", "wall");
	if (tsv)
		fputs("set\tstructure\trules\tmasks\tlookup_ns\tlookups_s\tbytes_rule\tcost_mean\tcost_median\t"
		      "worst_tables\tworst_rules\tworst_x_median\tmedian_ns\tworst_ns\tinserts_s\tinsert_p50\tinsert_"
		      "p99\tinsert_p9999\t"
		      "insert_max\tinsert_wall_max\tremoves_s\tremove_p50\tremove_p99\tremove_p9999\tremove_max\t"
		      "remove_wall_max\n",
		      tsv);
}

static void
print_times(const struct times *t, FILE *tsv)
{
	printf(" | %9.0f %6u %7u %7u %8u %8u", t->per_s, t->p50, t->p99, t->p9999, t->max, t->wall);
	if (tsv)
		fprintf(tsv, "\t%.0f\t%u\t%u\t%u\t%u\t%u", t->per_s, t->p50, t->p99, t->p9999, t->max, t->wall);
}

static void
print_one(const char *set, const struct structure *s, const struct figures *f, FILE *tsv)
{
	const struct search *w = &f->search;
	char worst[32] = "-";

	if (!s->plain)
		snprintf(worst, sizeof(worst), "%u+%u", w->worst_tables, w->worst_rules);
	printf("%-16s %-5s %7zu %6zu %9.1f %10.0f %6.0f | %5.1f %6u %8s %5.1f %6.0f %6.0f %5.1f", set, s->name,
	       f->n_rules, f->n_masks, f->lookup_ns, 1e9 / f->lookup_ns, f->bytes, w->mean_tables + w->mean_rules,
	       w->median, worst, s->plain ? 0 : search_ratio(w), f->typical_ns, f->worst_ns,
	       s->plain ? 0 : f->worst_ns / f->typical_ns);
	if (tsv)
		fprintf(tsv, "%s\t%s\t%zu\t%zu\t%.1f\t%.0f\t%.1f\t%.2f\t%u\t%u\t%u\t%.2f\t%.0f\t%.0f", set, s->name,
		        f->n_rules, f->n_masks, f->lookup_ns, 1e9 / f->lookup_ns, f->bytes,
		        w->mean_tables + w->mean_rules, w->median, w->worst_tables, w->worst_rules,
		        s->plain ? 0 : search_ratio(w), f->typical_ns, f->worst_ns);
	print_times(&f->add, tsv);
	print_times(&f->del, tsv);
	putchar('\n');
	fflush(stdout);
	if (!tsv)
		return;
	putc('\n', tsv);
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
	    "acl:1000",    "fw:1000",     "ipc:1000",     "acl:10000",   "fw:10000",   "ipc:10000",   "acl:100000",
	    "fw:100000",   "ipc:100000",  "mac:100000",   "five:100000", "six:100000", "acl:1000000", "fw:1000000",
	    "ipc:1000000", "mac:1000000", "five:1000000", "tse:16384",   "nest:4096",  "nest:16384",  "bits:4096"};
	FILE *tsv = NULL;
	int c;

	mallopt(M_MXFAST, 0); /* as rf-switchd does */
	mallopt(M_TRIM_THRESHOLD, 1 << 30); /* giving memory back to the kernel is no part of a removal */
	while ((c = getopt(argc, argv, "a:n:s:t:")) != -1) {
		if (c == 'n')
			tries = (unsigned)atoi(optarg);
		else if (c == 'a')
			attack_seconds = (unsigned)atoi(optarg);
		else if (c == 's')
			plain_seconds = (unsigned)atoi(optarg);
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
