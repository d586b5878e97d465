/* SPDX-License-Identifier: ISC */
/* Commands that need no switch: they show how this program reads a flow, a group, a meter or a message. */
#include "ofctl.h"

#include "action_text.h"
#include "flow_text.h"
#include "group_text.h"
#include "note.h"
#include "usable.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* ---- parse-flow, parse-flows ---- */

struct parsed {
	struct wbuf msgs; /* encoded, back to back */
	uint32_t usable;
	unsigned n;
};

static bool
parse_one(struct ofctl *o, struct parsed *p, const char *text, const char *where)
{
	struct flow_parse_info info = {.usable = 0, .ignored = SBUF_INIT};
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;
	const bool ok = flow_parse_any(text, OFPFC_ADD, NULL, &acts, &fm, &info, &err);

	if (!ok) {
		fail_parse(o, where, &err);
	} else {
		if (info.ignored.len)
			note_ignored(sbuf_str(&info.ignored));
		p->usable &= info.usable;
		flow_mod_encode(&p->msgs, ++p->n, &fm);
	}
	sbuf_fini(&info.ignored);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ok;
}

/* Prints what was read as a switch would read it. */
static int
show_parsed(struct ofctl *o, struct parsed *p)
{
	struct sbuf b = SBUF_INIT;
	struct ofp_hdr h;

	usable_format(&b, p->usable);
	printf("usable protocols: %s\n", sbuf_str(&b));
	sbuf_fini(&b);
	if (!(p->usable & USABLE_OF13))
		return fail("no usable protocol");
	puts("chosen protocol: OXM-OpenFlow13");
	for (size_t at = 0; at + OFP_HEADER_LEN <= p->msgs.len; at += h.length) {
		h = ofp_hdr_decode(p->msgs.data + at);
		print_message(o, stdout, p->msgs.data + at, h.length);
	}
	return 0;
}

static int
run_parse_flow(struct ofctl *o, int argc, char **argv)
{
	struct parsed p = {.msgs = WBUF_INIT(2 * OFP_MAX_MSG_LEN), .usable = USABLE_ANY};
	int ret;

	(void)argc;
	ret = parse_one(o, &p, argv[0], "") ? show_parsed(o, &p) : 1;
	wbuf_fini(&p.msgs);
	return ret;
}

static bool
parse_line(struct ofctl *o, void *aux, const char *text, const char *where, unsigned line)
{
	(void)line;
	return parse_one(o, aux, text, where);
}

static int
run_parse_flows(struct ofctl *o, int argc, char **argv)
{
	struct parsed p = {.msgs = WBUF_INIT(1u << 31), .usable = USABLE_ANY};
	int ret;

	(void)argc;
	ret = each_line(o, argv[0], parse_line, &p) ? show_parsed(o, &p) : 1;
	wbuf_fini(&p.msgs);
	return ret;
}

/* ---- parse-group, parse-meter ---- */

static int
run_parse_group(struct ofctl *o, int argc, char **argv)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT, names = SBUF_INIT;
	struct group_mod gm;
	uint32_t usable;
	int ret = 1;

	(void)argc;
	if (!group_parse_mod(argv[0], OFPGC_ADD, NULL, &acts, &gm, &usable, &err)) {
		fail_parse(o, "", &err);
	} else {
		usable_format(&names, usable);
		printf("usable protocols: %s\nchosen version: OpenFlow13\n", sbuf_str(&names));
		group_mod_encode(&b, 1, &gm);
		print_message(o, stdout, b.data, b.len);
		ret = 0;
	}
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	wbuf_fini(&b);
	sbuf_fini(&err);
	sbuf_fini(&names);
	return ret;
}

static int
run_parse_meter(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	struct meter_mod mm;
	int ret = 1;

	(void)argc;
	if (!meter_parse_mod(argv[0], OFPMC_ADD, &mm, &err)) {
		fail_parse(o, "", &err);
	} else {
		meter_mod_encode(&b, 1, &mm);
		print_message(o, stdout, b.data, b.len);
		ret = 0;
	}
	meter_mod_fini(&mm);
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

/* ---- messages ---- */

static bool
read_hex(const char *s, struct wbuf *out)
{
	for (; *s; s++) {
		const char pair[3] = {s[0], s[1], '\0'};

		if (isspace((unsigned char)*s) || *s == '.')
			continue;
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			return false;
		wbuf_put_u8(out, (uint8_t)strtoul(pair, NULL, 16));
		s++;
	}
	return wbuf_ok(out);
}

/* ofp-print HEX [VERBOSITY], ofp-print @FILE */
static int
run_ofp_print(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(2 * OFP_MAX_MSG_LEN);
	char *text = argv[0];
	FILE *in;
	size_t size = 0;
	int ret = 0;

	if (*text == '@') {
		in = open_input(argv[0] + 1);
		text = NULL;
		if (!in || getdelim(&text, &size, '\0', in) < 0)
			ret = 1;
		close_input(in);
	}
	o->verbosity = argc > 1 ? atoi(argv[1]) - 1 : 0;
	if (!ret && !read_hex(text, &b))
		ret = fail("trailing garbage following hex bytes");
	if (!ret)
		print_message(o, stdout, b.data, b.len);
	wbuf_fini(&b);
	if (text != argv[0])
		free(text);
	return ret;
}

/* ofp-parse FILE: messages back to back, as a connection carries them. */
static int
run_ofp_parse(struct ofctl *o, int argc, char **argv)
{
	static uint8_t msg[OFP_MAX_MSG_LEN];
	FILE *in = strcmp(argv[0], "-") ? fopen(argv[0], "rb") : stdin;
	size_t got;
	int ret = 0;

	(void)argc;
	if (!in)
		return fail("%s: open (%s)", argv[0], strerror(errno));
	while (!ret && (got = fread(msg, 1, OFP_HEADER_LEN, in)) > 0) {
		const struct ofp_hdr h = ofp_hdr_decode(msg);
		const size_t rest = h.length < OFP_HEADER_LEN ? 0 : h.length - (size_t)OFP_HEADER_LEN;

		if (got < OFP_HEADER_LEN)
			ret = fail("%s: unexpected end of file mid-message", argv[0]);
		else if (h.length < OFP_HEADER_LEN)
			ret = fail("%s: %u-byte message is too short for OpenFlow", argv[0], h.length);
		else if (fread(msg + OFP_HEADER_LEN, 1, rest, in) != rest)
			ret = fail("%s: unexpected end of file mid-message", argv[0]);
		else
			print_message(o, stdout, msg, h.length);
	}
	close_input(in);
	return ret;
}

static int
run_list_commands(struct ofctl *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	puts("The available commands are:");
	for (const struct command *const *g = command_groups; *g; g++)
		for (const struct command *c = *g; c->name; c++)
			printf("  %-23s %s\n", c->name, c->args);
	return 0;
}

/* ---- words, for completion ---- */

static const char *
command_word(size_t n)
{
	for (const struct command *const *g = command_groups; *g; g++)
		for (const struct command *c = *g; c->name; c++)
			if (c->help && n-- == 0)
				return c->name;
	return NULL;
}

static int
run_list_words(struct ofctl *o, int argc, char **argv)
{
	static const struct {
		const char *kind;
		const char *(*word)(size_t);
	} rows[] = {
	    {"command", command_word}, {"option", option_word}, {"flow", flow_word},
	    {"action", action_word},   {"group", group_word},   {"meter", meter_word},
	};

	(void)o;
	(void)argc;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[0], rows[i].kind)) {
			for (size_t n = 0; rows[i].word(n); n++)
				puts(rows[i].word(n));
			return 0;
		}
	return fail("list-words: command, option, flow, action, group or meter");
}

const struct command local_commands[] = {
    {"parse-flow", 1, 1, "FLOW", "how FLOW is read", run_parse_flow, false},
    {"parse-flows", 1, 1, "FILE", "the same for the lines of FILE", run_parse_flows, false},
    {"parse-group", 1, 1, "GROUP", "how GROUP is read", run_parse_group, false},
    {"parse-meter", 1, 1, "METER", "how METER is read", run_parse_meter, false},
    {"ofp-print", 1, 2, "HEX [VERBOSITY]", "what the message HEX says", run_ofp_print, false},
    {"ofp-parse", 1, 1, "FILE", "what the messages in FILE say", run_ofp_parse, false},
    {"list-words", 1, 1, "KIND", NULL, run_list_words, false},
    {"list-commands", 0, 0, "", NULL, run_list_commands, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
