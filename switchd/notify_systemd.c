/* SPDX-License-Identifier: ISC */
/* sd_notify(3) and the watchdog of the unit. */
#include "notify.h"
#include "switchd.h"
#include "clock.h"
#include "loop.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

struct notify {
	struct event *tick;
	struct dp *dp;
};

/* Entering an exclusive section proves that each worker ends its batches. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct notify *n = arg;

	loop_mark();
	(void)fd;
	(void)what;
	dp_exclusive_begin(n->dp);
	dp_exclusive_end(n->dp);
	(void)sd_notify(0, "WATCHDOG=1");
}

static void
tell_ready(const struct switchd *s)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%zu bridge%s", s->conf->n_bridges, s->conf->n_bridges == 1 ? "" : "s");
}

struct notify *
notify_ready(struct switchd *s)
{
	struct notify *n = NULL;
	uint64_t usec = 0;

	tell_ready(s);
	if (sd_watchdog_enabled(0, &usec) > 0 && (n = calloc(1, sizeof *n))) {
		const struct timeval half = {(time_t)(usec / 2 / 1000000), (suseconds_t)(usec / 2 % 1000000)};

		n->dp = s->dp;
		n->tick = event_new(s->base, -1, EV_PERSIST, on_tick, n);
		if (n->tick)
			event_add(n->tick, &half);
	}
	return n;
}

void
notify_reloading(void)
{
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_ns() / 1000);
}

void
notify_reloaded(const struct switchd *s)
{
	tell_ready(s);
}

void
notify_stopping(struct notify *n)
{
	(void)sd_notify(0, "STOPPING=1");
	if (n && n->tick)
		event_free(n->tick);
	free(n);
}
