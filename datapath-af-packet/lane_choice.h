/* SPDX-License-Identifier: ISC */
/* Which of its two lanes a port should use in a worker: a question of one moment, asked once a window. */
#ifndef LANE_CHOICE_H
#define LANE_CHOICE_H 1

#include <stdbool.h>
#include <stdint.h>

struct lane_load {
	unsigned busy_pct; /* of the worker, by all its ports */
	uint64_t frames,
	    bytes; /* that the port brought, a millisecond; a superframe is one frame, its bytes those on the wire */
};

/* Whether the bulk lane is the better one.  on_bulk: it is in use, and what is said of the load was seen there.  express_load: the
 * setting, in percent of a worker; at 100 express is never left. */
bool lane_wants_bulk(bool on_bulk, unsigned express_load, const struct lane_load *);

#endif
