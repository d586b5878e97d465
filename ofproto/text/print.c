/* SPDX-License-Identifier: ISC */
/* Prints whole messages: a header line for each, then what its type's row says. */
#include "print_ctx.h"

#include "extensions.h"
#include "flow_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MP_HEAD_LEN 16 /* bytes: header and multipart head */
#define MP_EXP_HEAD_LEN 24 /* and experimenter and type */
#define EXP_HEAD_LEN 16 /* header, experimenter, type */

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

static bool
is_multipart(const struct ofp_hdr *h)
{
	return h->type == OFPT_MULTIPART_REQUEST || h->type == OFPT_MULTIPART_REPLY;
}

/* The row of an extension's multipart, or NULL. */
static const struct extension_multipart *
extension_of(const struct ofp_hdr *h, const uint8_t *msg, size_t len)
{
	if (!is_multipart(h) || len < MP_EXP_HEAD_LEN || get_be16(msg + 8) != OFPMP_EXPERIMENTER)
		return NULL;
	return extension_multipart(get_be32(msg + 16), get_be32(msg + 20));
}

static void
put_version(struct sbuf *b, uint8_t version)
{
	if (version >= 2 && version <= 6)
		sbuf_printf(b, " (OF1.%u)", version - 1u);
	else if (version != 1)
		sbuf_printf(b, " (OF 0x%02x)", version);
}

void
print_header(struct sbuf *b, const uint8_t *msg, size_t len)
{
	const struct ofp_hdr h = ofp_hdr_decode(msg);
	const struct ofp_type_info *info = ofp_type_info(h.type);
	const bool multipart = is_multipart(&h) && len >= MP_HEAD_LEN;
	const struct extension_multipart *ext = extension_of(&h, msg, len);
	const char *name;
	uint16_t mp_type;

	if (ext) {
		sbuf_printf(b, "%s %s", ext->name, h.type == OFPT_MULTIPART_REPLY ? "reply" : "request");
	} else if (h.type == OFPT_EXPERIMENTER && len >= EXP_HEAD_LEN &&
	           extension_printer(get_be32(msg + 8), get_be32(msg + 12), &name)) {
		sbuf_puts(b, name);
	} else if (multipart) {
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
	put_version(b, h.version);
	sbuf_printf(b, " (xid=0x%" PRIx32 "):", h.xid);
	if (multipart && (get_be16(msg + 10) & OFPMPF_REPLY_MORE))
		sbuf_puts(b, " flags=[more]");
}

const char *
frags_name(uint16_t flags)
{
	static const char *const names[] = {"normal", "drop", "reassemble", "nx-match"};

	return names[flags & OFPC_FRAG_MASK];
}

const char *
print_error_name(enum of_error error)
{
	/* Open vSwitch keeps the names of other versions for these. */
	static const struct {
		enum of_error error;
		const char *name;
	} others[] = {
	    {OFPBRC_BAD_MULTIPART, "OFPBRC_BAD_STAT"},      {OFPBRC_BAD_EXPERIMENTER, "OFPBRC_BAD_VENDOR"},
	    {OFPBRC_BAD_EXP_TYPE, "OFPBRC_BAD_SUBTYPE"},    {OFPBRC_IS_SLAVE, "OFPBRC_IS_SECONDARY"},
	    {OFPBAC_BAD_EXPERIMENTER, "OFPBAC_BAD_VENDOR"}, {OFPBAC_BAD_EXP_TYPE, "OFPBAC_BAD_VENDOR_TYPE"},
	    {OFPTFFC_BAD_TYPE, "OFPBPC_BAD_TYPE"},          {OFPTFFC_BAD_LEN, "OFPBPC_BAD_LEN"},
	    {OFPTFFC_BAD_ARGUMENT, "OFPBPC_BAD_VALUE"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].error == error)
			return others[i].name;
	return of_error_name(error);
}

/* ---- bytes ---- */

static void
put_hex_lines(struct sbuf *b, const uint8_t *p, size_t len, bool characters)
{
	for (size_t i = 0; i < len; i += 16) {
		const size_t n = len - i < 16 ? len - i : 16;

		sbuf_printf(b, "%08zx ", i);
		for (size_t j = 0; j < 16; j++)
			if (j < n)
				sbuf_printf(b, "%c%02x", j == 8 ? '-' : ' ', p[i + j]);
			else if (j == n && n == 8)
				sbuf_puts(b, "-  ");
			else if (characters)
				sbuf_puts(b, "   ");
		if (characters) {
			sbuf_puts(b, " |");
			for (size_t j = 0; j < 16; j++)
				sbuf_putc(b, j >= n ? ' ' : isprint(p[i + j]) ? (char)p[i + j] : '.');
			sbuf_putc(b, '|');
		}
		sbuf_putc(b, '\n');
	}
}

void
print_raw_hex(struct sbuf *b, const uint8_t *p, size_t len)
{
	put_hex_lines(b, p, len, false);
}

void
print_hex(struct sbuf *b, const uint8_t *p, size_t len)
{
	put_hex_lines(b, p, len, true);
}

/* ---- bodies ---- */

static enum of_error
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
	const enum of_error error = features_reply_decode(&c->body, &f);

	if (error)
		return error;
	sbuf_printf(c->b, " dpid:%016" PRIx64 "\nn_tables:%u, n_buffers:%" PRIu32, f.datapath_id, f.n_tables,
	            f.n_buffers);
	if (f.auxiliary_id)
		sbuf_printf(c->b, ", auxiliary_id:%u", f.auxiliary_id);
	sbuf_puts(c->b, "\ncapabilities:");
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (f.capabilities & bits[i].bit)
			sbuf_printf(c->b, " %s", bits[i].name);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

static enum of_error
print_switch_config(struct print_ctx *c)
{
	struct switch_config s;
	const enum of_error error = switch_config_decode(&c->body, &s);

	if (error)
		return error;
	sbuf_printf(c->b, " frags=%s miss_send_len=%u\n", frags_name(s.flags), s.miss_send_len);
	return OF_OK;
}

static enum of_error
print_error(struct print_ctx *c)
{
	struct error_msg e;
	enum of_error error = error_decode(&c->body, &e);
	enum of_error code = OF_OK; /* an experimenter's code is his own */

	if (error)
		return error;
	if (e.type != 0xffff || e.experimenter == ONF_EXPERIMENTER_ID)
		code = of_error_from_wire(e.type, e.code);
	if (code)
		sbuf_printf(c->b, " %s\n", print_error_name(code));
	else if (e.type == 0xffff)
		sbuf_printf(c->b, " experimenter 0x%08" PRIx32 ", code %u\n", e.experimenter, e.code);
	else
		sbuf_printf(c->b, " type %u, code %u\n", e.type, e.code);
	if (e.type == 0) { /* HELLO_FAILED carries text */
		for (size_t i = 0; i < e.len; i++)
			sbuf_putc(c->b, isprint(e.data[i]) ? (char)e.data[i] : '.');
		sbuf_putc(c->b, '\n');
	} else if (e.len >= OFP_HEADER_LEN && e.data[1] != OFPT_ERROR) {
		ofp_print_verbose(c->b, e.data, e.len, c->names, c->verbosity);
	} else if (e.len) {
		print_hex(c->b, e.data, e.len);
	}
	return OF_OK;
}

static enum of_error
print_hello(struct print_ctx *c)
{
	const uint8_t header_version = c->body.p[-OFP_HEADER_LEN];
	uint32_t versions = 0;
	const enum of_error error = hello_decode(&c->body, header_version, &versions);
	bool first = true;

	if (error)
		return error;
	sbuf_puts(c->b, "\n version bitmap: ");
	for (unsigned v = 1; v < 32; v++)
		if (versions & 1u << v) {
			sbuf_printf(c->b, "%s0x%02x", first ? "" : ", ", v);
			first = false;
		}
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

static enum of_error
print_echo(struct print_ctx *c)
{
	const size_t len = wire_left(&c->body);

	sbuf_printf(c->b, " %zu bytes of payload\n", len);
	print_hex(c->b, c->body.p, len);
	return OF_OK;
}

static enum of_error
print_packet_in_msg(struct print_ctx *c)
{
	struct packet_in pi;
	const enum of_error error = packet_in_decode(&c->body, &pi);

	if (error)
		return error;
	print_packet_in(c->b, &pi, c->names, c->verbosity);
	return OF_OK;
}

static enum of_error
print_flow_removed_msg(struct print_ctx *c)
{
	struct flow_removed fr;
	const enum of_error error = flow_removed_decode(&c->body, &fr);

	if (error)
		return error;
	print_flow_removed(c->b, &fr, c->names);
	return OF_OK;
}

static enum of_error
print_port_status(struct print_ctx *c)
{
	static const char *const reasons[] = {"ADD", "DEL", "MOD"};
	struct port_status ps;
	const enum of_error error = port_status_decode(&c->body, &ps);

	if (error)
		return error;
	if (ps.reason >= sizeof(reasons) / sizeof(reasons[0]))
		return OFPBRC_BAD_LEN;
	sbuf_printf(c->b, " %s:", reasons[ps.reason]);
	print_port(c->b, &ps.port);
	return OF_OK;
}

static enum of_error
print_nothing(struct print_ctx *c)
{
	sbuf_putc(c->b, '\n');
	return OF_OK;
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

static enum of_error
print_desc(struct print_ctx *c)
{
	struct desc_stats d;
	const enum of_error error = desc_stats_decode(&c->body, &d);

	if (error)
		return error;
	sbuf_putc(c->b, '\n');
	put_desc(c->b, "Manufacturer: ", d.mfr_desc, sizeof(d.mfr_desc));
	put_desc(c->b, "Hardware: ", d.hw_desc, sizeof(d.hw_desc));
	put_desc(c->b, "Software: ", d.sw_desc, sizeof(d.sw_desc));
	put_desc(c->b, "Serial Num: ", d.serial_num, sizeof(d.serial_num));
	put_desc(c->b, "DP Description: ", d.dp_desc, sizeof(d.dp_desc));
	return OF_OK;
}

static enum of_error
print_flows(struct print_ctx *c)
{
	const struct flow_format format = {.names = c->names};
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_stats fs;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body) > 0) {
		act_buf_reset(&acts);
		error = flow_stats_decode(&c->body, &acts, &fs);
		if (error)
			break;
		sbuf_putc(c->b, ' ');
		flow_stats_format(c->b, &fs, &format);
		sbuf_putc(c->b, '\n');
	}
	act_buf_fini(&acts);
	return error;
}

static enum of_error
print_aggregate(struct print_ctx *c)
{
	struct aggregate_stats a;
	const enum of_error error = aggregate_stats_decode(&c->body, &a);

	if (error)
		return error;
	sbuf_printf(c->b, " packet_count=%" PRIu64 " byte_count=%" PRIu64 " flow_count=%" PRIu32 "\n", a.packet_count,
	            a.byte_count, a.flow_count);
	return OF_OK;
}

static enum of_error
print_tables(struct print_ctx *c)
{
	struct tables_printer p = {.n_ditto = 0};
	struct table_stats s;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body) > 0) {
		error = table_stats_decode(&c->body, &s);
		if (!error)
			print_table_stats(c->b, &p, &s);
	}
	print_tables_end(c->b, &p);
	return error;
}

static enum of_error
print_tables_features(struct print_ctx *c)
{
	struct tables_printer p = {.n_ditto = 0};
	struct table_features f;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body) > 0) {
		error = table_features_decode(&c->body, &f);
		if (!error)
			print_table_features(c->b, &p, &f);
	}
	print_tables_end(c->b, &p);
	return error;
}

static enum of_error
print_ports_stats(struct print_ctx *c)
{
	struct sbuf rows = SBUF_INIT;
	struct port_stats s;
	unsigned n = 0;
	enum of_error error = OF_OK;

	while (!error && wire_left(&c->body) > 0) {
		error = port_stats_decode(&c->body, &s);
		if (!error) {
			print_port_stats(&rows, &s, c->names);
			n++;
		}
	}
	sbuf_printf(c->b, " %u ports\n%s", n, sbuf_str(&rows));
	sbuf_fini(&rows);
	return error;
}

static int
compare_ports(const void *pa, const void *pb)
{
	const struct ofp_port *a = pa, *b = pb;

	return a->port_no < b->port_no ? -1 : a->port_no > b->port_no;
}

/* In ascending order of number, whatever the switch's; reserved ports come last. */
static enum of_error
print_ports_desc(struct print_ctx *c)
{
	const size_t n = wire_left(&c->body) / OFP_PORT_LEN;
	struct ofp_port *ports = calloc(n ? n : 1, sizeof(*ports));

	if (!ports)
		return OFPBRC_BAD_LEN;
	sbuf_putc(c->b, '\n');
	for (size_t i = 0; i < n; i++)
		ofp_port_decode(&c->body, &ports[i]);
	qsort(ports, n, sizeof(*ports), compare_ports);
	for (size_t i = 0; i < n; i++)
		print_port(c->b, &ports[i]);
	free(ports);
	return wire_left(&c->body) ? OFPBRC_BAD_LEN : OF_OK;
}

static print_fn *const request_printers[] = {
    [OFPMP_DESC] = print_nothing,
    [OFPMP_FLOW] = print_flow_request,
    [OFPMP_AGGREGATE] = print_flow_request,
    [OFPMP_TABLE] = print_nothing,
    [OFPMP_PORT_STATS] = print_port_request,
    [OFPMP_QUEUE] = print_queue_request,
    [OFPMP_GROUP] = print_group_request,
    [OFPMP_GROUP_DESC] = print_group_desc_request,
    [OFPMP_GROUP_FEATURES] = print_nothing,
    [OFPMP_METER] = print_meter_request,
    [OFPMP_METER_CONFIG] = print_meter_request,
    [OFPMP_METER_FEATURES] = print_nothing,
    [OFPMP_TABLE_FEATURES] = print_tables_features,
    [OFPMP_PORT_DESC] = print_port_desc_request,
};

static print_fn *const reply_printers[] = {
    [OFPMP_DESC] = print_desc,
    [OFPMP_FLOW] = print_flows,
    [OFPMP_AGGREGATE] = print_aggregate,
    [OFPMP_TABLE] = print_tables,
    [OFPMP_PORT_STATS] = print_ports_stats,
    [OFPMP_QUEUE] = print_queue_stats_reply,
    [OFPMP_GROUP] = print_group_stats_reply,
    [OFPMP_GROUP_DESC] = print_group_desc_reply,
    [OFPMP_GROUP_FEATURES] = print_group_features_reply,
    [OFPMP_METER] = print_meter_stats_reply,
    [OFPMP_METER_CONFIG] = print_meter_config_reply,
    [OFPMP_METER_FEATURES] = print_meter_features_reply,
    [OFPMP_TABLE_FEATURES] = print_tables_features,
    [OFPMP_PORT_DESC] = print_ports_desc,
};

static print_fn *const printers[OFPT_N_TYPES] = {
    [OFPT_HELLO] = print_hello,
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
    [OFPT_PACKET_OUT] = print_packet_out,
    [OFPT_FLOW_MOD] = print_flow_mod,
    [OFPT_GROUP_MOD] = print_group_mod,
    [OFPT_PORT_MOD] = print_port_mod,
    [OFPT_TABLE_MOD] = print_table_mod,
    [OFPT_BARRIER_REQUEST] = print_nothing,
    [OFPT_BARRIER_REPLY] = print_nothing,
    [OFPT_QUEUE_GET_CONFIG_REQUEST] = print_queue_config_request,
    [OFPT_QUEUE_GET_CONFIG_REPLY] = print_queue_config,
    [OFPT_ROLE_REQUEST] = print_role,
    [OFPT_ROLE_REPLY] = print_role,
    [OFPT_GET_ASYNC_REQUEST] = print_nothing,
    [OFPT_GET_ASYNC_REPLY] = print_async_config,
    [OFPT_SET_ASYNC] = print_async_config,
    [OFPT_METER_MOD] = print_meter_mod,
};

/* The row for an experimenter message or multipart, whose number and type are at 'p', or NULL and the reason. */
static print_fn *
find_extension(const struct ofp_hdr *h, const uint8_t *p, enum of_error *error)
{
	const struct extension_multipart *ext;
	const char *name;

	*error = get_be32(p) == ONF_EXPERIMENTER_ID ? OFPBRC_BAD_EXP_TYPE : OFPBRC_BAD_EXPERIMENTER;
	if (!is_multipart(h))
		return extension_printer(get_be32(p), get_be32(p + 4), &name);
	ext = extension_multipart(get_be32(p), get_be32(p + 4));
	if (!ext)
		return NULL;
	return h->type == OFPT_MULTIPART_REPLY ? ext->reply : ext->request;
}

static print_fn *
find_multipart(const struct ofp_hdr *h, const uint8_t *p, enum of_error *error)
{
	const bool reply = h->type == OFPT_MULTIPART_REPLY;
	const uint16_t mp = get_be16(p + 8);

	*error = reply ? OF_OK : multipart_request_check(mp, h->length - MP_HEAD_LEN);
	if (mp == OFPMP_EXPERIMENTER && h->length < MP_EXP_HEAD_LEN)
		*error = OFPBRC_BAD_LEN;
	if (*error)
		return NULL;
	if (mp == OFPMP_EXPERIMENTER)
		return find_extension(h, p + MP_HEAD_LEN, error);
	*error = OFPBRC_BAD_MULTIPART;
	if (mp >= sizeof(reply_printers) / sizeof(reply_printers[0]))
		return NULL;
	return reply ? reply_printers[mp] : request_printers[mp];
}

/* The row for a message, or NULL and the reason.  Length is checked here, so that printers see whole fixed parts. */
static print_fn *
find_printer(const struct ofp_hdr *h, const uint8_t *p, enum of_error *error)
{
	const struct ofp_type_info *info = ofp_type_info(h->type);

	*error = info ? OFPBRC_BAD_LEN : OFPBRC_BAD_TYPE;
	if (!info || h->length < info->min_len || (info->exact && h->length != info->min_len))
		return NULL;
	if (h->type == OFPT_EXPERIMENTER)
		return find_extension(h, p + OFP_HEADER_LEN, error);
	return is_multipart(h) ? find_multipart(h, p, error) : printers[h->type];
}

static void
print_decode_error(struct sbuf *b, enum of_error error, const uint8_t *p, size_t len)
{
	sbuf_printf(b, "***decode error: %s***\n", print_error_name(error));
	print_hex(b, p, len);
}

/* What can be said of a message that is not there whole. */
static void
print_truncated(struct sbuf *b, const uint8_t *p, size_t len, const struct ofp_hdr *h)
{
	print_header(b, p, len);
	sbuf_printf(b, "\n(***truncated to %zu bytes from %u***)\n", len, h->length);
	print_hex(b, p, len);
}

void
ofp_print_verbose(struct sbuf *b, const void *msg, size_t len, const struct port_names *names, int verbosity)
{
	const uint8_t *p = msg;
	struct print_ctx c = {.b = b, .names = names, .verbosity = verbosity};
	print_fn *print;
	enum of_error error;
	struct ofp_hdr h;

	if (!len) {
		sbuf_puts(b, "OpenFlow message is empty\n");
		return;
	}
	if (len < OFP_HEADER_LEN) {
		sbuf_printf(b, "OpenFlow packet too short (only %zu bytes):\n", len);
		print_hex(b, p, len);
		return;
	}
	h = ofp_hdr_decode(p);
	if (h.length > len) {
		print_truncated(b, p, len, &h);
		return;
	}
	if (h.length < len) {
		sbuf_printf(b, "(***only uses %u bytes out of %zu***)\n", h.length, len);
		print_hex(b, p, len);
		return;
	}
	print = find_printer(&h, p, &error);
	if (!print || (h.version != OFP_VERSION && h.type != OFPT_HELLO && print != print_nothing)) {
		print_decode_error(b, print ? OFPBRC_BAD_VERSION : error, p, len);
		return;
	}
	print_header(b, p, len);
	c.body = wire_init(p + OFP_HEADER_LEN, h.length - OFP_HEADER_LEN);
	if (extension_of(&h, p, len))
		wire_skip(&c.body, MP_EXP_HEAD_LEN - OFP_HEADER_LEN);
	else if (is_multipart(&h))
		wire_skip(&c.body, MP_HEAD_LEN - OFP_HEADER_LEN);
	else if (h.type == OFPT_EXPERIMENTER)
		wire_skip(&c.body, EXP_HEAD_LEN - OFP_HEADER_LEN);
	error = print(&c);
	if (!error && h.type == OFPT_MULTIPART_REPLY && wire_left(&c.body))
		error = OFPBRC_BAD_LEN; /* more than the one struct */
	if (error) {
		sbuf_putc(b, ' ');
		print_decode_error(b, error, p, len);
	}
}

void
ofp_print(struct sbuf *b, const void *msg, size_t len, const struct port_names *names)
{
	ofp_print_verbose(b, msg, len, names, 1);
}
