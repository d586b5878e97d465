/* SPDX-License-Identifier: ISC */
/* Reads groups (7.3.4.2): keys in any order, then buckets to the end of the line. */
#include "group_text.h"

#include "action_text.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	int command;
} command_words[] = {
    {"add", OFPGC_ADD},
    {"modify", OFPGC_MODIFY},
    {"add_or_mod", GROUP_ADD_OR_MOD},
    {"delete", OFPGC_DELETE},
};

static const char *const type_names[] = {
    [OFPGT_ALL] = "all", [OFPGT_SELECT] = "select", [OFPGT_INDIRECT] = "indirect", [OFPGT_FF] = "ff"};

static const char *const words[] = {"group_id", "type", "bucket", "weight", "watch_port", "watch_group", "actions"};

const char *
group_word(size_t n)
{
	return n < sizeof(words) / sizeof(words[0]) ? words[n] : NULL;
}

const char *
group_type_name(unsigned type)
{
	return type < sizeof(type_names) / sizeof(type_names[0]) ? type_names[type] : NULL;
}

struct group_parser {
	struct parse_state p;
	struct group_mod *gm;
	struct act_buf *acts;
	size_t *ends; /* of each bucket's actions in 'acts' */
	bool has_id, has_type, del;
	const char *needs; /* a version, when 1.3 cannot do it */
};

/* ---- buckets ---- */

static bool
read_watch_port(struct group_parser *g, const char *value, struct ofp_bucket *b)
{
	if (port_parse(value, g->p.names, &b->watch_port) && (b->watch_port <= OFPP_MAX || b->watch_port == OFPP_ANY))
		return true;
	sbuf_printf(g->p.err, "%s: invalid watch_port", value);
	return false;
}

static bool
read_watch_group(struct group_parser *g, const char *value, struct ofp_bucket *b)
{
	if (!parse_u32_arg(&g->p, value, &b->watch_group))
		return false;
	if (b->watch_group <= OFPG_MAX || b->watch_group == OFPG_ANY)
		return true;
	sbuf_printf(g->p.err, "invalid watch_group id %u", b->watch_group);
	return false;
}

/* One key of a bucket; what is no key of its own is an action and goes to 'actions'. */
static bool
read_bucket_key(struct group_parser *g, const struct token *t, struct ofp_bucket *b, struct sbuf *actions,
                bool *has_acts)
{
	uint64_t v;

	if (!strcasecmp(t->key, "weight")) {
		if (!parse_named_arg(&g->p, t->value, "weight", UINT16_MAX, &v))
			return false;
		b->weight = (uint16_t)v;
		return true;
	}
	if (!strcasecmp(t->key, "watch_port"))
		return read_watch_port(g, t->value, b);
	if (!strcasecmp(t->key, "watch_group"))
		return read_watch_group(g, t->value, b);
	if (!strcasecmp(t->key, "bucket_id"))
		return parse_u64_arg(&g->p, t->value, &v); /* OpenFlow 1.5's name of the bucket */
	*has_acts = true;
	if (!strcasecmp(t->key, "action") || !strcasecmp(t->key, "actions"))
		sbuf_printf(actions, "%s,", t->value);
	else
		sbuf_printf(actions, "%s(%s),", t->key, t->value);
	return true;
}

static bool
read_bucket(struct group_parser *g, char *text, struct ofp_bucket *b)
{
	struct sbuf actions = SBUF_INIT;
	const char *place = text;
	struct token t;
	bool has_acts = false, ok = true;
	char *copy;

	b->weight = g->gm->type == OFPGT_SELECT ? 1 : 0;
	b->watch_port = OFPP_ANY;
	b->watch_group = OFPG_ANY;
	while (ok && token_next(&text, &t)) {
		g->p.at = t.key;
		ok = read_bucket_key(g, &t, b, &actions, &has_acts);
	}
	if (ok && !has_acts) {
		sbuf_puts(g->p.err, "bucket must specify actions");
		ok = false;
	}
	if (ok) {
		copy = strdup(sbuf_str(&actions));
		ok = copy && actions_parse(&g->p, copy, NULL, false, g->acts);
		g->p.at = place;
		free(copy);
	}
	if (ok && g->gm->type == OFPGT_FF && b->watch_port == OFPP_ANY && b->watch_group == OFPG_ANY) {
		sbuf_puts(g->p.err, "fast failover bucket requires watch_port or watch_group");
		ok = false;
	}
	sbuf_fini(&actions);
	return ok;
}

/* The next "bucket=" or "bucket:"; NULL: no more. */
static char *
find_bucket(char *s)
{
	char *p = s;

	while ((p = strstr(p, "bucket")) != NULL) {
		const bool begins = p == s || strchr(", \t\r\n", p[-1]);

		if (begins && (p[6] == '=' || p[6] == ':' || !p[6] || p[6] == ','))
			return p;
		p += 6;
	}
	return NULL;
}

static bool
read_buckets(struct group_parser *g, char *text)
{
	struct group_mod *gm = g->gm;

	while (text) {
		char *next;
		struct ofp_bucket *grown;
		size_t *ends;

		if (text[6] != '=' && text[6] != ':') {
			sbuf_puts(g->p.err, "must specify bucket content");
			return false;
		}
		text += 7;
		next = find_bucket(text);
		if (next)
			*next = '\0';
		grown = realloc(gm->buckets, (gm->n_buckets + 1) * sizeof(*grown));
		gm->buckets = grown ? grown : gm->buckets;
		ends = realloc(g->ends, (gm->n_buckets + 1) * sizeof(*ends));
		g->ends = ends ? ends : g->ends;
		if (!grown || !ends) {
			sbuf_puts(g->p.err, "out of memory");
			return false;
		}
		memset(&gm->buckets[gm->n_buckets], 0, sizeof(*grown));
		if (!read_bucket(g, text, &gm->buckets[gm->n_buckets]))
			return false;
		g->ends[gm->n_buckets++] = act_buf_acts(g->acts).len;
		text = next;
	}
	if (gm->type == OFPGT_INDIRECT && gm->n_buckets > 1) {
		sbuf_puts(g->p.err, "Indirect groups can have at most one bucket.");
		return false;
	}
	return true;
}

/* Buckets get their lists once the buffer moves no more. */
static void
place_actions(struct group_parser *g)
{
	const struct ofp_acts all = act_buf_acts(g->acts);
	size_t from = 0;

	for (size_t i = 0; i < g->gm->n_buckets; i++) {
		g->gm->buckets[i].acts.data = all.data ? all.data + from : NULL;
		g->gm->buckets[i].acts.len = (uint32_t)(g->ends[i] - from);
		from = g->ends[i];
	}
}

/* ---- keys ---- */

static bool
read_id(struct group_parser *g, const char *value)
{
	g->has_id = true;
	if (!strcmp(value, "all")) {
		g->gm->group_id = OFPG_ALL;
		return true;
	}
	if (!parse_u32_arg(&g->p, value, &g->gm->group_id))
		return false;
	if (g->gm->group_id == OFPG_ALL || g->gm->group_id <= OFPG_MAX)
		return true;
	sbuf_printf(g->p.err, "invalid group id %s", value);
	return false;
}

static bool
read_type(struct group_parser *g, const char *value)
{
	if (g->del) {
		sbuf_puts(g->p.err, "type is not needed");
		return false;
	}
	g->has_type = true;
	for (unsigned i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (!strcmp(value, type_names[i]) || (i == OFPGT_FF && !strcmp(value, "fast_failover"))) {
			g->gm->type = (uint8_t)i;
			return true;
		}
	sbuf_printf(g->p.err, "invalid group type %s", value);
	return false;
}

static bool
read_key(struct group_parser *g, const struct token *t)
{
	if (!strcmp(t->key, "group_id"))
		return read_id(g, t->value);
	if (!strcmp(t->key, "type"))
		return read_type(g, t->value);
	if (!strcmp(t->key, "command_bucket_id")) {
		sbuf_puts(g->p.err, "command bucket id is not needed");
		return false;
	}
	if (!strcmp(t->key, "selection_method") || !strcmp(t->key, "selection_method_param") ||
	    !strcmp(t->key, "fields")) {
		sbuf_printf(g->p.err, "%s: not available in OpenFlow 1.3 (an Open vSwitch extension)", t->key);
		return false;
	}
	sbuf_printf(g->p.err, "unknown keyword %s", t->key);
	g->p.vocabulary = group_word;
	return false;
}

static char *
take_command(char *s, int *command)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strcspn(s, ", \t\r\n");
	*command = OFPGC_ADD;
	for (size_t i = 0; i < sizeof(command_words) / sizeof(command_words[0]); i++)
		if (strlen(command_words[i].name) == len && !strncmp(s, command_words[i].name, len)) {
			*command = command_words[i].command;
			return s + len;
		}
	return s;
}

static bool
needs_15(struct group_parser *g, const char *line)
{
	line += strspn(line, " \t\r\n");
	if (!strncmp(line, "insert_bucket", 13) || !strncmp(line, "remove_bucket", 13)) {
		sbuf_printf(g->p.err, "%.6s-bucket needs OpenFlow 1.5 or later ('-O OpenFlow15')", line);
		return true;
	}
	return false;
}

static bool
parse_line(struct group_parser *g, char *line, int command)
{
	char *buckets;
	struct token t;

	if (command == GROUP_PARSE_FILE) {
		if (needs_15(g, line))
			return false;
		line = take_command(line, &command);
	}
	g->gm->command = (uint16_t)command;
	g->del = command == OFPGC_DELETE;
	if (g->del)
		g->gm->group_id = OFPG_ALL;
	buckets = find_bucket(line);
	if (buckets && g->del) {
		sbuf_puts(g->p.err, "bucket is not needed");
		return false;
	}
	if (buckets && buckets > line)
		buckets[-1] = '\0';
	while ((buckets != line) && token_next(&line, &t)) {
		g->p.at = t.key;
		if (!read_key(g, &t))
			return false;
	}
	if (!g->has_id && !g->del) {
		sbuf_puts(g->p.err, "must specify a group_id");
		return false;
	}
	if (!g->has_type && !g->del) {
		sbuf_puts(g->p.err, "must specify a type");
		return false;
	}
	return read_buckets(g, buckets);
}

bool
group_parse_mod(const char *line, int command, const struct port_names *names, struct act_buf *acts,
                struct group_mod *gm, uint32_t *usable, struct sbuf *err)
{
	struct group_parser g = {.p = parse_begin(names, err), .gm = gm, .acts = acts};
	char *copy = parse_copy(line, err);
	bool ok;

	memset(gm, 0, sizeof(*gm));
	act_buf_reset(acts);
	if (!copy)
		return false;
	ok = parse_line(&g, copy, command);
	if (ok)
		place_actions(&g);
	else
		parse_point(&g.p, line, g.p.at ? (size_t)(g.p.at - copy) : SIZE_MAX);
	*usable = g.p.usable;
	free(g.ends);
	free(copy);
	return ok;
}
