/* SPDX-License-Identifier: MIT */
#include "store/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/reader.h"
#include "store/replace.h"

static int fail(const char *path, struct mlw_error *err)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return mlw_fail(err, "%s: no space is left on the device", path);
	if (errno == EEXIST)
		return mlw_fail(err, "%s: exists already", path);
	return mlw_fail(err, "%s: %s", path, strerror(errno));
}

static int write_all(int file, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(file, bytes, size);

		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
		}
	}
	return fsync(file);
}

static int fill(const char *fresh, const void *bytes, size_t size)
{
	int file = open(fresh, O_WRONLY | O_CLOEXEC);
	int result, failure;

	if (file < 0)
		return -1;
	result = write_all(file, bytes, size);
	failure = errno;
	if (close(file) && !result)
		return -1;
	errno = failure;
	return result;
}

/* A file system that cannot rename so may have links, or neither. */
static int rename_to_new(const char *fresh, const char *path)
{
	struct stat status;

	if (!renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (!link(fresh, path)) {
		unlink(fresh);
		return 0;
	}
	if (errno == EEXIST)
		return -1;
	if (!lstat(path, &status)) {
		errno = EEXIST;
		return -1;
	}
	return rename(fresh, path);
}

/* That the name is there is lost with the machine until its folder is synced. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int file = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (file >= 0) {
		fsync(file);
		close(file);
	}
	free(folder);
}

static int publish(const char *path, const void *bytes, size_t size, bool replace,
                   struct mlw_error *err)
{
	char *fresh = mlw_store_file_beside(path, err);

	if (!fresh)
		return -1;
	if (fill(fresh, bytes, size) ||
	    (replace ? rename(fresh, path) : rename_to_new(fresh, path))) {
		fail(path, err);
		unlink(fresh);
		free(fresh);
		return -1;
	}
	free(fresh);
	if (replace) {
		mlw_store_remove_beside(path, "-wal");
		mlw_store_remove_beside(path, "-shm");
	}
	sync_folder(path);
	return 0;
}

/* A saved snapshot is, whatever it says of its run. 1, 0, or -1 for what is no mallow file,
 * or a damaged one. */
static int is_closed(const char *path)
{
	const struct mlw_run_row *run;
	struct mlw_reader *reader;
	struct mlw_error ignored;
	int closed = -1;

	if (mlw_reader_open(&reader, path, &ignored))
		return -1;
	if (!mlw_reader_run(reader, &run, &ignored))
		closed = run->closed || run->saved;
	mlw_reader_close(reader);
	return closed;
}

/*
 * Readers of a closed file keep what they have open. It is looked at through SQLite: to
 * close a descriptor of our own would take away the locks of those who read it in this
 * process (https://sqlite.org/howtocorrupt.html, 2.2). `name` is what the user calls it.
 */
static int check_replaceable(const char *path, const char *name, struct mlw_error *err)
{
	struct stat status;
	int closed;

	if (stat(path, &status))
		return fail(name, err);
	if (!S_ISREG(status.st_mode))
		return mlw_fail(err, "%s: is not a regular file", name);
	closed = status.st_size ? is_closed(path) : 1;
	if (closed < 0)
		return mlw_fail(err, "%s: exists and is not a whole mallow file", name);
	if (!closed)
		return mlw_fail(err, "%s: is a recording that was not closed", name);
	return 0;
}

/* A link stays one: the file that it leads to is replaced. */
static int publish_over(const char *path, const void *bytes, size_t size,
                        struct mlw_error *err)
{
	char *target = realpath(path, NULL);
	int result = -1;

	if (!target)
		return fail(path, err);
	if (!check_replaceable(target, path, err))
		result = publish(target, bytes, size, true, err);
	free(target);
	return result;
}

int mlw_store_publish(const char *path, const void *bytes, size_t size, bool replace,
                      struct mlw_error *err)
{
	struct stat status;

	if (lstat(path, &status))
		return publish(path, bytes, size, false, err);
	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		return mlw_fail(err, "%s: is a directory", path);
	if (!replace)
		return mlw_fail(err, "%s: exists already", path);
	return publish_over(path, bytes, size, err);
}
