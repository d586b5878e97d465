/* SPDX-License-Identifier: ISC */
/* Changes that are made together or not at all (ONF EXT-230). */
#ifndef UTILITIES_OFCTL_BUNDLE_H
#define UTILITIES_OFCTL_BUNDLE_H

#include "batch.h"

/* As batch_send, within one ordered and atomic bundle. */
int bundle_send(struct ofctl *, struct batch *);

#endif
