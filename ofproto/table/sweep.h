/* SPDX-License-Identifier: ISC */
/* Sweeps: many flow entries that go at one stroke, and the work of it in slices (6.4, 6.5, 6.6, 7.3.5.5).
 *
 * First the entries are looked for and marked, which changes nothing for frames.  Then one switch, a short exclusive section, makes all
 * of them vanish.  After it they are told of (struct table_events) and freed.  Where every entry of a table goes there is nothing to
 * look for: the table's content is taken out whole, and freeing it needs no further section.
 *
 * One step follows another whenever the caller likes; between them:
 *  - before the switch nobody may change the tables, but time-outs may remove entries;
 *  - after it everybody may, except by a transaction or another sweep.  An entry that is added anew is told of after the old one's removal.
 *
 * Nothing here can fail once it has begun.  The whole costs a walk over the slots of the tables named, so what finds its few entries
 * otherwise (an exact match, the short list of those that use a group) should remove them itself. */
#ifndef OFPROTO_TABLE_SWEEP_H
#define OFPROTO_TABLE_SWEEP_H

#include "txn.h"

struct sweep_plan {
	uint8_t table_id; /* OFPTT_ALL: of all tables */
	enum ofp_flow_removed_reason reason;
	/* True if it goes; NULL: all of them do. */
	bool (*wants)(void *aux, const struct rule *);
	/* In the section in which they vanish: what changes together with them.  NULL: nothing does. */
	void (*switched)(void *aux);
	void *aux; /* of the two; not owned, and in use until the sweep is done */
};

enum sweep_state { SWEEP_LOOKS, SWEEP_REMOVES, SWEEP_DONE };

/* Nothing is done yet.  False: no memory, or a transaction or a sweep is open.  The section is opened for at most 0.2 ms at a time. */
bool sweep_begin(struct tables *, const struct sweep_plan *, const struct txn_section *, void *section_aux);
/* Goes on until clock_ns() has passed 'until_ns', by at most 0.2 ms; outside any section.  DONE: it has ended, and is forgotten. */
enum sweep_state sweep_step(struct tables *, uint64_t until_ns);

#endif
