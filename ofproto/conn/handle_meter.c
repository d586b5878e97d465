/* SPDX-License-Identifier: ISC */
/* Meters: none can be added yet, none is there to change, and deleting nothing succeeds (7.3.4.4, 7.3.5.9 to 7.3.5.11). */
#include "handlers.h"
#include "reply.h"

enum of_error
handle_meter_mod(struct conn *c, const struct ofp_hdr *h, struct wire *body)
{
	struct meter_mod mm;
	enum of_error error = meter_mod_decode(body, &mm);

	(void)c;
	(void)h;
	if (!error && mm.command > OFPMC_DELETE)
		error = OFPMMFC_BAD_COMMAND;
	else if (!error && mm.command == OFPMC_ADD)
		error = OFPMMFC_OUT_OF_METERS;
	else if (!error && mm.command == OFPMC_MODIFY)
		error = OFPMMFC_UNKNOWN_METER;
	meter_mod_fini(&mm);
	return error;
}

enum of_error
handle_mp_meter(struct conn *c, uint32_t xid, struct wire *body)
{
	(void)body;
	reply_end(c, reply_begin(c, xid, OFPMP_METER));
	return OF_OK;
}

enum of_error
handle_mp_meter_config(struct conn *c, uint32_t xid, struct wire *body)
{
	(void)body;
	reply_end(c, reply_begin(c, xid, OFPMP_METER_CONFIG));
	return OF_OK;
}

enum of_error
handle_mp_meter_features(struct conn *c, uint32_t xid, struct wire *body)
{
	const struct meter_features none = {0};
	const size_t start = reply_begin(c, xid, OFPMP_METER_FEATURES);

	(void)body;
	meter_features_encode(&c->out, &none);
	reply_end(c, start);
	return OF_OK;
}
