/* SPDX-License-Identifier: ISC */
/* Port numbers and port names, both ways. */
#ifndef OFPROTO_TEXT_NAMES_H
#define OFPROTO_TEXT_NAMES_H

#include "openflow/openflow13.h"
#include "sbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port_name {
	uint32_t port_no;
	char name[OFP_MAX_PORT_NAME_LEN];
};

struct table_name {
	uint8_t table_id;
	char name[OFP_MAX_TABLE_NAME_LEN];
};

/* What a bridge calls its ports and tables.  NULL stands for "no names known" wherever a pointer to one is taken. */
struct port_names {
	struct port_name *rows; /* heap, owned */
	size_t n;
	struct table_name *tables; /* heap, owned */
	size_t n_tables;
	bool show; /* print names instead of numbers */
};

void port_names_fini(struct port_names *);
/* False when memory ran out. */
bool port_names_add(struct port_names *, uint32_t port_no, const char *name);

bool table_names_add(struct port_names *, uint8_t table_id, const char *name);

/* A decimal number, a reserved name in any case, or a name of 'names', with or without double quotes. */
bool port_parse(const char *, const struct port_names *names, uint32_t *port_no);
/* A number of 0 to 255, or a name of 'names'. */
bool table_parse(const char *, const struct port_names *names, uint8_t *table_id);
/* A number, or "any" or "all" (7.3.4.2). */
bool group_parse(const char *, uint32_t *group_id);
/* "7", "ALL", "ANY" */
void group_format(struct sbuf *, uint32_t group_id);
/* "7", or with names to show the table's name. */
void table_format(struct sbuf *, uint8_t table_id, const struct port_names *names);
/* True if table_format would write a name. */
bool table_has_name(uint8_t table_id, const struct port_names *names);
/* "IN_PORT", "7", or with names to show "eth1". */
void port_format(struct sbuf *, uint32_t port_no, const struct port_names *names);

/* An unsigned number, decimal, 0x hexadecimal or 0 octal, nothing after it, at most 'max'. */
bool number_parse(const char *, uint64_t max, uint64_t *value);

#endif
