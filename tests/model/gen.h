/* SPDX-License-Identifier: ISC */
/* Random frames and messages for the model's driver, from small worlds, so that entries and frames meet. */
#ifndef TESTS_MODEL_GEN_H
#define TESTS_MODEL_GEN_H

#include "model.h"

struct gen_buf {
	size_t n;
	uint8_t b[8192];
};

void gen_seed(uint64_t seed);
/* Below 'n'. */
uint32_t gen_rnd(uint32_t n);
/* True once in 'n' times. */
bool gen_one_in(uint32_t n);

void gen_packet(struct m_packet *);
/* Bodies (after the header). */
void gen_flow_mod(struct gen_buf *);
void gen_group_mod(struct gen_buf *);
void gen_meter_mod(struct gen_buf *);
/* With a frame that fits its actions, from a port or from none. */
void gen_packet_out(struct gen_buf *, struct m_packet *);
/* A match, padded, appended. */
void gen_match(struct gen_buf *, unsigned max_fields);

#endif
