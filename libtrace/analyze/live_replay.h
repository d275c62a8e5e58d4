/* SPDX-License-Identifier: MIT */
#ifndef MLW_LIVE_REPLAY_H
#define MLW_LIVE_REPLAY_H

/*
 * Live memory of the traces that pass a filter, at given times, by going through all
 * changes once.
 */

#include "analyze/filter.h"
#include "analyze/series.h"
#include "analyze/timeline.h"

struct mlw_live_peak {
	uint64_t at_us, size, count;
};

/*
 * Fills size, count and allocations of `points`, whose at_ns are given in ascending
 * order: as of all changes up to that time. `peak` becomes the highest size and when it
 * was first reached. `series` becomes the same for each of its rows; NULL: no rows. Fails
 * when the changes contradict each other.
 */
int mlw_live_replay(struct mlw_recording *recording, struct mlw_filter *filter,
                    struct mallow_point *points, size_t count, struct mlw_live_peak *peak,
                    struct mlw_series_set *series, struct mlw_error *err);

#endif /* MLW_LIVE_REPLAY_H */
