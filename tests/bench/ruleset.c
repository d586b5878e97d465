/* SPDX-License-Identifier: ISC */
/* Rule sets: reading ClassBench's, making our own.
 *
 * The families differ in how their prefixes are nested, which ports they name and how much they leave open; the shares below are
 * those counted in acl1, fw1 and ipc1. */
#include "ruleset.h"

#include "hash.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t
ruleset_rnd(struct ruleset_rnd *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint32_t
below(struct ruleset_rnd *r, uint32_t n)
{
	return (uint32_t)((ruleset_rnd(r) >> 32) * n >> 32);
}

static void
add(struct ruleset *s, const struct match *m, uint16_t priority)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1024;
		s->rules = realloc(s->rules, s->cap * sizeof(*s->rules));
		if (!s->rules)
			abort();
	}
	s->rules[s->n++] = (struct ruleset_rule){*m, priority};
}

void
ruleset_fini(struct ruleset *s)
{
	free(s->rules);
	*s = (struct ruleset){0};
}

/* ---- one filter: prefixes, port ranges, a protocol ---- */

struct range {
	uint32_t lo, hi;
};
struct filter {
	uint32_t src, dst; /* host order */
	unsigned src_len, dst_len;
	struct range sport, dport;
	int proto; /* -1: any */
};

static void
set_prefix(struct match *m, enum oxm_field f, be32 *key, be32 *mask, uint32_t addr, unsigned len)
{
	const uint32_t bits = len ? UINT32_MAX << (32 - len) : 0;

	*key = htonl(addr & bits);
	*mask = htonl(bits);
	if (len)
		m->mask.present |= OXM_BIT(f);
}

/* The largest aligned block of ports from 'lo' that ends by 'hi'. */
static uint32_t
block_of(uint32_t lo, uint32_t hi)
{
	uint32_t step = lo ? lo & -lo : 65536;

	while (step > hi - lo + 1)
		step /= 2;
	return step;
}

static void
set_port(struct match *m, enum oxm_field f, be16 *key, be16 *mask, uint32_t lo, uint32_t step)
{
	if (step == 65536)
		return;
	*key = htons((uint16_t)lo);
	*mask = htons((uint16_t)(0x10000 - step));
	m->mask.present |= OXM_BIT(f);
}

static bool
has_ports(int proto)
{
	return proto == 6 || proto == 17 || proto == 132;
}

static void
add_filter(struct ruleset *s, const struct filter *f, uint16_t priority)
{
	const enum oxm_field src = f->proto == 6 ? OXM_TCP_SRC : f->proto == 17 ? OXM_UDP_SRC : OXM_SCTP_SRC;
	const struct range all = {0, 65535};
	const struct range sp = has_ports(f->proto) ? f->sport : all, dp = has_ports(f->proto) ? f->dport : all;
	struct match base = {0};

	base.key.eth_type = htons(0x0800);
	base.mask.eth_type = 0xffff;
	base.mask.present = OXM_BIT(OXM_ETH_TYPE);
	set_prefix(&base, OXM_IPV4_SRC, &base.key.ipv4_src, &base.mask.ipv4_src, f->src, f->src_len);
	set_prefix(&base, OXM_IPV4_DST, &base.key.ipv4_dst, &base.mask.ipv4_dst, f->dst, f->dst_len);
	if (f->proto >= 0) {
		base.key.ip_proto = (uint8_t)f->proto;
		base.mask.ip_proto = 0xff;
		base.mask.present |= OXM_BIT(OXM_IP_PROTO);
	}
	for (uint32_t a = sp.lo, as; a <= sp.hi; a += as) {
		as = block_of(a, sp.hi);
		for (uint32_t b = dp.lo, bs; b <= dp.hi; b += bs) {
			struct match m = base;

			bs = block_of(b, dp.hi);
			set_port(&m, src, &m.key.tcp_src, &m.mask.tcp_src, a, as);
			set_port(&m, src + 1, &m.key.tcp_dst, &m.mask.tcp_dst, b, bs);
			m.key.present = m.mask.present;
			add(s, &m, priority);
		}
	}
}

/* The first of many filters has the highest priority; sets beyond 65000 share priorities. */
static uint16_t
priority_of(size_t i)
{
	return (uint16_t)(65000 - i % 65000);
}

bool
ruleset_read(struct ruleset *s, const char *path)
{
	FILE *in = fopen(path, "r");
	char line[512];
	size_t i = 0;

	if (!in)
		return false;
	while (fgets(line, sizeof(line), in)) {
		unsigned a[4], b[4], proto, proto_mask;
		struct filter f;

		if (sscanf(line, "@%u.%u.%u.%u/%u %u.%u.%u.%u/%u %u : %u %u : %u %x/%x", &a[0], &a[1], &a[2], &a[3],
		           &f.src_len, &b[0], &b[1], &b[2], &b[3], &f.dst_len, &f.sport.lo, &f.sport.hi, &f.dport.lo,
		           &f.dport.hi, &proto, &proto_mask) != 16)
			continue;
		f.src = a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3];
		f.dst = b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
		f.proto = proto_mask == 0xff ? (int)proto : -1;
		add_filter(s, &f, priority_of(i++));
	}
	fclose(in);
	return i > 0;
}

/* ---- made sets ---- */

/* Rules that are covered by one of the same match are of no use: real sets have none. */
static void
drop_repeated(struct ruleset *s)
{
	size_t size = 1024, n = 0;
	uint64_t *seen;

	while (size < 2 * s->n)
		size *= 2;
	seen = calloc(size, sizeof(*seen));
	if (!seen)
		abort();
	for (size_t i = 0; i < s->n; i++) {
		const struct match *m = &s->rules[i].match;
		const uint64_t h = hash_words((const uint64_t *)(const void *)m, sizeof(*m) / 8, 1) | 1;
		size_t at = h & (size - 1);

		while (seen[at] && seen[at] != h)
			at = (at + 1) & (size - 1);
		if (!seen[at])
			s->rules[n++] = s->rules[i];
		seen[at] = h;
	}
	s->n = n;
	free(seen);
}

/* Shares in per cent. */
struct family {
	const char *name;
	uint8_t src_len[33], dst_len[33]; /* weights by length, only those named */
	uint8_t sport_any, sport_high, sport_exact; /* the rest: any range */
	uint8_t dport_any, dport_high, dport_exact;
	uint8_t tcp, udp, icmp; /* the rest: any protocol */
	uint8_t nested; /* addresses taken from a network that is there already */
};

static const struct family families[] = {
    {.name = "acl",
     .src_len = {[0] = 1, [16] = 8, [20] = 4, [22] = 4, [24] = 26, [26] = 7, [28] = 8, [30] = 9, [32] = 33},
     .dst_len = {[0] = 2, [8] = 1, [16] = 4, [20] = 8, [23] = 9, [24] = 16, [27] = 13, [29] = 9, [32] = 38},
     .sport_any = 98,
     .sport_high = 1,
     .sport_exact = 1,
     .dport_any = 30,
     .dport_high = 5,
     .dport_exact = 60,
     .tcp = 75,
     .udp = 15,
     .icmp = 5,
     .nested = 85},
    {.name = "fw",
     .src_len = {[0] = 45, [16] = 4, [20] = 3, [24] = 9, [27] = 8, [28] = 9, [32] = 22},
     .dst_len = {[0] = 12, [16] = 11, [21] = 7, [24] = 10, [28] = 22, [29] = 14, [32] = 24},
     .sport_any = 55,
     .sport_high = 15,
     .sport_exact = 28,
     .dport_any = 25,
     .dport_high = 15,
     .dport_exact = 57,
     .tcp = 60,
     .udp = 25,
     .icmp = 5,
     .nested = 70},
    {.name = "ipc",
     .src_len = {[0] = 12, [8] = 2, [16] = 12, [19] = 8, [22] = 8, [24] = 16, [27] = 14, [30] = 8, [32] = 20},
     .dst_len = {[0] = 7, [8] = 3, [16] = 8, [19] = 8, [22] = 6, [24] = 17, [26] = 14, [29] = 12, [32] = 25},
     .sport_any = 80,
     .sport_high = 3,
     .sport_exact = 15,
     .dport_any = 60,
     .dport_high = 5,
     .dport_exact = 30,
     .tcp = 45,
     .udp = 30,
     .icmp = 10,
     .nested = 80},
};

static unsigned
pick_length(struct ruleset_rnd *r, const uint8_t weight[33])
{
	unsigned total = 0, at;

	for (unsigned i = 0; i <= 32; i++)
		total += weight[i];
	at = below(r, total);
	for (unsigned i = 0; i <= 32; i++) {
		if (at < weight[i])
			return i;
		at -= weight[i];
	}
	return 32;
}

static void
pick_port(struct ruleset_rnd *r, unsigned any, unsigned high, unsigned exact, struct range *p)
{
	static const uint16_t known[] = {20,  21,  22,  23,  25,  53,   69,   80,   88,   110,  123,  135,
	                                 137, 139, 161, 443, 445, 1433, 1521, 1723, 3306, 5060, 6789, 8080};
	const uint32_t at = below(r, 100);

	if (at < any) {
		*p = (struct range){0, 65535};
	} else if (at < any + high) {
		*p = (struct range){1024, 65535};
	} else if (at < any + high + exact) {
		p->lo = p->hi = below(r, 4) ? known[below(r, sizeof(known) / sizeof(known[0]))] : below(r, 65536);
	} else {
		p->lo = below(r, 60000);
		p->hi = p->lo + 1 + below(r, 500);
	}
}

/* An address near one that was used, so that prefixes nest as in real sets, or a new one. */
static uint32_t
pick_address(struct ruleset_rnd *r, unsigned nested, uint32_t *pool, size_t n_pool)
{
	const size_t i = below(r, (uint32_t)n_pool);
	const unsigned keep = 8 + below(r, 25);

	if (below(r, 100) < nested)
		return pool[i] ^ (keep == 32 ? 0 : (uint32_t)ruleset_rnd(r) >> keep);
	return pool[i] = (uint32_t)ruleset_rnd(r);
}

static void
make_family(struct ruleset *s, const struct family *f, size_t n, struct ruleset_rnd *r)
{
	const size_t n_pool = n / 20 + 16;
	uint32_t *pool = calloc(2 * n_pool, sizeof(*pool));

	if (!pool)
		abort();
	for (size_t i = 0; i < 2 * n_pool; i++)
		pool[i] = (uint32_t)ruleset_rnd(r);
	for (size_t i = 0; s->n < n; i++) {
		const int proto = (int)below(r, 100);
		struct filter x;

		x.src_len = pick_length(r, f->src_len);
		x.dst_len = pick_length(r, f->dst_len);
		x.src = pick_address(r, f->nested, pool, n_pool);
		x.dst = pick_address(r, f->nested, pool + n_pool, n_pool);
		x.proto = proto < f->tcp                      ? 6
		          : proto < f->tcp + f->udp           ? 17
		          : proto < f->tcp + f->udp + f->icmp ? 1
		                                              : -1;
		pick_port(r, f->sport_any, f->sport_high, f->sport_exact, &x.sport);
		pick_port(r, f->dport_any, f->dport_high, f->dport_exact, &x.dport);
		add_filter(s, &x, priority_of(i));
	}
	free(pool);
}

static void
make_mac(struct ruleset *s, size_t n, struct ruleset_rnd *r)
{
	for (size_t i = 0; i < n; i++) {
		struct match m = {0};
		const uint64_t mac = UINT64_C(2) | (ruleset_rnd(r) << 8);

		memcpy(m.key.eth_dst, &mac, 6);
		memset(m.mask.eth_dst, 0xff, 6);
		m.key.vlan_vid = htons((uint16_t)(0x1000 | (1 + below(r, 4094))));
		m.mask.vlan_vid = htons(0x1fff);
		m.key.present = m.mask.present = OXM_BIT(OXM_ETH_DST) | OXM_BIT(OXM_VLAN_VID);
		add(s, &m, 100);
	}
}

static void
make_five(struct ruleset *s, size_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct filter f = {.src = 0x0a000000 + i,
		                         .dst = 0x14000000 + i,
		                         .src_len = 32,
		                         .dst_len = 32,
		                         .sport = {0, 65535},
		                         .dport = {i % 60000 + 1, i % 60000 + 1},
		                         .proto = 6};

		add_filter(s, &f, 100);
	}
}

static void
make_six(struct ruleset *s, size_t n, struct ruleset_rnd *r)
{
	for (size_t i = 0; i < n; i++) {
		struct match m = {0};
		const uint64_t host[2] = {ruleset_rnd(r), ruleset_rnd(r)};

		m.key.eth_type = htons(0x86dd);
		m.mask.eth_type = 0xffff;
		m.key.ip_proto = 17;
		m.mask.ip_proto = 0xff;
		memcpy(m.key.ipv6_src, "\x20\x01\x0d\xb8\0\0\0\1", 8);
		memcpy(m.key.ipv6_src + 8, &host[0], 8);
		memcpy(m.key.ipv6_dst, "\x20\x01\x0d\xb8\0\0\0\2", 8);
		memcpy(m.key.ipv6_dst + 8, &host[1], 8);
		memset(m.mask.ipv6_src, 0xff, 16);
		memset(m.mask.ipv6_dst, 0xff, 16);
		m.key.udp_src = htons((uint16_t)below(r, 65536));
		m.key.udp_dst = htons((uint16_t)below(r, 65536));
		m.mask.udp_src = m.mask.udp_dst = 0xffff;
		m.key.present = m.mask.present = OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_IP_PROTO) | OXM_BIT(OXM_IPV6_SRC) |
		                                 OXM_BIT(OXM_IPV6_DST) | OXM_BIT(OXM_UDP_SRC) | OXM_BIT(OXM_UDP_DST);
		add(s, &m, 100);
	}
}

/* What a tuple-space explosion makes of an allow rule on two addresses and a port: a mask for each place where a packet may differ. */
static void
make_tse(struct ruleset *s, size_t n, struct ruleset_rnd *r)
{
	const uint32_t src = (uint32_t)ruleset_rnd(r), dst = (uint32_t)ruleset_rnd(r), port = below(r, 65536);

	for (unsigned i = 1; i <= 32; i++) {
		for (unsigned j = 1; j <= 32; j++) {
			for (unsigned k = 1; k <= 16; k++) {
				struct filter f = {.src_len = i, .dst_len = j, .proto = 6};
				const uint32_t step = 1u << (16 - k), lo = ((port ^ step) & ~(step - 1)) & 65535;

				if (s->n == n)
					return;
				f.src = (src ^ 1u << (32 - i));
				f.dst = (dst ^ 1u << (32 - j));
				f.sport = (struct range){0, 65535};
				f.dport = (struct range){lo, lo + step - 1};
				add_filter(s, &f, 100);
			}
		}
	}
}

/* The same masks, and one packet that has them all: every prefix of it, in an order that says nothing. */
static void
make_nest(struct ruleset *s, size_t n, struct ruleset_rnd *r)
{
	const uint32_t src = (uint32_t)ruleset_rnd(r), dst = (uint32_t)ruleset_rnd(r), port = below(r, 65536);

	for (unsigned i = 1; i <= 32; i++) {
		for (unsigned j = 1; j <= 32; j++) {
			for (unsigned k = 1; k <= 16; k++) {
				struct filter f = {.src = src, .dst = dst, .src_len = i, .dst_len = j, .proto = 6};
				const uint32_t step = 1u << (16 - k), lo = port & ~(step - 1) & 65535;

				if (s->n == n)
					return;
				f.sport = (struct range){0, 65535};
				f.dport = (struct range){lo, lo + step - 1};
				add_filter(s, &f, (uint16_t)(1 + below(r, 65000)));
			}
		}
	}
}

/* Any bits at all of addresses and MACs: no two masks the same. */
static void
make_bits(struct ruleset *s, size_t n, struct ruleset_rnd *r)
{
	while (s->n < n) {
		struct match m = {0};
		const uint64_t mac = ruleset_rnd(r) & ruleset_rnd(r), value = ruleset_rnd(r);

		memcpy(m.mask.eth_dst, &mac, 6);
		memcpy(m.key.eth_dst, &value, 6);
		m.mask.ipv4_src = (be32)(ruleset_rnd(r) & ruleset_rnd(r));
		m.mask.ipv4_dst = (be32)(ruleset_rnd(r) & ruleset_rnd(r));
		m.key.ipv4_src = (be32)ruleset_rnd(r) & m.mask.ipv4_src;
		m.key.ipv4_dst = (be32)ruleset_rnd(r) & m.mask.ipv4_dst;
		m.key.eth_type = htons(0x0800);
		m.mask.eth_type = 0xffff;
		for (unsigned i = 0; i < 6; i++)
			m.key.eth_dst[i] &= m.mask.eth_dst[i];
		m.key.present = m.mask.present =
		    OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_ETH_DST) | OXM_BIT(OXM_IPV4_SRC) | OXM_BIT(OXM_IPV4_DST);
		add(s, &m, (uint16_t)(1 + below(r, 65000)));
	}
}

bool
ruleset_make(struct ruleset *s, const char *kind, size_t n, uint64_t seed)
{
	struct ruleset_rnd r = {seed};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!strcmp(kind, families[i].name)) {
			make_family(s, &families[i], n, &r);
			drop_repeated(s);
			return true;
		}
	}
	if (!strcmp(kind, "mac"))
		make_mac(s, n, &r);
	else if (!strcmp(kind, "five"))
		make_five(s, n);
	else if (!strcmp(kind, "six"))
		make_six(s, n, &r);
	else if (!strcmp(kind, "tse"))
		make_tse(s, n, &r);
	else if (!strcmp(kind, "nest"))
		make_nest(s, n, &r);
	else if (!strcmp(kind, "bits"))
		make_bits(s, n, &r);
	return s->n > 0;
}

/* ---- packets ---- */

void
ruleset_key_any(struct ruleset_rnd *r, struct flow_key *k)
{
	const bool tcp = ruleset_rnd(r) & 1;

	memset(k, 0, sizeof(*k));
	k->in_port = htonl(1);
	k->eth_dst[0] = k->eth_src[0] = 2;
	k->eth_src[5] = 1;
	k->eth_type = htons(0x0800);
	k->ip_proto = tcp ? 6 : 17;
	k->ipv4_src = (be32)ruleset_rnd(r);
	k->ipv4_dst = (be32)ruleset_rnd(r);
	k->tcp_src = (be16)ruleset_rnd(r);
	k->tcp_dst = (be16)ruleset_rnd(r);
	k->present = OXM_BIT(OXM_IN_PORT) | OXM_BIT(OXM_METADATA) | OXM_BIT(OXM_ETH_DST) | OXM_BIT(OXM_ETH_SRC) |
	             OXM_BIT(OXM_ETH_TYPE) | OXM_BIT(OXM_VLAN_VID) | OXM_BIT(OXM_IP_DSCP) | OXM_BIT(OXM_IP_ECN) |
	             OXM_BIT(OXM_IP_PROTO) | OXM_BIT(OXM_IPV4_SRC) | OXM_BIT(OXM_IPV4_DST) |
	             (tcp ? OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_TCP_DST) : OXM_BIT(OXM_UDP_SRC) | OXM_BIT(OXM_UDP_DST));
}

void
ruleset_key_in(const struct ruleset *s, struct ruleset_rnd *r, struct flow_key *k)
{
	const struct match *m = &s->rules[below(r, (uint32_t)s->n)].match;
	const uint64_t v6 = OXM_BIT(OXM_IPV6_SRC), ports4 = OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_TCP_DST) |
	                                                    OXM_BIT(OXM_UDP_SRC) | OXM_BIT(OXM_UDP_DST);
	uint64_t *w = (uint64_t *)(void *)k;
	const uint64_t *v = (const uint64_t *)(const void *)&m->key, *mask = (const uint64_t *)(const void *)&m->mask;

	ruleset_key_any(r, k);
	if (m->mask.present & v6)
		k->present &= ~(OXM_BIT(OXM_IPV4_SRC) | OXM_BIT(OXM_IPV4_DST));
	if ((m->mask.present & OXM_BIT(OXM_IP_PROTO)) && m->key.ip_proto != k->ip_proto)
		k->present &= ~ports4;
	for (size_t i = 0; i < FLOW_KEY_WORDS; i++)
		w[i] = (w[i] & ~mask[i]) | v[i];
}
