/* SPDX-License-Identifier: ISC */
/* The action set of a packet in the pipeline (5.10), and the bytes in which it waits for a frame to be parsed again. */
#ifndef OFPROTO_PIPELINE_ACTION_SET_H
#define OFPROTO_PIPELINE_ACTION_SET_H

#include "dp_program.h"
#include "messages.h"

#define ACTION_SET_TYPES OFP_ACT_TYPES

/* One action of each type, SET_FIELD one of each field; borrowed from whoever wrote them. */
struct action_set {
	const struct ofp_act *by_type[ACTION_SET_TYPES];
	const struct ofp_act *set_field[OXM_N_FIELDS];
};

void action_set_clear(struct action_set *);
/* Later actions take the place of earlier ones of the same type. */
void action_set_write(struct action_set *, const struct ofp_acts *);
/* Calls 'cb' in the order of 5.10; OUTPUT only if there is no GROUP. */
void action_set_for_each(const struct action_set *, void (*cb)(void *aux, const struct ofp_act *), void *aux);

/* Where to go on after REPARSE. */
struct resume {
	uint8_t table_id;
	be64 metadata;
	struct action_set set;
};
#define RESUME_HEAD 16
/* Room for one action of each kind at its longest. */
struct resume_buf {
	_Alignas(8) uint8_t data[DP_RESUME_MAX];
};
/* Bytes written, or 0 when it does not fit. */
size_t resume_encode(const struct resume *, struct resume_buf *);
/* Actions point into 'buf', to which the bytes are copied.  False: not what resume_encode writes. */
bool resume_decode(struct resume *, struct resume_buf *buf, const uint8_t *data, size_t len);

#endif
