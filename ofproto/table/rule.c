/* SPDX-License-Identifier: ISC */
/* Packing a rule's instructions, and what the world may ask of a rule. */
#include "rule.h"

#include "clock.h"
#include "hash.h"

#include <stdlib.h>
#include <string.h>

void
rule_actions_unref(struct rule_actions *a)
{
	if (a && --a->refs == 0)
		free(a);
}

/* Bytes of the packed form; 0: the lists are too long for it. */
static size_t
packed_len(const struct ofp_insts *in)
{
	const bool metadata = (in->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) != 0;
	const uint32_t apply = in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS) ? in->apply.len : 0;
	const uint32_t write = in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS) ? in->write.len : 0;

	if (apply > UINT16_MAX || write > UINT16_MAX)
		return 0;
	return sizeof(struct rule_actions) + (metadata ? 16 : 0) + apply + write;
}

static void
pack(struct rule_actions *a, const struct ofp_insts *in)
{
	uint8_t *p = (uint8_t *)a->data;

	*a = (struct rule_actions){.refs = 1, .meter = in->meter, .present = in->present, .goto_table = in->goto_table};
	if (in->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) {
		memcpy(p, &in->metadata, 8);
		memcpy(p + 8, &in->metadata_mask, 8);
		p += 16;
	}
	if ((in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS)) && in->apply.len) {
		a->apply_len = (uint16_t)in->apply.len;
		memcpy(p, in->apply.data, a->apply_len);
		p += a->apply_len;
	}
	if ((in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS)) && in->write.len) {
		a->write_len = (uint16_t)in->write.len;
		memcpy(p, in->write.data, a->write_len);
	}
}

/* What two that say the same have in common: all but the first member. */
static bool
same(const struct rule_actions *a, const struct rule_actions *b, size_t len)
{
	return a->present == b->present && a->apply_len == b->apply_len && a->write_len == b->write_len &&
	       memcmp((const uint8_t *)a + sizeof(a->refs), (const uint8_t *)b + sizeof(b->refs),
	              len - sizeof(a->refs)) == 0;
}

/* Puts the n-th of a place first; the others follow in their order. */
static struct rule_actions *
to_front(struct rule_actions **place, unsigned n, struct rule_actions *a)
{
	memmove(place + 1, place, n * sizeof(struct rule_actions *));
	return place[0] = a;
}

/* Short ones are packed beside, to be looked for.  Which ones were of use last is remembered, and the others give way. */
static struct rule_actions *
share(struct rule_actions **known, const struct ofp_insts *in, size_t len)
{
	uint64_t room[ACTIONS_SHORT / 8], hash;
	struct rule_actions *fresh = (struct rule_actions *)(void *)room, *a, **place;
	unsigned i;

	pack(fresh, in);
	hash = hash_bytes((const uint8_t *)room + sizeof(fresh->refs), len - sizeof(fresh->refs), hash_seed());
	place = &known[hash % (ACTIONS_KNOWN / ACTIONS_WAYS) * ACTIONS_WAYS];
	for (i = 0; i < ACTIONS_WAYS && place[i]; i++) {
		if (!same(place[i], fresh, len))
			continue;
		a = to_front(place, i, place[i]);
		a->refs++;
		return a;
	}
	a = malloc(len);
	if (!a)
		return NULL;
	memcpy(a, room, len);
	a->refs++;
	if (i == ACTIONS_WAYS)
		rule_actions_unref(place[--i]);
	return to_front(place, i, a);
}

struct rule_actions *
rule_actions_create(struct rule_actions **known, const struct ofp_insts *in)
{
	const size_t len = packed_len(in);
	struct rule_actions *a;

	if (len && len <= ACTIONS_SHORT)
		return share(known, in, len);
	a = len ? malloc(len) : NULL;
	if (a)
		pack(a, in);
	return a;
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
