/* SPDX-License-Identifier: ISC */
/* ofp-parse-pcap: the OpenFlow messages in a capture.  Streams are put together by sequence number; what a capture lost ends the stream
 * until the next message that begins a segment. */
#include "ofctl.h"

#include "addr.h"
#include "xalloc.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <time.h>

#define MAX_STREAM (1u << 20) /* bytes that wait for what is missing */

/* One direction of a connection. */
struct flow {
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	bool v6;
};

struct held {
	struct held *next;
	uint32_t seq;
	size_t len;
	uint8_t data[];
};

struct tcp_stream {
	struct tcp_stream *next;
	struct flow flow;
	bool started;
	uint32_t next_seq;
	uint8_t *data; /* in order, not yet whole messages */
	size_t len, cap;
	struct held *held; /* ahead of what is missing */
	size_t held_len;
};

struct capture {
	struct ofctl *o;
	const char *const *ports;
	int n_ports;
	struct tcp_stream *streams;
	struct timeval when;
	bool first;
};

static void
put_address(const struct flow *f, const uint8_t *addr, uint16_t port)
{
	char text[IPV6_STR_LEN];

	printf("%s.%u", f->v6 ? ipv6_format(addr, text) : ipv4_format(addr, text), port);
}

static void
put_message(struct capture *c, const struct flow *f, const uint8_t *msg, size_t len)
{
	char text[32];
	struct tm tm;

	if (!c->first)
		putchar('\n');
	c->first = false;
	if (c->o->timestamp) {
		strftime(text, sizeof(text), "%H:%M:%S", gmtime_r(&c->when.tv_sec, &tm));
		printf("%s.%03ld ", text, (long)c->when.tv_usec / 1000);
	}
	put_address(f, f->src, f->sport);
	fputs(" > ", stdout);
	put_address(f, f->dst, f->dport);
	puts(":");
	print_message(c->o, stdout, msg, len);
}

static void
take_messages(struct capture *c, struct tcp_stream *s)
{
	size_t at = 0;

	while (s->len - at >= OFP_HEADER_LEN) {
		const struct ofp_hdr h = ofp_hdr_decode(s->data + at);

		if (h.length < OFP_HEADER_LEN) { /* not OpenFlow, or out of step */
			at = s->len;
			s->started = false;
			break;
		}
		if (s->len - at < h.length)
			break;
		put_message(c, &s->flow, s->data + at, h.length);
		at += h.length;
	}
	if (at) {
		memmove(s->data, s->data + at, s->len - at);
		s->len -= at;
	}
}

static void
append(struct tcp_stream *s, const uint8_t *data, size_t len)
{
	if (s->len + len > s->cap) {
		s->cap = s->len + len + 4096;
		s->data = xrealloc(s->data, s->cap, 1);
	}
	memcpy(s->data + s->len, data, len);
	s->len += len;
	s->next_seq += (uint32_t)len;
}

static void
hold(struct tcp_stream *s, uint32_t seq, const uint8_t *data, size_t len)
{
	struct held *h, **at = &s->held;

	if (s->held_len + len > MAX_STREAM)
		return;
	while (*at && (int32_t)(seq - (*at)->seq) > 0)
		at = &(*at)->next;
	h = xcalloc(1, sizeof(*h) + len);
	h->seq = seq;
	h->len = len;
	memcpy(h->data, data, len);
	h->next = *at;
	*at = h;
	s->held_len += len;
}

/* Bytes at 'seq'; what was seen before is skipped. */
static void
take_bytes(struct tcp_stream *s, uint32_t seq, const uint8_t *data, size_t len)
{
	const int32_t ahead = (int32_t)(seq - s->next_seq);

	if (ahead > 0) {
		hold(s, seq, data, len);
		return;
	}
	if ((size_t) - (int64_t)ahead >= len)
		return;
	append(s, data - ahead, len + (size_t)(int64_t)ahead);
	while (s->held && (int32_t)(s->held->seq - s->next_seq) <= 0) {
		struct held *h = s->held;
		const size_t skip = s->next_seq - h->seq;

		s->held = h->next;
		s->held_len -= h->len;
		if (skip < h->len)
			append(s, h->data + skip, h->len - skip);
		free(h);
	}
}

static struct tcp_stream *
find_stream(struct capture *c, const struct flow *f)
{
	struct tcp_stream *s;

	for (s = c->streams; s; s = s->next)
		if (!memcmp(&s->flow, f, sizeof(*f)))
			return s;
	s = xcalloc(1, sizeof(*s));
	s->flow = *f;
	s->next = c->streams;
	c->streams = s;
	return s;
}

static bool
wants_port(const struct capture *c, uint16_t port)
{
	if (!c->n_ports)
		return port == 6633 || port == 6653;
	for (int i = 0; i < c->n_ports; i++)
		if (atoi(c->ports[i]) == port)
			return true;
	return false;
}

static void
take_tcp(struct capture *c, struct flow *f, struct wire w)
{
	const uint8_t *h = wire_take(&w, 20);
	size_t hlen;
	struct tcp_stream *s;
	uint32_t seq;
	const uint8_t *data;
	size_t len;

	if (!h)
		return;
	f->sport = get_be16(h);
	f->dport = get_be16(h + 2);
	seq = get_be32(h + 4);
	hlen = (size_t)(h[12] >> 4) * 4;
	if (hlen < 20 || (!wants_port(c, f->sport) && !wants_port(c, f->dport)))
		return;
	wire_skip(&w, hlen - 20);
	if (!wire_ok(&w))
		return;
	s = find_stream(c, f);
	if (h[13] & 2) { /* SYN */
		s->started = true;
		s->next_seq = seq + 1;
		s->len = 0;
		return;
	}
	len = wire_left(&w);
	data = wire_take(&w, len);
	if (!len || !data)
		return;
	if (!s->started) { /* the capture began later: a message is hoped to begin here */
		s->started = true;
		s->next_seq = seq;
	}
	take_bytes(s, seq, data, len);
	take_messages(c, s);
}

static void
take_ip(struct capture *c, uint16_t type, struct wire w)
{
	struct flow f;
	const uint8_t *h;
	size_t hlen, len;

	memset(&f, 0, sizeof(f));
	if (type == 0x0800) {
		h = wire_take(&w, 20);
		if (!h || h[9] != 6 || get_be16(h + 6) & 0x1fff)
			return;
		hlen = (size_t)(h[0] & 15) * 4;
		len = get_be16(h + 2);
		if (hlen < 20 || len < hlen)
			return;
		memcpy(f.src, h + 12, 4);
		memcpy(f.dst, h + 16, 4);
		wire_skip(&w, hlen - 20);
		len -= hlen;
	} else if (type == 0x86dd) {
		h = wire_take(&w, 40);
		if (!h || h[6] != 6)
			return;
		f.v6 = true;
		memcpy(f.src, h + 8, 16);
		memcpy(f.dst, h + 24, 16);
		len = get_be16(h + 4);
	} else {
		return;
	}
	if (wire_ok(&w) && len <= wire_left(&w))
		take_tcp(c, &f, wire_sub(&w, len));
}

/* The network layer of one captured packet. */
static void
take_packet(struct capture *c, int link, const uint8_t *data, size_t len)
{
	struct wire w = wire_init(data, len);
	uint16_t type = 0;

	switch (link) {
	case DLT_EN10MB:
		wire_skip(&w, 12);
		type = wire_be16(&w);
		break;
	case DLT_LINUX_SLL:
		wire_skip(&w, 14);
		type = wire_be16(&w);
		break;
	case DLT_LINUX_SLL2:
		type = wire_be16(&w);
		wire_skip(&w, 18);
		break;
	case DLT_NULL:
		wire_skip(&w, 4);
		/* fall through */
	default: /* DLT_RAW */
		type = wire_left(&w) && w.p[0] >> 4 == 6 ? 0x86dd : 0x0800;
		break;
	}
	while ((type == 0x8100 || type == 0x88a8) && wire_left(&w) >= 4) {
		wire_skip(&w, 2);
		type = wire_be16(&w);
	}
	if (wire_ok(&w))
		take_ip(c, type, w);
}

static void
free_streams(struct tcp_stream *s)
{
	while (s) {
		struct tcp_stream *next = s->next;

		while (s->held) {
			struct held *h = s->held;

			s->held = h->next;
			free(h);
		}
		free(s->data);
		free(s);
		s = next;
	}
}

static int
run_ofp_parse_pcap(struct ofctl *o, int argc, char **argv)
{
	struct capture c = {.o = o, .ports = (const char *const *)argv + 1, .n_ports = argc - 1, .first = true};
	FILE *in = open_input(argv[0]);
	char err[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const u_char *data;
	pcap_t *p;
	int ret;

	if (!in)
		return 1;
	p = pcap_fopen_offline(in, err);
	if (!p) {
		close_input(in);
		return fail("%s: %s", argv[0], err);
	}
	while ((ret = pcap_next_ex(p, &h, &data)) == 1) {
		c.when = h->ts;
		take_packet(&c, pcap_datalink(p), data, h->caplen);
	}
	ret = ret == PCAP_ERROR ? fail("%s: %s", argv[0], pcap_geterr(p)) : 0;
	pcap_close(p); /* and the file */
	free_streams(c.streams);
	return ret;
}

const struct command pcap_commands[] = {
    {"ofp-parse-pcap", 1, MANY, "FILE [PORT...]", "what the messages in a capture say", run_ofp_parse_pcap, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
