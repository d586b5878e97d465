/* SPDX-License-Identifier: ISC */
/* rf-ctl: words of the command line become one request to RUNDIR/switchd.ctl.
 *
 * A command is a row; its help is in the row.  The daemon checks what the words mean. */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const struct command {
	const char *first, *second, *method; /* second NULL: the command is one word */
	const char *args, *sentence;
} commands[] = {
    {"status", NULL, "status", "", "bridges, steering, lanes, memory"},
    {"port", "show", "port/show", "[BRIDGE]", "ports, their state and counters"},
    {"port", "add", "port/add", "BRIDGE INTERFACE [NUMBER] [--force]", "until the daemon ends; see ringflow.conf(5)"},
    {"port", "del", "port/del", "BRIDGE INTERFACE", "give the interface back to the host"},
    {"port", "set", "port/set", "INTERFACE visible on|off", "let tcpdump see what the port sends"},
    {"fdb", "show", "fdb/show", "BRIDGE", "addresses that NORMAL has learnt"},
    {"fdb", "flush", "fdb/flush", "[BRIDGE]", "forget them"},
    {"controller", "show", "controller/show", "[BRIDGE]", "controllers, listeners, their last errors"},
    {"is-connected", NULL, "is-connected", "[BRIDGE]", "exit status 0 if a controller is connected"},
    {"loop", "reset", "loop/reset", "", "measure the longest turn and section anew"},
    {"drops", NULL, "drops", "BRIDGE", "frames that went nowhere, by reason"},
    {"reload", NULL, "reload", "", "read the configuration again and apply what differs"},
    {"log", NULL, "vlog/set", "[MODULE:]LEVEL...", "levels: off, err, warn, info, dbg"},
    {"log-levels", NULL, "vlog/list", "", "the modules and their levels"},
    {"version", NULL, "version", "", "of the daemon"},
    {"exit", NULL, "exit", "", "end the daemon (its unit starts it again)"},
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static int
usage(void)
{
	puts("Usage: rf-ctl [--rundir DIR] [--json] COMMAND [ARGUMENT]...\n"
	     "Asks a running rf-switchd.  See rf-ctl(8).\n\n"
	     "  --rundir DIR   where the daemon's sockets are ($RINGFLOW_RUNDIR, /run/ringflow)\n"
	     "  --json         answer in JSON\n"
	     "  -h, --help; -V, --version (of rf-ctl)\n");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = &commands[i];
		char text[80];

		snprintf(text, sizeof text, "%s%s%s%s%s", c->first, c->second ? " " : "", c->second ? c->second : "",
		         *c->args ? " " : "", c->args);
		printf("  %-46s %s\n", text, c->sentence);
	}
	return 0;
}

/* What is wrong with the words that name no command. */
static int
no_command(const char *first, const char *second)
{
	bool any = false;

	for (size_t i = 0; first && i < N_COMMANDS; i++) {
		if (strcmp(commands[i].first, first))
			continue;
		fprintf(stderr, any ? ", %s" : "rf-ctl: %s takes one of: %s", any ? commands[i].second : first,
		        commands[i].second);
		any = true;
	}
	if (any)
		fprintf(stderr, second ? " (not \"%s\")\n" : "\n", second);
	else if (first)
		fprintf(stderr, "rf-ctl: \"%s\" is no command (rf-ctl --help lists them)\n", first);
	else
		fputs("rf-ctl: a command is needed (rf-ctl --help lists them)\n", stderr);
	return 1;
}

static int
dial(const char *rundir)
{
	const struct timeval wait = {10, 0};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const int n = snprintf(sa.sun_path, sizeof sa.sun_path, "%s/switchd.ctl", rundir);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (n < 0 || (size_t)n >= sizeof sa.sun_path) {
		fprintf(stderr, "rf-ctl: %.60s...: the name of the run directory is too long\n", rundir);
	} else if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa)) {
		fprintf(stderr, "rf-ctl: %s/switchd.ctl: %s%s\n", rundir, strerror(errno),
		        errno == EACCES ? " (root and the daemon's user may ask)"
		        : errno == ENOENT || errno == ECONNREFUSED
		            ? " (no rf-switchd runs there; another place: --rundir)"
		            : "");
	} else {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
ask(int fd, const char *method, json_t *params)
{
	json_t *req = json_pack("{s:i,s:s,s:o}", "id", 0, "method", method, "params", params), *reply;
	json_error_t e;
	const char *text;
	int rc = 1;

	if (json_dumpfd(req, fd, JSON_COMPACT) || !(reply = json_loadfd(fd, JSON_DISABLE_EOF_CHECK, &e))) {
		fputs("rf-ctl: rf-switchd gave no answer\n", stderr);
		json_decref(req);
		return 1;
	}
	text = json_string_value(json_object_get(reply, "result"));
	if (text) {
		fputs(text, stdout);
		if (*text && text[strlen(text) - 1] != '\n')
			putchar('\n');
		rc = !strcmp(method, "is-connected") && strcmp(text, "true") ? 1 : 0;
	} else {
		text = json_string_value(json_object_get(reply, "error"));
		fprintf(stderr, "rf-ctl: %s", text ? text : "the answer is not understood\n");
	}
	json_decref(reply);
	json_decref(req);
	return rc;
}

static const char *
find(int argc, char **argv, int *i)
{
	for (size_t k = 0; *i < argc && k < N_COMMANDS; k++) {
		const char *second = commands[k].second;

		if (strcmp(argv[*i], commands[k].first) || (second && (*i + 1 >= argc || strcmp(argv[*i + 1], second))))
			continue;
		*i += second ? 2 : 1;
		return commands[k].method;
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	const char *env = getenv("RINGFLOW_RUNDIR"), *rundir = env && *env ? env : "/run/ringflow", *method;
	json_t *params = json_array();
	bool json = false;
	int i = 1, fd, rc;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--json"))
			json = true;
		else if (!strcmp(argv[i], "--rundir") && i + 1 < argc)
			rundir = argv[++i];
		else if (!strncmp(argv[i], "--rundir=", 9))
			rundir = argv[i] + 9;
		else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return usage();
		else if (!strcmp(argv[i], "--version") || !strcmp(argv[i], "-V"))
			return puts("rf-ctl " PACKAGE_VERSION) < 0;
		else {
			fprintf(stderr, "rf-ctl: %s is no option, or lacks its value (see --help)\n", argv[i]);
			return 1;
		}
	}
	method = find(argc, argv, &i);
	if (!method)
		return no_command(i < argc ? argv[i] : NULL, i + 1 < argc ? argv[i + 1] : NULL);
	for (int k = i; k < argc; k++)
		json |= !strcmp(argv[k], "--json");
	if (json)
		json_array_append_new(params, json_string("--json"));
	for (; i < argc; i++)
		if (strcmp(argv[i], "--json"))
			json_array_append_new(params, json_string(argv[i]));
	fd = dial(rundir);
	if (fd < 0)
		return 1;
	rc = ask(fd, method, params);
	close(fd);
	return rc;
}
