/* SPDX-License-Identifier: ISC */
/* Counters again and again, with what they grew by per second.  On a terminal each round replaces the last one. */
#include "watch.h"

#include "action_text.h"
#include "flow_query.h"
#include "match_text.h"
#include "xalloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* One thing with its counters, found again by 'key' in the next round. */
struct row {
	char *key;
	uint64_t value[4];
};

struct round {
	struct row *rows;
	size_t n, cap;
	double at_s;
};

struct watch {
	struct round now, before;
	unsigned n_values;
};

static double
now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
round_clear(struct round *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->rows[i].key);
	r->n = 0;
}

static struct row *
round_add(struct round *r, char *key)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->rows = xrealloc(r->rows, r->cap, sizeof(*r->rows));
	}
	r->rows[r->n].key = key;
	return &r->rows[r->n++];
}

static int
compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static const struct row *
round_find(const struct round *r, const struct row *row)
{
	return r->n ? bsearch(row, r->rows, r->n, sizeof(*r->rows), compare_rows) : NULL;
}

/* "1234", "12.3k", "4.56M" */
static const char *
rate_text(double v, char buf[16])
{
	static const char units[] = " kMGT";
	unsigned u = 0;

	for (; v >= 10000 && u < 4; u++)
		v /= 1000;
	snprintf(buf, 16, u ? "%.1f%c" : "%.0f", v, units[u]);
	return buf;
}

static void
put_row(const struct watch *w, const struct row *row)
{
	const struct row *old = round_find(&w->before, row);
	const double seconds = w->now.at_s - w->before.at_s;
	char text[16];

	for (unsigned i = 0; i < w->n_values; i++) {
		const bool known = old && seconds > 0 && row->value[i] >= old->value[i];

		printf("%14" PRIu64 " %9s", row->value[i],
		       known ? rate_text((double)(row->value[i] - old->value[i]) / seconds, text) : "-");
	}
	printf("  %s\n", row->key);
}

static void
put_round(struct watch *w, const char *heading)
{
	const time_t t = time(NULL);
	struct tm tm;
	char when[16];

	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&t, &tm));
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	printf("%s\n%s\n", when, heading);
	for (size_t i = 0; i < w->now.n; i++)
		put_row(w, &w->now.rows[i]);
	fflush(stdout);
}

/* Asks with 'ask' each o->watch_s seconds. */
static int
watch_loop(struct ofctl *o, struct watch *w, int (*ask)(struct ofctl *, struct watch *, void *), void *aux,
           const char *heading)
{
	int ret = 0;

	while (!ret) {
		w->now.at_s = now_s();
		ret = ask(o, w, aux);
		if (ret)
			break;
		put_round(w, heading);
		{
			const struct round old = w->before;

			qsort(w->now.rows, w->now.n, sizeof(*w->now.rows), compare_rows);
			w->before = w->now;
			w->now = old;
		}
		round_clear(&w->now);
		sleep(o->watch_s);
	}
	round_clear(&w->now);
	round_clear(&w->before);
	free(w->now.rows);
	free(w->before.rows);
	return ret;
}

/* ---- ports ---- */

static int
port_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct watch *w = aux;
	struct wire body = wire_init(msg, len);
	struct port_stats s;
	struct sbuf key = SBUF_INIT;
	struct row *row;

	wire_skip(&body, 16);
	while (wire_left(&body) > 0) {
		if (port_stats_decode(&body, &s))
			return fail("received bad reply");
		port_format(&key, s.port_no, &o->ports);
		row = round_add(&w->now, sbuf_steal(&key));
		row->value[0] = s.rx_packets;
		row->value[1] = s.rx_bytes;
		row->value[2] = s.tx_packets;
		row->value[3] = s.tx_bytes;
	}
	return 0;
}

static int
ask_ports(struct ofctl *o, struct watch *w, void *aux)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t *port = aux, xid = client_xid(o->client);
	int ret;

	port_stats_request_encode(&b, xid, *port);
	ret = transact(o, &b, xid, port_part, w);
	wbuf_fini(&b);
	return ret;
}

int
watch_ports(struct ofctl *o, uint32_t port_no)
{
	struct watch w = {.n_values = 4};

	return watch_loop(
	    o, &w, ask_ports, &port_no,
	    "    rx packets       /s       rx bytes        /s     tx packets        /s       tx bytes        "
	    "/s  port");
}

/* ---- flows ---- */

static int
flow_entry(struct ofctl *o, const struct flow_stats *fs, void *aux)
{
	struct watch *w = aux;
	struct sbuf key = SBUF_INIT;
	struct row *row;
	size_t start;

	sbuf_puts(&key, "table=");
	table_format(&key, fs->table_id, &o->ports);
	sbuf_putc(&key, ' ');
	start = key.len;
	match_format(&key, &fs->match, fs->priority, &o->ports);
	if (key.len > start)
		sbuf_putc(&key, ' ');
	insts_format(&key, &fs->insts, &o->ports);
	row = round_add(&w->now, sbuf_steal(&key));
	row->value[0] = fs->packet_count;
	row->value[1] = fs->byte_count;
	return 0;
}

static int
flow_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	return flow_query_each(o, msg, len, flow_entry, aux);
}

static int
ask_flows(struct ofctl *o, struct watch *w, void *aux)
{
	return flow_query_send(o, aux, OFPMP_FLOW, flow_part, w);
}

int
watch_flows(struct ofctl *o, const struct flow_stats_request *r)
{
	struct flow_stats_request copy = *r;
	struct watch w = {.n_values = 2};

	return watch_loop(o, &w, ask_flows, &copy, "       packets        /s          bytes        /s  flow");
}
