/* SPDX-License-Identifier: ISC */
/* Commands that look at the switch itself, its ports and its configuration. */
#include "ofctl.h"

#include "dump_json.h"
#include "print.h"
#include "watch.h"

#include <stdlib.h>

static int
run_show(struct ofctl *o, int argc, char **argv)
{
	int ret;

	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	if (o->json)
		return json_show(o);
	ret = ask_simple(o, OFPT_FEATURES_REQUEST, print_reply, NULL);
	if (!ret)
		ret = ask_multipart(o, OFPMP_PORT_DESC, print_reply, NULL);
	if (!ret)
		ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST, print_reply, NULL);
	return ret;
}

static int
run_dump_desc(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	return o->json ? json_desc(o) : ask_multipart(o, OFPMP_DESC, print_reply, NULL);
}

struct port_ask {
	uint32_t port;
};

static int
dump_ports_once(struct ofctl *o, void *aux)
{
	const struct port_ask *a = aux;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	port_stats_request_encode(&b, xid, a->port);
	ret = o->json ? json_port_stats(o, &b, xid) : transact(o, &b, xid, print_reply, NULL);
	wbuf_fini(&b);
	return ret;
}

static int
run_dump_ports(struct ofctl *o, int argc, char **argv)
{
	struct port_ask a = {.port = OFPP_ANY};

	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, NULL);
	if (argc > 1 && !port_number(o, argv[1], &a.port))
		return 1;
	return o->watch_s ? watch_ports(o, a.port) : dump_ports_once(o, &a);
}

/* At 1.3 a description is of all ports: one port's is asked for in vain, as ovs-ofctl shows. */
static int
run_dump_ports_desc(struct ofctl *o, int argc, char **argv)
{
	uint32_t port;

	if (!connect_to(o, argv[0]))
		return 1;
	if (argc > 1 && !port_number(o, argv[1], &port))
		return 1;
	return o->json ? json_ports_desc(o) : ask_multipart(o, OFPMP_PORT_DESC, print_reply, NULL);
}

/* ---- fragments ---- */

static int
keep_config(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct wire w = wire_init(msg, len);

	(void)o;
	wire_skip(&w, OFP_HEADER_LEN);
	return switch_config_decode(&w, aux) ? fail("%s: bad reply to config request", o->target) : 0;
}

static int
run_get_frags(struct ofctl *o, int argc, char **argv)
{
	struct switch_config s = {0, 0};
	int ret;

	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST, keep_config, &s);
	if (!ret)
		puts(frags_name(s.flags));
	return ret;
}

static int
run_set_frags(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct switch_config s = {0, 0};
	uint16_t mode = 0;
	int ret;

	(void)argc;
	while (mode <= OFPC_FRAG_MASK && strcmp(argv[1], frags_name(mode)) != 0)
		mode++;
	if (mode > OFPC_FRAG_MASK)
		return fail("%s: unknown fragment handling mode", argv[1]);
	if (!connect_to(o, argv[0]) || ask_simple(o, OFPT_GET_CONFIG_REQUEST, keep_config, &s))
		return 1;
	s.flags = (uint16_t)((s.flags & ~OFPC_FRAG_MASK) | mode);
	switch_config_encode(&b, OFPT_SET_CONFIG, client_xid(o->client), &s);
	ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	if (!ret)
		ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST, keep_config, &s);
	if (!ret && (s.flags & OFPC_FRAG_MASK) != mode)
		ret =
		    fail("%s: setting fragment handling mode failed (this switch probably doesn't support mode \"%s\")",
		         o->target, argv[1]);
	return ret;
}

const struct command dump_commands[] = {
    {"show", 1, 1, "SWITCH", "what the switch is, and its ports", run_show, false},
    {"dump-desc", 1, 1, "SWITCH", "who made the switch", run_dump_desc, false},
    {"dump-ports", 1, 2, "SWITCH [PORT]", "counters of ports", run_dump_ports, false},
    {"dump-ports-desc", 1, 2, "SWITCH [PORT]", "descriptions of ports", run_dump_ports_desc, false},
    {"get-frags", 1, 1, "SWITCH", "what happens to IP fragments", run_get_frags, false},
    {"set-frags", 2, 2, "SWITCH MODE", "change it: normal, drop, reassemble", run_set_frags, true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
