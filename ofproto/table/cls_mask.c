/* SPDX-License-Identifier: ISC */
/* Masks: kept once each, and coarsened or chosen for tables. */
#include "cls_private.h"

#include <stdlib.h>
#include <string.h>

static struct cls_mask *
mask_of(struct hmap_node *node)
{
	return node ? CONTAINER_OF(node, struct cls_mask, node) : NULL;
}

void
cls_mask_expand(const struct cls_mask *m, uint64_t words[FLOW_KEY_WORDS])
{
	memset(words, 0, FLOW_KEY_WORDS * sizeof(*words));
	for (unsigned i = 0; i < m->n_words; i++)
		words[m->index[i]] = m->words[i];
	words[PRESENT_WORD] = m->present;
}

static uint64_t
mask_hash(const struct classifier *c, const struct flow_key *mask)
{
	return hash_words(key_words(mask), FLOW_KEY_WORDS, c->seed);
}

static struct cls_mask *
find(const struct classifier *c, const struct flow_key *mask, uint64_t hash)
{
	struct hmap_node *node = hmap_first_with_hash(&c->masks, hash);
	uint64_t words[FLOW_KEY_WORDS];

	for (; node; node = hmap_next_with_hash(&c->masks, node)) {
		cls_mask_expand(mask_of(node), words);
		if (memcmp(words, mask, sizeof(words)) == 0)
			break;
	}
	return mask_of(node);
}

const struct cls_mask *
cls_mask_find(const struct classifier *c, const struct flow_key *mask)
{
	return find(c, mask, mask_hash(c, mask));
}

struct cls_mask *
cls_mask_intern(struct classifier *c, const struct flow_key *mask)
{
	const uint64_t hash = mask_hash(c, mask), *w = key_words(mask);
	struct cls_mask *m = find(c, mask, hash);
	unsigned n = 0;

	if (m) {
		m->n_rules++;
		return m;
	}
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		n += i != PRESENT_WORD && w[i];
	m = calloc(1, sizeof(*m) + 3 * n * sizeof(m->words[0]));
	if (!m)
		return NULL;
	m->n_rules = 1;
	m->present = w[PRESENT_WORD];
	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++) {
		if (i == PRESENT_WORD || !w[i])
			continue;
		m->index[m->n_words] = (uint8_t)i;
		m->words[m->n_words++] = w[i];
	}
	if (!hmap_insert(&c->masks, &m->node, hash)) {
		free(m);
		return NULL;
	}
	return m;
}

/* Never taken back when rules go: what is kept is true for fewer rules as well. */
void
cls_mask_note(struct cls_mask *m, const uint64_t *value)
{
	uint64_t *same = cls_mask_same(m), *common = same + m->n_words;

	for (unsigned i = 0; i < m->n_words; i++) {
		same[i] = m->n_rules == 1 ? m->words[i] : same[i] & ~(common[i] ^ value[i]);
		common[i] = value[i] & same[i];
	}
}

bool
cls_mask_may_overlap(const struct cls_mask *m, const struct match *with)
{
	const uint64_t *key = key_words(&with->key), *mask = key_words(&with->mask);
	const uint64_t *same = m->words + m->n_words, *common = same + m->n_words;
	uint64_t diff = 0;

	for (unsigned i = 0; i < m->n_words; i++)
		diff |= (common[i] ^ key[m->index[i]]) & same[i] & mask[m->index[i]];
	return diff == 0;
}

void
cls_mask_unref(struct classifier *c, struct cls_mask *m)
{
	if (--m->n_rules)
		return;
	hmap_remove(&c->masks, &m->node);
	free(m);
}

/* ---- the root's masks ---- */

#define STRONG_BITS 16u /* of addresses: with them the other fields are left for later */

struct field {
	uint8_t offset, bytes, bits;
	bool address;
};

#define IS_ADDRESS(id, bytes)                                                                                          \
	((bytes) >= 4 && OXM_##id != OXM_IN_PORT && OXM_##id != OXM_IN_PHY_PORT && OXM_##id != OXM_METADATA &&         \
	 OXM_##id != OXM_TUNNEL_ID && OXM_##id != OXM_IPV6_FLABEL && OXM_##id != OXM_MPLS_LABEL)

static const struct field fields[OXM_N_FIELDS] = {
#define OXM(id, n, name, bytes, bits, mask, set, prereq, member)                                                       \
	[n] = {offsetof(struct flow_key, member), bytes, bits, IS_ADDRESS(id, bytes)},
#include "openflow/oxm_fields.def"
#undef OXM
};

static unsigned
leading_ones(const uint8_t *p, unsigned bytes)
{
	unsigned n = 0;

	while (n < bytes * 8 && (p[n / 8] & (0x80u >> n % 8)))
		n++;
	return n;
}

/* What of a field's mask the root uses, in bits from the front. */
static unsigned
coarse_bits(const struct field *f, const uint8_t *mask)
{
	static const uint8_t steps4[] = {32, 24, 16, 8, 0}, steps6[] = {48, 24, 0},
	                     steps16[] = {128, 96, 64, 48, 32, 16, 0};
	const uint8_t *s = f->bytes == 4 ? steps4 : f->bytes == 6 ? steps6 : steps16;
	const unsigned n = leading_ones(mask, f->bytes);

	while (*s > n)
		s++;
	return *s;
}

/* A field that is no address counts when all its significant bits are set. */
static bool
is_exact(const struct field *f, const uint8_t *mask)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->bytes; i++)
		n += (unsigned)__builtin_popcount(mask[i]);
	return n == f->bits;
}

static unsigned
add_fields(const struct flow_key *mask, bool addresses, struct flow_key *out)
{
	unsigned total = 0;

	for (uint64_t left = mask->present; left; left &= left - 1) {
		const unsigned id = (unsigned)__builtin_ctzll(left);
		const struct field *f = &fields[id < OXM_N_FIELDS ? id : 0];
		const uint8_t *from = (const uint8_t *)mask + f->offset;
		unsigned bits = 0;

		if (id >= OXM_N_FIELDS || f->address != addresses)
			continue;
		if (addresses)
			bits = coarse_bits(f, from);
		else if (is_exact(f, from))
			bits = f->bytes * 8u;
		if (!bits)
			continue;
		memcpy((uint8_t *)out + f->offset, from, bits / 8);
		out->present |= OXM_BIT(id);
		total += bits;
	}
	return total;
}

void
cls_mask_coarse(const struct flow_key *mask, uint64_t words[FLOW_KEY_WORDS])
{
	struct flow_key out = {0};

	if (add_fields(mask, true, &out) < STRONG_BITS)
		add_fields(mask, false, &out);
	memcpy(words, &out, sizeof(out));
}

/* ---- choosing a table's mask for a list ---- */

#define SAMPLE CLS_SAMPLE
#define AUTHORS 8u /* rules whose masks make candidates */
#define GLANCE 20u /* rules that every candidate is tried on */
#define SHORT_LIST 4u /* candidates that are tried on the whole sample */
#define CUT_RULES 9u /* fewer are not worth a cut's memory */
#define MATRIX_RULES 16u /* nor a matrix's */

struct sample {
	unsigned n;
	uint64_t mask[SAMPLE][FLOW_KEY_WORDS];
	uint64_t value[SAMPLE][FLOW_KEY_WORDS];
};

static void
sample_take(struct sample *s, const struct cls_entry *rules)
{
	s->n = 0;
	for (const struct cls_entry *e = rules; e && s->n < SAMPLE; e = e->next, s->n++) {
		cls_mask_expand(cls_rule_of(e)->mask, s->mask[s->n]);
		cls_rule_expand(cls_rule_of(e), s->value[s->n]);
	}
}

/* What a packet may have to be compared with if the first 'n' of the sample are put under 'm': the rules that stay outside and the largest
 * group that shares a value.  Ends when it is 'limit'. */
static unsigned
weigh(const struct sample *s, unsigned n, const uint64_t *m, unsigned limit, unsigned *n_outside)
{
	unsigned count[SAMPLE], n_seen = 0, outside = 0, largest = 0, n_words = 0;
	uint8_t index[FLOW_KEY_WORDS];
	uint64_t seen[SAMPLE];

	for (unsigned w = 0; w < FLOW_KEY_WORDS; w++) {
		if (m[w])
			index[n_words++] = (uint8_t)w;
	}
	for (unsigned i = 0; i < n && outside + largest < limit; i++) {
		uint64_t h = 0, extra = 0;
		unsigned at = 0;

		for (unsigned w = 0; w < n_words; w++) {
			extra |= m[index[w]] & ~s->mask[i][index[w]];
			h = hash_mix(h ^ (s->value[i][index[w]] & m[index[w]]), w);
		}
		if (extra) {
			outside++;
			continue;
		}
		while (at < n_seen && seen[at] != h)
			at++;
		if (at == n_seen) {
			seen[n_seen] = h;
			count[n_seen++] = 0;
		}
		if (++count[at] > largest)
			largest = count[at];
	}
	*n_outside = outside;
	return outside + largest;
}

/* Masks that did best on a few rules, the best first. */
struct short_list {
	unsigned n, cost[SHORT_LIST];
	uint64_t mask[SHORT_LIST][FLOW_KEY_WORDS];
};

/* The best candidate so far; 'cost' is one that is not worth it to begin with. */
struct choice {
	const struct sample *s;
	const uint64_t *used;
	struct short_list list;
	unsigned cost, outside;
	bool found;
	struct cls_choice best;
};

static void
list_candidate(struct short_list *l, const uint64_t *m, unsigned cost)
{
	unsigned at = l->n;

	for (unsigned i = 0; i < l->n; i++) {
		if (l->cost[i] == cost && !memcmp(l->mask[i], m, sizeof(l->mask[i])))
			return;
	}
	if (l->n < SHORT_LIST)
		l->n++;
	else
		at--;
	for (; at > 0 && l->cost[at - 1] > cost; at--) {
		l->cost[at] = l->cost[at - 1];
		memcpy(l->mask[at], l->mask[at - 1], sizeof(l->mask[at]));
	}
	l->cost[at] = cost;
	memcpy(l->mask[at], m, sizeof(l->mask[at]));
}

static void
consider(struct choice *c, const uint64_t *mask)
{
	const unsigned n = c->s->n < GLANCE ? c->s->n : GLANCE;
	const unsigned limit = c->list.n == SHORT_LIST ? c->list.cost[SHORT_LIST - 1] : n + 1;
	uint64_t m[FLOW_KEY_WORDS], any = 0;
	unsigned cost, outside;

	for (unsigned w = 0; w < FLOW_KEY_WORDS; w++)
		any |= m[w] = mask[w] & ~c->used[w];
	if (!any)
		return;
	cost = weigh(c->s, n, m, limit, &outside);
	if (cost < limit)
		list_candidate(&c->list, m, cost);
}

static void
consider_listed(struct choice *c)
{
	for (unsigned i = 0; i < c->list.n; i++) {
		unsigned outside;
		const unsigned cost = weigh(c->s, c->s->n, c->list.mask[i], c->cost, &outside);

		if (cost >= c->cost)
			continue;
		c->cost = cost;
		c->outside = outside;
		c->found = true;
		memcpy(c->best.words, c->list.mask[i], sizeof(c->best.words));
	}
}

/* A rule's mask cut down to one address, or one port. */
static void
consider_parts(struct choice *c, const uint64_t *mask)
{
	static const unsigned ports = offsetof(struct flow_key, tcp_src) / 2;
	uint16_t lanes[FLOW_KEY_WORDS * 4];
	uint32_t wide[FLOW_KEY_WORDS * 2];

	memcpy(lanes, mask, sizeof(lanes));
	memcpy(wide, mask, sizeof(wide));
	for (unsigned i = 0; i < FLOW_KEY_WORDS * 2; i++) {
		uint32_t part[FLOW_KEY_WORDS * 2];
		uint64_t m[FLOW_KEY_WORDS];

		if (i / 2 == PRESENT_WORD || !wide[i])
			continue;
		memset(part, 0, sizeof(part));
		part[i] = wide[i];
		memcpy(m, part, sizeof(m));
		consider(c, m);
	}
	for (unsigned i = ports; i < ports + 2; i++) {
		uint16_t part[FLOW_KEY_WORDS * 4];
		uint64_t m[FLOW_KEY_WORDS];

		if (!lanes[i])
			continue;
		memset(part, 0, sizeof(part));
		part[i] = lanes[i];
		memcpy(m, part, sizeof(m));
		consider(c, m);
	}
}

/* The byte of each rule of the sample, side by side. */
struct column {
	uint8_t mask[SAMPLE], value[SAMPLE];
};

/* How many rows of the whole column, empty ones too, take 'value'.  A loop of fixed length without branches: compilers make vectors of it. */
static unsigned
column_takes(const struct column *col, uint8_t value)
{
	uint8_t n = 0;

	for (unsigned i = 0; i < SAMPLE; i++)
		n = (uint8_t)(n + (((value ^ col->value[i]) & col->mask[i]) == 0));
	return n;
}

/* The same for a cut: the most rules that one value of the byte leaves, those without a place for their mask included.  Changes the column. */
static unsigned
weigh_cut(struct column *col, unsigned n, unsigned limit)
{
	uint8_t masks[CLS_CUT_MASKS];
	unsigned n_masks = 0, largest = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned at = 0;

		while (at < n_masks && masks[at] != col->mask[i])
			at++;
		if (at == n_masks && n_masks < CLS_CUT_MASKS)
			masks[n_masks++] = col->mask[i];
		if (at == CLS_CUT_MASKS)
			col->mask[i] = 0;
	}
	for (unsigned i = 0; i < n && largest < limit; i++) {
		const unsigned met = column_takes(col, col->value[i]) - (SAMPLE - n);

		if (met > largest)
			largest = met;
	}
	return largest;
}

/* A cut costs a look more and may lead several ways: it must leave less than half of what a mask would.  Where nothing divides the rules,
 * for all are about one packet, a matrix holds them. */
static void
consider_cuts(struct choice *c)
{
	const unsigned n = c->s->n;
	uint64_t any[FLOW_KEY_WORDS] = {0};

	for (unsigned i = 0; i < n; i++) {
		for (unsigned w = 0; w < FLOW_KEY_WORDS; w++)
			any[w] |= w == PRESENT_WORD ? 0 : c->s->mask[i][w] & ~c->used[w];
	}
	for (unsigned at = 0; at < sizeof(any); at++) {
		const unsigned limit = c->best.kind == CLS_CUT || c->outside ? c->cost : c->cost / 2;
		struct column col = {0};
		unsigned cost;

		if (!cls_byte(any, at))
			continue;
		for (unsigned i = 0; i < n; i++) {
			col.mask[i] = cls_byte(c->s->mask[i], at);
			col.value[i] = cls_byte(c->s->value[i], at);
		}
		cost = weigh_cut(&col, n, limit);
		if (cost >= limit)
			continue;
		c->cost = cost;
		c->found = true;
		c->best.kind = CLS_CUT;
		c->best.at = (uint8_t)at;
	}
	if (n >= MATRIX_RULES && c->cost > n / 2) {
		c->found = true;
		c->best.kind = CLS_MATRIX;
	}
}

bool
cls_mask_choose(const struct cls_entry *rules, const uint64_t used[FLOW_KEY_WORDS], struct cls_choice *out)
{
	struct choice c = {.used = used};
	struct sample s;

	sample_take(&s, rules);
	c.s = &s;
	c.cost = s.n - s.n / 8;
	for (unsigned i = 0; i < s.n && i < AUTHORS; i++) {
		for (unsigned j = i; j < s.n && j < AUTHORS; j++) {
			uint64_t m[FLOW_KEY_WORDS];

			for (unsigned w = 0; w < FLOW_KEY_WORDS; w++)
				m[w] = s.mask[i][w] & s.mask[j][w];
			consider(&c, m);
		}
		consider_parts(&c, s.mask[i]);
	}
	consider_listed(&c);
	if (s.n >= CUT_RULES)
		consider_cuts(&c);
	*out = c.best;
	return c.found;
}
