/* SPDX-License-Identifier: ISC */
/* One bridge as its configuration says: checked, started, changed.
 *
 * A change comes in two steps, first what goes and then what comes, so that a port or a listener can move from one bridge to another in
 * one reload. */
#include "bridge.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
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

static bool
same_port(const struct conf_port *a, const struct conf_port *b)
{
	return a && b && a->number == b->number;
}

static void
take_ports(struct ofproto *o, const struct conf_bridge *old, const struct conf_bridge *now)
{
	for (size_t i = 0; i < old->n_ports; i++)
		if (!same_port(&old->ports[i], find_port(now, old->ports[i].name)))
			(void)ofproto_port_del(o, old->ports[i].name);
	if (old->local && !now->local)
		(void)ofproto_port_del(o, now->name);
}

/* A port that is refused is logged and left out; the next reload tries it again, as it does for one that rf-ctl removed. */
static void
give_ports(struct ofproto *o, const struct conf_bridge *old, const struct conf_bridge *now)
{
	char why[CONF_WHY] = "";

	for (size_t i = 0; i < now->n_ports; i++) {
		const struct conf_port *p = &now->ports[i], *was = find_port(old, p->name);
		const unsigned flags = (now->force ? DP_PORT_FORCE : 0) | (p->visible ? DP_PORT_VISIBLE : 0);

		if (!ofproto_port_by_name(o, p->name)) {
			if (ofproto_port_add(o, p->name, p->number, flags, why, sizeof why))
				log_err(LOG_CONF, "%s: port %s: %s", now->name, p->name, why);
		} else if (was && was->visible != p->visible)
			(void)ofproto_port_set_visible(o, p->name, p->visible);
	}
}

/* Ports whose interfaces are there. */
static unsigned
n_there(const struct conf_bridge *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->n_ports; i++)
		n += if_nametoindex(b->ports[i].name) != 0;
	return n;
}

static void
give_local(struct ofproto *o, const struct conf_bridge *now)
{
	char why[CONF_WHY] = "";

	if (!now->local || ofproto_port_by_name(o, now->name))
		return;
	if (access("/dev/net/tun", R_OK | W_OK))
		log_info(LOG_CONF, "%s: no LOCAL device: /dev/net/tun: %s", now->name, strerror(errno));
	else if (ofproto_port_add(o, now->name, PORT_LOCAL, DP_PORT_LOCAL, why, sizeof why))
		log_warn(LOG_CONF, "%s: no LOCAL device: %s", now->name, why);
}

static void
take_targets(struct ofproto *o, const struct conf_list *old, const struct conf_list *now)
{
	for (size_t i = 0; i < old->n; i++)
		if (!has(now, old->v[i]))
			(void)ofproto_controller_del(o, old->v[i]);
}

static int
give_targets(struct ofproto *o, const struct conf_list *old, const struct conf_list *now, char *why)
{
	int rc = 0;

	for (size_t i = 0; i < now->n; i++) {
		char text[CONF_WHY / 2] = "";
		int e = old && has(old, now->v[i]) ? 0 : ofproto_controller_add(o, now->v[i], text, sizeof text);

		if (e) {
			snprintf(why, CONF_WHY, "%s: %s", ofproto_name(o), text[0] ? text : strerror(-e));
			log_err(LOG_CONF, "%s", why);
			rc = e;
		}
	}
	return rc;
}

int
bridge_verify(const struct conf_bridge *b, char *why)
{
	const struct conf_list *lists[] = {&b->controllers, &b->listeners};
	const struct ofproto_tls tls = {b->private_key, b->certificate, b->ca_cert, b->ciphers};
	const bool any = b->private_key || b->certificate || b->ca_cert;
	char text[CONF_WHY / 2] = "";
	int rc = any ? ofproto_tls_check(&tls, text, sizeof text) : 0;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; !rc && i < lists[k]->n; i++)
			rc = ofproto_target_check(lists[k]->v[i], k == 1, any, text, sizeof text);
	if (rc)
		snprintf(why, CONF_WHY, "bridge %s: %s", b->name, text);
	return rc;
}

int
bridge_start(struct switchd *s, const struct conf *c, const struct conf_bridge *b, struct ofproto **op, char *why)
{
	const struct ofproto_config oc = to_ofproto(c, b);
	int rc = ofproto_create(s->base, s->dp, s->counters, &oc, op, why, CONF_WHY);

	if (rc) {
		*op = NULL;
		return rc;
	}
	give_local(*op, b);
	dp_expect_ports(s->dp, n_there(b));
	give_ports(*op, NULL, b);
	dp_expect_ports(s->dp, 0);
	switchd_queues_apply(*op, b);
	rc = give_targets(*op, NULL, &b->controllers, why);
	return rc ? rc : give_targets(*op, NULL, &b->listeners, why);
}

void
bridge_take(struct ofproto *o, const struct conf_bridge *old, const struct conf_bridge *now)
{
	take_ports(o, old, now);
	take_targets(o, &old->controllers, &now->controllers);
	take_targets(o, &old->listeners, &now->listeners);
}

int
bridge_give(struct ofproto *o, const struct conf *c, const struct conf_bridge *old, const struct conf_bridge *now,
            char *why)
{
	const struct ofproto_config oc = to_ofproto(c, now);
	int rc = ofproto_reconfigure(o, &oc, why, CONF_WHY);

	if (rc)
		log_err(LOG_CONF, "%s: %s", now->name, why);
	give_local(o, now);
	give_ports(o, old, now);
	switchd_queues_apply(o, now);
	if (give_targets(o, &old->controllers, &now->controllers, why))
		rc = -EINVAL;
	return give_targets(o, &old->listeners, &now->listeners, why) ? -EINVAL : rc;
}
