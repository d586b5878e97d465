/* SPDX-License-Identifier: ISC */
/* Prints the ONF extensions: bundles (EXT-230) and flow monitors (EXT-187); those of tables are in print_table_desc.c. */
#include "print_ctx.h"

#include "action_text.h"
#include "extensions.h"
#include "match_text.h"

#include <inttypes.h>

static void
put_bundle_head(struct sbuf *b, uint32_t id, const char *type, uint16_t flags)
{
	sbuf_printf(b, "\n bundle_id=%#" PRIx32, id);
	if (type)
		sbuf_printf(b, " type=%s", type);
	sbuf_puts(b, " flags=");
	if (flags & OFPBF_ATOMIC)
		sbuf_puts(b, "atomic");
	if (flags & OFPBF_ORDERED)
		sbuf_puts(b, flags & OFPBF_ATOMIC ? " ordered" : "ordered");
	if (flags & ~OFPBF_ALL)
		sbuf_printf(b, "%s0x%x", flags & OFPBF_ALL ? " " : "", (unsigned)flags & ~OFPBF_ALL);
	if (!flags)
		sbuf_putc(b, '0');
	sbuf_putc(b, '\n');
}

static enum of_error
print_bundle_control(struct print_ctx *c)
{
	static const char *const types[] = {"OPEN_REQUEST",   "OPEN_REPLY",   "CLOSE_REQUEST",   "CLOSE_REPLY",
	                                    "COMMIT_REQUEST", "COMMIT_REPLY", "DISCARD_REQUEST", "DISCARD_REPLY"};
	struct bundle_control bc;
	const enum of_error error = bundle_control_decode(&c->body, &bc);

	if (!error)
		put_bundle_head(c->b, bc.bundle_id, bc.type < 8 ? types[bc.type] : "", bc.flags);
	return error;
}

static enum of_error
print_bundle_add(struct print_ctx *c)
{
	struct bundle_add a;
	const enum of_error error = bundle_add_decode(&c->body, &a);

	if (error)
		return error;
	put_bundle_head(c->b, a.bundle_id, NULL, a.flags);
	if (a.len >= OFP_HEADER_LEN && a.msg[1] == OFPT_EXPERIMENTER)
		print_hex(c->b, a.msg, a.len); /* bundles do not nest */
	else
		ofp_print_verbose(c->b, a.msg, a.len, c->names, c->verbosity);
	return OF_OK;
}

static enum of_error
print_monitor_cancel(struct print_ctx *c)
{
	uint32_t id;
	const enum of_error error = flow_monitor_cancel_decode(&c->body, &id);

	if (!error)
		sbuf_printf(c->b, " id=%" PRIu32 "\n", id);
	return error;
}

static enum of_error
print_bare(struct print_ctx *c)
{
	if (wire_left(&c->body))
		return OFPBRC_BAD_LEN;
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

static const struct {
	uint32_t type;
	const char *name;
	print_fn *print;
} rows[] = {
    {ONFT_FLOW_MONITOR_CANCEL, "ONFT_FLOW_MONITOR_CANCEL", print_monitor_cancel},
    {ONFT_FLOW_MONITOR_PAUSED, "ONFT_FLOW_MONITOR_PAUSED", print_bare},
    {ONFT_FLOW_MONITOR_RESUMED, "ONFT_FLOW_MONITOR_RESUMED", print_bare},
    {ONFT_TABLE_MOD, "ONFT_TABLE_MOD", print_onf_table_mod},
    {ONFT_TABLE_STATUS, "ONFT_TABLE_STATUS", print_table_status},
    {ONFT_BUNDLE_CONTROL, "ONFT_BUNDLE_CONTROL", print_bundle_control},
    {ONFT_BUNDLE_ADD_MESSAGE, "ONFT_BUNDLE_ADD_MESSAGE", print_bundle_add},
};

print_fn *
extension_printer(uint32_t experimenter, uint32_t type, const char **name)
{
	for (size_t i = 0; experimenter == ONF_EXPERIMENTER_ID && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type) {
			*name = rows[i].name;
			return rows[i].print;
		}
	return NULL;
}

/* ---- flow monitor, multipart ---- */

static void
put_monitor_flags(struct sbuf *b, uint16_t flags)
{
	static const char *const names[] = {"initial", "add", "delete", "modify", "actions", "own"};
	bool first = true;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & 1u << i) {
			sbuf_printf(b, "%s%s", first ? "" : ",", names[i]);
			first = false;
		}
	if (first)
		sbuf_putc(b, '0');
}

static enum of_error
print_monitor_request(struct print_ctx *c)
{
	struct flow_monitor_request r;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body)) {
		error = flow_monitor_request_decode(&c->body, &r);
		if (error)
			break;
		sbuf_printf(c->b, " id=%" PRIu32 " flags=", r.id);
		put_monitor_flags(c->b, r.flags);
		if (r.out_port != OFPP_ANY) {
			sbuf_puts(c->b, " out_port=");
			port_format(c->b, r.out_port, c->names);
		}
		if (r.table_id != OFPTT_ALL) {
			sbuf_puts(c->b, " table=");
			table_format(c->b, r.table_id, c->names);
		}
		sbuf_putc(c->b, ' ');
		match_format(c->b, &r.match, OFP_DEFAULT_PRIORITY, c->names);
		sbuf_chomp(c->b, ' ');
		sbuf_putc(c->b, '\n');
	}
	return error;
}

static void
put_update(struct sbuf *b, const struct flow_update *u, const struct port_names *names)
{
	static const char *const events[] = {"ADDED", "DELETED", "MODIFIED"};
	static const char *const reasons[] = {"idle", "hard", "delete", "group_delete", "meter_delete", "eviction"};
	size_t start;

	if (u->event == ONFFME_ABBREV) {
		sbuf_printf(b, " event=ABBREV xid=0x%" PRIx32 "\n", u->xid);
		return;
	}
	sbuf_printf(b, " event=%s", events[u->event]);
	if (u->event == ONFFME_DELETED && u->reason < sizeof(reasons) / sizeof(reasons[0]))
		sbuf_printf(b, " reason=%s", reasons[u->reason]);
	else if (u->event == ONFFME_DELETED)
		sbuf_printf(b, " reason=%u", u->reason);
	sbuf_puts(b, " table=");
	table_format(b, u->table_id, names);
	if (u->idle_timeout_s)
		sbuf_printf(b, " idle_timeout=%u", u->idle_timeout_s);
	if (u->hard_timeout_s)
		sbuf_printf(b, " hard_timeout=%u", u->hard_timeout_s);
	sbuf_printf(b, " cookie=%#" PRIx64 " ", u->cookie);
	start = b->len;
	match_format(b, &u->match, u->priority, names);
	if (u->insts.present) {
		if (b->len > start)
			sbuf_putc(b, ' ');
		insts_format(b, &u->insts, names);
	}
	sbuf_putc(b, '\n');
}

static enum of_error
print_monitor_reply(struct print_ctx *c)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_update u;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body)) {
		act_buf_reset(&acts);
		error = flow_update_decode(&c->body, &acts, &u);
		if (!error)
			put_update(c->b, &u, c->names);
	}
	act_buf_fini(&acts);
	return error;
}

const struct extension_multipart *
extension_multipart(uint32_t experimenter, uint32_t type)
{
	static const struct extension_multipart multiparts[] = {
	    {ONFMP_FLOW_MONITOR, "ONFST_FLOW_MONITOR", print_monitor_request, print_monitor_reply},
	    {ONFMP_TABLE_DESC, "ONFST_TABLE_DESC", print_bare, print_table_desc},
	};

	for (size_t i = 0; experimenter == ONF_EXPERIMENTER_ID && i < sizeof(multiparts) / sizeof(multiparts[0]); i++)
		if (multiparts[i].type == type)
			return &multiparts[i];
	return NULL;
}
