/* SPDX-License-Identifier: ISC */
/* What the classifier's files share: interned masks, hash tables of rules, nodes.
 *
 * A node holds rules in tables and in one list, the rest.  A table has a mask, a subset of the masks of all rules in it, and a
 * hash map from masked values to chains; or it is a cut (cls_cut.c), which tells rules apart by what their masks leave of one byte; or a
 * matrix (cls_matrix.c), for rules that nothing divides.  A chain is ordered by priority; where more than CLS_CHAIN rules share a value they
 * move into a node of their own, which tells them apart by other bits.  The root is a node. */
#ifndef OFPROTO_TABLE_CLS_PRIVATE_H
#define OFPROTO_TABLE_CLS_PRIVATE_H

#include "classifier.h"
#include "hash.h"
#include "list.h"
#include "prio_map.h"

#define CLS_CHAIN 8u /* rules of one value in a chain; more make a node */
#define CLS_SAMPLE 64u /* rules that candidates for a table are tried on */
#define CLS_REST 8u /* rules in the rest before a node looks for a table to put them in */
#define CLS_COLLAPSE 4u /* a node with no more rules than this is dissolved */
#define CLS_INDEX 32u /* a rest longer than this has an index by priority */
#define CLS_DEPTH 48u /* nodes below nodes */
#define CLS_ROOT_TABLES 128u /* more masks than this share tables */
#define CLS_MATRIX_RULES 256u /* of a matrix, to begin with; others wait until nothing divides them either */
#define CLS_MATRIX_REST 32u /* so many of them are looked at */
#define CLS_CHOICES 1u /* that one insertion may make: each costs some 15 microseconds */
#define PRESENT_WORD (offsetof(struct flow_key, present) / 8)

enum cls_kind { CLS_RULE, CLS_NODE };

struct cls_mask {
	struct hmap_node node; /* in classifier.masks */
	uint64_t present; /* bits a key must have */
	uint32_t n_rules;
	uint8_t n_words; /* 'present' is not among them */
	uint8_t index[FLOW_KEY_WORDS];
	uint64_t
	    words[]; /* three times n_words: the mask, the bits of it that are the same in all rules, and these bits */
};

static inline uint64_t *
cls_mask_same(struct cls_mask *m)
{
	return m->words + m->n_words;
}

/* ---- cls_mask.c ---- */

/* The interned mask, made if need be; NULL: no memory.  It goes with its last rule: cls_mask_ref, cls_mask_unref. */
struct cls_mask *cls_mask_intern(struct classifier *, const struct flow_key *mask);
void cls_mask_unref(struct classifier *, struct cls_mask *);
/* A rule with these values comes to the mask. */
void cls_mask_note(struct cls_mask *, const uint64_t *value);
/* False: what the mask's rules have in common keeps all of them apart from 'm'. */
bool cls_mask_may_overlap(const struct cls_mask *, const struct match *m);
const struct cls_mask *cls_mask_find(const struct classifier *, const struct flow_key *mask);
void cls_mask_expand(const struct cls_mask *, uint64_t words[FLOW_KEY_WORDS]);
/* The coarse mask under which a rule is kept in the root: whole bytes of addresses, and if these say little all whole fields. */
void cls_mask_coarse(const struct flow_key *mask, uint64_t words[FLOW_KEY_WORDS]);
/* What best tells the rules of a list apart, 'used' bits aside: a mask, a cut at a byte of the key, or where nothing divides them a matrix;
 * false: nothing is worth a table. */
struct cls_choice {
	uint8_t kind;
	uint8_t at;
	uint64_t words[FLOW_KEY_WORDS];
};
bool cls_mask_choose(const struct cls_entry *rules, const uint64_t used[FLOW_KEY_WORDS], struct cls_choice *);

/* True if every bit of 'general' is in 'specific'. */
static inline bool
words_within(const uint64_t *specific, const uint64_t *general)
{
	uint64_t extra = 0;

	for (unsigned i = 0; i < FLOW_KEY_WORDS; i++)
		extra |= general[i] & ~specific[i];
	return extra == 0;
}

/* ---- cls_hash.c ---- */

struct cls_bucket {
	struct cls_entry *head; /* by priority, descending */
	uint64_t filter; /* one bit for the hash of each entry: most lookups that find nothing end here */
};

/* Linear hashing in segments: growing and shrinking split or join one bucket, and nothing is ever copied but the directory. */
struct cls_hash {
	struct cls_bucket **segment;
	uint32_t n_buckets, cap_buckets;
	uint32_t level; /* mask for buckets that exist: a power of two less 1, level < n_buckets <= 2 * (level + 1) */
	uint32_t n;
};

#define CLS_SEGMENT 512u /* buckets */

/* False: no memory. */
bool cls_hash_init(struct cls_hash *);
void cls_hash_fini(struct cls_hash *);
/* Puts the entry in by its hash and priority, behind others of its priority. */
void cls_hash_insert(struct cls_hash *, struct cls_entry *);
/* The entry must be in. */
void cls_hash_remove(struct cls_hash *, struct cls_entry *);
/* Its priority has changed: puts it where it belongs. */
void cls_hash_settle(struct cls_hash *, struct cls_entry *);

static inline struct cls_bucket *
cls_hash_at(const struct cls_hash *h, uint32_t i)
{
	return &h->segment[i / CLS_SEGMENT][i % CLS_SEGMENT];
}

static inline struct cls_bucket *
cls_hash_bucket(const struct cls_hash *h, uint32_t hash)
{
	uint32_t i = hash & (2 * h->level + 1);

	if (i >= h->n_buckets)
		i = hash & h->level;
	return cls_hash_at(h, i);
}

/* The bits that choose a bucket are not the ones that choose the filter's bit. */
static inline uint64_t
cls_hash_bit(uint32_t hash)
{
	return UINT64_C(1) << (hash >> 26);
}

/* ---- cls_cut.c ---- */

#define CLS_CUT_MASKS 16u

/* A byte of the key, and the masks that the rules have there.  Rules are hashed by their mask and value in that byte; which of the masks
 * can have a rule for a packet's byte is read from 'path'.  So of many rules whose prefixes end in the same byte a packet meets those
 * that its byte is in. */
struct cls_cut {
	uint32_t key; /* of the hash */
	uint32_t rules[CLS_CUT_MASKS]; /* of each mask; 0: the mask is free */
	uint16_t top[CLS_CUT_MASKS]; /* no rule of the mask has a higher priority */
	uint8_t mask[CLS_CUT_MASKS];
	uint8_t at;
	uint16_t path[256]; /* bit n: rules of mask n */
};

/* NULL: no memory. */
struct cls_cut *cls_cut_create(uint8_t at, uint32_t key);
/* True if a rule with this mask is in, or can be added. */
bool cls_cut_takes(const struct cls_cut *, const uint64_t *mask);
bool cls_cut_has(const struct cls_cut *, const uint64_t *mask);
/* Of a rule that is put in or has been taken out; 'last': no other of its mask and value is in. */
void cls_cut_add(struct cls_cut *, const uint64_t *mask, const uint64_t *value, uint16_t priority);
void cls_cut_sub(struct cls_cut *, const uint64_t *mask, const uint64_t *value, bool last);

/* No two of the same cut are equal. */
static inline uint32_t
cls_cut_hash(const struct cls_cut *cut, unsigned mask, unsigned value)
{
	uint32_t h = ((mask << 8 | value) ^ cut->key) * UINT32_C(0x9e3779b1);

	h = (h ^ h >> 15) * UINT32_C(0x85ebca6b);
	return h ^ h >> 13;
}

static inline uint8_t
cls_byte(const uint64_t *words, unsigned at)
{
	return ((const uint8_t *)words)[at];
}

/* ---- cls_matrix.c ---- */

#define CLS_BLOCK 64u /* rules: bits of a word */
#define CLS_GATE 6u /* words */

/* The rules of a block, a bit each, that take a value of the high and of the low half of a byte. */
struct cls_column {
	uint64_t high[16], low[16];
};

struct cls_word_is {
	uint64_t mask, value;
	uint32_t index;
};

/* Rules in order of their keys.  Every bit of their masks is in the gate, which all of them agree on, or in a column. */
struct cls_block {
	uint8_t n, n_gate;
	uint16_t n_columns, cap_columns;
	uint8_t at[sizeof(struct flow_key)]; /* the bytes of the columns */
	struct cls_word_is gate[CLS_GATE];
	uint64_t key[CLS_BLOCK];
	struct cls_rule *rule[CLS_BLOCK];
	struct cls_column column[];
};

struct cls_blocks {
	struct cls_block *rules; /* at least one */
	uint64_t first; /* the key of the first */
};

struct cls_matrix {
	uint64_t seed;
	struct cls_blocks *block; /* in order */
	uint32_t n, cap;
};

/* A rule's key: the priority, so that higher ones come first, and a hash of its match. */
static inline uint64_t
cls_matrix_begin(uint16_t priority)
{
	return (uint64_t)(UINT16_MAX - priority) << 32;
}

static inline uint16_t
cls_matrix_priority(uint64_t key)
{
	return (uint16_t)(UINT16_MAX - (key >> 32));
}

/* NULL: no memory. */
struct cls_matrix *cls_matrix_create(uint64_t seed);
/* Leaves the rules alone.  Accepts NULL. */
void cls_matrix_destroy(struct cls_matrix *);
/* False: no memory, nothing changed. */
bool cls_matrix_insert(struct cls_matrix *, struct cls_rule *, const uint64_t *mask, const uint64_t *value);
/* False: it is not in there. */
bool cls_matrix_remove(struct cls_matrix *, struct cls_rule *, const uint64_t *value);
uint64_t cls_matrix_key(const struct cls_matrix *, const struct cls_mask *, const uint64_t *value, uint16_t priority);

/* A rule's place; the end has block n. */
struct cls_place {
	uint32_t block, rule;
};
/* The first whose key is not below 'key', and the one after it. */
struct cls_place cls_matrix_seek(const struct cls_matrix *, uint64_t key);
struct cls_place cls_matrix_next(const struct cls_matrix *, struct cls_place);

/* ---- tables and nodes ---- */

struct cls_word {
	uint64_t mask;
	uint64_t key; /* of the hash */
	uint32_t index;
};

struct cls_table {
	struct cls_hash hash; /* not of a matrix */
	struct prio_map prios; /* rules of each priority; not of a matrix, which has them in order */
	struct cls_cut *cut; /* NULL: it has a mask, or a matrix */
	struct cls_matrix *matrix;
	uint32_t n_rules;
	uint32_t max_rules; /* of a matrix */
	uint32_t n_words;
	uint32_t n_bits;
	uint64_t present;
	struct cls_word word[];
};

enum cls_table_kind { CLS_MASKED, CLS_CUT, CLS_MATRIX };

static inline enum cls_table_kind
cls_table_kind(const struct cls_table *t)
{
	return t->cut ? CLS_CUT : t->matrix ? CLS_MATRIX : CLS_MASKED;
}

/* What a lookup reads to pass over a table. */
struct cls_order {
	uint64_t present;
	struct cls_table *table;
	uint32_t max_priority;
	uint8_t kind; /* enum cls_table_kind */
};

/* The rest of a node: rules by priority, descending; of one priority in the order they came. */
struct cls_list {
	struct cls_entry *head;
	struct prio_map last; /* the last entry of each priority, when 'indexed' */
	uint32_t n;
	bool indexed;
};

#define CLS_BOX 4u /* words */

/* What all rules of a node have in common beside what led to it: a packet that differs there ends here, whatever is below.  Only ever gets
 * wider until the node begins again: what is kept is true for fewer rules as well. */
struct cls_box {
	uint64_t mask[CLS_BOX], value[CLS_BOX];
	uint8_t index[CLS_BOX];
	uint32_t n; /* words in use */
};

struct cls_node {
	struct cls_entry e; /* its place in a chain; not of the root */
	struct cls_box box; /* the root's is empty */
	struct cls_order *order; /* by highest priority, descending */
	uint32_t n_order, cap_order;
	uint32_t n_rules;
	uint32_t next_try; /* length of the rest at which to look for a table again */
	struct cls_list rest;
	uint32_t depth;
	bool begun_again;
	bool unsettled; /* some of the rest belongs in tables and has not moved yet */
	const struct cls_node *up; /* it is below this one and */
	const struct cls_table
	    *via; /* this table of it: in the bits of these all its rules are the same.  NULL: the root */
};

/* False: no rule of the node takes the key. */
static inline bool
cls_box_takes(const struct cls_box *b, const uint64_t *key)
{
	uint64_t diff = 0;

	for (uint32_t i = 0; i < b->n; i++)
		diff |= (key[b->index[i]] ^ b->value[i]) & b->mask[i];
	return diff == 0;
}

void cls_list_insert(struct cls_list *, struct cls_entry *);
/* False: it is not in there. */
bool cls_list_remove(struct cls_list *, struct cls_entry *);
void cls_list_fini(struct cls_list *);

/* The first entry whose priority is not above 'priority'. */
const struct cls_entry *cls_list_from(const struct cls_list *, uint16_t priority);

/* ---- cls_node.c ---- */

/* The node must be empty.  Accepts NULL. */
void cls_node_destroy(struct cls_node *);
struct item;
/* False: no memory, nothing changed. */
bool cls_node_insert(struct item *, struct cls_node *);
/* False: it is not in there. */
bool cls_node_remove(struct item *, struct cls_node *);
void cls_node_settle(struct classifier *, struct cls_node *);
unsigned cls_node_take(struct cls_node *, struct cls_rule **rules);

/* ---- classifier.c ---- */

struct wanted;
struct walk;
/* What a lookup wants to know. */
struct cls_ask {
	const uint64_t *key;
	enum cls_view view;
	struct cls_cost *cost; /* or NULL */
};
const struct cls_rule *cls_node_lookup(const struct cls_node *, const struct cls_ask *, const struct cls_rule *best);
/* In cls_matrix.c. */
const struct cls_rule *
cls_matrix_lookup(const struct cls_matrix *, const struct cls_ask *, const struct cls_rule *best);
const struct cls_rule *cls_node_find(const struct cls_node *, const struct wanted *);
bool cls_node_walk(const struct cls_node *, struct walk *);
void cls_rule_expand(const struct cls_rule *, uint64_t value[FLOW_KEY_WORDS]);

/* The hash of a key's, or a rule's, words under the table's mask. */
static inline uint32_t
cls_table_hash(const struct cls_table *t, const uint64_t *words)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < t->n_words; i++)
		h += hash_mix(words[t->word[i].index] & t->word[i].mask, t->word[i].key);
	return (uint32_t)(h ^ h >> 32);
}

/* The hash under which a rule of this mask and value is in the table. */
static inline uint32_t
cls_table_rule_hash(const struct cls_table *t, const uint64_t *mask, const uint64_t *value)
{
	return t->cut ? cls_cut_hash(t->cut, cls_byte(mask, t->cut->at), cls_byte(value, t->cut->at))
	              : cls_table_hash(t, value);
}

/* Of a table with a mask: true if a rule with this one can be in it, for it has all the bits of the table's. */
static inline bool
cls_table_takes(const struct cls_table *t, const uint64_t *mask)
{
	uint64_t extra = t->present & ~mask[PRESENT_WORD];

	for (uint32_t i = 0; i < t->n_words; i++)
		extra |= t->word[i].mask & ~mask[t->word[i].index];
	return extra == 0;
}

/* The same of any table. */
static inline bool
cls_table_may_have(const struct cls_table *t, const uint64_t *mask)
{
	return t->cut ? cls_cut_has(t->cut, mask) : t->matrix || cls_table_takes(t, mask);
}

static inline const uint64_t *
key_words(const struct flow_key *key)
{
	return (const uint64_t *)(const void *)key;
}

static inline struct cls_rule *
cls_rule_of(const struct cls_entry *e)
{
	return e ? CONTAINER_OF(e, struct cls_rule, e) : NULL;
}

static inline struct cls_node *
cls_node_of(const struct cls_entry *e)
{
	return CONTAINER_OF(e, struct cls_node, e);
}

#endif
