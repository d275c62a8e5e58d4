/* SPDX-License-Identifier: MIT */
#include "cmd/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "libmallow.so"

static const char *const folders[] = { "lib", "lib/x86_64-linux-gnu", "lib64" };

/* The folder above the one that the executable is in; the caller frees it. */
static char *find_prefix(void)
{
	char *path = realpath("/proc/self/exe", NULL);

	for (int i = 0; path && i < 2; i++) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	return path;
}

static char *find_below(const char *prefix)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char *path;

		if (asprintf(&path, "%s/%s/" NAME, prefix, folders[i]) < 0)
			return NULL;
		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

static char *find_named(const char *name, struct mlw_error *err)
{
	char *path = realpath(name, NULL);

	if (!path || access(path, R_OK)) {
		free(path);
		mlw_fail(err, "MALLOW_LIBRARY names '%s', which cannot be read", name);
		return NULL;
	}
	return path;
}

char *mlw_library_find(struct mlw_error *err)
{
	const char *named = getenv("MALLOW_LIBRARY");
	char *prefix, *path;

	if (named && *named)
		return find_named(named, err);
	prefix = find_prefix();
	path = prefix ? find_below(prefix) : NULL;
	if (!path)
		mlw_fail(err,
		         NAME " is not below '%s/lib' (set MALLOW_LIBRARY to its path)",
		         prefix ? prefix : "");
	free(prefix);
	return path;
}
