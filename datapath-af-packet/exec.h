/* SPDX-License-Identifier: ISC */
/* The seam inside the datapath: the executor (microflow cache, actions) above, lanes and tx (sockets) below.
 *
 * reader.c/worker.c (I/O) own threads and sockets and call exec_batch; exec.c calls the tx_* and upcall_* functions below. */
#ifndef DATAPATH_AF_PACKET_EXEC_H
#define DATAPATH_AF_PACKET_EXEC_H

#include "changes.h"
#include "datapath.h"
#include "counters.h"
#include "packet.h"

#define BATCH_FRAMES 64
#define BATCH_BYTES (256 * 1024)

struct microflow;
struct batch_arena;
struct frags;

/* One reader of the tables: a worker, or the control thread for packet-out.  Everything in it is its own. */
struct reader {
	unsigned index;
	struct counter_lane *credits;
	struct microflow *cache;     /* exec's; fixed size */
	struct batch_arena *arena;   /* exec's; memory until the end of the batch, bounded */
	struct frags *frags;         /* exec's; datagrams that wait for fragments, bounded */
	uint64_t now_ns;             /* read once per batch by the I/O side, as are */
	uint32_t now_ms, now_s;
	struct dp_program prog;      /* scratch for classify */
	struct dp_program bucket;    /* scratch for group */
	struct tx_reader *tx;        /* I/O's: pending outputs of this reader */
};

/* What both sides know of a bridge; I/O's struct dp_bridge begins with it. */
struct exec_bridge {
	const struct dp_client *client;
	void *aux;
	uint32_t id;                 /* unique in the process, never reused: part of the microflow key */
	struct changes changes;      /* of what cached programs depend on */
	unsigned frag_flags;         /* OFPC_FRAG_* */
	uint64_t (*drops)[DP_N_DROPS]; /* [reader index][reason], written by that reader alone, relaxed stores */
};

/* ---- implemented by exec (exec.c, microflow.c) ---- */

/* 0 or -ENOMEM. */
int exec_reader_init(struct reader *, unsigned index, struct counter_lane *);
void exec_reader_fini(struct reader *);
/* Runs 'n' (<= BATCH_FRAMES) frames that one port of 'b' received; counts a drop for each frame without output.  The reader's lock is
 * held.  Their memory and the arena's stay untouched until exec_batch_done. */
void exec_batch(struct reader *, struct exec_bridge *b, struct packet *pkts, unsigned n);
/* After tx_flush: the arena is empty again. */
void exec_batch_done(struct reader *);
/* One frame with a given program (packet-out); then as a batch. */
void exec_one(struct reader *, struct exec_bridge *b, struct packet *p, const struct dp_program *prog);

/* Helpers of exec that tx uses (segment.c, checksum.c). */
/* Memory of the batch, 8-aligned, with PACKET_HEADROOM before it; NULL when the arena's bound (1 MiB) is reached. */
uint8_t *arena_alloc(struct reader *, size_t n);
/* Makes the head private (copies at most PACKET_HEAD_MAX bytes) if it is queued; false: no memory, caller drops. */
bool packet_unshare(struct reader *, struct packet *);
/* Writes the finished checksum where vnet says it is partial, into private bytes, and clears the flag.  False: malformed or no memory. */
bool packet_complete_checksum(struct reader *, struct packet *);
/* Cuts a superframe into frames of at most gso_size payload, checksums finished, and calls 'emit' for each, in order.
 * False: the header does not describe the frame (nothing emitted). */
bool packet_segment(struct reader *, struct packet *, void (*emit)(void *aux, struct packet *seg), void *aux);
/* Bytes [at, at + len) of 'p' become the tail of 'part': referred to where they lie in one piece, else copied to 'spare'. */
void packet_attach_payload(const struct packet *p, struct packet *part, uint32_t at, uint32_t len, uint8_t *spare);
/* Fills n_frames and wire_bytes from vnet. */
void packet_count_wire(struct packet *);

/* ---- implemented by I/O (tx.c, upcall.c) ---- */

/* Queues 'p' as it is now on 'port_no' and marks it queued.  Returns true if it was queued; false after counting the reason itself in
 * b->drops and the port's tx_dropped.  Superframes and partial checksums that the port can't carry are segmented or completed in
 * here; frames above the MTU are refused here; a datagram put together from
 * fragments leaves in fragments.  'from' is the ingress port: output to it is refused unless 'to_in_port'. */
bool tx_output(struct reader *, struct exec_bridge *b, uint32_t port_no, struct packet *p, bool to_in_port);
/* Sends all that this reader has queued. */
void tx_flush(struct reader *);
/* All ports but the ingress and those with NO_FWD; OFPP_LOCAL included.  Returns how many were queued (no drop is counted for it). */
unsigned tx_output_all(struct reader *, struct exec_bridge *b, struct packet *p);
/* Copies the frame to the control loop (checksums completed, superframes as their segments); false if the queue was full or the port
 * has NO_PACKET_IN (counted). */
bool upcall_packet_in(struct reader *, struct exec_bridge *b, struct packet *p, const struct flow_key *key,
                      const struct dp_op_controller *op);
void upcall_learn(struct reader *, struct exec_bridge *b, const uint8_t mac[6], uint16_t vlan, uint32_t port_no);

static inline void
exec_drop(struct reader *r, struct exec_bridge *b, enum dp_drop reason, uint64_t n)
{
	uint64_t *c = &b->drops[r->index][reason];

	__atomic_store_n(c, *c + n, __ATOMIC_RELAXED);
}

#endif
