/* SPDX-License-Identifier: ISC */
/* Superframes. */
#include "act.h"

bool
packet_segment(struct reader *r, struct packet *p, void (*emit)(void *aux, struct packet *seg), void *aux)
{
	(void)r;
	(void)p;
	(void)emit;
	(void)aux;
	return false;
}

void
packet_count_wire(struct packet *p)
{
	const uint32_t len = packet_len(p);
	uint32_t hdr = p->vnet.hdr_len;
	uint32_t seg = p->vnet.gso_size;

	p->n_frames = 1;
	p->wire_bytes = len;
	if (!packet_is_gso(p) || seg == 0)
		return;
	if (packet_has_partial_csum(p) && p->vnet.csum_offset == 16 && p->vnet.csum_start + 13u <= p->head_len)
		hdr = p->vnet.csum_start + (uint32_t)(p->head[p->vnet.csum_start + 12] >> 4) * 4;
	else if (packet_has_partial_csum(p) && p->vnet.csum_offset == 6)
		hdr = p->vnet.csum_start + 8u;
	if (hdr == 0 || hdr >= len)
		return;
	p->n_frames = (len - hdr + seg - 1) / seg;
	p->wire_bytes = len + (p->n_frames - 1) * hdr;
}
