/* SPDX-License-Identifier: ISC */
/* What the process may still do once it runs: few capabilities, few system calls.
 *
 * A layer beside the unit's own hardening, so that it also holds where there is no systemd.  sandbox_seccomp.c, or without libseccomp and
 * libcap-ng (--without-seccomp) sandbox_none.c. */
#ifndef SWITCHD_SANDBOX_H
#define SWITCHD_SANDBOX_H

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0 /* the leak checker forks and traces, and a crash is theirs to report */
#endif

/* The words of option 'sandbox'. */
enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_ON,     /* calls that no honest code path makes end the process, others unknown to us fail with ENOSYS */
	SANDBOX_STRICT, /* any call that is not on the list ends the process: for the tests */
};

/* False, with a sentence in 'why', when this process lacks what a switch needs (CAP_NET_RAW, CAP_NET_ADMIN). */
bool sandbox_privileged(char *why, unsigned size);
/* Each worker calls it first: a thread that moves frames between open sockets needs no capability at all. */
void sandbox_worker(void);
/* The whole process, when all is set up: bpf(2) and new threads are no longer possible.  Never fails: what can't be had is logged. */
void sandbox_enter(enum sandbox_mode);

#endif
