/* SPDX-License-Identifier: ISC */
/* The microflow cache: sets of four entries, found by a keyed hash, compared word by word.
 *
 * What decides about a set lies in one line of memory, apart from its entries: a miss touches that line alone.  A flow takes the
 * place of one that may be in force only when it misses for the second time while the set remembers the first, so that more flows than
 * fit do not drive one another out, frame by frame. */
#include "microflow.h"

#include "hash.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define N_SETS 8192u /* a power of two */
#define N_WAYS 4u
#define N_MISSED 3u
#define INLINE_BYTES 224u
#define HEAP_MAX (16u * 1024u * 1024u) /* bytes of all programs that are not inline */

struct mf_entry {
	uint64_t hash;
	uint64_t change; /* the last one that it has outlived */
	uint64_t tables; /* what it depends on, with */
	uint32_t rows;
	uint32_t bridge_id;
	uint16_t n_words;
	uint16_t resume_len;
	uint16_t n_credits;
	uint16_t ops_len;
	uint32_t heap_len; /* 0: the bytes are inline */
	uint64_t key[FLOW_KEY_WORDS];
	/* resume (padded to 8), credits, operations */
	union {
		uint8_t *heap;
		_Alignas(8) uint8_t bytes[INLINE_BYTES];
	};
};

struct mf_set {
	uint32_t tag[N_WAYS]; /* high half of the hash, never 0; 0 = empty */
	uint32_t bridge_id[N_WAYS];
	uint32_t change[N_WAYS]; /* low half: tells what is surely outdated; in_force knows */
	uint32_t missed[N_MISSED]; /* tags that found no place */
	uint8_t next_missed, victim;
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct mf_set) <= 64, "a set's line");

struct microflow {
	uint64_t seed;
	size_t heap_used;
	struct mf_set set[N_SETS];
	struct mf_entry entry[N_SETS][N_WAYS];
};

static size_t
pad8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static uint32_t
hash_tag(uint64_t hash)
{
	const uint32_t t = (uint32_t)(hash >> 32);

	return t ? t : 1;
}

struct microflow *
microflow_create(void)
{
	/* Zeroed, aligned, and no memory until it is written to. */
	struct microflow *m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		return NULL;
	m->seed = hash_seed();
	return m;
}

void
microflow_destroy(struct microflow *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < N_SETS; i++) {
		for (size_t j = 0; j < N_WAYS; j++) {
			if (m->set[i].tag[j] && m->entry[i][j].heap_len)
				free(m->entry[i][j].heap);
		}
	}
	munmap(m, sizeof(*m));
}

uint64_t
microflow_hash(const struct microflow *m, const struct microflow_key *k)
{
	uint64_t h = hash_words((const uint64_t *)(const void *)k->key, flow_key_words(k->key), m->seed);

	h = hash_mix(h ^ k->bridge_id, m->seed);
	if (k->resume_len)
		h = hash_bytes(k->resume, k->resume_len, h);
	return h;
}

static const uint8_t *
entry_bytes(const struct mf_entry *e)
{
	return e->heap_len ? e->heap : e->bytes;
}

static bool
entry_is(const struct mf_entry *e, const struct microflow_key *k, uint64_t hash, unsigned n_words)
{
	return e->hash == hash && e->bridge_id == k->bridge_id && e->n_words == n_words &&
	       e->resume_len == k->resume_len && memcmp(e->key, k->key, n_words * sizeof(uint64_t)) == 0 &&
	       (k->resume_len == 0 || memcmp(entry_bytes(e), k->resume, k->resume_len) == 0);
}

/* Outlived changes are not looked at again. */
static bool
in_force(struct microflow *m, size_t set, size_t way, const struct microflow_key *k)
{
	struct mf_entry *e = &m->entry[set][way];

	if (e->change == k->changes->now)
		return true;
	if (!changes_spare(k->changes, e->change, k->key, (struct changes_deps){e->tables, e->rows}))
		return false;
	e->change = k->changes->now;
	m->set[set].change[way] = (uint32_t)e->change;
	return true;
}

void
microflow_prefetch_set(const struct microflow *m, uint64_t hash)
{
	__builtin_prefetch(&m->set[hash & (N_SETS - 1)]);
}

bool
microflow_prefetch_entry(const struct microflow *m, uint64_t hash)
{
	const size_t set = hash & (N_SETS - 1);
	const uint32_t tag = hash_tag(hash);

	for (size_t way = 0; way < N_WAYS; way++) {
		const char *e = (const char *)&m->entry[set][way];

		if (m->set[set].tag[way] != tag)
			continue;
		/* up to a small program's operations */
		for (size_t at = 0; at < offsetof(struct mf_entry, bytes) + 64; at += 64)
			__builtin_prefetch(e + at);
		return true;
	}
	return false;
}

bool
microflow_lookup(struct microflow *m, const struct microflow_key *k, uint64_t hash, struct microflow_prog *out)
{
	const size_t set = hash & (N_SETS - 1);
	const uint32_t tag = hash_tag(hash);
	const unsigned n_words = flow_key_words(k->key);

	for (size_t way = 0; way < N_WAYS; way++) {
		const struct mf_entry *e = &m->entry[set][way];
		const uint8_t *p;

		if (m->set[set].tag[way] != tag || !entry_is(e, k, hash, n_words))
			continue;
		if (!in_force(m, set, way, k))
			return false;
		p = entry_bytes(e) + pad8(e->resume_len);
		out->credits = (const struct dp_credit *)(const void *)p;
		out->n_credits = e->n_credits;
		out->ops = p + e->n_credits * sizeof(struct dp_credit);
		out->ops_len = e->ops_len;
		return true;
	}
	return false;
}

/* The flow's own way, an empty or an outdated one; else, if the flow has missed before, the next one in turn; else N_WAYS: it must wait. */
static size_t
choose_way(struct mf_set *s, const struct microflow_key *k, uint32_t tag)
{
	size_t unused = N_WAYS;

	for (size_t way = 0; way < N_WAYS; way++) {
		const bool same_bridge = s->bridge_id[way] == k->bridge_id;

		if (s->tag[way] == tag && same_bridge)
			return way;
		if (!s->tag[way] || (same_bridge && (int32_t)(s->change[way] - (uint32_t)k->changes->all) < 0))
			unused = way;
	}
	if (unused < N_WAYS)
		return unused;
	for (size_t i = 0; i < N_MISSED; i++) {
		if (s->missed[i] == tag) {
			s->missed[i] = 0;
			return s->victim++ % N_WAYS;
		}
	}
	s->missed[s->next_missed++ % N_MISSED] = tag;
	return N_WAYS;
}

static void
entry_clear(struct microflow *m, size_t set, size_t way)
{
	struct mf_entry *e = &m->entry[set][way];

	if (m->set[set].tag[way] && e->heap_len) {
		m->heap_used -= e->heap_len;
		free(e->heap);
	}
	m->set[set].tag[way] = 0;
	e->heap_len = 0;
}

void
microflow_insert(struct microflow *m, const struct microflow_key *k, uint64_t hash, const struct dp_program *prog)
{
	const size_t set = hash & (N_SETS - 1);
	const uint32_t tag = hash_tag(hash);
	const size_t way = choose_way(&m->set[set], k, tag);
	const size_t credits = prog->n_credits * sizeof(struct dp_credit);
	const size_t need = pad8(k->resume_len) + credits + prog->ops_len;
	struct mf_entry *e;
	uint8_t *p;

	if (way == N_WAYS)
		return;
	e = &m->entry[set][way];
	p = e->bytes;
	entry_clear(m, set, way);
	if (need > INLINE_BYTES) {
		if (need > HEAP_MAX - m->heap_used || (p = malloc(need)) == NULL)
			return;
		e->heap = p;
		e->heap_len = (uint32_t)need;
		m->heap_used += need;
	}
	e->hash = hash;
	e->change = k->changes->now;
	e->tables = prog->tables;
	e->rows = prog->rows;
	e->bridge_id = k->bridge_id;
	e->n_words = (uint16_t)flow_key_words(k->key);
	e->resume_len = k->resume_len;
	e->n_credits = prog->n_credits;
	e->ops_len = prog->ops_len;
	memcpy(e->key, k->key, e->n_words * sizeof(uint64_t));
	if (k->resume_len)
		memcpy(p, k->resume, k->resume_len);
	p += pad8(k->resume_len);
	if (credits)
		memcpy(p, prog->credits, credits);
	p += credits;
	if (prog->ops_len)
		memcpy(p, prog->ops, prog->ops_len);
	m->set[set].tag[way] = tag;
	m->set[set].bridge_id[way] = k->bridge_id;
	m->set[set].change[way] = (uint32_t)k->changes->now;
}
