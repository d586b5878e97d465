/* SPDX-License-Identifier: ISC */
/* Starts, changes and stops the bridges as the configuration says. */
#include "switchd.h"
#include "ctl/ctl.h"
#include "clock.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT_LOCAL 0xfffffffeu /* OFPP_LOCAL */

static struct ofproto_config
to_ofproto(const struct conf *c, const struct conf_bridge *b)
{
	return (struct ofproto_config){
	    .name = b->name,
	    .dpid = b->dpid,
	    .n_tables = (unsigned)b->tables,
	    .fail_mode = b->fail_mode ? FAIL_STANDALONE : FAIL_SECURE,
	    .fail_delay_s = (unsigned)b->fail_delay,
	    .probe_interval_s = (unsigned)b->probe_interval,
	    .max_backoff_s = (unsigned)b->max_backoff,
	    .forward_bpdu = b->forward_bpdu != 0,
	    .mac_aging_s = (unsigned)b->mac_aging,
	    .mac_table_size = (size_t)b->mac_table_size,
	    .rundir = c->rundir,
	    .tls = {b->private_key, b->certificate, b->ca_cert, b->ciphers},
	};
}

static const struct conf_port *
find_port(const struct conf_bridge *b, const char *name)
{
	for (size_t i = 0; b && i < b->n_ports; i++)
		if (!strcmp(b->ports[i].name, name))
			return &b->ports[i];
	return NULL;
}

static bool
has(const struct conf_list *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return true;
	return false;
}

/* Removes what 'old' has and 'now' lacks, then adds the reverse.  A port that is refused is logged and left out. */
static void
apply_ports(struct ofproto *o, const struct conf_bridge *old, const struct conf_bridge *now)
{
	char why[CONF_WHY] = "";

	for (size_t i = 0; old && i < old->n_ports; i++) {
		const struct conf_port *p = find_port(now, old->ports[i].name);

		if (!p || p->number != old->ports[i].number)
			(void)ofproto_port_del(o, old->ports[i].name);
	}
	for (size_t i = 0; i < now->n_ports; i++) {
		const struct conf_port *p = &now->ports[i], *was = find_port(old, p->name);
		const unsigned flags = (now->force ? DP_PORT_FORCE : 0) | (p->visible ? DP_PORT_VISIBLE : 0);

		if (was && was->number == p->number) {
			if (was->visible != p->visible)
				(void)ofproto_port_set_visible(o, p->name, p->visible);
		} else if (ofproto_port_add(o, p->name, p->number, flags, why, sizeof why))
			log_err(LOG_CONF, "%s: port %s: %s", now->name, p->name, why);
	}
}

static void
apply_local(struct ofproto *o, const struct conf_bridge *old, const struct conf_bridge *now)
{
	char why[CONF_WHY] = "";
	const bool was = old && old->local;

	if (was && !now->local)
		(void)ofproto_port_del(o, now->name);
	if (was || !now->local)
		return;
	if (access("/dev/net/tun", R_OK | W_OK))
		log_info(LOG_CONF, "%s: no LOCAL device: /dev/net/tun: %s", now->name, strerror(errno));
	else if (ofproto_port_add(o, now->name, PORT_LOCAL, DP_PORT_LOCAL, why, sizeof why))
		log_warn(LOG_CONF, "%s: no LOCAL device: %s", now->name, why);
}

static int
apply_targets(struct ofproto *o, const struct conf_list *old, const struct conf_list *now, char *why)
{
	int rc = 0;

	for (size_t i = 0; old && i < old->n; i++)
		if (!has(now, old->v[i]))
			(void)ofproto_controller_del(o, old->v[i]);
	for (size_t i = 0; i < now->n; i++) {
		char text[CONF_WHY / 2] = "";
		int e = old && has(old, now->v[i]) ? 0 : ofproto_controller_add(o, now->v[i], text, sizeof text);

		if (e) {
			snprintf(why, CONF_WHY, "%s: %s: %s", ofproto_name(o), now->v[i],
			         text[0] ? text : strerror(-e));
			log_err(LOG_CONF, "%s", why);
			rc = e;
		}
	}
	return rc;
}

static int
bridge_start(struct switchd *s, const struct conf *c, const struct conf_bridge *b, struct ofproto **op, char *why)
{
	const struct ofproto_config oc = to_ofproto(c, b);
	int rc = ofproto_create(s->base, s->dp, s->counters, &oc, op, why, CONF_WHY);

	if (rc) {
		*op = NULL;
		return rc;
	}
	apply_local(*op, NULL, b);
	apply_ports(*op, NULL, b);
	rc = apply_targets(*op, NULL, &b->controllers, why);
	return rc ? rc : apply_targets(*op, NULL, &b->listeners, why);
}

static unsigned
n_workers(const struct conf *c)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN) - 1;

	return c->workers ? (unsigned)c->workers : cpus < 1 ? 1 : cpus > 4 ? 4 : (unsigned)cpus;
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
	                             .no_steering = !c->steering};
	int rc;

	s->base = base;
	s->conf = c;
	s->pid_fd = -1;
	s->started_ms = clock_ms();
	for (size_t i = 0; i < c->log.n; i++)
		if (!log_set_spec(c->log.v[i]))
			log_warn(LOG_CONF, "log: \"%s\" is not understood", c->log.v[i]);
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
check_fixed(const struct conf *old, const struct conf *now, char *why)
{
	if (strcmp(old->rundir, now->rundir) || old->workers != now->workers || old->ring_memory != now->ring_memory ||
	    old->ebpf != now->ebpf || old->steering != now->steering || old->express_load != now->express_load) {
		snprintf(why, CONF_WHY, "rundir, workers, ring-memory, ebpf, steering and express-load need a restart");
		return -EINVAL;
	}
	for (size_t i = 0; i < now->n_bridges; i++) {
		for (size_t j = 0; j < old->n_bridges; j++) {
			const struct conf_bridge *a = old->bridges[j], *b = now->bridges[i];

			if (!strcmp(a->name, b->name) && (a->dpid != b->dpid || a->tables != b->tables)) {
				snprintf(why, CONF_WHY, "bridge %s: dpid and tables need a restart", a->name);
				return -EINVAL;
			}
		}
	}
	return 0;
}

static int
bridge_change(struct ofproto *o, const struct conf *c, const struct conf_bridge *old, const struct conf_bridge *now,
              char *why)
{
	const struct ofproto_config oc = to_ofproto(c, now);
	int rc = ofproto_reconfigure(o, &oc, why, CONF_WHY);

	if (rc)
		log_err(LOG_CONF, "%s: %s", now->name, why);
	apply_local(o, old, now);
	apply_ports(o, old, now);
	if (apply_targets(o, &old->controllers, &now->controllers, why))
		rc = -EINVAL;
	return apply_targets(o, &old->listeners, &now->listeners, why) ? -EINVAL : rc;
}

static int
apply(struct switchd *s, struct conf *now, char *why)
{
	struct ofproto *bridges[CONF_MAX_BRIDGES] = {NULL};
	int rc = 0;

	for (size_t j = 0; j < s->conf->n_bridges; j++) {
		bool kept = false;

		for (size_t i = 0; i < now->n_bridges; i++) {
			if (strcmp(s->conf->bridges[j]->name, now->bridges[i]->name) || !s->bridges[j])
				continue;
			bridges[i] = s->bridges[j];
			kept = true;
			if (bridge_change(bridges[i], now, s->conf->bridges[j], now->bridges[i], why))
				rc = -EINVAL;
		}
		if (!kept)
			ofproto_destroy(s->bridges[j]);
	}
	for (size_t i = 0; i < now->n_bridges; i++)
		if (!bridges[i] && bridge_start(s, now, now->bridges[i], &bridges[i], why)) {
			log_err(LOG_CONF, "%s: %s", now->bridges[i]->name, why);
			rc = -EINVAL;
		}
	memcpy(s->bridges, bridges, sizeof bridges);
	return rc;
}

int
switchd_reload(struct switchd *s, char *why)
{
	struct conf *now = conf_create();
	int rc = now ? conf_read_args(now, s->argc, s->argv, why) : -ENOMEM;

	if (!rc)
		rc = check_fixed(s->conf, now, why);
	if (rc) {
		log_err(LOG_CONF, "reload: %s; nothing was changed", why);
		conf_destroy(now);
		return rc;
	}
	for (size_t i = 0; i < now->log.n; i++)
		(void)log_set_spec(now->log.v[i]);
	rc = apply(s, now, why);
	conf_destroy(s->conf);
	s->conf = now;
	log_info(LOG_CONF, "configuration read again%s", rc ? ", with errors" : "");
	return rc;
}
