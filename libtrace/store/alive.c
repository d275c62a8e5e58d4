/* SPDX-License-Identifier: MIT */
#include "store/alive.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_log(const char *path, int flags)
{
	char *log;
	int fd;

	if (asprintf(&log, "%s-wal", path) < 0)
		return -1;
	fd = open(log, flags | O_CLOEXEC);
	free(log);
	return fd;
}

int mlw_alive_hold(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open_log(path, O_RDWR);

	if (fd < 0 || !fcntl(fd, F_OFD_SETLK, &lock))
		return fd;
	close(fd);
	return -1;
}

bool mlw_alive_ask(const char *path)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int fd = open_log(path, O_RDONLY);
	bool held;

	if (fd < 0)
		return false;
	held = !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
	close(fd);
	return held;
}
