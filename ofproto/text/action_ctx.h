/* SPDX-License-Identifier: ISC */
/* Between the files that read actions: what is known while a list is read, and the rows of all actions. */
#ifndef OFPROTO_TEXT_ACTION_CTX_H
#define OFPROTO_TEXT_ACTION_CTX_H

#include "action_text.h"
#include "openflow/openflow13.h"

/* The frame as the actions so far leave it. */
struct frame_state {
	uint16_t dl_type; /* 0 = not known */
	uint8_t nw_proto; /* 0 = not known */
	uint8_t icmp_type; /* with nw_proto 58 */
	bool has_icmp_type;
	bool tagged;
	bool opaque; /* something unknown may be in front: nothing is checked any more */
};

struct action_ctx {
	struct parse_state *p;
	struct act_buf *acts;
	struct frame_state frame;
	enum of_error error; /* the first thing that cannot be, whatever the format */
	bool packet_out;
	bool set; /* an action set runs in an order of its own (5.10): the switch judges it as a whole */
};

/* What a row's function gets: the argument, never NULL, and the row's own parameter.  False: p->err has the reason. */
struct action_row;
typedef bool action_parse_fn(struct action_ctx *, const struct action_row *, char *arg);
struct action_row {
	const char *name;
	action_parse_fn *parse;
	uint32_t type; /* OFPAT_* or enum oxm_field */
	uint32_t max; /* of a number */
	const char *what; /* what errors call the argument */
};
extern const struct action_row action_rows[];
extern const size_t n_action_rows;
/* The name of the n-th action that OpenFlow 1.3 has; NULL: no more. */
const char *action_row_word(size_t n);

/* Writes "ARG: WHY" as the error; false. */
bool action_refuse(struct action_ctx *, const char *arg, const char *why);
/* Adds a record; NULL and the error when there is no room. */
struct ofp_act *action_add(struct action_ctx *, uint32_t type);
/* Adds an action with an Ethernet type; false as action_add. */
bool action_ethertype(struct action_ctx *, uint32_t type, uint64_t v);
/* Adds an output; a port that cannot be one is taken note of. */
void action_output(struct action_ctx *, uint32_t port);
/* The action cannot be done to such a frame: only formats that never check could carry it. */
void action_inconsistent(struct action_ctx *, bool ok, const char *why);

/* Takes note of the action being read: an error that comes later is about it. */
void action_suspect(struct action_ctx *, const char *why);

bool frame_is_ip(const struct frame_state *);
bool frame_is_mpls(const struct frame_state *);
/* True if the frame has what 'field' needs (7.2.3.7). */
bool frame_has(const struct frame_state *, enum oxm_field field);
void frame_init(struct frame_state *, const struct match *);

#endif
