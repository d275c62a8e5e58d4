/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORDING_H
#define MLW_RECORDING_H

/*
 * An open .mallow file as every question sees it: the rows of the reader, and frames with
 * names, resolved when first asked for.
 *
 *	mlw_recording_open(&recording, path, &options, err);
 *	mlw_walk_init(&walk, recording, trace);
 *	while ((got = mlw_walk_next(&walk, &frame, err)) > 0)
 *		...
 *	mlw_recording_close(recording);
 *
 * Frames of libmallow itself are never seen. In a file that was not closed (its collector
 * was killed) frames may lack their names: those are resolved here, from the modules'
 * files, as far as these are still the same by build-id.
 */

#include "analyze/frame.h"
#include "analyze/intern.h"
#include "analyze/late_symbols.h"
#include "analyze/query.h"
#include "base/progress.h"
#include "store/reader.h"

/* The source frames of one machine frame; count 0: not asked for yet. */
struct mlw_frame_set {
	struct mlw_frame *frames;
	size_t count;
	bool hidden; /* of libmallow itself */
};

struct mlw_recording {
	struct mallow_run_options options;
	struct mlw_progress progress; /* that of the options */
	struct mlw_reader *reader;
	struct mlw_intern strings;

	/* Rows of the file, index id - 1, borrowed from the reader. */
	const struct mlw_run_row *run;
	const struct mlw_process_row *processes;
	size_t process_count;
	const struct mlw_thread_row *threads;
	size_t thread_count;
	const struct mlw_module_row *modules;
	size_t module_count;
	const struct mlw_name_row *names;
	size_t name_count;
	uint32_t named_scope; /* the one that was asked for last, and its name */
	const char *scope_name;
	const struct mlw_frame_row *frames;
	size_t frame_count;
	const struct mlw_nodes *nodes; /* whose callers come before them */
	const struct mlw_trace_row *traces;
	size_t trace_count;

	struct mlw_frame_set *sets; /* one a frame, index id - 1 */
	uint32_t location_count; /* struct mlw_frame.id is below this */
	struct mlw_late_symbols *late; /* NULL: not needed so far */
};

int mlw_recording_open(struct mlw_recording **recording, const char *path,
                       const struct mallow_run_options *options, struct mlw_error *err);
void mlw_recording_close(struct mlw_recording *recording); /* NULL is fine */

/* Nothing was lost and the collector closed the file. */
bool mlw_recording_complete(const struct mlw_recording *recording);

/* Why there are no events, where run->keeps_events says so: the end of a sentence. */
const char *mlw_recording_lacks_events(const struct mlw_recording *recording);

/* Is a file that was not closed still being recorded? */
bool mlw_recording_is_running(const char *file);

/* "malloc", "mmap", "brk"; others as the program named them. Interned; NULL without
 * memory. */
const char *mlw_recording_domain(struct mlw_recording *recording, uint32_t domain,
                                 struct mlw_error *err);

/* The name of a scope; NULL for 0, which is none. Interned; fails only without memory. */
int mlw_recording_scope(struct mlw_recording *recording, uint32_t scope,
                        const char **name, struct mlw_error *err);

/* The domain of that name; false: the recording has none. */
bool mlw_recording_find_domain(const struct mlw_recording *recording, const char *name,
                               uint32_t *domain);

/*
 * The source frames of a node, innermost first; none if they are libmallow's. Valid as
 * long as the recording.
 */
int mlw_recording_frames(struct mlw_recording *recording, uint32_t node,
                         const struct mlw_frame **frames, size_t *count,
                         struct mlw_error *err);

/* Goes through the frames of a trace, most recent first. */
struct mlw_walk {
	struct mlw_recording *recording;
	uint32_t node; /* whose frames come next, 0: at the end */
	size_t index; /* of the next frame within the node's */
};

void mlw_walk_init(struct mlw_walk *walk, struct mlw_recording *recording,
                   uint32_t trace);
/* 1 and a frame, 0 at the end, -1 on failure. */
int mlw_walk_next(struct mlw_walk *walk, const struct mlw_frame **frame,
                  struct mlw_error *err);

/*
 * Walks to the site of a trace and stands on it: the next mlw_walk_next gives the site.
 * A trace without frames stands at its end.
 */
int mlw_walk_to_site(struct mlw_walk *walk, struct mlw_recording *recording,
                     uint32_t trace, struct mlw_error *err);

#endif /* MLW_RECORDING_H */
