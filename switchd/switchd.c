/* SPDX-License-Identifier: ISC */
/* Starts, changes and stops the bridges as the configuration says. */
#include "switchd.h"
#include "bridge.h"
#include "ctl/ctl.h"
#include "clock.h"
#include "log.h"
#include "notify.h"
#include "sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned
n_workers(const struct conf *c)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN) - 1;

	return c->workers ? (unsigned)c->workers : cpus < 1 ? 1 : cpus > 4 ? 4 : (unsigned)cpus;
}

int
switchd_verify(const struct conf *c, char *why)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < c->log.n; i++) {
		rc = log_spec_ok(c->log.v[i]) ? 0 : -EINVAL;
		if (rc)
			snprintf(why, CONF_WHY,
			         "log: \"%.64s\" is not MODULE:LEVEL or LEVEL (off, err, warn, info, dbg)",
			         c->log.v[i]);
	}
	for (size_t i = 0; !rc && i < c->n_bridges; i++)
		rc = bridge_verify(c->bridges[i], why);
	return rc;
}

int
switchd_init(struct switchd *s, struct event_base *base, struct conf *c, char *why)
{
	const struct dp_config dc = {.base = base,
	                             .counters = s->counters = counters_create(dp_n_readers(n_workers(c))),
	                             .n_workers = n_workers(c),
	                             .ring_memory = c->ring_memory << 20,
	                             .express_load = (unsigned)c->express_load,
	                             .no_ebpf = !c->ebpf,
	                             .no_steering = !c->steering,
	                             .keep_dir = c->rundir,
	                             .worker_start = c->sandbox != SANDBOX_OFF ? sandbox_worker : NULL};
	int rc;

	s->base = base;
	s->conf = c;
	s->pid_fd = -1;
	s->started_ms = clock_ms();
	for (size_t i = 0; i < c->log.n; i++)
		(void)log_set_spec(c->log.v[i]);
	rc = rundir_take(s, why);
	if (rc)
		return rc;
	rc = s->counters ? dp_create(&dc, &s->dp) : -ENOMEM;
	if (rc) {
		snprintf(why, CONF_WHY, "the datapath does not start: %s", strerror(-rc));
		s->dp = NULL;
		return rc;
	}
	for (size_t i = 0; i < c->n_bridges; i++) {
		rc = bridge_start(s, c, c->bridges[i], &s->bridges[i], why);
		if (rc)
			return rc;
	}
	return ctl_create(s, &s->ctl, why);
}

void
switchd_fini(struct switchd *s)
{
	ctl_destroy(s->ctl);
	for (size_t i = 0; i < CONF_MAX_BRIDGES; i++)
		ofproto_destroy(s->bridges[i]);
	dp_destroy(s->dp);
	counters_destroy(s->counters);
	rundir_release(s);
	conf_destroy(s->conf);
}

struct ofproto *
switchd_bridge(const struct switchd *s, const char *name)
{
	for (size_t i = 0; i < s->conf->n_bridges; i++)
		if (s->bridges[i] && !strcmp(s->conf->bridges[i]->name, name))
			return s->bridges[i];
	return NULL;
}

/* What cannot change while running is refused before anything is touched. */
static int
check_row(const char *what, const char *key, const void *a, const void *b, char *why)
{
	if (conf_same(conf_find(key), a, b))
		return 0;
	snprintf(why, CONF_WHY, "%s%s changes only with a restart (systemctl restart rf-switchd)", what, key);
	return -EINVAL;
}

static int
check_fixed(const struct conf *old, const struct conf *now, char *why)
{
	static const char *const global[] = {"rundir", "pidfile",  "workers",      "ring-memory",
	                                     "ebpf",   "steering", "express-load", "sandbox"};
	static const char *const bridge[] = {"dpid", "tables"};
	int rc = 0;

	for (size_t k = 0; !rc && k < sizeof global / sizeof global[0]; k++)
		rc = check_row("", global[k], old, now, why);
	for (size_t i = 0; i < now->n_bridges; i++) {
		const struct conf_bridge *a = conf_bridge_find(old, now->bridges[i]->name);
		char what[64];

		snprintf(what, sizeof what, "bridge %s: ", now->bridges[i]->name);
		for (size_t k = 0; a && !rc && k < sizeof bridge / sizeof bridge[0]; k++)
			rc = check_row(what, bridge[k], a, now->bridges[i], why);
	}
	return rc;
}

static int
apply(struct switchd *s, struct conf *now, char *why)
{
	struct ofproto *bridges[CONF_MAX_BRIDGES] = {NULL};
	int rc = 0;

	for (size_t j = 0; j < s->conf->n_bridges; j++) {
		const struct conf_bridge *old = s->conf->bridges[j], *b = conf_bridge_find(now, old->name);

		if (b && s->bridges[j])
			bridge_take(s->bridges[j], old, b);
		else
			ofproto_destroy(s->bridges[j]);
	}
	for (size_t i = 0; i < now->n_bridges; i++) {
		const struct conf_bridge *b = now->bridges[i], *old = conf_bridge_find(s->conf, b->name);

		bridges[i] = old ? switchd_bridge(s, b->name) : NULL;
		if (bridges[i] && bridge_give(bridges[i], now, old, b, why))
			rc = -EINVAL;
		if (!bridges[i] && bridge_start(s, now, b, &bridges[i], why)) {
			log_err(LOG_CONF, "%s: %s", b->name, why);
			rc = -EINVAL;
		}
	}
	memcpy(s->bridges, bridges, sizeof bridges);
	return rc;
}

static void
apply_log(const struct conf *old, const struct conf *now)
{
	if (conf_same(conf_find("log"), old, now))
		return;
	(void)log_set_spec("info");
	for (size_t i = 0; i < now->log.n; i++)
		(void)log_set_spec(now->log.v[i]);
}

int
switchd_reload(struct switchd *s, char *why)
{
	struct conf *now = conf_create();
	int rc = now ? conf_read_args(now, s->argc, s->argv, why) : -ENOMEM;

	if (!rc)
		rc = check_fixed(s->conf, now, why);
	if (!rc)
		rc = switchd_verify(now, why);
	if (rc) {
		log_err(LOG_CONF, "reload: %s; nothing was changed", why[0] ? why : strerror(-rc));
		conf_destroy(now);
		return rc;
	}
	notify_reloading();
	apply_log(s->conf, now);
	rc = apply(s, now, why);
	conf_destroy(s->conf);
	s->conf = now;
	notify_reloaded(s);
	log_info(LOG_CONF, "configuration read again%s", rc ? ", with errors" : "");
	return rc;
}
