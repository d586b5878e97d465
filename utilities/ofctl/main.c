/* SPDX-License-Identifier: ISC */
/* rf-ofctl: looks at and changes an OpenFlow 1.3 switch from the command line, with the commands and the syntax of ovs-ofctl.
 *
 * Options here, commands in tables by noun. */
#include "ofctl.h"

#include "usable.h"
#include "xalloc.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define DEFAULT_RUNDIR "/run/ringflow"

const struct command *const command_groups[] = {
    dump_commands,    table_commands,   flow_dump_commands, flow_mod_commands, flow_set_commands, explain_commands,
    group_commands,   meter_commands,   queue_commands,     port_commands,     packet_commands,   bundle_commands,
    monitor_commands, session_commands, local_commands,     pcap_commands,     foreign_commands,  NULL,
};

enum {
	OPT_STRICT = 256,
	OPT_READD,
	OPT_MAY_CREATE,
	OPT_READ_ONLY,
	OPT_BUNDLE,
	OPT_NAMES,
	OPT_NO_NAMES,
	OPT_STATS,
	OPT_NO_STATS,
	OPT_SORT,
	OPT_RSORT,
	OPT_TIMESTAMP,
	OPT_COLOR,
	OPT_UNIXCTL,
	OPT_JSON,
	OPT_WATCH,
	OPT_HINTS,
	OPT_RUNDIR,
	OPT_DAEMON,
	OPT_IGNORED
};

static const struct option long_options[] = {
    {"protocols", required_argument, NULL, 'O'},
    {"flow-format", required_argument, NULL, 'F'},
    {"packet-in-format", required_argument, NULL, 'P'},
    {"more", no_argument, NULL, 'm'},
    {"timeout", required_argument, NULL, 't'},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"readd", no_argument, NULL, OPT_READD},
    {"may-create", no_argument, NULL, OPT_MAY_CREATE},
    {"read-only", no_argument, NULL, OPT_READ_ONLY},
    {"bundle", no_argument, NULL, OPT_BUNDLE},
    {"names", no_argument, NULL, OPT_NAMES},
    {"no-names", no_argument, NULL, OPT_NO_NAMES},
    {"stats", no_argument, NULL, OPT_STATS},
    {"no-stats", no_argument, NULL, OPT_NO_STATS},
    {"sort", optional_argument, NULL, OPT_SORT},
    {"rsort", optional_argument, NULL, OPT_RSORT},
    {"timestamp", no_argument, NULL, OPT_TIMESTAMP},
    {"color", optional_argument, NULL, OPT_COLOR},
    {"unixctl", required_argument, NULL, OPT_UNIXCTL},
    {"json", no_argument, NULL, OPT_JSON},
    {"watch", optional_argument, NULL, OPT_WATCH},
    {"hints", optional_argument, NULL, OPT_HINTS},
    {"rundir", required_argument, NULL, OPT_RUNDIR},
    {"private-key", required_argument, NULL, 'p'},
    {"certificate", required_argument, NULL, 'c'},
    {"ca-cert", required_argument, NULL, 'C'},
    {"verbose", optional_argument, NULL, 'v'},
    {"log-file", optional_argument, NULL, OPT_IGNORED},
    {"syslog-target", required_argument, NULL, OPT_IGNORED},
    {"syslog-method", required_argument, NULL, OPT_IGNORED},
    {"detach", no_argument, NULL, OPT_DAEMON},
    {"monitor", no_argument, NULL, OPT_DAEMON},
    {"no-chdir", no_argument, NULL, OPT_IGNORED},
    {"pidfile", optional_argument, NULL, OPT_DAEMON},
    {"overwrite-pidfile", no_argument, NULL, OPT_IGNORED},
    {"user", required_argument, NULL, OPT_DAEMON},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

const char *
option_word(size_t n)
{
	static char word[64];

	if (!long_options[n].name)
		return NULL;
	snprintf(word, sizeof(word), "--%s", long_options[n].name);
	return word;
}

static void
usage(void)
{
	puts("rf-ofctl: looks at and changes OpenFlow 1.3 switches\n"
	     "usage: rf-ofctl [OPTIONS] COMMAND [ARG...]\n\ncommands:");
	for (const struct command *const *g = command_groups; *g; g++)
		for (const struct command *c = *g; c->name; c++)
			if (c->help)
				printf("  %s %s\n      %s\n", c->name, c->args, c->help);
	puts("\nSWITCH or TARGET is a bridge's name, a socket's path, unix:PATH, tcp:HOST[:PORT] or ssl:HOST[:PORT].\n"
	     "\noptions:\n"
	     "  -O, --protocols=OpenFlow13   the only version there is\n"
	     "  --strict                     wildcards and priority must be exactly as given\n"
	     "  --bundle                     all changes or none\n"
	     "  --readd                      replace-flows: also what has not changed\n"
	     "  --may-create                 mod-group: add it if there is none\n"
	     "  --read-only                  change nothing\n"
	     "  --names, --no-names          ports and tables by name, by number\n"
	     "  --stats, --no-stats          flows with counters, without\n"
	     "  --sort[=FIELD], --rsort[=FIELD]  dump-flows: by a field (priority), or the other way\n"
	     "  --json                       dumps as JSON\n"
	     "  --watch[=SECONDS]            dump-flows, dump-ports: again and again, with rates\n"
	     "  --color[=always|never|auto]  --hints[=always|never|auto]\n"
	     "  --timestamp                  monitor, snoop: when it came\n"
	     "  -m, --more                   say more\n"
	     "  -t, --timeout=SECONDS        give up after so long\n"
	     "  -P, --packet-in-format=standard\n"
	     "  -F, --flow-format=OXM        what there is\n"
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
    {"help", 0, MANY, "", NULL, run_help, false},
    {"version", 0, 0, "", NULL, run_version, false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};

/* ---- options ---- */

static void
check_protocols(const char *list)
{
	static const char *const others[] = {"OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow14", "OpenFlow15"};
	char *copy = xstrdup(list), *save = NULL;
	bool found = false;

	for (char *s = strtok_r(copy, ", ", &save); s; s = strtok_r(NULL, ", ", &save)) {
		bool known = !strcasecmp(s, "OpenFlow13");

		found |= known;
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			known |= !strcasecmp(s, others[i]);
		if (!known)
			exit(fail("Unknown OpenFlow version: \"%s\"", s));
	}
	free(copy);
	if (!found)
		exit(fail("%s: this program speaks OpenFlow 1.3 only (-O OpenFlow13)", list));
}

static void
check_flow_format(const char *list)
{
	static const struct {
		const char *name;
		uint32_t usable;
	} formats[] = {
	    {"any", USABLE_ANY},
	    {"OpenFlow10", USABLE_OF10 | USABLE_OF10_TID},
	    {"OpenFlow10-table_id", USABLE_OF10},
	    {"OpenFlow10+table_id", USABLE_OF10_TID},
	    {"NXM", USABLE_NXM_ANY},
	    {"NXM-table_id", USABLE_NXM},
	    {"NXM+table_id", USABLE_NXM_TID},
	    {"OXM", USABLE_OF12_UP},
	    {"OpenFlow11", USABLE_OF11},
	    {"OXM-OpenFlow12", USABLE_OF12},
	    {"OXM-OpenFlow13", USABLE_OF13},
	    {"OXM-OpenFlow14", USABLE_OF14},
	    {"OXM-OpenFlow15", USABLE_OF15},
	};
	char *copy = xstrdup(list), *save = NULL;
	uint32_t usable = 0;
	struct sbuf b = SBUF_INIT;

	for (char *s = strtok_r(copy, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (i < sizeof(formats) / sizeof(formats[0]) && strcasecmp(s, formats[i].name) != 0)
			i++;
		if (i == sizeof(formats) / sizeof(formats[0]))
			exit(fail("%s: unknown flow protocol", s));
		usable |= formats[i].usable;
	}
	free(copy);
	if (usable & USABLE_OF13)
		return;
	usable_format(&b, usable);
	exit(fail("None of the enabled OpenFlow versions (OpenFlow13) supports any of the enabled flow formats (%s).  "
	          "(Use -O to "
	          "enable additional OpenFlow versions or -F to enable additional flow formats.)",
	          sbuf_str(&b)));
}

static void
check_packet_in_format(struct ofctl *o, const char *name)
{
	if (strcmp(name, "standard") && strcmp(name, "openflow10") && strcmp(name, "nxt_packet_in") &&
	    strcmp(name, "nxt_packet_in2") && strcmp(name, "nxm"))
		exit(fail("unknown packet-in format `%s'", name));
	o->plain_packet_in = true;
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

/* Dies of the signal, as scripts that look at the status expect. */
static void
give_up(int sig)
{
	static const char text[] = "rf-ofctl: terminating with signal 14 (Alarm clock)\n";
	const ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
set_timeout(const char *arg)
{
	uint64_t v;

	if (!number_parse(arg, 1000000, &v) || v == 0)
		exit(fail("value %s on -t or --timeout is invalid", arg));
	signal(SIGALRM, give_up);
	alarm((unsigned)v);
}

static unsigned
watch_seconds(const char *arg)
{
	uint64_t v = 1;

	if (arg && (!number_parse(arg, 86400, &v) || !v))
		exit(fail("--watch: \"%s\" is not a number of seconds", arg));
	return (unsigned)v;
}

/* "always", "never", or "auto": when 'fd' is a terminal. */
static bool
when(const char *option, const char *arg, int fd)
{
	if (!arg || !strcmp(arg, "always"))
		return true;
	if (!strcmp(arg, "never"))
		return false;
	if (!strcmp(arg, "auto"))
		return isatty(fd) && getenv("TERM") && strcmp(getenv("TERM"), "dumb") != 0;
	exit(fail("incorrect value `%s' for %s", arg, option));
}

/* Options that say what to print. */
static bool
output_option(struct ofctl *o, int opt)
{
	switch (opt) {
	case 'm':
		o->verbosity++;
		return true;
	case OPT_NAMES:
		o->names = 1;
		return true;
	case OPT_NO_NAMES:
		o->names = 0;
		return true;
	case OPT_STATS:
		o->stats = true;
		return true;
	case OPT_NO_STATS:
		o->stats = false;
		return true;
	case OPT_SORT:
	case OPT_RSORT:
		add_sort(o, optarg, opt == OPT_RSORT);
		return true;
	case OPT_TIMESTAMP:
		o->timestamp = true;
		return true;
	case OPT_COLOR:
		o->color = when("--color", optarg, STDOUT_FILENO);
		return true;
	case OPT_HINTS:
		o->hints = when("--hints", optarg, STDERR_FILENO);
		return true;
	case OPT_JSON:
		o->json = true;
		return true;
	case OPT_WATCH:
		o->watch_s = watch_seconds(optarg);
		return true;
	default:
		return false;
	}
}

/* Options that say what to do. */
static bool
action_option(struct ofctl *o, int opt)
{
	switch (opt) {
	case OPT_STRICT:
		o->strict = true;
		return true;
	case OPT_READD:
		o->readd = true;
		return true;
	case OPT_MAY_CREATE:
		o->may_create = true;
		return true;
	case OPT_READ_ONLY:
		o->read_only = true;
		return true;
	case OPT_BUNDLE:
		o->bundle = true;
		return true;
	default:
		return false;
	}
}

static void
connection_option(struct ofctl *o, int opt)
{
	switch (opt) {
	case 'O':
		check_protocols(optarg);
		break;
	case 'F':
		check_flow_format(optarg);
		break;
	case 'P':
		check_packet_in_format(o, optarg);
		break;
	case 't':
		set_timeout(optarg);
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
	case OPT_RUNDIR:
		o->options.rundir = optarg;
		break;
	case OPT_UNIXCTL:
		fputs("rf-ofctl: --unixctl: this program has no control socket; a signal ends monitor and snoop\n",
		      stderr);
		break;
	case OPT_DAEMON:
		exit(fail("this program runs in the foreground only"));
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

static void
parse_options(struct ofctl *o, int argc, char **argv)
{
	int opt;

	o->color = when("--color", "auto", STDOUT_FILENO);
	o->hints = when("--hints", "auto", STDERR_FILENO);
	while ((opt = getopt_long(argc, argv, "O:F:P:mt:p:c:C:v::hV", long_options, NULL)) != -1)
		if (!output_option(o, opt) && !action_option(o, opt))
			connection_option(o, opt);
}

/* ---- commands ---- */

static const struct command *
find_command(const char *name)
{
	for (const struct command *c = main_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	for (const struct command *const *g = command_groups; *g; g++)
		for (const struct command *c = *g; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	return NULL;
}

static int
run_command(struct ofctl *o, int argc, char **argv)
{
	const struct command *c;

	if (!argc)
		return fail("missing command name; use --help for help");
	c = find_command(argv[0]);
	if (!c)
		return fail("unknown command '%s'; use --help for help", argv[0]);
	if (argc - 1 < c->min_args)
		return fail("'%s' command requires at least %d arguments", c->name, c->min_args);
	if (argc - 1 > c->max_args)
		return fail("'%s' command takes at most %d arguments", c->name, c->max_args);
	if (o->read_only && c->changes)
		return fail("'%s' command does not work in read only mode", c->name);
	return c->run(o, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	static char out_buffer[1 << 16], name[] = "rf-ofctl";
	struct ofctl o = {.names = -1, .stats = true};
	const char *env = getenv("RINGFLOW_RUNDIR");
	int ret;

	setvbuf(stdout, out_buffer, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof(out_buffer));
	argv[0] = name;
	o.options.rundir = env && *env ? env : DEFAULT_RUNDIR;
	parse_options(&o, argc, argv);
	ret = run_command(&o, argc - optind, argv + optind);
	client_close(o.client);
	port_names_fini(&o.ports);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail("writing the output failed");
	return ret;
}
