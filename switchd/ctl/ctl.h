/* SPDX-License-Identifier: ISC */
/* The control socket RUNDIR/switchd.ctl: JSON-RPC 1.0, as ovs-appctl speaks it. */
#ifndef SWITCHD_CTL_H
#define SWITCHD_CTL_H

#include "sbuf.h"

#include <stdbool.h>

struct ctl;
struct switchd;

struct ctl_call {
	struct switchd *s;
	const char *argv[16]; /* the parameters after --json */
	unsigned argc;
	bool json;
	struct sbuf out; /* the answer, or on failure the error */
};
struct ctl_command {
	const char *name, *usage;
	unsigned min, max;
	bool (*run)(struct ctl_call *); /* false: 'out' is an error */
};
extern const struct ctl_command ctl_commands[];
extern const unsigned ctl_n_commands;

/* 0 or -errno with 'why'. */
int ctl_create(struct switchd *, struct ctl **, char *why);
void ctl_destroy(struct ctl *);
/* Runs one request; never fails: 'call->out' is the answer or the error.  Returns true when it is an answer. */
bool ctl_run(struct ctl_call *, const char *method);

#endif
