/* SPDX-License-Identifier: ISC */
/* rf-ofctl: looks at and changes an OpenFlow 1.3 switch from the command line, with the commands and the syntax of ovs-ofctl.
 *
 * Options here, commands in tables by group: dump.c, flows.c, ports.c, session.c, local.c. */
#include "ofctl.h"

#include "xalloc.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define DEFAULT_RUNDIR "/run/ringflow"

static const struct command *const groups[] = {
    dump_commands, flow_commands, port_commands, session_commands, local_commands,
};
#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

enum {
	OPT_STRICT = 256,
	OPT_NAMES,
	OPT_NO_NAMES,
	OPT_STATS,
	OPT_NO_STATS,
	OPT_SORT,
	OPT_RSORT,
	OPT_RUNDIR,
	OPT_IGNORED
};

static const struct option long_options[] = {
    {"protocols", required_argument, NULL, 'O'},
    {"flow-format", required_argument, NULL, OPT_IGNORED},
    {"more", no_argument, NULL, 'm'},
    {"timeout", required_argument, NULL, 't'},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"names", no_argument, NULL, OPT_NAMES},
    {"no-names", no_argument, NULL, OPT_NO_NAMES},
    {"stats", no_argument, NULL, OPT_STATS},
    {"no-stats", no_argument, NULL, OPT_NO_STATS},
    {"sort", optional_argument, NULL, OPT_SORT},
    {"rsort", optional_argument, NULL, OPT_RSORT},
    {"rundir", required_argument, NULL, OPT_RUNDIR},
    {"private-key", required_argument, NULL, 'p'},
    {"certificate", required_argument, NULL, 'c'},
    {"ca-cert", required_argument, NULL, 'C'},
    {"timestamp", no_argument, NULL, OPT_IGNORED},
    {"color", optional_argument, NULL, OPT_IGNORED},
    {"verbose", optional_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static void
usage(void)
{
	puts("rf-ofctl: looks at and changes OpenFlow 1.3 switches\n"
	     "usage: rf-ofctl [OPTIONS] COMMAND [ARG...]\n\ncommands:");
	for (size_t i = 0; i < N_GROUPS; i++)
		for (const struct command *c = groups[i]; c->name; c++)
			printf("  %s %s\n", c->name, c->usage);
	puts("\nSWITCH is a bridge's name, a socket's path, unix:PATH, tcp:HOST[:PORT] or ssl:HOST[:PORT].\n"
	     "\noptions:\n"
	     "  -O, --protocols=OpenFlow13   the only version there is\n"
	     "  --strict                     wildcards and priority must be exactly as given\n"
	     "  --names, --no-names          ports by name, by number\n"
	     "  --no-stats                   flows without counters\n"
	     "  --sort[=FIELD], --rsort[=FIELD]\n"
	     "  -m, --more                   say more\n"
	     "  -t, --timeout=SECONDS        give up after so long\n"
	     "  --rundir=DIR                 where bridges have their sockets\n"
	     "  -p, --private-key=FILE  -c, --certificate=FILE  -C, --ca-cert=FILE\n"
	     "  -h, --help  -V, --version");
}

static int
run_help(struct ofctl *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	usage();
	return 0;
}

static int
run_version(struct ofctl *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	puts("rf-ofctl (Ringflow) " PACKAGE_VERSION "\nOpenFlow versions 0x4:0x4");
	return 0;
}

static const struct command main_commands[] = {
    {"help", 0, 0, "", run_help},
    {"version", 0, 0, "", run_version},
    {NULL, 0, 0, NULL, NULL},
};

/* True if the list of version names has ours. */
static bool
protocols_ok(const char *list)
{
	char *copy = xstrdup(list), *save = NULL;
	bool found = false;

	for (char *s = strtok_r(copy, ", ", &save); s; s = strtok_r(NULL, ", ", &save))
		found |= !strcasecmp(s, "OpenFlow13") || !strcasecmp(s, "OXM-OpenFlow13") || !strcasecmp(s, "OXM") ||
		         !strcasecmp(s, "any");
	free(copy);
	return found;
}

static void
add_sort(struct ofctl *o, const char *field, bool reverse)
{
	const int max = (int)(sizeof(o->sort) / sizeof(o->sort[0]));

	if (o->n_sort == max)
		exit(fail("at most %d sort fields", max));
	o->sort[o->n_sort].field = field ? field : "priority";
	o->sort[o->n_sort++].reverse = reverse;
}

static void
set_timeout(struct ofctl *o, const char *arg)
{
	uint64_t v;

	if (!number_parse(arg, 1000000, &v) || v == 0)
		exit(fail("--timeout: \"%s\" is not a number of seconds", arg));
	o->options.timeout_s = (int)v;
}

static void
parse_options(struct ofctl *o, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "O:F:mt:p:c:C:v::hV", long_options, NULL)) != -1)
		switch (opt) {
		case 'O':
			if (!protocols_ok(optarg))
				exit(fail("%s: this program speaks OpenFlow 1.3 only (-O OpenFlow13)", optarg));
			break;
		case 'm':
			o->verbosity++;
			break;
		case 't':
			set_timeout(o, optarg);
			break;
		case 'p':
			o->options.key = optarg;
			break;
		case 'c':
			o->options.cert = optarg;
			break;
		case 'C':
			o->options.ca = optarg;
			break;
		case OPT_STRICT:
			o->strict = true;
			break;
		case OPT_NAMES:
			o->names = 1;
			break;
		case OPT_NO_NAMES:
			o->names = 0;
			break;
		case OPT_STATS:
			o->no_stats = false;
			break;
		case OPT_NO_STATS:
			o->no_stats = true;
			break;
		case OPT_SORT:
			add_sort(o, optarg, false);
			break;
		case OPT_RSORT:
			add_sort(o, optarg, true);
			break;
		case OPT_RUNDIR:
			o->options.rundir = optarg;
			break;
		case 'F':
		case 'v':
		case OPT_IGNORED:
			break;
		case 'h':
			usage();
			exit(0);
		case 'V':
			exit(run_version(o, 0, NULL));
		default:
			exit(1);
		}
}

static const struct command *
find_command(const char *name)
{
	for (const struct command *c = main_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	for (size_t i = 0; i < N_GROUPS; i++)
		for (const struct command *c = groups[i]; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	return NULL;
}

int
main(int argc, char **argv)
{
	struct ofctl o = {.names = -1};
	const struct command *c;
	const char *env = getenv("RINGFLOW_RUNDIR");
	int n, ret;

	o.options.rundir = env && *env ? env : DEFAULT_RUNDIR;
	parse_options(&o, argc, argv);
	if (optind == argc)
		return fail("no command given; try 'rf-ofctl --help'");
	c = find_command(argv[optind]);
	if (!c)
		return fail("unknown command \"%s\"; try 'rf-ofctl --help'", argv[optind]);
	n = argc - optind - 1;
	if (n < c->min_args || n > c->max_args)
		return fail("usage: rf-ofctl %s %s", c->name, c->usage);
	ret = c->run(&o, n, argv + optind + 1);
	client_close(o.client);
	port_names_fini(&o.ports);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail("writing the output failed");
	return ret;
}
