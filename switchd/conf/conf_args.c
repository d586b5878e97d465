/* SPDX-License-Identifier: ISC */
/* The command line: every row of schema.def is an option; those of a bridge follow its --bridge, those of a
 * port its --port. */
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

	if (!strcmp(word, "-h") || !strcmp(word, "-V")) {
		*a = (struct arg){.value = NULL, .inline_value = true};
		strcpy(a->key, word[1] == 'h' ? "help" : "version");
		return true;
	}
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
	if (row->scope == CONF_PORT && (!b || !b->n_ports)) {
		snprintf(why, CONF_WHY, "--%s must follow a --port", a->key);
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

static int
finish(struct conf *c, char *why)
{
	char text[CONF_WHY / 2] = "";
	int rc = conf_finish(c, text);

	if (rc)
		snprintf(why, CONF_WHY, "%.200s%s%s", c->config_file ? c->config_file : "", c->config_file ? ": " : "",
		         text);
	return rc;
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
	return finish(c, why);
}

static void
help_row(struct sbuf *s, const struct conf_row *r)
{
	const bool no = r->type == CONF_BOOL && r->dflt && !strcmp(r->dflt, "yes");
	char option[80];

	snprintf(option, sizeof option, "--%s%s %s", no ? "no-" : "", r->key, r->unit);
	sbuf_printf(s, "  %-32s %s%s", option, no ? "switch off: " : "", r->sentence);
	if (r->dflt && r->type != CONF_BOOL)
		sbuf_printf(s, " (%s)", r->dflt);
	sbuf_putc(s, '\n');
}

void
conf_help(struct sbuf *s)
{
	static const struct {
		enum conf_scope scope;
		const char *head;
	} parts[] = {
	    {CONF_GLOBAL, "\n  --config FILE                    read FILE first; SIGHUP reads it again\n"
	                  "  --check FILE                     say whether FILE is right, and leave\n"
	                  "  -h, --help, -V, --version        say so, and leave\n"},
	    {CONF_BRIDGE, "\nBridges; an option before the first --bridge holds for all of them:\n"
	                  "  --bridge NAME                    begin a bridge; its options follow\n"},
	    {CONF_PORT, "\nPorts:\n"
	                "  --port [NUMBER=]INTERFACE        add an interface to the bridge; its options follow\n"},
	};

	sbuf_puts(s, "Usage: rf-switchd [OPTION]... [--bridge NAME [OPTION]... [--port [NUMBER=]INTERFACE]...]...\n"
	             "An OpenFlow 1.3 switch; runs in the foreground.  See rf-switchd(8) and ringflow.conf(5).\n");
	for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
		sbuf_puts(s, parts[k].head);
		for (size_t i = 0; i < conf_n_rows; i++)
			if (conf_rows[i].scope == parts[k].scope)
				help_row(s, &conf_rows[i]);
	}
}
