/* SPDX-License-Identifier: MIT */
#ifndef MLW_STATS_H
#define MLW_STATS_H

/*
 * A whole run on one screen: how it ended, its totals, processes, threads, histograms of
 * sizes and lifetimes, snapshots, and what the recording itself cost.
 *
 *	mlw_stats_new(&stats, "run.mallow", err);
 *	printf("%" PRIu64 "\n", stats->totals.peak_size);
 *	mlw_stats_free(stats);
 *
 * Totals are of malloc's domain. Sizes are bytes, times nanoseconds since the start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mlw_stats_totals {
	uint64_t allocations, frees, reallocations;
	uint64_t allocated_size;
	uint64_t peak_size, peak_at_ns;
	uint64_t live_size, live_count;
	uint64_t temporary_count;
	uint64_t inherited_frees, foreign_frees;
};

/* How a run or a process ended: `ended` is exit, signal, exec, detached, running or lost;
 * the numbers are -1 where they mean nothing. */
struct mlw_stats_end {
	const char *ended;
	int exit_code;
	int signal;
};

struct mlw_stats_process {
	uint32_t id, parent; /* parent 0: none */
	int pid;
	const char *const *command; /* its words */
	size_t command_count;
	struct mlw_stats_end end;
	bool recorded;
	const char *reason; /* why it was not, or NULL */
	uint64_t lost_events, tracer_size, peak_rss;
	struct mlw_stats_totals totals;
};

struct mlw_stats_thread {
	uint32_t id, process;
	const char *name; /* may be "" */
	struct mlw_stats_totals totals;
};

/* Bounds are both included. Empty classes are left out. */
struct mlw_stats_class {
	uint64_t min, max;
	uint64_t count;
	uint64_t size; /* bytes of these blocks together */
};

struct mlw_stats_classes {
	struct mlw_stats_class rows[65];
	size_t count;
};

/* Pools of one domain whose blocks take the same, in all processes, as each was when it
 * ended. */
struct mlw_stats_pools {
	uint64_t block_size; /* that a block takes; 0: as many bytes as were asked for */
	uint64_t created; /* pools in all the run */
	uint64_t pools;
	uint64_t size; /* of their memory: the sum of the next three */
	uint64_t used_size; /* asked for */
	uint64_t wasted_size; /* taken by blocks beyond that */
	uint64_t free_size;
	uint64_t largest_free; /* in one piece */
	uint64_t blocks;
};

struct mlw_stats_domain {
	uint32_t id;
	const char *name;
	struct mlw_stats_totals totals;
	struct mlw_stats_pools *pools; /* by block_size */
	size_t pool_count, pool_capacity;
};

struct mlw_stats_snapshot {
	const char *name;
	uint64_t at_ns, size, count;
};

struct mlw_stats_metadatum {
	const char *key;
	const char *value; /* a NUL stands behind it */
	size_t size;
};

struct mlw_stats {
	const char *file;
	const char *const *command;
	size_t command_count;
	int64_t started_at_ns; /* since 1970 */
	uint64_t duration_ns;
	uint64_t time_resolution_ns;
	struct mlw_stats_end end;
	bool complete; /* nothing was lost and the collector closed the file */
	bool closed;
	bool running; /* not closed, and still being recorded */
	bool cut; /* --max-size: events are kept up to cut_at_ns, totals to the end */
	uint64_t cut_at_ns;
	/* One snapshot, saved by itself: of all totals only what was live is known, and
	 * duration_ns is when that was. */
	bool saved;
	bool built; /* and its traces were given: there was no run */
	struct mlw_stats_metadatum *metadata;
	size_t metadata_count;

	struct mlw_stats_totals totals;
	uint64_t peak_uncertainty;
	uint64_t lost_events, damaged_events;
	uint64_t truncated_traces, distinct_traces; /* stacks */
	uint64_t stacks_verified, stack_mismatches;
	uint64_t tracer_size; /* in all processes together */
	uint64_t peak_rss; /* of all recorded processes together; 0 unknown */
	struct mlw_stats_totals mapped; /* domain mmap and brk, where recorded */

	struct mlw_stats_process *processes;
	size_t process_count;
	struct mlw_stats_thread *threads;
	size_t thread_count;
	struct mlw_stats_domain
	        *domains; /* malloc first, then those with blocks or pools */
	size_t domain_count;
	struct mlw_stats_classes sizes; /* requested, of all allocations */
	struct mlw_stats_classes lifetimes; /* of all freed blocks; bounds in ns */
	struct mlw_stats_snapshot *snapshots;
	size_t snapshot_count;

	uint64_t collector_cpu_ns, collector_peak_rss, collector_events;

	struct mlw_stats_store *store; /* what the pointers point into */
};

/* `place`: FILE or FILE@end; what is asked here has no answer at other places. */
int mlw_stats_new(struct mlw_stats **stats, const char *place, struct mlw_error *err);
void mlw_stats_free(struct mlw_stats *stats); /* NULL is fine */

#endif /* MLW_STATS_H */
