/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/holdings.h"
#include "analyze/names.h"
#include "analyze/row.h"
#include "analyze/snapshots.h"
#include "snapshot/state.h"

#define NS_PER_US UINT64_C(1000)

_Static_assert((int)MALLOW_ENDED_RUNNING == (int)MLW_ENDED_RUNNING &&
                       (int)MALLOW_ENDED_EXIT == (int)MLW_ENDED_EXIT &&
                       (int)MALLOW_ENDED_SIGNAL == (int)MLW_ENDED_SIGNAL &&
                       (int)MALLOW_ENDED_EXEC == (int)MLW_ENDED_EXEC &&
                       (int)MALLOW_ENDED_DETACHED == (int)MLW_ENDED_DETACHED &&
                       (int)MALLOW_ENDED_LOST == (int)MLW_ENDED_LOST,
               "ends are numbered as in a file");

struct mallow_run {
	char *file;
	struct mlw_origin *origin;
	struct mallow_process *processes;
	struct mallow_thread *threads;
	struct mallow_taken *taken;
	struct mlw_snapshots *snapshots; /* whose names `taken` borrows */
};

static int list_processes(struct mallow_run *run, struct mlw_error *err)
{
	struct mlw_recording *recording = run->origin->recording;

	run->processes = calloc(recording->process_count + 1, sizeof(*run->processes));
	if (!run->processes)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < recording->process_count; i++) {
		const struct mlw_process_row *row = &recording->processes[i];
		struct mallow_process *process = &run->processes[i];

		*process = (struct mallow_process){
			.id = row->id,
			.parent = row->parent,
			.pid = row->pid,
			.started_ns = row->started_us * NS_PER_US,
			.ended_ns = row->ended_us * NS_PER_US,
			.ended = (enum mallow_ended)row->ended,
			.exit_code = row->exit_code,
			.signal = row->signal,
			.recorded = row->recorded,
			.reason = row->reason,
		};
		if (mlw_row_process_name(recording, row->id, &process->command, err))
			return -1;
	}
	return 0;
}

static int list_threads(struct mallow_run *run, struct mlw_error *err)
{
	const struct mlw_recording *recording = run->origin->recording;

	run->threads = calloc(recording->thread_count + 1, sizeof(*run->threads));
	if (!run->threads)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < recording->thread_count; i++) {
		const struct mlw_thread_row *row = &recording->threads[i];

		run->threads[i] = (struct mallow_thread){
			.id = row->id,
			.process = row->process,
			.tid = row->tid,
			.name = row->name ? row->name : "",
			.started_ns = row->started_us * NS_PER_US,
			.ended_ns = row->ended_us * NS_PER_US,
		};
	}
	return 0;
}

static int list_taken(struct mallow_run *run, struct mlw_error *err)
{
	if (mlw_snapshots_of(&run->snapshots, run->origin->recording, err))
		return -1;
	run->taken = calloc(run->snapshots->count + 1, sizeof(*run->taken));
	if (!run->taken)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < run->snapshots->count; i++) {
		const struct mlw_snapshot *row = &run->snapshots->rows[i];

		run->taken[i] = (struct mallow_taken){ .name = row->name,
			                               .nth = row->nth,
			                               .at_ns = row->at_ns,
			                               .size = row->size,
			                               .count = row->count };
	}
	return 0;
}

static int check_options(const struct mallow_run_options *options, struct mlw_error *err)
{
	for (size_t i = 0; i < options->path_map_count; i++) {
		if (mlw_names_check_map(options->path_maps[i], err))
			return -1;
	}
	return 0;
}

static int load(struct mallow_run *run, const char *file,
                const struct mallow_run_options *options, struct mlw_error *err)
{
	const struct mlw_recording_options recording = {
		.wrappers = options->wrappers,
		.wrapper_count = options->wrapper_count,
		.source_root = options->source_root,
		.path_maps = options->path_maps,
		.path_map_count = options->path_map_count,
	};

	run->file = strdup(file);
	if (!run->file)
		return mlw_fail(err, "out of memory");
	if (check_options(options, err))
		return -1;
	if (mlw_origin_new(&run->origin, err) ||
	    mlw_recording_open(&run->origin->recording, file, &recording, err) ||
	    list_processes(run, err) || list_threads(run, err) || list_taken(run, err))
		return mlw_snapshot_blame(file, err);
	return 0;
}

int mallow_run_open(struct mallow_run **run, const char *file,
                    const struct mallow_run_options *options, struct mallow_error *err)
{
	static const struct mallow_run_options defaults;
	struct mallow_run *made = calloc(1, sizeof(*made));
	struct mlw_error inner = { "out of memory" };

	*run = NULL;
	if (!made || load(made, file, options ? options : &defaults, &inner)) {
		mallow_run_close(made);
		return mlw_snapshot_fail(err, &inner);
	}
	*run = made;
	return 0;
}

void mallow_run_close(struct mallow_run *run)
{
	if (!run)
		return;
	free(run->processes);
	free(run->threads);
	free(run->taken);
	mlw_snapshots_free(run->snapshots);
	mlw_origin_drop(run->origin);
	free(run->file);
	free(run);
}

bool mallow_run_complete(const struct mallow_run *run)
{
	return mlw_recording_complete(run->origin->recording);
}

uint64_t mallow_run_duration_ns(const struct mallow_run *run)
{
	return run->origin->recording->run->duration_ns;
}

size_t mallow_run_process_count(const struct mallow_run *run)
{
	return run->origin->recording->process_count;
}

const struct mallow_process *mallow_run_process(const struct mallow_run *run,
                                                size_t index)
{
	return index < mallow_run_process_count(run) ? &run->processes[index] : NULL;
}

size_t mallow_run_thread_count(const struct mallow_run *run)
{
	return run->origin->recording->thread_count;
}

const struct mallow_thread *mallow_run_thread(const struct mallow_run *run, size_t index)
{
	return index < mallow_run_thread_count(run) ? &run->threads[index] : NULL;
}

size_t mallow_run_taken_count(const struct mallow_run *run)
{
	return run->snapshots->count;
}

const struct mallow_taken *mallow_run_taken(const struct mallow_run *run, size_t index)
{
	return index < run->snapshots->count ? &run->taken[index] : NULL;
}

/* Goes to the end; frames may be NULL. The number of frames, or -1. */
static int64_t collect(struct mlw_walk walk, const struct mlw_frame **frames,
                       struct mlw_error *err)
{
	const struct mlw_frame *frame;
	int64_t count = 0;
	int got;

	while ((got = mlw_walk_next(&walk, &frame, err)) > 0) {
		if (frames)
			frames[count] = frame;
		count++;
	}
	return got < 0 ? -1 : count;
}

/* The traceback of a trace from its site on; those of one stack are one. */
static const struct mallow_traceback *find_traceback(struct mlw_origin *origin,
                                                     uint32_t trace, uint32_t flags,
                                                     struct mlw_error *err)
{
	struct mlw_walk whole, site;
	struct mallow_traceback *made;
	struct mlw_key key;
	int64_t total, count;
	uint32_t number;

	mlw_walk_init(&whole, origin->recording, trace);
	if (mlw_walk_to_site(&site, origin->recording, trace, err))
		return NULL;
	/* What is before the site does not show, but it is in the total of frames. */
	key = (struct mlw_key){ { whole.node, site.node,
		                  (uint64_t)site.index << 32 | flags } };
	number = mlw_numbering_find(&origin->stacks, &key);
	if (number)
		return origin->tracebacks[number - 1];
	total = collect(whole, NULL, err);
	count = collect(site, NULL, err);
	if (total < 0 || count < 0)
		return NULL;
	made = mlw_origin_traceback(origin, (size_t)count, err);
	if (!made || collect(site, made->frames, err) < 0 ||
	    !mlw_numbering_add(&origin->stacks, &key, err))
		return NULL;
	made->total_frames = (uint32_t)total + (flags >> MLW_TRACE_MORE_FRAMES_SHIFT);
	made->truncated = flags & MLW_TRACE_TRUNCATED;
	return made;
}

/* Who built a snapshot has its own numbers. */
static void name_thread(const struct mlw_recording *recording, uint32_t thread,
                        struct mallow_trace *trace)
{
	const struct mlw_thread_row *row = &recording->threads[thread - 1];

	trace->thread = thread;
	trace->process = row->process;
	if (recording->run->saved != MLW_SAVED_BUILT)
		return;
	trace->thread = (uint32_t)row->tid;
	trace->process = (uint32_t)recording->processes[row->process - 1].pid;
}

static int add_holding(struct mallow_snapshot *snapshot,
                       const struct mlw_holding *holding, struct mlw_error *err)
{
	struct mlw_recording *recording = snapshot->origin->recording;
	const struct mlw_trace_row *row = &recording->traces[holding->trace - 1];
	struct mallow_trace trace = {
		.size = holding->totals.live_size,
		.count = holding->totals.live_count,
		.domain = row->domain,
	};

	if (!trace.count)
		return 0;
	name_thread(recording, row->thread, &trace);
	trace.traceback =
	        find_traceback(snapshot->origin, holding->trace, row->flags, err);
	if (!trace.traceback ||
	    mlw_recording_scope(recording, row->scope, &trace.scope, err))
		return -1;
	return mlw_snapshot_put(snapshot, &trace, err);
}

/* The peak is the one moment that only its totals know. */
static uint64_t time_of(const struct mlw_moment *moment, const struct mlw_heap *end)
{
	if (moment->kind == MLW_MOMENT_PEAK)
		return mlw_heap_totals(end)->peak_at_us * NS_PER_US;
	return moment->at_ns;
}

static int add_holdings(struct mallow_snapshot *snapshot, const struct mlw_place *place,
                        struct mlw_error *err)
{
	struct mlw_recording *recording = snapshot->origin->recording;
	struct mlw_holdings holdings = { 0 };
	struct mlw_holding holding;
	struct mlw_moment moment;
	int result = 0;

	if (mlw_place_find(place, recording, &moment, err) ||
	    mlw_holdings_read(&holdings, recording, &moment, 0, err))
		return -1;
	snapshot->at_ns = time_of(&moment, holdings.heap);
	for (size_t i = 0; !result && i < holdings.count; i++) {
		mlw_holdings_get(&holdings, i, &holding);
		result = add_holding(snapshot, &holding, err);
	}
	mlw_holdings_release(&holdings);
	return result;
}

static int add_metadata(struct mallow_snapshot *snapshot, struct mlw_error *err)
{
	const struct mlw_metadata_row *rows;
	size_t count;

	if (mlw_reader_metadata(snapshot->origin->recording->reader, &rows, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (mlw_metadata_set(&snapshot->metadata, rows[i].key, rows[i].value,
		                     rows[i].size, err))
			return -1;
	}
	return 0;
}

static int take(struct mallow_run *run, const struct mlw_place *place,
                struct mallow_snapshot **snapshot, struct mlw_error *err)
{
	struct mallow_snapshot *made = mlw_snapshot_of(run->origin, err);

	if (!made || add_holdings(made, place, err) || add_metadata(made, err)) {
		mallow_snapshot_free(made);
		return mlw_snapshot_blame(run->file, err);
	}
	*snapshot = made;
	return 0;
}

int mallow_run_snapshot(struct mallow_run *run, const char *when,
                        struct mallow_snapshot **snapshot, struct mallow_error *err)
{
	struct mlw_place place;
	struct mlw_error inner;
	int result;

	*snapshot = NULL;
	/* The file's own name may have an '@': only WHEN is read here. */
	result = mlw_place_init(&place, "run", when, &inner);
	if (result)
		mlw_snapshot_blame(run->file, &inner);
	else
		result = take(run, &place, snapshot, &inner);
	mlw_place_release(&place);
	return result ? mlw_snapshot_fail(err, &inner) : 0;
}

/* `saved`: no recording will do. */
static int open_place(const struct mlw_place *place, bool saved,
                      struct mallow_snapshot **snapshot, struct mallow_error *err)
{
	struct mallow_run *run;
	struct mlw_error inner;
	int result;

	if (mallow_run_open(&run, place->file, NULL, err) || !run)
		return -1;
	if (saved && !run->origin->recording->run->saved)
		result = mlw_fail(&inner, "%s: is a recording, not a saved snapshot",
		                  place->file);
	else
		result = take(run, place, snapshot, &inner);
	mallow_run_close(run);
	return result ? mlw_snapshot_fail(err, &inner) : 0;
}

int mallow_snapshot_load(struct mallow_snapshot **snapshot, const char *file,
                         struct mallow_error *err)
{
	struct mlw_error inner = { "out of memory" };
	struct mlw_place place = { .kind = MLW_PLACE_END,
		                   .file = strdup(file),
		                   .when = strdup("end") };
	int result;

	*snapshot = NULL;
	if (place.file && place.when)
		result = open_place(&place, true, snapshot, err);
	else
		result = mlw_snapshot_fail(err, &inner);
	mlw_place_release(&place);
	return result;
}

int mallow_snapshot_open(struct mallow_snapshot **snapshot, const char *place,
                         struct mallow_error *err)
{
	struct mlw_place parsed;
	struct mlw_error inner;
	int result;

	*snapshot = NULL;
	if (mlw_place_init(&parsed, place, NULL, &inner)) {
		mlw_snapshot_blame(place, &inner);
		return mlw_snapshot_fail(err, &inner);
	}
	result = open_place(&parsed, false, snapshot, err);
	mlw_place_release(&parsed);
	return result;
}
