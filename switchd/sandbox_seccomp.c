/* SPDX-License-Identifier: ISC */
/* The sandbox with libcap-ng and libseccomp: sandbox_calls.def says which calls there are.
 *
 * Why two answers to a call that is not listed: an update of the C library may bring a call that we have never seen, with a fall-back for
 * kernels that lack it; ENOSYS takes that way, and the switch runs on.  Starting programs, tracing, mounting and the like have no such
 * excuse.  CAP_BPF ends with the start: the steering program is loaded by then. */
#include "sandbox.h"
#include "log.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct call {
	const char *name;
	bool fatal;
} calls[] = {
#define CALL(name) {#name, false},
#define FATAL(name) {#name, true},
#include "sandbox_calls.def"
#undef CALL
#undef FATAL
};
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
/* Kept: what ports need; DAC_OVERRIDE and NET_BIND_SERVICE only where root started us: files of the configuration, low ports. */
static const unsigned kept[] = {CAP_NET_RAW, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE};

static void
keep_caps(const unsigned *caps, size_t n)
{
	bool have[sizeof kept / sizeof kept[0]] = {false};

	if (capng_get_caps_process())
		return;
	for (size_t i = 0; i < n; i++)
		have[i] = capng_have_capability(CAPNG_PERMITTED, caps[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < n; i++)
		if (have[i])
			(void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, caps[i]);
	if (capng_apply(CAPNG_SELECT_CAPS))
		log_warn(LOG_MAIN, "sandbox: capabilities were not given up");
}

/* Straight to the kernel: libcap-ng reads /proc first, which at the start of each thread is felt on a slow machine. */
void
sandbox_worker(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {{0}};

	if (syscall(SYS_capset, &head, none))
		log_warn(LOG_MAIN, "sandbox: a thread kept its capabilities");
}

/* 0 or -errno.  A call that this architecture lacks is no error. */
static int
add_rules(scmp_filter_ctx ctx)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof calls / sizeof calls[0]; i++) {
		const int nr = seccomp_syscall_resolve_name(calls[i].name);

		if (nr >= 0)
			rc = seccomp_rule_add(ctx, calls[i].fatal ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW, nr, 0);
		if (rc == -EACCES) /* the default action already */
			rc = 0;
	}
	for (size_t i = 0; !rc && i < sizeof families / sizeof families[0]; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
		                      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
	if (!rc)
		rc =
		    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		                      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return rc;
}

static int
load_filter(enum sandbox_mode mode)
{
	scmp_filter_ctx ctx = seccomp_init(mode == SANDBOX_STRICT ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(ENOSYS));
	int rc = ctx ? seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM; /* all threads */

	if (!rc)
		rc = add_rules(ctx);
	if (!rc)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc;
}

void
sandbox_enter(enum sandbox_mode mode)
{
	int rc;

	if (mode == SANDBOX_OFF)
		return;
	if (SANITIZED) {
		log_info(LOG_MAIN, "sandbox: none in a sanitizer build");
		return;
	}
	keep_caps(kept, sizeof kept / sizeof kept[0]);
	rc = load_filter(mode);
	if (rc)
		log_warn(LOG_MAIN, "sandbox: no system call filter: %s", strerror(-rc));
	else
		log_debug(LOG_MAIN, "sandbox: capabilities and system calls are limited");
}
