/* SPDX-License-Identifier: ISC */
/* OpenFlow 1.3.5 constants (wire protocol 0x04).
 *
 * Values and wire sizes only, section numbers of the switch specification on each block.  There are no wire
 * structs on purpose: received bytes are read with lib/wire.h and never cast. */
#ifndef OPENFLOW_OPENFLOW13_H
#define OPENFLOW_OPENFLOW13_H

#define OFP_VERSION 0x04
#define OFP_HEADER_LEN 8        /* bytes: version, type, length, xid (7.1.1) */
#define OFP_MAX_MSG_LEN 65535   /* bytes: the length field has 16 bits */
#define OFP_DEFAULT_PORT 6653   /* IANA */
#define OFP_NO_BUFFER 0xffffffffu
#define OFP_MAX_PORT_NAME_LEN 16
#define OFP_MAX_TABLE_NAME_LEN 32
#define OFP_DEFAULT_PRIORITY 0x8000
#define OFP_DEFAULT_MISS_SEND_LEN 128
#define OFP_ETH_ALEN 6

/* Message types, 7.1.1. */
enum ofp_type {
	OFPT_HELLO = 0,
	OFPT_ERROR = 1,
	OFPT_ECHO_REQUEST = 2,
	OFPT_ECHO_REPLY = 3,
	OFPT_EXPERIMENTER = 4,
	OFPT_FEATURES_REQUEST = 5,
	OFPT_FEATURES_REPLY = 6,
	OFPT_GET_CONFIG_REQUEST = 7,
	OFPT_GET_CONFIG_REPLY = 8,
	OFPT_SET_CONFIG = 9,
	OFPT_PACKET_IN = 10,
	OFPT_FLOW_REMOVED = 11,
	OFPT_PORT_STATUS = 12,
	OFPT_PACKET_OUT = 13,
	OFPT_FLOW_MOD = 14,
	OFPT_GROUP_MOD = 15,
	OFPT_PORT_MOD = 16,
	OFPT_TABLE_MOD = 17,
	OFPT_MULTIPART_REQUEST = 18,
	OFPT_MULTIPART_REPLY = 19,
	OFPT_BARRIER_REQUEST = 20,
	OFPT_BARRIER_REPLY = 21,
	OFPT_QUEUE_GET_CONFIG_REQUEST = 22,
	OFPT_QUEUE_GET_CONFIG_REPLY = 23,
	OFPT_ROLE_REQUEST = 24,
	OFPT_ROLE_REPLY = 25,
	OFPT_GET_ASYNC_REQUEST = 26,
	OFPT_GET_ASYNC_REPLY = 27,
	OFPT_SET_ASYNC = 28,
	OFPT_METER_MOD = 29,
};
#define OFPT_N_TYPES 30

/* Hello elements, 7.5.1. */
#define OFPHET_VERSIONBITMAP 1

/* Port numbers, 7.2.1. */
#define OFPP_MAX 0xffffff00u
#define OFPP_IN_PORT 0xfffffff8u
#define OFPP_TABLE 0xfffffff9u
#define OFPP_NORMAL 0xfffffffau
#define OFPP_FLOOD 0xfffffffbu
#define OFPP_ALL 0xfffffffcu
#define OFPP_CONTROLLER 0xfffffffdu
#define OFPP_LOCAL 0xfffffffeu
#define OFPP_ANY 0xffffffffu

/* Port configuration, state and features, 7.2.1. */
#define OFPPC_PORT_DOWN (1u << 0)
#define OFPPC_NO_RECV (1u << 2)
#define OFPPC_NO_FWD (1u << 5)
#define OFPPC_NO_PACKET_IN (1u << 6)
#define OFPPC_ALL (OFPPC_PORT_DOWN | OFPPC_NO_RECV | OFPPC_NO_FWD | OFPPC_NO_PACKET_IN)

#define OFPPS_LINK_DOWN (1u << 0)
#define OFPPS_BLOCKED (1u << 1)
#define OFPPS_LIVE (1u << 2)

#define OFPPF_10MB_HD (1u << 0)
#define OFPPF_10MB_FD (1u << 1)
#define OFPPF_100MB_HD (1u << 2)
#define OFPPF_100MB_FD (1u << 3)
#define OFPPF_1GB_HD (1u << 4)
#define OFPPF_1GB_FD (1u << 5)
#define OFPPF_10GB_FD (1u << 6)
#define OFPPF_40GB_FD (1u << 7)
#define OFPPF_100GB_FD (1u << 8)
#define OFPPF_1TB_FD (1u << 9)
#define OFPPF_OTHER (1u << 10)
#define OFPPF_COPPER (1u << 11)
#define OFPPF_FIBER (1u << 12)
#define OFPPF_AUTONEG (1u << 13)
#define OFPPF_PAUSE (1u << 14)
#define OFPPF_PAUSE_ASYM (1u << 15)
#define OFPPF_ALL 0xffffu

#define OFP_PORT_LEN 64

/* Queues, 7.2.2. */
#define OFPQ_ALL 0xffffffffu
#define OFPQ_MIN_RATE_UNCFG 0xffff
#define OFPQ_MAX_RATE_UNCFG 0xffff
#define OFPQT_MIN_RATE 1
#define OFPQT_MAX_RATE 2
#define OFPQT_EXPERIMENTER 0xffff

/* Matches, 7.2.3. */
#define OFPMT_STANDARD 0
#define OFPMT_OXM 1
#define OFPXMC_NXM_0 0x0000
#define OFPXMC_NXM_1 0x0001
#define OFPXMC_OPENFLOW_BASIC 0x8000
#define OFPXMC_EXPERIMENTER 0xffff
#define OFPVID_PRESENT 0x1000
#define OFPVID_NONE 0x0000

/* IPv6 extension header bits, 7.2.3.8. */
#define OFPIEH_NONEXT (1u << 0)
#define OFPIEH_ESP (1u << 1)
#define OFPIEH_AUTH (1u << 2)
#define OFPIEH_DEST (1u << 3)
#define OFPIEH_FRAG (1u << 4)
#define OFPIEH_ROUTER (1u << 5)
#define OFPIEH_HOP (1u << 6)
#define OFPIEH_UNREP (1u << 7)
#define OFPIEH_UNSEQ (1u << 8)

/* Instructions, 7.2.4. */
#define OFPIT_GOTO_TABLE 1
#define OFPIT_WRITE_METADATA 2
#define OFPIT_WRITE_ACTIONS 3
#define OFPIT_APPLY_ACTIONS 4
#define OFPIT_CLEAR_ACTIONS 5
#define OFPIT_METER 6
#define OFPIT_EXPERIMENTER 0xffff

/* Actions, 7.2.5. */
#define OFPAT_OUTPUT 0
#define OFPAT_COPY_TTL_OUT 11
#define OFPAT_COPY_TTL_IN 12
#define OFPAT_SET_MPLS_TTL 15
#define OFPAT_DEC_MPLS_TTL 16
#define OFPAT_PUSH_VLAN 17
#define OFPAT_POP_VLAN 18
#define OFPAT_PUSH_MPLS 19
#define OFPAT_POP_MPLS 20
#define OFPAT_SET_QUEUE 21
#define OFPAT_GROUP 22
#define OFPAT_SET_NW_TTL 23
#define OFPAT_DEC_NW_TTL 24
#define OFPAT_SET_FIELD 25
#define OFPAT_PUSH_PBB 26
#define OFPAT_POP_PBB 27
#define OFPAT_EXPERIMENTER 0xffff

#define OFPCML_MAX 0xffe5
#define OFPCML_NO_BUFFER 0xffff

/* Capabilities, 7.3.1. */
#define OFPC_FLOW_STATS (1u << 0)
#define OFPC_TABLE_STATS (1u << 1)
#define OFPC_PORT_STATS (1u << 2)
#define OFPC_GROUP_STATS (1u << 3)
#define OFPC_IP_REASM (1u << 5)
#define OFPC_QUEUE_STATS (1u << 6)
#define OFPC_PORT_BLOCKED (1u << 8)

/* Switch configuration, 7.3.2. */
#define OFPC_FRAG_NORMAL 0
#define OFPC_FRAG_DROP 1
#define OFPC_FRAG_REASM 2
#define OFPC_FRAG_MASK 3

/* Tables, 7.3.3. */
#define OFPTT_MAX 0xfe
#define OFPTT_ALL 0xff
#define OFPTC_DEPRECATED_MASK 3

/* Flow mods, 7.3.4.1. */
enum ofp_flow_mod_command {
	OFPFC_ADD = 0,
	OFPFC_MODIFY = 1,
	OFPFC_MODIFY_STRICT = 2,
	OFPFC_DELETE = 3,
	OFPFC_DELETE_STRICT = 4,
};
#define OFPFF_SEND_FLOW_REM (1u << 0)
#define OFPFF_CHECK_OVERLAP (1u << 1)
#define OFPFF_RESET_COUNTS (1u << 2)
#define OFPFF_NO_PKT_COUNTS (1u << 3)
#define OFPFF_NO_BYT_COUNTS (1u << 4)
#define OFPFF_ALL 0x1fu

/* Groups, 7.3.4.2. */
#define OFPG_MAX 0xffffff00u
#define OFPG_ALL 0xfffffffcu
#define OFPG_ANY 0xffffffffu
enum ofp_group_mod_command { OFPGC_ADD = 0, OFPGC_MODIFY = 1, OFPGC_DELETE = 2 };
enum ofp_group_type { OFPGT_ALL = 0, OFPGT_SELECT = 1, OFPGT_INDIRECT = 2, OFPGT_FF = 3 };
#define OFPGFC_SELECT_WEIGHT (1u << 0)
#define OFPGFC_SELECT_LIVENESS (1u << 1)
#define OFPGFC_CHAINING (1u << 2)
#define OFPGFC_CHAINING_CHECKS (1u << 3)

/* Meters, 7.3.4.4. */
#define OFPM_MAX 0xffff0000u
#define OFPM_SLOWPATH 0xfffffffdu
#define OFPM_CONTROLLER 0xfffffffeu
#define OFPM_ALL 0xffffffffu
enum ofp_meter_mod_command { OFPMC_ADD = 0, OFPMC_MODIFY = 1, OFPMC_DELETE = 2 };
#define OFPMF_KBPS (1u << 0)
#define OFPMF_PKTPS (1u << 1)
#define OFPMF_BURST (1u << 2)
#define OFPMF_STATS (1u << 3)
#define OFPMBT_DROP 1
#define OFPMBT_DSCP_REMARK 2
#define OFPMBT_EXPERIMENTER 0xffff

/* Multipart, 7.3.5. */
enum ofp_multipart_type {
	OFPMP_DESC = 0,
	OFPMP_FLOW = 1,
	OFPMP_AGGREGATE = 2,
	OFPMP_TABLE = 3,
	OFPMP_PORT_STATS = 4,
	OFPMP_QUEUE = 5,
	OFPMP_GROUP = 6,
	OFPMP_GROUP_DESC = 7,
	OFPMP_GROUP_FEATURES = 8,
	OFPMP_METER = 9,
	OFPMP_METER_CONFIG = 10,
	OFPMP_METER_FEATURES = 11,
	OFPMP_TABLE_FEATURES = 12,
	OFPMP_PORT_DESC = 13,
	OFPMP_EXPERIMENTER = 0xffff,
};
#define OFPMPF_REQ_MORE (1u << 0)
#define OFPMPF_REPLY_MORE (1u << 0)
#define OFP_DESC_STR_LEN 256
#define OFP_SERIAL_NUM_LEN 32

/* Table features properties, 7.3.5.5.2. */
enum ofp_table_feature_prop_type {
	OFPTFPT_INSTRUCTIONS = 0,
	OFPTFPT_INSTRUCTIONS_MISS = 1,
	OFPTFPT_NEXT_TABLES = 2,
	OFPTFPT_NEXT_TABLES_MISS = 3,
	OFPTFPT_WRITE_ACTIONS = 4,
	OFPTFPT_WRITE_ACTIONS_MISS = 5,
	OFPTFPT_APPLY_ACTIONS = 6,
	OFPTFPT_APPLY_ACTIONS_MISS = 7,
	OFPTFPT_MATCH = 8,
	OFPTFPT_WILDCARDS = 10,
	OFPTFPT_WRITE_SETFIELD = 12,
	OFPTFPT_WRITE_SETFIELD_MISS = 13,
	OFPTFPT_APPLY_SETFIELD = 14,
	OFPTFPT_APPLY_SETFIELD_MISS = 15,
	OFPTFPT_EXPERIMENTER = 0xfffe,
	OFPTFPT_EXPERIMENTER_MISS = 0xffff,
};

/* Roles, 7.3.9. */
enum ofp_controller_role {
	OFPCR_ROLE_NOCHANGE = 0,
	OFPCR_ROLE_EQUAL = 1,
	OFPCR_ROLE_MASTER = 2,
	OFPCR_ROLE_SLAVE = 3,
};

/* Asynchronous messages, 7.4. */
enum ofp_packet_in_reason { OFPR_NO_MATCH = 0, OFPR_ACTION = 1, OFPR_INVALID_TTL = 2 };
enum ofp_flow_removed_reason {
	OFPRR_IDLE_TIMEOUT = 0,
	OFPRR_HARD_TIMEOUT = 1,
	OFPRR_DELETE = 2,
	OFPRR_GROUP_DELETE = 3,
	OFPRR_EVICTION = 5, /* EXT-192; 4 is OpenFlow 1.4's METER_DELETE, which is OFPRR_DELETE here */
};
enum ofp_port_reason { OFPPR_ADD = 0, OFPPR_DELETE = 1, OFPPR_MODIFY = 2 };

/* ---- ONF extensions on 1.3: experimenter messages, multiparts and errors of this experimenter ----
 *
 * A message's type is ten times the number of its extension and up.  The texts of the extensions are not public any more; what is here is
 * what Open vSwitch 3.1 sends, takes and prints, and os-ken's ofproto_v1_3.py. */
#define ONF_EXPERIMENTER_ID 0x4f4e4600u

/* EXT-187: flow monitor.  The multipart and the cancel message have the same number. */
#define ONFMP_FLOW_MONITOR 1870
#define ONFT_FLOW_MONITOR_CANCEL 1870
#define ONFT_FLOW_MONITOR_PAUSED 1871
#define ONFT_FLOW_MONITOR_RESUMED 1872
#define ONFFMF_INITIAL (1u << 0) /* tell what is there */
#define ONFFMF_ADD (1u << 1)
#define ONFFMF_DELETE (1u << 2)
#define ONFFMF_MODIFY (1u << 3)
#define ONFFMF_ACTIONS (1u << 4) /* instructions too */
#define ONFFMF_OWN (1u << 5)     /* own changes in full, not abbreviated */
#define ONFFMF_ALL 0x3fu
enum onf_flow_update_event { ONFFME_ADDED = 0, ONFFME_DELETED = 1, ONFFME_MODIFIED = 2, ONFFME_ABBREV = 3 };

/* EXT-192: eviction and vacancy events (its parts e and v).
 *
 * THE NUMBERS OF THIS BLOCK'S FIRST FOUR LINES ARE OURS.  The ONF's text of this extension for 1.3 can't be had any more, and no public
 * implementation of it is known: Open vSwitch and Ryu list it as to be done.  So the messages have the structs, flags and reasons
 * of OpenFlow 1.4 (7.3.3, 7.3.5.18, 7.4.6), that the extension became, under numbers by the rule above; and the importance
 * of a flow-mod, for which a 1.3 FLOW_MOD has no member, is an experimenter instruction of 16 bytes: type 0xffff, length 16,
 * ONF_EXPERIMENTER_ID, ONFIT_IMPORTANCE, importance (16 bits), 16 bits of zero.  Flow entries that have it tell it in the same way. */
#define ONFT_TABLE_MOD 1920
#define ONFT_TABLE_STATUS 1921
#define ONFMP_TABLE_DESC 1920
#define ONFIT_IMPORTANCE 1920
#define OFPTC_EVICTION (1u << 2)
#define OFPTC_VACANCY_EVENTS (1u << 3)
#define OFPTMPT_EVICTION 2
#define OFPTMPT_VACANCY 3
#define OFPTMPEF_OTHER (1u << 0)
#define OFPTMPEF_IMPORTANCE (1u << 1)
#define OFPTMPEF_LIFETIME (1u << 2)
#define OFPTMPEF_ALL 7u
enum ofp_table_reason { OFPTR_VACANCY_DOWN = 3, OFPTR_VACANCY_UP = 4 };

/* EXT-230: bundles. */
#define ONFT_BUNDLE_CONTROL 2300
#define ONFT_BUNDLE_ADD_MESSAGE 2301
enum ofp_bundle_ctrl_type {
	OFPBCT_OPEN_REQUEST = 0,
	OFPBCT_OPEN_REPLY = 1,
	OFPBCT_CLOSE_REQUEST = 2,
	OFPBCT_CLOSE_REPLY = 3,
	OFPBCT_COMMIT_REQUEST = 4,
	OFPBCT_COMMIT_REPLY = 5,
	OFPBCT_DISCARD_REQUEST = 6,
	OFPBCT_DISCARD_REPLY = 7,
};
#define OFPBF_ATOMIC (1u << 0)
#define OFPBF_ORDERED (1u << 1)
#define OFPBF_ALL 3u

#endif
