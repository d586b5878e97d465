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
	const struct dp_credit *credits; /* of the program at work: given when it ends */
	unsigned n_credits;
	uint32_t
	    proto_at; /* where SET_FIELD has written IP_PROTO behind IPv6, while 'key' is stale for it; 0 = nowhere */
	int64_t
	    grown; /* bytes that each frame is longer than it was received: what entries count is what was received */
	bool counted; /* the drop is counted already */
	bool stale; /* p->ofs is right, but field values have changed since 'key' was made */
	bool hashed; /* 'hash' is that of the key, which nothing has changed yet */
	bool known; /* the cache seems to have a program for it */
	uint64_t hash;
	unsigned passes;
	unsigned groups; /* that the frame is in at this moment, one within the other */
	unsigned buckets; /* that it has gone through */
	uint16_t resume_len;
	uint8_t resume[DP_RESUME_MAX];
};

/* Runs operations until the frame's way ends, or until it is to be parsed again (RUN_REPARSE; not in buckets). */
enum run_end { RUN_DONE, RUN_REPARSE };
enum run_end act_run(struct act *, const uint8_t *ops, size_t len);
/* Each frame of the superframe goes through the operations alone and is accounted for; false: it can't be cut, a->reason says so. */
bool act_run_segments(struct act *, const uint8_t *ops, size_t len);
/* exec_group.c.  'last': nothing is done with the frame afterwards. */
void act_group(struct act *, const struct dp_op_group *, bool last);
/* exec_meter.c.  False: the frame's way ends here, a->reason says why. */
bool act_meter(struct act *, const struct dp_op_meter *, const uint8_t *rest, size_t len);
/* A packet-in, if the meters of the slow path and of the controllers let it pass (OFPM_SLOWPATH, OFPM_CONTROLLER). */
void act_controller(struct act *, const struct dp_op_controller *);
void act_credits(struct act *, const struct dp_credit *, unsigned n);

/* The frame ends here: of the program's credits only the first 'n' are due. */
static inline void
act_ends(struct act *a, unsigned n)
{
	a->n_credits = n < a->n_credits ? n : a->n_credits;
}
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
