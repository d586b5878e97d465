/* SPDX-License-Identifier: ISC */
/* Transactions: many changes of flow entries, groups and meters that take effect together or not at all.
 *
 * Changes are checked and prepared one after the other, each seeing what those before it did, beside what frames meet (the views of
 * classifier.h, hiding in groups.h and meters.h).  One switch makes them all visible; what they replaced is taken away after it.  The
 * caller lends its exclusive section: preparing and taking away open it for a fraction of a millisecond at a time, the switch is three
 * stores.  Everything happens within one call chain of the control thread: between begin and the end (commit or abort) nothing else may
 * change the tables, no time-outs either.
 *
 * Events (struct table_events) come with the commit; there are none after an abort, which leaves no trace but for used-up ids. */
#ifndef OFPROTO_TABLE_TXN_H
#define OFPROTO_TABLE_TXN_H

#include "tables.h"

struct txn;

/* NULL: no memory, or one is open, or a sweep is under way (sweep.h). */
struct txn *txn_begin(struct tables *, const struct txn_section *, void *aux);
/* The changes, outside any section.  An error is that of the message; the transaction must then be aborted. */
enum of_error txn_flow_mod(struct txn *, const struct flow_mod *);
enum of_error txn_group_mod(struct txn *, const struct group_mod *);
enum of_error txn_meter_mod(struct txn *, const struct meter_mod *);
/* Both end it and free it.  Commit can't fail. */
void txn_commit(struct txn *);
void txn_abort(struct txn *);

#endif
