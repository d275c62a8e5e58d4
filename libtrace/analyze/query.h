/* SPDX-License-Identifier: MIT */
#ifndef MLW_QUERY_H
#define MLW_QUERY_H

/* What can be asked of a run: mallow/query.h with what only the readers ask one another.
 * Strings and arrays are borrowed until the answer is freed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mallow/snapshot.h>

/* The words of the command line; NULL beyond the last, and -1 for no such word. */
const char *mlw_key_name(enum mallow_key by);
int mlw_key_parse(const char *name);
const char *mlw_sort_name(enum mallow_sort sort);
int mlw_sort_parse(const char *name);

/* A row stands for one frame. */
static inline bool mlw_key_is_frame(enum mallow_key by)
{
	return by <= MALLOW_BY_MODULE;
}

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
	enum mallow_key by;
	enum mallow_sort sort;
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
	struct mallow_run_options recording;
};

#endif /* MLW_QUERY_H */
