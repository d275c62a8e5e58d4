/* SPDX-License-Identifier: MIT */
#ifndef MALLOW_SNAPSHOT_H
#define MALLOW_SNAPSHOT_H

/*
 * Reading the recordings of Mallow from C and C++: what Python's tracemalloc does with a
 * Snapshot. Link with libmallow-analysis (pkg-config mallow-analysis, Mallow::analysis in
 * CMake). The traced program needs nothing of this.
 *
 *	struct mallow_snapshot *old, *now;
 *	struct mallow_differences *changes;
 *	struct mallow_error err;
 *
 *	if (mallow_snapshot_open(&old, "run.mallow@25%", &err) ||
 *	    mallow_snapshot_open(&now, "run.mallow@end", &err) ||
 *	    mallow_snapshot_compare_to(now, old, MALLOW_BY_LINE, false, &changes, &err))
 *		errx(2, "%s", err.text);
 *	for (size_t i = 0; i < mallow_differences_count(changes); i++) {
 *		char *text = mallow_difference_text(mallow_differences_get(changes, i));
 *
 *		puts(text);
 *		free(text);
 *	}
 *
 * Sizes are bytes as the program asked for them. Tracebacks have their most recent call
 * first, and begin at the site: the most recent frame outside of malloc, operator new and
 * what else only passes an allocation on.
 *
 * Functions that can fail return 0, or -1 and one sentence in `err`, which may be NULL;
 * what they were to make is then NULL. What a function makes is freed by its own
 * mallow_..._free; what is got out of it lives as long as it. A snapshot, statistics and
 * differences keep what they need: the run and the snapshots that they come from may be
 * freed before them. A text that is returned as `char *` is freed with free(); it is NULL
 * without memory.
 *
 * Nothing here writes to a file that it reads, and only mallow_snapshot_save writes any.
 * Objects of different runs may be used by different threads at once; those of one run,
 * and a snapshot and what was made of it, by one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MALLOW_ANALYSIS_API __attribute__((visibility("default")))
#else
#define MALLOW_ANALYSIS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct mallow_error {
	char text[256]; /* one sentence, without a newline */
};

/* ---- Tracebacks ---- */

/* Texts are NULL where they are unknown. */
struct mallow_frame {
	const char *function;
	const char *file;
	const char *module; /* path of the executable or library */
	uint64_t offset; /* of the call in the module, as addr2line wants it */
	uint32_t line; /* 0 unknown */
	bool inlined; /* into the next frame */
};

struct mallow_traceback;

/* How many frames there are. */
MALLOW_ANALYSIS_API size_t
mallow_traceback_count(const struct mallow_traceback *traceback);

/* Frame 0 is the most recent call. All is unknown in a frame that is not there. */
MALLOW_ANALYSIS_API struct mallow_frame mallow_traceback_frame(
        const struct mallow_traceback *traceback, size_t index);

/*
 * How many frames the stack had when it was recorded, with those that are not shown. If
 * it was cut (mallow run --depth), mallow_traceback_truncated is true, and there were
 * more than that unless who built the snapshot knew better.
 */
MALLOW_ANALYSIS_API uint32_t
mallow_traceback_total_frames(const struct mallow_traceback *traceback);
MALLOW_ANALYSIS_API bool mallow_traceback_truncated(
        const struct mallow_traceback *traceback);

/*
 * The C library or the loader keeps this for itself, until the process ends: threads'
 * vectors, stdio buffers, the environment, ... By the names of functions, so that it is
 * not known where the symbols of the C library are not.
 */
MALLOW_ANALYSIS_API bool mallow_traceback_is_runtime(
        const struct mallow_traceback *traceback);

/*
 * Lines `  File "a.c", line 2, in parse`, each below it the source line if the file can
 * be read, with a newline between two lines. `limit`: 0 all frames, n the n most recent
 * ones, -n the n oldest ones. `source_root`: where files with relative names are looked
 * for before the current folder, or NULL.
 */
MALLOW_ANALYSIS_API char *mallow_traceback_format(
        const struct mallow_traceback *traceback, int limit, bool most_recent_first,
        const char *source_root);

/* ---- Runs ---- */

/* A recording: the program and every process that it forked or executed. */
struct mallow_run;

/* How a process ended. */
enum mallow_ended {
	MALLOW_ENDED_RUNNING, /* it has not, as far as the recording goes */
	MALLOW_ENDED_EXIT,
	MALLOW_ENDED_SIGNAL,
	MALLOW_ENDED_EXEC, /* it became another program: the next of the same pid */
	MALLOW_ENDED_DETACHED,
	MALLOW_ENDED_LOST, /* nobody saw how */
};

/* Times are nanoseconds since the start of the run. */
struct mallow_process {
	uint32_t id; /* from 1 */
	uint32_t parent; /* id, 0 none */
	int32_t pid;
	const char *command; /* its words with spaces between them */
	uint64_t started_ns, ended_ns;
	enum mallow_ended ended;
	int32_t exit_code; /* of MALLOW_ENDED_EXIT */
	int32_t signal; /* of MALLOW_ENDED_SIGNAL */
	bool recorded;
	const char *reason; /* why it was not, or NULL */
};

struct mallow_thread {
	uint32_t id; /* from 1 */
	uint32_t process; /* id */
	int32_t tid;
	const char *name; /* may be "" */
	uint64_t started_ns, ended_ns; /* ended 0: not by itself */
};

/* One that was taken while the program ran. */
struct mallow_taken {
	const char *name;
	uint64_t nth; /* of that name, from 1: FILE@NAME#nth */
	uint64_t at_ns;
	uint64_t size, count; /* live in malloc's domain then */
};

/* How names are shown, and what is never a site: as the options of the commands of mallow
 * with these names. Zero, or NULL for all of it: their defaults. */
struct mallow_run_options {
	const char *const *wrappers; /* globs over functions, beside the built-in list */
	size_t wrapper_count;
	const char *source_root; /* files below it are named relative to it */
	const char *const *path_maps; /* OLD=NEW: the beginning of a path is replaced */
	size_t path_map_count;
	/* Called now and then while something takes long, and at its end with done = total,
	 * however it came; a total of UINT64_MAX is not known. NULL: nobody looks. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *progress_context;
};

/* `file`: a .mallow file, finished or still being recorded: then as far as it is written.
 * What the options point to must stay as long as the run and all that is made of it. */
MALLOW_ANALYSIS_API int mallow_run_open(struct mallow_run **run, const char *file,
                                        const struct mallow_run_options *options,
                                        struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_run_close(struct mallow_run *run); /* NULL is fine */

/* Nothing was lost, and the recording was ended in order. */
MALLOW_ANALYSIS_API bool mallow_run_complete(const struct mallow_run *run);
MALLOW_ANALYSIS_API uint64_t mallow_run_duration_ns(const struct mallow_run *run);
/* `mallow run --sample`: 1 byte in so many was sampled, and all that is told of malloc's
 * domain are estimates. 0: everything was recorded. */
MALLOW_ANALYSIS_API uint64_t mallow_run_sample_bytes(const struct mallow_run *run);

/* Lists, in the order in which things began. NULL: there is none at that index. */
MALLOW_ANALYSIS_API size_t mallow_run_process_count(const struct mallow_run *run);
MALLOW_ANALYSIS_API const struct mallow_process *mallow_run_process(
        const struct mallow_run *run, size_t index);
MALLOW_ANALYSIS_API size_t mallow_run_thread_count(const struct mallow_run *run);
MALLOW_ANALYSIS_API const struct mallow_thread *mallow_run_thread(
        const struct mallow_run *run, size_t index);
MALLOW_ANALYSIS_API size_t mallow_run_taken_count(const struct mallow_run *run);
MALLOW_ANALYSIS_API const struct mallow_taken *mallow_run_taken(
        const struct mallow_run *run, size_t index);

/* What happened in malloc's domain, in all. */
struct mallow_totals {
	uint64_t allocations; /* with reallocations */
	uint64_t frees; /* with those that reallocations did */
	uint64_t reallocations;
	uint64_t allocated_size;
	uint64_t live_size, live_count; /* at the end */
	uint64_t peak_size, peak_at_ns; /* of this very run, process, ... */
	/* Of a sampled run these are not known, and 0. */
	uint64_t temporary_count; /* freed by the next operation of their thread */
	uint64_t inherited_frees; /* of blocks from before a fork */
	uint64_t foreign_frees; /* of blocks that the recording does not know */
};

/* Of the run; of one process or thread, by its id; of a domain, which may be another than
 * malloc's. All is 0 where there is none. Fails for a file of one snapshot. */
MALLOW_ANALYSIS_API int mallow_run_totals(struct mallow_run *run,
                                          struct mallow_totals *totals,
                                          struct mallow_error *err);
MALLOW_ANALYSIS_API int mallow_run_process_totals(struct mallow_run *run,
                                                  uint32_t process,
                                                  struct mallow_totals *totals,
                                                  struct mallow_error *err);
MALLOW_ANALYSIS_API int mallow_run_thread_totals(struct mallow_run *run, uint32_t thread,
                                                 struct mallow_totals *totals,
                                                 struct mallow_error *err);
MALLOW_ANALYSIS_API int mallow_run_domain_totals(struct mallow_run *run, uint32_t domain,
                                                 struct mallow_totals *totals,
                                                 struct mallow_error *err);

/* ---- Traces and snapshots ---- */

/* Domains. Others are the program's own. */
#define MALLOW_DOMAIN_MALLOC 0u
#define MALLOW_DOMAIN_MMAP   1u
#define MALLOW_DOMAIN_BRK    2u

/*
 * Live blocks of one domain, thread and scope that were allocated with one stack. One of
 * a recording is all of them together; one that was built may be a single block, as
 * Python's Trace is.
 */
struct mallow_trace {
	const struct mallow_traceback *traceback;
	uint64_t size; /* bytes of all its blocks */
	uint64_t count; /* of blocks */
	uint32_t domain;
	uint32_t thread; /* id, from 1; 0 none */
	uint32_t process; /* id, from 1; 0 none */
	const char *scope; /* name; NULL none */
};

/* What was live at one moment. */
struct mallow_snapshot;

/* `place`: FILE or FILE@WHEN, as the commands of mallow take it: run.mallow@peak,
 * run.mallow@1.5s, run.mallow@25%, run.mallow@NAME, run.mallow@NAME#2. */
MALLOW_ANALYSIS_API int mallow_snapshot_open(struct mallow_snapshot **snapshot,
                                             const char *place, struct mallow_error *err);
/* The same of a run that is open: `when` is end, peak, 1.5s, 25%, NAME or NAME#2. All
 * domains are in it: blocks carved out of a mapping or a pool stand beside it. */
MALLOW_ANALYSIS_API int mallow_run_snapshot(struct mallow_run *run, const char *when,
                                            struct mallow_snapshot **snapshot,
                                            struct mallow_error *err);

/* What the size and the count of a trace are. */
enum mallow_measure {
	MALLOW_LIVE, /* what was live then */
	MALLOW_ALLOCATED, /* all that had been allocated up to then */
	MALLOW_TEMPORARY, /* count: blocks up to then that were freed by the next
	                     operation of their thread; size: 0 */
};

/*
 * The same with something else than what was live: which sites allocate most, or most
 * often, or for nothing. Filters, statistics and comparisons count that; the difference
 * of two moments is what was allocated between them. It cannot be saved.
 */
MALLOW_ANALYSIS_API int mallow_run_measure(struct mallow_run *run, const char *when,
                                           enum mallow_measure measure,
                                           struct mallow_snapshot **snapshot,
                                           struct mallow_error *err);

MALLOW_ANALYSIS_API void mallow_snapshot_free(
        struct mallow_snapshot *snapshot); /* NULL is fine */

/* Nanoseconds since the start of its run; 0 if it was built. */
MALLOW_ANALYSIS_API uint64_t
mallow_snapshot_at_ns(const struct mallow_snapshot *snapshot);

/* The file that it is of; NULL: it was built. */
MALLOW_ANALYSIS_API const char *mallow_snapshot_file(
        const struct mallow_snapshot *snapshot);
/* As mallow_run_complete of that file; and whether the file was ended in order, though
 * something may have been lost. Both are true if the snapshot was built. */
MALLOW_ANALYSIS_API bool mallow_snapshot_complete(const struct mallow_snapshot *snapshot);
MALLOW_ANALYSIS_API bool mallow_snapshot_closed(const struct mallow_snapshot *snapshot);
/* The same as of its run: 0, or sizes and counts in malloc's domain are estimates. */
MALLOW_ANALYSIS_API uint64_t
mallow_snapshot_sample_bytes(const struct mallow_snapshot *snapshot);

MALLOW_ANALYSIS_API size_t
mallow_snapshot_trace_count(const struct mallow_snapshot *snapshot);
/* In no particular order. NULL: there is none at that index. Valid until a trace is
 * added. */
MALLOW_ANALYSIS_API const struct mallow_trace *mallow_snapshot_trace(
        const struct mallow_snapshot *snapshot, size_t index);

/* What the program called a domain; "malloc", "mmap" and "brk" are those above. NULL: it
 * has no name. */
MALLOW_ANALYSIS_API const char *mallow_snapshot_domain_name(
        const struct mallow_snapshot *snapshot, uint32_t domain);

/* ---- Snapshots as files of their own ---- */

/*
 * A snapshot of a run, filtered or not, or one that was built, can be saved in a small
 * .mallow file, and what was attached to it with it:
 *
 *	mallow_snapshot_set_metadata(snapshot, "commit", "4f2a", 4, &err);
 *	mallow_snapshot_save(snapshot, "before.mallow", false, &err);
 *	...
 *	mallow_snapshot_load(&snapshot, "before.mallow", &err);
 *	printf("%s\n", (const char *)mallow_snapshot_metadata(snapshot, "commit", NULL));
 *
 * All that the functions of this header say of the snapshot they say of the loaded one
 * too, and the commands of mallow read the file, as far as it goes: it holds one moment,
 * and of that what was live.
 */

/*
 * Fails if `file` exists, and leaves it as it is; with `replace` it takes the place of an
 * empty file or of a .mallow file, unless that is being recorded or was never closed. The
 * file appears whole or not at all, and is on the disk on return. The same snapshot makes
 * the same bytes.
 *
 * A file holds domains below 65536, and at most 4294967295 blocks of one trace.
 */
MALLOW_ANALYSIS_API int mallow_snapshot_save(const struct mallow_snapshot *snapshot,
                                             const char *file, bool replace,
                                             struct mallow_error *err);
/* `file` is the name as it stands: no place. Fails for a recording, which holds many
 * snapshots: mallow_snapshot_open takes one of either kind of file. */
MALLOW_ANALYSIS_API int mallow_snapshot_load(struct mallow_snapshot **snapshot,
                                             const char *file, struct mallow_error *err);

#define MALLOW_METADATA_KEY_MAX   255
#define MALLOW_METADATA_VALUE_MAX (64 << 20)

/*
 * Attaches `size` bytes, which are copied, under a key of 1 to MALLOW_METADATA_KEY_MAX
 * bytes, instead of what it had. NULL: nothing is under that key any more. A filtered
 * snapshot begins with a copy of what the other one has.
 */
MALLOW_ANALYSIS_API int mallow_snapshot_set_metadata(struct mallow_snapshot *snapshot,
                                                     const char *key, const void *value,
                                                     size_t size,
                                                     struct mallow_error *err);
/* What is under `key`, with a NUL behind it, until that is set again; its bytes in *size,
 * unless that is NULL. NULL: nothing is. */
MALLOW_ANALYSIS_API const void *mallow_snapshot_metadata(
        const struct mallow_snapshot *snapshot, const char *key, size_t *size);
MALLOW_ANALYSIS_API size_t
mallow_snapshot_metadata_count(const struct mallow_snapshot *snapshot);
/* The keys in the order of strcmp. NULL: there is none at that index. */
MALLOW_ANALYSIS_API const char *mallow_snapshot_metadata_key(
        const struct mallow_snapshot *snapshot, size_t index);

/* ---- Snapshots out of traces that the caller has: for tests and converters ---- */

/* One to fill; zero what is not known. All is copied. */
struct mallow_new_trace {
	const struct mallow_frame *frames; /* most recent call first */
	size_t frame_count;
	uint32_t total_frames; /* of the whole stack; below frame_count: the same as it */
	uint64_t size; /* bytes of all its blocks */
	uint64_t count; /* of blocks; 0: one */
	uint32_t domain;
	uint32_t thread;
	uint32_t process;
	const char *scope;
};

/* An empty one. */
MALLOW_ANALYSIS_API int mallow_snapshot_new(struct mallow_snapshot **snapshot,
                                            struct mallow_error *err);
/* Fails for a snapshot out of a file. Those made of `snapshot` before stay as they are.
 */
MALLOW_ANALYSIS_API int mallow_snapshot_add(struct mallow_snapshot *snapshot,
                                            const struct mallow_new_trace *trace,
                                            struct mallow_error *err);

/* Gives a domain above MALLOW_DOMAIN_BRK a name. Fails for a snapshot out of a file. */
MALLOW_ANALYSIS_API int mallow_snapshot_name_domain(struct mallow_snapshot *snapshot,
                                                    uint32_t domain, const char *name,
                                                    struct mallow_error *err);

/* ---- Filters ---- */

/* Any line, any domain: both have a meaningful 0. */
#define MALLOW_ANY (-1)

/*
 * A trace matches when its most recent frame does (with all_frames: any frame) and its
 * domain is the one asked for. A frame matches when its line is the one asked for and
 * each pattern that is not NULL matches: fnmatch, case-sensitive, over the whole text,
 * with `*` matching '/' too; what is unknown is "<unknown>". A filter that says only the
 * domain asks no frame; `runtime` asks the whole stack.
 *
 *	struct mallow_filter filter = MALLOW_FILTER_INIT;
 *
 *	filter.inclusive = false;
 *	filter.file = "*" "/vendor/" "*";
 */
struct mallow_filter {
	bool inclusive; /* false: what matches is dropped */
	bool all_frames;
	const char *file;
	const char *function;
	const char *module;
	int64_t line; /* MALLOW_ANY, or 0: frames whose line is unknown */
	int64_t domain; /* MALLOW_ANY */
	int64_t runtime; /* MALLOW_ANY, 1: mallow_traceback_is_runtime, or 0: not */
};

#define MALLOW_FILTER_INIT                                                        \
	{                                                                         \
		true, false, NULL, NULL, NULL, MALLOW_ANY, MALLOW_ANY, MALLOW_ANY \
	}

/*
 * A snapshot of the traces that pass: those that match any inclusive filter (all, if
 * there is none) and no exclusive one, in whatever order the filters stand. No filter: a
 * copy.
 */
MALLOW_ANALYSIS_API int mallow_snapshot_filter(const struct mallow_snapshot *snapshot,
                                               const struct mallow_filter *filters,
                                               size_t count,
                                               struct mallow_snapshot **filtered,
                                               struct mallow_error *err);

/* ---- Statistics ---- */

enum mallow_key {
	MALLOW_BY_LINE,
	MALLOW_BY_FUNCTION,
	MALLOW_BY_FILE,
	MALLOW_BY_MODULE,
	MALLOW_BY_TRACEBACK, /* the frames; not the domain, nor the total of frames */
	MALLOW_BY_THREAD,
	MALLOW_BY_PROCESS,
	MALLOW_BY_DOMAIN,
	MALLOW_BY_SCOPE,
	MALLOW_BY_SIZE, /* classes of requested sizes: for queries of a run alone, since a
	                   trace of a snapshot does not know the size of each block */
};

/*
 * One group. Where the line is unknown the function stands for it, then the place in the
 * module, so that what is unknown makes no two places one group.
 */
struct mallow_statistic {
	/* The whole stack; by line, file, function and module one frame with what is
	 * known of the group; otherwise, and where there was no stack, no frame. */
	const struct mallow_traceback *traceback;
	const char *label; /* `a.c:5`, `a.c`, `parse`, `thread 3`, ... */
	/* Of the thread, process or domain (in the new snapshot, if there). */
	uint32_t id;
	uint64_t size, count;
};

struct mallow_statistics;

/*
 * Groups in the order of tracemalloc: by (size, count, traceback) downward. With
 * `cumulative` a trace counts for each of its frames, once for each key however often
 * recursion visits it; that is a failure unless the key is line, file, function or
 * module. Fails by size.
 */
MALLOW_ANALYSIS_API int mallow_snapshot_statistics(const struct mallow_snapshot *snapshot,
                                                   enum mallow_key key, bool cumulative,
                                                   struct mallow_statistics **statistics,
                                                   struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_statistics_free(struct mallow_statistics *statistics);
MALLOW_ANALYSIS_API size_t
mallow_statistics_count(const struct mallow_statistics *statistics);
/* NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_statistic *mallow_statistics_get(
        const struct mallow_statistics *statistics, size_t index);

/* `a.c:5: size=5002 B, count=2, average=2501 B`; no average of nothing. */
MALLOW_ANALYSIS_API char *mallow_statistic_text(const struct mallow_statistic *statistic);

/* ---- Comparison ---- */

struct mallow_difference {
	const struct mallow_traceback *traceback; /* these three as in a statistic */
	const char *label;
	uint32_t id;
	uint64_t size, count; /* in the new snapshot; 0 if it has no such group */
	int64_t size_diff, count_diff; /* new less old */
};

struct mallow_differences;

/*
 * What changed from `old` to `snapshot`: every group of either, unchanged ones too, by
 * (|size_diff|, size, |count_diff|, count, traceback) downward. Groups of two runs are
 * the same when their texts are: of files, functions and modules, and the number of the
 * line; of scopes and of domains that have names. Threads and processes go by their ids.
 */
MALLOW_ANALYSIS_API int mallow_snapshot_compare_to(
        const struct mallow_snapshot *snapshot, const struct mallow_snapshot *old,
        enum mallow_key key, bool cumulative, struct mallow_differences **differences,
        struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_differences_free(struct mallow_differences *differences);
MALLOW_ANALYSIS_API size_t
mallow_differences_count(const struct mallow_differences *differences);
/* NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_difference *mallow_differences_get(
        const struct mallow_differences *differences, size_t index);

/* `a.c:5: size=5002 B (+5000 B), count=2 (+1), average=2501 B` */
MALLOW_ANALYSIS_API char *mallow_difference_text(
        const struct mallow_difference *difference);

/* ---- Sizes ---- */

#define MALLOW_SIZE_TEXT 32

/*
 * `5002 B`, `12.5 KiB`, `340 KiB`: bytes below 10 KiB, then the largest unit that leaves
 * at least 10 of it, one decimal below 100. `sign`: with a plus too. Writes into `text`,
 * MALLOW_SIZE_TEXT bytes, and returns it.
 */
MALLOW_ANALYSIS_API const char *mallow_format_size(int64_t size, bool sign, char *text);

#ifdef __cplusplus
}
#endif

#include <mallow/query.h>
#include <mallow/stats.h>

#endif /* MALLOW_SNAPSHOT_H */
