/* SPDX-License-Identifier: ISC */
/* Prints what a switch sends by itself: packet-in with a summary of the frame, and flow-removed (7.4). */
#include "print.h"

#include "match_text.h"

#include <inttypes.h>

/* The transport header. */
static void
frame_l4(struct match *m, uint8_t proto, struct wire w)
{
	uint8_t ports[4];

	if (wire_left(&w) < 4)
		return;
	wire_bytes(&w, ports, 4);
	switch (proto) {
	case 6:
		match_set(m, OXM_TCP_SRC, ports, NULL);
		match_set(m, OXM_TCP_DST, ports + 2, NULL);
		break;
	case 17:
		match_set(m, OXM_UDP_SRC, ports, NULL);
		match_set(m, OXM_UDP_DST, ports + 2, NULL);
		break;
	case 132:
		match_set(m, OXM_SCTP_SRC, ports, NULL);
		match_set(m, OXM_SCTP_DST, ports + 2, NULL);
		break;
	case 1:
		match_set(m, OXM_ICMPV4_TYPE, ports, NULL);
		match_set(m, OXM_ICMPV4_CODE, ports + 1, NULL);
		break;
	case 58:
		match_set(m, OXM_ICMPV6_TYPE, ports, NULL);
		match_set(m, OXM_ICMPV6_CODE, ports + 1, NULL);
		break;
	}
}

static void
frame_ipv4(struct match *m, struct wire w)
{
	const size_t left = wire_left(&w);
	const uint8_t *h = wire_take(&w, 20);
	size_t hlen;
	uint8_t v;

	if (!h || h[0] >> 4 != 4)
		return;
	hlen = (size_t)(h[0] & 15) * 4;
	match_set(m, OXM_IPV4_SRC, h + 12, NULL);
	match_set(m, OXM_IPV4_DST, h + 16, NULL);
	match_set(m, OXM_IP_PROTO, h + 9, NULL);
	v = h[1] >> 2;
	match_set(m, OXM_IP_DSCP, &v, NULL);
	v = h[1] & 3;
	match_set(m, OXM_IP_ECN, &v, NULL);
	if (hlen < 20 || hlen > left || (get_be16(h + 6) & 0x1fff))
		return;
	wire_skip(&w, hlen - 20);
	frame_l4(m, h[9], w);
}

static void
frame_ipv6(struct match *m, struct wire w)
{
	const uint8_t *h = wire_take(&w, 40);

	if (!h || h[0] >> 4 != 6)
		return;
	match_set(m, OXM_IPV6_SRC, h + 8, NULL);
	match_set(m, OXM_IPV6_DST, h + 24, NULL);
	match_set(m, OXM_IP_PROTO, h + 6, NULL);
	frame_l4(m, h[6], w);
}

static void
frame_arp(struct match *m, struct wire w)
{
	const uint8_t *h = wire_take(&w, 28);

	if (!h)
		return;
	match_set(m, OXM_ARP_OP, h + 6, NULL);
	match_set(m, OXM_ARP_SHA, h + 8, NULL);
	match_set(m, OXM_ARP_SPA, h + 14, NULL);
	match_set(m, OXM_ARP_THA, h + 18, NULL);
	match_set(m, OXM_ARP_TPA, h + 24, NULL);
}

void
print_frame(struct sbuf *b, const uint8_t *data, size_t len)
{
	struct wire w = wire_init(data, len);
	const uint8_t *h = wire_take(&w, 14);
	struct match m;
	uint8_t vid[2], type[2], pcp;
	uint16_t tci;

	if (!h)
		return;
	match_init(&m);
	match_set(&m, OXM_ETH_DST, h, NULL);
	match_set(&m, OXM_ETH_SRC, h + 6, NULL);
	put_be16(type, get_be16(h + 12));
	if ((get_be16(type) == 0x8100 || get_be16(type) == 0x88a8) && wire_left(&w) >= 4) {
		tci = wire_be16(&w);
		put_be16(vid, (uint16_t)((tci & 0xfff) | OFPVID_PRESENT));
		pcp = (uint8_t)(tci >> 13);
		match_set(&m, OXM_VLAN_VID, vid, NULL);
		match_set(&m, OXM_VLAN_PCP, &pcp, NULL);
		put_be16(type, wire_be16(&w));
	}
	match_set(&m, OXM_ETH_TYPE, type, NULL);
	switch (get_be16(type)) {
	case 0x0800:
		frame_ipv4(&m, w);
		break;
	case 0x86dd:
		frame_ipv6(&m, w);
		break;
	case 0x0806:
		frame_arp(&m, w);
		break;
	}
	match_format(b, &m, -1, NULL);
}

static const char *
packet_in_reason(uint8_t reason)
{
	static const char *const names[] = {"no_match", "action", "invalid_ttl"};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

void
print_packet_in(struct sbuf *b, const struct packet_in *pi, const struct port_names *names)
{
	if (pi->table_id)
		sbuf_printf(b, " table_id=%u", pi->table_id);
	sbuf_printf(b, " cookie=0x%" PRIx64 " total_len=%u ", pi->cookie, pi->total_len);
	match_format(b, &pi->match, -1, names);
	sbuf_printf(b, " (via %s) data_len=%zu", packet_in_reason(pi->reason), pi->len);
	if (pi->buffer_id == OFP_NO_BUFFER)
		sbuf_puts(b, " (unbuffered)\n");
	else
		sbuf_printf(b, " buffer=0x%08" PRIx32 "\n", pi->buffer_id);
	print_frame(b, pi->data, pi->len);
	sbuf_putc(b, '\n');
}

void
print_flow_removed(struct sbuf *b, const struct flow_removed *fr, const struct port_names *names)
{
	static const char *const reasons[] = {"idle", "hard", "delete", "group_delete"};
	const size_t start = b->len;

	sbuf_putc(b, ' ');
	match_format(b, &fr->match, fr->priority, names);
	if (b->len > start + 1)
		sbuf_putc(b, ' ');
	if (fr->reason < sizeof(reasons) / sizeof(reasons[0]))
		sbuf_printf(b, "reason=%s", reasons[fr->reason]);
	else
		sbuf_printf(b, "reason=%u", fr->reason);
	if (fr->table_id)
		sbuf_printf(b, " table_id=%u", fr->table_id);
	if (fr->cookie)
		sbuf_printf(b, " cookie:0x%" PRIx64, fr->cookie);
	sbuf_printf(b, " duration%" PRIu32 ".%03" PRIu32 "s idle%u", fr->duration_s, fr->duration_ns / 1000000,
	            fr->idle_timeout_s);
	if (fr->hard_timeout_s)
		sbuf_printf(b, " hard%u", fr->hard_timeout_s);
	sbuf_printf(b, " pkts%" PRIu64 " bytes%" PRIu64 "\n", fr->packet_count, fr->byte_count);
}
