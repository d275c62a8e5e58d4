/* SPDX-License-Identifier: MIT */
#include "analyze/changes.h"

#include "analyze/sums.h"

#include "snapshot/query.h"
#include "snapshot/state.h"

/* Failures say themselves which of the two places they are about. */
int mallow_changes_new(struct mallow_changes **changes, const struct mallow_query *query,
                       const char *new_place, struct mallow_error *err)
{
	struct mlw_query asked;
	struct mlw_error inner;
	int result;

	*changes = NULL;
	result = mlw_query_of(&asked, query, &inner);
	if (!result && asked.at)
		result = mlw_fail(&inner,
		                  "a difference has two places, and '%s' is a third",
		                  asked.at);
	if (!result && !new_place)
		result = mlw_fail(&inner, "there is no new place");
	if (!result)
		result = mlw_changes_new(changes, &asked, new_place, query->changed_only,
		                         &inner);
	return result ? mlw_snapshot_fail(err, &inner) : 0;
}

void mallow_changes_free(struct mallow_changes *changes)
{
	mlw_changes_free(changes);
}

const struct mallow_about *mallow_changes_about(const struct mallow_changes *changes,
                                                enum mallow_side side)
{
	return &changes->about[side == MALLOW_NEW];
}

const struct mallow_sums *mallow_changes_total(const struct mallow_changes *changes,
                                               enum mallow_side side)
{
	return &changes->totals[side == MALLOW_NEW];
}

static uint64_t error_of(const struct mallow_changes *changes,
                         const struct mallow_change *row, enum mallow_side side)
{
	const struct mallow_about *about = &changes->about[side];
	struct mallow_row shown;

	if (!row)
		return mallow_sums_error(&changes->totals[side], about);
	shown = row->row;
	if (side == MALLOW_OLD)
		shown.sums = row->old_sums;
	return mallow_row_error(&shown, about);
}

uint64_t mallow_changes_error(const struct mallow_changes *changes,
                              const struct mallow_change *row)
{
	return mlw_sums_join_errors(error_of(changes, row, MALLOW_OLD),
	                            error_of(changes, row, MALLOW_NEW));
}

bool mallow_changes_one_run(const struct mallow_changes *changes)
{
	return changes->one_run;
}

size_t mallow_changes_group_count(const struct mallow_changes *changes)
{
	return changes->group_count;
}

size_t mallow_changes_unchanged_count(const struct mallow_changes *changes)
{
	return changes->unchanged_count;
}

size_t mallow_changes_moved_count(const struct mallow_changes *changes)
{
	return changes->moved_count;
}

size_t mallow_changes_count(const struct mallow_changes *changes)
{
	return changes->count;
}

const struct mallow_change *mallow_changes_row(const struct mallow_changes *changes,
                                               size_t index)
{
	return index < changes->count ? &changes->rows[index] : NULL;
}

const char *mallow_match_name(enum mallow_match match)
{
	static const char *const names[] = { "exact", "moved", "new", "gone" };

	return (unsigned)match < sizeof(names) / sizeof(*names) ? names[match] : NULL;
}
