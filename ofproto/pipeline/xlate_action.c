/* SPDX-License-Identifier: ISC */
/* Actions to operations.
 *
 * The key follows each change, so that later tables look up what the frame has become.  Changes whose outcome lies in bytes that
 * the key does not hold (what is below a popped tag) leave the key unknown; from there on everything is emitted and the
 * executor, which sees the frame, skips what can't be done. */
#include "xlate.h"

#include <arpa/inet.h>
#include <string.h>

static void
emit(struct xlate *x, enum dp_op_type type)
{
	dp_program_append(x->prog, type, sizeof(struct dp_op_none));
}

static void
emit_u32(struct xlate *x, enum dp_op_type type, uint32_t id)
{
	struct dp_op_u32 *op = dp_program_append(x->prog, type, sizeof(*op));

	if (op)
		op->id = id;
}

static void
emit_ethertype(struct xlate *x, enum dp_op_type type, uint16_t ethertype)
{
	struct dp_op_ethertype *op = dp_program_append(x->prog, type, sizeof(*op));

	if (op)
		op->ethertype = ethertype;
}

static void
emit_ttl(struct xlate *x, enum dp_op_type type, uint8_t ttl)
{
	struct dp_op_ttl *op = dp_program_append(x->prog, type, sizeof(*op));

	if (op) {
		op->ttl = ttl;
		op->table_id = x->table_id;
		op->cookie = x->cookie;
		op->metadata = x->key.metadata;
		op->n_credits = x->in_bucket ? UINT16_MAX : x->prog->n_credits;
	}
}

static void
to_controller(struct xlate *x, uint16_t max_len)
{
	struct dp_op_controller *op = dp_program_append(x->prog, DP_OP_CONTROLLER, sizeof(*op));

	if (op) {
		op->max_len = max_len;
		op->reason = x->reason;
		op->table_id = x->table_id;
		op->cookie = x->cookie;
		op->metadata = x->key.metadata;
	}
}

static void
to_group(struct xlate *x, uint32_t id)
{
	struct dp_op_group *op = dp_program_append(x->prog, DP_OP_GROUP, sizeof(*op));

	if (op) {
		op->group_id = id;
		op->table_id = x->table_id;
		op->cookie = x->cookie;
		op->metadata = x->key.metadata;
	}
}

static void
to_port(struct xlate *x, uint32_t port)
{
	struct dp_op_output *op = dp_program_append(x->prog, DP_OP_OUTPUT, sizeof(*op));

	if (op)
		op->port_no = port;
}

static void
output(struct xlate *x, const struct ofp_act *a)
{
	x->n_outputs++;
	switch (a->port) {
	case OFPP_IN_PORT:
		emit(x, DP_OP_OUTPUT_IN_PORT);
		break;
	case OFPP_TABLE:
		x->to_table = true;
		break;
	case OFPP_NORMAL:
		emit(x, DP_OP_NORMAL);
		break;
	case OFPP_FLOOD:
		emit(x, DP_OP_OUTPUT_FLOOD);
		break;
	case OFPP_ALL:
		emit(x, DP_OP_OUTPUT_ALL);
		break;
	case OFPP_CONTROLLER:
		to_controller(x, ofp_act_max_len(a));
		break;
	default:
		to_port(x, a->port);
		break;
	}
}

static bool
may_have(const struct xlate *x, enum oxm_field field)
{
	return x->key_unknown || flow_key_has(&x->key, field);
}

static unsigned
n_vlans(const struct flow_key *key)
{
	return key->layout & FLOW_LAYOUT_VLANS;
}

static void
set_n_vlans(struct flow_key *key, unsigned n)
{
	key->layout = (uint8_t)((key->layout & (unsigned)~FLOW_LAYOUT_VLANS) | (n < 3 ? n : 3));
}

static void
push_vlan(struct xlate *x, uint16_t tpid)
{
	struct flow_key *key = &x->key;

	emit_ethertype(x, DP_OP_PUSH_VLAN, tpid);
	if (!n_vlans(key)) {
		key->vlan_vid = htons(OFPVID_PRESENT);
		key->vlan_pcp = 0;
	}
	set_n_vlans(key, n_vlans(key) + 1);
	key->present |= OXM_BIT(OXM_VLAN_VID) | OXM_BIT(OXM_VLAN_PCP);
}

static void
pop_vlan(struct xlate *x)
{
	struct flow_key *key = &x->key;

	if (!x->key_unknown && !n_vlans(key))
		return;
	emit(x, DP_OP_POP_VLAN);
	if (n_vlans(key) > 1) {
		x->key_unknown = true;
		return;
	}
	set_n_vlans(key, 0);
	key->vlan_vid = htons(OFPVID_NONE);
	key->vlan_pcp = 0;
	key->present &= ~OXM_BIT(OXM_VLAN_PCP);
}

/* Fields that say what other fields there are. */
static bool
decides_layout(enum oxm_field field)
{
	return field == OXM_ETH_TYPE || field == OXM_IP_PROTO || field == OXM_ICMPV6_TYPE || field == OXM_MPLS_BOS;
}

static void
set_field(struct xlate *x, const struct ofp_act *a)
{
	const enum oxm_field field = (enum oxm_field)a->field;
	const struct oxm_info *info = oxm_info(field);
	struct dp_op_set_field *op;

	if (field == OXM_TUNNEL_ID) {
		key_set(&x->key, field, a->data); /* lives beside the frame */
		return;
	}
	if (!may_have(x, field) || (field == OXM_VLAN_VID && !x->key_unknown && !n_vlans(&x->key)))
		return;
	op = dp_program_append(x->prog, DP_OP_SET_FIELD, sizeof(*op));
	if (!op)
		return;
	op->field = a->field;
	op->len = info->bytes;
	memcpy(op->value, a->data, info->bytes);
	if (decides_layout(field))
		x->key_unknown = true;
	key_set(&x->key, field, op->value);
	if (field == OXM_VLAN_VID)
		x->key.vlan_vid |= htons(OFPVID_PRESENT);
}

static void
header_action(struct xlate *x, const struct ofp_act *a)
{
	switch (a->type) {
	case OFPAT_PUSH_VLAN:
		push_vlan(x, a->ethertype);
		break;
	case OFPAT_POP_VLAN:
		pop_vlan(x);
		break;
	case OFPAT_PUSH_MPLS:
		emit_ethertype(x, DP_OP_PUSH_MPLS, a->ethertype);
		x->key_unknown = true;
		break;
	case OFPAT_POP_MPLS:
		if (may_have(x, OXM_MPLS_LABEL)) {
			emit_ethertype(x, DP_OP_POP_MPLS, a->ethertype);
			x->key_unknown = true;
		}
		break;
	case OFPAT_PUSH_PBB:
		emit_ethertype(x, DP_OP_PUSH_PBB, a->ethertype);
		x->key_unknown = true;
		break;
	case OFPAT_POP_PBB:
		if (may_have(x, OXM_PBB_ISID)) {
			emit(x, DP_OP_POP_PBB);
			x->key_unknown = true;
		}
		break;
	default:
		break;
	}
}

static void
ttl_action(struct xlate *x, const struct ofp_act *a)
{
	const bool ip = may_have(x, OXM_IP_DSCP), mpls = may_have(x, OXM_MPLS_LABEL);

	switch (a->type) {
	case OFPAT_SET_NW_TTL:
		if (ip)
			emit_ttl(x, DP_OP_SET_NW_TTL, a->ttl);
		break;
	case OFPAT_DEC_NW_TTL:
		if (ip)
			emit_ttl(x, DP_OP_DEC_NW_TTL, 0);
		break;
	case OFPAT_SET_MPLS_TTL:
		if (mpls)
			emit_ttl(x, DP_OP_SET_MPLS_TTL, a->ttl);
		break;
	case OFPAT_DEC_MPLS_TTL:
		if (mpls)
			emit_ttl(x, DP_OP_DEC_MPLS_TTL, 0);
		break;
	case OFPAT_COPY_TTL_OUT:
		if (mpls)
			emit(x, DP_OP_COPY_TTL_OUT);
		break;
	case OFPAT_COPY_TTL_IN:
		if (mpls)
			emit(x, DP_OP_COPY_TTL_IN);
		break;
	default:
		break;
	}
}

void
xlate_action(struct xlate *x, const struct ofp_act *a)
{
	switch (a->type) {
	case OFPAT_OUTPUT:
		output(x, a);
		break;
	case OFPAT_GROUP:
		x->n_outputs++;
		to_group(x, a->id);
		break;
	case OFPAT_SET_QUEUE:
		emit_u32(x, DP_OP_SET_QUEUE, a->id);
		break;
	case OFPAT_SET_FIELD:
		set_field(x, a);
		break;
	case OFPAT_SET_NW_TTL:
	case OFPAT_DEC_NW_TTL:
	case OFPAT_SET_MPLS_TTL:
	case OFPAT_DEC_MPLS_TTL:
	case OFPAT_COPY_TTL_OUT:
	case OFPAT_COPY_TTL_IN:
		ttl_action(x, a);
		break;
	default:
		header_action(x, a);
		break;
	}
}

void
xlate_drop(struct xlate *x, enum dp_drop reason)
{
	struct dp_op_drop *op = dp_program_append(x->prog, DP_OP_DROP, sizeof(*op));

	if (op)
		op->reason = (uint32_t)reason;
}

void
xlate_finish(struct xlate *x)
{
	if (!x->prog->overflow)
		return;
	x->prog->ops_len = 0;
	xlate_drop(x, DP_DROP_PROGRAM_TOO_BIG);
}
