/* SPDX-License-Identifier: MIT */
#ifndef MLW_GROUPS_H
#define MLW_GROUPS_H

/* A table of groups by key, in the order in which they were first asked for. */

#include "analyze/leak_kind.h"
#include "analyze/numbering.h"
#include "analyze/recording.h"
#include "analyze/sums.h"

struct mlw_group {
	struct mlw_key key;
	struct mallow_sums sums;
	uint64_t stamp; /* the trace that was added last, +1 */
	/* The least of its frames as mlw_frame_compare orders them, so that the choice
	 * does not hang on the order of traces; of those where something is that is
	 * sorted by, if there are any; NULL: not by frame, or no stack. */
	const struct mlw_frame *frame;
	bool frame_counts; /* something is there */
	struct mlw_walk stack; /* by trace: stands on the site */
	bool truncated; /* by trace */
	enum mallow_leak_kind kind; /* of a query for leaks */
	uint32_t id; /* by thread, ...: the number of it */
};

struct mlw_groups {
	struct mlw_group *rows;
	size_t count, capacity;
	struct mlw_numbering keys; /* number: place in rows + 1 */
	struct mallow_sums
	        kinds[MALLOW_LEAK_KINDS]; /* of a query for leaks: each kind's */
};

void mlw_groups_release(struct mlw_groups *groups); /* zeroed is fine */

/*
 * The group of `key`, new and zero if there was none. NULL without memory. Valid until
 * the next call.
 */
struct mlw_group *mlw_groups_find(struct mlw_groups *groups, const struct mlw_key *key,
                                  struct mlw_error *err);

/*
 * The key of a frame by line, function, file or module. What is unknown never makes two
 * different things one group: without a line the function stands for it, and without a
 * function the place of the call in its module.
 */
void mlw_group_key_of_frame(struct mlw_key *key, enum mallow_key by,
                            const struct mlw_frame *frame);
/* Leaves in `frame` what all frames with its key have in common. */
void mlw_group_common_frame(struct mlw_frame *common, enum mallow_key by,
                            const struct mlw_frame *frame);

#endif /* MLW_GROUPS_H */
