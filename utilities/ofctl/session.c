/* SPDX-License-Identifier: ISC */
/* Commands on the connection itself: ping, probe, benchmark. */
#include "ofctl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define MAX_PAYLOAD (OFP_MAX_MSG_LEN - OFP_HEADER_LEN)

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
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
		ret = fail("talking to %s (%s)", target_name(o), sbuf_str(&err));
	else if (ofp_hdr_decode(msg).type != OFPT_ECHO_REPLY || len != OFP_HEADER_LEN + payload_len ||
	         (payload_len && memcmp(msg + OFP_HEADER_LEN, payload, payload_len) != 0))
		ret = fail("the reply does not match the request");
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

/* A number at the beginning of 'text', 0 without one. */
static bool
payload_size(const char *text, size_t *size)
{
	*size = (size_t)strtoul(text, NULL, 10);
	if (*size <= MAX_PAYLOAD)
		return true;
	fail("payload must be between 0 and %u bytes", (unsigned)MAX_PAYLOAD);
	return false;
}

static const uint8_t *
some_bytes(void)
{
	static uint8_t payload[MAX_PAYLOAD];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 37);
	return payload;
}

static int
run_ping(struct ofctl *o, int argc, char **argv)
{
	size_t size = 64;
	uint32_t xid;
	double start;

	if (argc > 1 && !payload_size(argv[1], &size))
		return 1;
	if (!connect_to(o, argv[0]))
		return 1;
	for (int i = 0; i < 10; i++) {
		start = now_ms();
		if (echo_once(o, some_bytes(), size, &xid))
			return 1;
		printf("%zu bytes from %s: xid=%08" PRIx32 " time=%.1f ms\n", size, argv[0], xid, now_ms() - start);
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
run_benchmark(struct ofctl *o, int argc, char **argv)
{
	const unsigned long count = strtoul(argv[2], NULL, 10);
	size_t size;
	uint32_t xid;
	double start, took;

	(void)argc;
	if (!payload_size(argv[1], &size) || !connect_to(o, argv[0]))
		return 1;
	printf("Sending %lu packets * %zu bytes (with header) = %lu bytes total\n", count, size + OFP_HEADER_LEN,
	       count * (size + OFP_HEADER_LEN));
	start = now_ms();
	for (unsigned long i = 0; i < count; i++)
		if (echo_once(o, some_bytes(), size, &xid))
			return 1;
	took = now_ms() - start;
	printf("Finished in %.1f ms (%.0f packets/s) (%.0f bytes/s)\n", took, (double)count / (took / 1000),
	       (double)count * (double)(size + OFP_HEADER_LEN) / (took / 1000));
	return 0;
}

const struct command session_commands[] = {
    {"probe", 1, 1, "TARGET", "does it answer?", run_probe, false},
    {"ping", 1, 2, "TARGET [SIZE]", "how fast, ten times", run_ping, false},
    {"benchmark", 3, 3, "TARGET SIZE COUNT", "COUNT echoes of SIZE bytes", run_benchmark, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
