/* SPDX-License-Identifier: ISC */
/* IP fragments put together before the pipeline (OFPC_FRAG_REASM, 7.3.2; RFC 791, RFC 8200 section 4.5, RFC 5722).
 *
 * Each reader has its own datagrams: the steering program sends all fragments of a datagram that arrive by one port to one worker.  A
 * datagram belongs to the bridge, the ingress port and the outer VLAN that its fragments came by.  Memory is bounded: when the
 * bound is reached the oldest datagrams make room.  A datagram with overlapping fragments is refused in whole, and what else
 * comes for it until its time is over.  The reader's batch lock is held in all of these. */
#ifndef DATAPATH_AF_PACKET_FRAG_H
#define DATAPATH_AF_PACKET_FRAG_H

#include "exec.h"

struct frags;

/* What one reader may hold. */
#define FRAG_MAX_BYTES (4u << 20)
#define FRAG_MAX_DATAGRAMS 1024u
#define FRAG_MAX_PIECES 256u /* of one datagram */
#define FRAG_TIMEOUT_V4_MS 30000u
#define FRAG_TIMEOUT_V6_MS 60000u

/* NULL: no memory. */
struct frags *frags_create(void);
/* Accepts NULL. */
void frags_destroy(struct frags *);

/* Takes a copy of the fragment 'p', whose key and offsets are 'key' and p->ofs.  Returns the datagram when this fragment makes it whole,
 * valid until frags_batch_done, else NULL.  Each fragment that does not go on by itself is counted here: as
 * REASSEMBLED when its datagram goes on, or by the reason why it does not. */
struct packet *frags_add(struct reader *, struct exec_bridge *, const struct packet *p, const struct flow_key *key);
/* Gives up what has waited too long by r->now_ms. */
void frags_expire(struct reader *);
/* Gives up what belongs to 'b', silently: it changes its mind or goes. */
void frags_forget(struct frags *, const struct exec_bridge *b);
/* Frees the datagrams that went on. */
void frags_batch_done(struct frags *);
/* Datagrams that wait for more. */
unsigned frags_waiting(const struct frags *);

/* Cuts a datagram that was put together into fragments no longer than the longest that it came in, nor than 'mtu' (bytes from the IP
 * header on), and calls 'emit' for each in order.  False: the headers in front are not IP's any more, or no memory; nothing
 * was emitted. */
bool packet_refragment(struct reader *, struct packet *, uint32_t mtu, void (*emit)(void *aux, struct packet *), void *aux);

#endif
