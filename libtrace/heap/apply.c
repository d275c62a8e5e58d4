/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "heap/heap.h"
#include "heap/heap_state.h"
#include "heap/weight.h"

/* Keeps what was live at the peak, if this is the row's first change since. */
static inline void touch(struct mlw_heap *heap, struct mlw_heap_row *row)
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
                            struct mlw_weight weight)
{
	unsigned class = class_of(value);

	histogram->count[class] += weight.count;
	histogram->size[class] += weight.size;
}

/* Where nothing is sampled. */
static inline struct mlw_weight one(uint64_t size)
{
	return (struct mlw_weight){ 1, size };
}

/* Of a block of the row. Only those of malloc are sampled. */
static struct mlw_weight weigh(const struct mlw_heap *heap,
                               const struct mlw_heap_row *row, uint64_t size,
                               uint64_t ordinal)
{
	return mlw_weigh(row->domain == MLW_DOMAIN_MALLOC ? heap->sample : 0, size,
	                 ordinal);
}

static struct mlw_weight weigh_new(const struct mlw_heap *heap,
                                   const struct mlw_change *change)
{
	return weigh(heap, &heap->rows[change->trace], change->size, change->ordinal);
}

static struct mlw_weight weigh_old(const struct mlw_heap *heap,
                                   const struct mlw_change *change)
{
	return weigh(heap, &heap->rows[change->old.trace], change->old.size,
	             change->old.ordinal);
}

/* True: its highest so far. `left` of its live bytes are not live any more. */
static inline bool totals_add(struct mlw_totals *totals, struct mlw_weight weight,
                              uint64_t left, uint64_t time_us)
{
	uint64_t live = totals->live_size + weight.size;

	totals->allocations += weight.count;
	totals->allocated_size += weight.size;
	totals->live_size = live;
	totals->live_count += weight.count;
	if (live - left <= totals->peak_size)
		return false;
	totals->peak_size = live - left;
	totals->peak_at_us = time_us;
	return true;
}

static inline void totals_remove(struct mlw_totals *totals, struct mlw_weight weight)
{
	totals->live_size -= weight.size;
	totals->live_count -= weight.count;
}

/* After the old block has gone: a realloc reaches a peak without it, as in valgrind. */
static inline void add_block(struct mlw_heap *heap, const struct mlw_change *change,
                             struct mlw_weight weight)
{
	struct mlw_heap_row *row = &heap->rows[change->trace];
	struct mlw_heap_thread *thread = &heap->threads[row->thread];
	uint64_t now = change->time_us;
	bool reached;

	touch(heap, row);
	row->allocations += weight.count;
	row->allocated_size += weight.size;
	row->live_size += weight.size;
	row->live_count += (uint32_t)weight.count;
	heap->threads[change->thread].last_ordinal = change->ordinal;
	heap->last_ordinal = change->ordinal;
	reached = totals_add(&heap->domains[row->domain], weight,
	                     heap->left[row->domain].size, now);
	if (row->domain != MLW_DOMAIN_MALLOC)
		return;
	if (reached)
		heap->peak_at = heap->number;
	totals_add(&thread->totals, weight, 0, now);
	totals_add(&heap->processes[thread->process], weight, 0, now);
	count_in(&heap->sizes, change->size, weight);
}

static inline void count_temporary(struct mlw_heap *heap, struct mlw_heap_row *row,
                                   struct mlw_heap_thread *owner)
{
	row->temporary_count++;
	heap->domains[row->domain].temporary_count++;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		owner->totals.temporary_count++;
		heap->processes[owner->process].temporary_count++;
	}
}

static inline void remove_block(struct mlw_heap *heap, const struct mlw_change *change,
                                struct mlw_weight weight)
{
	struct mlw_heap_row *row = &heap->rows[change->old.trace];
	struct mlw_heap_thread *owner = &heap->threads[row->thread];
	struct mlw_heap_thread *actor = &heap->threads[change->thread];
	struct mlw_totals *domain = &heap->domains[row->domain];

	assert(row->live_count >= weight.count && row->live_size >= weight.size);
	touch(heap, row);
	row->live_size -= weight.size;
	row->live_count -= (uint32_t)weight.count;
	totals_remove(domain, weight);
	domain->frees += weight.count;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		struct mlw_totals *process = &heap->processes[owner->process];

		totals_remove(&owner->totals, weight);
		totals_remove(process, weight);
		process->frees += weight.count;
		actor->totals.frees += weight.count;
		count_in(&heap->lifetimes,
		         (change->time_us - change->old.time_us) * UINT64_C(1000),
		         weight);
	}
	if (change->op == MLW_OP_FREE && actor->last_ordinal == change->old.ordinal)
		count_temporary(heap, row, owner);
	actor->last_ordinal = 0;
}

static void shrink_block(struct mlw_heap *heap, const struct mlw_change *change)
{
	struct mlw_heap_row *row = &heap->rows[change->old.trace];
	struct mlw_heap_thread *owner = &heap->threads[row->thread];
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
	struct mlw_heap_thread *actor = &heap->threads[change->thread];
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
                                      const struct mlw_change *change, uint64_t count)
{
	const struct mlw_heap_row *row = &heap->rows[change->trace];
	struct mlw_heap_thread *thread = &heap->threads[row->thread];

	heap->domains[row->domain].reallocations += count;
	if (row->domain == MLW_DOMAIN_MALLOC) {
		thread->totals.reallocations += count;
		heap->processes[thread->process].reallocations += count;
	}
}

static inline void end_old(struct mlw_heap *heap, const struct mlw_change *change,
                           uint32_t domain, struct mlw_weight weight)
{
	if (change->old_kind == MLW_OLD_BLOCK)
		remove_block(heap, change, weight);
	else if (change->old_kind != MLW_OLD_NONE)
		count_unknown(heap, change, domain);
}

/* Each row keeps what it had at the latest peak; at a later one it has nothing. */
static void end_process(struct mlw_heap *heap, uint32_t process)
{
	struct mlw_heap_process *state = &heap->process_states[process];

	for (uint32_t i = state->first_row; i; i = heap->next_row[i]) {
		struct mlw_heap_row *row = &heap->rows[i];

		if (!row->live_count)
			continue;
		touch(heap, row);
		heap->left[row->domain].size += row->live_size;
		heap->left[row->domain].count += row->live_count;
	}
	state->ended = true;
}

static void forget_row(struct mlw_heap *heap, struct mlw_heap_row *row)
{
	struct mlw_totals *parts[] = {
		&heap->domains[row->domain],
		&heap->threads[row->thread].totals,
		&heap->processes[heap->threads[row->thread].process],
	};
	size_t count = row->domain == MLW_DOMAIN_MALLOC ? 3 : 1;

	touch(heap, row);
	for (size_t i = 0; i < count; i++) {
		parts[i]->live_size -= row->live_size;
		parts[i]->live_count -= row->live_count;
	}
	heap->left[row->domain].forgotten += row->live_count;
	row->live_size = 0;
	row->live_count = 0;
}

static void clear_process(struct mlw_heap *heap, uint32_t process)
{
	const struct mlw_heap_process *state = &heap->process_states[process];

	for (uint32_t i = state->first_row; i; i = heap->next_row[i])
		if (heap->rows[i].live_count)
			forget_row(heap, &heap->rows[i]);
}

/* Apart, so that the usual two need not save registers for it. */
static __attribute__((noinline)) void apply_rest(struct mlw_heap *heap,
                                                 const struct mlw_change *change)
{
	switch (change->op) {
	case MLW_OP_REALLOC:
		end_old(heap, change, heap->rows[change->trace].domain,
		        one(change->old.size));
		add_block(heap, change, one(change->size));
		count_reallocation(heap, change, 1);
		break;
	case MLW_OP_SHRINK:
		shrink_block(heap, change);
		break;
	case MLW_OP_END:
		end_process(heap, heap->threads[change->thread].process);
		break;
	case MLW_OP_CLEAR:
		clear_process(heap, heap->threads[change->thread].process);
		heap->threads[change->thread].last_ordinal = 0;
		break;
	default:
		break;
	}
}

/* What a thread did next but one nobody knows: it is as if it had not allocated. */
static __attribute__((noinline)) void apply_sampled(struct mlw_heap *heap,
                                                    const struct mlw_change *change)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;
	uint32_t domain = MLW_DOMAIN_MALLOC;
	struct mlw_weight old = { 0, 0 };

	if (!is_new && change->op != MLW_OP_FREE) {
		apply_rest(heap, change);
		return;
	}
	if (is_new)
		domain = heap->rows[change->trace].domain;
	if (change->old_kind == MLW_OLD_BLOCK)
		old = weigh_old(heap, change);
	end_old(heap, change, domain, old);
	if (is_new)
		add_block(heap, change, weigh_new(heap, change));
	if (change->op == MLW_OP_REALLOC)
		count_reallocation(heap, change, weigh_new(heap, change).count);
	heap->threads[change->thread].last_ordinal = 0;
}

void mlw_heap_apply(struct mlw_heap *heap, const struct mlw_change *change)
{
	assert(mlw_heap_accepts(heap, change));
	heap->number++;
	heap->last_us = change->time_us;
	if (__builtin_expect(heap->sample != 0, 0))
		apply_sampled(heap, change);
	else if (change->op == MLW_OP_ALLOC)
		add_block(heap, change, one(change->size));
	else if (change->op == MLW_OP_FREE)
		end_old(heap, change, MLW_DOMAIN_MALLOC, one(change->old.size));
	else
		apply_rest(heap, change);
}

static inline bool would_peak(const struct mlw_totals *totals, uint64_t left,
                              uint64_t size)
{
	return totals->live_size - left + size > totals->peak_size;
}

static inline void count_pair(struct mlw_totals *totals, uint64_t size)
{
	totals->allocations++;
	totals->frees++;
	totals->temporary_count++;
	totals->allocated_size += size;
}

/* What only the malloc domain has. */
static inline void count_malloc_pair(struct mlw_heap *heap,
                                     struct mlw_heap_thread *thread, uint64_t size)
{
	count_pair(&thread->totals, size);
	count_pair(&heap->processes[thread->process], size);
	count_in(&heap->sizes, size, one(size));
	count_in(&heap->lifetimes, 0, one(size));
}

bool mlw_heap_apply_pair(struct mlw_heap *heap, const struct mlw_change *alloc)
{
	struct mlw_heap_row *row = &heap->rows[alloc->trace];
	struct mlw_heap_thread *thread = &heap->threads[row->thread];
	struct mlw_totals *domain = &heap->domains[row->domain];
	bool is_malloc = row->domain == MLW_DOMAIN_MALLOC;
	uint64_t size = alloc->size;

	assert(mlw_heap_accepts(heap, alloc) && alloc->op == MLW_OP_ALLOC);
	if (row->thread != alloc->thread || heap->sample ||
	    would_peak(domain, heap->left[row->domain].size, size) ||
	    (is_malloc && (would_peak(&thread->totals, 0, size) ||
	                   would_peak(&heap->processes[thread->process], 0, size))))
		return false;
	heap->number += 2;
	heap->last_us = alloc->time_us;
	heap->last_ordinal = alloc->ordinal;
	thread->last_ordinal = 0;
	touch(heap, row);
	row->allocations++;
	row->allocated_size += size;
	row->temporary_count++;
	count_pair(domain, size);
	if (is_malloc)
		count_malloc_pair(heap, thread, size);
	return true;
}

static bool is_running(const struct mlw_heap *heap, uint32_t thread)
{
	return !heap->process_states[heap->threads[thread].process].ended;
}

static bool accepts_new(const struct mlw_heap *heap, const struct mlw_change *change)
{
	const struct mlw_heap_row *row;
	struct mlw_weight weight;

	if (change->trace == 0 || change->trace >= heap->row_count)
		return false;
	if (change->ordinal != heap->last_ordinal + 1)
		return false;
	row = &heap->rows[change->trace];
	weight = weigh_new(heap, change);
	return weight.count <= UINT32_MAX - row->live_count &&
	       is_running(heap, row->thread) &&
	       heap->domains[row->domain].live_size + weight.size >= weight.size;
}

static bool accepts_old(const struct mlw_heap *heap, const struct mlw_change *change)
{
	const struct mlw_heap_row *row;
	struct mlw_weight weight;

	if (change->old.trace == 0 || change->old.trace >= heap->row_count)
		return false;
	if (change->old.ordinal == 0 || change->old.ordinal > heap->last_ordinal ||
	    change->old.time_us > change->time_us)
		return false;
	row = &heap->rows[change->old.trace];
	weight = weigh_old(heap, change);
	return row->live_count >= weight.count && row->live_size >= weight.size &&
	       is_running(heap, row->thread);
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
	case MLW_OP_END:
	case MLW_OP_CLEAR:
		return change->old_kind == MLW_OLD_NONE &&
		       is_running(heap, change->thread);
	default:
		return false;
	}
}
