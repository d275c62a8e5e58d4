/* SPDX-License-Identifier: MIT */
#include "heap/heap_state.h"

static const struct mlw_totals no_totals;

const struct mlw_totals *mlw_heap_totals(const struct mlw_heap *heap)
{
	return &heap->domains[MLW_DOMAIN_MALLOC];
}

const struct mlw_totals *mlw_heap_process(const struct mlw_heap *heap, uint32_t process)
{
	return process < heap->process_count ? &heap->processes[process] : &no_totals;
}

const struct mlw_totals *mlw_heap_thread(const struct mlw_heap *heap, uint32_t thread)
{
	return thread < heap->thread_count ? &heap->threads[thread].totals : &no_totals;
}

const struct mlw_totals *mlw_heap_domain(const struct mlw_heap *heap, uint32_t domain)
{
	return domain < heap->domain_count ? &heap->domains[domain] : &no_totals;
}

void mlw_heap_held(const struct mlw_heap *heap, uint64_t *size, uint64_t *count)
{
	const struct mlw_totals *totals = &heap->domains[MLW_DOMAIN_MALLOC];
	const struct mlw_heap_left *left = &heap->left[MLW_DOMAIN_MALLOC];

	*size = totals->live_size - left->size;
	*count = totals->live_count - left->count;
}

bool mlw_heap_has_ended(const struct mlw_heap *heap, uint32_t process)
{
	return process < heap->process_count && heap->process_states[process].ended;
}

uint32_t mlw_heap_process_limit(const struct mlw_heap *heap)
{
	return (uint32_t)heap->process_count;
}

uint32_t mlw_heap_domain_limit(const struct mlw_heap *heap)
{
	return (uint32_t)heap->domain_count;
}

uint64_t mlw_heap_last_ordinal(const struct mlw_heap *heap)
{
	return heap->last_ordinal;
}

uint64_t mlw_heap_last_time(const struct mlw_heap *heap)
{
	return heap->last_us;
}

uint64_t mlw_heap_thread_last(const struct mlw_heap *heap, uint32_t thread)
{
	return thread < heap->thread_count ? heap->threads[thread].last_ordinal : 0;
}

void mlw_heap_trace(const struct mlw_heap *heap, uint32_t trace,
                    struct mlw_trace_totals *totals)
{
	const struct mlw_heap_row *row;
	bool saved;

	*totals = (struct mlw_trace_totals){ 0 };
	if (trace == 0 || trace >= heap->row_count)
		return;
	row = &heap->rows[trace];
	saved = row->changed_at > heap->peak_at;
	totals->allocations = row->allocations;
	totals->allocated_size = row->allocated_size;
	totals->live_size = row->live_size;
	totals->live_count = row->live_count;
	if (saved) {
		totals->peak_size = row->saved_size;
		totals->peak_count = row->saved_count;
	} else if (!mlw_heap_has_ended(heap, heap->threads[row->thread].process)) {
		totals->peak_size = row->live_size;
		totals->peak_count = row->live_count;
	}
	totals->temporary_count = row->temporary_count;
}

const struct mlw_histogram *mlw_heap_sizes(const struct mlw_heap *heap)
{
	return &heap->sizes;
}

const struct mlw_histogram *mlw_heap_lifetimes(const struct mlw_heap *heap)
{
	return &heap->lifetimes;
}

void mlw_heap_restore_trace(struct mlw_heap *heap, uint32_t trace,
                            const struct mlw_trace_totals *totals)
{
	struct mlw_heap_row *row;

	if (trace == 0 || trace >= heap->row_count)
		return;
	row = &heap->rows[trace];
	row->allocations = totals->allocations;
	row->allocated_size = totals->allocated_size;
	row->live_size = totals->live_size;
	row->live_count = (uint32_t)totals->live_count;
	row->saved_size = totals->peak_size;
	row->saved_count = (uint32_t)totals->peak_count;
	row->temporary_count = totals->temporary_count;
	row->changed_at = 1; /* after peak_at, which is 0: the saved values hold */
}

int mlw_heap_restore_process(struct mlw_heap *heap, uint32_t process,
                             const struct mlw_totals *totals, struct mlw_error *err)
{
	if (mlw_heap_need_process(heap, process, err))
		return -1;
	heap->processes[process] = *totals;
	return 0;
}

void mlw_heap_restore_ended(struct mlw_heap *heap, uint32_t process)
{
	if (process < heap->process_count)
		heap->process_states[process].ended = true;
}

void mlw_heap_restore_thread(struct mlw_heap *heap, uint32_t thread,
                             const struct mlw_totals *totals)
{
	if (thread < heap->thread_count)
		heap->threads[thread].totals = *totals;
}

void mlw_heap_restore_thread_last(struct mlw_heap *heap, uint32_t thread,
                                  uint64_t ordinal)
{
	if (thread < heap->thread_count)
		heap->threads[thread].last_ordinal = ordinal;
}

int mlw_heap_restore_domain(struct mlw_heap *heap, uint32_t domain,
                            const struct mlw_totals *totals, struct mlw_error *err)
{
	if (mlw_heap_need_domain(heap, domain, err))
		return -1;
	heap->domains[domain] = *totals;
	return 0;
}

void mlw_heap_restore_histograms(struct mlw_heap *heap, const struct mlw_histogram *sizes,
                                 const struct mlw_histogram *lifetimes)
{
	heap->sizes = *sizes;
	heap->lifetimes = *lifetimes;
}

void mlw_heap_restore_clock(struct mlw_heap *heap, uint64_t time_us)
{
	heap->last_us = time_us;
}

static void restore_left(struct mlw_heap *heap)
{
	for (size_t i = 1; i < heap->row_count; i++) {
		const struct mlw_heap_row *row = &heap->rows[i];

		if (!mlw_heap_has_ended(heap, heap->threads[row->thread].process))
			continue;
		heap->left[row->domain].size += row->live_size;
		heap->left[row->domain].count += row->live_count;
	}
}

void mlw_heap_restore_totals(struct mlw_heap *heap, const struct mlw_totals *totals)
{
	heap->domains[MLW_DOMAIN_MALLOC] = *totals;
	heap->last_ordinal = 0;
	for (size_t i = 0; i < heap->domain_count; i++) {
		const struct mlw_totals *domain = &heap->domains[i];

		heap->last_ordinal += domain->allocations;
		heap->left[i].forgotten =
		        domain->allocations - domain->frees - domain->live_count;
	}
	heap->number = 1;
	heap->peak_at = 0;
	restore_left(heap);
}

bool mlw_heap_restore_ordinal(struct mlw_heap *heap, uint64_t ordinal)
{
	if (ordinal > heap->last_ordinal ||
	    (!heap->sample && ordinal < heap->last_ordinal))
		return false;
	heap->last_ordinal = ordinal;
	return true;
}
