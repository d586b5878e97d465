/* SPDX-License-Identifier: ISC */
/* Checksums. */
#include "act.h"

bool
packet_complete_checksum(struct reader *r, struct packet *p)
{
	(void)r;
	(void)p;
	return false;
}
