/* SPDX-License-Identifier: ISC */
/* A frame's way through programs: key, microflow cache or classify, credits, operations, again after REPARSE.
 *
 * A frame that ends without any output counts one reason, here unless tx or the packet-in queue has counted it; a frame that a
 * superframe was cut into counts for itself.  An operation runs on the frame as the operations before left it. */
#include "act.h"
#include "arena.h"
#include "frag.h"
#include "microflow.h"

#include "openflow/openflow13.h"

#include <errno.h>
#include <string.h>

int
exec_reader_init(struct reader *r, unsigned index, struct counter_lane *credits)
{
	r->index = index;
	r->credits = credits;
	r->cache = microflow_create();
	r->arena = arena_create();
	r->frags = frags_create();
	if (r->cache && r->arena && r->frags)
		return 0;
	exec_reader_fini(r);
	return -ENOMEM;
}

void
exec_reader_fini(struct reader *r)
{
	microflow_destroy(r->cache);
	arena_destroy(r->arena);
	frags_destroy(r->frags);
	r->cache = NULL;
	r->arena = NULL;
	r->frags = NULL;
}

void
exec_batch_done(struct reader *r)
{
	arena_reset(r->arena);
	frags_batch_done(r->frags);
}

void
act_offsets(struct act *a)
{
	struct packet *p = a->p;

	if (p->key_valid)
		return;
	flow_key_extract(p->head, p->head_len, packet_len(p), p->in_port, &a->key, &p->ofs);
	p->key_valid = true;
	a->stale = false;
	a->proto_at = 0;
}

void
act_refresh(struct act *a)
{
	if (a->stale)
		a->p->key_valid = false;
	act_offsets(a);
}

uint8_t *
act_head(struct act *a, uint32_t need)
{
	a->reason = DP_DROP_MALFORMED;
	if (!packet_unshare(a->r, a->p) || a->p->head_len < need)
		return NULL;
	return a->p->head;
}

/* Entries count what was received, groups what reached them. */
static void
give_credit(struct act *a, const struct dp_credit *c)
{
	const struct packet *p = a->p;
	const uint64_t received = (uint64_t)(p->wire_bytes - a->grown * p->n_frames);

	switch ((enum dp_credit_kind)c->kind) {
	case DP_CREDIT_RULE:
		counters_add(a->r->credits, c->id, p->n_frames, received, a->r->now_ms);
		break;
	case DP_CREDIT_RULE_PACKETS:
		counters_add(a->r->credits, c->id, p->n_frames, 0, a->r->now_ms);
		break;
	case DP_CREDIT_RULE_BYTES:
		counters_add(a->r->credits, c->id, 0, received, a->r->now_ms);
		break;
	case DP_CREDIT_RULE_USE:
		counters_touch(a->r->credits, c->id, a->r->now_ms);
		break;
	case DP_CREDIT_TABLE_HIT:
		counters_add(a->r->credits, c->id, p->n_frames, p->n_frames, a->r->now_ms);
		break;
	case DP_CREDIT_TABLE_MISS:
		counters_add(a->r->credits, c->id, p->n_frames, 0, a->r->now_ms);
		break;
	case DP_CREDIT_GROUP:
		counters_add(a->r->credits, c->id, p->n_frames, p->wire_bytes, a->r->now_ms);
		break;
	}
}

void
act_credits(struct act *a, const struct dp_credit *credits, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		give_credit(a, &credits[i]);
}

static void
run_output(struct act *a, uint32_t port_no, bool to_in_port)
{
	if (tx_output(a->r, a->b, port_no, a->p, to_in_port))
		a->p->n_outputs++;
	else
		a->counted = true;
}

static void
run_output_all(struct act *a)
{
	const unsigned n = tx_output_all(a->r, a->b, a->p);

	a->p->n_outputs = (uint16_t)(a->p->n_outputs + n);
	if (n == 0)
		a->reason = DP_DROP_NO_FLOOD_PORT;
}

static void
run_normal(struct act *a)
{
	struct dp_normal v;

	memset(&v, 0, sizeof(v));
	act_refresh(a);
	a->b->client->normal(a->b->aux, &a->key, a->r->now_s, &v);
	if (v.learn)
		upcall_learn(a->r, a->b, a->key.eth_src, v.vlan, a->p->in_port);
	switch (v.verdict) {
	case DP_NORMAL_UNICAST:
		run_output(a, v.port_no, false);
		break;
	case DP_NORMAL_FLOOD:
		run_output_all(a);
		break;
	case DP_NORMAL_DROP:
		a->reason = v.reason;
		break;
	}
}

static void
run_expired(struct act *a, const struct dp_op_ttl *op)
{
	struct dp_op_controller c;

	memset(&c, 0, sizeof(c));
	c.op.type = DP_OP_CONTROLLER;
	c.op.len = sizeof(c);
	c.reason = OFPR_INVALID_TTL;
	c.table_id = op->table_id;
	c.cookie = op->cookie;
	c.metadata = op->metadata;
	a->reason = DP_DROP_TTL;
	act_controller(a, &c);
}

/* False: the frame's way ends here. */
static bool
run_dec_ttl(struct act *a, const struct dp_op_ttl *op)
{
	bool expired = false;

	if (!(op->op.type == DP_OP_DEC_NW_TTL ? act_dec_nw_ttl(a, &expired) : act_dec_mpls_ttl(a, &expired)))
		return false;
	if (expired) {
		act_ends(a, op->n_credits);
		run_expired(a, op);
	}
	return !expired;
}

/* What the kernel goes by when it cuts a superframe or completes a checksum. */
static bool
renames_protocol(const void *set_field)
{
	const struct dp_op_set_field *o = set_field;

	return o->field == OXM_ETH_TYPE || o->field == OXM_IP_PROTO;
}

static bool
offload_needs_segment(const struct packet *p, const struct dp_op *op)
{
	static const char cut[DP_N_OPS] = {
	    [DP_OP_PUSH_MPLS] = 1, [DP_OP_POP_MPLS] = 1, [DP_OP_PUSH_PBB] = 1, [DP_OP_POP_PBB] = 1};

	if (!packet_is_gso(p) && !packet_has_partial_csum(p))
		return false;
	return cut[op->type] || (op->type == DP_OP_SET_FIELD && renames_protocol(op));
}

/* Operations that change bytes.  False: the frame's way ends here. */
static bool
run_change(struct act *a, const struct dp_op *op)
{
	const void *o = op;

	switch ((enum dp_op_type)op->type) {
	case DP_OP_PUSH_VLAN:
		return act_push_vlan(a, ((const struct dp_op_ethertype *)o)->ethertype);
	case DP_OP_POP_VLAN:
		return act_pop_vlan(a);
	case DP_OP_PUSH_MPLS:
		return act_push_mpls(a, ((const struct dp_op_ethertype *)o)->ethertype);
	case DP_OP_POP_MPLS:
		return act_pop_mpls(a, ((const struct dp_op_ethertype *)o)->ethertype);
	case DP_OP_PUSH_PBB:
		return act_push_pbb(a, ((const struct dp_op_ethertype *)o)->ethertype);
	case DP_OP_POP_PBB:
		return act_pop_pbb(a);
	case DP_OP_SET_FIELD:
		return act_set_field(a, o);
	case DP_OP_SET_NW_TTL:
		return act_set_nw_ttl(a, ((const struct dp_op_ttl *)o)->ttl);
	case DP_OP_SET_MPLS_TTL:
		return act_set_mpls_ttl(a, ((const struct dp_op_ttl *)o)->ttl);
	case DP_OP_DEC_NW_TTL:
	case DP_OP_DEC_MPLS_TTL:
		return run_dec_ttl(a, o);
	case DP_OP_COPY_TTL_OUT:
		return act_copy_ttl_out(a);
	case DP_OP_COPY_TTL_IN:
		return act_copy_ttl_in(a);
	case DP_OP_OUTPUT:
	case DP_OP_OUTPUT_ALL:
	case DP_OP_OUTPUT_FLOOD:
	case DP_OP_OUTPUT_IN_PORT:
	case DP_OP_NORMAL:
	case DP_OP_CONTROLLER:
	case DP_OP_SET_QUEUE:
	case DP_OP_GROUP:
	case DP_OP_METER:
	case DP_OP_REPARSE:
	case DP_OP_DROP:
	case DP_N_OPS:
		break;
	}
	return true;
}

static enum run_end
take_resume(struct act *a, const struct dp_op_reparse *op)
{
	a->resume_len = op->resume_len <= DP_RESUME_MAX ? op->resume_len : 0;
	memcpy(a->resume, op->resume, a->resume_len);
	return RUN_REPARSE;
}

enum run_end
act_run(struct act *a, const uint8_t *ops, size_t len)
{
	const struct dp_op *op;

	for (op = dp_op_first(ops); dp_op_in(op, ops, len); op = dp_op_next(op)) {
		const uint8_t *at = (const uint8_t *)op;
		const size_t left = (size_t)(ops + len - at);
		const void *o = op;

		if (offload_needs_segment(a->p, op)) {
			if (packet_is_gso(a->p)) {
				act_run_segments(a, at, left);
				return RUN_DONE;
			}
			a->reason = DP_DROP_SEGMENT;
			if (!packet_complete_checksum(a->r, a->p))
				return RUN_DONE;
		}
		switch ((enum dp_op_type)op->type) {
		case DP_OP_OUTPUT:
			run_output(a, ((const struct dp_op_output *)o)->port_no, false);
			break;
		case DP_OP_OUTPUT_ALL:
		case DP_OP_OUTPUT_FLOOD:
			run_output_all(a);
			break;
		case DP_OP_OUTPUT_IN_PORT:
			run_output(a, a->p->in_port, true);
			break;
		case DP_OP_NORMAL:
			run_normal(a);
			break;
		case DP_OP_CONTROLLER:
			act_controller(a, o);
			break;
		case DP_OP_SET_QUEUE:
			a->p->queue_id = ((const struct dp_op_u32 *)o)->id;
			break;
		case DP_OP_GROUP:
			/* inside a bucket it is the last operation, and the memory of those after it is no longer theirs */
			act_group(a, o, op->len >= left);
			if (a->groups)
				return RUN_DONE;
			break;
		case DP_OP_METER:
			if (!act_meter(a, o, at, left))
				return RUN_DONE;
			break;
		case DP_OP_REPARSE:
			return take_resume(a, o);
		case DP_OP_DROP:
			a->reason = (enum dp_drop)((const struct dp_op_drop *)o)->reason;
			return RUN_DONE;
		case DP_OP_PUSH_VLAN:
		case DP_OP_POP_VLAN:
		case DP_OP_PUSH_MPLS:
		case DP_OP_POP_MPLS:
		case DP_OP_PUSH_PBB:
		case DP_OP_POP_PBB:
		case DP_OP_SET_FIELD:
		case DP_OP_SET_NW_TTL:
		case DP_OP_DEC_NW_TTL:
		case DP_OP_SET_MPLS_TTL:
		case DP_OP_DEC_MPLS_TTL:
		case DP_OP_COPY_TTL_OUT:
		case DP_OP_COPY_TTL_IN:
		case DP_N_OPS:
			if (!run_change(a, op))
				return RUN_DONE;
			a->reason = DP_DROP_NO_ACTION;
			break;
		}
	}
	return RUN_DONE;
}

/* What the entries that the frame meets count is far away when there are many, and wanted when the frame has been sent. */
static void
expect_credits(const struct act *a, const struct microflow_prog *prog)
{
	for (unsigned i = 0; i < prog->n_credits; i++)
		counters_expect(a->r->credits, prog->credits[i].id);
}

static struct microflow_key
cache_key(const struct act *a)
{
	return (struct microflow_key){&a->key, a->resume, a->resume_len, a->b->id, &a->b->changes};
}

/* The program for the frame as it is: from the cache, or classified now and kept. */
static void
find_program(struct act *a, struct microflow_prog *out)
{
	struct reader *r = a->r;
	struct dp_program *prog = &r->prog;
	const struct microflow_key k = cache_key(a);
	const uint64_t hash = a->hashed ? a->hash : microflow_hash(r->cache, &k);

	a->hashed = false;
	if (microflow_lookup(r->cache, &k, hash, out)) {
		expect_credits(a, out);
		return;
	}
	dp_program_init(prog);
	a->b->client->classify(a->b->aux, &a->key, a->resume, a->resume_len, prog);
	if (prog->overflow) {
		struct dp_op_drop *drop;

		prog->ops_len = 0;
		drop = dp_program_append(prog, DP_OP_DROP, sizeof(*drop));
		if (drop)
			drop->reason = DP_DROP_PROGRAM_TOO_BIG;
	}
	if (prog->cacheable)
		microflow_insert(r->cache, &k, hash, prog);
	out->credits = prog->credits;
	out->n_credits = prog->n_credits;
	out->ops = prog->ops;
	out->ops_len = prog->ops_len;
	expect_credits(a, out);
}

/* Runs the operations and gives the credits of as many tables as the frame has reached. */
static enum run_end
run_program(struct act *a, const uint8_t *ops, size_t len)
{
	const enum run_end end = act_run(a, ops, len);

	act_credits(a, a->credits, a->n_credits);
	a->n_credits = 0;
	return end;
}

/* Runs passes until the frame's way ends, then accounts for it. */
static void
run_passes(struct act *a, enum run_end end)
{
	while (end == RUN_REPARSE) {
		struct microflow_prog prog;

		if (a->passes++ == DP_MAX_REPARSE) {
			a->reason = DP_DROP_LOOP;
			break;
		}
		act_refresh(a);
		a->reason = DP_DROP_NO_ACTION;
		find_program(a, &prog);
		a->credits = prog.credits;
		a->n_credits = prog.n_credits;
		end = run_program(a, prog.ops, prog.ops_len);
	}
	if (a->p->n_outputs == 0 && !a->counted)
		exec_drop(a->r, a->b, a->reason, a->p->n_frames);
}

struct segments {
	struct act *parent;
	const uint8_t *ops;
	size_t len;
};

static void
run_segment(void *aux, struct packet *seg)
{
	const struct segments *s = aux;
	struct act a = *s->parent;

	a.p = seg;
	seg->key_valid = false;
	act_refresh(&a);
	run_passes(&a, run_program(&a, s->ops, s->len));
}

/* The operations and credits move to the batch's memory first, as a segment's REPARSE may evict the program they come from, and a group of
 * its own writes over those of a bucket. */
bool
act_run_segments(struct act *a, const uint8_t *ops, size_t len)
{
	const size_t credits = a->n_credits * sizeof(a->credits[0]);
	uint8_t *copy = arena_alloc(a->r, len + credits);
	struct segments s = {a, copy, len};

	a->reason = DP_DROP_SEGMENT;
	if (!copy)
		return false;
	memcpy(copy, ops, len);
	if (credits)
		a->credits = memcpy(copy + len, a->credits, credits);
	if (!packet_segment(a->r, a->p, run_segment, &s))
		return false;
	a->n_credits = 0; /* each segment gave its own */
	a->counted = true;
	return true;
}

static void
act_init(struct act *a, struct reader *r, struct exec_bridge *b, struct packet *p)
{
	a->r = r;
	a->b = b;
	a->p = p;
	a->reason = DP_DROP_NO_ACTION;
	a->counted = false;
	a->n_credits = 0;
	a->proto_at = 0;
	a->grown = 0;
	a->stale = false;
	a->hashed = false;
	a->passes = 0;
	a->groups = 0;
	a->buckets = 0;
	a->resume_len = 0;
	p->key_valid = false;
	if (p->n_frames == 0)
		packet_count_wire(p);
}

/* A fragment, as SET_CONFIG asks: true if there is something to run, the fragment itself or the datagram that it completes. */
static bool
take_fragment(struct act *a)
{
	struct packet *whole;

	switch (a->b->frag_flags & OFPC_FRAG_MASK) {
	case OFPC_FRAG_DROP:
		exec_drop(a->r, a->b, DP_DROP_FRAG, a->p->n_frames);
		return false;
	case OFPC_FRAG_REASM:
		whole = frags_add(a->r, a->b, a->p, &a->key);
		if (!whole)
			return false;
		act_init(a, a->r, a->b, whole);
		act_refresh(a);
		return true;
	default:
		return true;
	}
}

/* The frame's key, and its set in the cache under way. */
static void
look_at(struct act *a, struct reader *r, struct exec_bridge *b, struct packet *p)
{
	struct microflow_key k;

	act_init(a, r, b, p);
	act_refresh(a);
	k = cache_key(a);
	a->hash = microflow_hash(r->cache, &k);
	a->hashed = true;
	microflow_prefetch_set(r->cache, a->hash);
}

/* The set is there by now: its entry, or what the tables look at first, comes under way. */
static void
expect_program(struct act *a)
{
	a->known = microflow_prefetch_entry(a->r->cache, a->hash);
	if (!a->known && a->b->client->expect)
		a->b->client->expect(a->b->aux, &a->key, 0);
}

static void
expect_rule(const struct act *a)
{
	if (!a->known && a->b->client->expect)
		a->b->client->expect(a->b->aux, &a->key, 1);
}

static void
run_frame(struct act *a)
{
	struct reader *r = a->r;

	if ((a->key.layout & FLOW_LAYOUT_FRAG) && !take_fragment(a))
		return;
	run_passes(a, RUN_REPARSE);
	/* groups of many buckets: what is queued goes before memory runs out.  The frames that follow lie elsewhere */
	if (arena_is_low(r->arena)) {
		tx_flush(r);
		arena_reset(r->arena);
	}
}

/* Frames run in their order, each three steps after its key was made: its program's memory is near by then. */
void
exec_batch(struct reader *r, struct exec_bridge *b, struct packet *pkts, unsigned n)
{
	struct act acts[4];

	for (unsigned i = 0; i < n + 3; i++) {
		if (i + 1 < n)
			__builtin_prefetch(pkts[i + 1].head);
		if (i < n)
			look_at(&acts[i % 4], r, b, &pkts[i]);
		if (i >= 1 && i <= n)
			expect_program(&acts[(i - 1) % 4]);
		if (i >= 2 && i <= n + 1)
			expect_rule(&acts[(i - 2) % 4]);
		if (i >= 3)
			run_frame(&acts[(i - 3) % 4]);
	}
}

void
exec_one(struct reader *r, struct exec_bridge *b, struct packet *p, const struct dp_program *prog)
{
	struct act a;

	act_init(&a, r, b, p);
	act_refresh(&a);
	a.credits = prog->credits;
	a.n_credits = prog->n_credits;
	run_passes(&a, run_program(&a, prog->ops, prog->ops_len));
}
