/* SPDX-License-Identifier: ISC */
/* The Unix sockets of a bridge: BRIDGE.mgmt speaks OpenFlow with the tools, BRIDGE.snoop shows what is said to the controllers.
 *
 * Root, the daemon's own user and its group may use them: the file's mode says so, and the peer's credentials are looked at as well.
 * At most MAX_PEERS are served; the next one waits in the kernel's queue until one leaves, but no longer than a second. */
#include "conn.h"
#include "snoop.h"

#include "log.h"
#include "loop.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_PEERS 8
#define MAX_GROUPS 64

struct unix_socket {
	struct ofproto *op;
	char *path;
	struct evconnlistener *listener;
	struct event *refuse; /* who has waited for a second is told so */
	bool snoop, refusing;
};

static bool
in_own_group(int fd, gid_t primary)
{
	gid_t groups[MAX_GROUPS];
	socklen_t len = sizeof(groups);

	if (primary == getegid())
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == getegid())
			return true;
	}
	return false;
}

static bool
may_use(const struct unix_socket *s, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid() || in_own_group(fd, peer.gid)))
		return true;
	log_warn_rl(LOG_CONN, "%s: a process of another user was turned away", s->path);
	return false;
}

static unsigned
n_peers(const struct unix_socket *s)
{
	unsigned n = 0;

	if (s->snoop)
		return s->op->n_snoopers;
	LIST_FOR_EACH (it, &s->op->conns)
		n += CONTAINER_OF(it, struct conn, node)->is_mgmt;
	return n;
}

/* Says why, as a peer of OpenFlow would. */
static void
refuse(int fd)
{
	static const char text[] = "too many connections to this socket";
	struct wbuf b = WBUF_INIT(256);

	hello_encode(&b, 0);
	error_encode(&b, 0, OFPHFC_EPERM, text, sizeof(text) - 1);
	if (wbuf_ok(&b))
		(void)!send(fd, b.data, b.len, MSG_NOSIGNAL);
	wbuf_fini(&b);
	close(fd);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *aux)
{
	const struct timeval wait = {1, 0};
	struct unix_socket *s = aux;
	struct bufferevent *bev;
	struct conn *c;

	loop_mark();
	(void)sa;
	(void)len;
	if (!may_use(s, fd)) {
		close(fd);
		return;
	}
	if (n_peers(s) >= MAX_PEERS) {
		refuse(fd);
		return;
	}
	bev = stream_create(s->op, fd, NULL);
	if (!bev) {
		close(fd);
		return;
	}
	if (s->snoop) {
		snooper_create(s->op, bev);
	} else {
		c = conn_create(s->op, bev, NULL, s->op->name);
		if (c)
			conn_opened(c);
	}
	if (n_peers(s) >= MAX_PEERS && !s->refusing) {
		evconnlistener_disable(l);
		event_add(s->refuse, &wait);
	}
}

static void
on_refuse(evutil_socket_t fd, short what, void *aux)
{
	struct unix_socket *s = aux;

	loop_mark();
	(void)fd;
	(void)what;
	s->refusing = n_peers(s) >= MAX_PEERS;
	evconnlistener_enable(s->listener);
}

static void
on_accept_error(struct evconnlistener *l, void *aux)
{
	const struct timeval pause = {0, 500000};
	struct unix_socket *s = aux;

	log_warn_rl(LOG_CONN, "%s: cannot accept a peer: %s", s->path, strerror(errno));
	evconnlistener_disable(l);
	event_add(s->refuse, &pause);
}

void
mgmt_peer_left(struct ofproto *op)
{
	struct unix_socket *const both[] = {op->mgmt, op->snoop};

	for (unsigned i = 0; i < 2; i++) {
		struct unix_socket *s = both[i];

		if (!s || !s->listener)
			continue;
		s->refusing = false;
		event_del(s->refuse);
		evconnlistener_enable(s->listener);
	}
}

/* A socket that nobody listens on any more is removed; one that is in use, or no socket at all, is left alone. */
static int
clear_path(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, error = 0;

	if (lstat(sun->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 || errno == EAGAIN)
		error = -EADDRINUSE;
	close(fd);
	if (!error && unlink(sun->sun_path) && errno != ENOENT)
		error = -errno;
	return error;
}

static int
listen_at(struct unix_socket *s)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	mode_t old;
	int error;

	if (strlen(s->path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, s->path, strlen(s->path));
	error = clear_path(&sun);
	if (error)
		return error;
	old = umask(0117);
	s->listener = evconnlistener_new_bind(s->op->base, on_accept, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
	                                      64, (struct sockaddr *)&sun, sizeof(sun));
	error = s->listener ? 0 : -errno;
	umask(old);
	if (s->listener)
		evconnlistener_set_error_cb(s->listener, on_accept_error);
	return error;
}

void
mgmt_close(struct unix_socket *s)
{
	if (!s)
		return;
	if (s->listener) {
		evconnlistener_free(s->listener);
		unlink(s->path);
	}
	if (s->refuse)
		event_free(s->refuse);
	free(s->path);
	free(s);
}

static int
open_one(struct ofproto *op, const char *rundir, bool snoop, struct unix_socket **sp, char *why, size_t size)
{
	struct unix_socket *s = calloc(1, sizeof(*s));
	int error = -ENOMEM;

	snprintf(why, size, "no memory");
	if (!s)
		return error;
	s->op = op;
	s->snoop = snoop;
	s->refuse = event_new(op->base, -1, 0, on_refuse, s);
	if (asprintf(&s->path, "%s/%s.%s", rundir, op->name, snoop ? "snoop" : "mgmt") < 0)
		s->path = NULL;
	if (s->refuse && s->path) {
		error = listen_at(s);
		snprintf(why, size, "%s: %s", s->path,
		         error == -EADDRINUSE ? "another process listens there" : strerror(-error));
	}
	if (error)
		mgmt_close(s);
	else
		*sp = s;
	return error;
}

int
mgmt_open(struct ofproto *op, const char *rundir, char *why, size_t size)
{
	const int error = open_one(op, rundir, false, &op->mgmt, why, size);

	return error ? error : open_one(op, rundir, true, &op->snoop, why, size);
}
