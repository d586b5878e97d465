/* SPDX-License-Identifier: ISC */
/* Any bytes as one OpenFlow message: no decoder reads outside it, and a flow-mod that was taken comes back equal when it is written
 * and read again. */
#include "extensions.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
flow_mod_again(const struct flow_mod *fm)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod again;
	struct wire w;

	flow_mod_encode(&b, 1, fm);
	if (!wbuf_ok(&b))
		abort();
	w = wire_init(b.data + OFP_HEADER_LEN, b.len - OFP_HEADER_LEN);
	if (flow_mod_decode(&w, &acts, &again) != OF_OK)
		abort();
	if (memcmp(&again.match, &fm->match, sizeof(fm->match)) || !ofp_insts_equal(&again.insts, &fm->insts))
		abort();
	wbuf_fini(&b);
	act_buf_fini(&acts);
}

/* A group-mod, a meter-mod that was taken is as long again when it is written, and is taken again. */
static void
state_again(const struct group_mod *gm, const struct meter_mod *mm)
{
	struct wbuf b = WBUF_INIT(1u << 20);
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod g = {0};
	struct meter_mod m = {0};
	struct wire w;

	if (gm)
		group_mod_encode(&b, 1, gm);
	else
		meter_mod_encode(&b, 1, mm);
	w = wire_init(b.data + OFP_HEADER_LEN, b.len - OFP_HEADER_LEN);
	if (gm ? group_mod_decode(&w, &acts, &g) || g.n_buckets != gm->n_buckets
	       : meter_mod_decode(&w, &m) || m.n_bands != mm->n_bands)
		abort();
	group_mod_fini(&g);
	meter_mod_fini(&m);
	wbuf_fini(&b);
	act_buf_fini(&acts);
}

static void
try_state(uint8_t type, struct wire *w, struct act_buf *acts)
{
	struct flow_mod fm;
	struct group_mod gm;
	struct meter_mod mm;
	struct port_mod pm;
	struct table_mod tm;
	struct packet_out po;

	if (type == OFPT_FLOW_MOD) {
		if (flow_mod_decode(w, acts, &fm) == OF_OK) {
			ofp_acts_check(fm.insts.apply, &fm.match);
			flow_mod_again(&fm);
		}
	} else if (type == OFPT_GROUP_MOD) {
		if (group_mod_decode(w, acts, &gm) == OF_OK)
			state_again(&gm, NULL);
		group_mod_fini(&gm);
	} else if (type == OFPT_METER_MOD) {
		if (meter_mod_decode(w, &mm) == OF_OK)
			state_again(NULL, &mm);
		meter_mod_fini(&mm);
	} else if (type == OFPT_PORT_MOD) {
		port_mod_decode(w, &pm);
	} else if (type == OFPT_TABLE_MOD) {
		table_mod_decode(w, &tm);
	} else if (type == OFPT_PACKET_OUT) {
		packet_out_decode(w, acts, &po);
	}
}

static void
try_other(uint8_t type, uint8_t version, struct wire *w)
{
	struct features_reply features;
	struct switch_config config;
	struct flow_removed removed;
	struct async_config async;
	struct port_status status;
	struct packet_in pi;
	struct error_msg err;
	struct role_msg role;
	uint32_t u32;

	if (type == OFPT_HELLO)
		hello_decode(w, version, &u32);
	else if (type == OFPT_ERROR)
		error_decode(w, &err);
	else if (type == OFPT_FEATURES_REPLY)
		features_reply_decode(w, &features);
	else if (type == OFPT_SET_CONFIG || type == OFPT_GET_CONFIG_REPLY)
		switch_config_decode(w, &config);
	else if (type == OFPT_PACKET_IN)
		packet_in_decode(w, &pi);
	else if (type == OFPT_FLOW_REMOVED)
		flow_removed_decode(w, &removed);
	else if (type == OFPT_PORT_STATUS)
		port_status_decode(w, &status);
	else if (type == OFPT_ROLE_REQUEST || type == OFPT_ROLE_REPLY)
		role_decode(w, &role);
	else if (type == OFPT_SET_ASYNC || type == OFPT_GET_ASYNC_REPLY)
		async_decode(w, &async);
	else if (type == OFPT_QUEUE_GET_CONFIG_REQUEST)
		queue_get_config_request_decode(w, &u32);
}

static void
try_group_replies(uint16_t type, struct wire *w, struct act_buf *acts)
{
	struct group_features gf;
	struct meter_features mf;
	struct group_stats gs;
	struct meter_stats ms;
	struct group_mod gm;
	struct meter_mod mm;
	bool more = true;

	if (type == OFPMP_GROUP_FEATURES)
		group_features_decode(w, &gf);
	else if (type == OFPMP_METER_FEATURES)
		meter_features_decode(w, &mf);
	while (more && wire_left(w)) {
		if (type == OFPMP_GROUP) {
			more = group_stats_decode(w, &gs) == OF_OK;
			group_stats_fini(&gs);
		} else if (type == OFPMP_METER) {
			more = meter_stats_decode(w, &ms) == OF_OK;
			meter_stats_fini(&ms);
		} else if (type == OFPMP_GROUP_DESC) {
			act_buf_reset(acts);
			more = group_desc_decode(w, acts, &gm) == OF_OK;
			group_mod_fini(&gm);
		} else if (type == OFPMP_METER_CONFIG) {
			more = meter_config_decode(w, &mm) == OF_OK;
			meter_mod_fini(&mm);
		} else {
			more = false;
		}
	}
}

/* A message inside a bundle is not followed: it is a message, and messages are what the fuzzer makes. */
static void
try_experimenter(struct wire *w)
{
	struct bundle_control control;
	struct table_status status;
	struct experimenter_hdr h;
	struct table_desc desc;
	struct bundle_add add;
	uint32_t u32;

	if (experimenter_hdr_decode(w, &h) != OF_OK)
		return;
	if (h.exp_type == ONFT_BUNDLE_CONTROL)
		bundle_control_decode(w, &control);
	else if (h.exp_type == ONFT_BUNDLE_ADD_MESSAGE && bundle_add_decode(w, &add) == OF_OK)
		(void)ofp_hdr_decode(add.msg);
	else if (h.exp_type == ONFT_FLOW_MONITOR_CANCEL)
		flow_monitor_cancel_decode(w, &u32);
	else if (h.exp_type == ONFT_TABLE_MOD)
		onf_table_mod_decode(w, &desc);
	else if (h.exp_type == ONFT_TABLE_STATUS)
		table_status_decode(w, &status);
}

static void
try_onf_multipart(bool reply, struct wire *w, struct act_buf *acts)
{
	struct flow_monitor_request request;
	struct experimenter_hdr h;
	struct flow_update update;
	struct table_desc desc;
	bool more = experimenter_hdr_decode(w, &h) == OF_OK;

	while (more && wire_left(w)) {
		act_buf_reset(acts);
		if (h.exp_type == ONFMP_FLOW_MONITOR && reply)
			more = flow_update_decode(w, acts, &update) == OF_OK;
		else if (h.exp_type == ONFMP_FLOW_MONITOR)
			more = flow_monitor_request_decode(w, &request) == OF_OK;
		else
			more = h.exp_type == ONFMP_TABLE_DESC && table_desc_decode(w, &desc) == OF_OK;
	}
}

static void
try_multipart(bool reply, struct wire *w, struct act_buf *acts)
{
	struct flow_stats_request request;
	struct aggregate_stats aggregate;
	struct table_features features;
	struct desc_stats desc;
	struct flow_stats flow;
	struct table_stats table;
	struct port_stats port;
	struct multipart_hdr mp;
	uint32_t u32;

	if (multipart_hdr_decode(w, &mp) != OF_OK)
		return;
	if (mp.type == OFPMP_EXPERIMENTER)
		try_onf_multipart(reply, w, acts);
	else if (mp.type == OFPMP_DESC && reply)
		desc_stats_decode(w, &desc);
	else if (mp.type == OFPMP_AGGREGATE && reply)
		aggregate_stats_decode(w, &aggregate);
	else if ((mp.type == OFPMP_FLOW || mp.type == OFPMP_AGGREGATE) && !reply)
		flow_stats_request_decode(w, &request);
	else if (mp.type == OFPMP_PORT_STATS && !reply)
		port_stats_request_decode(w, &u32);
	else if (mp.type == OFPMP_GROUP && !reply)
		group_stats_request_decode(w, &u32);
	else if ((mp.type == OFPMP_METER || mp.type == OFPMP_METER_CONFIG) && !reply)
		meter_request_decode(w, &u32);
	else if (reply)
		try_group_replies(mp.type, w, acts);
	while (mp.type == OFPMP_FLOW && reply && wire_left(w) && flow_stats_decode(w, acts, &flow) == OF_OK)
		;
	while (mp.type == OFPMP_TABLE && reply && wire_left(w) && table_stats_decode(w, &table) == OF_OK)
		;
	while (mp.type == OFPMP_PORT_STATS && reply && wire_left(w) && port_stats_decode(w, &port) == OF_OK)
		;
	while (mp.type == OFPMP_TABLE_FEATURES && wire_left(w) && table_features_decode(w, &features) == OF_OK)
		;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct ofp_hdr hdr;
	struct wire w;

	if (size < OFP_HEADER_LEN)
		return 0;
	hdr = ofp_hdr_decode(data);
	w = wire_init(data + OFP_HEADER_LEN, size - OFP_HEADER_LEN);
	if (hdr.type == OFPT_MULTIPART_REQUEST || hdr.type == OFPT_MULTIPART_REPLY) {
		try_multipart(hdr.type == OFPT_MULTIPART_REPLY, &w, &acts);
	} else {
		try_state(hdr.type, &w, &acts);
		try_other(hdr.type, hdr.version, &w);
		if (hdr.type == OFPT_EXPERIMENTER)
			try_experimenter(&w);
	}
	act_buf_fini(&acts);
	return 0;
}
