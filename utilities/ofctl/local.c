/* SPDX-License-Identifier: ISC */
/* Commands that need no switch: they show how this program reads a flow or a message. */
#include "ofctl.h"

#include "flow_text.h"
#include "print.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads the flow, makes the message of it, and prints that as a switch would read it. */
static int
show_flow(struct ofctl *o, const char *text, int command, uint32_t xid, struct sbuf *err)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct flow_mod fm;
	int ret = 0;

	if (!flow_parse(text, command, NULL, &acts, &fm, err)) {
		ret = 1;
	} else {
		flow_mod_encode(&b, xid, &fm);
		if (wbuf_ok(&b)) {
			print_message(o, stdout, b.data, b.len);
		} else {
			sbuf_puts(err, "the flow does not fit one message");
			ret = 1;
		}
	}
	wbuf_fini(&b);
	act_buf_fini(&acts);
	return ret;
}

static int
run_parse_flow(struct ofctl *o, int argc, char **argv)
{
	struct sbuf err = SBUF_INIT;
	int ret;

	(void)argc;
	ret = show_flow(o, argv[0], OFPFC_ADD, 1, &err);
	if (ret)
		fail("%s", sbuf_str(&err));
	sbuf_fini(&err);
	return ret;
}

static int
run_parse_flows(struct ofctl *o, int argc, char **argv)
{
	FILE *in = strcmp(argv[0], "-") ? fopen(argv[0], "r") : stdin;
	struct sbuf err = SBUF_INIT;
	char *line = NULL;
	size_t size = 0;
	unsigned n = 0;
	uint32_t xid = 0;
	int ret = 0;

	(void)argc;
	if (!in)
		return fail("%s: cannot be opened", argv[0]);
	while (!ret && getline(&line, &size, in) >= 0) {
		n++;
		line[strcspn(line, "#\r\n")] = '\0';
		if (line[strspn(line, " \t")])
			ret = show_flow(o, line, FLOW_PARSE_FILE, ++xid, &err);
	}
	if (ret)
		fail("%s:%u: %s", argv[0], n, sbuf_str(&err));
	if (in != stdin)
		fclose(in);
	free(line);
	sbuf_fini(&err);
	return ret;
}

/* ofp-print HEX */
static int
run_ofp_print(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	int ret = 0;

	(void)argc;
	for (const char *s = argv[0]; *s && !ret; s++) {
		char pair[3] = {s[0], s[1], '\0'};

		if (isspace((unsigned char)*s) || *s == '.')
			continue;
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1])) {
			ret = fail("not pairs of hex digits");
			break;
		}
		wbuf_put_u8(&b, (uint8_t)strtoul(pair, NULL, 16));
		s++;
	}
	if (!ret)
		print_message(o, stdout, b.data, b.len);
	wbuf_fini(&b);
	return ret;
}

const struct command local_commands[] = {
    {"parse-flow", 1, 1, "FLOW", run_parse_flow},
    {"parse-flows", 1, 1, "FILE", run_parse_flows},
    {"ofp-print", 1, 1, "HEX", run_ofp_print},
    {NULL, 0, 0, NULL, NULL},
};
