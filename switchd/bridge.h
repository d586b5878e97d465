/* SPDX-License-Identifier: ISC */
/* One bridge as its configuration says.  Control thread only. */
#ifndef SWITCHD_BRIDGE_H
#define SWITCHD_BRIDGE_H

#include "switchd.h"

/* What can be told before anything is touched: targets, key and certificate files.  0, or -errno with 'why' (CONF_WHY bytes). */
int bridge_verify(const struct conf_bridge *, char *why);
/* 0 or -errno with 'why'; *op is set when the bridge runs although a target was refused. */
int bridge_start(struct switchd *, const struct conf *, const struct conf_bridge *, struct ofproto **op, char *why);
/* From 'old' to 'now': bridge_take removes what is no longer there, bridge_give changes and adds the rest (0 or -errno with 'why'; what
 * went wrong is logged, the rest is done). */
void bridge_take(struct ofproto *, const struct conf_bridge *old, const struct conf_bridge *now);
int bridge_give(struct ofproto *, const struct conf *, const struct conf_bridge *old, const struct conf_bridge *now, char *why);

#endif
