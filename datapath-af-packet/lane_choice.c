/* SPDX-License-Identifier: ISC */
/* See lane_choice.h.
 *
 * Two things speak for bulk.  The worker would drown in wake-ups: a frame costs up to 2.5 times as much on express.  Or superframes
 * come so fast that none waits long for its block to be full: then the processor that they come from does half of the copying.
 * What makes a port leave a lane is well away from what makes it come back. */
#include "lane_choice.h"

#define BULK_FRAMES 30u /* a millisecond; with fewer, load is no reason */
#define BULK_BYTES 1000000u /* a millisecond (8 Gbit/s): a reason whatever the load */

static bool
should_come(unsigned express_load, const struct lane_load *l)
{
	return (l->busy_pct > express_load && l->frames > BULK_FRAMES) || l->bytes > BULK_BYTES;
}

static bool
should_stay(unsigned express_load, const struct lane_load *l)
{
	return (l->busy_pct * 5 >= express_load * 2 && l->frames >= BULK_FRAMES / 2) || l->bytes > BULK_BYTES / 5 * 2;
}

bool
lane_wants_bulk(bool on_bulk, unsigned express_load, const struct lane_load *l)
{
	if (express_load >= 100)
		return false;
	return on_bulk ? should_stay(express_load, l) : should_come(express_load, l);
}
