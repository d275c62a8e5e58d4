/* SPDX-License-Identifier: MIT */
#include "store/checkpoint.h"

#include <stdlib.h>

/*
 * Order: the columns of the traces one after the other, then threads, processes and
 * domains as rows, then the two histograms. Rows of totals have TOTALS values, threads
 * and processes one more.
 */
#define TRACE_COLUMNS 7u
#define TOTALS        11u

static const size_t trace_columns[TRACE_COLUMNS] = {
	offsetof(struct mlw_trace_totals, allocations),
	offsetof(struct mlw_trace_totals, allocated_size),
	offsetof(struct mlw_trace_totals, live_size),
	offsetof(struct mlw_trace_totals, live_count),
	offsetof(struct mlw_trace_totals, peak_size),
	offsetof(struct mlw_trace_totals, peak_count),
	offsetof(struct mlw_trace_totals, temporary_count),
};

static const size_t totals_columns[TOTALS] = {
	offsetof(struct mlw_totals, allocations),
	offsetof(struct mlw_totals, frees),
	offsetof(struct mlw_totals, reallocations),
	offsetof(struct mlw_totals, allocated_size),
	offsetof(struct mlw_totals, live_size),
	offsetof(struct mlw_totals, live_count),
	offsetof(struct mlw_totals, peak_size),
	offsetof(struct mlw_totals, peak_at_us),
	offsetof(struct mlw_totals, temporary_count),
	offsetof(struct mlw_totals, inherited_frees),
	offsetof(struct mlw_totals, foreign_frees),
};

static uint64_t *member(void *row, size_t offset)
{
	return (uint64_t *)((char *)row + offset);
}

static uint64_t value_of(const void *row, size_t offset)
{
	return *(const uint64_t *)((const char *)row + offset);
}

static void put_traces(const struct mlw_heap *heap, uint32_t count,
                       struct mlw_bytes *bytes)
{
	struct mlw_trace_totals row;

	for (size_t column = 0; column < TRACE_COLUMNS; column++)
		for (uint32_t i = 1; i <= count; i++) {
			mlw_heap_trace(heap, i, &row);
			mlw_bytes_put(bytes, value_of(&row, trace_columns[column]));
		}
}

static void put_totals(const struct mlw_totals *totals, struct mlw_bytes *bytes)
{
	for (size_t i = 0; i < TOTALS; i++)
		mlw_bytes_put(bytes, value_of(totals, totals_columns[i]));
}

static void put_process(const struct mlw_heap *heap, uint32_t process,
                        struct mlw_bytes *bytes)
{
	put_totals(mlw_heap_process(heap, process), bytes);
	mlw_bytes_put(bytes, mlw_heap_has_ended(heap, process));
}

static void put_histogram(const struct mlw_histogram *histogram, struct mlw_bytes *bytes)
{
	for (size_t i = 0; i < MLW_HISTOGRAM_CLASSES; i++)
		mlw_bytes_put(bytes, histogram->count[i]);
	for (size_t i = 0; i < MLW_HISTOGRAM_CLASSES; i++)
		mlw_bytes_put(bytes, histogram->size[i]);
}

int mlw_checkpoint_encode(const struct mlw_heap *heap, struct mlw_checkpoint_head *head,
                          struct mlw_bytes *bytes, struct mlw_error *err)
{
	head->at_us = mlw_heap_last_time(heap);
	head->ordinal = mlw_heap_last_ordinal(heap);
	head->traces = mlw_heap_trace_count(heap);
	head->threads = mlw_heap_thread_count(heap);
	head->processes = mlw_heap_process_limit(heap) - 1;
	head->domains = mlw_heap_domain_limit(heap);
	put_traces(heap, (uint32_t)head->traces, bytes);
	for (uint32_t i = 1; i <= head->threads; i++) {
		put_totals(mlw_heap_thread(heap, i), bytes);
		mlw_bytes_put(bytes, mlw_heap_thread_last(heap, i));
	}
	for (uint32_t i = 1; i <= head->processes; i++)
		put_process(heap, i, bytes);
	for (uint32_t i = 0; i < head->domains; i++)
		put_totals(mlw_heap_domain(heap, i), bytes);
	put_histogram(mlw_heap_sizes(heap), bytes);
	put_histogram(mlw_heap_lifetimes(heap), bytes);
	return bytes->failed ? mlw_fail(err, "out of memory for a checkpoint") : 0;
}

size_t mlw_checkpoint_limit(const struct mlw_checkpoint_head *head)
{
	size_t rows = head->threads + head->processes + head->domains;

	return MLW_VARINT_MAX * (head->traces * TRACE_COLUMNS + rows * (TOTALS + 1) +
	                         4 * MLW_HISTOGRAM_CLASSES);
}

static void get_totals(struct mlw_byte_reader *reader, struct mlw_totals *totals)
{
	for (size_t i = 0; i < TOTALS; i++)
		*member(totals, totals_columns[i]) = mlw_bytes_get(reader);
}

static void get_histogram(struct mlw_byte_reader *reader, struct mlw_histogram *histogram)
{
	for (size_t i = 0; i < MLW_HISTOGRAM_CLASSES; i++)
		histogram->count[i] = mlw_bytes_get(reader);
	for (size_t i = 0; i < MLW_HISTOGRAM_CLASSES; i++)
		histogram->size[i] = mlw_bytes_get(reader);
}

/* The columns are read side by side: a table of them all would be as big as the model. */
static int get_traces(struct mlw_heap *heap, uint64_t count,
                      struct mlw_byte_reader *reader, struct mlw_error *err)
{
	struct mlw_byte_reader columns[TRACE_COLUMNS];
	struct mlw_trace_totals row;

	for (size_t column = 0; column < TRACE_COLUMNS; column++) {
		columns[column] = *reader;
		mlw_bytes_skip(reader, count);
	}
	if (reader->failed)
		return mlw_fail(err, "a checkpoint is cut off");
	for (uint64_t i = 1; i <= count; i++) {
		for (size_t column = 0; column < TRACE_COLUMNS; column++)
			*member(&row, trace_columns[column]) =
			        mlw_bytes_get(&columns[column]);
		if (row.live_count > UINT32_MAX || row.peak_count > UINT32_MAX)
			return mlw_fail(err, "a checkpoint has too many live blocks");
		mlw_heap_restore_trace(heap, (uint32_t)i, &row);
	}
	return 0;
}

static int get_processes(struct mlw_heap *heap, uint64_t count,
                         struct mlw_byte_reader *reader, struct mlw_error *err)
{
	struct mlw_totals totals;

	for (uint32_t i = 1; i <= count; i++) {
		get_totals(reader, &totals);
		if (mlw_heap_restore_process(heap, i, &totals, err))
			return -1;
		if (mlw_bytes_get(reader))
			mlw_heap_restore_ended(heap, i);
	}
	return 0;
}

static int get_domains(struct mlw_heap *heap, uint64_t count,
                       struct mlw_byte_reader *reader, struct mlw_totals *run,
                       struct mlw_error *err)
{
	struct mlw_totals totals;

	for (uint32_t i = 0; i < count; i++) {
		get_totals(reader, &totals);
		if (i == MLW_DOMAIN_MALLOC)
			*run = totals;
		if (mlw_heap_restore_domain(heap, i, &totals, err))
			return -1;
	}
	return 0;
}

static void get_threads(struct mlw_heap *heap, uint64_t count,
                        struct mlw_byte_reader *reader)
{
	struct mlw_totals totals;

	for (uint32_t i = 1; i <= count; i++) {
		get_totals(reader, &totals);
		mlw_heap_restore_thread(heap, i, &totals);
		mlw_heap_restore_thread_last(heap, i, mlw_bytes_get(reader));
	}
}

static void get_histograms(struct mlw_heap *heap, struct mlw_byte_reader *reader)
{
	struct mlw_histogram sizes, lifetimes;

	get_histogram(reader, &sizes);
	get_histogram(reader, &lifetimes);
	mlw_heap_restore_histograms(heap, &sizes, &lifetimes);
}

int mlw_checkpoint_decode(struct mlw_heap *heap, const struct mlw_checkpoint_head *head,
                          const struct mlw_unpacked *unpacked, struct mlw_error *err)
{
	struct mlw_byte_reader reader = mlw_byte_reader(unpacked);
	struct mlw_totals run = { 0 };

	if (get_traces(heap, head->traces, &reader, err))
		return -1;
	get_threads(heap, head->threads, &reader);
	if (get_processes(heap, head->processes, &reader, err) ||
	    get_domains(heap, head->domains, &reader, &run, err))
		return -1;
	get_histograms(heap, &reader);
	if (!mlw_bytes_done(&reader))
		return mlw_fail(err, "a checkpoint has another length than it says");
	mlw_heap_restore_clock(heap, head->at_us);
	mlw_heap_restore_totals(heap, &run);
	if (!mlw_heap_restore_ordinal(heap, head->ordinal))
		return mlw_fail(err,
		                "a checkpoint contradicts its number of allocations");
	return mlw_heap_check(heap, err) ? 0 : -1;
}
