/* SPDX-License-Identifier: MIT */
#ifndef MLW_HEAP_H
#define MLW_HEAP_H

/*
 * A pure model of the heaps of one run: apply a change, ask what is alive, what was alive
 * at the peak, and how much was ever allocated, for each trace, thread, process and
 * domain, and for the run. No I/O, no clock, no addresses. The collector drives it live;
 * replay drives it over stored chunks.
 *
 * A trace is a stack together with who and where: (node, thread, domain, scope); the
 * model only needs to know the thread, the thread's process and the domain.
 *
 * The peak of the run is the highest live_size of the malloc domain over all processes
 * at one time (the first moment that reached it). What a process held when it ended stays
 * in live_size and in its rows (it was never freed), but counts for no later peak. A
 * row's peak_size and peak_count are what was live there at that moment, exactly: a row
 * saves its live values when it first changes after the run's latest peak, so that
 * nothing is scanned when a peak is reached.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/change.h"
#include "heap/weight.h"

#define MLW_DOMAIN_MALLOC 0u
#define MLW_DOMAIN_MMAP   1u
#define MLW_DOMAIN_BRK    2u
#define MLW_DOMAIN_USER   16u /* first of mallow_domain() */
#define MLW_DOMAIN_LIMIT  65536u /* domains are indices below this */

/*
 * Counts and bytes of a run, a process, a thread or a domain. All of requested bytes.
 * Those of the run, of processes and of threads are of the malloc domain alone, so that
 * they add up; the others are in the totals of their domain. What a thread has live is
 * what it allocated, its frees are those that it did. Frees of inherited and foreign
 * pointers are counted for themselves, not among `frees`.
 */
struct mlw_totals {
	uint64_t allocations; /* reallocs included */
	uint64_t frees; /* reallocs that had an old block included */
	uint64_t reallocations;
	uint64_t allocated_size;
	uint64_t live_size;
	uint64_t live_count;
	uint64_t peak_size; /* highest live_size of this very run, process, ... */
	uint64_t peak_at_us;
	uint64_t temporary_count; /* freed by the next operation of the allocating thread
	                           */
	uint64_t inherited_frees;
	uint64_t foreign_frees;
};

/* What one trace allocated and still holds. */
struct mlw_trace_totals {
	uint64_t allocations;
	uint64_t allocated_size;
	uint64_t live_size;
	uint64_t live_count;
	uint64_t peak_size; /* live here at the run's peak */
	uint64_t peak_count;
	uint64_t temporary_count;
};

/* One class of a histogram: [2^(i-1), 2^i), class 0 is exactly 0. */
#define MLW_HISTOGRAM_CLASSES 65u

struct mlw_histogram {
	uint64_t count[MLW_HISTOGRAM_CLASSES];
	uint64_t size[MLW_HISTOGRAM_CLASSES]; /* bytes */
};

struct mlw_heap;

struct mlw_heap *mlw_heap_new(struct mlw_error *err); /* NULL without memory */
void mlw_heap_free(struct mlw_heap *heap);

/*
 * Blocks of the malloc domain were sampled, 1 in so many bytes: each is counted as the
 * blocks and bytes for which it stands (heap/weight.h), so that all that the model tells
 * are estimates of what happened; which blocks were temporary nobody knows. 0, as in a
 * new model: everything was recorded. Before the first change.
 */
void mlw_heap_set_sample(struct mlw_heap *heap, uint64_t bytes);

/* Can the trace have a block more, whatever that weighs? */
bool mlw_heap_has_room(const struct mlw_heap *heap, uint32_t trace);

/*
 * Declares the next thread and the next trace; ids count from 1 in the order of these
 * calls. `process` is a process id from 1 (processes need no declaration).
 */
int mlw_heap_add_thread(struct mlw_heap *heap, uint32_t process, struct mlw_error *err);
int mlw_heap_add_trace(struct mlw_heap *heap, uint32_t thread, uint32_t domain,
                       struct mlw_error *err);

/* Room for so many traces, for who knows their number. */
int mlw_heap_reserve(struct mlw_heap *heap, size_t traces, struct mlw_error *err);

uint32_t mlw_heap_trace_count(const struct mlw_heap *heap);
uint32_t mlw_heap_thread_count(const struct mlw_heap *heap);

/*
 * Applies one change. Its ids must have been declared: the caller checks them
 * (mlw_heap_accepts), this is the hot path and only asserts.
 */
void mlw_heap_apply(struct mlw_heap *heap, const struct mlw_change *change);

/*
 * Applies an ALLOC and the FREE of its block, when that is what its thread did next, at
 * the same time: together they cost less than half of one after the other. False, and
 * nothing was done, when they have to be applied one by one: where the block was a peak.
 */
bool mlw_heap_apply_pair(struct mlw_heap *heap, const struct mlw_change *alloc);

/* False if `change` (from a file) names ids that are not declared or frees more than is
 * there: applying it would corrupt the model. */
bool mlw_heap_accepts(const struct mlw_heap *heap, const struct mlw_change *change);

const struct mlw_totals *mlw_heap_totals(const struct mlw_heap *heap); /* malloc domain */
const struct mlw_totals *mlw_heap_process(const struct mlw_heap *heap, uint32_t process);
/* What running processes hold in the malloc domain: the live blocks without those that
 * ended processes left. */
void mlw_heap_held(const struct mlw_heap *heap, uint64_t *size, uint64_t *count);
bool mlw_heap_has_ended(const struct mlw_heap *heap, uint32_t process);
const struct mlw_totals *mlw_heap_thread(const struct mlw_heap *heap, uint32_t thread);
const struct mlw_totals *mlw_heap_domain(const struct mlw_heap *heap, uint32_t domain);

/* Processes and domains are those with ids below these. */
uint32_t mlw_heap_process_limit(const struct mlw_heap *heap);
uint32_t mlw_heap_domain_limit(const struct mlw_heap *heap);

uint64_t mlw_heap_last_ordinal(const struct mlw_heap *heap); /* 0: none yet */
uint64_t mlw_heap_last_time(const struct mlw_heap *heap); /* of the latest change */
/* What the thread's latest operation allocated: an ordinal, 0 if it allocated nothing. */
uint64_t mlw_heap_thread_last(const struct mlw_heap *heap, uint32_t thread);

/* The row of a trace as of now, its peak columns resolved. */
void mlw_heap_trace(const struct mlw_heap *heap, uint32_t trace,
                    struct mlw_trace_totals *totals);

/* Of the malloc domain: requested sizes of all allocations; lifetimes in nanoseconds of
 * all freed blocks. */
const struct mlw_histogram *mlw_heap_sizes(const struct mlw_heap *heap);
const struct mlw_histogram *mlw_heap_lifetimes(const struct mlw_heap *heap);

/*
 * Setting a fresh model to a state that was saved from another (a checkpoint). The
 * threads and traces must have been declared before. mlw_heap_restore_totals is called
 * last and makes the model ready for mlw_heap_apply.
 */
void mlw_heap_restore_trace(struct mlw_heap *heap, uint32_t trace,
                            const struct mlw_trace_totals *totals);
int mlw_heap_restore_process(struct mlw_heap *heap, uint32_t process,
                             const struct mlw_totals *totals, struct mlw_error *err);
/* After its totals. */
void mlw_heap_restore_ended(struct mlw_heap *heap, uint32_t process);
void mlw_heap_restore_thread(struct mlw_heap *heap, uint32_t thread,
                             const struct mlw_totals *totals);
void mlw_heap_restore_thread_last(struct mlw_heap *heap, uint32_t thread,
                                  uint64_t ordinal);
int mlw_heap_restore_domain(struct mlw_heap *heap, uint32_t domain,
                            const struct mlw_totals *totals, struct mlw_error *err);
void mlw_heap_restore_histograms(struct mlw_heap *heap, const struct mlw_histogram *sizes,
                                 const struct mlw_histogram *lifetimes);
void mlw_heap_restore_clock(struct mlw_heap *heap, uint64_t time_us);
void mlw_heap_restore_totals(struct mlw_heap *heap, const struct mlw_totals *totals);
/* After them: false if that many blocks cannot have been allocated. */
bool mlw_heap_restore_ordinal(struct mlw_heap *heap, uint64_t ordinal);

/* Walks all invariants (sums of rows = totals, ...); false and a sentence if one fails.
 */
bool mlw_heap_check(const struct mlw_heap *heap, struct mlw_error *err);

#endif /* MLW_HEAP_H */
