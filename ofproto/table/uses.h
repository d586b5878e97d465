/* SPDX-License-Identifier: ISC */
/* Which flow entries use a group or a meter, so that deleting one finds them without a walk through all tables (6.5, 6.6).
 *
 * A flow entry has one node for each group and meter that it names.  The lists belong to the group or meter and stay when a MODIFY
 * puts another object in its place.  Control thread only. */
#ifndef OFPROTO_TABLE_USES_H
#define OFPROTO_TABLE_USES_H

#include "list.h"

#include <stdbool.h>
#include <stdint.h>

struct flow_rule;
struct rule_actions;
struct tables;

/* Who uses one group or meter. */
struct user_list {
	struct list rules;  /* struct use */
	uint32_t n_rules;
	uint32_t n_groups;  /* groups that forward to this group */
};

struct use {
	struct list node;
	struct flow_rule *rule;
	struct user_list *of;
};
struct rule_uses {
	uint32_t n;
	struct use use[];
};

/* NULL: no memory. */
struct user_list *user_list_create(void);
/* Accepts NULL; no rule may be in it. */
void user_list_destroy(struct user_list *);
/* The rule that joined first, or NULL. */
struct flow_rule *user_list_first(const struct user_list *);

/* Room for a rule that is to have 'acts', all of whose groups and meters exist; *out is NULL if it names none.  False: no memory. */
bool rule_uses_prepare(const struct tables *, const struct rule_actions *acts, struct rule_uses **out);
/* Takes 'rule' out of the lists that it is in and puts it into those of 'uses' (NULL: none), which it now owns. */
void rule_uses_set(struct flow_rule *, struct rule_uses *);

#endif
