/* SPDX-License-Identifier: ISC */
/* From one packet's key to a dp_program: the tables walked, the actions laid out flat (OpenFlow 1.3.5, 5.1, 5.10, 5.12). */
#ifndef OFPROTO_PIPELINE_PIPELINE_H
#define OFPROTO_PIPELINE_PIPELINE_H

#include "datapath.h"
#include "mac_table.h"
#include "tables.h"

struct pipeline {
	const struct tables *tables;
	struct mac_table *macs;
	bool standalone;    /* fail mode standalone in force: every frame goes through NORMAL */
	bool forward_bpdu;  /* NORMAL forwards 01:80:c2:00:00:0x */
};

/* [worker] The classify callback's work: a fresh frame, or one to go on with ('resume' as this module wrote it). */
void pipeline_translate(const struct pipeline *, const struct flow_key *key, const uint8_t *resume, size_t resume_len,
                        struct dp_program *prog);
/* [worker] The normal callback's work. */
void pipeline_normal(const struct pipeline *, const struct flow_key *key, uint32_t now_s, struct dp_normal *out);
/* [worker] The group callback's work: see dp_client.group. */
bool pipeline_group(const struct pipeline *, const struct dp_op_group *, const struct flow_key *key, uint32_t *at,
                    struct dp_program *prog);
/* [worker] The meter callback's work. */
void pipeline_meter(const struct pipeline *, uint32_t meter_id, uint32_t n, uint64_t bytes, uint64_t now_ns, struct dp_meter *out);
/* Packet-out: the program for an action list on a frame of 'key'; OUTPUT TABLE becomes REPARSE(table 0). */
void pipeline_translate_packet_out(const struct pipeline *, const struct flow_key *key, struct ofp_acts, struct dp_program *prog);

#endif
