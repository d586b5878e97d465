/* SPDX-License-Identifier: ISC */
/* A flow-mod against the features of its table (7.3.5.5): which error says what the table can't do. */
#include "shape.h"
#include "flow_table.h"

static bool
has(uint64_t set, unsigned bit)
{
	return (set >> bit & 1) != 0;
}

static bool
is_table_miss(const struct flow_mod *fm)
{
	return fm->priority == 0 && fm->match.mask.present == 0;
}

static enum of_error
check_match(const struct table_features *f, const struct flow_mod *fm)
{
	const uint64_t fields = fm->match.mask.present;
	const uint64_t must = f->match & ~f->wildcards;

	if (fields & ~f->match)
		return OFPBMC_BAD_FIELD;
	if ((fields & OXM_BIT(OXM_METADATA)) && (be64_to_host(fm->match.mask.metadata) & ~f->metadata_match))
		return OFPBMC_BAD_MASK;
	if (must & ~fields) /* an omitted field */
		return OFPBMC_BAD_WILDCARDS;
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		if (has(must, i) && !match_is_exact(&fm->match, (enum oxm_field)i))
			return OFPBMC_BAD_WILDCARDS;
	}
	return OF_OK;
}

static enum of_error
check_list(const struct ofp_acts *acts, uint32_t types, uint64_t setfields)
{
	OFP_ACT_FOR_EACH (a, acts) {
		if (!has(types, a->type))
			return OFPBAC_BAD_TYPE;
		if (a->type == OFPAT_SET_FIELD && !has(setfields, a->field))
			return OFPBAC_BAD_SET_TYPE;
	}
	return OF_OK;
}

static enum of_error
check_insts(const struct table_features *f, const struct ofp_insts *in, unsigned miss)
{
	enum of_error error;

	if (in->present & ~f->instructions[miss])
		return OFPBIC_UNSUP_INST;
	if ((in->present & OFP_INST_BIT(OFPIT_GOTO_TABLE)) &&
	    !has(f->next_tables[miss][in->goto_table / 64], in->goto_table % 64u))
		return OFPBIC_BAD_TABLE_ID;
	if (in->present & OFP_INST_BIT(OFPIT_WRITE_METADATA)) {
		if (!f->metadata_write)
			return OFPBIC_UNSUP_METADATA;
		if (in->metadata_mask & ~f->metadata_write)
			return OFPBIC_UNSUP_METADATA_MASK;
	}
	error = check_list(&in->apply, f->apply_actions[miss], f->apply_setfield[miss]);
	return error ? error : check_list(&in->write, f->write_actions[miss], f->write_setfield[miss]);
}

enum of_error
shape_check(const struct tables *ts, const struct flow_mod *fm)
{
	const struct table_features *f;
	enum of_error error = OF_OK;

	if (!shape_table_exists(ts, fm->table_id))
		return OFPFMFC_BAD_TABLE_ID;
	if ((fm->insts.present & OFP_INST_BIT(OFPIT_GOTO_TABLE)) &&
	    (fm->insts.goto_table <= fm->table_id || !shape_table_exists(ts, fm->insts.goto_table)))
		return OFPBIC_BAD_TABLE_ID;
	f = shape_get(ts, fm->table_id);
	if (fm->command == OFPFC_ADD && !is_table_miss(fm)) /* every table takes a table-miss entry (5.4) */
		error = check_match(f, fm);
	if (!error)
		error = check_insts(f, &fm->insts, is_table_miss(fm));
	if (!error && fm->command == OFPFC_MODIFY && fm->match.mask.present == 0) /* of whatever priority */
		error = check_insts(f, &fm->insts, 1);
	return error;
}
