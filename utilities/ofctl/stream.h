/* SPDX-License-Identifier: ISC */
/* A byte stream to a switch over a Unix socket, TCP or TLS, with deadlines (CLOCK_MONOTONIC milliseconds, UINT64_MAX = none). */
#ifndef UTILITIES_OFCTL_STREAM_H
#define UTILITIES_OFCTL_STREAM_H

#include "sbuf.h"

#include <stdint.h>

struct client_options;
struct stream;

/* The name of a connection for what the user calls 'target': unix:, tcp: and ssl: names as they are, a socket's path or a bridge's name as
 * unix:PATH (RUNDIR/NAME.SUFFIX).  The caller frees it; NULL: there is no such socket. */
char *stream_resolve(const char *target, const char *suffix, const struct client_options *);
/* 'name' as stream_resolve gave it.  NULL: 'err' has the reason. */
struct stream *stream_open(const char *target, const struct client_options *, uint64_t deadline_ms, struct sbuf *err);
void stream_close(struct stream *);
/* All 'n' bytes, or false and the reason. */
bool stream_read(struct stream *, uint8_t *, size_t n, uint64_t deadline_ms, struct sbuf *err);
bool stream_write(struct stream *, const uint8_t *, size_t n, uint64_t deadline_ms, struct sbuf *err);
/* True when something can be read before the deadline. */
bool stream_wait(struct stream *, uint64_t deadline_ms);

#endif
