/* SPDX-License-Identifier: ISC */
/* Matches as text, ovs-ofctl's way. */
#ifndef OFPROTO_TEXT_MATCH_TEXT_H
#define OFPROTO_TEXT_MATCH_TEXT_H

#include "field_text.h"
#include "token.h"

/* A match while its words are read.  Protocol words and dl_type, nw_proto are taken first, whatever their place, because the
 * meaning of others depends on them. */
struct match_parser {
	struct match match;
	int eth_type, ip_proto; /* -1 = not said */
	const struct port_names *names;
};
void match_parser_init(struct match_parser *, const struct port_names *);
/* True if 'key' is a word that match_parser_protocol understands. */
bool match_parser_is_protocol(const char *key);
/* First round: "tcp", "dl_type=0x800", "nw_proto=6".  Ignores all else.  On false 'err' has the reason; so for the others. */
bool match_parser_protocol(struct match_parser *, const struct token *, struct sbuf *err);
/* Second round: any other field. */
bool match_parser_field(struct match_parser *, const struct token *, struct sbuf *err);
/* Checks that each field has what it needs beside it (7.2.3.6). */
bool match_parser_finish(struct match_parser *, struct sbuf *err);

/* "tcp,in_port=1,tp_dst=80"; with a priority other than the default "priority=5," first; "" matches everything.  'priority' below
 * zero: none. */
void match_format(struct sbuf *, const struct match *, int priority, const struct port_names *);

#endif
