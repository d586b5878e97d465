/* SPDX-License-Identifier: ISC */
/* What the commands of rf-ofctl share: connecting, asking, and telling errors. */
#include "ofctl.h"

#include "print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

bool
connect_to(struct ofctl *o, const char *target)
{
	struct sbuf err = SBUF_INIT;

	o->client = client_open(target, &o->options, &err);
	if (!o->client && strstr(sbuf_str(&err), target))
		fail("%s", sbuf_str(&err));
	else if (!o->client)
		fail("%s: %s", target, sbuf_str(&err));
	sbuf_fini(&err);
	return o->client != NULL;
}

void
print_message(struct ofctl *o, void *out, const uint8_t *msg, size_t len)
{
	struct sbuf b = SBUF_INIT;

	ofp_print(&b, msg, len, &o->ports);
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
	int ret = 0;

	if (!client_send(o->client, b, &err))
		ret = fail("%s", sbuf_str(&err));
	while (!ret) {
		msg = client_recv_xid(o->client, xid, &len, &err);
		if (!msg) {
			ret = fail("%s", sbuf_str(&err));
		} else if (ofp_hdr_decode(msg).type == OFPT_ERROR) {
			fflush(stdout);
			print_message(o, stderr, msg, len);
			ret = 1;
		} else {
			const bool more = has_more(msg, len);

			ret = each(o, msg, len, aux);
			if (!more)
				break;
		}
	}
	sbuf_fini(&err);
	return ret;
}

int
transact_noreply(struct ofctl *o, const struct wbuf *b)
{
	const uint32_t barrier = client_xid(o->client);
	struct wbuf all = WBUF_INIT(2 * OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg;
	size_t len;
	int ret = 0;

	wbuf_put(&all, b->data, b->len);
	simple_encode(&all, OFPT_BARRIER_REQUEST, barrier);
	if (!wbuf_ok(b) || !client_send(o->client, &all, &err)) {
		ret = fail("%s", wbuf_ok(b) ? sbuf_str(&err) : "the message is too long");
		goto out;
	}
	for (;;) {
		msg = client_recv(o->client, -1, &len, &err);
		if (!msg) {
			ret = fail("%s", sbuf_str(&err));
			break;
		}
		if (ofp_hdr_decode(msg).type == OFPT_ERROR) {
			print_message(o, stderr, msg, len);
			ret = 1;
		}
		if (ofp_hdr_decode(msg).xid == barrier)
			break;
	}
out:
	wbuf_fini(&all);
	sbuf_fini(&err);
	return ret;
}

static int
add_names(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
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

void
learn_names(struct ofctl *o, bool for_input)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	uint32_t xid;

	o->ports.show = o->names == 1 || (o->names < 0 && isatty(STDOUT_FILENO));
	if (!o->ports.n && o->client && (o->ports.show || (for_input && o->names != 0))) {
		xid = client_xid(o->client);
		multipart_simple_encode(&b, xid, OFPMP_PORT_DESC);
		(void)transact(o, &b, xid, add_names, NULL);
	}
	wbuf_fini(&b);
}

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
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);

	if (!port_parse(name, NULL, &s.port_no))
		s.port_no = OFPP_ANY;
	multipart_simple_encode(&b, xid, OFPMP_PORT_DESC);
	if (transact(o, &b, xid, match_port, &s) == 0 && !s.found)
		fail("%s: no such port", name);
	wbuf_fini(&b);
	return s.found;
}
