/* SPDX-License-Identifier: ISC */
/* Any bytes as one OpenFlow message: no decoder reads outside it, and what was taken comes back as the same bytes when it is written, read
 * and written again. */
#include "codec.h"

#include "openflow/openflow13.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The length of the header is that of the input: messages are framed before they are decoded. */
static uint8_t *
framed(const uint8_t *data, size_t size)
{
	uint8_t *msg = malloc(size);

	if (!msg)
		return NULL;
	memcpy(msg, data, size);
	put_be16(msg + 2, (uint16_t)size);
	return msg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf once = WBUF_INIT(1u << 24), twice = WBUF_INIT(1u << 24);
	uint8_t *msg;

	if (size < OFP_HEADER_LEN || size > OFP_MAX_MSG_LEN || !(msg = framed(data, size)))
		return 0;
	if (codec_again(msg, size, &once) == OF_OK) {
		if (!wbuf_ok(&once))
			abort();
		/* A few grow when they are written by the book, and may then be no message any more. */
		if (once.len <= OFP_MAX_MSG_LEN &&
		    (codec_again(once.data, once.len, &twice) != OF_OK || twice.len != once.len ||
		     memcmp(once.data, twice.data, once.len) != 0))
			abort();
	}
	wbuf_fini(&once);
	wbuf_fini(&twice);
	free(msg);
	return 0;
}
