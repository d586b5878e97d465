/* SPDX-License-Identifier: ISC */
/* One blocking OpenFlow 1.3 connection to a switch: hello exchange, whole messages in and out, one deadline for all of it. */
#include "client.h"

#include "stream.h"
#include "xalloc.h"

#include <stdlib.h>
#include <time.h>

struct client {
	struct stream *stream;
	char *name;
	uint64_t deadline_ms; /* UINT64_MAX = none */
	uint8_t in[OFP_MAX_MSG_LEN + 1];
};

static uint32_t next_xid = 1;

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool
receive(struct client *c, uint64_t deadline, size_t *len, struct sbuf *err)
{
	struct ofp_hdr h;

	if (!stream_read(c->stream, c->in, OFP_HEADER_LEN, deadline, err))
		return false;
	h = ofp_hdr_decode(c->in);
	if (h.length < OFP_HEADER_LEN) {
		sbuf_puts(err, "the peer does not speak OpenFlow");
		return false;
	}
	*len = h.length;
	/* a message that has begun is waited for as long as the whole run may take */
	return stream_read(c->stream, c->in + OFP_HEADER_LEN, h.length - (size_t)OFP_HEADER_LEN, c->deadline_ms, err);
}

static bool
hello(struct client *c, struct sbuf *err)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	uint32_t versions = 0;
	struct wire body;
	struct ofp_hdr h;
	size_t len;
	bool ok;

	hello_encode(&b, client_xid(c));
	ok = client_send(c, &b, err);
	wbuf_fini(&b);
	if (!ok || !receive(c, c->deadline_ms, &len, err))
		return false;
	h = ofp_hdr_decode(c->in);
	if (h.type != OFPT_HELLO) {
		sbuf_printf(err, "the switch began with message type %u instead of a hello", h.type);
		return false;
	}
	body = wire_init(c->in + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	if (hello_decode(&body, h.version, &versions) ||
	    (!(versions & (1u << OFP_VERSION)) && h.version < OFP_VERSION)) {
		sbuf_printf(err,
		            "version negotiation failed: the switch does not offer OpenFlow 1.3 (wire version 0x%02x)",
		            h.version);
		return false;
	}
	return true;
}

struct client *
client_open_suffix(const char *target, const char *suffix, const struct client_options *options, struct sbuf *err)
{
	struct client *c = xcalloc(1, sizeof(*c));
	struct sbuf why = SBUF_INIT;

	/* One xid counter for the run, so that a second connection goes on counting. */
	c->deadline_ms = UINT64_MAX; /* --timeout is the whole program's */
	c->name = stream_resolve(target, suffix, options);
	if (!c->name) {
		sbuf_printf(err, "%s is not a bridge or a socket", target);
		client_close(c);
		return NULL;
	}
	c->stream = stream_open(c->name, options, c->deadline_ms, &why);
	if (!c->stream || !hello(c, &why)) {
		if (strchr(target, ':'))
			sbuf_printf(err, "connecting to %s (%s)", target, sbuf_str(&why));
		else
			sbuf_printf(err, "%s: failed to connect to socket (%s)", target, sbuf_str(&why));
		client_close(c);
		c = NULL;
	}
	sbuf_fini(&why);
	return c;
}

struct client *
client_open(const char *target, const struct client_options *options, struct sbuf *err)
{
	return client_open_suffix(target, "mgmt", options, err);
}

const char *
client_name(const struct client *c)
{
	return c->name;
}

void
client_close(struct client *c)
{
	if (!c)
		return;
	stream_close(c->stream);
	free(c->name);
	free(c);
}

uint32_t
client_xid(struct client *c)
{
	(void)c;
	return next_xid++;
}

bool
client_send(struct client *c, const struct wbuf *b, struct sbuf *err)
{
	if (!wbuf_ok(b)) {
		sbuf_puts(err, "the message is too long");
		return false;
	}
	return stream_write(c->stream, b->data, b->len, c->deadline_ms, err);
}

static bool
answer_echo(struct client *c, size_t len, uint32_t xid, struct sbuf *err)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	bool ok;

	echo_encode(&b, OFPT_ECHO_REPLY, xid, c->in + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	ok = client_send(c, &b, err);
	wbuf_fini(&b);
	return ok;
}

const uint8_t *
client_recv(struct client *c, int wait_ms, size_t *len, struct sbuf *err)
{
	uint64_t deadline = c->deadline_ms;
	struct ofp_hdr h;

	if (wait_ms >= 0 && now_ms() + (uint64_t)wait_ms < deadline)
		deadline = now_ms() + (uint64_t)wait_ms;
	for (;;) {
		if (deadline != c->deadline_ms && !stream_wait(c->stream, deadline))
			return NULL;
		if (!receive(c, c->deadline_ms, len, err))
			return NULL;
		h = ofp_hdr_decode(c->in);
		if (h.type != OFPT_ECHO_REQUEST || h.version != OFP_VERSION)
			return c->in;
		if (!answer_echo(c, *len, h.xid, err))
			return NULL;
	}
}

bool
client_readable(struct client *c)
{
	return stream_wait(c->stream, 0);
}

const uint8_t *
client_recv_xid(struct client *c, uint32_t xid, size_t *len, struct sbuf *err)
{
	const uint8_t *msg;

	while ((msg = client_recv(c, -1, len, err)) != NULL)
		if (ofp_hdr_decode(msg).xid == xid)
			return msg;
	return NULL;
}
