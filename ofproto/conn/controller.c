/* SPDX-License-Identifier: ISC */
/* Targets: active ones that keep trying (1, 2, 4, 8 s with jitter), passive ones that listen, and the management socket. */
#include "conn.h"

#include "clock.h"
#include "hash.h"
#include "log.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_PEERS 8

static bool
parse_port(const char *s, uint16_t *port)
{
	char *end;
	const unsigned long v = strtoul(s, &end, 10);

	if (end == s || *end || v == 0 || v > 65535)
		return false;
	*port = (uint16_t)v;
	return true;
}

/* HOST[:PORT] of an active target. */
static bool
parse_active(const char *s, struct controller *ct)
{
	const char *end = s[0] == '[' ? strchr(s, ']') : strchr(s, ':');
	const char *host = s[0] == '[' ? s + 1 : s;
	size_t n;

	if (s[0] == '[' && !end)
		return false;
	n = end ? (size_t)(end - host) : strlen(host);
	if (n == 0 || n >= sizeof(ct->host))
		return false;
	memcpy(ct->host, host, n);
	ct->host[n] = '\0';
	if (end && *end == ']')
		end++;
	return !end || !*end || (*end == ':' && parse_port(end + 1, &ct->port));
}

/* [PORT][:ADDR] of a passive one; all addresses unless one is named. */
static bool
parse_passive(const char *s, struct controller *ct)
{
	const char *colon = strchr(s, ':');
	char num[8];
	size_t n = colon ? (size_t)(colon - s) : strlen(s);

	if (n >= sizeof(num))
		return false;
	memcpy(num, s, n);
	num[n] = '\0';
	if (n && !parse_port(num, &ct->port))
		return false;
	snprintf(ct->host, sizeof(ct->host), "%s", colon ? colon + 1 : "");
	if (ct->host[0] == '[' && ct->host[strlen(ct->host) - 1] == ']') {
		ct->host[strlen(ct->host) - 1] = '\0';
		memmove(ct->host, ct->host + 1, strlen(ct->host));
	}
	return true;
}

static bool
parse_target(const char *target, struct controller *ct)
{
	static const struct {
		const char *prefix;
		bool tls, passive;
	} kinds[] = {{"tcp:", false, false}, {"ssl:", true, false}, {"ptcp:", false, true}, {"pssl:", true, true}};

	ct->port = OFP_DEFAULT_PORT;
	if (strlen(target) >= sizeof(ct->target))
		return false;
	snprintf(ct->target, sizeof(ct->target), "%s", target);
	for (size_t i = 0; i < 4; i++) {
		const size_t n = strlen(kinds[i].prefix);

		if (strncmp(target, kinds[i].prefix, n))
			continue;
		ct->tls = kinds[i].tls;
		ct->passive = kinds[i].passive;
		return ct->passive ? parse_passive(target + n, ct) : parse_active(target + n, ct);
	}
	return false;
}

static struct bufferevent *
bev_create(struct ofproto *op, int fd, bool tls, bool accepting)
{
	const int flags = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	SSL *ssl;

	if (!tls)
		return bufferevent_socket_new(op->base, fd, flags);
	ssl = op->tls ? SSL_new(op->tls) : NULL;
	if (!ssl)
		return NULL;
	return bufferevent_openssl_socket_new(
	    op->base, fd, ssl, accepting ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING, flags);
}

static void
schedule_retry(struct controller *ct)
{
	const uint64_t ms = ct->backoff_s * UINT64_C(1000);
	const uint64_t jitter = hash_mix(clock_ns(), hash_seed()) % (ms * 2 / 5 + 1); /* 0 to 40 %: +-20 % */
	const uint64_t wait = ms * 4 / 5 + jitter;
	const struct timeval tv = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};

	event_add(ct->retry, &tv);
	ct->backoff_s = ct->backoff_s * 2 > ct->op->max_backoff_s ? ct->op->max_backoff_s : ct->backoff_s * 2;
	if (!ct->backoff_s)
		ct->backoff_s = 1;
}

static void
dial(evutil_socket_t fd, short what, void *aux)
{
	struct controller *ct = aux;
	struct bufferevent *bev = bev_create(ct->op, -1, ct->tls, false);

	(void)fd;
	(void)what;
	ct->since_ms = clock_ms();
	if (!bev) {
		snprintf(ct->last_error, sizeof(ct->last_error), "no TLS keys are configured");
		schedule_retry(ct);
		return;
	}
	ct->conn = conn_create(ct->op, bev, ct, ct->target);
	if (!ct->conn || bufferevent_socket_connect_hostname(bev, ct->op->dns, AF_UNSPEC, ct->host, ct->port) < 0) {
		if (ct->conn)
			conn_close(ct->conn, "cannot connect");
		else
			schedule_retry(ct);
	}
}

void
controller_conn_closed(struct controller *ct, struct conn *c, const char *why)
{
	snprintf(ct->last_error, sizeof(ct->last_error), "%s", why);
	ct->since_ms = clock_ms();
	if (ct->passive) {
		ct->n_peers--;
		return;
	}
	if (c->handshake_done)
		ct->backoff_s = 1;
	ct->conn = NULL;
	schedule_retry(ct);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *aux)
{
	struct controller *ct = aux;
	struct bufferevent *bev;
	struct conn *c;
	int one = 1;

	(void)l;
	(void)sa;
	(void)len;
	if (ct->n_peers == MAX_PEERS || !(bev = bev_create(ct->op, fd, ct->tls, true))) {
		log_warn_rl(LOG_CONN, "%s: a peer was turned away (%u are connected)", ct->target, ct->n_peers);
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c = conn_create(ct->op, bev, ct, ct->target);
	if (!c)
		return;
	ct->n_peers++;
	if (!ct->tls)
		conn_opened(c);
}

static int
listen_on(struct controller *ct)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(ct->port)};
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(ct->port)};
	const bool v4 = evutil_inet_pton(AF_INET, ct->host, &a4.sin_addr) == 1;

	if (!v4 && ct->host[0] && evutil_inet_pton(AF_INET6, ct->host, &a6.sin6_addr) != 1)
		return -EINVAL;
	ct->listener =
	    evconnlistener_new_bind(ct->op->base, on_accept, ct, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 64,
	                            v4 ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6, v4 ? sizeof(a4) : sizeof(a6));
	return ct->listener ? 0 : -errno;
}

void
controller_destroy(struct controller *ct)
{
	struct ofproto *op = ct->op;

	LIST_FOR_EACH_SAFE (n, next, &op->conns) {
		struct conn *c = CONTAINER_OF(n, struct conn, node);

		if (c->owner == ct) {
			c->owner = NULL;
			conn_close(c, "the target was removed");
		}
	}
	if (ct->listener)
		evconnlistener_free(ct->listener);
	if (ct->retry)
		event_free(ct->retry);
	list_remove(&ct->node);
	free(ct);
}

int
ofproto_target_check(const char *target, bool passive, bool tls, char *why, size_t size)
{
	struct controller ct = {0};

	if (!parse_target(target, &ct) || (passive && !ct.passive)) {
		snprintf(why, size, "'%s' is none of %sptcp:[PORT][:ADDR], pssl:[PORT][:ADDR]", target,
		         passive ? "" : "tcp:HOST[:PORT], ssl:HOST[:PORT], ");
		return -EINVAL;
	}
	if (!ct.tls || tls)
		return 0;
	snprintf(why, size, "'%s' needs private-key, certificate and ca-cert", target);
	return -EINVAL;
}

struct controller *
controller_create(struct ofproto *op, const char *target, char *why, size_t size, int *error)
{
	struct controller *ct = calloc(1, sizeof(*ct));

	*error = -ENOMEM;
	snprintf(why, size, "no memory");
	if (!ct)
		return NULL;
	ct->op = op;
	ct->backoff_s = 1;
	list_init(&ct->node);
	*error = -EINVAL;
	if (ofproto_target_check(target, false, op->tls != NULL, why, size) == 0 && parse_target(target, ct))
		*error = 0;
	if (*error) {
		/* 'why' is set */
	} else if (ct->passive && (*error = listen_on(ct)) != 0) {
		snprintf(why, size, "cannot listen on '%s': %s", target, strerror(-*error));
	} else {
		*error = 0;
		list_push_back(&op->controllers, &ct->node);
		ct->since_ms = clock_ms();
		if (!ct->passive && (ct->retry = event_new(op->base, -1, 0, dial, ct)) != NULL)
			event_active(ct->retry, EV_TIMEOUT, 0);
		return ct;
	}
	controller_destroy(ct);
	return NULL;
}

/* ---- the management socket ---- */

static void
on_mgmt_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *aux)
{
	struct ofproto *op = aux;
	struct bufferevent *bev = bev_create(op, fd, false, true);
	struct conn *c;
	unsigned n = 0;

	(void)l;
	(void)sa;
	(void)len;
	LIST_FOR_EACH (it, &op->conns)
		n += CONTAINER_OF(it, struct conn, node)->is_mgmt;
	if (!bev || n >= 2 * MAX_PEERS) {
		if (bev)
			bufferevent_free(bev);
		else
			close(fd);
		return;
	}
	c = conn_create(op, bev, NULL, op->name);
	if (c)
		conn_opened(c);
}

int
mgmt_open(struct ofproto *op, const char *rundir, char *why, size_t size)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const mode_t old = umask(0177);

	if (asprintf(&op->mgmt_path, "%s/%s.mgmt", rundir, op->name) < 0)
		op->mgmt_path = NULL;
	if (!op->mgmt_path || strlen(op->mgmt_path) >= sizeof(sun.sun_path)) {
		snprintf(why, size, "the run directory's name is too long: %s", rundir);
		umask(old);
		return -ENAMETOOLONG;
	}
	memcpy(sun.sun_path, op->mgmt_path, strlen(op->mgmt_path));
	unlink(op->mgmt_path);
	op->mgmt = evconnlistener_new_bind(op->base, on_mgmt_accept, op, LEV_OPT_CLOSE_ON_FREE, 16,
	                                   (struct sockaddr *)&sun, sizeof(sun));
	umask(old);
	if (!op->mgmt) {
		const int error = errno;

		snprintf(why, size, "%s: %s", op->mgmt_path, strerror(error));
		return -error;
	}
	return 0;
}
