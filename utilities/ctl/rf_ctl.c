/* SPDX-License-Identifier: ISC */
/* rf-ctl: words of the command line become one request to RUNDIR/switchd.ctl. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const struct {
	const char *first, *second, *method; /* second NULL: the command is one word */
} commands[] = {
    {"status", NULL, "status"},
    {"port", "add", "port/add"},
    {"port", "del", "port/del"},
    {"port", "show", "port/show"},
    {"port", "set", "port/set"},
    {"fdb", "show", "fdb/show"},
    {"fdb", "flush", "fdb/flush"},
    {"controller", "show", "controller/show"},
    {"is-connected", NULL, "is-connected"},
    {"reload", NULL, "reload"},
    {"log", NULL, "vlog/set"},
    {"drops", NULL, "drops"},
    {"version", NULL, "version"},
    {"exit", NULL, "exit"},
};

static int
usage(FILE *f)
{
	fputs("Usage: rf-ctl [--rundir DIR] [--json] COMMAND\n"
	      "  status\n  port add BRIDGE NAME [NUMBER] [--force]\n  port del BRIDGE NAME\n  port show [BRIDGE]\n"
	      "  port set NAME visible on|off\n  fdb show BRIDGE\n  fdb flush [BRIDGE]\n  controller show [BRIDGE]\n"
	      "  is-connected [BRIDGE]\n  reload\n  log SPEC\n  drops BRIDGE\n  version\n  exit\n",
	      f);
	return f == stdout ? 0 : 1;
}

static int
dial(const char *rundir)
{
	const struct timeval wait = {10, 0};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const int n = snprintf(sa.sun_path, sizeof sa.sun_path, "%s/switchd.ctl", rundir);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (n < 0 || (size_t)n >= sizeof sa.sun_path || fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa)) {
		fprintf(stderr, "rf-ctl: %s/switchd.ctl: ", rundir);
		perror(NULL);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	return fd;
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
		fprintf(stderr, "rf-ctl: %s\n", text ? text : "the answer is not understood");
	}
	json_decref(reply);
	json_decref(req);
	return rc;
}

int
main(int argc, char **argv)
{
	const char *rundir = "/run/ringflow", *method = NULL;
	json_t *params = json_array();
	int i = 1, fd, rc;

	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--json"))
			json_array_append_new(params, json_string("--json"));
		else if (!strcmp(argv[i], "--rundir") && i + 1 < argc)
			rundir = argv[++i];
		else if (!strcmp(argv[i], "--help"))
			return usage(stdout);
		else
			return usage(stderr);
	}
	for (size_t k = 0; !method && i < argc && k < sizeof commands / sizeof commands[0]; k++) {
		const char *second = commands[k].second;

		if (strcmp(argv[i], commands[k].first) || (second && (i + 1 >= argc || strcmp(argv[i + 1], second))))
			continue;
		method = commands[k].method;
		i += second ? 2 : 1;
	}
	if (!method)
		return usage(stderr);
	for (; i < argc; i++)
		json_array_append_new(params, json_string(argv[i]));
	fd = dial(rundir);
	if (fd < 0)
		return 1;
	rc = ask(fd, method, params);
	close(fd);
	return rc;
}
