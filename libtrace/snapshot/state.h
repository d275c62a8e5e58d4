/* SPDX-License-Identifier: MIT */
#ifndef MLW_SNAPSHOT_STATE_H
#define MLW_SNAPSHOT_STATE_H

/* What the files of this folder share: the snapshot itself, and how a public function
 * fails. */

#include "snapshot/metadata.h"
#include "snapshot/origin.h"

struct mallow_snapshot {
	struct mlw_origin *origin;
	struct mallow_trace *traces;
	size_t count, capacity;
	uint64_t at_ns;
	enum mallow_measure measure; /* what size and count of its traces are */
	struct mlw_metadata metadata;
};

/* An empty one that holds `origin` too. NULL without memory. */
struct mallow_snapshot *mlw_snapshot_of(struct mlw_origin *origin, struct mlw_error *err);

/* Adds a trace whose pointers are the origin's already. */
int mlw_snapshot_put(struct mallow_snapshot *snapshot, const struct mallow_trace *trace,
                     struct mlw_error *err);

/* Puts the name of the file, if there is one, before the sentence, unless it begins with it.
 * Returns -1. */
int mlw_snapshot_blame(const char *file, struct mlw_error *err);

/* Hands the sentence on, if the caller wants it; returns -1. */
int mlw_snapshot_fail(struct mallow_error *err, const struct mlw_error *inner);

#endif /* MLW_SNAPSHOT_STATE_H */
