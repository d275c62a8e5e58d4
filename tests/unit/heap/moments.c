/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "heap/heap.h"

/* One process, one thread, two traces of malloc. */
static struct mlw_heap *small_heap(void)
{
	struct mlw_error err;
	struct mlw_heap *heap = mlw_heap_new(&err);

	cr_assert_not_null(heap);
	cr_assert_eq(mlw_heap_add_thread(heap, 1, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 1, MLW_DOMAIN_MALLOC, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 1, MLW_DOMAIN_MALLOC, &err), 0);
	return heap;
}

static void allocate_by(struct mlw_heap *heap, uint32_t thread, uint32_t trace,
                        uint64_t size)
{
	struct mlw_change change = {
		.op = MLW_OP_ALLOC,
		.thread = thread,
		.trace = trace,
		.size = size,
		.ordinal = mlw_heap_last_ordinal(heap) + 1,
	};

	cr_assert(mlw_heap_accepts(heap, &change));
	mlw_heap_apply(heap, &change);
}

static void allocate(struct mlw_heap *heap, uint32_t trace, uint64_t size)
{
	allocate_by(heap, 1, trace, size);
}

static struct mlw_change end_of(uint8_t op, uint32_t trace, uint64_t ordinal,
                                uint64_t size)
{
	struct mlw_change change = {
		.op = op,
		.old_kind = MLW_OLD_BLOCK,
		.thread = 1,
		.old = { .ordinal = ordinal, .size = size, .trace = trace },
	};

	return change;
}

Test(heap, growing_by_realloc_reaches_the_peak_of_the_new_block_alone)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change change = end_of(MLW_OP_REALLOC, 1, 1, 100);
	struct mlw_trace_totals row;

	allocate(heap, 1, 100);
	change.trace = 2;
	change.size = 150;
	change.ordinal = 2;
	cr_assert(mlw_heap_accepts(heap, &change));
	mlw_heap_apply(heap, &change);
	cr_assert_eq(mlw_heap_totals(heap)->peak_size, 150);
	cr_assert_eq(mlw_heap_totals(heap)->allocations, 2);
	cr_assert_eq(mlw_heap_totals(heap)->frees, 1);
	cr_assert_eq(mlw_heap_totals(heap)->reallocations, 1);
	cr_assert_eq(mlw_heap_totals(heap)->temporary_count, 0);
	mlw_heap_trace(heap, 1, &row);
	cr_assert_eq(row.peak_size, 0);
	mlw_heap_trace(heap, 2, &row);
	cr_assert_eq(row.peak_size, 150);
	mlw_heap_free(heap);
}

Test(heap, the_first_moment_that_reached_the_peak_counts)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change change = end_of(MLW_OP_FREE, 1, 1, 64);
	struct mlw_trace_totals row;

	allocate(heap, 1, 64);
	mlw_heap_apply(heap, &change);
	allocate(heap, 2, 64);
	mlw_heap_trace(heap, 1, &row);
	cr_assert_eq(row.peak_size, 64);
	cr_assert_eq(row.peak_count, 1);
	mlw_heap_trace(heap, 2, &row);
	cr_assert_eq(row.peak_size, 0);
	mlw_heap_free(heap);
}

Test(heap, what_an_ended_process_held_counts_for_no_later_peak)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change end = { .op = MLW_OP_END, .thread = 1 };
	struct mlw_trace_totals row;
	struct mlw_error err;
	uint64_t size, count;

	cr_assert_eq(mlw_heap_add_thread(heap, 2, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 2, MLW_DOMAIN_MALLOC, &err), 0);
	allocate(heap, 1, 100);
	mlw_heap_apply(heap, &end);
	allocate_by(heap, 2, 3, 60);
	cr_assert_eq(mlw_heap_totals(heap)->peak_size, 100);
	mlw_heap_trace(heap, 1, &row);
	cr_assert_eq(row.peak_size, 100);
	allocate_by(heap, 2, 3, 60);
	cr_assert_eq(mlw_heap_totals(heap)->peak_size, 120);
	cr_assert_eq(mlw_heap_totals(heap)->live_size, 220, "it was never freed");
	mlw_heap_trace(heap, 1, &row);
	cr_assert_eq(row.peak_size, 0);
	cr_assert_eq(row.live_size, 100);
	mlw_heap_held(heap, &size, &count);
	cr_assert_eq(size, 120);
	cr_assert_eq(count, 2);
	cr_assert(mlw_heap_check(heap, &err), "%s", err.text);
	mlw_heap_free(heap);
}

Test(heap, what_was_forgotten_is_not_live_and_was_not_freed)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change clear = { .op = MLW_OP_CLEAR, .thread = 1 };
	struct mlw_trace_totals row;
	struct mlw_error err;

	cr_assert_eq(mlw_heap_add_thread(heap, 2, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 2, MLW_DOMAIN_MALLOC, &err), 0);
	allocate(heap, 1, 100);
	allocate_by(heap, 2, 3, 30);
	cr_assert(mlw_heap_accepts(heap, &clear));
	mlw_heap_apply(heap, &clear);
	cr_assert_eq(mlw_heap_totals(heap)->live_size, 30, "the other process's");
	cr_assert_eq(mlw_heap_process(heap, 1)->live_count, 0);
	cr_assert_eq(mlw_heap_totals(heap)->frees, 0);
	mlw_heap_trace(heap, 1, &row);
	cr_assert_eq(row.live_size, 0);
	cr_assert_eq(row.peak_size, 100);
	cr_assert(mlw_heap_check(heap, &err), "%s", err.text);
	allocate(heap, 1, 90);
	cr_assert_eq(mlw_heap_totals(heap)->peak_size, 130);
	allocate(heap, 1, 20);
	cr_assert_eq(mlw_heap_totals(heap)->peak_size, 140);
	mlw_heap_free(heap);
}

Test(heap, nothing_happens_in_a_process_that_has_ended)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change end = { .op = MLW_OP_END, .thread = 1 };
	struct mlw_change late = end_of(MLW_OP_FREE, 1, 1, 8);

	allocate(heap, 1, 8);
	cr_assert(mlw_heap_accepts(heap, &end));
	mlw_heap_apply(heap, &end);
	cr_assert_not(mlw_heap_accepts(heap, &late));
	cr_assert_not(mlw_heap_accepts(heap, &end));
	mlw_heap_free(heap);
}

Test(heap, temporary_is_the_very_next_operation)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change first = end_of(MLW_OP_FREE, 1, 1, 8);
	struct mlw_change second = end_of(MLW_OP_FREE, 1, 2, 8);

	allocate(heap, 1, 8);
	allocate(heap, 1, 8);
	mlw_heap_apply(heap, &second);
	cr_assert_eq(mlw_heap_totals(heap)->temporary_count, 1);
	mlw_heap_apply(heap, &first);
	cr_assert_eq(mlw_heap_totals(heap)->temporary_count, 1);
	mlw_heap_free(heap);
}

Test(heap, histograms_are_in_powers_of_two)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change change = end_of(MLW_OP_FREE, 1, 1, 0);

	allocate(heap, 1, 0);
	allocate(heap, 1, 1);
	allocate(heap, 1, 8);
	allocate(heap, 1, 15);
	change.time_us = 1;
	mlw_heap_apply(heap, &change);
	cr_assert_eq(mlw_heap_sizes(heap)->count[0], 1);
	cr_assert_eq(mlw_heap_sizes(heap)->count[1], 1);
	cr_assert_eq(mlw_heap_sizes(heap)->count[4], 2);
	cr_assert_eq(mlw_heap_sizes(heap)->size[4], 23);
	cr_assert_eq(mlw_heap_lifetimes(heap)->count[10], 1, "1000 ns: [512, 1024)");
	mlw_heap_free(heap);
}

Test(heap, changes_that_would_corrupt_it_are_refused)
{
	struct mlw_heap *heap = small_heap();
	struct mlw_change good = end_of(MLW_OP_FREE, 1, 1, 8), bad;

	allocate(heap, 1, 8);
	cr_assert(mlw_heap_accepts(heap, &good));
#define refused(field, value)                                \
	do {                                                 \
		bad = good;                                  \
		bad.field = (value);                         \
		cr_assert_not(mlw_heap_accepts(heap, &bad)); \
	} while (0)
	refused(op, 0);
	refused(op, 5);
	refused(old_kind, 4);
	refused(old_kind, MLW_OLD_NONE);
	refused(thread, 0);
	refused(thread, 2);
	refused(old.trace, 0);
	refused(old.trace, 2);
	refused(old.trace, 3);
	refused(old.size, 9);
	refused(old.ordinal, 0);
	refused(old.ordinal, 2);
	refused(old.time_us, 1);
	good = (struct mlw_change){ .op = MLW_OP_ALLOC, .thread = 1, .trace = 1 };
	good.ordinal = 2;
	cr_assert(mlw_heap_accepts(heap, &good));
	refused(trace, 3);
	refused(ordinal, 3);
	refused(size, UINT64_MAX);
	mlw_heap_free(heap);
}

Test(heap, ids_are_declared_in_order)
{
	struct mlw_error err;
	struct mlw_heap *heap = mlw_heap_new(&err);

	cr_assert_eq(mlw_heap_add_trace(heap, 1, 0, &err), -1);
	cr_assert_eq(mlw_heap_add_thread(heap, 0, &err), -1);
	cr_assert_eq(mlw_heap_add_thread(heap, 3, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 1, 1u << 20, &err), -1);
	cr_assert_eq(mlw_heap_add_trace(heap, 1, MLW_DOMAIN_USER, &err), 0);
	cr_assert_eq(mlw_heap_trace_count(heap), 1);
	cr_assert_eq(mlw_heap_thread_count(heap), 1);
	cr_assert_eq(mlw_heap_process(heap, 77)->allocations, 0);
	mlw_heap_free(heap);
}
