/* SPDX-License-Identifier: ISC */
/* Commands on the connection itself: ping, probe, and monitor, which prints whatever the switch sends. */
#include "ofctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* One echo with 'len' bytes; the reply must be the same. */
static int
echo_once(struct ofctl *o, const uint8_t *payload, size_t payload_len, uint32_t *xid)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg = NULL;
	size_t len = 0;
	int ret = 0;

	*xid = client_xid(o->client);
	echo_encode(&b, OFPT_ECHO_REQUEST, *xid, payload, payload_len);
	if (client_send(o->client, &b, &err))
		msg = client_recv_xid(o->client, *xid, &len, &err);
	if (!msg)
		ret = fail("%s", sbuf_str(&err));
	else if (ofp_hdr_decode(msg).type != OFPT_ECHO_REPLY || len != OFP_HEADER_LEN + payload_len ||
	         (payload_len && memcmp(msg + OFP_HEADER_LEN, payload, payload_len) != 0))
		ret = fail("the reply does not match the request");
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

static int
run_ping(struct ofctl *o, int argc, char **argv)
{
	static uint8_t payload[OFP_MAX_MSG_LEN];
	uint64_t size = 64;
	uint32_t xid;
	double start;

	if (argc > 1 && !number_parse(argv[1], OFP_MAX_MSG_LEN - OFP_HEADER_LEN, &size))
		return fail("%s: not a payload size", argv[1]);
	if (!connect_to(o, argv[0]))
		return 1;
	for (size_t i = 0; i < size; i++)
		payload[i] = (uint8_t)(i * 37);
	for (int i = 0; i < 10; i++) {
		start = now_s();
		if (echo_once(o, payload, (size_t)size, &xid))
			return 1;
		printf("%zu bytes from %s: xid=%08" PRIx32 " time=%.1f ms\n", (size_t)size, argv[0], xid,
		       (now_s() - start) * 1000);
	}
	return 0;
}

static int
run_probe(struct ofctl *o, int argc, char **argv)
{
	uint32_t xid;

	(void)argc;
	return connect_to(o, argv[0]) ? echo_once(o, NULL, 0, &xid) : 1;
}

static int
ask_packet_in(struct ofctl *o, uint16_t miss_send_len)
{
	const struct switch_config s = {.flags = OFPC_FRAG_NORMAL, .miss_send_len = miss_send_len};
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	int ret;

	switch_config_encode(&b, OFPT_SET_CONFIG, client_xid(o->client), &s);
	ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	return ret;
}

/* monitor SWITCH [MISS_SEND_LEN] */
static int
run_monitor(struct ofctl *o, int argc, char **argv)
{
	struct sbuf err = SBUF_INIT;
	const uint8_t *msg;
	uint64_t miss_len = 0;
	size_t len;
	int ret = 0;

	if (argc > 1 && !number_parse(argv[1], 0xffff, &miss_len))
		return fail("%s: not a length of 0 to 65535", argv[1]);
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, false);
	if (argc > 1 && ask_packet_in(o, (uint16_t)miss_len))
		return 1;
	while ((msg = client_recv(o->client, -1, &len, &err)) != NULL) {
		print_message(o, stdout, msg, len);
		fflush(stdout);
	}
	if (err.len)
		ret = fail("%s", sbuf_str(&err));
	sbuf_fini(&err);
	return ret;
}

const struct command session_commands[] = {
    {"ping", 1, 2, "SWITCH [SIZE]", run_ping},
    {"probe", 1, 1, "SWITCH", run_probe},
    {"monitor", 1, 2, "SWITCH [MISS_SEND_LEN]", run_monitor},
    {NULL, 0, 0, NULL, NULL},
};
