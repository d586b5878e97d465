/* SPDX-License-Identifier: ISC */
/* What the flow tables know of a sweep under way. */
#ifndef OFPROTO_TABLE_SWEEP_PRIVATE_H
#define OFPROTO_TABLE_SWEEP_PRIVATE_H

#include "flow_table.h"
#include "sweep.h"

/* True if the rule has vanished already and waits to be told of and freed. */
bool sweep_has(const struct tables *, const struct flow_rule *);
/* True while entries are looked for and marked that have not vanished yet. */
bool sweep_looks(const struct tables *);
/* The reason that is told for it. */
enum ofp_flow_removed_reason sweep_reason(const struct tables *);
/* The table that the rule stands in: that of its number, or what was taken out of it. */
struct flow_table *sweep_table_of(struct tables *, const struct flow_rule *);
/* A vanished rule of this match and priority, or NULL. */
struct flow_rule *sweep_find(const struct tables *, uint8_t table_id, const struct match *, uint16_t priority);
/* Frees all that it holds, without a word.  Accepts that there is none. */
void sweep_destroy(struct tables *);

#endif
