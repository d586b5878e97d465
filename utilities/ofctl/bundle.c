/* SPDX-License-Identifier: ISC */
/* Bundles: open, one message after another, close and commit.  Errors come while messages are added and once more at the end; what is
 * refused leaves the switch as it was. */
#include "bundle.h"

#include "changes.h"
#include "extensions.h"
#include "flow_text.h"
#include "group_text.h"
#include "print.h"

#define FLAGS (OFPBF_ATOMIC | OFPBF_ORDERED)

/* An error about one message: "Error NAME for: " and the message. */
static void
print_refusal(struct ofctl *o, const struct batch *b, const uint8_t *msg, size_t len)
{
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	struct error_msg e;
	enum of_error code;
	char where[512];

	fflush(stdout);
	if (error_decode(&body, &e))
		return;
	code = of_error_from_wire(e.type, e.code);
	fprintf(stderr, "Error %s for: ", code ? print_error_name(code) : "of unknown type");
	if (e.len >= OFP_HEADER_LEN)
		print_message(o, stderr, e.data, e.len);
	else
		fputc('\n', stderr);
	if (*batch_where(b, ofp_hdr_decode(msg).xid, where, sizeof(where)))
		fprintf(stderr, "rf-ofctl: %sthe switch refused this line\n", where);
}

struct run {
	struct ofctl *o;
	const struct batch *batch;
	bool refused;
};

/* Reads until the reply with this xid; errors on the way are printed.  The reply's control type, or -1. */
static int
await(struct run *r, uint32_t xid, struct sbuf *err)
{
	const uint8_t *msg;
	size_t len;

	while ((msg = client_recv(r->o->client, -1, &len, err)) != NULL) {
		const struct ofp_hdr h = ofp_hdr_decode(msg);

		if (h.type == OFPT_ERROR) {
			print_refusal(r->o, r->batch, msg, len);
			r->refused = true;
			if (h.xid == xid)
				return -1;
		} else if (h.xid == xid) {
			return h.type == OFPT_EXPERIMENTER && len >= 24 ? (int)get_be16(msg + 20) : 0;
		}
	}
	return -1;
}

static int
control(struct run *r, uint16_t type, struct sbuf *err)
{
	const struct bundle_control c = {.bundle_id = 0, .type = type, .flags = FLAGS};
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(r->o->client);
	int reply = -1;

	bundle_control_encode(&b, xid, &c);
	if (client_send(r->o->client, &b, err))
		reply = await(r, xid, err);
	wbuf_fini(&b);
	return reply;
}

/* Wraps each message; the outer transaction id is the inner one. */
static bool
add_all(struct run *r, const struct batch *b, struct sbuf *err)
{
	struct wbuf out = WBUF_INIT(3 * OFP_MAX_MSG_LEN);
	bool ok = true;

	for (size_t i = 0; ok && i < b->n_chunks; i++)
		for (size_t at = 0; ok && at + OFP_HEADER_LEN <= b->chunks[i].len;) {
			const uint8_t *msg = b->chunks[i].data + at;
			const struct ofp_hdr h = ofp_hdr_decode(msg);
			const struct bundle_add add = {.bundle_id = 0, .flags = FLAGS, .msg = msg, .len = h.length};

			bundle_add_encode(&out, h.xid, &add);
			at += h.length;
			if (out.len < 65536 && at + OFP_HEADER_LEN <= b->chunks[i].len)
				continue;
			ok = client_send(r->o->client, &out, err);
			wbuf_reset(&out);
		}
	wbuf_fini(&out);
	return ok;
}

static int
barrier(struct run *r, struct sbuf *err)
{
	struct wbuf b = WBUF_INIT(OFP_HEADER_LEN);
	const uint32_t xid = client_xid(r->o->client);
	int reply = -1;

	simple_encode(&b, OFPT_BARRIER_REQUEST, xid);
	if (client_send(r->o->client, &b, err))
		reply = await(r, xid, err);
	wbuf_fini(&b);
	return reply;
}

int
bundle_send(struct ofctl *o, struct batch *b)
{
	struct run r = {o, b, false};
	struct sbuf err = SBUF_INIT;
	int ret = 0;

	if (control(&r, OFPBCT_OPEN_REQUEST, &err) != OFPBCT_OPEN_REPLY)
		ret = 1;
	else if (!add_all(&r, b, &err) || barrier(&r, &err) < 0 || r.refused)
		ret = 2; /* it is open and of no use */
	else if (control(&r, OFPBCT_COMMIT_REQUEST, &err) != OFPBCT_COMMIT_REPLY)
		ret = 1;
	if (ret) {
		const bool broken = err.len != 0;

		if (!broken && ret == 2)
			(void)control(&r, OFPBCT_DISCARD_REQUEST, &err);
		ret = fail("talking to %s (%s)", target_name(o), broken ? sbuf_str(&err) : "Protocol error");
	}
	sbuf_fini(&err);
	return ret;
}

/* ---- bundle SWITCH FILE ---- */

/* A line: "flow" or "group", and what a file of those has. */
static bool
change_any(struct ofctl *o, struct batch *b, const char *text, int command, const char *where, unsigned line)
{
	const char *s = text + strspn(text, " \t");
	const size_t len = strcspn(s, ", \t");

	(void)command;
	if (len == 4 && !strncmp(s, "flow", 4))
		return change_flow(o, b, s + len, FLOW_PARSE_FILE, where, line);
	if (len == 5 && !strncmp(s, "group", 5))
		return change_group(o, b, s + len, GROUP_PARSE_FILE, where, line);
	fail("%sUnsupported bundle message type: %.*s", where, (int)len, s);
	return false;
}

static int
run_bundle(struct ofctl *o, int argc, char **argv)
{
	struct batch b = BATCH_INIT;
	int ret = 1;

	(void)argc;
	if (connect_to(o, argv[0])) {
		learn_names(o, "table=x");
		if (changes_read(o, &b, argv[1], 0, change_any))
			ret = bundle_send(o, &b);
	}
	batch_fini(&b);
	return ret;
}

const struct command bundle_commands[] = {
    {"bundle", 2, 2, "SWITCH FILE", "the changes that the lines of FILE say, all or none", run_bundle, true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
