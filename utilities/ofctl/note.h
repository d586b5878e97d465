/* SPDX-License-Identifier: ISC */
/* What is told beside errors, in the form of ovs-ofctl's log. */
#ifndef UTILITIES_OFCTL_NOTE_H
#define UTILITIES_OFCTL_NOTE_H

#include "ofctl.h"

/* Two lines: a match as it was written, and what is left of it.  The first few of a run are told. */
void note_ignored(const char *pre_and_post);
/* False and 'err' if none of the formats allowed by -O and -F is among 'usable' (usable.h). */
bool formats_allow(const struct ofctl *, uint32_t usable, struct sbuf *err);

#endif
