/* SPDX-License-Identifier: ISC */
/* A reference model of an OpenFlow 1.3.5 switch: small, slow, plain.
 *
 * Written from the standard, apart from the code under test: it reads messages from their bytes with its own code, keeps flow entries in one
 * array, looks at every entry for every frame, reads every field from the frame's bytes whenever it is asked for, and carries out
 * actions on those bytes at once.  No caches, no classifier, no programs.  model_drive.c compares it with the real thing.
 *
 * What the standard leaves open is settled as the switch documents it: headers are found when a frame enters a table or a group and at
 * each push and pop; what a frame lacks is passed over. */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define M_FIELDS 40
#define M_FRAME 2048
#define M_TABLES 8
#define M_FLOWS 4096
#define M_ACTS 16
#define M_OUTPUTS 256
#define M_PORTS 4
#define M_GROUPS 32
#define M_BUCKETS 4
#define M_METERS 8
#define M_BANDS 4
#define M_VISITS 4 /* to SELECT groups, of one frame */

/* Fields by their OXM number (7.2.3.7). */
enum {
	F_IN_PORT, F_IN_PHY_PORT, F_METADATA, F_ETH_DST, F_ETH_SRC, F_ETH_TYPE, F_VLAN_VID, F_VLAN_PCP, F_IP_DSCP, F_IP_ECN,
	F_IP_PROTO, F_IPV4_SRC, F_IPV4_DST, F_TCP_SRC, F_TCP_DST, F_UDP_SRC, F_UDP_DST, F_SCTP_SRC, F_SCTP_DST, F_ICMPV4_TYPE,
	F_ICMPV4_CODE, F_ARP_OP, F_ARP_SPA, F_ARP_TPA, F_ARP_SHA, F_ARP_THA, F_IPV6_SRC, F_IPV6_DST, F_IPV6_FLABEL, F_ICMPV6_TYPE,
	F_ICMPV6_CODE, F_IPV6_ND_TARGET, F_IPV6_ND_SLL, F_IPV6_ND_TLL, F_MPLS_LABEL, F_MPLS_TC, F_MPLS_BOS, F_PBB_ISID, F_TUNNEL_ID,
	F_IPV6_EXTHDR
};

/* Errors as type << 16 | code; 0 = none, so HELLO_FAILED/INCOMPATIBLE, which the model never gives, has no name here. */
#define M_ERR(type, code) ((unsigned)(type) << 16 | (code))

struct m_match {
	struct {
		bool there;
		uint8_t value[16], mask[16]; /* mask all ones: exact */
	} f[M_FIELDS];
};

struct m_act {
	uint16_t type;
	uint32_t port; /* OUTPUT; the id of GROUP and SET_QUEUE */
	uint16_t max_len;
	uint16_t ethertype;
	uint8_t ttl;
	uint8_t field;
	uint8_t value[16];
};

struct m_list {
	unsigned n;
	struct m_act a[M_ACTS];
};

struct m_insts {
	bool has[8]; /* by OFPIT_* */
	uint8_t goto_table;
	uint8_t metadata[8], metadata_mask[8];
	uint32_t meter;
	struct m_list apply, write;
};

struct m_flow {
	uint8_t table;
	uint16_t priority, idle, hard, flags;
	uint64_t cookie;
	struct m_match match;
	struct m_insts insts;
	uint64_t packets, bytes;
	uint64_t created_s, used_s;
};

struct m_bucket {
	uint16_t weight;
	uint32_t watch_port, watch_group;
	struct m_list list;
	uint64_t packets, bytes;
};

struct m_group {
	uint32_t id;
	uint8_t type;
	unsigned n;
	struct m_bucket b[M_BUCKETS];
	uint64_t packets, bytes;
};

struct m_band {
	unsigned type; /* 1 drops, 2 raises the drop precedence by 'levels' */
	uint32_t rate, burst;
	uint8_t levels;
	uint64_t busy_until; /* in 1/64 ns: when all that it let through would have left at its rate */
	uint64_t packets, bytes;
};

struct m_meter {
	uint32_t id;
	uint16_t flags;
	unsigned n;
	struct m_band b[M_BANDS];
	uint64_t packets, bytes;
};

struct m_packet {
	uint8_t b[M_FRAME];
	size_t n;
	uint32_t in_port;
	uint8_t metadata[8];
};

/* One thing that a frame led to. */
struct m_output {
	bool packet_in; /* else out of 'port' */
	uint32_t port;
	uint8_t reason, table;
	uint16_t max_len;
	uint64_t cookie;
	uint8_t metadata[8];
	size_t n;
	uint8_t b[M_FRAME];
};

struct m_removed {
	uint8_t table, reason;
	uint16_t priority;
	uint64_t cookie, packets, bytes;
};

struct model {
	unsigned n_flows;
	struct m_flow flows[M_FLOWS];
	unsigned n_groups;
	struct m_group groups[M_GROUPS];
	unsigned n_meters;
	struct m_meter meters[M_METERS];
	bool port_live[M_PORTS + 1];
	struct {
		uint64_t lookups, matched;
	} table[M_TABLES];
	uint64_t now_s;
	/* of the last step */
	unsigned n_outputs;
	struct m_output out[M_OUTPUTS];
	unsigned n_removed;
	struct m_removed removed[M_FLOWS];
	bool ambiguous; /* the standard leaves the choice between entries open (5.3) */
	/* The choice in a SELECT group is the switch's (5.6.1): the frame's visits take these buckets, as far as they may be taken. */
	uint8_t choices[M_VISITS];
	unsigned n_visits;
	struct m_visit {
		uint32_t group;
		uint64_t flow; /* a hash of the headers with which the frame came */
		size_t bytes;
		bool allowed; /* the bucket is live and has its weight */
	} visits[M_VISITS];
	bool ended; /* the frame has run out of TTL */
};

/* ---- model_packet.c ---- */

/* What a frame consists of, as byte offsets; -1 = it has none. */
struct m_layers {
	int tag;     /* TPID of the outermost VLAN tag */
	int type_at; /* where the type below all tags is */
	unsigned type;
	int label, itag, arp, ip4, ip6, l4;
	int proto_at;   /* the byte that names the transport */
	unsigned proto; /* as it was found */
	unsigned exthdr;
	unsigned icmp_type; /* first byte of the transport */
	bool fragment; /* IPv6: of more than one; IPv4 is asked directly */
	bool routed; /* IPv6: a routing header that is not yet at its end */
	int end;     /* of the datagram */
};

struct m_layers m_parse(const struct m_packet *);
extern const uint8_t m_bytes[M_FIELDS];
/* The field as an OXM value; false: the frame does not have it. */
bool m_read(const struct m_packet *, const struct m_layers *, unsigned field, uint8_t out[16]);
/* One action that changes the frame; *l follows where the standard says so.  True if a TTL ran out: nothing is changed then. */
bool m_change(struct m_packet *, struct m_layers *l, const struct m_act *);

/* ---- model_wire.c: each reads from wire bytes, by the standard's layout; returns 0 or the error ---- */

unsigned m_read_match(const uint8_t *b, size_t n, struct m_match *);
/* 'n' bytes of instructions. */
unsigned m_read_insts(const uint8_t *b, size_t n, struct m_insts *);
unsigned m_read_acts(const uint8_t *b, size_t n, struct m_list *);
/* The actions of OFPT_PACKET_OUT, of its body. */
unsigned m_read_packet_out(const uint8_t *body, size_t n, struct m_list *);
/* 6.4, 7.2.3.8: whether the actions fit the match. */
unsigned m_check_insts(const struct m_match *, const struct m_insts *);

/* ---- model_table.c ---- */

/* Bodies of messages, after the header. */
unsigned m_flow_mod(struct model *, const uint8_t *body, size_t n);
unsigned m_group_mod(struct model *, const uint8_t *body, size_t n);
unsigned m_meter_mod(struct model *, const uint8_t *body, size_t n);
/* The actions of a packet-out against the groups there are. */
unsigned m_check_packet_out(const struct model *, const struct m_list *);
/* Time-outs at now_s. */
void m_expire(struct model *);
/* True if a flow statistics request (its body) selects the entry. */
bool m_selects(const struct m_flow *, uint8_t table, uint32_t out_port, uint32_t out_group, uint64_t cookie, uint64_t mask,
               const struct m_match *);
bool m_covers(const struct m_match *wide, const struct m_match *narrow);

/* ---- model_run.c ---- */

/* A frame from a port through the tables.  With 'dry' nothing is counted. */
void m_run(struct model *, const struct m_packet *, bool dry);
/* A frame from a controller through a list of actions, which may end with an output to the tables (7.3.7). */
void m_packet_out(struct model *, const struct m_packet *, const struct m_list *, bool dry);

#endif
