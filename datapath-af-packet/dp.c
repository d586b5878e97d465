/* SPDX-License-Identifier: ISC */
/* The engine: start and stop of the workers, exclusive sections, the control thread as a reader (packet-out). */
#include "dp_private.h"

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "openflow/openflow13.h"
#include "sbuf.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROL_BUF (PACKET_HEADROOM + 65536u)

static void
on_tick(evutil_socket_t fd, short what, void *aux)
{
	loop_mark();
	(void)fd;
	(void)what;
	stats_poll(aux);
}

static void
on_notify(evutil_socket_t fd, short what, void *aux)
{
	loop_mark();
	(void)fd;
	(void)what;
	port_run_notify(aux);
}

static int
control_init(struct dp *dp)
{
	const struct timeval second = {1, 0};
	int err;

	dp->control_tx.dp = dp;
	dp->control.tx = &dp->control_tx;
	err = exec_reader_init(&dp->control, dp->n_workers, counters_lane(dp->counters, dp->n_workers));
	if (err)
		return err;
	dp->control_buf = malloc(CONTROL_BUF);
	dp->ev_tick = event_new(dp->base, -1, EV_PERSIST, on_tick, dp);
	dp->ev_notify = event_new(dp->base, -1, 0, on_notify, dp);
	if (!dp->control_buf || !dp->ev_tick || !dp->ev_notify || event_add(dp->ev_tick, &second))
		return -ENOMEM;
	return 0;
}

int
dp_create(const struct dp_config *conf, struct dp **dpp)
{
	struct dp *dp;
	int err = 0;

	*dpp = NULL;
	if (conf->n_workers < 1 || conf->n_workers > MAX_WORKERS)
		return -EINVAL;
	dp = calloc(1, sizeof *dp);
	if (!dp)
		return -ENOMEM;
	dp->base = conf->base;
	dp->counters = conf->counters;
	dp->n_workers = conf->n_workers;
	dp->worker_start = conf->worker_start;
	snprintf(dp->keep_dir, sizeof dp->keep_dir, "%s", conf->keep_dir ? conf->keep_dir : "");
	dp->n_readers = dp_n_readers(conf->n_workers);
	dp->ring_memory = conf->ring_memory;
	dp->express_load = conf->express_load ? conf->express_load : 70;
	dp->ioctl_fd = -1;
	dp->backlog_fd = backlog_open("/proc/self/net/softnet_stat");
	list_init(&dp->bridges);
	steer_init(&dp->steer, conf->n_workers, conf->no_ebpf, conf->no_steering);
	err = control_init(dp);
	if (!err)
		err = helpers_init(dp);
	if (!err)
		err = steer_listen(dp);
	if (!err)
		err = upcall_init(dp);
	if (!err)
		err = netdev_init(dp);
	for (unsigned i = 0; !err && i < dp->n_workers; i++) {
		dp->workers[i] = worker_create(dp, i);
		if (!dp->workers[i])
			err = -ENOMEM;
	}
	if (err) {
		dp_destroy(dp);
		return err;
	}
	*dpp = dp;
	return 0;
}

void
dp_destroy(struct dp *dp)
{
	if (!dp)
		return;
	LIST_FOR_EACH_SAFE (it, next, &dp->bridges)
		dp_bridge_destroy(CONTAINER_OF(it, struct dp_bridge, node));
	for (unsigned i = 0; i < dp->n_workers; i++)
		worker_destroy(dp->workers[i]);
	dp_expect_ports(dp, 0);
	helpers_fini(dp);
	netdev_fini(dp);
	upcall_fini(dp);
	if (dp->ev_tick)
		event_free(dp->ev_tick);
	if (dp->ev_notify)
		event_free(dp->ev_notify);
	exec_reader_fini(&dp->control);
	steer_fini(&dp->steer);
	if (dp->backlog_fd >= 0)
		close(dp->backlog_fd);
	free(dp->control_buf);
	free(dp);
}

/* A worker that sees 'wanted' waits at the gate, so that the request never starves behind a busy worker. */
void
dp_exclusive_begin(struct dp *dp)
{
	if (dp->exclusive_depth++)
		return;
	for (unsigned i = 0; i < dp->n_workers; i++)
		if (dp->workers[i]) {
			pthread_mutex_lock(&dp->workers[i]->gate);
			__atomic_store_n(&dp->workers[i]->wanted, true, __ATOMIC_RELEASE);
		}
	for (unsigned i = 0; i < dp->n_workers; i++)
		if (dp->workers[i])
			pthread_mutex_lock(&dp->workers[i]->lock);
	loop_section_begin();
}

void
dp_exclusive_end(struct dp *dp)
{
	if (--dp->exclusive_depth)
		return;
	loop_section_end();
	for (unsigned i = 0; i < dp->n_workers; i++)
		if (dp->workers[i]) {
			__atomic_store_n(&dp->workers[i]->wanted, false, __ATOMIC_RELEASE);
			pthread_mutex_unlock(&dp->workers[i]->lock);
			pthread_mutex_unlock(&dp->workers[i]->gate);
		}
}

void
dp_packet_out(struct dp_bridge *b, uint32_t in_port, const uint8_t *data, size_t len, const struct dp_program *prog)
{
	struct dp *dp = b->dp;
	struct packet p = {0};

	if (len > 65535 || len < 14) {
		exec_drop(&dp->control, &b->x, DP_DROP_MALFORMED, 1);
		return;
	}
	memcpy(dp->control_buf + PACKET_HEADROOM, data, len);
	p.head = dp->control_buf + PACKET_HEADROOM;
	p.head_len = (uint32_t)len;
	p.headroom = PACKET_HEADROOM;
	p.in_port = in_port;
	packet_count_wire(&p);
	dp->control.now_ns = clock_ns();
	dp->control.now_ms = (uint32_t)(dp->control.now_ns / 1000000);
	dp->control.now_s = (uint32_t)(dp->control.now_ns / 1000000000);
	exec_one(&dp->control, &b->x, &p, prog);
	tx_flush(&dp->control);
	exec_batch_done(&dp->control);
}

static const char *
lane_name(const struct lane *l)
{
	static const char *const names[] = {"express", "express to bulk", "bulk", "bulk to express"};

	if (l->tap)
		return "tap";
	return l->bulk_fd < 0 ? "express alone"
	       : l->ex_fd < 0 ? "bulk alone"
	                      : names[__atomic_load_n(&l->state, __ATOMIC_RELAXED)];
}

void
dp_describe(const struct dp *dp, struct sbuf *s)
{
	static const char *const modes[] = {"eBPF", "classic BPF", "none, bulk lane alone"};

	sbuf_printf(s, "workers: %u\n", dp->n_workers);
	sbuf_printf(s, "steering: %s\n", modes[dp->steer.mode]);
	sbuf_printf(s, "ring memory: %llu of %llu KiB\n", (unsigned long long)dp->ring_used / 1024,
	            (unsigned long long)dp->ring_memory / 1024);
	for (unsigned i = 0; i < dp->n_workers; i++)
		sbuf_printf(s, "worker %u: %u %% busy\n", i, worker_busy(dp->workers[i]));
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		const struct port *p = dp->slots[i];

		for (unsigned w = 0; p && w < dp->n_workers; w++)
			if (p->lanes[w])
				sbuf_printf(
				    s, "lane %s/%u: %s, ring %u KiB, %llu frames, %llu switches\n", p->info.name, w,
				    lane_name(p->lanes[w]), p->lanes[w]->n_blocks * (RING_BLOCK / 1024),
				    (unsigned long long)__atomic_load_n(&p->count[w].rx_packets, __ATOMIC_RELAXED),
				    (unsigned long long)__atomic_load_n(&p->lanes[w]->flips, __ATOMIC_RELAXED));
	}
}
