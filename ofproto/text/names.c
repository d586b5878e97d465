/* SPDX-License-Identifier: ISC */
/* Port numbers and port names, both ways: reserved ports (7.2.1) by their standard names, others by number or by the
 * name that the switch's port description gave.  Also the one number reader of the text folder. */
#include "names.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OFPP_UNSET 0xfffffff7u /* of OpenFlow 1.5: no port at all */

static const struct {
	const char *name;
	uint32_t port_no;
} reserved[] = {
    {"IN_PORT", OFPP_IN_PORT}, {"TABLE", OFPP_TABLE},           {"NORMAL", OFPP_NORMAL}, {"FLOOD", OFPP_FLOOD},
    {"ALL", OFPP_ALL},         {"CONTROLLER", OFPP_CONTROLLER}, {"LOCAL", OFPP_LOCAL},   {"ANY", OFPP_ANY},
    {"NONE", OFPP_ANY},        {"UNSET", OFPP_UNSET},
};
#define N_RESERVED (sizeof(reserved) / sizeof(reserved[0]))

void
port_names_fini(struct port_names *names)
{
	if (!names)
		return;
	free(names->rows);
	free(names->tables);
	names->rows = NULL;
	names->tables = NULL;
	names->n = names->n_tables = 0;
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
table_names_add(struct port_names *names, uint8_t table_id, const char *name)
{
	struct table_name *tables = realloc(names->tables, (names->n_tables + 1) * sizeof(*tables));

	if (!tables)
		return false;
	names->tables = tables;
	memset(&tables[names->n_tables], 0, sizeof(*tables));
	tables[names->n_tables].table_id = table_id;
	strncpy(tables[names->n_tables].name, name, sizeof(tables->name) - 1);
	names->n_tables++;
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

/* Decimal digits and nothing else: ports are numbered so. */
static bool
decimal_parse(const char *s, uint64_t *v)
{
	return s[strspn(s, "0123456789")] == '\0' && (*s != '0' || !s[1]) && number_parse(s, UINT64_MAX, v);
}

/* The name without its quotes; true if 'name' is it. */
static bool
name_is(const char *name, const char *s)
{
	const size_t len = strlen(s);

	if (len >= 2 && s[0] == '"' && s[len - 1] == '"')
		return strlen(name) == len - 2 && !memcmp(name, s + 1, len - 2);
	return !strcmp(name, s);
}

bool
port_parse(const char *s, const struct port_names *names, uint32_t *port_no)
{
	uint64_t v;

	if (decimal_parse(s, &v)) {
		if (v == 0xfffe) /* LOCAL's number in OpenFlow 1.0 */
			v = OFPP_LOCAL;
		*port_no = (uint32_t)v;
		return v <= OFPP_MAX || (v >= OFPP_UNSET && v <= OFPP_ANY);
	}
	for (size_t i = 0; i < N_RESERVED; i++)
		if (!strcasecmp(s, reserved[i].name)) {
			*port_no = reserved[i].port_no;
			return true;
		}
	for (size_t i = 0; names && i < names->n; i++)
		if (name_is(names->rows[i].name, s)) {
			*port_no = names->rows[i].port_no;
			return true;
		}
	return false;
}

bool
table_parse(const char *s, const struct port_names *names, uint8_t *table_id)
{
	uint64_t v;

	if (decimal_parse(s, &v)) {
		*table_id = (uint8_t)v;
		return v <= OFPTT_ALL;
	}
	for (size_t i = 0; names && i < names->n_tables; i++)
		if (name_is(names->tables[i].name, s)) {
			*table_id = names->tables[i].table_id;
			return true;
		}
	return false;
}

bool
group_parse(const char *s, uint32_t *group_id)
{
	uint64_t v;

	if (!strcasecmp(s, "any"))
		v = OFPG_ANY;
	else if (!strcasecmp(s, "all"))
		v = OFPG_ALL;
	else if (!decimal_parse(s, &v) || v > OFPG_MAX)
		return false;
	*group_id = (uint32_t)v;
	return true;
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

static void
put_name(struct sbuf *b, const char *s)
{
	if (is_plain_name(s))
		sbuf_puts(b, s);
	else
		put_quoted(b, s);
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
			put_name(b, names->rows[i].name);
			return;
		}
	sbuf_put_u64(b, port_no);
}

static const char *
table_name(uint8_t table_id, const struct port_names *names)
{
	for (size_t i = 0; names && names->show && i < names->n_tables; i++)
		if (names->tables[i].table_id == table_id && names->tables[i].name[0])
			return names->tables[i].name;
	return NULL;
}

bool
table_has_name(uint8_t table_id, const struct port_names *names)
{
	return table_name(table_id, names) != NULL;
}

void
table_format(struct sbuf *b, uint8_t table_id, const struct port_names *names)
{
	const char *name = table_name(table_id, names);

	if (name)
		put_name(b, name);
	else
		sbuf_put_u64(b, table_id);
}

void
group_format(struct sbuf *b, uint32_t group_id)
{
	if (group_id == OFPG_ANY)
		sbuf_puts(b, "ANY");
	else if (group_id == OFPG_ALL)
		sbuf_puts(b, "ALL");
	else
		sbuf_put_u64(b, group_id);
}
