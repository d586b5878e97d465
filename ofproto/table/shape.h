/* SPDX-License-Identifier: ISC */
/* What each flow table can do: read, narrowed by the controller, and enforced (OpenFlow 1.3.5, 7.3.5.5).
 *
 * At first there are all tables, and each can do all that the switch can.  A write describes the whole pipeline: tables that it does not
 * name are gone from it until a later write names them.  What is granted is what was asked for, and a little more where controllers
 * leave out what they mean, as the standard allows ("a superset"): a field that may be matched may be matched with a mask wherever the
 * switch can do that, since the HASMASK bit is often left out; and an empty MATCH list, or an empty SETFIELD list beside the action
 * SET_FIELD, leaves all fields to the table, since Faucet names none for some switches.  A property that is missing counts as an
 * empty list.
 *
 * Flow entries of tables that are gone or can do something else than before are removed without FLOW_REMOVED; a new name, or a new
 * max_entries that they fit in, keeps them. */
#ifndef OFPROTO_TABLE_SHAPE_H
#define OFPROTO_TABLE_SHAPE_H

#include "tables.h"

/* What the switch can do at most in table 'id'. */
void shape_capability(const struct tables *, uint8_t id, struct table_features *);
/* True if the table is part of the pipeline. */
bool shape_table_exists(const struct tables *, uint8_t id);
/* The highest table of the pipeline, and 1: n_tables of a features reply (7.3.1). */
unsigned shape_n_tables(const struct tables *);
/* The features of a table that exists. */
const struct table_features *shape_get(const struct tables *, uint8_t id);
/* Replaces the pipeline by the 'n' tables in 'f', all or nothing.  Control thread, inside an exclusive section.
 * OFPTFFC_BAD_TABLE: a table the switch does not have, twice the same, no table 0.  BAD_ARGUMENT: more than it can do.
 * BAD_METADATA: metadata is a match field without bits. */
enum of_error shape_set(struct tables *, const struct table_features *f, size_t n);
/* The checks alone: what shape_set would say. */
enum of_error shape_check_write(const struct tables *, const struct table_features *f, size_t n);
/* Which tables that would empty, and of how many entries in all, if it is accepted.  'tables' has room for 4 words: bit n for table n. */
uint32_t shape_empties(const struct tables *, const struct table_features *f, size_t n, uint64_t tables[]);
/* TABLE_MOD (7.3.3); OFPTT_ALL = all.  OFPTMFC_BAD_TABLE, OFPTMFC_BAD_CONFIG. */
enum of_error shape_set_config(struct tables *, uint8_t id, uint32_t config);

/* A flow-mod that adds or changes, against the features of its table.  OFPFMFC_BAD_TABLE_ID; OFPBMC_BAD_FIELD, BAD_MASK,
 * BAD_WILDCARDS; OFPBIC_UNSUP_INST, BAD_TABLE_ID, UNSUP_METADATA, UNSUP_METADATA_MASK; OFPBAC_BAD_TYPE, BAD_SET_TYPE. */
enum of_error shape_check(const struct tables *, const struct flow_mod *);

#endif
