/* SPDX-License-Identifier: ISC */
/* See codec.h: one small function a message, found through tables as the switch finds its handlers. */
#include "codec.h"

#include "extensions.h"

struct pass {
	struct ofp_hdr h;
	struct multipart_hdr mp; /* of multiparts */
	struct wire in; /* behind the heads */
	struct act_buf acts;
	struct wbuf *out;
};

typedef enum of_error pass_fn(struct pass *);

/* ---- the fixed ones ---- */

static enum of_error
pass_header(struct pass *p)
{
	simple_encode(p->out, p->h.type, p->h.xid);
	return OF_OK;
}

static enum of_error
pass_hello(struct pass *p)
{
	uint32_t versions;
	const enum of_error error = hello_decode(&p->in, p->h.version, &versions);

	hello_encode(p->out, p->h.xid);
	return error;
}

/* Known codes by our encoder; it has no other, so the rest is written here. */
static enum of_error
pass_error(struct pass *p)
{
	struct error_msg e;
	const enum of_error error = error_decode(&p->in, &e);
	const bool foreign = e.type == 0xffff && e.experimenter != ONF_EXPERIMENTER_ID;
	const enum of_error code = error || foreign ? OF_OK : of_error_from_wire(e.type, e.code);
	size_t start;

	if (error)
		return error;
	if (code) {
		error_encode(p->out, p->h.xid, code, e.data, e.len);
		return OF_OK;
	}
	start = ofp_begin(p->out, OFPT_ERROR, p->h.xid);
	wbuf_put_be16(p->out, e.type);
	wbuf_put_be16(p->out, e.code);
	if (e.type == 0xffff)
		wbuf_put_be32(p->out, e.experimenter);
	wbuf_put(p->out, e.data, e.len);
	ofp_end(p->out, start);
	return OF_OK;
}

static enum of_error
pass_echo(struct pass *p)
{
	const size_t len = wire_left(&p->in);

	echo_encode(p->out, p->h.type, p->h.xid, wire_take(&p->in, len), len);
	return OF_OK;
}

static enum of_error
pass_features_reply(struct pass *p)
{
	struct features_reply f;
	const enum of_error error = features_reply_decode(&p->in, &f);

	features_reply_encode(p->out, p->h.xid, &f);
	return error;
}

static enum of_error
pass_config(struct pass *p)
{
	struct switch_config c;
	const enum of_error error = switch_config_decode(&p->in, &c);

	switch_config_encode(p->out, p->h.type, p->h.xid, &c);
	return error;
}

static enum of_error
pass_packet_in(struct pass *p)
{
	struct packet_in pi;
	const enum of_error error = packet_in_decode(&p->in, &pi);

	if (!error)
		packet_in_encode(p->out, p->h.xid, &pi);
	return error;
}

static enum of_error
pass_flow_removed(struct pass *p)
{
	struct flow_removed fr;
	const enum of_error error = flow_removed_decode(&p->in, &fr);

	if (!error)
		flow_removed_encode(p->out, p->h.xid, &fr);
	return error;
}

static enum of_error
pass_port_status(struct pass *p)
{
	struct port_status ps;
	const enum of_error error = port_status_decode(&p->in, &ps);

	port_status_encode(p->out, p->h.xid, &ps);
	return error;
}

static enum of_error
pass_packet_out(struct pass *p)
{
	struct packet_out po;
	const enum of_error error = packet_out_decode(&p->in, &p->acts, &po);

	if (!error)
		packet_out_encode(p->out, p->h.xid, &po);
	return error;
}

static enum of_error
pass_flow_mod(struct pass *p)
{
	struct flow_mod fm;
	const enum of_error error = flow_mod_decode(&p->in, &p->acts, &fm);

	if (!error) {
		(void)ofp_insts_check(&fm.insts, &fm.match); /* a matter of state, but it reads the actions */
		flow_mod_encode(p->out, p->h.xid, &fm);
	}
	return error;
}

static enum of_error
pass_group_mod(struct pass *p)
{
	struct group_mod gm;
	const enum of_error error = group_mod_decode(&p->in, &p->acts, &gm);

	if (!error)
		group_mod_encode(p->out, p->h.xid, &gm);
	group_mod_fini(&gm);
	return error;
}

static enum of_error
pass_meter_mod(struct pass *p)
{
	struct meter_mod mm;
	const enum of_error error = meter_mod_decode(&p->in, &mm);

	if (!error)
		meter_mod_encode(p->out, p->h.xid, &mm);
	meter_mod_fini(&mm);
	return error;
}

static enum of_error
pass_port_mod(struct pass *p)
{
	struct port_mod pm;
	const enum of_error error = port_mod_decode(&p->in, &pm);

	port_mod_encode(p->out, p->h.xid, &pm);
	return error;
}

static enum of_error
pass_table_mod(struct pass *p)
{
	struct table_mod tm;
	const enum of_error error = table_mod_decode(&p->in, &tm);

	table_mod_encode(p->out, p->h.xid, &tm);
	return error;
}

/* Which roles there are the handler knows, and the printer. */
static enum of_error
pass_role(struct pass *p)
{
	struct role_msg r;
	const enum of_error error = role_decode(&p->in, &r);

	role_encode(p->out, p->h.type, p->h.xid, &r);
	return error ? error : r.role > OFPCR_ROLE_SLAVE ? OFPRRFC_BAD_ROLE : OF_OK;
}

static enum of_error
pass_async(struct pass *p)
{
	struct async_config a;
	const enum of_error error = async_decode(&p->in, &a);

	async_encode(p->out, p->h.type, p->h.xid, &a);
	return error;
}

static enum of_error
pass_queue_config_request(struct pass *p)
{
	uint32_t port;
	const enum of_error error = queue_get_config_request_decode(&p->in, &port);

	queue_get_config_request_encode(p->out, p->h.xid, port);
	return error;
}

static enum of_error
pass_queue_config_reply(struct pass *p)
{
	uint32_t port;
	enum of_error error = queue_config_reply_decode(&p->in, &port);
	const size_t start = queue_config_reply_begin(p->out, p->h.xid, port);
	struct queue_config q;

	while (!error && wire_left(&p->in)) {
		error = queue_config_decode(&p->in, &q);
		queue_config_encode(p->out, &q);
	}
	ofp_end(p->out, start);
	return error;
}

/* ---- multiparts: requests ---- */

static enum of_error
pass_empty_request(struct pass *p)
{
	multipart_simple_encode(p->out, p->h.xid, p->mp.type);
	return OF_OK;
}

static enum of_error
pass_flow_request(struct pass *p)
{
	struct flow_stats_request r;
	const enum of_error error = flow_stats_request_decode(&p->in, &r);

	if (!error)
		flow_stats_request_encode(p->out, p->h.xid, p->mp.type, &r);
	return error;
}

static enum of_error
pass_port_request(struct pass *p)
{
	uint32_t port;
	const enum of_error error = port_stats_request_decode(&p->in, &port);

	port_stats_request_encode(p->out, p->h.xid, port);
	return error;
}

static enum of_error
pass_queue_request(struct pass *p)
{
	uint32_t port, queue;
	const enum of_error error = queue_stats_request_decode(&p->in, &port, &queue);

	queue_stats_request_encode(p->out, p->h.xid, port, queue);
	return error;
}

static enum of_error
pass_group_request(struct pass *p)
{
	uint32_t group;
	const enum of_error error = group_stats_request_decode(&p->in, &group);

	group_stats_request_encode(p->out, p->h.xid, group);
	return error;
}

static enum of_error
pass_meter_request(struct pass *p)
{
	uint32_t meter;
	const enum of_error error = meter_request_decode(&p->in, &meter);

	meter_request_encode(p->out, p->h.xid, p->mp.type, meter);
	return error;
}

/* ---- multiparts: bodies and entries, between the head and the length that pass_multipart writes ---- */

static enum of_error
entry_table_features(struct pass *p)
{
	struct table_features f;
	const enum of_error error = table_features_decode(&p->in, &f);

	table_features_encode(p->out, &f);
	return error;
}

static enum of_error
entry_desc(struct pass *p)
{
	struct desc_stats d;
	const enum of_error error = desc_stats_decode(&p->in, &d);

	desc_stats_encode(p->out, &d);
	return error ? error : wire_left(&p->in) ? OFPBRC_BAD_LEN : OF_OK;
}

static enum of_error
entry_flow(struct pass *p)
{
	struct flow_stats fs;
	const enum of_error error = flow_stats_decode(&p->in, &p->acts, &fs);

	if (!error)
		flow_stats_encode(p->out, &fs);
	return error;
}

static enum of_error
entry_aggregate(struct pass *p)
{
	struct aggregate_stats a;
	const enum of_error error = aggregate_stats_decode(&p->in, &a);

	aggregate_stats_encode(p->out, &a);
	return error ? error : wire_left(&p->in) ? OFPBRC_BAD_LEN : OF_OK;
}

static enum of_error
entry_table(struct pass *p)
{
	struct table_stats t;
	const enum of_error error = table_stats_decode(&p->in, &t);

	table_stats_encode(p->out, &t);
	return error;
}

static enum of_error
entry_port_stats(struct pass *p)
{
	struct port_stats s;
	const enum of_error error = port_stats_decode(&p->in, &s);

	port_stats_encode(p->out, &s);
	return error;
}

static enum of_error
entry_port_desc(struct pass *p)
{
	struct ofp_port port;

	ofp_port_decode(&p->in, &port);
	ofp_port_encode(p->out, &port);
	return wire_ok(&p->in) ? OF_OK : OFPBRC_BAD_LEN;
}

static enum of_error
entry_queue(struct pass *p)
{
	struct queue_stats q;
	const enum of_error error = queue_stats_decode(&p->in, &q);

	queue_stats_encode(p->out, &q);
	return error;
}

static enum of_error
entry_group(struct pass *p)
{
	struct group_stats gs;
	const enum of_error error = group_stats_decode(&p->in, &gs);

	if (!error)
		group_stats_encode(p->out, &gs);
	group_stats_fini(&gs);
	return error;
}

static enum of_error
entry_group_desc(struct pass *p)
{
	struct group_mod gm;
	const enum of_error error = group_desc_decode(&p->in, &p->acts, &gm);

	if (!error)
		group_desc_encode(p->out, &gm);
	group_mod_fini(&gm);
	return error;
}

static enum of_error
entry_group_features(struct pass *p)
{
	struct group_features gf;
	const enum of_error error = group_features_decode(&p->in, &gf);

	group_features_encode(p->out, &gf);
	return error ? error : wire_left(&p->in) ? OFPBRC_BAD_LEN : OF_OK;
}

static enum of_error
entry_meter(struct pass *p)
{
	struct meter_stats ms;
	const enum of_error error = meter_stats_decode(&p->in, &ms);

	if (!error)
		meter_stats_encode(p->out, &ms);
	meter_stats_fini(&ms);
	return error;
}

static enum of_error
entry_meter_config(struct pass *p)
{
	struct meter_mod mm;
	const enum of_error error = meter_config_decode(&p->in, &mm);

	if (!error)
		meter_config_encode(p->out, &mm);
	meter_mod_fini(&mm);
	return error;
}

static enum of_error
entry_meter_features(struct pass *p)
{
	struct meter_features mf;
	const enum of_error error = meter_features_decode(&p->in, &mf);

	meter_features_encode(p->out, &mf);
	return error ? error : wire_left(&p->in) ? OFPBRC_BAD_LEN : OF_OK;
}

static enum of_error
entry_monitor_request(struct pass *p)
{
	struct flow_monitor_request r;
	const enum of_error error = flow_monitor_request_decode(&p->in, &r);

	if (!error)
		flow_monitor_request_encode(p->out, &r);
	return error;
}

static enum of_error
entry_monitor_update(struct pass *p)
{
	struct flow_update u;
	const enum of_error error = flow_update_decode(&p->in, &p->acts, &u);

	if (!error)
		flow_update_encode(p->out, &u);
	return error;
}

static enum of_error
entry_table_desc(struct pass *p)
{
	struct table_desc d;
	const enum of_error error = table_desc_decode(&p->in, &d);

	if (!error)
		table_desc_encode(p->out, &d);
	return error;
}

/* ---- experimenters ---- */

static enum of_error
pass_bundle_control(struct pass *p)
{
	struct bundle_control c;
	const enum of_error error = bundle_control_decode(&p->in, &c);

	bundle_control_encode(p->out, p->h.xid, &c);
	return error;
}

static enum of_error
pass_bundle_add(struct pass *p)
{
	struct bundle_add a;
	const enum of_error error = bundle_add_decode(&p->in, &a);

	if (!error)
		bundle_add_encode(p->out, p->h.xid, &a);
	return error;
}

static enum of_error
pass_monitor_cancel(struct pass *p)
{
	uint32_t id;
	const enum of_error error = flow_monitor_cancel_decode(&p->in, &id);

	flow_monitor_cancel_encode(p->out, p->h.xid, id);
	return error;
}

static enum of_error
pass_monitor_paused(struct pass *p)
{
	onf_simple_encode(p->out, p->h.xid, ONFT_FLOW_MONITOR_PAUSED);
	return wire_left(&p->in) ? OFPBRC_BAD_LEN : OF_OK;
}

static enum of_error
pass_monitor_resumed(struct pass *p)
{
	onf_simple_encode(p->out, p->h.xid, ONFT_FLOW_MONITOR_RESUMED);
	return wire_left(&p->in) ? OFPBRC_BAD_LEN : OF_OK;
}

static enum of_error
pass_onf_table_mod(struct pass *p)
{
	struct table_desc d;
	const enum of_error error = onf_table_mod_decode(&p->in, &d);

	if (!error)
		onf_table_mod_encode(p->out, p->h.xid, &d);
	return error;
}

static enum of_error
pass_table_status(struct pass *p)
{
	struct table_status s;
	const enum of_error error = table_status_decode(&p->in, &s);

	if (!error)
		table_status_encode(p->out, p->h.xid, &s);
	return error;
}

static const struct {
	uint32_t type;
	pass_fn *pass;
} onf_messages[] = {
    {ONFT_BUNDLE_CONTROL, pass_bundle_control},
    {ONFT_BUNDLE_ADD_MESSAGE, pass_bundle_add},
    {ONFT_FLOW_MONITOR_CANCEL, pass_monitor_cancel},
    {ONFT_FLOW_MONITOR_PAUSED, pass_monitor_paused},
    {ONFT_FLOW_MONITOR_RESUMED, pass_monitor_resumed},
    {ONFT_TABLE_MOD, pass_onf_table_mod},
    {ONFT_TABLE_STATUS, pass_table_status},
};

static enum of_error
pass_experimenter(struct pass *p)
{
	struct experimenter_hdr e;
	const enum of_error error = experimenter_hdr_decode(&p->in, &e);

	if (error || e.experimenter != ONF_EXPERIMENTER_ID)
		return error ? error : OFPBRC_BAD_EXPERIMENTER;
	for (size_t i = 0; i < sizeof(onf_messages) / sizeof(onf_messages[0]); i++) {
		if (onf_messages[i].type == e.exp_type)
			return onf_messages[i].pass(p);
	}
	return OFPBRC_BAD_EXP_TYPE;
}

/* ---- from a message to its function ---- */

struct mp_passes {
	pass_fn *request; /* NULL: what the reply's entries are, requests are too */
	pass_fn *entry; /* of the reply */
};

static const struct mp_passes mp_passes[] = {
    [OFPMP_DESC] = {pass_empty_request, entry_desc},
    [OFPMP_FLOW] = {pass_flow_request, entry_flow},
    [OFPMP_AGGREGATE] = {pass_flow_request, entry_aggregate},
    [OFPMP_TABLE] = {pass_empty_request, entry_table},
    [OFPMP_PORT_STATS] = {pass_port_request, entry_port_stats},
    [OFPMP_QUEUE] = {pass_queue_request, entry_queue},
    [OFPMP_GROUP] = {pass_group_request, entry_group},
    [OFPMP_GROUP_DESC] = {pass_empty_request, entry_group_desc},
    [OFPMP_GROUP_FEATURES] = {pass_empty_request, entry_group_features},
    [OFPMP_METER] = {pass_meter_request, entry_meter},
    [OFPMP_METER_CONFIG] = {pass_meter_request, entry_meter_config},
    [OFPMP_METER_FEATURES] = {pass_empty_request, entry_meter_features},
    [OFPMP_TABLE_FEATURES] = {NULL, entry_table_features},
    [OFPMP_PORT_DESC] = {pass_empty_request, entry_port_desc},
};

/* Replies that are one struct, not a list which may be empty. */
static const uint32_t one_entry =
    1u << OFPMP_DESC | 1u << OFPMP_AGGREGATE | 1u << OFPMP_GROUP_FEATURES | 1u << OFPMP_METER_FEATURES;

static enum of_error
pass_entries(struct pass *p, size_t start, pass_fn *entry, bool at_least_one)
{
	enum of_error error = OF_OK;

	while (!error && (wire_left(&p->in) || at_least_one)) {
		act_buf_reset(&p->acts);
		error = entry(p);
		at_least_one = false;
	}
	ofp_end(p->out, start);
	return error;
}

static enum of_error
pass_onf_multipart(struct pass *p)
{
	const bool reply = p->h.type == OFPT_MULTIPART_REPLY;
	struct experimenter_hdr e;
	const enum of_error error = experimenter_hdr_decode(&p->in, &e);
	size_t start;

	if (error || e.experimenter != ONF_EXPERIMENTER_ID)
		return error ? error : OFPBRC_BAD_EXPERIMENTER;
	if (e.exp_type != ONFMP_FLOW_MONITOR && (e.exp_type != ONFMP_TABLE_DESC || !reply))
		return OFPBRC_BAD_EXP_TYPE;
	start = onf_multipart_begin(p->out, p->h.type, p->h.xid, e.exp_type, p->mp.flags);
	if (e.exp_type == ONFMP_TABLE_DESC)
		return pass_entries(p, start, entry_table_desc, false);
	return pass_entries(p, start, reply ? entry_monitor_update : entry_monitor_request, false);
}

static enum of_error
pass_multipart(struct pass *p)
{
	const bool reply = p->h.type == OFPT_MULTIPART_REPLY;
	enum of_error error = multipart_hdr_decode(&p->in, &p->mp);
	const struct mp_passes *passes;

	if (!error && !reply)
		error = multipart_request_check(p->mp.type, wire_left(&p->in));
	if (error)
		return error;
	if (p->mp.type == OFPMP_EXPERIMENTER)
		return pass_onf_multipart(p);
	if (p->mp.type >= sizeof(mp_passes) / sizeof(mp_passes[0]))
		return OFPBRC_BAD_MULTIPART;
	passes = &mp_passes[p->mp.type];
	if (!reply && passes->request)
		return passes->request(p);
	return pass_entries(p, multipart_begin(p->out, p->h.type, p->h.xid, p->mp.type, p->mp.flags), passes->entry,
	                    reply && (one_entry & 1u << p->mp.type));
}

static pass_fn *const passes[OFPT_N_TYPES] = {
    [OFPT_HELLO] = pass_hello,
    [OFPT_ERROR] = pass_error,
    [OFPT_ECHO_REQUEST] = pass_echo,
    [OFPT_ECHO_REPLY] = pass_echo,
    [OFPT_EXPERIMENTER] = pass_experimenter,
    [OFPT_FEATURES_REQUEST] = pass_header,
    [OFPT_FEATURES_REPLY] = pass_features_reply,
    [OFPT_GET_CONFIG_REQUEST] = pass_header,
    [OFPT_GET_CONFIG_REPLY] = pass_config,
    [OFPT_SET_CONFIG] = pass_config,
    [OFPT_PACKET_IN] = pass_packet_in,
    [OFPT_FLOW_REMOVED] = pass_flow_removed,
    [OFPT_PORT_STATUS] = pass_port_status,
    [OFPT_PACKET_OUT] = pass_packet_out,
    [OFPT_FLOW_MOD] = pass_flow_mod,
    [OFPT_GROUP_MOD] = pass_group_mod,
    [OFPT_PORT_MOD] = pass_port_mod,
    [OFPT_TABLE_MOD] = pass_table_mod,
    [OFPT_MULTIPART_REQUEST] = pass_multipart,
    [OFPT_MULTIPART_REPLY] = pass_multipart,
    [OFPT_BARRIER_REQUEST] = pass_header,
    [OFPT_BARRIER_REPLY] = pass_header,
    [OFPT_QUEUE_GET_CONFIG_REQUEST] = pass_queue_config_request,
    [OFPT_QUEUE_GET_CONFIG_REPLY] = pass_queue_config_reply,
    [OFPT_ROLE_REQUEST] = pass_role,
    [OFPT_ROLE_REPLY] = pass_role,
    [OFPT_GET_ASYNC_REQUEST] = pass_header,
    [OFPT_GET_ASYNC_REPLY] = pass_async,
    [OFPT_SET_ASYNC] = pass_async,
    [OFPT_METER_MOD] = pass_meter_mod,
};

enum of_error
codec_again(const uint8_t *msg, size_t len, struct wbuf *again)
{
	struct pass p = {.h = ofp_hdr_decode(msg), .acts = ACT_BUF_INIT, .out = again};
	const struct ofp_type_info *info = ofp_type_info(p.h.type);
	enum of_error error;

	p.in = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	if (p.h.version != OFP_VERSION && p.h.type != OFPT_HELLO)
		error = OFPBRC_BAD_VERSION;
	else if (!info)
		error = OFPBRC_BAD_TYPE;
	else if (len < info->min_len || (info->exact && len != info->min_len))
		error = p.h.type == OFPT_SET_CONFIG ? OFPSCFC_BAD_LEN : OFPBRC_BAD_LEN;
	else
		error = passes[p.h.type](&p);
	act_buf_fini(&p.acts);
	return error;
}
