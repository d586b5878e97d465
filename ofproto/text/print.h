/* SPDX-License-Identifier: ISC */
/* Whole OpenFlow messages as text, in the layout of ovs-ofctl. */
#ifndef OFPROTO_TEXT_PRINT_H
#define OFPROTO_TEXT_PRINT_H

#include "messages.h"
#include "names.h"

/* Appends the text of one message, newline-ended.  'len' is what is there; a message that is cut or not well formed is said to be so. */
void ofp_print(struct sbuf *, const void *msg, size_t len, const struct port_names *);
/* The same; 'verbosity' 1 is ofp_print's, 3 shows the bytes of frames too, 0 not even what their headers say. */
void ofp_print_verbose(struct sbuf *, const void *msg, size_t len, const struct port_names *, int verbosity);

/* The pieces.  "OFPST_FLOW reply (OF1.3) (xid=0x2):" without newline, with " flags=[more]" where it applies. */
void print_header(struct sbuf *, const uint8_t *msg, size_t len);
/* " 1(eth1): addr:..." and its indented lines. */
void print_port(struct sbuf *, const struct ofp_port *);
void print_port_stats(struct sbuf *, const struct port_stats *, const struct port_names *);
/* What a frame's headers say, as a match without newline; "" when there is no Ethernet header. */
void print_frame(struct sbuf *, const uint8_t *data, size_t len);
void print_packet_in(struct sbuf *, const struct packet_in *, const struct port_names *, int verbosity);
/* "     config: PORT_DOWN\n"; the label includes the colon. */
void print_port_config(struct sbuf *, const char *label, uint32_t config);
void print_port_state(struct sbuf *, const char *label, uint32_t state);
void print_port_features(struct sbuf *, const char *label, uint32_t features);
/* "pkts=5" and 'end'; "pkts=?" for a counter that is not kept. */
void print_counter(struct sbuf *, const char *name, uint64_t value, const char *end);
/* " output group ..." for bits OFPAT_x; " <none>". */
void print_action_names(struct sbuf *, uint32_t bits);
/* 16 bytes a line with offsets, without or with the characters beside them. */
void print_raw_hex(struct sbuf *, const uint8_t *, size_t);
void print_hex(struct sbuf *, const uint8_t *, size_t);
/* The code's name as ovs-ofctl has it, where it differs from the standard's. */
const char *print_error_name(enum of_error);

void print_flow_removed(struct sbuf *, const struct flow_removed *, const struct port_names *);
/* "normal", "drop", ... */
const char *frags_name(uint16_t flags);

/* Tables one after another: runs of equal ones become "tables 3...7: ditto".  Zero it first; print_tables_end writes what is pending. */
struct tables_printer {
	bool has_stats, has_features;
	struct table_stats stats;
	struct table_features features;
	uint8_t first_ditto;
	unsigned n_ditto;
	bool named_ditto; /* the last table was one, and had a name */
};
void print_table_stats(struct sbuf *, struct tables_printer *, const struct table_stats *);
void print_table_features(struct sbuf *, struct tables_printer *, const struct table_features *);
void print_tables_end(struct sbuf *, struct tables_printer *);

#endif
