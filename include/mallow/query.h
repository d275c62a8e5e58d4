/* SPDX-License-Identifier: MIT */
#ifndef MALLOW_QUERY_H
#define MALLOW_QUERY_H

/*
 * What the commands of mallow answer, for programs. mallow/snapshot.h includes this, and
 * what it says of errors, ownership and threads holds here too.
 *
 *	struct mallow_query query = { .place = "run.mallow@peak", .limit = 10 };
 *	struct mallow_ranking *ranking;
 *	struct mallow_error err;
 *
 *	if (mallow_ranking_new(&ranking, &query, &err))
 *		errx(2, "%s", err.text);
 *	for (size_t i = 0; i < mallow_ranking_count(ranking); i++) {
 *		const struct mallow_row *row = mallow_ranking_row(ranking, i);
 *		struct mallow_frame site = mallow_traceback_frame(row->traceback, 0);
 *
 *		printf("%" PRIu64 " B  %s\n", row->sums.size, site.function);
 *	}
 *	mallow_ranking_free(ranking);
 *
 * A snapshot holds what was live at one moment, and the program goes through it as it
 * likes. A query says at once what is asked of a run, with all that its events tell: how
 * much was allocated in all, at the peak, for nothing; by the size of blocks; over time;
 * and which line of one build is which of another. It is what the options of a command
 * are, and a command shows what is got here.
 */

#include <mallow/snapshot.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What is asked ---- */

/* What rows are ordered by, downward. */
enum mallow_sort {
	MALLOW_SORT_SIZE, /* live bytes at the place */
	MALLOW_SORT_COUNT, /* live blocks at the place */
	MALLOW_SORT_PEAK, /* bytes live at the peak of the run */
	MALLOW_SORT_ALLOCATED, /* bytes */
	MALLOW_SORT_ALLOCATIONS,
	MALLOW_SORT_TEMPORARY, /* blocks freed by the next operation of their thread */
};

/* The words that the options --by and --sort have for these; NULL: there is no such. */
MALLOW_ANALYSIS_API const char *mallow_key_name(enum mallow_key key);
MALLOW_ANALYSIS_API const char *mallow_sort_name(enum mallow_sort sort);
/* The value of such a word; -1: it is none, or NULL. */
MALLOW_ANALYSIS_API int mallow_key_parse(const char *name);
MALLOW_ANALYSIS_API int mallow_sort_parse(const char *name);

/*
 * Which traces an answer is about; all NULL and 0: all of malloc's domain. A pattern is a
 * glob, case-sensitive, in which `*` matches '/' too. It matches a frame by its function,
 * by its file or its module, each of these as a whole path or as its last part. A trace
 * is in it when an include matches its site (no include: all are) and no exclude does.
 */
struct mallow_selection {
	const char *const *includes;
	size_t include_count;
	const char *const *excludes;
	size_t exclude_count;
	bool all_frames; /* any frame from the site outward may match */
	const char *domain; /* name, or "all"; NULL: malloc's, by domain all */
	const char *const *threads; /* each an id, or a glob over the thread's name */
	size_t thread_count;
	const char *const
	        *processes; /* an id, a pid, or a glob over the program's name */
	size_t process_count;
};

/* Zero: what the commands ask without options. What it points to must stay as long as the
 * answer. */
struct mallow_query {
	const char *place; /* FILE or FILE@WHEN */
	const char *at; /* WHEN, if the place does not say it; or NULL */
	enum mallow_key by;
	enum mallow_sort sort;
	/* A trace counts in the group of each of its frames, once in each, however often
	 * recursion visits it. Only by line, function, file and module. */
	bool cumulative;
	bool leaks; /* only what is live at the place, each kind of leak by itself */
	bool changed_only; /* a difference: without what did not change */
	bool invert; /* a tree: sites first */
	bool groups; /* a timeline: each group for itself too */
	/* Groups with fewer bytes of what is sorted by (live ones, if that is a number of
	 * blocks) are left out. */
	uint64_t min_size;
	size_t limit; /* rows at most; 0: all */
	struct mallow_selection selection;
	struct mallow_run_options names;
};

/* ---- What is answered ---- */

/* Added up, of one group or of all. */
struct mallow_sums {
	uint64_t size, count; /* live at the place */
	/* Of the whole run, wherever the place is: */
	uint64_t allocated_size, allocations;
	uint64_t peak_size, peak_count; /* live here at the run's peak */
	uint64_t temporary_count;
};

/* What of them a key sorts by. */
MALLOW_ANALYSIS_API uint64_t mallow_sums_value(const struct mallow_sums *sums,
                                               enum mallow_sort sort);

/*
 * Of a sampled run: the standard error of the bytes that the answer is sorted by, or of
 * those that belong to the number of blocks, at most: two times out of three the true
 * number is within it, nineteen times out of twenty within twice as much. 0: they are
 * exact.
 */
struct mallow_about;
MALLOW_ANALYSIS_API uint64_t mallow_sums_error(const struct mallow_sums *sums,
                                               const struct mallow_about *about);
/* The same of a group. */
struct mallow_row;
MALLOW_ANALYSIS_API uint64_t mallow_row_error(const struct mallow_row *row,
                                              const struct mallow_about *about);

MALLOW_ANALYSIS_API void mallow_sums_add(struct mallow_sums *sums,
                                         const struct mallow_sums *more);
MALLOW_ANALYSIS_API void mallow_sums_subtract(struct mallow_sums *sums,
                                              const struct mallow_sums *less);

/* What a block that was never freed is, in the order in which kinds are shown. A recording
 * tells two apart: what the C library and the loader keep for themselves is RUNTIME, all
 * else is UNCLASSIFIED. */
enum mallow_leak_kind {
	MALLOW_LEAK_DEFINITE,
	MALLOW_LEAK_INDIRECT,
	MALLOW_LEAK_POSSIBLE,
	MALLOW_LEAK_UNCLASSIFIED,
	MALLOW_LEAK_REACHABLE,
	MALLOW_LEAK_RUNTIME,
	MALLOW_LEAK_SUPPRESSED,
};
#define MALLOW_LEAK_KINDS 7u

/* "definite", ...; NULL: there is no such kind. */
MALLOW_ANALYSIS_API const char *mallow_leak_kind_name(enum mallow_leak_kind kind);

/* A group. */
struct mallow_row {
	struct mallow_sums sums;
	enum mallow_leak_kind kind; /* if leaks were asked for */
	/* By line, function, file and module one frame, with what the group has in common;
	 * by traceback the whole stack, from the site on; otherwise, and where there was
	 * no stack, no frame. */
	const struct mallow_traceback *traceback;
	uint32_t id; /* of a thread, process, domain or scope */
	const char *name; /* of it, may be ""; NULL: no scope */
	uint64_t size_min, size_max; /* by size: requested bytes, both included */
};

/* What an answer is about: what was asked, and of what. */
struct mallow_about {
	const char *file; /* without @WHEN */
	const char *at; /* WHEN */
	const char *domain; /* that was looked at; "all" for all */
	enum mallow_key by;
	enum mallow_sort sort;
	bool cumulative;
	bool leaks;
	bool inverted;
	uint64_t min_size;
	size_t limit;
	bool complete; /* false: events are missing in the recording */
	bool closed; /* false: the collector did not end it, or has not yet */
	bool live_only; /* a saved snapshot: of the sums, size and count are known */
	/* Of malloc's domain 1 byte in so many was sampled: sums are estimates, and
	 * temporary_count is not known; 0: all was recorded. */
	uint64_t sample_bytes;
};

/* Is a file that was not closed still being recorded? */
MALLOW_ANALYSIS_API bool mallow_is_being_recorded(const char *file);

/* ---- Rankings: mallow top, mallow leaks ---- */

/* Groups in the order of tracemalloc: by (what is sorted by, size, count, traceback)
 * downward; of leaks, those of each kind after those of the kind before. */
struct mallow_ranking;

/* Fails if the file cannot answer, and says why: the sentence names the place. */
MALLOW_ANALYSIS_API int mallow_ranking_new(struct mallow_ranking **ranking,
                                           const struct mallow_query *query,
                                           struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_ranking_free(
        struct mallow_ranking *ranking); /* NULL is fine */

MALLOW_ANALYSIS_API const struct mallow_about *mallow_ranking_about(
        const struct mallow_ranking *ranking);
/* Of all that was selected, each block once. */
MALLOW_ANALYSIS_API const struct mallow_sums *mallow_ranking_total(
        const struct mallow_ranking *ranking);
/* Of leaks, the part of the total that is of one kind. */
MALLOW_ANALYSIS_API const struct mallow_sums *mallow_ranking_kind(
        const struct mallow_ranking *ranking, enum mallow_leak_kind kind);
/* Groups that there are, also those that min_size and limit left out. */
MALLOW_ANALYSIS_API size_t
mallow_ranking_group_count(const struct mallow_ranking *ranking);
MALLOW_ANALYSIS_API size_t mallow_ranking_count(const struct mallow_ranking *ranking);
/* NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_row *mallow_ranking_row(
        const struct mallow_ranking *ranking, size_t index);

/* ---- What changed between two places: mallow diff ---- */

enum mallow_side {
	MALLOW_OLD,
	MALLOW_NEW,
};

/* Which group of one run a group of another is. */
enum mallow_match {
	MALLOW_MATCH_EXACT, /* by function, file and line; within one run always */
	MALLOW_MATCH_MOVED, /* by function and file: its lines are others in the new build */
	MALLOW_MATCH_NEW, /* the old run never had it */
	MALLOW_MATCH_GONE, /* the new run never had it */
};

/* "exact", ...; NULL: there is no such. */
MALLOW_ANALYSIS_API const char *mallow_match_name(enum mallow_match match);

/* All sums count up to their place. */
struct mallow_change {
	struct mallow_row
	        row; /* its sums are the new ones; all else is old if it is gone */
	struct mallow_sums old_sums;
	enum mallow_match match;
	const struct mallow_traceback
	        *old_traceback; /* as it was, if it moved; or NULL */
};

/*
 * Every group that holds something at either place, by (|size_diff|, size, |count_diff|,
 * count, traceback) downward; what is sorted by stands before these. The places may be of
 * one run, of two, or of runs of two builds: then a path is the same in another folder,
 * and a line of a function is found again where it moved. It is never by addresses.
 */
struct mallow_changes;

/* From query->place, whose `at` must be NULL, to `new_place`. min_size leaves out rows that
 * differ by fewer bytes. Fails as a ranking does; threads and processes need to be in one
 * of the runs. */
MALLOW_ANALYSIS_API int mallow_changes_new(struct mallow_changes **changes,
                                           const struct mallow_query *query,
                                           const char *new_place,
                                           struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_changes_free(
        struct mallow_changes *changes); /* NULL is fine */

MALLOW_ANALYSIS_API const struct mallow_about *mallow_changes_about(
        const struct mallow_changes *changes, enum mallow_side side);
/* Of all that was selected, each block once. */
MALLOW_ANALYSIS_API const struct mallow_sums *mallow_changes_total(
        const struct mallow_changes *changes, enum mallow_side side);
/* Of sampled runs: the standard error of by how many bytes a row changed, from what
 * mallow_row_error has of either side; NULL: of the total. It is that much at most: what
 * is live at both places of one run is no part of the change. */
MALLOW_ANALYSIS_API uint64_t mallow_changes_error(const struct mallow_changes *changes,
                                                  const struct mallow_change *row);
/* Both places are in one file, by whatever names. */
MALLOW_ANALYSIS_API bool mallow_changes_one_run(const struct mallow_changes *changes);
/* Groups that there are, also those that have no row; of these, those of which nothing
 * that is sorted by changed, and those that moved. */
MALLOW_ANALYSIS_API size_t
mallow_changes_group_count(const struct mallow_changes *changes);
MALLOW_ANALYSIS_API size_t
mallow_changes_unchanged_count(const struct mallow_changes *changes);
MALLOW_ANALYSIS_API size_t
mallow_changes_moved_count(const struct mallow_changes *changes);
MALLOW_ANALYSIS_API size_t mallow_changes_count(const struct mallow_changes *changes);
/* NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_change *mallow_changes_row(
        const struct mallow_changes *changes, size_t index);

/* ---- Who calls whom: mallow tree ---- */

/*
 * The stacks of a run as one tree, callers first: from the outermost call down to the
 * sites; inverted, from the sites to their callers. A node is a line, function, file or
 * module (query->by): calls from one file or module into itself are one node then.
 * Children are made when they are asked for, so that memory is that of the stacks, four
 * bytes a frame. Stacks may be of any depth.
 */
struct mallow_tree;

/* It may be copied, and lives as long as the tree. */
struct mallow_node {
	/* What its frames have in common; NULL: the root, or `truncated`. */
	const struct mallow_frame *frame;
	bool truncated; /* stands for outermost calls that were not recorded */
	uint32_t
	        label; /* of siblings, and along a path, the same call: the same number */
	uint32_t depth; /* 0: the root */
	struct mallow_sums sums; /* of all stacks through here */
	struct mallow_sums self; /* of those that allocate in this very call */
	struct mallow_sums ends; /* of those that have no node below */
	size_t first, count; /* the library's own: its stacks */
};

/* Fails as a ranking does, and unless query->by is line, function, file or module. */
MALLOW_ANALYSIS_API int mallow_tree_new(struct mallow_tree **tree,
                                        const struct mallow_query *query,
                                        struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_tree_free(struct mallow_tree *tree); /* NULL is fine */

MALLOW_ANALYSIS_API const struct mallow_about *mallow_tree_about(
        const struct mallow_tree *tree);
/* Of all that was selected. The root has that of it which is live, or has a part in what is
 * sorted by. */
MALLOW_ANALYSIS_API const struct mallow_sums *mallow_tree_total(
        const struct mallow_tree *tree);
MALLOW_ANALYSIS_API const struct mallow_node *mallow_tree_root(
        const struct mallow_tree *tree);

/* The children of a node, in the order of a ranking. */
struct mallow_nodes;

/* `node` is of this tree. Ask from the root down, in any order. Fails without memory. */
MALLOW_ANALYSIS_API int mallow_tree_children(struct mallow_tree *tree,
                                             const struct mallow_node *node,
                                             struct mallow_nodes **nodes,
                                             struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_nodes_free(struct mallow_nodes *nodes); /* NULL is fine */

MALLOW_ANALYSIS_API size_t mallow_nodes_count(const struct mallow_nodes *nodes);
/* NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_node *mallow_nodes_get(
        const struct mallow_nodes *nodes, size_t index);
/* How many min_size and limit left out, and what they hold. */
MALLOW_ANALYSIS_API size_t mallow_nodes_hidden(const struct mallow_nodes *nodes);
MALLOW_ANALYSIS_API const struct mallow_sums *mallow_nodes_hidden_sums(
        const struct mallow_nodes *nodes);

/* ---- Memory over time: mallow timeline ---- */

/*
 * Live memory, resident memory and allocations at moments of a run. Live memory is what
 * running processes hold: what one has left unfreed at its end is not in it. With
 * query->groups, or a place that is not the end, each row of a ranking has a series of its
 * own: of the ranking at that place, or at the peak.
 */
struct mallow_timeline;

struct mallow_point {
	uint64_t at_ns; /* since the start; never less than that of the point before */
	uint64_t size, count; /* live then */
	uint64_t rss; /* of all recorded processes, as last looked at; 0 unknown */
	uint64_t allocations; /* so far */
};

/* A group at the moment of a point. */
struct mallow_level {
	uint64_t size, count;
	uint64_t allocations;
};

/* When most bytes were live: the first such moment. */
struct mallow_highest {
	uint64_t at_ns, size, count;
};

struct mallow_series {
	const struct mallow_level *levels; /* one a point */
	struct mallow_highest highest;
};

/* Fails as a ranking does; and for groups, and selected traces, of a recording that does
 * not keep all events. */
MALLOW_ANALYSIS_API int mallow_timeline_new(struct mallow_timeline **timeline,
                                            const struct mallow_query *query,
                                            struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_timeline_free(
        struct mallow_timeline *timeline); /* NULL is fine */

MALLOW_ANALYSIS_API const struct mallow_about *mallow_timeline_about(
        const struct mallow_timeline *timeline);
MALLOW_ANALYSIS_API uint64_t
mallow_timeline_duration_ns(const struct mallow_timeline *timeline);
/* It is not of all blocks of malloc. */
MALLOW_ANALYSIS_API bool mallow_timeline_selected(const struct mallow_timeline *timeline);
/* Exact, also where it lies between two points. */
MALLOW_ANALYSIS_API const struct mallow_highest *mallow_timeline_peak(
        const struct mallow_timeline *timeline);
MALLOW_ANALYSIS_API uint64_t
mallow_timeline_allocations(const struct mallow_timeline *timeline); /* in all */
/* The highest of the points; 0: not known. */
MALLOW_ANALYSIS_API uint64_t
mallow_timeline_peak_rss(const struct mallow_timeline *timeline);

MALLOW_ANALYSIS_API size_t mallow_timeline_count(const struct mallow_timeline *timeline);
/* NULL: there is none at that index. */
MALLOW_ANALYSIS_API const struct mallow_point *mallow_timeline_point(
        const struct mallow_timeline *timeline, size_t index);

/* The groups, which the timeline owns; NULL: none were asked for. */
MALLOW_ANALYSIS_API const struct mallow_ranking *mallow_timeline_ranking(
        const struct mallow_timeline *timeline);
/* That of one row of the ranking; NULL: there is no such row. */
MALLOW_ANALYSIS_API const struct mallow_series *mallow_timeline_series(
        const struct mallow_timeline *timeline, size_t row);

/* The snapshots that were taken, as mallow_run_taken has them. */
MALLOW_ANALYSIS_API size_t
mallow_timeline_taken_count(const struct mallow_timeline *timeline);
MALLOW_ANALYSIS_API const struct mallow_taken *mallow_timeline_taken(
        const struct mallow_timeline *timeline, size_t index);

/* ---- Source lines ---- */

/* Lines of source files, where these are on this machine: a recording names them, and
 * does not hold them. */
struct mallow_source;

/* `root`: where relative names are looked for before the current folder, or NULL; it must
 * stay as long as the source. Fails without memory. */
MALLOW_ANALYSIS_API int mallow_source_open(struct mallow_source **source,
                                           const char *root, struct mallow_error *err);
MALLOW_ANALYSIS_API void mallow_source_close(
        struct mallow_source *source); /* NULL is fine */

/* The line, without the blanks around it; a tab inside is a blank. NULL: there is no such
 * file or line, or nothing on it. Valid until the source is closed. */
MALLOW_ANALYSIS_API const char *mallow_source_line(struct mallow_source *source,
                                                   const char *file, uint32_t line);

#ifdef __cplusplus
}
#endif

#endif /* MALLOW_QUERY_H */
