/* SPDX-License-Identifier: ISC */
/* Superframes (virtio_net_hdr GSO) in software: counting what they stand for, and cutting them up.
 *
 * A segment is a copied and corrected header, and the payload where it lies; only the one segment that straddles head and tail is
 * copied whole.  TCP: RFC 9293 (sequence numbers, FIN and PSH last), RFC 3168, 6.1.2 (CWR first); UDP: each datagram alone. */
#include "arena.h"
#include "checksum.h"
#include "flow_key_parse.h"

#include <string.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80

struct cut {
	const struct packet *p;
	struct flow_offsets ofs;
	bool v6;
	bool tcp;
	uint32_t hdr; /* bytes of all headers */
	uint32_t size; /* payload of each segment but the last */
	uint32_t payload;
	uint32_t n;
};

void
packet_count_wire(struct packet *p)
{
	const uint32_t len = packet_len(p);
	uint32_t hdr = p->vnet.hdr_len;
	const uint32_t seg = p->vnet.gso_size;

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

/* Fills 'c'; false if headers and virtio_net_hdr do not fit each other. */
static bool
plan_cut(const struct packet *p, struct cut *c)
{
	const uint8_t gso = (uint8_t)(p->vnet.gso_type & ~VIRTIO_NET_HDR_GSO_ECN);
	struct flow_key key;
	uint32_t end;

	flow_key_extract(p->head, p->head_len, packet_len(p), p->in_port, &key, &c->ofs);
	c->p = p;
	c->v6 = flow_key_has(&key, OXM_IPV6_SRC);
	c->tcp = gso == VIRTIO_NET_HDR_GSO_TCPV4 || gso == VIRTIO_NET_HDR_GSO_TCPV6;
	c->size = p->vnet.gso_size;
	if (c->ofs.l4 == 0 || c->size == 0 || c->ofs.l4_proto != (c->tcp ? IP_TCP : IP_UDP) ||
	    (key.layout & FLOW_LAYOUT_FRAG) || (!c->tcp && gso != VIRTIO_NET_HDR_GSO_UDP_L4) ||
	    (c->tcp && c->v6 != (gso == VIRTIO_NET_HDR_GSO_TCPV6)) ||
	    (packet_has_partial_csum(p) && p->vnet.csum_start != c->ofs.l4))
		return false;
	c->hdr = c->ofs.l4 + (c->tcp ? (uint32_t)(p->head[c->ofs.l4 + 12] >> 4) * 4 : 8u);
	end = c->ofs.l3_end == 0xffff ? packet_len(p) : c->ofs.l3_end;
	if (c->hdr > p->head_len || c->hdr >= end || c->hdr - c->ofs.l3 + c->size > 0xffff)
		return false;
	c->payload = end - c->hdr;
	c->n = (c->payload + c->size - 1) / c->size;
	return true;
}

static void
fix_ip(const struct cut *c, uint8_t *h, uint32_t i, uint32_t len)
{
	uint8_t *l3 = h + c->ofs.l3;
	const uint32_t total = c->hdr - c->ofs.l3 + len;

	if (c->v6) {
		put_be16(l3 + 4, (uint16_t)(total - 40));
		return;
	}
	put_be16(l3 + 2, (uint16_t)total);
	put_be16(l3 + 4, (uint16_t)(get_be16(l3 + 4) + i));
	put_be16(l3 + 10, 0);
	put_be16(l3 + 10, (uint16_t)~csum_fold(csum_bytes(l3, (size_t)(l3[0] & 15) * 4)));
}

/* 'seg' is the whole segment, its IP header finished. */
static void
fix_l4(const struct cut *c, struct packet *seg, uint32_t i, uint32_t len)
{
	uint8_t *l4 = seg->head + c->ofs.l4;
	const uint32_t l4_len = c->hdr - c->ofs.l4 + len;
	uint8_t *field = l4 + (c->tcp ? 16 : 6);
	uint16_t sum;

	if (c->tcp) {
		put_be32(l4 + 4, get_be32(l4 + 4) + i * c->size);
		if (i > 0)
			l4[13] &= (uint8_t)~TCP_CWR;
		if (i + 1 < c->n)
			l4[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	} else {
		put_be16(l4 + 4, (uint16_t)l4_len);
	}
	put_be16(field, 0);
	sum = (uint16_t)~csum_fold(csum_packet(seg, c->ofs.l4, packet_len(seg)) +
	                           csum_pseudo(seg->head + c->ofs.l3, c->ofs.l4_proto, l4_len));
	put_be16(field, sum == 0 && !c->tcp ? 0xffff : sum);
}

void
packet_attach_payload(const struct packet *p, struct packet *seg, uint32_t at, uint32_t len, uint8_t *spare)
{
	const uint32_t in_head = at < p->head_len ? p->head_len - at : 0;

	seg->tail_len = len;
	if (in_head >= len) {
		seg->tail = p->head + at;
	} else if (in_head == 0) {
		seg->tail = p->tail + (at - p->head_len);
	} else {
		memcpy(spare, p->head + at, in_head);
		memcpy(spare + in_head, p->tail, len - in_head);
		seg->tail = spare;
	}
}

bool
packet_segment(struct reader *r, struct packet *p, void (*emit)(void *aux, struct packet *seg), void *aux)
{
	struct cut c;
	uint8_t *heads;
	uint8_t *spare = NULL;
	uint32_t stride;

	if (!packet_is_gso(p) || !plan_cut(p, &c))
		return false;
	stride = ((c.hdr + 7) & ~7u) + PACKET_HEADROOM;
	heads = arena_alloc(r, (size_t)c.n * stride);
	if (p->tail && p->head_len > c.hdr)
		spare = arena_alloc(r, c.size);
	if (!heads || (p->tail && p->head_len > c.hdr && !spare))
		return false;
	for (uint32_t i = 0; i < c.n; i++) {
		const uint32_t at = i * c.size;
		const uint32_t len = c.payload - at < c.size ? c.payload - at : c.size;
		struct packet seg = *p;

		memset(&seg.vnet, 0, sizeof(seg.vnet));
		seg.head = heads + (size_t)i * stride;
		seg.head_len = c.hdr;
		seg.headroom = PACKET_HEADROOM;
		seg.queued = false;
		seg.key_valid = false;
		seg.n_frames = 1;
		seg.wire_bytes = c.hdr + len;
		memcpy(seg.head, p->head, c.hdr);
		packet_attach_payload(p, &seg, c.hdr + at, len, spare);
		fix_ip(&c, seg.head, i, len);
		fix_l4(&c, &seg, i, len);
		emit(aux, &seg);
	}
	return true;
}
