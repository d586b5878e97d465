/* SPDX-License-Identifier: ISC */
/* Actions and instructions in memory: a flat list of records in host order, checked once when decoded.
 *
 * A list is 8-byte aligned memory of ofp_act records one after another; walk it with OFP_ACT_FOR_EACH.  No pointers inside, so lists are
 * copied with memcpy and compared with memcmp (padding is zero). */
#ifndef OFPROTO_WIRE_ACTIONS_H
#define OFPROTO_WIRE_ACTIONS_H

#include "of_error.h"
#include "oxm.h"
#include "wire.h"

#define OFP_MAX_ACTIONS 256 /* in one list; more is OFPBAC_TOO_MANY */

struct ofp_act {
	uint16_t type; /* OFPAT_* */
	uint16_t len;  /* bytes in memory, header included, a multiple of 8 */
	/* What most actions need; unused members are zero. */
	union {
		uint32_t port;      /* OUTPUT */
		uint32_t id;        /* GROUP, SET_QUEUE */
		uint16_t ethertype; /* PUSH_*, POP_MPLS */
		uint8_t ttl;        /* SET_MPLS_TTL, SET_NW_TTL */
		uint8_t field;      /* SET_FIELD: enum oxm_field */
	};
	/* OUTPUT: max_len in bytes 0-1 (ofp_act_max_len); SET_FIELD: the OXM payload, network order, left-aligned.  Others: none. */
	uint8_t data[];
};

static inline uint16_t
ofp_act_max_len(const struct ofp_act *a)
{
	uint16_t v;

	memcpy(&v, a->data, 2); /* host order */
	return v;
}

struct ofp_acts {
	const uint8_t *data;
	uint32_t len; /* bytes */
};

#define OFP_ACT_FOR_EACH(a, acts)                                                                                      \
	for (const struct ofp_act *a = (const struct ofp_act *)(const void *)(acts)->data;                             \
	     (acts)->len && (const uint8_t *)a < (acts)->data + (acts)->len;                                           \
	     a = (const struct ofp_act *)(const void *)((const uint8_t *)a + a->len))

/* A growing list; owns its memory.  Bounded by OFP_MAX_ACTIONS when decoding. */
struct act_buf {
	struct wbuf b;
};
#define ACT_BUF_INIT {WBUF_INIT(65536)}
void act_buf_fini(struct act_buf *);
void act_buf_reset(struct act_buf *);
struct ofp_acts act_buf_acts(const struct act_buf *);
/* Appends an action of 'type' with 'data_len' bytes of data (may be 0); NULL when memory ran out. */
struct ofp_act *act_buf_add(struct act_buf *, uint16_t type, size_t data_len);
/* The common ones. */
void act_buf_output(struct act_buf *, uint32_t port, uint16_t max_len);
void act_buf_set_field(struct act_buf *, enum oxm_field, const uint8_t *value);

/* Decodes 'len' bytes of wire actions into *out (appended).  Checks form and what needs no switch state: types, lengths, tags,
 * set-field values, output port 0 and ANY; TABLE is allowed only with OFP_ACTS_PACKET_OUT. */
#define OFP_ACTS_PACKET_OUT 1u
enum of_error ofp_acts_decode(struct wire *w, size_t len, unsigned flags, struct act_buf *out);
void ofp_acts_encode(struct wbuf *b, struct ofp_acts);

/* The types of an action set in the order in which they are carried out (5.10); SET_FIELD stands for one of each field, in ascending
 * order.  The last two exclude each other: OUTPUT counts only without GROUP. */
#define OFP_ACT_TYPES 28 /* OFPAT_* up to POP_PBB */
#define OFP_ACT_SET_ORDER 16
extern const uint8_t ofp_act_set_order[OFP_ACT_SET_ORDER];

/* Checks a list against the match of its flow: prerequisites of SET_FIELD and TTL actions, following pushes, pops and set-fields in
 * order (OFPBAC_MATCH_INCONSISTENT). */
enum of_error ofp_acts_check(struct ofp_acts, const struct match *);

/* The instructions of one flow entry.  'present' has bit OFPIT_x for each; executed in the standard's order whatever the order on the wire. */
struct ofp_insts {
	uint8_t present;
	uint8_t goto_table;
	bool has_importance; /* EXT-192: an experimenter instruction on the wire, a property of the flow entry everywhere else */
	uint16_t importance; /* 0 to 65535; entries of lower importance make room first */
	uint32_t meter;
	uint64_t metadata, metadata_mask; /* host order */
	struct ofp_acts apply; /* point into memory that the struct's owner says */
	struct ofp_acts write;
};
#define OFP_INST_BIT(inst) ((uint8_t)(1u << (inst)))

/* Decodes the rest of 'w' (8-aligned instructions); apply and write point into 'acts'.  OFPBIC_*, OFPBAC_*; duplicate: OFPBIC_DUP_INST. */
enum of_error ofp_insts_decode(struct wire *w, struct act_buf *acts, struct ofp_insts *);
/* In the order meter, apply, clear, write, metadata, goto, importance. */
void ofp_insts_encode(struct wbuf *b, const struct ofp_insts *);
/* ofp_acts_check for both lists: the set begins with what the match and the applied actions have made of the frame.  A flow without
 * fault here may still order what a frame lacks, for later tables add to the set: that is passed over when it happens. */
enum of_error ofp_insts_check(const struct ofp_insts *, const struct match *);
bool ofp_insts_equal(const struct ofp_insts *, const struct ofp_insts *);

#endif
