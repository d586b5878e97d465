/* SPDX-License-Identifier: ISC */
/* Fuzz target: a run of frames through reassembly.  Each frame is a byte of length (times 8), then its bytes; what comes out goes on
 * to be cut again. */
#include "exec_fakes.h"
#include "frag.h"
#include "openflow/openflow13.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(void *aux, struct packet *p)
{
	if (packet_len(p) > *(const uint32_t *)aux)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fake *f;
	struct dp_op_output *o;

	if (!f)
		f = fake_create();
	fake_reset(f);
	frags_forget(f->reader.frags, NULL);
	f->bridge.frag_flags = OFPC_FRAG_REASM;
	o = dp_program_append(&f->prog, DP_OP_OUTPUT, sizeof(*o));
	o->port_no = 2;
	while (size > 1) {
		const size_t len = data[0] * 8u < size - 1 ? data[0] * 8u : size - 1;
		uint8_t *buf = malloc(PACKET_HEADROOM + len);
		struct packet p = {
		    .head = buf + PACKET_HEADROOM, .head_len = (uint32_t)len, .headroom = PACKET_HEADROOM};
		uint32_t max = 65535 + 14 + 64;

		if (!buf)
			abort();
		memcpy(p.head, data + 1, len);
		fake_run(f, p.head, len, NULL);
		p.frag_max = 1500;
		p.frag_at = data[0];
		(void)packet_refragment(&f->reader, &p, 600, look, &max);
		exec_batch_done(&f->reader);
		f->n_outputs = 0;
		f->reader.now_ms += 10;
		free(buf);
		data += 1 + len;
		size -= 1 + len;
	}
	return 0;
}
