/* SPDX-License-Identifier: ISC */
/* See loop.h. */
#include "loop.h"

#include "clock.h"

#include <time.h>

#define TURN_NS UINT64_C(5000000) /* what all together may take of a turn */
#define LEAST_NS UINT64_C(100000) /* what one always gets */

static struct loop_report report;
static struct loop_cost turn, section; /* when they began; wall 0: none is under way */

/* The real clocks: tests that turn clock_ns don't turn these. */
static uint64_t
read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static struct loop_cost
now(void)
{
	return (struct loop_cost){read_ns(CLOCK_MONOTONIC), read_ns(CLOCK_THREAD_CPUTIME_ID)};
}

static void
account(struct loop_cost *begin, struct loop_cost *longest)
{
	const struct loop_cost end = now();

	if (end.wall_ns - begin->wall_ns > longest->wall_ns)
		longest->wall_ns = end.wall_ns - begin->wall_ns;
	if (end.cpu_ns - begin->cpu_ns > longest->cpu_ns)
		longest->cpu_ns = end.cpu_ns - begin->cpu_ns;
	begin->wall_ns = 0;
}

void
loop_mark(void)
{
	if (!turn.wall_ns)
		turn = now();
}

void
loop_turn_end(void)
{
	if (!turn.wall_ns)
		return;
	account(&turn, &report.turn);
	report.turns++;
}

uint64_t
loop_until(unsigned n, uint64_t max_ns)
{
	uint64_t share = TURN_NS / (n ? n : 1);

	if (share > max_ns)
		share = max_ns;
	return clock_ns() + (share < LEAST_NS ? LEAST_NS : share);
}

void
loop_section_begin(void)
{
	section = now();
}

void
loop_section_end(void)
{
	account(&section, &report.section);
	report.sections++;
}

void
loop_report(struct loop_report *r)
{
	*r = report;
}

void
loop_reset(void)
{
	static const struct loop_report none;

	report = none;
}
