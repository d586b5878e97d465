/* SPDX-License-Identifier: ISC */
/* Flow tables: TABLE_MOD, and the TABLE and TABLE_FEATURES multiparts (7.3.3, 7.3.5.4, 7.3.5.5); table-mod and table-desc of EXT-192.
 *
 * Table-status is told to nobody unasked: it goes to the controllers that have switched on the vacancy events of that table, by a
 * table-mod of their own, until they switch them off; not while they are slaves.  Nor is the importance of
 * a flow entry told to who has not used the extension: neither os-ken nor ovs-ofctl can read a reply with an instruction that they don't
 * know. */
#include "handlers.h"
#include "reply.h"

#include "extensions.h"
#include "log.h"
#include "shape.h"
#include "table_desc.h"

#define FEW 256u /* entries that one section takes away */

enum of_error
handle_table_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct table_mod tm;
	enum of_error error = table_mod_decode(body, &tm);

	(void)h;
	return error ? error : shape_set_config(c->op->tables, tm.table_id, tm.config);
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

		if (!shape_table_exists(c->op->tables, (uint8_t)i))
			continue;
		if (id != COUNTER_NONE)
			counters_read(c->op->counters, id, &sum);
		t.lookup_count = sum.packets;
		t.matched_count = sum.bytes;
		table_stats_encode(&c->out, &t);
	}
	reply_end(c, start);
	return OF_OK;
}

/* A write that takes many entries away: they are hidden before, vanish in the section in which the features change, and are freed after it,
 * in short sections all. */
struct features_write {
	struct ofproto *op;
	const struct table_features *f;
	size_t n;
	enum of_error error;
};

static void
write_hold(void *aux)
{
	ofproto_hold(((struct features_write *)aux)->op);
}

static void
write_release(void *aux)
{
	ofproto_release(((struct features_write *)aux)->op);
}

static void
write_switched(void *aux)
{
	struct features_write *w = aux;

	w->error = shape_set(w->op->tables, w->f, w->n);
	w->op->changed = true;
}

/* False: there is no memory for it, and nothing has happened. */
static bool
write_at_one_stroke(struct features_write *w, const uint64_t tables[])
{
	static const struct txn_section section = {write_hold, write_release, write_switched};
	struct flow_mod all = {.command = OFPFC_DELETE, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	struct txn *x = txn_begin(w->op->tables, &section, w);
	enum of_error error = x ? OF_OK : OFPFMFC_UNKNOWN;

	for (unsigned i = 0; i < tables_count(w->op->tables) && !error; i++) {
		all.table_id = (uint8_t)i;
		if (tables[i / 64] >> i % 64 & 1)
			error = txn_flow_mod(x, &all);
	}
	if (x && error)
		txn_abort(x);
	if (error)
		return false;
	w->op->quiet = true; /* no flow-removed for them (shape.h) */
	txn_commit(x);
	w->op->quiet = false;
	return true;
}

static enum of_error
set_features(struct ofproto *op, const struct table_features *f, size_t n)
{
	struct features_write w = {.op = op, .f = f, .n = n};
	enum of_error error = shape_check_write(op->tables, f, n);
	uint64_t tables[4];

	if (error)
		return error;
	if (shape_empties(op->tables, f, n, tables) > FEW && write_at_one_stroke(&w, tables))
		return w.error;
	ofproto_hold(op);
	error = shape_set(op->tables, f, n);
	op->changed |= !error;
	ofproto_release(op);
	return error;
}

static enum of_error
write_features(struct conn *c, struct wire *body)
{
	static struct table_features f[TABLES_MAX]; /* control thread only */
	enum of_error error = OF_OK;
	size_t n = 0;

	while (!error && wire_left(body)) {
		if (n == TABLES_MAX)
			error = OFPTFFC_BAD_TABLE;
		else
			error = table_features_decode(body, &f[n++]);
	}
	return error ? error : set_features(c->op, f, n);
}

static enum dump_step
next_table(struct conn *c, struct dump *d)
{
	const struct tables *ts = c->op->tables;

	while (d->position < tables_count(ts) && !shape_table_exists(ts, (uint8_t)d->position))
		d->position++;
	if (d->position >= tables_count(ts))
		return DUMP_END;
	table_features_encode(&d->part, shape_get(ts, (uint8_t)d->position++));
	return DUMP_ENTRY;
}

/* A request with a body is a write; both are answered with what then is. */
enum of_error
handle_mp_table_features(struct conn *c, uint32_t xid, struct wire *body)
{
	enum of_error error = OF_OK;

	if (wire_left(body) && c->s->role == OFPCR_ROLE_SLAVE)
		error = OFPBRC_IS_SLAVE;
	else if (wire_left(body) && c->read_only)
		error = OFPTFFC_EPERM;
	else if (wire_left(body))
		error = write_features(c, body);
	if (error)
		return error;
	(void)dump_prepare(c);
	dump_start(c, xid, OFPMP_TABLE_FEATURES, next_table);
	return OF_OK;
}

/* ---- EXT-192 ---- */

enum of_error
handle_onf_table_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct table_desc d;
	enum of_error error = onf_table_mod_decode(body, &d);

	(void)h;
	c->s->knows_ext192 = true;
	if (!error)
		error = table_desc_set(c->op->tables, &d);
	for (unsigned i = 0; !error && i < tables_count(c->op->tables); i++) {
		const uint64_t bit = UINT64_C(1) << i % 64;

		if (d.table_id != OFPTT_ALL && d.table_id != i)
			continue;
		c->s->vacancy_tables[i / 64] &= ~bit;
		if (d.config & OFPTC_VACANCY_EVENTS)
			c->s->vacancy_tables[i / 64] |= bit;
	}
	return error;
}

void
tell_vacancy(struct ofproto *op, uint8_t table_id, enum ofp_table_reason reason)
{
	struct table_status s = {.reason = (uint8_t)reason};

	table_desc_get(op->tables, table_id, &s.desc);
	log_info_rl(LOG_OFPROTO, "%s: table %u: %u %% of its entries are free (vacancy %s)", op->name, table_id,
	            s.desc.vacancy, reason == OFPTR_VACANCY_DOWN ? "down" : "up");
	LIST_FOR_EACH (n, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (c->main || !c->hello_seen || c->s->role == OFPCR_ROLE_SLAVE ||
		    !(c->s->vacancy_tables[table_id / 64] >> table_id % 64 & 1))
			continue;
		table_status_encode(&c->out, 0, &s);
		outq_event(c);
	}
}

static enum dump_step
next_desc(struct conn *c, struct dump *d)
{
	const struct tables *ts = c->op->tables;
	struct table_desc desc;

	while (d->position < tables_count(ts) && !shape_table_exists(ts, (uint8_t)d->position))
		d->position++;
	if (d->position >= tables_count(ts))
		return DUMP_END;
	table_desc_get(ts, (uint8_t)d->position++, &desc);
	table_desc_encode(&d->part, &desc);
	return DUMP_ENTRY;
}

enum of_error
handle_mp_table_desc(struct conn *c, uint32_t xid, struct wire *body)
{
	if (wire_left(body))
		return OFPBRC_BAD_LEN;
	c->s->knows_ext192 = true;
	dump_prepare(c)->exp_type = ONFMP_TABLE_DESC;
	dump_start(c, xid, OFPMP_EXPERIMENTER, next_desc);
	return OF_OK;
}
