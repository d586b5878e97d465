/* SPDX-License-Identifier: ISC */
/* Colour for terminals, in the manner of ovs-ofctl: names of fields, actions and special values. */
#ifndef UTILITIES_OFCTL_COLOR_H
#define UTILITIES_OFCTL_COLOR_H

#include <stdio.h>

/* Writes lines of flows, groups and meters with their words coloured; all else as it is. */
void color_text(FILE *, const char *text);

#endif
