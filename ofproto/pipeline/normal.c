/* SPDX-License-Identifier: ISC */
/* NORMAL: a learning bridge, one address space per VLAN. */
#include "pipeline.h"

#include "openflow/openflow13.h"

#include <arpa/inet.h>
#include <string.h>

static bool
is_reserved(const uint8_t mac[6])
{
	static const uint8_t prefix[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return memcmp(mac, prefix, sizeof(prefix)) == 0 && mac[5] <= 0x0f;
}

static bool
is_multicast(const uint8_t mac[6])
{
	return (mac[0] & 1) != 0;
}

static struct dp_normal
drop(enum dp_drop reason)
{
	return (struct dp_normal){.verdict = DP_NORMAL_DROP, .reason = reason};
}

void
pipeline_normal(const struct pipeline *pl, const struct flow_key *key, uint32_t now_s, struct dp_normal *out)
{
	const uint16_t vlan = ntohs(key->vlan_vid) & 0x0fff;
	const uint32_t in_port = ntohl(key->in_port);
	uint32_t port;

	if (!flow_key_has(key, OXM_ETH_DST)) {
		*out = drop(DP_DROP_MALFORMED);
		return;
	}
	if (!pl->forward_bpdu && is_reserved(key->eth_dst)) {
		*out = drop(DP_DROP_RESERVED_MAC);
		return;
	}
	*out = (struct dp_normal){.verdict = DP_NORMAL_FLOOD, .vlan = vlan};
	if (!is_multicast(key->eth_src) && (in_port <= OFPP_MAX || in_port == OFPP_LOCAL))
		out->learn = mac_table_refresh(pl->macs, key->eth_src, vlan, in_port, now_s);
	if (is_multicast(key->eth_dst))
		return;
	port = mac_table_lookup(pl->macs, key->eth_dst, vlan, now_s);
	if (port == in_port) {
		out->verdict = DP_NORMAL_DROP;
		out->reason = DP_DROP_SAME_PORT;
	} else if (port) {
		out->verdict = DP_NORMAL_UNICAST;
		out->port_no = port;
	}
}
