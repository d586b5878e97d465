/* SPDX-License-Identifier: ISC */
/* Frames that a worker has sent and the kernel has not yet passed on, when the worker is moved to another processor.
 *
 * A veth hands frames to its peer through a queue of the processor that sent them.  The softirq that empties it runs before the system
 * call returns, but where it has had its time already it is left to ksoftirqd, which waits for its turn like any program, and at the
 * unit's nice level for long.  A worker that wakes up elsewhere meanwhile would overtake its own frames.  So, after it has moved, it
 * looks how long the queue of the processor that it left is, and waits until that has been empty: softnet_stat of proc(5), whose 12th
 * column is the length and the 13th the processor (since Linux 5.10). */
#include "dp_private.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COLUMN 9u /* eight digits and what follows them */
#define LENGTH (11 * COLUMN)
#define PROCESSOR (12 * COLUMN)
#define CHUNK 4096u
#define PAUSE_NS 20000L
#define PAUSES                                                                                                         \
	200u /* some 15 ms with the kernel's slack; then the queue is kept full by others, and order is given up */

int
backlog_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Lines are of one length, so that pieces can begin with a line. */
unsigned long
backlog_length(int fd, int cpu)
{
	char text[CHUNK + 1];
	ssize_t n = pread(fd, text, CHUNK, 0);
	const char *end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
	const size_t line = end ? (size_t)(end - text) + 1 : 0;

	if (line < PROCESSOR + COLUMN)
		return 0;
	for (off_t at = 0; n >= (ssize_t)line; n = pread(fd, text, CHUNK, at)) {
		const size_t lines = (size_t)n / line;

		for (size_t i = 0; i < lines; i++) {
			text[(i + 1) * line - 1] = '\0';
			if (strtoul(&text[i * line + PROCESSOR], NULL, 16) == (unsigned long)cpu)
				return strtoul(&text[i * line + LENGTH], NULL, 16);
		}
		at += (off_t)(lines * line);
	}
	return 0;
}

void
backlog_settle(struct worker *w)
{
	const struct timespec pause = {0, PAUSE_NS};

	if (sched_getcpu() == w->cpu)
		return;
	for (unsigned i = 0; w->cpu >= 0 && w->dp->backlog_fd >= 0 && i < PAUSES; i++) {
		if (!backlog_length(w->dp->backlog_fd, w->cpu))
			break;
		nanosleep(&pause, NULL);
	}
	w->cpu = sched_getcpu();
}
