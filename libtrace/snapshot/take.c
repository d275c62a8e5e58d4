/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "analyze/holdings.h"
#include "snapshot/run.h"

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

const struct mallow_traceback *mlw_run_traceback(struct mlw_origin *origin,
                                                 uint32_t trace, struct mlw_error *err)
{
	uint32_t flags = origin->recording->traces[trace - 1].flags;
	struct mlw_walk whole, site;
	const struct mlw_frame **frames;
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
	made = mlw_origin_traceback(origin, (size_t)count, &frames, err);
	if (!made || collect(site, frames, err) < 0 ||
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

/* What counts of a trace. */
static void measure_trace(enum mallow_measure measure,
                          const struct mlw_trace_totals *totals,
                          struct mallow_trace *trace)
{
	switch (measure) {
	case MALLOW_ALLOCATED:
		trace->size = totals->allocated_size;
		trace->count = totals->allocations;
		break;
	case MALLOW_TEMPORARY:
		trace->count = totals->temporary_count;
		break;
	default:
		trace->size = totals->live_size;
		trace->count = totals->live_count;
		break;
	}
}

static int add_holding(struct mallow_snapshot *snapshot,
                       const struct mlw_holding *holding, struct mlw_error *err)
{
	struct mlw_recording *recording = snapshot->origin->recording;
	const struct mlw_trace_row *row = &recording->traces[holding->trace - 1];
	struct mallow_trace trace = { .domain = row->domain };

	measure_trace(snapshot->measure, &holding->totals, &trace);
	if (!trace.count)
		return 0;
	name_thread(recording, row->thread, &trace);
	trace.traceback = mlw_run_traceback(snapshot->origin, holding->trace, err);
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

/* What was allocated up to the peak needs its place among the changes. */
static int find_moment(const struct mallow_snapshot *snapshot,
                       const struct mlw_place *place, struct mlw_moment *moment,
                       struct mlw_error *err)
{
	struct mlw_recording *recording = snapshot->origin->recording;

	if (snapshot->measure != MALLOW_LIVE && recording->run->saved)
		return mlw_fail(err, "a saved snapshot knows only what was live");
	if (snapshot->measure == MALLOW_TEMPORARY && recording->run->sample_bytes)
		return mlw_fail(err, "which blocks were temporary is not known, because "
		                     "they were sampled");
	if (mlw_place_find(place, recording, moment, err))
		return -1;
	if (moment->kind != MLW_MOMENT_PEAK || snapshot->measure == MALLOW_LIVE)
		return 0;
	return mlw_place_find_peak(recording, moment, err);
}

static int add_holdings(struct mallow_snapshot *snapshot, const struct mlw_place *place,
                        struct mlw_error *err)
{
	unsigned flags = snapshot->measure == MALLOW_LIVE ? 0 : MLW_HOLDINGS_UP_TO;
	struct mlw_recording *recording = snapshot->origin->recording;
	struct mlw_holdings holdings = { 0 };
	struct mlw_holding holding;
	struct mlw_moment moment;
	int result = 0;

	if (find_moment(snapshot, place, &moment, err) ||
	    mlw_holdings_read(&holdings, recording, &moment, flags, err))
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
                enum mallow_measure measure, struct mallow_snapshot **snapshot,
                struct mlw_error *err)
{
	struct mallow_snapshot *made = mlw_snapshot_of(run->origin, err);

	if (made)
		made->measure = measure;
	if (!made || add_holdings(made, place, err) || add_metadata(made, err)) {
		mallow_snapshot_free(made);
		return mlw_snapshot_blame(run->file, err);
	}
	*snapshot = made;
	return 0;
}

/* The file's own name may have an '@': only WHEN is read here. */
static int measure_at(struct mallow_run *run, const char *when,
                      enum mallow_measure measure, struct mallow_snapshot **snapshot,
                      struct mlw_error *err)
{
	struct mlw_place place;
	int result;

	if (mlw_place_init(&place, "run", when, err))
		return mlw_snapshot_blame(run->file, err);
	result = take(run, &place, measure, snapshot, err);
	mlw_place_release(&place);
	return result;
}

int mallow_run_snapshot(struct mallow_run *run, const char *when,
                        struct mallow_snapshot **snapshot, struct mallow_error *err)
{
	return mallow_run_measure(run, when, MALLOW_LIVE, snapshot, err);
}

int mallow_run_measure(struct mallow_run *run, const char *when,
                       enum mallow_measure measure, struct mallow_snapshot **snapshot,
                       struct mallow_error *err)
{
	struct mlw_error inner;
	int result;

	*snapshot = NULL;
	if ((unsigned)measure > MALLOW_TEMPORARY)
		result = mlw_fail(&inner, "there is nothing %d to measure", (int)measure);
	else
		result = measure_at(run, when, measure, snapshot, &inner);
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
		result = take(run, place, MALLOW_LIVE, snapshot, &inner);
	mallow_run_close(run);
	return result ? mlw_snapshot_fail(err, &inner) : 0;
}

int mallow_snapshot_load(struct mallow_snapshot **snapshot, const char *file,
                         struct mallow_error *err)
{
	struct mlw_error inner = { "out of memory" };
	struct mlw_place place = { .kind = MLW_PLACE_END };
	int result;

	*snapshot = NULL;
	place.file = file ? strdup(file) : NULL;
	place.when = strdup("end");
	if (!file)
		mlw_fail(&inner, "there is no file");
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
