/* SPDX-License-Identifier: ISC */
/* Which socket of a port's fanout group gets a frame: worker by flow, lane by a word that the worker writes.
 *
 * The eBPF program is assembled here and loaded by bpf(2) itself, once, at the start: CAP_BPF is given up then.  One mapped array holds
 * the words of all lanes and, after them, a table in which the program finds a port's slot by skb->ifindex.  Where bpf(2) is refused a classic program has the words built in: the workers ask, and the control
 * thread puts another program in its place, which takes the kernel 7 to 20 ms. */
#include "dp_private.h"

#include "clock.h"
#include "log.h"
#include "loop.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_INSNS 160
#define N_WORDS (MAX_SLOTS * MAX_WORKERS)
#define N_KEYS 4096u /* entries {ifindex, slot} after the words; a power of two, much above MAX_SLOTS */
#define PROBES 4u
#define NO_RINGS 0x7fffffff
#define MAP_BYTES (N_WORDS * 4 + N_KEYS * 8)

static long
bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof *attr);
}

static int
map_create(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8; /* mapped arrays have a stride of 8 */
	attr.max_entries = N_WORDS / 2 + N_KEYS;
	attr.map_flags = BPF_F_MMAPABLE;
	return (int)bpf(BPF_MAP_CREATE, &attr);
}

struct code {
	struct bpf_insn in[MAX_INSNS];
	unsigned n;
};

static void
emit(struct code *c, unsigned op, unsigned dst, unsigned src, int off, int32_t imm)
{
	if (c->n == MAX_INSNS)
		return;
	c->in[c->n].code = (uint8_t)op;
	c->in[c->n].dst_reg = dst & 15;
	c->in[c->n].src_reg = src & 15;
	c->in[c->n].off = (int16_t)off;
	c->in[c->n++].imm = imm;
}

/* r0 = the word or half at 'off' after the network header, added into the hash in r7. */
static void
emit_mix(struct code *c, unsigned size, int off)
{
	emit(c, BPF_LD | BPF_ABS | size, 0, 0, 0, SKF_NET_OFF + off);
	emit(c, BPF_ALU64 | BPF_XOR | BPF_X, 7, 0, 0, 0);
	emit(c, BPF_ALU64 | BPF_MUL | BPF_K, 7, 0, 0, 0x2c1b3c6d);
}

static void
patch(struct code *c, unsigned at)
{
	c->in[at].off = (int16_t)(c->n - at - 1);
}

/* r7 = hash of addresses and ports; r6 = the skb. */
static void
emit_hash(struct code *c)
{
	unsigned not4, not6, done4, ports4[4], ports6[2];

	emit(c, BPF_LDX | BPF_MEM | BPF_W, 8, 6, (int)offsetof(struct __sk_buff, protocol), 0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, 1);
	not4 = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 8, 0, 0, (int32_t)__builtin_bswap16(0x0800));
	emit_mix(c, BPF_W, 12);
	emit_mix(c, BPF_W, 16);
	emit(c, BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, SKF_NET_OFF + 0);
	ports4[0] = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 0x45);
	emit(c, BPF_LD | BPF_ABS | BPF_H, 0, 0, 0, SKF_NET_OFF + 6);
	emit(c, BPF_ALU64 | BPF_AND | BPF_K, 0, 0, 0, 0x3fff);
	ports4[1] = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 0);
	emit(c, BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, SKF_NET_OFF + 9);
	emit(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1, 6);
	ports4[2] = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 17);
	emit_mix(c, BPF_W, 20);
	for (unsigned i = 0; i < 3; i++)
		patch(c, ports4[i]);
	done4 = c->n;
	emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	patch(c, not4);
	not6 = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 8, 0, 0, (int32_t)__builtin_bswap16(0x86dd));
	for (int off = 8; off < 40; off += 4)
		emit_mix(c, BPF_W, off);
	emit(c, BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, SKF_NET_OFF + 6);
	emit(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1, 6);
	ports6[0] = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 17);
	emit_mix(c, BPF_W, 40);
	patch(c, ports6[0]);
	patch(c, not6);
	patch(c, done4);
}

/* r0 = the address of the map's entry r0, or the frame goes to socket 0. */
static void
emit_lookup(struct code *c, int map_fd)
{
	emit(c, BPF_STX | BPF_MEM | BPF_W, 10, 0, -4, 0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	emit(c, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4);
	emit(c, BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map_fd);
	emit(c, 0, 0, 0, 0, 0);
	emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 1, 0);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r9 = the slot of the interface that the frame came from, or NO_RINGS; r6 = the skb. */
static void
emit_slot(struct code *c, int map_fd)
{
	unsigned found[PROBES];

	emit(c, BPF_LDX | BPF_MEM | BPF_W, 8, 6, (int)offsetof(struct __sk_buff, ifindex), 0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, NO_RINGS);
	for (unsigned i = 0; i < PROBES; i++) {
		emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 0, 8, 0, 0);
		emit(c, BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, (int32_t)i);
		emit(c, BPF_ALU64 | BPF_AND | BPF_K, 0, 0, 0, N_KEYS - 1);
		emit(c, BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, N_WORDS / 2);
		emit_lookup(c, map_fd);
		emit(c, BPF_LDX | BPF_MEM | BPF_W, 1, 0, 0, 0);
		emit(c, BPF_JMP | BPF_JNE | BPF_X, 1, 8, 2, 0);
		emit(c, BPF_LDX | BPF_MEM | BPF_W, 9, 0, 4, 0);
		found[i] = c->n;
		emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	}
	for (unsigned i = 0; i < PROBES; i++)
		patch(c, found[i]);
}

/* returns worker * 2 + lane, or the worker alone where the port has no rings. */
static void
assemble(struct code *c, int map_fd, unsigned n_workers)
{
	c->n = 0;
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, 0);
	if (n_workers > 1) {
		emit_hash(c);
		emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 0, 7, 0, 0);
		emit(c, BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 29);
		emit(c, BPF_ALU64 | BPF_XOR | BPF_X, 7, 0, 0, 0);
		emit(c, BPF_ALU | BPF_MOD | BPF_K, 7, 0, 0, (int32_t)n_workers);
	}
	emit_slot(c, map_fd);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 0, 7, 0, 0);
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 9, 0, 1, NO_RINGS);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	/* Two words a map entry: key = (slot * MAX_WORKERS + worker) / 2. */
	emit(c, BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 1);
	emit(c, BPF_ALU64 | BPF_MUL | BPF_K, 9, 0, 0, MAX_WORKERS / 2);
	emit(c, BPF_ALU64 | BPF_ADD | BPF_X, 0, 9, 0, 0);
	emit_lookup(c, map_fd);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 1, 7, 0, 0);
	emit(c, BPF_ALU64 | BPF_AND | BPF_K, 1, 0, 0, 1);
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 1, 0, 2, 0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, 0, 0, 0, 0);
	emit(c, BPF_JMP | BPF_JA, 0, 0, 1, 0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, 0, 0, 4, 0);
	emit(c, BPF_ALU64 | BPF_LSH | BPF_K, 7, 0, 0, 1);
	emit(c, BPF_ALU64 | BPF_ADD | BPF_X, 0, 7, 0, 0);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int
prog_load(int map_fd, unsigned n_workers)
{
	struct code code;
	union bpf_attr attr;

	assemble(&code, map_fd, n_workers);
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uint64_t)(uintptr_t)code.in;
	attr.insn_cnt = code.n;
	attr.license = (uint64_t)(uintptr_t) "ISC";
	return (int)bpf(BPF_PROG_LOAD, &attr);
}

void
steer_init(struct steer *s, unsigned n_workers, bool no_ebpf, bool no_steering)
{
	s->map_fd = s->prog_fd = s->ask_fd = -1;
	s->words = NULL;
	s->owner = NULL;
	s->ev = NULL;
	s->mode = no_steering ? STEER_NONE : STEER_CBPF;
	if (no_ebpf || no_steering)
		return;
	s->owner = calloc(N_KEYS, sizeof *s->owner);
	s->map_fd = s->owner ? map_create() : -1;
	if (s->map_fd >= 0) {
		s->words = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, s->map_fd, 0);
		if (s->words == MAP_FAILED)
			s->words = NULL;
		s->prog_fd = s->words ? prog_load(s->map_fd, n_workers) : -1;
	}
	if (s->prog_fd < 0) {
		log_info(LOG_LANE, "steering: bpf(2) is refused (%s): by classic BPF", strerror(errno));
		steer_fini(s);
		return;
	}
	s->mode = STEER_EBPF;
}

void
steer_fini(struct steer *s)
{
	if (s->words)
		munmap(s->words, MAP_BYTES);
	if (s->prog_fd >= 0)
		close(s->prog_fd);
	if (s->map_fd >= 0)
		close(s->map_fd);
	if (s->ev)
		event_free(s->ev);
	if (s->ask_fd >= 0)
		close(s->ask_fd);
	free(s->owner);
	s->words = NULL;
	s->owner = NULL;
	s->ev = NULL;
	s->map_fd = s->prog_fd = s->ask_fd = -1;
}

/* Lanes: bit per worker, set for bulk.  Without rings the index is the worker's alone. */
static int
attach_classic(int fd, unsigned n_workers, bool rings, uint32_t bulk)
{
	struct sock_filter f[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0, 5),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_NET_OFF + 12)),
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_NET_OFF + 16)),
	    BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
	    BPF_STMT(BPF_JMP | BPF_JA, 4),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_LL_OFF + 2)),
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_LL_OFF + 8)),
	    BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x2c1b3c6d),
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 12),
	    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n_workers),
	    BPF_STMT(rings ? BPF_MISC | BPF_TAX : BPF_RET | BPF_A, 0),
	    BPF_STMT(BPF_LD | BPF_IMM, bulk),
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_X, 0),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
	    BPF_STMT(BPF_ST, 0),
	    BPF_STMT(BPF_MISC | BPF_TXA, 0),
	    BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1),
	    BPF_STMT(BPF_LDX | BPF_W | BPF_MEM, 0),
	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
	    BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct sock_fprog prog = {sizeof f / sizeof *f, f};

	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &prog, sizeof prog) ? -errno : 0;
}

/* Tells the program where the port of this interface has its words; the entry that the slot had before goes. */
static int
key_set(const struct steer *s, uint32_t ifindex, unsigned slot, bool rings)
{
	uint32_t *keys = s->words + N_WORDS;

	for (unsigned i = 0; i < N_KEYS; i++)
		if (s->owner[i] == slot + 1) {
			__atomic_store_n(&keys[2 * i], 0, __ATOMIC_RELEASE);
			s->owner[i] = 0;
		}
	for (unsigned k = 0; k < PROBES; k++) {
		const unsigned i = (ifindex + k) % N_KEYS;

		if (s->owner[i] && keys[2 * i] != ifindex)
			continue;
		__atomic_store_n(&keys[2 * i + 1], rings ? slot : NO_RINGS, __ATOMIC_RELEASE);
		__atomic_store_n(&keys[2 * i], ifindex, __ATOMIC_RELEASE);
		s->owner[i] = (uint16_t)(slot + 1);
		return 0;
	}
	return -ENOSPC;
}

/* The program for the group of socket 'fd', which takes frames of interface 'ifindex'; rings: every worker has one. */
int
steer_attach(const struct steer *s, int fd, int ifindex, unsigned slot, bool rings, unsigned n_workers)
{
	int err;

	if (s->mode == STEER_CBPF)
		return attach_classic(fd, n_workers, rings, 0);
	err = key_set(s, (uint32_t)ifindex, slot, rings);
	if (!err && setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &s->prog_fd, sizeof s->prog_fd))
		err = -errno;
	return err;
}

/* What the lanes of 'p' want, as a program; the kernel returns when no run of the old one is left. */
static void
swap(struct port *p)
{
	const unsigned n = p->bridge->dp->n_workers;
	struct lane *asked[MAX_WORKERS];
	unsigned n_asked = 0;
	uint32_t bulk = 0;
	int err;

	for (unsigned w = 0; w < n; w++) {
		struct lane *l = p->lanes[w];
		const enum lane_state state = l ? __atomic_load_n(&l->state, __ATOMIC_ACQUIRE) : LANE_EXPRESS;

		if (state == LANE_BULK || state == LANE_TO_BULK)
			bulk |= 1u << w;
		if ((state == LANE_TO_BULK || state == LANE_TO_EXPRESS) &&
		    !__atomic_load_n(&l->settling_ns, __ATOMIC_RELAXED))
			asked[n_asked++] = l;
	}
	if (!n_asked)
		return;
	err = attach_classic(p->fanout_fd, n, true, bulk);
	if (err)
		log_warn_rl(LOG_LANE, "%s: the steering program can't be changed: %s", p->info.name, strerror(-err));
	for (unsigned i = 0; !err && i < n_asked; i++)
		__atomic_store_n(&asked[i]->settling_ns, clock_ns(), __ATOMIC_RELEASE);
}

static void
on_asked(evutil_socket_t fd, short what, void *aux)
{
	struct dp *dp = aux;
	uint64_t n;

	loop_mark();
	(void)what;
	(void)!read(fd, &n, sizeof n);
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		struct port *p = dp->slots[i];

		if (p && p->tap_fd < 0 && p->fanout_fd >= 0)
			swap(p);
	}
}

/* Classic steering needs the control thread's ear. */
int
steer_listen(struct dp *dp)
{
	struct steer *s = &dp->steer;

	if (s->mode != STEER_CBPF)
		return 0;
	s->ask_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->ask_fd < 0)
		return -errno;
	s->ev = event_new(dp->base, s->ask_fd, EV_READ | EV_PERSIST, on_asked, dp);
	return s->ev && event_add(s->ev, NULL) == 0 ? 0 : -ENOMEM;
}

/* [worker]  'l' has entered LANE_TO_BULK or LANE_TO_EXPRESS: new frames go the other way, now or soon (settling_ns). */
void
steer_lane(struct lane *l, bool bulk, uint64_t now)
{
	const uint64_t one = 1;

	if (l->word) {
		__atomic_store_n(l->word, bulk ? 1u : 0u, __ATOMIC_SEQ_CST);
		__atomic_store_n(&l->settling_ns, now, __ATOMIC_RELAXED);
	} else if (write(l->worker->dp->steer.ask_fd, &one, sizeof one) != sizeof one) {
		log_warn_rl(LOG_LANE, "%s: no wake-up of the control loop", l->port->info.name);
	}
}

static int
filter_set(int fd, struct sock_filter *f, unsigned short n)
{
	const struct sock_fprog prog = {n, f};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog) ? -errno : 0;
}

int
filter_none(int fd)
{
	struct sock_filter f[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return filter_set(fd, f, 1);
}

/* Everything but what this host sends. */
int
filter_incoming(int fd)
{
	struct sock_filter f[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};

	return filter_set(fd, f, 4);
}
