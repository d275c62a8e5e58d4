/* SPDX-License-Identifier: MIT */
#ifndef MLW_GROUPING_H
#define MLW_GROUPING_H

/* What a query is about, put into groups. */

#include "analyze/groups.h"
#include "analyze/subject.h"

/*
 * Adds every holding of the subject to its group, or groups if it counts cumulatively,
 * and once to `total`. Fails if what is asked for cannot count cumulatively.
 */
int mlw_group_subject(struct mlw_groups *groups, struct mlw_subject *subject,
                      const struct mlw_query *query, struct mallow_sums *total,
                      struct mlw_error *err);

/*
 * Orders groups by their frame or stack as mlw_traceback_compare does, by number
 * downward where they have none: what breaks ties. They may be of two recordings.
 */
int mlw_group_compare(const struct mlw_group *a, const struct mlw_group *b,
                      enum mallow_key by);

#endif /* MLW_GROUPING_H */
