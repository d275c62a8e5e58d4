/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "heap/heap.h"

/*
 * The naive model: it keeps every block it ever saw, and at every new peak of the run it
 * adds up all live blocks again.
 */
#define PROCESSES 3u
#define THREADS   7u
#define TRACES    40u
#define DOMAINS   18u
#define BLOCKS    20000u

struct naive_block {
	uint64_t size, time_us;
	uint32_t trace;
	bool live;
};

struct naive {
	uint32_t process_of[THREADS + 1];
	uint32_t thread_of[TRACES + 1];
	uint32_t domain_of[TRACES + 1];
	struct naive_block blocks[BLOCKS + 1];
	struct mlw_trace_totals rows[TRACES + 1];
	struct mlw_totals threads[THREADS + 1];
	struct mlw_totals processes[PROCESSES + 1];
	struct mlw_totals domains[DOMAINS];
	uint64_t last[THREADS + 1];
	uint64_t ordinal;
	uint64_t time_us;
};

static uint64_t state;

static uint64_t random_below(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* Live bytes and blocks of those that `trace`, `thread`, `process`, `domain` select (0 or
 * -1: any), added up from scratch. */
static void add_up(const struct naive *naive, uint32_t trace, uint32_t thread,
                   uint32_t process, int domain, uint64_t *size, uint64_t *count)
{
	*size = *count = 0;
	for (uint64_t i = 1; i <= naive->ordinal; i++) {
		const struct naive_block *block = &naive->blocks[i];
		uint32_t owner = naive->thread_of[block->trace];

		if (!block->live || (trace && block->trace != trace) ||
		    (thread && owner != thread) ||
		    (process && naive->process_of[owner] != process) ||
		    (domain >= 0 && naive->domain_of[block->trace] != (uint32_t)domain))
			continue;
		*size += block->size;
		*count += 1;
	}
}

static void note_peak(struct mlw_totals *totals, uint64_t time_us)
{
	if (totals->live_size <= totals->peak_size)
		return;
	totals->peak_size = totals->live_size;
	totals->peak_at_us = time_us;
}

static void note_peaks(struct naive *naive, bool grew)
{
	struct mlw_totals *run = &naive->domains[MLW_DOMAIN_MALLOC];
	uint64_t before = run->peak_size;

	for (int i = 0; i < (int)DOMAINS; i++) {
		add_up(naive, 0, 0, 0, i, &naive->domains[i].live_size,
		       &naive->domains[i].live_count);
		if (grew)
			note_peak(&naive->domains[i], naive->time_us);
	}
	for (uint32_t i = 1; i <= THREADS; i++) {
		add_up(naive, 0, i, 0, 0, &naive->threads[i].live_size,
		       &naive->threads[i].live_count);
		note_peak(&naive->threads[i], naive->time_us);
	}
	for (uint32_t i = 1; i <= PROCESSES; i++) {
		add_up(naive, 0, 0, i, 0, &naive->processes[i].live_size,
		       &naive->processes[i].live_count);
		note_peak(&naive->processes[i], naive->time_us);
	}
	if (run->peak_size == before)
		return;
	for (uint32_t i = 1; i <= TRACES; i++)
		add_up(naive, i, 0, 0, -1, &naive->rows[i].peak_size,
		       &naive->rows[i].peak_count);
}

static void naive_old(struct naive *naive, const struct mlw_change *change)
{
	struct naive_block *block = &naive->blocks[change->old.ordinal];
	uint32_t domain = naive->domain_of[block->trace];
	uint32_t owner = naive->thread_of[block->trace];
	bool temporary = change->op == MLW_OP_FREE &&
	                 naive->last[change->thread] == change->old.ordinal;

	block->live = false;
	naive->rows[block->trace].temporary_count += temporary;
	naive->domains[domain].frees++;
	naive->domains[domain].temporary_count += temporary;
	if (domain != MLW_DOMAIN_MALLOC)
		return;
	naive->threads[change->thread].frees++;
	naive->threads[owner].temporary_count += temporary;
	naive->processes[naive->process_of[owner]].frees++;
	naive->processes[naive->process_of[owner]].temporary_count += temporary;
}

static void count_new(struct mlw_totals *totals, const struct mlw_change *change)
{
	totals->allocations++;
	totals->allocated_size += change->size;
	totals->reallocations += change->op == MLW_OP_REALLOC;
}

static void naive_new(struct naive *naive, const struct mlw_change *change)
{
	uint32_t thread = naive->thread_of[change->trace];
	struct naive_block *block = &naive->blocks[++naive->ordinal];

	*block = (struct naive_block){ change->size, change->time_us, change->trace,
		                       true };
	naive->rows[change->trace].allocations++;
	naive->rows[change->trace].allocated_size += change->size;
	count_new(&naive->domains[naive->domain_of[change->trace]], change);
	if (naive->domain_of[change->trace] != MLW_DOMAIN_MALLOC)
		return;
	count_new(&naive->threads[thread], change);
	count_new(&naive->processes[naive->process_of[thread]], change);
}

static void naive_unknown(struct naive *naive, const struct mlw_change *change)
{
	uint32_t domain =
	        change->op == MLW_OP_REALLOC ? naive->domain_of[change->trace] : 0;
	struct mlw_totals *all[] = {
		&naive->domains[domain],
		&naive->threads[change->thread],
		&naive->processes[naive->process_of[change->thread]],
	};

	for (unsigned i = 0; i < (domain == MLW_DOMAIN_MALLOC ? 3 : 1); i++) {
		all[i]->foreign_frees += change->old_kind == MLW_OLD_FOREIGN;
		all[i]->inherited_frees += change->old_kind == MLW_OLD_INHERITED;
	}
}

static void naive_clear(struct naive *naive, uint32_t process)
{
	for (uint64_t i = 1; i <= naive->ordinal; i++)
		if (naive->process_of[naive->thread_of[naive->blocks[i].trace]] ==
		    process)
			naive->blocks[i].live = false;
}

static void naive_apply(struct naive *naive, const struct mlw_change *change)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;

	if (change->op == MLW_OP_SHRINK)
		naive->blocks[change->old.ordinal].size = change->size;
	else if (change->old_kind == MLW_OLD_BLOCK)
		naive_old(naive, change);
	else if (change->old_kind != MLW_OLD_NONE)
		naive_unknown(naive, change);
	if (change->op == MLW_OP_CLEAR)
		naive_clear(naive, naive->process_of[change->thread]);
	naive->last[change->thread] = 0;
	if (is_new) {
		naive_new(naive, change);
		naive->last[change->thread] = naive->ordinal;
	}
	note_peaks(naive, is_new);
}

static bool pick_old(const struct naive *naive, struct mlw_change *change)
{
	uint64_t recent = naive->last[change->thread];
	uint64_t ordinal = recent && random_below(2) ? recent
	                   : naive->ordinal          ? 1 + random_below(naive->ordinal)
	                                             : 0;

	if (!ordinal || !naive->blocks[ordinal].live)
		return false;
	change->old_kind = MLW_OLD_BLOCK;
	change->old.ordinal = ordinal;
	change->old.size = naive->blocks[ordinal].size;
	change->old.time_us = naive->blocks[ordinal].time_us;
	change->old.trace = naive->blocks[ordinal].trace;
	return true;
}

static void pick_new(const struct naive *naive, struct mlw_change *change)
{
	do
		change->trace = 1 + (uint32_t)random_below(TRACES);
	while (naive->thread_of[change->trace] != change->thread);
	change->ordinal = naive->ordinal + 1;
	change->size = random_below(10) ? random_below(1u << random_below(16)) : 0;
}

static bool pick_unknown(struct mlw_change *change)
{
	change->old_kind = random_below(2) ? MLW_OLD_INHERITED : MLW_OLD_FOREIGN;
	return true;
}

static bool random_realloc(const struct naive *naive, struct mlw_change *change)
{
	uint64_t kind = random_below(8);

	pick_new(naive, change);
	if (kind == 0)
		return true; /* realloc(NULL, n) */
	return kind == 1 ? pick_unknown(change) : pick_old(naive, change);
}

static bool random_shrink(const struct naive *naive, struct mlw_change *change)
{
	if (!pick_old(naive, change))
		return false;
	change->size = random_below(change->old.size + 1);
	return true;
}

/* False if it came to nothing: the block was not there. */
static bool random_change(struct naive *naive, struct mlw_change *change)
{
	static const uint8_t ops[] = {
		MLW_OP_ALLOC, MLW_OP_ALLOC, MLW_OP_ALLOC,   MLW_OP_ALLOC,
		MLW_OP_FREE,  MLW_OP_FREE,  MLW_OP_REALLOC, MLW_OP_SHRINK,
	};

	*change = (struct mlw_change){ .op = ops[random_below(8)] };
	if (!random_below(150))
		change->op = MLW_OP_CLEAR;
	naive->time_us += random_below(3);
	change->time_us = naive->time_us;
	change->thread = 1 + (uint32_t)random_below(THREADS);
	switch (change->op) {
	case MLW_OP_ALLOC:
		pick_new(naive, change);
		return true;
	case MLW_OP_FREE:
		return random_below(10) ? pick_old(naive, change) : pick_unknown(change);
	case MLW_OP_REALLOC:
		return random_realloc(naive, change);
	case MLW_OP_CLEAR:
		return true;
	default:
		return random_shrink(naive, change);
	}
}

static struct mlw_heap *declare(const struct naive *naive)
{
	struct mlw_error err;
	struct mlw_heap *heap = mlw_heap_new(&err);

	cr_assert_not_null(heap);
	for (uint32_t i = 1; i <= THREADS; i++)
		cr_assert_eq(mlw_heap_add_thread(heap, naive->process_of[i], &err), 0);
	for (uint32_t i = 1; i <= TRACES; i++)
		cr_assert_eq(mlw_heap_add_trace(heap, naive->thread_of[i],
		                                naive->domain_of[i], &err),
		             0);
	return heap;
}

static struct naive *naive_new_model(void)
{
	static const uint32_t domains[] = { 0, 0, 0, MLW_DOMAIN_MMAP,
		                            MLW_DOMAIN_USER + 1 };
	struct naive *naive = calloc(1, sizeof(*naive));

	for (uint32_t i = 1; i <= THREADS; i++)
		naive->process_of[i] = 1 + i % PROCESSES;
	for (uint32_t i = 1; i <= TRACES; i++) {
		naive->thread_of[i] = 1 + i % THREADS;
		naive->domain_of[i] = domains[i % 5];
	}
	return naive;
}

#define assert_same(a, b) \
	cr_assert_eq(memcmp((a), (b), sizeof(*(a))), 0, "change %zu", number)

static void compare(const struct naive *naive, const struct mlw_heap *heap, size_t number)
{
	struct mlw_error err;

	cr_assert(mlw_heap_check(heap, &err), "%s", err.text);
	assert_same(mlw_heap_totals(heap), &naive->domains[0]);
	for (uint32_t i = 0; i < DOMAINS; i++)
		assert_same(mlw_heap_domain(heap, i), &naive->domains[i]);
	for (uint32_t i = 1; i <= THREADS; i++)
		assert_same(mlw_heap_thread(heap, i), &naive->threads[i]);
	for (uint32_t i = 1; i <= PROCESSES; i++)
		assert_same(mlw_heap_process(heap, i), &naive->processes[i]);
	for (uint32_t i = 1; i <= TRACES; i++) {
		struct mlw_trace_totals row, expected = naive->rows[i];

		add_up(naive, i, 0, 0, -1, &expected.live_size, &expected.live_count);
		mlw_heap_trace(heap, i, &row);
		assert_same(&row, &expected);
	}
}

/* A fresh model in the state of `heap`, as a checkpoint would restore it. */
static struct mlw_heap *copy(const struct naive *naive, const struct mlw_heap *heap)
{
	struct mlw_heap *copied = declare(naive);
	struct mlw_error err;

	for (uint32_t i = 1; i <= TRACES; i++) {
		struct mlw_trace_totals row;

		mlw_heap_trace(heap, i, &row);
		mlw_heap_restore_trace(copied, i, &row);
	}
	for (uint32_t i = 1; i <= PROCESSES; i++)
		cr_assert_eq(mlw_heap_restore_process(copied, i,
		                                      mlw_heap_process(heap, i), &err),
		             0);
	for (uint32_t i = 1; i <= THREADS; i++) {
		mlw_heap_restore_thread(copied, i, mlw_heap_thread(heap, i));
		mlw_heap_restore_thread_last(copied, i, mlw_heap_thread_last(heap, i));
	}
	for (uint32_t i = 0; i < DOMAINS; i++)
		cr_assert_eq(mlw_heap_restore_domain(copied, i, mlw_heap_domain(heap, i),
		                                     &err),
		             0);
	mlw_heap_restore_histograms(copied, mlw_heap_sizes(heap),
	                            mlw_heap_lifetimes(heap));
	mlw_heap_restore_clock(copied, mlw_heap_last_time(heap));
	mlw_heap_restore_totals(copied, mlw_heap_totals(heap));
	return copied;
}

/* Frees what was just allocated: in one step where the model takes it. */
static bool free_at_once(struct naive *naive, struct mlw_heap *heap,
                         const struct mlw_change *alloc)
{
	struct mlw_change end = {
		.op = MLW_OP_FREE,
		.old_kind = MLW_OLD_BLOCK,
		.time_us = alloc->time_us,
		.thread = alloc->thread,
		.old = { .ordinal = alloc->ordinal,
		         .size = alloc->size,
		         .time_us = alloc->time_us,
		         .trace = alloc->trace },
	};
	bool taken = mlw_heap_apply_pair(heap, alloc);

	naive_apply(naive, alloc);
	naive_apply(naive, &end);
	if (taken)
		return true;
	mlw_heap_apply(heap, alloc);
	cr_assert(mlw_heap_accepts(heap, &end));
	mlw_heap_apply(heap, &end);
	return false;
}

static void run_random_stream(uint64_t seed)
{
	size_t pairs[2] = { 0 };
	struct naive *naive = naive_new_model();
	struct mlw_heap *heap = declare(naive);

	state = seed;
	for (size_t number = 0; number < 2500;) {
		struct mlw_change change;

		if (!random_change(naive, &change))
			continue;
		cr_assert(mlw_heap_accepts(heap, &change));
		if (change.op == MLW_OP_ALLOC && random_below(3) == 0) {
			pairs[free_at_once(naive, heap, &change)]++;
		} else {
			naive_apply(naive, &change);
			mlw_heap_apply(heap, &change);
		}
		number++;
		if (number % 100 == 0)
			compare(naive, heap, number);
		if (number % 700 == 0) {
			struct mlw_heap *restored = copy(naive, heap);

			mlw_heap_free(heap);
			heap = restored;
			compare(naive, heap, number);
		}
	}
	cr_assert(pairs[0] && pairs[1]);
	mlw_heap_free(heap);
	free(naive);
}

Test(heap, random_streams_as_in_the_naive_model)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		run_random_stream(seed * UINT64_C(0x9e3779b97f4a7c15));
}
