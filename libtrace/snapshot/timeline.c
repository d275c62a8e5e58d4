/* SPDX-License-Identifier: MIT */
#include "analyze/timeline.h"

#include "snapshot/query.h"

int mallow_timeline_new(struct mallow_timeline **timeline,
                        const struct mallow_query *query, struct mallow_error *err)
{
	struct mlw_query asked;
	struct mlw_error inner;

	*timeline = NULL;
	if (mlw_query_of(&asked, query, &inner) ||
	    mlw_timeline_new(timeline, &asked, &inner))
		return mlw_query_fail(err, query->place, &inner);
	return 0;
}

void mallow_timeline_free(struct mallow_timeline *timeline)
{
	mlw_timeline_free(timeline);
}

const struct mallow_about *mallow_timeline_about(const struct mallow_timeline *timeline)
{
	return &timeline->about;
}

uint64_t mallow_timeline_duration_ns(const struct mallow_timeline *timeline)
{
	return timeline->duration_ns;
}

bool mallow_timeline_selected(const struct mallow_timeline *timeline)
{
	return timeline->selected;
}

const struct mallow_highest *mallow_timeline_peak(const struct mallow_timeline *timeline)
{
	return &timeline->peak;
}

uint64_t mallow_timeline_allocations(const struct mallow_timeline *timeline)
{
	return timeline->allocations;
}

uint64_t mallow_timeline_peak_rss(const struct mallow_timeline *timeline)
{
	return timeline->peak_rss;
}

size_t mallow_timeline_count(const struct mallow_timeline *timeline)
{
	return timeline->count;
}

const struct mallow_point *mallow_timeline_point(const struct mallow_timeline *timeline,
                                                 size_t index)
{
	return index < timeline->count ? &timeline->points[index] : NULL;
}

const struct mallow_ranking *mallow_timeline_ranking(
        const struct mallow_timeline *timeline)
{
	return timeline->ranking;
}

const struct mallow_series *mallow_timeline_series(const struct mallow_timeline *timeline,
                                                   size_t row)
{
	return timeline->ranking && row < timeline->ranking->count
	               ? &timeline->series[row]
	               : NULL;
}

size_t mallow_timeline_taken_count(const struct mallow_timeline *timeline)
{
	return timeline->snapshots->count;
}

const struct mallow_taken *mallow_timeline_taken(const struct mallow_timeline *timeline,
                                                 size_t index)
{
	return index < timeline->snapshots->count ? &timeline->snapshots->rows[index]
	                                          : NULL;
}
