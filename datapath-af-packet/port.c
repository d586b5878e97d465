/* SPDX-License-Identifier: ISC */
/* The life of a port: added by the control thread, attached while its interface is there, closed when it goes.
 *
 * port_sync compares what the kernel says of the interface with what the port has, and opens or closes what differs.  It runs at
 * dp_port_add and at each link event. */
#include "dp_private.h"

#include "clock.h"
#include "log.h"
#include "openflow/openflow13.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
port_notify(struct port *p, enum dp_port_event event)
{
	p->notify |= 1u << event;
	event_active(p->bridge->dp->ev_notify, 0, 0);
}

static void
notify_one(struct dp *dp)
{
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		struct port *p = dp->slots[i];
		struct dp_port_info info;
		unsigned bits;

		if (!p || !p->notify)
			continue;
		bits = p->notify;
		p->notify = 0;
		info = p->info;
		if (p->bridge->client.port_event)
			p->bridge->client.port_event(p->bridge->x.aux,
			                             !info.present                  ? DP_PORT_GONE
			                             : bits & (1u << DP_PORT_ADDED) ? DP_PORT_ADDED
			                                                            : DP_PORT_CHANGED,
			                             &info);
		return;
	}
}

/* One event a round: a callback may remove ports. */
void
port_run_notify(struct dp *dp)
{
	bool more = false;

	notify_one(dp);
	for (unsigned i = 0; i < MAX_SLOTS; i++)
		more |= dp->slots[i] && dp->slots[i]->notify;
	if (more)
		event_active(dp->ev_notify, 0, 0);
}

/* ---- attach and detach ---- */

static void
publish(struct port *p, bool can_send)
{
	struct dp *dp = p->bridge->dp;

	dp_exclusive_begin(dp);
	p->can_send = can_send;
	p->mtu = p->info.mtu;
	p->no_recv = (p->info.config & (OFPPC_NO_RECV | OFPPC_PORT_DOWN)) != 0;
	p->no_fwd = (p->info.config & OFPPC_NO_FWD) != 0;
	p->no_packet_in = (p->info.config & OFPPC_NO_PACKET_IN) != 0;
	dp_exclusive_end(dp);
}

static void
detach(struct port *p, bool interface_there)
{
	rx_close(p);
	tx_close(p);
	queue_detach(p, interface_there);
	if (interface_there && p->taken && !(p->flags & DP_PORT_LOCAL)) {
		(void)netdev_set_conf(p->bridge->dp, p->ifindex, &p->saved);
		if (!p->was_up)
			(void)netdev_set_up(p->bridge->dp, p->ifindex, false);
	}
	if (p->taken)
		keep_drop(p->bridge->dp, p->ifindex);
	p->taken = false;
	p->ifindex = 0;
	p->info.present = false;
	p->info.state = OFPPS_LINK_DOWN;
}

/* The host's own stack must not answer on a switched port. */
static void
take_from_host(struct port *p, const struct link_info *link)
{
	struct dp *dp = p->bridge->dp;
	const struct link_info quiet = {
	    .has_conf = true, .arp_ignore = 8, .forwarding = 0, .has_gen = link->has_gen, .addr_gen = 1};
	int err;

	p->saved = *link;
	p->was_up = (link->flags & IFF_UP) != 0;
	if (!keep_load(dp, &p->saved, &p->was_up))
		keep_save(dp, link, p->was_up);
	err = netdev_set_conf(dp, link->ifindex, &quiet);
	if (err)
		log_warn(LOG_PORT, "%s: the host's stack can't be kept off it: %s", link->name, strerror(-err));
	if (!(link->flags & IFF_UP) && !(p->info.config & OFPPC_PORT_DOWN)) {
		err = netdev_set_up(dp, link->ifindex, true);
		if (err)
			log_warn(LOG_PORT, "%s: can't be brought up: %s", link->name, strerror(-err));
	}
}

/* Disciplines that only store and send may be passed by; any other is there because somebody wants it. */
static bool
shapes(const char *qdisc)
{
	static const char *const plain[] = {"", "noop", "noqueue", "mq", "pfifo_fast", "pfifo", "fq_codel", "fq"};

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcmp(plain[i], qdisc) == 0)
			return false;
	return true;
}

static int
attach(struct port *p, const struct link_info *link)
{
	int err;

	p->ifindex = link->ifindex;
	p->shaped = shapes(link->qdisc) && strcmp(link->qdisc, "htb") != 0;
	ethtool_speed(p->bridge->dp, link->name, &p->info);
	err = tx_open(p);
	if (err) {
		snprintf(p->info.error, sizeof p->info.error, "transmit sockets: %s", strerror(-err));
		p->ifindex = 0;
		return err;
	}
	p->info.present = true;
	p->info.error[0] = '\0';
	p->taken = true;
	if (!(p->flags & DP_PORT_LOCAL))
		take_from_host(p, link);
	return 0;
}

static void
read_link(struct port *p, const struct link_info *link)
{
	struct dp *dp = p->bridge->dp;
	const bool up = (link->flags & IFF_UP) != 0, running = (link->flags & IFF_RUNNING) != 0;
	unsigned offloads;

	memcpy(p->info.hw_addr, link->mac, 6);
	p->info.mtu = link->mtu;
	p->info.config &= ~OFPPC_PORT_DOWN;
	if (!up)
		p->info.config |= OFPPC_PORT_DOWN;
	p->info.state = up && running ? OFPPS_LIVE : OFPPS_LINK_DOWN;
	ethtool_speed(dp, link->name, &p->info);
	offloads = ethtool_offloads(dp, link->name);
	p->direct = (offloads & OFFLOAD_TCP) == OFFLOAD_TCP && link->gso_max_size >= 65536 &&
	            link->gso_max_segs >= 65535 && !shapes(link->qdisc);
	p->shaped = shapes(link->qdisc) && strcmp(link->qdisc, "htb") != 0;
	tx_set_bypass(p, (offloads & OFFLOAD_USO) != 0);
}

/* 'link' is what the kernel says of the interface, or NULL when there is none. */
void
port_sync(struct port *p, const struct link_info *link)
{
	struct dp *dp = p->bridge->dp;
	const struct dp_port_info before = p->info;
	struct link_info again;

	if (p->info.present && (!link || link->ifindex != p->ifindex)) {
		log_info(LOG_PORT, "%s: interface gone", p->info.name);
		detach(p, false);
		port_notify(p, DP_PORT_GONE);
	}
	if (!link)
		return;
	if (!p->info.present) {
		if (p->flags & DP_PORT_LOCAL && p->tap_fd < 0)
			return;
		if (!(p->flags & (DP_PORT_FORCE | DP_PORT_LOCAL)) &&
		    netdev_in_use(dp, link, p->info.error, sizeof p->info.error))
			return;
		if (attach(p, link))
			return;
		if (netdev_get(dp, p->info.name, &again) == 0)
			link = &again;
		log_info(LOG_PORT, "%s: attached as port %u", p->info.name, p->info.port_no);
		port_notify(p, DP_PORT_ADDED);
	}
	read_link(p, link);
	if (!(link->flags & IFF_UP) && p->tap_fd < 0)
		rx_close(p);
	if (((link->flags & IFF_UP) || p->tap_fd >= 0) && !rx_is_open(p)) {
		const int err = rx_open(p);

		if (err)
			snprintf(p->info.error, sizeof p->info.error, "receive sockets: %s", strerror(-err));
	}
	publish(p, p->info.state == OFPPS_LIVE);
	if (memcmp(&before, &p->info, sizeof before))
		port_notify(p, DP_PORT_CHANGED);
}

/* ---- add and remove ---- */

static void
link_in(struct dp_bridge *b, struct port *p, bool in)
{
	struct list *at = &b->port_list;

	dp_exclusive_begin(b->dp);
	if (p->info.port_no < LOW_PORTS)
		b->low[p->info.port_no] = in ? p : NULL;
	if (p->info.port_no == OFPP_LOCAL)
		b->local = in ? p : NULL;
	if (in) {
		LIST_FOR_EACH (it, &b->port_list)
			if (CONTAINER_OF(it, struct port, node)->info.port_no > p->info.port_no) {
				at = it;
				break;
			}
		list_insert_before(at, &p->node);
	} else {
		list_remove(&p->node);
	}
	dp_exclusive_end(b->dp);
}

static void
port_free(struct port *p)
{
	if (p->tap_fd >= 0)
		close(p->tap_fd);
	queue_free(p);
	free(p->txq);
	free(p->count);
	free(p);
}

static struct port *
port_new(struct dp_bridge *b, const char *name, uint32_t port_no, unsigned flags, unsigned slot)
{
	const unsigned n = b->dp->n_readers;
	struct port *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->bridge = b;
	p->tap_fd = p->fanout_fd = -1;
	p->slot = slot;
	p->flags = flags;
	p->info.port_no = port_no;
	p->info.state = OFPPS_LINK_DOWN;
	p->since_ns = clock_ns();
	snprintf(p->info.name, sizeof p->info.name, "%s", name);
	p->txq = calloc(n, sizeof *p->txq);
	p->count = aligned_alloc(64, n * sizeof *p->count);
	if (!p->txq || !p->count) {
		port_free(p);
		return NULL;
	}
	memset(p->count, 0, n * sizeof *p->count);
	for (unsigned i = 0; i < n; i++) {
		p->txq[i].fd = -1;
		p->txq[i].port = p;
	}
	return p;
}

/* A free slot, or -errno when number or name are taken. */
static int
find_slot(const struct dp_bridge *b, const char *name, uint32_t port_no)
{
	int slot = -ENOSPC;

	if (bridge_port(b, port_no))
		return -EEXIST;
	for (unsigned i = MAX_SLOTS; i-- > 0;) {
		if (!b->dp->slots[i])
			slot = (int)i;
		else if (strcmp(b->dp->slots[i]->info.name, name) == 0)
			return -EEXIST;
	}
	return slot;
}

int
dp_port_add(struct dp_bridge *b, const char *name, uint32_t port_no, unsigned flags, char *why, size_t why_size)
{
	struct link_info link;
	struct port *p;
	int slot, err = 0;

	if (why_size)
		why[0] = '\0';
	if (!name[0] || strlen(name) >= IFNAMSIZ || strchr(name, '/') || port_no == 0 ||
	    (port_no > OFPP_MAX && port_no != OFPP_LOCAL))
		return -EINVAL;
	slot = find_slot(b, name, port_no);
	if (slot < 0)
		return slot;
	p = port_new(b, name, port_no, flags, (unsigned)slot);
	if (!p)
		return -ENOMEM;
	if (flags & DP_PORT_LOCAL) {
		p->tap_fd = tap_open(name, p->info.error, sizeof p->info.error);
		if (p->tap_fd < 0)
			log_warn(LOG_PORT, "%s: %s", name, p->info.error);
	}
	err = netdev_get(b->dp, name, &link);
	if (!err && !(flags & (DP_PORT_FORCE | DP_PORT_LOCAL)) && netdev_in_use(b->dp, &link, why, why_size)) {
		port_free(p);
		return -EADDRINUSE;
	}
	b->dp->slots[slot] = p;
	link_in(b, p, true);
	if (!err)
		port_sync(p, &link);
	else if (!p->info.error[0])
		snprintf(p->info.error, sizeof p->info.error, "there is no interface of this name");
	p->notify = 0; /* the caller knows */
	return 0;
}

void
port_close(struct port *p)
{
	struct dp_bridge *b = p->bridge;

	link_in(b, p, false);
	if (p->info.present)
		detach(p, true);
	b->dp->slots[p->slot] = NULL;
	port_free(p);
}

int
dp_port_del(struct dp_bridge *b, uint32_t port_no)
{
	struct port *p = bridge_port(b, port_no);

	if (!p)
		return -ENOENT;
	port_close(p);
	return 0;
}

int
dp_port_set_config(struct dp_bridge *b, uint32_t port_no, uint32_t config, uint32_t mask)
{
	struct port *p = bridge_port(b, port_no);
	uint32_t old, now;

	if (!p)
		return -ENOENT;
	old = p->info.config;
	now = (old & ~mask) | (config & mask & OFPPC_ALL);
	if ((old ^ now) & OFPPC_PORT_DOWN && p->info.present) {
		const int err = netdev_set_up(b->dp, p->ifindex, !(now & OFPPC_PORT_DOWN));

		if (err)
			return err;
	}
	p->info.config = now;
	publish(p, p->can_send && !(now & OFPPC_PORT_DOWN));
	if (old != now)
		port_notify(p, DP_PORT_CHANGED);
	return 0;
}

int
dp_port_set_visible(struct dp_bridge *b, uint32_t port_no, bool visible)
{
	struct port *p = bridge_port(b, port_no);

	if (!p)
		return -ENOENT;
	p->flags = visible ? p->flags | DP_PORT_VISIBLE : p->flags & ~DP_PORT_VISIBLE;
	if (p->info.present)
		tx_set_bypass(p, p->uso);
	return 0;
}
