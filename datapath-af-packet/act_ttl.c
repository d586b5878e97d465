/* SPDX-License-Identifier: ISC */
/* TTLs of IP and MPLS: set, decrement, copy in and out (OpenFlow 1.3.5, 5.12).
 *
 * A frame without the header in question passes unchanged: flow entries that match any EtherType may order these. */
#include "act.h"
#include "checksum.h"

#include <string.h>

/* One byte of the IPv4 header at 'l3' becomes 'v', its checksum follows. */
static void
ipv4_put_u8(uint8_t *l3, size_t at, uint8_t v)
{
	uint8_t *word = l3 + (at & ~(size_t)1);
	uint8_t was[2];

	memcpy(was, word, 2);
	l3[at] = v;
	csum_update(l3 + 10, csum_diff(was, word, 2), false);
}

static void
ip_put_ttl(uint8_t *l3, bool v6, uint8_t ttl)
{
	if (v6)
		l3[7] = ttl;
	else
		ipv4_put_u8(l3, 8, ttl);
}

/* The IP header, writable: *l3 is NULL when there is none.  False: no memory. */
static bool
find_ip(struct act *a, uint8_t **l3, bool *v6)
{
	uint8_t *h;

	act_offsets(a);
	*l3 = NULL;
	*v6 = flow_key_has(&a->key, OXM_IPV6_SRC);
	if (!*v6 && !flow_key_has(&a->key, OXM_IPV4_SRC))
		return true;
	h = act_head(a, a->p->ofs.l3 + (*v6 ? 40u : 20u));
	if (!h)
		return false;
	*l3 = h + a->p->ofs.l3;
	return true;
}

static bool
find_mpls(struct act *a, uint8_t **lse)
{
	uint8_t *h;

	act_offsets(a);
	*lse = NULL;
	if (!flow_key_has(&a->key, OXM_MPLS_LABEL))
		return true;
	h = act_head(a, a->p->ofs.l2_5 + 4u);
	if (!h)
		return false;
	*lse = h + a->p->ofs.l2_5;
	return true;
}

bool
act_set_nw_ttl(struct act *a, uint8_t ttl)
{
	uint8_t *l3;
	bool v6;

	if (!find_ip(a, &l3, &v6))
		return false;
	if (l3)
		ip_put_ttl(l3, v6, ttl);
	return true;
}

bool
act_dec_nw_ttl(struct act *a, bool *expired)
{
	uint8_t *l3;
	uint8_t ttl;
	bool v6;

	*expired = false;
	if (!find_ip(a, &l3, &v6))
		return false;
	if (!l3)
		return true;
	ttl = l3[v6 ? 7 : 8];
	if (ttl <= 1)
		*expired = true;
	else
		ip_put_ttl(l3, v6, (uint8_t)(ttl - 1));
	return true;
}

bool
act_set_mpls_ttl(struct act *a, uint8_t ttl)
{
	uint8_t *lse;

	if (!find_mpls(a, &lse))
		return false;
	if (lse)
		lse[3] = ttl;
	return true;
}

bool
act_dec_mpls_ttl(struct act *a, bool *expired)
{
	uint8_t *lse;

	*expired = false;
	if (!find_mpls(a, &lse))
		return false;
	if (!lse)
		return true;
	if (lse[3] <= 1)
		*expired = true;
	else
		lse[3]--;
	return true;
}

/* What lies below the outer label. */
enum below { BELOW_NONE, BELOW_MPLS, BELOW_IPV4, BELOW_IPV6 };

/* Below the last label nothing says what follows: it is IP if the version, the header's and the datagram's length say so together. */
static enum below
below_label(const struct act *a, const uint8_t *lse)
{
	const size_t at = (size_t)(lse - a->p->head) + 4;
	const size_t in_head = a->p->head_len - at;
	const size_t left = packet_len(a->p) - at;
	const uint8_t *ip = lse + 4;

	if (!(lse[2] & 1))
		return in_head >= 4 ? BELOW_MPLS : BELOW_NONE;
	if (in_head >= 20 && (ip[0] >> 4) == 4 && (ip[0] & 15) >= 5 && get_be16(ip + 2) >= (ip[0] & 15) * 4 &&
	    get_be16(ip + 2) <= left)
		return BELOW_IPV4;
	if (in_head >= 40 && (ip[0] >> 4) == 6 && get_be16(ip + 4) + 40u <= left)
		return BELOW_IPV6;
	return BELOW_NONE;
}

bool
act_copy_ttl_out(struct act *a)
{
	uint8_t *lse;

	if (!find_mpls(a, &lse))
		return false;
	if (!lse)
		return true;
	switch (below_label(a, lse)) {
	case BELOW_MPLS:
		lse[3] = lse[7];
		break;
	case BELOW_IPV4:
		lse[3] = lse[12];
		break;
	case BELOW_IPV6:
		lse[3] = lse[11];
		break;
	case BELOW_NONE:
		break;
	}
	return true;
}

bool
act_copy_ttl_in(struct act *a)
{
	uint8_t *lse;

	if (!find_mpls(a, &lse))
		return false;
	if (!lse)
		return true;
	switch (below_label(a, lse)) {
	case BELOW_MPLS:
		lse[7] = lse[3];
		break;
	case BELOW_IPV4:
		ip_put_ttl(lse + 4, false, lse[3]);
		break;
	case BELOW_IPV6:
		ip_put_ttl(lse + 4, true, lse[3]);
		break;
	case BELOW_NONE:
		break;
	}
	return true;
}
