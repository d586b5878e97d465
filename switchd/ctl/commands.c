/* SPDX-License-Identifier: ISC */
/* The commands of the control socket: rows {name, usage, fewest and most parameters, handler}. */
#include "ctl.h"
#include "switchd.h"
#include "addr.h"
#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mac_table.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* Puts 'v' as text and releases it. */
static bool
put_json(struct ctl_call *c, json_t *v)
{
	char *s = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	sbuf_puts(&c->out, s ? s : "null");
	free(s);
	json_decref(v);
	return true;
}

static bool
fail(struct ctl_call *c, int rc, const char *why)
{
	sbuf_puts(&c->out, why && why[0] ? why : strerror(-rc));
	return false;
}

static struct ofproto *
bridge(struct ctl_call *c)
{
	struct ofproto *o = switchd_bridge(c->s, c->argv[0]);

	if (!o)
		sbuf_printf(&c->out, "no bridge named %.20s", c->argv[0]);
	return o;
}

static bool
cmd_list(struct ctl_call *c)
{
	sbuf_puts(&c->out, "The available commands are:\n");
	for (unsigned i = 0; i < ctl_n_commands; i++)
		sbuf_printf(&c->out, "  %-23s %s\n", ctl_commands[i].name, ctl_commands[i].usage);
	return true;
}

static bool
cmd_version(struct ctl_call *c)
{
	if (c->json)
		return put_json(c, json_string(PACKAGE_VERSION));
	sbuf_puts(&c->out, "rf-switchd " PACKAGE_VERSION "\n");
	return true;
}

static void
say_loop(struct sbuf *out)
{
	struct loop_report r;

	loop_report(&r);
	sbuf_printf(out,
	            "control loop: longest turn %.2f ms (%.2f ms of processor), of %" PRIu64 "\n"
	            "exclusive sections: longest %.3f ms (%.3f ms of processor), of %" PRIu64 "\n",
	            (double)r.turn.wall_ns / 1e6, (double)r.turn.cpu_ns / 1e6, r.turns, (double)r.section.wall_ns / 1e6,
	            (double)r.section.cpu_ns / 1e6, r.sections);
}

static json_t *
loop_json(void)
{
	struct loop_report r;

	loop_report(&r);
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "turns", (json_int_t)r.turns, "turn_us",
	                 (json_int_t)(r.turn.wall_ns / 1000), "turn_cpu_us", (json_int_t)(r.turn.cpu_ns / 1000),
	                 "sections", (json_int_t)r.sections, "section_us", (json_int_t)(r.section.wall_ns / 1000),
	                 "section_cpu_us", (json_int_t)(r.section.cpu_ns / 1000));
}

static bool
cmd_loop_reset(struct ctl_call *c)
{
	loop_reset();
	return c->json ? put_json(c, NULL) : true;
}

static bool
cmd_status(struct ctl_call *c)
{
	const uint64_t up_s = (clock_ms() - c->s->started_ms) / 1000;
	json_t *list = c->json ? json_array() : NULL;

	if (!c->json)
		sbuf_printf(&c->out, "version: " PACKAGE_VERSION "\nuptime: %" PRIu64 " s\n", up_s);
	if (!c->json)
		say_loop(&c->out);
	for (size_t i = 0; i < c->s->conf->n_bridges; i++) {
		const struct ofproto *o = c->s->bridges[i];
		char dpid[17];

		if (!o)
			continue;
		snprintf(dpid, sizeof dpid, "%016" PRIx64, ofproto_dpid(o));
		if (c->json)
			json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:b,s:I}", "bridge", ofproto_name(o),
			                                      "dpid", dpid, "connected", ofproto_is_connected(o),
			                                      "standalone", ofproto_is_standalone(o), "flows",
			                                      (json_int_t)ofproto_flow_count(o)));
		else
			sbuf_printf(&c->out, "bridge %s: dpid %s, %s%s, %u flows\n", ofproto_name(o), dpid,
			            ofproto_is_connected(o) ? "connected" : "not connected",
			            ofproto_is_standalone(o) ? ", standalone" : "", ofproto_flow_count(o));
	}
	if (c->json)
		return put_json(c, json_pack("{s:s,s:I,s:o,s:o}", "version", PACKAGE_VERSION, "uptime_s",
		                             (json_int_t)up_s, "loop", loop_json(), "bridges", list));
	dp_describe(c->s->dp, &c->out);
	return true;
}

static bool
cmd_port_add(struct ctl_call *c)
{
	struct ofproto *o = bridge(c);
	struct dp_port_info p;
	unsigned flags = 0;
	unsigned long number = 0;
	char why[CONF_WHY] = "", *end;
	int rc;

	for (unsigned i = 2; o && i < c->argc; i++) {
		if (!strcmp(c->argv[i], "--force")) {
			flags |= DP_PORT_FORCE;
			continue;
		}
		number = strtoul(c->argv[i], &end, 10);
		if (*end || !number || number >= 0xffffff00u) {
			sbuf_printf(&c->out, "\"%.20s\" is not a port number", c->argv[i]);
			return false;
		}
	}
	if (!o)
		return false;
	rc = ofproto_port_add(o, c->argv[1], (uint32_t)number, flags, why, sizeof why);
	if (rc)
		return fail(c, rc,
		            why[0]          ? why
		            : rc == -EEXIST ? "this number or this interface is in use"
		            : rc == -EINVAL ? "this can't be the name of an interface"
		                            : NULL);
	for (size_t i = 0; i < c->s->conf->n_bridges; i++)
		if (c->s->bridges[i] == o)
			switchd_queues_apply(o, c->s->conf->bridges[i]);
	if (!c->json && !dp_port_get(ofproto_dp_bridge(o), ofproto_port_by_name(o, c->argv[1]), &p) && !p.present)
		sbuf_printf(&c->out, "port %u waits for interface %s%s%s\n", p.port_no, p.name, *p.error ? ": " : "",
		            p.error);
	return true;
}

static bool
cmd_port_del(struct ctl_call *c)
{
	struct ofproto *o = bridge(c);
	int rc = o ? ofproto_port_del(o, c->argv[1]) : 0;

	return o && (rc ? fail(c, rc, rc == -ENOENT ? "no such port in this bridge" : NULL) : true);
}

static const char *
port_number(uint32_t port_no, char *buf, size_t size)
{
	snprintf(buf, size, "%u", port_no);
	return port_no == 0xfffffffeu ? "LOCAL" : buf; /* OFPP_LOCAL */
}

static void
show_ports(struct ctl_call *c, struct ofproto *o, json_t *list)
{
	struct dp_bridge *b = ofproto_dp_bridge(o);
	struct dp_port_info p;

	for (uint32_t n = 0; dp_port_next(b, n, &p); n = p.port_no) {
		struct dp_port_stats s = {0};
		char mac[MAC_STR_LEN], number[12];

		(void)dp_port_stats(b, p.port_no, &s);
		mac_format(p.hw_addr, mac);
		if (list)
			json_array_append_new(list,
			                      json_pack("{s:s,s:I,s:s,s:b,s:s,s:I,s:I,s:I,s:s}", "bridge",
			                                ofproto_name(o), "number", (json_int_t)p.port_no, "name",
			                                p.name, "present", p.present, "mac", mac, "mtu",
			                                (json_int_t)p.mtu, "rx_packets", (json_int_t)s.rx_packets,
			                                "tx_packets", (json_int_t)s.tx_packets, "error", p.error));
		else
			sbuf_printf(&c->out, "%-15s %6s  %-15s %-6s %s %12" PRIu64 " %12" PRIu64 " %s\n",
			            ofproto_name(o), port_number(p.port_no, number, sizeof number), p.name,
			            !p.present    ? "absent"
			            : p.state & 1 ? "down"
			                          : "up",
			            mac, s.rx_packets, s.tx_packets, p.error);
	}
}

static bool
cmd_port_show(struct ctl_call *c)
{
	json_t *list = c->json ? json_array() : NULL;

	if (c->argc && !bridge(c)) {
		json_decref(list);
		return false;
	}
	if (!list)
		sbuf_puts(
		    &c->out,
		    "bridge          number  port            state  address              rx frames    tx frames\n");
	for (size_t i = 0; i < c->s->conf->n_bridges; i++)
		if (c->s->bridges[i] && (!c->argc || !strcmp(c->argv[0], ofproto_name(c->s->bridges[i]))))
			show_ports(c, c->s->bridges[i], list);
	return c->json ? put_json(c, list) : true;
}

static bool
cmd_port_set(struct ctl_call *c)
{
	const bool on = !strcmp(c->argv[2], "on");

	if (strcmp(c->argv[1], "visible") || (!on && strcmp(c->argv[2], "off")))
		return fail(c, 0, "port set takes: INTERFACE visible on|off");
	for (size_t i = 0; i < c->s->conf->n_bridges; i++)
		if (c->s->bridges[i] && !ofproto_port_set_visible(c->s->bridges[i], c->argv[0], on))
			return true;
	return fail(c, 0, "no bridge has such a port");
}

struct fdb_aux {
	struct ctl_call *c;
	json_t *list;
};

static void
show_mac(void *aux, const struct mac_entry *e)
{
	const struct fdb_aux *f = aux;
	const uint32_t age = (uint32_t)(clock_ms() / 1000) - e->used_s;
	char mac[MAC_STR_LEN];

	mac_format(e->mac, mac);
	if (f->list)
		json_array_append_new(f->list, json_pack("{s:I,s:i,s:s,s:I}", "port", (json_int_t)e->port_no, "vlan",
		                                         (int)e->vlan, "mac", mac, "age", (json_int_t)age));
	else
		sbuf_printf(&f->c->out, "%5u  %4u  %s  %3u\n", e->port_no, e->vlan, mac, age);
}

static bool
cmd_fdb_show(struct ctl_call *c)
{
	struct ofproto *o = bridge(c);
	struct fdb_aux f = {c, NULL};

	if (!o)
		return false;
	if (c->json)
		f.list = json_array();
	else
		sbuf_puts(&c->out, " port  VLAN  MAC                Age\n");
	mac_table_for_each(ofproto_macs(o), show_mac, &f);
	return c->json ? put_json(c, f.list) : true;
}

static bool
cmd_fdb_flush(struct ctl_call *c)
{
	if (c->argc && !bridge(c))
		return false;
	for (size_t i = 0; i < c->s->conf->n_bridges; i++)
		if (c->s->bridges[i] && (!c->argc || !strcmp(c->argv[0], ofproto_name(c->s->bridges[i]))))
			ofproto_fdb_flush(c->s->bridges[i]);
	if (!c->json)
		sbuf_puts(&c->out, "table successfully flushed\n");
	return c->json ? put_json(c, NULL) : true;
}

static void
show_conn(void *aux, const struct ofproto_conn_info *i)
{
	const struct fdb_aux *f = aux;

	if (f->list)
		json_array_append_new(f->list, json_pack("{s:s,s:b,s:s?,s:s?,s:s}", "target", i->target, "connected",
		                                         i->connected, "role", i->role, "state", i->state, "error",
		                                         i->last_error));
	else
		sbuf_printf(&f->c->out, "  %-32s %-10s %-6s %s\n", i->target, i->state ? i->state : "",
		            i->role ? i->role : "", i->last_error);
}

static bool
cmd_controllers(struct ctl_call *c)
{
	struct fdb_aux f = {c, NULL};

	if (c->argc && !bridge(c))
		return false;
	f.list = c->json ? json_array() : NULL;
	for (size_t i = 0; i < c->s->conf->n_bridges; i++) {
		if (!c->s->bridges[i] || (c->argc && strcmp(c->argv[0], ofproto_name(c->s->bridges[i]))))
			continue;
		if (!c->json)
			sbuf_printf(&c->out, "%s:\n", ofproto_name(c->s->bridges[i]));
		ofproto_for_each_conn(c->s->bridges[i], show_conn, &f);
	}
	return c->json ? put_json(c, f.list) : true;
}

static bool
cmd_connected(struct ctl_call *c)
{
	bool yes = c->s->conf->n_bridges > 0;

	if (c->argc && !bridge(c))
		return false;
	for (size_t i = 0; i < c->s->conf->n_bridges; i++)
		if (c->s->bridges[i] && (!c->argc || !strcmp(c->argv[0], ofproto_name(c->s->bridges[i]))))
			yes = yes && ofproto_is_connected(c->s->bridges[i]);
	sbuf_puts(&c->out, yes ? "true" : "false");
	return true;
}

static bool
cmd_reload(struct ctl_call *c)
{
	char why[CONF_WHY] = "";
	int rc = switchd_reload(c->s, why);

	return rc ? fail(c, rc, why) : true;
}

static bool
cmd_vlog_set(struct ctl_call *c)
{
	for (unsigned i = 0; i < c->argc; i++) {
		if (log_spec_ok(c->argv[i]))
			continue;
		sbuf_printf(&c->out, "\"%.40s\" is not [MODULE:]LEVEL; levels: off, err, warn, info, dbg; modules: any",
		            c->argv[i]);
		for (int m = 0; m < LOG_N_MODULES; m++)
			sbuf_printf(&c->out, ", %s", log_module_name((enum log_module)m));
		return false;
	}
	for (unsigned i = 0; i < c->argc; i++)
		(void)log_set_spec(c->argv[i]);
	return true;
}

static bool
cmd_vlog_list(struct ctl_call *c)
{
	json_t *all = c->json ? json_object() : NULL;

	for (int m = 0; all && m < LOG_N_MODULES; m++)
		json_object_set_new(all, log_module_name((enum log_module)m),
		                    json_string(log_level_name(log_get_level((enum log_module)m))));
	if (all)
		return put_json(c, all);
	for (int m = 0; m < LOG_N_MODULES; m++)
		sbuf_printf(&c->out, "%-12s %s\n", log_module_name((enum log_module)m),
		            log_level_name(log_get_level((enum log_module)m)));
	return true;
}

static bool
cmd_drops(struct ctl_call *c)
{
	static const char *const names[][2] = {
#define DROP(id, name, text) {name, text},
#include "drops.def"
#undef DROP
	};
	struct ofproto *o = bridge(c);
	uint64_t n[DP_N_DROPS] = {0};
	json_t *all = NULL;

	if (!o)
		return false;
	dp_bridge_drops(ofproto_dp_bridge(o), n);
	if (c->json)
		all = json_object();
	for (size_t i = 0; i < DP_N_DROPS; i++) {
		if (c->json)
			json_object_set_new(all, names[i][0], json_integer((json_int_t)n[i]));
		else if (n[i])
			sbuf_printf(&c->out, "%-16s %12" PRIu64 "  %s\n", names[i][0], n[i], names[i][1]);
	}
	return c->json ? put_json(c, all) : true;
}

static bool
cmd_exit(struct ctl_call *c)
{
	const struct timeval soon = {0, 20000}; /* the answer goes out first */

	event_base_loopexit(c->s->base, &soon);
	return true;
}

const struct ctl_command ctl_commands[] = {
    {"controller/show", "[BRIDGE]", 0, 1, cmd_controllers},
    {"drops", "BRIDGE", 1, 1, cmd_drops},
    {"exit", "", 0, 1, cmd_exit},
    {"fdb/flush", "[BRIDGE]", 0, 1, cmd_fdb_flush},
    {"fdb/show", "BRIDGE", 1, 1, cmd_fdb_show},
    {"is-connected", "[BRIDGE]", 0, 1, cmd_connected},
    {"list-commands", "", 0, 0, cmd_list},
    {"loop/reset", "", 0, 0, cmd_loop_reset},
    {"port/add", "BRIDGE NAME [NUMBER] [--force]", 2, 4, cmd_port_add},
    {"port/del", "BRIDGE NAME", 2, 2, cmd_port_del},
    {"port/set", "NAME visible on|off", 3, 3, cmd_port_set},
    {"port/show", "[BRIDGE]", 0, 1, cmd_port_show},
    {"reload", "", 0, 0, cmd_reload},
    {"status", "", 0, 0, cmd_status},
    {"version", "", 0, 0, cmd_version},
    {"vlog/list", "", 0, 0, cmd_vlog_list},
    {"vlog/set", "[MODULE:]LEVEL...", 1, 16, cmd_vlog_set},
};
const unsigned ctl_n_commands = sizeof ctl_commands / sizeof ctl_commands[0];
