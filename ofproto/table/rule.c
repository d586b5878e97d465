/* SPDX-License-Identifier: ISC */
/* Packing a rule's instructions, and what the world may ask of a rule. */
#include "rule.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>

struct rule_actions *
rule_actions_create(const struct ofp_insts *in)
{
	const bool metadata = (in->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) != 0;
	const uint32_t apply = in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS) ? in->apply.len : 0;
	const uint32_t write = in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS) ? in->write.len : 0;
	struct rule_actions *a;
	uint8_t *p;

	if (apply > UINT16_MAX || write > UINT16_MAX)
		return NULL;
	a = malloc(sizeof(*a) + (metadata ? 16 : 0) + apply + write);
	if (!a)
		return NULL;
	*a = (struct rule_actions){.refs = 1,
	                           .meter = in->meter,
	                           .apply_len = (uint16_t)apply,
	                           .write_len = (uint16_t)write,
	                           .present = in->present,
	                           .goto_table = in->goto_table};
	p = (uint8_t *)a->data;
	if (metadata) {
		memcpy(p, &in->metadata, 8);
		memcpy(p + 8, &in->metadata_mask, 8);
		p += 16;
	}
	if (apply)
		memcpy(p, in->apply.data, apply);
	if (write)
		memcpy(p + apply, in->write.data, write);
	return a;
}

void
rule_actions_unref(struct rule_actions *a)
{
	if (a && --a->refs == 0)
		free(a);
}

void
rule_actions_get(const struct rule_actions *a, struct ofp_insts *out)
{
	const uint8_t *p = (const uint8_t *)a->data;

	*out = (struct ofp_insts){.present = a->present, .goto_table = a->goto_table, .meter = a->meter};
	if (a->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) {
		memcpy(&out->metadata, p, 8);
		memcpy(&out->metadata_mask, p + 8, 8);
		p += 16;
	}
	out->apply = (struct ofp_acts){p, a->apply_len};
	out->write = (struct ofp_acts){p + a->apply_len, a->write_len};
}

static bool
list_has(const struct ofp_acts *acts, uint16_t type, uint32_t id)
{
	OFP_ACT_FOR_EACH (a, acts) {
		if (a->type == type && (type == OFPAT_OUTPUT ? a->port : a->id) == id)
			return true;
	}
	return false;
}

bool
rule_actions_output_to(const struct rule_actions *a, uint32_t port, uint32_t group)
{
	struct ofp_insts in;

	if (port == OFPP_ANY && group == OFPG_ANY)
		return true;
	rule_actions_get(a, &in);
	if (port != OFPP_ANY && !list_has(&in.apply, OFPAT_OUTPUT, port) && !list_has(&in.write, OFPAT_OUTPUT, port))
		return false;
	return group == OFPG_ANY || list_has(&in.apply, OFPAT_GROUP, group) || list_has(&in.write, OFPAT_GROUP, group);
}

void
rule_insts(const struct rule *r, struct ofp_insts *out)
{
	rule_actions_get(flow_rule_of(r)->acts, out);
	out->has_importance = r->importance != 0;
	out->importance = r->importance;
}

void
rule_match(const struct rule *r, struct match *m)
{
	cls_rule_match(&flow_rule_of(r)->cls, m);
}

bool
rule_is_table_miss(const struct rule *r)
{
	return r->priority == 0 && cls_rule_is_empty(&flow_rule_of(r)->cls);
}
