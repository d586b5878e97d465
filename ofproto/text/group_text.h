/* SPDX-License-Identifier: ISC */
/* Groups and meters as text: "group_id=1,type=select,bucket=weight:5,actions=output:1" and "meter=1,kbps,bands=type=drop,rate=100". */
#ifndef OFPROTO_TEXT_GROUP_TEXT_H
#define OFPROTO_TEXT_GROUP_TEXT_H

#include "messages.h"
#include "parse.h"

#define GROUP_PARSE_FILE (-1) /* a line of a file: may begin with add, modify, add_or_mod, delete; otherwise ADD */
#define GROUP_ADD_OR_MOD 0x8000 /* Open vSwitch's command beside those of 7.3.4.2 */

/* Reads one group.  'command' is OFPGC_*, GROUP_ADD_OR_MOD or GROUP_PARSE_FILE.  Actions lie in 'acts', which is emptied first.  *usable are
 * the versions that can say it (usable.h).  False: 'err' says what is wrong and where (parse.h).  Call group_mod_fini whatever is returned. */
bool group_parse_mod(const char *line, int command, const struct port_names *, struct act_buf *acts, struct group_mod *,
                     uint32_t *usable, struct sbuf *err);
/* The n-th word that a group may have; NULL after the last. */
const char *group_word(size_t n);
/* "group_id=1,type=all,bucket=actions=output:1" */
void group_format_desc(struct sbuf *, const struct group_mod *, const struct port_names *);
/* " ADD group_id=..." as GROUP_MOD is printed, without newline. */
void group_format_mod(struct sbuf *, const struct group_mod *, const struct port_names *);
/* "select" for OFPGT_SELECT; NULL: unknown. */
const char *group_type_name(unsigned type);

/* Reads one meter for OFPMC_ADD, MODIFY or DELETE; the last takes meter= alone, and none for all.  False: as group_parse_mod.  Call
 * meter_mod_fini whatever is returned. */
bool meter_parse_mod(const char *line, uint16_t command, struct meter_mod *, struct sbuf *err);
/* A meter's number or name after "meter=" in a query. */
bool meter_parse_id(const char *text, uint32_t *meter_id, struct sbuf *err);
const char *meter_word(size_t n);
/* "meter=1 kbps bands=\ntype=drop rate=100\n" */
void meter_format_config(struct sbuf *, const struct meter_mod *);
/* "7", "all", "controller", "slowpath", after 'separator' and the word meter. */
void meter_format_id(struct sbuf *, char separator, uint32_t meter_id);

#endif
