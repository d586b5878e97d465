/* SPDX-License-Identifier: ISC */
/* Between flow_key.c and flow_key_v6.c; the numbers of the protocols we know, for the actions too. */
#ifndef DATAPATH_AF_PACKET_FLOW_KEY_PARSE_H
#define DATAPATH_AF_PACKET_FLOW_KEY_PARSE_H

#include "flow_key.h"
#include "wire.h"

#define ETH_NO_TYPE 0x05ff
#define ETH_IPV4 0x0800
#define ETH_ARP 0x0806
#define ETH_VLAN 0x8100
#define ETH_IPV6 0x86dd
#define ETH_MPLS 0x8847
#define ETH_MPLS_MC 0x8848
#define ETH_QINQ 0x88a8
#define ETH_PBB 0x88e7
#define ETH_9100 0x9100

#define IP_ICMP 1
#define IP_TCP 6
#define IP_UDP 17
#define IP_ICMPV6 58
#define IP_SCTP 132

#define MAX_VLAN_TAGS 16

static inline bool
is_vlan_tpid(uint16_t type)
{
	return type == ETH_VLAN || type == ETH_QINQ || type == ETH_9100;
}

struct parse {
	struct wire w; /* ends where the datagram ends, once its length is known */
	const uint8_t *data;
	size_t frame_len;
	struct flow_key *key;
	struct flow_offsets *ofs;
};

static inline uint16_t
parse_offset(const struct parse *ps, const uint8_t *p)
{
	return (uint16_t)(p - ps->data);
}

void parse_l4(struct parse *, uint8_t proto, bool v6);
bool parse_ip_length(struct parse *, const uint8_t *l3, size_t header, size_t total);
void parse_ipv6(struct parse *);
void parse_nd(struct parse *);

#endif
