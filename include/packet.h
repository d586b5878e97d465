/* SPDX-License-Identifier: ISC */
/* One frame on its way through a batch: a view of ring memory, not a copy.
 *
 * CONTRACT inside datapath-af-packet: lanes (rx) fill it, the executor changes it, tx queues it.
 *
 * Memory.  'head' is where the frame's first bytes are; at least 'headroom' writable bytes lie before it (PACKET_RESERVE in rings,
 * the buffer's front elsewhere), and the virtio_net_hdr is always kept apart in 'vnet' until tx writes it directly before
 * the bytes it sends.  A frame may have a second piece, 'tail', which is never written to.
 *
 * A queued output owns its bytes: after tx has queued this packet ('queued' is true) an action that changes bytes first calls
 * packet_unshare, which copies at most PACKET_HEAD_MAX bytes of headers to memory of the batch and makes the rest the tail.
 * Never a copy of a whole superframe. */
#ifndef PACKET_H
#define PACKET_H

#include "flow_key.h"

#include <linux/virtio_net.h>

#define PACKET_HEAD_MAX 256  /* bytes of headers that an action may touch */
#define PACKET_HEADROOM 64   /* bytes: 10 for virtio_net_hdr, the rest for pushes; beyond that the head moves to batch memory */

struct packet {
	uint8_t *head;            /* destination MAC */
	uint32_t head_len;        /* bytes at head */
	uint32_t headroom;        /* writable bytes before head */
	const uint8_t *tail;      /* bytes that follow, or NULL */
	uint32_t tail_len;
	uint32_t in_port;         /* OpenFlow number */
	uint32_t queue_id;        /* SET_QUEUE; 0 */
	uint32_t n_frames;        /* frames on the wire this stands for: gso segments, or 1 */
	uint32_t wire_bytes;      /* bytes of those frames together, Ethernet headers included, no FCS */
	uint16_t n_outputs;       /* outputs, packet-ins included, so far */
	uint16_t frag_max;        /* put together from fragments: the longest of them, from its IP header on; 0 = it was not */
	uint16_t frag_at;         /* then: bytes from the IP header to the place of the fragment header (IPv6) */
	uint32_t frag_id;         /* then: the fragments' identification, network order */
	bool queued;              /* tx holds references to head and tail */
	bool key_valid;           /* ofs (and the key made with it) describe the present bytes */
	struct flow_offsets ofs;
	struct virtio_net_hdr vnet; /* native byte order; csum_start counts from head; gso_type NONE and flags 0 = plain frame */
};

static inline uint32_t
packet_len(const struct packet *p)
{
	return p->head_len + p->tail_len;
}

static inline bool
packet_is_gso(const struct packet *p)
{
	return (p->vnet.gso_type & ~VIRTIO_NET_HDR_GSO_ECN) != VIRTIO_NET_HDR_GSO_NONE;
}

static inline bool
packet_has_partial_csum(const struct packet *p)
{
	return (p->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
}

#endif
