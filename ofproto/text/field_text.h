/* SPDX-License-Identifier: ISC */
/* Single fields as text: their names, old and new, and their values. */
#ifndef OFPROTO_TEXT_FIELD_TEXT_H
#define OFPROTO_TEXT_FIELD_TEXT_H

#include "names.h"
#include "oxm.h"

/* How a field's value is written. */
enum field_kind {
	FIELD_DECIMAL,
	FIELD_HEX,
	FIELD_PORT,
	FIELD_MAC,
	FIELD_IPV4,
	FIELD_IPV6,
};
enum field_kind field_kind(enum oxm_field);

/* The name that set_field prints; it may differ from that in oxm_fields.def. */
const char *field_set_name(enum oxm_field);

/* The field that 'name' (any case) means for frames with this Ethernet type and IP protocol (-1 = not known): tp_dst and nw_src
 * depend on them.  Names with one meaning only are found in any case.  False: no such field. */
bool field_by_name(const char *name, int eth_type, int ip_proto, enum oxm_field *);
/* Why a name that field_by_name did not find is no field here, for people: an Open vSwitch extension, or a name that needs a protocol
 * first.  NULL: simply unknown. */
const char *field_refusal(const char *name);

/* Reads VALUE or VALUE/MASK in the manner of the field; 'mask' is all significant bits when there is none.  On false 'err' has the
 * reason. */
bool field_value_parse(enum oxm_field, const char *text, const struct port_names *, uint8_t value[16], uint8_t mask[16],
                       struct sbuf *err);
/* VALUE, or VALUE/MASK when 'mask' is given and not exact. */
void
field_value_format(struct sbuf *, enum oxm_field, const uint8_t *value, const uint8_t *mask, const struct port_names *);
/* All significant bits of the field. */
void field_exact_mask(enum oxm_field, uint8_t mask[16]);

#endif
