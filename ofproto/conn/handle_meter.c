/* SPDX-License-Identifier: ISC */
/* Meters: METER_MOD, and the METER, METER_CONFIG and METER_FEATURES multiparts (7.3.4.4, 7.3.5.12 to 7.3.5.14). */
#include "handlers.h"
#include "reply.h"

#include "meters.h"

#define DROP_PRECEDENCES 3

static bool
step(void *change, unsigned max, unsigned *removed)
{
	return meter_change_step(change, max, removed);
}

static void
commit(struct ofproto *op, void *change)
{
	op->changed |= meter_change_commit(change);
}

static void
change_free(void *change)
{
	meter_change_free(change);
}

enum of_error
handle_meter_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	static const struct removal one = {step, commit, change_free, false}, all = {step, commit, change_free, true};
	struct meter_change *mc = NULL;
	struct meter_mod mm;
	enum of_error error = meter_mod_decode(body, &mm);

	(void)h;
	if (!error)
		error = meter_mod_prepare(c->op->tables, &mm, &mc);
	if (!error)
		work_removal(c->op, mm.command == OFPMC_DELETE && mm.meter_id == OFPM_ALL ? &all : &one, mc);
	meter_mod_fini(&mm);
	return error;
}

/* The meter at the dump's position, and the position after it; NULL: none is left. */
static const struct meter *
next_meter(struct conn *c, struct dump *d)
{
	const struct meter *m = d->done ? NULL : meters_next(tables_meters(c->op->tables), d->position);

	if (m) {
		d->position = m->id + 1;
		d->done = d->single || m->id == UINT32_MAX;
	}
	return m;
}

static enum dump_step
next_stats(struct conn *c, struct dump *d)
{
	const struct meter *m = next_meter(c, d);
	struct bucket_count counts[METERS_MAX_BANDS];
	struct meter_stats ms;

	if (!m)
		return DUMP_END;
	meter_stats(tables_meters(c->op->tables), m, &ms, counts, METERS_MAX_BANDS);
	meter_stats_encode(&d->part, &ms);
	return DUMP_ENTRY;
}

static enum dump_step
next_config(struct conn *c, struct dump *d)
{
	const struct meter *m = next_meter(c, d);
	struct meter_mod mm;

	if (!m)
		return DUMP_END;
	if (meter_as_mod(m, &mm))
		meter_config_encode(&d->part, &mm);
	else
		d->part.bad = true;
	meter_mod_fini(&mm);
	return DUMP_ENTRY;
}

/* Both requests name one meter, which must exist, or all. */
static enum of_error
start(struct conn *c, uint32_t xid, uint16_t mp_type, struct wire *body,
      enum dump_step (*next)(struct conn *, struct dump *))
{
	struct dump *d = dump_prepare(c);
	uint32_t id;
	enum of_error error = meter_request_decode(body, &id);

	if (error)
		return error;
	if (id != OFPM_ALL) {
		if (!meters_find(tables_meters(c->op->tables), id))
			return OFPMMFC_UNKNOWN_METER;
		d->single = true;
		d->position = id;
	}
	dump_start(c, xid, mp_type, next);
	return OF_OK;
}

enum of_error
handle_mp_meter(struct conn *c, uint32_t xid, struct wire *body)
{
	return start(c, xid, OFPMP_METER, body, next_stats);
}

enum of_error
handle_mp_meter_config(struct conn *c, uint32_t xid, struct wire *body)
{
	return start(c, xid, OFPMP_METER_CONFIG, body, next_config);
}

enum of_error
handle_mp_meter_features(struct conn *c, uint32_t xid, struct wire *body)
{
	const struct meter_features mf = {.max_meter = METERS_MAX,
	                                  .band_types = 1u << OFPMBT_DROP | 1u << OFPMBT_DSCP_REMARK,
	                                  .capabilities = OFPMF_KBPS | OFPMF_PKTPS | OFPMF_BURST | OFPMF_STATS,
	                                  .max_bands = METERS_MAX_BANDS,
	                                  .max_color = DROP_PRECEDENCES};
	const size_t at = reply_begin(c, xid, OFPMP_METER_FEATURES);

	(void)body;
	meter_features_encode(&c->out, &mf);
	reply_end(c, at);
	return OF_OK;
}
