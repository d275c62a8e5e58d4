/* SPDX-License-Identifier: MIT */

/* The words for groups and orders, as the command line and JSON have them. */

#include <stddef.h>
#include <string.h>

#include "analyze/statistics.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const char *const by_names[] = {
	[MLW_BY_LINE] = "line",       [MLW_BY_FUNCTION] = "function",
	[MLW_BY_FILE] = "file",       [MLW_BY_MODULE] = "module",
	[MLW_BY_TRACE] = "trace",     [MLW_BY_THREAD] = "thread",
	[MLW_BY_PROCESS] = "process", [MLW_BY_DOMAIN] = "domain",
	[MLW_BY_SCOPE] = "scope",     [MLW_BY_SIZE] = "size",
};

static const char *const sort_names[] = {
	[MLW_SORT_SIZE] = "size",
	[MLW_SORT_COUNT] = "count",
	[MLW_SORT_PEAK] = "peak",
	[MLW_SORT_ALLOCATED] = "allocated",
	[MLW_SORT_ALLOCATIONS] = "allocations",
	[MLW_SORT_TEMPORARY] = "temporary",
};

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], name))
			return (int)i;
	}
	return -1;
}

const char *mlw_by_name(enum mlw_by by)
{
	return (size_t)by < LENGTH(by_names) ? by_names[by] : NULL;
}

int mlw_by_parse(const char *name)
{
	return find_name(by_names, LENGTH(by_names), name);
}

const char *mlw_sort_name(enum mlw_sort sort)
{
	return (size_t)sort < LENGTH(sort_names) ? sort_names[sort] : NULL;
}

int mlw_sort_parse(const char *name)
{
	return find_name(sort_names, LENGTH(sort_names), name);
}
