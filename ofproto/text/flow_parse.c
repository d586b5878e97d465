/* SPDX-License-Identifier: ISC */
/* Reads one flow: the command word of flow files, then keys in any order, then actions= to the end of the line.
 *
 * The line is copied and cut twice: the first round takes protocol words, on which the meaning of others depends. */
#include "flow_text.h"

#include "action_text.h"
#include "match_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FLOW_LINE_MAX 65536 /* bytes */

static const struct {
	const char *name;
	int command;
} command_words[] = {
    {"add", OFPFC_ADD},
    {"modify", OFPFC_MODIFY},
    {"modify_strict", OFPFC_MODIFY_STRICT},
    {"delete", OFPFC_DELETE},
    {"delete_strict", OFPFC_DELETE_STRICT},
};

static const struct {
	const char *name;
	uint16_t flag;
} flag_words[] = {
    {"send_flow_rem", OFPFF_SEND_FLOW_REM},  {"check_overlap", OFPFF_CHECK_OVERLAP},
    {"reset_counts", OFPFF_RESET_COUNTS},    {"no_packet_counts", OFPFF_NO_PKT_COUNTS},
    {"no_byte_counts", OFPFF_NO_BYT_COUNTS},
};

/* Printed by dumps, so that dumped flows can be read back; without meaning on the way in. */
static const char *const ignored_words[] = {
    "duration", "n_packets", "n_bytes", "idle_age", "hard_age", "no_readonly_table", "allow_hidden_fields",
};

struct flow_parser {
	struct flow_mod *fm;
	struct match_parser match;
	const struct port_names *names;
	struct sbuf *err;
	bool query;
	bool has_table;
	bool has_cookie, has_cookie_mask;
};

static bool
is_delete(const struct flow_mod *fm)
{
	return fm->command == OFPFC_DELETE || fm->command == OFPFC_DELETE_STRICT;
}

static bool
get_number(struct flow_parser *p, const struct token *t, uint64_t max, uint64_t *v)
{
	if (number_parse(t->value, max, v))
		return true;
	sbuf_printf(p->err, "%s: \"%s\" is not a number of 0 to %llu", t->key, t->value, (unsigned long long)max);
	return false;
}

static bool
get_u16(struct flow_parser *p, const struct token *t, uint16_t *out)
{
	uint64_t v;

	if (!get_number(p, t, UINT16_MAX, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool
parse_cookie(struct flow_parser *p, const struct token *t)
{
	char *slash = strchr(t->value, '/');

	if (slash)
		*slash++ = '\0';
	p->has_cookie = true;
	p->has_cookie_mask = slash != NULL;
	p->fm->cookie_mask = slash ? UINT64_MAX : 0;
	if ((!strcmp(t->value, "-1") || number_parse(t->value, UINT64_MAX, &p->fm->cookie)) &&
	    (!slash || !strcmp(slash, "-1") || number_parse(slash, UINT64_MAX, &p->fm->cookie_mask))) {
		if (!strcmp(t->value, "-1"))
			p->fm->cookie = UINT64_MAX;
		return true;
	}
	sbuf_puts(p->err, "cookie: not VALUE or VALUE/MASK of 64 bits");
	return false;
}

static bool
parse_table(struct flow_parser *p, const struct token *t)
{
	uint64_t v;

	if (!get_number(p, t, 255, &v))
		return false;
	p->has_table = true;
	p->fm->table_id = (uint8_t)v;
	return true;
}

static bool
parse_out_port(struct flow_parser *p, const struct token *t)
{
	if (!p->query && !is_delete(p->fm)) {
		sbuf_puts(p->err, "out_port: only for deletions and dumps");
		return false;
	}
	if (port_parse(t->value, p->names, &p->fm->out_port))
		return true;
	sbuf_printf(p->err, "out_port: \"%s\" is not a port number or name", t->value);
	return false;
}

static bool
parse_out_group(struct flow_parser *p, const struct token *t)
{
	uint64_t v;

	if (!p->query && !is_delete(p->fm)) {
		sbuf_puts(p->err, "out_group: only for deletions and dumps");
		return false;
	}
	if (!strcasecmp(t->value, "any"))
		return true;
	if (!get_number(p, t, UINT32_MAX, &v))
		return false;
	p->fm->out_group = (uint32_t)v;
	return true;
}

static bool
parse_key(struct flow_parser *p, const struct token *t)
{
	struct flow_mod *fm = p->fm;

	for (size_t i = 0; i < sizeof(flag_words) / sizeof(flag_words[0]); i++)
		if (!strcasecmp(t->key, flag_words[i].name)) {
			fm->flags |= flag_words[i].flag;
			return true;
		}
	for (size_t i = 0; i < sizeof(ignored_words) / sizeof(ignored_words[0]); i++)
		if (!strcasecmp(t->key, ignored_words[i]))
			return true;
	if (!strcasecmp(t->key, "table"))
		return parse_table(p, t);
	if (!strcasecmp(t->key, "priority"))
		return get_u16(p, t, &fm->priority);
	if (!strcasecmp(t->key, "cookie"))
		return parse_cookie(p, t);
	if (!strcasecmp(t->key, "idle_timeout"))
		return get_u16(p, t, &fm->idle_timeout_s);
	if (!strcasecmp(t->key, "hard_timeout"))
		return get_u16(p, t, &fm->hard_timeout_s);
	if (!strcasecmp(t->key, "out_port"))
		return parse_out_port(p, t);
	if (!strcasecmp(t->key, "out_group"))
		return parse_out_group(p, t);
	if (!strcasecmp(t->key, "importance")) {
		sbuf_puts(p->err, "importance: needs OpenFlow 1.4, this is 1.3");
		return false;
	}
	return match_parser_field(&p->match, t, p->err);
}

/* Where "actions=" begins outside quotes and not inside a word; NULL if nowhere. */
static char *
find_actions(char *s, size_t *word_len)
{
	for (char *p = s; *p; p++) {
		if (p != s && !strchr(", \t\r\n", p[-1]))
			continue;
		*word_len = !strncasecmp(p, "actions", 7) ? 7 : !strncasecmp(p, "action", 6) ? 6 : 0;
		if (*word_len && (p[*word_len] == '=' || p[*word_len] == ':'))
			return p;
	}
	return NULL;
}

static bool
check_cookie(struct flow_parser *p)
{
	if (p->query || is_delete(p->fm)) {
		if (p->has_cookie && !p->has_cookie_mask) {
			sbuf_puts(p->err, "cookie: needs a mask here; write cookie=VALUE/-1 for one exact cookie");
			return false;
		}
	} else if (p->fm->command == OFPFC_ADD) {
		if (p->has_cookie_mask) {
			sbuf_puts(p->err, "cookie: a flow that is added cannot have a cookie mask");
			return false;
		}
	} else if (p->has_cookie && !p->has_cookie_mask) {
		sbuf_puts(
		    p->err,
		    "cookie: OpenFlow 1.3 cannot change the cookie of a flow; VALUE/MASK selects flows by cookie");
		return false;
	}
	return true;
}

/* 'line' and 'again' are two copies of the keys. */
static bool
parse_keys(struct flow_parser *p, char *line, char *again)
{
	struct token t;

	while (token_next(&line, &t))
		if (!match_parser_protocol(&p->match, &t, p->err))
			return false;
	while (token_next(&again, &t))
		if (!parse_key(p, &t))
			return false;
	return match_parser_finish(&p->match, p->err) && check_cookie(p);
}

/* Takes the command word off a file's line. */
static char *
take_command(char *s, struct flow_mod *fm)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strcspn(s, " \t\r\n,");
	for (size_t i = 0; i < sizeof(command_words) / sizeof(command_words[0]); i++)
		if (strlen(command_words[i].name) == len && !strncasecmp(s, command_words[i].name, len)) {
			fm->command = (uint8_t)command_words[i].command;
			return s + len;
		}
	return s;
}

static void
set_defaults(struct flow_mod *fm, int command)
{
	memset(fm, 0, sizeof(*fm));
	fm->command = command >= 0 ? (uint8_t)command : OFPFC_ADD;
	fm->priority = OFP_DEFAULT_PRIORITY;
	fm->buffer_id = OFP_NO_BUFFER;
	fm->out_port = OFPP_ANY;
	fm->out_group = OFPG_ANY;
}

static bool
parse_line(struct flow_parser *p, char *line, int command, struct act_buf *acts)
{
	size_t word_len = 0;
	char *actions, *again;
	bool wanted, ok;

	if (command == FLOW_PARSE_FILE)
		line = take_command(line, p->fm);
	wanted = !p->query && !is_delete(p->fm);
	actions = find_actions(line, &word_len);
	if (wanted != (actions != NULL)) {
		sbuf_puts(p->err, wanted ? "actions= is missing" : "actions= has no place here");
		return false;
	}
	if (actions)
		*actions = '\0';
	again = strdup(line);
	if (!again) {
		sbuf_puts(p->err, "out of memory");
		return false;
	}
	ok = parse_keys(p, line, again);
	free(again);
	if (!ok)
		return false;
	p->fm->match = p->match.match;
	if (!p->has_table && !wanted)
		p->fm->table_id = OFPTT_ALL;
	return !actions || insts_parse(actions + word_len + 1, &p->fm->match, p->names, acts, &p->fm->insts, p->err);
}

bool
flow_parse(const char *line, int command, const struct port_names *names, struct act_buf *acts, struct flow_mod *fm,
           struct sbuf *err)
{
	struct flow_parser p = {.fm = fm, .names = names, .err = err, .query = command == FLOW_PARSE_QUERY};
	char *copy;
	bool ok;

	set_defaults(fm, command);
	act_buf_reset(acts);
	if (strlen(line) > FLOW_LINE_MAX) {
		sbuf_printf(err, "the line is longer than %d bytes", FLOW_LINE_MAX);
		return false;
	}
	copy = strdup(line);
	if (!copy) {
		sbuf_puts(err, "out of memory");
		return false;
	}
	match_parser_init(&p.match, names);
	ok = parse_line(&p, copy, command, acts);
	free(copy);
	return ok;
}
