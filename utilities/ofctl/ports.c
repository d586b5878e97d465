/* SPDX-License-Identifier: ISC */
/* Commands on ports and frames: mod-port and packet-out. */
#include "ofctl.h"

#include "action_text.h"
#include "token.h"
#include "xalloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const struct {
	const char *word;
	uint32_t config, mask;
} port_words[] = {
    {"up", 0, OFPPC_PORT_DOWN},           {"down", OFPPC_PORT_DOWN, OFPPC_PORT_DOWN},
    {"receive", 0, OFPPC_NO_RECV},        {"no-receive", OFPPC_NO_RECV, OFPPC_NO_RECV},
    {"forward", 0, OFPPC_NO_FWD},         {"no-forward", OFPPC_NO_FWD, OFPPC_NO_FWD},
    {"packet-in", 0, OFPPC_NO_PACKET_IN}, {"no-packet-in", OFPPC_NO_PACKET_IN, OFPPC_NO_PACKET_IN},
};

static int
run_mod_port(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct port_mod pm = {.mask = 0};
	struct ofp_port port;
	int ret;

	(void)argc;
	for (size_t i = 0; i < sizeof(port_words) / sizeof(port_words[0]); i++)
		if (!strcasecmp(argv[2], port_words[i].word)) {
			pm.config = port_words[i].config;
			pm.mask = port_words[i].mask;
		}
	if (!pm.mask)
		return fail("%s: not up, down, [no-]receive, [no-]forward or [no-]packet-in", argv[2]);
	if (!connect_to(o, argv[0]) || !find_port(o, argv[1], &port))
		return 1;
	pm.port_no = port.port_no;
	memcpy(pm.hw_addr, port.hw_addr, sizeof(pm.hw_addr));
	port_mod_encode(&b, client_xid(o->client), &pm);
	ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	return ret;
}

/* Bytes from hex digits; blanks, dots and colons between them are skipped. */
static bool
parse_hex(const char *s, struct wbuf *out)
{
	unsigned high = 0;
	bool half = false;

	for (; *s; s++) {
		unsigned digit;

		if (!half && (isspace((unsigned char)*s) || *s == '.' || *s == ':'))
			continue;
		if (!isxdigit((unsigned char)*s))
			return false;
		digit = isdigit((unsigned char)*s) ? (unsigned)(*s - '0')
		                                   : (unsigned)(tolower((unsigned char)*s) - 'a' + 10);
		if (half)
			wbuf_put_u8(out, (uint8_t)(high << 4 | digit));
		high = digit;
		half = !half;
	}
	return !half && wbuf_ok(out);
}

/* What "in_port=P,packet=HEX,actions=A" says. */
struct packet_text {
	const char *in_port;
	const char *packet;
	char *actions;
};

static int
split_packet_text(char *s, struct packet_text *p)
{
	char *actions = strcasestr(s, "actions=");
	struct token t;

	if (actions) {
		p->actions = actions + 8;
		*actions = '\0';
	}
	while (token_next(&s, &t)) {
		if (!strcasecmp(t.key, "in_port"))
			p->in_port = t.value;
		else if (!strcasecmp(t.key, "packet"))
			p->packet = t.value;
		else
			return fail("%s: packet-out knows in_port, packet and actions only", t.key);
	}
	if (!p->packet || !p->actions)
		return fail("packet-out needs packet= and actions=");
	return 0;
}

static int
send_packet(struct ofctl *o, const char *in_port, char *actions, const char *hex)
{
	struct packet_out po = {.buffer_id = OFP_NO_BUFFER, .in_port = OFPP_CONTROLLER};
	struct act_buf acts = ACT_BUF_INIT;
	struct wbuf frame = WBUF_INIT(65000), b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	struct match any;
	int ret = 1;

	match_init(&any);
	if (in_port && !port_parse(in_port, &o->ports, &po.in_port)) {
		fail("in_port: \"%s\" is not a port number or name", in_port);
	} else if (!parse_hex(hex, &frame)) {
		fail("packet: not an even number of hex digits, or too long");
	} else if (!actions_parse(actions, &any, &o->ports, &acts, &err)) {
		fail("%s", sbuf_str(&err));
	} else {
		po.acts = act_buf_acts(&acts);
		po.data = frame.data;
		po.len = frame.len;
		packet_out_encode(&b, client_xid(o->client), &po);
		ret = transact_noreply(o, &b);
	}
	act_buf_fini(&acts);
	wbuf_fini(&frame);
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

/* packet-out SWITCH in_port=P,packet=HEX,actions=A   or   packet-out SWITCH IN_PORT ACTIONS HEX... */
static int
run_packet_out(struct ofctl *o, int argc, char **argv)
{
	struct packet_text p = {NULL, NULL, NULL};
	char *text;
	int ret = 0;

	if (argc == 3)
		return fail("usage: rf-ofctl packet-out SWITCH IN_PORT ACTIONS PACKET...");
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, true);
	if (argc == 2) {
		text = xstrdup(argv[1]);
		ret = split_packet_text(text, &p);
		if (!ret)
			ret = send_packet(o, p.in_port, p.actions, p.packet);
		free(text);
		return ret;
	}
	for (int i = 3; i < argc && !ret; i++) {
		text = xstrdup(argv[2]);
		ret = send_packet(o, argv[1], text, argv[i]);
		free(text);
	}
	return ret;
}

const struct command port_commands[] = {
    {"mod-port", 3, 3, "SWITCH PORT up|down|[no-]receive|[no-]forward|[no-]packet-in", run_mod_port},
    {"packet-out", 2, 1000, "SWITCH in_port=PORT,packet=HEX,actions=ACTIONS", run_packet_out},
    {NULL, 0, 0, NULL, NULL},
};
