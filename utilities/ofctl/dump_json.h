/* SPDX-License-Identifier: ISC */
/* The dumps as JSON (--json). */
#ifndef UTILITIES_OFCTL_DUMP_JSON_H
#define UTILITIES_OFCTL_DUMP_JSON_H

#include "json.h"
#include "ofctl.h"

/* Ask, and write one value.  0 or 1. */
int json_show(struct ofctl *);
int json_desc(struct ofctl *);
int json_ports_desc(struct ofctl *);
int json_tables(struct ofctl *);
int json_table_features(struct ofctl *);
int json_table_desc(struct ofctl *);
int json_groups(struct ofctl *);
int json_group_features(struct ofctl *);
int json_meter_features(struct ofctl *);
/* The same with the caller's request. */
int json_port_stats(struct ofctl *, const struct wbuf *request, uint32_t xid);
int json_group_stats(struct ofctl *, const struct wbuf *request, uint32_t xid);
int json_meters(struct ofctl *, const struct wbuf *request, uint32_t xid); /* configurations or counters */
int json_queue_stats(struct ofctl *, const struct wbuf *request, uint32_t xid);
int json_queue_config(struct ofctl *, const struct wbuf *request, uint32_t xid);

/* One flow entry as an object of the array that 'j' is in. */
void json_flow(struct json *j, struct ofctl *, const struct flow_stats *);
reply_fn json_aggregate;

#endif
