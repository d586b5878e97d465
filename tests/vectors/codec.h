/* SPDX-License-Identifier: ISC */
/* Any message through its decoder and back through its encoder. */
#ifndef TESTS_VECTORS_CODEC_H
#define TESTS_VECTORS_CODEC_H

#include "of_error.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the whole message 'msg' of 'len' bytes, at least a header whose length says so, and appends to 'again' what its encoder writes
 * for the result.  Returns what the peer must be told when it is not well formed; 'again' is then of no use.  What the dispatcher refuses
 * before a decoder sees it (types and lengths of the rows in msg_types.def and multipart_types.def) is refused here too.
 * HELLO is answered rather than repeated: 'again' is our own. */
enum of_error codec_again(const uint8_t *msg, size_t len, struct wbuf *again);

#endif
