/* SPDX-License-Identifier: ISC */
/* rf-switchd: command line, signals, the loop. */
#include "switchd.h"
#include "log.h"
#include "loop.h"
#include "notify.h"
#include "sandbox.h"
#include "sbuf.h"

#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_CONFIG 78 /* EX_CONFIG of sysexits.h: the configuration is wrong, the unit need not start again */

static void
on_stop(evutil_socket_t sig, short what, void *arg)
{
	const struct switchd *s = arg;

	(void)what;
	log_info(LOG_MAIN, "signal %d: stopping", (int)sig);
	event_base_loopbreak(s->base);
}

static void
on_hup(evutil_socket_t sig, short what, void *arg)
{
	char why[CONF_WHY] = "";

	loop_mark();
	(void)sig;
	(void)what;
	(void)switchd_reload(arg, why);
}

/* Until somebody says that it is enough. */
static void
turn_round(struct event_base *base)
{
	while (!event_base_loop(base, EVLOOP_ONCE) && !event_base_got_exit(base) && !event_base_got_break(base))
		loop_turn_end();
}

static int
run(struct conf *c, int argc, char **argv)
{
	static struct switchd s;
	struct notify *notify;
	struct event_base *base = event_base_new();
	struct event *ev[3] = {evsignal_new(base, SIGTERM, on_stop, &s), evsignal_new(base, SIGINT, on_stop, &s),
	                       evsignal_new(base, SIGHUP, on_hup, &s)};
	char why[CONF_WHY] = "";
	int rc;

	s.argc = argc;
	s.argv = argv;
	s.pid_fd = -1;
	rc = switchd_init(&s, base, c, why);
	if (rc)
		log_err(LOG_MAIN, "%s", why[0] ? why : strerror(-rc));
	for (size_t i = 0; !rc && i < 3; i++)
		event_add(ev[i], NULL);
	if (!rc) {
		crash_watch(s.dp);
		sandbox_enter((enum sandbox_mode)c->sandbox);
		notify = notify_ready(&s);
		log_info(LOG_MAIN, "ready: %zu bridge%s", c->n_bridges, c->n_bridges == 1 ? "" : "s");
		turn_round(base);
		notify_stopping(notify);
	}
	switchd_fini(&s);
	for (size_t i = 0; i < 3; i++)
		event_free(ev[i]);
	event_base_loop(base, EVLOOP_NONBLOCK); /* the last words of what was cancelled */
	event_base_free(base);
	return rc ? 1 : 0;
}

/* --help, --version, --check: say it, and leave. */
static bool
answer(const struct conf *c)
{
	struct sbuf text = SBUF_INIT;

	if (c->version)
		puts("rf-switchd " PACKAGE_VERSION);
	if (c->help) {
		conf_help(&text);
		fputs(sbuf_str(&text), stdout);
		sbuf_fini(&text);
	}
	if (c->check && !c->help && !c->version)
		printf("%s: right, %zu bridge%s\n", c->config_file, c->n_bridges, c->n_bridges == 1 ? "" : "s");
	return c->version || c->help || c->check;
}

int
main(int argc, char **argv)
{
	struct conf *c = conf_create();
	char why[CONF_WHY] = "";

	/* Fast bins are emptied all at once, at the next free of something large: after a million flows went, 40 ms in one go. */
	(void)mallopt(M_MXFAST, 0);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_init("rf-switchd");
	if (!c || conf_read_args(c, argc, argv, why) || (!c->help && !c->version && switchd_verify(c, why))) {
		const int rc = c && c->config_file && !c->check ? EXIT_CONFIG : 1;

		fprintf(stderr, "rf-switchd: %s\n", why);
		conf_destroy(c);
		return rc;
	}
	if (answer(c)) {
		conf_destroy(c);
		return 0;
	}
	if (!sandbox_privileged(why, sizeof why)) {
		fprintf(stderr, "rf-switchd: %s\n", why);
		conf_destroy(c);
		return 1;
	}
	return run(c, argc, argv);
}
