/* SPDX-License-Identifier: ISC */
/* Multipart requests (7.3.5).  Flow dumps are written a part at a time, when the peer has read what went before. */
#include "conn.h"

#include <stdio.h>

#define PART_MAX 60000 /* bytes */
#define DUMP_LOW (128 * 1024) /* write the next part while less is queued */
#define DUMP_BUDGET 4096u /* rules looked at in vain before other events have their turn */

static size_t
part_begin(struct conn *c, uint32_t xid, uint16_t type)
{
	return multipart_begin(&c->out, OFPT_MULTIPART_REPLY, xid, type, 0);
}

static void
part_end(struct conn *c, size_t start)
{
	ofp_end(&c->out, start);
	conn_flush_out(c);
}

/* Ends this part as one of several when it is nearly full, and begins the next. */
static size_t
part_next(struct conn *c, size_t start, uint32_t xid, uint16_t type, size_t entry)
{
	if (c->out.len - start + entry <= PART_MAX)
		return start;
	multipart_set_more(&c->out, start);
	part_end(c, start);
	return part_begin(c, xid, type);
}

static void
reply_desc(struct conn *c, uint32_t xid)
{
	struct desc_stats d = {0};
	const size_t start = part_begin(c, xid, OFPMP_DESC);

	snprintf(d.mfr_desc, sizeof(d.mfr_desc), "Ringflow project");
	snprintf(d.hw_desc, sizeof(d.hw_desc), "Linux AF_PACKET");
	snprintf(d.sw_desc, sizeof(d.sw_desc), "Ringflow " PACKAGE_VERSION);
	snprintf(d.serial_num, sizeof(d.serial_num), "None");
	snprintf(d.dp_desc, sizeof(d.dp_desc), "%s", c->op->dp_desc);
	desc_stats_encode(&c->out, &d);
	part_end(c, start);
}

void
dump_continue(struct conn *c)
{
	struct dump *d = &c->dump;

	while (d->active && !c->closing && conn_output_len(c) < DUMP_LOW) {
		const size_t start = part_begin(c, d->xid, OFPMP_FLOW);

		for (;;) {
			const struct rule *rule;
			struct flow_stats fs;
			const size_t before = c->out.len;
			const struct tables_cursor saved = d->cursor;

			rule = tables_cursor_next(c->op->tables, &d->cursor, &d->req, DUMP_BUDGET);
			if (!rule) {
				if (!d->cursor.done)
					continue;
				d->active = false;
				break;
			}
			rule_stats(c->op->tables, rule, &fs);
			flow_stats_encode(&c->out, &fs);
			if (c->out.len - start > PART_MAX && before > start + 16) {
				c->out.len = before;
				d->cursor = saved;
				break;
			}
		}
		if (d->active)
			multipart_set_more(&c->out, start);
		part_end(c, start);
	}
}

static enum of_error
decode_flow_request(struct conn *c, struct wire *body, struct flow_stats_request *req)
{
	enum of_error error = flow_stats_request_decode(body, req);

	if (!error && req->table_id != OFPTT_ALL && req->table_id >= tables_count(c->op->tables))
		error = OFPBRC_BAD_TABLE_ID;
	return error;
}

static enum of_error
reply_flow(struct conn *c, uint32_t xid, struct wire *body)
{
	enum of_error error = decode_flow_request(c, body, &c->dump.req);

	if (error)
		return error;
	c->dump.active = true;
	c->dump.xid = xid;
	tables_cursor_init(&c->dump.cursor, c->dump.req.table_id);
	dump_continue(c);
	return OF_OK;
}

static enum of_error
reply_aggregate(struct conn *c, uint32_t xid, struct wire *body)
{
	struct flow_stats_request req;
	struct tables_cursor cursor;
	struct aggregate_stats a = {0};
	const struct rule *rule;
	enum of_error error = decode_flow_request(c, body, &req);
	size_t start;

	if (error)
		return error;
	tables_cursor_init(&cursor, req.table_id);
	while ((rule = tables_cursor_next(c->op->tables, &cursor, &req, UINT32_MAX)) != NULL) {
		struct counter_sum sum;

		counters_read(c->op->counters, rule->counter, &sum);
		a.packet_count += sum.packets;
		a.byte_count += sum.bytes;
		a.flow_count++;
	}
	start = part_begin(c, xid, OFPMP_AGGREGATE);
	aggregate_stats_encode(&c->out, &a);
	part_end(c, start);
	return OF_OK;
}

static void
reply_table(struct conn *c, uint32_t xid)
{
	size_t start = part_begin(c, xid, OFPMP_TABLE);

	for (unsigned i = 0; i < tables_count(c->op->tables); i++) {
		struct table_stats t = {.table_id = (uint8_t)i,
		                        .active_count = tables_active(c->op->tables, (uint8_t)i)};
		struct counter_sum sum = {0};
		const uint32_t id = tables_counter(c->op->tables, (uint8_t)i);

		if (id != COUNTER_NONE)
			counters_read(c->op->counters, id, &sum);
		t.lookup_count = sum.packets;
		t.matched_count = sum.bytes;
		table_stats_encode(&c->out, &t);
	}
	part_end(c, start);
}

static void
encode_port_stats(struct conn *c, uint32_t port_no)
{
	struct dp_port_stats s;
	struct port_stats w;

	if (dp_port_stats(c->op->dpb, port_no, &s))
		return;
	w = (struct port_stats){
	    .port_no = port_no,
	    .rx_packets = s.rx_packets,
	    .tx_packets = s.tx_packets,
	    .rx_bytes = s.rx_bytes,
	    .tx_bytes = s.tx_bytes,
	    .rx_dropped = s.rx_dropped,
	    .tx_dropped = s.tx_dropped,
	    .rx_errors = s.rx_errors,
	    .tx_errors = s.tx_errors,
	    .rx_frame_err = s.rx_frame_err,
	    .rx_over_err = s.rx_over_err,
	    .rx_crc_err = s.rx_crc_err,
	    .collisions = s.collisions,
	    .duration_s = (uint32_t)(s.duration_ns / 1000000000),
	    .duration_ns = (uint32_t)(s.duration_ns % 1000000000),
	};
	port_stats_encode(&c->out, &w);
}

static enum of_error
reply_port_stats(struct conn *c, uint32_t xid, struct wire *body)
{
	struct dp_port_info info;
	uint32_t port_no, after = 0;
	enum of_error error = port_stats_request_decode(body, &port_no);
	size_t start;

	if (error)
		return error;
	if (port_no != OFPP_ANY && dp_port_get(c->op->dpb, port_no, &info))
		return OFPBRC_BAD_PORT;
	start = part_begin(c, xid, OFPMP_PORT_STATS);
	if (port_no != OFPP_ANY)
		encode_port_stats(c, port_no);
	for (; port_no == OFPP_ANY && dp_port_next(c->op->dpb, after, &info); after = info.port_no) {
		start = part_next(c, start, xid, OFPMP_PORT_STATS, 112);
		if (info.present)
			encode_port_stats(c, info.port_no);
	}
	part_end(c, start);
	return OF_OK;
}

static void
reply_port_desc(struct conn *c, uint32_t xid)
{
	size_t start = part_begin(c, xid, OFPMP_PORT_DESC);
	struct dp_port_info info;
	struct ofp_port p;

	for (uint32_t after = 0; dp_port_next(c->op->dpb, after, &info); after = info.port_no) {
		if (!info.present)
			continue;
		start = part_next(c, start, xid, OFPMP_PORT_DESC, OFP_PORT_LEN);
		ofproto_port_to_wire(&info, &p);
		ofp_port_encode(&c->out, &p);
	}
	part_end(c, start);
}

/* What every table can do, for as long as tables are not shaped by the controller. */
static void
table_features_of(const struct conn *c, unsigned id, struct table_features *f)
{
	const uint32_t insts = 1u << OFPIT_GOTO_TABLE | 1u << OFPIT_WRITE_METADATA | 1u << OFPIT_WRITE_ACTIONS |
	                       1u << OFPIT_APPLY_ACTIONS | 1u << OFPIT_CLEAR_ACTIONS;
	const uint32_t acts = 1u << OFPAT_OUTPUT | 1u << OFPAT_COPY_TTL_OUT | 1u << OFPAT_COPY_TTL_IN |
	                      1u << OFPAT_SET_MPLS_TTL | 1u << OFPAT_DEC_MPLS_TTL | 1u << OFPAT_PUSH_VLAN |
	                      1u << OFPAT_POP_VLAN | 1u << OFPAT_PUSH_MPLS | 1u << OFPAT_POP_MPLS |
	                      1u << OFPAT_SET_QUEUE | 1u << OFPAT_SET_NW_TTL | 1u << OFPAT_DEC_NW_TTL |
	                      1u << OFPAT_SET_FIELD | 1u << OFPAT_PUSH_PBB | 1u << OFPAT_POP_PBB;
	const unsigned n = tables_count(c->op->tables);
	uint64_t set = 0;

	memset(f, 0, sizeof(*f));
	f->table_id = (uint8_t)id;
	snprintf(f->name, sizeof(f->name), "table%u", id);
	f->metadata_match = f->metadata_write = UINT64_MAX;
	f->max_entries = tables_max_rules(c->op->tables);
	f->present = 1u << OFPTFPT_INSTRUCTIONS | 1u << OFPTFPT_NEXT_TABLES | 1u << OFPTFPT_WRITE_ACTIONS |
	             1u << OFPTFPT_APPLY_ACTIONS | 1u << OFPTFPT_MATCH | 1u << OFPTFPT_WILDCARDS |
	             1u << OFPTFPT_WRITE_SETFIELD | 1u << OFPTFPT_APPLY_SETFIELD;
	f->instructions[0] = id + 1 < n ? insts : insts & ~(1u << OFPIT_GOTO_TABLE);
	f->write_actions[0] = f->apply_actions[0] = acts;
	for (unsigned i = id + 1; i < n; i++)
		f->next_tables[0][i / 64] |= UINT64_C(1) << i % 64;
	for (unsigned i = 0; i < OXM_N_FIELDS; i++) {
		const struct oxm_info *info = oxm_info((enum oxm_field)i);

		if (info->settable)
			set |= OXM_BIT(i);
		if (info->maskable)
			f->match_hasmask |= OXM_BIT(i);
	}
	f->match = f->wildcards = (UINT64_C(1) << OXM_N_FIELDS) - 1;
	f->match_hasmask |= 0x3full << OXM_TCP_SRC | 7ull << OXM_IPV6_ND_TARGET; /* accepted beyond the standard */
	f->write_setfield[0] = f->apply_setfield[0] = set;
}

static enum of_error
reply_table_features(struct conn *c, uint32_t xid, struct wire *body)
{
	struct table_features f;
	size_t start;

	if (wire_left(body) && c->role == OFPCR_ROLE_SLAVE)
		return OFPBRC_IS_SLAVE;
	while (wire_left(body)) {
		enum of_error error = table_features_decode(body, &f);

		if (error)
			return error;
		if (f.table_id >= tables_count(c->op->tables))
			return OFPTFFC_BAD_TABLE;
	}
	start = part_begin(c, xid, OFPMP_TABLE_FEATURES);
	for (unsigned i = 0; i < tables_count(c->op->tables); i++) {
		table_features_of(c, i, &f);
		start = part_next(c, start, xid, OFPMP_TABLE_FEATURES, 1200);
		table_features_encode(&c->out, &f);
	}
	part_end(c, start);
	return OF_OK;
}

/* Groups, meters and queues: there are none; features of the right size say so. */
static void
reply_zeros(struct conn *c, uint32_t xid, uint16_t type, size_t len)
{
	const size_t start = part_begin(c, xid, type);

	wbuf_put_zeros(&c->out, len);
	part_end(c, start);
}

enum of_error
handle_multipart(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct multipart_hdr m;
	enum of_error error = multipart_hdr_decode(body, &m);

	if (error)
		return error;
	if (m.flags & OFPMPF_REQ_MORE)
		return OFPBRC_MULTIPART_BUFFER_OVERFLOW;
	ofproto_release(c->op);
	switch (m.type) {
	case OFPMP_DESC:
		reply_desc(c, h->xid);
		return OF_OK;
	case OFPMP_FLOW:
		return reply_flow(c, h->xid, body);
	case OFPMP_AGGREGATE:
		return reply_aggregate(c, h->xid, body);
	case OFPMP_TABLE:
		reply_table(c, h->xid);
		return OF_OK;
	case OFPMP_PORT_STATS:
		return reply_port_stats(c, h->xid, body);
	case OFPMP_PORT_DESC:
		reply_port_desc(c, h->xid);
		return OF_OK;
	case OFPMP_TABLE_FEATURES:
		return reply_table_features(c, h->xid, body);
	case OFPMP_QUEUE:
	case OFPMP_GROUP:
	case OFPMP_GROUP_DESC:
	case OFPMP_METER:
	case OFPMP_METER_CONFIG:
		reply_zeros(c, h->xid, m.type, 0);
		return OF_OK;
	case OFPMP_GROUP_FEATURES:
		reply_zeros(c, h->xid, m.type, 40);
		return OF_OK;
	case OFPMP_METER_FEATURES:
		reply_zeros(c, h->xid, m.type, 16);
		return OF_OK;
	case OFPMP_EXPERIMENTER:
		return OFPBRC_BAD_EXPERIMENTER;
	default:
		return OFPBRC_BAD_MULTIPART;
	}
}
