/* SPDX-License-Identifier: ISC */
/* Interfaces over rtnetlink: what they are, link events, up and down, keeping the host's stack off them. */
#include "dp_private.h"

#include "log.h"
#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_BUFFER (1 << 20)
#define MAX_QUEUED 65536u /* events: more than the buffer can hold */

/* ---- reading ---- */

static void
parse_conf(struct link_info *li, struct nlattr *spec)
{
	struct nlattr *af, *a;
	int rem, rem2;

	nla_for_each_nested(af, spec, rem)
	{
		nla_for_each_nested(a, af, rem2)
		{
			if (nla_type(af) == AF_INET && nla_type(a) == IFLA_INET_CONF &&
			    nla_len(a) >= 4 * IPV4_DEVCONF_ARP_IGNORE) {
				const uint32_t *v = nla_data(a);

				li->has_conf = true;
				li->arp_ignore = v[IPV4_DEVCONF_ARP_IGNORE - 1];
				li->forwarding = v[IPV4_DEVCONF_FORWARDING - 1];
			} else if (nla_type(af) == AF_INET6 && nla_type(a) == IFLA_INET6_ADDR_GEN_MODE &&
			           nla_len(a) >= 1) {
				li->has_gen = true;
				li->addr_gen = nla_get_u8(a);
			}
		}
	}
}

static bool
parse_link(struct nlmsghdr *h, struct link_info *li)
{
	struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *ifi = nlmsg_data(h);

	memset(li, 0, sizeof *li);
	if (!nlmsg_valid_hdr(h, sizeof *ifi) || nlmsg_parse(h, sizeof *ifi, tb, IFLA_MAX, NULL) < 0 || !tb[IFLA_IFNAME])
		return false;
	li->ifindex = ifi->ifi_index;
	li->flags = ifi->ifi_flags;
	nla_strlcpy(li->name, tb[IFLA_IFNAME], sizeof li->name);
	if (tb[IFLA_MTU])
		li->mtu = nla_get_u32(tb[IFLA_MTU]);
	if (tb[IFLA_GSO_MAX_SIZE])
		li->gso_max_size = nla_get_u32(tb[IFLA_GSO_MAX_SIZE]);
	if (tb[IFLA_GSO_MAX_SEGS])
		li->gso_max_segs = nla_get_u32(tb[IFLA_GSO_MAX_SEGS]);
	if (tb[IFLA_QDISC])
		nla_strlcpy(li->qdisc, tb[IFLA_QDISC], sizeof li->qdisc);
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) == 6)
		memcpy(li->mac, nla_data(tb[IFLA_ADDRESS]), 6);
	if (tb[IFLA_AF_SPEC])
		parse_conf(li, tb[IFLA_AF_SPEC]);
	return true;
}

static int
on_one_link(struct nl_msg *msg, void *aux)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	if (h->nlmsg_type == RTM_NEWLINK)
		(void)parse_link(h, aux);
	return NL_OK;
}

static int
to_errno(int nl_error)
{
	switch (-nl_error) {
	case 0:
		return 0;
	case NLE_OBJ_NOTFOUND:
	case NLE_NODEV:
		return -ENODEV;
	case NLE_PERM:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_BUSY:
		return -EBUSY;
	case NLE_OPNOTSUPP:
		return -EOPNOTSUPP;
	default:
		return nl_error < 0 ? -EINVAL : 0;
	}
}

/* Sends 'msg' (and frees it) and takes the answers up to the acknowledgement. */
static int
request(struct dp *dp, struct nl_msg *msg, nl_recvmsg_msg_cb_t cb, void *aux)
{
	int err = nl_send_auto(dp->nl, msg);

	nlmsg_free(msg);
	if (err < 0)
		return to_errno(err);
	nl_socket_modify_cb(dp->nl, NL_CB_VALID, cb ? NL_CB_CUSTOM : NL_CB_DEFAULT, cb, aux);
	return to_errno(nl_recvmsgs_default(dp->nl));
}

static struct nl_msg *
link_msg(int type, int flags, int ifindex, unsigned if_flags, unsigned if_change)
{
	const struct ifinfomsg ifi = {
	    .ifi_family = AF_UNSPEC, .ifi_index = ifindex, .ifi_flags = if_flags, .ifi_change = if_change};
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, (void *)(uintptr_t)&ifi, sizeof ifi, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int
netdev_get(struct dp *dp, const char *name, struct link_info *li)
{
	struct nl_msg *msg = link_msg(RTM_GETLINK, 0, 0, 0, 0);
	int err;

	memset(li, 0, sizeof *li);
	if (!msg || nla_put_string(msg, IFLA_IFNAME, name) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = request(dp, msg, on_one_link, li);
	if (!err && (!li->ifindex || strcmp(li->name, name)))
		return -ENODEV;
	return err;
}

/* ---- writing ---- */

int
netdev_set_up(struct dp *dp, int ifindex, bool up)
{
	struct nl_msg *msg = link_msg(RTM_NEWLINK, NLM_F_ACK, ifindex, up ? IFF_UP : 0, IFF_UP);

	return msg ? request(dp, msg, NULL, NULL) : -ENOMEM;
}

static int
set_inet(struct dp *dp, int ifindex, const struct link_info *c)
{
	struct nl_msg *msg = link_msg(RTM_SETLINK, NLM_F_ACK, ifindex, 0, 0);
	struct nlattr *spec, *af, *conf;

	if (!msg)
		return -ENOMEM;
	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	af = spec ? nla_nest_start(msg, AF_INET) : NULL;
	conf = af ? nla_nest_start(msg, IFLA_INET_CONF) : NULL;
	if (!conf || nla_put_u32(msg, IPV4_DEVCONF_ARP_IGNORE, c->arp_ignore) < 0 ||
	    nla_put_u32(msg, IPV4_DEVCONF_FORWARDING, c->forwarding) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, conf);
	nla_nest_end(msg, af);
	nla_nest_end(msg, spec);
	return request(dp, msg, NULL, NULL);
}

static int
set_inet6(struct dp *dp, int ifindex, const struct link_info *c)
{
	struct nl_msg *msg = link_msg(RTM_SETLINK, NLM_F_ACK, ifindex, 0, 0);
	struct nlattr *spec, *af;

	if (!msg)
		return -ENOMEM;
	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	af = spec ? nla_nest_start(msg, AF_INET6) : NULL;
	if (!af || nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, c->addr_gen) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, af);
	nla_nest_end(msg, spec);
	return request(dp, msg, NULL, NULL);
}

/* arp_ignore, forwarding and the IPv6 address mode, as far as 'conf' has them. */
int
netdev_set_conf(struct dp *dp, int ifindex, const struct link_info *conf)
{
	int err = conf->has_conf ? set_inet(dp, ifindex, conf) : 0;

	if (conf->has_gen) {
		const int err6 = set_inet6(dp, ifindex, conf);

		err = err ? err : err6;
	}
	return err;
}

/* ---- is it the host's? ---- */

struct route_search {
	int ifindex;
	bool found;
};

static int
on_route(struct nl_msg *msg, void *aux)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct nlattr *tb[RTA_MAX + 1];
	struct route_search *s = aux;
	const struct rtmsg *rt = nlmsg_data(h);

	if (!nlmsg_valid_hdr(h, sizeof *rt) || rt->rtm_dst_len || rt->rtm_type != RTN_UNICAST ||
	    nlmsg_parse(h, sizeof *rt, tb, RTA_MAX, NULL) < 0)
		return NL_OK;
	if (tb[RTA_OIF] && (int)nla_get_u32(tb[RTA_OIF]) == s->ifindex)
		s->found = true;
	if (tb[RTA_MULTIPATH]) {
		const struct rtnexthop *nh = nla_data(tb[RTA_MULTIPATH]);
		int left = nla_len(tb[RTA_MULTIPATH]);

		for (; left >= (int)sizeof *nh && RTNH_OK(nh, left);
		     left -= RTNH_ALIGN(nh->rtnh_len), nh = RTNH_NEXT(nh))
			s->found |= nh->rtnh_ifindex == s->ifindex;
	}
	return NL_OK;
}

static bool
has_default_route(struct dp *dp, int ifindex)
{
	struct route_search s = {ifindex, false};
	const struct rtmsg rt = {.rtm_family = AF_UNSPEC};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_DUMP);

	if (!msg)
		return false;
	if (nlmsg_append(msg, (void *)(uintptr_t)&rt, sizeof rt, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return false;
	}
	(void)request(dp, msg, on_route, &s);
	return s.found;
}

static bool
host_address(const struct sockaddr *sa, char *text, socklen_t size)
{
	if (!sa)
		return false;
	if (sa->sa_family == AF_INET)
		return inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, text, size) !=
		       NULL;
	if (sa->sa_family == AF_INET6) {
		const struct in6_addr *a = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

		return !IN6_IS_ADDR_LINKLOCAL(a) && inet_ntop(AF_INET6, a, text, size) != NULL;
	}
	return false;
}

/* True, and a sentence, when attaching would take away what the host itself uses. */
bool
netdev_in_use(struct dp *dp, const struct link_info *li, char *why, size_t why_size)
{
	struct ifaddrs *all = NULL;
	char text[INET6_ADDRSTRLEN];
	bool used = false;

	if (getifaddrs(&all))
		all = NULL;
	for (struct ifaddrs *i = all; i && !used; i = i->ifa_next)
		if (strcmp(i->ifa_name, li->name) == 0 && host_address(i->ifa_addr, text, sizeof text)) {
			snprintf(why, why_size,
			         "%s has the address %s: the host would no longer be reached by it (--force takes it "
			         "all the same)",
			         li->name, text);
			used = true;
		}
	freeifaddrs(all);
	if (!used && has_default_route(dp, li->ifindex)) {
		snprintf(why, why_size, "%s carries the host's default route", li->name);
		used = true;
	}
	return used;
}

/* ---- events ---- */

void
netdev_look_at(struct port *p)
{
	struct link_info now;

	port_sync(p, netdev_get(p->bridge->dp, p->info.name, &now) == 0 ? &now : NULL);
}

/* The kernel puts the sockets of a link that was down back by itself, in an order of its choice: even if the link is up by now, the
 * group is made again. */
static void
on_link(struct dp *dp, const struct link_info *li, bool gone)
{
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		struct port *p = dp->slots[i];

		if (!p || (p->ifindex != li->ifindex && strcmp(p->info.name, li->name) != 0))
			continue;
		if (p->ifindex == li->ifindex && p->tap_fd < 0 && (gone || !(li->flags & IFF_UP)))
			rx_close(p);
		netdev_look_at(p);
	}
}

/* A queueing discipline came or went: no word of it is in the link's events. */
static void
on_qdisc(struct dp *dp, struct nlmsghdr *h)
{
	const struct tcmsg *tc = nlmsg_data(h);

	for (unsigned i = 0; i < MAX_SLOTS && nlmsg_valid_hdr(h, sizeof *tc); i++)
		if (dp->slots[i] && dp->slots[i]->ifindex && dp->slots[i]->ifindex == tc->tcm_ifindex)
			netdev_look_at(dp->slots[i]);
}

static int
on_link_event(struct nl_msg *msg, void *aux)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct dp *dp = aux;
	struct link_info li;

	if (h->nlmsg_type == RTM_NEWQDISC || h->nlmsg_type == RTM_DELQDISC)
		on_qdisc(dp, h);
	else if ((h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK) && parse_link(h, &li))
		on_link(dp, &li, h->nlmsg_type == RTM_DELLINK);
	return NL_OK;
}

/* Events were lost: look at every port, and take it that every link was down. */
static void
resync(struct dp *dp)
{
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		struct port *p = dp->slots[i];

		if (p && p->tap_fd < 0)
			rx_close(p);
		if (p)
			netdev_look_at(p);
	}
}

/* A netlink socket that ran over says so once, and until it has been read empty it takes no event and says nothing of it: only a
 * look at the ports that comes after that misses nothing. */
static void
read_empty(int fd)
{
	char byte;

	for (unsigned i = 0; i < MAX_QUEUED; i++)
		if (recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno != ENOBUFS && errno != EINTR)
			return;
}

static void
on_events(evutil_socket_t fd, short what, void *aux)
{
	struct dp *dp = aux;
	int err;

	loop_mark();
	(void)what;
	err = nl_recvmsgs_default(dp->nl_events);
	if (err < 0 && err != -NLE_AGAIN) {
		log_warn_rl(LOG_PORT, "link events were lost (%s): looking at all ports", nl_geterror(err));
		read_empty(fd);
		resync(dp);
	}
}

int
netdev_init(struct dp *dp)
{
	dp->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	dp->nl = nl_socket_alloc();
	dp->nl_events = nl_socket_alloc();
	if (dp->ioctl_fd < 0 || !dp->nl || !dp->nl_events)
		return -ENOMEM;
	nl_socket_disable_auto_ack(dp->nl);
	nl_socket_disable_seq_check(dp->nl_events);
	nl_socket_modify_cb(dp->nl_events, NL_CB_VALID, NL_CB_CUSTOM, on_link_event, dp);
	if (nl_connect(dp->nl, NETLINK_ROUTE) < 0 || nl_connect(dp->nl_events, NETLINK_ROUTE) < 0 ||
	    nl_socket_add_memberships(dp->nl_events, RTNLGRP_LINK, RTNLGRP_TC, 0) < 0 ||
	    nl_socket_set_nonblocking(dp->nl_events) < 0)
		return -EIO;
	(void)nl_socket_set_buffer_size(dp->nl_events, EVENTS_BUFFER, 0);
	dp->ev_nl = event_new(dp->base, nl_socket_get_fd(dp->nl_events), EV_READ | EV_PERSIST, on_events, dp);
	if (!dp->ev_nl || event_add(dp->ev_nl, NULL))
		return -ENOMEM;
	return 0;
}

void
netdev_fini(struct dp *dp)
{
	if (dp->ev_nl)
		event_free(dp->ev_nl);
	nl_socket_free(dp->nl);
	nl_socket_free(dp->nl_events);
	if (dp->ioctl_fd >= 0)
		close(dp->ioctl_fd);
}
