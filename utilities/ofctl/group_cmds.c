/* SPDX-License-Identifier: ISC */
/* Commands on groups. */
#include "ofctl.h"

#include "changes.h"
#include "dump_json.h"
#include "group_text.h"
#include "note.h"

bool
change_group(struct ofctl *o, struct batch *b, const char *text, int command, const char *where, unsigned line)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct group_mod gm;
	uint32_t usable = 0;
	bool ok = group_parse_mod(text, command, &o->ports, &acts, &gm, &usable, &err);

	if (ok)
		ok = formats_allow(o, usable, &err);
	if (ok) {
		struct wbuf *out = batch_next(b, line);

		group_mod_encode(out, batch_xid(b), &gm);
	} else
		fail_parse(o,
		           strncmp(sbuf_str(&err), "insert-", 7) && strncmp(sbuf_str(&err), "remove-", 7) ? where : "",
		           &err);
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ok;
}

static int
change_groups(struct ofctl *o, const char *target, const char *text, int command, bool is_file)
{
	return changes_make(o, target, text, command, is_file, text, change_group);
}

static int
run_add_group(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_groups(o, argv[0], argv[1], OFPGC_ADD, false);
}

static int
run_add_groups(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_groups(o, argv[0], argv[1], GROUP_PARSE_FILE, true);
}

static int
run_mod_group(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_groups(o, argv[0], argv[1], o->may_create ? GROUP_ADD_OR_MOD : OFPGC_MODIFY, false);
}

static int
run_del_groups(struct ofctl *o, int argc, char **argv)
{
	return change_groups(o, argv[0], argc > 1 ? argv[1] : "", OFPGC_DELETE, false);
}

static int
run_insert_buckets(struct ofctl *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	return fail("insert-bucket needs OpenFlow 1.5 or later ('-O OpenFlow15')");
}

static int
run_remove_buckets(struct ofctl *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	return fail("none of the usable flow formats (OpenFlow10,NXM,OXM-OpenFlow15) is among the allowed flow formats "
	            "(OXM-OpenFlow13)");
}

/* ---- looking ---- */

/* At 1.3 all groups are described, whichever is asked for. */
static int
run_dump_groups(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, NULL);
	return o->json ? json_groups(o) : ask_multipart(o, OFPMP_GROUP_DESC, print_reply, NULL);
}

static int
run_dump_group_stats(struct ofctl *o, int argc, char **argv)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	struct group_mod gm;
	uint32_t usable, xid;
	int ret = 1;

	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, NULL);
	if (!group_parse_mod(argc > 1 ? argv[1] : "", OFPGC_DELETE, &o->ports, &acts, &gm, &usable, &err)) {
		fail_parse(o, "", &err);
	} else {
		xid = client_xid(o->client);
		group_stats_request_encode(&b, xid, gm.group_id);
		ret = o->json ? json_group_stats(o, &b, xid) : transact(o, &b, xid, print_reply, NULL);
	}
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

static int
run_dump_group_features(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	return o->json ? json_group_features(o) : ask_multipart(o, OFPMP_GROUP_FEATURES, print_reply, NULL);
}

const struct command group_commands[] = {
    {"dump-groups", 1, 2, "SWITCH", "groups", run_dump_groups, false},
    {"dump-group-stats", 1, 2, "SWITCH [group_id=GROUP]", "counters of groups", run_dump_group_stats, false},
    {"dump-group-features", 1, 1, "SWITCH", "what groups can do", run_dump_group_features, false},
    {"add-group", 2, 2, "SWITCH GROUP", "add one group", run_add_group, true},
    {"add-groups", 2, 2, "SWITCH FILE", "add, modify, delete as the lines of FILE say", run_add_groups, true},
    {"mod-group", 2, 2, "SWITCH GROUP", "change a group (--may-create: or add it)", run_mod_group, true},
    {"del-groups", 1, 2, "SWITCH [group_id=GROUP]", "delete a group or all", run_del_groups, true},
    {"insert-buckets", 2, 2, "SWITCH GROUP", NULL, run_insert_buckets, true},
    {"remove-buckets", 2, 2, "SWITCH GROUP", NULL, run_remove_buckets, true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
