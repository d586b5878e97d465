/* SPDX-License-Identifier: ISC */
/* Drives the switch and its reference model with the same random messages and frames, and stops at the first difference.
 *
 *     model_drive [STEPS [SEED]]          100000 steps, seed 1
 *
 * The switch is what it is in the daemon, from the bytes of a message to the bytes on a port: wire/ decodes, table/ changes, pipeline/
 * translates, the executor runs; only sockets and threads are replaced.  Compared are the error of every message, what every frame
 * leads to (ports, bytes, packet-ins), flow-removed messages, and all entries, counters and groups as they are read back. */
#include "drive.h"

#include "clock.h"
#include "groups.h"
#include "meters.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_FLOWS 60 /* above that more is deleted than added */

struct driven sw;
struct model model;
struct gen_buf last;
struct tally tally;
static unsigned long step, seed;

void
drive_hex(const char *what, const uint8_t *b, size_t n)
{
	fprintf(stderr, "%s ", what);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%02x", b[i]);
	fputc('\n', stderr);
}

void
drive_differ(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	drive_hex("last message", last.b, last.n);
	fprintf(stderr, "step %lu, seed %lu: ", step, seed);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

/* ---- what lies below the executor ---- */

static struct m_output *
keep(const struct packet *p)
{
	struct m_output *o = &sw.out[sw.n_outputs < M_OUTPUTS ? sw.n_outputs++ : M_OUTPUTS - 1];

	memset(o, 0, offsetof(struct m_output, b));
	o->n = packet_len(p);
	if (o->n > M_FRAME)
		drive_differ("a frame of %zu bytes", o->n);
	memcpy(o->b, p->head, p->head_len);
	if (p->tail_len)
		memcpy(o->b + p->head_len, p->tail, p->tail_len);
	return o;
}

bool
tx_output(struct reader *r, struct exec_bridge *b, uint32_t port_no, struct packet *p, bool to_in_port)
{
	if (port_no == 0 || port_no > M_PORTS || (port_no == p->in_port && !to_in_port)) {
		exec_drop(r, b, DP_DROP_NO_PORT, p->n_frames);
		return false;
	}
	p->queued = true;
	keep(p)->port = port_no;
	return true;
}

void
tx_flush(struct reader *r)
{
	(void)r;
}

unsigned
tx_output_all(struct reader *r, struct exec_bridge *b, struct packet *p)
{
	unsigned n = 0;

	for (uint32_t port = 1; port <= M_PORTS; port++)
		n += port != p->in_port && tx_output(r, b, port, p, false);
	return n;
}

bool
upcall_packet_in(struct reader *r, struct exec_bridge *b, struct packet *p, const struct flow_key *key,
                 const struct dp_op_controller *op)
{
	struct m_output *o = keep(p);

	(void)r;
	(void)b;
	(void)key;
	o->packet_in = true;
	o->reason = op->reason;
	o->table = op->table_id;
	o->cookie = op->cookie;
	o->max_len = op->max_len;
	memcpy(o->metadata, &op->metadata, 8);
	return true;
}

void
upcall_learn(struct reader *r, struct exec_bridge *b, const uint8_t mac[6], uint16_t vlan, uint32_t port_no)
{
	(void)r;
	(void)b;
	(void)mac;
	(void)vlan;
	(void)port_no;
	drive_differ("NORMAL was never ordered");
}

/* ---- the switch around it ---- */

static void
classify(void *aux, const struct flow_key *key, const uint8_t *resume, size_t len, struct dp_program *prog)
{
	(void)aux;
	pipeline_translate(&sw.pipeline, key, resume, len, prog);
}

static bool
group(void *aux, const struct dp_op_group *op, const struct flow_key *key, uint32_t *at, struct dp_program *prog)
{
	(void)aux;
	return pipeline_group(&sw.pipeline, op, key, at, prog);
}

/* No packet-in is metered here. */
static void
meter(void *aux, uint32_t meter_id, uint32_t n, uint64_t bytes, uint64_t now_ns, struct dp_meter *out)
{
	(void)aux;
	pipeline_meter(&sw.pipeline, meter_id, n, bytes, now_ns, out);
}

/* The cache is told of each rule alone, as the daemon does it; a program that outlives its rule makes a frame differ. */
static void
on_changed(void *aux, const struct rule *r, enum table_flow_event event)
{
	struct match m;

	(void)aux;
	(void)event;
	rule_match(r, &m);
	changes_rule(&sw.bridge.changes, r->table_id, &m);
}

static void
on_removed(void *aux, const struct rule *r, enum ofp_flow_removed_reason reason)
{
	struct counter_sum sum;

	on_changed(aux, r, TABLE_FLOW_MODIFIED);
	if (!(r->flags & OFPFF_SEND_FLOW_REM))
		return;
	counters_read(sw.counters, r->counter, &sum);
	sw.removed[sw.n_removed++] =
	    (struct m_removed){r->table_id, (uint8_t)reason, r->priority, r->cookie, sum.packets, sum.bytes};
}

static void
switch_create(void)
{
	static const struct table_events events = {.flow_removed = on_removed, .flow_changed = on_changed};
	static const struct dp_client client = {.classify = classify, .group = group, .meter = meter};

	model.now_s = 1000;
	clock_fake_set(model.now_s * SECOND);
	sw.counters = counters_create(1);
	sw.tables = tables_create(M_TABLES, sw.counters, &events, NULL);
	if (!sw.tables || exec_reader_init(&sw.reader, 0, counters_lane(sw.counters, 0)))
		abort();
	sw.pipeline.tables = sw.tables;
	sw.bridge.client = &client;
	sw.bridge.id = 1;
	changes_init(&sw.bridge.changes);
	sw.bridge.drops = sw.drops;
	for (uint32_t port = 1; port <= M_PORTS; port++) {
		groups_port_live(tables_groups(sw.tables), port, true);
		model.port_live[port] = true;
	}
}

static void
switch_destroy(void)
{
	exec_reader_fini(&sw.reader);
	changes_fini(&sw.bridge.changes);
	tables_destroy(sw.tables);
	counters_destroy(sw.counters);
}

/* ---- messages ---- */

static unsigned
as_model(enum of_error error)
{
	return error ? M_ERR(of_error_type(error), of_error_code(error)) : 0;
}

static int
by_content(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct m_removed));
}

static void
compare_removed(void)
{
	for (unsigned i = 0; sw.n_removed != model.n_removed && i < sw.n_removed + model.n_removed; i++) {
		const struct m_removed *r = i < sw.n_removed ? &sw.removed[i] : &model.removed[i - sw.n_removed];

		fprintf(stderr, "%s: table %u priority %u reason %u\n", i < sw.n_removed ? "switch" : "model", r->table,
		        r->priority, r->reason);
	}
	if (sw.n_removed != model.n_removed)
		drive_differ("%u flow-removed, the model has %u", sw.n_removed, model.n_removed);
	qsort(sw.removed, sw.n_removed, sizeof(sw.removed[0]), by_content);
	qsort(model.removed, model.n_removed, sizeof(model.removed[0]), by_content);
	for (unsigned i = 0; i < sw.n_removed; i++) {
		const struct m_removed *a = &sw.removed[i], *b = &model.removed[i];

		if (a->table != b->table || a->reason != b->reason || a->priority != b->priority ||
		    a->cookie != b->cookie || a->packets != b->packets || a->bytes != b->bytes)
			drive_differ("flow-removed of table %u priority %u reason %u, the model's is of %u %u %u",
			             a->table, a->priority, a->reason, b->table, b->priority, b->reason);
	}
}

void
drive_compare_errors(const char *what, enum of_error error, unsigned expected, const struct gen_buf *g)
{
	tally.messages++;
	tally.refused += expected != 0;
	if (as_model(error) == expected)
		return;
	drive_hex(what, g->b, g->n);
	drive_differ("%s gives %s, the model %u/%u", what, of_error_name(error), expected >> 16, expected & 0xffff);
}

static void
flow_mod(const struct gen_buf *g)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct wire w = wire_init(g->b, g->n);
	struct flow_mod fm;
	enum of_error error = flow_mod_decode(&w, &acts, &fm);

	last = *g;
	sw.n_removed = model.n_removed = 0;
	if (!error)
		error = tables_flow_mod(sw.tables, &fm);
	act_buf_fini(&acts);
	drive_compare_errors("flow-mod", error, m_flow_mod(&model, g->b, g->n), g);
	compare_removed();
}

static void
random_flow_mod(void)
{
	struct gen_buf g;

	gen_flow_mod(&g);
	if (model.n_flows > KEEP_FLOWS && g.b[17] == 0 && gen_one_in(2))
		g.b[17] = 3;
	flow_mod(&g);
}

static enum of_error
change_groups(const struct group_mod *gm)
{
	struct group_change *change;
	unsigned removed = 0;
	enum of_error error = group_mod_prepare(sw.tables, gm, &change);

	if (error)
		return error;
	while (group_change_step(change, 7, &removed))
		;
	group_change_commit(change);
	group_change_free(change);
	return OF_OK;
}

static void
random_group_mod(void)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	struct gen_buf g;
	enum of_error error;
	struct wire w;

	gen_group_mod(&g);
	last = g;
	w = wire_init(g.b, g.n);
	error = group_mod_decode(&w, &acts, &gm);
	sw.n_removed = model.n_removed = 0;
	if (!error)
		error = change_groups(&gm);
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	drive_groups_changed();
	drive_compare_errors("group-mod", error, m_group_mod(&model, g.b, g.n), &g);
	compare_removed();
}

static void
random_meter_mod(void)
{
	struct meter_change *change = NULL;
	struct meter_mod mm;
	struct gen_buf g;
	unsigned removed = 0;
	enum of_error error;
	struct wire w;

	gen_meter_mod(&g);
	last = g;
	w = wire_init(g.b, g.n);
	error = meter_mod_decode(&w, &mm);
	sw.n_removed = model.n_removed = 0;
	if (!error)
		error = meter_mod_prepare(sw.tables, &mm, &change);
	while (!error && meter_change_step(change, 7, &removed))
		;
	if (!error) {
		meter_change_commit(change);
		meter_change_free(change);
	}
	meter_mod_fini(&mm);
	drive_compare_errors("meter-mod", error, m_meter_mod(&model, g.b, g.n), &g);
	compare_removed();
}

/* ---- reading back ---- */

static bool
same_list(const struct m_list *a, const struct m_list *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		const struct m_act *x = &a->a[i], *y = &b->a[i];

		if (x->type != y->type || x->port != y->port || x->max_len != y->max_len ||
		    x->ethertype != y->ethertype || x->ttl != y->ttl || x->field != y->field ||
		    memcmp(x->value, y->value, 16))
			return false;
	}
	return true;
}

static bool
same_insts(const struct m_insts *a, const struct m_insts *b)
{
	return !memcmp(a->has, b->has, sizeof(a->has)) && a->meter == b->meter && a->goto_table == b->goto_table &&
	       !memcmp(a->metadata, b->metadata, 8) && !memcmp(a->metadata_mask, b->metadata_mask, 8) &&
	       same_list(&a->apply, &b->apply) && same_list(&a->write, &b->write);
}

static const struct m_flow *
model_flow(uint8_t table, uint16_t priority, const struct m_match *m)
{
	for (unsigned i = 0; i < model.n_flows; i++) {
		const struct m_flow *f = &model.flows[i];

		if (f->table == table && f->priority == priority && m_covers(m, &f->match) && m_covers(&f->match, m))
			return f;
	}
	return NULL;
}

/* An entry as its statistics tell it, byte for byte of its match and instructions. */
static const struct m_flow *
compare_flow(const struct rule *r)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const struct m_flow *f;
	struct flow_stats fs;
	struct m_match match;
	struct m_insts insts;

	rule_stats(sw.tables, r, &fs);
	match_encode(&b, &fs.match);
	if (m_read_match(b.data, b.len, &match))
		drive_differ("an entry with a match that can't be read");
	f = model_flow(fs.table_id, fs.priority, &match);
	if (!f)
		drive_hex("match", b.data, b.len);
	if (!f)
		drive_differ("an entry in table %u with priority %u that the model does not have", fs.table_id,
		             fs.priority);
	wbuf_reset(&b);
	ofp_insts_encode(&b, &fs.insts);
	if (m_read_insts(b.data, b.len, &insts) || !same_insts(&insts, &f->insts))
		drive_differ("other instructions in table %u, priority %u", fs.table_id, fs.priority);
	wbuf_fini(&b);
	if (fs.cookie != f->cookie || fs.idle_timeout_s != f->idle || fs.hard_timeout_s != f->hard ||
	    fs.flags != f->flags || fs.duration_s != model.now_s - f->created_s)
		drive_differ("table %u, priority %u: other cookie, time-outs, flags or duration", fs.table_id,
		             fs.priority);
	if (fs.packet_count != (f->flags & OFPFF_NO_PKT_COUNTS ? UINT64_MAX : f->packets) ||
	    fs.byte_count != (f->flags & OFPFF_NO_BYT_COUNTS ? UINT64_MAX : f->bytes))
		drive_differ("table %u, priority %u: %llu packets, %llu bytes; the model has %llu, %llu", fs.table_id,
		             fs.priority, (unsigned long long)fs.packet_count, (unsigned long long)fs.byte_count,
		             (unsigned long long)f->packets, (unsigned long long)f->bytes);
	return f;
}

/* A flow statistics request with a filter. */
static void
dump(void)
{
	struct flow_stats_request req = {.table_id = gen_one_in(2) ? OFPTT_ALL : (uint8_t)gen_rnd(4),
	                                 .out_port = gen_one_in(3) ? 1 + gen_rnd(M_PORTS) : OFPP_ANY,
	                                 .out_group = gen_one_in(5) ? 1 + gen_rnd(6) : OFPG_ANY,
	                                 .cookie = gen_rnd(4),
	                                 .cookie_mask = gen_one_in(3) ? gen_rnd(4) : 0};
	struct tables_cursor cursor;
	struct gen_buf g = {0};
	struct m_match match;
	unsigned n = 0;
	struct wire w;

	gen_match(&g, gen_rnd(3));
	w = wire_init(g.b, g.n);
	if (m_read_match(g.b, g.n, &match) || match_decode(&w, &req.match))
		return;
	for (unsigned i = 0; i < model.n_flows; i++)
		n += m_selects(&model.flows[i], req.table_id, req.out_port, req.out_group, req.cookie, req.cookie_mask,
		               &match);
	tables_cursor_init(&cursor, req.table_id);
	while (!cursor.done) {
		const struct rule *r = tables_cursor_next(sw.tables, &cursor, &req, 10);

		if (!r)
			continue;
		if (!m_selects(compare_flow(r), req.table_id, req.out_port, req.out_group, req.cookie, req.cookie_mask,
		               &match))
			drive_differ("an entry that the request does not select");
		n--;
	}
	if (n)
		drive_differ("%d entries more are selected by the model", (int)n);
}

static void
compare_tables(void)
{
	uint32_t active[M_TABLES] = {0};

	for (unsigned i = 0; i < model.n_flows; i++)
		active[model.flows[i].table]++;
	for (uint8_t t = 0; t < M_TABLES; t++) {
		struct counter_sum sum;

		counters_read(sw.counters, tables_counter(sw.tables, t), &sum);
		if (tables_active(sw.tables, t) != active[t] || sum.packets != model.table[t].lookups ||
		    sum.bytes != model.table[t].matched)
			drive_differ("table %u: %u entries, %llu lookups, %llu matched; the model has %u, %llu, %llu",
			             t, tables_active(sw.tables, t), (unsigned long long)sum.packets,
			             (unsigned long long)sum.bytes, active[t],
			             (unsigned long long)model.table[t].lookups,
			             (unsigned long long)model.table[t].matched);
	}
}

static void
compare_group(const struct m_group *mg)
{
	const struct group *g = groups_find(tables_groups(sw.tables), mg->id);
	struct bucket_count buckets[M_BUCKETS];
	struct group_stats gs;

	if (!g || g->type != mg->type || g->n_buckets != mg->n)
		drive_differ("group %u is not what the model has", mg->id);
	group_stats(tables_groups(sw.tables), g, &gs, buckets, mg->n);
	if (gs.packet_count != mg->packets || gs.byte_count != mg->bytes)
		drive_differ("group %u: %llu packets, %llu bytes; the model has %llu, %llu", mg->id,
		             (unsigned long long)gs.packet_count, (unsigned long long)gs.byte_count,
		             (unsigned long long)mg->packets, (unsigned long long)mg->bytes);
	for (unsigned i = 0; i < mg->n; i++) {
		if (buckets[i].packets != mg->b[i].packets || buckets[i].bytes != mg->b[i].bytes)
			drive_differ("group %u, bucket %u: other counters", mg->id, i);
	}
}

static void
compare_groups(void)
{
	if (groups_count(tables_groups(sw.tables)) != model.n_groups)
		drive_differ("%u groups, the model has %u", groups_count(tables_groups(sw.tables)), model.n_groups);
	for (unsigned i = 0; i < model.n_groups; i++)
		compare_group(&model.groups[i]);
}

static void
compare_meter(const struct m_meter *mm)
{
	const struct meter *m = meters_find(tables_meters(sw.tables), mm->id);
	struct bucket_count bands[M_BANDS];
	struct meter_stats ms;
	unsigned n_flows = 0;

	if (!m)
		drive_differ("meter %u is missing", mm->id);
	for (unsigned i = 0; i < model.n_flows; i++)
		n_flows += model.flows[i].insts.has[6] && model.flows[i].insts.meter == mm->id;
	meter_stats(tables_meters(sw.tables), m, &ms, bands, M_BANDS);
	if (ms.flow_count != n_flows || ms.packet_in_count != mm->packets || ms.byte_in_count != mm->bytes ||
	    ms.n_bands != mm->n)
		drive_differ("meter %u: %u entries, %llu packets, %llu bytes; the model has %u, %llu, %llu", mm->id,
		             ms.flow_count, (unsigned long long)ms.packet_in_count,
		             (unsigned long long)ms.byte_in_count, n_flows, (unsigned long long)mm->packets,
		             (unsigned long long)mm->bytes);
	for (unsigned i = 0; i < mm->n; i++) {
		if (bands[i].packets != mm->b[i].packets || bands[i].bytes != mm->b[i].bytes)
			drive_differ("meter %u, band %u: %llu packets, the model has %llu", mm->id, i,
			             (unsigned long long)bands[i].packets, (unsigned long long)mm->b[i].packets);
	}
}

static void
compare_meters(void)
{
	if (meters_count(tables_meters(sw.tables)) != model.n_meters)
		drive_differ("%u meters, the model has %u", meters_count(tables_meters(sw.tables)), model.n_meters);
	for (unsigned i = 0; i < model.n_meters; i++)
		compare_meter(&model.meters[i]);
}

/* ---- steps ---- */

static void
nothing(void *aux)
{
	(void)aux;
}

static void
pass_time(void)
{
	static const struct txn_section section = {nothing, nothing, nothing};

	model.now_s += 1 + gen_rnd(3);
	clock_fake_set(model.now_s * SECOND);
	sw.n_removed = model.n_removed = 0;
	while (tables_expire(sw.tables, &section, NULL, 5))
		;
	m_expire(&model);
	compare_removed();
}

static void
turn_port(void)
{
	const uint32_t port = 1 + gen_rnd(M_PORTS);

	model.port_live[port] = !model.port_live[port];
	groups_port_live(tables_groups(sw.tables), port, model.port_live[port]);
	drive_groups_changed();
}

static void
one_step(void)
{
	const unsigned what = gen_rnd(100);

	if (what < 55)
		drive_frame();
	else if (what < 60)
		drive_packet_out();
	else if (what < 82)
		random_flow_mod();
	else if (what < 84)
		random_meter_mod();
	else if (what < 90)
		random_group_mod();
	else if (what < 91)
		pass_time();
	else if (what < 92)
		turn_port();
	else if (what < 97)
		dump();
	else if (what < 98)
		compare_groups();
	else if (what < 99)
		compare_meters();
	else
		compare_tables();
}

int
main(int argc, char **argv)
{
	const unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;

	seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	gen_seed(seed);
	switch_create();
	for (step = 0; step < steps; step++)
		one_step();
	switch_destroy();
	printf(
	    "1..1\nok 1 - %lu steps, seed %lu: %lu frames (%lu left out: 5.3 leaves the choice open), %lu packet-outs, "
	    "%lu choices in SELECT groups (%lu of flows seen before), %lu messages, %lu of them refused\n",
	    steps, seed, tally.frames, tally.ambiguous, tally.packet_outs, tally.choices, tally.again, tally.messages,
	    tally.refused);
	return 0;
}
