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
	for (unsigned i = 0; i < OFP_ACT_SET_ORDER; i++) {
		const uint8_t type = ofp_act_set_order[i];

		for (unsigned f = 0; type == OFPAT_SET_FIELD && f < OXM_N_FIELDS; f++) {
			if (s->set_field[f])
				cb(aux, s->set_field[f]);
		}
		if (s->by_type[type] && (type != OFPAT_OUTPUT || !s->by_type[OFPAT_GROUP]))
			cb(aux, s->by_type[type]);
	}
}
