/* SPDX-License-Identifier: ISC */
/* Reads the words of matches: protocols, fields under all their names, and the words of the past (dl_vlan, vlan_tci, nw_tos). */
#include "match_text.h"

#include "parse.h"
#include "usable.h"
#include "token.h"
#include "value_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct protocol {
	const char *name;
	uint16_t dl_type;
	uint8_t nw_proto; /* 0 = any */
} protocols[] = {
    {"ip", 0x0800, 0},     {"ipv4", 0x0800, 0},  {"ip4", 0x0800, 0},    {"arp", 0x0806, 0},     {"icmp", 0x0800, 1},
    {"tcp", 0x0800, 6},    {"udp", 0x0800, 17},  {"sctp", 0x0800, 132}, {"ipv6", 0x86dd, 0},    {"ip6", 0x86dd, 0},
    {"icmp6", 0x86dd, 58}, {"tcp6", 0x86dd, 6},  {"udp6", 0x86dd, 17},  {"sctp6", 0x86dd, 132}, {"rarp", 0x8035, 0},
    {"mpls", 0x8847, 0},   {"mplsm", 0x8848, 0}, {"pbb", 0x88e7, 0},    {"eth", 0, 0},
};
#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

enum word_kind { NUMBER, PORT, MAC, IPV4, IPV6, VLAN_TCI, DL_VLAN, VLAN_VID, VLAN_PCP, TOS, ICMP };

static const struct word {
	const char *name, *alias;
	enum word_kind kind;
	uint8_t offset, size, shift;
	struct value_spec spec;
	bool maskable;
	uint32_t exact, part; /* usable.h */
} words[] = {
#define WORD(name, alias, kind, member, shift, bits, bytes, mask, exact, part)                                         \
	{name,                                                                                                         \
	 alias,                                                                                                        \
	 kind,                                                                                                         \
	 offsetof(struct loose_key, member),                                                                           \
	 sizeof(((struct loose_key *)0)->member),                                                                      \
	 shift,                                                                                                        \
	 {name, bits, bytes},                                                                                          \
	 (mask) != 0,                                                                                                  \
	 USABLE_##exact,                                                                                               \
	 USABLE_##part},
#include "match_words.def"
#undef WORD
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

/* Fields that Open vSwitch has beyond OpenFlow 1.3; a trailing '*' takes any rest. */
static const char *const foreign_words[] = {
    "nw_ttl",  "mpls_ttl",    "ip_frag",       "nw_frag",   "tcp_flags",    "reg*",     "xreg*",
    "xxreg*",  "pkt_mark",    "ct_*",          "conj_id",   "tun_*",        "tunnel_*", "nsh_*",
    "dp_hash", "packet_type", "actset_output", "recirc_id", "skb_priority", "ip_ttl",
};

static const struct word *
find_word(const char *name)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (!strcmp(words[i].name, name) || (words[i].alias && !strcmp(words[i].alias, name)))
			return &words[i];
	return NULL;
}

const char *
match_word_name(size_t n)
{
	if (n < N_PROTOCOLS)
		return protocols[n].name;
	n -= N_PROTOCOLS;
	if (n < N_WORDS)
		return words[n].name;
	n -= N_WORDS;
	for (size_t i = 0; i < N_WORDS; i++)
		if (words[i].alias && n-- == 0)
			return words[i].alias;
	return NULL;
}

static bool
is_foreign(const char *name)
{
	const size_t len = strcspn(name, "[");

	for (size_t i = 0; i < sizeof(foreign_words) / sizeof(foreign_words[0]); i++) {
		const char *f = foreign_words[i];
		const size_t n = strlen(f);

		if (f[n - 1] == '*' ? !strncmp(name, f, n - 1) : n == len && !strncmp(name, f, n))
			return true;
	}
	return false;
}

/* Puts a number into a member of key and mask, replacing what the same bits said before. */
static void
put_number(struct loose_match *m, const struct word *w, uint64_t value, uint64_t mask, uint64_t field_bits)
{
	uint8_t *k = (uint8_t *)&m->key + w->offset, *b = (uint8_t *)&m->mask + w->offset;
	const uint64_t keep = ~(field_bits << w->shift), v = (value & mask) << w->shift, s = mask << w->shift;

	switch (w->size) {
	case 1:
		*k = (uint8_t)((*k & keep) | v);
		*b = (uint8_t)((*b & keep) | s);
		break;
	case 2:
		*(uint16_t *)(void *)k = (uint16_t)((*(uint16_t *)(void *)k & keep) | v);
		*(uint16_t *)(void *)b = (uint16_t)((*(uint16_t *)(void *)b & keep) | s);
		break;
	case 4:
		*(uint32_t *)(void *)k = (uint32_t)((*(uint32_t *)(void *)k & keep) | v);
		*(uint32_t *)(void *)b = (uint32_t)((*(uint32_t *)(void *)b & keep) | s);
		break;
	case 8:
		*(uint64_t *)(void *)k = v;
		*(uint64_t *)(void *)b = s;
		break;
	}
}

static void
put_bytes(struct loose_match *m, const struct word *w, const uint8_t *value, const uint8_t *mask)
{
	uint8_t *k = (uint8_t *)&m->key + w->offset, *b = (uint8_t *)&m->mask + w->offset;

	for (unsigned i = 0; i < w->size; i++) {
		k[i] = value[i] & mask[i];
		b[i] = mask[i];
	}
}

static void
put_tci(struct loose_match *m, uint16_t value, uint16_t mask, uint16_t keep)
{
	m->key.vlan_tci = (uint16_t)((m->key.vlan_tci & keep) | (value & mask));
	m->mask.vlan_tci = (uint16_t)((m->mask.vlan_tci & keep) | mask);
}

/* One row's number, each kind in its manner. */
static void
put_by_kind(struct loose_match *m, const struct word *w, uint64_t v, uint64_t mask)
{
	const uint64_t all = w->spec.bits >= 64 ? UINT64_MAX : (UINT64_C(1) << w->spec.bits) - 1;

	switch (w->kind) {
	case DL_VLAN:
		if (!mask)
			put_tci(m, 0, 0, VLAN_TCI_PCP);
		else if (v == 0xffff)
			put_tci(m, 0, 0xffff, 0);
		else
			put_tci(m, (uint16_t)(v | OFPVID_PRESENT), OFPVID_PRESENT | VLAN_TCI_VID, VLAN_TCI_PCP);
		break;
	case VLAN_VID:
		put_tci(m, (uint16_t)v, (uint16_t)mask, VLAN_TCI_PCP);
		break;
	case VLAN_PCP:
		if (mask)
			put_tci(m, (uint16_t)(v << VLAN_TCI_PCP_SHIFT | OFPVID_PRESENT), OFPVID_PRESENT | VLAN_TCI_PCP,
			        VLAN_TCI_VID);
		else
			put_tci(m, 0, 0, VLAN_TCI_VID | OFPVID_PRESENT);
		break;
	case VLAN_TCI:
		put_tci(m, (uint16_t)v, (uint16_t)mask, 0);
		break;
	case TOS:
		put_number(m, w, v, mask ? 0xfc : 0, 0xfc);
		break;
	case ICMP:
		put_number(m, w, v, mask ? 0xffff : 0, 0xffff);
		break;
	case NUMBER:
	case PORT:
	case MAC:
	case IPV4:
	case IPV6:
		if (w->offset == offsetof(struct loose_key, nw_proto) && mask)
			mask = 0xffff;
		put_number(m, w, v, mask, w->offset == offsetof(struct loose_key, nw_proto) ? 0xffff : all);
		break;
	}
}

static bool
read_port(struct loose_match *m, const struct word *w, const char *value, const struct port_names *names,
          struct sbuf *err)
{
	uint32_t port;

	if (!port_parse(value, names, &port)) {
		sbuf_printf(err,
		            strcmp(w->name, "in_port") ? "%s: port value out of range for %s"
		                                       : "%s: invalid or unknown port for %s",
		            value, w->name);
		return false;
	}
	put_number(m, w, port, UINT32_MAX, UINT32_MAX);
	return true;
}

static bool
is_part(const uint8_t *mask, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mask[i] != 0xff)
			return true;
	return false;
}

static bool
is_nothing(const uint8_t *mask, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mask[i])
			return false;
	return true;
}

/* IPv4 masks that are prefixes are as old as OpenFlow. */
static bool
mask_needs_more(const struct word *w, const uint8_t *mask)
{
	uint32_t rest;

	if (w->kind != IPV4)
		return is_part(mask, w->size);
	rest = ~get_be32(mask);
	return (rest & (rest + 1)) != 0;
}

static bool
read_address(struct loose_match *m, const struct word *w, const char *value, uint32_t *usable, struct sbuf *err)
{
	uint8_t v[16], mask[16];
	const bool ok = w->kind == MAC    ? mac_masked_parse(value, v, mask, err)
	                : w->kind == IPV4 ? ipv4_masked_parse(value, v, mask, err)
	                                  : ipv6_masked_parse(value, v, mask, err);

	if (!ok)
		return false;
	*usable &= is_nothing(mask, w->size) ? USABLE_ANY : mask_needs_more(w, mask) ? w->part : w->exact;
	if (w->kind == IPV4)
		put_number(m, w, get_be32(v), get_be32(mask), UINT32_MAX);
	else
		put_bytes(m, w, v, mask);
	return true;
}

static bool
read_number(struct loose_match *m, const struct word *w, const char *value, uint32_t *usable, struct sbuf *err)
{
	struct value_spec spec = w->spec;
	uint64_t v, mask, all;

	if (!number_masked_parse(value, &spec, &v, &mask, err))
		return false;
	all = spec.bits >= 64 ? UINT64_MAX : (UINT64_C(1) << spec.bits) - 1;
	if (!w->maskable && mask != 0 && mask != all) {
		sbuf_printf(err, "%s: invalid mask for field %s", value, w->name);
		return false;
	}
	if (w->kind == DL_VLAN && v > 4095 && v != 0xffff) {
		sbuf_printf(err, "%s: value too large for 12-bit field dl_vlan", value);
		return false;
	}
	if (w->kind == VLAN_VID && mask == all && v && !(v & OFPVID_PRESENT)) {
		sbuf_printf(err, "%s: vlan_vid needs the bit 0x1000 for a tag (dl_vlan=%s has it)", value, value);
		return false;
	}
	*usable &= !mask ? USABLE_ANY : mask == all ? w->exact : w->part;
	put_by_kind(m, w, v, mask);
	return true;
}

static enum match_word
read_word(struct loose_match *m, const struct word *w, const char *value, const struct port_names *names,
          uint32_t *usable, struct sbuf *err)
{
	bool ok;

	if (!*value)
		value = "0/0"; /* the mere word: any value */
	if (!strcmp(value, "*")) {
		if (w->kind == MAC || w->kind == IPV6)
			put_bytes(m, w, (const uint8_t[16]){0}, (const uint8_t[16]){0});
		else
			put_by_kind(m, w, 0, 0);
		return MATCH_WORD_OK;
	}
	switch (w->kind) {
	case PORT:
		*usable &= w->exact;
		ok = read_port(m, w, value, names, err);
		break;
	case MAC:
	case IPV4:
	case IPV6:
		ok = read_address(m, w, value, usable, err);
		break;
	case NUMBER:
	case VLAN_TCI:
	case DL_VLAN:
	case VLAN_VID:
	case VLAN_PCP:
	case TOS:
	case ICMP:
	default:
		ok = read_number(m, w, value, usable, err);
		break;
	}
	return ok ? MATCH_WORD_OK : MATCH_WORD_BAD;
}

static bool
read_protocol(struct loose_match *m, const char *key)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		const struct protocol *p = &protocols[i];

		if (strcmp(key, p->name))
			continue;
		if (p->dl_type) {
			m->key.dl_type = p->dl_type;
			m->mask.dl_type = 0xffff;
		}
		if (p->nw_proto) {
			m->key.nw_proto = p->nw_proto;
			m->mask.nw_proto = 0xffff;
		}
		return true;
	}
	return false;
}

enum match_word
match_word_parse(struct loose_match *m, const char *key, const char *value, const struct port_names *names,
                 uint32_t *usable, struct sbuf *err)
{
	const struct word *w;

	if (read_protocol(m, key))
		return MATCH_WORD_OK;
	w = find_word(key);
	if (w)
		return read_word(m, w, value, names, usable, err);
	if (!is_foreign(key))
		return MATCH_WORD_UNKNOWN;
	sbuf_printf(err, "%s: not available in OpenFlow 1.3 (an Open vSwitch extension)", key);
	return MATCH_WORD_BAD;
}

bool
match_parse(const char *text, const struct port_names *names, struct match *m, struct sbuf *err)
{
	char *copy = parse_copy(text, err), *rest = copy;
	struct loose_match l;
	uint32_t usable = USABLE_ANY;
	struct token t;
	enum match_word r = MATCH_WORD_OK;

	memset(&l, 0, sizeof(l));
	while (copy && r == MATCH_WORD_OK && token_next(&rest, &t)) {
		r = match_word_parse(&l, t.key, t.value, names, &usable, err);
		if (r == MATCH_WORD_UNKNOWN)
			sbuf_printf(err, *t.value ? "unknown keyword %s" : "field %s missing value", t.key);
	}
	(void)loose_to_match(&l, m);
	free(copy);
	return copy && r == MATCH_WORD_OK;
}

static uint64_t
get_number(const uint8_t *p, unsigned size)
{
	switch (size) {
	case 1:
		return *p;
	case 2:
		return *(const uint16_t *)(const void *)p;
	case 4:
		return *(const uint32_t *)(const void *)p;
	default:
		return *(const uint64_t *)(const void *)p;
	}
}

/* The bits of one row's member as bytes that compare like the value does. */
static bool
word_bytes(const struct word *w, const struct loose_match *l, uint8_t out[16])
{
	const uint8_t *k = (const uint8_t *)&l->key + w->offset, *b = (const uint8_t *)&l->mask + w->offset;
	uint64_t v, m = 0;

	memset(out, 0, 16);
	if (w->kind == MAC || w->kind == IPV6) {
		for (unsigned i = 0; i < w->size; i++)
			m |= b[i];
		memcpy(out, k, w->size);
		return m != 0;
	}
	v = get_number(k, w->size) >> w->shift;
	m = get_number(b, w->size) >> w->shift;
	if (w->spec.bits < 64) {
		v &= (UINT64_C(1) << w->spec.bits) - 1;
		m &= (UINT64_C(1) << w->spec.bits) - 1;
	}
	for (unsigned i = 8; i-- > 0; v >>= 8)
		out[i] = (uint8_t)v;
	return m != 0;
}

bool
match_compare(const char *name, const struct match *a, const struct match *b, int *result)
{
	const struct word *w = find_word(name);
	struct loose_match la, lb;
	uint8_t va[16], vb[16];
	bool ha, hb;

	if (!w)
		return false;
	loose_from_match(&la, a);
	loose_from_match(&lb, b);
	ha = word_bytes(w, &la, va);
	hb = word_bytes(w, &lb, vb);
	*result = ha != hb ? (ha ? 1 : -1) : memcmp(va, vb, 16);
	return true;
}
