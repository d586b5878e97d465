/* SPDX-License-Identifier: ISC */
/* Reads one flow: the command word of flow files, then keys in any order, then actions= to the end of the line.
 *
 * Words are taken in the order in which they stand; what they mean together is asked at the end. */
#include "flow_text.h"

#include "action_text.h"
#include "match_text.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

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
	uint32_t usable;
} flag_words[] = {
    {"send_flow_rem", OFPFF_SEND_FLOW_REM, USABLE_ANY},      {"check_overlap", OFPFF_CHECK_OVERLAP, USABLE_ANY},
    {"reset_counts", OFPFF_RESET_COUNTS, USABLE_OF12_UP},    {"no_packet_counts", OFPFF_NO_PKT_COUNTS, USABLE_OF13_UP},
    {"no_byte_counts", OFPFF_NO_BYT_COUNTS, USABLE_OF13_UP},
};
#define N_FLAG_WORDS (sizeof(flag_words) / sizeof(flag_words[0]))

/* Old habits: without meaning on the way in. */
static const char *const bare_words[] = {"no_readonly_table", "allow_hidden_fields"};
/* Printed by dumps, so that dumped flows can be read back. */
static const char *const ignored_keys[] = {"duration", "n_packets", "n_bytes", "idle_age", "hard_age"};

struct flow_parser {
	struct parse_state p;
	struct flow_mod *fm;
	struct loose_match match;
	bool query, del, strict;
	bool has_cookie;
	uint16_t importance; /* EXT-192; 0: none */
};

/* ---- keys ---- */

static bool
parse_u16(struct flow_parser *f, const char *key, const char *value, uint16_t *out)
{
	uint64_t v;

	if (!parse_named_arg(&f->p, value, key, UINT16_MAX, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool
parse_cookie(struct flow_parser *f, char *value)
{
	char *slash = strchr(value, '/');

	if (slash) {
		if (f->fm->command == OFPFC_ADD && !f->query) {
			sbuf_puts(f->p.err, "flow additions cannot use a cookie mask");
			return false;
		}
		*slash = '\0';
		if (!parse_u64_arg(&f->p, value, &f->fm->cookie) ||
		    !parse_u64_arg(&f->p, slash + 1, &f->fm->cookie_mask))
			return false;
		if (f->fm->cookie_mask)
			f->p.usable &= USABLE_NXM_OF11;
		return true;
	}
	if (f->query || f->del) {
		sbuf_puts(f->p.err, "cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=5/-1)");
		return false;
	}
	f->has_cookie = true; /* a modification keeps the flow's own cookie at 1.3: the value is read and dropped */
	return parse_u64_arg(&f->p, value, f->fm->command == OFPFC_ADD ? &f->fm->cookie : &(uint64_t){0});
}

static bool
parse_table_key(struct flow_parser *f, const char *value)
{
	if (!table_parse(value, f->p.names, &f->fm->table_id)) {
		sbuf_printf(f->p.err, "unknown table \"%s\"", value);
		return false;
	}
	if (f->fm->table_id != OFPTT_ALL)
		f->p.usable &= USABLE_TABLES;
	return true;
}

static bool
parse_out_port(struct flow_parser *f, const char *value)
{
	if (port_parse(value, f->p.names, &f->fm->out_port))
		return true;
	sbuf_printf(f->p.err, "%s is not a valid OpenFlow port", value);
	return false;
}

static bool
parse_out_group(struct flow_parser *f, const char *value)
{
	f->p.usable &= USABLE_OF11_UP;
	if (group_parse(value, &f->fm->out_group))
		return true;
	sbuf_printf(f->p.err, "%s is not a valid OpenFlow group", value);
	return false;
}

/* Keys that need a value.  'known' becomes false when it is none of them. */
static bool
parse_valued(struct flow_parser *f, struct token *t, bool *known)
{
	struct flow_mod *fm = f->fm;
	const bool out = f->query || f->del, timeouts = !out, priority = timeouts || (f->del && f->strict);

	if (!strcmp(t->key, "table"))
		return parse_table_key(f, t->value);
	if (out && !strcmp(t->key, "out_port"))
		return parse_out_port(f, t->value);
	if (out && !strcmp(t->key, "out_group"))
		return parse_out_group(f, t->value);
	if (priority && !strcmp(t->key, "priority"))
		return parse_u16(f, t->key, t->value, &fm->priority);
	if (timeouts && !strcmp(t->key, "idle_timeout"))
		return parse_u16(f, t->key, t->value, &fm->idle_timeout_s);
	if (timeouts && !strcmp(t->key, "hard_timeout"))
		return parse_u16(f, t->key, t->value, &fm->hard_timeout_s);
	if (timeouts && fm->command == OFPFC_ADD && !strcmp(t->key, "importance"))
		return parse_u16(f, t->key, t->value, &f->importance);
	if (!strcmp(t->key, "cookie"))
		return parse_cookie(f, t->value);
	for (size_t i = 0; i < sizeof(ignored_keys) / sizeof(ignored_keys[0]); i++)
		if (!strcmp(t->key, ignored_keys[i]))
			return true;
	*known = false;
	return true;
}

static bool
parse_flag(struct flow_parser *f, const char *key)
{
	for (size_t i = 0; !f->query && !f->del && i < N_FLAG_WORDS; i++)
		if (!strcmp(key, flag_words[i].name)) {
			f->fm->flags |= flag_words[i].flag;
			f->p.usable &= flag_words[i].usable;
			return true;
		}
	for (size_t i = 0; i < sizeof(bare_words) / sizeof(bare_words[0]); i++)
		if (!strcmp(key, bare_words[i]))
			return true;
	return false;
}

static const char *const valued_words[] = {"table",        "priority", "cookie",    "idle_timeout",
                                           "hard_timeout", "out_port", "out_group", "actions"};

const char *
flow_word(size_t n)
{
	const size_t n_valued = sizeof(valued_words) / sizeof(valued_words[0]);

	if (n < n_valued)
		return valued_words[n];
	n -= n_valued;
	return n < N_FLAG_WORDS ? flag_words[n].name : match_word_name(n - N_FLAG_WORDS);
}

static bool
parse_key(struct flow_parser *f, struct token *t)
{
	bool known = true;

	if (parse_flag(f, t->key))
		return true;
	switch (match_word_parse(&f->match, t->key, t->value, f->p.names, &f->p.usable, f->p.err)) {
	case MATCH_WORD_OK:
		return true;
	case MATCH_WORD_BAD:
		return false;
	case MATCH_WORD_UNKNOWN:
		break;
	}
	if (!*t->value) {
		sbuf_printf(f->p.err, "field %s missing value", t->key);
		f->p.vocabulary = flow_word;
		return false;
	}
	if (!parse_valued(f, t, &known))
		return false;
	if (!known) {
		sbuf_printf(f->p.err, "unknown keyword %s", t->key);
		f->p.vocabulary = flow_word;
	}
	return known;
}

/* ---- the line ---- */

/* Cuts the actions off: what follows the '=' of the first "action".  NULL: there are none. */
static char *
take_actions(char *s)
{
	char *word = strstr(s, "action"), *equals = word ? strchr(word, '=') : NULL;

	if (!equals)
		return NULL;
	*word = '\0';
	return equals + 1;
}

/* Takes the command word off a file's line. */
static char *
take_command(char *s, struct flow_mod *fm)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strcspn(s, ", \t\r\n");
	for (size_t i = 0; i < sizeof(command_words) / sizeof(command_words[0]); i++)
		if (strlen(command_words[i].name) == len && !strncmp(s, command_words[i].name, len)) {
			fm->command = (uint8_t)command_words[i].command;
			return s + len;
		}
	return s;
}

/* IPv6 came after OpenFlow 1.0. */
static void
note_ipv6(struct flow_parser *f)
{
	const struct loose_key *m = &f->match.mask;

	if (f->match.key.dl_type == 0x86dd && (m->nw_proto || m->nw_tos || m->tp_src || m->tp_dst))
		f->p.usable &= USABLE_NXM_OXM;
}

static bool
parse_line(struct flow_parser *f, char *line, int command, struct act_buf *acts)
{
	char *actions = NULL;
	struct token t;

	if (command == FLOW_PARSE_FILE)
		line = take_command(line, f->fm);
	f->del = f->fm->command == OFPFC_DELETE || f->fm->command == OFPFC_DELETE_STRICT;
	f->strict = f->fm->command == OFPFC_DELETE_STRICT;
	if (!f->query && !f->del) {
		actions = take_actions(line);
		if (!actions) {
			sbuf_puts(f->p.err, "must specify an action");
			f->p.at = line + strlen(line);
			f->p.why = "actions= is missing";
			return false;
		}
	}
	while (token_next(&line, &t)) {
		f->p.at = t.key;
		if (!parse_key(f, &t))
			return false;
	}
	note_ipv6(f);
	(void)loose_to_match(&f->match, &f->fm->match);
	if (!actions)
		return true;
	f->p.at = actions;
	if (!insts_parse(&f->p, actions, &f->fm->match, f->fm->table_id, acts, &f->fm->insts))
		return false;
	f->fm->insts.has_importance = f->importance != 0; /* what none is said of has none */
	f->fm->insts.importance = f->importance;
	if (!f->p.usable) {
		sbuf_printf(f->p.err, "actions are invalid with specified match (%s)",
		            of_error_name(OFPBAC_MATCH_INCONSISTENT));
		return false;
	}
	if (f->fm->table_id == OFPTT_ALL)
		f->fm->table_id = 0;
	return true;
}

static void
set_defaults(struct flow_mod *fm, int command)
{
	memset(fm, 0, sizeof(*fm));
	fm->command = command >= 0 ? (uint8_t)command : OFPFC_ADD;
	fm->table_id = OFPTT_ALL;
	fm->priority = OFP_DEFAULT_PRIORITY;
	fm->buffer_id = OFP_NO_BUFFER;
	fm->out_port = OFPP_ANY;
	fm->out_group = OFPG_ANY;
}

/* Says what of the match was left out because nothing in the flow makes it meaningful. */
static void
tell_ignored(struct flow_parser *f, struct sbuf *out)
{
	struct match m;

	if (loose_to_match(&f->match, &m))
		return;
	loose_format(out, &f->match, -1, NULL);
	sbuf_putc(out, '\n');
	match_format(out, &m, -1, NULL);
}

bool
flow_parse_any(const char *line, int command, const struct port_names *names, struct act_buf *acts, struct flow_mod *fm,
               struct flow_parse_info *info, struct sbuf *err)
{
	struct flow_parser f = {.p = parse_begin(names, err), .fm = fm, .query = command == FLOW_PARSE_QUERY};
	char *copy;
	bool ok;

	set_defaults(fm, command);
	act_buf_reset(acts);
	if (strlen(line) > FLOW_LINE_MAX) {
		sbuf_printf(err, "the line is longer than %d bytes", FLOW_LINE_MAX);
		return false;
	}
	copy = parse_copy(line, err);
	if (!copy)
		return false;
	ok = parse_line(&f, copy, command, acts);
	if (ok && !info)
		ok = !parse_not_usable(&f.p);
	if (!ok)
		parse_point(&f.p, line, f.p.at ? (size_t)(f.p.at - copy) : SIZE_MAX);
	if (ok && info) {
		info->usable = f.p.usable;
		tell_ignored(&f, &info->ignored);
	}
	free(copy);
	return ok;
}

bool
flow_parse(const char *line, int command, const struct port_names *names, struct act_buf *acts, struct flow_mod *fm,
           struct sbuf *err)
{
	return flow_parse_any(line, command, names, acts, fm, NULL, err);
}
