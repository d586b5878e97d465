/* SPDX-License-Identifier: ISC */
/* monitor and snoop: whatever a switch sends, until interrupted.
 *
 * Frames come when MISSLEN asks for them.  watch: asks for a flow monitor (ONF EXT-187): every change of flow entries. */
#include "ofctl.h"

#include "extensions.h"
#include "flow_query.h"
#include "match_text.h"
#include "print.h"
#include "token.h"
#include "usable.h"
#include "xalloc.h"

#include <stdlib.h>
#include <time.h>

static void
put_timestamp(void)
{
	struct timespec ts;
	struct tm tm;
	char when[32];

	clock_gettime(CLOCK_REALTIME, &ts);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", gmtime_r(&ts.tv_sec, &tm));
	printf("%s.%03ld: ", when, ts.tv_nsec / 1000000);
}

/* Prints messages as they come; echo requests are answered unseen. */
static int
follow(struct ofctl *o)
{
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg;
	size_t len;

	while ((msg = client_recv(o->client, -1, &len, &err)) != NULL) {
		if (ofp_hdr_decode(msg).type == OFPT_BARRIER_REPLY && !o->verbosity)
			continue;
		if (o->timestamp)
			put_timestamp();
		print_message(o, stdout, msg, len);
		fflush(stdout);
	}
	fail("%s: receive failed (%s)", target_name(o), sbuf_str(&err));
	sbuf_fini(&err);
	return 1;
}

static int
keep_config(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct wire w = wire_init(msg, len);

	wire_skip(&w, OFP_HEADER_LEN);
	return switch_config_decode(&w, aux) ? fail("%s: bad reply to config request", o->target) : 0;
}

static int
ask_packet_in(struct ofctl *o, uint16_t miss_send_len)
{
	struct switch_config s = {.flags = OFPC_FRAG_NORMAL, .miss_send_len = 0};
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	int ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST, keep_config, &s);

	s.miss_send_len = miss_send_len;
	switch_config_encode(&b, OFPT_SET_CONFIG, client_xid(o->client), &s);
	if (!ret)
		ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	return ret;
}

/* ---- watch: ---- */

static bool
read_watch_key(struct ofctl *o, const char *text, const struct token *t, struct flow_monitor_request *r,
               struct loose_match *m)
{
	static const struct {
		const char *name;
		uint16_t clears;
	} words[] = {
	    {"!initial", ONFFMF_INITIAL}, {"!add", ONFFMF_ADD},         {"!delete", ONFFMF_DELETE},
	    {"!modify", ONFFMF_MODIFY},   {"!actions", ONFFMF_ACTIONS}, {"!own", ONFFMF_OWN},
	};
	struct sbuf err = SBUF_INIT;
	uint32_t usable = USABLE_ANY;
	enum match_word w;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(t->key, words[i].name)) {
			r->flags &= (uint16_t)~words[i].clears;
			return true;
		}
	if (!strcmp(t->key, "table"))
		return table_parse(t->value, &o->ports, &r->table_id) ||
		       (fail("unknown table \"%s\"", t->value), false);
	if (!strcmp(t->key, "out_port"))
		return port_parse(t->value, &o->ports, &r->out_port) ||
		       (fail("%s is not a valid OpenFlow port", t->value), false);
	w = match_word_parse(m, t->key, t->value, &o->ports, &usable, &err);
	if (w == MATCH_WORD_UNKNOWN)
		fail(*t->value ? "%s: unknown keyword %s" : "%s: field %s missing value", text, t->key);
	else if (w == MATCH_WORD_BAD)
		fail_parse(o, "", &err);
	sbuf_fini(&err);
	return w == MATCH_WORD_OK;
}

static bool
read_watch(struct ofctl *o, const char *text, struct flow_monitor_request *r)
{
	struct loose_match m = {.key = {.in_port = 0}};
	char *copy = xstrdup(text), *rest = copy;
	struct token t;
	bool ok = true;

	memset(r, 0, sizeof(*r));
	r->flags = ONFFMF_INITIAL | ONFFMF_ADD | ONFFMF_DELETE | ONFFMF_MODIFY | ONFFMF_ACTIONS | ONFFMF_OWN;
	r->out_port = OFPP_ANY;
	r->table_id = OFPTT_ALL;
	while (ok && token_next(&rest, &t))
		ok = read_watch_key(o, text, &t, r, &m);
	(void)loose_to_match(&m, &r->match);
	free(copy);
	return ok;
}

/* The reply begins with what is there; follow() prints what comes after. */
static int
ask_watch(struct ofctl *o, const char *text, uint32_t id)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	struct flow_monitor_request r;
	size_t start;
	int ret;

	learn_names(o, text);
	if (!read_watch(o, text, &r))
		return 1;
	r.id = id;
	start = onf_multipart_begin(&b, OFPT_MULTIPART_REQUEST, xid, ONFMP_FLOW_MONITOR, 0);
	flow_monitor_request_encode(&b, &r);
	ofp_end(&b, start);
	ret = transact(o, &b, xid, print_reply, NULL);
	fflush(stdout);
	wbuf_fini(&b);
	return ret;
}

/* monitor SWITCH [MISSLEN] [invalid_ttl] [watch:...] */
static int
run_monitor(struct ofctl *o, int argc, char **argv)
{
	uint32_t id = 0;

	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, NULL);
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		int ret = 0;

		if (*arg >= '0' && *arg <= '9')
			ret = ask_packet_in(o, (uint16_t)atoi(arg));
		else if (!strcmp(arg, "invalid_ttl"))
			ret = fail(
			    "invalid_ttl requires one of the OpenFlow versions OpenFlow10, OpenFlow11, OpenFlow12 but "
			    "none is enabled (use -O)");
		else if (!strncmp(arg, "watch:", 6))
			ret = ask_watch(o, arg + 6, id++);
		else
			ret = fail("%s: unsupported \"monitor\" argument", arg);
		if (ret)
			return ret;
	}
	return follow(o);
}

/* The other socket of a bridge: what passes between it and its controllers. */
static int
run_snoop(struct ofctl *o, int argc, char **argv)
{
	struct sbuf err = SBUF_INIT;

	(void)argc;
	o->target = argv[0];
	o->client = client_open_suffix(argv[0], "snoop", &o->options, &err);
	if (!o->client) {
		fail("%s", sbuf_str(&err));
		sbuf_fini(&err);
		return 1;
	}
	return follow(o);
}

const struct command monitor_commands[] = {
    {"monitor", 1, MANY, "SWITCH [MISSLEN] [watch:FLOW]", "what the switch sends by itself", run_monitor, false},
    {"snoop", 1, 1, "SWITCH", "what passes between the switch and its controllers", run_snoop, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
