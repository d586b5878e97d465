/* SPDX-License-Identifier: ISC */
/* Writes JSON as it comes, value by value: a million flows need no memory. */
#ifndef UTILITIES_OFCTL_JSON_H
#define UTILITIES_OFCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned depth;
	bool first; /* nothing was written in the innermost object or array */
};
#define JSON_INIT(file)                                                                                                \
	{                                                                                                              \
		(file), 0, true                                                                                        \
	}

/* 'key' is NULL within arrays and for the outermost value, after which a newline is written. */
void json_begin_object(struct json *, const char *key);
void json_end_object(struct json *);
void json_begin_array(struct json *, const char *key);
void json_end_array(struct json *);
void json_string(struct json *, const char *key, const char *value);
void json_string_n(struct json *, const char *key, const char *value, size_t n);
void json_number(struct json *, const char *key, uint64_t value);
void json_hex(struct json *, const char *key, uint64_t value); /* as a string: cookies have 64 bits */
void json_seconds(struct json *, const char *key, uint32_t s, uint32_t ns);
void json_bool(struct json *, const char *key, bool value);
/* A counter that is not kept (all ones) is null. */
void json_counter(struct json *, const char *key, uint64_t value);

#endif
