/* SPDX-License-Identifier: ISC */
/* See work.h. */
#include "work.h"

#include "conn.h"

#include "clock.h"
#include "extensions.h"
#include "loop.h"

#include <stdlib.h>

#define TURN_NS UINT64_C(3000000)
#define UNREAD_MAX (1024u * 1024) /* bytes of events that a peer may leave unread before work pauses */
#define SLICE 200u /* flow entries that go in one exclusive section */
#define NAMED 64u /* of them that cached programs are looked at for; more outdate all programs */
#define PATIENCE_NS UINT64_C(1000000000) /* for a peer that reads nothing of it */

static void
wake_all(struct ofproto *op)
{
	LIST_FOR_EACH (n, &op->conns)
		conn_again(CONTAINER_OF(n, struct conn, node));
}

/* True if the peer has too much to read, and reads. */
static bool
is_behind(struct conn *c, uint64_t now)
{
	const size_t unread = conn_output_len(c) + outq_events_len(&c->outq);
	const bool reads = !c->behind_ns || unread < c->behind_len;

	if (unread < UNREAD_MAX) {
		c->behind_ns = 0;
		return false;
	}
	if (reads)
		c->behind_ns = now;
	if (reads || now - c->behind_ns >= PATIENCE_NS)
		c->behind_len = unread;
	return now - c->behind_ns < PATIENCE_NS;
}

bool
work_should_pause(struct ofproto *op)
{
	const uint64_t now = clock_ns();
	bool behind = false;

	LIST_FOR_EACH (n, &op->conns)
		behind |= is_behind(CONTAINER_OF(n, struct conn, node), now);
	return behind;
}

static void
end(struct ofproto *op)
{
	struct work *w = op->work;

	op->work = NULL;
	w->destroy(w);
	wake_all(op);
}

/* One turn of it; the changes are those of the message that it began with. */
static void
turn(struct ofproto *op)
{
	struct work *w = op->work;
	const struct origin before = op->origin;
	const bool was_closed = w->closed;
	bool told = false, done;

	op->origin = (struct origin){w->conn, w->xid, clock_ns()};
	if (w->conn) {
		told = w->conn->monitors.told_own;
		w->conn->monitors.told_own = w->told_own;
	}
	done = w->step(op, w, loop_until(op->n_again + 1, TURN_NS));
	ofproto_release(op);
	monitors_flush(op);
	if (w->conn) {
		w->told_own = w->conn->monitors.told_own;
		w->conn->monitors.told_own = told;
	}
	op->origin = before;
	if (done)
		end(op);
	else if (was_closed && !w->closed)
		wake_all(op);
}

void
work_continue(struct ofproto *op)
{
	if (op->work)
		turn(op);
}

void
work_start(struct ofproto *op, struct work *w)
{
	w->conn = op->origin.conn;
	w->xid = op->origin.xid;
	w->told_own = false;
	op->work = w;
	ofproto_release(op);
	turn(op);
	if (op->work)
		ofproto_go_on(op);
}

void
work_cancel(struct ofproto *op)
{
	if (op->work)
		op->work->destroy(op->work);
	op->work = NULL;
}

void
work_forget(struct conn *c)
{
	if (c->op->work && c->op->work->conn == c)
		c->op->work->conn = NULL;
}

/* True if the message changes the tables; 'alone': in a way that only one may at a time. */
static bool
changes_tables(const uint8_t *msg, size_t len, bool *alone)
{
	*alone = true;
	switch (msg[1]) {
	case OFPT_FLOW_MOD: /* command: byte 25, flags: 44 and 45 (7.3.4.1) */
		*alone = len > 45 && (msg[25] == OFPFC_DELETE || msg[25] == OFPFC_MODIFY ||
		                      (get_be16(msg + 44) & OFPFF_CHECK_OVERLAP));
		return true;
	case OFPT_TABLE_MOD:
		*alone = false;
		return true;
	case OFPT_MULTIPART_REQUEST:
		return len > 9 && get_be16(msg + 8) == OFPMP_TABLE_FEATURES;
	case OFPT_EXPERIMENTER:
	case OFPT_GROUP_MOD:
	case OFPT_METER_MOD:
		return true;
	default: /* a number from the wire */
		return false;
	}
}

bool
work_holds_back(const struct conn *c, const uint8_t *msg, size_t len)
{
	const struct work *w = c->op->work;
	bool alone;

	if (!w)
		return false;
	if (w->conn == c)
		return true;
	return changes_tables(msg, len, &alone) && (alone || w->closed);
}

/* ---- a sweep ---- */

struct sweep_work {
	struct work work;
	void *aux;
};

static bool
sweep_work_step(struct ofproto *op, struct work *w, uint64_t until_ns)
{
	const enum sweep_state state = sweep_step(op->tables, until_ns);

	w->closed = state == SWEEP_LOOKS;
	return state == SWEEP_DONE;
}

static void
sweep_work_destroy(struct work *w)
{
	struct sweep_work *s = CONTAINER_OF(w, struct sweep_work, work);

	free(s->aux);
	free(s);
}

bool
work_sweep(struct ofproto *op, const struct sweep_plan *plan, void *aux)
{
	struct sweep_work *s = calloc(1, sizeof(*s));

	if (!s || !sweep_begin(op->tables, plan, &ofproto_section, op)) {
		free(s);
		free(aux);
		return false;
	}
	*s = (struct sweep_work){.work = {.step = sweep_work_step, .destroy = sweep_work_destroy}, .aux = aux};
	work_start(op, &s->work);
	return true;
}

/* ---- a group or a meter that goes ---- */

struct removal_work {
	struct work work;
	const struct removal *how;
	void *change;
};

/* One section, which is left open when all is done. */
static bool
remove_some(struct ofproto *op, const struct removal *how, void *change)
{
	unsigned removed = 0;
	bool more;

	ofproto_hold(op);
	more = how->step(change, SLICE, &removed);
	op->changed |= removed > NAMED;
	if (more)
		ofproto_release(op);
	else
		how->commit(op, change);
	return more;
}

static bool
removal_step(struct ofproto *op, struct work *w, uint64_t until_ns)
{
	struct removal_work *r = CONTAINER_OF(w, struct removal_work, work);

	while (remove_some(op, r->how, r->change)) {
		if (clock_ns() > until_ns)
			return false;
	}
	ofproto_release(op);
	return true;
}

static void
removal_destroy(struct work *w)
{
	struct removal_work *r = CONTAINER_OF(w, struct removal_work, work);

	r->how->free(r->change);
	free(r);
}

void
work_removal(struct ofproto *op, const struct removal *how, void *change)
{
	bool more = remove_some(op, how, change);
	struct removal_work *r = more ? calloc(1, sizeof(*r)) : NULL;

	if (r) {
		*r = (struct removal_work){.work = {.step = removal_step, .destroy = removal_destroy, .closed = true},
		                           .how = how,
		                           .change = change};
		work_start(op, &r->work);
		return;
	}
	while (more) /* without memory, in one go */
		more = remove_some(op, how, change);
	if (how->large)
		ofproto_release(op);
	how->free(change);
}
