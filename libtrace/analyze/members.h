/* SPDX-License-Identifier: MIT */
#ifndef MLW_MEMBERS_H
#define MLW_MEMBERS_H

/*
 * Which rows of an answer a change counts in: those that the block's trace belongs to, or
 * by size, the one of the size that was requested.
 *
 *	mlw_members_init(&members, recording, by, err);
 *	mlw_members_add(&members, trace, row, err);	traces in ascending order
 *	mlw_members_end(&members);
 *	rows = mlw_members_of(&members, trace, size_class, &count);
 *	mlw_members_release(&members);
 *
 * Cost: 4 bytes a trace, and 4 for each row of each.
 */

#include "analyze/recording.h"

struct mlw_members {
	bool by_size;
	uint32_t *starts; /* by trace id: where its rows begin in `rows` */
	uint32_t *rows;
	size_t row_count, row_capacity;
	uint32_t trace_count, last; /* the trace that rows were added of last */
	uint32_t classes[MLW_HISTOGRAM_CLASSES]; /* by size: the class's row */
	bool has_class[MLW_HISTOGRAM_CLASSES];
};

int mlw_members_init(struct mlw_members *members, const struct mlw_recording *recording,
                     enum mallow_key by, struct mlw_error *err);
void mlw_members_release(struct mlw_members *members); /* zeroed is fine */

/* A row that the trace has already is not added again. */
int mlw_members_add(struct mlw_members *members, uint32_t trace, uint32_t row,
                    struct mlw_error *err);
/* By size, instead. */
void mlw_members_add_class(struct mlw_members *members, uint32_t size_class,
                           uint32_t row);
/* Nothing is added any more. */
void mlw_members_end(struct mlw_members *members);

/* Borrowed; `count` may become 0. */
const uint32_t *mlw_members_of(const struct mlw_members *members, uint32_t trace,
                               uint32_t size_class, size_t *count);

#endif /* MLW_MEMBERS_H */
