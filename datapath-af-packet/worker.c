/* SPDX-License-Identifier: ISC */
/* A worker: a thread that sleeps in epoll and runs batches, its lock held from picking one up to having sent it. */
#include "dp_private.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define WAKE UINT32_MAX
#define TURNS 8 /* batches of one lane before the next lane has its turn */
#define WINDOW_NS UINT64_C(10000000)
#define IDLE_NS UINT64_C(1000000000)

static void
worker_lock(struct worker *w)
{
	if (__atomic_load_n(&w->wanted, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&w->gate);
		pthread_mutex_unlock(&w->gate);
	}
	pthread_mutex_lock(&w->lock);
}

/* How busy this worker is, for the choice of lanes. */
static void
account(struct worker *w, uint64_t begin, uint64_t end)
{
	w->busy_ns += end - begin;
	if (end - w->window_ns < WINDOW_NS)
		return;
	__atomic_store_n(&w->busy_pct, (unsigned)(w->busy_ns * 100 / (end - w->window_ns)), __ATOMIC_RELAXED);
	w->busy_ns = 0;
	__atomic_store_n(&w->window_ns, end, __ATOMIC_RELAXED);
}

/* [control]  Percent, of the last 10 ms that had frames in them; 0 when they are long gone. */
unsigned
worker_busy(const struct worker *w)
{
	const uint64_t since = __atomic_load_n(&w->window_ns, __ATOMIC_RELAXED);

	return clock_ns() > since + IDLE_NS ? 0 : __atomic_load_n(&w->busy_pct, __ATOMIC_RELAXED);
}

static void
run_lane(struct worker *w, uint32_t slot, bool trouble)
{
	bool more = true, silent = false;

	for (unsigned turn = 0; more && (turn < TURNS || silent); turn++) {
		uint64_t begin;
		struct lane *l;

		backlog_settle(w);
		worker_lock(w);
		l = w->lanes[slot];
		more = silent = false;
		if (l && trouble && turn == 0)
			lane_trouble(l);
		if (l) {
			begin = clock_ns();
			w->reader.now_ns = begin;
			w->reader.now_ms = (uint32_t)(begin / 1000000);
			w->reader.now_s = (uint32_t)(begin / 1000000000);
			more = lane_batch(w, l, begin);
			silent = lane_is_silent(l);
			account(w, begin, clock_ns());
		}
		pthread_mutex_unlock(&w->lock);
	}
}

static void *
worker_main(void *aux)
{
	struct worker *w = aux;
	struct epoll_event ev[64];

	if (w->dp->worker_start)
		w->dp->worker_start();
	while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE)) {
		const int n = epoll_wait(w->epfd, ev, 64, -1);

		if (n < 0 && errno != EINTR) {
			log_err(LOG_LANE, "worker %u: epoll_wait failed (errno %d)", w->reader.index, errno);
			break;
		}
		for (int i = 0; i < n; i++)
			if (ev[i].data.u32 < MAX_SLOTS)
				run_lane(w, ev[i].data.u32, (ev[i].events & (EPOLLERR | EPOLLHUP)) != 0);
	}
	return NULL;
}

void
dp_thread_signals(sigset_t *old)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
	sigset_t block;

	sigfillset(&block);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&block, faults[i]);
	pthread_sigmask(SIG_SETMASK, &block, old);
}

static int
worker_start(struct worker *w)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = WAKE}};
	sigset_t old;
	int err;

	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->epfd < 0 || w->wake_fd < 0 || epoll_ctl(w->epfd, EPOLL_CTL_ADD, w->wake_fd, &ev))
		return -errno;
	dp_thread_signals(&old);
	err = pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	w->started = err == 0;
	return -err;
}

struct worker *
worker_create(struct dp *dp, unsigned index)
{
	struct worker *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->dp = dp;
	w->epfd = w->wake_fd = w->cpu = -1;
	w->tx.dp = dp;
	w->reader.tx = &w->tx;
	pthread_mutex_init(&w->lock, NULL);
	pthread_mutex_init(&w->gate, NULL);
	if (exec_reader_init(&w->reader, index, counters_lane(dp->counters, index)) || worker_start(w)) {
		worker_destroy(w);
		return NULL;
	}
	return w;
}

void
worker_destroy(struct worker *w)
{
	const uint64_t one = 1;

	if (!w)
		return;
	__atomic_store_n(&w->stop, true, __ATOMIC_RELEASE);
	if (w->started) {
		if (write(w->wake_fd, &one, sizeof one) != sizeof one)
			log_err(LOG_LANE, "worker %u: no wake-up", w->reader.index);
		pthread_join(w->thread, NULL);
	}
	exec_reader_fini(&w->reader);
	while (w->spare) {
		struct exbuf *e = w->spare;

		w->spare = e->next;
		exbuf_free(e);
	}
	if (w->epfd >= 0)
		close(w->epfd);
	if (w->wake_fd >= 0)
		close(w->wake_fd);
	pthread_mutex_destroy(&w->lock);
	pthread_mutex_destroy(&w->gate);
	free(w);
}
