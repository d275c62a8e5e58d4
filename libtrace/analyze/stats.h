/* SPDX-License-Identifier: MIT */
#ifndef MLW_STATS_H
#define MLW_STATS_H

/*
 * A whole run on one screen: how it ended, its totals, processes, threads, histograms of
 * sizes and lifetimes, snapshots, and what the recording itself cost.
 *
 *	mlw_stats_new(&stats, "run.mallow", err);
 *	printf("%" PRIu64 "\n", stats->run.totals.peak_size);
 *	mlw_stats_free(stats);
 *
 * Totals are of malloc's domain. Sizes are bytes, times nanoseconds since the start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mallow/snapshot.h>

#include "base/error.h"

/* Bounds are both included. Empty classes are left out. */
struct mlw_classes {
	struct mallow_class rows[65];
	size_t count;
};

struct mallow_stats {
	struct mallow_about about;
	struct mallow_run_stats run;
	struct mallow_process_stats *processes;
	size_t process_count;
	struct mallow_thread_stats *threads;
	size_t thread_count;
	struct mallow_domain_stats *domains;
	size_t domain_count;
	struct mlw_classes sizes; /* requested, of all allocations */
	struct mlw_classes lifetimes; /* of all freed blocks; bounds in ns */
	struct mallow_snapshots *snapshots;
	struct mallow_metadatum *metadata;
	size_t metadata_count;

	struct mlw_stats_store *store; /* what the pointers point into */
};

/* `place`: FILE or FILE@end; what is asked here has no answer at other places. */
int mlw_stats_new(struct mallow_stats **stats, const char *place, struct mlw_error *err);
void mlw_stats_free(struct mallow_stats *stats); /* NULL is fine */

#endif /* MLW_STATS_H */
