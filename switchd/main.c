/* SPDX-License-Identifier: ISC */
/* rf-switchd: command line, signals, the loop. */
#include "switchd.h"
#include "log.h"
#include "sbuf.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#define NOTIFY(text) ((void)sd_notify(0, text))
#else
#define NOTIFY(text) ((void)0)
#endif

static void
on_stop(evutil_socket_t sig, short what, void *arg)
{
	const struct switchd *s = arg;

	(void)what;
	log_info(LOG_MAIN, "signal %d: stopping", (int)sig);
	NOTIFY("STOPPING=1");
	event_base_loopbreak(s->base);
}

static void
on_hup(evutil_socket_t sig, short what, void *arg)
{
	char why[CONF_WHY] = "";

	(void)sig;
	(void)what;
	NOTIFY("RELOADING=1");
	(void)switchd_reload(arg, why);
	NOTIFY("READY=1");
}

static int
run(struct conf *c, int argc, char **argv)
{
	static struct switchd s;
	struct event_base *base = event_base_new();
	struct event *ev[3] = {evsignal_new(base, SIGTERM, on_stop, &s), evsignal_new(base, SIGINT, on_stop, &s),
	                       evsignal_new(base, SIGHUP, on_hup, &s)};
	char why[CONF_WHY] = "";
	int rc;

	s.argc = argc;
	s.argv = argv;
	rc = switchd_init(&s, base, c, why);
	if (rc)
		log_err(LOG_MAIN, "%s", why[0] ? why : strerror(-rc));
	for (size_t i = 0; !rc && i < 3; i++)
		event_add(ev[i], NULL);
	if (!rc) {
		NOTIFY("READY=1");
		log_info(LOG_MAIN, "ready: %zu bridges", c->n_bridges);
		event_base_dispatch(base);
	}
	switchd_fini(&s);
	for (size_t i = 0; i < 3; i++)
		event_free(ev[i]);
	event_base_free(base);
	return rc ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct conf *c = conf_create();
	struct sbuf text = SBUF_INIT;
	char why[CONF_WHY] = "";

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_init("rf-switchd");
	if (!c || conf_read_args(c, argc, argv, why)) {
		fprintf(stderr, "rf-switchd: %s\n", why);
		conf_destroy(c);
		return 1;
	}
	if (c->version)
		puts("rf-switchd " PACKAGE_VERSION);
	if (c->help) {
		conf_help(&text);
		fputs(sbuf_str(&text), stdout);
		sbuf_fini(&text);
	}
	if (c->version || c->help || c->check) {
		conf_destroy(c);
		return 0;
	}
	return run(c, argc, argv);
}
