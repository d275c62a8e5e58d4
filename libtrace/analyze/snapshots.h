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

#include "base/error.h"

struct mlw_recording;

struct mlw_snapshot {
	const char *name;
	uint64_t nth; /* of this name, from 1: FILE@NAME#nth */
	uint64_t at_ns; /* since the start of the run */
	uint64_t size, count; /* live in malloc's domain */
};

struct mlw_snapshots {
	const char *file;
	const struct mlw_snapshot *rows;
	size_t count;
	bool complete; /* nothing was lost and the collector closed the file */
	bool closed;

	struct mlw_snapshots_store *store; /* what the pointers point into */
};

/* `place`: FILE or FILE@end. */
int mlw_snapshots_new(struct mlw_snapshots **snapshots, const char *place,
                      struct mlw_error *err);
/* The same of a recording that is open already, for as long as it is. */
int mlw_snapshots_of(struct mlw_snapshots **snapshots, struct mlw_recording *recording,
                     struct mlw_error *err);
void mlw_snapshots_free(struct mlw_snapshots *snapshots); /* NULL is fine */

#endif /* MLW_SNAPSHOTS_H */
