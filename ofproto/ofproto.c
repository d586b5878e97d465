/* SPDX-License-Identifier: ISC */
/* One OpenFlow switch: tables, addresses, connections and the datapath bridge tied together.
 *
 * Changes of the tables happen inside an exclusive section that is opened with the first change of a slice of messages
 * and closed at its end (ofproto_hold, ofproto_release), so that a run of flow-mods costs one. */
#include "conn.h"

#include "clock.h"
#include "groups.h"
#include "handlers.h"
#include "heap.h"
#include "log.h"
#include "loop.h"
#include "snoop.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGE_SLICE 200u /* addresses in one exclusive section */
#define EXPIRE_TURN_NS UINT64_C(3000000)
#define GIVE_BACK_MIB 16u /* of flow entries: some 100,000 */
#define PAUSE_US 5000 /* until it is seen whether a peer has read on */
#define HOLD_NS UINT64_C(500000)

void
ofproto_hold(struct ofproto *op)
{
	if (op->held)
		return;
	dp_exclusive_begin(op->dp);
	op->held = true;
	op->held_ns = clock_ns();
}

void
ofproto_slice(struct ofproto *op, uint64_t now_ns)
{
	if (op->held && now_ns - op->held_ns > HOLD_NS)
		ofproto_release(op);
}

void
ofproto_release(struct ofproto *op)
{
	if (!op->held)
		return;
	if (op->changed)
		dp_bridge_invalidate(op->dpb);
	op->changed = false;
	op->held = false;
	dp_exclusive_end(op->dp);
	monitors_flush(op);
}

static void
section_hold(void *aux)
{
	ofproto_hold(aux);
}

static void
section_release(void *aux)
{
	ofproto_release(aux);
}

static void
section_changed(void *aux)
{
	struct ofproto *op = aux;

	op->changed = true;
}

const struct txn_section ofproto_section = {section_hold, section_release, section_changed};

/* ---- what the datapath asks ---- */

static void
cb_classify(void *aux, const struct flow_key *key, const uint8_t *resume, size_t resume_len, struct dp_program *prog)
{
	const struct ofproto *op = aux;

	pipeline_translate(&op->pipeline, key, resume, resume_len, prog);
}

static void
cb_expect(void *aux, const struct flow_key *key, unsigned step)
{
	const struct ofproto *op = aux;

	tables_expect(op->pipeline.tables, key, step);
}

static void
cb_normal(void *aux, const struct flow_key *key, uint32_t now_s, struct dp_normal *out)
{
	const struct ofproto *op = aux;

	pipeline_normal(&op->pipeline, key, now_s, out);
}

static bool
cb_group(void *aux, const struct dp_op_group *op, const struct flow_key *key, uint32_t *at, struct dp_program *prog)
{
	const struct ofproto *opf = aux;

	return pipeline_group(&opf->pipeline, op, key, at, prog);
}

static void
cb_meter(void *aux, uint32_t meter_id, uint32_t n, uint64_t bytes, uint64_t now_ns, struct dp_meter *out)
{
	const struct ofproto *op = aux;

	pipeline_meter(&op->pipeline, meter_id, n, bytes, now_ns, out);
}

static void
cb_learn(void *aux, const uint8_t mac[6], uint16_t vlan, uint32_t port_no)
{
	struct ofproto *op = aux;

	dp_exclusive_begin(op->dp);
	mac_table_learn(op->macs, mac, vlan, port_no, (uint32_t)(clock_ns() / 1000000000));
	dp_exclusive_end(op->dp);
}

/* What is said unasked goes over main connections, but for packet-ins.  Async masks have one column for masters and equals and one for slaves (6.3.6). */
static bool
wants(const struct conn *c, const uint32_t mask[2], unsigned reason)
{
	return !c->main && c->hello_seen && c->s->async_on && (mask[c->s->role == OFPCR_ROLE_SLAVE] & (1u << reason));
}

static void
packet_in_match(const struct dp_packet_in *in, struct match *m)
{
	const be32 port = host_to_be32(in->in_port), phy = host_to_be32(in->in_phy_port);

	match_init(m);
	match_set(m, OXM_IN_PORT, &port, NULL);
	if (in->in_phy_port != in->in_port && in->in_phy_port)
		match_set(m, OXM_IN_PHY_PORT, &phy, NULL);
	if (in->metadata)
		match_set(m, OXM_METADATA, &in->metadata, NULL);
	if (in->has_tunnel_id)
		match_set(m, OXM_TUNNEL_ID, &in->tunnel_id, NULL);
}

static void
cb_packet_in(void *aux, const struct dp_packet_in *in)
{
	struct ofproto *op = aux;
	struct packet_in pi = {.buffer_id = OFP_NO_BUFFER,
	                       .total_len = (uint16_t)(in->total_len > 65535 ? 65535 : in->total_len),
	                       .reason = in->reason,
	                       .table_id = in->table_id,
	                       .cookie = in->cookie,
	                       .data = in->data};
	bool taken = false;

	packet_in_match(in, &pi.match);
	LIST_FOR_EACH (n, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node), *to;
		size_t max = in->reason == OFPR_INVALID_TTL ? c->s->miss_send_len : in->max_len;

		if (!wants(c, c->s->async.packet_in, in->reason))
			continue;
		taken = true;
		pi.len = max == OFPCML_NO_BUFFER || max > in->len ? in->len : max;
		if (pi.len > 65000)
			pi.len = 65000;
		to = conn_for_packet_in(c, in->in_port, in->data, in->len);
		packet_in_encode(&to->out, 0, &pi);
		outq_packet_in(to, in->in_port);
	}
	op->no_controller += !taken;
}

void
ofproto_port_to_wire(const struct dp_port_info *info, struct ofp_port *p)
{
	memset(p, 0, sizeof(*p));
	p->port_no = info->port_no;
	memcpy(p->hw_addr, info->hw_addr, 6);
	snprintf(p->name, sizeof(p->name), "%s", info->name);
	p->config = info->config;
	p->state = info->state;
	p->curr = info->curr;
	p->advertised = info->advertised;
	p->supported = info->supported;
	p->peer = info->peer;
	p->curr_speed = info->curr_speed;
	p->max_speed = info->max_speed;
}

static void
announce_port(struct ofproto *op, enum ofp_port_reason reason, const struct dp_port_info *info)
{
	struct port_status ps = {.reason = (uint8_t)reason};

	ofproto_port_to_wire(info, &ps.port);
	LIST_FOR_EACH (n, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (!wants(c, c->s->async.port_status, ps.reason))
			continue;
		outq_port_status(c, &ps);
	}
}

static void
cb_port_event(void *aux, enum dp_port_event event, const struct dp_port_info *info)
{
	static const enum ofp_port_reason reasons[] = {OFPPR_ADD, OFPPR_MODIFY, OFPPR_DELETE};
	struct ofproto *op = aux;

	/* before anybody hears of it, fast failover has switched over */
	groups_port_live(tables_groups(op->tables), info->port_no,
	                 event != DP_PORT_GONE && (info->state & OFPPS_LIVE) && !(info->config & OFPPC_PORT_DOWN));
	announce_port(op, reasons[event], info);
	if (event == DP_PORT_GONE || (info->state & OFPPS_LINK_DOWN)) {
		dp_exclusive_begin(op->dp);
		mac_table_flush_port(op->macs, info->port_no);
		dp_exclusive_end(op->dp);
	}
}

/* Cached programs that depend on the rule are outdated.  Outside a section a transaction has switched already, which outdates all. */
static void
forget_programs(struct ofproto *op, const struct rule *rule)
{
	struct match m;

	if (!op->held)
		return;
	rule_match(rule, &m);
	dp_bridge_rule_changed(op->dpb, rule->table_id, &m);
}

static void
on_flow_vanished(void *aux, const struct rule *rule)
{
	forget_programs(aux, rule);
}

static void
on_flow_removed(void *aux, const struct rule *rule, enum ofp_flow_removed_reason reason)
{
	struct ofproto *op = aux;
	struct flow_stats fs;
	struct flow_removed fr;

	forget_programs(op, rule);
	monitors_tell(op, rule, ONFFME_DELETED, reason);
	if (!(rule->flags & OFPFF_SEND_FLOW_REM) || op->quiet)
		return;
	rule_stats(op->tables, rule, &fs);
	fr = (struct flow_removed){.cookie = fs.cookie,
	                           .priority = fs.priority,
	                           .reason = (uint8_t)reason,
	                           .table_id = fs.table_id,
	                           .duration_s = fs.duration_s,
	                           .duration_ns = fs.duration_ns,
	                           .idle_timeout_s = fs.idle_timeout_s,
	                           .hard_timeout_s = fs.hard_timeout_s,
	                           .packet_count = fs.packet_count,
	                           .byte_count = fs.byte_count,
	                           .match = fs.match};
	LIST_FOR_EACH (n, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (!wants(c, c->s->async.flow_removed, fr.reason))
			continue;
		flow_removed_encode(&c->out, 0, &fr);
		outq_event(c);
	}
}

static void
on_flow_changed(void *aux, const struct rule *rule, enum table_flow_event event)
{
	forget_programs(aux, rule);
	monitors_tell(aux, rule, event == TABLE_FLOW_ADDED ? ONFFME_ADDED : ONFFME_MODIFIED, 0);
}

static void
on_table_vacancy(void *aux, uint8_t table_id, enum ofp_table_reason reason)
{
	tell_vacancy(aux, table_id, reason);
}

/* ---- time ---- */

/* What has timed out, as much as fits in a turn. */
static void
expire(struct ofproto *op)
{
	const uint64_t until = loop_until(op->n_again + 1, EXPIRE_TURN_NS);
	const uint32_t now_s = (uint32_t)(clock_ns() / 1000000000);

	op->origin = (struct origin){.begin_ns = clock_ns()};
	op->expire_more = true;
	while (op->expire_more && clock_ns() < until) {
		op->expire_more = tables_expire(op->tables, &ofproto_section, op, UINT32_MAX);
		ofproto_hold(op);
		op->expire_more |= mac_table_age(op->macs, now_s, AGE_SLICE);
		ofproto_release(op);
	}
	monitors_flush(op);
}

void
ofproto_go_on(struct ofproto *op)
{
	const struct timeval next = {0, work_should_pause(op) ? PAUSE_US : 0};

	event_add(op->go_on, &next);
}

/* After very many flow entries have been freed, what else they have left in the heap; true: this turn has had enough. */
static bool
give_back(struct ofproto *op)
{
	const uint32_t n = tables_memory_mib(op->tables);

	if (n > op->most_mib)
		op->most_mib = n;
	if (op->most_mib - n < GIVE_BACK_MIB)
		return false;
	op->most_mib = n;
	heap_give_back();
	return true;
}

static void
on_go_on(evutil_socket_t fd, short what, void *aux)
{
	struct ofproto *op = aux;

	loop_mark();
	(void)fd;
	(void)what;
	if (!give_back(op) && !work_should_pause(op)) {
		work_continue(op);
		if (op->expire_more)
			expire(op);
	}
	if (op->work || op->expire_more)
		ofproto_go_on(op);
}

static void
on_tick(evutil_socket_t fd, short what, void *aux)
{
	struct ofproto *op = aux;

	loop_mark();
	(void)fd;
	(void)what;
	if (op->expire_more)
		return; /* at it already */
	if (give_back(op))
		return;
	op->expire_more = true;
	if (!work_should_pause(op))
		expire(op);
	if (op->expire_more)
		ofproto_go_on(op);
}

static void
on_reap(evutil_socket_t fd, short what, void *aux)
{
	struct ofproto *op = aux;
	loop_mark();
	(void)fd;
	(void)what;
	LIST_FOR_EACH_SAFE (n, next, &op->dead) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (c->linger)
			continue;
		list_remove(n);
		conn_free(c);
	}
}

/* ---- fail mode ---- */

bool
ofproto_is_connected(const struct ofproto *op)
{
	LIST_FOR_EACH (n, &op->conns) {
		const struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (c->handshake_done && !c->closing && !c->main)
			return true;
	}
	return false;
}

static void
set_standalone(struct ofproto *op, bool on)
{
	if (op->pipeline.standalone == on)
		return;
	ofproto_hold(op);
	op->pipeline.standalone = on;
	op->changed = true;
	ofproto_release(op);
	log_info(LOG_OFPROTO, "%s: fail mode standalone %s", op->name,
	         on ? "in force: every frame goes through NORMAL" : "over: the flow tables decide");
}

static void
on_fail_timer(evutil_socket_t fd, short what, void *aux)
{
	struct ofproto *op = aux;

	loop_mark();
	(void)fd;
	(void)what;
	set_standalone(op, op->fail_mode == FAIL_STANDALONE && !ofproto_is_connected(op));
}

void
ofproto_connectivity_changed(struct ofproto *op)
{
	const struct timeval delay = {(time_t)op->fail_delay_s, 0};

	if (op->fail_mode == FAIL_SECURE || ofproto_is_connected(op)) {
		event_del(op->fail_timer);
		set_standalone(op, false);
	} else if (op->fail_delay_s == 0) {
		set_standalone(op, true);
	} else if (!event_pending(op->fail_timer, EV_TIMEOUT, NULL)) {
		event_add(op->fail_timer, &delay);
	}
}

/* ---- life ---- */

static int
apply_config(struct ofproto *op, const struct ofproto_config *cfg, char *why, size_t size)
{
	if (cfg->tls.private_key || cfg->tls.certificate || cfg->tls.ca_cert) {
		SSL_CTX *tls = tls_context(&cfg->tls, why, size);

		if (!tls)
			return -EINVAL;
		SSL_CTX_free(op->tls);
		op->tls = tls;
	}
	op->fail_mode = cfg->fail_mode;
	op->fail_delay_s = cfg->fail_delay_s;
	op->probe_interval_s = cfg->probe_interval_s;
	op->max_backoff_s = cfg->max_backoff_s ? cfg->max_backoff_s : 8;
	snprintf(op->dp_desc, sizeof(op->dp_desc), "%s", cfg->dp_desc ? cfg->dp_desc : cfg->name);
	ofproto_hold(op);
	op->pipeline.forward_bpdu = cfg->forward_bpdu;
	mac_table_set_limits(op->macs, cfg->mac_table_size ? cfg->mac_table_size : 8192, cfg->mac_aging_s);
	op->changed = true;
	ofproto_release(op);
	return 0;
}

static bool
make_parts(struct ofproto *op, const struct ofproto_config *cfg)
{
	static const struct table_events events = {.flow_removed = on_flow_removed,
	                                           .flow_changed = on_flow_changed,
	                                           .flow_vanished = on_flow_vanished,
	                                           .table_vacancy = on_table_vacancy};
	const struct timeval every = {0, 250000};

	op->tables = tables_create(cfg->n_tables ? cfg->n_tables : TABLES_MAX, op->counters, &events, op);
	op->macs = mac_table_create(cfg->mac_table_size ? cfg->mac_table_size : 8192, cfg->mac_aging_s);
	op->dns = evdns_base_new(op->base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!op->dns)
		op->dns = evdns_base_new(op->base, 0); /* no name servers: addresses and the hosts file still work */
	op->tick = event_new(op->base, -1, EV_PERSIST, on_tick, op);
	op->go_on = event_new(op->base, -1, 0, on_go_on, op);
	op->fail_timer = event_new(op->base, -1, 0, on_fail_timer, op);
	op->reap = event_new(op->base, -1, 0, on_reap, op);
	if (!op->tables || !op->macs || !op->dns || !op->tick || !op->go_on || !op->fail_timer || !op->reap)
		return false;
	event_add(op->tick, &every);
	op->pipeline.tables = op->tables;
	op->pipeline.macs = op->macs;
	op->pipeline.standalone = cfg->fail_mode == FAIL_STANDALONE;
	return true;
}

int
ofproto_create(struct event_base *base, struct dp *dp, struct counters *counters, const struct ofproto_config *cfg,
               struct ofproto **opp, char *why, size_t size)
{
	static const struct dp_client client = {.classify = cb_classify,
	                                        .expect = cb_expect,
	                                        .normal = cb_normal,
	                                        .group = cb_group,
	                                        .meter = cb_meter,
	                                        .learn = cb_learn,
	                                        .packet_in = cb_packet_in,
	                                        .port_event = cb_port_event};
	struct ofproto *op = calloc(1, sizeof(*op));
	int error = -ENOMEM;

	snprintf(why, size, "no memory");
	if (!op)
		return -ENOMEM;
	op->base = base;
	op->dp = dp;
	op->counters = counters;
	op->dpid = cfg->dpid;
	snprintf(op->name, sizeof(op->name), "%s", cfg->name);
	list_init(&op->conns);
	list_init(&op->controllers);
	list_init(&op->ports);
	list_init(&op->dead);
	list_init(&op->snoopers);
	if (make_parts(op, cfg))
		error = dp_bridge_create(dp, op->name, &client, op, &op->dpb);
	if (!error)
		error = apply_config(op, cfg, why, size);
	if (!error && cfg->rundir)
		error = mgmt_open(op, cfg->rundir, why, size);
	if (error) {
		ofproto_destroy(op);
		return error;
	}
	ofproto_connectivity_changed(op);
	*opp = op;
	return 0;
}

static void
free_ports(struct ofproto *op)
{
	struct list *n;

	while ((n = list_pop_front(&op->ports)) != NULL)
		free(CONTAINER_OF(n, struct port_number, node));
}

void
ofproto_destroy(struct ofproto *op)
{
	if (!op)
		return;
	while (!list_is_empty(&op->controllers))
		controller_destroy(CONTAINER_OF(op->controllers.next, struct controller, node));
	while (!list_is_empty(&op->conns))
		conn_close(CONTAINER_OF(op->conns.next, struct conn, node), "the switch stops");
	LIST_FOR_EACH (n, &op->dead)
		CONTAINER_OF(n, struct conn, node)->linger = false;
	on_reap(-1, 0, op);
	work_cancel(op);
	snoop_close_all(op);
	mgmt_close(op->mgmt);
	mgmt_close(op->snoop);
	dp_bridge_destroy(op->dpb);
	tables_destroy(op->tables);
	mac_table_destroy(op->macs);
	if (op->dns)
		evdns_base_free(op->dns, 1); /* names being resolved: cancelled */
	for (struct event **e = (struct event *[]){op->tick, op->go_on, op->fail_timer, op->reap, NULL}; *e; e++)
		event_free(*e);
	SSL_CTX_free(op->tls);
	free_ports(op);
	free(op);
}

int
ofproto_reconfigure(struct ofproto *op, const struct ofproto_config *cfg, char *why, size_t size)
{
	int error;

	if (strcmp(cfg->name, op->name) || cfg->dpid != op->dpid || cfg->n_tables != tables_count(op->tables)) {
		snprintf(why, size, "name, dpid and tables can't change while the bridge runs");
		return -EINVAL;
	}
	error = apply_config(op, cfg, why, size);
	if (!error)
		ofproto_connectivity_changed(op);
	return error;
}

/* ---- what switchd asks ---- */

const char *
ofproto_name(const struct ofproto *op)
{
	return op->name;
}

uint64_t
ofproto_dpid(const struct ofproto *op)
{
	return op->dpid;
}

struct dp_bridge *
ofproto_dp_bridge(struct ofproto *op)
{
	return op->dpb;
}

const struct mac_table *
ofproto_macs(const struct ofproto *op)
{
	return op->macs;
}

void
ofproto_fdb_flush(struct ofproto *op)
{
	dp_exclusive_begin(op->dp);
	mac_table_flush(op->macs);
	dp_exclusive_end(op->dp);
}

bool
ofproto_is_standalone(const struct ofproto *op)
{
	return op->pipeline.standalone;
}

uint32_t
ofproto_flow_count(const struct ofproto *op)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < tables_count(op->tables); i++)
		n += tables_active(op->tables, (uint8_t)i);
	return n;
}

static struct controller *
controller_find(const struct ofproto *op, const char *target)
{
	LIST_FOR_EACH (n, &op->controllers) {
		struct controller *ct = CONTAINER_OF(n, struct controller, node);

		if (!strcmp(ct->target, target))
			return ct;
	}
	return NULL;
}

int
ofproto_controller_add(struct ofproto *op, const char *target, char *why, size_t size)
{
	int error;

	if (controller_find(op, target)) {
		snprintf(why, size, "'%s' is there already", target);
		return -EEXIST;
	}
	controller_create(op, target, why, size, &error);
	return error;
}

int
ofproto_controller_del(struct ofproto *op, const char *target)
{
	struct controller *ct = controller_find(op, target);

	if (!ct)
		return -ENOENT;
	controller_destroy(ct);
	return 0;
}

static void
describe(const struct controller *ct, const struct conn *c, struct ofproto_conn_info *info)
{
	memset(info, 0, sizeof(*info));
	snprintf(info->target, sizeof(info->target), "%s", c ? c->name : ct->target);
	snprintf(info->last_error, sizeof(info->last_error), "%s", ct->last_error);
	info->connected = c && c->handshake_done;
	info->role = c ? conn_role_name(c) : "equal";
	info->since_ms = clock_ms() - ct->since_ms;
	if (!c)
		info->state = ct->passive ? "listening" : "backoff";
	else
		info->state = c->handshake_done ? "active" : c->connected ? "handshake" : "connecting";
}

void
ofproto_for_each_conn(const struct ofproto *op, void (*cb)(void *, const struct ofproto_conn_info *), void *aux)
{
	struct ofproto_conn_info info;

	LIST_FOR_EACH (n, &op->controllers) {
		const struct controller *ct = CONTAINER_OF(n, struct controller, node);

		describe(ct, ct->lines[0].conn, &info);
		cb(aux, &info);
		for (unsigned i = 1; i <= ct->n_aux; i++) {
			if (!ct->lines[i].conn)
				continue;
			describe(ct, ct->lines[i].conn, &info);
			cb(aux, &info);
		}
	}
	LIST_FOR_EACH (n, &op->conns) {
		const struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (!c->owner || !c->owner->passive)
			continue;
		describe(c->owner, c, &info);
		cb(aux, &info);
	}
}

/* ---- ports ---- */

static struct port_number *
port_by_name(const struct ofproto *op, const char *name)
{
	LIST_FOR_EACH (n, &op->ports) {
		struct port_number *p = CONTAINER_OF(n, struct port_number, node);

		if (!strcmp(p->name, name))
			return p;
	}
	return NULL;
}

static bool
number_taken(const struct ofproto *op, uint32_t port_no)
{
	LIST_FOR_EACH (n, &op->ports) {
		if (CONTAINER_OF(n, struct port_number, node)->port_no == port_no)
			return true;
	}
	return false;
}

uint32_t
ofproto_port_by_name(const struct ofproto *op, const char *name)
{
	const struct port_number *p = port_by_name(op, name);

	return p && p->attached ? p->port_no : 0;
}

int
ofproto_port_add(struct ofproto *op, const char *name, uint32_t port_no, unsigned flags, char *why, size_t size)
{
	struct port_number *p = port_by_name(op, name);
	struct dp_port_info info;
	int error;

	if (p && p->attached) {
		snprintf(why, size, "port '%s' is there already", name);
		return -EEXIST;
	}
	if (port_no == 0 && p)
		port_no = p->port_no;
	for (uint32_t i = 1; port_no == 0; i++)
		port_no = number_taken(op, i) ? 0 : i;
	error = dp_port_add(op->dpb, name, port_no, flags, why, size);
	if (error)
		return error;
	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p) {
			dp_port_del(op->dpb, port_no);
			return -ENOMEM;
		}
		snprintf(p->name, sizeof(p->name), "%s", name);
		list_push_back(&op->ports, &p->node);
	}
	p->port_no = port_no;
	p->attached = true;
	if (port_no > 0xfeff && port_no != OFPP_LOCAL)
		log_warn(LOG_OFPROTO, "%s: port number %u is above 0xfeff: ovs-ofctl will not talk to this switch",
		         op->name, port_no);
	if (dp_port_get(op->dpb, port_no, &info))
		memset(&info, 0, sizeof(info));
	groups_port_live(tables_groups(op->tables), port_no, (info.state & OFPPS_LIVE) != 0);
	if (info.present)
		announce_port(op, OFPPR_ADD, &info);
	return 0;
}

int
ofproto_port_del(struct ofproto *op, const char *name)
{
	struct port_number *p = port_by_name(op, name);
	struct dp_port_info info;
	int error;

	if (!p || !p->attached)
		return -ENOENT;
	if (dp_port_get(op->dpb, p->port_no, &info))
		memset(&info, 0, sizeof(info));
	error = dp_port_del(op->dpb, p->port_no);
	if (error)
		return error;
	groups_port_live(tables_groups(op->tables), p->port_no, false);
	p->attached = false; /* the number stays with the name */
	if (info.present)
		announce_port(op, OFPPR_DELETE, &info);
	dp_exclusive_begin(op->dp);
	mac_table_flush_port(op->macs, p->port_no);
	dp_exclusive_end(op->dp);
	return 0;
}

int
ofproto_port_set_visible(struct ofproto *op, const char *name, bool visible)
{
	const uint32_t port_no = ofproto_port_by_name(op, name);

	return port_no ? dp_port_set_visible(op->dpb, port_no, visible) : -ENOENT;
}
