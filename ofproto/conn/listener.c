/* SPDX-License-Identifier: ISC */
/* Controllers that dial the switch (ptcp:, pssl:).
 *
 * A peer that has not said HELLO yet costs memory and has shown nothing: at most MAX_HALF_OPEN of them are kept, for 10 s at most
 * (conn.c).  When another comes, the oldest of the address that holds the most has to go, so that somebody who only opens connections
 * keeps nobody else out.  No more than half of them are accepted in a turn of the loop: who has spoken already is read before
 * anybody can take his place. */
#include "conn.h"

#include "clock.h"
#include "log.h"
#include "loop.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_HALF_OPEN 8 /* of a bridge */
#define ACCEPT_TURN (MAX_HALF_OPEN / 2)
#define MAX_PEERS 8 /* of a bridge, their handshake done */
#define PAUSE_MS 500 /* when the process has no descriptor left */

static bool
is_passive(const struct conn *c)
{
	return c->owner && c->owner->passive;
}

/* Half-open connections from the address of 'like'; NULL: from anywhere. */
static unsigned
n_half_open(const struct ofproto *op, const struct conn *like)
{
	unsigned n = 0;

	LIST_FOR_EACH (it, &op->conns) {
		const struct conn *c = CONTAINER_OF(it, struct conn, node);

		n += is_passive(c) && !c->hello_seen && (!like || !memcmp(c->peer, like->peer, sizeof(c->peer)));
	}
	return n;
}

/* The oldest is met first: connections are listed in the order they came. */
static struct conn *
victim(const struct ofproto *op)
{
	struct conn *worst = NULL;
	unsigned most = 0;

	LIST_FOR_EACH (it, &op->conns) {
		struct conn *c = CONTAINER_OF(it, struct conn, node);
		const unsigned n = is_passive(c) && !c->hello_seen ? n_half_open(op, c) : 0;

		if (n > most) {
			most = n;
			worst = c;
		}
	}
	return worst;
}

bool
listener_may_finish(const struct conn *c)
{
	unsigned n = 0;

	if (!is_passive(c))
		return true;
	LIST_FOR_EACH (it, &c->op->conns) {
		const struct conn *other = CONTAINER_OF(it, struct conn, node);

		n += other != c && is_passive(other) && other->hello_seen;
	}
	return n < MAX_PEERS;
}

static void
peer_address(const struct sockaddr *sa, uint8_t addr[16])
{
	memset(addr, 0, 16);
	if (sa->sa_family == AF_INET6)
		memcpy(addr, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	else if (sa->sa_family == AF_INET)
		memcpy(addr, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
}

/* The listener rests; who waits stays in the kernel's queue. */
static void
rest(struct controller *ct, int ms)
{
	const struct timeval pause = {0, ms * 1000};

	evconnlistener_disable(ct->listener);
	event_add(ct->resume, &pause);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *aux)
{
	struct controller *ct = aux;
	struct bufferevent *bev = stream_create(ct->op, fd, ct);
	struct conn *c;

	loop_mark();
	(void)l;
	(void)len;
	if (++ct->n_accepted == ACCEPT_TURN)
		rest(ct, 0);
	if (!bev) {
		close(fd);
		return;
	}
	if (n_half_open(ct->op, NULL) >= MAX_HALF_OPEN) {
		log_warn_rl(LOG_CONN, "%s: %u peers have not said HELLO yet: the oldest goes", ct->target,
		            MAX_HALF_OPEN);
		conn_close(victim(ct->op), "too many peers that say nothing");
	}
	c = conn_create(ct->op, bev, ct, ct->target);
	if (!c)
		return;
	ct->n_peers++;
	peer_address(sa, c->peer);
	if (!ct->tls)
		conn_opened(c);
}

static void
on_resume(evutil_socket_t fd, short what, void *aux)
{
	struct controller *ct = aux;

	loop_mark();
	(void)fd;
	(void)what;
	ct->n_accepted = 0;
	evconnlistener_enable(ct->listener);
}

/* Out of descriptors, most likely: the loop does not spin. */
static void
on_accept_error(struct evconnlistener *l, void *aux)
{
	struct controller *ct = aux;

	log_warn_rl(LOG_CONN, "%s: cannot accept a peer: %s", ct->target, strerror(errno));
	(void)l;
	rest(ct, PAUSE_MS);
}

int
listener_open(struct controller *ct)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(ct->port)};
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(ct->port)};
	const bool v4 = evutil_inet_pton(AF_INET, ct->host, &a4.sin_addr) == 1;

	if (!v4 && ct->host[0] && evutil_inet_pton(AF_INET6, ct->host, &a6.sin6_addr) != 1)
		return -EINVAL;
	ct->resume = event_new(ct->op->base, -1, 0, on_resume, ct);
	if (!ct->resume)
		return -ENOMEM;
	ct->listener =
	    evconnlistener_new_bind(ct->op->base, on_accept, ct, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 64,
	                            v4 ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6, v4 ? sizeof(a4) : sizeof(a6));
	if (!ct->listener)
		return -errno;
	evconnlistener_set_error_cb(ct->listener, on_accept_error);
	if (!ct->host[0] && !ct->tls)
		log_warn(LOG_CONN,
		         "%s: without an address it listens on all of this host's, and without TLS anybody who reaches "
		         "it may "
		         "%s: ptcp:%u:127.0.0.1 is for this host alone, pssl: for who has a certificate",
		         ct->target, ct->read_only ? "look at the flows" : "change the flows", ct->port);
	return 0;
}

void
listener_conn_closed(struct controller *ct)
{
	ct->n_peers--;
	ct->since_ms = clock_ms();
}

void
listener_close(struct controller *ct)
{
	if (ct->listener)
		evconnlistener_free(ct->listener);
	if (ct->resume)
		event_free(ct->resume);
}
