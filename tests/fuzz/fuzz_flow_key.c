/* SPDX-License-Identifier: ISC */
/* Any bytes as a frame: the key's invariants hold.  First byte: how much of the frame is cut off in memory. */
#include "flow_key.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flow_offsets ofs;
	struct flow_key key;
	const uint64_t *w = (const uint64_t *)(const void *)&key;
	size_t len;

	if (size == 0)
		return 0;
	len = size - 1 > data[0] ? size - 1 - data[0] : size - 1;
	flow_key_extract(data + 1, len, size - 1, 1, &key, &ofs);
	for (size_t i = flow_key_words(&key); i < FLOW_KEY_WORDS; i++) {
		if (w[i])
			abort();
	}
	if (ofs.l2_5 > len || ofs.l3 > len || ofs.l4 > len)
		abort();
	return 0;
}
