/* SPDX-License-Identifier: ISC */
/* Things have names, "match IPV4_SRC with a mask": one list of names that must be there is made from the tables of the codec and the
 * lists below, another from the vectors. */
#include "coverage.h"

#include "extensions.h"
#include "xalloc.h"

#include <stdio.h>
#include <stdlib.h>

struct names {
	char **s;
	size_t n;
};

static bool
has(const struct names *names, const char *s)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!strcmp(names->s[i], s))
			return true;
	}
	return false;
}

static void __attribute__((format(printf, 2, 3))) add(struct names *names, const char *fmt, ...)
{
	char s[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (has(names, s))
		return;
	names->s = xrealloc(names->s, names->n + 1, sizeof(*names->s));
	names->s[names->n++] = xstrdup(s);
}

static void
names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->s[i]);
	free(names->s);
}

/* ---- what must be there ---- */

static const char *const field_ids[] = {
#define OXM(id, n, name, bytes, bits, mask, set, pre, member) [n] = #id,
#include "openflow/oxm_fields.def"
#undef OXM
};

static const uint16_t multipart_types[] = {
#define MP(type, min, exact, handler) OFPMP_##type,
#include "multipart_types.def"
#undef MP
};

/* Number ranges: "NAME n" for each n from 'from' to 'to'. */
static const struct {
	const char *name;
	unsigned from, to;
} ranges[] = {
    {"flow-mod command", OFPFC_ADD, OFPFC_DELETE_STRICT},
    {"group-mod command", OFPGC_ADD, OFPGC_DELETE},
    {"group-mod type", OFPGT_ALL, OFPGT_FF},
    {"group-desc type", OFPGT_ALL, OFPGT_FF},
    {"meter-mod command", OFPMC_ADD, OFPMC_DELETE},
    {"meter-mod band", OFPMBT_DROP, OFPMBT_DSCP_REMARK},
    {"meter-config band", OFPMBT_DROP, OFPMBT_DSCP_REMARK},
    {"instruction", OFPIT_GOTO_TABLE, OFPIT_METER},
    {"table property", OFPTFPT_INSTRUCTIONS, OFPTFPT_MATCH},
    {"table property", OFPTFPT_WILDCARDS, OFPTFPT_WILDCARDS},
    {"table property", OFPTFPT_WRITE_SETFIELD, OFPTFPT_APPLY_SETFIELD_MISS},
    {"table property", OFPTFPT_EXPERIMENTER, OFPTFPT_EXPERIMENTER_MISS},
    {"queue property", OFPQT_MIN_RATE, OFPQT_MAX_RATE},
    {"queue property", OFPQT_EXPERIMENTER, OFPQT_EXPERIMENTER},
    {"packet-in reason", OFPR_NO_MATCH, OFPR_INVALID_TTL},
    {"flow-removed reason", OFPRR_IDLE_TIMEOUT, OFPRR_GROUP_DELETE},
    {"port-status reason", OFPPR_ADD, OFPPR_MODIFY},
    {"role", OFPCR_ROLE_NOCHANGE, OFPCR_ROLE_SLAVE},
    {"fragments", OFPC_FRAG_NORMAL, OFPC_FRAG_REASM},
    {"bundle control", OFPBCT_OPEN_REQUEST, OFPBCT_DISCARD_REPLY},
    {"flow update", ONFFME_ADDED, ONFFME_ABBREV},
    {"ONF message", ONFT_FLOW_MONITOR_CANCEL, ONFT_FLOW_MONITOR_RESUMED},
    {"ONF message", ONFT_BUNDLE_CONTROL, ONFT_BUNDLE_ADD_MESSAGE},
    {"ONF multipart request", ONFMP_FLOW_MONITOR, ONFMP_FLOW_MONITOR},
    {"ONF multipart reply", ONFMP_FLOW_MONITOR, ONFMP_FLOW_MONITOR},
};

/* The codes for what is wrong with the form of a message, so that no more than its bytes are needed to see it. */
static const enum of_error form_errors[] = {
    OFPBRC_BAD_VERSION,      OFPBRC_BAD_TYPE,         OFPBRC_BAD_MULTIPART, OFPBRC_BAD_EXPERIMENTER,
    OFPBRC_BAD_EXP_TYPE,     OFPBRC_BAD_LEN,          OFPBAC_BAD_TYPE,      OFPBAC_BAD_LEN,
    OFPBAC_BAD_EXPERIMENTER, OFPBAC_BAD_EXP_TYPE,     OFPBAC_BAD_OUT_PORT,  OFPBAC_BAD_ARGUMENT,
    OFPBAC_TOO_MANY,         OFPBAC_BAD_OUT_GROUP,    OFPBAC_BAD_TAG,       OFPBAC_BAD_SET_TYPE,
    OFPBAC_BAD_SET_LEN,      OFPBAC_BAD_SET_ARGUMENT, OFPBIC_UNKNOWN_INST,  OFPBIC_BAD_EXPERIMENTER,
    OFPBIC_BAD_EXP_TYPE,     OFPBIC_BAD_LEN,          OFPBIC_DUP_INST,      OFPBMC_BAD_TYPE,
    OFPBMC_BAD_LEN,          OFPBMC_BAD_WILDCARDS,    OFPBMC_BAD_FIELD,     OFPBMC_BAD_VALUE,
    OFPBMC_BAD_MASK,         OFPBMC_BAD_PREREQ,       OFPBMC_DUP_FIELD,     OFPFMFC_BAD_COMMAND,
    OFPGMFC_BAD_COMMAND,     OFPGMFC_BAD_TYPE,        OFPGMFC_BAD_BUCKET,   OFPMMFC_BAD_COMMAND,
    OFPMMFC_BAD_BAND,        OFPTFFC_BAD_TYPE,        OFPTFFC_BAD_LEN,      OFPSCFC_BAD_LEN,
    OFPRRFC_BAD_ROLE,        OFPBFC_MSG_BAD_LEN,
};

static void
need_fields(struct names *need)
{
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		add(need, "match %s", field_ids[i]);
		if (oxm_mask_allowed((enum oxm_field)i))
			add(need, "match %s with a mask", field_ids[i]);
		if (oxm_info((enum oxm_field)i)->settable)
			add(need, "set-field %s", field_ids[i]);
	}
}

static void
need_all(struct names *need)
{
	for (uint8_t i = 0; i < OFPT_N_TYPES; i++)
		add(need, "message %s", ofp_type_info(i)->name);
	for (size_t i = 0; i < sizeof(multipart_types) / sizeof(multipart_types[0]); i++) {
		add(need, "multipart request %u", multipart_types[i]);
		add(need, "multipart reply %u", multipart_types[i]);
	}
	need_fields(need);
	for (size_t i = 0; i < OFP_ACT_SET_ORDER; i++)
		add(need, "action %u", ofp_act_set_order[i]);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (unsigned n = ranges[i].from; n <= ranges[i].to; n++)
			add(need, "%s %u", ranges[i].name, n);
	}
	for (size_t i = 0; i < sizeof(form_errors) / sizeof(form_errors[0]); i++)
		add(need, "malformed %s", of_error_name(form_errors[i]));
	add(need, "hello with a bitmap");
	add(need, "hello without");
	add(need, "error of the standard");
	add(need, "error of an experimenter");
	add(need, "multipart with more to come");
}

/* ---- what is there ---- */

static void
see_match(struct names *seen, const struct match *m)
{
	uint8_t value[16], mask[16];

	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		if (match_get(m, (enum oxm_field)i, value, mask))
			add(seen, "match %s%s", field_ids[i],
			    match_is_exact(m, (enum oxm_field)i) ? "" : " with a mask");
	}
}

static void
see_acts(struct names *seen, struct ofp_acts acts)
{
	OFP_ACT_FOR_EACH (a, &acts) {
		add(seen, "action %u", a->type);
		if (a->type == OFPAT_SET_FIELD)
			add(seen, "set-field %s", field_ids[a->field]);
	}
}

static void
see_flow_mod(struct names *seen, struct wire *body, struct act_buf *acts)
{
	struct flow_mod fm;

	if (flow_mod_decode(body, acts, &fm))
		return;
	add(seen, "flow-mod command %u", fm.command);
	see_match(seen, &fm.match);
	for (unsigned i = OFPIT_GOTO_TABLE; i <= OFPIT_METER; i++) {
		if (fm.insts.present & OFP_INST_BIT(i))
			add(seen, "instruction %u", i);
	}
	see_acts(seen, fm.insts.apply);
	see_acts(seen, fm.insts.write);
}

static void
see_group_mod(struct names *seen, struct wire *body, struct act_buf *acts)
{
	struct group_mod gm;

	if (!group_mod_decode(body, acts, &gm)) {
		add(seen, "group-mod command %u", gm.command);
		add(seen, "group-mod type %u", gm.type);
	}
	group_mod_fini(&gm);
}

static void
see_bands(struct names *seen, const char *where, const struct meter_mod *mm)
{
	for (size_t i = 0; i < mm->n_bands; i++)
		add(seen, "%s band %u", where, mm->bands[i].type);
}

static void
see_meter_mod(struct names *seen, struct wire *body)
{
	struct meter_mod mm;

	if (!meter_mod_decode(body, &mm)) {
		add(seen, "meter-mod command %u", mm.command);
		see_bands(seen, "meter-mod", &mm);
	}
	meter_mod_fini(&mm);
}

/* Our decoder drops what is an experimenter's, so properties are walked here. */
static void
see_properties(struct names *seen, const char *name, struct wire *w)
{
	while (wire_left(w) >= 4) {
		const uint16_t type = wire_be16(w), len = wire_be16(w);

		add(seen, "%s property %u", name, type);
		wire_skip(w, len < 4 ? wire_left(w) : (len + 7u) / 8 * 8 - 4);
	}
}

static void
see_queues(struct names *seen, struct wire *body)
{
	wire_skip(body, 8);
	while (wire_left(body) >= 16) {
		const struct wire queue = *body;
		struct wire props;
		uint16_t len;

		wire_skip(body, 8);
		len = wire_be16(body);
		*body = queue;
		props = wire_sub(body, len);
		wire_skip(&props, 16);
		see_properties(seen, "queue", &props);
	}
}

static void
see_tables(struct names *seen, struct wire *body)
{
	while (wire_left(body) >= 64) {
		struct wire table = wire_sub(body, get_be16(body->p));

		wire_skip(&table, 64);
		see_properties(seen, "table", &table);
	}
}

static void
see_group_descs(struct names *seen, struct wire *body, struct act_buf *acts)
{
	struct group_mod gm = {.type = 0};

	while (wire_left(body) && !group_desc_decode(body, acts, &gm)) {
		add(seen, "group-desc type %u", gm.type);
		group_mod_fini(&gm);
	}
	group_mod_fini(&gm);
}

static void
see_meter_configs(struct names *seen, struct wire *body)
{
	struct meter_mod mm = {.flags = 0};

	while (wire_left(body) && !meter_config_decode(body, &mm)) {
		see_bands(seen, "meter-config", &mm);
		meter_mod_fini(&mm);
	}
	meter_mod_fini(&mm);
}

static void
see_onf_multipart(struct names *seen, const char *dir, struct wire *body, struct act_buf *acts)
{
	struct experimenter_hdr e;
	struct flow_update u;

	if (experimenter_hdr_decode(body, &e))
		return;
	add(seen, "ONF multipart %s %u", dir, e.exp_type);
	while (!strcmp(dir, "reply") && e.exp_type == ONFMP_FLOW_MONITOR && wire_left(body) &&
	       !flow_update_decode(body, acts, &u))
		add(seen, "flow update %u", u.event);
}

static void
see_multipart(struct names *seen, const char *dir, struct wire *body, struct act_buf *acts)
{
	const bool reply = !strcmp(dir, "reply");
	struct multipart_hdr mp;

	if (multipart_hdr_decode(body, &mp))
		return;
	add(seen, "multipart %s %u", dir, mp.type);
	if (mp.flags & OFPMPF_REPLY_MORE)
		add(seen, "multipart with more to come");
	if (mp.type == OFPMP_TABLE_FEATURES)
		see_tables(seen, body);
	else if (mp.type == OFPMP_EXPERIMENTER)
		see_onf_multipart(seen, dir, body, acts);
	else if (mp.type == OFPMP_GROUP_DESC && reply)
		see_group_descs(seen, body, acts);
	else if (mp.type == OFPMP_METER_CONFIG && reply)
		see_meter_configs(seen, body);
}

static void
see_experimenter(struct names *seen, struct wire *body)
{
	struct experimenter_hdr e;
	struct bundle_control c;

	if (experimenter_hdr_decode(body, &e))
		return;
	add(seen, "ONF message %u", e.exp_type);
	if (e.exp_type == ONFT_BUNDLE_CONTROL && !bundle_control_decode(body, &c))
		add(seen, "bundle control %u", c.type);
}

/* One member says which it is: "NAME n", by its place behind the header. */
static void
see_kind(struct names *seen, uint8_t type, const uint8_t *body)
{
	if (type == OFPT_PACKET_IN)
		add(seen, "packet-in reason %u", body[6]);
	else if (type == OFPT_FLOW_REMOVED)
		add(seen, "flow-removed reason %u", body[10]);
	else if (type == OFPT_PORT_STATUS)
		add(seen, "port-status reason %u", body[0]);
	else if (type == OFPT_ROLE_REQUEST)
		add(seen, "role %u", get_be32(body));
	else if (type == OFPT_GET_CONFIG_REPLY || type == OFPT_SET_CONFIG)
		add(seen, "fragments %u", get_be16(body));
	else if (type == OFPT_ERROR)
		add(seen, "error of %s", get_be16(body) == 0xffff ? "an experimenter" : "the standard");
}

static void
see(struct names *seen, const struct vector *v)
{
	const uint8_t type = v->bytes[1];
	struct wire body = wire_init(v->bytes + OFP_HEADER_LEN, v->len - OFP_HEADER_LEN);
	struct act_buf acts = ACT_BUF_INIT;

	if (v->error) {
		add(seen, "malformed %s", strchr(v->error, '/') + 1);
		return;
	}
	if (!ofp_type_info(type))
		return;
	add(seen, "message %s", ofp_type_info(type)->name);
	see_kind(seen, type, body.p);
	if (type == OFPT_HELLO)
		add(seen, wire_left(&body) ? "hello with a bitmap" : "hello without");
	else if (type == OFPT_FLOW_MOD)
		see_flow_mod(seen, &body, &acts);
	else if (type == OFPT_GROUP_MOD)
		see_group_mod(seen, &body, &acts);
	else if (type == OFPT_METER_MOD)
		see_meter_mod(seen, &body);
	else if (type == OFPT_QUEUE_GET_CONFIG_REPLY)
		see_queues(seen, &body);
	else if (type == OFPT_EXPERIMENTER)
		see_experimenter(seen, &body);
	else if (type == OFPT_MULTIPART_REQUEST || type == OFPT_MULTIPART_REPLY)
		see_multipart(seen, type == OFPT_MULTIPART_REPLY ? "reply" : "request", &body, &acts);
	act_buf_fini(&acts);
}

size_t
coverage_check(const struct vectors *vs, struct sbuf *missing)
{
	struct names need = {.n = 0}, seen = {.n = 0};
	size_t n;

	need_all(&need);
	for (size_t i = 0; i < vs->n; i++)
		see(&seen, &vs->v[i]);
	for (size_t i = 0; i < need.n; i++) {
		if (!has(&seen, need.s[i]))
			sbuf_printf(missing, "%s\n", need.s[i]);
	}
	n = need.n;
	names_fini(&need);
	names_fini(&seen);
	return n;
}
