/* SPDX-License-Identifier: MIT */
#ifndef MLW_RENDER_DIFFERENCE_H
#define MLW_RENDER_DIFFERENCE_H

/* The numbers of a difference as programs read them. */

#include <mallow/snapshot.h>

/* Of one of what is shown: how much there is now, and by how much that is more. */
struct mlw_changed {
	const char *name, *diff_name; /* "size", "size_diff" */
	uint64_t value;
	int64_t diff;
};

#define MLW_CHANGED_MOST 6u

/*
 * Sizes and counts, and after these what the answer is sorted by if it is something else.
 * Returns how many of `changed`, MLW_CHANGED_MOST of them, are filled.
 */
size_t mlw_changed_fill(struct mlw_changed *changed, enum mallow_sort sort,
                        const struct mallow_sums *from, const struct mallow_sums *to);

/* Changes are estimates: a side was sampled. */
bool mlw_changes_sampled(const struct mallow_changes *changes);

#endif /* MLW_RENDER_DIFFERENCE_H */
