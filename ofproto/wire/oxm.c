/* SPDX-License-Identifier: ISC */
/* Fields: the rows of oxm_fields.def at run time, prerequisites (7.2.3.7), single values. */
#include "oxm.h"

#include "openflow/openflow13.h"

#define OXM(id, n, name, bytes, bits, mask, set, pre, member)                                                          \
	_Static_assert(sizeof(((struct flow_key *)0)->member) == (bytes), name);
#include "openflow/oxm_fields.def"
#undef OXM

static const struct oxm_info infos[OXM_N_FIELDS] = {
#define OXM(id, n, name, bytes, bits, mask, set, pre, member)                                                          \
	[n] = {name, n, bytes, bits, (mask) != 0, (set) != 0, OXM_PREREQ_##pre, offsetof(struct flow_key, member)},
#include "openflow/oxm_fields.def"
#undef OXM
};

const struct oxm_info *
oxm_info(enum oxm_field field)
{
	return &infos[field];
}

static bool
eth_type_is(const struct match *m, uint16_t type)
{
	return (m->mask.present & OXM_BIT(OXM_ETH_TYPE)) && be16_to_host(m->key.eth_type) == type;
}

static bool
proto_is(const struct match *m, uint8_t proto, bool v4, bool v6)
{
	const bool ip = (v4 && eth_type_is(m, 0x0800)) || (v6 && eth_type_is(m, 0x86dd));

	return ip && (m->mask.present & OXM_BIT(OXM_IP_PROTO)) && m->key.ip_proto == proto;
}

static bool
nd_type_is(const struct match *m, uint8_t a, uint8_t b)
{
	return proto_is(m, 58, false, true) && (m->mask.present & OXM_BIT(OXM_ICMPV6_TYPE)) &&
	       (m->key.icmpv6_type == a || m->key.icmpv6_type == b);
}

bool
oxm_prereq_ok(const struct match *m, enum oxm_field field)
{
	switch ((enum oxm_prereq)infos[field].prereq) {
	case OXM_PREREQ_NONE:
		return true;
	case OXM_PREREQ_IN_PORT:
		return (m->mask.present & OXM_BIT(OXM_IN_PORT)) != 0;
	case OXM_PREREQ_VLAN:
		return (be16_to_host(m->key.vlan_vid) & be16_to_host(m->mask.vlan_vid) & OFPVID_PRESENT) != 0;
	case OXM_PREREQ_IP:
		return eth_type_is(m, 0x0800) || eth_type_is(m, 0x86dd);
	case OXM_PREREQ_IPV4:
		return eth_type_is(m, 0x0800);
	case OXM_PREREQ_IPV6:
		return eth_type_is(m, 0x86dd);
	case OXM_PREREQ_ARP:
		return eth_type_is(m, 0x0806);
	case OXM_PREREQ_TCP:
		return proto_is(m, 6, true, true);
	case OXM_PREREQ_UDP:
		return proto_is(m, 17, true, true);
	case OXM_PREREQ_SCTP:
		return proto_is(m, 132, true, true);
	case OXM_PREREQ_ICMPV4:
		return proto_is(m, 1, true, false);
	case OXM_PREREQ_ICMPV6:
		return proto_is(m, 58, false, true);
	case OXM_PREREQ_ND:
		return nd_type_is(m, 135, 136);
	case OXM_PREREQ_ND_SOLICIT:
		return nd_type_is(m, 135, 135);
	case OXM_PREREQ_ND_ADVERT:
		return nd_type_is(m, 136, 136);
	case OXM_PREREQ_MPLS:
		return eth_type_is(m, 0x8847) || eth_type_is(m, 0x8848);
	case OXM_PREREQ_PBB:
		return eth_type_is(m, 0x88e7);
	}
	return false;
}

static uint8_t *
member(struct flow_key *key, enum oxm_field field)
{
	return (uint8_t *)key + infos[field].offset;
}

static const uint8_t *
member_const(const struct flow_key *key, enum oxm_field field)
{
	return (const uint8_t *)key + infos[field].offset;
}

/* All significant bits of 'field', network order. */
static void
full_mask(enum oxm_field field, uint8_t mask[16])
{
	const struct oxm_info *f = &infos[field];
	const unsigned spare = f->bytes * 8u - f->bits;

	memset(mask, 0xff, f->bytes);
	for (unsigned i = 0; i < spare; i++)
		mask[i / 8] = (uint8_t)(mask[i / 8] & ~(0x80u >> i % 8));
}

void
match_init(struct match *m)
{
	memset(m, 0, sizeof(*m));
}

void
match_set(struct match *m, enum oxm_field field, const void *value, const void *mask)
{
	const struct oxm_info *f = &infos[field];
	const uint8_t *v = value;
	uint8_t *kp = member(&m->key, field), *mp = member(&m->mask, field);
	uint8_t full[16], any = 0;

	full_mask(field, full);
	for (unsigned i = 0; i < f->bytes; i++) {
		mp[i] = mask ? ((const uint8_t *)mask)[i] & full[i] : full[i];
		kp[i] = v[i] & mp[i];
		any |= mp[i];
	}
	if (any) {
		m->key.present |= OXM_BIT(field);
		m->mask.present |= OXM_BIT(field);
	} else {
		m->key.present &= ~OXM_BIT(field);
		m->mask.present &= ~OXM_BIT(field);
	}
}

bool
match_get(const struct match *m, enum oxm_field field, uint8_t value[16], uint8_t mask[16])
{
	if (!(m->mask.present & OXM_BIT(field)))
		return false;
	memcpy(value, member_const(&m->key, field), infos[field].bytes);
	memcpy(mask, member_const(&m->mask, field), infos[field].bytes);
	return true;
}

bool
match_is_exact(const struct match *m, enum oxm_field field)
{
	uint8_t full[16];

	full_mask(field, full);
	return (m->mask.present & OXM_BIT(field)) && !memcmp(full, member_const(&m->mask, field), infos[field].bytes);
}

void
key_get(const struct flow_key *key, enum oxm_field field, uint8_t value[16])
{
	memcpy(value, member_const(key, field), infos[field].bytes);
}

void
key_set(struct flow_key *key, enum oxm_field field, const uint8_t *value)
{
	memcpy(member(key, field), value, infos[field].bytes);
	key->present |= OXM_BIT(field);
}

/* True if 'value' has a bit above the field's significant ones. */
static bool
has_spare_bits(enum oxm_field field, const uint8_t *value)
{
	uint8_t full[16];

	full_mask(field, full);
	for (unsigned i = 0; i < infos[field].bytes; i++) {
		if (value[i] & ~full[i])
			return true;
	}
	return false;
}

enum of_error
oxm_decode_set_field(struct wire *w, enum oxm_field *field, uint8_t value[16])
{
	const uint16_t class = wire_be16(w);
	const uint8_t fh = wire_u8(w), len = wire_u8(w);

	memset(value, 0, 16);
	if (!wire_ok(w))
		return OFPBAC_BAD_SET_LEN;
	if (class != OFPXMC_OPENFLOW_BASIC || fh >> 1 >= OXM_N_FIELDS || !infos[fh >> 1].settable)
		return OFPBAC_BAD_SET_TYPE;
	*field = (enum oxm_field)(fh >> 1);
	if (fh & 1)
		return OFPBAC_BAD_SET_ARGUMENT;
	if (len != infos[*field].bytes)
		return OFPBAC_BAD_SET_LEN;
	wire_bytes(w, value, len);
	if (!wire_ok(w))
		return OFPBAC_BAD_SET_LEN;
	if (has_spare_bits(*field, value))
		return OFPBAC_BAD_SET_ARGUMENT;
	if (*field == OXM_VLAN_VID)
		value[0] |= OFPVID_PRESENT >> 8;
	return OF_OK;
}

void
oxm_encode_value(struct wbuf *b, enum oxm_field field, const uint8_t *value)
{
	wbuf_put_be16(b, OFPXMC_OPENFLOW_BASIC);
	wbuf_put_u8(b, (uint8_t)(field << 1));
	wbuf_put_u8(b, infos[field].bytes);
	wbuf_put(b, value, infos[field].bytes);
}

/* ---- whole matches ---- */

/* Beyond the standard, as Open vSwitch: masks on transport ports and neighbour discovery fields. */
bool
oxm_mask_allowed(enum oxm_field field)
{
	return infos[field].maskable || (field >= OXM_TCP_SRC && field <= OXM_SCTP_DST) ||
	       (field >= OXM_IPV6_ND_TARGET && field <= OXM_IPV6_ND_TLL);
}

/* All significant bits: a mask of ones, or none. */
static bool
is_full(enum oxm_field field, const uint8_t *mask)
{
	uint8_t full[16];

	full_mask(field, full);
	for (unsigned i = 0; mask && i < infos[field].bytes; i++) {
		if ((mask[i] & full[i]) != full[i])
			return false;
	}
	return true;
}

static enum of_error
check_value(enum oxm_field field, const uint8_t *value, const uint8_t *mask)
{
	const struct oxm_info *f = &infos[field];

	for (unsigned i = 0; mask && i < f->bytes; i++) {
		if (value[i] & ~mask[i])
			return OFPBMC_BAD_WILDCARDS;
	}
	if (has_spare_bits(field, value))
		return OFPBMC_BAD_VALUE;
	if (field == OXM_VLAN_VID && is_full(field, mask) && !(value[0] & 0x10) && (value[0] || value[1]))
		return OFPBMC_BAD_VALUE;
	return OF_OK;
}

static enum of_error
decode_field(struct wire *w, struct match *m, uint64_t *seen)
{
	const uint16_t class = wire_be16(w);
	const uint8_t fh = wire_u8(w), len = wire_u8(w);
	struct wire body = wire_sub(w, len);
	const enum oxm_field field = (enum oxm_field)(fh >> 1);
	const bool hasmask = (fh & 1) != 0;
	uint8_t value[16], mask[16];
	enum of_error error;

	if (!wire_ok(w))
		return OFPBMC_BAD_LEN;
	if (class != OFPXMC_OPENFLOW_BASIC || (fh >> 1) >= OXM_N_FIELDS)
		return OFPBMC_BAD_FIELD;
	if (len != infos[field].bytes * (hasmask ? 2u : 1u))
		return !hasmask || oxm_mask_allowed(field) ? OFPBMC_BAD_LEN : OFPBMC_BAD_MASK;
	if (hasmask && !oxm_mask_allowed(field))
		return OFPBMC_BAD_MASK;
	if (*seen & OXM_BIT(field))
		return OFPBMC_DUP_FIELD;
	wire_bytes(&body, value, infos[field].bytes);
	if (hasmask)
		wire_bytes(&body, mask, infos[field].bytes);
	error = check_value(field, value, hasmask ? mask : NULL);
	if (error)
		return error;
	if (!oxm_prereq_ok(m, field))
		return OFPBMC_BAD_PREREQ;
	*seen |= OXM_BIT(field);
	match_set(m, field, value, hasmask ? mask : NULL);
	return OF_OK;
}

enum of_error
match_decode(struct wire *w, struct match *m)
{
	const uint16_t type = wire_be16(w);
	const uint16_t len = wire_be16(w);
	uint64_t seen = 0;
	struct wire body;

	match_init(m);
	if (!wire_ok(w))
		return OFPBMC_BAD_LEN;
	if (type != OFPMT_OXM)
		return OFPBMC_BAD_TYPE;
	if (len < 4)
		return OFPBMC_BAD_LEN;
	body = wire_sub(w, len - 4u);
	wire_skip(w, (8 - len % 8u) % 8u);
	if (!wire_ok(w))
		return OFPBMC_BAD_LEN;
	while (wire_left(&body)) {
		enum of_error error = decode_field(&body, m, &seen);

		if (error)
			return error;
	}
	return OF_OK;
}

void
match_encode_oxms(struct wbuf *b, const struct match *m)
{
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		const enum oxm_field field = (enum oxm_field)i;
		uint8_t value[16], mask[16];

		if (!match_get(m, field, value, mask))
			continue;
		if (match_is_exact(m, field)) {
			oxm_encode_value(b, field, value);
			continue;
		}
		wbuf_put_be16(b, OFPXMC_OPENFLOW_BASIC);
		wbuf_put_u8(b, (uint8_t)(field << 1 | 1));
		wbuf_put_u8(b, (uint8_t)(infos[i].bytes * 2));
		wbuf_put(b, value, infos[i].bytes);
		wbuf_put(b, mask, infos[i].bytes);
	}
}

void
match_encode(struct wbuf *b, const struct match *m)
{
	const size_t start = b->len;

	wbuf_put_be16(b, OFPMT_OXM);
	wbuf_put_be16(b, 0);
	match_encode_oxms(b, m);
	wbuf_patch_be16(b, start + 2, (uint16_t)(b->len - start));
	wbuf_pad8(b, start);
}
