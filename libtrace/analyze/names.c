/* SPDX-License-Identifier: MIT */
#include "analyze/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mlw_names_check_maps(const struct mallow_run_options *options, struct mlw_error *err)
{
	for (size_t i = 0; i < options->path_map_count; i++) {
		const char *map = options->path_maps[i], *equals = strchr(map, '=');

		if (!equals || equals == map)
			return mlw_fail(err, "'%s' is no OLD=NEW", map);
	}
	return 0;
}

/* What follows the folder `folder` (length bytes) in `path`, NULL if it is not below. */
static const char *below(const char *path, const char *folder, size_t length)
{
	while (length > 1 && folder[length - 1] == '/')
		length--;
	if (!length || strncmp(path, folder, length))
		return NULL;
	if (folder[length - 1] == '/' || !path[length] || path[length] == '/')
		return path + length;
	return NULL;
}

static int replace(const char *path, const char *map, char **mapped,
                   struct mlw_error *err)
{
	const char *equals = strchr(map, '=');
	const char *rest = equals ? below(path, map, (size_t)(equals - map)) : NULL;

	if (!rest)
		return 0;
	while (!equals[1] && *rest == '/')
		rest++; /* OLD= makes it relative */
	if (asprintf(mapped, "%s%s", equals + 1, rest) < 0) {
		*mapped = NULL;
		return mlw_fail(err, "out of memory");
	}
	return 0;
}

static void strip_root(const char *root, char *path)
{
	const char *rest = root ? below(path, root, strlen(root)) : NULL;

	if (!rest)
		return;
	while (*rest == '/')
		rest++;
	if (*rest)
		memmove(path, rest, strlen(rest) + 1);
}

int mlw_names_map(const struct mallow_run_options *options, const char *path,
                  char **mapped, struct mlw_error *err)
{
	*mapped = NULL;
	for (size_t i = 0; !*mapped && i < options->path_map_count; i++) {
		if (replace(path, options->path_maps[i], mapped, err))
			return -1;
	}
	if (!*mapped)
		*mapped = strdup(path);
	if (!*mapped)
		return mlw_fail(err, "out of memory");
	strip_root(options->source_root, *mapped);
	return 0;
}
