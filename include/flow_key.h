/* SPDX-License-Identifier: ISC */
/* The flow key: what one frame's headers say, field by field.
 *
 * CONTRACT between datapath-af-packet (extracts keys from frames), ofproto/pipeline (translates with them) and
 * ofproto/table (classifies them).
 *
 * Members have the exact width of their OXM payload and its byte order: big-endian, so an OXM's bytes are copied
 * in and out with memcpy.  'present' says which fields the frame has: bit n is OXM field n.  Zero is a value of
 * every field and never means "absent" (robustness L7); absent members are zero.  The key is laid out by layer in
 * 8-byte rows, padded with zeroes, so that hash and masked compare work on uint64_t words and stop at the deepest
 * layer in use (flow_key_words).
 *
 * IPv4, IPv6 and ARP share rows, and so do the transports: 'present' keeps them apart, and a match on a field always
 * includes its 'present' bit. */
#ifndef FLOW_KEY_H
#define FLOW_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t be16; /* network byte order */
typedef uint32_t be32;
typedef uint64_t be64;

enum oxm_field {
#define OXM(id, n, name, bytes, bits, mask, set, prereq, member) OXM_##id = n,
#include "openflow/oxm_fields.def"
#undef OXM
	OXM_N_FIELDS = 40
};
#define OXM_BIT(field) (UINT64_C(1) << (field))

/* flow_key.layout: not OXM fields, yet part of the key because translation depends on them. */
#define FLOW_LAYOUT_VLANS 0x03     /* mask: VLAN tags seen, 3 = three or more */
#define FLOW_LAYOUT_FRAG 0x04      /* an IP fragment, first or later */
#define FLOW_LAYOUT_FRAG_LATER 0x08 /* offset > 0: the transport fields are absent */
#define FLOW_LAYOUT_BAD_IP 0x10    /* an IP header was expected but is malformed: its fields are absent */

struct flow_key {
	/* rows 0-3: metadata */
	be32 in_port;      /* OpenFlow port number */
	be32 in_phy_port;  /* equal to in_port unless a tunnel says otherwise */
	be64 metadata;     /* 0 in a fresh key; always present */
	be64 tunnel_id;    /* present only behind a tunnel port */
	uint64_t present;  /* OXM_BIT()s, host order */
	/* rows 4-7: layer 2, MPLS, PBB, and the small IP fields */
	uint8_t eth_dst[6];
	be16 eth_type;     /* after all VLAN tags; values below 0x0600 (802.3 length) give 0x05ff unless SNAP/0 */
	uint8_t eth_src[6];
	be16 vlan_vid;     /* outer tag: VID | OFPVID_PRESENT; OFPVID_NONE without tag; always present */
	uint8_t vlan_pcp;
	uint8_t layout;    /* FLOW_LAYOUT_* */
	uint8_t mpls_tc;
	uint8_t mpls_bos;
	be32 mpls_label;   /* outer label, 20 bits */
	uint8_t pbb_isid[3];
	uint8_t ip_dscp;
	uint8_t ip_ecn;
	uint8_t ip_proto;  /* IPv6: the upper-layer protocol after the extension headers */
	be16 ipv6_exthdr;  /* OFPIEH_* */
	/* row 8: transport; one of the unions, by 'present' */
	union {
		be16 tcp_src, udp_src, sctp_src;
		uint8_t icmpv4_type, icmpv6_type;
	};
	union {
		be16 tcp_dst, udp_dst, sctp_dst;
		uint8_t icmpv4_code, icmpv6_code;
	};
	be32 ipv6_flabel;  /* 20 bits */
	/* rows 9-12: addresses of IPv4 (row 9 only), ARP (rows 9-11) or IPv6 */
	union {
		struct {
			be32 ipv4_src;
			be32 ipv4_dst;
		};
		struct {
			be32 arp_spa;
			be32 arp_tpa;
			uint8_t arp_sha[6];
			be16 arp_op;
			uint8_t arp_tha[6];
			uint8_t pad_arp[2];
		};
		struct {
			uint8_t ipv6_src[16];
			uint8_t ipv6_dst[16];
		};
	};
	/* rows 13-16: neighbour discovery */
	uint8_t nd_target[16];
	uint8_t nd_sll[6];
	uint8_t pad_sll[2];
	uint8_t nd_tll[6];
	uint8_t pad_tll[2];
};

#define FLOW_KEY_WORDS (sizeof(struct flow_key) / 8)
_Static_assert(sizeof(struct flow_key) == 17 * 8, "flow_key has 17 rows and no hidden padding");

static inline bool
flow_key_has(const struct flow_key *key, enum oxm_field field)
{
	return (key->present & OXM_BIT(field)) != 0;
}

/* Rows in use, counted from the front: all later rows of 'key' are zero. */
static inline unsigned
flow_key_words(const struct flow_key *key)
{
	const uint64_t nd = OXM_BIT(OXM_IPV6_ND_TARGET) | OXM_BIT(OXM_IPV6_ND_SLL) | OXM_BIT(OXM_IPV6_ND_TLL);

	if (key->present & nd)
		return 17;
	if (key->present & OXM_BIT(OXM_IPV6_SRC))
		return 13;
	if (key->present & OXM_BIT(OXM_ARP_OP))
		return 12;
	if (key->present & OXM_BIT(OXM_IPV4_SRC))
		return 10;
	return 8;
}

/* Where the headers of a frame begin; bytes from the destination MAC, 0 = there is none. */
struct flow_offsets {
	uint16_t l2_5;     /* first MPLS label or PBB I-TAG */
	uint16_t l3;       /* IPv4, IPv6 or ARP header */
	uint16_t l4;       /* transport header; 0 for later fragments */
	uint16_t l3_end;   /* end of the IP datagram by its own length (the rest is padding); 0xffff when it is longer */
	uint8_t l4_proto;  /* protocol found at l4, whatever is rewritten later */
	uint8_t pad;
};

/* Extracts the key of the frame 'data' of which 'len' bytes lie in memory ('frame_len' >= len is its real length, also when
 * a superframe).  Fills all of 'key' and 'ofs'.  Never fails: headers that are truncated or malformed leave their fields
 * absent.  Frames shorter than 14 bytes give a key with the metadata rows only.  Reads no byte beyond data + len.
 * Pure; thread-safe.  Implemented in datapath-af-packet/flow_key.c. */
void flow_key_extract(const uint8_t *data, size_t len, size_t frame_len, uint32_t in_port, struct flow_key *key,
                      struct flow_offsets *ofs);

#endif
