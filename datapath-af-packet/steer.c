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

#define MAX_INSNS 256
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

/* The hash of a flow is a sum, so that both directions of a connection come to one worker: addresses and ports are mixed one by one, each
 * pair (source, destination) with the same odd number.  Not XOR: 10.1.0.7 talks to 10.2.0.7, and many others like them. */
#define MIX(pair) ((int32_t)(0x2c1b3c6d + 2 * 0x1a3f5 * (pair)))
enum { PAIR_V6 = 0, PAIR_V4 = 4, PAIR_PORTS, PAIR_MACS };

/* r7 += what is at 'off', mixed. */
static void
emit_mix(struct code *c, unsigned size, int off, int pair)
{
	emit(c, BPF_LD | BPF_ABS | size, 0, 0, 0, off);
	emit(c, BPF_ALU64 | BPF_MUL | BPF_K, 0, 0, 0, MIX(pair));
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, 1, 0, 0, 0);
	emit(c, BPF_ALU64 | BPF_RSH | BPF_K, 1, 0, 0, 21);
	emit(c, BPF_ALU64 | BPF_XOR | BPF_X, 0, 1, 0, 0);
	emit(c, BPF_ALU64 | BPF_ADD | BPF_X, 7, 0, 0, 0);
}

static void
emit_mix_two(struct code *c, unsigned size, int src, int dst, int pair)
{
	emit_mix(c, size, src, pair);
	emit_mix(c, size, dst, pair);
}

static void
patch(struct code *c, unsigned at)
{
	c->in[at].off = (int16_t)(c->n - at - 1);
}

/* r7 = hash of addresses and ports, or of MAC addresses; r6 = the skb. */
static void
emit_hash(struct code *c)
{
	unsigned not4, not6, done4, done6, ports4[3], ports6;

	emit(c, BPF_LDX | BPF_MEM | BPF_W, 8, 6, (int)offsetof(struct __sk_buff, protocol), 0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, 1);
	not4 = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 8, 0, 0, (int32_t)__builtin_bswap16(0x0800));
	emit_mix_two(c, BPF_W, SKF_NET_OFF + 12, SKF_NET_OFF + 16, PAIR_V4);
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
	emit_mix_two(c, BPF_H, SKF_NET_OFF + 20, SKF_NET_OFF + 22, PAIR_PORTS);
	for (unsigned i = 0; i < 3; i++)
		patch(c, ports4[i]);
	done4 = c->n;
	emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	patch(c, not4);
	not6 = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 8, 0, 0, (int32_t)__builtin_bswap16(0x86dd));
	for (int i = 0; i < 4; i++)
		emit_mix_two(c, BPF_W, SKF_NET_OFF + 8 + 4 * i, SKF_NET_OFF + 24 + 4 * i, PAIR_V6 + i);
	emit(c, BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, SKF_NET_OFF + 6);
	emit(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1, 6);
	ports6 = c->n;
	emit(c, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 17);
	emit_mix_two(c, BPF_H, SKF_NET_OFF + 40, SKF_NET_OFF + 42, PAIR_PORTS);
	patch(c, ports6);
	done6 = c->n;
	emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	patch(c, not6);
	emit_mix_two(c, BPF_W, SKF_LL_OFF + 2, SKF_LL_OFF + 8, PAIR_MACS);
	patch(c, done4);
	patch(c, done6);
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
		emit(c, BPF_ALU64 | BPF_MUL | BPF_K, 7, 0, 0, MIX(0));
		emit(c, BPF_ALU64 | BPF_RSH | BPF_K, 7, 0, 0, 29);
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

/* The classic program, and in scratch cell 0 the hash as it grows. */
struct classic {
	struct sock_filter f[MAX_INSNS];
	unsigned short n;
};

static void
put(struct classic *c, unsigned code, uint32_t k)
{
	if (c->n < MAX_INSNS)
		c->f[c->n++] = (struct sock_filter)BPF_STMT((uint16_t)code, k);
}

/* If A is not 'k' (BPF_JEQ) or shares no bit with it (BPF_JSET), what is put until arrive() is skipped. */
static unsigned
leave_unless(struct classic *c, unsigned test, uint32_t k)
{
	put(c, BPF_JMP | test | BPF_K, k);
	return c->n - 1u;
}

static void
arrive(struct classic *c, unsigned from)
{
	c->f[from].jf = (uint8_t)(c->n - from - 1);
}

static void
put_mix_two(struct classic *c, unsigned size, int src, int dst, int pair)
{
	for (unsigned i = 0; i < 2; i++) {
		put(c, BPF_LD | BPF_ABS | size, (uint32_t)(i ? dst : src));
		put(c, BPF_ALU | BPF_MUL | BPF_K, (uint32_t)MIX(pair));
		put(c, BPF_MISC | BPF_TAX, 0);
		put(c, BPF_ALU | BPF_RSH | BPF_K, 15);
		put(c, BPF_ALU | BPF_XOR | BPF_X, 0);
		put(c, BPF_LDX | BPF_W | BPF_MEM, 0);
		put(c, BPF_ALU | BPF_ADD | BPF_X, 0);
		put(c, BPF_ST, 0);
	}
}

/* For the protocol in A: ports of TCP and of UDP at 'off'. */
static void
put_ports(struct classic *c, int off)
{
	unsigned not_tcp, not_udp;

	not_tcp = leave_unless(c, BPF_JEQ, 6);
	put(c, BPF_LD | BPF_IMM, 17);
	arrive(c, not_tcp);
	not_udp = leave_unless(c, BPF_JEQ, 17);
	put_mix_two(c, BPF_H, off, off + 2, PAIR_PORTS);
	arrive(c, not_udp);
}

static void
put_hash(struct classic *c)
{
	unsigned other, plain;

	put(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	other = leave_unless(c, BPF_JEQ, 0x0800);
	put_mix_two(c, BPF_W, SKF_NET_OFF + 12, SKF_NET_OFF + 16, PAIR_V4);
	put(c, BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF);
	put(c, BPF_ALU | BPF_LSH | BPF_K, 16);
	put(c, BPF_MISC | BPF_TAX, 0);
	put(c, BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_NET_OFF + 6));
	put(c, BPF_ALU | BPF_AND | BPF_K, 0x3fff);
	put(c, BPF_ALU | BPF_ADD | BPF_X, 0);
	plain = leave_unless(c, BPF_JEQ, 0x450000); /* no options, no fragment */
	put(c, BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_NET_OFF + 9));
	put_ports(c, SKF_NET_OFF + 20);
	arrive(c, plain);
	arrive(c, other);
	put(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	other = leave_unless(c, BPF_JEQ, 0x86dd);
	for (int i = 0; i < 4; i++)
		put_mix_two(c, BPF_W, SKF_NET_OFF + 8 + 4 * i, SKF_NET_OFF + 24 + 4 * i, PAIR_V6 + i);
	put(c, BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_NET_OFF + 6));
	put_ports(c, SKF_NET_OFF + 40);
	arrive(c, other);
	/* Neither: two or more addresses have been added, and 0 is as good as any. */
	put(c, BPF_LD | BPF_MEM, 0);
	other = leave_unless(c, BPF_JEQ, 0);
	put_mix_two(c, BPF_W, SKF_LL_OFF + 2, SKF_LL_OFF + 8, PAIR_MACS);
	arrive(c, other);
}

/* bulk: bit per worker, set for its ring.  Without rings the index is the worker's alone. */
static int
attach_classic(int fd, unsigned n_workers, bool rings, uint32_t bulk)
{
	struct classic c = {.n = 0};
	struct sock_fprog prog = {.filter = c.f};

	put(&c, BPF_LD | BPF_IMM, 0);
	put(&c, BPF_ST, 0);
	if (n_workers > 1)
		put_hash(&c);
	put(&c, BPF_LD | BPF_MEM, 0);
	put(&c, BPF_ALU | BPF_MUL | BPF_K, (uint32_t)MIX(0));
	put(&c, BPF_ALU | BPF_RSH | BPF_K, 12);
	put(&c, BPF_ALU | BPF_MOD | BPF_K, n_workers);
	if (rings) {
		put(&c, BPF_MISC | BPF_TAX, 0);
		put(&c, BPF_LD | BPF_IMM, bulk);
		put(&c, BPF_ALU | BPF_RSH | BPF_X, 0);
		put(&c, BPF_ALU | BPF_AND | BPF_K, 1);
		put(&c, BPF_ST, 0);
		put(&c, BPF_MISC | BPF_TXA, 0);
		put(&c, BPF_ALU | BPF_LSH | BPF_K, 1);
		put(&c, BPF_LDX | BPF_W | BPF_MEM, 0);
		put(&c, BPF_ALU | BPF_ADD | BPF_X, 0);
	}
	put(&c, BPF_RET | BPF_A, 0);
	prog.len = c.n;
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
