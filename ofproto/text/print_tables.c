/* SPDX-License-Identifier: ISC */
/* Prints tables: counters (7.3.5.4) and features (7.3.5.5), equal neighbours as "ditto". */
#include "print.h"

#include "field_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* In the order in which ovs-ofctl lists them, which is that of execution. */
static const struct {
	uint8_t type;
	const char *name;
} inst_names[] = {
    {OFPIT_METER, "meter"},
    {OFPIT_APPLY_ACTIONS, "apply_actions"},
    {OFPIT_CLEAR_ACTIONS, "clear_actions"},
    {OFPIT_WRITE_ACTIONS, "write_actions"},
    {OFPIT_WRITE_METADATA, "write_metadata"},
    {OFPIT_GOTO_TABLE, "goto_table"},
};

static const char *const act_names[] = {
    [OFPAT_OUTPUT] = "output",
    [OFPAT_COPY_TTL_OUT] = "copy_ttl_out",
    [OFPAT_COPY_TTL_IN] = "copy_ttl_in",
    [OFPAT_SET_MPLS_TTL] = "set_mpls_ttl",
    [OFPAT_DEC_MPLS_TTL] = "dec_mpls_ttl",
    [OFPAT_PUSH_VLAN] = "push_vlan",
    [OFPAT_POP_VLAN] = "strip_vlan",
    [OFPAT_PUSH_MPLS] = "push_mpls",
    [OFPAT_POP_MPLS] = "pop_mpls",
    [OFPAT_SET_QUEUE] = "set_queue",
    [OFPAT_GROUP] = "group",
    [OFPAT_SET_NW_TTL] = "mod_nw_ttl",
    [OFPAT_DEC_NW_TTL] = "dec_ttl",
    [OFPAT_SET_FIELD] = "set_field",
    [OFPAT_PUSH_PBB] = "push_pbb",
    [OFPAT_POP_PBB] = "pop_pbb",
};

/* The order in which ovs-ofctl lists actions. */
static const uint8_t act_order[] = {
    OFPAT_OUTPUT,       OFPAT_GROUP,        OFPAT_SET_FIELD,    OFPAT_POP_VLAN,  OFPAT_PUSH_VLAN, OFPAT_SET_NW_TTL,
    OFPAT_DEC_NW_TTL,   OFPAT_SET_MPLS_TTL, OFPAT_DEC_MPLS_TTL, OFPAT_PUSH_MPLS, OFPAT_POP_MPLS,  OFPAT_SET_QUEUE,
    OFPAT_COPY_TTL_OUT, OFPAT_COPY_TTL_IN,  OFPAT_PUSH_PBB,     OFPAT_POP_PBB,
};
static const size_t n_act_order = sizeof(act_order) / sizeof(act_order[0]);

static void
put_ditto(struct sbuf *b, struct tables_printer *p)
{
	if (p->n_ditto == 1)
		sbuf_printf(b, "\n  table %u: ditto\n", p->first_ditto);
	else if (p->n_ditto > 1)
		sbuf_printf(b, "\n  tables %u...%u: ditto\n", p->first_ditto, p->first_ditto + p->n_ditto - 1);
	p->n_ditto = 0;
}

/* Counts 'table_id' as a repetition if it can join the run. */
static bool
join_ditto(struct tables_printer *p, bool same, uint8_t table_id)
{
	if (!same || (p->n_ditto && table_id != p->first_ditto + p->n_ditto))
		return false;
	if (!p->n_ditto)
		p->first_ditto = table_id;
	p->n_ditto++;
	return true;
}

void
print_tables_end(struct sbuf *b, struct tables_printer *p)
{
	put_ditto(b, p);
}

void
print_table_stats(struct sbuf *b, struct tables_printer *p, const struct table_stats *s)
{
	const bool same = p->has_stats && s->active_count == p->stats.active_count &&
	                  s->lookup_count == p->stats.lookup_count && s->matched_count == p->stats.matched_count;

	if (join_ditto(p, same, s->table_id))
		return;
	put_ditto(b, p);
	if (p->has_stats)
		sbuf_putc(b, '\n');
	sbuf_printf(b, "  table %u:\n    active=%" PRIu32 ", lookup=%" PRIu64 ", matched=%" PRIu64 "\n", s->table_id,
	            s->active_count, s->lookup_count, s->matched_count);
	p->stats = *s;
	p->has_stats = true;
}

void
print_action_names(struct sbuf *b, uint32_t bits)
{
	static const size_t n = sizeof(act_names) / sizeof(act_names[0]);

	for (size_t i = 0; i < n_act_order; i++)
		if (act_names[act_order[i]] && bits & (1u << act_order[i]))
			sbuf_printf(b, " %s", act_names[act_order[i]]);
	for (unsigned i = 0; i < 32; i++)
		if ((i >= n || !act_names[i]) && bits & (1u << i) && bits != UINT32_MAX)
			sbuf_printf(b, " %u", i);
	if (!bits)
		sbuf_puts(b, " <none>");
}

/* In the order of ovs-ofctl; what Open vSwitch does not know stands at the end. */
static const uint8_t field_order[] = {
    OXM_TUNNEL_ID,   OXM_METADATA,    OXM_IN_PORT,     OXM_ETH_SRC,     OXM_ETH_DST,        OXM_ETH_TYPE,
    OXM_VLAN_VID,    OXM_VLAN_PCP,    OXM_MPLS_LABEL,  OXM_MPLS_TC,     OXM_MPLS_BOS,       OXM_IPV4_SRC,
    OXM_IPV4_DST,    OXM_IPV6_SRC,    OXM_IPV6_DST,    OXM_IPV6_FLABEL, OXM_IP_PROTO,       OXM_IP_DSCP,
    OXM_IP_ECN,      OXM_ARP_OP,      OXM_ARP_SPA,     OXM_ARP_TPA,     OXM_ARP_SHA,        OXM_ARP_THA,
    OXM_TCP_SRC,     OXM_TCP_DST,     OXM_UDP_SRC,     OXM_UDP_DST,     OXM_SCTP_SRC,       OXM_SCTP_DST,
    OXM_ICMPV4_TYPE, OXM_ICMPV4_CODE, OXM_ICMPV6_TYPE, OXM_ICMPV6_CODE, OXM_IPV6_ND_TARGET, OXM_IPV6_ND_SLL,
    OXM_IPV6_ND_TLL, OXM_IN_PHY_PORT, OXM_IPV6_EXTHDR, OXM_PBB_ISID,
};
_Static_assert(sizeof(field_order) == OXM_N_FIELDS, "every field has a place");

static const char *
feature_name(enum oxm_field field)
{
	return field == OXM_IN_PORT ? "in_port_oxm" : field == OXM_IP_PROTO ? "nw_proto" : field_set_name(field);
}

/* Length of what a name shares with its neighbours: up to its first '_'. */
static size_t
family_len(const char *name)
{
	const char *end = strchr(name, '_');

	return end ? (size_t)(end - name) + 1 : 0;
}

/* "eth_{src,dst} metadata": neighbours of one family are drawn together. */
static void
put_fields(struct sbuf *b, const char *label, uint64_t fields)
{
	const char *names[OXM_N_FIELDS];
	size_t n = 0;

	for (size_t i = 0; i < OXM_N_FIELDS; i++)
		if (fields & OXM_BIT(field_order[i]))
			names[n++] = feature_name((enum oxm_field)field_order[i]);
	if (n)
		sbuf_puts(b, label);
	for (size_t i = 0; i < n;) {
		const size_t len = family_len(names[i]);
		size_t end = i + 1;

		while (len && end < n && !strncmp(names[end], names[i], len))
			end++;
		if (end == i + 1) {
			sbuf_printf(b, " %s", names[i]);
		} else {
			sbuf_printf(b, " %.*s{%s", (int)len, names[i], names[i] + len);
			for (size_t k = i + 1; k < end; k++)
				sbuf_printf(b, ",%s", names[k] + len);
			sbuf_putc(b, '}');
		}
		i = end;
	}
	if (n)
		sbuf_putc(b, '\n');
}

static bool
has_next(const uint64_t next[4], unsigned i)
{
	return (next[i / 64] >> (i % 64)) & 1;
}

static void
put_next_tables(struct sbuf *b, const uint64_t next[4])
{
	bool first = true;

	for (unsigned i = 0; i < 255; i++) {
		unsigned last = i;

		if (!has_next(next, i))
			continue;
		while (last < 254 && has_next(next, last + 1))
			last++;
		sbuf_puts(b, first ? "      next tables: " : ",");
		first = false;
		if (last > i)
			sbuf_printf(b, "%u-%u", i, last);
		else
			sbuf_printf(b, "%u", i);
		i = last;
	}
	if (!first)
		sbuf_putc(b, '\n');
}

static void
put_action_features(struct sbuf *b, uint32_t actions, uint64_t fields)
{
	if (actions) {
		sbuf_puts(b, "        actions:");
		print_action_names(b, actions);
		sbuf_putc(b, '\n');
	}
	put_fields(b, "        supported on Set-Field:", fields);
}

static bool
has_actions(const struct table_features *f, unsigned which)
{
	return f->write_actions[which] || f->apply_actions[which] || f->write_setfield[which] ||
	       f->apply_setfield[which];
}

static bool
same_actions(const struct table_features *a, const struct table_features *b, unsigned which)
{
	return a->write_actions[which] == b->write_actions[which] &&
	       a->apply_actions[which] == b->apply_actions[which] &&
	       a->write_setfield[which] == b->write_setfield[which] &&
	       a->apply_setfield[which] == b->apply_setfield[which];
}

static void
put_instructions(struct sbuf *b, const struct table_features *f, const struct table_features *prev, unsigned which,
                 const char *label)
{
	sbuf_puts(b, label);
	put_next_tables(b, f->next_tables[which]);
	if (f->instructions[which] && prev && prev->instructions[which] == f->instructions[which]) {
		sbuf_puts(b, "      (same instructions)\n");
	} else if (f->instructions[which]) {
		sbuf_puts(b, "      instructions:");
		for (size_t i = 0; i < sizeof(inst_names) / sizeof(inst_names[0]); i++)
			if (f->instructions[which] & 1u << inst_names[i].type)
				sbuf_printf(b, " %s", inst_names[i].name);
		sbuf_putc(b, '\n');
	}
	if (!has_actions(f, which))
		return;
	if (prev && same_actions(prev, f, which)) {
		sbuf_puts(b, "      (same actions)\n");
	} else if (f->write_actions[which] == f->apply_actions[which] &&
	           f->write_setfield[which] == f->apply_setfield[which]) {
		sbuf_puts(b, "      Write-Actions and Apply-Actions features:\n");
		put_action_features(b, f->write_actions[which], f->write_setfield[which]);
	} else {
		sbuf_puts(b, "      Write-Actions features:\n");
		put_action_features(b, f->write_actions[which], f->write_setfield[which]);
		sbuf_puts(b, "      Apply-Actions features:\n");
		put_action_features(b, f->apply_actions[which], f->apply_setfield[which]);
	}
}

static bool
miss_is_same(const struct table_features *f)
{
	return f->instructions[0] == f->instructions[1] && f->write_actions[0] == f->write_actions[1] &&
	       f->apply_actions[0] == f->apply_actions[1] && f->write_setfield[0] == f->write_setfield[1] &&
	       f->apply_setfield[0] == f->apply_setfield[1] &&
	       !memcmp(f->next_tables[0], f->next_tables[1], sizeof(f->next_tables[0]));
}

/* Nothing at all: neither the next tables, nor an instruction, nor an action. */
static bool
does_nothing(const struct table_features *f, unsigned which)
{
	static const uint64_t none[4];

	return !f->instructions[which] && !has_actions(f, which) && !memcmp(f->next_tables[which], none, sizeof(none));
}

/* True if 'f' is like 'prev' but for its number, its default name, and a next-table list that is shorter by the table itself. */
static bool
features_ditto(const struct table_features *prev, const struct table_features *f)
{
	if (f->metadata_match != prev->metadata_match || f->metadata_write != prev->metadata_write ||
	    f->config != prev->config || f->max_entries != prev->max_entries || f->match != prev->match ||
	    f->match_hasmask != prev->match_hasmask || f->wildcards != prev->wildcards)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t expected[4];

		if (f->instructions[i] != prev->instructions[i] || f->write_actions[i] != prev->write_actions[i] ||
		    f->apply_actions[i] != prev->apply_actions[i] || f->write_setfield[i] != prev->write_setfield[i] ||
		    f->apply_setfield[i] != prev->apply_setfield[i])
			return false;
		memcpy(expected, prev->next_tables[i], sizeof(expected));
		expected[f->table_id / 64] &= ~(UINT64_C(1) << (f->table_id % 64));
		if (memcmp(expected, f->next_tables[i], sizeof(expected)) != 0)
			return false;
	}
	return true;
}

static void
put_table_head(struct sbuf *b, const struct table_features *f)
{
	sbuf_printf(b, "  table %u", f->table_id);
	if (!f->name[0])
		return;
	sbuf_puts(b, " (\"");
	for (size_t i = 0; i < sizeof(f->name) && f->name[i]; i++)
		sbuf_putc(b, isprint((unsigned char)f->name[i]) ? f->name[i] : '.');
	sbuf_puts(b, "\")");
}

/* Tables with a name of their own are listed one by one even where nothing else is new. */
static bool
put_feature_ditto(struct sbuf *b, struct tables_printer *p, const struct table_features *f)
{
	if (!f->name[0])
		return join_ditto(p, true, f->table_id);
	put_ditto(b, p);
	if (!p->named_ditto)
		sbuf_putc(b, '\n');
	p->named_ditto = true;
	put_table_head(b, f);
	sbuf_puts(b, ": ditto\n");
	return true;
}

void
print_table_features(struct sbuf *b, struct tables_printer *p, const struct table_features *features)
{
	const struct table_features prev = p->features, *f = &p->features;
	const bool first = !p->has_features;
	const struct table_features *last = first ? NULL : &prev;
	bool same;

	p->features = *features;
	table_features_fill_miss(&p->features);
	same = !first && features_ditto(&prev, f);
	p->has_features = true;
	if (same && put_feature_ditto(b, p, f))
		return;
	put_ditto(b, p);
	p->named_ditto = false;
	if (!first)
		sbuf_putc(b, '\n');
	put_table_head(b, f);
	sbuf_puts(b, ":\n");
	if (f->metadata_match || f->metadata_write)
		sbuf_printf(b, "    metadata: match=%#" PRIx64 " write=%#" PRIx64 "\n", f->metadata_match,
		            f->metadata_write);
	if (f->max_entries)
		sbuf_printf(b, "    max_entries=%" PRIu32 "\n", f->max_entries);
	if (does_nothing(f, 0) && does_nothing(f, 1)) {
		/* no line says so */
	} else if (miss_is_same(f)) {
		put_instructions(b, f, last, 0, "    instructions (table miss and others):\n");
	} else {
		put_instructions(b, f, last, 0, "    instructions (other than table miss):\n");
		put_instructions(b, f, last, 1, "    instructions (table miss):\n");
	}
	if (!f->match)
		return;
	if (last && last->match == f->match && last->match_hasmask == f->match_hasmask &&
	    last->wildcards == f->wildcards) {
		sbuf_puts(b, "    (same matching)\n");
		return;
	}
	sbuf_puts(b, "    matching:\n");
	put_fields(b, "      arbitrary mask:", f->match & f->match_hasmask & f->wildcards);
	put_fields(b, "      exact match or wildcard:", f->match & ~f->match_hasmask & f->wildcards);
	put_fields(b, "      must exact match:", f->match & ~f->wildcards);
}
