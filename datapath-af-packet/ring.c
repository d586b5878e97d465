/* SPDX-License-Identifier: ISC */
/* The bulk lane: a TPACKET_V3 ring.  A block stays ours until all its frames are sent; frames are views of ring memory. */
#include "dp_private.h"

#include "wire.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct tpacket_block_desc *
block(const struct lane *l)
{
	return (struct tpacket_block_desc *)(void *)(l->ring + (size_t)l->block * RING_BLOCK);
}

uint8_t *
ring_map(int fd, unsigned blocks)
{
	uint8_t *ring;
	const int version = TPACKET_V3, reserve = PACKET_HEADROOM;
	struct tpacket_req3 req = {.tp_block_size = RING_BLOCK,
	                           .tp_block_nr = blocks,
	                           .tp_frame_size = 2048,
	                           .tp_frame_nr = RING_BLOCK / 2048 * blocks,
	                           .tp_retire_blk_tov = 1};

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof reserve) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof req))
		return NULL;
	ring = mmap(NULL, (size_t)blocks * RING_BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	return ring == MAP_FAILED ? NULL : ring;
}

bool
ring_ready(const struct lane *l)
{
	return l->left ||
	       (l->ring && (__atomic_load_n(&block(l)->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER));
}

bool
ring_pending(const struct lane *l)
{
	return l->ring && __atomic_load_n(&block(l)->hdr.bh1.num_pkts, __ATOMIC_ACQUIRE) > 0;
}

void
frame_init(struct packet *p, const struct lane *l, uint8_t *head, uint32_t len, const void *vnet)
{
	memset(p, 0, sizeof *p);
	p->head = head;
	p->head_len = len;
	p->headroom = PACKET_HEADROOM;
	p->in_port = l->port->info.port_no;
	memcpy(&p->vnet, vnet, VNET_LEN);
	if (!packet_has_partial_csum(p))
		p->vnet.csum_start = p->vnet.csum_offset = 0;
}

/* The kernel strips the outer tag: back in with it, the MACs move into the headroom. */
bool
frame_put_vlan(struct packet *p, uint16_t tci, uint16_t tpid)
{
	if (p->headroom < 4 || p->head_len < 14)
		return false;
	memmove(p->head - 4, p->head, 12);
	p->head -= 4;
	p->headroom -= 4;
	p->head_len += 4;
	put_be16(p->head + 12, tpid);
	put_be16(p->head + 14, tci);
	if (packet_has_partial_csum(p))
		p->vnet.csum_start = (uint16_t)(p->vnet.csum_start + 4);
	if (packet_is_gso(p) && p->vnet.hdr_len)
		p->vnet.hdr_len = (uint16_t)(p->vnet.hdr_len + 4);
	return true;
}

static bool
take(struct lane *l, struct packet *p, uint8_t *base)
{
	const struct tpacket3_hdr *h = (const struct tpacket3_hdr *)(void *)(base + l->next);
	uint8_t *mac = base + l->next + h->tp_mac;

	l->next += h->tp_next_offset;
	l->left--;
	if (h->tp_snaplen < h->tp_len || h->tp_snaplen < 14)
		return false;
	frame_init(p, l, mac, h->tp_snaplen, mac - VNET_LEN);
	if (h->tp_status & TP_STATUS_VLAN_VALID)
		return frame_put_vlan(p, (uint16_t)h->hv1.tp_vlan_tci,
		                      h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->hv1.tp_vlan_tpid : 0x8100);
	return true;
}

/* One batch from the present block, which must be ready. */
void
ring_batch(struct worker *w, struct lane *l)
{
	struct tpacket_block_desc *bd = block(l);
	uint64_t bytes = 0;
	unsigned n = 0;

	if (!l->left) {
		l->left = bd->hdr.bh1.num_pkts;
		l->next = bd->hdr.bh1.offset_to_first_pkt;
	}
	while (l->left && n < BATCH_FRAMES && bytes < BATCH_BYTES) {
		if (take(l, &w->pkts[n], (uint8_t *)bd))
			bytes += w->pkts[n++].head_len;
		else
			count_add(&l->port->count[w->reader.index].rx_errors, 1);
	}
	lane_deliver(w, l, n);
	if (l->left)
		return;
	/* num_pkts is what ring_pending reads before the kernel has opened the block again. */
	__atomic_store_n(&bd->hdr.bh1.num_pkts, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&bd->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	l->block = (l->block + 1) % l->n_blocks;
}
