/* SPDX-License-Identifier: ISC */
/* Pushing and popping VLAN tags, MPLS labels and PBB instance tags (OpenFlow 1.3.5, 5.12).
 *
 * Bytes before the insertion move, the rest of the frame stays where it is.  The offload header moves along.  Whatever is pushed
 * becomes the outermost header, directly after the MAC addresses and before all other tags: a label as well, for which versions
 * before 1.3 had another place. */
#include "act.h"
#include "arena.h"
#include "flow_key_parse.h"

#define TX_RESERVE 16u /* bytes of headroom that stay free for the virtio_net_hdr */

/* The frame has other headers now. */
static void
layout_changed(struct act *a, int32_t bytes)
{
	struct packet *p = a->p;

	p->key_valid = false;
	a->grown += bytes;
	p->wire_bytes = (uint32_t)((int64_t)p->wire_bytes + (int64_t)bytes * p->n_frames);
	if (packet_has_partial_csum(p))
		p->vnet.csum_start = (uint16_t)(p->vnet.csum_start + bytes);
	if (p->vnet.hdr_len)
		p->vnet.hdr_len = (uint16_t)(p->vnet.hdr_len + bytes);
}

/* Opens a gap of 'n' bytes at offset 'at'; returns the new head or NULL. */
static uint8_t *
open_gap(struct act *a, uint32_t at, uint32_t n)
{
	struct packet *p = a->p;

	if (!act_head(a, at) || p->vnet.csum_start > 0xff00 || p->vnet.hdr_len > 0xff00)
		return NULL;
	if (p->headroom < n + TX_RESERVE && !arena_copy_head(a->r, p, at > PACKET_HEAD_MAX ? at : PACKET_HEAD_MAX))
		return NULL;
	memmove(p->head - n, p->head, at);
	p->head -= n;
	p->headroom -= n;
	p->head_len += n;
	layout_changed(a, (int32_t)n);
	return p->head;
}

/* Takes 'n' bytes out at offset 'at'; returns the new head or NULL. */
static uint8_t *
close_gap(struct act *a, uint32_t at, uint32_t n)
{
	struct packet *p = a->p;

	if (!act_head(a, at + n) || (packet_has_partial_csum(p) && p->vnet.csum_start < at + n))
		return NULL;
	memmove(p->head + n, p->head, at);
	p->head += n;
	p->headroom += n;
	p->head_len -= n;
	if (p->vnet.hdr_len && p->vnet.hdr_len < at + n)
		p->vnet.hdr_len = 0;
	layout_changed(a, -(int32_t)n);
	return p->head;
}

bool
act_push_vlan(struct act *a, uint16_t tpid)
{
	uint8_t *h = act_head(a, 14);
	uint16_t tci = 0;

	if (!h)
		return false;
	if (a->p->head_len >= 18 && is_vlan_tpid(get_be16(h + 12)))
		tci = get_be16(h + 14);
	h = open_gap(a, 12, 4);
	if (!h)
		return false;
	put_be16(h + 12, tpid);
	put_be16(h + 14, tci & 0xefff);
	return true;
}

bool
act_pop_vlan(struct act *a)
{
	const uint8_t *h = act_head(a, 14);

	if (!h)
		return false;
	if (a->p->head_len < 18 || !is_vlan_tpid(get_be16(h + 12)))
		return true;
	return close_gap(a, 12, 4) != NULL;
}

/* The TTL for a new label: of the outermost label or the IP header; 0 where there is neither (5.12.1). */
static uint8_t
ttl_below(const struct act *a)
{
	const struct packet *p = a->p;
	const uint8_t *h = p->head;
	const uint32_t l3 = p->ofs.l3;

	if (flow_key_has(&a->key, OXM_MPLS_LABEL) && p->ofs.l2_5 + 4u <= p->head_len)
		return h[p->ofs.l2_5 + 3];
	if (flow_key_has(&a->key, OXM_IPV4_SRC) && l3 + 20 <= p->head_len)
		return h[l3 + 8];
	if (flow_key_has(&a->key, OXM_IPV6_SRC) && l3 + 40 <= p->head_len)
		return h[l3 + 7];
	return 0;
}

/* Label, traffic class and TTL are those of the outermost label; a first label is 0 and says that it is the last. */
bool
act_push_mpls(struct act *a, uint16_t ethertype)
{
	uint8_t *h = act_head(a, 14);
	uint32_t lse;

	if (!h)
		return false;
	act_refresh(a);
	lse = 0x100u | ttl_below(a);
	if (flow_key_has(&a->key, OXM_MPLS_LABEL) && a->p->ofs.l2_5 + 4u <= a->p->head_len)
		lse = get_be32(h + a->p->ofs.l2_5) & ~0x100u;
	h = open_gap(a, 14, 4);
	if (!h)
		return false;
	put_be16(h + 12, ethertype);
	put_be32(h + 14, lse);
	return true;
}

bool
act_pop_mpls(struct act *a, uint16_t ethertype)
{
	uint32_t at;
	uint8_t *h;

	act_refresh(a);
	if (!flow_key_has(&a->key, OXM_MPLS_LABEL))
		return true;
	at = a->p->ofs.l2_5;
	h = close_gap(a, at, 4);
	if (!h)
		return false;
	put_be16(h + at - 2, ethertype);
	return true;
}

/* The frame as it is becomes the customer's: its MACs are copied outside. */
bool
act_push_pbb(struct act *a, uint16_t ethertype)
{
	uint8_t *h = act_head(a, 14);
	uint8_t isid[3] = {0, 0, 0};
	uint8_t pcp;

	if (!h)
		return false;
	act_refresh(a);
	if (flow_key_has(&a->key, OXM_PBB_ISID))
		memcpy(isid, a->key.pbb_isid, 3);
	pcp = a->key.vlan_pcp;
	h = open_gap(a, 12, 18);
	if (!h)
		return false;
	put_be16(h + 12, ethertype);
	h[14] = (uint8_t)(pcp << 5);
	memcpy(h + 15, isid, 3);
	memcpy(h + 18, h, 12);
	return true;
}

/* The customer's MACs come back; backbone VLAN tags stay. */
bool
act_pop_pbb(struct act *a)
{
	uint8_t macs[12];
	uint32_t at;
	uint8_t *h;

	act_refresh(a);
	if (!flow_key_has(&a->key, OXM_PBB_ISID))
		return true;
	at = a->p->ofs.l2_5 - 2u;
	h = act_head(a, at + 18);
	if (!h)
		return false;
	memcpy(macs, h + at + 6, 12);
	h = close_gap(a, at, 18);
	if (!h)
		return false;
	memcpy(h, macs, 12);
	return true;
}
