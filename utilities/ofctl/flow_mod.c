/* SPDX-License-Identifier: ISC */
/* Adding, changing and deleting flow entries. */
#include "ofctl.h"

#include "changes.h"
#include "flow_text.h"
#include "note.h"

static void
put_message(struct batch *b, unsigned line, const struct flow_mod *fm)
{
	struct wbuf *out = batch_next(b, line);

	flow_mod_encode(out, batch_xid(b), fm);
}

bool
change_flow(struct ofctl *o, struct batch *b, const char *text, int command, const char *where, unsigned line)
{
	struct flow_parse_info info = {.usable = 0, .ignored = SBUF_INIT};
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;
	bool ok = flow_parse_any(text, command, &o->ports, &acts, &fm, &info, &err);

	if (ok && info.ignored.len)
		note_ignored(sbuf_str(&info.ignored));
	if (ok)
		ok = formats_allow(o, info.usable, &err);
	if (ok)
		put_message(b, line, &fm);
	else
		fail_parse(o, where, &err);
	sbuf_fini(&info.ignored);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ok;
}

static int
change_flows(struct ofctl *o, const char *target, const char *text, int command, bool is_file)
{
	is_file |= !strcmp(text, "-");
	return changes_make(o, target, text, command, is_file, is_file ? "table=x" : text, change_flow);
}

static int
run_add_flow(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_flows(o, argv[0], argv[1], !strcmp(argv[1], "-") ? FLOW_PARSE_FILE : OFPFC_ADD, false);
}

static int
run_add_flows(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_flows(o, argv[0], argv[1], FLOW_PARSE_FILE, true);
}

static int
run_mod_flows(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_flows(o, argv[0], argv[1], o->strict ? OFPFC_MODIFY_STRICT : OFPFC_MODIFY, false);
}

static int
run_del_flows(struct ofctl *o, int argc, char **argv)
{
	return change_flows(o, argv[0], argc > 1 ? argv[1] : "", o->strict ? OFPFC_DELETE_STRICT : OFPFC_DELETE, false);
}

const struct command flow_mod_commands[] = {
    {"add-flow", 2, 2, "SWITCH FLOW", "add one flow entry", run_add_flow, true},
    {"add-flows", 2, 2, "SWITCH FILE", "add, modify, delete as the lines of FILE say", run_add_flows, true},
    {"mod-flows", 2, 2, "SWITCH FLOW", "change the actions of matching entries", run_mod_flows, true},
    {"del-flows", 1, 2, "SWITCH [FLOW]", "delete matching entries", run_del_flows, true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
