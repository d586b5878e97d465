/* SPDX-License-Identifier: ISC */
/* Prints the bodies of multipart requests (7.3.5); they are seen in errors and by those who snoop. */
#include "print_ctx.h"

#include "group_text.h"
#include "match_text.h"

#include <inttypes.h>

enum of_error
print_flow_request(struct print_ctx *c)
{
	struct flow_stats_request r;
	const enum of_error error = flow_stats_request_decode(&c->body, &r);
	size_t start;

	if (error)
		return error;
	if (r.table_id != OFPTT_ALL) {
		sbuf_puts(c->b, " table=");
		table_format(c->b, r.table_id, c->names);
	}
	if (r.out_port != OFPP_ANY) {
		sbuf_puts(c->b, " out_port=");
		port_format(c->b, r.out_port, c->names);
	}
	sbuf_putc(c->b, ' ');
	start = c->b->len;
	match_format(c->b, &r.match, OFP_DEFAULT_PRIORITY, c->names);
	if (c->b->len == start)
		sbuf_truncate(c->b, start - 1);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

enum of_error
print_port_request(struct print_ctx *c)
{
	uint32_t port;
	const enum of_error error = port_stats_request_decode(&c->body, &port);

	if (error)
		return error;
	sbuf_puts(c->b, " port_no=");
	port_format(c->b, port, c->names);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

enum of_error
print_queue_request(struct print_ctx *c)
{
	uint32_t port, queue;
	const enum of_error error = queue_stats_request_decode(&c->body, &port, &queue);

	if (error)
		return error;
	sbuf_puts(c->b, " port=");
	port_format(c->b, port, c->names);
	if (queue == OFPQ_ALL)
		sbuf_puts(c->b, " queue=ALL\n");
	else
		sbuf_printf(c->b, " queue=%" PRIu32 "\n", queue);
	return OF_OK;
}

enum of_error
print_group_request(struct print_ctx *c)
{
	uint32_t group;
	const enum of_error error = group_stats_request_decode(&c->body, &group);

	if (error)
		return error;
	sbuf_puts(c->b, " group_id=");
	group_format(c->b, group);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

/* Without a body at 1.3: it always asks for all. */
enum of_error
print_group_desc_request(struct print_ctx *c)
{
	sbuf_puts(c->b, " group_id=ALL\n");
	return OF_OK;
}

enum of_error
print_port_desc_request(struct print_ctx *c)
{
	sbuf_puts(c->b, " port=ANY\n");
	return OF_OK;
}

enum of_error
print_meter_request(struct print_ctx *c)
{
	uint32_t meter;
	const enum of_error error = meter_request_decode(&c->body, &meter);

	if (error)
		return error;
	sbuf_putc(c->b, ' ');
	meter_format_id(c->b, '=', meter);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}
