/* SPDX-License-Identifier: ISC */
/* Prints what switches say of groups, meters and queues (7.3.5.8 to 7.3.5.14). */
#include "print_ctx.h"

#include "action_text.h"
#include "flow_text.h"
#include "group_text.h"

#include <inttypes.h>

static void
put_counts(struct sbuf *b, const struct bucket_count *c)
{
	sbuf_printf(b, "packet_count=%" PRIu64 ",byte_count=%" PRIu64, c->packets, c->bytes);
}

enum of_error
print_group_stats_reply(struct print_ctx *c)
{
	struct group_stats gs;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body)) {
		error = group_stats_decode(&c->body, &gs);
		if (error)
			break;
		sbuf_printf(c->b, " group_id=%" PRIu32 ",", gs.group_id);
		if (gs.duration_s != UINT32_MAX) {
			sbuf_puts(c->b, "duration=");
			duration_format(c->b, gs.duration_s, gs.duration_ns);
			sbuf_putc(c->b, ',');
		}
		sbuf_printf(c->b, "ref_count=%" PRIu32 ",", gs.ref_count);
		put_counts(c->b, &(struct bucket_count){gs.packet_count, gs.byte_count});
		for (size_t i = 0; i < gs.n_buckets; i++) {
			if (gs.buckets[i].packets == UINT64_MAX)
				continue;
			sbuf_printf(c->b, ",bucket%zu:", i);
			put_counts(c->b, &gs.buckets[i]);
		}
		sbuf_putc(c->b, '\n');
		group_stats_fini(&gs);
	}
	return error;
}

enum of_error
print_group_desc_reply(struct print_ctx *c)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	enum of_error error = OF_OK;

	sbuf_putc(c->b, '\n');
	while (!error && wire_left(&c->body)) {
		act_buf_reset(&acts);
		error = group_desc_decode(&c->body, &acts, &gm);
		if (!error) {
			sbuf_putc(c->b, ' ');
			group_format_desc(c->b, &gm, c->names);
			sbuf_putc(c->b, '\n');
		}
		group_mod_fini(&gm);
	}
	act_buf_fini(&acts);
	return error;
}

enum of_error
print_group_features_reply(struct print_ctx *c)
{
	static const char *const names[] = {"all", "select", "indirect", "fast failover"};
	struct group_features gf;
	const enum of_error error = group_features_decode(&c->body, &gf);

	if (error)
		return error;
	sbuf_printf(c->b, "\n Group table:\n    Types:  0x%" PRIx32 "\n    Capabilities:  0x%" PRIx32 "\n", gf.types,
	            gf.capabilities);
	for (unsigned i = 0; i < 4; i++) {
		if (!(gf.types & 1u << i))
			continue;
		sbuf_printf(c->b, "    %s group:\n       max_groups=0x%" PRIx32 "\n       actions:", names[i],
		            gf.max_groups[i]);
		print_action_names(c->b, gf.actions[i]);
		sbuf_putc(c->b, '\n');
	}
	return OF_OK;
}

/* ---- meters ---- */

enum of_error
print_meter_stats_reply(struct print_ctx *c)
{
	struct meter_stats ms;
	enum of_error error = OF_OK;
	bool first = true;

	sbuf_putc(c->b, '\n');
	for (; !error && wire_left(&c->body); first = false) {
		error = meter_stats_decode(&c->body, &ms);
		if (error)
			break;
		if (!first)
			sbuf_putc(c->b, '\n');
		meter_format_id(c->b, ':', ms.meter_id);
		sbuf_printf(c->b,
		            " flow_count:%" PRIu32 " packet_in_count:%" PRIu64 " byte_in_count:%" PRIu64 " duration:",
		            ms.flow_count, ms.packet_in_count, ms.byte_in_count);
		duration_format(c->b, ms.duration_s, ms.duration_ns);
		sbuf_puts(c->b, " bands:\n");
		for (size_t i = 0; i < ms.n_bands; i++)
			sbuf_printf(c->b, "%zu: packet_count:%" PRIu64 " byte_count:%" PRIu64 "\n", i,
			            ms.bands[i].packets, ms.bands[i].bytes);
		meter_stats_fini(&ms);
	}
	return error;
}

enum of_error
print_meter_config_reply(struct print_ctx *c)
{
	struct meter_mod mm;
	enum of_error error = OF_OK;
	bool first = true;

	sbuf_putc(c->b, '\n');
	for (; !error && wire_left(&c->body); first = false) {
		error = meter_config_decode(&c->body, &mm);
		if (!error && !first)
			sbuf_putc(c->b, '\n');
		if (!error)
			meter_format_config(c->b, &mm);
		meter_mod_fini(&mm);
	}
	return error;
}

enum of_error
print_meter_features_reply(struct print_ctx *c)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} capabilities[] = {
	    {OFPMF_KBPS, "kbps"}, {OFPMF_PKTPS, "pktps"}, {OFPMF_BURST, "burst"}, {OFPMF_STATS, "stats"}};
	struct meter_features mf;
	const enum of_error error = meter_features_decode(&c->body, &mf);

	if (error)
		return error;
	sbuf_printf(c->b, "\nmax_meter:%" PRIu32 " max_bands:%u max_color:%u\nband_types:", mf.max_meter, mf.max_bands,
	            mf.max_color);
	if (mf.band_types & 1u << OFPMBT_DROP)
		sbuf_puts(c->b, " drop");
	if (mf.band_types & 1u << OFPMBT_DSCP_REMARK)
		sbuf_puts(c->b, " dscp_remark");
	if (!mf.band_types)
		sbuf_puts(c->b, " 0");
	sbuf_puts(c->b, "\ncapabilities:");
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
		if (mf.capabilities & capabilities[i].bit)
			sbuf_printf(c->b, " %s", capabilities[i].name);
	if (!mf.capabilities)
		sbuf_puts(c->b, " 0");
	sbuf_putc(c->b, '\n');
	return OF_OK;
}

/* ---- queues ---- */

enum of_error
print_queue_stats_reply(struct print_ctx *c)
{
	struct queue_stats q;
	enum of_error error = OF_OK;

	sbuf_printf(c->b, " %zu queues\n", wire_left(&c->body) / 40);
	while (!error && wire_left(&c->body)) {
		error = queue_stats_decode(&c->body, &q);
		if (error)
			break;
		sbuf_puts(c->b, "  port ");
		port_format(c->b, q.port_no, c->names);
		sbuf_printf(c->b, " queue %" PRIu32 ": ", q.queue_id);
		print_counter(c->b, "bytes", q.tx_bytes, ", ");
		print_counter(c->b, "pkts", q.tx_packets, ", ");
		print_counter(c->b, "errors", q.tx_errors, ", ");
		if (q.duration_s == UINT32_MAX) {
			sbuf_puts(c->b, "duration=?\n");
			continue;
		}
		sbuf_puts(c->b, "duration=");
		duration_format(c->b, q.duration_s, q.duration_ns);
		sbuf_putc(c->b, '\n');
	}
	return error;
}
