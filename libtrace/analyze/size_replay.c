/* SPDX-License-Identifier: MIT */
#include "analyze/size_replay.h"

#include <stdlib.h>

#include "analyze/cuts.h"
#include "base/array.h"

/* A (trace, class) pair; its number is its place in `pairs` + 1. */
struct pair {
	uint32_t trace;
	uint32_t size_class;
	uint32_t next; /* of the same trace, 0: none */
	uint64_t live_size; /* at the moment asked for, once it has passed */
	uint64_t live_count;
};

struct mlw_size_replay {
	struct mlw_recording *recording;
	struct mlw_heap *heap;
	uint32_t *traces; /* index trace id - 1: the latest of its pairs, 0: none */
	struct pair *pairs;
	size_t pair_count, pair_capacity;
	struct mlw_cuts cuts;
	uint64_t stop; /* changes before the moment, UINT64_MAX: none is after it */
	bool stops; /* there */
};

static int declare_threads(struct mlw_size_replay *replay, struct mlw_error *err)
{
	for (size_t i = 0; i < replay->recording->thread_count; i++) {
		if (mlw_heap_add_thread(replay->heap,
		                        replay->recording->threads[i].process, err))
			return -1;
	}
	return 0;
}

int mlw_size_replay_new(struct mlw_size_replay **replay, struct mlw_recording *recording,
                        struct mlw_error *err)
{
	struct mlw_size_replay *made = calloc(1, sizeof(*made));

	*replay = made;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->recording = recording;
	made->stop = UINT64_MAX;
	made->traces = calloc(recording->trace_count + 1, sizeof(*made->traces));
	if (!made->traces)
		return mlw_fail(err, "out of memory");
	made->heap = mlw_heap_new(err);
	if (!made->heap)
		return -1;
	mlw_heap_set_sample(made->heap, recording->run->sample_bytes);
	return declare_threads(made, err);
}

void mlw_size_replay_free(struct mlw_size_replay *replay)
{
	if (!replay)
		return;
	free(replay->traces);
	free(replay->pairs);
	mlw_cuts_release(&replay->cuts);
	mlw_heap_free(replay->heap);
	free(replay);
}

static int add_pair(struct mlw_size_replay *replay, uint32_t trace, uint32_t size_class,
                    uint32_t *pair, struct mlw_error *err)
{
	const struct mlw_trace_row *row = &replay->recording->traces[trace - 1];
	uint32_t *latest = &replay->traces[trace - 1];

	if (mlw_grow(&replay->pairs, &replay->pair_capacity, replay->pair_count + 1,
	             sizeof(*replay->pairs), err) ||
	    mlw_heap_add_trace(replay->heap, row->thread, row->domain, err))
		return -1;
	replay->pairs[replay->pair_count++] =
	        (struct pair){ trace, size_class, *latest, 0, 0 };
	*pair = *latest = (uint32_t)replay->pair_count;
	return 0;
}

/* Most traces ask for one or two sizes. */
static int find_pair(struct mlw_size_replay *replay, uint32_t trace, uint32_t size_class,
                     uint32_t *pair, struct mlw_error *err)
{
	if (!trace || trace > replay->recording->trace_count)
		return mlw_fail(err, "damaged: an event names a trace that is not there");
	for (*pair = replay->traces[trace - 1]; *pair;
	     *pair = replay->pairs[*pair - 1].next) {
		if (replay->pairs[*pair - 1].size_class == size_class)
			return 0;
	}
	return add_pair(replay, trace, size_class, pair, err);
}

static void save_live(struct mlw_size_replay *replay)
{
	for (size_t i = 0; i < replay->pair_count; i++) {
		struct mlw_trace_totals totals;

		mlw_heap_trace(replay->heap, (uint32_t)i + 1, &totals);
		replay->pairs[i].live_size = totals.live_size;
		replay->pairs[i].live_count = totals.live_count;
	}
}

/* Puts the pairs in the place of traces. */
static int translate(struct mlw_size_replay *replay, struct mlw_change *change,
                     struct mlw_error *err)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;

	if (change->old_kind == MLW_OLD_BLOCK &&
	    find_pair(replay, change->old.trace, mlw_cuts_class(&replay->cuts, change),
	              &change->old.trace, err))
		return -1;
	if (change->op == MLW_OP_SHRINK)
		return mlw_cuts_note(&replay->cuts, change, err);
	return is_new ? find_pair(replay, change->trace, mlw_size_class(change->size),
	                          &change->trace, err)
	              : 0;
}

static int replay_change(const struct mlw_change *change, uint64_t number, void *context,
                         struct mlw_error *err)
{
	struct mlw_size_replay *replay = context;
	struct mlw_change translated = *change;

	if (number == replay->stop) {
		save_live(replay);
		if (replay->stops)
			return 1;
	}
	if (translate(replay, &translated, err))
		return -1;
	if (!mlw_heap_accepts(replay->heap, &translated))
		return mlw_fail(err, "damaged: event %llu contradicts those before it",
		                (unsigned long long)number);
	mlw_heap_apply(replay->heap, &translated);
	return 0;
}

int mlw_size_replay_run(struct mlw_size_replay *replay, const struct mlw_moment *moment,
                        bool up_to, struct mlw_error *err)
{
	struct mlw_reader *reader = replay->recording->reader;
	bool whole = moment->kind != MLW_MOMENT_AFTER ||
	             moment->number >= mlw_reader_change_count(reader);

	if (!replay->recording->run->keeps_events)
		return mlw_fail(err, "sizes cannot be told apart, because %s",
		                mlw_recording_lacks_events(replay->recording));
	if (replay->recording->run->cut_changes)
		return mlw_fail(err, "sizes cannot be told apart, because not all events "
		                     "were kept (--max-size)");
	replay->stop = whole ? UINT64_MAX : moment->number;
	replay->stops = up_to;
	if (mlw_reader_changes(reader, 0, replay_change, replay, err))
		return -1;
	if (whole)
		save_live(replay);
	return 0;
}

size_t mlw_size_replay_count(const struct mlw_size_replay *replay)
{
	return replay->pair_count;
}

void mlw_size_replay_row(const struct mlw_size_replay *replay, size_t index,
                         struct mlw_holding *holding)
{
	const struct pair *pair = &replay->pairs[index];

	holding->trace = pair->trace;
	holding->size_class = pair->size_class;
	mlw_heap_trace(replay->heap, (uint32_t)index + 1, &holding->totals);
	holding->totals.live_size = pair->live_size;
	holding->totals.live_count = pair->live_count;
}
