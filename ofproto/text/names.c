/* SPDX-License-Identifier: ISC */
/* Port numbers and port names, both ways: reserved ports (7.2.1) by their standard names, others by number or by the
 * name that the switch's port description gave.  Also the one number reader of the text folder. */
#include "names.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	uint32_t port_no;
} reserved[] = {
    {"IN_PORT", OFPP_IN_PORT}, {"TABLE", OFPP_TABLE}, {"NORMAL", OFPP_NORMAL},
    {"FLOOD", OFPP_FLOOD},     {"ALL", OFPP_ALL},     {"CONTROLLER", OFPP_CONTROLLER},
    {"LOCAL", OFPP_LOCAL},     {"ANY", OFPP_ANY},     {"NONE", OFPP_ANY},
};
#define N_RESERVED (sizeof(reserved) / sizeof(reserved[0]))

void
port_names_fini(struct port_names *names)
{
	if (!names)
		return;
	free(names->rows);
	names->rows = NULL;
	names->n = 0;
}

bool
port_names_add(struct port_names *names, uint32_t port_no, const char *name)
{
	struct port_name *rows = realloc(names->rows, (names->n + 1) * sizeof(*rows));

	if (!rows)
		return false;
	names->rows = rows;
	memset(&rows[names->n], 0, sizeof(*rows));
	rows[names->n].port_no = port_no;
	strncpy(rows[names->n].name, name, sizeof(rows->name) - 1);
	names->n++;
	return true;
}

bool
number_parse(const char *s, uint64_t max, uint64_t *value)
{
	char *end;
	unsigned long long v;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	v = strtoull(s, &end, 0);
	if (errno || *end || v > max)
		return false;
	*value = v;
	return true;
}

bool
port_parse(const char *s, const struct port_names *names, uint32_t *port_no)
{
	size_t len = strlen(s);
	uint64_t v;

	if (number_parse(s, UINT32_MAX, &v)) {
		*port_no = (uint32_t)v;
		return v <= OFPP_MAX || v >= OFPP_IN_PORT;
	}
	for (size_t i = 0; i < N_RESERVED; i++)
		if (!strcasecmp(s, reserved[i].name)) {
			*port_no = reserved[i].port_no;
			return true;
		}
	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	for (size_t i = 0; names && i < names->n; i++)
		if (strlen(names->rows[i].name) == len && !memcmp(names->rows[i].name, s, len)) {
			*port_no = names->rows[i].port_no;
			return true;
		}
	return false;
}

/* True if 's' can stand in a flow without quotes. */
static bool
is_plain_name(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '-' && *s != '.')
			return false;
	return true;
}

/* Writes 's' in double quotes with whatever is not printable escaped. */
static void
put_quoted(struct sbuf *b, const char *s)
{
	sbuf_putc(b, '"');
	for (; *s; s++)
		if (*s == '"' || *s == '\\')
			sbuf_printf(b, "\\%c", *s);
		else if (!isprint((unsigned char)*s))
			sbuf_printf(b, "\\x%02x", (unsigned char)*s);
		else
			sbuf_putc(b, *s);
	sbuf_putc(b, '"');
}

void
port_format(struct sbuf *b, uint32_t port_no, const struct port_names *names)
{
	for (size_t i = 0; i < N_RESERVED; i++)
		if (reserved[i].port_no == port_no) {
			sbuf_puts(b, reserved[i].name);
			return;
		}
	for (size_t i = 0; names && names->show && i < names->n; i++)
		if (names->rows[i].port_no == port_no && names->rows[i].name[0]) {
			if (is_plain_name(names->rows[i].name))
				sbuf_puts(b, names->rows[i].name);
			else
				put_quoted(b, names->rows[i].name);
			return;
		}
	sbuf_printf(b, "%u", port_no);
}
