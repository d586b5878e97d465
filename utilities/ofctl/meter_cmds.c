/* SPDX-License-Identifier: ISC */
/* Commands on meters. */
#include "ofctl.h"

#include "dump_json.h"
#include "group_text.h"

static int
change_meter(struct ofctl *o, const char *target, const char *text, uint16_t command)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	struct meter_mod mm;
	int ret = 1;

	if (!meter_parse_mod(text, command, &mm, &err)) {
		fail_parse(o, "", &err);
	} else if (connect_to(o, target)) {
		meter_mod_encode(&b, client_xid(o->client), &mm);
		ret = transact_noreply(o, &b);
	}
	meter_mod_fini(&mm);
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

static int
run_add_meter(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_meter(o, argv[0], argv[1], OFPMC_ADD);
}

static int
run_mod_meter(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return change_meter(o, argv[0], argv[1], OFPMC_MODIFY);
}

static int
run_del_meters(struct ofctl *o, int argc, char **argv)
{
	return change_meter(o, argv[0], argc > 1 ? argv[1] : "", OFPMC_DELETE);
}

static int
ask_meters(struct ofctl *o, int argc, char **argv, uint16_t mp_type)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;
	uint32_t meter, xid;
	int ret = 1;

	if (!meter_parse_id(argc > 1 ? argv[1] : "", &meter, &err)) {
		fail_parse(o, "", &err);
	} else if (connect_to(o, argv[0])) {
		xid = client_xid(o->client);
		meter_request_encode(&b, xid, mp_type, meter);
		ret = o->json ? json_meters(o, &b, xid) : transact(o, &b, xid, print_reply, NULL);
	}
	wbuf_fini(&b);
	sbuf_fini(&err);
	return ret;
}

static int
run_dump_meters(struct ofctl *o, int argc, char **argv)
{
	return ask_meters(o, argc, argv, OFPMP_METER_CONFIG);
}

static int
run_meter_stats(struct ofctl *o, int argc, char **argv)
{
	return ask_meters(o, argc, argv, OFPMP_METER);
}

static int
run_meter_features(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	return o->json ? json_meter_features(o) : ask_multipart(o, OFPMP_METER_FEATURES, print_reply, NULL);
}

const struct command meter_commands[] = {
    {"dump-meters", 1, 2, "SWITCH [meter=METER]", "meters", run_dump_meters, false},
    {"dump-meter", 1, 2, "SWITCH [meter=METER]", NULL, run_dump_meters, false},
    {"meter-stats", 1, 2, "SWITCH [meter=METER]", "counters of meters", run_meter_stats, false},
    {"meter-features", 1, 1, "SWITCH", "what meters can do", run_meter_features, false},
    {"add-meter", 2, 2, "SWITCH METER", "add one meter", run_add_meter, true},
    {"mod-meter", 2, 2, "SWITCH METER", "change a meter", run_mod_meter, true},
    {"del-meters", 1, 2, "SWITCH [meter=METER]", "delete a meter or all", run_del_meters, true},
    {"del-meter", 1, 2, "SWITCH [meter=METER]", NULL, run_del_meters, true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
