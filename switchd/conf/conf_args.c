/* SPDX-License-Identifier: ISC */
/* The command line: every row of schema.def is an option; those of a bridge follow its --bridge. */
#include "conf.h"
#include "sbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One argument: its key without dashes, its value from "=" or the next word. */
struct arg {
	char key[64];
	const char *value;
	bool inline_value;
};

static bool
arg_split(struct arg *a, const char *word, const char *next)
{
	const char *eq = strchr(word, '=');
	const size_t n = eq ? (size_t)(eq - word) : strlen(word);

	if (n < 3 || n - 2 >= sizeof a->key || strncmp(word, "--", 2))
		return false;
	memset(a->key, 0, sizeof a->key);
	memcpy(a->key, word + 2, n - 2);
	a->value = eq ? eq + 1 : next;
	a->inline_value = eq != NULL;
	return true;
}

/* Options without a row.  Returns words taken (1 or 2), 0 when it is none of them, or -errno. */
static int
special(struct conf *c, struct conf_bridge **b, const struct arg *a, char *why)
{
	const int words = a->inline_value ? 1 : 2;

	if (!strcmp(a->key, "help"))
		c->help = true;
	else if (!strcmp(a->key, "version"))
		c->version = true;
	else if (!strcmp(a->key, "bridge") || !strcmp(a->key, "port") || !strcmp(a->key, "config") ||
	         !strcmp(a->key, "check")) {
		if (!a->value) {
			snprintf(why, CONF_WHY, "--%s needs a value", a->key);
			return -EINVAL;
		}
		if (a->key[0] == 'b')
			return (*b = conf_bridge_get(c, a->value, why)) ? words : -EINVAL;
		if (a->key[0] == 'c')
			return words; /* read beforehand */
		if (!*b)
			snprintf(why, CONF_WHY, "--port must follow a --bridge");
		return *b && !conf_port_add(*b, a->value, why) ? words : -EINVAL;
	} else
		return 0;
	return 1;
}

static int
by_row(struct conf *c, struct conf_bridge *b, const struct arg *a, char *why)
{
	const bool no = !strncmp(a->key, "no-", 3);
	const struct conf_row *row = conf_find(no ? a->key + 3 : a->key);
	const char *value = a->value;
	int words = a->inline_value ? 1 : 2;

	if (!row || (no && (row->type != CONF_BOOL || a->inline_value))) {
		snprintf(why, CONF_WHY, "--%s: no such option (see --help)", a->key);
		return -EINVAL;
	}
	if (row->type == CONF_BOOL && !a->inline_value) {
		value = no ? "no" : "yes";
		words = 1;
	}
	if (!value) {
		snprintf(why, CONF_WHY, "--%s needs a value", a->key);
		return -EINVAL;
	}
	if (conf_set(c, b, row, value, why))
		return -EINVAL;
	for (size_t i = 0; !b && row->scope == CONF_BRIDGE && i < c->n_bridges; i++)
		if (conf_set(c, c->bridges[i], row, value, why))
			return -EINVAL;
	return words;
}

static int
read_file_first(struct conf *c, int argc, char *const argv[], char *why)
{
	for (int i = 1; i < argc; i++) {
		struct arg a;

		if (!arg_split(&a, argv[i], argv[i + 1]) || (strcmp(a.key, "config") && strcmp(a.key, "check")) ||
		    !a.value)
			continue;
		if (c->config_file) {
			snprintf(why, CONF_WHY, "only one configuration file can be given");
			return -EINVAL;
		}
		c->config_file = strdup(a.value);
		c->check = !strcmp(a.key, "check");
		if (conf_read_file(c, a.value, why))
			return -EINVAL;
	}
	return 0;
}

int
conf_read_args(struct conf *c, int argc, char *const argv[], char *why)
{
	struct conf_bridge *b = NULL;

	if (read_file_first(c, argc, argv, why))
		return -EINVAL;
	for (int i = 1; i < argc;) {
		struct arg a;
		int n;

		if (!arg_split(&a, argv[i], argv[i + 1])) {
			snprintf(why, CONF_WHY, "\"%.60s\" is not an option (see --help)", argv[i]);
			return -EINVAL;
		}
		n = special(c, &b, &a, why);
		if (!n)
			n = by_row(c, b, &a, why);
		if (n < 0)
			return n;
		i += n;
	}
	return conf_finish(c, why);
}

void
conf_help(struct sbuf *s)
{
	sbuf_puts(s, "Usage: rf-switchd [OPTION]... [--bridge NAME [BRIDGE OPTION]...]...\n\n"
	             "  --config FILE            read FILE first; SIGHUP reads it again\n"
	             "  --check FILE             say whether FILE is right, and leave\n"
	             "  --help, --version\n"
	             "  --bridge NAME            begin a bridge; its options follow\n"
	             "  --port [NUMBER=]NAME     add an interface to the bridge\n");
	for (size_t i = 0; i < conf_n_rows; i++) {
		const struct conf_row *r = &conf_rows[i];
		char option[64];

		snprintf(option, sizeof option, "--%s%s %s",
		         r->type == CONF_BOOL && r->dflt && !strcmp(r->dflt, "yes") ? "no-" : "", r->key, r->unit);
		sbuf_printf(s, "  %-24s %s%s", option, option[2] == 'n' && option[4] == '-' ? "switch off: " : "",
		            r->sentence);
		if (r->dflt && r->type != CONF_BOOL)
			sbuf_printf(s, " (%s)", r->dflt);
		sbuf_putc(s, '\n');
	}
}
