/* SPDX-License-Identifier: ISC */
/* A datagram that was put together leaves in fragments again, as bridges do: the receiver's path may be no wider than the sender's.
 *
 * RFC 791, section 3.2 (options without the copied flag stay in the first fragment), RFC 8200, section 4.5. */
#include "frag.h"

#include "arena.h"
#include "checksum.h"
#include "flow_key_parse.h"

#include <string.h>

struct plan {
	bool v6;
	uint32_t l3, header; /* end of the headers before the payload, the fragment header not counted */
	uint32_t names; /* IPv6: the next-header byte that will name the fragment header */
	uint32_t room; /* payload bytes of each fragment but the last */
	uint32_t payload, end;
};

/* The next-header byte before 'at', walking from the fixed header; 0: the walk does not meet 'at'. */
static uint32_t
find_name(const uint8_t *head, uint32_t l3, uint32_t at)
{
	uint32_t names = l3 + 6, here = l3 + 40;

	while (here < at && here + 8 <= at) {
		names = here;
		here += ((uint32_t)head[here + 1] + 1) * 8;
	}
	return here == at ? names : 0;
}

static bool
make_plan(const struct packet *p, uint32_t mtu, struct plan *plan)
{
	const uint32_t size = mtu < p->frag_max ? mtu : p->frag_max;
	struct flow_offsets ofs;
	struct flow_key key;
	uint32_t taken;

	flow_key_extract(p->head, p->head_len, packet_len(p), p->in_port, &key, &ofs);
	plan->v6 = flow_key_has(&key, OXM_IPV6_SRC);
	if (ofs.l3 == 0 || (!plan->v6 && !flow_key_has(&key, OXM_IPV4_SRC)) || (key.layout & FLOW_LAYOUT_FRAG) ||
	    ofs.l3_end == 0xffff)
		return false;
	plan->l3 = ofs.l3;
	plan->header = ofs.l3 + (plan->v6 ? p->frag_at : (uint32_t)(p->head[ofs.l3] & 15) * 4);
	plan->names = 0;
	if (plan->header > p->head_len || plan->header >= ofs.l3_end)
		return false;
	if (plan->v6 && (plan->names = find_name(p->head, plan->l3, plan->header)) == 0)
		return false;
	taken = plan->header - plan->l3 + (plan->v6 ? 8 : 0);
	if (size < taken + 8)
		return false;
	plan->room = (size - taken) & ~7u;
	plan->payload = ofs.l3_end - plan->header;
	plan->end = ofs.l3_end;
	return true;
}

/* Options without the copied flag become no-operations. */
static void
blank_options(uint8_t *ip, uint32_t ihl)
{
	for (uint32_t at = 20; at < ihl && ip[at] != 0;) {
		const uint32_t len = ip[at] == 1 ? 1 : at + 1 < ihl ? ip[at + 1] : 0;

		if (len == 0 || (ip[at] != 1 && len < 2) || at + len > ihl)
			return;
		if (!(ip[at] & 0x80))
			memset(ip + at, 1, len);
		at += len;
	}
}

static void
finish_v4(const struct plan *plan, uint8_t *ip, uint32_t at, uint32_t len, bool last)
{
	const uint32_t ihl = plan->header - plan->l3;

	if (at)
		blank_options(ip, ihl);
	put_be16(ip + 2, (uint16_t)(ihl + len));
	put_be16(ip + 6, (uint16_t)((get_be16(ip + 6) & 0x4000) | at / 8 | (last ? 0 : 0x2000)));
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~csum_fold(csum_bytes(ip, ihl)));
}

static void
finish_v6(const struct plan *plan, uint8_t *head, be32 id, uint32_t at, uint32_t len, bool last)
{
	uint8_t *fh = head + plan->header;

	fh[0] = head[plan->names];
	fh[1] = 0;
	put_be16(fh + 2, (uint16_t)(at | !last));
	memcpy(fh + 4, &id, 4);
	head[plan->names] = 44;
	put_be16(head + plan->l3 + 4, (uint16_t)(plan->header - plan->l3 - 40 + 8 + len));
}

bool
packet_refragment(struct reader *r, struct packet *p, uint32_t mtu, void (*emit)(void *aux, struct packet *), void *aux)
{
	struct plan plan;
	uint32_t n, header, stride;
	uint8_t *heads, *spare = NULL;

	if (!make_plan(p, mtu, &plan))
		return false;
	n = (plan.payload + plan.room - 1) / plan.room;
	header = plan.header + (plan.v6 ? 8 : 0);
	stride = ((header + 7) & ~7u) + PACKET_HEADROOM;
	heads = arena_alloc(r, (size_t)n * stride);
	if (p->tail && p->head_len > plan.header && (spare = arena_alloc(r, plan.room)) == NULL)
		return false;
	if (!heads)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t at = i * plan.room;
		const uint32_t len = plan.payload - at < plan.room ? plan.payload - at : plan.room;
		struct packet f = *p;

		f.head = heads + (size_t)i * stride;
		f.head_len = header;
		f.headroom = PACKET_HEADROOM;
		f.queued = f.key_valid = false;
		f.frag_max = 0;
		f.n_frames = 1;
		f.wire_bytes = header + len;
		memcpy(f.head, p->head, plan.header);
		packet_attach_payload(p, &f, plan.header + at, len, spare);
		if (plan.v6)
			finish_v6(&plan, f.head, p->frag_id, at, len, i + 1 == n);
		else
			finish_v4(&plan, f.head + plan.l3, at, len, i + 1 == n);
		emit(aux, &f);
	}
	return true;
}
