/* SPDX-License-Identifier: ISC */
/* From the readers to the control loop: packet-ins and learnt addresses, in two bounded queues that are never waited for.  That of the
 * packet-ins is fair among the ports they came from: a flood on one port takes no other port's place. */
#include "dp_private.h"

#include "fair_queue.h"
#include "log.h"
#include "loop.h"
#include "openflow/openflow13.h"
#include "wire.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FRAME_COST 8192u /* each frame counts its bytes and this: */
#define MAX_COST (4u << 20) /* at most 512 frames, fewer when they are long */
#define MAX_LEARN 4096u
#define TURN 64 /* items a turn of the event loop */

struct upcall {
	struct fair_item item; /* item.node: in 'learns' when it is an address */
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
	struct fair_queue frames;
	struct list learns;
	unsigned n_learn;
	bool signalled;
	int fd;
	struct event *ev;
};

/* Ports of one bridge, and of two, seldom share a lane. */
static uint32_t
source(const struct upcall *c)
{
	return c->in.in_port + 61u * c->bridge->x.id;
}

static void
wake(const struct upcalls *u)
{
	const uint64_t one = 1;

	if (write(u->fd, &one, sizeof one) != sizeof one)
		log_warn_rl(LOG_LANE, "upcalls: no wake-up of the control loop");
}

/* Takes 'c' over.  False: it was dropped.  'victims': frames that had to go for it. */
static bool
push(struct dp *dp, struct upcall *c, struct list *victims)
{
	struct upcalls *u = dp->upcalls;
	bool signal = false, ok;

	pthread_mutex_lock(&u->lock);
	if (c->learn) {
		ok = u->n_learn < MAX_LEARN;
		if (ok) {
			list_push_back(&u->learns, &c->item.node);
			u->n_learn++;
		}
	} else {
		ok = fair_push(&u->frames, source(c), &c->item, FRAME_COST + c->in.len, victims);
	}
	if (ok) {
		signal = !u->signalled;
		u->signalled = true;
	}
	pthread_mutex_unlock(&u->lock);
	if (!ok)
		free(c);
	if (signal)
		wake(u);
	return ok;
}

static struct upcall *
pop(struct upcalls *u)
{
	struct fair_item *item;
	struct list *e;

	pthread_mutex_lock(&u->lock);
	e = list_pop_front(&u->learns);
	if (e) {
		u->n_learn--;
		item = CONTAINER_OF(e, struct fair_item, node);
	} else {
		item = fair_pop(&u->frames);
	}
	u->signalled = item != NULL;
	pthread_mutex_unlock(&u->lock);
	return item ? CONTAINER_OF(item, struct upcall, item) : NULL;
}

static void
on_upcalls(evutil_socket_t fd, short what, void *aux)
{
	struct dp *dp = aux;
	struct upcall *c = NULL;
	uint64_t n;

	loop_mark();
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
	list_init(&u->learns);
	fair_init(&u->frames, MAX_COST);
	pthread_mutex_init(&u->lock, NULL);
	u->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (u->fd < 0)
		return -errno;
	u->ev = event_new(dp->base, u->fd, EV_READ | EV_PERSIST, on_upcalls, dp);
	return u->ev && event_add(u->ev, NULL) == 0 ? 0 : -ENOMEM;
}

static void
forget(struct upcalls *u, struct list *queue, const struct dp_bridge *b)
{
	LIST_FOR_EACH_SAFE (it, next, queue) {
		struct upcall *c = CONTAINER_OF(it, struct upcall, item.node);

		if (b && c->bridge != b)
			continue;
		if (c->learn) {
			list_remove(it);
			u->n_learn--;
		} else {
			fair_remove(&u->frames, source(c), &c->item);
		}
		free(c);
	}
}

/* Drops what is queued for 'b'; NULL: everything. */
void
upcall_forget(struct dp *dp, const struct dp_bridge *b)
{
	struct upcalls *u = dp->upcalls;

	pthread_mutex_lock(&u->lock);
	forget(u, &u->learns, b);
	for (unsigned i = 0; i < FAIR_LANES; i++)
		forget(u, &u->frames.lanes[i].items, b);
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
	struct list victims;
	struct list *e;

	list_init(&victims);
	t->n++;
	if (!c || !push(b->dp, c, &victims))
		t->failed++;
	while ((e = list_pop_front(&victims)) != NULL) {
		struct upcall *v = CONTAINER_OF(e, struct upcall, item.node);

		exec_drop(t->r, &v->bridge->x, DP_DROP_PACKET_IN_FULL, 1);
		free(v);
	}
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
	(void)push(bridge->dp, c, NULL);
}
