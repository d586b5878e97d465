/* SPDX-License-Identifier: ISC */
/* Between the files that print messages: one function per type, found through the tables in print.c. */
#ifndef OFPROTO_TEXT_PRINT_CTX_H
#define OFPROTO_TEXT_PRINT_CTX_H

#include "print.h"

struct print_ctx {
	struct sbuf *b;
	struct wire body;
	const struct port_names *names;
	int verbosity;
};

/* Prints a body after the header line, with its newline; the error when it is not well formed. */
typedef enum of_error print_fn(struct print_ctx *);

/* print_state.c */
print_fn print_flow_mod, print_group_mod, print_meter_mod, print_port_mod, print_table_mod, print_packet_out,
    print_role;
print_fn print_async_config, print_queue_config_request, print_queue_config;
/* print_request.c: multipart requests */
print_fn print_flow_request, print_port_request, print_queue_request, print_group_request, print_meter_request;
print_fn print_group_desc_request, print_port_desc_request;
/* print_groups.c: replies on groups, meters and queues */
print_fn print_group_stats_reply, print_group_desc_reply, print_group_features_reply;
print_fn print_meter_stats_reply, print_meter_config_reply, print_meter_features_reply, print_queue_stats_reply;

/* print_ext.c: experimenter messages; NULL when it is of none that we know */
print_fn *extension_printer(uint32_t experimenter, uint32_t type, const char **name);
/* The same for a multipart; 'name' goes without "request" and "reply". */
struct extension_multipart {
	uint32_t type;
	const char *name;
	print_fn *request, *reply;
};
const struct extension_multipart *extension_multipart(uint32_t experimenter, uint32_t type);
/* print_table_desc.c */
print_fn print_table_desc, print_table_status, print_onf_table_mod;

#endif
