/* SPDX-License-Identifier: ISC */
/* From a message to its handler: form first, then role, then state.  Everything is synchronous, so errors precede the barrier reply
 * that follows, and a barrier is true when it is answered. */
#include "handlers.h"

#include "clock.h"

static handler *const handlers[OFPT_N_TYPES] = {
#define MSG(type, min, exact, direction, slave, handler) [OFPT_##type] = handle_##handler,
#include "msg_types.def"
#undef MSG
};

/* What somebody who only looks is told: the read-only option of a target. */
static const enum of_error read_only[OFPT_N_TYPES] = {
    [OFPT_PACKET_OUT] = OFPBRC_EPERM, [OFPT_FLOW_MOD] = OFPFMFC_EPERM,  [OFPT_GROUP_MOD] = OFPGMFC_EPERM,
    [OFPT_PORT_MOD] = OFPPMFC_EPERM,  [OFPT_TABLE_MOD] = OFPTMFC_EPERM, [OFPT_METER_MOD] = OFPBRC_EPERM,
};

enum of_error
handle_refused(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	(void)c;
	(void)h;
	(void)body;
	return OFPBRC_BAD_TYPE;
}

enum of_error
handle_ignored(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	(void)c;
	(void)h;
	(void)body;
	return OF_OK;
}

static enum of_error
handle(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	enum of_error error;

	c->op->origin = (struct origin){c, h->xid, clock_ns()};
	c->monitors.told_own = false;
	error = handlers[h->type](c, h, body);
	c->op->origin = (struct origin){0};
	return error;
}

void
conn_dispatch(struct conn *c, const uint8_t *msg, size_t len)
{
	const struct ofp_hdr h = ofp_hdr_decode(msg);
	const struct ofp_type_info *info = ofp_type_info(h.type);
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	enum of_error error;

	if (!info || info->direction == OFP_TO_CONTROLLER)
		error = OFPBRC_BAD_TYPE;
	else if (handlers[h.type] == handle_ignored)
		return; /* an error is never answered with an error */
	else if (len < info->min_len || (info->exact && len != info->min_len))
		error = h.type == OFPT_SET_CONFIG ? OFPSCFC_BAD_LEN : OFPBRC_BAD_LEN;
	else if (info->slave_refused && c->s->role == OFPCR_ROLE_SLAVE)
		error = OFPBRC_IS_SLAVE;
	else if (c->read_only && read_only[h.type])
		error = read_only[h.type];
	else
		error = handle(c, &h, &body);
	if (error)
		conn_send_error(c, msg, len, error);
}
