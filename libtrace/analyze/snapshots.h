/* SPDX-License-Identifier: MIT */
#ifndef MLW_SNAPSHOTS_H
#define MLW_SNAPSHOTS_H

/*
 * The snapshots of a run, in the order in which they were taken.
 *
 *	mlw_snapshots_new(&snapshots, "run.mallow", err);
 *	... snapshots->rows[i], i < snapshots->count
 *	mlw_snapshots_free(snapshots);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mallow/snapshot.h>

#include "base/error.h"

struct mlw_recording;

struct mallow_snapshots {
	struct mallow_about about;
	const struct mallow_taken *rows;
	size_t count;

	struct mlw_snapshots_store *store; /* what the pointers point into */
};

/* `place`: FILE or FILE@end. */
int mlw_snapshots_new(struct mallow_snapshots **snapshots, const char *place,
                      struct mlw_error *err);
/* The same of a recording that is open already, for as long as it is. */
int mlw_snapshots_of(struct mallow_snapshots **snapshots, struct mlw_recording *recording,
                     struct mlw_error *err);
void mlw_snapshots_free(struct mallow_snapshots *snapshots); /* NULL is fine */

#endif /* MLW_SNAPSHOTS_H */
