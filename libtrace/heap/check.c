/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "heap/heap_state.h"

static void sum_rows(const struct mlw_heap *heap, struct mlw_totals *sums)
{
	for (uint32_t i = 1; i < heap->row_count; i++) {
		struct mlw_totals *sum = &sums[heap->rows[i].domain];
		struct mlw_trace_totals row;

		mlw_heap_trace(heap, i, &row);
		sum->allocations += row.allocations;
		sum->allocated_size += row.allocated_size;
		sum->live_size += row.live_size;
		sum->live_count += row.live_count;
		sum->peak_size += row.peak_size;
		sum->temporary_count += row.temporary_count;
	}
}

static bool same_counts(const struct mlw_totals *a, const struct mlw_totals *b)
{
	return a->allocations == b->allocations &&
	       a->allocated_size == b->allocated_size && a->live_size == b->live_size &&
	       a->live_count == b->live_count && a->temporary_count == b->temporary_count;
}

static void add_totals(struct mlw_totals *sum, const struct mlw_totals *part)
{
	sum->allocations += part->allocations;
	sum->frees += part->frees;
	sum->reallocations += part->reallocations;
	sum->allocated_size += part->allocated_size;
	sum->live_size += part->live_size;
	sum->live_count += part->live_count;
	sum->temporary_count += part->temporary_count;
	sum->inherited_frees += part->inherited_frees;
	sum->foreign_frees += part->foreign_frees;
}

static bool same_totals(const struct mlw_totals *a, const struct mlw_totals *b)
{
	return same_counts(a, b) && a->frees == b->frees &&
	       a->reallocations == b->reallocations &&
	       a->inherited_frees == b->inherited_frees &&
	       a->foreign_frees == b->foreign_frees;
}

static int check_domain(const struct mlw_totals *domain, const struct mlw_totals *sum,
                        const struct mlw_heap_left *left, size_t id,
                        struct mlw_error *err)
{
	uint64_t ended = domain->frees + left->forgotten;

	if (!same_counts(sum, domain))
		return mlw_fail(
		        err, "the traces of domain %zu do not add up to its totals", id);
	if (ended < domain->frees || ended > domain->allocations ||
	    domain->allocations - ended != domain->live_count)
		return mlw_fail(err, "domain %zu has frees that do not add up", id);
	if (domain->live_size - left->size > domain->peak_size)
		return mlw_fail(err, "domain %zu has more live than at its peak", id);
	if (id == MLW_DOMAIN_MALLOC && sum->peak_size != domain->peak_size)
		return mlw_fail(err, "the traces do not add up to the peak");
	return 0;
}

static int check_rows(const struct mlw_heap *heap, struct mlw_error *err)
{
	struct mlw_totals *sums = calloc(heap->domain_count, sizeof(*sums));
	int result = 0;

	if (!sums)
		return mlw_fail(err, "out of memory for %zu domains", heap->domain_count);
	sum_rows(heap, sums);
	for (size_t i = 0; i < heap->domain_count && !result; i++)
		result =
		        check_domain(&heap->domains[i], &sums[i], &heap->left[i], i, err);
	free(sums);
	return result;
}

static uint64_t sum_counts(const struct mlw_histogram *histogram)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < MLW_HISTOGRAM_CLASSES; i++)
		sum += histogram->count[i];
	return sum;
}

/* Where only what is live is known, the size of each block is not. */
static bool check_sizes(const struct mlw_heap *heap)
{
	uint64_t count = sum_counts(&heap->sizes);

	return !count || count == mlw_heap_totals(heap)->allocations;
}

static int check_parts(const struct mlw_heap *heap, struct mlw_error *err)
{
	const struct mlw_totals *run = mlw_heap_totals(heap);
	struct mlw_totals threads = { 0 };
	struct mlw_totals processes = { 0 };

	for (size_t i = 1; i < heap->thread_count; i++)
		add_totals(&threads, &heap->threads[i].totals);
	for (size_t i = 1; i < heap->process_count; i++)
		add_totals(&processes, &heap->processes[i]);
	if (!same_totals(&threads, run))
		return mlw_fail(err, "the threads do not add up to the run");
	if (!same_totals(&processes, run))
		return mlw_fail(err, "the processes do not add up to the run");
	if (!check_sizes(heap))
		return mlw_fail(err, "the sizes do not add up to the allocations");
	if (sum_counts(&heap->lifetimes) != run->frees)
		return mlw_fail(err, "the lifetimes do not add up to the frees");
	return 0;
}

bool mlw_heap_check(const struct mlw_heap *heap, struct mlw_error *err)
{
	return check_rows(heap, err) == 0 && check_parts(heap, err) == 0;
}
