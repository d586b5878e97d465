/* SPDX-License-Identifier: ISC */
/* A match as its words say it, before anybody asks whether the words fit together.
 *
 * ovs-ofctl takes tp_dst=80 before tcp, nw_src for IP and for ARP, and prints what it got under one name each.  So here one member stands
 * for all fields of that name: tp_src is the port of TCP, UDP and SCTP and the type of ICMP.  Which OXM field is meant (7.2.3.7), dl_type
 * and nw_proto say when the words are complete. */
#ifndef OFPROTO_TEXT_LOOSE_H
#define OFPROTO_TEXT_LOOSE_H

#include "oxm.h"

/* Host order. */
struct loose_key {
	uint64_t tun_id, metadata;
	uint32_t in_port, in_phy_port;
	uint32_t nw_src, nw_dst; /* IPv4, ARP */
	uint32_t ipv6_label, mpls_label, pbb_isid;
	uint16_t dl_type;
	uint16_t vlan_tci; /* priority, OFPVID_PRESENT, VID */
	uint16_t nw_proto; /* ARP: the operation */
	uint16_t tp_src, tp_dst;
	uint16_t ipv6_exthdr;
	uint8_t nw_tos; /* DSCP and ECN */
	uint8_t mpls_tc, mpls_bos;
	uint8_t dl_src[6], dl_dst[6];
	uint8_t arp_sha[6], arp_tha[6]; /* neighbour discovery: nd_sll, nd_tll */
	uint8_t ipv6_src[16], ipv6_dst[16], nd_target[16];
};

/* Bits of 'key' outside 'mask' are zero. */
struct loose_match {
	struct loose_key key, mask;
};

/* Every match can be said in words. */
void loose_from_match(struct loose_match *, const struct match *);
/* Takes the words that fit together; false if some did not and are left out. */
bool loose_to_match(const struct loose_match *, struct match *);

#define VLAN_TCI_VID 0x0fffu
#define VLAN_TCI_PCP 0xe000u
#define VLAN_TCI_PCP_SHIFT 13

#endif
