/* SPDX-License-Identifier: ISC */
/* What the parts of the driver share: the switch, its model, and the end at the first difference. */
#ifndef TESTS_MODEL_DRIVE_H
#define TESTS_MODEL_DRIVE_H

#include "gen.h"

#include "exec.h"
#include "pipeline.h"
#include "tables.h"

#define SECOND UINT64_C(1000000000)

/* The switch without sockets and threads, and what came out of it in the last step. */
struct driven {
	struct counters *counters;
	struct tables *tables;
	struct pipeline pipeline;
	struct reader reader;
	struct exec_bridge bridge;
	uint64_t drops[1][DP_N_DROPS];
	unsigned n_outputs, n_removed;
	struct m_output out[M_OUTPUTS];
	struct m_removed removed[M_FLOWS];
};

struct tally {
	unsigned long frames, packet_outs, ambiguous, choices, again, messages, refused;
};

extern struct driven sw;
extern struct model model;
extern struct gen_buf last; /* message */
extern struct tally tally;

/* ---- drive.c ---- */

void drive_hex(const char *what, const uint8_t *b, size_t n);
/* Says what differs, in which step, and aborts. */
void __attribute__((noreturn, format(printf, 1, 2))) drive_differ(const char *format, ...);
/* Of a message 'g': what the switch says of it, and the model (0 or M_ERR). */
void drive_compare_errors(const char *what, enum of_error, unsigned expected, const struct gen_buf *g);

/* ---- drive_frames.c: one step each ---- */

void drive_frame(void);
void drive_packet_out(void);
/* What choices in SELECT groups depend on has changed: a flow may move to another bucket. */
void drive_groups_changed(void);

#endif
