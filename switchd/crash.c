/* SPDX-License-Identifier: ISC */
/* A crash is over sooner, so that the unit starts the next one sooner.
 *
 * Nothing is rescued or reported here: the sockets that are slow to close are closed side by side, then the signal does what it would
 * have done, with the state that it met. */
#include "sandbox.h"
#include "switchd.h"

#include <signal.h>
#include <string.h>

static struct dp *watched;

/* The signal's own action is in force again (SA_RESETHAND), the signal blocked until we return. */
static void
on_crash(int sig)
{
	dp_crashed(watched);
	(void)raise(sig);
}

void
crash_watch(struct dp *dp)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT};
	struct sigaction sa;

	watched = dp;
	if (SANITIZED)
		return;
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = on_crash;
	sa.sa_flags = (int)SA_RESETHAND;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		(void)sigaction(signals[i], &sa, NULL);
}
