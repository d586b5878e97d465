/* SPDX-License-Identifier: ISC */
/* A flow entry in memory: one allocation for the entry and its match values, one for its instructions, which it shares with what a
 * single MODIFY changed, and with other entries whose short instructions are the same.  For that the last ACTIONS_WAYS of
 * each hash are known, and a million entries that output to a few ports have a few between them. */
#ifndef OFPROTO_TABLE_RULE_H
#define OFPROTO_TABLE_RULE_H

#include "classifier.h"
#include "tables.h"
#include "uses.h"
#include "wheel.h"

/* Instructions, packed: this head, metadata and its mask if there, the apply list, the write list. */
struct rule_actions {
	uint32_t refs;
	uint32_t meter;
	uint16_t apply_len, write_len;
	uint8_t present;
	uint8_t goto_table;
	uint8_t pad[2];
	uint64_t data[];
};

struct flow_rule {
	struct rule pub;
	struct rule_actions *acts;
	struct rule_uses *uses; /* of groups and meters; NULL: none.  Changes with acts */
	struct wheel_node timer; /* if it has a time-out */
	uint32_t slot; /* in its table */
	struct cls_rule cls;
};

#define ACTIONS_KNOWN 1024u
#define ACTIONS_WAYS 4u
#define ACTIONS_SHORT 192u /* bytes, packed */

/* NULL: no memory, or lists too long to be packed.  'known': of these tables, ACTIONS_KNOWN places. */
struct rule_actions *rule_actions_create(struct rule_actions **known, const struct ofp_insts *);
void rule_actions_unref(struct rule_actions *);
void rule_actions_get(const struct rule_actions *, struct ofp_insts *);
/* True if an apply or write list outputs to 'port' and to 'group' (ANY: no condition). */
bool rule_actions_output_to(const struct rule_actions *, uint32_t port, uint32_t group);

static inline struct flow_rule *
flow_rule_of_cls(struct cls_rule *r)
{
	return r ? CONTAINER_OF(r, struct flow_rule, cls) : NULL;
}
static inline const struct flow_rule *
flow_rule_of(const struct rule *r)
{
	return CONTAINER_OF(r, const struct flow_rule, pub);
}

#endif
