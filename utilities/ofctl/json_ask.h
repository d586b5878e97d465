/* SPDX-License-Identifier: ISC */
/* What the dumps as JSON have in common: asking for entries, and the words of the text as values. */
#ifndef UTILITIES_OFCTL_JSON_ASK_H
#define UTILITIES_OFCTL_JSON_ASK_H

#include "json.h"
#include "ofctl.h"

/* Decodes one entry of a reply and writes it; OF_OK or what is wrong with it. */
typedef enum of_error json_entry_fn(struct json *, struct ofctl *, struct wire *);

/* Send a request and write the entries of the reply as an array.  0 or 1. */
int json_ask(struct ofctl *, const struct wbuf *request, uint32_t xid, json_entry_fn *);
int json_ask_multipart(struct ofctl *, uint16_t mp_type, json_entry_fn *); /* of no body */
/* A reply that is one entry, and the only value.  0 or 1. */
int json_one(struct ofctl *, const uint8_t *msg, size_t len, json_entry_fn *);
/* A reply_fn: the entries of a part as elements of an array that the caller has begun. */
struct json_array {
	struct json json;
	json_entry_fn *entry;
	size_t head; /* bytes before the first entry */
};
reply_fn json_part;

/* A number, or the word for a reserved port; with names that are shown, a name. */
void json_port(struct json *, const char *key, uint32_t port, const struct port_names *);
/* The words that 'print' makes of bits, and the names of action types, as arrays. */
void json_bits(struct json *, const char *key, uint32_t bits, void (*print)(struct sbuf *, const char *, uint32_t));
void json_action_names(struct json *, const char *key, uint32_t bits);
void json_match(struct json *, const char *key, const struct match *, const struct port_names *);
void json_actions(struct json *, const char *key, struct ofp_acts, const struct port_names *);
/* As "actions", as in the text. */
void json_insts(struct json *, const struct ofp_insts *, const struct port_names *);
/* The counters of buckets or bands. */
void json_counts(struct json *, const char *key, const struct bucket_count *, size_t n);

#endif
