/* SPDX-License-Identifier: ISC */
/* What the commands of rf-ofctl share. */
#ifndef UTILITIES_OFCTL_OFCTL_H
#define UTILITIES_OFCTL_OFCTL_H

#include "client.h"
#include "names.h"

struct ofctl {
	struct client_options options;
	int names; /* 1 show and accept, 0 neither, -1 as fits: accepted always, shown on a terminal */
	bool strict;
	bool no_stats;
	int verbosity; /* -m */
	int n_sort;
	struct sort_key {
		const char *field; /* "priority" or a field's name */
		bool reverse;
	} sort[8];
	struct client *client;
	struct port_names ports;
};

/* One row per command; tables end with a NULL name.  'run' gets the arguments after the command's name. */
struct command {
	const char *name;
	int min_args, max_args;
	const char *usage;
	int (*run)(struct ofctl *, int argc, char **argv);
};
extern const struct command dump_commands[], flow_commands[], port_commands[], session_commands[], local_commands[];

/* "rf-ofctl: ..." on standard error; returns 1. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Opens the client; on failure reports and returns false. */
bool connect_to(struct ofctl *, const char *target);
/* Fetches port names once: for reading arguments, and for printing if names are to be shown. */
void learn_names(struct ofctl *, bool for_input);

/* Sends 'b' (one request with this xid) and calls 'each' for every part of the reply.  An OFPT_ERROR is printed.  Returns 0 or 1. */
typedef int reply_fn(struct ofctl *, const uint8_t *msg, size_t len, void *aux);
int transact(struct ofctl *, const struct wbuf *b, uint32_t xid, reply_fn *each, void *aux);
/* Sends a state change and a barrier, and waits for the barrier's reply; an error on the way is printed and makes it 1. */
int transact_noreply(struct ofctl *, const struct wbuf *b);
/* A reply_fn: prints the message to standard output. */
int print_reply(struct ofctl *, const uint8_t *msg, size_t len, void *aux);
/* Prints a message to 'out'. */
void print_message(struct ofctl *, void *out, const uint8_t *msg, size_t len);
/* Looks a port up by number or by name, asking the switch. */
bool find_port(struct ofctl *, const char *name, struct ofp_port *);

#endif
