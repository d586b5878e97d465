/* SPDX-License-Identifier: ISC */
/* What a peer is told: the error codes of 7.4.4 as one C type. */
#ifndef OFPROTO_WIRE_OF_ERROR_H
#define OFPROTO_WIRE_OF_ERROR_H

#include <stdint.h>

/* Packed as (type << 16 | code) + 1, 0 = no error.  Rows of include/openflow/of_errors.def. */
enum of_error {
	OF_OK = 0,
#define OF_ERR(name, type, code) name = (int)((((uint32_t)(type) & 0x7fffu) << 16 | (code)) + 1),
#include "openflow/of_errors.def"
#undef OF_ERR
};

uint16_t of_error_type(enum of_error); /* wire value; 0xffff for the ONF ones */
uint16_t of_error_code(enum of_error);
/* "OFPFMFC_TABLE_FULL"; never NULL. */
const char *of_error_name(enum of_error);
/* The code for a wire type and code, or OF_OK when there is none of that name. */
enum of_error of_error_from_wire(uint16_t type, uint16_t code);

#endif
