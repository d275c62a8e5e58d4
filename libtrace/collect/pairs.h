/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_PAIRS_H
#define MLW_COLLECT_PAIRS_H

/*
 * A block that its thread ends with its next operation, taken in one step: many programs
 * do little else, and one step costs less than half of two. All of it is the hot path of
 * decode.c, and inlined there.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collect/domains.h"
#include "collect/resolve.h"
#include "collect/stacks.h"

#define PAIR_WORDS     3u /* of an ALLOC and its FREE, both without ticket */
#define TICKETED_WORDS 4u /* both with one */
#define TRACKED_WORDS  6u /* of a MAP and its UNMAP */

/* Is what begins at `at` an allocation whose thread frees it at once? */
static inline bool mlw_pair_is_plain(const struct mlw_ring_view *view, uint64_t at,
                                     uint64_t word)
{
	uint64_t next;

	if (mlw_word_type(word) != MLW_EVENT_ALLOC ||
	    mlw_word_arg(word) & MLW_ARG_TICKET || view->head - at < PAIR_WORDS)
		return false;
	next = mlw_ring_word(view, at + 2);
	return mlw_word_type(next) == MLW_EVENT_FREE &&
	       !(mlw_word_arg(next) & MLW_ARG_TICKET) &&
	       mlw_word_value(next) == mlw_word_value(word);
}

/* The same where both have tickets, and it is their turn, one after the other. */
static inline bool mlw_pair_is_ticketed(const struct mlw_ring_view *view, uint64_t at,
                                        uint64_t word)
{
	const struct mlw_process *process = view->process;
	uint32_t ticket;
	uint64_t next;

	if (mlw_word_type(word) != MLW_EVENT_ALLOC ||
	    !(mlw_word_arg(word) & MLW_ARG_TICKET) || view->head - at < TICKETED_WORDS ||
	    process->early_count)
		return false;
	next = mlw_ring_word(view, at + 2);
	if (mlw_word_type(next) != MLW_EVENT_FREE ||
	    !(mlw_word_arg(next) & MLW_ARG_TICKET) ||
	    mlw_word_value(next) != mlw_word_value(word))
		return false;
	ticket = (uint32_t)(mlw_ring_word(view, at + 1) >> 32);
	return ticket == process->next_ticket[mlw_ticket_index(mlw_word_value(word))] &&
	       (uint32_t)mlw_ring_word(view, at + 3) == ticket + 1;
}

/* The same of a block of a domain of the program's own. */
static inline bool mlw_pair_is_tracked(const struct mlw_ring_view *view, uint64_t at,
                                       uint64_t word)
{
	uint64_t next, kind;

	if (mlw_word_type(word) != MLW_EVENT_MAP || mlw_word_arg(word) & MLW_ARG_TICKET ||
	    view->head - at < TRACKED_WORDS)
		return false;
	next = mlw_ring_word(view, at + 3);
	kind = mlw_ring_word(view, at + 2) >> 32;
	return mlw_word_type(next) == MLW_EVENT_UNMAP &&
	       !(mlw_word_arg(next) & MLW_ARG_TICKET) &&
	       mlw_word_value(next) == mlw_word_value(word) && kind >= MLW_MAP_TRACKED &&
	       kind == mlw_ring_word(view, at + 5) >> 32;
}

static inline bool mlw_pair_take_tracked(struct mlw_run *run,
                                         const struct mlw_ring_view *view, uint64_t at,
                                         uint64_t word)
{
	struct mlw_thread *thread = view->thread;
	uint64_t size = mlw_ring_word(view, at + 1);
	uint32_t kind = (uint32_t)(mlw_ring_word(view, at + 2) >> 32);

	if (!mlw_domains_pair(run, thread, kind, mlw_stack_of(thread, mlw_word_arg(word)),
	                      mlw_word_value(word), size))
		return false;
	thread->detached.valid = false;
	return true;
}

static inline bool mlw_pair_take_malloc(struct mlw_run *run,
                                        const struct mlw_ring_view *view, uint64_t at,
                                        uint64_t word)
{
	struct mlw_thread *thread = view->thread;
	struct mlw_memo *stack = mlw_stack_of(thread, mlw_word_arg(word));
	uint32_t trace = mlw_trace_of(run, thread, stack);
	uint64_t size = thread->size_high << 32 | (uint32_t)mlw_ring_word(view, at + 1);

	if (!trace || !mlw_run_can_count(run, size) ||
	    !mlw_resolve_malloc_pair(run, thread, mlw_word_value(word), size, trace))
		return false;
	run->allocated_size += size;
	thread->size_high = 0;
	thread->detached.valid = false;
	return true;
}

static inline bool mlw_pair_take_ticketed(struct mlw_run *run,
                                          const struct mlw_ring_view *view, uint64_t at,
                                          uint64_t word)
{
	if (!mlw_pair_take_malloc(run, view, at, word))
		return false;
	view->process->next_ticket[mlw_ticket_index(mlw_word_value(word))] += 2;
	return true;
}

/* The words of the pair that was taken; 0, and nothing was done: what is there has to be
 * taken one by one. */
static inline uint64_t mlw_pair_take(struct mlw_run *run,
                                     const struct mlw_ring_view *view, uint64_t at,
                                     uint64_t word, bool unticketed)
{
	if (mlw_pair_is_plain(view, at, word))
		return mlw_pair_take_malloc(run, view, at, word) ? PAIR_WORDS : 0;
	if (!unticketed && mlw_pair_is_ticketed(view, at, word))
		return mlw_pair_take_ticketed(run, view, at, word) ? TICKETED_WORDS : 0;
	if (__builtin_expect(mlw_pair_is_tracked(view, at, word), 0))
		return mlw_pair_take_tracked(run, view, at, word) ? TRACKED_WORDS : 0;
	return 0;
}

#endif /* MLW_COLLECT_PAIRS_H */
