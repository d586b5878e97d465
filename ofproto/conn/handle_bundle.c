/* SPDX-License-Identifier: ISC */
/* Bundles: EXT-230, which is 7.3.9 of OpenFlow 1.4 on 1.3.
 *
 * A message is checked for its form when it is added, and for what the tables say to it when the bundle is committed.  The error of a
 * message has that message's xid and bytes; a commit that fails for it is refused with OFPBFC_MSG_FAILED as well.  All bundles are
 * atomic and ordered, whatever their flags ask for.  As in Open vSwitch, adding to an unknown bundle opens it, and a bundle is discarded
 * when a request about it is refused for its flags or its state, but not when a message is.
 *
 * Ports are not part of the tables: their configuration changes just before the switch, one port after the other, and goes back
 * when one of them can't follow. */
#include "bundle.h"
#include "handlers.h"

#include "clock.h"
#include "extensions.h"
#include "log.h"
#include "txn.h"

#include <stdlib.h>

#define MAX_BUNDLES 4
#define MAX_MESSAGES 65536u
#define MAX_BYTES (16u * 1024 * 1024) /* of one bundle, messages and what keeping them takes */
#define BLOCK (64u * 1024) /* bytes of messages kept together; long ones are kept alone */
#define IDLE_NS UINT64_C(10000000000)
#define HEAD 24u /* bytes of the first request, to be quoted when it has been idle for too long */

struct block {
	struct list node;
	size_t len, cap;
	uint8_t data[]; /* whole messages one after the other */
};

struct bundle {
	struct list node; /* in conn.bundles */
	struct list blocks;
	uint32_t id;
	uint16_t flags;
	bool closed;
	uint32_t n_messages;
	size_t bytes;
	uint64_t used_ns;
	uint8_t head[HEAD];
};

static struct bundle *
find(struct conn *c, uint32_t id)
{
	LIST_FOR_EACH (n, &c->bundles) {
		struct bundle *b = CONTAINER_OF(n, struct bundle, node);

		if (b->id == id)
			return b;
	}
	return NULL;
}

static void
forget(struct bundle *b)
{
	struct list *n;

	while ((n = list_pop_front(&b->blocks)) != NULL)
		free(CONTAINER_OF(n, struct block, node));
	list_remove(&b->node);
	free(b);
}

void
bundles_forget(struct conn *c)
{
	while (!list_is_empty(&c->bundles))
		forget(CONTAINER_OF(c->bundles.next, struct bundle, node));
}

void
bundles_expire(struct conn *c)
{
	const uint64_t now = clock_ns();

	LIST_FOR_EACH_SAFE (n, next, &c->bundles) {
		struct bundle *b = CONTAINER_OF(n, struct bundle, node);

		if (now - b->used_ns < IDLE_NS)
			continue;
		conn_send_error(c, b->head, sizeof(b->head), OFPBFC_TIMEOUT);
		forget(b);
	}
}

/* 'msg' is the request that opens it, of at least HEAD bytes. */
static enum of_error
open_bundle(struct conn *c, uint32_t id, uint16_t flags, const uint8_t *msg, struct bundle **out)
{
	unsigned n = 0;
	struct bundle *b;

	if (flags & ~OFPBF_ALL)
		return OFPBFC_BAD_FLAGS;
	LIST_FOR_EACH (it, &c->bundles)
		n++;
	b = n < MAX_BUNDLES ? calloc(1, sizeof(*b)) : NULL;
	if (!b)
		return OFPBFC_OUT_OF_BUNDLES;
	list_init(&b->blocks);
	b->id = id;
	b->flags = flags;
	b->used_ns = clock_ns();
	memcpy(b->head, msg, HEAD);
	list_push_back(&c->bundles, &b->node);
	*out = b;
	return OF_OK;
}

/* ---- what a message may be ---- */

typedef enum of_error decode_fn(struct wire *body);
typedef enum of_error apply_fn(struct conn *c, struct txn *x, struct wire *body);

static enum of_error
flow_decode(struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;
	const enum of_error error = flow_mod_decode(body, &acts, &fm);

	act_buf_fini(&acts);
	return error;
}

static enum of_error
flow_apply(struct conn *c, struct txn *x, struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct flow_mod fm;
	enum of_error error = flow_mod_decode(body, &acts, &fm);

	c->s->knows_ext192 |= fm.insts.has_importance;
	if (!error)
		error = txn_flow_mod(x, &fm);
	act_buf_fini(&acts);
	return error;
}

static enum of_error
group_decode(struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	const enum of_error error = group_mod_decode(body, &acts, &gm);

	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

static enum of_error
group_apply(struct conn *c, struct txn *x, struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	enum of_error error = group_mod_decode(body, &acts, &gm);

	(void)c;
	if (!error)
		error = txn_group_mod(x, &gm);
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

static enum of_error
meter_decode(struct wire *body)
{
	struct meter_mod mm;
	const enum of_error error = meter_mod_decode(body, &mm);

	meter_mod_fini(&mm);
	return error;
}

static enum of_error
meter_apply(struct conn *c, struct txn *x, struct wire *body)
{
	struct meter_mod mm;
	enum of_error error = meter_mod_decode(body, &mm);

	(void)c;
	if (!error)
		error = txn_meter_mod(x, &mm);
	meter_mod_fini(&mm);
	return error;
}

static enum of_error
port_decode(struct wire *body)
{
	struct port_mod pm;

	return port_mod_decode(body, &pm);
}

static enum of_error
port_apply(struct conn *c, struct txn *x, struct wire *body)
{
	struct port_mod pm;
	const enum of_error error = port_mod_decode(body, &pm);

	(void)x;
	return error ? error : port_mod_check(c->op, &pm);
}

static const struct kind {
	uint8_t type;
	decode_fn *decode; /* form */
	apply_fn *apply; /* state */
} kinds[] = {
    {OFPT_FLOW_MOD, flow_decode, flow_apply},
    {OFPT_GROUP_MOD, group_decode, group_apply},
    {OFPT_METER_MOD, meter_decode, meter_apply},
    {OFPT_PORT_MOD, port_decode, port_apply},
};

static const struct kind *
kind_of(uint8_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == type)
			return &kinds[i];
	}
	return NULL;
}

/* ---- adding ---- */

/* What is wrong with the wrapping, not with the message. */
static enum of_error
check_wrapping(const uint8_t *msg, size_t len, uint32_t outer_xid)
{
	const struct ofp_hdr h = ofp_hdr_decode(msg);
	const struct ofp_type_info *info = ofp_type_info(h.type);

	if (h.version != OFP_VERSION)
		return OFPBRC_BAD_VERSION;
	if (h.xid != outer_xid)
		return OFPBFC_MSG_BAD_XID;
	if (!kind_of(h.type))
		return OFPBFC_MSG_UNSUP;
	return len < info->min_len || (info->exact && len != info->min_len) ? OFPBFC_MSG_BAD_LEN : OF_OK;
}

static enum of_error
check_message(const uint8_t *msg, size_t len)
{
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);

	return kind_of(msg[1])->decode(&body);
}

/* The block that the next 'len' bytes go to; NULL: the bundle is full. */
static struct block *
room(struct bundle *b, size_t len)
{
	struct block *k = list_is_empty(&b->blocks) ? NULL : CONTAINER_OF(b->blocks.prev, struct block, node);
	const size_t cap = len > BLOCK / 4 ? len : BLOCK;

	if (k && k->cap - k->len >= len)
		return k;
	if (b->bytes + sizeof(*k) + cap > MAX_BYTES || !(k = malloc(sizeof(*k) + cap)))
		return NULL;
	k->len = 0;
	k->cap = cap;
	b->bytes += sizeof(*k) + cap;
	list_push_back(&b->blocks, &k->node);
	return k;
}

static enum of_error
keep(struct bundle *b, const uint8_t *msg, size_t len)
{
	struct block *k = b->n_messages < MAX_MESSAGES ? room(b, len) : NULL;

	if (!k)
		return OFPBFC_MSG_TOO_MANY;
	memcpy(k->data + k->len, msg, len);
	k->len += len;
	b->n_messages++;
	return OF_OK;
}

enum of_error
handle_bundle_add(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	const uint8_t *msg = body->p - 16;
	struct bundle_add a;
	struct bundle *b;
	enum of_error error = bundle_add_decode(body, &a);

	if (error)
		return error;
	b = find(c, a.bundle_id);
	if (!b)
		error = open_bundle(c, a.bundle_id, a.flags, msg, &b);
	if (error)
		return error;
	if (b->closed || a.flags != b->flags) {
		error = b->closed ? OFPBFC_BUNDLE_CLOSED : OFPBFC_BAD_FLAGS;
		forget(b);
		return error;
	}
	b->used_ns = clock_ns();
	error = check_wrapping(a.msg, a.len, h->xid);
	if (error)
		return error;
	error = check_message(a.msg, a.len);
	if (!error)
		return keep(b, a.msg, a.len);
	conn_send_error(c, a.msg, a.len, error);
	return OF_OK;
}

/* ---- committing ---- */

/* Calls 'cb' for each message until one is refused; *failed is then that message. */
static enum of_error
for_each_message(const struct bundle *b, enum of_error (*cb)(void *aux, const uint8_t *msg, size_t len), void *aux,
                 const uint8_t **failed)
{
	enum of_error error = OF_OK;

	LIST_FOR_EACH (n, &b->blocks) {
		const struct block *k = CONTAINER_OF(n, const struct block, node);

		for (size_t at = 0; at < k->len && !error; at += get_be16(k->data + at + 2)) {
			*failed = k->data + at;
			error = cb(aux, *failed, get_be16(*failed + 2));
		}
		if (error)
			return error;
	}
	*failed = NULL;
	return OF_OK;
}

struct commit {
	struct conn *c;
	struct txn *x;
	struct port_undo *ports; /* what was changed, the last one first */
};

static enum of_error
prepare_one(void *aux, const uint8_t *msg, size_t len)
{
	struct commit *m = aux;
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);

	return kind_of(msg[1])->apply(m->c, m->x, &body);
}

static enum of_error
set_port(void *aux, const uint8_t *msg, size_t len)
{
	struct commit *m = aux;
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	struct port_mod pm;

	if (msg[1] != OFPT_PORT_MOD)
		return OF_OK;
	(void)port_mod_decode(&body, &pm);
	return port_mod_apply(m->c->op, &pm, &m->ports);
}

static enum of_error
commit(struct conn *c, const struct bundle *b)
{
	const uint64_t begin = clock_ns();
	struct commit m = {.c = c};
	const uint8_t *failed = NULL;
	enum of_error error;

	ofproto_release(c->op);
	m.x = txn_begin(c->op->tables, &ofproto_section, c->op);
	if (!m.x)
		return OFPBFC_MSG_FAILED;
	error = for_each_message(b, prepare_one, &m, &failed);
	if (!error)
		error = for_each_message(b, set_port, &m, &failed);
	port_undo_all(c->op, m.ports, error != OF_OK);
	if (error) {
		txn_abort(m.x);
		conn_send_error(c, failed, get_be16(failed + 2), error);
		return OFPBFC_MSG_FAILED;
	}
	txn_commit(m.x);
	log_info_rl(LOG_CONN, "%s: a bundle of %u messages is in force (%u ms)", c->name, b->n_messages,
	            (unsigned)((clock_ns() - begin) / 1000000));
	return OF_OK;
}

/* ---- control ---- */

static enum of_error
control_open(struct conn *c, const struct bundle_control *ctl, const uint8_t *msg)
{
	struct bundle *b = find(c, ctl->bundle_id);

	if (b) {
		forget(b);
		return OFPBFC_BAD_ID;
	}
	return open_bundle(c, ctl->bundle_id, ctl->flags, msg, &b);
}

static enum of_error
control_close(struct conn *c, const struct bundle_control *ctl)
{
	struct bundle *b = find(c, ctl->bundle_id);
	enum of_error error = OF_OK;

	if (!b)
		return OFPBFC_BAD_ID;
	if (b->closed)
		error = OFPBFC_BUNDLE_CLOSED;
	else if (b->flags != ctl->flags)
		error = OFPBFC_BAD_FLAGS;
	b->closed = true;
	b->used_ns = clock_ns();
	if (error)
		forget(b);
	return error;
}

static enum of_error
control_commit(struct conn *c, const struct bundle_control *ctl)
{
	struct bundle *b = find(c, ctl->bundle_id);
	enum of_error error;

	if (c->s->role == OFPCR_ROLE_SLAVE)
		return OFPBRC_IS_SLAVE;
	if (!b)
		return OFPBFC_BAD_ID;
	error = b->flags != ctl->flags ? OFPBFC_BAD_FLAGS : commit(c, b);
	forget(b);
	return error;
}

static enum of_error
control_discard(struct conn *c, const struct bundle_control *ctl)
{
	struct bundle *b = find(c, ctl->bundle_id);

	if (!b)
		return OFPBFC_BAD_ID;
	forget(b);
	return OF_OK;
}

enum of_error
handle_bundle_control(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	const uint8_t *msg = body->p - 16;
	struct bundle_control ctl;
	enum of_error error = bundle_control_decode(body, &ctl);

	if (error)
		return error;
	if (ctl.flags & ~OFPBF_ALL)
		return OFPBFC_BAD_FLAGS;
	switch (ctl.type) {
	case OFPBCT_OPEN_REQUEST:
		error = control_open(c, &ctl, msg);
		break;
	case OFPBCT_CLOSE_REQUEST:
		error = control_close(c, &ctl);
		break;
	case OFPBCT_COMMIT_REQUEST:
		error = control_commit(c, &ctl);
		break;
	case OFPBCT_DISCARD_REQUEST:
		error = control_discard(c, &ctl);
		break;
	default: /* a number from the wire: replies too */
		error = OFPBFC_BAD_TYPE;
	}
	if (error)
		return error;
	ctl.type++; /* the reply to a request is the next number */
	bundle_control_encode(&c->out, h->xid, &ctl);
	conn_flush_out(c);
	return OF_OK;
}
