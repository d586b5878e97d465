/* SPDX-License-Identifier: ISC */
/* The dumps as JSON: the same facts as the text, under the names of the standard's fields where it has one.  Matches and actions keep the
 * words of the text, so that what is read here can be given back. */
#include "dump_json.h"

#include "action_text.h"
#include "addr.h"
#include "extensions.h"
#include "group_text.h"
#include "match_text.h"
#include "print.h"

#include <stdlib.h>

/* ---- asking ---- */

/* One entry of a reply; OF_OK or what is wrong with it. */
typedef enum of_error entry_fn(struct json *, struct ofctl *, struct wire *);

struct array {
	struct json json;
	entry_fn *entry;
	size_t head; /* bytes before the first entry */
};

static int
array_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct array *a = aux;
	struct wire w = wire_init(msg, len);

	wire_skip(&w, a->head);
	while (wire_left(&w) > 0)
		if (a->entry(&a->json, o, &w))
			return fail("received bad reply");
	return 0;
}

static int
ask_array(struct ofctl *o, const struct wbuf *b, uint32_t xid, entry_fn *entry)
{
	const size_t head = get_be16(b->data + 8) == OFPMP_EXPERIMENTER ? 24 : 16;
	struct array a = {.json = JSON_INIT(stdout), .entry = entry, .head = head};
	int ret;

	json_begin_array(&a.json, NULL);
	ret = transact(o, b, xid, array_part, &a);
	json_end_array(&a.json);
	return ret;
}

static int
ask_array_of(struct ofctl *o, uint16_t mp_type, entry_fn *entry)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	multipart_simple_encode(&b, xid, mp_type);
	ret = ask_array(o, &b, xid, entry);
	wbuf_fini(&b);
	return ret;
}

/* ---- words ---- */

static void
put_port(struct json *j, const char *key, uint32_t port, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;

	if (port <= OFPP_MAX && !(names && names->show)) {
		json_number(j, key, port);
		return;
	}
	port_format(&b, port, names);
	json_string(j, key, sbuf_str(&b));
	sbuf_fini(&b);
}

static void
put_bits(struct json *j, const char *key, uint32_t bits, void (*print)(struct sbuf *, const char *, uint32_t))
{
	struct sbuf b = SBUF_INIT;

	json_begin_array(j, key);
	if (bits)
		print(&b, "", bits);
	for (const char *s = sbuf_str(&b); *s;) {
		const size_t n = strcspn(s, " \n");

		if (n)
			json_string_n(j, NULL, s, n);
		s += n + (s[n] != '\0');
	}
	json_end_array(j);
	sbuf_fini(&b);
}

/* "a=1,b,c=2" as {"a":"1","b":true,"c":"2"}. */
static void
put_match(struct json *j, const char *key, const struct match *m, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;
	char *s, *word;

	match_format(&b, m, -1, names);
	json_begin_object(j, key);
	s = sbuf_steal(&b);
	for (char *rest = s; s && (word = strsep(&rest, ",")) != NULL;) {
		char *equals = strchr(word, '=');

		if (equals) {
			*equals = '\0';
			json_string(j, word, equals + 1);
		} else if (*word) {
			json_bool(j, word, true);
		}
	}
	json_end_object(j);
	free(s);
}

/* "a,b(c,d)" as ["a","b(c,d)"]. */
static void
put_list(struct json *j, const char *key, const char *s)
{
	json_begin_array(j, key);
	while (*s) {
		size_t n = 0;
		int depth = 0;

		while (s[n] && (depth || s[n] != ',')) {
			depth += s[n] == '(' ? 1 : s[n] == ')' ? -1 : 0;
			n++;
		}
		json_string_n(j, NULL, s, n);
		s += n + (s[n] == ',');
	}
	json_end_array(j);
}

static void
put_actions(struct json *j, const char *key, struct ofp_acts acts, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;

	actions_format(&b, acts, names);
	put_list(j, key, sbuf_str(&b));
	sbuf_fini(&b);
}

static void
put_insts(struct json *j, const struct ofp_insts *i, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;

	insts_format(&b, i, names);
	put_list(j, "actions", sbuf_str(&b) + strlen("actions="));
	sbuf_fini(&b);
}

/* ---- flows ---- */

static void
put_flow_flags(struct json *j, uint16_t flags)
{
	static const char *const names[] = {"send_flow_rem", "check_overlap", "reset_counts", "no_packet_counts",
	                                    "no_byte_counts"};

	json_begin_array(j, "flags");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & 1u << i)
			json_string(j, NULL, names[i]);
	json_end_array(j);
}

void
json_flow(struct json *j, struct ofctl *o, const struct flow_stats *fs)
{
	json_begin_object(j, NULL);
	json_number(j, "table", fs->table_id);
	json_number(j, "priority", fs->priority);
	json_hex(j, "cookie", fs->cookie);
	if (o->stats) {
		json_seconds(j, "duration", fs->duration_s, fs->duration_ns);
		json_counter(j, "n_packets", fs->packet_count);
		json_counter(j, "n_bytes", fs->byte_count);
	}
	json_number(j, "idle_timeout", fs->idle_timeout_s);
	json_number(j, "hard_timeout", fs->hard_timeout_s);
	json_number(j, "importance", fs->insts.importance);
	put_flow_flags(j, fs->flags);
	put_match(j, "match", &fs->match, &o->ports);
	put_insts(j, &fs->insts, &o->ports);
	json_end_object(j);
}

int
json_aggregate(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct json j = JSON_INIT(stdout);
	struct wire w = wire_init(msg, len);
	struct aggregate_stats a;

	(void)o;
	(void)aux;
	wire_skip(&w, 16);
	if (aggregate_stats_decode(&w, &a))
		return fail("received bad reply");
	json_begin_object(&j, NULL);
	json_number(&j, "packet_count", a.packet_count);
	json_number(&j, "byte_count", a.byte_count);
	json_number(&j, "flow_count", a.flow_count);
	json_end_object(&j);
	return 0;
}

/* ---- the switch and its ports ---- */

static enum of_error
port_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	char mac[MAC_STR_LEN];
	struct ofp_port p;

	(void)o;
	ofp_port_decode(w, &p);
	if (!wire_ok(w))
		return OFPBRC_BAD_LEN;
	json_begin_object(j, NULL);
	put_port(j, "port", p.port_no, NULL);
	json_string(j, "name", p.name);
	json_string(j, "hw_addr", mac_format(p.hw_addr, mac));
	put_bits(j, "config", p.config, print_port_config);
	put_bits(j, "state", p.state, print_port_state);
	put_bits(j, "current", p.curr, print_port_features);
	put_bits(j, "advertised", p.advertised, print_port_features);
	put_bits(j, "supported", p.supported, print_port_features);
	put_bits(j, "peer", p.peer, print_port_features);
	json_number(j, "curr_speed_kbps", p.curr_speed);
	json_number(j, "max_speed_kbps", p.max_speed);
	json_end_object(j);
	return OF_OK;
}

int
json_ports_desc(struct ofctl *o)
{
	return ask_array_of(o, OFPMP_PORT_DESC, port_entry);
}

static int
show_features(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	static const char *const names[] = {"FLOW_STATS", "TABLE_STATS", "PORT_STATS", "GROUP_STATS", NULL,
	                                    "IP_REASM",   "QUEUE_STATS", NULL,         "PORT_BLOCKED"};
	struct json *j = aux;
	struct wire w = wire_init(msg, len);
	struct features_reply f;
	char dpid[17];

	(void)o;
	wire_skip(&w, OFP_HEADER_LEN);
	if (features_reply_decode(&w, &f))
		return fail("received bad reply");
	snprintf(dpid, sizeof(dpid), "%016llx", (unsigned long long)f.datapath_id);
	json_string(j, "dpid", dpid);
	json_number(j, "n_tables", f.n_tables);
	json_number(j, "n_buffers", f.n_buffers);
	json_number(j, "auxiliary_id", f.auxiliary_id);
	json_begin_array(j, "capabilities");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && f.capabilities & 1u << i)
			json_string(j, NULL, names[i]);
	json_end_array(j);
	return 0;
}

static int
show_config(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct json *j = aux;
	struct wire w = wire_init(msg, len);
	struct switch_config s;

	(void)o;
	wire_skip(&w, OFP_HEADER_LEN);
	if (switch_config_decode(&w, &s))
		return fail("received bad reply");
	json_string(j, "frags", frags_name(s.flags));
	json_number(j, "miss_send_len", s.miss_send_len);
	return 0;
}

int
json_show(struct ofctl *o)
{
	struct array a = {.json = JSON_INIT(stdout), .entry = port_entry, .head = 16};
	int ret;

	json_begin_object(&a.json, NULL);
	ret = ask_simple(o, OFPT_FEATURES_REQUEST, show_features, &a.json);
	if (!ret) {
		json_begin_array(&a.json, "ports");
		ret = ask_multipart(o, OFPMP_PORT_DESC, array_part, &a);
		json_end_array(&a.json);
	}
	if (!ret)
		ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST, show_config, &a.json);
	json_end_object(&a.json);
	return ret;
}

static int
desc_reply(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct json j = JSON_INIT(stdout);
	struct wire w = wire_init(msg, len);
	struct desc_stats d;

	(void)o;
	(void)aux;
	wire_skip(&w, 16);
	if (desc_stats_decode(&w, &d))
		return fail("received bad reply");
	json_begin_object(&j, NULL);
	json_string_n(&j, "manufacturer", d.mfr_desc, strnlen(d.mfr_desc, sizeof(d.mfr_desc)));
	json_string_n(&j, "hardware", d.hw_desc, strnlen(d.hw_desc, sizeof(d.hw_desc)));
	json_string_n(&j, "software", d.sw_desc, strnlen(d.sw_desc, sizeof(d.sw_desc)));
	json_string_n(&j, "serial_num", d.serial_num, strnlen(d.serial_num, sizeof(d.serial_num)));
	json_string_n(&j, "dp_desc", d.dp_desc, strnlen(d.dp_desc, sizeof(d.dp_desc)));
	json_end_object(&j);
	return 0;
}

int
json_desc(struct ofctl *o)
{
	return ask_multipart(o, OFPMP_DESC, desc_reply, NULL);
}

static enum of_error
port_stats_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct port_stats s;
	const enum of_error error = port_stats_decode(w, &s);

	if (error)
		return error;
	json_begin_object(j, NULL);
	put_port(j, "port", s.port_no, &o->ports);
	json_counter(j, "rx_packets", s.rx_packets);
	json_counter(j, "tx_packets", s.tx_packets);
	json_counter(j, "rx_bytes", s.rx_bytes);
	json_counter(j, "tx_bytes", s.tx_bytes);
	json_counter(j, "rx_dropped", s.rx_dropped);
	json_counter(j, "tx_dropped", s.tx_dropped);
	json_counter(j, "rx_errors", s.rx_errors);
	json_counter(j, "tx_errors", s.tx_errors);
	json_counter(j, "rx_frame_err", s.rx_frame_err);
	json_counter(j, "rx_over_err", s.rx_over_err);
	json_counter(j, "rx_crc_err", s.rx_crc_err);
	json_counter(j, "collisions", s.collisions);
	if (s.duration_s != UINT32_MAX)
		json_seconds(j, "duration", s.duration_s, s.duration_ns);
	json_end_object(j);
	return OF_OK;
}

int
json_port_stats(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	return ask_array(o, request, xid, port_stats_entry);
}

/* ---- tables ---- */

static enum of_error
table_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct table_stats s;
	const enum of_error error = table_stats_decode(w, &s);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_number(j, "table", s.table_id);
	json_number(j, "active_count", s.active_count);
	json_counter(j, "lookup_count", s.lookup_count);
	json_counter(j, "matched_count", s.matched_count);
	json_end_object(j);
	return OF_OK;
}

int
json_tables(struct ofctl *o)
{
	return ask_array_of(o, OFPMP_TABLE, table_entry);
}

static void
put_action_names(struct json *j, const char *key, uint32_t bits)
{
	struct sbuf b = SBUF_INIT;

	print_action_names(&b, bits);
	json_begin_array(j, key);
	for (const char *s = bits ? sbuf_str(&b) : ""; *s;) {
		const size_t n = strcspn(s, " ");

		if (n)
			json_string_n(j, NULL, s, n);
		s += n + (s[n] != '\0');
	}
	json_end_array(j);
	sbuf_fini(&b);
}

static void
put_fields(struct json *j, const char *key, uint64_t fields)
{
	json_begin_array(j, key);
	for (unsigned i = 0; i < OXM_N_FIELDS; i++)
		if (fields & OXM_BIT(i))
			json_string(j, NULL, oxm_info((enum oxm_field)i)->name);
	json_end_array(j);
}

static enum of_error
table_features_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct table_features f;
	const enum of_error error = table_features_decode(w, &f);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_number(j, "table", f.table_id);
	json_string_n(j, "name", f.name, strnlen(f.name, sizeof(f.name)));
	json_hex(j, "metadata_match", f.metadata_match);
	json_hex(j, "metadata_write", f.metadata_write);
	json_number(j, "max_entries", f.max_entries);
	put_fields(j, "match", f.match);
	put_fields(j, "maskable", f.match_hasmask);
	put_fields(j, "wildcards", f.wildcards);
	put_action_names(j, "apply_actions", f.apply_actions[0]);
	put_action_names(j, "write_actions", f.write_actions[0]);
	put_fields(j, "apply_set_field", f.apply_setfield[0]);
	put_fields(j, "write_set_field", f.write_setfield[0]);
	json_end_object(j);
	return OF_OK;
}

int
json_table_features(struct ofctl *o)
{
	return ask_array_of(o, OFPMP_TABLE_FEATURES, table_features_entry);
}

static enum of_error
table_desc_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	static const char *const flags[] = {"other", "importance", "lifetime"};
	struct table_desc d;
	const enum of_error error = table_desc_decode(w, &d);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_number(j, "table", d.table_id);
	json_bool(j, "eviction", (d.config & OFPTC_EVICTION) != 0);
	json_begin_array(j, "eviction_flags");
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (d.eviction_flags & 1u << i)
			json_string(j, NULL, flags[i]);
	json_end_array(j);
	json_bool(j, "vacancy_events", (d.config & OFPTC_VACANCY_EVENTS) != 0);
	if (d.has_vacancy) {
		json_number(j, "vacancy_down", d.vacancy_down);
		json_number(j, "vacancy_up", d.vacancy_up);
		json_number(j, "vacancy", d.vacancy);
	}
	json_end_object(j);
	return OF_OK;
}

int
json_table_desc(struct ofctl *o)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	ofp_end(&b, onf_multipart_begin(&b, OFPT_MULTIPART_REQUEST, xid, ONFMP_TABLE_DESC, 0));
	ret = ask_array(o, &b, xid, table_desc_entry);
	wbuf_fini(&b);
	return ret;
}

/* ---- groups ---- */

static void
put_bucket(struct json *j, const struct ofp_bucket *b, const struct port_names *names)
{
	json_begin_object(j, NULL);
	json_number(j, "weight", b->weight);
	if (b->watch_port != OFPP_ANY)
		put_port(j, "watch_port", b->watch_port, names);
	if (b->watch_group != OFPG_ANY)
		json_number(j, "watch_group", b->watch_group);
	put_actions(j, "actions", b->acts, names);
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
	return ask_array_of(o, OFPMP_GROUP_DESC, group_entry);
}

static void
put_counts(struct json *j, const char *key, const struct bucket_count *counts, size_t n)
{
	json_begin_array(j, key);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(j, NULL);
		json_counter(j, "packet_count", counts[i].packets);
		json_counter(j, "byte_count", counts[i].bytes);
		json_end_object(j);
	}
	json_end_array(j);
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
	put_counts(j, "buckets", s.buckets, s.n_buckets);
	json_end_object(j);
	group_stats_fini(&s);
	return OF_OK;
}

int
json_group_stats(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	return ask_array(o, request, xid, group_stats_entry);
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
		put_action_names(j, "actions", f.actions[i]);
		json_end_object(j);
	}
	return OF_OK;
}

int
json_group_features(struct ofctl *o)
{
	return ask_array_of(o, OFPMP_GROUP_FEATURES, group_features_entry);
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
	put_counts(j, "bands", s.bands, s.n_bands);
	json_end_object(j);
	meter_stats_fini(&s);
	return OF_OK;
}

int
json_meters(struct ofctl *o, const struct wbuf *request, uint32_t xid)
{
	const bool stats = get_be16(request->data + OFP_HEADER_LEN) == OFPMP_METER;

	return ask_array(o, request, xid, stats ? meter_stats_entry : meter_entry);
}

static int
meter_features_reply(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct json j = JSON_INIT(stdout);
	struct wire w = wire_init(msg, len);
	struct meter_features f;

	(void)o;
	(void)aux;
	wire_skip(&w, 16);
	if (meter_features_decode(&w, &f))
		return fail("received bad reply");
	json_begin_object(&j, NULL);
	json_number(&j, "max_meter", f.max_meter);
	json_number(&j, "max_bands", f.max_bands);
	json_number(&j, "max_color", f.max_color);
	json_bool(&j, "drop", (f.band_types & 1u << OFPMBT_DROP) != 0);
	json_bool(&j, "dscp_remark", (f.band_types & 1u << OFPMBT_DSCP_REMARK) != 0);
	json_end_object(&j);
	return 0;
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
	put_port(j, "port", q.port_no, &o->ports);
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
	return ask_array(o, request, xid, queue_stats_entry);
}

static enum of_error
queue_config_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct queue_config q;
	const enum of_error error = queue_config_decode(w, &q);

	if (error)
		return error;
	json_begin_object(j, NULL);
	put_port(j, "port", q.port_no, &o->ports);
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
	return ask_array(o, request, xid, queue_config_entry);
}
