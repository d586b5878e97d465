/* SPDX-License-Identifier: ISC */
/* The run directory of one instance, and the pid file whose lock says that the instance lives. */
#include "switchd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
rundir_take(struct switchd *s, char *why)
{
	const struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat mine, there;
	int rc;

	if (mkdir(s->conf->rundir, 0750) && errno != EEXIST) {
		rc = -errno;
		snprintf(why, CONF_WHY, "%s: %s (choose another with --rundir)", s->conf->rundir, strerror(errno));
		return rc;
	}
	if (s->conf->pidfile)
		snprintf(s->pid_path, sizeof s->pid_path, "%s", s->conf->pidfile);
	else
		snprintf(s->pid_path, sizeof s->pid_path, "%s/switchd.pid", s->conf->rundir);
	s->pid_fd = open(s->pid_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (s->pid_fd < 0) {
		rc = -errno;
		snprintf(why, CONF_WHY, "%.300s: %s", s->pid_path, strerror(errno));
		return rc;
	}
	if (fcntl(s->pid_fd, F_SETLK, &lock) || fstat(s->pid_fd, &mine) || stat(s->pid_path, &there) ||
	    mine.st_ino != there.st_ino) {
		snprintf(why, CONF_WHY, "%.300s: another rf-switchd runs here (choose another --rundir)", s->pid_path);
		close(s->pid_fd);
		s->pid_fd = -1;
		return -EBUSY;
	}
	if (ftruncate(s->pid_fd, 0) || dprintf(s->pid_fd, "%ld\n", (long)getpid()) < 0) {
		snprintf(why, CONF_WHY, "%.300s: %s", s->pid_path, strerror(errno));
		return -EIO;
	}
	return 0;
}

void
rundir_release(struct switchd *s)
{
	if (s->pid_fd < 0)
		return;
	unlink(s->pid_path);
	close(s->pid_fd);
	s->pid_fd = -1;
}
