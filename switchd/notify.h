/* SPDX-License-Identifier: ISC */
/* What systemd is told: ready, reloading, stopping, and that the loop still turns.
 *
 * notify_systemd.c, or without libsystemd notify_none.c.  Without NOTIFY_SOCKET in the environment all of it is nothing. */
#ifndef SWITCHD_NOTIFY_H
#define SWITCHD_NOTIFY_H

struct switchd;
struct notify;

/* READY=1, and a sign of life at half of the unit's WatchdogSec from now on, sent by the control loop: a loop that hangs, or a worker
 * that never lets go of its batch lock, is ended and started anew.  Returns NULL when there is no watchdog to feed. */
struct notify *notify_ready(struct switchd *);
void notify_reloading(void);
void notify_reloaded(const struct switchd *);
/* STOPPING=1; frees.  Accepts NULL. */
void notify_stopping(struct notify *);

#endif
