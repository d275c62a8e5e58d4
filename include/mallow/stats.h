/* SPDX-License-Identifier: MIT */
#ifndef MALLOW_STATS_H
#define MALLOW_STATS_H

/*
 * A run as a whole: what there is of it, and all that happened. mallow/snapshot.h includes
 * this, and what it says of errors, ownership and threads holds here too.
 *
 *	struct mallow_stats *stats;
 *	struct mallow_error err;
 *
 *	if (mallow_stats_new(&stats, "run.mallow", &err))
 *		errx(2, "%s", err.text);
 *	printf("%" PRIu64 " B\n", mallow_stats_run(stats)->totals.peak_size);
 *	mallow_stats_free(stats);
 */

#include <mallow/snapshot.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- A whole run: mallow stats ---- */

/*
 * How a run ended, its totals, processes, threads, domains and pools, histograms, and what
 * the recording cost. Totals are of malloc's domain. Of one saved snapshot only what was
 * live is known of all totals.
 */
struct mallow_stats;

/* "running", "exit", ...; NULL: there is no such. */
MALLOW_ANALYSIS_API const char *mallow_ended_name(enum mallow_ended ended);

/* The numbers are -1 where they mean nothing. */
struct mallow_end {
	enum mallow_ended ended;
	int exit_code;
	int signal;
};

/* What is known of the run as a whole. */
struct mallow_run_stats {
	const char *const *command; /* its words */
	size_t command_count;
	int64_t started_at_ns; /* since 1970 */
	uint64_t duration_ns; /* of a saved snapshot: when it was */
	uint64_t time_resolution_ns;
	struct mallow_end end;
	bool running; /* not closed, and still being recorded */
	bool cut; /* --max-size: events are kept up to cut_at_ns, totals to the end */
	uint64_t cut_at_ns;
	bool saved; /* one snapshot, saved by itself */
	bool built; /* and its traces were given: there was no run */

	struct mallow_totals totals;
	uint64_t peak_uncertainty; /* bytes */
	uint64_t lost_events, damaged_events;
	uint64_t truncated_traces, distinct_traces; /* stacks */
	uint64_t stacks_verified, stack_mismatches;
	uint64_t tracer_size; /* bytes of Mallow in all processes together */
	uint64_t peak_rss; /* of all recorded processes together; 0 unknown */
	/* Domains mmap and brk added up, where recorded. Its peak is 0: that of both
	 * together is not known; each of the two domains has its own. */
	struct mallow_totals mapped;
	uint64_t collector_cpu_ns, collector_peak_rss, collector_events;
};

struct mallow_process_stats {
	uint32_t id, parent; /* parent 0: none */
	int pid;
	const char *const *command; /* its words */
	size_t command_count;
	struct mallow_end end;
	bool recorded;
	const char *reason; /* why it was not, or NULL */
	uint64_t lost_events, tracer_size, peak_rss;
	struct mallow_totals totals;
};

struct mallow_thread_stats {
	uint32_t id, process;
	const char *name; /* may be "" */
	struct mallow_totals totals;
};

/* Of a histogram. Bounds are both included. */
struct mallow_class {
	uint64_t min, max;
	uint64_t count;
	uint64_t size; /* bytes of these blocks together */
};

/* Pools of one domain whose blocks take the same, in all processes, as each was when it
 * ended. */
struct mallow_pools {
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

struct mallow_domain_stats {
	uint32_t id;
	const char *name;
	struct mallow_totals totals;
	const struct mallow_pools *pools; /* by block_size */
	size_t pool_count;
};

/* What was attached to a saved snapshot. */
struct mallow_metadatum {
	const char *key;
	const char *value; /* a NUL stands behind it */
	size_t size;
};

/* `place`: FILE or FILE@end. Fails as a ranking does. */
MALLOW_ANALYSIS_API int mallow_stats_new(struct mallow_stats **stats, const char *place,
                                         struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_stats_free(struct mallow_stats *stats); /* NULL is fine */

MALLOW_ANALYSIS_API const struct mallow_about *mallow_stats_about(
        const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_run_stats *mallow_stats_run(
        const struct mallow_stats *stats);

/* Lists: processes and threads by id; malloc first of the domains, then those with blocks
 * or pools; classes of requested sizes of all allocations, and of lifetimes in nanoseconds
 * of all freed blocks, without those that are empty; snapshots that were taken; metadata
 * by key. NULL: there is none at that index. */
MALLOW_ANALYSIS_API size_t mallow_stats_process_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_process_stats *mallow_stats_process(
        const struct mallow_stats *stats, size_t index);
MALLOW_ANALYSIS_API size_t mallow_stats_thread_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_thread_stats *mallow_stats_thread(
        const struct mallow_stats *stats, size_t index);
MALLOW_ANALYSIS_API size_t mallow_stats_domain_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_domain_stats *mallow_stats_domain(
        const struct mallow_stats *stats, size_t index);
MALLOW_ANALYSIS_API size_t mallow_stats_size_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_class *mallow_stats_size(
        const struct mallow_stats *stats, size_t index);
MALLOW_ANALYSIS_API size_t mallow_stats_lifetime_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_class *mallow_stats_lifetime(
        const struct mallow_stats *stats, size_t index);
MALLOW_ANALYSIS_API size_t mallow_stats_taken_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_taken *mallow_stats_taken(
        const struct mallow_stats *stats, size_t index);
MALLOW_ANALYSIS_API size_t mallow_stats_metadata_count(const struct mallow_stats *stats);
MALLOW_ANALYSIS_API const struct mallow_metadatum *mallow_stats_metadatum(
        const struct mallow_stats *stats, size_t index);

/* ---- The snapshots of a run: mallow snapshot ---- */

struct mallow_snapshots;

/* `place`: FILE or FILE@end. Fails as a ranking does. */
MALLOW_ANALYSIS_API int mallow_snapshots_new(struct mallow_snapshots **snapshots,
                                             const char *place, struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_snapshots_free(
        struct mallow_snapshots *snapshots); /* NULL is fine */

MALLOW_ANALYSIS_API const struct mallow_about *mallow_snapshots_about(
        const struct mallow_snapshots *snapshots);
MALLOW_ANALYSIS_API size_t
mallow_snapshots_count(const struct mallow_snapshots *snapshots);
/* In the order in which they were taken. NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_taken *mallow_snapshots_get(
        const struct mallow_snapshots *snapshots, size_t index);

/* ---- Events: all that happened, one by one ---- */

enum mallow_op {
	MALLOW_OP_ALLOC = 1,
	MALLOW_OP_FREE,
	MALLOW_OP_REALLOC, /* both at once: a new block, even when it stays in place */
	MALLOW_OP_SHRINK, /* a part of a mapping went away */
	MALLOW_OP_END, /* of a process: what it still held was never freed */
	MALLOW_OP_CLEAR, /* mallow_clear_traces: what the process had is forgotten */
};

/* What the pointer was that was freed or reallocated. */
enum mallow_freed {
	MALLOW_FREED_NOTHING, /* of ALLOC, and of realloc(NULL, size) */
	MALLOW_FREED_BLOCK,
	MALLOW_FREED_INHERITED, /* a block from before a fork */
	MALLOW_FREED_FOREIGN, /* unknown to the recording */
};

struct mallow_block {
	uint64_t number; /* of its allocation in the run, from 1; 0: there is no block */
	uint64_t size; /* of SHRINK: before it */
	uint64_t at_ns; /* when it was allocated */
	/* What it stands for: 1 and `size`, of a sampled run more. These add up to the
	 * totals. */
	uint64_t blocks, bytes;
	/* Where, and who did. */
	const struct mallow_traceback *traceback;
	uint32_t thread, process, domain;
	const char *scope; /* NULL none */
};

struct mallow_event {
	uint64_t number; /* in the run, from 1, as SQL has it */
	uint64_t at_ns;
	enum mallow_op op;
	enum mallow_freed freed;
	uint32_t thread, process; /* that did it */
	struct mallow_block block; /* the new one: of ALLOC and REALLOC */
	struct mallow_block old; /* of FREE, REALLOC and SHRINK, if it was a BLOCK */
	uint64_t left; /* of SHRINK: bytes that are left */
	uint64_t address; /* of the new block or of what was freed; 0: it was not kept */
};

/*
 * Calls `visit` with each event from `from_ns` on, of all domains, in the order in which
 * they happened, until it returns false. Tracebacks live as long as the run, the event for
 * the length of the call. Fails if events were not kept; of a recording that was cut
 * (mallow run --max-size) the first ones are there.
 */
MALLOW_ANALYSIS_API int mallow_run_events(struct mallow_run *run, uint64_t from_ns,
                                          bool (*visit)(void *context,
                                                        const struct mallow_event *event),
                                          void *context, struct mallow_error *err);

#ifdef __cplusplus
}
#endif

#endif /* MALLOW_STATS_H */
