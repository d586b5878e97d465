/* SPDX-License-Identifier: ISC */
/* Actions and instructions as text, ovs-ofctl's way. */
#ifndef OFPROTO_TEXT_ACTION_TEXT_H
#define OFPROTO_TEXT_ACTION_TEXT_H

#include "actions.h"
#include "names.h"

/* Reads "pop_vlan,output:2,goto_table:3" (overwriting 'text') into instructions, in whatever order they stand.  'match' is the flow's, for
 * what depends on it.  The lists of *insts point into 'acts', which must be empty.  On false 'err' has the reason. */
bool insts_parse(char *text, const struct match *, const struct port_names *, struct act_buf *acts,
                 struct ofp_insts *insts, struct sbuf *err);
/* The same without instructions, as packet-out and group buckets have it; appends. */
bool actions_parse(char *text, const struct match *, const struct port_names *, struct act_buf *acts, struct sbuf *err);

/* "output:2,CONTROLLER:65535"; nothing for an empty list. */
void actions_format(struct sbuf *, struct ofp_acts, const struct port_names *);
/* "actions=" and the instructions, "drop" when nothing is left to print. */
void insts_format(struct sbuf *, const struct ofp_insts *, const struct port_names *);

#endif
