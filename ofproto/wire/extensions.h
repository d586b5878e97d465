/* SPDX-License-Identifier: ISC */
/* The ONF extensions on OpenFlow 1.3 as structs: flow monitor (EXT-187), eviction and vacancy (EXT-192), bundles (EXT-230).
 *
 * As messages.h: decoders get a cursor behind the experimenter's number and type (both read by experimenter_hdr_decode), encoders of
 * messages append whole ones, encoders of entries append to what exp_multipart_begin started.  Where the facts are from:
 * openflow13.h. */
#ifndef OFPROTO_WIRE_EXTENSIONS_H
#define OFPROTO_WIRE_EXTENSIONS_H

#include "messages.h"

/* 7.5.4, and 7.3.5.15 behind the multipart head. */
struct experimenter_hdr {
	uint32_t experimenter, exp_type;
};
enum of_error experimenter_hdr_decode(struct wire *body, struct experimenter_hdr *);
/* Start a message or part of ONF_EXPERIMENTER_ID; end with ofp_end. */
size_t onf_begin(struct wbuf *b, uint32_t xid, uint32_t exp_type);
size_t onf_multipart_begin(struct wbuf *b, uint8_t msg_type, uint32_t xid, uint32_t exp_type, uint16_t flags);
/* Messages that are no more than their type: flow monitor paused, resumed. */
void onf_simple_encode(struct wbuf *b, uint32_t xid, uint32_t exp_type);

/* ---- bundles ---- */

struct bundle_control {
	uint32_t bundle_id;
	uint16_t type; /* OFPBCT_* */
	uint16_t flags; /* OFPBF_* */
};
/* OFPBRC_BAD_LEN, OFPBRC_BAD_EXPERIMENTER (a property).  Type and flags are not judged. */
enum of_error bundle_control_decode(struct wire *body, struct bundle_control *);
void bundle_control_encode(struct wbuf *b, uint32_t xid, const struct bundle_control *);

struct bundle_add {
	uint32_t bundle_id;
	uint16_t flags;
	const uint8_t *msg; /* borrowed: a whole message, header and all; its type is not judged */
	size_t len;
};
/* OFPBFC_MSG_BAD_LEN: the message in it does not fit.  OFPBRC_BAD_LEN, OFPBRC_BAD_EXPERIMENTER as above. */
enum of_error bundle_add_decode(struct wire *body, struct bundle_add *);
void bundle_add_encode(struct wbuf *b, uint32_t xid, const struct bundle_add *);

/* ---- flow monitor ---- */

struct flow_monitor_request {
	uint32_t id;
	uint16_t flags; /* ONFFMF_* */
	uint32_t out_port;
	uint8_t table_id;
	struct match match;
};
/* The next entry of a request; call while wire_left(w) > 0.  The match is read as Open vSwitch writes it (a struct ofp_match) and as
 * os-ken does (OXM fields alone; nothing at all when there are none).  Flags are not judged. */
enum of_error flow_monitor_request_decode(struct wire *w, struct flow_monitor_request *);
void flow_monitor_request_encode(struct wbuf *b, const struct flow_monitor_request *);

struct flow_update {
	uint16_t event; /* ONFFME_* */
	uint32_t xid; /* ABBREV: of the message that made the change; it has nothing else */
	uint16_t reason; /* DELETED: OFPRR_* */
	uint16_t priority, idle_timeout_s, hard_timeout_s;
	uint8_t table_id;
	uint64_t cookie;
	struct match match;
	struct ofp_insts insts; /* decoded: into the act_buf */
};
/* One entry of a reply; of the instructions only what is 'present' is written. */
void flow_update_encode(struct wbuf *b, const struct flow_update *);
/* The next entry; call while wire_left(w) > 0. */
enum of_error flow_update_decode(struct wire *w, struct act_buf *, struct flow_update *);

enum of_error flow_monitor_cancel_decode(struct wire *body, uint32_t *id);
void flow_monitor_cancel_encode(struct wbuf *b, uint32_t xid, uint32_t id);

/* ---- eviction and vacancy ---- */

struct table_desc {
	uint8_t table_id;
	uint32_t config; /* OFPTC_EVICTION, OFPTC_VACANCY_EVENTS */
	bool has_eviction, has_vacancy; /* the properties that are there */
	uint32_t eviction_flags; /* OFPTMPEF_* */
	uint8_t vacancy_down, vacancy_up, vacancy; /* per cent of free entries */
};
/* ONFT_TABLE_MOD.  OFPBRC_BAD_LEN; OFPTMFC_BAD_CONFIG: a property that is unknown or there twice. */
enum of_error onf_table_mod_decode(struct wire *body, struct table_desc *);
void onf_table_mod_encode(struct wbuf *b, uint32_t xid, const struct table_desc *);
/* One entry of an ONFMP_TABLE_DESC reply; the next entry, call while wire_left(w) > 0. */
void table_desc_encode(struct wbuf *b, const struct table_desc *);
enum of_error table_desc_decode(struct wire *w, struct table_desc *);
struct table_status {
	uint8_t reason; /* OFPTR_* */
	struct table_desc desc;
};
void table_status_encode(struct wbuf *b, uint32_t xid, const struct table_status *);
enum of_error table_status_decode(struct wire *body, struct table_status *);

#endif
