/* SPDX-License-Identifier: MIT */
#include "analyze/holdings.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/size_replay.h"

uint32_t mlw_size_class(uint64_t size)
{
	return size ? 64 - (uint32_t)__builtin_clzll(size) : 0;
}

uint64_t mlw_size_class_min(uint32_t size_class)
{
	return size_class ? UINT64_C(1) << (size_class - 1) : 0;
}

uint64_t mlw_size_class_max(uint32_t size_class)
{
	if (size_class >= 64)
		return UINT64_MAX;
	return (UINT64_C(1) << size_class) - 1;
}

static int allocate(struct mlw_holdings *holdings, size_t count, struct mlw_error *err)
{
	holdings->count = count;
	holdings->rows = calloc(count + 1, sizeof(*holdings->rows));
	return holdings->rows ? 0 : mlw_fail(err, "out of memory");
}

static int copy_traces(struct mlw_holdings *holdings, struct mlw_recording *recording,
                       const struct mlw_heap *heap, struct mlw_error *err)
{
	size_t count = mlw_heap_trace_count(heap);

	if (count > recording->trace_count)
		return mlw_fail(err, "damaged: totals of traces that are not there");
	if (allocate(holdings, count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		holdings->rows[i].trace = (uint32_t)i + 1;
		mlw_heap_trace(heap, (uint32_t)i + 1, &holdings->rows[i].totals);
	}
	return 0;
}

/* Takes what is live from the heap of another moment. */
static void take_live(struct mlw_holdings *holdings, const struct mlw_heap *then)
{
	uint32_t known = mlw_heap_trace_count(then);

	for (size_t i = 0; i < holdings->count; i++) {
		struct mlw_trace_totals *totals = &holdings->rows[i].totals;
		struct mlw_trace_totals at_moment = { 0 };

		if (holdings->rows[i].trace <= known)
			mlw_heap_trace(then, holdings->rows[i].trace, &at_moment);
		totals->live_size = at_moment.live_size;
		totals->live_count = at_moment.live_count;
	}
}

static void take_peak(struct mlw_holdings *holdings)
{
	for (size_t i = 0; i < holdings->count; i++) {
		struct mlw_trace_totals *totals = &holdings->rows[i].totals;

		totals->live_size = totals->peak_size;
		totals->live_count = totals->peak_count;
	}
}

/* All rows are of the heap at the moment. */
static int read_up_to(struct mlw_holdings *holdings, struct mlw_recording *recording,
                      const struct mlw_moment *moment, struct mlw_error *err)
{
	uint64_t number = moment->kind == MLW_MOMENT_AFTER ? moment->number : UINT64_MAX;
	struct mlw_heap *heap = NULL;
	int result;

	if (mlw_reader_heap(recording->reader, number, &heap, err))
		return -1;
	result = copy_traces(holdings, recording, heap, err);
	mlw_heap_free(heap);
	return result;
}

static int read_traces(struct mlw_holdings *holdings, struct mlw_recording *recording,
                       const struct mlw_moment *moment, struct mlw_error *err)
{
	static const struct mlw_moment end = { MLW_MOMENT_END, UINT64_MAX };
	struct mlw_heap *then = NULL;

	if (read_up_to(holdings, recording, &end, err))
		return -1;
	if (moment->kind != MLW_MOMENT_AFTER)
		return 0;
	if (mlw_reader_heap(recording->reader, moment->number, &then, err))
		return -1;
	take_live(holdings, then);
	mlw_heap_free(then);
	return 0;
}

static int read_sizes(struct mlw_holdings *holdings, struct mlw_recording *recording,
                      const struct mlw_moment *moment, bool up_to, struct mlw_error *err)
{
	struct mlw_size_replay *replay = NULL;
	int result = -1;

	if (mlw_size_replay_new(&replay, recording, err) ||
	    mlw_size_replay_run(replay, moment, up_to, err) ||
	    allocate(holdings, mlw_size_replay_count(replay), err))
		goto out;
	for (size_t i = 0; i < holdings->count; i++)
		mlw_size_replay_row(replay, i, &holdings->rows[i]);
	result = 0;
out:
	mlw_size_replay_free(replay);
	return result;
}

int mlw_holdings_read(struct mlw_holdings *holdings, struct mlw_recording *recording,
                      const struct mlw_moment *moment, unsigned flags,
                      struct mlw_error *err)
{
	bool up_to = flags & MLW_HOLDINGS_UP_TO;
	int result;

	*holdings = (struct mlw_holdings){ 0 };
	if (flags & MLW_HOLDINGS_BY_SIZE)
		result = read_sizes(holdings, recording, moment, up_to, err);
	else if (up_to)
		result = read_up_to(holdings, recording, moment, err);
	else
		result = read_traces(holdings, recording, moment, err);
	if (!result && moment->kind == MLW_MOMENT_PEAK)
		take_peak(holdings);
	if (result)
		mlw_holdings_release(holdings);
	return result;
}

void mlw_holdings_release(struct mlw_holdings *holdings)
{
	if (!holdings)
		return;
	free(holdings->rows);
	*holdings = (struct mlw_holdings){ 0 };
}
