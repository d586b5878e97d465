/* SPDX-License-Identifier: ISC */
/* What the commands of rf-ofctl share. */
#ifndef UTILITIES_OFCTL_OFCTL_H
#define UTILITIES_OFCTL_OFCTL_H

#include "client.h"
#include "names.h"

#include <stdio.h>

struct ofctl {
	struct client_options options;
	int names; /* 1 show and accept, 0 neither, -1 as fits: accepted always, shown on a terminal */
	bool strict; /* --strict */
	bool readd, may_create, bundle, read_only, timestamp, json;
	bool color; /* colour the output */
	bool hints; /* show the place of an error */
	bool stats; /* counters in flows */
	bool plain_packet_in; /* -P given */
	unsigned watch_s; /* --watch: repeat so often; 0 = once */
	int verbosity; /* -m */
	int n_sort;
	struct sort_key {
		const char *field; /* "priority", "table" or a field's name */
		bool reverse;
	} sort[8];
	const char *target; /* as the user named it */
	struct client *client;
	struct port_names ports;
	bool asked_ports, asked_tables;
	bool told_ext192; /* the switch knows that importances can be read here */
};

/* One row per command; tables end with a NULL name.  'run' gets the arguments after the command's name. */
struct command {
	const char *name;
	int min_args, max_args;
	const char *args;
	const char *help; /* one line; NULL: not in --help */
	int (*run)(struct ofctl *, int argc, char **argv);
	bool changes; /* not with --read-only */
};
extern const struct command dump_commands[], table_commands[], flow_dump_commands[], flow_mod_commands[];
extern const struct command flow_set_commands[], group_commands[], meter_commands[], queue_commands[];
extern const struct command port_commands[], packet_commands[], bundle_commands[], monitor_commands[];
extern const struct command session_commands[], local_commands[], explain_commands[], foreign_commands[], pcap_commands[];
/* All of them; NULL-ended. */
extern const struct command *const command_groups[];
#define MANY 65535
/* The n-th option, with its dashes; NULL after the last. */
const char *option_word(size_t n);

/* "rf-ofctl: ..." on standard error; returns 1. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same for an error of ofproto/text after 'prefix': its first line, and the place when hints are wanted. */
int fail_parse(const struct ofctl *, const char *prefix, const struct sbuf *err);

/* Opens the client; on failure reports and returns false. */
bool connect_to(struct ofctl *, const char *target);
/* Fetches port names once, if they are needed: to read 'text' (NULL: nothing is read), or to print. */
void learn_names(struct ofctl *, const char *text);
/* True if ports and tables are to be printed by name. */
bool shows_names(const struct ofctl *);

/* Sends 'b' (one request with this xid) and calls 'each' for every part of the reply; an error is printed like any other reply.  Returns
 * 0, or 1 when the connection failed or 'each' said so. */
typedef int reply_fn(struct ofctl *, const uint8_t *msg, size_t len, void *aux);
int transact(struct ofctl *, const struct wbuf *b, uint32_t xid, reply_fn *each, void *aux);
/* Requests without a body of their own. */
int ask_simple(struct ofctl *, uint8_t type, reply_fn *, void *aux);
int ask_multipart(struct ofctl *, uint16_t type, reply_fn *, void *aux);
/* Sends a state change and a barrier, and waits for the barrier's reply; an error on the way is printed on standard error and makes it 1. */
int transact_noreply(struct ofctl *, const struct wbuf *b);
/* A reply_fn: prints the message to standard output. */
reply_fn print_reply;
/* Prints a message to 'out'. */
void print_message(struct ofctl *, FILE *out, const uint8_t *msg, size_t len);
/* What "talking to" errors call the connection. */
const char *target_name(const struct ofctl *);

/* Looks a port up by number or by name, asking the switch; false: reported in the words of ovs-ofctl. */
bool find_port(struct ofctl *, const char *name, struct ofp_port *);
/* The number for a reserved name, a number, or a name that the switch knows; false: reported. */
bool port_number(struct ofctl *, const char *name, uint32_t *port_no);

/* "-" is standard input; NULL: reported. */
FILE *open_input(const char *name);
void close_input(FILE *);
/* Calls 'each' for the lines of a file ("-": standard input) that say something, comments and trailing white space cut, until one
 * returns false.  'where' is "FILE:LINE: ", 'line' counts from 1.  True if all did; else it has been reported. */
typedef bool line_fn(struct ofctl *, void *aux, const char *text, const char *where, unsigned line);
bool each_line(struct ofctl *, const char *name, line_fn *each, void *aux);

#endif
