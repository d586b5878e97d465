/* SPDX-License-Identifier: ISC */
/* The daemon as an object: one datapath, the bridges of a configuration.  Control thread only. */
#ifndef SWITCHD_SWITCHD_H
#define SWITCHD_SWITCHD_H

#include "conf.h"
#include "counters.h"
#include "datapath.h"
#include "ofproto.h"

struct ctl;

struct switchd {
	struct event_base *base;
	struct conf *conf; /* in force */
	int argc;
	char *const *argv;
	struct counters *counters;
	struct dp *dp;
	struct ofproto *bridges[CONF_MAX_BRIDGES]; /* in the order of conf->bridges */
	struct ctl *ctl;
	int pid_fd;
	char pid_path[4096];
	uint64_t started_ms;
};

/* Takes 'conf'.  0 or -errno with 'why' (CONF_WHY bytes); call switchd_fini in both cases. */
int switchd_init(struct switchd *, struct event_base *, struct conf *conf, char *why);
void switchd_fini(struct switchd *);
/* What parsing can't tell, before anything is touched: targets, log levels, key files.  0, or -errno with 'why'. */
int switchd_verify(const struct conf *, char *why);
/* Reads the command line's file again and applies what differs; on failure nothing has changed. */
int switchd_reload(struct switchd *, char *why);
struct ofproto *switchd_bridge(const struct switchd *, const char *name);

/* queues.c: gives the ports of the bridge the queues of its configuration; what fails is logged. */
void switchd_queues_apply(struct ofproto *, const struct conf_bridge *);

/* crash.c: from now on a crash is over sooner.  Signal handlers are the process's: once. */
void crash_watch(struct dp *);

/* rundir.c: the run directory and the locked pid file. */
int rundir_take(struct switchd *, char *why);
void rundir_release(struct switchd *);

#endif
