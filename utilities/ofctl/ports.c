/* SPDX-License-Identifier: ISC */
/* mod-port. */
#include "ofctl.h"

#include <strings.h>

/* Flooding and spanning tree have no bits in OpenFlow 1.3: their words are taken and do nothing, as ever. */
static const struct {
	const char *word;
	uint32_t config, mask;
} port_words[] = {
    {"up", 0, OFPPC_PORT_DOWN},
    {"down", OFPPC_PORT_DOWN, OFPPC_PORT_DOWN},
    {"receive", 0, OFPPC_NO_RECV},
    {"no-receive", OFPPC_NO_RECV, OFPPC_NO_RECV},
    {"noreceive", OFPPC_NO_RECV, OFPPC_NO_RECV},
    {"forward", 0, OFPPC_NO_FWD},
    {"no-forward", OFPPC_NO_FWD, OFPPC_NO_FWD},
    {"noforward", OFPPC_NO_FWD, OFPPC_NO_FWD},
    {"packet-in", 0, OFPPC_NO_PACKET_IN},
    {"no-packet-in", OFPPC_NO_PACKET_IN, OFPPC_NO_PACKET_IN},
    {"stp", 0, 0},
    {"no-stp", 0, 0},
    {"receive-stp", 0, 0},
    {"no-receive-stp", 0, 0},
    {"flood", 0, 0},
    {"no-flood", 0, 0},
    {"noflood", 0, 0},
};
#define N_PORT_WORDS (sizeof(port_words) / sizeof(port_words[0]))

static int
run_mod_port(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct port_mod pm = {.mask = 0};
	struct ofp_port port;
	size_t i = 0;
	int ret;

	(void)argc;
	if (!connect_to(o, argv[0]) || !find_port(o, argv[1], &port))
		return 1;
	while (i < N_PORT_WORDS && strcasecmp(argv[2], port_words[i].word) != 0)
		i++;
	if (i == N_PORT_WORDS)
		return fail("unknown mod-port command '%s'", argv[2]);
	pm.config = port_words[i].config;
	pm.mask = port_words[i].mask;
	pm.port_no = port.port_no;
	memcpy(pm.hw_addr, port.hw_addr, sizeof(pm.hw_addr));
	port_mod_encode(&b, client_xid(o->client), &pm);
	ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	return ret;
}

const struct command port_commands[] = {
    {"mod-port", 3, 3, "SWITCH PORT ACTION", "up, down, [no-]receive, [no-]forward, [no-]packet-in", run_mod_port,
     true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
