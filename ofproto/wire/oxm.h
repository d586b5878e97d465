/* SPDX-License-Identifier: ISC */
/* OXM: matches and single fields, bytes <-> struct match (7.2.3). */
#ifndef OFPROTO_WIRE_OXM_H
#define OFPROTO_WIRE_OXM_H

#include "match.h"
#include "of_error.h"
#include "wire.h"

/* One row of oxm_fields.def at run time. */
struct oxm_info {
	const char *name;
	uint8_t field;   /* enum oxm_field */
	uint8_t bytes;
	uint8_t bits;
	bool maskable;   /* by the standard */
	bool settable;
	uint8_t prereq;  /* enum oxm_prereq */
	uint16_t offset; /* of the member in struct flow_key */
};
enum oxm_prereq {
	OXM_PREREQ_NONE,
	OXM_PREREQ_IN_PORT,
	OXM_PREREQ_VLAN,
	OXM_PREREQ_IP,
	OXM_PREREQ_IPV4,
	OXM_PREREQ_IPV6,
	OXM_PREREQ_ARP,
	OXM_PREREQ_TCP,
	OXM_PREREQ_UDP,
	OXM_PREREQ_SCTP,
	OXM_PREREQ_ICMPV4,
	OXM_PREREQ_ICMPV6,
	OXM_PREREQ_ND,
	OXM_PREREQ_ND_SOLICIT,
	OXM_PREREQ_ND_ADVERT,
	OXM_PREREQ_MPLS,
	OXM_PREREQ_PBB,
};
/* 'field' < OXM_N_FIELDS. */
const struct oxm_info *oxm_info(enum oxm_field field);
/* True if the field may be matched with a mask: where the standard says so, and on the transport ports and nd_target, nd_sll, nd_tll. */
bool oxm_mask_allowed(enum oxm_field field);
/* True if what 'm' matches exactly satisfies the prerequisite of 'field' (table in 7.2.3.7). */
bool oxm_prereq_ok(const struct match *m, enum oxm_field field);

/* Sets one field of a match; value and mask (NULL = exact) are 'bytes' long, network order.  Sets the 'present' bits. */
void match_set(struct match *m, enum oxm_field field, const void *value, const void *mask);
/* The field's value and mask bytes; false if 'm' does not match on it. */
bool match_get(const struct match *m, enum oxm_field field, uint8_t value[16], uint8_t mask[16]);
/* True if the field is matched with all its significant bits. */
bool match_is_exact(const struct match *m, enum oxm_field field);
/* "Matches everything". */
void match_init(struct match *m);

/* Copies a field out of or into a key, network order, oxm_info()->bytes long.  key_set sets the present bit. */
void key_get(const struct flow_key *key, enum oxm_field field, uint8_t value[16]);
void key_set(struct flow_key *key, enum oxm_field field, const uint8_t *value);

/* Decodes a struct ofp_match with its padding: moves 'w' past it.  Errors by 7.2.3 and robustness.md section 4:
 * BAD_TYPE, BAD_LEN, BAD_FIELD, BAD_VALUE, BAD_MASK, BAD_WILDCARDS, BAD_PREREQ (missing or later in order), DUP_FIELD.
 * Masks on the transport ports and nd_target, nd_sll, nd_tll are accepted beyond the standard, as Open vSwitch does. */
enum of_error match_decode(struct wire *w, struct match *m);
/* Appends a struct ofp_match, padded; fields in ascending order; no mask where it is exact. */
void match_encode(struct wbuf *b, const struct match *m);
/* The same for packet-in and flow-removed bodies: writes the OXM TLVs alone (no ofp_match header, no padding). */
void match_encode_oxms(struct wbuf *b, const struct match *m);

/* One OXM TLV without mask, as in SET_FIELD: BAD_SET_TYPE, BAD_SET_LEN, BAD_SET_ARGUMENT. */
enum of_error oxm_decode_set_field(struct wire *w, enum oxm_field *field, uint8_t value[16]);
void oxm_encode_value(struct wbuf *b, enum oxm_field field, const uint8_t *value);

#endif
