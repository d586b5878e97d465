/* SPDX-License-Identifier: ISC */
/* The model's pipeline: one frame through the tables (5.1), its action set (5.10), groups (5.6). */
#include "model.h"

#include <string.h>

enum { NOTHING = 0xffffffff };
enum { TO_IN_PORT = 0xfffffff8, TO_TABLE, TO_NORMAL = 0xfffffffa, TO_FLOOD, TO_ALL, TO_CONTROLLER };

struct way {
	struct model *m;
	struct m_packet p;
	struct m_layers l;
	size_t received; /* bytes, as the frame came in */
	bool dry, over; /* over: its TTL has run out */
	bool to_table; /* a packet-out asks for the tables */
	bool by_miss; /* what is at work was ordered by a table-miss entry (5.4) */
	const struct m_flow *flow; /* at work */
	unsigned depth;
};

static bool
is_miss_entry(const struct m_flow *f)
{
	for (unsigned i = 0; i < M_FIELDS; i++) {
		if (f->match.f[i].there)
			return false;
	}
	return f->priority == 0;
}

static struct m_output *
new_output(struct way *w)
{
	struct m_output *o = &w->m->out[w->m->n_outputs < M_OUTPUTS ? w->m->n_outputs++ : M_OUTPUTS - 1];

	memset(o, 0, offsetof(struct m_output, b));
	o->n = w->p.n;
	memcpy(o->b, w->p.b, w->p.n);
	return o;
}

static void
packet_in(struct way *w, uint8_t reason, uint16_t max_len)
{
	struct m_output *o = new_output(w);

	o->packet_in = true;
	o->reason = reason;
	o->max_len = max_len;
	o->table = w->flow->table;
	o->cookie = w->flow->cookie;
	memcpy(o->metadata, w->p.metadata, 8);
}

static void
output(struct way *w, const struct m_act *a)
{
	if (a->port == TO_CONTROLLER) {
		packet_in(w, w->by_miss && !w->depth ? 0 : 1, a->max_len);
	} else if (a->port == TO_ALL || a->port == TO_FLOOD) {
		for (uint32_t port = 1; port <= M_PORTS; port++) {
			if (port != w->p.in_port)
				new_output(w)->port = port;
		}
	} else if (a->port == TO_TABLE) {
		w->to_table = true;
	} else if (a->port == TO_IN_PORT) {
		if (w->p.in_port <= M_PORTS)
			new_output(w)->port = w->p.in_port;
	} else if (a->port <= M_PORTS && a->port != w->p.in_port) {
		new_output(w)->port = a->port;
	}
}

static void run_set(struct way *, const struct m_list *);

static bool
is_live(const struct model *m, const struct m_group *g, unsigned i, unsigned depth)
{
	const struct m_bucket *b = &g->b[i];

	if (b->watch_port == NOTHING && b->watch_group == NOTHING)
		return true;
	if (b->watch_port <= M_PORTS && m->port_live[b->watch_port])
		return true;
	for (unsigned k = 0; k < m->n_groups && depth < 8; k++) {
		const struct m_group *watched = &m->groups[k];

		for (unsigned n = 0; watched->id == b->watch_group && n < watched->n; n++) {
			if (is_live(m, watched, n, depth + 1))
				return true;
		}
	}
	return false;
}

/* Of each kind the last one. */
static void
write_set(struct m_list *set, const struct m_list *more)
{
	for (unsigned i = 0; i < more->n; i++) {
		const struct m_act *a = &more->a[i];
		unsigned k = 0;

		while (k < set->n && (set->a[k].type != a->type || (a->type == 25 && set->a[k].field != a->field)))
			k++;
		set->a[k] = *a;
		set->n += k == set->n;
	}
}

static void
run_bucket(struct way *w, struct m_bucket *b)
{
	const struct m_packet p = w->p;
	const struct m_layers l = w->l;
	struct m_list set = {0};

	write_set(&set, &b->list);
	if (!w->dry) {
		b->packets++;
		b->bytes += w->p.n;
	}
	run_set(w, &set);
	w->p = p; /* each bucket had a copy of its own */
	w->l = l;
	w->over = false;
}

/* FNV-1a over the header fields that say which flow a frame is of; ECN and extension headers differ from frame to frame. */
static uint64_t
flow_of(const struct way *w)
{
	const bool fragment = w->l.ip4 >= 0 ? (w->p.b[w->l.ip4 + 6] & 0x3f) || w->p.b[w->l.ip4 + 7] : w->l.fragment;
	uint64_t hash = 0xcbf29ce484222325 + fragment; /* those of a datagram go together, not with whole ones */
	uint8_t v[16];

	for (unsigned f = F_ETH_DST; f < M_FIELDS; f++) {
		if (f == F_IP_ECN || f == F_IPV6_EXTHDR || f == F_TUNNEL_ID || !m_read(&w->p, &w->l, f, v))
			continue;
		hash = (hash ^ f) * 0x100000001b3;
		for (unsigned i = 0; i < m_bytes[f]; i++)
			hash = (hash ^ v[i]) * 0x100000001b3;
	}
	return hash;
}

/* A live bucket with a weight; with no such bucket, weights mean nothing. */
static bool
may_select(const struct model *m, const struct m_group *g, unsigned bucket)
{
	bool weighted = false;

	for (unsigned i = 0; i < g->n; i++)
		weighted |= g->b[i].weight && is_live(m, g, i, 0);
	return bucket < g->n && is_live(m, g, bucket, 0) && (!weighted || g->b[bucket].weight);
}

/* False: no bucket can be taken, so there is no choice. */
static bool
has_choice(const struct model *m, const struct m_group *g)
{
	for (unsigned i = 0; i < g->n; i++) {
		if (may_select(m, g, i))
			return true;
	}
	return false;
}

static void
run_select(struct way *w, struct m_group *g)
{
	struct model *m = w->m;
	const unsigned n = m->n_visits;
	bool allowed;

	if (!has_choice(m, g))
		return;
	m->ambiguous |= n == M_VISITS;
	if (n == M_VISITS)
		return;
	allowed = may_select(m, g, m->choices[n]);
	m->visits[m->n_visits++] = (struct m_visit){g->id, flow_of(w), w->p.n, allowed};
	if (allowed)
		run_bucket(w, &g->b[m->choices[n]]);
}

static void
run_group(struct way *w, uint32_t id)
{
	for (unsigned k = 0; k < w->m->n_groups && w->depth < 16; k++) {
		struct m_group *g = &w->m->groups[k];

		if (g->id != id)
			continue;
		w->depth++;
		w->l = m_parse(&w->p); /* a frame that enters a group is looked at anew */
		if (!w->dry) {
			g->packets++;
			g->bytes += w->p.n;
		}
		if (g->type == 1)
			run_select(w, g);
		for (unsigned i = 0; i < (g->type == 1 ? 0 : g->n); i++) {
			if (g->type == 3 && !is_live(w->m, g, i, 0))
				continue;
			run_bucket(w, &g->b[i]);
			if (g->type == 3)
				break;
		}
		w->depth--;
	}
}

static void
run_act(struct way *w, const struct m_act *a)
{
	if (w->over)
		return;
	if (a->type == 0) {
		output(w, a);
	} else if (a->type == 22) {
		run_group(w, a->port);
	} else if (m_change(&w->p, &w->l, a)) {
		packet_in(w, 2, 0);
		w->over = true;
	}
}

static void
run_list(struct way *w, const struct m_list *l)
{
	for (unsigned i = 0; i < l->n; i++)
		run_act(w, &l->a[i]);
}

/* 5.10, one type after the other; an output only if there is no group. */
static void
run_set(struct way *w, const struct m_list *set)
{
	static const uint8_t order[] = {12, 27, 20, 18, 19, 26, 17, 11, 16, 24, 15, 23, 25, 21, 22, 0};
	bool group = false;

	for (unsigned o = 0; o < sizeof(order); o++) {
		/* set-fields among themselves: by field, outer headers decide what inner ones there are */
		for (unsigned f = 0; f < (order[o] == 25 ? M_FIELDS : 1); f++) {
			for (unsigned i = 0; i < set->n; i++) {
				const struct m_act *a = &set->a[i];

				if (a->type != order[o] || (a->type == 25 && a->field != f) || (a->type == 0 && group))
					continue;
				group |= a->type == 22;
				run_act(w, a);
			}
		}
	}
}

/* ---- tables ---- */

static bool
matches(const struct m_match *m, const struct m_packet *p, const struct m_layers *l)
{
	for (unsigned i = 0; i < M_FIELDS; i++) {
		uint8_t v[16];

		if (!m->f[i].there)
			continue;
		if (!m_read(p, l, i, v))
			return false;
		for (unsigned k = 0; k < m_bytes[i]; k++) {
			if ((v[k] ^ m->f[i].value[k]) & m->f[i].mask[k])
				return false;
		}
	}
	return true;
}

static struct m_flow *
lookup(struct way *w, uint8_t table)
{
	struct m_flow *best = NULL;
	bool twice = false;

	w->l = m_parse(&w->p);
	for (unsigned i = 0; i < w->m->n_flows; i++) {
		struct m_flow *f = &w->m->flows[i];

		if (f->table != table || !matches(&f->match, &w->p, &w->l) || (best && f->priority < best->priority))
			continue;
		twice = best && f->priority == best->priority;
		best = f;
	}
	w->m->ambiguous |= twice;
	return best;
}

static void
account(struct way *w, uint8_t table, struct m_flow *f)
{
	if (w->dry)
		return;
	w->m->table[table].lookups++;
	if (!f)
		return;
	w->m->table[table].matched++;
	if (!(f->flags & 8)) /* NO_PKT_COUNTS */
		f->packets++;
	if (!(f->flags & 16)) /* NO_BYT_COUNTS */
		f->bytes += w->received;
	f->used_s = w->m->now_s;
}

static bool
has_output(const struct m_list *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		if (l->a[i].type == 0)
			return true;
	}
	return false;
}

/* ---- meters (5.7) ---- */

enum verdict { PASS, DROP, REMARK };

#define TICKS_PER_S UINT64_C(64000000000)

/* How much may be waiting at the band before it applies: at least 10 ms, 100 ms where nobody says. */
static uint64_t
burst_of(const struct m_meter *k, const struct m_band *b)
{
	const uint64_t ticks = b->burst * TICKS_PER_S / b->rate;

	if (!(k->flags & 4))
		return TICKS_PER_S / 10;
	return ticks > TICKS_PER_S / 100 ? ticks : TICKS_PER_S / 100;
}

static uint64_t
length_of(const struct m_meter *k, const struct m_band *b, size_t bytes)
{
	return k->flags & 2 ? TICKS_PER_S / b->rate : bytes * (8 * TICKS_PER_S / 1000) / b->rate;
}

/* Of the bands that are exceeded the one of the highest rate applies.  Those of higher rates have let the frame through and pay for it. */
static enum verdict
measure(const struct model *m, struct m_meter *k, size_t bytes, uint8_t *levels)
{
	const uint64_t now = m->now_s * TICKS_PER_S;
	bool asked[M_BANDS] = {false};
	struct m_band *paying[M_BANDS];
	unsigned n_paying = 0;
	enum verdict verdict = PASS;

	k->packets++;
	k->bytes += bytes;
	while (n_paying < k->n && verdict == PASS) {
		struct m_band *b = NULL;

		for (unsigned i = 0; i < k->n; i++) {
			if (!asked[i] && (!b || k->b[i].rate > b->rate))
				b = &k->b[i];
		}
		asked[b - k->b] = true;
		if (b->busy_until > now && b->busy_until - now >= burst_of(k, b)) {
			verdict = b->type == 1 ? DROP : REMARK;
			*levels = b->levels;
			b->packets++;
			b->bytes += bytes;
		} else {
			paying[n_paying++] = b;
		}
	}
	for (unsigned i = 0; i < n_paying; i++) {
		struct m_band *b = paying[i];

		b->busy_until = (b->busy_until > now ? b->busy_until : now) + length_of(k, b, bytes);
	}
	return verdict;
}

/* RFC 2597: AF classes 1 to 4 have drop precedences 1 to 3. */
static void
remark(struct way *w, uint8_t levels)
{
	struct m_act a = {.type = 25, .field = F_IP_DSCP};
	unsigned class, precedence;
	uint8_t dscp[16];

	w->l = m_parse(&w->p);
	if (!m_read(&w->p, &w->l, F_IP_DSCP, dscp))
		return;
	class = dscp[0] / 8;
	precedence = dscp[0] % 8 / 2;
	if (dscp[0] % 2 || class < 1 || class > 4 || precedence < 1)
		return;
	precedence = precedence + levels < 3 ? precedence + levels : 3;
	a.value[0] = (uint8_t)(class * 8 + precedence * 2);
	m_change(&w->p, &w->l, &a);
}

/* False: the frame is dropped. */
static bool
run_meter(struct way *w, uint32_t id)
{
	uint8_t levels = 0;

	for (unsigned i = 0; i < w->m->n_meters; i++) {
		struct m_meter *k = &w->m->meters[i];
		const enum verdict v = k->id == id ? measure(w->m, k, w->p.n, &levels) : PASS;

		if (v == DROP)
			return false;
		if (v == REMARK)
			remark(w, levels);
	}
	return true;
}

static bool
run_table(struct way *w, uint8_t *table, struct m_list *set)
{
	struct m_flow *f = lookup(w, *table);
	const struct m_insts *in;

	account(w, *table, f);
	if (!f)
		return false; /* 5.4 */
	w->flow = f;
	in = &f->insts;
	w->by_miss = is_miss_entry(f);
	if (in->has[6] && !run_meter(w, in->meter))
		return false;
	run_list(w, &in->apply);
	if (in->has[5])
		set->n = 0;
	write_set(set, &in->write);
	for (unsigned i = 0; i < 8; i++)
		w->p.metadata[i] =
		    (uint8_t)((w->p.metadata[i] & ~in->metadata_mask[i]) | (in->metadata[i] & in->metadata_mask[i]));
	*table = in->goto_table;
	w->by_miss &= has_output(&in->write); /* else it only ends the walk, and others wrote what is carried out */
	if (!in->has[1] && !w->over)
		run_set(w, set);
	return in->has[1] && !w->over;
}

static void
begin(struct model *m)
{
	m->n_outputs = 0;
	m->n_visits = 0;
	m->ambiguous = false;
}

void
m_run(struct model *m, const struct m_packet *p, bool dry)
{
	struct m_list set = {0};
	struct way w = {.m = m, .p = *p, .received = p->n, .dry = dry};
	struct m_meter meters[M_METERS];
	uint8_t table = 0;

	begin(m);
	memcpy(meters, m->meters, sizeof(meters));
	while (run_table(&w, &table, &set))
		;
	if (dry)
		memcpy(m->meters, meters, sizeof(meters));
}

void
m_packet_out(struct model *m, const struct m_packet *p, const struct m_list *list, bool dry)
{
	/* its packet-ins have table 0 and no cookie */
	static const struct m_flow nobody = {.priority = 1, .cookie = UINT64_MAX};
	struct m_list set = {0};
	struct way w = {.m = m, .p = *p, .l = m_parse(p), .received = p->n, .dry = dry, .flow = &nobody};
	struct m_meter meters[M_METERS];
	uint8_t table = 0;

	begin(m);
	memcpy(meters, m->meters, sizeof(meters));
	run_list(&w, list);
	while (w.to_table && !w.over && run_table(&w, &table, &set))
		;
	if (dry)
		memcpy(m->meters, meters, sizeof(meters));
}
