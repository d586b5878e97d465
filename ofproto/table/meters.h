/* SPDX-License-Identifier: ISC */
/* The meter table (OpenFlow 1.3.5, 5.7, 6.6, 7.3.4.4), and the rates themselves.
 *
 * Members marked [lookup] are read by workers when a frame meets the meter; the control thread changes them inside an exclusive section.
 * 'busy_until' of a band is the one thing here that all workers write: one atomic word for each band, so that a rate holds whatever the
 * number of workers.
 *
 * The band: it is busy until the moment at which all that it let through would have left at its rate.  A frame is within the rate while
 * that moment is less than the burst away, and moves it by its own length.  So a single frame may overshoot the burst, and is paid for
 * by those after it: the rate holds exactly over any length of time, at any frame length, down to rates below a frame a second.  Time is
 * counted in 1/64 ns, in which the longest run of CLOCK_MONOTONIC is nine years and a 64-byte frame at 100 Gbit/s takes 328.
 *
 * Limits: METERS_MAX meters (OFPMMFC_OUT_OF_METERS), METERS_MAX_BANDS bands in each (OFPMMFC_OUT_OF_BANDS). */
#ifndef OFPROTO_TABLE_METERS_H
#define OFPROTO_TABLE_METERS_H

#include "counters.h"
#include "hmap.h"
#include "messages.h"
#include "uses.h"

#define METERS_MAX 65536u /* OFPM_SLOWPATH and OFPM_CONTROLLER beside them */
#define METERS_MAX_BANDS 16u

/* The burst of a band without OFPMF_BURST, and the least that any has: time is read once a batch, so the frames of one batch come
 * at the same moment. */
#define METER_DEFAULT_BURST_MS 100u
#define METER_MIN_BURST_MS 10u

struct meters;

struct meter_band {
	/* [lookup] */
	uint64_t busy_until; /* in 1/64 ns; atomic, written by workers */
	uint64_t burst; /* in 1/64 ns */
	uint32_t rate; /* kbit/s or packets/s */
	uint32_t counter;
	uint8_t type; /* OFPMBT_* */
	uint8_t prec_level;
	uint8_t pad[2];
	uint32_t burst_size; /* as it was sent */
};

struct meter {
	struct hmap_node node;
	/* [lookup] */
	uint32_t id;
	uint16_t flags; /* OFPMF_*, as they were sent */
	bool remarks; /* it has a remark band: programs depend on that */
	uint32_t counter;
	uint32_t n_bands;
	uint8_t by_rate[METERS_MAX_BANDS]; /* indices of bands, the highest rate first */
	bool changed, gone; /* by a transaction, as in struct group */
	const struct meter *was;
	/* control thread */
	uint64_t created_ns;
	struct user_list *users;
	struct meter_band bands[]; /* in the order in which they were sent */
};

/* NULL: no memory. */
struct meters *meters_create(struct counters *);
/* Accepts NULL.  No flow entry may use a meter any more. */
void meters_destroy(struct meters *);

/* [lookup] The meter that frames meet now; NULL if there is none. */
const struct meter *meters_find(const struct meters *, uint32_t id);
uint32_t meters_count(const struct meters *);
/* The meter of the lowest id that is not below 'from', or NULL. */
const struct meter *meters_next(const struct meters *, uint32_t from);
/* The meter as the message that creates it; meter_mod_fini frees the array.  False: no memory. */
bool meter_as_mod(const struct meter *, struct meter_mod *);
/* Counters of the meter, and of its first 'n' bands. */
void
meter_stats(const struct meters *, const struct meter *, struct meter_stats *, struct bucket_count *bands, size_t n);

enum meter_color {
	METER_PASS, /* within all rates */
	METER_BAND, /* the band applies to all the frames */
	METER_SPLIT, /* to the last of them only: ask for each alone */
};
/* [lookup] Measures 'n' frames of 'bytes' bytes together that come at 'now_ns'.  METER_BAND: *band is the band of the highest rate that is
 * exceeded (5.7.1).  After METER_SPLIT, which n = 1 never gives, nothing has been measured. */
enum meter_color
meter_measure(const struct meter *, uint32_t n, uint64_t bytes, uint64_t now_ns, const struct meter_band **band);

/* ---- METER_MOD: check, then commit.  As for groups (groups.h), undo included ---- */

struct meter_change;
struct tables;
enum of_error meter_mod_prepare(struct tables *, const struct meter_mod *, struct meter_change **);
/* Removes at most 'max' flow entries that use what is to be deleted (OFPRR_DELETE, as 1.3 has no reason of its own for it). */
bool meter_change_step(struct meter_change *, unsigned max, unsigned *removed);
/* True if cached programs must be forgotten: the meter has got or lost its remark bands. */
bool meter_change_commit(struct meter_change *);
bool meter_change_undo(struct meter_change *);
void meter_change_free(struct meter_change *);

/* In a transaction: as for groups. */
void meters_hide(struct meters *);
void meters_show(struct meters *);
void meter_change_settle(struct meter_change *);
struct user_list *meter_change_users(const struct meter_change *);

#endif
