/* SPDX-License-Identifier: ISC */
/* Threads for what the kernel lets its caller wait for: making rings and closing packet sockets.
 *
 * Both wait until no processor can still be looking at the socket: 8 to 16 ms at the usual 250 Hz, two and three times that for closing
 * a ring and the last socket of a group.  One after another that is 90 ms a port and worker: a link that flaps would hold up the control
 * loop, a switch with twenty ports would take two seconds to end, and so would a crash, as the kernel closes the files of a dead
 * process in a row.  Side by side the waits are the same wait.
 *
 * The threads are made at the start: the sandbox lets nobody make one later.  After a crash they are woken from the signal's handler, so
 * what they sleep on is a file; they then lock nothing and free nothing. */
#include "dp_private.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define N_HELPERS 16u
#define N_JOBS 4096u /* that wait; beyond that the caller does them himself */
#define STACK (256u * 1024)
#define CRASH_MS 1000 /* then the kernel may do the rest */

struct job {
	struct spare_ring *make; /* or close what follows */
	int fd;
	void *map;
	size_t len;
};

struct helpers {
	struct dp *dp;
	pthread_t threads[N_HELPERS];
	unsigned n_threads;
	int wake_fd; /* a semaphore: jobs, and at the end the threads */
	int done_fd; /* counts threads that have done their part after a crash */
	bool crashed;
	unsigned tickets; /* after a crash */
	pthread_mutex_t lock; /* of what follows */
	struct job jobs[N_JOBS];
	unsigned first, n;
	unsigned n_making; /* rings that are not ready */
	pthread_cond_t made; /* there are none */
};

static void
job_do(struct helpers *c, const struct job *j)
{
	if (!j->make) {
		if (j->map)
			munmap(j->map, j->len); /* a mapping keeps its socket */
		close(j->fd);
		return;
	}
	j->make->ring = ring_map(j->make->fd, j->make->blocks);
	pthread_mutex_lock(&c->lock);
	if (--c->n_making == 0)
		pthread_cond_signal(&c->made);
	pthread_mutex_unlock(&c->lock);
}

static bool
job_take(struct helpers *c, struct job *j)
{
	bool any;

	pthread_mutex_lock(&c->lock);
	any = c->n > 0;
	if (any) {
		*j = c->jobs[c->first];
		c->first = (c->first + 1) % N_JOBS;
		c->n--;
	}
	pthread_mutex_unlock(&c->lock);
	return any;
}

/* ---- after a crash ---- */

/* All walk over what there is to do, in one order; whoever draws a number does what he meets as that one. */
struct walk {
	struct helpers *c;
	unsigned met, ticket;
	bool drawn;
};

static bool
is_mine(struct walk *s)
{
	if (!s->drawn)
		s->ticket = __atomic_fetch_add(&s->c->tickets, 1, __ATOMIC_RELAXED);
	s->drawn = s->met++ != s->ticket;
	return !s->drawn;
}

/* Another file takes the number, so that nothing else is written where a worker still sends frames to. */
static void
shut(struct walk *s, int fd)
{
	if (fd >= 0 && is_mine(s))
		(void)dup2(s->c->wake_fd, fd);
}

static void
shut_lane(struct walk *s, const struct lane *l)
{
	const size_t len = (size_t)l->n_blocks * RING_BLOCK;

	if (l->tap)
		return;
	shut(s, l->ex_fd);
	if (l->bulk_fd < 0 || !is_mine(s))
		return;
	if (l->ring) /* empty memory in its place, for whoever still looks */
		(void)mmap(l->ring, len, PROT_READ | PROT_WRITE,
		           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	(void)dup2(s->c->wake_fd, l->bulk_fd);
}

static void
shut_port(struct walk *s, struct port *p)
{
	const struct dp *dp = s->c->dp;
	const struct queue_set *q = p->queues;

	p->can_send = false;
	for (unsigned w = 0; w < dp->n_workers; w++)
		if (p->lanes[w])
			shut_lane(s, p->lanes[w]);
	for (unsigned r = 0; r < dp->n_readers; r++)
		if (p->tap_fd < 0)
			shut(s, p->txq[r].fd);
	for (unsigned i = 0; q && i < q->n; i++)
		for (unsigned r = 0; r < q->n_readers; r++)
			shut(s, q->txq[i][r].fd);
}

static void
shut_all(struct helpers *c)
{
	struct walk s = {.c = c};
	const uint64_t one = 1;

	for (unsigned i = 0; i < MAX_SLOTS; i++)
		if (c->dp->slots[i])
			shut_port(&s, c->dp->slots[i]);
	(void)!write(c->done_fd, &one, sizeof one);
}

void
dp_crashed(struct dp *dp)
{
	struct helpers *c = dp->helpers;
	const uint64_t wake = N_JOBS + N_HELPERS;
	const uint64_t end = clock_ns() + CRASH_MS * UINT64_C(1000000);
	uint64_t n, done = 0;

	if (!c || __atomic_exchange_n(&c->crashed, true, __ATOMIC_SEQ_CST))
		return;
	for (unsigned i = 0; i < dp->n_workers; i++)
		if (dp->workers[i])
			__atomic_store_n(&dp->workers[i]->stop, true, __ATOMIC_RELAXED);
	(void)!write(c->wake_fd, &wake, sizeof wake);
	while (done < c->n_threads && clock_ns() < end) {
		struct pollfd p = {.fd = c->done_fd, .events = POLLIN};

		if (poll(&p, 1, 20) > 0 && read(c->done_fd, &n, sizeof n) == sizeof n)
			done += n;
	}
}

/* ---- the threads ---- */

static void *
helper_main(void *aux)
{
	struct helpers *c = aux;
	struct job j;
	uint64_t one;

	if (c->dp->worker_start)
		c->dp->worker_start();
	for (;;) {
		if (read(c->wake_fd, &one, sizeof one) < 0 && errno != EINTR)
			break;
		if (__atomic_load_n(&c->crashed, __ATOMIC_SEQ_CST)) {
			shut_all(c);
			for (;;)
				(void)poll(NULL, 0, -1);
		}
		if (!job_take(c, &j))
			break; /* woken for no job: the end */
		job_do(c, &j);
	}
	return NULL;
}

static int
threads_start(struct helpers *c)
{
	pthread_attr_t attr;
	sigset_t old;
	int err = 0;

	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK);
	dp_thread_signals(&old);
	for (unsigned i = 0; !err && i < N_HELPERS; i++) {
		err = pthread_create(&c->threads[i], &attr, helper_main, c);
		if (!err)
			c->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

int
helpers_init(struct dp *dp)
{
	struct helpers *c = calloc(1, sizeof *c);

	if (!c)
		return -ENOMEM;
	dp->helpers = c;
	c->dp = dp;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->made, NULL);
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	c->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->wake_fd < 0 || c->done_fd < 0)
		return -errno;
	return threads_start(c);
}

void
helpers_fini(struct dp *dp)
{
	struct helpers *c = dp->helpers;
	const uint64_t n = N_HELPERS;
	struct job j;

	if (!c)
		return;
	if (write(c->wake_fd, &n, sizeof n) != sizeof n)
		log_err(LOG_LANE, "helpers: no wake-up");
	for (unsigned i = 0; i < c->n_threads; i++)
		pthread_join(c->threads[i], NULL);
	while (job_take(c, &j))
		job_do(c, &j);
	if (c->wake_fd >= 0)
		close(c->wake_fd);
	if (c->done_fd >= 0)
		close(c->done_fd);
	pthread_cond_destroy(&c->made);
	pthread_mutex_destroy(&c->lock);
	free(c);
	dp->helpers = NULL;
}

/* False: do it yourself. */
static bool
job_give(struct helpers *c, const struct job *j)
{
	const uint64_t one = 1;
	bool room = false;

	if (c && c->n_threads) {
		pthread_mutex_lock(&c->lock);
		room = c->n < N_JOBS;
		if (room) {
			c->jobs[(c->first + c->n++) % N_JOBS] = *j;
			c->n_making += j->make != NULL;
		}
		pthread_mutex_unlock(&c->lock);
	}
	if (room && write(c->wake_fd, &one, sizeof one) != sizeof one)
		log_err(LOG_LANE, "helpers: no wake-up");
	return room;
}

void
helpers_close(struct dp *dp, int fd, void *map, size_t len)
{
	const struct job j = {.fd = fd, .map = map, .len = len};

	if (!job_give(dp->helpers, &j))
		job_do(dp->helpers, &j);
}

void
helpers_make_rings(struct dp *dp, struct spare_ring *rings, unsigned n)
{
	struct helpers *c = dp->helpers;

	for (unsigned i = 0; i < n; i++) {
		const struct job j = {.make = &rings[i]};

		if (!job_give(c, &j))
			rings[i].ring = ring_map(rings[i].fd, rings[i].blocks);
	}
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	while (c->n_making)
		pthread_cond_wait(&c->made, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
