/* SPDX-License-Identifier: ISC */
/* Names and wire values of the error codes, from of_errors.def. */
#include "of_error.h"

#include <stddef.h>

struct row {
	enum of_error error;
	uint16_t type, code;
	const char *name;
};

static const struct row rows[] = {
#define OF_ERR(name_, type_, code_) {name_, type_, code_, #name_},
#include "openflow/of_errors.def"
#undef OF_ERR
};

static const struct row *
find(enum of_error error)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].error == error)
			return &rows[i];
	}
	return NULL;
}

uint16_t
of_error_type(enum of_error error)
{
	const struct row *r = find(error);

	return r ? r->type : 0;
}

uint16_t
of_error_code(enum of_error error)
{
	const struct row *r = find(error);

	return r ? r->code : 0;
}

const char *
of_error_name(enum of_error error)
{
	const struct row *r = find(error);

	return r ? r->name : "OK";
}

enum of_error
of_error_from_wire(uint16_t type, uint16_t code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type && rows[i].code == code)
			return rows[i].error;
	}
	return OF_OK;
}
