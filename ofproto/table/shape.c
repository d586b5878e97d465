/* SPDX-License-Identifier: ISC */
/* The pipeline's shape: see shape.h. */
#include "shape.h"
#include "flow_table.h"
#include "table_desc.h"

#include <stdio.h>

#define BIT(prop) (UINT32_C(1) << OFPTFPT_##prop)
#define REQUIRED                                                                                                       \
	(BIT(INSTRUCTIONS) | BIT(NEXT_TABLES) | BIT(WRITE_ACTIONS) | BIT(APPLY_ACTIONS) | BIT(MATCH) |                 \
	 BIT(WILDCARDS) | BIT(WRITE_SETFIELD) | BIT(APPLY_SETFIELD))

#define INST(i) (1u << OFPIT_##i)
#define ALL_INSTS                                                                                                      \
	(INST(GOTO_TABLE) | INST(WRITE_METADATA) | INST(WRITE_ACTIONS) | INST(APPLY_ACTIONS) | INST(CLEAR_ACTIONS) |   \
	 INST(METER))

#define ACT(a) (1u << OFPAT_##a)
#define ALL_ACTS                                                                                                       \
	(ACT(OUTPUT) | ACT(COPY_TTL_OUT) | ACT(COPY_TTL_IN) | ACT(SET_MPLS_TTL) | ACT(DEC_MPLS_TTL) | ACT(PUSH_VLAN) | \
	 ACT(POP_VLAN) | ACT(PUSH_MPLS) | ACT(POP_MPLS) | ACT(SET_QUEUE) | ACT(GROUP) | ACT(SET_NW_TTL) |              \
	 ACT(DEC_NW_TTL) | ACT(SET_FIELD) | ACT(PUSH_PBB) | ACT(POP_PBB))

void
shape_capability(const struct tables *ts, uint8_t id, struct table_features *f)
{
	memset(f, 0, sizeof(*f));
	f->table_id = id;
	snprintf(f->name, sizeof(f->name), "table%u", id);
	f->metadata_match = f->metadata_write = UINT64_MAX;
	f->max_entries = tables_max_rules(ts);
	f->present = REQUIRED;
	f->instructions[0] = id + 1u < ts->n_tables ? ALL_INSTS : ALL_INSTS & ~INST(GOTO_TABLE);
	f->write_actions[0] = f->apply_actions[0] = ALL_ACTS;
	for (unsigned i = id + 1u; i < ts->n_tables; i++)
		f->next_tables[0][i / 64] |= UINT64_C(1) << i % 64;
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		if (oxm_info((enum oxm_field)i)->settable)
			f->write_setfield[0] |= OXM_BIT(i);
		if (oxm_mask_allowed((enum oxm_field)i))
			f->match_hasmask |= OXM_BIT(i);
	}
	f->match = f->wildcards = (UINT64_C(1) << OXM_N_FIELDS) - 1;
	f->apply_setfield[0] = f->write_setfield[0];
	table_features_fill_miss(f);
}

bool
shape_table_exists(const struct tables *ts, uint8_t id)
{
	return id < ts->n_tables && ts->table[id].features.present;
}

unsigned
shape_n_tables(const struct tables *ts)
{
	unsigned n = ts->n_tables;

	while (n && !shape_table_exists(ts, (uint8_t)(n - 1)))
		n--;
	return n;
}

const struct table_features *
shape_get(const struct tables *ts, uint8_t id)
{
	return &ts->table[id].features;
}

static bool
within(uint64_t bits, uint64_t of)
{
	return (bits & ~of) == 0;
}

/* Tables that can be gone to: behind the own one, and in the pipeline to be. */
static bool
next_tables_ok(const struct table_features *f, const struct table_features *const to_be[])
{
	for (unsigned miss = 0; miss < 2; miss++) {
		for (unsigned i = 0; i < 256; i++) {
			if (!(f->next_tables[miss][i / 64] & (UINT64_C(1) << i % 64)))
				continue;
			if (i <= f->table_id || i >= TABLES_MAX || !to_be[i])
				return false;
		}
	}
	return true;
}

static enum of_error
check_one(const struct tables *ts, const struct table_features *asked, const struct table_features *const to_be[])
{
	struct table_features cap, with_miss = *asked;
	const struct table_features *f = &with_miss;

	table_features_fill_miss(&with_miss);
	shape_capability(ts, f->table_id, &cap);
	if (f->unknown || f->max_entries > cap.max_entries || f->config & ~(uint32_t)OFPTC_DEPRECATED_MASK)
		return OFPTFFC_BAD_ARGUMENT;
	for (unsigned i = 0; i < 2; i++) {
		if (!within(f->instructions[i], cap.instructions[0]) ||
		    !within(f->write_actions[i], cap.write_actions[0]) ||
		    !within(f->apply_actions[i], cap.apply_actions[0]) ||
		    !within(f->write_setfield[i], cap.write_setfield[0]) ||
		    !within(f->apply_setfield[i], cap.apply_setfield[0]))
			return OFPTFFC_BAD_ARGUMENT;
	}
	if (!within(f->match_hasmask, cap.match_hasmask) || !next_tables_ok(f, to_be))
		return OFPTFFC_BAD_ARGUMENT;
	if ((f->match & OXM_BIT(OXM_METADATA)) && !f->metadata_match)
		return OFPTFFC_BAD_METADATA;
	return OF_OK;
}

/* What is granted, as it will be read back. */
static struct table_features
granted(const struct tables *ts, const struct table_features *asked)
{
	struct table_features cap, f = *asked;

	shape_capability(ts, f.table_id, &cap);
	f.present |= REQUIRED;
	if (!f.match) {
		f.match = cap.match;
		f.wildcards = cap.wildcards;
	}
	f.match_hasmask = cap.match_hasmask & f.match;
	table_features_fill_miss(&f);
	for (unsigned i = 0; i < 2; i++) {
		if ((f.write_actions[i] & ACT(SET_FIELD)) && !f.write_setfield[i])
			f.write_setfield[i] = cap.write_setfield[0];
		if ((f.apply_actions[i] & ACT(SET_FIELD)) && !f.apply_setfield[i])
			f.apply_setfield[i] = cap.apply_setfield[0];
	}
	return f;
}

/* True if flow entries that were possible before may not be now, or the other way round. */
static bool
differs(const struct table_features *a, const struct table_features *b)
{
	struct table_features x = *a, y = *b;

	memset(x.name, 0, sizeof(x.name));
	memset(y.name, 0, sizeof(y.name));
	x.max_entries = y.max_entries;
	x.config = y.config;
	x.present = y.present; /* the lists themselves are compared */
	return memcmp(&x, &y, sizeof(x)) != 0;
}

/* No FLOW_REMOVED is sent for them. */
static void
remove_all(struct tables *ts, uint8_t id)
{
	const struct flow_mod fm = {.command = OFPFC_DELETE,
	                            .table_id = id,
	                            .buffer_id = OFP_NO_BUFFER,
	                            .out_port = OFPP_ANY,
	                            .out_group = OFPG_ANY};
	const struct flow_table *t = &ts->table[id];

	if (!flow_table_n_rules(t))
		return; /* or a transaction is taking them away */
	for (uint32_t i = 0; i < t->n_slots; i++) {
		struct flow_rule *r = flow_table_slot(t, i);

		if (r)
			r->pub.flags = (uint16_t)(r->pub.flags & ~OFPFF_SEND_FLOW_REM);
	}
	(void)tables_flow_mod(ts, &fm);
}

/* What a table will be; 'asked' NULL: no part of the pipeline. */
static struct table_features
to_be_of(const struct tables *ts, const struct table_features *asked)
{
	return asked ? granted(ts, asked) : (struct table_features){0};
}

static bool
empties(const struct flow_table *t, const struct table_features *to_be)
{
	return differs(&t->features, to_be) || flow_table_n_rules(t) > to_be->max_entries;
}

static void
commit_one(struct tables *ts, uint8_t id, const struct table_features *asked)
{
	const struct table_features f = to_be_of(ts, asked);
	struct flow_table *t = &ts->table[id];

	if (!asked)
		table_desc_reset(ts, id);
	if (empties(t, &f))
		remove_all(ts, id);
	t->features = f;
	table_vacancy_check(ts, id);
}

/* 'to_be' is filled with the features by table. */
static enum of_error
check_all(const struct tables *ts, const struct table_features *f, size_t n, const struct table_features *to_be[])
{
	for (size_t i = 0; i < n; i++) {
		if (f[i].table_id >= ts->n_tables || to_be[f[i].table_id])
			return OFPTFFC_BAD_TABLE;
		to_be[f[i].table_id] = &f[i];
	}
	if (!to_be[0])
		return OFPTFFC_BAD_TABLE; /* every frame begins there */
	for (size_t i = 0; i < n; i++) {
		const enum of_error error = check_one(ts, &f[i], to_be);

		if (error)
			return error;
	}
	return OF_OK;
}

enum of_error
shape_check_write(const struct tables *ts, const struct table_features *f, size_t n)
{
	const struct table_features *to_be[TABLES_MAX] = {NULL};

	return check_all(ts, f, n, to_be);
}

enum of_error
shape_set(struct tables *ts, const struct table_features *f, size_t n)
{
	const struct table_features *to_be[TABLES_MAX] = {NULL};
	const enum of_error error = check_all(ts, f, n, to_be);

	if (error)
		return error;
	for (unsigned i = 0; i < ts->n_tables; i++)
		commit_one(ts, (uint8_t)i, to_be[i]);
	return OF_OK;
}

uint32_t
shape_empties(const struct tables *ts, const struct table_features *f, size_t n, uint64_t tables[])
{
	const struct table_features *asked[256] = {NULL};
	uint32_t lost = 0;

	memset(tables, 0, 4 * sizeof(tables[0]));
	for (size_t i = 0; i < n; i++)
		asked[f[i].table_id] = &f[i];
	for (unsigned i = 0; i < ts->n_tables; i++) {
		const struct table_features to_be = to_be_of(ts, asked[i]);

		if (!empties(&ts->table[i], &to_be))
			continue;
		tables[i / 64] |= UINT64_C(1) << i % 64;
		lost += flow_table_n_rules(&ts->table[i]);
	}
	return lost;
}

enum of_error
shape_set_config(struct tables *ts, uint8_t id, uint32_t config)
{
	if (id != OFPTT_ALL && !shape_table_exists(ts, id))
		return OFPTMFC_BAD_TABLE;
	if (config & ~(uint32_t)OFPTC_DEPRECATED_MASK)
		return OFPTMFC_BAD_CONFIG;
	for (unsigned i = 0; i < ts->n_tables; i++) {
		if (id == OFPTT_ALL || i == id)
			ts->table[i].features.config = config;
	}
	return OF_OK;
}
