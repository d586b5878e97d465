/* SPDX-License-Identifier: ISC */
/* What the commands of rf-ofctl share: connecting, asking, names, and telling errors. */
#include "ofctl.h"

#include "color.h"
#include "parse.h"
#include "print.h"
#include "xalloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define NOREPLY_MAX ((1u << 24) + OFP_HEADER_LEN) /* bytes of what is sent before one barrier */

int
fail(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("rf-ofctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}

int
fail_parse(const struct ofctl *o, const char *prefix, const struct sbuf *err)
{
	const char *text = sbuf_str(err);
	const size_t first = error_first_line(text);

	fail("%s%.*s", prefix, (int)first, text);
	if (o->hints && text[first])
		fprintf(stderr, "%s\n", text + first + 1);
	return 1;
}

bool
connect_to(struct ofctl *o, const char *target)
{
	struct sbuf err = SBUF_INIT;

	o->target = target;
	o->told_ext192 = false;
	o->client = client_open(target, &o->options, &err);
	if (!o->client)
		fail("%s", sbuf_str(&err));
	sbuf_fini(&err);
	return o->client != NULL;
}

const char *
target_name(const struct ofctl *o)
{
	return client_name(o->client);
}

void
print_message(struct ofctl *o, FILE *out, const uint8_t *msg, size_t len)
{
	struct sbuf b = SBUF_INIT;

	ofp_print_verbose(&b, msg, len, &o->ports, o->verbosity + 1);
	if (o->color && out == stdout)
		color_text(out, sbuf_str(&b));
	else
		fputs(sbuf_str(&b), out);
	sbuf_fini(&b);
}

int
print_reply(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	(void)aux;
	print_message(o, stdout, msg, len);
	return 0;
}

/* True if more parts of this reply follow. */
static bool
has_more(const uint8_t *msg, size_t len)
{
	return ofp_hdr_decode(msg).type == OFPT_MULTIPART_REPLY && len >= 16 &&
	       (get_be16(msg + 10) & OFPMPF_REPLY_MORE);
}

int
transact(struct ofctl *o, const struct wbuf *b, uint32_t xid, reply_fn *each, void *aux)
{
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg = NULL;
	size_t len = 0;
	bool more = true;
	int ret = 0;

	if (!client_send(o->client, b, &err))
		ret = fail("talking to %s (%s)", target_name(o), sbuf_str(&err));
	while (!ret && more) {
		msg = client_recv_xid(o->client, xid, &len, &err);
		if (!msg) {
			ret = fail("talking to %s (%s)", target_name(o), sbuf_str(&err));
			break;
		}
		more = has_more(msg, len);
		if (ofp_hdr_decode(msg).type == OFPT_ERROR)
			print_message(o, stdout, msg, len);
		else
			ret = each(o, msg, len, aux);
	}
	sbuf_fini(&err);
	return ret;
}

int
ask_simple(struct ofctl *o, uint8_t type, reply_fn *each, void *aux)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	simple_encode(&b, type, xid);
	ret = transact(o, &b, xid, each, aux);
	wbuf_fini(&b);
	return ret;
}

int
ask_multipart(struct ofctl *o, uint16_t type, reply_fn *each, void *aux)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	multipart_simple_encode(&b, xid, type);
	ret = transact(o, &b, xid, each, aux);
	wbuf_fini(&b);
	return ret;
}

int
transact_noreply(struct ofctl *o, const struct wbuf *b)
{
	const uint32_t barrier = client_xid(o->client);
	struct wbuf all = WBUF_INIT(NOREPLY_MAX);
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg;
	size_t len;
	bool done = false;
	int ret = 0;

	wbuf_put(&all, b->data, b->len);
	simple_encode(&all, OFPT_BARRIER_REQUEST, barrier);
	if (!wbuf_ok(b) || !client_send(o->client, &all, &err)) {
		ret =
		    fail("talking to %s (%s)", target_name(o), wbuf_ok(b) ? sbuf_str(&err) : "the message is too long");
		done = true;
	}
	while (!done) {
		msg = client_recv(o->client, -1, &len, &err);
		if (!msg) {
			ret = fail("talking to %s (%s)", target_name(o), sbuf_str(&err));
			break;
		}
		if (ofp_hdr_decode(msg).type == OFPT_ERROR) {
			fflush(stdout);
			print_message(o, stderr, msg, len);
			ret = 1;
		}
		done = ofp_hdr_decode(msg).xid == barrier;
	}
	wbuf_fini(&all);
	sbuf_fini(&err);
	return ret;
}

/* ---- names ---- */

bool
shows_names(const struct ofctl *o)
{
	return o->names == 1 || (o->names < 0 && isatty(STDOUT_FILENO));
}

static int
add_port_names(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct wire w = wire_init(msg, len);
	struct ofp_port p;

	(void)aux;
	wire_skip(&w, 16);
	while (wire_left(&w) >= OFP_PORT_LEN) {
		ofp_port_decode(&w, &p);
		(void)port_names_add(&o->ports, p.port_no, p.name);
	}
	return 0;
}

static int
add_table_names(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct wire w = wire_init(msg, len);
	struct table_features f;

	(void)aux;
	wire_skip(&w, 16);
	while (wire_left(&w) > 0 && !table_features_decode(&w, &f))
		if (f.name[0])
			(void)table_names_add(&o->ports, f.table_id, f.name);
	return 0;
}

/* True if 'text' may name a table: "table=" or "goto_table:" and no number behind. */
static bool
names_table(const char *text)
{
	for (const char *p = text; (p = strstr(p, "table")) != NULL; p += 5)
		if (strchr("=:(", p[5]) && p[5] && !isdigit((unsigned char)p[6]))
			return true;
	return false;
}

void
learn_names(struct ofctl *o, const char *text)
{
	const bool reads = text && o->names != 0;

	o->ports.show = shows_names(o);
	if (!o->client)
		return;
	if (!o->asked_ports && (o->ports.show || reads)) {
		o->asked_ports = true;
		(void)ask_multipart(o, OFPMP_PORT_DESC, add_port_names, NULL);
	}
	if (!o->asked_tables && (o->ports.show || (reads && names_table(text)))) {
		o->asked_tables = true;
		(void)ask_multipart(o, OFPMP_TABLE_FEATURES, add_table_names, NULL);
	}
}

/* ---- ports ---- */

struct port_search {
	const char *name;
	uint32_t port_no; /* OFPP_ANY: by name */
	struct ofp_port *out;
	bool found;
};

static int
match_port(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct port_search *s = aux;
	struct wire w = wire_init(msg, len);
	struct ofp_port p;

	(void)o;
	wire_skip(&w, 16);
	while (wire_left(&w) >= OFP_PORT_LEN) {
		ofp_port_decode(&w, &p);
		if (s->port_no == OFPP_ANY ? strcmp(p.name, s->name) != 0 : p.port_no != s->port_no)
			continue;
		*s->out = p;
		s->found = true;
	}
	return 0;
}

bool
find_port(struct ofctl *o, const char *name, struct ofp_port *out)
{
	struct port_search s = {.name = name, .out = out};

	if (!port_parse(name, NULL, &s.port_no))
		s.port_no = OFPP_ANY;
	if (ask_multipart(o, OFPMP_PORT_DESC, match_port, &s) == 0 && !s.found)
		fail("%s: couldn't find port `%s'", o->target, name);
	return s.found;
}

bool
port_number(struct ofctl *o, const char *name, uint32_t *port_no)
{
	learn_names(o, name);
	if (port_parse(name, &o->ports, port_no))
		return true;
	fail("%s: unknown port `%s'", o->target, name);
	return false;
}

/* ---- files ---- */

FILE *
open_input(const char *name)
{
	FILE *in = strcmp(name, "-") ? fopen(name, "r") : stdin;

	if (!in)
		fail("%s: open failed (%s)", name, strerror(errno));
	return in;
}

void
close_input(FILE *in)
{
	if (in && in != stdin)
		fclose(in);
}

/* The next line that says something, cut; *number counts all of them. */
static bool
next_line(FILE *in, char **line, size_t *size, unsigned *number)
{
	while (getline(line, size, in) >= 0) {
		char *s = *line;
		size_t len;

		(*number)++;
		s[strcspn(s, "#\r\n")] = '\0';
		len = strlen(s);
		while (len && isspace((unsigned char)s[len - 1]))
			s[--len] = '\0';
		if (s[strspn(s, " \t")])
			return true;
	}
	return false;
}

bool
each_line(struct ofctl *o, const char *name, line_fn *each, void *aux)
{
	FILE *in = open_input(name);
	char *line = NULL;
	char where[512];
	size_t size = 0;
	unsigned n = 0;
	bool ok = in != NULL;

	while (ok && next_line(in, &line, &size, &n)) {
		snprintf(where, sizeof(where), "%s:%u: ", name, n);
		ok = each(o, aux, line, where, n);
	}
	free(line);
	close_input(in);
	return ok;
}
