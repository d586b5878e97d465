/* SPDX-License-Identifier: ISC */
/* diff-flows and replace-flows: what differs between two sets of flow entries, and making it so. */
#include "ofctl.h"

#include "action_text.h"
#include "batch.h"
#include "bundle.h"
#include "flow_sets.h"
#include "match_text.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#define SET_SWITCH 0
#define SET_FILE 1

/* ---- replace-flows ---- */

static void
put_flow_mod(struct batch *b, const struct pair *p, const struct version *v, uint8_t command)
{
	struct flow_mod fm;

	memset(&fm, 0, sizeof(fm));
	fm.command = command;
	fm.table_id = p->table_id;
	fm.priority = p->priority;
	fm.match = p->match;
	fm.buffer_id = OFP_NO_BUFFER;
	fm.out_port = OFPP_ANY;
	fm.out_group = OFPG_ANY;
	if (command == OFPFC_ADD) {
		fm.cookie = v->cookie;
		fm.idle_timeout_s = v->idle_timeout_s;
		fm.hard_timeout_s = v->hard_timeout_s;
		fm.flags = v->flags;
		fm.insts = v->insts;
	}
	{
		struct wbuf *out = batch_next(b, 0);

		flow_mod_encode(out, batch_xid(b), &fm);
	}
}

/* First what goes, then what comes or changes. */
static void
plan_changes(const struct ofctl *o, const struct flow_sets *sets, struct batch *b)
{
	for (const struct pair *p = sets->first; p; p = p->next)
		if (p->in[SET_SWITCH] && !p->in[SET_FILE])
			put_flow_mod(b, p, p->in[SET_SWITCH], OFPFC_DELETE_STRICT);
	for (const struct pair *p = sets->first; p; p = p->next)
		if (p->in[SET_FILE] &&
		    (o->readd || !p->in[SET_SWITCH] || !version_equal(p->in[SET_SWITCH], p->in[SET_FILE])))
			put_flow_mod(b, p, p->in[SET_FILE], OFPFC_ADD);
}

static int
run_replace_flows(struct ofctl *o, int argc, char **argv)
{
	struct batch b = BATCH_INIT;
	struct flow_sets sets;
	struct stat st;
	int ret = 1;

	(void)argc;
	if (strcmp(argv[1], "-") && stat(argv[1], &st) != 0)
		return fail("%s: open (%s)", argv[1], strerror(errno));
	flow_sets_init(&sets);
	if (connect_to(o, argv[0])) {
		learn_names(o, "table=x");
		if (flow_sets_from_file(o, &sets, SET_FILE, argv[1]) && flow_sets_from_switch(o, &sets, SET_SWITCH)) {
			plan_changes(o, &sets, &b);
			ret = o->bundle ? bundle_send(o, &b) : batch_send(o, &b);
		}
	}
	batch_fini(&b);
	flow_sets_fini(&sets);
	return ret;
}

/* ---- diff-flows ---- */

static void
put_version(const struct ofctl *o, char sign, const struct pair *p, const struct version *v)
{
	struct sbuf b = SBUF_INIT;

	if (p->table_id)
		sbuf_printf(&b, "table=%u ", p->table_id);
	match_format(&b, &p->match, p->priority, &o->ports);
	if (v->cookie)
		sbuf_printf(&b, " cookie=0x%" PRIx64, v->cookie);
	if (v->idle_timeout_s)
		sbuf_printf(&b, " idle_timeout=%u", v->idle_timeout_s);
	if (v->hard_timeout_s)
		sbuf_printf(&b, " hard_timeout=%u", v->hard_timeout_s);
	sbuf_putc(&b, ' ');
	insts_format(&b, &v->insts, &o->ports);
	if (o->color)
		printf("\033[%dm%c%s\033[m\n", sign == '-' ? 31 : 32, sign, sbuf_str(&b));
	else
		printf("%c%s\n", sign, sbuf_str(&b));
	sbuf_fini(&b);
}

static int
put_differences(const struct ofctl *o, const struct flow_sets *sets)
{
	int ret = 0;

	for (unsigned table = 0; table <= OFPTT_MAX; table++)
		for (const struct pair *p = sets->first; p; p = p->next) {
			if (p->table_id != table)
				continue;
			if (p->in[0] && p->in[1] && version_equal(p->in[0], p->in[1]))
				continue;
			if (p->in[0])
				put_version(o, '-', p, p->in[0]);
			if (p->in[1])
				put_version(o, '+', p, p->in[1]);
			ret = 2;
		}
	return ret;
}

static bool
is_file(const char *source)
{
	struct stat st;

	return *source == '/' || *source == '.' ||
	       (!strchr(source, ':') && stat(source, &st) == 0 && !S_ISSOCK(st.st_mode));
}

static bool
read_source(struct ofctl *o, struct flow_sets *sets, unsigned set, const char *source)
{
	bool ok;

	if (is_file(source))
		return flow_sets_from_file(o, sets, set, source);
	if (!connect_to(o, source))
		return false;
	learn_names(o, NULL);
	ok = flow_sets_from_switch(o, sets, set);
	client_close(o->client);
	o->client = NULL;
	return ok;
}

static int
run_diff_flows(struct ofctl *o, int argc, char **argv)
{
	struct flow_sets sets;
	int ret = 1;

	(void)argc;
	flow_sets_init(&sets);
	if (read_source(o, &sets, 0, argv[0]) && read_source(o, &sets, 1, argv[1]))
		ret = put_differences(o, &sets);
	flow_sets_fini(&sets);
	return ret;
}

const struct command flow_set_commands[] = {
    {"replace-flows", 2, 2, "SWITCH FILE", "make the entries those of FILE", run_replace_flows, true},
    {"diff-flows", 2, 2, "SOURCE SOURCE", "what differs between two switches or files", run_diff_flows, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
