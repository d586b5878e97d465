/* SPDX-License-Identifier: ISC */
/* explain FLOW: which frames an entry takes, and which entries of its table stand before it.
 *
 * An entry of higher priority covers another when every frame of the other is its own: the other never sees a frame.  It overlaps when
 * some are.  Entries of the same priority that overlap leave it to the switch which one is hit. */
#include "ofctl.h"

#include "action_text.h"
#include "flow_query.h"
#include "flow_text.h"
#include "json.h"
#include "match_text.h"

#include <stdlib.h>

struct explained {
	struct flow_mod fm;
	unsigned covered, overlapped, tied, after;
	bool present;
	bool header;
	struct json *json;
};

enum relation { APART, OVERLAPS, COVERS };

/* What 'a' is to 'b': words of key and mask compared as the classifier does. */
static enum relation
relate(const struct match *a, const struct match *b)
{
	const uint64_t *va = (const uint64_t *)(const void *)&a->key, *ma = (const uint64_t *)(const void *)&a->mask;
	const uint64_t *vb = (const uint64_t *)(const void *)&b->key, *mb = (const uint64_t *)(const void *)&b->mask;
	bool covers = true;

	for (size_t i = 0; i < FLOW_KEY_WORDS; i++) {
		if ((va[i] ^ vb[i]) & ma[i] & mb[i])
			return APART;
		covers = covers && !(ma[i] & ~mb[i]);
	}
	return covers ? COVERS : OVERLAPS;
}

static void
put_entry(struct explained *e, struct ofctl *o, const struct flow_stats *fs, const char *what, const char *key)
{
	struct sbuf b = SBUF_INIT;

	if (e->json) {
		json_begin_object(e->json, NULL);
		json_string(e->json, "relation", key);
		json_number(e->json, "priority", fs->priority);
		match_format(&b, &fs->match, -1, &o->ports);
		json_string(e->json, "match", sbuf_str(&b));
		sbuf_reset(&b);
		insts_format(&b, &fs->insts, &o->ports);
		json_string(e->json, "actions", sbuf_str(&b));
		json_counter(e->json, "n_packets", fs->packet_count);
		json_end_object(e->json);
	} else {
		sbuf_printf(&b, "  %-9s priority=%u", what, fs->priority);
		sbuf_putc(&b, ' ');
		match_format(&b, &fs->match, -1, &o->ports);
		sbuf_chomp(&b, ' ');
		sbuf_putc(&b, ' ');
		insts_format(&b, &fs->insts, &o->ports);
		puts(sbuf_str(&b));
	}
	sbuf_fini(&b);
}

static int
explain_entry(struct ofctl *o, const struct flow_stats *fs, void *aux)
{
	struct explained *e = aux;
	const struct flow_mod *fm = &e->fm;
	const enum relation r = relate(&fs->match, &fm->match);

	if (fs->priority == fm->priority && !memcmp(&fs->match, &fm->match, sizeof(fs->match))) {
		e->present = true;
		put_entry(e, o, fs, "is there:", "same");
	} else if (r == APART) {
		return 0;
	} else if (fs->priority > fm->priority && r == COVERS) {
		e->covered++;
		put_entry(e, o, fs, "covers:", "covers");
	} else if (fs->priority > fm->priority) {
		e->overlapped++;
		put_entry(e, o, fs, "before:", "before");
	} else if (fs->priority == fm->priority) {
		e->tied++;
		put_entry(e, o, fs, "tied:", "tied");
	} else {
		e->after++;
	}
	return 0;
}

static int
explain_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	return flow_query_each(o, msg, len, explain_entry, aux);
}

/* "frames with dl_type 0x0800, ..." in plain words, one field a line. */
static void
put_frames(struct ofctl *o, const struct explained *e)
{
	struct sbuf b = SBUF_INIT;
	char *s, *word;

	match_format(&b, &e->fm.match, -1, &o->ports);
	printf("table %u, priority %u: ", e->fm.table_id, e->fm.priority);
	if (!b.len) {
		puts("every frame that reaches the table and no entry before it takes");
		sbuf_fini(&b);
		return;
	}
	puts("frames with all of");
	s = sbuf_steal(&b);
	for (char *rest = s; s && (word = strsep(&rest, ",")) != NULL;)
		printf("  %s\n", word);
	free(s);
}

static void
put_verdict(const struct explained *e)
{
	if (e->covered)
		printf("It never sees a frame: %u entr%s of higher priority take%s all of them.\n", e->covered,
		       e->covered == 1 ? "y" : "ies", e->covered == 1 ? "s" : "");
	else if (e->overlapped)
		printf("It sees what %u entr%s of higher priority leave%s.\n", e->overlapped,
		       e->overlapped == 1 ? "y" : "ies", e->overlapped == 1 ? "s" : "");
	else
		puts("Nothing stands before it: it sees all of these frames.");
	if (e->tied)
		printf("Frames that it shares with %u entr%s of the same priority may go either way.\n", e->tied,
		       e->tied == 1 ? "y" : "ies");
	if (e->after)
		printf("It takes frames from %u entr%s of lower priority.\n", e->after, e->after == 1 ? "y" : "ies");
	if (!e->present)
		puts("The switch does not have this entry.");
}

static int
run_explain(struct ofctl *o, int argc, char **argv)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct json json = JSON_INIT(stdout);
	struct explained e = {.covered = 0};
	struct flow_stats_request r;
	char *text = NULL;
	int ret = 1;

	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, argv[1]);
	/* the actions say nothing here and may be left out */
	if (asprintf(&text, strstr(argv[1], "action") ? "%s" : "%s actions=drop", argv[1]) < 0)
		return fail("out of memory");
	if (!flow_parse(text, OFPFC_ADD, &o->ports, &acts, &e.fm, &err)) {
		fail_parse(o, "", &err);
		goto out;
	}
	memset(&r, 0, sizeof(r));
	r.table_id = e.fm.table_id;
	r.out_port = OFPP_ANY;
	r.out_group = OFPG_ANY;
	if (o->json) {
		e.json = &json;
		json_begin_array(&json, NULL);
	} else {
		put_frames(o, &e);
	}
	ret = flow_query_send(o, &r, OFPMP_FLOW, explain_part, &e);
	if (o->json)
		json_end_array(&json);
	else if (!ret)
		put_verdict(&e);
out:
	free(text);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	return ret;
}

const struct command explain_commands[] = {
    {"explain", 2, 2, "SWITCH FLOW", "which frames FLOW takes, and what stands before it in its table", run_explain,
     false},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
