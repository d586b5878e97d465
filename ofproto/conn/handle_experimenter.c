/* SPDX-License-Identifier: ISC */
/* Experimenter messages and multiparts (7.5.4, 7.3.5.15): extensions are known by their experimenter and their own type. */
#include "handlers.h"

#include "extensions.h"

struct row {
	uint32_t exp_type;
	bool slave_refused;
	enum of_error read_only; /* what who may only look is told */
	handler *handler;
};

static const struct row messages[] = {
    {ONFT_FLOW_MONITOR_CANCEL, false, OF_OK, handle_monitor_cancel},
    {ONFT_TABLE_MOD, true, OFPTMFC_EPERM, handle_onf_table_mod},
    {ONFT_BUNDLE_CONTROL, false, OFPBFC_EPERM,
     handle_bundle_control}, /* a slave may tidy up; the commit is looked at */
    {ONFT_BUNDLE_ADD_MESSAGE, true, OFPBFC_EPERM, handle_bundle_add},
};

static const struct {
	uint32_t exp_type;
	mp_handler *handler;
} multiparts[] = {
    {ONFMP_FLOW_MONITOR, handle_mp_flow_monitor},
    {ONFMP_TABLE_DESC, handle_mp_table_desc},
};

enum of_error
handle_experimenter(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct experimenter_hdr e;
	enum of_error error = experimenter_hdr_decode(body, &e);

	if (error)
		return error;
	if (e.experimenter != ONF_EXPERIMENTER_ID)
		return OFPBRC_BAD_EXPERIMENTER;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (messages[i].exp_type != e.exp_type)
			continue;
		if (messages[i].slave_refused && c->s->role == OFPCR_ROLE_SLAVE)
			return OFPBRC_IS_SLAVE;
		if (c->read_only && messages[i].read_only)
			return messages[i].read_only;
		return messages[i].handler(c, h, body);
	}
	return OFPBRC_BAD_EXP_TYPE;
}

enum of_error
handle_mp_experimenter(struct conn *c, uint32_t xid, struct wire *body)
{
	struct experimenter_hdr e;
	enum of_error error = experimenter_hdr_decode(body, &e);

	if (error)
		return error;
	if (e.experimenter != ONF_EXPERIMENTER_ID)
		return OFPBRC_BAD_EXPERIMENTER;
	for (size_t i = 0; i < sizeof(multiparts) / sizeof(multiparts[0]); i++) {
		if (multiparts[i].exp_type == e.exp_type)
			return multiparts[i].handler(c, xid, body);
	}
	return OFPBRC_BAD_EXP_TYPE;
}
