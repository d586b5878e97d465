/* SPDX-License-Identifier: ISC */
/* What a connection is to the switch: its role and its asynchronous messages (7.3.9, 7.3.10, 6.3.6). */
#include "handlers.h"

/* A new master makes slaves of the old ones (6.3.6); generation ids are the switch's. */
enum of_error
handle_role(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct ofproto *op = c->op;
	struct role_msg r;
	enum of_error error = role_decode(body, &r);

	if (error)
		return error;
	if (r.role > OFPCR_ROLE_SLAVE)
		return OFPRRFC_BAD_ROLE;
	if ((c->is_mgmt || c->read_only) && (r.role == OFPCR_ROLE_MASTER || r.role == OFPCR_ROLE_SLAVE))
		return OFPRRFC_UNSUP; /* a tool, or somebody who only looks, takes nothing from the controllers */
	if (r.role == OFPCR_ROLE_MASTER || r.role == OFPCR_ROLE_SLAVE) {
		if (op->generation_defined && (int64_t)(r.generation_id - op->generation_id) < 0)
			return OFPRRFC_STALE;
		op->generation_defined = true;
		op->generation_id = r.generation_id;
		LIST_FOR_EACH (n, &op->conns) {
			struct conn *other = CONTAINER_OF(n, struct conn, node);

			if (r.role == OFPCR_ROLE_MASTER && other->s != c->s && other->s->role == OFPCR_ROLE_MASTER)
				other->s->role = OFPCR_ROLE_SLAVE;
		}
	}
	if (r.role != OFPCR_ROLE_NOCHANGE)
		c->s->role = r.role;
	r.role = c->s->role;
	r.generation_id = op->generation_defined ? op->generation_id : UINT64_MAX;
	role_encode(&c->out, OFPT_ROLE_REPLY, h->xid, &r);
	conn_flush_out(c);
	return OF_OK;
}

enum of_error
handle_get_async(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct async_config a = c->s->async;

	(void)body;
	if (!c->s->knows_ext192) /* its reason is told by default, but 1.3 has no name for it */
		a.flow_removed[0] &= ~(1u << OFPRR_EVICTION);
	async_encode(&c->out, OFPT_GET_ASYNC_REPLY, h->xid, &a);
	conn_flush_out(c);
	return OF_OK;
}

enum of_error
handle_set_async(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	const enum of_error error = async_decode(body, &c->s->async);
	const uint32_t *const removed = c->s->async.flow_removed;

	(void)h;
	c->s->knows_ext192 |= ((removed[0] | removed[1]) & 1u << OFPRR_EVICTION) != 0;
	return error;
}
