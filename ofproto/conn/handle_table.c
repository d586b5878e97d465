/* SPDX-License-Identifier: ISC */
/* Flow tables: TABLE_MOD, and the TABLE and TABLE_FEATURES multiparts (7.3.3, 7.3.5.4, 7.3.5.5). */
#include "handlers.h"
#include "reply.h"

#include <stdio.h>

enum of_error
handle_table_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct table_mod tm;
	enum of_error error = table_mod_decode(body, &tm);

	(void)h;
	if (error)
		return error;
	if (tm.table_id != OFPTT_ALL && tm.table_id >= tables_count(c->op->tables))
		return OFPTMFC_BAD_TABLE;
	return tm.config & ~(uint32_t)OFPTC_DEPRECATED_MASK ? OFPTMFC_BAD_CONFIG : OF_OK;
}

enum of_error
handle_mp_table(struct conn *c, uint32_t xid, struct wire *body)
{
	size_t start = reply_begin(c, xid, OFPMP_TABLE);

	(void)body;
	for (unsigned i = 0; i < tables_count(c->op->tables); i++) {
		struct table_stats t = {.table_id = (uint8_t)i,
		                        .active_count = tables_active(c->op->tables, (uint8_t)i)};
		struct counter_sum sum = {0};
		const uint32_t id = tables_counter(c->op->tables, (uint8_t)i);

		if (id != COUNTER_NONE)
			counters_read(c->op->counters, id, &sum);
		t.lookup_count = sum.packets;
		t.matched_count = sum.bytes;
		table_stats_encode(&c->out, &t);
	}
	reply_end(c, start);
	return OF_OK;
}

/* What every table can do, for as long as tables are not shaped by the controller. */
static void
table_features_of(const struct conn *c, unsigned id, struct table_features *f)
{
	const uint32_t insts = 1u << OFPIT_GOTO_TABLE | 1u << OFPIT_WRITE_METADATA | 1u << OFPIT_WRITE_ACTIONS |
	                       1u << OFPIT_APPLY_ACTIONS | 1u << OFPIT_CLEAR_ACTIONS | 1u << OFPIT_METER;
	const uint32_t acts =
	    1u << OFPAT_OUTPUT | 1u << OFPAT_COPY_TTL_OUT | 1u << OFPAT_COPY_TTL_IN | 1u << OFPAT_SET_MPLS_TTL |
	    1u << OFPAT_DEC_MPLS_TTL | 1u << OFPAT_PUSH_VLAN | 1u << OFPAT_POP_VLAN | 1u << OFPAT_PUSH_MPLS |
	    1u << OFPAT_POP_MPLS | 1u << OFPAT_SET_QUEUE | 1u << OFPAT_GROUP | 1u << OFPAT_SET_NW_TTL |
	    1u << OFPAT_DEC_NW_TTL | 1u << OFPAT_SET_FIELD | 1u << OFPAT_PUSH_PBB | 1u << OFPAT_POP_PBB;
	const unsigned n = tables_count(c->op->tables);
	uint64_t set = 0;

	memset(f, 0, sizeof(*f));
	f->table_id = (uint8_t)id;
	snprintf(f->name, sizeof(f->name), "table%u", id);
	f->metadata_match = f->metadata_write = UINT64_MAX;
	f->max_entries = tables_max_rules(c->op->tables);
	f->present = 1u << OFPTFPT_INSTRUCTIONS | 1u << OFPTFPT_NEXT_TABLES | 1u << OFPTFPT_WRITE_ACTIONS |
	             1u << OFPTFPT_APPLY_ACTIONS | 1u << OFPTFPT_MATCH | 1u << OFPTFPT_WILDCARDS |
	             1u << OFPTFPT_WRITE_SETFIELD | 1u << OFPTFPT_APPLY_SETFIELD;
	f->instructions[0] = id + 1 < n ? insts : insts & ~(1u << OFPIT_GOTO_TABLE);
	f->write_actions[0] = f->apply_actions[0] = acts;
	for (unsigned i = id + 1; i < n; i++)
		f->next_tables[0][i / 64] |= UINT64_C(1) << i % 64;
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		const struct oxm_info *info = oxm_info((enum oxm_field)i);

		if (info->settable)
			set |= OXM_BIT(i);
		if (info->maskable)
			f->match_hasmask |= OXM_BIT(i);
	}
	f->match = f->wildcards = (UINT64_C(1) << OXM_N_FIELDS) - 1;
	f->match_hasmask |= 0x3full << OXM_TCP_SRC | 7ull << OXM_IPV6_ND_TARGET; /* accepted beyond the standard */
	f->write_setfield[0] = f->apply_setfield[0] = set;
}

enum of_error
handle_mp_table_features(struct conn *c, uint32_t xid, struct wire *body)
{
	struct table_features f;
	size_t start;

	if (wire_left(body) && c->role == OFPCR_ROLE_SLAVE)
		return OFPBRC_IS_SLAVE;
	while (wire_left(body)) {
		enum of_error error = table_features_decode(body, &f);

		if (error)
			return error;
		if (f.table_id >= tables_count(c->op->tables))
			return OFPTFFC_BAD_TABLE;
	}
	start = reply_begin(c, xid, OFPMP_TABLE_FEATURES);
	for (unsigned i = 0; i < tables_count(c->op->tables); i++) {
		table_features_of(c, i, &f);
		start = reply_next(c, start, xid, OFPMP_TABLE_FEATURES, 1200);
		table_features_encode(&c->out, &f);
	}
	reply_end(c, start);
	return OF_OK;
}
