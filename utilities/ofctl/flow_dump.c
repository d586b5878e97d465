/* SPDX-License-Identifier: ISC */
/* Listing and counting flow entries.  Parts of a reply are printed as they come; only sorting keeps them all. */
#include "ofctl.h"

#include "color.h"
#include "dump_json.h"
#include "flow_query.h"
#include "flow_text.h"
#include "json.h"
#include "match_text.h"
#include "table_desc.h"
#include "watch.h"
#include "xalloc.h"

#include <stdlib.h>
#include <strings.h>

/* ---- asking ---- */

bool
flow_query_parse(struct ofctl *o, const char *text, struct flow_stats_request *r)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;
	const bool ok = flow_parse(text, FLOW_PARSE_QUERY, &o->ports, &acts, &fm, &err);

	if (!ok) {
		fail_parse(o, "", &err);
	} else {
		memset(r, 0, sizeof(*r));
		r->table_id = fm.table_id;
		r->out_port = fm.out_port;
		r->out_group = fm.out_group;
		r->cookie = fm.cookie;
		r->cookie_mask = fm.cookie_mask;
		r->match = fm.match;
	}
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ok;
}

int
flow_query_send(struct ofctl *o, const struct flow_stats_request *r, uint16_t mp_type, reply_fn *each, void *aux)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	if (mp_type == OFPMP_FLOW)
		tell_ext192(o);
	flow_stats_request_encode(&b, xid, mp_type, r);
	ret = transact(o, &b, xid, each, aux);
	wbuf_fini(&b);
	return ret;
}

int
flow_query_each(struct ofctl *o, const uint8_t *msg, size_t len, flow_entry_fn *each, void *aux)
{
	struct wire w = wire_init(msg, len);
	struct act_buf acts = ACT_BUF_INIT;
	struct multipart_hdr h;
	struct flow_stats fs;
	int ret = 0;

	wire_skip(&w, OFP_HEADER_LEN);
	if (multipart_hdr_decode(&w, &h) || h.type != OFPMP_FLOW)
		ret = fail("received bad reply");
	while (!ret && wire_left(&w) > 0) {
		act_buf_reset(&acts);
		ret = flow_stats_decode(&w, &acts, &fs) ? fail("received bad reply") : each(o, &fs, aux);
	}
	act_buf_fini(&acts);
	return ret;
}

/* ---- lines ---- */

/* A line of the dump with what it is sorted by. */
struct line {
	char *text;
	struct match match;
	uint16_t priority;
	uint8_t table_id;
	size_t order; /* of arrival */
};

struct dump {
	struct line *lines;
	size_t n, cap;
	struct sbuf text;
	struct json *json;
};

static const struct ofctl *sort_options; /* qsort has no argument for it */

static int
compare_field(const struct line *a, const struct line *b, const char *name)
{
	int result = 0;

	if (!strcasecmp(name, "priority"))
		return a->priority < b->priority ? -1 : a->priority > b->priority;
	if (!strcasecmp(name, "table"))
		return a->table_id < b->table_id ? -1 : a->table_id > b->table_id;
	(void)match_compare(name, &a->match, &b->match, &result);
	return result;
}

static int
compare_lines(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;

	for (int i = 0; i < sort_options->n_sort; i++) {
		const int c = compare_field(a, b, sort_options->sort[i].field);

		if (c)
			return sort_options->sort[i].reverse ? -c : c;
	}
	return a->order < b->order ? -1 : 1;
}

static void
keep_line(struct dump *d, const struct flow_stats *fs, const char *text)
{
	struct line *l;

	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 64;
		d->lines = xrealloc(d->lines, d->cap, sizeof(*d->lines));
	}
	l = &d->lines[d->n];
	l->text = xstrdup(text);
	l->match = fs->match;
	l->priority = fs->priority;
	l->table_id = fs->table_id;
	l->order = d->n++;
}

static void
put_line(const struct ofctl *o, const char *text)
{
	if (o->color)
		color_text(stdout, text);
	else
		fputs(text, stdout);
}

static int
dump_entry(struct ofctl *o, const struct flow_stats *fs, void *aux)
{
	const struct flow_format format = {.names = &o->ports, .no_stats = !o->stats};
	struct dump *d = aux;

	sbuf_reset(&d->text);
	if (d->json) {
		json_flow(d->json, o, fs);
		return 0;
	}
	sbuf_putc(&d->text, ' ');
	flow_stats_format(&d->text, fs, &format);
	sbuf_putc(&d->text, '\n');
	if (o->n_sort)
		keep_line(d, fs, sbuf_str(&d->text));
	else
		put_line(o, sbuf_str(&d->text));
	return 0;
}

static int
dump_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	return flow_query_each(o, msg, len, dump_entry, aux);
}

static bool
sort_fields_ok(const struct ofctl *o)
{
	const struct match any = {.key = {.in_port = 0}};
	int result;

	for (int i = 0; i < o->n_sort; i++) {
		const char *f = o->sort[i].field;

		if (strcasecmp(f, "priority") != 0 && strcasecmp(f, "table") != 0 &&
		    !match_compare(f, &any, &any, &result))
			return fail("%s: unknown field name", f), false;
	}
	return true;
}

static void
put_sorted(struct ofctl *o, struct dump *d)
{
	sort_options = o;
	if (d->n)
		qsort(d->lines, d->n, sizeof(*d->lines), compare_lines);
	for (size_t i = 0; i < d->n; i++) {
		put_line(o, d->lines[i].text);
		free(d->lines[i].text);
	}
	free(d->lines);
}

static int
run_dump_flows(struct ofctl *o, int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "";
	struct flow_stats_request r;
	struct dump d = {.text = SBUF_INIT};
	struct json json = JSON_INIT(stdout);
	int ret;

	if (!sort_fields_ok(o) || !connect_to(o, argv[0]))
		return 1;
	learn_names(o, argc > 1 ? argv[1] : NULL);
	if (!flow_query_parse(o, text, &r))
		return 1;
	if (o->watch_s)
		return watch_flows(o, &r);
	if (!o->n_sort && o->stats && !o->ports.show && !o->json)
		return flow_query_send(o, &r, OFPMP_FLOW, print_reply, NULL);
	if (o->json) {
		d.json = &json;
		json_begin_array(&json, NULL);
	}
	ret = flow_query_send(o, &r, OFPMP_FLOW, dump_part, &d);
	if (o->json)
		json_end_array(&json);
	put_sorted(o, &d);
	sbuf_fini(&d.text);
	return ret;
}

static int
run_dump_aggregate(struct ofctl *o, int argc, char **argv)
{
	struct flow_stats_request r;

	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, argc > 1 ? argv[1] : NULL);
	if (!flow_query_parse(o, argc > 1 ? argv[1] : "", &r))
		return 1;
	return flow_query_send(o, &r, OFPMP_AGGREGATE, o->json ? json_aggregate : print_reply, NULL);
}

const struct command flow_dump_commands[] = {
    {"dump-flows", 1, 2, "SWITCH [FLOW]", "flow entries, all or those that FLOW describes", run_dump_flows, false},
    {"dump-aggregate", 1, 2, "SWITCH [FLOW]", "their number and sums of their counters", run_dump_aggregate, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
