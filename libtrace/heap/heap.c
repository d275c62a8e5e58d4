/* SPDX-License-Identifier: MIT */
#include "heap/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/table_memory.h"

/* A domain is an index: no recording has more names than this. */
#define DOMAIN_LIMIT 65536u

/*
 * What one trace allocated and holds: one cache line.
 *
 * At every moment: what was live here at the run's latest peak is (live_size,
 * live_count) while changed_at <= heap->peak_at, and (saved_size, saved_count) after.
 */
struct row {
	uint64_t allocations;
	uint64_t allocated_size;
	uint64_t live_size;
	uint64_t saved_size;
	uint64_t temporary_count;
	uint64_t changed_at; /* number of the change that last touched this row */
	uint32_t live_count;
	uint32_t saved_count;
	uint32_t thread;
	uint32_t domain;
};

_Static_assert(sizeof(struct row) == 64, "a row is one cache line");

struct thread {
	struct mlw_totals totals;
	uint64_t last_ordinal; /* of its previous operation, 0 if not an allocation */
	uint32_t process;
};

/*
 * All arrays are indexed by id; rows[0], threads[0] and processes[0] are unused.
 * The run's totals are those of domains[MLW_DOMAIN_MALLOC].
 */
struct mlw_heap {
	struct row *rows;
	struct thread *threads;
	struct mlw_totals *processes;
	struct mlw_totals *domains;
	uint64_t number; /* changes applied since the model began or was restored */
	uint64_t peak_at; /* number of the change that reached the latest peak */
	uint64_t last_ordinal;
	uint64_t last_us;
	size_t row_count, row_capacity; /* counts include the unused element 0 */
	size_t thread_count, thread_capacity;
	size_t process_count, process_capacity;
	size_t domain_count, domain_capacity;
	struct mlw_histogram sizes;
	struct mlw_histogram lifetimes;
};

static const struct mlw_totals no_totals;

/* Makes `*array` long enough for index `index`, its new elements zero. */
static int grow_to(void *array, size_t *count, size_t *capacity, size_t index,
                   size_t size, struct mlw_error *err)
{
	char *base;

	if (index < *count)
		return 0;
	if (mlw_grow(array, capacity, index + 1, size, err))
		return -1;
	memcpy(&base, array, sizeof(base));
	memset(base + *count * size, 0, (index + 1 - *count) * size);
	*count = index + 1;
	return 0;
}

static int grow_rows(struct mlw_heap *heap, struct mlw_error *err)
{
	size_t capacity = heap->row_capacity ? heap->row_capacity * 2 : 64;
	struct row *rows;

	if (heap->row_count < heap->row_capacity)
		return 0;
	rows = mlw_table_alloc(capacity * sizeof(*rows));
	if (!rows)
		return mlw_fail(err, "out of memory for %zu traces", capacity);
	if (heap->row_count)
		memcpy(rows, heap->rows, heap->row_count * sizeof(*rows));
	mlw_table_free(heap->rows, heap->row_capacity * sizeof(*rows));
	heap->rows = rows;
	heap->row_capacity = capacity;
	return 0;
}

static int add_row(struct mlw_heap *heap, uint32_t thread, uint32_t domain,
                   struct mlw_error *err)
{
	if (heap->row_count > UINT32_MAX)
		return mlw_fail(err, "more than %u traces", UINT32_MAX);
	if (grow_rows(heap, err))
		return -1;
	heap->rows[heap->row_count++] =
	        (struct row){ .thread = thread, .domain = domain };
	return 0;
}

struct mlw_heap *mlw_heap_new(struct mlw_error *err)
{
	struct mlw_heap *heap = calloc(1, sizeof(*heap));

	if (!heap) {
		mlw_fail(err, "out of memory for a heap model");
		return NULL;
	}
	if (add_row(heap, 0, 0, err) ||
	    grow_to(&heap->threads, &heap->thread_count, &heap->thread_capacity, 0,
	            sizeof(*heap->threads), err) ||
	    grow_to(&heap->processes, &heap->process_count, &heap->process_capacity, 0,
	            sizeof(*heap->processes), err) ||
	    grow_to(&heap->domains, &heap->domain_count, &heap->domain_capacity,
	            MLW_DOMAIN_MALLOC, sizeof(*heap->domains), err)) {
		mlw_heap_free(heap);
		return NULL;
	}
	return heap;
}

void mlw_heap_free(struct mlw_heap *heap)
{
	if (!heap)
		return;
	mlw_table_free(heap->rows, heap->row_capacity * sizeof(*heap->rows));
	free(heap->threads);
	free(heap->processes);
	free(heap->domains);
	free(heap);
}

static int need_process(struct mlw_heap *heap, uint32_t process, struct mlw_error *err)
{
	return grow_to(&heap->processes, &heap->process_count, &heap->process_capacity,
	               process, sizeof(*heap->processes), err);
}

static int need_domain(struct mlw_heap *heap, uint32_t domain, struct mlw_error *err)
{
	if (domain >= DOMAIN_LIMIT)
		return mlw_fail(err, "domain %u is above the limit of %u", domain,
		                DOMAIN_LIMIT - 1);
	return grow_to(&heap->domains, &heap->domain_count, &heap->domain_capacity,
	               domain, sizeof(*heap->domains), err);
}

int mlw_heap_add_thread(struct mlw_heap *heap, uint32_t process, struct mlw_error *err)
{
	size_t id = heap->thread_count;

	if (process == 0)
		return mlw_fail(err, "a thread needs a process");
	if (id > UINT32_MAX)
		return mlw_fail(err, "more than %u threads", UINT32_MAX);
	if (need_process(heap, process, err))
		return -1;
	if (grow_to(&heap->threads, &heap->thread_count, &heap->thread_capacity, id,
	            sizeof(*heap->threads), err))
		return -1;
	heap->threads[id].process = process;
	return 0;
}

int mlw_heap_add_trace(struct mlw_heap *heap, uint32_t thread, uint32_t domain,
                       struct mlw_error *err)
{
	if (thread == 0 || thread >= heap->thread_count)
		return mlw_fail(err, "a trace of thread %u, which does not exist",
		                thread);
	if (need_domain(heap, domain, err))
		return -1;
	return add_row(heap, thread, domain, err);
}

uint32_t mlw_heap_trace_count(const struct mlw_heap *heap)
{
	return (uint32_t)(heap->row_count - 1);
}

uint32_t mlw_heap_thread_count(const struct mlw_heap *heap)
{
	return (uint32_t)(heap->thread_count - 1);
}

/* Keeps what was live at the peak, if this is the row's first change since. */
static inline void touch(struct mlw_heap *heap, struct row *row)
{
	if (row->changed_at <= heap->peak_at) {
		row->saved_size = row->live_size;
		row->saved_count = row->live_count;
	}
	row->changed_at = heap->number;
}

static inline unsigned class_of(uint64_t value)
{
	return value ? 64u - (unsigned)__builtin_clzll(value) : 0u;
}

static inline void count_in(struct mlw_histogram *histogram, uint64_t value,
                            uint64_t size)
{
	unsigned class = class_of(value);

	histogram->count[class]++;
	histogram->size[class] += size;
}

static inline void totals_add(struct mlw_totals *totals, uint64_t size)
{
	totals->allocations++;
	totals->allocated_size += size;
	totals->live_size += size;
	totals->live_count++;
}

static inline void totals_remove(struct mlw_totals *totals, uint64_t size)
{
	totals->live_size -= size;
	totals->live_count--;
}

static inline bool totals_peak(struct mlw_totals *totals, uint64_t time_us)
{
	if (totals->live_size <= totals->peak_size)
		return false;
	totals->peak_size = totals->live_size;
	totals->peak_at_us = time_us;
	return true;
}

static inline void add_block(struct mlw_heap *heap, const struct mlw_change *change)
{
	struct row *row = &heap->rows[change->trace];
	struct thread *thread = &heap->threads[row->thread];

	touch(heap, row);
	row->allocations++;
	row->allocated_size += change->size;
	row->live_size += change->size;
	row->live_count++;
	totals_add(&heap->domains[row->domain], change->size);
	if (row->domain == MLW_DOMAIN_MALLOC) {
		totals_add(&thread->totals, change->size);
		totals_add(&heap->processes[thread->process], change->size);
		count_in(&heap->sizes, change->size, change->size);
	}
	heap->threads[change->thread].last_ordinal = change->ordinal;
	heap->last_ordinal = change->ordinal;
}

/* After all of a change: a realloc reaches a peak with its old block gone, as in
 * valgrind. */
static inline void check_peaks(struct mlw_heap *heap, const struct mlw_change *change)
{
	const struct row *row = &heap->rows[change->trace];
	struct thread *thread = &heap->threads[row->thread];
	bool reached = totals_peak(&heap->domains[row->domain], change->time_us);

	if (row->domain != MLW_DOMAIN_MALLOC)
		return;
	if (reached)
		heap->peak_at = heap->number;
	totals_peak(&thread->totals, change->time_us);
	totals_peak(&heap->processes[thread->process], change->time_us);
}

static inline void count_temporary(struct mlw_heap *heap, struct row *row,
                                   struct thread *owner)
{
	row->temporary_count++;
	heap->domains[row->domain].temporary_count++;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		owner->totals.temporary_count++;
		heap->processes[owner->process].temporary_count++;
	}
}

static inline void remove_block(struct mlw_heap *heap, const struct mlw_change *change)
{
	struct row *row = &heap->rows[change->old.trace];
	struct thread *owner = &heap->threads[row->thread];
	struct thread *actor = &heap->threads[change->thread];
	struct mlw_totals *domain = &heap->domains[row->domain];

	assert(row->live_count > 0 && row->live_size >= change->old.size);
	touch(heap, row);
	row->live_size -= change->old.size;
	row->live_count--;
	totals_remove(domain, change->old.size);
	domain->frees++;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		struct mlw_totals *process = &heap->processes[owner->process];

		totals_remove(&owner->totals, change->old.size);
		totals_remove(process, change->old.size);
		process->frees++;
		actor->totals.frees++;
		count_in(&heap->lifetimes,
		         (change->time_us - change->old.time_us) * UINT64_C(1000),
		         change->old.size);
	}
	if (change->op == MLW_OP_FREE && actor->last_ordinal == change->old.ordinal)
		count_temporary(heap, row, owner);
	actor->last_ordinal = 0;
}

static void shrink_block(struct mlw_heap *heap, const struct mlw_change *change)
{
	struct row *row = &heap->rows[change->old.trace];
	struct thread *owner = &heap->threads[row->thread];
	uint64_t gone = change->old.size - change->size;

	assert(row->live_size >= gone);
	touch(heap, row);
	row->live_size -= gone;
	heap->domains[row->domain].live_size -= gone;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		owner->totals.live_size -= gone;
		heap->processes[owner->process].live_size -= gone;
	}
	heap->threads[change->thread].last_ordinal = 0;
}

/* The end of a block that is not the recording's: nothing of it is known but this. */
static void count_unknown(struct mlw_heap *heap, const struct mlw_change *change,
                          uint32_t domain)
{
	struct thread *actor = &heap->threads[change->thread];
	uint64_t foreign = change->old_kind == MLW_OLD_FOREIGN;

	heap->domains[domain].foreign_frees += foreign;
	heap->domains[domain].inherited_frees += !foreign;
	if (domain == MLW_DOMAIN_MALLOC) {
		actor->totals.foreign_frees += foreign;
		actor->totals.inherited_frees += !foreign;
		heap->processes[actor->process].foreign_frees += foreign;
		heap->processes[actor->process].inherited_frees += !foreign;
	}
	actor->last_ordinal = 0;
}

static inline void count_reallocation(struct mlw_heap *heap,
                                      const struct mlw_change *change)
{
	const struct row *row = &heap->rows[change->trace];
	struct thread *thread = &heap->threads[row->thread];

	heap->domains[row->domain].reallocations++;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		thread->totals.reallocations++;
		heap->processes[thread->process].reallocations++;
	}
}

static void end_old(struct mlw_heap *heap, const struct mlw_change *change,
                    uint32_t domain)
{
	if (change->old_kind == MLW_OLD_BLOCK)
		remove_block(heap, change);
	else if (change->old_kind != MLW_OLD_NONE)
		count_unknown(heap, change, domain);
}

void mlw_heap_apply(struct mlw_heap *heap, const struct mlw_change *change)
{
	assert(mlw_heap_accepts(heap, change));
	heap->number++;
	heap->last_us = change->time_us;
	switch (change->op) {
	case MLW_OP_ALLOC:
		add_block(heap, change);
		check_peaks(heap, change);
		break;
	case MLW_OP_FREE:
		end_old(heap, change, MLW_DOMAIN_MALLOC);
		break;
	case MLW_OP_REALLOC:
		end_old(heap, change, heap->rows[change->trace].domain);
		add_block(heap, change);
		count_reallocation(heap, change);
		check_peaks(heap, change);
		break;
	case MLW_OP_SHRINK:
		shrink_block(heap, change);
		break;
	default:
		break;
	}
}

static bool accepts_new(const struct mlw_heap *heap, const struct mlw_change *change)
{
	const struct row *row;

	if (change->trace == 0 || change->trace >= heap->row_count)
		return false;
	if (change->ordinal != heap->last_ordinal + 1)
		return false;
	row = &heap->rows[change->trace];
	return row->live_count < UINT32_MAX &&
	       heap->domains[row->domain].live_size + change->size >= change->size;
}

static bool accepts_old(const struct mlw_heap *heap, const struct mlw_change *change)
{
	const struct row *row;

	if (change->old.trace == 0 || change->old.trace >= heap->row_count)
		return false;
	if (change->old.ordinal == 0 || change->old.ordinal > heap->last_ordinal ||
	    change->old.time_us > change->time_us)
		return false;
	row = &heap->rows[change->old.trace];
	return row->live_count > 0 && row->live_size >= change->old.size;
}

bool mlw_heap_accepts(const struct mlw_heap *heap, const struct mlw_change *change)
{
	bool block = change->old_kind == MLW_OLD_BLOCK;

	if (change->thread == 0 || change->thread >= heap->thread_count ||
	    change->old_kind > MLW_OLD_FOREIGN || change->time_us < heap->last_us)
		return false;
	switch (change->op) {
	case MLW_OP_ALLOC:
		return change->old_kind == MLW_OLD_NONE && accepts_new(heap, change);
	case MLW_OP_FREE:
		return change->old_kind != MLW_OLD_NONE &&
		       (!block || accepts_old(heap, change));
	case MLW_OP_REALLOC:
		return accepts_new(heap, change) && (!block || accepts_old(heap, change));
	case MLW_OP_SHRINK:
		return block && accepts_old(heap, change) &&
		       change->size <= change->old.size;
	default:
		return false;
	}
}

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
	const struct row *row;
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
	totals->peak_size = saved ? row->saved_size : row->live_size;
	totals->peak_count = saved ? row->saved_count : row->live_count;
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
	struct row *row;

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
	if (need_process(heap, process, err))
		return -1;
	heap->processes[process] = *totals;
	return 0;
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
	if (need_domain(heap, domain, err))
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

void mlw_heap_restore_totals(struct mlw_heap *heap, const struct mlw_totals *totals)
{
	heap->domains[MLW_DOMAIN_MALLOC] = *totals;
	heap->last_ordinal = 0;
	for (size_t i = 0; i < heap->domain_count; i++)
		heap->last_ordinal += heap->domains[i].allocations;
	heap->number = 1;
	heap->peak_at = 0;
}

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
                        size_t id, struct mlw_error *err)
{
	if (!same_counts(sum, domain))
		return mlw_fail(
		        err, "the traces of domain %zu do not add up to its totals", id);
	if (domain->allocations - domain->frees != domain->live_count)
		return mlw_fail(err, "domain %zu has frees that do not add up", id);
	if (domain->live_size > domain->peak_size)
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
		result = check_domain(&heap->domains[i], &sums[i], i, err);
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
	if (sum_counts(&heap->sizes) != run->allocations)
		return mlw_fail(err, "the sizes do not add up to the allocations");
	if (sum_counts(&heap->lifetimes) != run->frees)
		return mlw_fail(err, "the lifetimes do not add up to the frees");
	return 0;
}

bool mlw_heap_check(const struct mlw_heap *heap, struct mlw_error *err)
{
	return check_rows(heap, err) == 0 && check_parts(heap, err) == 0;
}
