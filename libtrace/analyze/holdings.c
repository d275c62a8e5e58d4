/* SPDX-License-Identifier: MIT */
#include "analyze/holdings.h"

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

static int read_heap(struct mlw_holdings *holdings, struct mlw_recording *recording,
                     uint64_t number, struct mlw_error *err)
{
	if (mlw_reader_heap(recording->reader, number, &holdings->heap, err))
		return -1;
	if (mlw_heap_trace_count(holdings->heap) > recording->trace_count)
		return mlw_fail(err, "damaged: totals of traces that are not there");
	holdings->count = recording->trace_count;
	return 0;
}

static int read_traces(struct mlw_holdings *holdings, struct mlw_recording *recording,
                       const struct mlw_moment *moment, bool up_to, struct mlw_error *err)
{
	bool whole = moment->kind != MLW_MOMENT_AFTER;

	if (up_to && !whole)
		return read_heap(holdings, recording, moment->number, err);
	if (read_heap(holdings, recording, UINT64_MAX, err))
		return -1;
	return whole ? 0
	             : mlw_reader_heap(recording->reader, moment->number, &holdings->then,
	                               err);
}

static int read_sizes(struct mlw_holdings *holdings, struct mlw_recording *recording,
                      const struct mlw_moment *moment, bool up_to, struct mlw_error *err)
{
	if (mlw_size_replay_new(&holdings->replay, recording, err) ||
	    mlw_size_replay_run(holdings->replay, moment, up_to, err))
		return -1;
	holdings->count = mlw_size_replay_count(holdings->replay);
	return 0;
}

int mlw_holdings_read(struct mlw_holdings *holdings, struct mlw_recording *recording,
                      const struct mlw_moment *moment, unsigned flags,
                      struct mlw_error *err)
{
	bool up_to = flags & MLW_HOLDINGS_UP_TO;
	int result;

	*holdings = (struct mlw_holdings){ .at_peak = moment->kind == MLW_MOMENT_PEAK };
	if (flags & MLW_HOLDINGS_BY_SIZE)
		result = read_sizes(holdings, recording, moment, up_to, err);
	else
		result = read_traces(holdings, recording, moment, up_to, err);
	if (result)
		mlw_holdings_release(holdings);
	return result;
}

static void get_trace(const struct mlw_holdings *holdings, size_t index,
                      struct mlw_holding *holding)
{
	struct mlw_trace_totals then;

	holding->trace = (uint32_t)index + 1;
	holding->size_class = 0;
	mlw_heap_trace(holdings->heap, holding->trace, &holding->totals);
	if (!holdings->then)
		return;
	mlw_heap_trace(holdings->then, holding->trace, &then);
	holding->totals.live_size = then.live_size;
	holding->totals.live_count = then.live_count;
}

void mlw_holdings_get(const struct mlw_holdings *holdings, size_t index,
                      struct mlw_holding *holding)
{
	if (holdings->replay)
		mlw_size_replay_row(holdings->replay, index, holding);
	else
		get_trace(holdings, index, holding);
	if (holdings->at_peak) {
		holding->totals.live_size = holding->totals.peak_size;
		holding->totals.live_count = holding->totals.peak_count;
	}
}

void mlw_holdings_release(struct mlw_holdings *holdings)
{
	if (!holdings)
		return;
	mlw_size_replay_free(holdings->replay);
	mlw_heap_free(holdings->then);
	mlw_heap_free(holdings->heap);
	*holdings = (struct mlw_holdings){ 0 };
}
