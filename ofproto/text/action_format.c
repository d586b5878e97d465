/* SPDX-License-Identifier: ISC */
/* Writes actions and instructions in the words of ovs-ofctl, instructions in the order of execution (5.9). */
#include "action_text.h"

#include "field_text.h"

#include <inttypes.h>

static void
output_format(struct sbuf *b, const struct ofp_act *a, const struct port_names *names)
{
	if (a->port == OFPP_CONTROLLER) {
		sbuf_printf(b, "CONTROLLER:%u", ofp_act_max_len(a));
		return;
	}
	if (a->port <= OFPP_MAX)
		sbuf_puts(b, "output:");
	port_format(b, a->port, names);
}

static void
set_field_format(struct sbuf *b, const struct ofp_act *a, const struct port_names *names)
{
	const enum oxm_field field = (enum oxm_field)a->field;

	sbuf_puts(b, "set_field:");
	field_value_format(b, field, a->data, names);
	sbuf_printf(b, "->%s", field_set_name(field));
}

static void
action_format(struct sbuf *b, const struct ofp_act *a, const struct port_names *names)
{
	switch (a->type) {
	case OFPAT_OUTPUT:
		output_format(b, a, names);
		break;
	case OFPAT_SET_FIELD:
		set_field_format(b, a, names);
		break;
	case OFPAT_GROUP:
		sbuf_puts(b, "group:");
		sbuf_put_u64(b, a->id);
		break;
	case OFPAT_SET_QUEUE:
		sbuf_printf(b, "set_queue:%u", a->id);
		break;
	case OFPAT_PUSH_VLAN:
		sbuf_printf(b, "push_vlan:0x%04x", a->ethertype);
		break;
	case OFPAT_PUSH_MPLS:
		sbuf_printf(b, "push_mpls:0x%04x", a->ethertype);
		break;
	case OFPAT_POP_MPLS:
		sbuf_printf(b, "pop_mpls:0x%04x", a->ethertype);
		break;
	case OFPAT_PUSH_PBB:
		sbuf_printf(b, "push_pbb:0x%04x", a->ethertype);
		break;
	case OFPAT_SET_NW_TTL:
		sbuf_printf(b, "mod_nw_ttl:%u", a->ttl);
		break;
	case OFPAT_SET_MPLS_TTL:
		sbuf_printf(b, "set_mpls_ttl(%u)", a->ttl);
		break;
	case OFPAT_POP_VLAN:
		sbuf_puts(b, "pop_vlan");
		break;
	case OFPAT_POP_PBB:
		sbuf_puts(b, "pop_pbb");
		break;
	case OFPAT_DEC_NW_TTL:
		sbuf_puts(b, "dec_ttl");
		break;
	case OFPAT_DEC_MPLS_TTL:
		sbuf_puts(b, "dec_mpls_ttl");
		break;
	case OFPAT_COPY_TTL_OUT:
		sbuf_puts(b, "copy_ttl_out");
		break;
	case OFPAT_COPY_TTL_IN:
		sbuf_puts(b, "copy_ttl_in");
		break;
	default:
		sbuf_printf(b, "unknown_action(%u)", a->type);
		break;
	}
}

void
actions_format(struct sbuf *b, struct ofp_acts acts, const struct port_names *names)
{
	bool first = true;

	if (!acts.len)
		return;
	OFP_ACT_FOR_EACH (a, &acts) {
		if (!first)
			sbuf_putc(b, ',');
		first = false;
		action_format(b, a, names);
	}
}

void
insts_format(struct sbuf *b, const struct ofp_insts *i, const struct port_names *names)
{
	size_t start;

	sbuf_puts(b, "actions=");
	start = b->len;
	if (i->present & OFP_INST_BIT(OFPIT_METER))
		sbuf_printf(b, "meter:%u,", i->meter);
	if ((i->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS)) && i->apply.len) {
		actions_format(b, i->apply, names);
		sbuf_putc(b, ',');
	}
	if (i->present & OFP_INST_BIT(OFPIT_CLEAR_ACTIONS))
		sbuf_puts(b, "clear_actions,");
	if ((i->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS)) && i->write.len) {
		sbuf_puts(b, "write_actions(");
		actions_format(b, i->write, names);
		sbuf_puts(b, "),");
	}
	if (i->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) {
		sbuf_printf(b, "write_metadata:%#" PRIx64, i->metadata);
		if (i->metadata_mask != UINT64_MAX)
			sbuf_printf(b, "/%#" PRIx64, i->metadata_mask);
		sbuf_putc(b, ',');
	}
	if (i->present & OFP_INST_BIT(OFPIT_GOTO_TABLE)) {
		sbuf_puts(b, "goto_table:");
		table_format(b, i->goto_table, names);
		sbuf_putc(b, ',');
	}
	if (b->len == start)
		sbuf_puts(b, "drop");
	else
		sbuf_chomp(b, ',');
}
