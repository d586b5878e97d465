/* SPDX-License-Identifier: ISC */
/* Groups: none can be added yet, none is there to change, and deleting nothing succeeds (7.3.4.2, 7.3.5.6 to 7.3.5.8). */
#include "handlers.h"
#include "reply.h"

enum of_error
handle_group_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct group_mod gm;
	enum of_error error = group_mod_decode(body, &acts, &gm);

	(void)c;
	(void)h;
	if (!error && gm.command > OFPGC_DELETE)
		error = OFPGMFC_BAD_COMMAND;
	else if (!error && gm.command != OFPGC_DELETE && gm.group_id > OFPG_MAX)
		error = OFPGMFC_INVALID_GROUP;
	else if (!error && gm.command != OFPGC_DELETE && gm.type > OFPGT_FF)
		error = OFPGMFC_BAD_TYPE;
	else if (!error && gm.command == OFPGC_ADD)
		error = OFPGMFC_OUT_OF_GROUPS;
	else if (!error && gm.command == OFPGC_MODIFY)
		error = OFPGMFC_UNKNOWN_GROUP;
	group_mod_fini(&gm);
	act_buf_fini(&acts);
	return error;
}

enum of_error
handle_mp_group(struct conn *c, uint32_t xid, struct wire *body)
{
	(void)body;
	reply_end(c, reply_begin(c, xid, OFPMP_GROUP));
	return OF_OK;
}

enum of_error
handle_mp_group_desc(struct conn *c, uint32_t xid, struct wire *body)
{
	(void)body;
	reply_end(c, reply_begin(c, xid, OFPMP_GROUP_DESC));
	return OF_OK;
}

enum of_error
handle_mp_group_features(struct conn *c, uint32_t xid, struct wire *body)
{
	const struct group_features none = {0};
	const size_t start = reply_begin(c, xid, OFPMP_GROUP_FEATURES);

	(void)body;
	group_features_encode(&c->out, &none);
	reply_end(c, start);
	return OF_OK;
}
