/* SPDX-License-Identifier: ISC */
/* Feeds lines to the readers of flows, groups, meters and matches.  What they take, they print, and what they printed reads and prints the
 * same; what they refuse, they give a reason for, and show the place where there is one. */
#include "action_text.h"
#include "flow_text.h"
#include "group_text.h"
#include "match_text.h"
#include "parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal has one line of reason; what follows it is the line that was read and the mark under it. */
static void
check_reason(const struct sbuf *err)
{
	const char *text = sbuf_str(err);
	const size_t first = error_first_line(text);

	if (!first)
		abort(); /* a refusal without a reason */
	if (text[first] && !strchr(text + first + 1, '^'))
		abort(); /* a second part without a mark */
}

/* Prints what was read as dumps do, reads that, and prints it again. */
static void
check_flow_again(const struct flow_mod *fm)
{
	struct flow_stats fs = {.table_id = fm->table_id, .priority = fm->priority, .cookie = fm->cookie};
	const struct flow_format format = {.names = NULL, .no_stats = true};
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf once = SBUF_INIT, twice = SBUF_INIT, err = SBUF_INIT;
	struct flow_mod again;

	fs.idle_timeout_s = fm->idle_timeout_s;
	fs.hard_timeout_s = fm->hard_timeout_s;
	fs.flags = fm->flags;
	fs.match = fm->match;
	fs.insts = fm->insts;
	flow_stats_format(&once, &fs, &format);
	if (!once.bad && !flow_parse(sbuf_str(&once), OFPFC_ADD, NULL, &acts, &again, &err))
		abort(); /* what is printed must be readable */
	if (!once.bad) {
		fs.table_id = again.table_id;
		fs.priority = again.priority;
		fs.cookie = again.cookie;
		fs.idle_timeout_s = again.idle_timeout_s;
		fs.hard_timeout_s = again.hard_timeout_s;
		fs.flags = again.flags;
		fs.match = again.match;
		fs.insts = again.insts;
		flow_stats_format(&twice, &fs, &format);
		if (!twice.bad && strcmp(sbuf_str(&once), sbuf_str(&twice)) != 0)
			abort();
	}
	act_buf_fini(&acts);
	sbuf_fini(&once);
	sbuf_fini(&twice);
	sbuf_fini(&err);
}

static void
try_flow(const char *line)
{
	static const int commands[] = {OFPFC_ADD, OFPFC_DELETE_STRICT, FLOW_PARSE_FILE, FLOW_PARSE_QUERY};
	struct flow_parse_info info = {.usable = 0, .ignored = SBUF_INIT};
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT, out = SBUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct flow_mod fm;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		sbuf_reset(&err);
		if (!flow_parse(line, commands[i], NULL, &acts, &fm, &err)) {
			check_reason(&err);
			continue;
		}
		flow_mod_format(&out, &fm, NULL);
		wbuf_reset(&b);
		flow_mod_encode(&b, 1, &fm);
		if (commands[i] == OFPFC_ADD && wbuf_ok(&b))
			check_flow_again(&fm);
	}
	sbuf_reset(&err);
	(void)flow_parse_any(line, OFPFC_ADD, NULL, &acts, &fm, &info, &err);
	sbuf_fini(&info.ignored);
	wbuf_fini(&b);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	sbuf_fini(&out);
}

static void
try_group(const char *line)
{
	static const int commands[] = {OFPGC_ADD, OFPGC_DELETE, GROUP_PARSE_FILE};
	struct act_buf acts = ACT_BUF_INIT, acts_again = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT, once = SBUF_INIT, twice = SBUF_INIT;
	struct group_mod gm, again;
	uint32_t usable;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		sbuf_reset(&err);
		sbuf_reset(&once);
		sbuf_reset(&twice);
		if (!group_parse_mod(line, commands[i], NULL, &acts, &gm, &usable, &err)) {
			check_reason(&err);
		} else {
			group_format_desc(&once, &gm, NULL);
			if (commands[i] == OFPGC_ADD) {
				if (!group_parse_mod(sbuf_str(&once), OFPGC_ADD, NULL, &acts_again, &again, &usable,
				                     &err))
					abort();
				group_format_desc(&twice, &again, NULL);
				if (strcmp(sbuf_str(&once), sbuf_str(&twice)) != 0)
					abort();
				group_mod_fini(&again);
			}
		}
		group_mod_fini(&gm);
	}
	act_buf_fini(&acts);
	act_buf_fini(&acts_again);
	sbuf_fini(&err);
	sbuf_fini(&once);
	sbuf_fini(&twice);
}

static void
try_meter(const char *line)
{
	struct sbuf err = SBUF_INIT, out = SBUF_INIT;
	struct meter_mod mm;

	for (uint16_t command = OFPMC_ADD; command <= OFPMC_DELETE; command++) {
		sbuf_reset(&err);
		if (meter_parse_mod(line, command, &mm, &err))
			meter_format_config(&out, &mm);
		else
			check_reason(&err);
		meter_mod_fini(&mm);
	}
	sbuf_fini(&err);
	sbuf_fini(&out);
}

static void
try_match(const char *line)
{
	struct sbuf err = SBUF_INIT, out = SBUF_INIT;
	struct match m;

	if (match_parse(line, NULL, &m, &err))
		match_format(&out, &m, -1, NULL);
	else
		check_reason(&err);
	sbuf_fini(&err);
	sbuf_fini(&out);
}

/* The first byte says what the line is; a line that begins with a letter is a flow. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);

	if (!line)
		return 0;
	if (size)
		memcpy(line, data, size);
	line[size] = '\0';
	switch (*line) {
	case '1':
		try_group(line + 1);
		break;
	case '2':
		try_meter(line + 1);
		break;
	case '3':
		try_match(line + 1);
		break;
	default:
		try_flow(line);
		break;
	}
	free(line);
	return 0;
}
