/* SPDX-License-Identifier: MIT */
#ifndef MLW_RANKING_H
#define MLW_RANKING_H

/*
 * Allocations of a run, grouped, added up and put in order: what `mallow top` and
 * `mallow leaks` ask.
 *
 *	struct mlw_query query = { .place = "run.mallow@peak", .limit = 10 };
 *
 *	mlw_ranking_new(&ranking, &query, err);
 *	... ranking->rows[i], i < ranking->count
 *	mlw_ranking_free(ranking);
 *
 * Cost: one pass over the traces; by size, a replay of the whole run.
 */

#include "analyze/members.h"
#include "analyze/row.h"
#include "base/error.h"

struct mallow_ranking {
	struct mallow_about about;
	struct mallow_sums total; /* of all that passed the filter, each block once */
	struct mallow_sums kinds[MALLOW_LEAK_KINDS]; /* the parts of `total` */
	size_t group_count; /* before min_size and limit */
	struct mallow_row *rows;
	size_t count;

	struct mlw_ranking_store *store; /* what the rows point into */
};

int mlw_ranking_new(struct mallow_ranking **ranking, const struct mlw_query *query,
                    struct mlw_error *err);
/* The same of a recording that is open already, and stays open as long as this. */
int mlw_ranking_new_beside(struct mallow_ranking **ranking, const struct mlw_query *query,
                           struct mlw_recording *recording, struct mlw_error *err);
/* Which of the rows each trace counts in, or by size each class. Not for leaks. */
int mlw_ranking_members(const struct mallow_ranking *ranking, struct mlw_members *members,
                        struct mlw_error *err);

void mlw_ranking_free(struct mallow_ranking *ranking); /* NULL is fine */

#endif /* MLW_RANKING_H */
