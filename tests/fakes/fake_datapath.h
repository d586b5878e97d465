/* SPDX-License-Identifier: ISC */
/* A datapath without frames, for tests of ofproto: it keeps ports in an array, counts what it is told, and aborts when a call breaks
 * the contract of datapath.h. */
#ifndef TESTS_FAKES_FAKE_DATAPATH_H
#define TESTS_FAKES_FAKE_DATAPATH_H

#include "datapath.h"

#define FAKE_PORTS 64

struct fake_dp {
	unsigned exclusive;      /* depth */
	unsigned n_sections;     /* exclusive sections so far */
	unsigned n_invalidated, n_rules_changed;
	unsigned frag_flags;
	unsigned n_packet_outs;
	uint32_t out_in_port;    /* of the last one */
	size_t out_len;
	uint8_t out_data[65536];
	size_t n_ports;
	struct dp_port_info ports[FAKE_PORTS];
	const struct dp_client *client; /* to raise events with */
	void *aux;
};
extern struct fake_dp fake_dp;

/* Forgets all, and makes ports 1 to n, up and live. */
void fake_dp_reset(unsigned n_ports);
/* A frame for the controllers, 'len' bytes of 'fill'. */
void fake_dp_packet_in(uint32_t in_port, uint8_t reason, uint16_t max_len, size_t len, uint8_t fill);
/* The port's interface changed. */
void fake_dp_port_event(uint32_t port_no, enum dp_port_event event, uint32_t state);

#endif
