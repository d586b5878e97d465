/* SPDX-License-Identifier: ISC */
/* Single OXM fields as set_field has them: their names and their values. */
#ifndef OFPROTO_TEXT_FIELD_TEXT_H
#define OFPROTO_TEXT_FIELD_TEXT_H

#include "names.h"
#include "oxm.h"

/* The field that 'name' means in set_field; false: there is none of that name. */
bool field_by_name(const char *name, enum oxm_field *);
/* The name that set_field prints; it may differ from that in oxm_fields.def. */
const char *field_set_name(enum oxm_field);
/* The formats (usable.h) that can set it. */
uint32_t field_set_usable(enum oxm_field);

/* Reads VALUE or VALUE/MASK in the manner of the field, 'name' being what the user called it; 'mask' is all significant bits when there is
 * none.  On false 'err' has the reason. */
bool field_value_parse(enum oxm_field, const char *name, const char *text, const struct port_names *, uint8_t value[16],
                       uint8_t mask[16], struct sbuf *err);
/* VALUE, in the field's manner. */
void field_value_format(struct sbuf *, enum oxm_field, const uint8_t *value, const struct port_names *);
/* All significant bits of the field. */
void field_exact_mask(enum oxm_field, uint8_t mask[16]);

#endif
