/* SPDX-License-Identifier: ISC */
/* Experimenter messages and multiparts (7.5.4, 7.3.5.12): extensions are known by their experimenter and their own type. */
#include "handlers.h"

static enum of_error
refusal(uint32_t experimenter)
{
	return experimenter == ONF_EXPERIMENTER_ID ? OFPBRC_BAD_EXP_TYPE : OFPBRC_BAD_EXPERIMENTER;
}

enum of_error
handle_experimenter(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	(void)c;
	(void)h;
	return refusal(wire_be32(body));
}

enum of_error
handle_mp_experimenter(struct conn *c, uint32_t xid, struct wire *body)
{
	(void)c;
	(void)xid;
	return refusal(wire_be32(body));
}
