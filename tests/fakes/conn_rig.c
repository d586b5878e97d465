/* SPDX-License-Identifier: ISC */
/* See conn_rig.h. */
#include "conn_rig.h"

#include "log.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void
rig_open(struct rig *r, unsigned n_tables, unsigned n_ports)
{
	struct ofproto_config cfg = {
	    .name = "rig", .dpid = 0x1122, .n_tables = n_tables, .probe_interval_s = 5, .mac_aging_s = 300};
	char why[256];

	log_set_spec("off");
	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	fake_dp_reset(n_ports);
	r->base = event_base_new();
	r->counters = counters_create(1);
	must(r->base && r->counters, "rig");
	must(ofproto_create(r->base, NULL, r->counters, &cfg, &r->op, why, sizeof(why)) == 0, "ofproto_create");
}

void
rig_close(struct rig *r)
{
	ofproto_destroy(r->op);
	counters_destroy(r->counters);
	event_base_free(r->base);
	must(fake_dp.exclusive == 0, "an exclusive section was left open");
}

static bool
peer_read(struct peer *p)
{
	ssize_t n;

	if (p->deaf || p->fd < 0)
		return false;
	if (p->in_cap - p->in_len < 65536) {
		p->in_cap = p->in_cap * 2 + 131072;
		p->in = realloc(p->in, p->in_cap);
		must(p->in != NULL, "memory");
	}
	n = read(p->fd, p->in + p->in_len, p->in_cap - p->in_len);
	if (n > 0)
		p->in_len += (size_t)n;
	return n > 0;
}

bool
peer_is_gone(const struct rig *r, const struct peer *p)
{
	LIST_FOR_EACH (n, &r->op->conns) {
		if (CONTAINER_OF(n, struct conn, node) == p->conn)
			return false;
	}
	return true;
}

void
rig_run(struct rig *r, struct peer *peers, size_t n_peers)
{
	unsigned idle = 0;

	while (idle < 4) {
		bool busy = false;

		event_base_loop(r->base, EVLOOP_NONBLOCK);
		for (size_t i = 0; i < n_peers; i++)
			busy |= peer_read(&peers[i]);
		idle = busy ? 0 : idle + 1;
	}
}

void
peer_open(struct rig *r, struct peer *p, bool mgmt)
{
	const int flags = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	int fds[2];

	memset(p, 0, sizeof(*p));
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
	p->fd = fds[1];
	p->target = (struct controller){.op = r->op, .passive = true, .n_peers = 1};
	list_init(&p->target.node);
	p->conn = conn_create(r->op, bufferevent_socket_new(r->base, fds[0], flags), mgmt ? NULL : &p->target, "peer");
	must(p->conn != NULL, "conn_create");
	conn_opened(p->conn);
}

void
peer_open_ready(struct rig *r, struct peer *p, bool mgmt)
{
	static const uint8_t hello[] = {4, 0, 0, 8, 0, 0, 0, 0};
	size_t len;

	peer_open(r, p, mgmt);
	peer_send(p, hello, sizeof(hello));
	rig_run(r, p, 1);
	must(peer_next(p, &len) != NULL, "the switch's HELLO");
}

void
peer_close(struct rig *r, struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	rig_run(r, NULL, 0);
	if (!peer_is_gone(r, p))
		conn_close(p->conn, "the test ends");
	rig_run(r, NULL, 0);
	free(p->in);
	p->in = NULL;
	p->in_len = p->in_cap = 0;
}

void
peer_send(struct peer *p, const void *data, size_t len)
{
	const uint8_t *d = data;

	while (len) {
		const ssize_t n = send(p->fd, d, len, MSG_NOSIGNAL);

		if (n < 0)
			return; /* closed, or full: what the switch does not take the test does not send */
		d += n;
		len -= (size_t)n;
	}
}

const uint8_t *
peer_next(struct peer *p, size_t *len)
{
	static uint8_t msg[65536];
	size_t n;

	if (p->in_len < OFP_HEADER_LEN)
		return NULL;
	n = get_be16(p->in + 2);
	must(n >= OFP_HEADER_LEN, "the switch wrote a header whose length is below 8");
	if (p->in_len < n)
		return NULL;
	memcpy(msg, p->in, n);
	p->in_len -= n;
	memmove(p->in, p->in + n, p->in_len);
	*len = n;
	return msg;
}

const uint8_t *
peer_ask(struct rig *r, struct peer *p, struct wbuf *b, size_t *len)
{
	peer_send(p, b->data, b->len);
	wbuf_reset(b);
	rig_run(r, p, 1);
	return peer_next(p, len);
}
