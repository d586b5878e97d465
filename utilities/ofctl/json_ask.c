/* SPDX-License-Identifier: ISC */
/* See json_ask.h. */
#include "json_ask.h"

#include "action_text.h"
#include "match_text.h"
#include "print.h"

#include <stdlib.h>

/* ---- asking ---- */

int
json_part(struct ofctl *o, const uint8_t *msg, size_t len, void *aux)
{
	struct json_array *a = aux;
	struct wire w = wire_init(msg, len);

	wire_skip(&w, a->head);
	while (wire_left(&w) > 0)
		if (a->entry(&a->json, o, &w))
			return fail("received bad reply");
	return 0;
}

int
json_ask(struct ofctl *o, const struct wbuf *request, uint32_t xid, json_entry_fn *entry)
{
	const bool multipart = ofp_hdr_decode(request->data).type == OFPT_MULTIPART_REQUEST;
	const bool extension = multipart && get_be16(request->data + OFP_HEADER_LEN) == OFPMP_EXPERIMENTER;
	struct json_array a = {.json = JSON_INIT(stdout), .entry = entry, .head = extension ? 24 : 16};
	int ret;

	json_begin_array(&a.json, NULL);
	ret = transact(o, request, xid, json_part, &a);
	json_end_array(&a.json);
	return ret;
}

int
json_ask_multipart(struct ofctl *o, uint16_t mp_type, json_entry_fn *entry)
{
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	const uint32_t xid = client_xid(o->client);
	int ret;

	multipart_simple_encode(&b, xid, mp_type);
	ret = json_ask(o, &b, xid, entry);
	wbuf_fini(&b);
	return ret;
}

int
json_one(struct ofctl *o, const uint8_t *msg, size_t len, json_entry_fn *entry)
{
	struct json j = JSON_INIT(stdout);
	struct wire w = wire_init(msg, len);

	wire_skip(&w, 16);
	return entry(&j, o, &w) ? fail("received bad reply") : 0;
}

/* ---- words ---- */

/* "a b c" as ["a","b","c"]. */
static void
put_words(struct json *j, const char *key, const char *s)
{
	json_begin_array(j, key);
	while (*s) {
		const size_t n = strcspn(s, " \n");

		if (n)
			json_string_n(j, NULL, s, n);
		s += n + (s[n] != '\0');
	}
	json_end_array(j);
}

void
json_bits(struct json *j, const char *key, uint32_t bits, void (*print)(struct sbuf *, const char *, uint32_t))
{
	struct sbuf b = SBUF_INIT;

	if (bits)
		print(&b, "", bits);
	put_words(j, key, sbuf_str(&b));
	sbuf_fini(&b);
}

void
json_action_names(struct json *j, const char *key, uint32_t bits)
{
	struct sbuf b = SBUF_INIT;

	if (bits)
		print_action_names(&b, bits);
	put_words(j, key, sbuf_str(&b));
	sbuf_fini(&b);
}

void
json_port(struct json *j, const char *key, uint32_t port, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;

	if (port <= OFPP_MAX && !(names && names->show)) {
		json_number(j, key, port);
		return;
	}
	port_format(&b, port, names);
	json_string(j, key, sbuf_str(&b));
	sbuf_fini(&b);
}

/* "a=1,b,c=2" as {"a":"1","b":true,"c":"2"}. */
void
json_match(struct json *j, const char *key, const struct match *m, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;
	char *s, *word;

	match_format(&b, m, -1, names);
	json_begin_object(j, key);
	s = sbuf_steal(&b);
	for (char *rest = s; s && (word = strsep(&rest, ",")) != NULL;) {
		char *equals = strchr(word, '=');

		if (equals) {
			*equals = '\0';
			json_string(j, word, equals + 1);
		} else if (*word) {
			json_bool(j, word, true);
		}
	}
	json_end_object(j);
	free(s);
}

/* "a,b(c,d)" as ["a","b(c,d)"]. */
static void
put_list(struct json *j, const char *key, const char *s)
{
	json_begin_array(j, key);
	while (*s) {
		size_t n = 0;
		int depth = 0;

		while (s[n] && (depth || s[n] != ',')) {
			depth += s[n] == '(' ? 1 : s[n] == ')' ? -1 : 0;
			n++;
		}
		json_string_n(j, NULL, s, n);
		s += n + (s[n] == ',');
	}
	json_end_array(j);
}

void
json_actions(struct json *j, const char *key, struct ofp_acts acts, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;

	actions_format(&b, acts, names);
	put_list(j, key, sbuf_str(&b));
	sbuf_fini(&b);
}

void
json_insts(struct json *j, const struct ofp_insts *i, const struct port_names *names)
{
	struct sbuf b = SBUF_INIT;

	insts_format(&b, i, names);
	put_list(j, "actions", sbuf_str(&b) + strlen("actions="));
	sbuf_fini(&b);
}

void
json_counts(struct json *j, const char *key, const struct bucket_count *counts, size_t n)
{
	json_begin_array(j, key);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(j, NULL);
		json_counter(j, "packet_count", counts[i].packets);
		json_counter(j, "byte_count", counts[i].bytes);
		json_end_object(j);
	}
	json_end_array(j);
}
