/* SPDX-License-Identifier: MIT */
#include "analyze/snapshots.h"

#include "snapshot/query.h"

int mallow_snapshots_new(struct mallow_snapshots **snapshots, const char *place,
                         struct mallow_error *err)
{
	struct mlw_error inner;

	return mlw_snapshots_new(snapshots, place, &inner)
	               ? mlw_query_fail(err, place, &inner)
	               : 0;
}

void mallow_snapshots_free(struct mallow_snapshots *snapshots)
{
	mlw_snapshots_free(snapshots);
}

const struct mallow_about *mallow_snapshots_about(
        const struct mallow_snapshots *snapshots)
{
	return &snapshots->about;
}

size_t mallow_snapshots_count(const struct mallow_snapshots *snapshots)
{
	return snapshots->count;
}

const struct mallow_taken *mallow_snapshots_get(const struct mallow_snapshots *snapshots,
                                                size_t index)
{
	return index < snapshots->count ? &snapshots->rows[index] : NULL;
}
