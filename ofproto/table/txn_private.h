/* SPDX-License-Identifier: ISC */
/* How flow_mod.c prepares its changes when a transaction is open. */
#ifndef OFPROTO_TABLE_TXN_PRIVATE_H
#define OFPROTO_TABLE_TXN_PRIVATE_H

#include "flow_table.h"
#include "txn.h"

/* A flow entry that the switch makes visible, or takes away. */
struct txn_new {
	struct flow_rule *rule;
	bool modified; /* it takes the place of another */
	bool counter_lent; /* its counter is that of the other, which keeps it if the transaction is aborted */
};
struct txn_old {
	struct flow_rule *rule;
	enum ofp_flow_removed_reason reason;
	bool replaced; /* by another: no flow-removed */
	struct flow_rule *by; /* that other, which takes over the slot: to a long reply it is the same flow */
	bool counter_given; /* to the other */
};

/* Room for one entry in each list, so that what follows can't fail.  False: no memory. */
bool txn_reserve(struct txn *);
/* Puts a rule that frames don't see yet into its table; 'r' is hidden and 'txn_new' complete.  False: no memory, nothing done. */
bool txn_insert(struct txn *, struct txn_new, const struct match *);
/* Hides a rule from what comes after.  Reserve before. */
void txn_hide(struct txn *, struct txn_old);
/* Flow entries that will be there after the switch. */
uint32_t txn_n_rules(const struct tables *);

#endif
