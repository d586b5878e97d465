/* SPDX-License-Identifier: ISC */
/* The dumps of flows, ports and tables as JSON: the same facts as the text, under the names of the standard's fields where it has one.
 * Matches and actions keep the words of the text, so that what is read here can be given back.  Groups, meters and queues:
 * dump_json_groups.c. */
#include "dump_json.h"

#include "addr.h"
#include "extensions.h"
#include "json_ask.h"
#include "print.h"

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
	json_match(j, "match", &fs->match, &o->ports);
	json_insts(j, &fs->insts, &o->ports);
	json_end_object(j);
}

static enum of_error
aggregate_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct aggregate_stats a;
	const enum of_error error = aggregate_stats_decode(w, &a);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_number(j, "packet_count", a.packet_count);
	json_number(j, "byte_count", a.byte_count);
	json_number(j, "flow_count", a.flow_count);
	json_end_object(j);
	return OF_OK;
}

int
json_aggregate(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	(void)aux;
	return json_one(o, msg, len, aggregate_entry);
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
	json_port(j, "port", p.port_no, NULL);
	json_string(j, "name", p.name);
	json_string(j, "hw_addr", mac_format(p.hw_addr, mac));
	json_bits(j, "config", p.config, print_port_config);
	json_bits(j, "state", p.state, print_port_state);
	json_bits(j, "current", p.curr, print_port_features);
	json_bits(j, "advertised", p.advertised, print_port_features);
	json_bits(j, "supported", p.supported, print_port_features);
	json_bits(j, "peer", p.peer, print_port_features);
	json_number(j, "curr_speed_kbps", p.curr_speed);
	json_number(j, "max_speed_kbps", p.max_speed);
	json_end_object(j);
	return OF_OK;
}

int
json_ports_desc(struct ofctl *o)
{
	return json_ask_multipart(o, OFPMP_PORT_DESC, port_entry);
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
	struct json_array a = {.json = JSON_INIT(stdout), .entry = port_entry, .head = 16};
	int ret;

	json_begin_object(&a.json, NULL);
	ret = ask_simple(o, OFPT_FEATURES_REQUEST, show_features, &a.json);
	if (!ret) {
		json_begin_array(&a.json, "ports");
		ret = ask_multipart(o, OFPMP_PORT_DESC, json_part, &a);
		json_end_array(&a.json);
	}
	if (!ret)
		ret = ask_simple(o, OFPT_GET_CONFIG_REQUEST, show_config, &a.json);
	json_end_object(&a.json);
	return ret;
}

static enum of_error
desc_entry(struct json *j, struct ofctl *o, struct wire *w)
{
	struct desc_stats d;
	const enum of_error error = desc_stats_decode(w, &d);

	(void)o;
	if (error)
		return error;
	json_begin_object(j, NULL);
	json_string_n(j, "manufacturer", d.mfr_desc, strnlen(d.mfr_desc, sizeof(d.mfr_desc)));
	json_string_n(j, "hardware", d.hw_desc, strnlen(d.hw_desc, sizeof(d.hw_desc)));
	json_string_n(j, "software", d.sw_desc, strnlen(d.sw_desc, sizeof(d.sw_desc)));
	json_string_n(j, "serial_num", d.serial_num, strnlen(d.serial_num, sizeof(d.serial_num)));
	json_string_n(j, "dp_desc", d.dp_desc, strnlen(d.dp_desc, sizeof(d.dp_desc)));
	json_end_object(j);
	return OF_OK;
}

static int
desc_reply(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	(void)aux;
	return json_one(o, msg, len, desc_entry);
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
	json_port(j, "port", s.port_no, &o->ports);
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
	return json_ask(o, request, xid, port_stats_entry);
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
	return json_ask_multipart(o, OFPMP_TABLE, table_entry);
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
	json_action_names(j, "apply_actions", f.apply_actions[0]);
	json_action_names(j, "write_actions", f.write_actions[0]);
	put_fields(j, "apply_set_field", f.apply_setfield[0]);
	put_fields(j, "write_set_field", f.write_setfield[0]);
	json_end_object(j);
	return OF_OK;
}

int
json_table_features(struct ofctl *o)
{
	return json_ask_multipart(o, OFPMP_TABLE_FEATURES, table_features_entry);
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
	ret = json_ask(o, &b, xid, table_desc_entry);
	wbuf_fini(&b);
	return ret;
}
