/* SPDX-License-Identifier: ISC */
/* Commands on tables: counters, features, names. */
#include "ofctl.h"

#include "dump_json.h"
#include "print.h"
#include "table_desc.h"
#include "xalloc.h"

#include <stdlib.h>
#include <strings.h>

/* Tables come in parts, printed as one list so that equal neighbours can be drawn together. */
struct tables {
	struct tables_printer printer;
	struct sbuf out;
	bool header;
};

static int
table_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct tables *t = aux;
	struct wire w = wire_init(msg, len);
	struct multipart_hdr h;
	struct table_stats s;
	struct table_features f;

	(void)o;
	wire_skip(&w, OFP_HEADER_LEN);
	if (multipart_hdr_decode(&w, &h))
		return fail("the reply is not well formed");
	if (h.type == OFPMP_TABLE && !t->header) {
		t->header = true;
		print_header(&t->out, msg, len);
		sbuf_putc(&t->out, '\n');
	}
	while (wire_left(&w) > 0) {
		if (h.type == OFPMP_TABLE ? table_stats_decode(&w, &s) : table_features_decode(&w, &f))
			return fail("the reply is not well formed");
		if (h.type == OFPMP_TABLE)
			print_table_stats(&t->out, &t->printer, &s);
		else
			print_table_features(&t->out, &t->printer, &f);
	}
	return 0;
}

static int
dump_tables(struct ofctl *o, const char *target, uint16_t type)
{
	struct tables *t;
	int ret;

	if (!connect_to(o, target))
		return 1;
	learn_names(o, NULL);
	if (o->json)
		return type == OFPMP_TABLE ? json_tables(o) : json_table_features(o);
	t = xcalloc(1, sizeof(*t));
	ret = ask_multipart(o, type, table_part, t);
	print_tables_end(&t->out, &t->printer);
	fputs(sbuf_str(&t->out), stdout);
	sbuf_fini(&t->out);
	free(t);
	return ret;
}

static int
run_dump_tables(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return dump_tables(o, argv[0], OFPMP_TABLE);
}

static int
run_dump_table_features(struct ofctl *o, int argc, char **argv)
{
	(void)argc;
	return dump_tables(o, argv[0], OFPMP_TABLE_FEATURES);
}

/* ---- mod-table ---- */

struct all_features {
	struct table_features *rows;
	size_t n;
};

static int
keep_features(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct all_features *a = aux;
	struct wire w = wire_init(msg, len);

	(void)o;
	wire_skip(&w, 16);
	while (wire_left(&w) > 0) {
		a->rows = xrealloc(a->rows, a->n + 1, sizeof(*a->rows));
		if (table_features_decode(&w, &a->rows[a->n]))
			return fail("received bad reply");
		a->n++;
	}
	return 0;
}

/* All tables go back as they came but for one name, in parts. */
static int
send_features(struct ofctl *o, const struct all_features *a)
{
	struct wbuf b = WBUF_INIT(1u << 24);
	const uint32_t xid = client_xid(o->client);
	size_t part = multipart_begin(&b, OFPT_MULTIPART_REQUEST, xid, OFPMP_TABLE_FEATURES, 0);
	int ret;

	for (size_t i = 0; i < a->n; i++) {
		table_features_encode(&b, &a->rows[i]);
		if (b.len - part <= 32768 || i + 1 == a->n)
			continue;
		multipart_set_more(&b, part);
		ofp_end(&b, part);
		part = multipart_begin(&b, OFPT_MULTIPART_REQUEST, xid, OFPMP_TABLE_FEATURES, 0);
	}
	ofp_end(&b, part);
	ret = transact_noreply(o, &b);
	wbuf_fini(&b);
	return ret;
}

static int
rename_table(struct ofctl *o, uint8_t table, const char *name)
{
	struct all_features a = {NULL, 0};
	bool found = false;
	int ret = ask_multipart(o, OFPMP_TABLE_FEATURES, keep_features, &a);

	for (size_t i = 0; i < a.n; i++)
		if (a.rows[i].table_id == table) {
			memset(a.rows[i].name, 0, sizeof(a.rows[i].name));
			memcpy(a.rows[i].name, name,
			       strlen(name) < sizeof(a.rows[i].name) ? strlen(name) : sizeof(a.rows[i].name) - 1);
			found = true;
		}
	if (!ret && !found)
		ret = fail("%s: the switch does not have table %u", o->target, table);
	if (!ret)
		ret = send_features(o, &a);
	free(a.rows);
	return ret;
}

/* mod-table SWITCH TABLE SETTING: those of OpenFlow 1.1 say that they are. */
static int
run_mod_table(struct ofctl *o, int argc, char **argv)
{
	static const char *const of11[] = {"controller", "continue", "drop"};
	struct table_setting how;
	uint8_t table = OFPTT_ALL;
	const char *setting = argv[2];

	(void)argc;
	if (!connect_to(o, argv[0]))
		return 1;
	learn_names(o, "table=x");
	if (strcasecmp(argv[1], "all") != 0 && !table_parse(argv[1], &o->ports, &table))
		return fail("unknown table \"%s\"", argv[1]);
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(setting, of11[i]))
			return fail("table_mod '%s' requires one of the OpenFlow versions OpenFlow11, OpenFlow12",
			            setting);
	if (!strncmp(setting, "name:", 5))
		return rename_table(o, table, setting + 5);
	if (!table_setting_parse(setting, &how))
		return 1;
	return table_setting_apply(o, table, &how);
}

const struct command table_commands[] = {
    {"dump-tables", 1, 1, "SWITCH", "counters of tables", run_dump_tables, false},
    {"dump-table-features", 1, 1, "SWITCH", "what tables can do", run_dump_table_features, false},
    {"dump-table-desc", 1, 1, "SWITCH", "eviction and vacancy events of tables", run_dump_table_desc, false},
    {"mod-table", 3, 3, "SWITCH TABLE SETTING", "name:NAME, [no]evict, vacancy:LOW,HIGH, novacancy", run_mod_table,
     true},
    {NULL, 0, 0, NULL, NULL, NULL, false},
};
