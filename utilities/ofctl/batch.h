/* SPDX-License-Identifier: ISC */
/* State changes on their way to a switch: collected, sent without waiting, ended by one barrier. */
#ifndef UTILITIES_OFCTL_BATCH_H
#define UTILITIES_OFCTL_BATCH_H

#include "ofctl.h"

struct batch {
	const char *file; /* where the lines are from; NULL: the command line */
	struct wbuf *chunks; /* whole messages, back to back */
	size_t n_chunks;
	uint32_t first_xid; /* of the first message; the others follow */
	unsigned *lines; /* of each message */
	size_t n, cap;
};
#define BATCH_INIT                                                                                                     \
	{                                                                                                              \
		NULL, NULL, 0, 0, NULL, 0, 0                                                                           \
	}
void batch_fini(struct batch *);

/* Where the next message, from 'line', is to be appended; batch_xid is the transaction id it must have. */
struct wbuf *batch_next(struct batch *, unsigned line);
uint32_t batch_xid(const struct batch *);
/* Sends all and waits for the end; errors are printed with their lines.  0 or 1. */
int batch_send(struct ofctl *, struct batch *);
/* "FILE:LINE: " for a message, "" when it is not from a file or not of the batch. */
const char *batch_where(const struct batch *, uint32_t xid, char *buf, size_t size);

#endif
