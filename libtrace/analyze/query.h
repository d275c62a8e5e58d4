/* SPDX-License-Identifier: MIT */
#ifndef MLW_QUERY_H
#define MLW_QUERY_H

/* What can be asked of a run, as plain structs: the command line fills them. Strings and
 * arrays are borrowed until the answer is freed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/progress.h"

enum mlw_by {
	MLW_BY_LINE,
	MLW_BY_FUNCTION,
	MLW_BY_FILE,
	MLW_BY_MODULE,
	MLW_BY_TRACE,
	MLW_BY_THREAD,
	MLW_BY_PROCESS,
	MLW_BY_DOMAIN,
	MLW_BY_SCOPE,
	MLW_BY_SIZE,
};

enum mlw_sort {
	MLW_SORT_SIZE,
	MLW_SORT_COUNT,
	MLW_SORT_PEAK,
	MLW_SORT_ALLOCATED,
	MLW_SORT_ALLOCATIONS,
	MLW_SORT_TEMPORARY,
};

/* The words of the command line; NULL beyond the last, and -1 for no such word. */
const char *mlw_by_name(enum mlw_by by);
int mlw_by_parse(const char *name);
const char *mlw_sort_name(enum mlw_sort sort);
int mlw_sort_parse(const char *name);

/* A row stands for one frame. */
static inline bool mlw_by_is_frame(enum mlw_by by)
{
	return by <= MLW_BY_MODULE;
}

/* How names are shown, and what is never a site. */
struct mlw_recording_options {
	const char *const *wrappers; /* globs over functions, beside the built-in list */
	size_t wrapper_count;
	const char *source_root; /* files below it are named relative to it, or NULL */
	const char *const *path_maps; /* OLD=NEW: a path's beginning replaced */
	size_t path_map_count;
	const struct mlw_progress *progress; /* of what takes long, NULL: nobody looks */
};

/* What the user asked for; arrays and strings are borrowed. */
struct mlw_filter_rules {
	const char *const *includes;
	size_t include_count;
	const char *const *excludes;
	size_t exclude_count;
	bool all_frames;
	const char *domain; /* name or "all"; NULL: malloc's */
	/* An id, or a glob over the thread's name. */
	const char *const *threads;
	size_t thread_count;
	/* An id, a pid, or a glob over the name of the program. */
	const char *const *processes;
	size_t process_count;
	bool may_be_absent; /* threads and processes that are not there: nothing passes,
	                       instead of a failure */
};

struct mlw_query {
	const char *place; /* FILE or FILE@WHEN */
	const char *at; /* WHEN, or NULL */
	enum mlw_by by;
	enum mlw_sort sort;
	/*
	 * A trace counts in the group of each of its frames, once in each, however often
	 * recursion visits it; otherwise in that of its site alone. Fails unless `by` is
	 * line, function, file or module.
	 */
	bool cumulative;
	bool invert; /* a tree: sites first */
	bool groups; /* a timeline: each group for itself too */
	bool leaks; /* only what is live at the place, each kind of leak by itself */
	uint64_t min_size; /* groups with fewer bytes of what they are sorted by (live
	                      bytes, if sorted by a number of blocks) are left out */
	size_t limit; /* rows to return, 0: all */
	/*
	 * What counts over the whole run otherwise (allocations, the peak, ...) counts up
	 * to the place, and what never held anything is a group too, so that each place
	 * of a run has the same groups.
	 */
	bool up_to_place;
	struct mlw_filter_rules filter;
	struct mlw_recording_options recording;
};

#endif /* MLW_QUERY_H */
