/* SPDX-License-Identifier: ISC */
/* Writes flow entries: the lines of dump-flows and what parse-flow shows. */
#include "flow_text.h"

#include "action_text.h"
#include "match_text.h"

#include <inttypes.h>

/* 'digits' digits after the point, leading zeroes included. */
static void
put_fraction(struct sbuf *b, uint32_t v, unsigned digits)
{
	char text[10];

	text[0] = '.';
	for (unsigned i = digits; i; i--, v /= 10)
		text[i] = (char)('0' + v % 10);
	sbuf_put(b, text, digits + 1);
}

void
duration_format(struct sbuf *b, uint32_t s, uint32_t ns)
{
	sbuf_put_u64(b, s);
	if (ns && ns % 1000000 == 0 && ns < 1000000000)
		put_fraction(b, ns / 1000000, 3);
	else if (ns >= 1000000000)
		sbuf_printf(b, ".%u", ns); /* not a fraction of a second: as it came */
	else if (ns) {
		unsigned digits = 9;

		while (ns % 10 == 0) {
			ns /= 10;
			digits--;
		}
		put_fraction(b, ns, digits);
	}
	sbuf_putc(b, 's');
}

static void
flags_format(struct sbuf *b, uint16_t flags)
{
	if (flags & OFPFF_SEND_FLOW_REM)
		sbuf_puts(b, "send_flow_rem ");
	if (flags & OFPFF_CHECK_OVERLAP)
		sbuf_puts(b, "check_overlap ");
	if (flags & OFPFF_RESET_COUNTS)
		sbuf_puts(b, "reset_counts ");
	if (flags & OFPFF_NO_PKT_COUNTS)
		sbuf_puts(b, "no_packet_counts ");
	if (flags & OFPFF_NO_BYT_COUNTS)
		sbuf_puts(b, "no_byte_counts ");
}

static void
counter_format(struct sbuf *b, const char *name, uint64_t v)
{
	sbuf_puts(b, name);
	sbuf_putc(b, '=');
	if (v == UINT64_MAX)
		sbuf_putc(b, '?');
	else
		sbuf_put_u64(b, v);
	sbuf_puts(b, ", ");
}

void
flow_stats_format(struct sbuf *b, const struct flow_stats *fs, const struct flow_format *f)
{
	size_t start;

	if (!f->no_stats || fs->cookie) {
		sbuf_puts(b, "cookie=");
		sbuf_put_hex(b, fs->cookie);
		sbuf_puts(b, ", ");
	}
	if (!f->no_stats) {
		sbuf_puts(b, "duration=");
		duration_format(b, fs->duration_s, fs->duration_ns);
		sbuf_puts(b, ", ");
	}
	if (!f->no_stats || fs->table_id || table_has_name(fs->table_id, f->names)) {
		sbuf_puts(b, "table=");
		table_format(b, fs->table_id, f->names);
		sbuf_puts(b, ", ");
	}
	if (!f->no_stats) {
		counter_format(b, "n_packets", fs->packet_count);
		counter_format(b, "n_bytes", fs->byte_count);
	}
	if (fs->idle_timeout_s)
		sbuf_printf(b, "idle_timeout=%u, ", fs->idle_timeout_s);
	if (fs->hard_timeout_s)
		sbuf_printf(b, "hard_timeout=%u, ", fs->hard_timeout_s);
	flags_format(b, fs->flags);
	if (fs->insts.importance)
		sbuf_printf(b, "importance=%u, ", fs->insts.importance);
	start = b->len;
	match_format(b, &fs->match, fs->priority, f->names);
	if (b->len > start)
		sbuf_putc(b, ' ');
	insts_format(b, &fs->insts, f->names);
}

void
flow_mod_format(struct sbuf *b, const struct flow_mod *fm, const struct port_names *names)
{
	static const char *const commands[] = {"ADD", "MOD", "MOD_STRICT", "DEL", "DEL_STRICT"};
	size_t start;

	if (fm->command < sizeof(commands) / sizeof(commands[0]))
		sbuf_printf(b, "%s ", commands[fm->command]);
	else
		sbuf_printf(b, "cmd:%u ", fm->command);
	if (fm->table_id != 0) {
		sbuf_puts(b, "table:");
		table_format(b, fm->table_id, names);
		sbuf_putc(b, ' ');
	}
	start = b->len;
	match_format(b, &fm->match, fm->priority, names);
	if (b->len > start)
		sbuf_putc(b, ' ');
	if (fm->cookie_mask)
		sbuf_printf(b, "cookie:0x%" PRIx64 "/0x%" PRIx64 " ", fm->cookie, fm->cookie_mask);
	else if (fm->cookie && fm->cookie != UINT64_MAX)
		sbuf_printf(b, "cookie:0x%" PRIx64 " ", fm->cookie);
	if (fm->idle_timeout_s)
		sbuf_printf(b, "idle:%u ", fm->idle_timeout_s);
	if (fm->hard_timeout_s)
		sbuf_printf(b, "hard:%u ", fm->hard_timeout_s);
	if (fm->insts.importance)
		sbuf_printf(b, "importance:%u ", fm->insts.importance);
	if (fm->buffer_id != OFP_NO_BUFFER)
		sbuf_printf(b, "buf:0x%x ", fm->buffer_id);
	if (fm->out_port != OFPP_ANY) {
		sbuf_puts(b, "out_port:");
		port_format(b, fm->out_port, names);
		sbuf_putc(b, ' ');
	}
	flags_format(b, fm->flags);
	insts_format(b, &fm->insts, names);
}
