/* SPDX-License-Identifier: MIT */
#ifndef MLW_SERIES_H
#define MLW_SERIES_H

/*
 * The rows of an answer over time: what is live in each, at given moments, as changes are
 * replayed.
 *
 *	mlw_series_set_init(&set, recording, &members, rows, points, err);
 *	mlw_series_remove(&set, change, err);	for the old block of a change
 *	mlw_series_add(&set, change, err);	for its new one
 *	mlw_series_end_process(&set, process);
 *	mlw_series_mark(&set, point);	the changes so far are those up to this point
 *	... set.rows[i].levels[point]
 *	mlw_series_set_release(&set);
 *
 * Cost: 24 bytes for each point of each row, and 16 for each row of a running process.
 */

#include "analyze/cuts.h"
#include "analyze/members.h"

struct mlw_series_set {
	struct mallow_series *rows;
	size_t count, points;
	const struct mlw_members *members; /* borrowed */
	const struct mlw_recording *recording; /* borrowed */
	struct mallow_level *levels; /* row after row */
	struct mallow_level *now; /* of each row */
	struct mlw_held **processes; /* by id: what of each row it holds; NULL: nothing */
	struct mlw_cuts cuts;
};

int mlw_series_set_init(struct mlw_series_set *set, const struct mlw_recording *recording,
                        const struct mlw_members *members, size_t rows, size_t points,
                        struct mlw_error *err);
void mlw_series_set_release(struct mlw_series_set *set); /* zeroed is fine */

/* These fail when the changes contradict each other. */
int mlw_series_remove(struct mlw_series_set *set, const struct mlw_change *change,
                      struct mlw_error *err);
int mlw_series_add(struct mlw_series_set *set, const struct mlw_change *change,
                   struct mlw_error *err);
/* What the process still holds is not live any more. */
void mlw_series_end_process(struct mlw_series_set *set, uint32_t process);
void mlw_series_mark(struct mlw_series_set *set, size_t point);

#endif /* MLW_SERIES_H */
