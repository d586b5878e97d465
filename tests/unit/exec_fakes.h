/* SPDX-License-Identifier: ISC */
/* Stand-ins for what lies below and above the executor: outputs are kept as bytes, classify gives the test's program. */
#ifndef TESTS_UNIT_EXEC_FAKES_H
#define TESTS_UNIT_EXEC_FAKES_H

#include "exec.h"

#define FAKE_FRAME_MAX 70000u
#define FAKE_MAX_OUTPUTS 64u
#define FAKE_MAX_BUCKETS 4u

struct fake_output {
	uint32_t port_no;
	size_t len;
	struct virtio_net_hdr vnet;
	const uint8_t *head, *tail; /* as queued: must hold the same bytes at the end of the batch */
	size_t head_len;
	uint8_t bytes[FAKE_FRAME_MAX];
};

struct fake {
	struct reader reader;
	struct exec_bridge bridge;
	struct counters *counters;
	uint64_t drops[1][DP_N_DROPS];
	struct dp_program prog; /* what classify answers for a fresh frame */
	struct dp_program resumed; /* and for one with resume bytes */
	struct dp_normal normal; /* what NORMAL answers */
	struct dp_program buckets[FAKE_MAX_BUCKETS]; /* of every group */
	unsigned n_buckets;
	struct flow_key bucket_key; /* with which the last one was asked for */
	struct dp_meter meter; /* what every meter but those of packet-ins answers to single frames */
	enum dp_meter_verdict meter_super; /* and to superframes */
	struct dp_meter up_meter; /* and what those of packet-ins answer, likewise SPLIT to superframes */
	unsigned n_metered;
	unsigned n_classify, n_learn, n_packet_in;
	unsigned n_expect[2]; /* of each step */
	bool expect_order; /* each step 1 had its step 0 before, and no frame was classified without both */
	uint8_t packet_in_reason;
	bool refuse; /* tx refuses all, as TX_FULL */
	unsigned n_all; /* ports that tx_output_all finds */
	unsigned n_outputs;
	struct fake_output *out; /* FAKE_MAX_OUTPUTS; later ones are counted only */
};

struct fake *fake_create(void);
void fake_destroy(struct fake *);
/* Forgets outputs, drops, cached programs. */
void fake_reset(struct fake *);
/* Runs one frame that lies in a buffer with headroom; 'vnet' may be NULL. */
void fake_run(struct fake *, uint8_t *frame, size_t len, const struct virtio_net_hdr *vnet);
uint64_t fake_drops(const struct fake *);
/* True if every queued output still has the bytes it had. */
bool fake_outputs_untouched(const struct fake *);

#endif
