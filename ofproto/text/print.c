/* SPDX-License-Identifier: ISC */
/* Prints whole messages: a header line for each, then what its type's row says. */
#include "print.h"

#include "flow_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MP_HEAD_LEN 16 /* bytes: header and multipart head */

static const char *const multipart_names[] = {
    [OFPMP_DESC] = "DESC",
    [OFPMP_FLOW] = "FLOW",
    [OFPMP_AGGREGATE] = "AGGREGATE",
    [OFPMP_TABLE] = "TABLE",
    [OFPMP_PORT_STATS] = "PORT",
    [OFPMP_QUEUE] = "QUEUE",
    [OFPMP_GROUP] = "GROUP",
    [OFPMP_GROUP_DESC] = "GROUP_DESC",
    [OFPMP_GROUP_FEATURES] = "GROUP_FEATURES",
    [OFPMP_METER] = "METER",
    [OFPMP_METER_CONFIG] = "METER_CONFIG",
    [OFPMP_METER_FEATURES] = "METER_FEATURES",
    [OFPMP_TABLE_FEATURES] = "TABLE_FEATURES",
    [OFPMP_PORT_DESC] = "PORT_DESC",
};

void
print_header(struct sbuf *b, const uint8_t *msg, size_t len)
{
	const struct ofp_hdr h = ofp_hdr_decode(msg);
	const struct ofp_type_info *info = ofp_type_info(h.type);
	const bool multipart = h.type == OFPT_MULTIPART_REQUEST || h.type == OFPT_MULTIPART_REPLY;
	uint16_t mp_type;

	if (multipart && len >= MP_HEAD_LEN) {
		mp_type = get_be16(msg + 8);
		if (mp_type < sizeof(multipart_names) / sizeof(multipart_names[0]))
			sbuf_printf(b, "OFPST_%s %s", multipart_names[mp_type],
			            h.type == OFPT_MULTIPART_REPLY ? "reply" : "request");
		else
			sbuf_printf(b, "OFPST_%u %s", mp_type, h.type == OFPT_MULTIPART_REPLY ? "reply" : "request");
	} else if (info) {
		sbuf_puts(b, info->name);
	} else {
		sbuf_printf(b, "OFPT_%u", h.type);
	}
	if (h.version >= 1 && h.version <= 6)
		sbuf_printf(b, " (OF1.%u)", h.version - 1u);
	else
		sbuf_printf(b, " (version 0x%02x)", h.version);
	sbuf_printf(b, " (xid=0x%" PRIx32 "):", h.xid);
	if (multipart && len >= MP_HEAD_LEN && (get_be16(msg + 10) & OFPMPF_REPLY_MORE))
		sbuf_puts(b, " flags=[more]");
}

const char *
frags_name(uint16_t flags)
{
	static const char *const names[] = {"normal", "drop", "reassemble", "nx-match"};

	return names[flags & OFPC_FRAG_MASK];
}

static void
print_hex(struct sbuf *b, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i += 16) {
		sbuf_printf(b, "%08zx ", i);
		for (size_t j = i; j < i + 16 && j < len; j++)
			sbuf_printf(b, " %02x", p[j]);
		sbuf_putc(b, '\n');
	}
}

/* ---- bodies; each returns false when the body is not well formed ---- */

struct print_ctx {
	struct sbuf *b;
	struct wire body;
	const struct port_names *names;
};

static bool
print_features_reply(struct print_ctx *c)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
	    {OFPC_FLOW_STATS, "FLOW_STATS"},     {OFPC_TABLE_STATS, "TABLE_STATS"}, {OFPC_PORT_STATS, "PORT_STATS"},
	    {OFPC_GROUP_STATS, "GROUP_STATS"},   {OFPC_IP_REASM, "IP_REASM"},       {OFPC_QUEUE_STATS, "QUEUE_STATS"},
	    {OFPC_PORT_BLOCKED, "PORT_BLOCKED"},
	};
	struct features_reply f;

	if (features_reply_decode(&c->body, &f))
		return false;
	sbuf_printf(c->b, " dpid:%016" PRIx64 "\nn_tables:%u, n_buffers:%" PRIu32, f.datapath_id, f.n_tables,
	            f.n_buffers);
	if (f.auxiliary_id)
		sbuf_printf(c->b, ", auxiliary_id:%u", f.auxiliary_id);
	sbuf_puts(c->b, "\ncapabilities:");
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (f.capabilities & bits[i].bit)
			sbuf_printf(c->b, " %s", bits[i].name);
	sbuf_putc(c->b, '\n');
	return true;
}

static bool
print_switch_config(struct print_ctx *c)
{
	struct switch_config s;

	if (switch_config_decode(&c->body, &s))
		return false;
	sbuf_printf(c->b, " frags=%s miss_send_len=%u\n", frags_name(s.flags), s.miss_send_len);
	return true;
}

static bool
print_error(struct print_ctx *c)
{
	struct error_msg e;
	enum of_error error;

	if (error_decode(&c->body, &e))
		return false;
	error = of_error_from_wire(e.type, e.code);
	if (error)
		sbuf_printf(c->b, " %s\n", of_error_name(error));
	else
		sbuf_printf(c->b, " type %u, code %u\n", e.type, e.code);
	if (e.type == 0) { /* HELLO_FAILED carries text */
		for (size_t i = 0; i < e.len; i++)
			sbuf_putc(c->b, isprint(e.data[i]) ? (char)e.data[i] : '.');
		if (e.len)
			sbuf_putc(c->b, '\n');
	} else if (e.len >= OFP_HEADER_LEN && e.data[1] != OFPT_ERROR) {
		ofp_print(c->b, e.data, e.len, c->names);
	} else if (e.len) {
		print_hex(c->b, e.data, e.len);
	}
	return true;
}

static bool
print_echo(struct print_ctx *c)
{
	const size_t len = wire_left(&c->body);

	sbuf_printf(c->b, " %zu bytes of payload\n", len);
	print_hex(c->b, c->body.p, len);
	return true;
}

static bool
print_packet_in_msg(struct print_ctx *c)
{
	struct packet_in pi;

	if (packet_in_decode(&c->body, &pi))
		return false;
	print_packet_in(c->b, &pi, c->names);
	return true;
}

static bool
print_flow_removed_msg(struct print_ctx *c)
{
	struct flow_removed fr;

	if (flow_removed_decode(&c->body, &fr))
		return false;
	print_flow_removed(c->b, &fr, c->names);
	return true;
}

static bool
print_port_status(struct print_ctx *c)
{
	static const char *const reasons[] = {"ADD", "DEL", "MOD"};
	struct port_status ps;

	if (port_status_decode(&c->body, &ps))
		return false;
	if (ps.reason < sizeof(reasons) / sizeof(reasons[0]))
		sbuf_printf(c->b, " %s:", reasons[ps.reason]);
	else
		sbuf_printf(c->b, " reason %u:", ps.reason);
	print_port(c->b, &ps.port);
	return true;
}

static bool
print_flow_mod(struct print_ctx *c)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;
	const bool ok = flow_mod_decode(&c->body, &acts, &fm) == OF_OK;

	if (ok) {
		sbuf_putc(c->b, ' ');
		flow_mod_format(c->b, &fm, c->names);
		sbuf_putc(c->b, '\n');
	}
	act_buf_fini(&acts);
	return ok;
}

static bool
print_role(struct print_ctx *c)
{
	static const char *const roles[] = {"nochange", "equal", "master", "slave"};
	struct role_msg r;

	if (role_decode(&c->body, &r))
		return false;
	if (r.role < sizeof(roles) / sizeof(roles[0]))
		sbuf_printf(c->b, " role=%s", roles[r.role]);
	else
		sbuf_printf(c->b, " role=%" PRIu32, r.role);
	if (r.generation_id != UINT64_MAX)
		sbuf_printf(c->b, " generation_id=%" PRIu64, r.generation_id);
	sbuf_putc(c->b, '\n');
	return true;
}

static bool
print_nothing(struct print_ctx *c)
{
	sbuf_putc(c->b, '\n');
	return true;
}

/* ---- multipart replies ---- */

static void
put_desc(struct sbuf *b, const char *label, const char *s, size_t size)
{
	sbuf_puts(b, label);
	for (size_t i = 0; i < size && s[i]; i++)
		sbuf_putc(b, isprint((unsigned char)s[i]) ? s[i] : '.');
	sbuf_putc(b, '\n');
}

static bool
print_desc(struct print_ctx *c)
{
	struct desc_stats d;

	if (desc_stats_decode(&c->body, &d))
		return false;
	sbuf_putc(c->b, '\n');
	put_desc(c->b, "Manufacturer: ", d.mfr_desc, sizeof(d.mfr_desc));
	put_desc(c->b, "Hardware: ", d.hw_desc, sizeof(d.hw_desc));
	put_desc(c->b, "Software: ", d.sw_desc, sizeof(d.sw_desc));
	put_desc(c->b, "Serial Num: ", d.serial_num, sizeof(d.serial_num));
	put_desc(c->b, "DP Description: ", d.dp_desc, sizeof(d.dp_desc));
	return true;
}

static bool
print_flows(struct print_ctx *c)
{
	const struct flow_format format = {.names = c->names};
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_stats fs;
	bool ok = true;

	sbuf_putc(c->b, '\n');
	while (ok && wire_left(&c->body) > 0) {
		act_buf_reset(&acts);
		ok = flow_stats_decode(&c->body, &acts, &fs) == OF_OK;
		if (!ok)
			break;
		sbuf_putc(c->b, ' ');
		flow_stats_format(c->b, &fs, &format);
		sbuf_putc(c->b, '\n');
	}
	act_buf_fini(&acts);
	return ok;
}

static bool
print_aggregate(struct print_ctx *c)
{
	struct aggregate_stats a;

	if (aggregate_stats_decode(&c->body, &a))
		return false;
	sbuf_printf(c->b, " packet_count=%" PRIu64 " byte_count=%" PRIu64 " flow_count=%" PRIu32 "\n", a.packet_count,
	            a.byte_count, a.flow_count);
	return true;
}

static bool
print_tables(struct print_ctx *c)
{
	struct tables_printer p = {.n_ditto = 0};
	struct table_stats s;

	sbuf_putc(c->b, '\n');
	while (wire_left(&c->body) > 0) {
		if (table_stats_decode(&c->body, &s))
			return false;
		print_table_stats(c->b, &p, &s);
	}
	print_tables_end(c->b, &p);
	return true;
}

static bool
print_tables_features(struct print_ctx *c)
{
	struct tables_printer p = {.n_ditto = 0};
	struct table_features f;

	sbuf_putc(c->b, '\n');
	while (wire_left(&c->body) > 0) {
		if (table_features_decode(&c->body, &f))
			return false;
		print_table_features(c->b, &p, &f);
	}
	print_tables_end(c->b, &p);
	return true;
}

static bool
print_ports_stats(struct print_ctx *c)
{
	struct sbuf rows = SBUF_INIT;
	struct port_stats s;
	unsigned n = 0;
	bool ok = true;

	while (ok && wire_left(&c->body) > 0) {
		ok = port_stats_decode(&c->body, &s) == OF_OK;
		if (ok) {
			print_port_stats(&rows, &s, c->names);
			n++;
		}
	}
	sbuf_printf(c->b, " %u ports\n%s", n, sbuf_str(&rows));
	sbuf_fini(&rows);
	return ok;
}

static int
compare_ports(const void *pa, const void *pb)
{
	const struct ofp_port *a = pa, *b = pb;

	return a->port_no < b->port_no ? -1 : a->port_no > b->port_no;
}

/* In ascending order of number, whatever the switch's; reserved ports come last. */
static bool
print_ports_desc(struct print_ctx *c)
{
	const size_t n = wire_left(&c->body) / OFP_PORT_LEN;
	struct ofp_port *ports = calloc(n ? n : 1, sizeof(*ports));

	if (!ports)
		return false;
	sbuf_putc(c->b, '\n');
	for (size_t i = 0; i < n; i++)
		ofp_port_decode(&c->body, &ports[i]);
	qsort(ports, n, sizeof(*ports), compare_ports);
	for (size_t i = 0; i < n; i++)
		print_port(c->b, &ports[i]);
	free(ports);
	return wire_left(&c->body) == 0;
}

static bool
print_multipart(struct print_ctx *c)
{
	static bool (*const rows[])(struct print_ctx *) = {
	    [OFPMP_DESC] = print_desc,
	    [OFPMP_FLOW] = print_flows,
	    [OFPMP_AGGREGATE] = print_aggregate,
	    [OFPMP_TABLE] = print_tables,
	    [OFPMP_PORT_STATS] = print_ports_stats,
	    [OFPMP_TABLE_FEATURES] = print_tables_features,
	    [OFPMP_PORT_DESC] = print_ports_desc,
	};
	struct multipart_hdr h;

	if (multipart_hdr_decode(&c->body, &h))
		return false;
	if (h.type >= sizeof(rows) / sizeof(rows[0]) || !rows[h.type]) {
		sbuf_putc(c->b, '\n');
		print_hex(c->b, c->body.p, wire_left(&c->body));
		return true;
	}
	return rows[h.type](c);
}

static bool (*const printers[OFPT_N_TYPES])(struct print_ctx *) = {
    [OFPT_HELLO] = print_nothing,
    [OFPT_ERROR] = print_error,
    [OFPT_ECHO_REQUEST] = print_echo,
    [OFPT_ECHO_REPLY] = print_echo,
    [OFPT_FEATURES_REQUEST] = print_nothing,
    [OFPT_FEATURES_REPLY] = print_features_reply,
    [OFPT_GET_CONFIG_REQUEST] = print_nothing,
    [OFPT_GET_CONFIG_REPLY] = print_switch_config,
    [OFPT_SET_CONFIG] = print_switch_config,
    [OFPT_PACKET_IN] = print_packet_in_msg,
    [OFPT_FLOW_REMOVED] = print_flow_removed_msg,
    [OFPT_PORT_STATUS] = print_port_status,
    [OFPT_FLOW_MOD] = print_flow_mod,
    [OFPT_MULTIPART_REPLY] = print_multipart,
    [OFPT_BARRIER_REQUEST] = print_nothing,
    [OFPT_BARRIER_REPLY] = print_nothing,
    [OFPT_ROLE_REQUEST] = print_role,
    [OFPT_ROLE_REPLY] = print_role,
};

void
ofp_print(struct sbuf *b, const void *msg, size_t len, const struct port_names *names)
{
	const uint8_t *p = msg;
	struct print_ctx c = {.b = b, .names = names};
	struct ofp_hdr h;

	if (len < OFP_HEADER_LEN) {
		sbuf_printf(b, "message of %zu bytes, shorter than its header\n", len);
		return;
	}
	h = ofp_hdr_decode(p);
	print_header(b, p, len);
	if (h.length < OFP_HEADER_LEN || h.length > len) {
		sbuf_printf(b, " (cut: %zu of %u bytes)\n", len, h.length);
		return;
	}
	c.body = wire_init(p + OFP_HEADER_LEN, h.length - OFP_HEADER_LEN);
	if (h.version != OFP_VERSION || h.type >= OFPT_N_TYPES || !printers[h.type]) {
		sbuf_putc(b, '\n');
		print_hex(b, p, h.length);
	} else if (!printers[h.type](&c)) {
		sbuf_puts(b, " (not well formed)\n");
		print_hex(b, p, h.length);
	}
}
