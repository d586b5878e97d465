/* SPDX-License-Identifier: ISC */
/* How each flow table behaves when it fills up: eviction and vacancy events (EXT-192, as OpenFlow 1.4, 7.3.3 and 7.4.6).
 *
 * Both are off at first.  What is set stays until it is set otherwise: neither the TABLE_MOD of 1.3 nor a TABLE_FEATURES request that
 * keeps the table touches it, and TABLE_FEATURES don't show it; a table that leaves the pipeline comes back as it was at first.
 *
 * Eviction puts flow entries away as evict.h says, one for each that is added to a full table.  It never refuses the new one for its own
 * importance, as Open vSwitch doesn't: what the controller asks for last is what it wants.
 *
 * Vacancy events have a hysteresis: DOWN is told when less than 'vacancy_down' per cent of the entries are free, then not again until
 * UP was told, when more than 'vacancy_up' per cent are.  Which one comes first is decided when they are switched on, or their thresholds
 * set: UP if less than 'vacancy_up' per cent are free, or else DOWN. */
#ifndef OFPROTO_TABLE_TABLE_DESC_H
#define OFPROTO_TABLE_TABLE_DESC_H

#include "extensions.h"
#include "tables.h"

/* The table-mod; OFPTT_ALL = all tables.  Properties that are missing leave what they would set.  Control thread, no exclusive section needed:
 * frames see nothing of it.  OFPTMFC_BAD_TABLE; OFPTMFC_BAD_CONFIG: unknown bits, eviction by nothing, thresholds that are not
 * down <= up <= 100, vacancy events without thresholds ever set, or no memory.  State is unchanged after any error. */
enum of_error table_desc_set(struct tables *, const struct table_desc *);
/* What a table that exists does: both properties, the second one if it is on. */
void table_desc_get(const struct tables *, uint8_t id, struct table_desc *);
/* The table has left the pipeline: everything off. */
void table_desc_reset(struct tables *, uint8_t id);

#endif
