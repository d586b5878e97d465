/* SPDX-License-Identifier: ISC */
/* Logging: one line per event to standard error, object first, numbers with units.
 *
 *   log_warn(LOG_CONN, "%s: echo timed out after %u ms", conn_name(c), ms);
 *
 * Each module has its own level.  Under systemd (JOURNAL_STREAM set) lines carry the priority prefix of sd-daemon(3).  The *_rl
 * forms are for whatever a peer or a packet can trigger: at most 'burst' lines a minute for each call site, then one line
 * that says how many were held back.  Thread-safe; one write(2) a line, never waits for a full pipe. */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_module {
#define LOG_MODULE(id, name) LOG_##id,
#include "log_modules.def"
#undef LOG_MODULE
	LOG_N_MODULES
};

enum log_level { LOG_LEVEL_OFF, LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_rl {
	uint64_t window_ns;
	uint32_t sent;
	uint32_t held;
};

void log_init(const char *program);
/* "module:level", "any:level" or "level"; levels off, err, warn, info, dbg.  False: not understood, nothing changed. */
bool log_set_spec(const char *spec);
/* Whether log_set_spec would understand it. */
bool log_spec_ok(const char *spec);
void log_set_level(enum log_module, enum log_level);
enum log_level log_get_level(enum log_module);
const char *log_module_name(enum log_module);
const char *log_level_name(enum log_level);
/* Tests and fuzzers: lines go to 'sink' instead of standard error; NULL puts it back. */
void log_set_sink(void (*sink)(enum log_module, enum log_level, const char *line));
bool log_enabled(enum log_module, enum log_level);

void log_write(enum log_module, enum log_level, struct log_rl *, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#define LOG_AT(module, level, rl, ...)                                                                                 \
	do {                                                                                                           \
		if (log_enabled(module, level))                                                                        \
			log_write(module, level, rl, __VA_ARGS__);                                                     \
	} while (0)
#define LOG_AT_RL(module, level, ...)                                                                                  \
	do {                                                                                                           \
		static struct log_rl log_rl_;                                                                          \
		LOG_AT(module, level, &log_rl_, __VA_ARGS__);                                                          \
	} while (0)

#define log_err(module, ...) LOG_AT(module, LOG_LEVEL_ERR, NULL, __VA_ARGS__)
#define log_warn(module, ...) LOG_AT(module, LOG_LEVEL_WARN, NULL, __VA_ARGS__)
#define log_info(module, ...) LOG_AT(module, LOG_LEVEL_INFO, NULL, __VA_ARGS__)
#define log_debug(module, ...) LOG_AT(module, LOG_LEVEL_DEBUG, NULL, __VA_ARGS__)
#define log_err_rl(module, ...) LOG_AT_RL(module, LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warn_rl(module, ...) LOG_AT_RL(module, LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info_rl(module, ...) LOG_AT_RL(module, LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug_rl(module, ...) LOG_AT_RL(module, LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
