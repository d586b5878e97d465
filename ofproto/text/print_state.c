/* SPDX-License-Identifier: ISC */
/* Prints the messages that change state (7.3.4, 7.3.3, 7.3.7) and those on queues, roles and asynchronous messages. */
#include "print_ctx.h"

#include "action_text.h"
#include "addr.h"
#include "flow_text.h"
#include "group_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum of_error
print_flow_mod(struct print_ctx *c)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;
	const enum of_error error = flow_mod_decode(&c->body, &acts, &fm);

	if (!error) {
		sbuf_putc(c->b, ' ');
		flow_mod_format(c->b, &fm, c->names);
		sbuf_putc(c->b, '\n');
	}
	act_buf_fini(&acts);
	return error;
}

enum of_error
print_group_mod(struct print_ctx *c)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	struct wire peek = c->body;
	const uint16_t command = wire_be16(&peek);
	enum of_error error;

	if (command == GROUP_ADD_OR_MOD) { /* no command of the standard: read as the modification it is */
		uint8_t copy[OFP_MAX_MSG_LEN];
		const size_t len = wire_left(&c->body);

		memcpy(copy, c->body.p, len);
		put_be16(copy, OFPGC_MODIFY);
		peek = wire_init(copy, len);
		error = group_mod_decode(&peek, &acts, &gm);
		gm.command = GROUP_ADD_OR_MOD;
	} else {
		error = group_mod_decode(&c->body, &acts, &gm);
	}
	if (!error) {
		sbuf_putc(c->b, '\n');
		group_format_mod(c->b, &gm, c->names);
		sbuf_putc(c->b, '\n');
	}
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

enum of_error
print_meter_mod(struct print_ctx *c)
{
	static const char *const commands[] = {[OFPMC_ADD] = "ADD", [OFPMC_MODIFY] = "MOD", [OFPMC_DELETE] = "DEL"};
	struct meter_mod mm;
	const enum of_error error = meter_mod_decode(&c->body, &mm);

	if (!error) {
		if (mm.command == OFPMC_DELETE)
			mm.flags = 0; /* they mean nothing there */
		sbuf_printf(c->b, " %s ", commands[mm.command]);
		meter_format_config(c->b, &mm);
	}
	meter_mod_fini(&mm);
	return error;
}

enum of_error
print_port_mod(struct print_ctx *c)
{
	char mac[MAC_STR_LEN];
	struct port_mod pm;
	const enum of_error error = port_mod_decode(&c->body, &pm);

	if (error)
		return error;
	sbuf_puts(c->b, " port: ");
	port_format(c->b, pm.port_no, c->names);
	sbuf_printf(c->b, ": addr:%s\n", mac_format(pm.hw_addr, mac));
	print_port_config(c->b, "     config:", pm.config);
	print_port_config(c->b, "     mask:  ", pm.mask);
	if (pm.advertise)
		print_port_features(c->b, "     advertise:", pm.advertise);
	else
		sbuf_puts(c->b, "     advertise: UNCHANGED\n");
	return OF_OK;
}

enum of_error
print_table_mod(struct print_ctx *c)
{
	struct table_mod tm;
	const enum of_error error = table_mod_decode(&c->body, &tm);

	if (error)
		return error;
	if (tm.table_id == OFPTT_ALL) {
		sbuf_puts(c->b, " table_id: ALL_TABLES\n");
	} else {
		sbuf_puts(c->b, " table_id=");
		table_format(c->b, tm.table_id, c->names);
		sbuf_putc(c->b, '\n');
	}
	return OF_OK;
}

enum of_error
print_packet_out(struct print_ctx *c)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct packet_out po;
	const enum of_error error = packet_out_decode(&c->body, &acts, &po);

	if (!error) {
		sbuf_puts(c->b, " in_port=");
		port_format(c->b, po.in_port, c->names);
		sbuf_puts(c->b, " actions=");
		if (po.acts.len)
			actions_format(c->b, po.acts, c->names);
		else
			sbuf_puts(c->b, "drop");
		if (po.buffer_id == OFP_NO_BUFFER) {
			sbuf_printf(c->b, " data_len=%zu\n", po.len);
			if (po.len)
				print_frame(c->b, po.data, po.len);
			if (po.len && c->verbosity > 2)
				print_raw_hex(c->b, po.data, po.len);
			sbuf_putc(c->b, '\n');
		} else {
			sbuf_printf(c->b, " buffer=0x%08" PRIx32 "\n", po.buffer_id);
		}
	}
	act_buf_fini(&acts);
	return error;
}

enum of_error
print_role(struct print_ctx *c)
{
	static const char *const roles[] = {"nochange", "equal", "primary", "secondary"};
	struct role_msg r;
	const enum of_error error = role_decode(&c->body, &r);

	if (error)
		return error;
	if (r.role >= sizeof(roles) / sizeof(roles[0]))
		return OFPRRFC_BAD_ROLE;
	sbuf_printf(c->b, " role=%s", roles[r.role]);
	if (r.role != OFPCR_ROLE_NOCHANGE && r.generation_id != UINT64_MAX)
		sbuf_printf(c->b, " generation_id=%" PRIu64, r.generation_id);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

static void
put_reasons(struct sbuf *b, const char *label, uint32_t bits, const char *const *names, unsigned n)
{
	sbuf_printf(b, "%16s:", label);
	if (!bits)
		sbuf_puts(b, " (off)");
	for (unsigned i = 0; i < 32; i++)
		if (bits & 1u << i) {
			if (i < n)
				sbuf_printf(b, " %s", names[i]);
			else
				sbuf_printf(b, " %u", i);
		}
	sbuf_putc(b, '\n');
}

enum of_error
print_async_config(struct print_ctx *c)
{
	static const char *const packet_in[] = {"no_match", "action", "invalid_ttl"};
	static const char *const port_status[] = {"add", "delete", "modify"};
	static const char *const flow_removed[] = {"idle",         "hard",         "delete",
	                                           "group_delete", "meter_delete", "eviction"};
	struct async_config a;
	const enum of_error error = async_decode(&c->body, &a);

	if (error)
		return error;
	for (unsigned i = 0; i < 2; i++) {
		sbuf_puts(c->b, i ? "\n secondary:\n" : "\n primary:\n");
		put_reasons(c->b, "PACKET_IN", a.packet_in[i], packet_in, 3);
		put_reasons(c->b, "PORT_STATUS", a.port_status[i], port_status, 3);
		put_reasons(c->b, "FLOW_REMOVED", a.flow_removed[i], flow_removed, 6);
		sbuf_puts(c->b, "     ROLE_STATUS: (off)\n    TABLE_STATUS: (off)\n  REQUESTFORWARD: (off)\n");
	}
	return OF_OK;
}

/* ---- queues ---- */

enum of_error
print_queue_config_request(struct print_ctx *c)
{
	uint32_t port;
	const enum of_error error = queue_get_config_request_decode(&c->body, &port);

	if (error)
		return error;
	sbuf_puts(c->b, " port=");
	port_format(c->b, port, c->names);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

static int
compare_queues(const void *pa, const void *pb)
{
	const struct queue_config *a = pa, *b = pb;

	return a->queue_id < b->queue_id ? -1 : a->queue_id > b->queue_id;
}

static void
put_rate(struct sbuf *b, const char *name, uint16_t rate)
{
	if (rate == OFPQ_MIN_RATE_UNCFG)
		return;
	if (rate > 1000)
		sbuf_printf(b, " %s:(disabled)", name);
	else
		sbuf_printf(b, " %s:%u.%u%%", name, rate / 10, rate % 10);
}

enum of_error
print_queue_config(struct print_ctx *c)
{
	struct queue_config *queues = calloc(wire_left(&c->body) / 16 + 1, sizeof(*queues));
	uint32_t port = 0;
	enum of_error error = queues ? queue_config_reply_decode(&c->body, &port) : OFPBRC_BAD_LEN;
	size_t n = 0;

	while (!error && wire_left(&c->body))
		error = queue_config_decode(&c->body, &queues[n++]);
	if (!error && n) {
		sbuf_puts(c->b, " port=");
		port_format(c->b, port, c->names);
	}
	if (!error) {
		sbuf_putc(c->b, '\n');
		qsort(queues, n, sizeof(*queues), compare_queues);
	}
	for (size_t i = 0; !error && i < n; i++) {
		sbuf_printf(c->b, "queue %" PRIu32 ":", queues[i].queue_id);
		put_rate(c->b, "min_rate", queues[i].min_rate);
		put_rate(c->b, "max_rate", queues[i].max_rate);
		sbuf_putc(c->b, '\n');
	}
	free(queues);
	return error;
}
