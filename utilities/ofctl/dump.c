/* SPDX-License-Identifier: ISC */
/* Commands that only look: the switch, its tables, its ports. */
#include "ofctl.h"

#include "print.h"

#include <stdio.h>
#include <stdlib.h>

static int
ask_simple(struct ofctl *o, uint8_t type)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	simple_encode(&b, type, xid);
	ret = transact(o, &b, xid, print_reply, NULL);
	wbuf_fini(&b);
	return ret;
}

static int
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

static int
run_show(struct ofctl *o, int argc, char **argv)
{
	int ret;

	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	ret = ask_simple(o, OFPT_FEATURES_REQUEST);
	if (!ret)
		ret = ask_multipart(o, OFPMP_PORT_DESC, print_reply, NULL);
	if (!ret)
		ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST);
	return ret;
}

static int
run_dump_desc(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return connect_to(o, argv[0]) ? ask_multipart(o, OFPMP_DESC, print_reply, NULL) : 1;
}

/* Tables come in parts, printed as one list so that equal neighbours can be drawn together. */
struct tables {
	struct tables_printer printer;
	struct sbuf out;
	bool header;
};

static int
table_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct tables *t = aux;
	struct wire w = wire_init(msg, len);
	struct multipart_hdr h;
	struct table_stats s;
	struct table_features f;

	(void)o;
	wire_skip(&w, OFP_HEADER_LEN);
	if (multipart_hdr_decode(&w, &h))
		return fail("the reply is not well formed");
	if (h.type == OFPMP_TABLE && !t->header) {
		t->header = true;
		print_header(&t->out, msg, len);
		sbuf_putc(&t->out, '\n');
	}
	while (wire_left(&w) > 0) {
		if (h.type == OFPMP_TABLE ? table_stats_decode(&w, &s) : table_features_decode(&w, &f))
			return fail("the reply is not well formed");
		if (h.type == OFPMP_TABLE)
			print_table_stats(&t->out, &t->printer, &s);
		else
			print_table_features(&t->out, &t->printer, &f);
	}
	return 0;
}

static int
dump_tables(struct ofctl *o, const char *target, uint16_t type)
{
	struct tables *t;
	int ret;

	if (!connect_to(o, target))
		return 1;
	t = calloc(1, sizeof(*t));
	if (!t)
		return fail("out of memory");
	ret = ask_multipart(o, type, table_part, t);
	print_tables_end(&t->out, &t->printer);
	fputs(sbuf_str(&t->out), stdout);
	sbuf_fini(&t->out);
	free(t);
	return ret;
}

static int
run_dump_tables(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return dump_tables(o, argv[0], OFPMP_TABLE);
}

static int
run_dump_table_features(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return dump_tables(o, argv[0], OFPMP_TABLE_FEATURES);
}

static int
run_dump_ports(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	uint32_t port = OFPP_ANY, xid;
	int ret;

	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, argc > 1);
	if (argc > 1 && !port_parse(argv[1], &o->ports, &port))
		return fail("%s: not a port number or name", argv[1]);
	xid = client_xid(o->client);
	port_stats_request_encode(&b, xid, port);
	ret = transact(o, &b, xid, print_reply, NULL);
	wbuf_fini(&b);
	return ret;
}

static int
run_dump_ports_desc(struct ofctl *o, int argc, char **argv)
{
	struct sbuf out = SBUF_INIT;
	struct ofp_port port;

	if (!connect_to(o, argv[0]))
		return 1;
	if (argc == 1)
		return ask_multipart(o, OFPMP_PORT_DESC, print_reply, NULL);
	if (!find_port(o, argv[1], &port))
		return 1;
	print_port(&out, &port);
	fputs(sbuf_str(&out), stdout);
	sbuf_fini(&out);
	return 0;
}

static int
print_frags(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct wire w = wire_init(msg, len);
	struct switch_config s;

	(void)o;
	(void)aux;
	wire_skip(&w, OFP_HEADER_LEN);
	if (switch_config_decode(&w, &s))
		return fail("the reply is not well formed");
	puts(frags_name(s.flags));
	return 0;
}

static int
run_get_frags(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	uint32_t xid;
	int ret;

	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	xid = client_xid(o->client);
	simple_encode(&b, OFPT_GET_CONFIG_REQUEST, xid);
	ret = transact(o, &b, xid, print_frags, NULL);
	wbuf_fini(&b);
	return ret;
}

const struct command dump_commands[] = {
    {"show", 1, 1, "SWITCH", run_show},
    {"dump-desc", 1, 1, "SWITCH", run_dump_desc},
    {"dump-tables", 1, 1, "SWITCH", run_dump_tables},
    {"dump-table-features", 1, 1, "SWITCH", run_dump_table_features},
    {"dump-ports", 1, 2, "SWITCH [PORT]", run_dump_ports},
    {"dump-ports-desc", 1, 2, "SWITCH [PORT]", run_dump_ports_desc},
    {"get-frags", 1, 1, "SWITCH", run_get_frags},
    {NULL, 0, 0, NULL, NULL},
};
