/* SPDX-License-Identifier: MIT */
#ifndef MLW_TIMELINE_H
#define MLW_TIMELINE_H

/*
 * Live memory, resident memory and allocations over the time of a run.
 *
 *	mlw_timeline_new(&timeline, &query, err);
 *	... timeline->points[i], i < timeline->count
 *	mlw_timeline_free(timeline);
 *
 * Of all malloc blocks the points are those that the collector has stored. Of selected
 * traces, of groups, and of runs so short that the stored points are few, they come from
 * a replay, at the times of the stored points and, if these are few, at 200 equal
 * distances. Live memory is what running processes hold: what one has left unfreed at its
 * end is not in it.
 *
 * The groups of a query are the rows that mlw_ranking_new gives for it, at the peak if
 * the query names no place; each has its own levels at the times of the points.
 */

#include "analyze/query.h"
#include "analyze/ranking.h"
#include "analyze/series.h"
#include "analyze/snapshots.h"

struct mallow_timeline {
	struct mallow_about about;
	uint64_t duration_ns;
	bool selected; /* not of all malloc blocks */
	const struct mallow_point *points;
	size_t count;
	struct mallow_highest peak; /* of what the points are about, exact as the run's */
	uint64_t allocations; /* in all */
	uint64_t peak_rss; /* of the points; 0 unknown */
	/* The groups; NULL: none were asked for. */
	const struct mallow_ranking *ranking;
	const struct mallow_series *series; /* one for each of their rows */
	const struct mallow_snapshots *snapshots;

	struct mlw_timeline_store *store; /* what the pointers point into */
};

/*
 * Of `query` everything counts that counts for statistics, if it asks for groups or names
 * a place that is not the end; else place, filter and recording. Fails for groups and for
 * selected traces of a recording that does not keep all events.
 */
int mlw_timeline_new(struct mallow_timeline **timeline, const struct mlw_query *query,
                     struct mlw_error *err);
void mlw_timeline_free(struct mallow_timeline *timeline); /* NULL is fine */

#endif /* MLW_TIMELINE_H */
