/* SPDX-License-Identifier: ISC */
/* Frames to the switch and to its model: from ports, and in packet-outs.
 *
 * The switch goes first.  In a SELECT group the choice is its own (5.6.1): the buckets' counters tell what it was, the model follows it if
 * it keeps to the rules, and all the rest must be the same. */
#include "drive.h"

#include "clock.h"
#include "groups.h"

#include <stdio.h>
#include <string.h>

#define ROOM (PACKET_HEADROOM + M_FRAME)
#define SEEN 16 /* frames */

static void
list_outputs(const char *who, const struct m_output *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++, o++)
		fprintf(stderr, "%s %u: %s %u, %zu bytes, reason %u, table %u\n", who, i,
		        o->packet_in ? "packet-in" : "port", o->port, o->n, o->reason, o->table);
}

static bool
same_output(const struct m_output *a, const struct m_output *b)
{
	return a->packet_in == b->packet_in && a->port == b->port && a->reason == b->reason && a->table == b->table &&
	       a->cookie == b->cookie && a->max_len == b->max_len && !memcmp(a->metadata, b->metadata, 8) &&
	       a->n == b->n && !memcmp(a->b, b->b, a->n);
}

static void
compare_outputs(const struct m_packet *p)
{
	for (unsigned i = 0; i < sw.n_outputs || i < model.n_outputs; i++) {
		const struct m_output *a = &sw.out[i], *b = &model.out[i];

		if (i < sw.n_outputs && i < model.n_outputs && same_output(a, b))
			continue;
		drive_hex("frame ", p->b, p->n);
		list_outputs("switch", sw.out, sw.n_outputs);
		list_outputs("model", model.out, model.n_outputs);
		if (i < sw.n_outputs)
			drive_hex("switch", a->b, a->n);
		if (i < model.n_outputs)
			drive_hex("model ", b->b, b->n);
		drive_differ("output %u of %u (model: %u), in port %u: %s %u/%u/%u, the model: %s %u/%u/%u", i,
		             sw.n_outputs, model.n_outputs, p->in_port, a->packet_in ? "packet-in" : "port", a->port,
		             a->reason, a->table, b->packet_in ? "packet-in" : "port", b->port, b->reason, b->table);
	}
}

static uint64_t
all_drops(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < DP_N_DROPS; i++)
		n += sw.drops[0][i];
	return n;
}

/* 'prog': what a packet-out orders; NULL: the frame goes through the tables. */
static void
frame(const struct m_packet *p, const struct dp_program *prog)
{
	static uint8_t memory[ROOM];
	struct packet real = {.head = memory + PACKET_HEADROOM, .headroom = PACKET_HEADROOM};
	const uint64_t dropped = all_drops();

	memcpy(real.head, p->b, p->n);
	real.head_len = (uint32_t)p->n;
	real.in_port = p->in_port;
	packet_count_wire(&real);
	sw.reader.now_ms = (uint32_t)clock_ms();
	sw.reader.now_s = (uint32_t)model.now_s;
	sw.reader.now_ns = model.now_s * SECOND;
	sw.n_outputs = 0;
	if (prog)
		exec_one(&sw.reader, &sw.bridge, &real, prog);
	else
		exec_batch(&sw.reader, &sw.bridge, &real, 1);
	exec_batch_done(&sw.reader);
	if (!sw.n_outputs && all_drops() == dropped)
		drive_differ("a frame without output counts no drop");
}

/* What comes to the model and to the switch. */
struct arrival {
	struct m_packet p;
	const struct m_list *list; /* of a packet-out, and what the switch makes of it; NULL: it came in at a port */
	const struct dp_program *prog;
};

static void
run_model(const struct arrival *a, bool dry)
{
	if (a->list)
		m_packet_out(&model, &a->p, a->list, dry);
	else
		m_run(&model, &a->p, dry);
}

/* ---- SELECT groups: the switch chooses, by rules (5.6.1) ---- */

#define MEMORY 4096 /* choices remembered */

static struct remembered {
	uint64_t flow;
	uint32_t group, version;
	uint8_t bucket;
} remembered[MEMORY];
static uint32_t versions[8]; /* of the groups with these ids */
static struct bucket_count before[8][M_BUCKETS];

void
drive_groups_changed(void)
{
	for (unsigned i = 0; i < 8; i++)
		versions[i]++;
}

static void
read_buckets(struct bucket_count out[8][M_BUCKETS])
{
	memset(out, 0, 8 * sizeof(out[0]));
	for (unsigned i = 0; i < model.n_groups; i++) {
		const struct m_group *mg = &model.groups[i];
		const struct group *g = groups_find(tables_groups(sw.tables), mg->id);
		struct bucket_count buckets[M_BUCKETS];
		struct group_stats gs;

		if (mg->type != 1 || !g)
			continue;
		group_stats(tables_groups(sw.tables), g, &gs, buckets, mg->n);
		for (unsigned k = 0; k < gs.n_buckets; k++)
			out[mg->id][k] = buckets[k];
	}
}

/* Whether the choices of the model's last run are those that the buckets' counters tell of, and lead to what came out. */
static bool
choices_agree(struct bucket_count after[8][M_BUCKETS])
{
	struct bucket_count told[8][M_BUCKETS];

	memcpy(told, before, sizeof(told));
	for (unsigned i = 0; i < model.n_visits; i++) {
		const struct m_visit *v = &model.visits[i];

		if (!v->allowed)
			return false;
		told[v->group][model.choices[i]].packets++;
		told[v->group][model.choices[i]].bytes += v->bytes;
	}
	if (memcmp(told, after, sizeof(told)))
		return false;
	for (unsigned i = 0; i < sw.n_outputs || i < model.n_outputs; i++) {
		if (i >= sw.n_outputs || i >= model.n_outputs || !same_output(&sw.out[i], &model.out[i]))
			return false;
	}
	return true;
}

/* The next combination; false: that was the last one. */
static bool
next_choices(void)
{
	for (unsigned i = model.n_visits; i-- > 0;) {
		if (++model.choices[i] < M_BUCKETS)
			return true;
		model.choices[i] = 0;
	}
	return false;
}

/* Of two visits of a frame to one group the counters do not tell which took which bucket. */
static bool
is_sure(unsigned visit)
{
	unsigned n = 0;

	for (unsigned i = 0; i < model.n_visits; i++)
		n += model.visits[i].group == model.visits[visit].group;
	return n == 1;
}

/* A flow keeps its bucket as long as group and ports stay as they are. */
static void
remember_choices(void)
{
	for (unsigned i = 0; i < model.n_visits; i++) {
		const struct m_visit *v = &model.visits[i];
		struct remembered *r = &remembered[(v->flow ^ v->group) % MEMORY];

		tally.choices++;
		if (!is_sure(i))
			continue;
		if (r->flow == v->flow && r->group == v->group && r->version == versions[v->group]) {
			tally.again++;
			if (r->bucket != model.choices[i])
				drive_differ("group %u: a flow moves from bucket %u to %u", v->group, r->bucket,
				             model.choices[i]);
		}
		*r = (struct remembered){v->flow, v->group, versions[v->group], model.choices[i]};
	}
}

/* Finds what the switch has chosen, and runs the model so. */
static void
follow_choices(const struct arrival *a)
{
	struct bucket_count after[8][M_BUCKETS];
	bool found;

	read_buckets(after);
	memset(model.choices, 0, sizeof(model.choices));
	do {
		run_model(a, true);
		found = choices_agree(after);
	} while (!found && next_choices());
	if (!found) {
		memset(model.choices, 0, sizeof(model.choices));
		run_model(a, true);
		compare_outputs(&a->p);
		drive_differ("the choices in SELECT groups break the rules");
	}
	remember_choices();
}

/* False: the standard leaves open what becomes of it. */
static bool
arrive(const struct arrival *a)
{
	memset(model.choices, 0, sizeof(model.choices));
	run_model(a, true);
	if (model.ambiguous) {
		tally.ambiguous++;
		return false;
	}
	read_buckets(before);
	frame(&a->p, a->prog);
	follow_choices(a);
	run_model(a, false);
	compare_outputs(&a->p);
	return true;
}

void
drive_frame(void)
{
	static struct m_packet seen[SEEN]; /* some come again: the switch then finds its program in the cache */
	static struct arrival a;
	const uint32_t slot = gen_rnd(SEEN);

	if (!seen[slot].n || !gen_one_in(3))
		gen_packet(&seen[slot]);
	a.p = seen[slot];
	tally.frames += arrive(&a);
}

void
drive_packet_out(void)
{
	static struct dp_program prog;
	static struct arrival a;
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_offsets ofs;
	struct packet_out po;
	struct flow_key key;
	struct m_list list;
	struct gen_buf g;
	struct wire w;
	enum of_error error;
	unsigned expected;

	gen_packet_out(&g, &a.p);
	last = g;
	w = wire_init(g.b, g.n);
	error = packet_out_decode(&w, &acts, &po);
	if (!error)
		error = tables_check_groups(sw.tables, &po.acts);
	expected = m_read_packet_out(g.b, g.n, &list);
	if (!expected)
		expected = m_check_packet_out(&model, &list);
	drive_compare_errors("packet-out", error, expected, &g);
	if (!expected) {
		flow_key_extract(po.data, po.len, po.len, po.in_port, &key, &ofs);
		dp_program_init(&prog);
		pipeline_translate_packet_out(&sw.pipeline, &key, po.acts, &prog);
		a.list = &list;
		a.prog = &prog;
		tally.packet_outs += arrive(&a);
	}
	act_buf_fini(&acts);
}
