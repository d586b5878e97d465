/* SPDX-License-Identifier: ISC */
/* One connection: framing by the header's length, version, echo, inactivity.
 *
 * At most MAX_TURN messages or 2 ms a turn, less when many are busy; the rest waits for the next turn of the loop, so that no peer starves
 * another.
 * Connections are freed by ofproto's reaper, never inside their own callbacks. */
#include "conn.h"

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "loop.h"
#include "bundle.h"
#include "multipart.h"
#include "reply.h"
#include "snoop.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define FLOW_REMOVED_ALL (15u | 1u << OFPRR_EVICTION)
#define MAX_TURN 1000
#define MAX_TURN_NS UINT64_C(2000000)
#define MAX_OUTPUT (1024 * 1024) /* replies queued before requests wait */
#define UNSENT_MAX (64 * 1024) /* bytes the kernel may hold unsent: what is newer can still be put in order */
#define WAITING_MAX (128 * 1024) /* bytes of requests that wait for the end of a dump; then the peer is not read */
#define READ_UNIT 4096 /* bytes that libevent reads at most at a time */
#define READ_MORE (64 * 1024) /* bytes of input to begin a turn with */
#define HANDSHAKE_NS UINT64_C(10000000000)

size_t
conn_output_len(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

const char *
conn_role_name(const struct conn *c)
{
	return c->s->role == OFPCR_ROLE_MASTER ? "master" : c->s->role == OFPCR_ROLE_SLAVE ? "slave" : "equal";
}

void
conn_write(struct conn *c, const uint8_t *msg, size_t len)
{
	if (c->closing)
		return;
	snoop_copy(c, msg, len);
	bufferevent_write(c->bev, msg, len);
}

void
conn_flush_out(struct conn *c)
{
	if (!wbuf_ok(&c->out))
		log_warn_rl(LOG_CONN, "%s: a message could not be built and is lost", c->name);
	else if (c->out.len)
		conn_write(c, c->out.data, c->out.len);
	wbuf_reset(&c->out);
}

void
conn_send_error(struct conn *c, const uint8_t *msg, size_t len, enum of_error error)
{
	wbuf_reset(&c->out);
	error_encode(&c->out, get_be32(msg + 4), error, msg, len);
	conn_flush_out(c);
	log_info_rl(LOG_CONN, "%s: message type %u refused: %s", c->name, msg[1], of_error_name(error));
}

/* Not event_active: what that starts would belong to this turn. */
void
conn_again(struct conn *c)
{
	const struct timeval now = {0, 0};

	if (c->again_due || c->closing || !c->again)
		return;
	c->again_due = true;
	c->op->n_again++;
	event_add(c->again, &now);
}

void
conn_free(struct conn *c)
{
	if (c->probe)
		event_free(c->probe);
	if (c->again)
		event_free(c->again);
	c->op->n_again -= c->again_due;
	work_forget(c);
	bufferevent_free(c->bev);
	multipart_forget_all(c);
	bundles_forget(c);
	monitors_fini(&c->monitors, c->op);
	outq_fini(&c->outq);
	evbuffer_free(c->waiting);
	dump_fini(&c->dump);
	wbuf_fini(&c->out);
	free(c);
}

/* The last words are out, or nobody takes them. */
static void
linger_end(struct conn *c)
{
	c->linger = false;
	event_active(c->op->reap, EV_TIMEOUT, 0);
}

static void
on_linger_write(struct bufferevent *bev, void *aux)
{
	struct conn *c = aux;

	loop_mark();
	(void)bev;
	if (conn_output_len(c) == 0)
		linger_end(c);
}

static void
on_linger_event(struct bufferevent *bev, short what, void *aux)
{
	loop_mark();
	(void)bev;
	(void)what;
	linger_end(aux);
}

void
conn_close(struct conn *c, const char *why)
{
	struct ofproto *op = c->op;

	if (c->closing)
		return;
	c->closing = true;
	if (!c->is_mgmt)
		log_info(LOG_CONN, "%s: closed: %s", c->name, why);
	list_remove(&c->node);
	list_push_back(&op->dead, &c->node);
	bufferevent_disable(c->bev, EV_READ);
	if (c->linger && conn_output_len(c)) {
		bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
		bufferevent_setcb(c->bev, NULL, on_linger_write, on_linger_event, c);
	} else {
		bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
		linger_end(c);
	}
	if (c->owner)
		controller_conn_closed(c->owner, c, why);
	c->s = &c->own;
	c->main = NULL;
	if (c->is_mgmt)
		mgmt_peer_left(op);
	ofproto_connectivity_changed(op);
}

/* It should learn why. */
static void
refuse_hello(struct conn *c, const uint8_t *msg, enum of_error error, const char *text)
{
	error_encode(&c->out, get_be32(msg + 4), error, text, strlen(text));
	conn_flush_out(c);
	c->linger = true;
	conn_close(c, text);
}

/* HELLO decides the version (6.3.1); everything else before it is refused. */
static void
handle_hello(struct conn *c, const uint8_t *msg, size_t len)
{
	struct wire body = wire_init(msg + OFP_HEADER_LEN, len - OFP_HEADER_LEN);
	uint32_t versions = 0;

	if (hello_decode(&body, msg[0], &versions) || !(versions & (UINT32_C(1) << OFP_VERSION)))
		refuse_hello(c, msg, OFPHFC_INCOMPATIBLE, "this switch speaks OpenFlow 1.3 (wire version 0x04) only");
	else if (!listener_may_finish(c))
		refuse_hello(c, msg, OFPHFC_EPERM, "too many controllers are connected");
	else
		c->hello_seen = true;
}

static void
handle_message(struct conn *c, const uint8_t *msg, size_t len)
{
	const uint8_t type = msg[1];

	snoop_copy(c, msg, len);
	if (!c->hello_seen) {
		handle_hello(c, msg, len);
		return;
	}
	if (msg[0] != OFP_VERSION && type != OFPT_HELLO && type != OFPT_ERROR) {
		conn_send_error(c, msg, len, OFPBRC_BAD_VERSION);
		return;
	}
	conn_dispatch(c, msg, len);
}

/* What somebody probably meant whose first bytes are not a HELLO. */
static const char *
not_openflow(const uint8_t *head)
{
	if (head[0] == 0x16 && head[1] == 3)
		return "the peer speaks TLS, and this is a connection without (use ssl: or pssl:)";
	if (!memcmp(head, "GET ", 4) || !memcmp(head, "POST", 4) || !memcmp(head, "HEAD", 4))
		return "the peer speaks HTTP, not OpenFlow";
	return "the first message must be HELLO";
}

/* One whole message at the front of 'in', or 0 when it isn't there yet. */
static size_t
framed(struct conn *c, struct evbuffer *in)
{
	uint8_t head[OFP_HEADER_LEN];
	size_t len;

	if (evbuffer_copyout(in, head, sizeof(head)) < (ssize_t)sizeof(head))
		return 0;
	len = get_be16(head + 2);
	if (!c->hello_seen && head[1] != OFPT_HELLO) { /* the rest of it may never come */
		refuse_hello(c, head, OFPHFC_INCOMPATIBLE, not_openflow(head));
		return 0;
	}
	if (len < OFP_HEADER_LEN) {
		conn_close(c, "a header whose length is below 8 bytes");
		return 0;
	}
	return evbuffer_get_length(in) >= len ? len : 0;
}

static bool
is_echo(struct evbuffer *in)
{
	uint8_t head[2] = {0};

	evbuffer_copyout(in, head, sizeof(head));
	return head[1] == OFPT_ECHO_REQUEST || head[1] == OFPT_ECHO_REPLY;
}

/* True if the whole message at the front of 'in' waits for work under way. */
static bool
held_back(const struct conn *c, struct evbuffer *in)
{
	uint8_t head[WORK_PEEK];
	ev_ssize_t n;

	if (!c->op->work)
		return false;
	n = evbuffer_copyout(in, head, sizeof(head));
	return n > 0 && work_holds_back(c, head, (size_t)n);
}

/* Takes one message from the front of 'in'. */
static void
take_one(struct conn *c, struct evbuffer *in, size_t len)
{
	handle_message(c, evbuffer_pullup(in, (ev_ssize_t)len), len);
	if (!c->closing)
		evbuffer_drain(in, len);
}

/* One step; false: nothing can be done now.  Requests wait until the dump before them is written, and while the peer leaves too much
 * unread; echoes don't. */
static bool
conn_step(struct conn *c, struct evbuffer *in)
{
	const bool may_go = !c->dump.active && !outq_is_full(&c->outq);
	size_t len;

	if (c->closing || conn_output_len(c) >= MAX_OUTPUT)
		return false;
	if (may_go && evbuffer_get_length(c->waiting) && !held_back(c, c->waiting)) {
		take_one(c, c->waiting, framed(c, c->waiting));
		return true;
	}
	len = framed(c, in);
	if (len == 0)
		return false;
	if ((may_go && !evbuffer_get_length(c->waiting) && !held_back(c, in)) || is_echo(in)) {
		take_one(c, in, len);
		return true;
	}
	if (evbuffer_get_length(c->waiting) + len > WAITING_MAX)
		return false;
	evbuffer_remove_buffer(in, c->waiting, len);
	return true;
}

static void
conn_turn(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	unsigned n = 0;

	c->until_ns = loop_until(c->op->n_again + !c->again_due, MAX_TURN_NS);
	if (c->dump.active)
		dump_continue(c);
	monitors_resume(c);
	while (conn_step(c, in)) {
		const uint64_t now = clock_ns();

		ofproto_slice(c->op, now);
		if (++n == MAX_TURN || now > c->until_ns) {
			conn_again(c);
			break;
		}
	}
	ofproto_release(c->op);
}

/* libevent reads 4 KiB at a time, some forty flow-mods; when there was as much, takes what else has come, so that a turn and its
 * exclusive section are worth their price.  What goes wrong here is met by libevent's next read. */
static void
read_more(struct conn *c, struct evbuffer *in)
{
	const size_t have = evbuffer_get_length(in);
	struct evbuffer_iovec v;
	ssize_t n;

	if (have < READ_UNIT || have >= READ_MORE || bufferevent_openssl_get_ssl(c->bev))
		return;
	evbuffer_unfreeze(in, 0);
	if (evbuffer_reserve_space(in, (ev_ssize_t)(READ_MORE - have), &v, 1) == 1) {
		n = recv(bufferevent_getfd(c->bev), v.iov_base, READ_MORE - have, MSG_DONTWAIT);
		v.iov_len = n > 0 ? (size_t)n : 0;
		evbuffer_commit_space(in, &v, 1);
	}
	evbuffer_freeze(in, 0);
}

static void
on_read(struct bufferevent *bev, void *aux)
{
	struct conn *c = aux;

	loop_mark();
	c->last_rx_ns = clock_ns();
	c->echo_sent = false;
	read_more(c, bufferevent_get_input(bev));
	conn_turn(c);
}

static void
on_write(struct bufferevent *bev, void *aux)
{
	struct conn *c = aux;

	loop_mark();
	(void)bev;
	conn_turn(c);
	outq_move(c);
}

static void
on_again(evutil_socket_t fd, short what, void *aux)
{
	struct conn *c = aux;

	loop_mark();
	(void)fd;
	(void)what;
	c->op->n_again -= c->again_due;
	c->again_due = false;
	if (!c->closing)
		conn_turn(c);
}

static void
on_event(struct bufferevent *bev, short what, void *aux)
{
	const int error = EVUTIL_SOCKET_ERROR();
	struct conn *c = aux;
	char why[160];

	loop_mark();
	if (what & BEV_EVENT_CONNECTED) {
		conn_opened(c);
		return;
	}
	tls_failure(bev, why, sizeof(why));
	if (!why[0] && (what & BEV_EVENT_EOF))
		snprintf(why, sizeof(why), "the peer closed the connection");
	else if (!why[0])
		snprintf(why, sizeof(why), "%s", error ? evutil_socket_error_to_string(error) : "connection failed");
	if (c->owner && c->owner->tls && !c->connected && error != ECONNREFUSED)
		snprintf(why + strlen(why), sizeof(why) - strlen(why),
		         " (during the TLS handshake: is this a TLS port?)");
	conn_close(c, why);
}

void
conn_tick(struct conn *c)
{
	const uint64_t now = clock_ns(), interval = c->op->probe_interval_s * UINT64_C(1000000000);

	if (c->closing) {
		linger_end(c);
		return;
	}
	if (!c->hello_seen) {
		if (now - c->created_ns > HANDSHAKE_NS)
			conn_close(c, "no HELLO within 10 s");
		return;
	}
	multipart_expire(c);
	bundles_expire(c);
	if (!interval || c->is_mgmt || now - c->last_rx_ns < interval)
		return;
	if (now - c->last_rx_ns >= 2 * interval) {
		conn_close(c, "nothing received for two probe intervals");
	} else if (!c->echo_sent) {
		c->echo_sent = true;
		echo_encode(&c->out, OFPT_ECHO_REQUEST, 0, NULL, 0);
		conn_flush_out(c);
	}
}

static void
on_probe(evutil_socket_t fd, short what, void *aux)
{
	loop_mark();
	(void)fd;
	(void)what;
	conn_tick(aux);
}

/* Small messages go at once; a Unix socket knows neither option, and needs none. */
static void
set_tcp_options(const struct conn *c)
{
	const int fd = bufferevent_getfd(c->bev), one = 1, unsent = UNSENT_MAX;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

void
conn_opened(struct conn *c)
{
	if (c->connected)
		return;
	c->connected = true;
	c->last_rx_ns = clock_ns();
	set_tcp_options(c);
	hello_encode(&c->out, 0);
	conn_flush_out(c);
	if (!c->is_mgmt)
		log_info(LOG_CONN, "%s: connected", c->name);
}

void
conn_make_auxiliary(struct conn *c, struct conn *main, uint8_t aux_id)
{
	c->main = main;
	c->s = &main->own;
	c->aux_id = aux_id;
}

struct conn *
conn_for_packet_in(struct conn *main, uint32_t in_port, const uint8_t *frame, size_t len)
{
	const struct controller *ct = main->owner;
	struct conn *ready[CONTROLLER_MAX_AUX];
	unsigned n = 0;

	for (unsigned i = 1; ct && !ct->passive && i <= ct->n_aux; i++) {
		struct conn *c = ct->lines[i].conn;

		if (c && c->main == main && c->handshake_done)
			ready[n++] = c;
	}
	return n ? ready[hash_bytes(frame, len < 14 ? len : 14, in_port) % n] : main;
}

struct conn *
conn_create(struct ofproto *op, struct bufferevent *bev, struct controller *owner, const char *name)
{
	const struct timeval every = {0, 500000};
	struct conn *c = calloc(1, sizeof(*c));

	if (c)
		c->waiting = evbuffer_new();
	if (!c || !c->waiting || !outq_init(&c->outq)) {
		if (c && c->waiting)
			evbuffer_free(c->waiting);
		free(c);
		bufferevent_free(bev);
		return NULL;
	}
	list_init(&c->mp_requests);
	list_init(&c->bundles);
	monitors_init(&c->monitors);
	c->op = op;
	c->bev = bev;
	c->owner = owner;
	c->is_mgmt = owner == NULL;
	c->read_only = owner && owner->read_only;
	c->s = &c->own;
	c->own = (struct session){.role = OFPCR_ROLE_EQUAL,
	                          .async_on = !c->is_mgmt,
	                          .miss_send_len = c->is_mgmt ? 0 : OFP_DEFAULT_MISS_SEND_LEN,
	                          .async = {{3, 0}, {7, 7}, {FLOW_REMOVED_ALL, 0}}};
	c->out = (struct wbuf)WBUF_INIT(1 << 20);
	c->created_ns = c->last_rx_ns = clock_ns();
	snprintf(c->name, sizeof(c->name), "%s", name);
	list_push_back(&op->conns, &c->node);
	c->probe = event_new(op->base, -1, EV_PERSIST, on_probe, c);
	c->again = event_new(op->base, -1, 0, on_again, c);
	bufferevent_setcb(bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(bev, EV_WRITE, 64 * 1024, 0);
	bufferevent_setwatermark(bev, EV_READ, 0, 256 * 1024);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	if (c->probe)
		event_add(c->probe, &every);
	return c;
}
