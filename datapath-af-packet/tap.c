/* SPDX-License-Identifier: ISC */
/* LOCAL: a TAP device of the bridge's name.  Its one file is read by worker 0 and written by every reader. */
#include "dp_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The device's file, or -errno and a sentence. */
int
tap_open(const char *name, char *why, size_t why_size)
{
	struct ifreq ifr;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0) {
		err = -errno;
		snprintf(why, why_size, "/dev/net/tun can't be opened: %s", strerror(-err));
		return err;
	}
	memset(&ifr, 0, sizeof ifr);
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr)) {
		err = -errno;
		snprintf(why, why_size, "the TAP device can't be made: %s", strerror(-err));
		close(fd);
		return err;
	}
	/* Without it the host's stack segments before it hands frames over; still right, only slower. */
	(void)ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN);
	return fd;
}

/* Frames that the host sent through LOCAL. */
bool
tap_batch(struct worker *w, struct lane *l)
{
	struct exbuf *e = exbuf_get(w);
	size_t bytes = 0;
	unsigned n = 0;

	if (!e)
		return false;
	while (n < BATCH_FRAMES && bytes < BATCH_BYTES) {
		uint8_t *buf = e->iov[n].iov_base;
		const ssize_t len = read(l->ex_fd, buf, e->iov[n].iov_len);

		if (len < (ssize_t)VNET_LEN + 14)
			break;
		bytes += (size_t)len;
		frame_init(&w->pkts[n++], l, buf + VNET_LEN, (uint32_t)len - VNET_LEN, buf);
	}
	lane_deliver(w, l, n);
	exbuf_put(w, e);
	return n > 0;
}
