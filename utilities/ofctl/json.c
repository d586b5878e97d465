/* SPDX-License-Identifier: ISC */
/* Writes JSON: one element a line in the outermost array, the rest in one line. */
#include "json.h"

#include <inttypes.h>
#include <string.h>

static void
put_string(FILE *out, const char *s, size_t n)
{
	putc('"', out);
	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

/* The comma and the key before a value. */
static void
lead(struct json *j, const char *key)
{
	if (j->depth && !j->first)
		putc(',', j->out);
	if (j->depth == 1 && !key)
		putc('\n', j->out);
	j->first = false;
	if (key) {
		put_string(j->out, key, strlen(key));
		putc(':', j->out);
	}
}

static void
begin(struct json *j, const char *key, char c)
{
	lead(j, key);
	putc(c, j->out);
	j->depth++;
	j->first = true;
}

static void
end(struct json *j, char c)
{
	j->depth--;
	j->first = false;
	if (c == ']' && !j->depth)
		putc('\n', j->out);
	putc(c, j->out);
	if (!j->depth)
		putc('\n', j->out);
}

void
json_begin_object(struct json *j, const char *key)
{
	begin(j, key, '{');
}

void
json_end_object(struct json *j)
{
	end(j, '}');
}

void
json_begin_array(struct json *j, const char *key)
{
	begin(j, key, '[');
}

void
json_end_array(struct json *j)
{
	end(j, ']');
}

void
json_string_n(struct json *j, const char *key, const char *value, size_t n)
{
	lead(j, key);
	put_string(j->out, value, n);
}

void
json_string(struct json *j, const char *key, const char *value)
{
	json_string_n(j, key, value, strlen(value));
}

void
json_number(struct json *j, const char *key, uint64_t value)
{
	lead(j, key);
	fprintf(j->out, "%" PRIu64, value);
}

void
json_hex(struct json *j, const char *key, uint64_t value)
{
	lead(j, key);
	fprintf(j->out, "\"0x%" PRIx64 "\"", value);
}

void
json_seconds(struct json *j, const char *key, uint32_t s, uint32_t ns)
{
	lead(j, key);
	fprintf(j->out, "%" PRIu32 ".%09" PRIu32, s, ns);
}

void
json_bool(struct json *j, const char *key, bool value)
{
	lead(j, key);
	fputs(value ? "true" : "false", j->out);
}

void
json_counter(struct json *j, const char *key, uint64_t value)
{
	lead(j, key);
	if (value == UINT64_MAX)
		fputs("null", j->out);
	else
		fprintf(j->out, "%" PRIu64, value);
}
