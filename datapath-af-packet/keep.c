/* SPDX-License-Identifier: ISC */
/* What an interface was before it became a port, kept in a file until it is given back.
 *
 * After a crash the next run would find its predecessor's settings and take them for the owner's.  One file an interface, named by its
 * index (a name may change meanwhile), in a directory that a reboot empties. */
#include "dp_private.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE 128

static bool
path_of(const struct dp *dp, int ifindex, char path[], size_t size)
{
	const int n = dp->keep_dir[0] ? snprintf(path, size, "%s/taken.%d", dp->keep_dir, ifindex) : -1;

	return n > 0 && (size_t)n < size;
}

void
keep_save(const struct dp *dp, const struct link_info *l, bool up)
{
	char path[sizeof dp->keep_dir + 32], text[LINE];
	int fd, n;

	if (!path_of(dp, l->ifindex, path, sizeof path))
		return;
	n = snprintf(text, sizeof text, "%u %u %u %u %u\n", l->arp_ignore, l->forwarding, l->has_gen, l->addr_gen, up);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		log_warn(LOG_PORT, "%s: %s: %s: after a crash its settings would not be restored", l->name, path,
		         strerror(errno));
	if (fd >= 0)
		close(fd);
}

bool
keep_load(const struct dp *dp, struct link_info *l, bool *up)
{
	char path[sizeof dp->keep_dir + 32], text[LINE];
	unsigned arp, forwarding, has_gen, gen, was_up;
	ssize_t n = -1;
	int fd;

	if (!path_of(dp, l->ifindex, path, sizeof path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%u %u %u %u %u", &arp, &forwarding, &has_gen, &gen, &was_up) != 5)
		return false;
	l->arp_ignore = arp;
	l->forwarding = forwarding;
	l->has_gen = l->has_gen && has_gen;
	l->addr_gen = (uint8_t)gen;
	*up = was_up != 0;
	return true;
}

void
keep_drop(const struct dp *dp, int ifindex)
{
	char path[sizeof dp->keep_dir + 32];

	if (path_of(dp, ifindex, path, sizeof path))
		unlink(path);
}
