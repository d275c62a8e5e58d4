/* SPDX-License-Identifier: MIT */
#ifndef MLW_HEAP_STATE_H
#define MLW_HEAP_STATE_H

/* What the files of the model share: heap.c declares what there is, apply.c changes it, state.c reads and restores it,
 * check.c proves it. */

#include "heap/heap.h"

/*
 * What one trace allocated and holds: one cache line.
 *
 * At every moment: what was live here at the run's latest peak is (live_size,
 * live_count) while changed_at <= heap->peak_at, and (saved_size, saved_count) after.
 */
struct mlw_heap_row {
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

_Static_assert(sizeof(struct mlw_heap_row) == 64, "a row is one cache line");

struct mlw_heap_thread {
	struct mlw_totals totals;
	uint64_t last_ordinal; /* of its previous operation, 0 if not an allocation */
	uint32_t process;
};

/* What processes do not tell by their totals. */
struct mlw_heap_process {
	uint32_t first_row; /* the youngest of its rows, see next_row; 0: none */
	bool ended;
};

struct mlw_heap_left {
	uint64_t size, count;
	uint64_t forgotten; /* blocks that a CLEAR has taken away */
};

/*
 * All arrays are indexed by id; rows[0], threads[0] and processes[0] are unused.
 * next_row[i] is the next older row of the process of row i.
 * left[d]: what ended processes held of domain d, which counts for no peak, and how many
 * of its blocks were forgotten: allocations = frees + live_count + forgotten.
 * The run's totals are those of domains[MLW_DOMAIN_MALLOC].
 */
struct mlw_heap {
	struct mlw_heap_row *rows;
	struct mlw_heap_thread *threads;
	struct mlw_totals *processes;
	struct mlw_heap_process *process_states; /* as many as processes */
	struct mlw_totals *domains;
	struct mlw_heap_left *left; /* as many as domains */
	uint32_t *next_row; /* as many as rows */
	uint64_t number; /* changes applied since the model began or was restored */
	uint64_t peak_at; /* number of the change that reached the latest peak */
	uint64_t last_ordinal;
	uint64_t last_us;
	size_t row_count, row_capacity; /* counts include the unused element 0 */
	size_t thread_count, thread_capacity;
	size_t process_count, process_capacity;
	size_t state_count, state_capacity;
	size_t domain_count, domain_capacity;
	size_t left_count, left_capacity;
	size_t next_count, next_capacity;
	struct mlw_histogram sizes;
	struct mlw_histogram lifetimes;
	uint64_t sample; /* see mlw_heap_set_sample */
};

/* Makes sure that the process or domain exists. */
int mlw_heap_need_process(struct mlw_heap *heap, uint32_t process, struct mlw_error *err);
int mlw_heap_need_domain(struct mlw_heap *heap, uint32_t domain, struct mlw_error *err);

#endif /* MLW_HEAP_STATE_H */
