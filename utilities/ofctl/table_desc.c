/* SPDX-License-Identifier: ISC */
/* See table_desc.h. */
#include "table_desc.h"

#include "dump_json.h"
#include "extensions.h"
#include "xalloc.h"

#include <stdlib.h>

#define HEAD 24u /* bytes of a reply before its first entry */

static void
request_encode(struct wbuf *b, uint32_t xid)
{
	ofp_end(b, onf_multipart_begin(b, OFPT_MULTIPART_REQUEST, xid, ONFMP_TABLE_DESC, 0));
}

/* Whether DESC names this project.  A switch that does not answer that is none of ours. */
static bool
is_ours(struct ofctl *o, struct sbuf *err)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	const uint8_t *msg = NULL;
	struct desc_stats d;
	struct wire w;
	size_t len;

	multipart_simple_encode(&b, xid, OFPMP_DESC);
	if (client_send(o->client, &b, err))
		msg = client_recv_xid(o->client, xid, &len, err);
	wbuf_fini(&b);
	if (!msg || ofp_hdr_decode(msg).type != OFPT_MULTIPART_REPLY)
		return false;
	w = wire_init(msg, len);
	wire_skip(&w, 16);
	return !desc_stats_decode(&w, &d) && !strncmp(d.mfr_desc, RINGFLOW_MFR_DESC, sizeof(d.mfr_desc));
}

void
tell_ext192(struct ofctl *o)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	struct sbuf err = SBUF_INIT;

	if (!o->told_ext192 && is_ours(o, &err)) {
		request_encode(&b, client_xid(o->client));
		(void)client_send(o->client, &b, &err); /* the request behind it will fail as well */
	}
	o->told_ext192 = true;
	wbuf_fini(&b);
	sbuf_fini(&err);
}

static int
ask(struct ofctl *o, reply_fn *each, void *aux)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	request_encode(&b, xid);
	ret = transact(o, &b, xid, each, aux);
	wbuf_fini(&b);
	return ret;
}

int
run_dump_table_desc(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, NULL);
	return o->json ? json_table_desc(o) : ask(o, print_reply, NULL);
}

static bool
parse_percent(const char *text, const char *what, uint8_t *out)
{
	char *end;
	const unsigned long v = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-' || v > 100) {
		fail("Invalid vacancy %s value \"%s\"", what, text);
		return false;
	}
	*out = (uint8_t)v;
	return true;
}

static bool
parse_vacancy(const char *text, struct table_setting *s)
{
	char *copy = xstrdup(text), *save = NULL;
	const char *down = strtok_r(copy, ",", &save), *up = strtok_r(NULL, ",", &save);
	bool ok = false;

	if (!down)
		fail("Vacancy down value missing");
	else if (!up)
		fail("Vacancy up value missing");
	else
		ok = parse_percent(down, "down", &s->vacancy_down) && parse_percent(up, "up", &s->vacancy_up);
	free(copy);
	if (ok && s->vacancy_up < s->vacancy_down) {
		fail("Invalid vacancy range, vacancy up should be greater than vacancy down (OFPBPC_BAD_VALUE)");
		return false;
	}
	return ok;
}

bool
table_setting_parse(const char *text, struct table_setting *s)
{
	*s = (struct table_setting){.set = 0};
	if (!strcmp(text, "evict")) {
		s->set = OFPTC_EVICTION;
	} else if (!strcmp(text, "noevict")) {
		s->clear = OFPTC_EVICTION;
	} else if (!strcmp(text, "novacancy")) {
		s->clear = OFPTC_VACANCY_EVENTS;
	} else if (!strncmp(text, "vacancy", 7) && (text[7] == ':' || !text[7])) {
		s->set = OFPTC_VACANCY_EVENTS;
		s->has_vacancy = true;
		return parse_vacancy(text[7] ? text + 8 : "", s);
	} else {
		fail("invalid table_mod setting %s", text);
		return false;
	}
	return true;
}

struct change {
	const struct table_setting *how;
	uint8_t table;
	bool answered, found;
	struct wbuf mods;
};

static int
change_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct change *c = aux;
	struct wire w = wire_init(msg, len);
	struct table_desc d;

	c->answered = true;
	wire_skip(&w, HEAD);
	while (wire_left(&w) > 0) {
		if (table_desc_decode(&w, &d))
			return fail("received bad reply");
		if (c->table != OFPTT_ALL && c->table != d.table_id)
			continue;
		c->found = true;
		d.config = (d.config & ~c->how->clear) | c->how->set;
		d.has_eviction = false; /* what is not said stays */
		d.has_vacancy = c->how->has_vacancy;
		d.vacancy_down = c->how->vacancy_down;
		d.vacancy_up = c->how->vacancy_up;
		d.vacancy = 0;
		onf_table_mod_encode(&c->mods, client_xid(o->client), &d);
	}
	return 0;
}

int
table_setting_apply(struct ofctl *o, uint8_t table, const struct table_setting *how)
{
	struct change c = {.how = how, .table = table, .mods = WBUF_INIT(1u << 20)};
	int ret = ask(o, change_part, &c);

	if (!ret && !c.answered)
		ret = 1; /* the error has been printed */
	else if (!ret && !c.found)
		ret = fail("%s: the switch does not have table %u", o->target, table);
	if (!ret)
		ret = transact_noreply(o, &c.mods);
	wbuf_fini(&c.mods);
	return ret;
}
