/* SPDX-License-Identifier: ISC */
/* Prints ports: descriptions (7.2.1) and counters (7.3.5.6). */
#include "print.h"

#include "addr.h"
#include "flow_text.h"

#include <ctype.h>
#include <inttypes.h>

struct bit_name {
	uint32_t bit;
	const char *name;
};

static const struct bit_name config_bits[] = {
    {OFPPC_PORT_DOWN, "PORT_DOWN"},
    {OFPPC_NO_RECV, "NO_RECV"},
    {OFPPC_NO_FWD, "NO_FWD"},
    {OFPPC_NO_PACKET_IN, "NO_PACKET_IN"},
    {0, NULL},
};
static const struct bit_name state_bits[] = {
    {OFPPS_LINK_DOWN, "LINK_DOWN"},
    {OFPPS_BLOCKED, "BLOCKED"},
    {OFPPS_LIVE, "LIVE"},
    {0, NULL},
};
static const struct bit_name feature_bits[] = {
    {OFPPF_10MB_HD, "10MB-HD"},
    {OFPPF_10MB_FD, "10MB-FD"},
    {OFPPF_100MB_HD, "100MB-HD"},
    {OFPPF_100MB_FD, "100MB-FD"},
    {OFPPF_1GB_HD, "1GB-HD"},
    {OFPPF_1GB_FD, "1GB-FD"},
    {OFPPF_10GB_FD, "10GB-FD"},
    {OFPPF_40GB_FD, "40GB-FD"},
    {OFPPF_100GB_FD, "100GB-FD"},
    {OFPPF_1TB_FD, "1TB-FD"},
    {OFPPF_OTHER, "OTHER"},
    {OFPPF_COPPER, "COPPER"},
    {OFPPF_FIBER, "FIBER"},
    {OFPPF_AUTONEG, "AUTO_NEG"},
    {OFPPF_PAUSE, "AUTO_PAUSE"},
    {OFPPF_PAUSE_ASYM, "AUTO_PAUSE_ASYM"},
    {0, NULL},
};

static void
print_bits(struct sbuf *b, const char *label, uint32_t bits, const struct bit_name *names)
{
	sbuf_puts(b, label);
	if (!bits)
		sbuf_puts(b, " 0");
	for (; names->name; names++)
		if (bits & names->bit) {
			sbuf_printf(b, " %s", names->name);
			bits &= ~names->bit;
		}
	if (bits)
		sbuf_printf(b, " 0x%" PRIx32, bits);
	sbuf_putc(b, '\n');
}

static void
print_features(struct sbuf *b, const char *label, uint32_t bits)
{
	if (bits)
		print_bits(b, label, bits, feature_bits);
}

void
print_port(struct sbuf *b, const struct ofp_port *p)
{
	char mac[MAC_STR_LEN];

	sbuf_putc(b, ' ');
	port_format(b, p->port_no, NULL);
	sbuf_putc(b, '(');
	for (const char *s = p->name; *s; s++)
		sbuf_putc(b, isprint((unsigned char)*s) ? *s : '.');
	sbuf_printf(b, "): addr:%s\n", mac_format(p->hw_addr, mac));
	print_bits(b, "     config:    ", p->config, config_bits);
	print_bits(b, "     state:     ", p->state, state_bits);
	print_features(b, "     current:   ", p->curr);
	print_features(b, "     advertised:", p->advertised);
	print_features(b, "     supported: ", p->supported);
	print_features(b, "     peer:      ", p->peer);
	sbuf_printf(b, "     speed: %" PRIu32 " Mbps now, %" PRIu32 " Mbps max\n", p->curr_speed / 1000,
	            p->max_speed / 1000);
}

void
print_port_config(struct sbuf *b, const char *label, uint32_t config)
{
	print_bits(b, label, config, config_bits);
}

void
print_port_state(struct sbuf *b, const char *label, uint32_t state)
{
	print_bits(b, label, state, state_bits);
}

void
print_port_features(struct sbuf *b, const char *label, uint32_t features)
{
	print_bits(b, label, features, feature_bits);
}

void
print_counter(struct sbuf *b, const char *label, uint64_t v, const char *end)
{
	if (v == UINT64_MAX)
		sbuf_printf(b, "%s=?%s", label, end);
	else
		sbuf_printf(b, "%s=%" PRIu64 "%s", label, v, end);
}

void
print_port_stats(struct sbuf *b, const struct port_stats *s, const struct port_names *names)
{
	sbuf_puts(b, s->port_no < 10 ? "  port  " : "  port ");
	port_format(b, s->port_no, names);
	sbuf_puts(b, ": rx ");
	print_counter(b, "pkts", s->rx_packets, ", ");
	print_counter(b, "bytes", s->rx_bytes, ", ");
	print_counter(b, "drop", s->rx_dropped, ", ");
	print_counter(b, "errs", s->rx_errors, ", ");
	print_counter(b, "frame", s->rx_frame_err, ", ");
	print_counter(b, "over", s->rx_over_err, ", ");
	print_counter(b, "crc", s->rx_crc_err, "\n");
	sbuf_puts(b, "           tx ");
	print_counter(b, "pkts", s->tx_packets, ", ");
	print_counter(b, "bytes", s->tx_bytes, ", ");
	print_counter(b, "drop", s->tx_dropped, ", ");
	print_counter(b, "errs", s->tx_errors, ", ");
	print_counter(b, "coll", s->collisions, "\n");
	if (s->duration_s == UINT32_MAX)
		return;
	sbuf_puts(b, "           duration=");
	duration_format(b, s->duration_s, s->duration_ns);
	sbuf_putc(b, '\n');
}
