/* SPDX-License-Identifier: ISC */
/* Asking a switch for flow entries. */
#ifndef UTILITIES_OFCTL_FLOW_QUERY_H
#define UTILITIES_OFCTL_FLOW_QUERY_H

#include "ofctl.h"

/* Reads what to ask for, "" for all; false: reported. */
bool flow_query_parse(struct ofctl *, const char *text, struct flow_stats_request *);
/* Asks; mp_type is OFPMP_FLOW or OFPMP_AGGREGATE.  0 or 1. */
int flow_query_send(struct ofctl *, const struct flow_stats_request *, uint16_t mp_type, reply_fn *, void *aux);
/* Calls 'each' for the entries of one part until it returns other than 0; that, or 1 and a report when the part is not well formed. */
typedef int flow_entry_fn(struct ofctl *, const struct flow_stats *, void *aux);
int flow_query_each(struct ofctl *, const uint8_t *msg, size_t len, flow_entry_fn *each, void *aux);

#endif
