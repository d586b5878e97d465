/* SPDX-License-Identifier: ISC */
/* Flow monitors: requests, updates, pause and resume (EXT-187; see monitor.h).
 *
 * What the extension's text leaves open is as in Open vSwitch: monitors of a connection that ask for the same flow share one update; own
 * changes are abbreviated, once a message, unless one of the monitors asks for them in full; an ADD that replaces a flow is a
 * modification. */
#include "handlers.h"
#include "monitor.h"
#include "reply.h"

#include "clock.h"
#include "extensions.h"
#include "log.h"
#include "shape.h"

#include <event2/bufferevent.h>
#include <stdlib.h>

#define MAX_MONITORS 64
#define PAUSE_AT (128u * 1024) /* bytes */
#define RESUME_AT (32u * 1024)
#define CLOSE_AT (8u * 1024 * 1024)
#define PART_MAX 32000u /* bytes of one message, unless one update is longer */
#define PART_HEAD 24u
#define BUDGET 512u /* rules looked at in vain before the clock is looked at */

struct monitor {
	struct list node;
	uint32_t id;
	uint16_t flags;
	bool initial; /* what is there is being told */
	struct flow_stats_request what;
};

void
monitors_init(struct monitors *ms)
{
	*ms = (struct monitors){.out = WBUF_INIT(1u << 18)};
	list_init(&ms->list);
}

static void
forget(struct monitors *ms, struct monitor *m, struct ofproto *op)
{
	list_remove(&m->node);
	free(m);
	ms->n--;
	op->n_monitors--;
	if (!ms->n)
		ms->state = MONITORS_RUN;
}

void
monitors_fini(struct monitors *ms, struct ofproto *op)
{
	while (!list_is_empty(&ms->list))
		forget(ms, CONTAINER_OF(ms->list.next, struct monitor, node), op);
	wbuf_fini(&ms->out);
}

/* ---- updates ---- */

static void
flush(struct conn *c)
{
	struct monitors *ms = &c->monitors;

	if (!ms->out.len)
		return;
	dump_cut(c); /* what a walk has found before this came before it */
	ofp_end(&ms->out, 0);
	ms->lost |= !wbuf_ok(&ms->out);
	if (!ms->lost && !c->closing)
		bufferevent_write(c->bev, ms->out.data, ms->out.len);
	wbuf_reset(&ms->out);
}

void
monitors_flush(struct ofproto *op)
{
	if (!op->n_monitors)
		return;
	LIST_FOR_EACH_SAFE (n, next, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		flush(c);
		if (c->monitors.lost)
			conn_close(c, "the peer does not read what its flow monitors tell");
	}
}

static void
say(struct conn *c, uint32_t exp_type)
{
	flush(c);
	dump_cut(c);
	onf_simple_encode(&c->out, 0, exp_type);
	conn_flush_out(c);
}

/* The flags of all monitors that want to hear of this. */
static unsigned
wanted(const struct monitors *ms, const struct rule *rule, unsigned flag, bool initial_only)
{
	unsigned flags = 0;

	LIST_FOR_EACH (n, &ms->list) {
		const struct monitor *m = CONTAINER_OF(n, const struct monitor, node);

		if ((m->flags & flag) && (!initial_only || m->initial) && rule_is_selected(rule, &m->what))
			flags |= m->flags;
	}
	return flags;
}

static void
put_update(const struct conn *c, struct wbuf *b, const struct rule *rule, unsigned event, unsigned reason, bool actions)
{
	struct flow_update u = {.event = (uint16_t)event, .reason = (uint16_t)reason};
	struct flow_stats fs;

	rule_stats(c->op->tables, rule, &fs);
	fs.insts.has_importance &= c->s->knows_ext192;
	u.priority = fs.priority;
	u.idle_timeout_s = fs.idle_timeout_s;
	u.hard_timeout_s = fs.hard_timeout_s;
	u.table_id = fs.table_id;
	u.cookie = fs.cookie;
	u.match = fs.match;
	if (actions)
		u.insts = fs.insts;
	flow_update_encode(b, &u);
}

/* The part that the next update goes to. */
static struct wbuf *
open_part(struct conn *c)
{
	struct wbuf *b = &c->monitors.out;

	if (!b->len)
		(void)onf_multipart_begin(b, OFPT_MULTIPART_REPLY, 0, ONFMP_FLOW_MONITOR, 0);
	return b;
}

/* Sends what is before an update that has made the part too long. */
static void
end_part(struct conn *c, size_t before)
{
	struct wbuf *b = &c->monitors.out;
	const size_t len = b->len - before;
	uint8_t *update;

	if (b->len <= PART_MAX)
		return;
	if (before == PART_HEAD || !wbuf_ok(b)) {
		flush(c);
		return;
	}
	update = malloc(len);
	if (update)
		memcpy(update, b->data + before, len);
	b->len = before;
	flush(c);
	c->monitors.lost |= !update;
	if (update)
		wbuf_put(open_part(c), update, len);
	free(update);
}

/* True when an update must not be sent now. */
static bool
held_back(struct conn *c, unsigned event)
{
	struct monitors *ms = &c->monitors;
	const size_t waits = conn_output_len(c) + ms->out.len;

	ms->lost |= waits > CLOSE_AT;
	if (ms->lost)
		return true;
	if (ms->state != MONITORS_SILENT && waits > PAUSE_AT) {
		if (ms->state == MONITORS_RUN)
			say(c, ONFT_FLOW_MONITOR_PAUSED);
		ms->state = MONITORS_SILENT;
		ms->since_ns = c->op->origin.begin_ns;
	}
	return ms->state == MONITORS_SILENT && event != ONFFME_DELETED;
}

static void
tell(struct conn *c, const struct rule *rule, unsigned event, unsigned reason)
{
	const struct origin *origin = &c->op->origin;
	const unsigned flag = event == ONFFME_ADDED     ? ONFFMF_ADD
	                      : event == ONFFME_DELETED ? ONFFMF_DELETE
	                                                : ONFFMF_MODIFY;
	const unsigned flags = wanted(&c->monitors, rule, flag, false);
	const struct flow_update own = {.event = ONFFME_ABBREV, .xid = origin->xid};
	struct wbuf *b;
	size_t before;

	if (!flags || held_back(c, event))
		return;
	b = open_part(c);
	before = b->len;
	if (origin->conn != c || (flags & ONFFMF_OWN)) {
		put_update(c, b, rule, event, reason, (flags & ONFFMF_ACTIONS) && event != ONFFME_DELETED);
	} else if (!c->monitors.told_own) {
		flow_update_encode(b, &own);
		c->monitors.told_own = true;
	}
	end_part(c, before);
}

void
monitors_tell(struct ofproto *op, const struct rule *rule, unsigned event, unsigned reason)
{
	if (!op->n_monitors)
		return;
	LIST_FOR_EACH_SAFE (n, next, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (c->monitors.n)
			tell(c, rule, event, reason);
	}
}

/* ---- walks: what is there at first, and what has changed during a pause ---- */

static enum dump_step
walk_end(struct conn *c)
{
	LIST_FOR_EACH (n, &c->monitors.list)
		CONTAINER_OF(n, struct monitor, node)->initial = false;
	return DUMP_END;
}

static enum dump_step
next_initial(struct conn *c, struct dump *d)
{
	const struct rule *rule = tables_cursor_next(c->op->tables, &d->cursor, &d->req, BUDGET);
	unsigned flags;

	if (!rule)
		return d->cursor.done ? walk_end(c) : DUMP_PAUSE;
	flags = wanted(&c->monitors, rule, ONFFMF_INITIAL, true);
	if (flags)
		put_update(c, &d->part, rule, ONFFME_ADDED, 0, (flags & ONFFMF_ACTIONS) != 0);
	return DUMP_ENTRY;
}

static void
walk_start(struct conn *c, uint32_t xid, enum dump_step (*next)(struct conn *, struct dump *))
{
	struct dump *d = dump_prepare(c);

	d->req = (struct flow_stats_request){.table_id = OFPTT_ALL, .out_port = OFPP_ANY, .out_group = OFPG_ANY};
	d->exp_type = ONFMP_FLOW_MONITOR;
	tables_cursor_init(&d->cursor, OFPTT_ALL);
	dump_start(c, xid, OFPMP_EXPERIMENTER, next);
}

static enum dump_step
resume_end(struct conn *c)
{
	if (c->monitors.state == MONITORS_WALK)
		c->monitors.state = MONITORS_DONE; /* RESUMED follows the last part */
	return DUMP_END;
}

static enum dump_step
next_changed(struct conn *c, struct dump *d)
{
	const struct rule *rule = tables_cursor_next(c->op->tables, &d->cursor, &d->req, BUDGET);
	const uint64_t since = c->monitors.walk_ns;
	unsigned event, flags;

	if (!rule)
		return d->cursor.done ? resume_end(c) : DUMP_PAUSE;
	if (rule->created_ns < since && rule->modified_ns < since)
		return DUMP_ENTRY;
	event = rule->created_ns < since ? ONFFME_MODIFIED : ONFFME_ADDED;
	flags = wanted(&c->monitors, rule, event == ONFFME_ADDED ? ONFFMF_ADD : ONFFMF_MODIFY, false);
	if (flags)
		put_update(c, &d->part, rule, event, 0, (flags & ONFFMF_ACTIONS) != 0);
	return DUMP_ENTRY;
}

void
monitors_resume(struct conn *c)
{
	struct monitors *ms = &c->monitors;

	if (c->dump.active || c->closing)
		return;
	if (ms->state == MONITORS_SILENT && conn_output_len(c) < RESUME_AT) {
		ms->state = MONITORS_WALK;
		ms->walk_ns = ms->since_ns;
		walk_start(c, 0, next_changed);
	}
	if (ms->state == MONITORS_DONE && !c->dump.active) {
		ms->state = MONITORS_RUN;
		say(c, ONFT_FLOW_MONITOR_RESUMED);
	}
}

/* ---- requests ---- */

static struct monitor *
find(const struct monitors *ms, uint32_t id)
{
	LIST_FOR_EACH (n, &ms->list) {
		struct monitor *m = CONTAINER_OF(n, struct monitor, node);

		if (m->id == id)
			return m;
	}
	return NULL;
}

static enum of_error
check(const struct conn *c, const struct flow_monitor_request *r)
{
	if (!(r->flags & (ONFFMF_ADD | ONFFMF_DELETE | ONFFMF_MODIFY)) || (r->flags & ~ONFFMF_ALL))
		return OFPMOFC_BAD_FLAGS;
	if (r->table_id != OFPTT_ALL && !shape_table_exists(c->op->tables, r->table_id))
		return OFPMOFC_BAD_TABLE_ID;
	if (!r->out_port || r->out_port == OFPP_TABLE)
		return OFPMOFC_BAD_OUT;
	if (find(&c->monitors, r->id))
		return OFPMOFC_MONITOR_EXISTS;
	return c->monitors.n >= MAX_MONITORS ? OFPMOFC_UNKNOWN : OF_OK;
}

static enum of_error
add(struct conn *c, const struct flow_monitor_request *r)
{
	struct monitor *m = malloc(sizeof(*m));

	if (!m)
		return OFPMOFC_UNKNOWN;
	*m = (struct monitor){
	    .id = r->id,
	    .flags = r->flags,
	    .initial = (r->flags & ONFFMF_INITIAL) != 0,
	    .what = {.table_id = r->table_id, .out_port = r->out_port, .out_group = OFPG_ANY, .match = r->match}};
	list_push_back(&c->monitors.list, &m->node);
	c->monitors.n++;
	c->op->n_monitors++;
	return OF_OK;
}

/* All the monitors of a request, or none. */
enum of_error
handle_mp_flow_monitor(struct conn *c, uint32_t xid, struct wire *body)
{
	const unsigned before = c->monitors.n;
	enum of_error error = OF_OK;

	while (!error && wire_left(body)) {
		struct flow_monitor_request r;

		error = flow_monitor_request_decode(body, &r);
		if (!error)
			error = check(c, &r);
		if (!error)
			error = add(c, &r);
	}
	while (error && c->monitors.n > before)
		forget(&c->monitors, CONTAINER_OF(c->monitors.list.prev, struct monitor, node), c->op);
	if (!error)
		walk_start(c, xid, next_initial);
	return error;
}

enum of_error
handle_monitor_cancel(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct monitor *m;
	uint32_t id;
	enum of_error error = flow_monitor_cancel_decode(body, &id);

	(void)h;
	if (error)
		return error;
	m = find(&c->monitors, id);
	if (!m)
		return OFPMOFC_UNKNOWN_MONITOR;
	forget(&c->monitors, m, c->op);
	return OF_OK;
}
