/* SPDX-License-Identifier: ISC */
/* The queues of a port (OpenFlow 7.2.2).
 *
 * Frames of one port and queue all go by that queue's socket of their reader, so their order holds.  Queue 0, if there is one, takes the
 * frames that no SET_QUEUE has touched.  While a port has queues it sends through the qdisc layer. */
#include "queue.h"

#include "clock.h"
#include "dp_private.h"
#include "log.h"
#include "openflow/openflow13.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_KBPS 10000000u /* an interface that does not know its speed */

static void
set_free(struct queue_set *s)
{
	for (unsigned i = 0; s && i < s->n; i++) {
		for (unsigned r = 0; r < s->n_readers; r++)
			if (s->txq[i][r].fd >= 0)
				helpers_close(s->txq[i][r].port->bridge->dp, s->txq[i][r].fd, NULL, 0);
		free(s->txq[i]);
	}
	free(s);
}

static struct queue_set *
set_new(struct port *p, const struct dp_queue *queues, size_t n)
{
	struct queue_set *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->n_readers = p->bridge->dp->n_readers;
	for (size_t i = 0; i < n; i++) {
		s->txq[i] = calloc(s->n_readers, sizeof *s->txq[i]);
		if (!s->txq[i]) {
			set_free(s);
			return NULL;
		}
		s->q[i] = queues[i];
		s->since_ns[i] = clock_ns();
		for (unsigned r = 0; r < s->n_readers; r++) {
			s->txq[i][r].fd = -1;
			s->txq[i][r].port = p;
		}
		s->n++;
	}
	return s;
}

static uint64_t
port_kbps(const struct port *p)
{
	return p->queue_kbps ? p->queue_kbps : p->info.curr_speed ? p->info.curr_speed : DEFAULT_KBPS;
}

/* The kernel's side of 's' for an attached port.  On failure nothing is left of it. */
static int
set_open(struct port *p, struct queue_set *s, char *why, size_t why_size)
{
	int err;

	if (p->shaped) {
		snprintf(why, why_size,
		         "%s: has a queueing discipline of somebody else: take it off first (tc qdisc del)",
		         p->info.name);
		return -EBUSY;
	}
	err = htb_install(p->info.name, p->ifindex, s->q, s->n, port_kbps(p), why, why_size);

	p->htb = err == 0;
	for (unsigned i = 0; !err && i < s->n; i++)
		for (unsigned r = 0; !err && r < s->n_readers; r++) {
			const int fd = tx_socket(p, htb_class(i));

			if (fd < 0) {
				err = fd;
				snprintf(why, why_size, "%s: the sockets of its queues: %s", p->info.name,
				         strerror(-fd));
			}
			s->txq[i][r].fd = fd < 0 ? -1 : fd;
		}
	if (err && p->htb) {
		htb_remove(p->ifindex);
		p->htb = false;
	}
	return err;
}

/* Counts go on where a queue stays. */
static void
set_inherit(struct queue_set *s, const struct queue_set *old)
{
	for (unsigned i = 0; i < s->n; i++)
		for (unsigned k = 0; old && k < old->n; k++) {
			if (old->q[k].id != s->q[i].id)
				continue;
			s->since_ns[i] = old->since_ns[k];
			for (unsigned r = 0; r < s->n_readers; r++) {
				s->txq[i][r].packets = old->txq[k][r].packets;
				s->txq[i][r].octets = old->txq[k][r].octets;
				s->txq[i][r].errors = old->txq[k][r].errors;
			}
		}
}

static void
set_publish(struct port *p, struct queue_set *s)
{
	struct dp *dp = p->bridge->dp;
	struct queue_set *old = p->queues;

	dp_exclusive_begin(dp);
	if (s)
		set_inherit(s, old);
	p->queues = s;
	dp_exclusive_end(dp);
	set_free(old);
}

static int
check(const struct port *p, const struct dp_queue *queues, size_t n, char *why, size_t why_size)
{
	if (n > DP_MAX_QUEUES) {
		snprintf(why, why_size, "%s: more than %d queues", p->info.name, DP_MAX_QUEUES);
		return -EINVAL;
	}
	if (n && (p->flags & DP_PORT_LOCAL)) {
		snprintf(why, why_size, "%s: the LOCAL port has no queues", p->info.name);
		return -EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		if (queues[i].id == OFPQ_ALL || (i && queues[i].id <= queues[i - 1].id) ||
		    (queues[i].max_kbps && queues[i].min_kbps > queues[i].max_kbps)) {
			snprintf(why, why_size, "%s: queue %u: a wrong or repeated id, or a minimum above the maximum",
			         p->info.name, queues[i].id);
			return -EINVAL;
		}
	}
	return 0;
}

static bool
same(const struct port *p, uint64_t kbps, const struct dp_queue *queues, size_t n)
{
	const struct queue_set *s = p->queues;

	if (!s || n == 0)
		return !s && n == 0;
	return p->queue_kbps == kbps && s->n == n && memcmp(s->q, queues, n * sizeof *queues) == 0;
}

int
dp_port_set_queues(struct dp_bridge *b, uint32_t port_no, uint64_t port_max_kbps, const struct dp_queue *queues,
                   size_t n, char *why, size_t why_size)
{
	struct port *p = bridge_port(b, port_no);
	struct queue_set *s = NULL;
	int err;

	if (!p)
		return -ENOENT;
	if (same(p, port_max_kbps, queues, n))
		return 0;
	err = check(p, queues, n, why, why_size);
	if (err)
		return err;
	p->queue_kbps = port_max_kbps;
	if (n && !(s = set_new(p, queues, n)))
		return -ENOMEM;
	if (p->htb) {
		htb_remove(p->ifindex);
		p->htb = false;
	}
	if (s && p->info.present)
		err = set_open(p, s, why, why_size);
	if (err) {
		set_free(s);
		s = NULL;
	}
	set_publish(p, s);
	if (p->info.present)
		netdev_look_at(p);
	return err;
}

void
queue_attach(struct port *p)
{
	struct queue_set *s;
	char why[256] = "";

	if (!p->queues)
		return;
	s = set_new(p, p->queues->q, p->queues->n);
	if (s && set_open(p, s, why, sizeof why)) {
		set_free(s);
		s = NULL;
	}
	if (!s)
		log_err(LOG_PORT, "%s; the port has no queues", why[0] ? why : p->info.name);
	set_publish(p, s);
}

void
queue_detach(struct port *p, bool there)
{
	if (p->queues)
		set_publish(p, set_new(p, p->queues->q, p->queues->n)); /* the same without sockets */
	if (p->htb && there)
		htb_remove(p->ifindex);
	p->htb = false;
}

void
queue_free(struct port *p)
{
	set_free(p->queues);
	p->queues = NULL;
}

bool
dp_queue_next(const struct dp_bridge *b, uint32_t port_no, uint64_t from, struct dp_queue *q, struct dp_queue_stats *st)
{
	const struct port *p = bridge_port(b, port_no);
	const struct queue_set *s = p ? p->queues : NULL;

	for (unsigned i = 0; s && i < s->n; i++) {
		if (s->q[i].id < from)
			continue;
		*q = s->q[i];
		memset(st, 0, sizeof *st);
		st->duration_ns = clock_ns() - s->since_ns[i];
		for (unsigned r = 0; r < s->n_readers; r++) {
			st->tx_packets += __atomic_load_n(&s->txq[i][r].packets, __ATOMIC_RELAXED);
			st->tx_bytes += __atomic_load_n(&s->txq[i][r].octets, __ATOMIC_RELAXED);
			st->tx_errors += __atomic_load_n(&s->txq[i][r].errors, __ATOMIC_RELAXED);
		}
		return true;
	}
	return false;
}
