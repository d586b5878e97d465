/* SPDX-License-Identifier: ISC */
/* The messages of OpenFlow 1.3.5 as structs: decoded once (form only, no state), encoded from the same structs.
 *
 * Decoders take a cursor over the body (after the 8-byte header, multipart: after its 8-byte head) limited to header.length, return
 * OF_OK or the error the peer must get, and never keep pointers to the input unless the member says "borrowed".  Encoders append one
 * whole message to 'b': header with xid and patched length included.  All integers are in host order unless typed be*. */
#ifndef OFPROTO_WIRE_MESSAGES_H
#define OFPROTO_WIRE_MESSAGES_H

#include "actions.h"
#include "match.h"
#include "of_error.h"
#include "openflow/openflow13.h"
#include "wire.h"

struct ofp_hdr {
	uint8_t version, type;
	uint16_t length;
	uint32_t xid;
};
/* Reads a header; 'data' has at least OFP_HEADER_LEN bytes. */
struct ofp_hdr ofp_hdr_decode(const uint8_t *data);
/* Starts a message; returns its offset in 'b' for ofp_end. */
size_t ofp_begin(struct wbuf *b, uint8_t type, uint32_t xid);
void ofp_end(struct wbuf *b, size_t start);

/* Rows of msg_types.def: what each type is. */
enum ofp_direction { OFP_TO_SWITCH, OFP_TO_CONTROLLER, OFP_SYMMETRIC };
struct ofp_type_info {
	const char *name;       /* "OFPT_HELLO" */
	uint16_t min_len;       /* header included */
	bool exact;             /* longer is OFPBRC_BAD_LEN too */
	enum ofp_direction direction;
	bool slave_refused;     /* OFPBRC_IS_SLAVE from a slave (6.3.6), table-features bodies aside */
};
/* NULL for types above 29. */
const struct ofp_type_info *ofp_type_info(uint8_t type);

/* 7.5.1.  'versions' has bit n for wire version n; from the bitmap, or from the header when there is none. */
enum of_error hello_decode(struct wire *body, uint8_t header_version, uint32_t *versions);
void hello_encode(struct wbuf *b, uint32_t xid); /* version 0x04, bitmap with 1.3 alone */

/* 7.5.4.  'data' is the failing request (or text), cut so that the message fits 64 KiB. */
void error_encode(struct wbuf *b, uint32_t xid, enum of_error, const void *data, size_t len);
struct error_msg {
	uint16_t type, code;
	uint32_t experimenter;
	const uint8_t *data; /* borrowed */
	size_t len;
};
enum of_error error_decode(struct wire *body, struct error_msg *);

/* Messages that are a header and nothing more: barrier, features request, ... */
void simple_encode(struct wbuf *b, uint8_t type, uint32_t xid);
/* Echo request and reply. */
void echo_encode(struct wbuf *b, uint8_t type, uint32_t xid, const void *data, size_t len);

/* 7.3.1 */
struct features_reply {
	uint64_t datapath_id;
	uint32_t n_buffers;
	uint8_t n_tables, auxiliary_id;
	uint32_t capabilities;
};
void features_reply_encode(struct wbuf *b, uint32_t xid, const struct features_reply *);
enum of_error features_reply_decode(struct wire *body, struct features_reply *);

/* 7.3.2: SET_CONFIG and GET_CONFIG_REPLY. */
struct switch_config {
	uint16_t flags, miss_send_len;
};
void switch_config_encode(struct wbuf *b, uint8_t type, uint32_t xid, const struct switch_config *);
enum of_error switch_config_decode(struct wire *body, struct switch_config *);

/* 7.3.4.1 */
struct flow_mod {
	uint64_t cookie, cookie_mask;
	uint8_t table_id, command;
	uint16_t idle_timeout_s, hard_timeout_s, priority;
	uint32_t buffer_id, out_port, out_group;
	uint16_t flags;
	struct match match;
	struct ofp_insts insts; /* into the act_buf given to the decoder */
};
/* For DELETE and DELETE_STRICT instructions are skipped unread (X17). */
enum of_error flow_mod_decode(struct wire *body, struct act_buf *, struct flow_mod *);
void flow_mod_encode(struct wbuf *b, uint32_t xid, const struct flow_mod *);

/* 7.3.4.2.  The same struct is the entry of a GROUP_DESC reply (7.3.5.10), where 'command' is not used. */
struct ofp_bucket {
	uint16_t weight;
	uint32_t watch_port, watch_group;
	struct ofp_acts acts; /* into the act_buf */
};
struct group_mod {
	uint16_t command;
	uint8_t type;
	uint32_t group_id;
	struct ofp_bucket *buckets; /* heap; group_mod_fini */
	size_t n_buckets;
};
/* An unknown command or type is refused before the buckets are read (OFPGMFC_BAD_COMMAND, BAD_TYPE); a DELETE is not read beyond
 * its id (X17).  OFPGMFC_BAD_BUCKET, OFPBAC_*.  Call group_mod_fini whatever is returned. */
enum of_error group_mod_decode(struct wire *body, struct act_buf *, struct group_mod *);
void group_mod_encode(struct wbuf *b, uint32_t xid, const struct group_mod *);
void group_mod_fini(struct group_mod *);
/* Bytes of the buckets on the wire. */
size_t group_buckets_len(const struct group_mod *);

/* 7.3.4.4.  The same struct is the entry of a METER_CONFIG reply (7.3.5.13). */
struct ofp_meter_band {
	uint16_t type;
	uint32_t rate, burst_size;
	uint8_t prec_level;
};
struct meter_mod {
	uint16_t command, flags;
	uint32_t meter_id;
	struct ofp_meter_band *bands; /* heap; meter_mod_fini */
	size_t n_bands;
};
/* OFPMMFC_BAD_COMMAND before the bands, OFPMMFC_BAD_BAND for an unknown type; the bands of a DELETE are not read (X17). */
enum of_error meter_mod_decode(struct wire *body, struct meter_mod *);
void meter_mod_encode(struct wbuf *b, uint32_t xid, const struct meter_mod *);
void meter_mod_fini(struct meter_mod *);

/* 7.3.4.3, 7.3.3 */
struct port_mod {
	uint32_t port_no;
	uint8_t hw_addr[6];
	uint32_t config, mask, advertise;
};
enum of_error port_mod_decode(struct wire *body, struct port_mod *);
void port_mod_encode(struct wbuf *b, uint32_t xid, const struct port_mod *);

struct table_mod {
	uint8_t table_id;
	uint32_t config;
};
enum of_error table_mod_decode(struct wire *body, struct table_mod *);
void table_mod_encode(struct wbuf *b, uint32_t xid, const struct table_mod *);

/* 7.3.7 */
struct packet_out {
	uint32_t buffer_id, in_port;
	struct ofp_acts acts;  /* into the act_buf */
	const uint8_t *data;   /* borrowed */
	size_t len;
};
enum of_error packet_out_decode(struct wire *body, struct act_buf *, struct packet_out *);
void packet_out_encode(struct wbuf *b, uint32_t xid, const struct packet_out *);

/* 7.4.1 */
struct packet_in {
	uint32_t buffer_id;
	uint16_t total_len;
	uint8_t reason, table_id;
	uint64_t cookie;
	struct match match;
	const uint8_t *data; /* borrowed */
	size_t len;
};
void packet_in_encode(struct wbuf *b, uint32_t xid, const struct packet_in *);
enum of_error packet_in_decode(struct wire *body, struct packet_in *);

/* 7.4.2 */
struct flow_removed {
	uint64_t cookie;
	uint16_t priority;
	uint8_t reason, table_id;
	uint32_t duration_s, duration_ns;
	uint16_t idle_timeout_s, hard_timeout_s;
	uint64_t packet_count, byte_count;
	struct match match;
};
void flow_removed_encode(struct wbuf *b, uint32_t xid, const struct flow_removed *);
enum of_error flow_removed_decode(struct wire *body, struct flow_removed *);

/* 7.2.1 */
struct ofp_port {
	uint32_t port_no;
	uint8_t hw_addr[6];
	char name[OFP_MAX_PORT_NAME_LEN]; /* NUL-terminated here */
	uint32_t config, state, curr, advertised, supported, peer, curr_speed, max_speed;
};
void ofp_port_encode(struct wbuf *b, const struct ofp_port *); /* the 64 bytes alone */
void ofp_port_decode(struct wire *w, struct ofp_port *);

/* 7.4.3 */
struct port_status {
	uint8_t reason;
	struct ofp_port port;
};
void port_status_encode(struct wbuf *b, uint32_t xid, const struct port_status *);
enum of_error port_status_decode(struct wire *body, struct port_status *);

/* 7.3.9: request and reply. */
struct role_msg {
	uint32_t role;
	uint64_t generation_id;
};
void role_encode(struct wbuf *b, uint8_t type, uint32_t xid, const struct role_msg *);
enum of_error role_decode(struct wire *body, struct role_msg *);

/* 7.3.10: [0] for master and equal, [1] for slave. */
struct async_config {
	uint32_t packet_in[2], port_status[2], flow_removed[2];
};
void async_encode(struct wbuf *b, uint8_t type, uint32_t xid, const struct async_config *);
enum of_error async_decode(struct wire *body, struct async_config *);

/* 7.3.6 */
enum of_error queue_get_config_request_decode(struct wire *body, uint32_t *port);
void queue_get_config_request_encode(struct wbuf *b, uint32_t xid, uint32_t port);
/* The reply: queue_config_reply_begin, one queue_config_encode for each queue, ofp_end.  Decoded in the same steps: the port, then queues
 * while wire_left(w) > 0.  Rates in units of 0.1 %; above 1000, as
 * OFPQ_MIN_RATE_UNCFG: not configured. */
struct queue_config {
	uint32_t queue_id, port_no;
	uint16_t min_rate, max_rate;
};
size_t queue_config_reply_begin(struct wbuf *b, uint32_t xid, uint32_t port_no);
void queue_config_encode(struct wbuf *b, const struct queue_config *);
enum of_error queue_config_reply_decode(struct wire *body, uint32_t *port_no);
enum of_error queue_config_decode(struct wire *w, struct queue_config *);

/* ---- multipart, 7.3.5 ---- */

struct multipart_hdr {
	uint16_t type, flags;
};
enum of_error multipart_hdr_decode(struct wire *body, struct multipart_hdr *);
/* By the rows of multipart_types.def: OFPBRC_BAD_LEN for a request whose whole body of 'len' bytes has not the length that its type
 * wants, OFPBRC_BAD_MULTIPART for a type that there is not. */
enum of_error multipart_request_check(uint16_t type, size_t len);
/* Starts a request or reply part; ends with ofp_end.  set_more flips the MORE flag of the part at 'start'. */
size_t multipart_begin(struct wbuf *b, uint8_t msg_type, uint32_t xid, uint16_t type, uint16_t flags);
void multipart_set_more(struct wbuf *b, size_t start);
/* A multipart request with an empty body. */
void multipart_simple_encode(struct wbuf *b, uint32_t xid, uint16_t type);

#define RINGFLOW_MFR_DESC "Ringflow project" /* as every switch of ours says, whatever its dp_desc */
struct desc_stats {
	char mfr_desc[OFP_DESC_STR_LEN], hw_desc[OFP_DESC_STR_LEN], sw_desc[OFP_DESC_STR_LEN];
	char serial_num[OFP_SERIAL_NUM_LEN], dp_desc[OFP_DESC_STR_LEN];
};
void desc_stats_encode(struct wbuf *b, const struct desc_stats *); /* body only */
enum of_error desc_stats_decode(struct wire *body, struct desc_stats *);

/* OFPMP_FLOW and OFPMP_AGGREGATE requests have the same body. */
struct flow_stats_request {
	uint8_t table_id;
	uint32_t out_port, out_group;
	uint64_t cookie, cookie_mask;
	struct match match;
};
enum of_error flow_stats_request_decode(struct wire *body, struct flow_stats_request *);
void flow_stats_request_encode(struct wbuf *b, uint32_t xid, uint16_t mp_type, const struct flow_stats_request *);

struct flow_stats {
	uint8_t table_id;
	uint32_t duration_s, duration_ns;
	uint16_t priority, idle_timeout_s, hard_timeout_s, flags;
	uint64_t cookie, packet_count, byte_count;
	struct match match;
	struct ofp_insts insts;
};
/* One entry of a reply. */
void flow_stats_encode(struct wbuf *b, const struct flow_stats *);
/* The next entry; call while wire_left(w) > 0. */
enum of_error flow_stats_decode(struct wire *w, struct act_buf *, struct flow_stats *);

struct aggregate_stats {
	uint64_t packet_count, byte_count;
	uint32_t flow_count;
};
void aggregate_stats_encode(struct wbuf *b, const struct aggregate_stats *);
enum of_error aggregate_stats_decode(struct wire *body, struct aggregate_stats *);

struct table_stats {
	uint8_t table_id;
	uint32_t active_count;
	uint64_t lookup_count, matched_count;
};
void table_stats_encode(struct wbuf *b, const struct table_stats *);
enum of_error table_stats_decode(struct wire *w, struct table_stats *);

enum of_error port_stats_request_decode(struct wire *body, uint32_t *port_no);
void port_stats_request_encode(struct wbuf *b, uint32_t xid, uint32_t port_no);
struct port_stats {
	uint32_t port_no;
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes, rx_dropped, tx_dropped, rx_errors, tx_errors;
	uint64_t rx_frame_err, rx_over_err, rx_crc_err, collisions;
	uint32_t duration_s, duration_ns;
};
void port_stats_encode(struct wbuf *b, const struct port_stats *);
enum of_error port_stats_decode(struct wire *w, struct port_stats *);

/* 7.3.5.8: queues; OFPP_ANY and OFPQ_ALL ask for all. */
void queue_stats_request_encode(struct wbuf *b, uint32_t xid, uint32_t port_no, uint32_t queue_id);
enum of_error queue_stats_request_decode(struct wire *body, uint32_t *port_no, uint32_t *queue_id);
struct queue_stats {
	uint32_t port_no, queue_id;
	uint64_t tx_bytes, tx_packets, tx_errors;
	uint32_t duration_s, duration_ns;
};
void queue_stats_encode(struct wbuf *b, const struct queue_stats *);
enum of_error queue_stats_decode(struct wire *w, struct queue_stats *);

/* 7.3.5.9 to 7.3.5.11: groups.  Requests for one group or OFPG_ALL; GROUP_DESC and GROUP_FEATURES requests have no body. */
enum of_error group_stats_request_decode(struct wire *body, uint32_t *group_id);
void group_stats_request_encode(struct wbuf *b, uint32_t xid, uint32_t group_id);
struct bucket_count {
	uint64_t packets, bytes;
};
struct group_stats {
	uint32_t group_id, ref_count;
	uint64_t packet_count, byte_count;
	uint32_t duration_s, duration_ns;
	struct bucket_count *buckets; /* decoded: heap, group_stats_fini; encoded: the caller's */
	size_t n_buckets;
};
/* One entry of a reply; decoders: the next entry, call while wire_left(w) > 0. */
void group_stats_encode(struct wbuf *b, const struct group_stats *);
enum of_error group_stats_decode(struct wire *w, struct group_stats *);
void group_stats_fini(struct group_stats *);
/* The actions lie in the act_buf, which may move with the next entry: reset it between entries. */
void group_desc_encode(struct wbuf *b, const struct group_mod *);
enum of_error group_desc_decode(struct wire *w, struct act_buf *, struct group_mod *);
struct group_features {
	uint32_t types;         /* bit OFPGT_x */
	uint32_t capabilities;  /* OFPGFC_* */
	uint32_t max_groups[4]; /* by OFPGT_x */
	uint32_t actions[4];    /* bit OFPAT_x */
};
void group_features_encode(struct wbuf *b, const struct group_features *);
enum of_error group_features_decode(struct wire *body, struct group_features *);

/* 7.3.5.12 to 7.3.5.14: meters.  METER and METER_CONFIG requests for one meter or OFPM_ALL. */
enum of_error meter_request_decode(struct wire *body, uint32_t *meter_id);
void meter_request_encode(struct wbuf *b, uint32_t xid, uint16_t mp_type, uint32_t meter_id);
struct meter_stats {
	uint32_t meter_id, flow_count;
	uint64_t packet_in_count, byte_in_count;
	uint32_t duration_s, duration_ns;
	struct bucket_count *bands; /* as group_stats.buckets; meter_stats_fini */
	size_t n_bands;
};
void meter_stats_encode(struct wbuf *b, const struct meter_stats *);
enum of_error meter_stats_decode(struct wire *w, struct meter_stats *);
void meter_stats_fini(struct meter_stats *);
void meter_config_encode(struct wbuf *b, const struct meter_mod *);
enum of_error meter_config_decode(struct wire *w, struct meter_mod *);
struct meter_features {
	uint32_t max_meter;    /* the number of meters */
	uint32_t band_types;   /* bit OFPMBT_x */
	uint32_t capabilities; /* OFPMF_* */
	uint8_t max_bands, max_color;
};
void meter_features_encode(struct wbuf *b, const struct meter_features *);
enum of_error meter_features_decode(struct wire *body, struct meter_features *);

/* 7.3.5.5: one table.  Lists are bitmaps: instructions bit OFPIT_x; actions bit OFPAT_x (all below 32);
 * fields OXM_BIT; next_tables 256 bits. */
struct table_features {
	uint8_t table_id;
	char name[OFP_MAX_TABLE_NAME_LEN];
	uint64_t metadata_match, metadata_write;
	uint32_t config, max_entries;
	uint32_t present; /* bit OFPTFPT_x (0 to 15) for each property present */
	uint32_t instructions[2], write_actions[2], apply_actions[2]; /* [0] for hits, [1] for misses */
	uint64_t next_tables[2][4];
	uint64_t match, match_hasmask, wildcards;
	uint64_t write_setfield[2], apply_setfield[2];
	bool unknown; /* decoded: a list held something that has no bit here, such as another experimenter's field */
};
void table_features_encode(struct wbuf *b, const struct table_features *);
/* The next table of a request or reply.  OFPTFFC_* errors, OFPBRC_BAD_LEN. */
enum of_error table_features_decode(struct wire *w, struct table_features *);
/* What a property for table misses leaves unsaid when it is not there: the same as the other (7.3.5.5.2).  'present' stays. */
void table_features_fill_miss(struct table_features *);

#endif
