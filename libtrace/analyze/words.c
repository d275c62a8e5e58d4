/* SPDX-License-Identifier: MIT */

/* The words for groups and orders, as the command line and JSON have them. */

#include <stddef.h>
#include <string.h>

#include "analyze/ranking.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const char *const by_names[] = {
	[MALLOW_BY_LINE] = "line",       [MALLOW_BY_FUNCTION] = "function",
	[MALLOW_BY_FILE] = "file",       [MALLOW_BY_MODULE] = "module",
	[MALLOW_BY_TRACEBACK] = "trace", [MALLOW_BY_THREAD] = "thread",
	[MALLOW_BY_PROCESS] = "process", [MALLOW_BY_DOMAIN] = "domain",
	[MALLOW_BY_SCOPE] = "scope",     [MALLOW_BY_SIZE] = "size",
};

static const char *const sort_names[] = {
	[MALLOW_SORT_SIZE] = "size",
	[MALLOW_SORT_COUNT] = "count",
	[MALLOW_SORT_PEAK] = "peak",
	[MALLOW_SORT_ALLOCATED] = "allocated",
	[MALLOW_SORT_ALLOCATIONS] = "allocations",
	[MALLOW_SORT_TEMPORARY] = "temporary",
};

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], name))
			return (int)i;
	}
	return -1;
}

const char *mlw_key_name(enum mallow_key by)
{
	return (size_t)by < LENGTH(by_names) ? by_names[by] : NULL;
}

int mlw_key_parse(const char *name)
{
	return find_name(by_names, LENGTH(by_names), name);
}

const char *mlw_sort_name(enum mallow_sort sort)
{
	return (size_t)sort < LENGTH(sort_names) ? sort_names[sort] : NULL;
}

int mlw_sort_parse(const char *name)
{
	return find_name(sort_names, LENGTH(sort_names), name);
}
