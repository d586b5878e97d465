/* SPDX-License-Identifier: ISC */
/* The model's tables: FLOW_MOD (6.4, 7.3.4.1), GROUP_MOD (6.5, 7.3.4.2), METER_MOD (6.6, 7.3.4.4) and time-outs (5.5). */
#include "model.h"

#include <string.h>

#define FMFC(code) M_ERR(5, code)
#define GMFC(code) M_ERR(6, code)
#define MMFC(code) M_ERR(12, code)
enum { FMFC_BAD_TABLE_ID = 2, FMFC_OVERLAP, FMFC_BAD_COMMAND = 6, FMFC_BAD_FLAGS };
enum { GMFC_EXISTS = 0, GMFC_INVALID, GMFC_LOOP = 7, GMFC_UNKNOWN, GMFC_CHAINED, GMFC_BAD_TYPE, GMFC_BAD_COMMAND };
enum {
	MMFC_EXISTS = 1,
	MMFC_INVALID,
	MMFC_UNKNOWN,
	MMFC_BAD_FLAGS = 5,
	MMFC_BAD_RATE,
	MMFC_BAD_BURST,
	MMFC_BAD_BAND_VALUE = 9
};
enum { MAX_METER = 0xffff0000, ALL_METERS = 0xffffffff };
enum { RR_IDLE, RR_HARD, RR_DELETE, RR_GROUP_DELETE };
#define ANY 0xffffffffu

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint64_t
get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

/* ---- matches ---- */

static bool
same_match(const struct m_match *a, const struct m_match *b)
{
	for (unsigned i = 0; i < M_FIELDS; i++) {
		if (a->f[i].there != b->f[i].there || (a->f[i].there && (memcmp(a->f[i].value, b->f[i].value, 16) ||
		                                                         memcmp(a->f[i].mask, b->f[i].mask, 16))))
			return false;
	}
	return true;
}

bool
m_covers(const struct m_match *wide, const struct m_match *narrow)
{
	for (unsigned i = 0; i < M_FIELDS; i++) {
		for (unsigned k = 0; wide->f[i].there && k < 16; k++) {
			const uint8_t mask = wide->f[i].mask[k];

			if (!narrow->f[i].there || (narrow->f[i].mask[k] & mask) != mask ||
			    (narrow->f[i].value[k] & mask) != wide->f[i].value[k])
				return false;
		}
	}
	return true;
}

/* True if some frame may match both (6.4). */
static bool
overlap(const struct m_match *a, const struct m_match *b)
{
	for (unsigned i = 0; i < M_FIELDS; i++) {
		for (unsigned k = 0; a->f[i].there && b->f[i].there && k < 16; k++) {
			if ((a->f[i].value[k] ^ b->f[i].value[k]) & a->f[i].mask[k] & b->f[i].mask[k])
				return false;
		}
	}
	return true;
}

/* ---- flow entries ---- */

static bool
list_outputs_to(const struct m_list *l, unsigned type, uint32_t id)
{
	for (unsigned i = 0; i < l->n; i++) {
		if (l->a[i].type == type && l->a[i].port == id)
			return true;
	}
	return false;
}

static bool
outputs_to(const struct m_flow *f, unsigned type, uint32_t id)
{
	return id == ANY || list_outputs_to(&f->insts.apply, type, id) || list_outputs_to(&f->insts.write, type, id);
}

bool
m_selects(const struct m_flow *f, uint8_t table, uint32_t out_port, uint32_t out_group, uint64_t cookie, uint64_t mask,
          const struct m_match *m)
{
	return (table == 0xff || f->table == table) && !((f->cookie ^ cookie) & mask) && outputs_to(f, 0, out_port) &&
	       outputs_to(f, 22, out_group) && m_covers(m, &f->match);
}

static void
remove_flow(struct model *m, unsigned i, uint8_t reason)
{
	const struct m_flow *f = &m->flows[i];

	if (f->flags & 1)
		m->removed[m->n_removed++] =
		    (struct m_removed){f->table, reason, f->priority, f->cookie, f->packets, f->bytes};
	m->flows[i] = m->flows[--m->n_flows];
}

void
m_expire(struct model *m)
{
	for (unsigned i = m->n_flows; i-- > 0;) {
		const struct m_flow *f = &m->flows[i];

		const uint64_t hard = f->hard ? f->created_s + f->hard : UINT64_MAX;
		const uint64_t idle = f->idle ? f->used_s + f->idle : UINT64_MAX;

		/* whichever came first */
		if (hard <= idle && m->now_s >= hard)
			remove_flow(m, i, RR_HARD);
		else if (m->now_s >= idle)
			remove_flow(m, i, RR_IDLE);
	}
}

struct flow_mod {
	uint64_t cookie, cookie_mask;
	uint8_t command;
	uint32_t out_port, out_group;
	struct m_flow flow;
};

static const struct m_group *
find_group(const struct model *m, uint32_t id)
{
	for (unsigned i = 0; i < m->n_groups; i++) {
		if (m->groups[i].id == id)
			return &m->groups[i];
	}
	return NULL;
}

static struct m_meter *
find_meter(const struct model *m, uint32_t id)
{
	for (unsigned i = 0; i < m->n_meters; i++) {
		if (m->meters[i].id == id)
			return (struct m_meter *)(uintptr_t)&m->meters[i];
	}
	return NULL;
}

static unsigned
check_groups(const struct model *m, const struct m_list *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		if (l->a[i].type == 22 && !find_group(m, l->a[i].port))
			return M_ERR(2, 9);
	}
	return 0;
}

/* What of an entry can be wrong beyond its form. */
static unsigned
check_flow(const struct model *m, const struct m_flow *f)
{
	const struct m_insts *in = &f->insts;
	unsigned error;

	if (f->table >= M_TABLES)
		return FMFC(FMFC_BAD_TABLE_ID);
	if (in->has[1] && (in->goto_table <= f->table || in->goto_table >= M_TABLES))
		return M_ERR(3, 2);
	if (in->has[6] && !find_meter(m, in->meter))
		return MMFC(MMFC_INVALID);
	error = check_groups(m, &in->apply);
	if (!error)
		error = check_groups(m, &in->write);
	return error ? error : m_check_insts(&f->match, in);
}

static unsigned
add(struct model *m, struct m_flow *n)
{
	unsigned i, same = M_FLOWS;

	for (i = 0; i < m->n_flows; i++) {
		const struct m_flow *f = &m->flows[i];

		if (f->table != n->table || f->priority != n->priority)
			continue;
		if ((n->flags & 2) && overlap(&f->match, &n->match))
			return FMFC(FMFC_OVERLAP);
		if (same_match(&f->match, &n->match))
			same = i;
	}
	n->created_s = n->used_s = m->now_s;
	if (same < M_FLOWS && !(n->flags & 4)) {
		n->packets = m->flows[same].packets;
		n->bytes = m->flows[same].bytes;
	}
	m->flows[same < M_FLOWS ? same : m->n_flows++] = *n;
	return 0;
}

/* Whether a MODIFY or DELETE is about this entry. */
static bool
is_meant(const struct flow_mod *fm, const struct m_flow *f)
{
	const bool strict = fm->command == 2 || fm->command == 4, delete = fm->command >= 3;

	if (!m_selects(f, fm->flow.table, delete ? fm->out_port : ANY, delete ? fm->out_group : ANY, fm->cookie,
	               fm->cookie_mask, &fm->flow.match))
		return false;
	return !strict || (f->priority == fm->flow.priority && same_match(&f->match, &fm->flow.match));
}

static void
modify(struct model *m, const struct flow_mod *fm)
{
	for (unsigned i = 0; i < m->n_flows; i++) {
		struct m_flow *f = &m->flows[i];

		if (!is_meant(fm, f))
			continue;
		f->insts = fm->flow.insts;
		if (fm->flow.flags & 4)
			f->packets = f->bytes = 0;
	}
}

static unsigned
read_flow_mod(const uint8_t *b, size_t n, struct flow_mod *fm)
{
	const size_t match = 40, match_len = n < 48 ? 0 : (get16(b + 42) + 7) / 8 * 8;
	unsigned error;

	memset(fm, 0, sizeof(*fm));
	if (n < 48)
		return M_ERR(1, 6);
	fm->cookie = fm->flow.cookie = get64(b);
	fm->cookie_mask = get64(b + 8);
	fm->flow.table = b[16];
	fm->command = b[17];
	fm->flow.idle = (uint16_t)get16(b + 18);
	fm->flow.hard = (uint16_t)get16(b + 20);
	fm->flow.priority = (uint16_t)get16(b + 22);
	fm->out_port = get32(b + 28);
	fm->out_group = get32(b + 32);
	fm->flow.flags = (uint16_t)get16(b + 36);
	if (fm->command > 4)
		return FMFC(FMFC_BAD_COMMAND);
	error = m_read_match(b + match, n - match, &fm->flow.match);
	if (!error && fm->command != 3 && fm->command != 4)
		error = m_read_insts(b + match + match_len, n - match - match_len, &fm->flow.insts);
	if (error)
		return error;
	return fm->command < 3 && (fm->flow.flags & ~0x1f) ? FMFC(FMFC_BAD_FLAGS)
	                                                   : 0; /* those of a delete mean nothing */
}

unsigned
m_flow_mod(struct model *m, const uint8_t *body, size_t n)
{
	static struct flow_mod fm;
	unsigned error = read_flow_mod(body, n, &fm);

	if (error)
		return error;
	if (fm.command >= 3) {
		if (fm.flow.table >= M_TABLES && fm.flow.table != 0xff)
			return FMFC(FMFC_BAD_TABLE_ID);
		for (unsigned i = m->n_flows; i-- > 0;) {
			if (is_meant(&fm, &m->flows[i]))
				remove_flow(m, i, RR_DELETE);
		}
		return 0;
	}
	error = check_flow(m, &fm.flow);
	if (error)
		return error;
	if (fm.command == 0)
		return add(m, &fm.flow);
	modify(m, &fm);
	return 0;
}

/* ---- groups ---- */

static unsigned
read_buckets(const uint8_t *b, size_t n, struct m_group *g)
{
	for (size_t at = 0; at < n; at += get16(b + at)) {
		struct m_bucket *k = &g->b[g->n++];
		unsigned error;

		k->weight = (uint16_t)get16(b + at + 2);
		k->watch_port = get32(b + at + 4);
		k->watch_group = get32(b + at + 8);
		error = m_read_acts(b + at + 16, get16(b + at) - 16u, &k->list);
		if (error)
			return error;
	}
	return 0;
}

/* True if 'from' leads to group 'id'. */
static bool
leads_to(const struct model *m, const struct m_group *from, uint32_t id)
{
	for (unsigned i = 0; i < from->n; i++) {
		for (unsigned k = 0; k < from->b[i].list.n; k++) {
			const struct m_act *a = &from->b[i].list.a[k];
			const struct m_group *next = a->type == 22 ? find_group(m, a->port) : NULL;

			if (a->type == 22 && (a->port == id || (next && leads_to(m, next, id))))
				return true;
		}
	}
	return false;
}

static unsigned
check_group(const struct model *m, const struct m_group *g)
{
	unsigned error = 0;

	if (g->type == 2 && g->n != 1)
		return GMFC(GMFC_INVALID);
	for (unsigned i = 0; i < g->n && !error; i++) {
		const struct m_bucket *b = &g->b[i];

		if (g->type != 1 && b->weight)
			error = GMFC(GMFC_INVALID);
		else if (list_outputs_to(&b->list, 22, g->id))
			error = GMFC(GMFC_LOOP);
		else
			error = check_groups(m, &b->list);
	}
	return error ? error : leads_to(m, g, g->id) ? GMFC(GMFC_LOOP) : 0;
}

static unsigned
delete_group(struct model *m, uint32_t id)
{
	for (unsigned i = 0; i < m->n_groups; i++) {
		if (m->groups[i].id != id && leads_to(m, &m->groups[i], id) && find_group(m, id))
			return GMFC(GMFC_CHAINED);
	}
	for (unsigned i = m->n_flows; i-- > 0;) {
		if (find_group(m, id) && outputs_to(&m->flows[i], 22, id))
			remove_flow(m, i, RR_GROUP_DELETE);
	}
	for (unsigned i = 0; i < m->n_groups; i++) {
		if (m->groups[i].id == id)
			m->groups[i] = m->groups[--m->n_groups];
	}
	return 0;
}

unsigned
m_group_mod(struct model *m, const uint8_t *body, size_t n)
{
	static struct m_group g;
	const unsigned command = get16(body);
	struct m_group *old;
	unsigned error;

	memset(&g, 0, sizeof(g));
	g.type = body[2];
	g.id = get32(body + 4);
	if (command > 2)
		return GMFC(GMFC_BAD_COMMAND);
	if (command == 2)
		return delete_group(m, g.id);
	old = (struct m_group *)(uintptr_t)find_group(m, g.id);
	error = g.type > 3 ? GMFC(GMFC_BAD_TYPE) : read_buckets(body + 8, n - 8, &g);
	if (error)
		return error;
	if (command == 0 && old)
		return GMFC(GMFC_EXISTS);
	if (command == 1 && !old)
		return GMFC(GMFC_UNKNOWN);
	error = check_group(m, &g);
	if (error)
		return error;
	*(old ? old : &m->groups[m->n_groups++]) = g;
	return 0;
}

unsigned
m_check_packet_out(const struct model *m, const struct m_list *list)
{
	return check_groups(m, list);
}

/* ---- meters ---- */

static unsigned
read_bands(const uint8_t *b, size_t n, struct m_meter *meter)
{
	for (size_t at = 0; at < n; at += 16) {
		struct m_band *k = &meter->b[meter->n++];

		k->type = get16(b + at);
		k->rate = get32(b + at + 4);
		k->burst = get32(b + at + 8);
		k->levels = b[at + 12];
		if (!k->rate)
			return MMFC(MMFC_BAD_RATE);
		if ((meter->flags & 4) && !k->burst)
			return MMFC(MMFC_BAD_BURST);
		if (k->type == 2 && !k->levels)
			return MMFC(MMFC_BAD_BAND_VALUE);
	}
	return 0;
}

static unsigned
delete_meter(struct model *m, uint32_t id)
{
	for (unsigned i = m->n_flows; i-- > 0;) {
		const struct m_insts *in = &m->flows[i].insts;

		if (in->has[6] && (id == ALL_METERS || in->meter == id))
			remove_flow(m, i, RR_DELETE);
	}
	for (unsigned i = m->n_meters; i-- > 0;) {
		if (id == ALL_METERS || m->meters[i].id == id)
			m->meters[i] = m->meters[--m->n_meters];
	}
	return 0;
}

unsigned
m_meter_mod(struct model *m, const uint8_t *body, size_t n)
{
	const unsigned command = get16(body);
	struct m_meter new = {.id = get32(body + 4), .flags = (uint16_t)get16(body + 2)};
	struct m_meter *old = find_meter(m, new.id);
	unsigned error;

	if (command == 2)
		return delete_meter(m, new.id);
	if (new.id == 0 || new.id > MAX_METER)
		return MMFC(MMFC_INVALID);
	if (command == 0 && old)
		return MMFC(MMFC_EXISTS);
	if (command == 1 && !old)
		return MMFC(MMFC_UNKNOWN);
	if ((new.flags & ~0xf) || (new.flags & 3) == 3)
		return MMFC(MMFC_BAD_FLAGS);
	error = read_bands(body + 8, n - 8, &new);
	if (error)
		return error;
	if (old) { /* its own counters go on, its bands are new */
		new.packets = old->packets;
		new.bytes = old->bytes;
	}
	*(old ? old : &m->meters[m->n_meters++]) = new;
	return 0;
}
