/* SPDX-License-Identifier: ISC */
/* Flow entries: FLOW_MOD, and the FLOW and AGGREGATE multiparts (7.3.4.1, 7.3.5.2, 7.3.5.3). */
#include "handlers.h"
#include "reply.h"

#include "clock.h"
#include "shape.h"

#include <stdlib.h>

#define BUDGET 512u /* rules looked at in vain before the clock is looked at */

/* Hundreds of thousands of entries that go: false without memory for it. */
static bool
delete_in_slices(struct ofproto *op, const struct flow_mod *fm)
{
	const bool all = tables_delete_is_total(fm);
	struct flow_mod *copy = malloc(sizeof(*copy));
	const struct sweep_plan plan = {
	    .table_id = fm->table_id, .reason = OFPRR_DELETE, .wants = all ? NULL : tables_delete_wants, .aux = copy};

	if (!copy)
		return false;
	*copy = *fm;
	return work_sweep(op, &plan, copy);
}

/* Many entries at once: they change or go at one stroke, and the work before and after it is done in slices while frames pass.  Without
 * memory for that, in one go. */
static enum of_error
flow_mod_in_slices(struct ofproto *op, const struct flow_mod *fm)
{
	struct txn *x;
	enum of_error error;

	ofproto_release(op);
	if (fm->command == OFPFC_DELETE && delete_in_slices(op, fm))
		return OF_OK;
	x = txn_begin(op->tables, &ofproto_section, op);
	error = x ? txn_flow_mod(x, fm) : OFPFMFC_UNKNOWN;
	if (x && !error)
		txn_commit(x);
	else if (x)
		txn_abort(x);
	if (error != OFPFMFC_UNKNOWN && error != OFPFMFC_TABLE_FULL)
		return error;
	ofproto_hold(op);
	return tables_flow_mod(op->tables, fm);
}

/* ---- an ADD that must be compared with very many entries ---- */

struct overlap_work {
	struct work work;
	struct flow_mod fm; /* without its instructions */
	uint32_t slot;
	size_t len;
	uint8_t msg[];
};

/* The message again, now that its overlap is known. */
static void
overlap_end(struct ofproto *op, struct overlap_work *o, bool found)
{
	struct wire body = wire_init(o->msg + OFP_HEADER_LEN, o->len - OFP_HEADER_LEN);
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;
	enum of_error error = flow_mod_decode(&body, &acts, &fm);

	fm.flags = (uint16_t)(fm.flags & ~OFPFF_CHECK_OVERLAP);
	if (!error && found)
		error = OFPFMFC_OVERLAP;
	ofproto_hold(op);
	if (!error)
		error = tables_flow_mod(op->tables, &fm);
	ofproto_release(op);
	act_buf_fini(&acts);
	if (error && o->work.conn && !o->work.conn->closing)
		conn_send_error(o->work.conn, o->msg, o->len, error);
}

static bool
overlap_step(struct ofproto *op, struct work *w, uint64_t until_ns)
{
	struct overlap_work *o = CONTAINER_OF(w, struct overlap_work, work);
	bool found;

	while (tables_overlap_scan(op->tables, &o->fm, &o->slot, BUDGET, &found)) {
		if (clock_ns() > until_ns)
			return false;
	}
	overlap_end(op, o, found);
	return true;
}

static void
overlap_destroy(struct work *w)
{
	free(CONTAINER_OF(w, struct overlap_work, work));
}

/* False: no memory. */
static bool
add_in_slices(struct ofproto *op, const struct flow_mod *fm, const uint8_t *msg, size_t len)
{
	struct overlap_work *o = malloc(sizeof(*o) + len);

	if (!o)
		return false;
	*o = (struct overlap_work){
	    .work = {.step = overlap_step, .destroy = overlap_destroy, .closed = true}, .fm = *fm, .len = len};
	memcpy(o->msg, msg, len);
	work_start(op, &o->work);
	return true;
}

enum of_error
handle_flow_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	static struct act_buf acts = ACT_BUF_INIT; /* control thread only; keeps its memory for the next one */
	const uint8_t *msg = body->p - OFP_HEADER_LEN;
	struct flow_mod fm;
	enum of_error error;

	act_buf_reset(&acts);
	error = flow_mod_decode(body, &acts, &fm);
	c->s->knows_ext192 |= fm.insts.has_importance;
	if (!error && tables_overlap_is_long(c->op->tables, &fm)) {
		error = tables_flow_mod_check(c->op->tables, &fm);
		if (error || add_in_slices(c->op, &fm, msg, h->length))
			return error;
	}
	if (!error && tables_is_bulk(c->op->tables, &fm))
		return flow_mod_in_slices(c->op, &fm);
	if (!error) {
		ofproto_hold(c->op);
		error = tables_flow_mod(c->op->tables, &fm);
	}
	return error;
}

static enum of_error
decode_request(struct conn *c, struct wire *body, struct flow_stats_request *req)
{
	enum of_error error = flow_stats_request_decode(body, req);

	if (!error && wire_left(body))
		error = OFPBRC_BAD_LEN;
	if (!error && req->table_id != OFPTT_ALL && !shape_table_exists(c->op->tables, req->table_id))
		error = OFPBRC_BAD_TABLE_ID;
	return error;
}

static enum dump_step
next_flow(struct conn *c, struct dump *d)
{
	const struct rule *rule = tables_cursor_next(c->op->tables, &d->cursor, &d->req, BUDGET);
	struct flow_stats fs;

	if (!rule)
		return d->cursor.done ? DUMP_END : DUMP_PAUSE;
	rule_stats(c->op->tables, rule, &fs);
	fs.insts.has_importance &= c->s->knows_ext192;
	flow_stats_encode(&d->part, &fs);
	return DUMP_ENTRY;
}

enum of_error
handle_mp_flow(struct conn *c, uint32_t xid, struct wire *body)
{
	struct dump *d = dump_prepare(c);
	enum of_error error = decode_request(c, body, &d->req);

	if (error)
		return error;
	tables_cursor_init(&d->cursor, d->req.table_id);
	dump_start(c, xid, OFPMP_FLOW, next_flow);
	return OF_OK;
}

/* A sum of which a part is not known is not known. */
static void
add_count(uint64_t *sum, uint64_t n)
{
	*sum = *sum == UINT64_MAX || n == UINT64_MAX ? UINT64_MAX : *sum + n;
}

/* One entry in all: it is written when the walk has ended. */
static enum dump_step
next_sum(struct conn *c, struct dump *d)
{
	for (unsigned n = 0; n < BUDGET; n++) {
		const struct rule *rule = tables_cursor_next(c->op->tables, &d->cursor, &d->req, BUDGET);
		struct counter_sum sum;

		if (!rule && !d->cursor.done)
			return DUMP_PAUSE;
		if (!rule) {
			aggregate_stats_encode(&d->part, &d->sum);
			return DUMP_END;
		}
		counters_read(c->op->counters, rule->counter, &sum);
		add_count(&d->sum.packet_count, rule_packets(rule, &sum));
		add_count(&d->sum.byte_count, rule_bytes(rule, &sum));
		d->sum.flow_count++;
	}
	return DUMP_PAUSE;
}

enum of_error
handle_mp_aggregate(struct conn *c, uint32_t xid, struct wire *body)
{
	struct dump *d = dump_prepare(c);
	enum of_error error = decode_request(c, body, &d->req);

	if (error)
		return error;
	tables_cursor_init(&d->cursor, d->req.table_id);
	dump_start(c, xid, OFPMP_AGGREGATE, next_sum);
	return OF_OK;
}
