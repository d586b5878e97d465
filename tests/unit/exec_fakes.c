/* SPDX-License-Identifier: ISC */
/* Stand-ins around the executor, for its unit tests and fuzzers. */
#include "exec_fakes.h"

#include "openflow/openflow13.h"

#include <stdlib.h>
#include <string.h>

static struct fake *the_fake;

static void
fake_classify(void *aux, const struct flow_key *key, const uint8_t *resume, size_t resume_len, struct dp_program *prog)
{
	struct fake *f = aux;

	(void)key;
	(void)resume;
	f->expect_order &= resume_len || f->n_expect[1] > f->n_classify;
	f->n_classify++;
	*prog = resume_len ? f->resumed : f->prog;
}

static void
fake_expect(void *aux, const struct flow_key *key, unsigned step)
{
	struct fake *f = aux;

	(void)key;
	f->n_expect[step]++;
	f->expect_order &= f->n_expect[1] <= f->n_expect[0];
}

static void
fake_normal(void *aux, const struct flow_key *key, uint32_t now_s, struct dp_normal *out)
{
	(void)key;
	(void)now_s;
	*out = ((struct fake *)aux)->normal;
}

static bool
fake_group(void *aux, const struct dp_op_group *op, const struct flow_key *key, uint32_t *at, struct dp_program *prog)
{
	struct fake *f = aux;

	(void)op;
	f->bucket_key = *key;
	if (*at >= f->n_buckets)
		return false;
	*prog = f->buckets[*at];
	*at = *at + 1 < f->n_buckets ? *at + 1 : DP_GROUP_LAST;
	return true;
}

static void
fake_meter(void *aux, uint32_t meter_id, uint32_t n, uint64_t bytes, uint64_t now_ns, struct dp_meter *out)
{
	struct fake *f = aux;
	const bool up = meter_id == OFPM_CONTROLLER || meter_id == OFPM_SLOWPATH;

	(void)bytes;
	(void)now_ns;
	*out = up ? f->up_meter : f->meter;
	if (n > 1 && (!up || f->up_meter.verdict))
		out->verdict = up ? DP_METER_SPLIT : f->meter_super;
	else
		f->n_metered += n;
}

static const struct dp_client client = {
    .classify = fake_classify, .expect = fake_expect, .normal = fake_normal, .group = fake_group, .meter = fake_meter};

struct fake *
fake_create(void)
{
	struct fake *f = calloc(1, sizeof(*f));

	if (!f || (f->out = calloc(FAKE_MAX_OUTPUTS, sizeof(*f->out))) == NULL ||
	    (f->counters = counters_create(1)) == NULL ||
	    exec_reader_init(&f->reader, 0, counters_lane(f->counters, 0)) != 0)
		abort();
	f->bridge.client = &client;
	f->bridge.aux = f;
	f->bridge.id = 1;
	changes_init(&f->bridge.changes);
	f->bridge.drops = f->drops;
	dp_program_init(&f->prog);
	dp_program_init(&f->resumed);
	the_fake = f;
	return f;
}

void
fake_destroy(struct fake *f)
{
	exec_reader_fini(&f->reader);
	changes_fini(&f->bridge.changes);
	counters_destroy(f->counters);
	free(f->out);
	free(f);
}

void
fake_reset(struct fake *f)
{
	changes_all(&f->bridge.changes);
	f->n_buckets = f->n_metered = 0;
	f->meter = f->up_meter = (struct dp_meter){.verdict = DP_METER_PASS};
	f->meter_super = DP_METER_PASS;
	for (unsigned i = 0; i < FAKE_MAX_BUCKETS; i++)
		dp_program_init(&f->buckets[i]);
	f->n_classify = f->n_learn = f->n_packet_in = f->n_outputs = 0;
	f->n_expect[0] = f->n_expect[1] = 0;
	f->expect_order = true;
	memset(f->drops, 0, sizeof(f->drops));
	dp_program_init(&f->prog);
	dp_program_init(&f->resumed);
	exec_batch_done(&f->reader);
}

void
fake_run(struct fake *f, uint8_t *frame, size_t len, const struct virtio_net_hdr *vnet)
{
	struct packet p;

	memset(&p, 0, sizeof(p));
	p.head = frame;
	p.head_len = (uint32_t)len;
	p.headroom = PACKET_HEADROOM;
	p.in_port = 1;
	if (vnet)
		p.vnet = *vnet;
	packet_count_wire(&p);
	exec_batch(&f->reader, &f->bridge, &p, 1);
}

uint64_t
fake_drops(const struct fake *f)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < DP_N_DROPS; i++)
		n += f->drops[0][i];
	return n;
}

bool
fake_outputs_untouched(const struct fake *f)
{
	for (unsigned i = 0; i < f->n_outputs && i < FAKE_MAX_OUTPUTS; i++) {
		const struct fake_output *o = &f->out[i];

		if (memcmp(o->bytes, o->head, o->head_len) != 0 ||
		    (o->tail && memcmp(o->bytes + o->head_len, o->tail, o->len - o->head_len) != 0))
			return false;
	}
	return true;
}

bool
tx_output(struct reader *r, struct exec_bridge *b, uint32_t port_no, struct packet *p, bool to_in_port)
{
	struct fake *f = the_fake;
	struct fake_output *o = &f->out[f->n_outputs];

	if (f->refuse || (port_no == p->in_port && !to_in_port)) {
		exec_drop(r, b, f->refuse ? DP_DROP_TX_FULL : DP_DROP_IN_PORT, p->n_frames);
		return false;
	}
	p->queued = true;
	if (f->n_outputs >= FAKE_MAX_OUTPUTS || packet_len(p) > FAKE_FRAME_MAX) {
		f->n_outputs += f->n_outputs < FAKE_MAX_OUTPUTS ? 0 : 1;
		return true;
	}
	f->n_outputs++;
	o->port_no = port_no;
	o->len = packet_len(p);
	o->vnet = p->vnet;
	o->head = p->head;
	o->head_len = p->head_len;
	o->tail = p->tail;
	memcpy(o->bytes, p->head, p->head_len);
	if (p->tail)
		memcpy(o->bytes + p->head_len, p->tail, p->tail_len);
	return true;
}

void
tx_flush(struct reader *r)
{
	(void)r;
}

unsigned
tx_output_all(struct reader *r, struct exec_bridge *b, struct packet *p)
{
	for (unsigned i = 0; i < the_fake->n_all; i++)
		(void)tx_output(r, b, 100 + i, p, false);
	return the_fake->n_all;
}

bool
upcall_packet_in(struct reader *r, struct exec_bridge *b, struct packet *p, const struct flow_key *key,
                 const struct dp_op_controller *op)
{
	(void)r;
	(void)b;
	(void)p;
	(void)key;
	the_fake->n_packet_in++;
	the_fake->packet_in_reason = op->reason;
	return true;
}

void
upcall_learn(struct reader *r, struct exec_bridge *b, const uint8_t mac[6], uint16_t vlan, uint32_t port_no)
{
	(void)r;
	(void)b;
	(void)mac;
	(void)vlan;
	(void)port_no;
	the_fake->n_learn++;
}
