/* SPDX-License-Identifier: ISC */
/* packet-out: a frame from the command line. */
#include "ofctl.h"

#include "action_text.h"
#include "match_text.h"
#include "token.h"
#include "xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define ETH_HEADER_LEN 14

static int
hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
	                                    : -1;
}

/* Bytes from hex digits; blanks and dots between pairs are skipped.  NULL or what is wrong. */
static const char *
read_frame(const char *s, struct wbuf *out)
{
	for (; *s; s++) {
		if (isspace((unsigned char)*s) || *s == '.')
			continue;
		if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
			return "Trailing garbage in packet data";
		wbuf_put_u8(out, (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1])));
		s++;
	}
	if (!wbuf_ok(out))
		return "Packet data too long for a message";
	return out->len < ETH_HEADER_LEN ? "Packet data too short for Ethernet" : NULL;
}

struct packet {
	uint32_t in_port;
	struct wbuf frame;
	struct act_buf acts;
};

static int
send_packet(struct ofctl *o, struct packet *p)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const struct packet_out po = {.buffer_id = OFP_NO_BUFFER,
	                              .in_port = p->in_port,
	                              .acts = act_buf_acts(&p->acts),
	                              .data = p->frame.data,
	                              .len = p->frame.len};
	int ret;

	packet_out_encode(&b, client_xid(o->client), &po);
	ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	return ret;
}

static bool
read_actions(struct ofctl *o, struct packet *p, const char *text)
{
	struct sbuf err = SBUF_INIT;
	struct parse_state state = parse_begin(&o->ports, &err);
	char *copy = xstrdup(text);
	const bool ok = actions_parse(&state, copy, NULL, true, &p->acts);

	if (!ok) {
		parse_point(&state, text, state.at ? (size_t)(state.at - copy) : SIZE_MAX);
		fail_parse(o, "", &err);
	}
	free(copy);
	sbuf_fini(&err);
	return ok;
}

static bool
read_packet_key(struct ofctl *o, struct packet *p, const struct token *t)
{
	struct loose_match ignored = {.key = {.in_port = 0}};
	struct sbuf err = SBUF_INIT;
	const char *why;
	uint32_t usable = USABLE_ANY;
	enum match_word r;

	if (!strcmp(t->key, "in_port")) {
		if (!port_parse(t->value, &o->ports, &p->in_port))
			return fail("%s is not a valid OpenFlow port", t->value), false;
		if (p->in_port > OFPP_MAX && p->in_port != OFPP_LOCAL && p->in_port != OFPP_CONTROLLER &&
		    p->in_port != OFPP_ANY)
			return fail("%s is not a valid OpenFlow port for PACKET_OUT", t->value), false;
		return true;
	}
	if (!strcmp(t->key, "packet")) {
		wbuf_reset(&p->frame);
		why = read_frame(t->value, &p->frame);
		return why ? (fail("packet: %s", why), false) : true;
	}
	r = match_word_parse(&ignored, t->key, t->value, &o->ports, &usable, &err);
	if (r == MATCH_WORD_UNKNOWN)
		fail("unknown keyword %s", t->key);
	else if (r == MATCH_WORD_BAD)
		fail_parse(o, "", &err);
	else if (ignored.mask.metadata || ignored.mask.tun_id)
		r = MATCH_WORD_OK; /* a later version's: 1.3 has no place for it */
	else
		fail("%s is not a valid pipeline field for PACKET_OUT", t->key);
	sbuf_fini(&err);
	return r == MATCH_WORD_OK && (ignored.mask.metadata || ignored.mask.tun_id);
}

/* "in_port=P,packet=HEX,actions=A" */
static bool
read_packet(struct ofctl *o, struct packet *p, char *s)
{
	char *actions = strstr(s, "action"), *equals = actions ? strchr(actions, '=') : NULL;
	struct token t;

	if (equals)
		*actions = '\0';
	while (token_next(&s, &t))
		if (!read_packet_key(o, p, &t))
			return false;
	if (!p->frame.len)
		return fail("must specify packet"), false;
	return !equals || read_actions(o, p, equals + 1);
}

static int
packet_out_new(struct ofctl *o, struct packet *p, const char *text)
{
	char *copy = xstrdup(text);
	int ret = 1;

	p->in_port = OFPP_CONTROLLER;
	if (read_packet(o, p, copy))
		ret = send_packet(o, p);
	free(copy);
	return ret;
}

/* IN_PORT ACTIONS HEX... */
static int
packet_out_old(struct ofctl *o, struct packet *p, int argc, char **argv)
{
	const char *why;
	int ret = 0;

	if (!port_number(o, argv[1], &p->in_port))
		return 1;
	if (!strcasecmp(argv[1], "none"))
		p->in_port = OFPP_CONTROLLER;
	if (!read_actions(o, p, argv[2]))
		return 1;
	for (int i = 3; i < argc && !ret; i++) {
		wbuf_reset(&p->frame);
		why = read_frame(argv[i], &p->frame);
		ret = why ? fail("%s", why) : send_packet(o, p);
	}
	return ret;
}

static int
run_packet_out(struct ofctl *o, int argc, char **argv)
{
	struct packet p = {.frame = WBUF_INIT(65000), .acts = ACT_BUF_INIT};
	int ret;

	if (argc == 3)
		return fail("Too many arguments (4)");
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, argc == 2 ? argv[1] : argv[2]);
	ret = argc == 2 ? packet_out_new(o, &p, argv[1]) : packet_out_old(o, &p, argc, argv);
	wbuf_fini(&p.frame);
	act_buf_fini(&p.acts);
	return ret;
}

const struct command packet_commands[] = {
    {"packet-out", 2, MANY, "SWITCH in_port=PORT,packet=HEX,actions=ACTIONS", "have the switch send a frame",
     run_packet_out, true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
