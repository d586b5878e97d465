/* SPDX-License-Identifier: ISC */
/* Prints what a frame's headers say, in one line: every field that a match could have, checksums at the end.
 *
 * This is not the datapath's key: nothing depends on it but eyes.  A header that is cut ends the reading. */
#include "print.h"

#include "addr.h"

#include <inttypes.h>
#include <string.h>

#define MAX_LABELS 3
#define MAX_EXT_HEADERS 16

struct frame {
	const uint8_t *mac; /* destination and source */
	uint16_t dl_type;
	unsigned n_vlans, n_labels;
	uint16_t tci[2];
	uint32_t label[MAX_LABELS];
	const uint8_t *ip, *arp; /* whole fixed headers, or NULL */
	uint8_t nw_proto;
	const char *frag; /* "no", "first", "later"; NULL without IP */
	const uint8_t *l4;
	size_t l4_len;
	const uint8_t *nd_target, *nd_sll, *nd_tll;
};

static void
read_vlans(struct frame *f, struct wire *w)
{
	while (f->n_vlans < 2 && (f->dl_type == 0x8100 || f->dl_type == 0x88a8) && wire_left(w) >= 4) {
		f->tci[f->n_vlans++] = (uint16_t)(wire_be16(w) | OFPVID_PRESENT);
		f->dl_type = wire_be16(w);
	}
	if (f->dl_type < 0x0600)
		f->dl_type = 0x05ff; /* a length: no Ethernet type (7.2.3.7) */
}

static void
read_labels(struct frame *f, struct wire *w)
{
	while (f->n_labels < MAX_LABELS && wire_left(w) >= 4) {
		f->label[f->n_labels] = wire_be32(w);
		if (f->label[f->n_labels++] & 0x100)
			break;
	}
}

static void
read_nd(struct frame *f)
{
	struct wire w = wire_init(f->l4, f->l4_len);

	if (f->l4_len < 24 || (f->l4[0] != 135 && f->l4[0] != 136) || f->l4[1])
		return;
	wire_skip(&w, 8);
	f->nd_target = wire_take(&w, 16);
	while (wire_left(&w) >= 8) {
		const uint8_t *opt = wire_take(&w, 8);

		if (opt[0] == 1 && opt[1] == 1)
			f->nd_sll = opt + 2;
		else if (opt[0] == 2 && opt[1] == 1)
			f->nd_tll = opt + 2;
		if (!opt[1])
			break;
		wire_skip(&w, (size_t)opt[1] * 8 - 8);
	}
}

static void
read_ipv4(struct frame *f, struct wire *w)
{
	const size_t left = wire_left(w);
	const uint8_t *h = wire_take(w, 20);
	size_t hlen, total;
	uint16_t frag;

	f->frag = "no";
	if (!h || h[0] >> 4 != 4)
		return;
	hlen = (size_t)(h[0] & 15) * 4;
	total = get_be16(h + 2);
	if (hlen < 20 || hlen > left || total < hlen || total > left)
		return;
	f->ip = h;
	f->nw_proto = h[9];
	frag = get_be16(h + 6);
	f->frag = frag & 0x1fff ? "later" : frag & 0x2000 ? "first" : "no";
	f->l4 = h + hlen;
	f->l4_len = total - hlen;
}

/* Walks over the extension headers to the upper layer. */
static void
read_ipv6(struct frame *f, struct wire *w)
{
	const uint8_t *h = wire_take(w, 40);
	const uint8_t *x;
	size_t payload, len;

	f->frag = "no";
	if (!h || h[0] >> 4 != 6)
		return;
	payload = get_be16(h + 4);
	if (payload > wire_left(w))
		return;
	f->ip = h;
	f->nw_proto = h[6];
	*w = wire_init(h + 40, payload);
	for (unsigned i = 0; i < MAX_EXT_HEADERS; i++) {
		const bool frag = f->nw_proto == 44;

		if (f->nw_proto != 0 && f->nw_proto != 43 && f->nw_proto != 60 && f->nw_proto != 51 && !frag)
			break;
		x = wire_take(w, 8);
		if (!x)
			return;
		if (frag)
			f->frag = get_be16(x + 2) & 0xfff8 ? "later" : "first";
		if (frag && f->frag[0] == 'l')
			return;
		len = f->nw_proto == 51 ? (size_t)x[1] * 4 : (size_t)x[1] * 8;
		f->nw_proto = x[0];
		if (!frag)
			wire_skip(w, len);
	}
	if (!wire_ok(w))
		return;
	f->l4_len = wire_left(w);
	f->l4 = wire_take(w, f->l4_len);
	if (f->nw_proto == 58 && f->l4)
		read_nd(f);
}

static void
read_frame(struct frame *f, const uint8_t *data, size_t len)
{
	struct wire w = wire_init(data, len);

	memset(f, 0, sizeof(*f));
	f->mac = wire_take(&w, 12);
	if (!f->mac || wire_left(&w) < 2)
		return;
	f->dl_type = wire_be16(&w);
	read_vlans(f, &w);
	switch (f->dl_type) {
	case 0x0800:
		read_ipv4(f, &w);
		break;
	case 0x86dd:
		read_ipv6(f, &w);
		break;
	case 0x0806:
	case 0x8035:
		f->arp = wire_take(&w, 28);
		break;
	case 0x8847:
	case 0x8848:
		read_labels(f, &w);
		break;
	}
}

/* ---- out ---- */

static const char *
protocol_word(const struct frame *f, bool *has_proto)
{
	const bool v6 = f->dl_type == 0x86dd;

	*has_proto = true;
	if (f->dl_type == 0x0800 || v6)
		switch (f->nw_proto) {
		case 6:
			return v6 ? "tcp6" : "tcp";
		case 17:
			return v6 ? "udp6" : "udp";
		case 132:
			return v6 ? "sctp6" : "sctp";
		case 1:
			if (!v6)
				return "icmp";
			break;
		case 58:
			if (v6)
				return "icmp6";
			break;
		}
	*has_proto = false;
	switch (f->dl_type) {
	case 0x0800:
		return "ip";
	case 0x86dd:
		return "ipv6";
	case 0x0806:
		return "arp";
	case 0x8035:
		return "rarp";
	case 0x8847:
		return "mpls";
	case 0x8848:
		return "mplsm";
	default:
		return NULL;
	}
}

static void
put_vlans(struct sbuf *b, const struct frame *f)
{
	if (!f->n_vlans)
		sbuf_puts(b, "vlan_tci=0x0000,");
	else
		sbuf_printf(b, "dl_vlan=%u,dl_vlan_pcp=%u,", f->tci[0] & 0xfffu, f->tci[0] >> 13);
	if (f->n_vlans == 1)
		sbuf_puts(b, "vlan_tci1=0x0000,");
	else if (f->n_vlans == 2)
		sbuf_printf(b, "dl_vlan1=%u,dl_vlan_pcp1=%u,", f->tci[1] & 0xfffu, f->tci[1] >> 13);
}

static void
put_mac(struct sbuf *b, const char *name, const uint8_t *mac)
{
	static const uint8_t none[6];
	char text[MAC_STR_LEN];

	sbuf_printf(b, "%s=%s,", name, mac_format(mac ? mac : none, text));
}

static void
put_ipv4(struct sbuf *b, const char *name, const uint8_t *addr)
{
	static const uint8_t none[4];
	char text[16];

	sbuf_printf(b, "%s=%s,", name, ipv4_format(addr ? addr : none, text));
}

static void
put_ipv6(struct sbuf *b, const char *name, const uint8_t *addr)
{
	static const uint8_t none[16];
	char text[IPV6_STR_LEN];

	sbuf_printf(b, "%s=%s,", name, ipv6_format(addr ? addr : none, text));
}

static void
put_ip(struct sbuf *b, const struct frame *f, bool has_proto)
{
	const bool v6 = f->dl_type == 0x86dd;
	const uint8_t *h = f->ip;
	unsigned tos = 0, ttl = 0;

	if (v6) {
		put_ipv6(b, "ipv6_src", h ? h + 8 : NULL);
		put_ipv6(b, "ipv6_dst", h ? h + 24 : NULL);
		sbuf_printf(b, "ipv6_label=0x%05" PRIx32 ",", h ? get_be32(h) & 0xfffff : 0);
	} else {
		put_ipv4(b, "nw_src", h ? h + 12 : NULL);
		put_ipv4(b, "nw_dst", h ? h + 16 : NULL);
	}
	if (h) {
		tos = v6 ? (get_be32(h) >> 20) & 0xff : h[1];
		ttl = v6 ? h[7] : h[8];
	}
	if (!has_proto)
		sbuf_printf(b, "nw_proto=%u,", f->nw_proto);
	sbuf_printf(b, "nw_tos=%u,nw_ecn=%u,nw_ttl=%u,nw_frag=%s,", tos & 0xfc, tos & 3, ttl, f->frag);
}

static void
put_arp(struct sbuf *b, const uint8_t *a)
{
	if (!a)
		return;
	put_ipv4(b, "arp_spa", a + 14);
	put_ipv4(b, "arp_tpa", a + 24);
	sbuf_printf(b, "arp_op=%u,", get_be16(a + 6));
	put_mac(b, "arp_sha", a + 8);
	put_mac(b, "arp_tha", a + 18);
}

static void
put_labels(struct sbuf *b, const struct frame *f)
{
	if (!f->n_labels)
		return;
	sbuf_printf(b, "mpls_label=%" PRIu32 ",mpls_tc=%" PRIu32 ",mpls_ttl=%" PRIu32 ",mpls_bos=%" PRIu32 ",",
	            f->label[0] >> 12, f->label[0] >> 9 & 7, f->label[0] & 0xff, f->label[0] >> 8 & 1);
	for (unsigned i = 1; i < f->n_labels; i++)
		sbuf_printf(b, "mpls_lse%u=%" PRIu32 ",", i, f->label[i]);
}

static void
put_tcp_flags(struct sbuf *b, uint16_t flags)
{
	static const char *const names[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"};
	bool first = true;

	sbuf_puts(b, "tcp_flags=");
	for (unsigned i = 0; i < 9; i++)
		if (flags & 1u << i) {
			sbuf_printf(b, "%s%s", first ? "" : "|", names[i]);
			first = false;
		}
	sbuf_puts(b, first ? "0," : ",");
}

/* Ports or types; a fragment that is not the first has none. */
static void
put_l4(struct sbuf *b, const struct frame *f)
{
	const bool v6 = f->dl_type == 0x86dd;
	const uint8_t *h = f->frag && f->frag[0] != 'l' && f->l4_len >= 4 ? f->l4 : NULL;

	if (!h)
		return;
	switch (f->nw_proto) {
	case 6:
	case 17:
	case 132:
		sbuf_printf(b, "tp_src=%u,tp_dst=%u,", get_be16(h), get_be16(h + 2));
		if (f->nw_proto == 6 && f->l4_len >= 20)
			put_tcp_flags(b, get_be16(h + 12) & 0x1ff);
		break;
	case 2: /* IGMP: type and code have a place beside the ports */
		if (!v6)
			sbuf_printf(b, "tp_src=%u,tp_dst=%u,", h[0], h[1]);
		break;
	case 1:
	case 58:
		if ((f->nw_proto == 58) == v6)
			sbuf_printf(b, "icmp_type=%u,icmp_code=%u,", h[0], h[1]);
		break;
	}
	if (f->nd_target) {
		put_ipv6(b, "nd_target", f->nd_target);
		put_mac(b, "nd_sll", f->nd_sll);
		put_mac(b, "nd_tll", f->nd_tll);
	}
}

static void
put_checksum(struct sbuf *b, const struct frame *f)
{
	const bool v6 = f->dl_type == 0x86dd;

	if (!f->l4)
		return;
	if (f->nw_proto == 6 && f->l4_len >= 20)
		sbuf_printf(b, " tcp_csum:%x", get_be16(f->l4 + 16));
	else if (f->nw_proto == 17 && f->l4_len >= 8)
		sbuf_printf(b, " udp_csum:%x", get_be16(f->l4 + 6));
	else if (f->nw_proto == 132 && f->l4_len >= 12)
		sbuf_printf(b, " sctp_csum:%" PRIx32, get_be32(f->l4 + 8));
	else if (f->nw_proto == 1 && !v6 && f->l4_len >= 8)
		sbuf_printf(b, " icmp_csum:%x", get_be16(f->l4 + 2));
	else if (f->nw_proto == 58 && v6 && f->l4_len >= 4)
		sbuf_printf(b, " icmp6_csum:%x", get_be16(f->l4 + 2));
}

void
print_frame(struct sbuf *b, const uint8_t *data, size_t len)
{
	struct frame f;
	const char *word;
	bool has_proto;

	read_frame(&f, data, len);
	word = protocol_word(&f, &has_proto);
	if (word)
		sbuf_printf(b, "%s,", word);
	put_vlans(b, &f);
	put_mac(b, "dl_src", f.mac ? f.mac + 6 : NULL);
	put_mac(b, "dl_dst", f.mac);
	if (!word)
		sbuf_printf(b, "dl_type=0x%04x,", f.mac ? f.dl_type : 0);
	if (f.frag)
		put_ip(b, &f, has_proto);
	put_arp(b, f.arp);
	put_labels(b, &f);
	put_l4(b, &f);
	sbuf_chomp(b, ',');
	put_checksum(b, &f);
}
