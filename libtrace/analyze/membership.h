/* SPDX-License-Identifier: MIT */
#ifndef MLW_MEMBERSHIP_H
#define MLW_MEMBERSHIP_H

/* The groups that a holding counts in, by their keys. */

#include "analyze/groups.h"
#include "analyze/holdings.h"

/* How holdings are put into groups. */
struct mlw_memberships {
	struct mlw_recording *recording; /* borrowed */
	enum mallow_key by;
	bool cumulative; /* of each of its frames; else of its site alone */
};

/* One group of a holding, and what of it says what the group stands for. */
struct mlw_membership {
	struct mlw_key key;
	const struct mlw_frame *frame; /* by frame; NULL: no stack */
	struct mlw_walk stack; /* by trace: stands on the site */
	bool truncated; /* by trace */
	uint32_t id; /* by number */
};

/*
 * Calls `visit` for each group of `holding`, for one that recursion comes back to as
 * often as it does. Fails when `visit` returns -1, or when the stack is damaged.
 */
int mlw_membership_each(const struct mlw_memberships *memberships,
                        const struct mlw_holding *holding,
                        int (*visit)(void *context, const struct mlw_holding *holding,
                                     const struct mlw_membership *as,
                                     struct mlw_error *err),
                        void *context, struct mlw_error *err);

#endif /* MLW_MEMBERSHIP_H */
