/* SPDX-License-Identifier: ISC */
/* Port statistics: readers' counts summed, and once a second what the kernel dropped before a lane. */
#include "dp_private.h"
#include "frag.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>

/* The kernel zeroes its counts when they are read. */
static uint64_t
kernel_drops(int fd)
{
	struct tpacket_stats_v3 st;
	socklen_t len = sizeof st;

	if (fd < 0 || getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &st, &len))
		return 0;
	return st.tp_drops;
}

/* Datagrams whose rest does not come are given up also when nothing else arrives. */
static void
expire_fragments(struct dp *dp)
{
	dp_exclusive_begin(dp);
	for (unsigned i = 0; i < dp->n_workers; i++) {
		struct reader *r = &dp->workers[i]->reader;

		r->now_ms = (uint32_t)clock_ms();
		frags_expire(r);
	}
	dp_exclusive_end(dp);
}

void
stats_poll_port(struct port *p)
{
	uint64_t n = 0;

	for (unsigned w = 0; w < p->bridge->dp->n_workers; w++) {
		const struct lane *l = p->lanes[w];

		if (l && !l->tap)
			n += kernel_drops(l->ex_fd) + kernel_drops(l->bulk_fd);
	}
	if (!n)
		return;
	p->kernel_drops += n;
	log_warn_rl(LOG_LANE, "%s: %llu frames dropped before the switch could take them", p->info.name,
	            (unsigned long long)n);
}

void
stats_poll(struct dp *dp)
{
	expire_fragments(dp);
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		struct port *p = dp->slots[i];

		if (p)
			stats_poll_port(p);
		/* Some limits of an interface (gso_max_size) change without an event. */
		if (p && __atomic_exchange_n(&p->suspect, false, __ATOMIC_RELAXED))
			netdev_look_at(p);
	}
}

static uint64_t
get(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

int
dp_port_stats(const struct dp_bridge *b, uint32_t port_no, struct dp_port_stats *s)
{
	struct port *p = bridge_port(b, port_no);

	if (!p)
		return -ENOENT;
	stats_poll_port(p);
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < b->dp->n_readers; i++) {
		const struct port_count *c = &p->count[i];

		s->rx_packets += get(&c->rx_packets);
		s->rx_bytes += get(&c->rx_bytes);
		s->rx_dropped += get(&c->rx_dropped);
		s->rx_errors += get(&c->rx_errors);
		s->tx_packets += get(&c->tx_packets);
		s->tx_bytes += get(&c->tx_bytes);
		s->tx_dropped += get(&c->tx_dropped);
		s->tx_errors += get(&c->tx_errors);
	}
	s->rx_dropped += p->kernel_drops;
	s->duration_ns = clock_ns() - p->since_ns;
	return 0;
}

void
dp_bridge_drops(const struct dp_bridge *b, uint64_t drops[])
{
	for (unsigned d = 0; d < DP_N_DROPS; d++) {
		drops[d] = 0;
		for (unsigned i = 0; i < b->dp->n_readers; i++)
			drops[d] += get(&b->x.drops[i][d]);
	}
}
