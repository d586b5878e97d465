/* SPDX-License-Identifier: ISC */
/* The action set: kept by type, carried out in the order of 5.10. */
#include "action_set.h"

#include <string.h>

void
action_set_clear(struct action_set *s)
{
	memset(s, 0, sizeof(*s));
}

static void
put(struct action_set *s, const struct ofp_act *a)
{
	if (a->type == OFPAT_SET_FIELD) {
		if (a->field < OXM_N_FIELDS)
			s->set_field[a->field] = a;
	} else if (a->type < ACTION_SET_TYPES) {
		s->by_type[a->type] = a;
	}
}

void
action_set_write(struct action_set *s, const struct ofp_acts *acts)
{
	OFP_ACT_FOR_EACH (a, acts)
		put(s, a);
}

void
action_set_for_each(const struct action_set *s, void (*cb)(void *aux, const struct ofp_act *), void *aux)
{
	static const uint8_t before_set[] = {OFPAT_COPY_TTL_IN, OFPAT_POP_PBB,      OFPAT_POP_MPLS,
	                                     OFPAT_POP_VLAN,    OFPAT_PUSH_MPLS,    OFPAT_PUSH_PBB,
	                                     OFPAT_PUSH_VLAN,   OFPAT_COPY_TTL_OUT, OFPAT_DEC_MPLS_TTL,
	                                     OFPAT_DEC_NW_TTL,  OFPAT_SET_MPLS_TTL, OFPAT_SET_NW_TTL};
	const struct ofp_act *last;

	for (size_t i = 0; i < sizeof(before_set); i++) {
		if (s->by_type[before_set[i]])
			cb(aux, s->by_type[before_set[i]]);
	}
	for (unsigned f = 0; f < OXM_N_FIELDS; f++) {
		if (s->set_field[f])
			cb(aux, s->set_field[f]);
	}
	if (s->by_type[OFPAT_SET_QUEUE])
		cb(aux, s->by_type[OFPAT_SET_QUEUE]);
	last = s->by_type[OFPAT_GROUP] ? s->by_type[OFPAT_GROUP] : s->by_type[OFPAT_OUTPUT];
	if (last)
		cb(aux, last);
}
