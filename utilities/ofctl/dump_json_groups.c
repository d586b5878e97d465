/* SPDX-License-Identifier: ISC */
/* The dumps of groups, meters and queues as JSON; see dump_json.c. */
#include "dump_json.h"

#include "group_text.h"
#include "json_ask.h"

/* ---- groups ---- */

static void
put_bucket(struct json *j, const struct ofp_bucket *b, const struct port_names *names)
{
	json_begin_object(j, NULL);
	json_number(j, "weight", b->weight);
	if (b->watch_port != OFPP_ANY)
		json_port(j, "watch_port", b->watch_port, names);
	if (b->watch_group != OFPG_ANY)
		json_number(j, "watch_group", b->watch_group);
	json_actions(j, "actions", b->acts, names);
	json_end_object(j);
}

static enum of_error
group_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	const enum of_error error = group_desc_decode(w, &acts, &gm);

	if (!error) {
		json_begin_object(j, NULL);
		json_number(j, "group_id", gm.group_id);
		json_string(j, "type", group_type_name(gm.type) ? group_type_name(gm.type) : "unknown");
		json_begin_array(j, "buckets");
		for (size_t i = 0; i < gm.n_buckets; i++)
			put_bucket(j, &gm.buckets[i], &o->ports);
		json_end_array(j);
		json_end_object(j);
	}
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

int
json_groups(struct ofctl *o)
{
	return json_ask_multipart(o, OFPMP_GROUP_DESC, group_entry);
}

static enum of_error
group_stats_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct group_stats s;
	const enum of_error error = group_stats_decode(w, &s);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_number(j, "group_id", s.group_id);
	json_seconds(j, "duration", s.duration_s, s.duration_ns);
	json_number(j, "ref_count", s.ref_count);
	json_counter(j, "packet_count", s.packet_count);
	json_counter(j, "byte_count", s.byte_count);
	json_counts(j, "buckets", s.buckets, s.n_buckets);
	json_end_object(j);
	group_stats_fini(&s);
	return OF_OK;
}

int
json_group_stats(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	return json_ask(o, request, xid, group_stats_entry);
}

static enum of_error
group_features_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct group_features f;
	const enum of_error error = group_features_decode(w, &f);

	(void)o;
	if (error)
		return error;
	for (unsigned i = 0; i < 4; i++) {
		if (!(f.types & 1u << i))
			continue;
		json_begin_object(j, NULL);
		json_string(j, "type", group_type_name(i));
		json_number(j, "max_groups", f.max_groups[i]);
		json_action_names(j, "actions", f.actions[i]);
		json_end_object(j);
	}
	return OF_OK;
}

int
json_group_features(struct ofctl *o)
{
	return json_ask_multipart(o, OFPMP_GROUP_FEATURES, group_features_entry);
}

/* ---- meters ---- */

static void
put_meter_id(struct json *j, uint32_t id)
{
	struct sbuf b = SBUF_INIT;

	if (id <= OFPM_MAX) {
		json_number(j, "meter", id);
		return;
	}
	meter_format_id(&b, '=', id);
	json_string(j, "meter", sbuf_str(&b) + strlen("meter="));
	sbuf_fini(&b);
}

static void
put_band(struct json *j, const struct ofp_meter_band *b, uint16_t flags)
{
	json_begin_object(j, NULL);
	json_string(j, "type",
	            b->type == OFPMBT_DROP          ? "drop"
	            : b->type == OFPMBT_DSCP_REMARK ? "dscp_remark"
	                                            : "unknown");
	json_number(j, "rate", b->rate);
	if (flags & OFPMF_BURST)
		json_number(j, "burst_size", b->burst_size);
	if (b->type == OFPMBT_DSCP_REMARK)
		json_number(j, "prec_level", b->prec_level);
	json_end_object(j);
}

static enum of_error
meter_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct meter_mod mm;
	const enum of_error error = meter_config_decode(w, &mm);

	(void)o;
	if (!error) {
		json_begin_object(j, NULL);
		put_meter_id(j, mm.meter_id);
		json_string(j, "unit", mm.flags & OFPMF_PKTPS ? "pktps" : "kbps");
		json_bool(j, "burst", (mm.flags & OFPMF_BURST) != 0);
		json_bool(j, "stats", (mm.flags & OFPMF_STATS) != 0);
		json_begin_array(j, "bands");
		for (size_t i = 0; i < mm.n_bands; i++)
			put_band(j, &mm.bands[i], mm.flags);
		json_end_array(j);
		json_end_object(j);
	}
	meter_mod_fini(&mm);
	return error;
}

static enum of_error
meter_stats_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct meter_stats s;
	const enum of_error error = meter_stats_decode(w, &s);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	put_meter_id(j, s.meter_id);
	json_number(j, "flow_count", s.flow_count);
	json_counter(j, "packet_in_count", s.packet_in_count);
	json_counter(j, "byte_in_count", s.byte_in_count);
	json_seconds(j, "duration", s.duration_s, s.duration_ns);
	json_counts(j, "bands", s.bands, s.n_bands);
	json_end_object(j);
	meter_stats_fini(&s);
	return OF_OK;
}

int
json_meters(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	const bool stats = get_be16(request->data + OFP_HEADER_LEN) == OFPMP_METER;

	return json_ask(o, request, xid, stats ? meter_stats_entry : meter_entry);
}

static enum of_error
meter_features_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct meter_features f;
	const enum of_error error = meter_features_decode(w, &f);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_number(j, "max_meter", f.max_meter);
	json_number(j, "max_bands", f.max_bands);
	json_number(j, "max_color", f.max_color);
	json_bool(j, "drop", (f.band_types & 1u << OFPMBT_DROP) != 0);
	json_bool(j, "dscp_remark", (f.band_types & 1u << OFPMBT_DSCP_REMARK) != 0);
	json_end_object(j);
	return OF_OK;
}

static int
meter_features_reply(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	(void)aux;
	return json_one(o, msg, len, meter_features_entry);
}

int
json_meter_features(struct ofctl *o)
{
	return ask_multipart(o, OFPMP_METER_FEATURES, meter_features_reply, NULL);
}

/* ---- queues ---- */

static enum of_error
queue_stats_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct queue_stats q;
	const enum of_error error = queue_stats_decode(w, &q);

	if (error)
		return error;
	json_begin_object(j, NULL);
	json_port(j, "port", q.port_no, &o->ports);
	json_number(j, "queue", q.queue_id);
	json_counter(j, "tx_bytes", q.tx_bytes);
	json_counter(j, "tx_packets", q.tx_packets);
	json_counter(j, "tx_errors", q.tx_errors);
	if (q.duration_s != UINT32_MAX)
		json_seconds(j, "duration", q.duration_s, q.duration_ns);
	json_end_object(j);
	return OF_OK;
}

int
json_queue_stats(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	return json_ask(o, request, xid, queue_stats_entry);
}

static enum of_error
queue_config_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct queue_config q;
	const enum of_error error = queue_config_decode(w, &q);

	if (error)
		return error;
	json_begin_object(j, NULL);
	json_port(j, "port", q.port_no, &o->ports);
	json_number(j, "queue", q.queue_id);
	if (q.min_rate <= 1000)
		json_number(j, "min_rate_permille", q.min_rate);
	if (q.max_rate <= 1000)
		json_number(j, "max_rate_permille", q.max_rate);
	json_end_object(j);
	return OF_OK;
}

int
json_queue_config(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	return json_ask(o, request, xid, queue_config_entry);
}
