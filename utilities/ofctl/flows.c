/* SPDX-License-Identifier: ISC */
/* Commands on flow entries: listing, counting, adding, changing, deleting. */
#include "ofctl.h"

#include "field_text.h"
#include "flow_text.h"
#include "xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* ---- listing ---- */

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
};

static const struct ofctl *sort_options; /* qsort has no argument for it */

static int
compare_field(const struct line *a, const struct line *b, const char *name)
{
	uint8_t va[16] = {0}, vb[16] = {0}, mask[16];
	enum oxm_field field;
	bool ha, hb;

	if (!strcasecmp(name, "priority"))
		return a->priority < b->priority ? -1 : a->priority > b->priority;
	if (!strcasecmp(name, "table"))
		return a->table_id < b->table_id ? -1 : a->table_id > b->table_id;
	if (!field_by_name(name, -1, 6, &field))
		return 0;
	ha = match_get(&a->match, field, va, mask);
	hb = match_get(&b->match, field, vb, mask);
	if (ha != hb)
		return ha ? -1 : 1;
	return memcmp(va, vb, oxm_info(field)->bytes);
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
add_line(struct dump *d, const struct flow_stats *fs, const char *text)
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

/* The part of a reply as lines, printed at once or kept for sorting. */
static int
flow_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	const struct flow_format format = {.names = &o->ports, .no_stats = o->no_stats};
	struct wire w = wire_init(msg, len);
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf text = SBUF_INIT;
	struct multipart_hdr h;
	struct flow_stats fs;
	int ret = 0;

	wire_skip(&w, OFP_HEADER_LEN);
	if (multipart_hdr_decode(&w, &h) || h.type != OFPMP_FLOW)
		ret = fail("the reply is not well formed");
	while (!ret && wire_left(&w) > 0) {
		act_buf_reset(&acts);
		sbuf_reset(&text);
		if (flow_stats_decode(&w, &acts, &fs)) {
			ret = fail("the reply is not well formed");
			break;
		}
		flow_stats_format(&text, &fs, &format);
		if (o->n_sort)
			add_line(aux, &fs, sbuf_str(&text));
		else
			printf(" %s\n", sbuf_str(&text));
	}
	act_buf_fini(&acts);
	sbuf_fini(&text);
	return ret;
}

/* Sends a FLOW or AGGREGATE request for the flows that 'text' describes. */
static int
ask_flows(struct ofctl *o, const char *text, uint16_t mp_type, reply_fn *each, void *aux)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	struct flow_stats_request r;
	struct flow_mod fm;
	uint32_t xid;
	int ret;

	if (!flow_parse(text, FLOW_PARSE_QUERY, &o->ports, &acts, &fm, &err)) {
		ret = fail("%s", sbuf_str(&err));
	} else {
		memset(&r, 0, sizeof(r));
		r.table_id = fm.table_id;
		r.out_port = fm.out_port;
		r.out_group = fm.out_group;
		r.cookie = fm.cookie;
		r.cookie_mask = fm.cookie_mask;
		r.match = fm.match;
		xid = client_xid(o->client);
		flow_stats_request_encode(&b, xid, mp_type, &r);
		ret = transact(o, &b, xid, each, aux);
	}
	wbuf_fini(&b);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ret;
}

static int
run_dump_flows(struct ofctl *o, int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "";
	struct dump d = {NULL, 0, 0};
	int ret;

	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, argc > 1);
	if (!o->n_sort && !o->no_stats && !o->ports.show)
		return ask_flows(o, text, OFPMP_FLOW, print_reply, NULL);
	ret = ask_flows(o, text, OFPMP_FLOW, flow_part, &d);
	sort_options = o;
	if (d.n)
		qsort(d.lines, d.n, sizeof(*d.lines), compare_lines);
	for (size_t i = 0; i < d.n; i++) {
		printf(" %s\n", d.lines[i].text);
		free(d.lines[i].text);
	}
	free(d.lines);
	return ret;
}

static int
run_dump_aggregate(struct ofctl *o, int argc, char **argv)
{
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, argc > 1);
	return ask_flows(o, argc > 1 ? argv[1] : "", OFPMP_AGGREGATE, print_reply, NULL);
}

/* ---- changing ---- */

/* Flow mods on their way: many are sent before the first answer is read, and an error is tied to its line by transaction id. */
struct flow_batch {
	struct ofctl *o;
	const char *file; /* NULL: from the command line */
	struct wbuf out;
	uint32_t *xids; /* per flow mod in flight */
	unsigned *lines;
	size_t n, cap;
	int ret;
};

#define BATCH_BYTES 65536

static void
report_error(struct flow_batch *f, const uint8_t *msg, size_t len)
{
	const uint32_t xid = ofp_hdr_decode(msg).xid;

	f->ret = 1;
	for (size_t i = 0; f->file && i < f->n; i++)
		if (f->xids[i] == xid) {
			fprintf(stderr, "%s:%u: ", f->file, f->lines[i]);
			break;
		}
	print_message(f->o, stderr, msg, len);
}

/* Sends what is collected with a barrier and reads until its reply. */
static bool
batch_flush(struct flow_batch *f)
{
	const uint32_t barrier = client_xid(f->o->client);
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg = NULL;
	size_t len;
	bool done = f->n == 0;

	if (done)
		return true;
	simple_encode(&f->out, OFPT_BARRIER_REQUEST, barrier);
	if (client_send(f->o->client, &f->out, &err))
		while (!done && (msg = client_recv(f->o->client, -1, &len, &err)) != NULL) {
			if (ofp_hdr_decode(msg).type == OFPT_ERROR)
				report_error(f, msg, len);
			done = ofp_hdr_decode(msg).xid == barrier;
		}
	if (!done)
		f->ret = fail("%s", sbuf_str(&err));
	wbuf_reset(&f->out);
	f->n = 0;
	sbuf_fini(&err);
	return done;
}

static bool
batch_add(struct flow_batch *f, const struct flow_mod *fm, unsigned line)
{
	const uint32_t xid = client_xid(f->o->client);

	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 64;
		f->xids = xrealloc(f->xids, f->cap, sizeof(*f->xids));
		f->lines = xrealloc(f->lines, f->cap, sizeof(*f->lines));
	}
	f->xids[f->n] = xid;
	f->lines[f->n++] = line;
	flow_mod_encode(&f->out, xid, fm);
	return f->out.len < BATCH_BYTES || batch_flush(f);
}

/* Each flow is read and sent; the first one that can't be read ends it, after what came before is in the switch. */
static bool
batch_line(struct flow_batch *f, const char *text, int command, unsigned line)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;
	bool ok = flow_parse(text, command, &f->o->ports, &acts, &fm, &err);

	if (ok) {
		ok = batch_add(f, &fm, line);
	} else {
		(void)batch_flush(f);
		f->ret = f->file ? fail("%s:%u: %s", f->file, line, sbuf_str(&err)) : fail("%s", sbuf_str(&err));
	}
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ok;
}

/* Cuts comments and the newline; true if something is left. */
static bool
clean_line(char *s)
{
	s[strcspn(s, "#\r\n")] = '\0';
	return s[strspn(s, " \t")] != '\0';
}

static void
batch_file(struct flow_batch *f, FILE *in, int command)
{
	char *line = NULL;
	size_t size = 0;
	unsigned n = 0;

	while (getline(&line, &size, in) >= 0) {
		n++;
		if (clean_line(line) && !batch_line(f, line, command, n))
			break;
	}
	free(line);
}

/* 'argv[1]' is a flow, or with 'is_file' (and for "-" always) a file of them. */
static int
change_flows(struct ofctl *o, int argc, char **argv, int command, bool is_file)
{
	const char *text = argc > 1 ? argv[1] : "";
	struct flow_batch f = {.o = o, .out = WBUF_INIT(4 * BATCH_BYTES)};
	FILE *in = NULL;

	if (!strcmp(text, "-"))
		in = stdin;
	else if (is_file && !(in = fopen(text, "r")))
		return fail("%s: cannot be opened", text);
	if (connect_to(o, argv[0])) {
		learn_names(o, true);
		if (in) {
			f.file = in == stdin ? "<stdin>" : text;
			batch_file(&f, in, command == OFPFC_ADD ? FLOW_PARSE_FILE : command);
		} else {
			(void)batch_line(&f, text, command, 0);
		}
		(void)batch_flush(&f);
	} else {
		f.ret = 1;
	}
	if (in && in != stdin)
		fclose(in);
	wbuf_fini(&f.out);
	free(f.xids);
	free(f.lines);
	return f.ret;
}

static int
run_add_flow(struct ofctl *o, int argc, char **argv)
{
	return change_flows(o, argc, argv, OFPFC_ADD, false);
}

static int
run_add_flows(struct ofctl *o, int argc, char **argv)
{
	return change_flows(o, argc, argv, OFPFC_ADD, true);
}

static int
run_mod_flows(struct ofctl *o, int argc, char **argv)
{
	return change_flows(o, argc, argv, o->strict ? OFPFC_MODIFY_STRICT : OFPFC_MODIFY, false);
}

static int
run_del_flows(struct ofctl *o, int argc, char **argv)
{
	return change_flows(o, argc, argv, o->strict ? OFPFC_DELETE_STRICT : OFPFC_DELETE, false);
}

const struct command flow_commands[] = {
    {"dump-flows", 1, 2, "SWITCH [FLOW]", run_dump_flows},
    {"dump-aggregate", 1, 2, "SWITCH [FLOW]", run_dump_aggregate},
    {"add-flow", 2, 2, "SWITCH FLOW", run_add_flow},
    {"add-flows", 2, 2, "SWITCH FILE", run_add_flows},
    {"mod-flows", 2, 2, "SWITCH FLOW", run_mod_flows},
    {"del-flows", 1, 2, "SWITCH [FLOW]", run_del_flows},
    {NULL, 0, 0, NULL, NULL},
};
