/* SPDX-License-Identifier: ISC */
/* Flow tables: TABLE_MOD, and the TABLE and TABLE_FEATURES multiparts (7.3.3, 7.3.5.4, 7.3.5.5). */
#include "handlers.h"
#include "reply.h"

#include "shape.h"

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
	if (!error) {
		ofproto_hold(c->op);
		error = shape_set(c->op->tables, f, n);
		c->op->changed |= !error;
		ofproto_release(c->op);
	}
	return error;
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
