/* SPDX-License-Identifier: ISC */
/* A dp_program: what the datapath does with every frame of one flow key.
 *
 * CONTRACT between ofproto/pipeline (translates flow tables into programs) and datapath-af-packet (caches and executes
 * them).
 *
 * A program is flat memory without pointers: the credits each hit must give, then operations, each a dp_op header and its
 * operand (dp_ops.def), each rounded up to 8 bytes.  So programs are copied with memcpy, and nobody frees parts of
 * one.  The classify callback writes a program into memory that its caller owns; the datapath copies it into
 * its microflow cache.
 *
 * A program depends on the flow key and the resume context alone, never on the frame's other bytes.  What is only known
 * when a frame passes (group buckets, meters, NORMAL's address table, TTL, port state) is decided by the operation
 * when it runs.
 *
 * It also says what of the flow tables it depends on, so that a change elsewhere does not cost the cache: 'tables' has bit n % 64 for each
 * table n that was asked, and 'rows' bit n for each row n of the key that one of them saw changed (set-field, push, metadata).  Whoever
 * does not say depends on everything.
 *
 * After an operation that changes the frame, later OUTPUTs send the changed frame; outputs before it keep the old one. */
#ifndef DP_PROGRAM_H
#define DP_PROGRAM_H

#include "flow_key.h"

enum dp_drop {
#define DROP(id, name, text) DP_DROP_##id,
#include "drops.def"
#undef DROP
	DP_N_DROPS
};

enum dp_op_type {
#define DP_OP(id, name, operand, offload) DP_OP_##id,
#include "dp_ops.def"
#undef DP_OP
	DP_N_OPS
};

struct dp_op {
	uint16_t type; /* enum dp_op_type */
	uint16_t len;  /* bytes, header included, a multiple of 8 */
};

struct dp_op_none {
	struct dp_op op;
	uint32_t pad;
};
struct dp_op_u32 {
	struct dp_op op;
	uint32_t id; /* queue or meter id */
};
/* Which buckets take the frame, and what they do to it, is asked when the operation runs (dp_client.group); each works on a copy. */
struct dp_op_group {
	struct dp_op op;
	uint32_t group_id;
	uint8_t table_id; /* this and the rest: for packet-ins out of buckets */
	uint8_t pad[7];
	uint64_t cookie;
	be64 metadata;
};
struct dp_op_output {
	struct dp_op op;
	uint32_t port_no; /* a real port or OFPP_LOCAL; skipped (IN_PORT drop) if it is the frame's ingress port */
};
struct dp_op_ethertype {
	struct dp_op op;
	uint16_t ethertype; /* host order: the tag's TPID (push) or what lies below (pop_mpls) */
	uint16_t pad;
};
/* dec_*: when the TTL would reach 0 the frame is not changed, an INVALID_TTL packet-in is raised (max_len: the
 * controllers' miss_send_len, 7.4.1) and the rest of the program is skipped. */
struct dp_op_ttl {
	struct dp_op op;
	uint8_t ttl;      /* set_*: the value */
	uint8_t table_id; /* dec_*: for the packet-in */
	uint16_t n_credits; /* dec_*: see dp_op_meter */
	uint64_t cookie;  /* dec_*: for the packet-in */
	be64 metadata;    /* dec_*: for the packet-in's match */
};
/* Where a frame may end before its program does: what the program credits after its first 'n_credits' credits is of tables that such a
 * frame does not reach, and is taken back.  In a bucket UINT16_MAX, for only the bucket's copy ends. */
struct dp_op_meter {
	struct dp_op op;
	uint32_t id;
	uint16_t n_credits;
	uint16_t pad[3];
};
struct dp_op_controller {
	struct dp_op op;
	uint16_t max_len; /* bytes to send; OFPCML_NO_BUFFER = all */
	uint8_t reason;   /* OFPR_* */
	uint8_t table_id;
	uint64_t cookie;  /* of the flow entry; ~0 from a packet-out */
	be64 metadata;    /* pipeline metadata at that point, for the packet-in's match */
};
struct dp_op_set_field {
	struct dp_op op;
	uint8_t field;     /* enum oxm_field, writable */
	uint8_t len;       /* bytes of value in use */
	uint8_t pad[2];
	uint8_t value[16]; /* OXM payload, network order, left-aligned */
};
/* Parse the changed frame again and look it up under its new key plus 'resume'.  Must be the last operation. */
struct dp_op_reparse {
	struct dp_op op;
	uint16_t resume_len; /* bytes of 'resume' in use */
	uint16_t pad;
	uint8_t resume[];    /* opaque to the datapath: table, metadata, action set (pipeline/resume.c); compared bytewise */
};
struct dp_op_drop {
	struct dp_op op;
	uint32_t reason; /* enum dp_drop; counted if the frame has had no output when the program ends here */
};

/* What a hit adds to the counter slab (lib/counters.h). */
enum dp_credit_kind {
	DP_CREDIT_RULE,       /* + packets, + bytes, used = now */
	DP_CREDIT_RULE_PACKETS, /* + packets, used = now (NO_BYT_COUNTS) */
	DP_CREDIT_RULE_BYTES, /* + bytes, used = now (NO_PKT_COUNTS) */
	DP_CREDIT_RULE_USE,   /* used = now (both) */
	DP_CREDIT_TABLE_HIT,  /* table lookups and matched: packets += n, bytes += n */
	DP_CREDIT_TABLE_MISS, /* table lookups: packets += n */
	DP_CREDIT_GROUP,      /* a group or a bucket: + packets, + bytes */
};
struct dp_credit {
	uint32_t id; /* counter id */
	uint32_t kind;
};

#define DP_PROGRAM_MAX_OPS 8192   /* bytes of operations in one program */
#define DP_PROGRAM_MAX_CREDITS 512 /* 254 tables, two each */
#define DP_RESUME_MAX 2048        /* bytes */
#define DP_MAX_REPARSE 16         /* passes for one frame */
#define DP_MAX_GROUPS 32          /* groups within groups for one frame */
#define DP_MAX_BUCKETS 2048       /* buckets for one frame, those of groups within groups included */

/* The buffer that the caller of classify owns (one per reader, not per frame). */
struct dp_program {
	uint16_t n_credits;
	uint16_t ops_len; /* bytes */
	bool overflow;    /* set by the appenders when a limit is passed; the program then is DROP(PROGRAM_TOO_BIG) */
	bool cacheable;   /* false: run it once and forget it */
	uint32_t rows;    /* of the key, see above */
	uint64_t tables;
	struct dp_credit credits[DP_PROGRAM_MAX_CREDITS];
	_Alignas(8) uint8_t ops[DP_PROGRAM_MAX_OPS];
};

/* Appenders, used by pipeline/; defined in lib-free static inlines so that both sides and tests share them. */
static inline void
dp_program_init(struct dp_program *p)
{
	p->n_credits = 0;
	p->ops_len = 0;
	p->overflow = false;
	p->cacheable = true;
	p->rows = UINT32_MAX;
	p->tables = UINT64_MAX;
}

static inline void
dp_program_credit(struct dp_program *p, uint32_t id, enum dp_credit_kind kind)
{
	if (p->n_credits == DP_PROGRAM_MAX_CREDITS) {
		p->overflow = true;
		return;
	}
	p->credits[p->n_credits].id = id;
	p->credits[p->n_credits++].kind = (uint32_t)kind;
}

/* Room for an operation of 'len' bytes (header and operand), zeroed, header filled; NULL when it does not fit. */
static inline void *
dp_program_append(struct dp_program *p, enum dp_op_type type, size_t len)
{
	const size_t padded = (len + 7) & ~(size_t)7;
	struct dp_op *op;

	if (padded > DP_PROGRAM_MAX_OPS - (size_t)p->ops_len) {
		p->overflow = true;
		return NULL;
	}
	op = (struct dp_op *)(void *)(p->ops + p->ops_len);
	__builtin_memset(op, 0, padded);
	op->type = (uint16_t)type;
	op->len = (uint16_t)padded;
	p->ops_len = (uint16_t)(p->ops_len + padded);
	return op;
}

/* Walks operations: for (op = dp_op_first(ops); dp_op_in(op, ops, len); op = dp_op_next(op)). */
static inline const struct dp_op *
dp_op_first(const void *ops)
{
	return (const struct dp_op *)ops;
}
static inline bool
dp_op_in(const struct dp_op *op, const void *ops, size_t len)
{
	return (const uint8_t *)op < (const uint8_t *)ops + len;
}
static inline const struct dp_op *
dp_op_next(const struct dp_op *op)
{
	return (const struct dp_op *)(const void *)((const uint8_t *)op + op->len);
}

#endif
