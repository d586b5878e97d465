/* SPDX-License-Identifier: ISC */
/* Actions, bytes <-> records (7.2.5). */
#include "actions.h"

#include "openflow/openflow13.h"

const uint8_t ofp_act_set_order[OFP_ACT_SET_ORDER] = {
    OFPAT_COPY_TTL_IN, OFPAT_POP_PBB,      OFPAT_POP_MPLS,     OFPAT_POP_VLAN,   OFPAT_PUSH_MPLS,    OFPAT_PUSH_PBB,
    OFPAT_PUSH_VLAN,   OFPAT_COPY_TTL_OUT, OFPAT_DEC_MPLS_TTL, OFPAT_DEC_NW_TTL, OFPAT_SET_MPLS_TTL, OFPAT_SET_NW_TTL,
    OFPAT_SET_FIELD,   OFPAT_SET_QUEUE,    OFPAT_GROUP,        OFPAT_OUTPUT};

/* How an action's eight bytes after {type, len} read, by type. */
enum act_form { FORM_NONE, FORM_OUTPUT, FORM_U32, FORM_ETHERTYPE, FORM_TTL, FORM_EMPTY, FORM_SET_FIELD };

static enum act_form
form_of(uint16_t type)
{
	switch (type) {
	case OFPAT_OUTPUT:
		return FORM_OUTPUT;
	case OFPAT_GROUP:
	case OFPAT_SET_QUEUE:
		return FORM_U32;
	case OFPAT_PUSH_VLAN:
	case OFPAT_PUSH_MPLS:
	case OFPAT_POP_MPLS:
	case OFPAT_PUSH_PBB:
		return FORM_ETHERTYPE;
	case OFPAT_SET_MPLS_TTL:
	case OFPAT_SET_NW_TTL:
		return FORM_TTL;
	case OFPAT_COPY_TTL_OUT:
	case OFPAT_COPY_TTL_IN:
	case OFPAT_DEC_MPLS_TTL:
	case OFPAT_DEC_NW_TTL:
	case OFPAT_POP_VLAN:
	case OFPAT_POP_PBB:
		return FORM_EMPTY;
	case OFPAT_SET_FIELD:
		return FORM_SET_FIELD;
	default:
		return FORM_NONE;
	}
}

void
act_buf_fini(struct act_buf *a)
{
	wbuf_fini(&a->b);
}

void
act_buf_reset(struct act_buf *a)
{
	wbuf_reset(&a->b);
}

struct ofp_acts
act_buf_acts(const struct act_buf *a)
{
	struct ofp_acts acts = {a->b.data, (uint32_t)a->b.len};

	return acts;
}

struct ofp_act *
act_buf_add(struct act_buf *a, uint16_t type, size_t data_len)
{
	const size_t len = (offsetof(struct ofp_act, data) + data_len + 7) & ~(size_t)7;
	struct ofp_act *act = (struct ofp_act *)(void *)wbuf_put_zeros(&a->b, len);

	if (act) {
		act->type = type;
		act->len = (uint16_t)len;
	}
	return act;
}

void
act_buf_output(struct act_buf *a, uint32_t port, uint16_t max_len)
{
	struct ofp_act *act = act_buf_add(a, OFPAT_OUTPUT, 2);

	if (act) {
		act->port = port;
		memcpy(act->data, &max_len, 2);
	}
}

void
act_buf_set_field(struct act_buf *a, enum oxm_field field, const uint8_t *value)
{
	struct ofp_act *act = act_buf_add(a, OFPAT_SET_FIELD, oxm_info(field)->bytes);

	if (act) {
		act->field = (uint8_t)field;
		memcpy(act->data, value, oxm_info(field)->bytes);
	}
}

static bool
ethertype_ok(uint16_t type, uint16_t ethertype)
{
	switch (type) {
	case OFPAT_PUSH_VLAN:
		return ethertype == 0x8100 || ethertype == 0x88a8;
	case OFPAT_PUSH_MPLS:
		return ethertype == 0x8847 || ethertype == 0x8848;
	case OFPAT_PUSH_PBB:
		return ethertype == 0x88e7;
	default:
		return true;
	}
}

static enum of_error
decode_output(struct wire *body, unsigned flags, struct act_buf *out)
{
	const uint32_t port = wire_be32(body);
	const uint16_t max_len = wire_be16(body);

	if (port == 0 || port == OFPP_ANY || (port == OFPP_TABLE && !(flags & OFP_ACTS_PACKET_OUT)) ||
	    (port > OFPP_MAX && port < OFPP_IN_PORT))
		return OFPBAC_BAD_OUT_PORT;
	if (port == OFPP_CONTROLLER && max_len > OFPCML_MAX && max_len != OFPCML_NO_BUFFER)
		return OFPBAC_BAD_ARGUMENT;
	act_buf_output(out, port, max_len);
	return OF_OK;
}

static enum of_error
decode_set_field(struct wire *body, struct act_buf *out)
{
	enum oxm_field field = OXM_IN_PORT;
	uint8_t value[16];
	const enum of_error error = oxm_decode_set_field(body, &field, value);

	if (error)
		return error;
	if (wire_left(body) >= 8) /* more than the padding */
		return OFPBAC_BAD_LEN;
	act_buf_set_field(out, field, value);
	return OF_OK;
}

/* No experimenter's actions are known, not even ONF's. */
static enum of_error
experimenter_refusal(struct wire *body)
{
	return wire_be32(body) == ONF_EXPERIMENTER_ID ? OFPBAC_BAD_EXP_TYPE : OFPBAC_BAD_EXPERIMENTER;
}

static enum of_error
decode_one(uint16_t type, struct wire *body, unsigned flags, struct act_buf *out)
{
	const enum act_form form = form_of(type);
	struct ofp_act *act;

	if (form == FORM_NONE)
		return type == OFPAT_EXPERIMENTER ? experimenter_refusal(body) : OFPBAC_BAD_TYPE;
	if (wire_left(body) != (form == FORM_OUTPUT ? 12u : 4u) && form != FORM_SET_FIELD)
		return OFPBAC_BAD_LEN;
	if (form == FORM_OUTPUT)
		return decode_output(body, flags, out);
	if (form == FORM_SET_FIELD)
		return decode_set_field(body, out);
	act = act_buf_add(out, type, 0);
	if (!act)
		return OFPBAC_TOO_MANY;
	if (form == FORM_U32) {
		act->id = wire_be32(body);
	} else if (form == FORM_ETHERTYPE) {
		act->ethertype = wire_be16(body);
		if (!ethertype_ok(type, act->ethertype))
			return OFPBAC_BAD_TAG;
	} else if (form == FORM_TTL) {
		act->ttl = wire_u8(body);
	}
	if (type == OFPAT_GROUP && act->id > OFPG_MAX)
		return OFPBAC_BAD_OUT_GROUP;
	return OF_OK;
}

enum of_error
ofp_acts_decode(struct wire *w, size_t len, unsigned flags, struct act_buf *out)
{
	struct wire list = wire_sub(w, len);
	unsigned n = 0;

	if (!wire_ok(&list))
		return OFPBAC_BAD_LEN;
	while (wire_left(&list)) {
		const uint16_t type = wire_be16(&list);
		const uint16_t alen = wire_be16(&list);
		struct wire body;
		enum of_error error;

		if (!wire_ok(&list) || alen < 8 || alen % 8)
			return OFPBAC_BAD_LEN;
		body = wire_sub(&list, alen - 4u);
		if (!wire_ok(&body))
			return OFPBAC_BAD_LEN;
		if (n++ == OFP_MAX_ACTIONS)
			return OFPBAC_TOO_MANY;
		error = decode_one(type, &body, flags, out);
		if (error)
			return error;
		if (!wbuf_ok(&out->b))
			return OFPBAC_TOO_MANY;
	}
	return OF_OK;
}

static void
encode_one(struct wbuf *b, const struct ofp_act *a)
{
	const size_t start = b->len;

	wbuf_put_be16(b, a->type);
	wbuf_put_be16(b, 0);
	switch (form_of(a->type)) {
	case FORM_OUTPUT:
		wbuf_put_be32(b, a->port);
		wbuf_put_be16(b, ofp_act_max_len(a));
		break;
	case FORM_U32:
		wbuf_put_be32(b, a->id);
		break;
	case FORM_ETHERTYPE:
		wbuf_put_be16(b, a->ethertype);
		break;
	case FORM_TTL:
		wbuf_put_u8(b, a->ttl);
		break;
	case FORM_SET_FIELD:
		oxm_encode_value(b, (enum oxm_field)a->field, a->data);
		break;
	case FORM_EMPTY:
	case FORM_NONE:
		wbuf_put_zeros(b, 4);
		break;
	}
	wbuf_pad8(b, start);
	wbuf_patch_be16(b, start + 2, (uint16_t)(b->len - start));
}

void
ofp_acts_encode(struct wbuf *b, struct ofp_acts acts)
{
	OFP_ACT_FOR_EACH (a, &acts) {
		encode_one(b, a);
	}
}

/* ---- consistency with the match ---- */

static void
assume_eth_type(struct match *m, uint16_t type)
{
	uint8_t v[2];

	put_be16(v, type);
	match_set(m, OXM_ETH_TYPE, v, NULL);
	m->key.present &= ~OXM_BIT(OXM_IP_PROTO);
	m->mask.present &= ~OXM_BIT(OXM_IP_PROTO);
}

static void
assume_vlan(struct match *m, bool tagged)
{
	const uint8_t v[2] = {tagged ? 0x10 : 0, 0}, mask[2] = {0x10, 0};

	match_set(m, OXM_VLAN_VID, v, mask);
}

/* Follows what an action does to what is known of the frame; false: it can't be applied. */
static bool
follow(const struct ofp_act *a, struct match *m, bool *vlan_known)
{
	const uint8_t one[1] = {1};

	switch (a->type) {
	case OFPAT_SET_FIELD:
		if (a->field == OXM_VLAN_PCP) {
			if (!*vlan_known || !oxm_prereq_ok(m, OXM_VLAN_PCP))
				return false;
		} else if (a->field == OXM_VLAN_VID) {
			if (*vlan_known && !oxm_prereq_ok(m, OXM_VLAN_PCP))
				return false;
		} else if (!oxm_prereq_ok(m, (enum oxm_field)a->field)) {
			return false;
		}
		if (a->field == OXM_ETH_TYPE)
			assume_eth_type(m, get_be16(a->data));
		else if (a->field != OXM_VLAN_VID && a->field != OXM_VLAN_PCP)
			match_set(m, (enum oxm_field)a->field, a->data, NULL);
		return true;
	case OFPAT_PUSH_VLAN:
		assume_vlan(m, true);
		*vlan_known = true;
		return true;
	case OFPAT_POP_VLAN:
		if (*vlan_known && !oxm_prereq_ok(m, OXM_VLAN_PCP))
			return false;
		*vlan_known = false; /* there may be another tag */
		return true;
	case OFPAT_PUSH_MPLS:
	case OFPAT_PUSH_PBB:
		assume_eth_type(m, a->ethertype);
		match_set(m, OXM_MPLS_BOS, one, NULL);
		return true;
	case OFPAT_POP_MPLS:
		if (!oxm_prereq_ok(m, OXM_MPLS_LABEL))
			return false;
		assume_eth_type(m, a->ethertype);
		return true;
	case OFPAT_POP_PBB:
		if (!oxm_prereq_ok(m, OXM_PBB_ISID))
			return false;
		m->mask.present &= ~OXM_BIT(OXM_ETH_TYPE);
		m->key.present &= ~OXM_BIT(OXM_ETH_TYPE);
		*vlan_known = false;
		return true;
	case OFPAT_SET_MPLS_TTL:
	case OFPAT_DEC_MPLS_TTL:
		return oxm_prereq_ok(m, OXM_MPLS_LABEL);
	case OFPAT_SET_NW_TTL:
	case OFPAT_DEC_NW_TTL:
		return oxm_prereq_ok(m, OXM_IP_PROTO);
	default:
		return true;
	}
}

struct known {
	struct match m;
	bool vlan_known;
	bool after_pop_pbb; /* what comes out of a backbone frame may be anything */
};

static struct known
known_from(const struct match *match)
{
	return (struct known){*match, (match->mask.present & OXM_BIT(OXM_VLAN_VID)) != 0, false};
}

/* VLAN_VID has no prerequisite: its set-field, and a pop, on frames not known to be tagged are passed over at run time, not refused. */
static enum of_error
check_one(struct known *k, const struct ofp_act *a)
{
	if (!k->after_pop_pbb && !follow(a, &k->m, &k->vlan_known))
		return OFPBAC_MATCH_INCONSISTENT;
	k->after_pop_pbb |= a->type == OFPAT_POP_PBB;
	return OF_OK;
}

static enum of_error
check_list(struct known *k, struct ofp_acts acts)
{
	enum of_error error = OF_OK;

	OFP_ACT_FOR_EACH (a, &acts) {
		error = error ? error : check_one(k, a);
	}
	return error;
}

enum of_error
ofp_acts_check(struct ofp_acts acts, const struct match *match)
{
	struct known k = known_from(match);

	return check_list(&k, acts);
}

/* A set is carried out in the order of 5.10, whatever the order of the list that writes it: tags first. */
enum of_error
ofp_insts_check(const struct ofp_insts *in, const struct match *match)
{
	static const uint8_t tags[] = {OFPAT_POP_PBB,   OFPAT_POP_MPLS, OFPAT_POP_VLAN,
	                               OFPAT_PUSH_MPLS, OFPAT_PUSH_PBB, OFPAT_PUSH_VLAN};
	struct known k = known_from(match);
	enum of_error error = OF_OK;
	uint32_t done = 0;

	if (in->present & OFP_INST_BIT(OFPIT_APPLY_ACTIONS))
		error = check_list(&k, in->apply);
	if (!(in->present & OFP_INST_BIT(OFPIT_WRITE_ACTIONS)))
		return error;
	for (size_t i = 0; i < sizeof(tags); i++) {
		OFP_ACT_FOR_EACH (a, &in->write) {
			if (a->type == tags[i] && !error)
				error = check_one(&k, a);
		}
		done |= 1u << tags[i];
	}
	OFP_ACT_FOR_EACH (a, &in->write) {
		if ((a->type > 31 || !(done & (1u << a->type))) && !error)
			error = check_one(&k, a);
	}
	return error;
}
