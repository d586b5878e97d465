/* SPDX-License-Identifier: ISC */
/* Actions on packets: exec.c runs a program, act_*.c change bytes. */
#ifndef DATAPATH_AF_PACKET_ACT_H
#define DATAPATH_AF_PACKET_ACT_H

#include "exec.h"

/* One frame on its way through programs. */
struct act {
	struct reader *r;
	struct exec_bridge *b;
	struct packet *p;
	struct flow_key key; /* of p's bytes while p->key_valid */
	enum dp_drop reason; /* why, if it ends without output */
	bool counted; /* the drop is counted already */
	bool stale; /* p->ofs is right, but field values have changed since 'key' was made */
	unsigned passes;
	uint16_t resume_len;
	uint8_t resume[DP_RESUME_MAX];
};

/* Makes key and ofs describe the bytes as they are now. */
void act_refresh(struct act *);
/* Makes ofs alone right: cheaper between field changes. */
void act_offsets(struct act *);
/* The head, private and at least 'need' bytes long; NULL otherwise (too short, no memory). */
uint8_t *act_head(struct act *, uint32_t need);

/* Each changes the frame and returns true; a frame that lacks the header passes unchanged, as it does when the translation already knows
 * that.  False when the header is beyond reach or memory ran out: the frame then is unchanged and a->reason says why. */
bool act_push_vlan(struct act *, uint16_t tpid);
bool act_pop_vlan(struct act *);
bool act_push_mpls(struct act *, uint16_t ethertype);
bool act_pop_mpls(struct act *, uint16_t ethertype);
bool act_push_pbb(struct act *, uint16_t ethertype);
bool act_pop_pbb(struct act *);
bool act_set_field(struct act *, const struct dp_op_set_field *);
bool act_set_nw_ttl(struct act *, uint8_t ttl);
bool act_set_mpls_ttl(struct act *, uint8_t ttl);
bool act_copy_ttl_out(struct act *);
bool act_copy_ttl_in(struct act *);
/* dec: *expired when the TTL would reach 0; the frame then is unchanged. */
bool act_dec_nw_ttl(struct act *, bool *expired);
bool act_dec_mpls_ttl(struct act *, bool *expired);

#endif
