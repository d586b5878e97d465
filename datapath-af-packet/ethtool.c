/* SPDX-License-Identifier: ISC */
/* What ethtool knows of an interface: what it segments and sums itself, and its speed. */
#include "dp_private.h"

#include "openflow/openflow13.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static bool
ask(struct dp *dp, const char *name, void *data)
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof ifr);
	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
	ifr.ifr_data = data;
	return ioctl(dp->ioctl_fd, SIOCETHTOOL, &ifr) == 0;
}

#define MAX_FEATURES 256u

/* The kernel's structs end in an array of unknown length; here its elements follow as a member of their own. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-variable-sized-type-not-at-end"
#endif

struct feature_names {
	struct ethtool_gstrings head;
	char name[MAX_FEATURES][ETH_GSTRING_LEN];
};

static unsigned
feature_count(struct dp *dp, const char *name)
{
	struct {
		struct ethtool_sset_info head;
		uint32_t n;
	} q = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = UINT64_C(1) << ETH_SS_FEATURES}};

	return ask(dp, name, &q) && q.head.sset_mask ? q.n : 0;
}

static unsigned
offload_bit(const char *feature)
{
	static const struct {
		const char *name;
		unsigned bit;
	} rows[] = {
	    {"tx-scatter-gather", OFFLOAD_SG},        {"tx-checksum-ip-generic", OFFLOAD_CSUM4 | OFFLOAD_CSUM6},
	    {"tx-checksum-ipv4", OFFLOAD_CSUM4},      {"tx-checksum-ipv6", OFFLOAD_CSUM6},
	    {"tx-tcp-segmentation", OFFLOAD_TSO4},    {"tx-tcp6-segmentation", OFFLOAD_TSO6},
	    {"tx-tcp-ecn-segmentation", OFFLOAD_ECN}, {"tx-udp-segmentation", OFFLOAD_USO},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].name, feature) == 0)
			return rows[i].bit;
	return 0;
}

/* OFFLOAD_* that are switched on; 0 also when the interface does not say. */
unsigned
ethtool_offloads(struct dp *dp, const char *name)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block block[MAX_FEATURES / 32];
	} f = {.head = {.cmd = ETHTOOL_GFEATURES, .size = MAX_FEATURES / 32}};
	const unsigned n = feature_count(dp, name);
	struct feature_names *names;
	unsigned bits = 0;

	if (n == 0 || n > MAX_FEATURES)
		return 0;
	names = calloc(1, sizeof *names);
	if (!names)
		return 0;
	names->head.cmd = ETHTOOL_GSTRINGS;
	names->head.string_set = ETH_SS_FEATURES;
	names->head.len = n;
	if (ask(dp, name, names) && ask(dp, name, &f))
		for (unsigned i = 0; i < n; i++) {
			names->name[i][ETH_GSTRING_LEN - 1] = '\0';
			if (f.block[i / 32].active & (1u << i % 32))
				bits |= offload_bit(names->name[i]);
		}
	free(names);
	return bits;
}

static uint32_t
speed_bit(uint32_t mbps, bool half)
{
	switch (mbps) {
	case 10:
		return half ? OFPPF_10MB_HD : OFPPF_10MB_FD;
	case 100:
		return half ? OFPPF_100MB_HD : OFPPF_100MB_FD;
	case 1000:
		return half ? OFPPF_1GB_HD : OFPPF_1GB_FD;
	case 10000:
		return OFPPF_10GB_FD;
	case 40000:
		return OFPPF_40GB_FD;
	case 100000:
		return OFPPF_100GB_FD;
	case 1000000:
		return OFPPF_1TB_FD;
	default:
		return OFPPF_OTHER;
	}
}

/* The old form of the question serves: the link modes of OpenFlow 1.3 are as old. */
void
ethtool_speed(struct dp *dp, const char *name, struct dp_port_info *info)
{
	struct ethtool_cmd c;
	uint32_t mbps;

	info->curr = info->advertised = info->supported = info->peer = info->curr_speed = info->max_speed = 0;
	memset(&c, 0, sizeof c);
	c.cmd = ETHTOOL_GSET;
	if (!ask(dp, name, &c))
		return;
	mbps = ethtool_cmd_speed(&c);
	if (mbps == 0 || mbps == (uint32_t)SPEED_UNKNOWN || mbps > UINT32_MAX / 1000)
		return;
	info->curr = speed_bit(mbps, c.duplex == DUPLEX_HALF);
	info->curr |= c.port == PORT_FIBRE ? OFPPF_FIBER : OFPPF_COPPER;
	if (c.autoneg)
		info->curr |= OFPPF_AUTONEG;
	info->curr_speed = info->max_speed = mbps * 1000;
}
