/* SPDX-License-Identifier: MIT */
#include "symbol/executable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

/* 0, or the negative errno with which execve() would refuse the file. */
static int can_execute(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? -errno : 0;
}

/* execvp() goes on with the next folder after these. */
static bool is_not_here(int error)
{
	switch (-error) {
	case EACCES:
	case ENOENT:
	case ESTALE:
	case ENOTDIR:
	case ENODEV:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* DIR/NAME; an empty element of PATH is the current folder. NULL without memory. */
static char *join(const char *folder, size_t length, const char *name)
{
	struct mlw_strbuf path = MLW_STRBUF_INIT;

	mlw_strbuf_add(&path, folder, length);
	if (length)
		mlw_strbuf_putc(&path, '/');
	mlw_strbuf_puts(&path, name);
	return mlw_strbuf_detach(&path);
}

/* -EACCES is worth telling: it wins over a later folder that has nothing. */
static int search(const char *folders, const char *name, char **path)
{
	int result = -ENOENT;

	for (;;) {
		size_t length = strcspn(folders, ":");
		char *candidate = join(folders, length, name);
		int error = candidate ? can_execute(candidate) : -ENOMEM;

		if (!error) {
			*path = candidate;
			return 0;
		}
		free(candidate);
		if (!is_not_here(error))
			return error;
		if (error == -EACCES)
			result = error;
		if (!folders[length])
			return result;
		folders += length + 1;
	}
}

/* What the C library searches when PATH is not set. NULL without memory. */
static char *default_folders(void)
{
	size_t size = confstr(_CS_PATH, NULL, 0);
	char *folders = malloc(size ? size : 1);

	if (!folders)
		return NULL;
	folders[0] = '\0';
	confstr(_CS_PATH, folders, size);
	return folders;
}

static int search_path(const char *name, char **path)
{
	const char *set = getenv("PATH");
	char *folders = set ? NULL : default_folders();
	int result;

	if (!set && !folders)
		return -ENOMEM;
	result = search(set ? set : folders, name, path);
	free(folders);
	return result;
}

static int use_directly(const char *name, char **path)
{
	int error = can_execute(name);

	if (error)
		return error;
	*path = strdup(name);
	return *path ? 0 : -ENOMEM;
}

int mlw_executable_find(const char *name, char **path, struct mlw_error *err)
{
	int error;

	*path = NULL;
	if (!*name)
		error = -ENOENT;
	else if (strchr(name, '/'))
		error = use_directly(name, path);
	else
		error = search_path(name, path);
	if (error)
		mlw_fail(err, "%s: %s", name, strerror(-error));
	return error;
}
