/* SPDX-License-Identifier: ISC */
/* Log lines: formatted on the stack, one non-blocking-tolerant write each, rate limits per call site. */
#include "log.h"
#include "clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024
#define RL_BURST 20 /* lines a window and call site */
#define RL_WINDOW_NS UINT64_C(60000000000) /* one minute */

static const char *const module_names[LOG_N_MODULES] = {
#define LOG_MODULE(id, name) [LOG_##id] = name,
#include "log_modules.def"
#undef LOG_MODULE
};
static const char *const level_names[] = {"off", "err", "warn", "info", "dbg"};
static uint8_t levels[LOG_N_MODULES];
static const char *program_name = "ringflow";
static bool under_systemd;
static bool initialised;
static void (*line_sink)(enum log_module, enum log_level, const char *);
static pthread_mutex_t rl_lock = PTHREAD_MUTEX_INITIALIZER;

static void
set_all(enum log_level level)
{
	for (unsigned i = 0; i < LOG_N_MODULES; i++)
		__atomic_store_n(&levels[i], (uint8_t)level, __ATOMIC_RELAXED);
}

void
log_init(const char *program)
{
	program_name = program;
	under_systemd = getenv("JOURNAL_STREAM") != NULL;
	if (!initialised)
		set_all(LOG_LEVEL_INFO);
	initialised = true;
}

static bool
level_parse(const char *s, enum log_level *level)
{
	for (unsigned i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (!strcmp(s, level_names[i])) {
			*level = (enum log_level)i;
			return true;
		}
	}
	if (!strcmp(s, "debug")) {
		*level = LOG_LEVEL_DEBUG;
		return true;
	}
	return false;
}

/* False: not understood.  *module is LOG_N_MODULES for all of them. */
static bool
spec_parse(const char *spec, unsigned *module, enum log_level *level)
{
	const char *colon = strchr(spec, ':');
	const size_t n = colon ? (size_t)(colon - spec) : 0;

	*module = LOG_N_MODULES;
	if (!level_parse(colon ? colon + 1 : spec, level))
		return false;
	if (!colon || (n == 3 && !strncmp(spec, "any", 3)))
		return true;
	for (*module = 0; *module < LOG_N_MODULES; ++*module)
		if (strlen(module_names[*module]) == n && !strncmp(spec, module_names[*module], n))
			return true;
	return false;
}

bool
log_spec_ok(const char *spec)
{
	enum log_level level;
	unsigned module;

	return spec_parse(spec, &module, &level);
}

bool
log_set_spec(const char *spec)
{
	enum log_level level;
	unsigned module;

	if (!spec_parse(spec, &module, &level))
		return false;
	initialised = true;
	if (module == LOG_N_MODULES)
		set_all(level);
	else
		log_set_level((enum log_module)module, level);
	return true;
}

void
log_set_level(enum log_module module, enum log_level level)
{
	__atomic_store_n(&levels[module], (uint8_t)level, __ATOMIC_RELAXED);
}

enum log_level
log_get_level(enum log_module module)
{
	return (enum log_level)__atomic_load_n(&levels[module], __ATOMIC_RELAXED);
}

const char *
log_module_name(enum log_module module)
{
	return module_names[module];
}

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

void
log_set_sink(void (*sink)(enum log_module, enum log_level, const char *))
{
	line_sink = sink;
}

bool
log_enabled(enum log_module module, enum log_level level)
{
	return level <= log_get_level(module);
}

/* True if the line may go out; *held gets how many were held back in the window that just ended. */
static bool
rl_pass(struct log_rl *rl, uint32_t *held)
{
	const uint64_t now = clock_ns();
	bool pass;

	*held = 0;
	pthread_mutex_lock(&rl_lock);
	if (!rl->window_ns || now - rl->window_ns > RL_WINDOW_NS) {
		*held = rl->held;
		*rl = (struct log_rl){.window_ns = now ? now : 1};
	}
	pass = rl->sent < RL_BURST;
	if (pass)
		rl->sent++;
	else
		rl->held++;
	pthread_mutex_unlock(&rl_lock);
	return pass;
}

static void
write_line(enum log_level level, const char *line)
{
	static const char prio[] = {'0', '3', '4', '6', '7'};
	char out[LINE_MAX_LEN + 96];
	struct timespec t;
	struct tm tm;
	int n;

	if (under_systemd) {
		n = snprintf(out, sizeof(out), "<%c>%s\n", prio[level], line);
	} else {
		char stamp[32];

		clock_gettime(CLOCK_REALTIME, &t);
		gmtime_r(&t.tv_sec, &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
		n = snprintf(out, sizeof(out), "%s.%03ldZ %s %s %s\n", stamp, t.tv_nsec / 1000000, program_name,
		             level_names[level], line);
	}
	if (n > 0) {
		size_t len = (size_t)n < sizeof(out) ? (size_t)n : sizeof(out) - 1;
		ssize_t r = write(STDERR_FILENO, out, len);

		(void)r; /* a full or closed pipe loses the line; nothing else can be done about it */
	}
}

void
log_write(enum log_module module, enum log_level level, struct log_rl *rl, const char *fmt, ...)
{
	const int saved = errno;
	char line[LINE_MAX_LEN];
	uint32_t held = 0;
	va_list args;
	int n;

	if (rl && !rl_pass(rl, &held))
		return;
	n = snprintf(line, sizeof(line), "%s: ", module_names[module]);
	errno = saved;
	va_start(args, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, args);
	va_end(args);
	if (held) {
		size_t len = strlen(line);

		snprintf(line + len, sizeof(line) - len, " (%u lines like this were held back)", held);
	}
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	if (line_sink)
		line_sink(module, level, line);
	else
		write_line(level, line);
	errno = saved;
}
