/* SPDX-License-Identifier: ISC */
/* What translating one frame knows at one point of its way. */
#ifndef OFPROTO_PIPELINE_XLATE_H
#define OFPROTO_PIPELINE_XLATE_H

#include "pipeline.h"

struct xlate {
	struct dp_program *prog;
	struct flow_key key; /* as changed so far */
	bool key_unknown; /* changed in a way that only parsing can tell */
	bool dscp_unknown; /* a meter may have remarked it; later tables must look */
	bool in_bucket; /* of a group: a program apart */
	bool to_table; /* packet-out: OUTPUT to TABLE was ordered */
	uint8_t table_id; /* of the rule at work, for packet-ins */
	uint8_t reason; /* for packet-ins */
	uint64_t cookie;
	unsigned n_outputs;
};

/* One action: its operation, and its effect on the key.  What the frame can't take is passed over. */
void xlate_action(struct xlate *, const struct ofp_act *);
void xlate_drop(struct xlate *, enum dp_drop);
/* Ends a program that outgrew its limits as the one operation DROP(PROGRAM_TOO_BIG). */
void xlate_finish(struct xlate *);

#endif
