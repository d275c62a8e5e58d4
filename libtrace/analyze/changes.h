/* SPDX-License-Identifier: MIT */
#ifndef MLW_CHANGES_H
#define MLW_CHANGES_H

/*
 * What changed between two places: of one run, of two runs, of runs of two builds.
 *
 *	struct mlw_query query = { .place = "run.mallow@25%", .limit = 10 };
 *
 *	mlw_changes_new(&changes, &query, "run.mallow@75%", false, err);
 *	... changes->rows[i], i < changes->count
 *	mlw_changes_free(changes);
 *
 * Every group that holds something at either place has a row, in the order of
 * tracemalloc: by (|size_diff|, size, |count_diff|, count, traceback) downward; what the
 * query sorts by stands before these. All sums count up to their place. The query's
 * min_size leaves out rows that differ by fewer bytes. Within one run a group is itself;
 * otherwise pairing.h says which group of one run is which of the other.
 */

#include "analyze/row.h"

struct mallow_changes {
	struct mallow_about about[2]; /* index enum mallow_side */
	struct mallow_sums totals[2]; /* of all that passed the filter, each block once */
	bool one_run; /* both places are in one recording */
	struct mallow_change *rows;
	size_t count;
	size_t group_count; /* before min_size and limit */
	size_t unchanged_count; /* of these: the same in all that is shown */
	size_t moved_count; /* of these: MALLOW_MATCH_MOVED */

	struct mlw_changes_store *store; /* what the rows point into */
};

/* The place of `query` is the old one; its `at` must be NULL. With `changed_only` rows
 * without a change are left out. */
int mlw_changes_new(struct mallow_changes **changes, const struct mlw_query *query,
                    const char *new_place, bool changed_only, struct mlw_error *err);
void mlw_changes_free(struct mallow_changes *changes); /* NULL is fine */

#endif /* MLW_CHANGES_H */
