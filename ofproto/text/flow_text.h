/* SPDX-License-Identifier: ISC */
/* Flow entries as text: "table=1,priority=5,tcp,actions=output:2" <-> struct flow_mod, and the lines of dump-flows. */
#ifndef OFPROTO_TEXT_FLOW_TEXT_H
#define OFPROTO_TEXT_FLOW_TEXT_H

#include "messages.h"
#include "names.h"

#define FLOW_PARSE_FILE (-1) /* a line of a flow file: may begin with add, delete, ...; otherwise ADD */
#define FLOW_PARSE_QUERY (-2) /* dump-flows, dump-aggregate: no actions; command stays 0 */

/* What else is known of a flow that was read. */
struct flow_parse_info {
	uint32_t usable; /* flow formats that can say it (usable.h) */
	struct sbuf
	    ignored; /* NULL-like when empty; else two lines: the match as written, and what is left of it.  Owned by the caller. */
};

/* Reads one flow.  'command' is OFPFC_* or one of the above.  The lists of fm->insts point into 'acts', which is emptied first.
 * 'names' may be NULL.  False: 'err' says what is wrong, in its first line as ovs-ofctl does, and where (parse.h); nothing else is defined
 * then. */
bool flow_parse(const char *line, int command, const struct port_names *names, struct act_buf *acts,
                struct flow_mod *fm, struct sbuf *err);
/* The same for those who care about other formats than 1.3: a flow that 1.3 cannot say is no error. */
bool flow_parse_any(const char *line, int command, const struct port_names *names, struct act_buf *acts,
                    struct flow_mod *fm, struct flow_parse_info *, struct sbuf *err);
/* The n-th word that a flow may have, without actions; NULL after the last. */
const char *flow_word(size_t n);

struct flow_format {
	const struct port_names *names; /* or NULL */
	bool no_stats; /* only what tells flows apart and what they do */
};
/* One line of dump-flows without its leading blank and newline. */
void flow_stats_format(struct sbuf *, const struct flow_stats *, const struct flow_format *);
/* What parse-flow shows: "ADD table:3 priority=5,arp ... actions=...". */
void flow_mod_format(struct sbuf *, const struct flow_mod *, const struct port_names *);
/* "1.001s" */
void duration_format(struct sbuf *, uint32_t s, uint32_t ns);

#endif
