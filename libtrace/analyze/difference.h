/* SPDX-License-Identifier: MIT */
#ifndef MLW_DIFFERENCE_H
#define MLW_DIFFERENCE_H

/*
 * What changed between two places: of one run, of two runs, of runs of two builds.
 *
 *	struct mlw_query query = { .place = "run.mallow@25%", .limit = 10 };
 *
 *	mlw_difference_new(&difference, &query, "run.mallow@75%", false, err);
 *	... difference->rows[i], i < difference->count
 *	mlw_difference_free(difference);
 *
 * Every group that holds something at either place has a row, in the order of
 * tracemalloc: by (|size_diff|, size, |count_diff|, count, traceback) downward; what the
 * query sorts by stands before these. All sums count up to their place. The query's
 * min_size leaves out rows that differ by fewer bytes. Within one run a group is itself;
 * otherwise pairing.h says which group of one run is which of the other.
 */

#include "analyze/row.h"

enum mlw_match {
	MLW_MATCH_EXACT, /* by function, file and line */
	MLW_MATCH_MOVED, /* by function and file: its lines are others in the new build */
	MLW_MATCH_NEW, /* the old run never had it */
	MLW_MATCH_GONE, /* the new run never had it */
};

struct mlw_change_row {
	struct mallow_row
	        row; /* its sums are the new ones; all else is old if it is gone */
	struct mallow_sums old_sums;
	enum mlw_match match;
	const struct mallow_traceback
	        *old_traceback; /* if it moved: as it was; or NULL */
};

/* One of the two places. */
struct mlw_end {
	const char *file; /* without @WHEN */
	const char *at; /* WHEN */
	struct mallow_sums total; /* of all that passed the filter, each block once */
	bool complete; /* false: events are missing in the recording */
	bool closed; /* false: the collector did not end it, or has not yet */
};

struct mlw_difference {
	enum mallow_key by;
	enum mallow_sort sort;
	bool cumulative;
	const char *domain; /* that was looked at; "all" for all */
	struct mlw_end old_end, new_end;
	bool one_run; /* both places are in one recording */
	struct mlw_change_row *rows;
	size_t count;
	size_t group_count; /* before min_size and limit */
	size_t unchanged_count; /* of these: the same in all that is shown */
	size_t moved_count; /* of these: MLW_MATCH_MOVED */

	struct mlw_difference_store *store; /* what the rows point into */
};

/* The place of `query` is the old one; its `at` must be NULL. With `changed_only` rows
 * without a change are left out. */
int mlw_difference_new(struct mlw_difference **difference, const struct mlw_query *query,
                       const char *new_place, bool changed_only, struct mlw_error *err);
void mlw_difference_free(struct mlw_difference *difference); /* NULL is fine */

#endif /* MLW_DIFFERENCE_H */
