/* SPDX-License-Identifier: ISC */
/* The nodes by which flow entries hang on the groups and meters they name. */
#include "flow_table.h"

#include "groups_private.h"
#include "meters_private.h"

#include <stdlib.h>

struct user_list *
user_list_create(void)
{
	struct user_list *l = calloc(1, sizeof(*l));

	if (l)
		list_init(&l->rules);
	return l;
}

void
user_list_destroy(struct user_list *l)
{
	free(l);
}

struct flow_rule *
user_list_first(const struct user_list *l)
{
	return list_is_empty(&l->rules) ? NULL : CONTAINER_OF(l->rules.next, struct use, node)->rule;
}

/* Adds 'of' unless it is there. */
static void
name(struct rule_uses *uses, struct user_list *of)
{
	for (uint32_t i = 0; i < uses->n; i++) {
		if (uses->use[i].of == of)
			return;
	}
	uses->use[uses->n++].of = of;
}

static uint32_t
count_groups(const struct ofp_acts *acts)
{
	uint32_t n = 0;

	OFP_ACT_FOR_EACH (a, acts)
		n += a->type == OFPAT_GROUP;
	return n;
}

static void
name_groups(struct rule_uses *uses, const struct tables *ts, const struct ofp_acts *acts)
{
	OFP_ACT_FOR_EACH (a, acts) {
		const struct group *g = a->type == OFPAT_GROUP ? groups_get(ts->groups, a->id) : NULL;

		if (g)
			name(uses, g->users);
	}
}

bool
rule_uses_prepare(const struct tables *ts, const struct rule_actions *acts, struct rule_uses **out)
{
	struct ofp_insts in;
	uint32_t n;
	struct rule_uses *uses;
	const struct meter *m;

	*out = NULL;
	rule_actions_get(acts, &in);
	m = in.present & OFP_INST_BIT(OFPIT_METER) ? meters_get(ts->meters, in.meter) : NULL;
	n = (m != NULL) + count_groups(&in.apply) + count_groups(&in.write);
	if (!n)
		return true;
	uses = calloc(1, sizeof(*uses) + n * sizeof(uses->use[0]));
	if (!uses)
		return false;
	if (m)
		name(uses, m->users);
	name_groups(uses, ts, &in.apply);
	name_groups(uses, ts, &in.write);
	*out = uses;
	return true;
}

void
rule_uses_set(struct flow_rule *r, struct rule_uses *uses)
{
	struct rule_uses *old = r->uses;

	for (uint32_t i = 0; old && i < old->n; i++) {
		list_remove(&old->use[i].node);
		old->use[i].of->n_rules--;
	}
	free(old);
	r->uses = uses;
	for (uint32_t i = 0; uses && i < uses->n; i++) {
		uses->use[i].rule = r;
		list_push_back(&uses->use[i].of->rules, &uses->use[i].node);
		uses->use[i].of->n_rules++;
	}
}
