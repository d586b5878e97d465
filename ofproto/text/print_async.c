/* SPDX-License-Identifier: ISC */
/* Prints what a switch sends by itself: packet-in with a summary of the frame, and flow-removed (7.4). */
#include "print.h"

#include "flow_text.h"
#include "match_text.h"

#include <inttypes.h>

static const char *
packet_in_reason(uint8_t reason)
{
	static const char *const names[] = {"no_match", "action", "invalid_ttl"};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

void
print_packet_in(struct sbuf *b, const struct packet_in *pi, const struct port_names *names, int verbosity)
{
	if (pi->table_id) {
		sbuf_puts(b, " table_id=");
		table_format(b, pi->table_id, names);
	}
	if (pi->cookie != UINT64_MAX)
		sbuf_printf(b, " cookie=0x%" PRIx64, pi->cookie);
	sbuf_printf(b, " total_len=%u ", pi->total_len);
	match_format(b, &pi->match, -1, names);
	sbuf_printf(b, " (via %s) data_len=%zu", packet_in_reason(pi->reason), pi->len);
	if (pi->buffer_id == OFP_NO_BUFFER)
		sbuf_puts(b, " (unbuffered)");
	else
		sbuf_printf(b, " buffer=0x%08" PRIx32, pi->buffer_id);
	if (pi->total_len < pi->len)
		sbuf_puts(b, " (***total_len < data_len***)");
	else if (pi->total_len != pi->len)
		sbuf_puts(b, pi->buffer_id == OFP_NO_BUFFER ? " (***total_len != data_len***)" : "");
	sbuf_putc(b, '\n');
	if (verbosity > 0) {
		print_frame(b, pi->data, pi->len);
		sbuf_putc(b, '\n');
	}
	if (verbosity > 2)
		print_raw_hex(b, pi->data, pi->len);
}

void
print_flow_removed(struct sbuf *b, const struct flow_removed *fr, const struct port_names *names)
{
	static const char *const reasons[] = {"idle", "hard", "delete", "group_delete", "meter_delete", "eviction"};
	sbuf_putc(b, ' ');
	match_format(b, &fr->match, fr->priority, names);
	if (fr->reason < sizeof(reasons) / sizeof(reasons[0]))
		sbuf_printf(b, " reason=%s", reasons[fr->reason]);
	else
		sbuf_printf(b, " reason=%u", fr->reason);
	sbuf_puts(b, " table_id=");
	table_format(b, fr->table_id, names);
	if (fr->cookie)
		sbuf_printf(b, " cookie:0x%" PRIx64, fr->cookie);
	sbuf_puts(b, " duration");
	duration_format(b, fr->duration_s, fr->duration_ns);
	sbuf_printf(b, " idle%u", fr->idle_timeout_s);
	if (fr->hard_timeout_s)
		sbuf_printf(b, " hard%u", fr->hard_timeout_s);
	sbuf_printf(b, " pkts%" PRIu64 " bytes%" PRIu64 "\n", fr->packet_count, fr->byte_count);
}
