/* SPDX-License-Identifier: MIT */
#ifndef MLW_PATHS_H
#define MLW_PATHS_H

/*
 * Stacks as rows of numbers: each distinct call (line, function, file or module) has one,
 * so that a tree of stacks compares numbers. Cost: four bytes a frame.
 *
 *	mlw_paths_add(&paths, recording, trace, &totals, err);	trace after trace
 *	mlw_paths_finish(&paths, err);	then names are ready
 *	... paths.labels[path->first + i], i < path->count
 *	mlw_paths_release(&paths);
 */

#include "analyze/groups.h"

/* The label of what lies outside a truncated stack. */
#define MLW_LABEL_TRUNCATED 0u

struct mlw_path {
	size_t first, count; /* labels from the site outward */
	struct mallow_sums sums;
};

struct mlw_paths {
	enum mallow_key by; /* a frame's key: set it before the first is added */
	struct mlw_path *rows;
	size_t count, capacity;
	uint32_t *labels;
	size_t label_count, label_capacity;
	struct mlw_numbering keys;
	const struct mlw_frame **frames; /* of a label - 1: the least that has it */
	size_t frame_capacity;
	struct mallow_frame *names; /* of a label - 1: what its frames have in common */
	uint32_t *known; /* index frame id: its label, 0 not asked yet */
	size_t known_capacity;
};

void mlw_paths_release(struct mlw_paths *paths); /* zeroed is fine */

int mlw_paths_add(struct mlw_paths *paths, struct mlw_recording *recording,
                  uint32_t trace, const struct mlw_trace_totals *totals,
                  struct mlw_error *err);
int mlw_paths_finish(struct mlw_paths *paths, struct mlw_error *err);

#endif /* MLW_PATHS_H */
