/* SPDX-License-Identifier: ISC */
/* What is true of every build: the capabilities that a switch can't do without. */
#include "sandbox.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
sandbox_privileged(char *why, unsigned size)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	const uint32_t need = 1u << CAP_NET_RAW | 1u << CAP_NET_ADMIN;

	if (syscall(SYS_capget, &head, data) || (data[0].effective & need) == need)
		return true;
	snprintf(why, size,
	         "user %u lacks CAP_NET_RAW or CAP_NET_ADMIN, without which no frame can be taken from an interface: "
	         "start it as root or by rf-switchd.service",
	         (unsigned)geteuid());
	return false;
}
