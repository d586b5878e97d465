/* SPDX-License-Identifier: ISC */
/* What ethtool knows of an interface: whether it segments TCP itself, and its speed. */
#include "dp_private.h"

#include "openflow/openflow13.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
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

bool
ethtool_tso(struct dp *dp, const char *name)
{
	struct ethtool_value tso = {.cmd = ETHTOOL_GTSO}, sg = {.cmd = ETHTOOL_GSG}, csum = {.cmd = ETHTOOL_GTXCSUM};

	return ask(dp, name, &tso) && tso.data && ask(dp, name, &sg) && sg.data && ask(dp, name, &csum) && csum.data;
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
