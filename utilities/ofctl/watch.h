/* SPDX-License-Identifier: ISC */
/* Counters again and again, with rates (--watch). */
#ifndef UTILITIES_OFCTL_WATCH_H
#define UTILITIES_OFCTL_WATCH_H

#include "ofctl.h"

/* Until interrupted, or 1 when the connection fails. */
int watch_ports(struct ofctl *, uint32_t port_no);
int watch_flows(struct ofctl *, const struct flow_stats_request *);

#endif
