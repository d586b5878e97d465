/* SPDX-License-Identifier: ISC */
/* A rule set as files: flows for add-flows, and frames for pktgen, each inside a random rule.
 *
 *   rulefiles SET FRAMES FLOWS-FILE FRAMES-FILE     SET: KIND:RULES[:SEED] (ruleset.h), or a ClassBench file
 *
 * Each flow outputs to port 2; a last one of priority 0 takes what no rule does.  Frames are 60 bytes long. */
#include "match_text.h"
#include "ruleset.h"
#include "sbuf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 60u

static uint32_t
sum_of(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Addresses, tag, protocol and ports of the key; IPv4 unless it is IPv6; the rest is zero. */
static void
frame_of(const struct flow_key *k, uint8_t f[FRAME])
{
	const uint16_t vid = ntohs(k->vlan_vid);
	const bool six = k->eth_type == htons(0x86dd);
	uint8_t *p = f + 12;
	uint32_t sum;

	memset(f, 0, FRAME);
	memcpy(f, k->eth_dst, 6);
	memcpy(f + 6, k->eth_src, 6);
	f[6] &= 0xfe;
	if (vid & 0x1000) {
		p[0] = 0x81;
		p[2] = (uint8_t)(vid >> 8 & 15);
		p[3] = (uint8_t)vid;
		p += 4;
	}
	p[0] = six ? 0x86 : 0x08;
	p[1] = six ? 0xdd : 0;
	p += 2;
	if (six) {
		p[0] = 0x60;
		p[6] = k->ip_proto;
		p[7] = 64;
		memcpy(p + 8, k->ipv6_src, 16);
		memcpy(p + 24, k->ipv6_dst, 16);
		memcpy(p + 40, &k->udp_src, 2);
		memcpy(p + 42, &k->udp_dst, 2);
		return;
	}
	p[0] = 0x45;
	p[3] = 40;
	p[8] = 64;
	p[9] = k->ip_proto;
	memcpy(p + 12, &k->ipv4_src, 4);
	memcpy(p + 16, &k->ipv4_dst, 4);
	sum = ~sum_of(p, 20);
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
	memcpy(p + 20, &k->tcp_src, 2);
	memcpy(p + 22, &k->tcp_dst, 2);
	p[32] = 0x50; /* a TCP header's length; a UDP header is done by then */
	p[25] = k->ip_proto == 17 ? 20 : 0;
}

static bool
load(struct ruleset *s, const char *name)
{
	char kind[16];
	unsigned long n;
	unsigned long long seed = 1;

	if (sscanf(name, "%15[a-z]:%lu:%llu", kind, &n, &seed) >= 2)
		return ruleset_make(s, kind, n, seed);
	return ruleset_read(s, name);
}

static bool
write_flows(const struct ruleset *s, const char *path)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		struct sbuf text = SBUF_INIT;

		match_format(&text, &s->rules[i].match, -1, NULL);
		fprintf(out, "priority=%u,%s,actions=output:2\n", s->rules[i].priority, sbuf_str(&text));
		sbuf_fini(&text);
	}
	fputs("priority=0,actions=output:2\n", out);
	return fclose(out) == 0;
}

static bool
write_frames(const struct ruleset *s, unsigned long n, const char *path)
{
	struct ruleset_rnd rnd = {7};
	FILE *out = fopen(path, "w");

	for (unsigned long i = 0; out && i < n; i++) {
		uint8_t frame[FRAME];
		struct flow_key k;

		ruleset_key_in(s, &rnd, &k);
		frame_of(&k, frame);
		fwrite(frame, sizeof(frame), 1, out);
	}
	return out && fclose(out) == 0;
}

int
main(int argc, char **argv)
{
	struct ruleset s = {0};
	bool ok;

	if (argc != 5) {
		fputs("usage: rulefiles SET FRAMES FLOWS-FILE FRAMES-FILE\n", stderr);
		return 2;
	}
	if (!load(&s, argv[1])) {
		fprintf(stderr, "rulefiles: %s: no such set or file\n", argv[1]);
		return 1;
	}
	ok = write_flows(&s, argv[3]) && write_frames(&s, strtoul(argv[2], NULL, 10), argv[4]);
	ruleset_fini(&s);
	if (!ok)
		perror("rulefiles");
	return !ok;
}
