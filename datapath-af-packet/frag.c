/* SPDX-License-Identifier: ISC */
/* Datagrams from fragments (frag.h).
 *
 * A fragment's payload is copied into a piece; the pieces of a datagram are a list in ascending order without overlaps.  The headers
 * of the datagram are those of its first fragment, without the fragment header in IPv6.  When all bytes from 0 to the end of
 * the last fragment are there, one buffer is made of them. */
#include "frag.h"

#include "checksum.h"
#include "flow_key_parse.h"
#include "hash.h"
#include "hmap.h"
#include "list.h"

#include <stdlib.h>
#include <string.h>

#define IP6_FRAGMENT 44

struct frag_key {
	uint32_t bridge_id;
	be32 in_port;
	be32 id;
	be16 vlan_vid;
	uint8_t proto;
	uint8_t v6;
	uint8_t src[16], dst[16];
};
#define FRAG_KEY_WORDS (sizeof(struct frag_key) / 8)
_Static_assert(sizeof(struct frag_key) == 48, "frag_key has no padding");

/* Where things are in a fragment: bytes from the destination MAC. */
struct where {
	bool v6, more;
	uint8_t proto;
	be32 id;
	uint32_t l3;
	uint32_t header; /* end of the headers that stay with the datagram */
	uint32_t names; /* IPv6: the next-header byte that names the fragment header */
	uint32_t payload, end;
	uint32_t offset; /* of the payload in the datagram */
};

struct piece {
	struct piece *next;
	uint32_t from, len;
	uint8_t data[];
};

struct datagram {
	struct hmap_node node;
	struct list age;
	struct frag_key key;
	struct exec_bridge *bridge;
	uint32_t since_ms;
	bool refused;
	struct piece *pieces;
	unsigned n_pieces;
	uint32_t have, total; /* bytes; total 0: the last fragment has not come */
	uint32_t max_l3; /* the longest fragment, from its IP header on */
	uint8_t *header;
	uint32_t header_len, l3;
	uint32_t in_port;
	size_t memory;
	struct packet whole;
	uint8_t *buffer;
};

struct frags {
	struct hmap map;
	struct list age[2]; /* IPv4, IPv6: the oldest first */
	struct list done;
	uint64_t seed;
	unsigned n;
	size_t memory;
};

struct frags *
frags_create(void)
{
	struct frags *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	hmap_init(&f->map);
	list_init(&f->age[0]);
	list_init(&f->age[1]);
	list_init(&f->done);
	f->seed = hash_seed();
	return f;
}

static void
free_pieces(struct frags *f, struct datagram *d)
{
	while (d->pieces) {
		struct piece *p = d->pieces;

		d->pieces = p->next;
		free(p);
	}
	free(d->header);
	d->header = NULL;
	f->memory -= d->memory;
	d->memory = 0;
}

/* Out of the map, its pieces freed. */
static void
detach(struct frags *f, struct datagram *d)
{
	free_pieces(f, d);
	hmap_remove(&f->map, &d->node);
	list_remove(&d->age);
	f->n--;
}

static void
discard(struct frags *f, struct datagram *d)
{
	detach(f, d);
	free(d);
}

static void
give_up(struct reader *r, struct datagram *d, enum dp_drop reason)
{
	if (d->n_pieces)
		exec_drop(r, d->bridge, reason, d->n_pieces);
	discard(r->frags, d);
}

void
frags_forget(struct frags *f, const struct exec_bridge *b)
{
	for (unsigned i = 0; i < 2; i++) {
		LIST_FOR_EACH_SAFE (it, next, &f->age[i]) {
			struct datagram *d = CONTAINER_OF(it, struct datagram, age);

			if (!b || d->bridge == b)
				discard(f, d);
		}
	}
}

void
frags_batch_done(struct frags *f)
{
	struct list *it;

	while ((it = list_pop_front(&f->done)) != NULL) {
		struct datagram *d = CONTAINER_OF(it, struct datagram, age);

		free(d->buffer);
		free(d);
	}
}

void
frags_destroy(struct frags *f)
{
	if (!f)
		return;
	frags_forget(f, NULL);
	frags_batch_done(f);
	hmap_fini(&f->map);
	free(f);
}

unsigned
frags_waiting(const struct frags *f)
{
	return f->n;
}

void
frags_expire(struct reader *r)
{
	static const uint32_t limit_ms[2] = {FRAG_TIMEOUT_V4_MS, FRAG_TIMEOUT_V6_MS};

	for (unsigned i = 0; i < 2; i++) {
		struct list *age = &r->frags->age[i];

		while (!list_is_empty(age)) {
			struct datagram *d = CONTAINER_OF(age->next, struct datagram, age);

			if (r->now_ms - d->since_ms < limit_ms[i])
				break;
			give_up(r, d, DP_DROP_FRAG_TIMEOUT);
		}
	}
}

/* ---- reading a fragment ---- */

static void
locate_v4(const uint8_t *head, const struct flow_offsets *ofs, struct where *w)
{
	const uint8_t *ip = head + ofs->l3;
	const uint16_t frag = get_be16(ip + 6);

	w->header = ofs->l3 + (uint32_t)(ip[0] & 15) * 4;
	w->payload = w->header;
	w->more = (frag & 0x2000) != 0;
	w->offset = (uint32_t)(frag & 0x1fff) * 8;
	w->proto = ip[9];
	w->id = host_to_be32(get_be16(ip + 4));
}

/* Walks the headers before the fragment header: hop-by-hop, destination options, routing (RFC 8200, section 4.1). */
static bool
locate_v6(const uint8_t *head, uint32_t len, const struct flow_offsets *ofs, struct where *w)
{
	uint32_t at = ofs->l3 + 40u;
	const uint8_t *p;

	w->names = ofs->l3 + 6u;
	for (unsigned n = 0; n < 8 && head[w->names] != IP6_FRAGMENT; n++) {
		const uint8_t type = head[w->names];

		if ((type != 0 && type != 43 && type != 60) || at + 8 > len)
			return false;
		w->names = at;
		at += ((uint32_t)head[at + 1] + 1) * 8;
	}
	if (head[w->names] != IP6_FRAGMENT || at + 8 > len || at > PACKET_HEAD_MAX)
		return false;
	p = head + at;
	w->header = at;
	w->payload = at + 8;
	w->more = (p[3] & 1) != 0;
	w->offset = get_be16(p + 2) & 0xfff8u;
	w->proto = p[0];
	memcpy(&w->id, p + 4, 4);
	return true;
}

/* False: it is not a fragment that could be part of a datagram. */
static bool
locate(const struct packet *p, const struct flow_key *key, struct where *w)
{
	const struct flow_offsets *ofs = &p->ofs;

	memset(w, 0, sizeof(*w));
	w->v6 = flow_key_has(key, OXM_IPV6_SRC);
	w->l3 = ofs->l3;
	w->end = ofs->l3_end;
	if (ofs->l3 == 0 || ofs->l3_end == 0xffff || ofs->l3_end > packet_len(p))
		return false;
	if (!w->v6)
		locate_v4(p->head, ofs, w);
	else if (!locate_v6(p->head, p->head_len, ofs, w))
		return false;
	if (w->payload > p->head_len || w->payload >= w->end || (w->more && (w->end - w->payload) % 8))
		return false;
	return w->header - w->l3 + w->offset + (w->end - w->payload) <= 0xffffu;
}

static void
copy_bytes(const struct packet *p, uint32_t from, uint32_t len, uint8_t *to)
{
	const uint32_t in_head = from >= p->head_len ? 0 : p->head_len - from < len ? p->head_len - from : len;

	if (in_head)
		memcpy(to, p->head + from, in_head);
	if (in_head < len)
		memcpy(to + in_head, p->tail + (from + in_head - p->head_len), len - in_head);
}

/* ---- datagrams ---- */

static void
make_key(const struct exec_bridge *b, const struct flow_key *key, const struct where *w, struct frag_key *k)
{
	memset(k, 0, sizeof(*k));
	k->bridge_id = b->id;
	k->in_port = key->in_port;
	k->vlan_vid = key->vlan_vid;
	k->id = w->id;
	k->v6 = w->v6;
	if (w->v6) { /* the protocol may differ between fragments: RFC 8200 takes that of the first */
		memcpy(k->src, key->ipv6_src, 16);
		memcpy(k->dst, key->ipv6_dst, 16);
	} else {
		k->proto = w->proto;
		memcpy(k->src, &key->ipv4_src, 4);
		memcpy(k->dst, &key->ipv4_dst, 4);
	}
}

static struct datagram *
find_or_make(struct reader *r, struct exec_bridge *b, const struct frag_key *k)
{
	struct frags *f = r->frags;
	const uint64_t hash = hash_words((const uint64_t *)(const void *)k, FRAG_KEY_WORDS, f->seed);
	struct hmap_node *node = hmap_first_with_hash(&f->map, hash);
	struct datagram *d;

	for (; node; node = hmap_next_with_hash(&f->map, node)) {
		d = CONTAINER_OF(node, struct datagram, node);
		if (memcmp(&d->key, k, sizeof(*k)) == 0)
			return d;
	}
	d = calloc(1, sizeof(*d));
	if (!d || !hmap_insert(&f->map, &d->node, hash)) {
		free(d);
		return NULL;
	}
	d->key = *k;
	d->bridge = b;
	d->since_ms = r->now_ms;
	d->in_port = be32_to_host(k->in_port);
	list_push_back(&f->age[k->v6], &d->age);
	f->n++;
	return d;
}

/* The oldest of all but 'keep', or NULL. */
static struct datagram *
oldest(const struct frags *f, const struct datagram *keep)
{
	struct datagram *found = NULL;

	for (unsigned i = 0; i < 2; i++) {
		LIST_FOR_EACH (it, &f->age[i]) {
			struct datagram *d = CONTAINER_OF(it, struct datagram, age);

			if (d == keep)
				continue;
			if (!found || (int32_t)(d->since_ms - found->since_ms) < 0)
				found = d;
			break;
		}
	}
	return found;
}

/* Room for 'size' more bytes of 'd'; false: even alone it is too much. */
static bool
make_room(struct reader *r, const struct datagram *d, size_t size)
{
	struct frags *f = r->frags;

	while (f->memory + size > FRAG_MAX_BYTES || f->n > FRAG_MAX_DATAGRAMS) {
		struct datagram *old = oldest(f, d);

		if (!old)
			return false;
		give_up(r, old, DP_DROP_FRAG_FULL);
	}
	return true;
}

enum verdict { TAKEN, DUPLICATE, OVERLAPS, NO_ROOM };

/* Puts the payload among the pieces. */
static enum verdict
insert_piece(struct reader *r, struct datagram *d, const struct packet *p, const struct where *w)
{
	const uint32_t len = w->end - w->payload, from = w->offset;
	struct piece **at = &d->pieces, *new;

	if (d->total && (from + len > d->total || (!w->more && from + len != d->total)))
		return OVERLAPS;
	for (; *at && (*at)->from < from; at = &(*at)->next)
		if ((*at)->from + (*at)->len > from)
			return OVERLAPS;
	if (*at && (*at)->from == from && (*at)->len == len)
		return DUPLICATE;
	if (*at && ((*at)->from < from + len || !w->more))
		return OVERLAPS;
	if (d->n_pieces == FRAG_MAX_PIECES || !make_room(r, d, sizeof(*new) + len))
		return NO_ROOM;
	new = malloc(sizeof(*new) + len);
	if (!new)
		return NO_ROOM;
	new->next = *at;
	new->from = from;
	new->len = len;
	copy_bytes(p, w->payload, len, new->data);
	*at = new;
	d->n_pieces++;
	d->have += len;
	d->memory += sizeof(*new) + len;
	r->frags->memory += sizeof(*new) + len;
	if (!w->more)
		d->total = from + len;
	if (w->end - w->l3 > d->max_l3)
		d->max_l3 = w->end - w->l3;
	return TAKEN;
}

/* The first fragment's headers become the datagram's. */
static bool
keep_header(struct frags *f, struct datagram *d, const struct packet *p, const struct where *w)
{
	d->header = malloc(w->header);
	if (!d->header)
		return false;
	memcpy(d->header, p->head, w->header);
	if (w->v6)
		d->header[w->names] = w->proto;
	d->header_len = w->header;
	d->l3 = w->l3;
	d->memory += w->header;
	f->memory += w->header;
	return true;
}

static void
finish_header(const struct datagram *d, uint8_t *head)
{
	uint8_t *ip = head + d->l3;
	const uint32_t ip_len = d->header_len - d->l3 + d->total;

	if (d->key.v6) {
		put_be16(ip + 4, (uint16_t)(ip_len - 40));
		return;
	}
	put_be16(ip + 2, (uint16_t)ip_len);
	put_be16(ip + 6, get_be16(ip + 6) & 0x4000);
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~csum_fold(csum_bytes(ip, (size_t)(ip[0] & 15) * 4)));
}

/* All bytes are there: one buffer of them. */
static struct packet *
put_together(struct reader *r, struct datagram *d)
{
	struct frags *f = r->frags;
	struct packet *p = &d->whole;
	uint8_t *head;

	d->buffer = malloc(PACKET_HEADROOM + (size_t)d->header_len + d->total);
	if (!d->buffer) {
		give_up(r, d, DP_DROP_FRAG_FULL);
		return NULL;
	}
	head = d->buffer + PACKET_HEADROOM;
	memcpy(head, d->header, d->header_len);
	for (const struct piece *x = d->pieces; x; x = x->next)
		memcpy(head + d->header_len + x->from, x->data, x->len);
	finish_header(d, head);
	p->head = head;
	p->head_len = d->header_len + d->total;
	p->headroom = PACKET_HEADROOM;
	p->in_port = d->in_port;
	p->frag_max = (uint16_t)d->max_l3;
	p->frag_at = (uint16_t)(d->header_len - d->l3);
	p->frag_id = d->key.id;
	packet_count_wire(p);
	exec_drop(r, d->bridge, DP_DROP_FRAG_REASSEMBLED, d->n_pieces);
	detach(f, d);
	list_push_back(&f->done, &d->age);
	return p;
}

/* RFC 5722: the datagram is refused, pieces that came and pieces to come. */
static void
refuse(struct reader *r, struct datagram *d)
{
	exec_drop(r, d->bridge, DP_DROP_FRAG_OVERLAP, d->n_pieces + 1);
	free_pieces(r->frags, d);
	d->n_pieces = 0;
	d->refused = true;
}

struct packet *
frags_add(struct reader *r, struct exec_bridge *b, const struct packet *p, const struct flow_key *key)
{
	struct datagram *d;
	struct frag_key k;
	struct where w;
	enum verdict v;

	frags_expire(r);
	if (!locate(p, key, &w)) {
		exec_drop(r, b, DP_DROP_MALFORMED, p->n_frames);
		return NULL;
	}
	make_key(b, key, &w, &k);
	d = find_or_make(r, b, &k);
	if (!d) {
		exec_drop(r, b, DP_DROP_FRAG_FULL, 1);
		return NULL;
	}
	if (d->refused) {
		exec_drop(r, b, DP_DROP_FRAG_OVERLAP, 1);
		return NULL;
	}
	v = insert_piece(r, d, p, &w);
	if (v == TAKEN && w.offset == 0 && !keep_header(r->frags, d, p, &w)) {
		give_up(r, d, DP_DROP_FRAG_FULL);
		return NULL;
	}
	switch (v) {
	case TAKEN:
		return d->header && d->have == d->total ? put_together(r, d) : NULL;
	case DUPLICATE:
		exec_drop(r, b, DP_DROP_FRAG_DUPLICATE, 1);
		return NULL;
	case OVERLAPS:
		refuse(r, d);
		return NULL;
	case NO_ROOM:
		exec_drop(r, b, DP_DROP_FRAG_FULL, 1);
		give_up(r, d, DP_DROP_FRAG_FULL);
		return NULL;
	}
	return NULL;
}
