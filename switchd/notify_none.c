/* SPDX-License-Identifier: ISC */
/* A build without libsystemd: nobody is told. */
#include "notify.h"

#include <stddef.h>

struct notify *
notify_ready(struct switchd *s)
{
	(void)s;
	return NULL;
}

void
notify_reloading(void)
{
}

void
notify_reloaded(const struct switchd *s)
{
	(void)s;
}

void
notify_stopping(struct notify *n)
{
	(void)n;
}
