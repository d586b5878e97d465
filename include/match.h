/* SPDX-License-Identifier: ISC */
/* A match: which flow keys a flow entry takes (OpenFlow 1.3.5, 7.2.3).
 *
 * CONTRACT between ofproto/wire (decodes and encodes it), ofproto/text (parses and prints it) and ofproto/table.
 *
 * 'key' holds the values, 'mask' the bits that count; both in flow_key layout.  A matched field has its bit in both
 * key.present and mask.present, so a frame without the field never matches, not even a value of zero.  An exact field
 * has all its significant bits ('bits' of oxm_fields.def) set in the mask.  key bits outside the mask are zero.  A
 * field whose mask is all zero is not part of the match (OXM_VLAN_VID 0/0 included). */
#ifndef MATCH_H
#define MATCH_H

#include "flow_key.h"

struct match {
	struct flow_key key;
	struct flow_key mask;
};

/* True if 'm' takes 'key'. */
static inline bool
match_covers(const struct match *m, const struct flow_key *key)
{
	const uint64_t *v = (const uint64_t *)(const void *)&m->key;
	const uint64_t *w = (const uint64_t *)(const void *)&m->mask;
	const uint64_t *k = (const uint64_t *)(const void *)key;
	uint64_t diff = 0;

	for (size_t i = 0; i < FLOW_KEY_WORDS; i++)
		diff |= (k[i] & w[i]) ^ v[i];
	return diff == 0;
}

#endif
