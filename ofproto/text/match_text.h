/* SPDX-License-Identifier: ISC */
/* Matches as text, ovs-ofctl's way. */
#ifndef OFPROTO_TEXT_MATCH_TEXT_H
#define OFPROTO_TEXT_MATCH_TEXT_H

#include "loose.h"
#include "names.h"

/* Takes "tcp", "dl_vlan=5", "nw_src=10.0.0.0/8" into 'm' (zero at first); a later word replaces an earlier one of the same field, whatever
 * their order.  'usable' (usable.h) loses the formats that cannot say it.  MATCH_WORD_UNKNOWN: 'key' is no word of a match.
 * MATCH_WORD_BAD: 'err' has the reason. */
enum match_word { MATCH_WORD_OK, MATCH_WORD_UNKNOWN, MATCH_WORD_BAD };
enum match_word match_word_parse(struct loose_match *m, const char *key, const char *value, const struct port_names *,
                                 uint32_t *usable, struct sbuf *err);
/* The n-th word of a match, for suggestions and completion; NULL after the last. */
const char *match_word_name(size_t n);

/* Compares the values of the field 'name' in two matches, a match without it first.  False: no such field. */
bool match_compare(const char *name, const struct match *, const struct match *, int *result);

/* Reads a whole match: words, nothing else.  False: 'err' has the reason. */
bool match_parse(const char *text, const struct port_names *, struct match *, struct sbuf *err);

/* "tcp,in_port=1,tp_dst=80"; with a priority other than the default "priority=5," first; "" matches everything.  'priority' below
 * zero: none. */
void match_format(struct sbuf *, const struct match *, int priority, const struct port_names *);
void loose_format(struct sbuf *, const struct loose_match *, int priority, const struct port_names *);

#endif
