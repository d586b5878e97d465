/* SPDX-License-Identifier: ISC */
/* From the readers to the control loop: packet-ins and learnt addresses, in one bounded queue that is never waited for. */
#include "dp_private.h"

#include "log.h"
#include "openflow/openflow13.h"
#include "wire.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_FRAMES 512u
#define MAX_BYTES (4u << 20)
#define MAX_LEARN 4096u
#define TURN 64 /* items a turn of the event loop */

struct upcall {
	struct list node;
	struct dp_bridge *bridge;
	bool learn;
	uint8_t mac[6];
	uint16_t vlan;
	uint32_t port_no;
	struct dp_packet_in in;
	uint8_t data[];
};

struct upcalls {
	pthread_mutex_t lock; /* held for a few stores */
	struct list queue;
	unsigned n_frames, n_learn;
	size_t bytes;
	bool signalled;
	int fd;
	struct event *ev;
};

static void
account_out(struct upcalls *u, const struct upcall *c)
{
	if (c->learn) {
		u->n_learn--;
	} else {
		u->n_frames--;
		u->bytes -= c->in.len;
	}
}

static bool
push(struct dp *dp, struct upcall *c)
{
	struct upcalls *u = dp->upcalls;
	const uint64_t one = 1;
	bool signal = false, ok;

	pthread_mutex_lock(&u->lock);
	ok = c->learn ? u->n_learn < MAX_LEARN : u->n_frames < MAX_FRAMES && u->bytes + c->in.len <= MAX_BYTES;
	if (ok) {
		if (c->learn) {
			u->n_learn++;
		} else {
			u->n_frames++;
			u->bytes += c->in.len;
		}
		list_push_back(&u->queue, &c->node);
		signal = !u->signalled;
		u->signalled = true;
	}
	pthread_mutex_unlock(&u->lock);
	if (!ok)
		free(c);
	if (signal && write(u->fd, &one, sizeof one) != sizeof one)
		log_warn_rl(LOG_LANE, "upcalls: no wake-up of the control loop");
	return ok;
}

static struct upcall *
pop(struct upcalls *u)
{
	struct list *e;
	struct upcall *c = NULL;

	pthread_mutex_lock(&u->lock);
	e = list_pop_front(&u->queue);
	if (e) {
		c = CONTAINER_OF(e, struct upcall, node);
		account_out(u, c);
	} else {
		u->signalled = false;
	}
	pthread_mutex_unlock(&u->lock);
	return c;
}

static void
on_upcalls(evutil_socket_t fd, short what, void *aux)
{
	struct dp *dp = aux;
	struct upcall *c = NULL;
	uint64_t n;

	(void)what;
	(void)!read(fd, &n, sizeof n);
	for (int i = 0; i < TURN; i++) {
		const struct dp_client *client;

		c = pop(dp->upcalls);
		if (!c)
			return;
		client = &c->bridge->client;
		if (c->learn && client->learn)
			client->learn(c->bridge->x.aux, c->mac, c->vlan, c->port_no);
		else if (!c->learn && client->packet_in)
			client->packet_in(c->bridge->x.aux, &c->in);
		free(c);
	}
	n = 1;
	(void)!write(fd, &n, sizeof n);
}

int
upcall_init(struct dp *dp)
{
	struct upcalls *u = calloc(1, sizeof *u);

	if (!u)
		return -ENOMEM;
	dp->upcalls = u;
	list_init(&u->queue);
	pthread_mutex_init(&u->lock, NULL);
	u->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (u->fd < 0)
		return -errno;
	u->ev = event_new(dp->base, u->fd, EV_READ | EV_PERSIST, on_upcalls, dp);
	return u->ev && event_add(u->ev, NULL) == 0 ? 0 : -ENOMEM;
}

/* Drops what is queued for 'b'; NULL: everything. */
void
upcall_forget(struct dp *dp, const struct dp_bridge *b)
{
	struct upcalls *u = dp->upcalls;

	pthread_mutex_lock(&u->lock);
	LIST_FOR_EACH_SAFE (it, next, &u->queue) {
		struct upcall *c = CONTAINER_OF(it, struct upcall, node);

		if (b && c->bridge != b)
			continue;
		list_remove(it);
		account_out(u, c);
		free(c);
	}
	pthread_mutex_unlock(&u->lock);
}

void
upcall_fini(struct dp *dp)
{
	struct upcalls *u = dp->upcalls;

	if (!u)
		return;
	upcall_forget(dp, NULL);
	if (u->ev)
		event_free(u->ev);
	if (u->fd >= 0)
		close(u->fd);
	pthread_mutex_destroy(&u->lock);
	free(u);
	dp->upcalls = NULL;
}

/* ---- from the executor ---- */

struct to_control {
	struct reader *r;
	struct exec_bridge *b;
	const struct flow_key *key;
	const struct dp_op_controller *op;
	unsigned n, failed;
};

static struct upcall *
copy(const struct to_control *t, const struct packet *p)
{
	const uint32_t total = packet_len(p);
	const uint32_t max = t->op->max_len == 0 || t->op->max_len == OFPCML_NO_BUFFER ? 65535 : t->op->max_len;
	const uint32_t len = total < max ? total : max;
	const uint32_t head = len < p->head_len ? len : p->head_len;
	struct upcall *c = malloc(sizeof *c + len);

	if (!c)
		return NULL;
	memset(c, 0, sizeof *c);
	memcpy(c->data, p->head, head);
	if (len > head)
		memcpy(c->data + head, p->tail, len - head);
	c->bridge = (struct dp_bridge *)t->b;
	c->in.in_port = p->in_port;
	c->in.in_phy_port = be32_to_host(t->key->in_phy_port);
	c->in.metadata = t->op->metadata;
	c->in.tunnel_id = t->key->tunnel_id;
	c->in.has_tunnel_id = flow_key_has(t->key, OXM_TUNNEL_ID);
	c->in.reason = t->op->reason;
	c->in.table_id = t->op->table_id;
	c->in.max_len = t->op->max_len;
	c->in.cookie = t->op->cookie;
	c->in.total_len = total;
	c->in.len = len;
	c->in.data = c->data;
	return c;
}

static void
send_segment(void *aux, struct packet *p)
{
	struct to_control *t = aux;
	struct dp_bridge *b = (struct dp_bridge *)t->b;
	struct upcall *c = copy(t, p);

	t->n++;
	if (!c || !push(b->dp, c))
		t->failed++;
}

bool
upcall_packet_in(struct reader *r, struct exec_bridge *b, struct packet *p, const struct flow_key *key,
                 const struct dp_op_controller *op)
{
	const struct port *port = bridge_port((struct dp_bridge *)b, p->in_port);
	struct to_control t = {r, b, key, op, 0, 0};
	struct packet mine = *p;

	if (port && port->no_packet_in) {
		exec_drop(r, b, DP_DROP_NO_PACKET_IN, p->n_frames);
		return false;
	}
	mine.queued = true; /* the frame itself stays as it is */
	if (packet_is_gso(p)) {
		if (!packet_segment(r, &mine, send_segment, &t)) {
			exec_drop(r, b, DP_DROP_SEGMENT, p->n_frames);
			return false;
		}
	} else {
		if (packet_has_partial_csum(p) && !packet_complete_checksum(r, &mine)) {
			exec_drop(r, b, DP_DROP_MALFORMED, 1);
			return false;
		}
		send_segment(&t, &mine);
	}
	if (t.failed)
		exec_drop(r, b, DP_DROP_PACKET_IN_FULL, t.failed);
	return t.failed < t.n;
}

void
upcall_learn(struct reader *r, struct exec_bridge *b, const uint8_t mac[6], uint16_t vlan, uint32_t port_no)
{
	struct dp_bridge *bridge = (struct dp_bridge *)b;
	struct upcall *c = calloc(1, sizeof *c);

	(void)r;
	if (!c)
		return;
	c->bridge = bridge;
	c->learn = true;
	memcpy(c->mac, mac, 6);
	c->vlan = vlan;
	c->port_no = port_no;
	(void)push(bridge->dp, c);
}
