/* SPDX-License-Identifier: ISC */
/* Queues in the kernel: an HTB discipline at the root of an interface, a class for each queue and one for all other frames.
 *
 * A frame's class is the priority of the socket that sent it.  Everything hangs below one class with the rate of the port, so that
 * minimum rates mean something when the queues together want more than that. */
#include "queue.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/class.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/htb.h>
#include <netlink/route/tc.h>
#include <stdio.h>
#include <string.h>

#define HANDLE 1u
#define ROOT_CLASS 1u
#define FIRST_CLASS 2u
#define OTHER_CLASS 0xfffeu /* frames of no queue */
#define QUANTUM 65536u

uint32_t
htb_class(unsigned index)
{
	return TC_H_MAKE(HANDLE << 16, FIRST_CLASS + index);
}

static int
class_add(struct nl_sock *nl, int ifindex, uint32_t parent, uint32_t minor, uint64_t rate_kbps, uint64_t ceil_kbps)
{
	struct rtnl_class *c = rtnl_class_alloc();
	const uint64_t burst = ceil_kbps * 125 / 100; /* 10 ms */
	int err;

	if (!c)
		return -NLE_NOMEM;
	rtnl_tc_set_ifindex(TC_CAST(c), ifindex);
	rtnl_tc_set_parent(TC_CAST(c), parent);
	rtnl_tc_set_handle(TC_CAST(c), TC_HANDLE(HANDLE, minor));
	err = rtnl_tc_set_kind(TC_CAST(c), "htb");
	if (!err)
		err = rtnl_htb_set_rate64(c, rate_kbps * 125);
	if (!err)
		err = rtnl_htb_set_ceil64(c, ceil_kbps * 125);
	if (!err) {
		(void)rtnl_htb_set_rbuffer(c, burst < 3200 ? 3200 : burst > UINT32_MAX ? UINT32_MAX : (uint32_t)burst);
		(void)rtnl_htb_set_cbuffer(c, burst < 3200 ? 3200 : burst > UINT32_MAX ? UINT32_MAX : (uint32_t)burst);
		(void)rtnl_htb_set_quantum(c, QUANTUM);
		err = rtnl_class_add(nl, c, NLM_F_CREATE | NLM_F_EXCL);
	}
	rtnl_class_put(c);
	return err;
}

/* What stands at the root of the interface; NULL: no memory. */
static struct rtnl_qdisc *
root_alloc(int ifindex)
{
	struct rtnl_qdisc *q = rtnl_qdisc_alloc();

	if (q) {
		rtnl_tc_set_ifindex(TC_CAST(q), ifindex);
		rtnl_tc_set_parent(TC_CAST(q), TC_H_ROOT);
	}
	return q;
}

static int
root_add(struct nl_sock *nl, int ifindex)
{
	struct rtnl_qdisc *q = root_alloc(ifindex);
	int err;

	if (!q)
		return -NLE_NOMEM;
	rtnl_tc_set_handle(TC_CAST(q), TC_HANDLE(HANDLE, 0));
	err = rtnl_tc_set_kind(TC_CAST(q), "htb");
	if (!err)
		err = rtnl_htb_set_defcls(q, OTHER_CLASS);
	if (!err)
		err = rtnl_qdisc_add(nl, q, NLM_F_CREATE | NLM_F_REPLACE);
	rtnl_qdisc_put(q);
	return err;
}

static int
root_delete(struct nl_sock *nl, int ifindex)
{
	struct rtnl_qdisc *q = root_alloc(ifindex);
	int err;

	if (!q)
		return -NLE_NOMEM;
	err = rtnl_qdisc_delete(nl, q);
	rtnl_qdisc_put(q);
	return err;
}

static int
classes_add(struct nl_sock *nl, int ifindex, const struct dp_queue *queues, size_t n, uint64_t port_kbps)
{
	/* A class without a minimum has next to none, and shares what is left. */
	const uint64_t little = port_kbps / 1000 < 8 ? 8 : port_kbps / 1000 > 1000 ? 1000 : port_kbps / 1000;
	int err = class_add(nl, ifindex, TC_HANDLE(HANDLE, 0), ROOT_CLASS, port_kbps, port_kbps);

	for (size_t i = 0; !err && i < n; i++) {
		const uint64_t max = queues[i].max_kbps ? queues[i].max_kbps : port_kbps;
		const uint64_t min = queues[i].min_kbps ? queues[i].min_kbps : little < max ? little : max;

		err = class_add(nl, ifindex, TC_HANDLE(HANDLE, ROOT_CLASS), FIRST_CLASS + (uint32_t)i, min, max);
	}
	return err ? err : class_add(nl, ifindex, TC_HANDLE(HANDLE, ROOT_CLASS), OTHER_CLASS, little, port_kbps);
}

static struct nl_sock *
open_route(void)
{
	struct nl_sock *nl = nl_socket_alloc();

	if (nl && nl_connect(nl, NETLINK_ROUTE) < 0) {
		nl_socket_free(nl);
		return NULL;
	}
	return nl;
}

int
htb_install(const char *name, int ifindex, const struct dp_queue *queues, size_t n, uint64_t port_kbps, char *why,
            size_t why_size)
{
	struct nl_sock *nl = open_route();
	int err;

	if (nl)
		(void)root_delete(nl, ifindex); /* one of ours that a crash has left */
	err = nl ? root_add(nl, ifindex) : -NLE_NOMEM;

	if (err) {
		if (err == -NLE_OBJ_NOTFOUND || err == -NLE_OPNOTSUPP)
			snprintf(why, why_size,
			         "%s: queues need the HTB scheduler (sch_htb), which this kernel does not have", name);
		else
			snprintf(why, why_size, "%s: the HTB scheduler can't be set up: %s", name, nl_geterror(err));
	} else {
		err = classes_add(nl, ifindex, queues, n, port_kbps);
		if (err) {
			snprintf(why, why_size, "%s: the kernel refused a queue: %s", name, nl_geterror(err));
			(void)root_delete(nl, ifindex);
		}
	}
	nl_socket_free(nl);
	return err ? -EOPNOTSUPP : 0;
}

void
htb_remove(int ifindex)
{
	struct nl_sock *nl = open_route();

	if (nl)
		(void)root_delete(nl, ifindex);
	nl_socket_free(nl);
}
