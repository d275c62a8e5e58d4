/* SPDX-License-Identifier: MIT */
#ifndef MLW_STATISTICS_H
#define MLW_STATISTICS_H

/*
 * Allocations of a run, grouped, added up and put in order: what `mallow top` and
 * `mallow leaks` ask.
 *
 *	struct mlw_query query = { .place = "run.mallow@peak", .limit = 10 };
 *
 *	mlw_statistics_new(&statistics, &query, err);
 *	... statistics->rows[i], i < statistics->count
 *	mlw_statistics_free(statistics);
 *
 * Cost: one pass over the traces; by size, a replay of the whole run.
 */

#include "analyze/members.h"
#include "analyze/row.h"
#include "base/error.h"

struct mlw_statistics {
	enum mlw_by by;
	enum mlw_sort sort;
	bool cumulative;
	bool leaks; /* rows are in the order of their kinds first */
	struct mlw_sums kinds[MLW_LEAK_KINDS]; /* the parts of `total` */
	const char *file; /* without @WHEN */
	const char *at; /* WHEN */
	const char *domain; /* that was looked at; "all" for all */
	struct mlw_sums total; /* of all that passed the filter, each block once */
	size_t group_count; /* before min_size and limit */
	struct mlw_row *rows;
	size_t count;
	bool complete; /* false: events are missing in the recording */
	bool closed; /* false: the collector did not end it, or has not yet */
	bool live_only; /* a saved snapshot: of the sums, size and count are known */

	struct mlw_statistics_store *store; /* what the rows point into */
};

int mlw_statistics_new(struct mlw_statistics **statistics, const struct mlw_query *query,
                       struct mlw_error *err);
/* The same of a recording that is open already, and stays open as long as this. */
int mlw_statistics_new_beside(struct mlw_statistics **statistics,
                              const struct mlw_query *query,
                              struct mlw_recording *recording, struct mlw_error *err);
/* Which of the rows each trace counts in, or by size each class. Not for leaks. */
int mlw_statistics_members(const struct mlw_statistics *statistics,
                           struct mlw_members *members, struct mlw_error *err);

void mlw_statistics_free(struct mlw_statistics *statistics); /* NULL is fine */

#endif /* MLW_STATISTICS_H */
