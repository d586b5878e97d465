/* SPDX-License-Identifier: ISC */
/* A byte stream to a switch over a Unix socket, TCP or TLS.  The socket never blocks; waiting is done in poll with the deadline. */
#include "stream.h"

#include "client.h"
#include "xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct stream {
	int fd;
	SSL_CTX *ctx; /* NULL without TLS */
	SSL *ssl;
};

static bool
poll_until(int fd, short events, uint64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	struct timespec ts;
	uint64_t now;
	int wait, n;

	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &ts);
		now = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
		if (deadline_ms == UINT64_MAX)
			wait = -1;
		else if (deadline_ms <= now)
			wait = 0;
		else
			wait = deadline_ms - now > 1000000 ? 1000000 : (int)(deadline_ms - now);
		n = poll(&p, 1, wait);
		if (n > 0)
			return true;
		if (n == 0 && (wait == 0 || deadline_ms <= now + (uint64_t)wait))
			return false;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static void
say_tls(struct sbuf *err, const char *what)
{
	const unsigned long e = ERR_get_error();
	char text[256];

	ERR_error_string_n(e, text, sizeof(text));
	sbuf_printf(err, "%s: %s", what, e ? text : "connection closed");
}

/* Waits for what the TLS layer wants; false when the call failed for good. */
static bool
tls_wait(struct stream *s, int ret, uint64_t deadline_ms, const char *what, struct sbuf *err)
{
	const int want = SSL_get_error(s->ssl, ret);

	if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
		say_tls(err, what);
		return false;
	}
	if (poll_until(s->fd, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_ms))
		return true;
	sbuf_printf(err, "%s: timed out", what);
	return false;
}

bool
stream_read(struct stream *s, uint8_t *p, size_t n, uint64_t deadline_ms, struct sbuf *err)
{
	while (n > 0) {
		ssize_t got;

		if (s->ssl) {
			const int ret = SSL_read(s->ssl, p, (int)(n > 65536 ? 65536 : n));

			if (ret <= 0) {
				if (!tls_wait(s, ret, deadline_ms, "receiving", err))
					return false;
				continue;
			}
			got = ret;
		} else {
			got = recv(s->fd, p, n, 0);
			if (got == 0) {
				sbuf_puts(err, "the switch closed the connection");
				return false;
			}
			if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
				if (poll_until(s->fd, POLLIN, deadline_ms))
					continue;
				sbuf_puts(err, "timed out waiting for the switch");
				return false;
			}
			if (got < 0) {
				sbuf_printf(err, "receiving: %s", strerror(errno));
				return false;
			}
		}
		p += got;
		n -= (size_t)got;
	}
	return true;
}

bool
stream_write(struct stream *s, const uint8_t *p, size_t n, uint64_t deadline_ms, struct sbuf *err)
{
	while (n > 0) {
		ssize_t sent;

		if (s->ssl) {
			const int ret = SSL_write(s->ssl, p, (int)(n > 65536 ? 65536 : n));

			if (ret <= 0) {
				if (!tls_wait(s, ret, deadline_ms, "sending", err))
					return false;
				continue;
			}
			sent = ret;
		} else {
			sent = send(s->fd, p, n, MSG_NOSIGNAL);
			if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
				if (poll_until(s->fd, POLLOUT, deadline_ms))
					continue;
				sbuf_puts(err, "timed out sending to the switch");
				return false;
			}
			if (sent < 0) {
				sbuf_printf(err, "sending: %s", strerror(errno));
				return false;
			}
		}
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

bool
stream_wait(struct stream *s, uint64_t deadline_ms)
{
	if (s->ssl && SSL_pending(s->ssl) > 0)
		return true;
	return poll_until(s->fd, POLLIN, deadline_ms);
}

/* Connects and waits; the fd, or -1 and errno. */
static int
connect_fd(int family, const struct sockaddr *sa, socklen_t len, uint64_t deadline_ms)
{
	const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;
	socklen_t error_len = sizeof(error);

	if (fd < 0)
		return -1;
	if (connect(fd, sa, len) == 0)
		return fd;
	if (errno == EINPROGRESS) {
		if (!poll_until(fd, POLLOUT, deadline_ms))
			error = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
			error = errno;
		if (!error)
			return fd;
	} else {
		error = errno;
	}
	close(fd);
	errno = error;
	return -1;
}

static int
connect_unix(const char *path, uint64_t deadline_ms, struct sbuf *err)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		sbuf_puts(err, "the path is too long for a socket");
		return -1;
	}
	strcpy(sa.sun_path, path);
	fd = connect_fd(AF_UNIX, (const struct sockaddr *)(const void *)&sa, sizeof(sa), deadline_ms);
	if (fd < 0)
		sbuf_puts(err, strerror(errno));
	return fd;
}

/* "host", "host:port", "[v6]", "[v6]:port", or a bare IPv6 address. */
static void
split_host(char *text, char **host, char **port)
{
	static char default_port[] = "6653";
	char *colon;

	*host = text;
	*port = default_port;
	if (*text == '[') {
		*host = text + 1;
		colon = strchr(text, ']');
		if (!colon)
			return;
		*colon++ = '\0';
		if (*colon == ':')
			*port = colon + 1;
		return;
	}
	colon = strrchr(text, ':');
	if (colon && strchr(text, ':') == colon) {
		*colon = '\0';
		*port = colon + 1;
	}
}

static int
connect_tcp(const char *address, uint64_t deadline_ms, struct sbuf *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	char *copy = xstrdup(address), *host, *port;
	int fd = -1, error;
	const int one = 1;

	split_host(copy, &host, &port);
	error = getaddrinfo(host, port, &hints, &list);
	if (error) {
		sbuf_puts(err, gai_strerror(error));
	} else {
		for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
			fd = connect_fd(a->ai_family, a->ai_addr, a->ai_addrlen, deadline_ms);
		if (fd < 0)
			sbuf_puts(err, strerror(errno));
		else
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		freeaddrinfo(list);
	}
	free(copy);
	return fd;
}

static bool
start_tls(struct stream *s, const struct client_options *o, uint64_t deadline_ms, struct sbuf *err)
{
	int ret;

	s->ctx = SSL_CTX_new(TLS_client_method());
	if (!s->ctx || !SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION)) {
		say_tls(err, "TLS");
		return false;
	}
	if (!o->ca) {
		sbuf_puts(err, "needs the certificate authority of the switch (-C FILE, or -C none to trust anyone)");
		return false;
	}
	if (strcmp(o->ca, "none") != 0) {
		if (SSL_CTX_load_verify_locations(s->ctx, o->ca, NULL) != 1) {
			say_tls(err, o->ca);
			return false;
		}
		SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER, NULL);
	}
	if (o->cert && SSL_CTX_use_certificate_chain_file(s->ctx, o->cert) != 1) {
		say_tls(err, o->cert);
		return false;
	}
	if (o->key && SSL_CTX_use_PrivateKey_file(s->ctx, o->key, SSL_FILETYPE_PEM) != 1) {
		say_tls(err, o->key);
		return false;
	}
	s->ssl = SSL_new(s->ctx);
	if (!s->ssl || !SSL_set_fd(s->ssl, s->fd)) {
		say_tls(err, "TLS");
		return false;
	}
	while ((ret = SSL_connect(s->ssl)) != 1)
		if (!tls_wait(s, ret, deadline_ms, "TLS handshake", err))
			return false;
	return true;
}

/* A bridge's name stands for RUNDIR/NAME.SUFFIX unless a socket has that very path. */
char *
stream_resolve(const char *target, const char *suffix, const struct client_options *o)
{
	struct stat st;
	char *path;

	if (strchr(target, ':'))
		return xstrdup(target);
	if (stat(target, &st) == 0 && S_ISSOCK(st.st_mode))
		return xasprintf("unix:%s", target);
	path = xasprintf("unix:%s/%s.%s", o->rundir, target, suffix);
	if (!strchr(target, '/') && stat(path + 5, &st) == 0)
		return path;
	free(path);
	return NULL;
}

struct stream *
stream_open(const char *name, const struct client_options *o, uint64_t deadline_ms, struct sbuf *err)
{
	const bool tls = !strncmp(name, "ssl:", 4);
	struct stream *s = xcalloc(1, sizeof(*s));

	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
	s->fd = -1;
	if (!strncmp(name, "unix:", 5))
		s->fd = connect_unix(name + 5, deadline_ms, err);
	else if (tls || !strncmp(name, "tcp:", 4))
		s->fd = connect_tcp(name + 4, deadline_ms, err);
	else
		sbuf_puts(err, strerror(EAFNOSUPPORT));
	if (s->fd < 0 || (tls && !start_tls(s, o, deadline_ms, err))) {
		stream_close(s);
		return NULL;
	}
	return s;
}

void
stream_close(struct stream *s)
{
	if (!s)
		return;
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
