/* SPDX-License-Identifier: ISC */
/* Actions and instructions as text, ovs-ofctl's way. */
#ifndef OFPROTO_TEXT_ACTION_TEXT_H
#define OFPROTO_TEXT_ACTION_TEXT_H

#include "actions.h"
#include "names.h"
#include "parse.h"

/* Reads "pop_vlan,output:2,goto_table:3" (overwriting 'text', a part of the line that *p is at) into instructions; they must stand in the
 * order meter, actions, clear_actions, write_actions, write_metadata, goto_table.  'match' is the flow's, for what depends on it, 'table' its
 * table or OFPTT_ALL when it has none yet.  The lists of *insts point into 'acts', which must be empty.  On false p->err has the reason. */
bool insts_parse(struct parse_state *p, char *text, const struct match *match, uint8_t table, struct act_buf *acts,
                 struct ofp_insts *insts);
/* The same without instructions, as packet-out and group buckets have it; appends to 'acts'.  'match' may be NULL: nothing is known of
 * the frames.  With 'packet_out' the output port TABLE is one. */
bool actions_parse(struct parse_state *p, char *text, const struct match *match, bool packet_out, struct act_buf *acts);

/* The n-th word that can begin an action or instruction; NULL after the last. */
const char *action_word(size_t n);
/* "output" for OFPAT_OUTPUT, as features are listed; NULL: unknown. */
const char *action_type_name(uint16_t type);

/* "output:2,CONTROLLER:65535"; nothing for an empty list. */
void actions_format(struct sbuf *, struct ofp_acts, const struct port_names *);
/* "actions=" and the instructions, "drop" when nothing is left to print. */
void insts_format(struct sbuf *, const struct ofp_insts *, const struct port_names *);

#endif
