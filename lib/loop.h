/* SPDX-License-Identifier: ISC */
/* What the control loop's turns and the exclusive sections cost, and how long the turn under way may still go on.
 *
 * A turn begins with the first callback that says so (loop_mark) and ends when the loop is about to wait again.  Who has much to do asks
 * loop_until for time, does what fits, and comes back in the next turn: by a time-out of 0, as what event_active starts still belongs
 * to this one.  Measured twice: on the wall, and in time of the processor, which leaves out what other processes take on a busy machine.
 *
 * Of the control thread alone. */
#ifndef LIB_LOOP_H
#define LIB_LOOP_H

#include <stdint.h>

struct loop_cost {
	uint64_t wall_ns, cpu_ns; /* each the longest there was, not necessarily of the same turn */
};
struct loop_report {
	struct loop_cost turn, section;
	uint64_t turns, sections; /* how many there were */
};

/* First in each callback of an event. */
void loop_mark(void);
/* When event_base_loop has returned. */
void loop_turn_end(void);

/* When one of 'n' that have much to do should leave the loop to the others: a time of clock_ns(), at most 'max_ns' from now and always in
 * the future, so that each moves. */
uint64_t loop_until(unsigned n, uint64_t max_ns);

/* Around an exclusive section, inside its locks. */
void loop_section_begin(void);
void loop_section_end(void);

void loop_report(struct loop_report *);
void loop_reset(void);

#endif
