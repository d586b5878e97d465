/* SPDX-License-Identifier: ISC */
/* Controllers that the switch dials, for ever: after 1, 2, 4, 8 s, each 20 % more or less (robustness A02, A05).
 *
 * A controller may be given auxiliary connections (6.3.5): they are dialled when the main connection has finished its handshake, share
 * its role, its asynchronous configuration and its miss_send_len, and end with it. */
#include "conn.h"

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "loop.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONTROLLERS 16 /* active ones of a bridge */

struct bufferevent *
stream_create(struct ofproto *op, int fd, const struct controller *ct)
{
	const enum bufferevent_ssl_state state =
	    ct && ct->passive ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING;
	const int flags = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	struct bufferevent *bev;
	SSL *ssl;

	if (!ct || !ct->tls)
		return bufferevent_socket_new(op->base, fd, flags);
	ssl = op->tls ? SSL_new(op->tls) : NULL;
	if (!ssl)
		return NULL;
	if (ct->verify_name && !tls_check_name(ssl, ct->host)) {
		SSL_free(ssl);
		return NULL;
	}
	bev = bufferevent_openssl_socket_new(op->base, fd, ssl, state, flags);
	if (!bev)
		SSL_free(ssl);
	return bev;
}

static void
schedule_retry(struct line *l)
{
	const unsigned max_s = l->owner->op->max_backoff_s;
	const uint64_t ms = l->backoff_s * UINT64_C(1000);
	const uint64_t jitter = hash_mix(clock_ns(), hash_seed()) % (ms * 2 / 5 + 1); /* 0 to 40 %: +-20 % */
	const uint64_t wait = ms * 4 / 5 + jitter;
	const struct timeval tv = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};

	event_add(l->retry, &tv);
	l->backoff_s = l->backoff_s * 2 > max_s ? max_s : l->backoff_s * 2;
}

static void
connect_to(struct line *l, struct bufferevent *bev)
{
	struct controller *ct = l->owner;
	char name[sizeof(ct->target) + 16];

	snprintf(name, sizeof(name), l->aux_id ? "%s aux %u" : "%s", ct->target, l->aux_id);
	l->conn = conn_create(ct->op, bev, ct, name);
	if (!l->conn) {
		schedule_retry(l);
		return;
	}
	if (l->aux_id)
		conn_make_auxiliary(l->conn, ct->lines[0].conn, l->aux_id);
	if (bufferevent_socket_connect_hostname(bev, ct->op->dns, AF_UNSPEC, ct->host, ct->port) < 0)
		conn_close(l->conn, "cannot connect");
}

static void
dial(evutil_socket_t fd, short what, void *aux)
{
	struct line *l = aux;
	struct controller *ct = l->owner;
	struct bufferevent *bev = stream_create(ct->op, -1, ct);

	loop_mark();
	(void)fd;
	(void)what;
	ct->since_ms = clock_ms();
	if (bev) {
		connect_to(l, bev);
		return;
	}
	snprintf(ct->last_error, sizeof(ct->last_error), "no TLS keys are configured");
	schedule_retry(l);
}

void
controller_handshake_done(struct controller *ct)
{
	for (unsigned i = 1; i <= ct->n_aux && !ct->passive; i++) {
		ct->lines[i].backoff_s = 1;
		if (!ct->lines[i].conn)
			event_active(ct->lines[i].retry, EV_TIMEOUT, 0);
	}
}

/* The auxiliary connections go with the main one. */
static void
close_auxiliaries(struct controller *ct)
{
	for (unsigned i = 1; i <= ct->n_aux; i++) {
		if (ct->lines[i].conn)
			conn_close(ct->lines[i].conn, "the main connection is gone");
		event_del(ct->lines[i].retry);
	}
}

void
controller_conn_closed(struct controller *ct, struct conn *c, const char *why)
{
	if (ct->passive) {
		snprintf(ct->last_error, sizeof(ct->last_error), "%s", why);
		listener_conn_closed(ct);
		return;
	}
	for (unsigned i = 0; i <= ct->n_aux; i++) {
		struct line *l = &ct->lines[i];

		if (l->conn != c)
			continue;
		l->conn = NULL;
		if (c->handshake_done)
			l->backoff_s = 1;
		schedule_retry(l);
		if (i)
			return;
		snprintf(ct->last_error, sizeof(ct->last_error), "%s", why);
		ct->since_ms = clock_ms();
		close_auxiliaries(ct);
	}
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
	listener_close(ct);
	for (unsigned i = 0; i <= CONTROLLER_MAX_AUX; i++) {
		if (ct->lines[i].retry)
			event_free(ct->lines[i].retry);
	}
	list_remove(&ct->node);
	free(ct);
}

static unsigned
n_active(const struct ofproto *op)
{
	unsigned n = 0;

	LIST_FOR_EACH (it, &op->controllers)
		n += !CONTAINER_OF(it, struct controller, node)->passive;
	return n;
}

static int
start_dialling(struct controller *ct)
{
	for (unsigned i = 0; i <= ct->n_aux; i++) {
		struct line *l = &ct->lines[i];

		l->owner = ct;
		l->aux_id = (uint8_t)i;
		l->backoff_s = 1;
		l->retry = event_new(ct->op->base, -1, 0, dial, l);
		if (!l->retry)
			return -ENOMEM;
	}
	event_active(ct->lines[0].retry, EV_TIMEOUT, 0);
	return 0;
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
	ct->since_ms = clock_ms();
	list_init(&ct->node);
	*error = -EINVAL;
	if (ofproto_target_check(target, false, op->tls != NULL, why, size) || !target_parse(target, ct)) {
		/* 'why' is set */
	} else if (!ct->passive && n_active(op) >= MAX_CONTROLLERS) {
		snprintf(why, size, "'%s' is one too many: a bridge has at most %u controllers", target,
		         MAX_CONTROLLERS);
		*error = -E2BIG;
	} else if (ct->passive && (*error = listener_open(ct)) != 0) {
		snprintf(why, size, "cannot listen on '%s': %s", target, strerror(-*error));
	} else if (ct->passive || (*error = start_dialling(ct)) == 0) {
		*error = 0;
		list_push_back(&op->controllers, &ct->node);
		return ct;
	}
	controller_destroy(ct);
	return NULL;
}
