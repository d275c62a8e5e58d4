/* SPDX-License-Identifier: MIT */
#include "analyze/live_replay.h"

#include <stdlib.h>

#include "analyze/weights.h"

#define NS_PER_US UINT64_C(1000)

struct amount {
	uint64_t size, count;
};

struct replay {
	struct mlw_recording *recording;
	struct mlw_filter *filter;
	int8_t *verdicts; /* by trace: 1 passes, -1 does not, 0 not asked yet */
	struct amount *processes; /* what each holds, by id */
	bool *ended; /* by id: to be ended by the next change of another */
	bool has_ended;
	struct amount held;
	uint64_t allocations;
	struct mlw_live_peak peak;
	struct mallow_point *points;
	size_t next, count; /* of the points */
	struct mlw_series_set *series; /* or NULL */
};

static int passes(struct replay *replay, uint32_t trace, struct mlw_error *err)
{
	int8_t *verdict = &replay->verdicts[trace];
	int result;

	if (!*verdict) {
		result = mlw_filter_passes(replay->filter, trace, err);
		if (result < 0)
			return -1;
		*verdict = result ? 1 : -1;
	}
	return *verdict > 0;
}

static struct amount *holder(struct replay *replay, uint32_t trace)
{
	const struct mlw_recording *recording = replay->recording;
	uint32_t thread = recording->traces[trace - 1].thread;

	return &replay->processes[recording->threads[thread - 1].process];
}

static bool take_away(struct amount *from, uint64_t size, uint64_t count)
{
	if (from->size < size || from->count < count)
		return false;
	from->size -= size;
	from->count -= count;
	return true;
}

static int remove_old(struct replay *replay, const struct mlw_change *change,
                      struct mlw_error *err)
{
	struct mlw_weight gone;
	int passed;

	if (change->old_kind != MLW_OLD_BLOCK)
		return 0;
	passed = passes(replay, change->old.trace, err);
	if (passed <= 0)
		return passed;
	gone = mlw_weigh_gone(replay->recording, change);
	if (!take_away(holder(replay, change->old.trace), gone.size, gone.count) ||
	    !take_away(&replay->held, gone.size, gone.count))
		return mlw_fail(err, "damaged: an event frees more than is live");
	return replay->series ? mlw_series_remove(replay->series, change, err) : 0;
}

static int add_new(struct replay *replay, const struct mlw_change *change,
                   struct mlw_error *err)
{
	struct amount *process;
	struct mlw_weight more;
	int passed = passes(replay, change->trace, err);

	if (passed <= 0)
		return passed;
	process = holder(replay, change->trace);
	more = mlw_weigh_new(replay->recording, change);
	if (replay->held.size + more.size < more.size)
		return mlw_fail(err, "damaged: more is live than any memory holds");
	process->size += more.size;
	process->count += more.count;
	replay->held.size += more.size;
	replay->held.count += more.count;
	replay->allocations += more.count;
	return replay->series ? mlw_series_add(replay->series, change, err) : 0;
}

/* What the process has live it has no more, though nothing was freed. */
static void forget(struct replay *replay, size_t process)
{
	struct amount *held = &replay->processes[process];

	take_away(&replay->held, held->size, held->count);
	*held = (struct amount){ 0 };
	if (replay->series)
		mlw_series_end_process(replay->series, (uint32_t)process);
}

/* What a process holds at its end was not freed, but is not live at the same time as
 * anything that follows. If nothing does, it is live at the end. */
static void end_processes(struct replay *replay)
{
	for (size_t id = 1; replay->has_ended && id <= replay->recording->process_count;
	     id++) {
		if (replay->ended[id])
			forget(replay, id);
		replay->ended[id] = false;
	}
	replay->has_ended = false;
}

static void note_end(struct replay *replay, uint32_t thread)
{
	replay->ended[replay->recording->threads[thread - 1].process] = true;
	replay->has_ended = true;
}

static void fill_points(struct replay *replay, uint64_t before_us)
{
	for (; replay->next < replay->count &&
	       replay->points[replay->next].at_ns / NS_PER_US < before_us;
	     replay->next++) {
		struct mallow_point *point = &replay->points[replay->next];

		point->size = replay->held.size;
		point->count = replay->held.count;
		point->allocations = replay->allocations;
		if (replay->series)
			mlw_series_mark(replay->series, replay->next);
	}
}

static int visit(const struct mlw_change *change, uint64_t number, void *context,
                 struct mlw_error *err)
{
	struct replay *replay = context;

	(void)number;
	fill_points(replay, change->time_us);
	if (change->op == MLW_OP_END) {
		note_end(replay, change->thread);
		return 0;
	}
	if (replay->has_ended)
		end_processes(replay);
	if (change->op == MLW_OP_CLEAR)
		forget(replay, replay->recording->threads[change->thread - 1].process);
	if (remove_old(replay, change, err))
		return -1;
	if ((change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC) &&
	    add_new(replay, change, err))
		return -1;
	if (replay->held.size > replay->peak.size)
		replay->peak = (struct mlw_live_peak){ change->time_us, replay->held.size,
			                               replay->held.count };
	return 0;
}

int mlw_live_replay(struct mlw_recording *recording, struct mlw_filter *filter,
                    struct mallow_point *points, size_t count, struct mlw_live_peak *peak,
                    struct mlw_series_set *series, struct mlw_error *err)
{
	struct replay replay = {
		.recording = recording,
		.filter = filter,
		.verdicts = calloc(recording->trace_count + 1, sizeof(int8_t)),
		.processes = calloc(recording->process_count + 1, sizeof(struct amount)),
		.ended = calloc(recording->process_count + 1, sizeof(bool)),
		.points = points,
		.count = count,
		.series = series,
	};
	int result = -1;

	if (!replay.verdicts || !replay.processes || !replay.ended)
		mlw_fail(err, "out of memory");
	else
		result = mlw_reader_changes(recording->reader, 0, visit, &replay, err);
	fill_points(&replay, UINT64_MAX);
	*peak = replay.peak;
	free(replay.verdicts);
	free(replay.processes);
	free(replay.ended);
	return result;
}
