/* SPDX-License-Identifier: ISC */
/* Rule sets for benches and tests: ClassBench filter files, sets of the same shape made from a seed, and other kinds. */
#ifndef TESTS_BENCH_RULESET_H
#define TESTS_BENCH_RULESET_H

#include "match.h"

struct ruleset_rule {
	struct match match;
	uint16_t priority;
};
struct ruleset {
	struct ruleset_rule *rules;
	size_t n, cap;
};

/* The same numbers for the same seed, on every machine. */
struct ruleset_rnd {
	uint64_t state;
};
uint64_t ruleset_rnd(struct ruleset_rnd *);

/* A ClassBench file: "@src/len dst/len lo : hi lo : hi proto/mask ..." a line, the first match wins.  Port ranges become masks.  False:
 * it can't be read. */
bool ruleset_read(struct ruleset *, const char *path);
/* 'kind': acl, fw, ipc (the shapes of ClassBench's families), mac (exact MAC and VLAN), five (exact 5-tuples), six (IPv6 5-tuples), and
 * hostile ones, of a mask a rule: tse (a deny for each three prefix lengths that differ from one packet in their last bits), nest (every
 * prefix of one packet), bits (any bits).  About 'n' rules.  False: no
 * such kind. */
bool ruleset_make(struct ruleset *, const char *kind, size_t n, uint64_t seed);
void ruleset_fini(struct ruleset *);

/* A key inside a random rule: the bits its mask leaves open are random. */
void ruleset_key_in(const struct ruleset *, struct ruleset_rnd *, struct flow_key *);
/* Any TCP or UDP packet. */
void ruleset_key_any(struct ruleset_rnd *, struct flow_key *);

#endif
