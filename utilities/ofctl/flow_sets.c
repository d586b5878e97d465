/* SPDX-License-Identifier: ISC */
/* Two sets of flow entries side by side: from files or switches, matched by table, priority and match. */
#include "flow_sets.h"

#include "flow_query.h"
#include "flow_text.h"
#include "hash.h"
#include "note.h"
#include "xalloc.h"

#include <stdlib.h>

void
flow_sets_init(struct flow_sets *s)
{
	hmap_init(&s->map);
	s->first = NULL;
	s->end = &s->first;
}

static void
version_free(struct version *v)
{
	if (v)
		free(v->acts);
	free(v);
}

void
flow_sets_fini(struct flow_sets *s)
{
	for (struct pair *p = s->first; p;) {
		struct pair *next = p->next;

		version_free(p->in[0]);
		version_free(p->in[1]);
		free(p);
		p = next;
	}
	hmap_fini(&s->map);
}

struct pair *
flow_sets_pair(struct flow_sets *s, uint8_t table_id, uint16_t priority, const struct match *m)
{
	const uint64_t hash = hash_bytes(m, sizeof(*m), (uint64_t)table_id << 16 | priority);
	struct hmap_node *n = hmap_first_with_hash(&s->map, hash);
	struct pair *p;

	for (; n; n = hmap_next_with_hash(&s->map, n)) {
		p = (struct pair *)(void *)n; /* its first member */
		if (p->table_id == table_id && p->priority == priority && !memcmp(&p->match, m, sizeof(*m)))
			return p;
	}
	p = xcalloc(1, sizeof(*p));
	p->table_id = table_id;
	p->priority = priority;
	p->match = *m;
	if (!hmap_insert(&s->map, &p->node, hash))
		exit(fail("out of memory"));
	*s->end = p;
	s->end = &p->next;
	return p;
}

/* 'from' lies in one of two lists; the copies lie behind each other in 'to'. */
static struct ofp_acts
copy_list(uint8_t *to, size_t *used, struct ofp_acts from)
{
	struct ofp_acts copy = {from.len ? to + *used : NULL, from.len};

	if (from.len)
		memcpy(to + *used, from.data, from.len);
	*used += from.len;
	return copy;
}

void
pair_set(struct pair *p, unsigned set, const struct version *from)
{
	struct version *v = xcalloc(1, sizeof(*v));
	size_t used = 0;

	*v = *from;
	v->acts = xcalloc(1, (size_t)from->insts.apply.len + from->insts.write.len + 1);
	v->insts.apply = copy_list(v->acts, &used, from->insts.apply);
	v->insts.write = copy_list(v->acts, &used, from->insts.write);
	version_free(p->in[set]);
	p->in[set] = v;
}

bool
version_equal(const struct version *a, const struct version *b)
{
	return a->cookie == b->cookie && a->idle_timeout_s == b->idle_timeout_s &&
	       a->hard_timeout_s == b->hard_timeout_s && ofp_insts_equal(&a->insts, &b->insts);
}

/* ---- from a switch ---- */

struct filling {
	struct flow_sets *sets;
	unsigned set;
};

static int
take_entry(struct ofctl *o, const struct flow_stats *fs, void *aux)
{
	const struct filling *f = aux;
	const struct version v = {.cookie = fs->cookie,
	                          .idle_timeout_s = fs->idle_timeout_s,
	                          .hard_timeout_s = fs->hard_timeout_s,
	                          .flags = fs->flags,
	                          .insts = fs->insts};

	(void)o;
	pair_set(flow_sets_pair(f->sets, fs->table_id, fs->priority, &fs->match), f->set, &v);
	return 0;
}

static int
take_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	return flow_query_each(o, msg, len, take_entry, aux);
}

bool
flow_sets_from_switch(struct ofctl *o, struct flow_sets *sets, unsigned set)
{
	struct filling f = {sets, set};
	struct flow_stats_request all;

	memset(&all, 0, sizeof(all));
	all.table_id = OFPTT_ALL;
	all.out_port = OFPP_ANY;
	all.out_group = OFPG_ANY;
	match_init(&all.match);
	return flow_query_send(o, &all, OFPMP_FLOW, take_part, &f) == 0;
}

/* ---- from a file ---- */

static bool
take_line(struct ofctl *o, void *aux, const char *text, const char *where, unsigned line)
{
	const struct filling *f = aux;
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;
	const bool ok = flow_parse(text, OFPFC_ADD, &o->ports, &acts, &fm, &err);

	(void)line;
	if (ok) {
		const struct version v = {.cookie = fm.cookie,
		                          .idle_timeout_s = fm.idle_timeout_s,
		                          .hard_timeout_s = fm.hard_timeout_s,
		                          .flags = fm.flags,
		                          .insts = fm.insts};

		pair_set(flow_sets_pair(f->sets, fm.table_id, fm.priority, &fm.match), f->set, &v);
	} else {
		fail_parse(o, where, &err);
	}
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ok;
}

bool
flow_sets_from_file(struct ofctl *o, struct flow_sets *sets, unsigned set, const char *name)
{
	struct filling f = {sets, set};

	return each_line(o, name, take_line, &f);
}
