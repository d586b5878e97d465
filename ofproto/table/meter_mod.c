/* SPDX-License-Identifier: ISC */
/* METER_MOD (6.6, 7.3.4.4): every check comes before the first change, and the change itself swaps pointers.
 *
 * Flags without KBPS and PKTPS mean kbit/s, as clients that leave them out expect; what was sent is what is read back.  A MODIFY keeps the
 * meter's own counters and its age; its bands are new. */
#include "flow_table.h"

#include "meters_private.h"

#include "clock.h"

#include <stdlib.h>

#define MAX_BURST_S UINT64_C(1000000) /* what an absurd burst is cut to */

#define LOOKS 4096u /* meters looked at in one step */

struct meter_change {
	struct tables *ts;
	struct meters *ms;
	bool all, committed;
	struct meter *was, *now; /* of a single meter; NULL: was not, is not to be */
	struct meter *over; /* in a transaction: a meter that is gone already stands where 'now' goes */
	struct meter *tomb; /* in a transaction: stands where 'was' was */
	struct meter_set *set; /* all: the empty one, after the commit the old one */
	uint32_t next; /* all: meters before this one have no flow entries left */
};

static bool
is_meter_id(uint32_t id)
{
	return (id > 0 && id <= OFPM_MAX) || id == OFPM_SLOWPATH || id == OFPM_CONTROLLER;
}

static enum of_error
check_band(const struct meter_mod *mm, const struct ofp_meter_band *b)
{
	if (b->type != OFPMBT_DROP && b->type != OFPMBT_DSCP_REMARK)
		return OFPMMFC_BAD_BAND;
	if (!b->rate)
		return OFPMMFC_BAD_RATE;
	/* with OFPMF_BURST the size is meant: a burst of nothing lets nothing through */
	if ((mm->flags & OFPMF_BURST) && !b->burst_size)
		return OFPMMFC_BAD_BURST;
	/* a remark that raises the drop precedence by nothing is not one */
	return b->type == OFPMBT_DSCP_REMARK && !b->prec_level ? OFPMMFC_BAD_BAND_VALUE : OF_OK;
}

static enum of_error
check_form(const struct meter_mod *mm)
{
	const uint16_t known = OFPMF_KBPS | OFPMF_PKTPS | OFPMF_BURST | OFPMF_STATS;
	const uint16_t units = OFPMF_KBPS | OFPMF_PKTPS;
	enum of_error error = OF_OK;

	if ((mm->flags & ~known) || (mm->flags & units) == units)
		return OFPMMFC_BAD_FLAGS;
	if (mm->n_bands > METERS_MAX_BANDS)
		return OFPMMFC_OUT_OF_BANDS;
	for (size_t i = 0; !error && i < mm->n_bands; i++)
		error = check_band(mm, &mm->bands[i]);
	return error;
}

/* How long a burst at the band's rate may last, in 1/64 ns. */
static uint64_t
burst_ticks(const struct meter_mod *mm, const struct ofp_meter_band *b)
{
	const uint64_t ms = METER_TICKS * 1000000, min = METER_MIN_BURST_MS * ms;
	uint64_t ticks;

	if (!(mm->flags & OFPMF_BURST))
		return METER_DEFAULT_BURST_MS * ms;
	if (b->burst_size / b->rate >= MAX_BURST_S)
		return MAX_BURST_S * 1000 * ms;
	/* kilobits at kilobits a second, or packets at packets a second; below MAX_BURST_S the product fits */
	ticks = (uint64_t)((unsigned __int128)b->burst_size * (1000 * ms) / b->rate);
	return ticks > min ? ticks : min;
}

static void
order_bands(struct meter *m)
{
	for (uint8_t i = 0; i < m->n_bands; i++) {
		uint8_t at = i;

		for (; at > 0 && m->bands[m->by_rate[at - 1]].rate < m->bands[i].rate; at--)
			m->by_rate[at] = m->by_rate[at - 1];
		m->by_rate[at] = i;
	}
}

static void
fill_bands(struct meter *m, const struct meter_mod *mm)
{
	for (uint32_t i = 0; i < m->n_bands; i++) {
		const struct ofp_meter_band *from = &mm->bands[i];
		struct meter_band *b = &m->bands[i];

		b->type = (uint8_t)from->type;
		b->prec_level = from->prec_level;
		b->rate = from->rate;
		b->burst_size = from->burst_size;
		b->burst = burst_ticks(mm, from);
		b->counter = COUNTER_NONE;
		m->remarks |= from->type == OFPMBT_DSCP_REMARK;
	}
	order_bands(m);
}

/* NULL: no memory. */
static struct meter *
meter_make(struct counters *counters, const struct meter_mod *mm, const struct meter *was)
{
	struct meter *m = calloc(1, sizeof(*m) + mm->n_bands * sizeof(m->bands[0]));
	bool ok;

	if (!m)
		return NULL;
	m->id = mm->meter_id;
	m->flags = mm->flags;
	m->n_bands = (uint32_t)mm->n_bands;
	m->created_ns = was ? was->created_ns : clock_ns();
	fill_bands(m, mm);
	m->counter = counters_alloc(counters);
	ok = m->counter != COUNTER_NONE;
	for (uint32_t i = 0; ok && i < m->n_bands; i++) {
		m->bands[i].counter = counters_alloc(counters);
		ok = m->bands[i].counter != COUNTER_NONE;
	}
	if (ok)
		return m;
	meter_free(m, counters);
	return NULL;
}

static enum of_error
prepare_put(struct meter_change *c, const struct meter_mod *mm)
{
	struct meters *ms = c->ms;
	enum of_error error;

	if (!is_meter_id(mm->meter_id))
		return OFPMMFC_INVALID_METER;
	c->was = meters_get(ms, mm->meter_id);
	c->over = c->was ? NULL : meters_raw(ms, mm->meter_id);
	if (mm->command == OFPMC_ADD && c->was)
		return OFPMMFC_METER_EXISTS;
	if (mm->command == OFPMC_MODIFY && !c->was)
		return OFPMMFC_UNKNOWN_METER;
	error = check_form(mm);
	if (error)
		return error;
	if (!c->was && mm->meter_id <= OFPM_MAX && meters_count(ms) >= METERS_MAX)
		return OFPMMFC_OUT_OF_METERS;
	c->now = meter_make(ms->counters, mm, c->was);
	if (!c->now || !meter_set_reserve(ms->set))
		return OFPMMFC_OUT_OF_METERS;
	c->now->users = c->was ? c->was->users : user_list_create();
	return c->now->users ? OF_OK : OFPMMFC_OUT_OF_METERS;
}

static enum of_error
prepare_delete(struct meter_change *c, uint32_t id)
{
	if (id == OFPM_ALL) {
		c->all = true;
		c->set = meter_set_create();
		return c->set ? OF_OK : OFPMMFC_OUT_OF_METERS;
	}
	c->was = meters_get(c->ms, id);
	if (!c->was || !c->ms->hiding)
		return OF_OK;
	c->tomb = calloc(1, sizeof(*c->tomb));
	if (!c->tomb)
		return OFPMMFC_OUT_OF_METERS;
	c->tomb->id = id;
	c->tomb->gone = true;
	c->tomb->counter = COUNTER_NONE;
	return OF_OK;
}

enum of_error
meter_mod_prepare(struct tables *ts, const struct meter_mod *mm, struct meter_change **out)
{
	struct meter_change *c;
	enum of_error error;

	*out = NULL;
	if (mm->command > OFPMC_DELETE)
		return OFPMMFC_BAD_COMMAND;
	c = calloc(1, sizeof(*c));
	if (!c)
		return OFPMMFC_OUT_OF_METERS;
	c->ts = ts;
	c->ms = ts->meters;
	error = mm->command == OFPMC_DELETE ? prepare_delete(c, mm->meter_id) : prepare_put(c, mm);
	if (error) {
		meter_change_free(c);
		return error;
	}
	*out = c;
	return OF_OK;
}

/* ---- commit and undo ---- */

static bool
take_flows(struct tables *ts, const struct meter *m, unsigned *max, unsigned *removed)
{
	struct flow_rule *r;

	for (; (r = user_list_first(m->users)) != NULL; (*max)--, (*removed)++) {
		if (!*max)
			return true;
		tables_remove_rule(ts, r, OFPRR_DELETE);
	}
	return false;
}

bool
meter_change_step(struct meter_change *c, unsigned max, unsigned *removed)
{
	bool more = false;

	if (!c->all)
		return c->was && !c->now && take_flows(c->ts, c->was, &max, removed);
	for (unsigned looks = LOOKS; c->next < c->ms->set->n && !more; looks--) {
		if (!looks)
			return true;
		more = take_flows(c->ts, c->ms->set->sorted[c->next], &max, removed);
		c->next += !more;
	}
	return more;
}

static bool
swap(struct meter_change *c, struct meter *was, struct meter *now)
{
	if (c->all) {
		struct meter_set *old = c->ms->set;

		c->ms->set = c->set;
		c->set = old;
	} else if (was || now) {
		meter_set_swap(c->ms->set, c->ms->seed, was, now);
		c->ms->n_gone += (now && now->gone) - (uint32_t)(was && was->gone);
	}
	c->committed = !c->committed;
	return was && now && was->remarks != now->remarks;
}

/* The meter's own counters go on when it is modified. */
static void
swap_counters(struct meter_change *c)
{
	if (c->was && c->now) {
		const uint32_t counter = c->was->counter;

		c->was->counter = c->now->counter;
		c->now->counter = counter;
	}
}

bool
meter_change_commit(struct meter_change *c)
{
	struct meter *out = c->was ? c->was : c->over, *in = c->now ? c->now : c->tomb;

	if (c->ms->hiding && in) {
		in->changed = true;
		in->was = out && out->changed ? out->was : out;
	} else {
		swap_counters(c);
	}
	return swap(c, out, in);
}

bool
meter_change_undo(struct meter_change *c)
{
	if (!c->committed)
		return false;
	if (!c->ms->hiding)
		swap_counters(c);
	return swap(c, c->now ? c->now : c->tomb, c->was ? c->was : c->over);
}

void
meter_change_settle(struct meter_change *c)
{
	struct meter *in = c->now ? c->now : c->tomb;

	swap_counters(c); /* what frames have met up to the switch counts on */
	/* a later change of the transaction may have taken its place */
	if (c->all || !in || meters_raw(c->ms, in->id) != in)
		return;
	in->changed = false;
	in->was = NULL;
	if (in->gone) {
		meter_set_swap(c->ms->set, c->ms->seed, in, NULL);
		c->ms->n_gone--;
	}
}

struct user_list *
meter_change_users(const struct meter_change *c)
{
	return !c->all && c->was && !c->now ? c->was->users : NULL;
}

void
meter_change_free(struct meter_change *c)
{
	struct meter *gone;

	if (!c)
		return;
	meter_set_destroy(c->set, c->ms->counters);
	gone = c->committed ? c->was : c->now;
	/* the list of users lives as long as one of the two is in the table */
	if (gone && !(c->was && c->now))
		user_list_destroy(gone->users);
	meter_free(gone, c->ms->counters);
	meter_free(c->tomb, c->ms->counters);
	free(c);
}
