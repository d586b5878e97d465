/* SPDX-License-Identifier: ISC */
/* Any bytes as a virtio_net_hdr, a program and a frame: no crash, and every frame is accounted for.
 *
 * Input: one byte, the number of operations and (high half) what meters say; 10 bytes of virtio_net_hdr; for each operation its type, a
 * byte with its field and (two highest bits) whether it is the program's or one of three buckets', and 16 bytes; the rest is the
 * frame. */
#include "exec_fakes.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OP_BYTES 18u

static void
append_op(struct dp_program *prog, const uint8_t *d)
{
	static const size_t sizes[DP_N_OPS] = {
#define DP_OP(id, name, operand, offload) sizeof(struct operand),
#include "dp_ops.def"
#undef DP_OP
	};
	const enum dp_op_type type = (enum dp_op_type)(d[0] % DP_N_OPS);
	struct dp_op *op;

	if (type == DP_OP_REPARSE)
		return;
	op = dp_program_append(prog, type, sizes[type]);
	if (!op)
		return;
	memcpy(op + 1, d + 2, sizes[type] - sizeof(*op) < 16 ? sizes[type] - sizeof(*op) : 16);
	if (type == DP_OP_SET_FIELD) {
		((struct dp_op_set_field *)(void *)op)->field = (d[1] & 63) % OXM_N_FIELDS;
		memcpy(((struct dp_op_set_field *)(void *)op)->value, d + 2, 16);
	} else if (type == DP_OP_DROP) {
		((struct dp_op_drop *)(void *)op)->reason %= DP_N_DROPS;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[PACKET_HEADROOM + 4096];
	static struct fake *fk;
	struct virtio_net_hdr vnet;
	size_t n_ops;

	if (!fk)
		fk = fake_create();
	if (size < 1 + sizeof(vnet))
		return 0;
	fake_reset(fk);
	fk->n_all = 1;
	fk->n_packet_in = 0;
	n_ops = data[0] % 16;
	fk->n_buckets = 3;
	fk->meter_super = (enum dp_meter_verdict)(data[0] >> 4 & 3);
	fk->meter.verdict = fk->meter_super == DP_METER_SPLIT ? DP_METER_PASS : fk->meter_super;
	fk->meter.levels = 1;
	fk->up_meter.verdict = (enum dp_meter_verdict)((data[0] >> 6) % DP_METER_SPLIT);
	memcpy(&vnet, data + 1, sizeof(vnet));
	data += 1 + sizeof(vnet);
	size -= 1 + sizeof(vnet);
	for (; n_ops > 0 && size >= OP_BYTES; n_ops--, data += OP_BYTES, size -= OP_BYTES)
		append_op(data[1] >> 6 ? &fk->buckets[(data[1] >> 6) - 1] : &fk->prog, data);
	if (size > 4096)
		size = 4096;
	memcpy(buf + PACKET_HEADROOM, data, size);
	fake_run(fk, buf + PACKET_HEADROOM, size, &vnet);
	if (fk->n_outputs == 0 && fk->n_packet_in == 0 && fake_drops(fk) == 0)
		abort();
	if (!fake_outputs_untouched(fk))
		abort();
	return 0;
}
