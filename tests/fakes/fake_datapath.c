/* SPDX-License-Identifier: ISC */
/* See fake_datapath.h. */
#include "fake_datapath.h"

#include "openflow/openflow13.h"
#include "sbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_dp fake_dp;

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fake datapath: %s\n", what);
	abort();
}

static struct dp_port_info *
find(uint32_t port_no)
{
	for (size_t i = 0; i < fake_dp.n_ports; i++) {
		if (fake_dp.ports[i].port_no == port_no)
			return &fake_dp.ports[i];
	}
	return NULL;
}

static struct dp_port_info *
add(const char *name, uint32_t port_no)
{
	struct dp_port_info *p = &fake_dp.ports[fake_dp.n_ports++];

	*p = (struct dp_port_info){.port_no = port_no, .present = true, .mtu = 1500, .state = OFPPS_LIVE};
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->hw_addr[0] = 2;
	p->hw_addr[5] = (uint8_t)port_no;
	p->curr = OFPPF_10GB_FD | OFPPF_COPPER;
	p->curr_speed = 10000000;
	return p;
}

void
fake_dp_reset(unsigned n_ports)
{
	char name[IFNAMSIZ];

	memset(&fake_dp, 0, sizeof(fake_dp));
	for (unsigned i = 1; i <= n_ports; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		add(name, i);
	}
}

void
fake_dp_packet_in(uint32_t in_port, uint8_t reason, uint16_t max_len, size_t len, uint8_t fill)
{
	static uint8_t data[65536];
	const struct dp_packet_in in = {.in_port = in_port,
	                                .in_phy_port = in_port,
	                                .reason = reason,
	                                .max_len = max_len,
	                                .total_len = (uint32_t)len,
	                                .len = (uint32_t)len,
	                                .data = data};

	memset(data, fill, len);
	fake_dp.client->packet_in(fake_dp.aux, &in);
}

void
fake_dp_port_event(uint32_t port_no, enum dp_port_event event, uint32_t state)
{
	struct dp_port_info *p = find(port_no);

	must(p != NULL, "an event of a port that is not there");
	p->state = state;
	p->present = event != DP_PORT_GONE;
	fake_dp.client->port_event(fake_dp.aux, event, p);
}

void
dp_exclusive_begin(struct dp *dp)
{
	(void)dp;
	fake_dp.n_sections += fake_dp.exclusive == 0;
	fake_dp.exclusive++;
}

void
dp_exclusive_end(struct dp *dp)
{
	(void)dp;
	must(fake_dp.exclusive > 0, "an exclusive section ends that has not begun");
	fake_dp.exclusive--;
}

int
dp_bridge_create(struct dp *dp, const char *name, const struct dp_client *client, void *aux, struct dp_bridge **b)
{
	(void)dp;
	(void)name;
	fake_dp.client = client;
	fake_dp.aux = aux;
	*b = (struct dp_bridge *)(void *)&fake_dp;
	return 0;
}

void
dp_bridge_destroy(struct dp_bridge *b)
{
	(void)b;
	must(fake_dp.exclusive == 0, "a bridge goes inside an exclusive section");
}

void
dp_bridge_invalidate(struct dp_bridge *b)
{
	(void)b;
	must(fake_dp.exclusive > 0, "programs are invalidated outside an exclusive section");
	fake_dp.n_invalidated++;
}

void
dp_bridge_rule_changed(struct dp_bridge *b, uint8_t table_id, const struct match *m)
{
	(void)b;
	(void)table_id;
	(void)m;
	must(fake_dp.exclusive > 0, "a rule is changed outside an exclusive section");
	fake_dp.n_rules_changed++;
}

void
dp_bridge_set_frags(struct dp_bridge *b, unsigned frag_flags)
{
	(void)b;
	fake_dp.frag_flags = frag_flags;
}

void
dp_packet_out(struct dp_bridge *b, uint32_t in_port, const uint8_t *data, size_t len, const struct dp_program *prog)
{
	(void)b;
	(void)prog;
	must(fake_dp.exclusive == 0, "a packet-out runs inside an exclusive section");
	must(len >= 14 && len <= sizeof(fake_dp.out_data), "a packet-out of that length");
	fake_dp.n_packet_outs++;
	fake_dp.out_in_port = in_port;
	fake_dp.out_len = len;
	memcpy(fake_dp.out_data, data, len);
}

void
dp_bridge_drops(const struct dp_bridge *b, uint64_t drops[])
{
	(void)b;
	memset(drops, 0, DP_N_DROPS * sizeof(drops[0]));
}

int
dp_port_add(struct dp_bridge *b, const char *name, uint32_t port_no, unsigned flags, char *why, size_t why_size)
{
	(void)b;
	(void)flags;
	if (find(port_no) || fake_dp.n_ports == FAKE_PORTS) {
		snprintf(why, why_size, "number in use");
		return -EEXIST;
	}
	add(name, port_no);
	return 0;
}

int
dp_port_del(struct dp_bridge *b, uint32_t port_no)
{
	struct dp_port_info *p = find(port_no);

	(void)b;
	if (!p)
		return -ENOENT;
	*p = fake_dp.ports[--fake_dp.n_ports];
	return 0;
}

int
dp_port_set_config(struct dp_bridge *b, uint32_t port_no, uint32_t config, uint32_t mask)
{
	struct dp_port_info *p = find(port_no);

	(void)b;
	if (!p)
		return -ENOENT;
	p->config = (p->config & ~mask) | (config & mask);
	return 0;
}

int
dp_port_set_visible(struct dp_bridge *b, uint32_t port_no, bool visible)
{
	(void)b;
	(void)visible;
	return find(port_no) ? 0 : -ENOENT;
}

bool
dp_queue_next(const struct dp_bridge *b, uint32_t port_no, uint64_t from, struct dp_queue *q, struct dp_queue_stats *st)
{
	(void)b;
	if (!find(port_no) || port_no != 2 || from > 7)
		return false;
	*q = (struct dp_queue){7, 1000000, 0};
	*st = (struct dp_queue_stats){.tx_packets = 3};
	return true;
}

int
dp_port_get(const struct dp_bridge *b, uint32_t port_no, struct dp_port_info *info)
{
	const struct dp_port_info *p = find(port_no);

	(void)b;
	if (!p)
		return -ENOENT;
	*info = *p;
	return 0;
}

int
dp_port_stats(const struct dp_bridge *b, uint32_t port_no, struct dp_port_stats *s)
{
	(void)b;
	if (!find(port_no))
		return -ENOENT;
	*s = (struct dp_port_stats){.rx_packets = port_no};
	return 0;
}

bool
dp_port_next(const struct dp_bridge *b, uint32_t after, struct dp_port_info *info)
{
	const struct dp_port_info *best = NULL;

	(void)b;
	for (size_t i = 0; i < fake_dp.n_ports; i++) {
		const struct dp_port_info *p = &fake_dp.ports[i];

		if (p->port_no > after && (!best || p->port_no < best->port_no))
			best = p;
	}
	if (best)
		*info = *best;
	return best != NULL;
}
