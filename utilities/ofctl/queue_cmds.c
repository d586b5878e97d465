/* SPDX-License-Identifier: ISC */
/* Commands on queues. */
#include "ofctl.h"

#include "dump_json.h"

#include <strings.h>

static int
run_queue_stats(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	uint32_t port = OFPP_ANY, xid;
	uint64_t queue = OFPQ_ALL;
	int ret;

	if (!connect_to(o, argv[0]))
		return 1;
	if (argc > 1 && argv[1][0] && strcasecmp(argv[1], "all") != 0 && !port_number(o, argv[1], &port))
		return 1;
	if (argc > 2 && argv[2][0] && strcasecmp(argv[2], "all") != 0 && !number_parse(argv[2], UINT32_MAX, &queue))
		return fail("%s: not a queue number", argv[2]);
	learn_names(o, NULL);
	xid = client_xid(o->client);
	queue_stats_request_encode(&b, xid, port, (uint32_t)queue);
	ret = o->json ? json_queue_stats(o, &b, xid) : transact(o, &b, xid, print_reply, NULL);
	wbuf_fini(&b);
	return ret;
}

static int
run_queue_get_config(struct ofctl *o, int argc, char **argv)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	uint32_t port = OFPP_ANY, xid;
	int ret;

	if (!connect_to(o, argv[0]))
		return 1;
	if (argc > 1 && !port_number(o, argv[1], &port))
		return 1;
	learn_names(o, NULL);
	xid = client_xid(o->client);
	queue_get_config_request_encode(&b, xid, port);
	ret = o->json ? json_queue_config(o, &b, xid) : transact(o, &b, xid, print_reply, NULL);
	wbuf_fini(&b);
	return ret;
}

const struct command queue_commands[] = {
    {"queue-stats", 1, 3, "SWITCH [PORT [QUEUE]]", "counters of queues", run_queue_stats, false},
    {"queue-get-config", 1, 2, "SWITCH [PORT]", "rates of queues", run_queue_get_config, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
