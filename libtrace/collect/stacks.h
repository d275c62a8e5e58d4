/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_STACKS_H
#define MLW_COLLECT_STACKS_H

/*
 * The stacks that threads tell (wire/event.h, STACK), and what an allocation that refers
 * to one makes of it.
 */

#include <stdint.h>

#include "collect/process.h"
#include "collect/ring.h"
#include "wire/event.h"

/* The STACK event whose first word is `word`, at `at`. -1: it makes no sense, or the run
 * is dead. */
int mlw_stack_event_take(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                         uint64_t word);

/* The stack that an allocation refers to. */
static inline struct mlw_memo *mlw_stack_of(struct mlw_thread *thread, uint32_t arg)
{
	uint32_t slot = arg & MLW_ARG_SLOT;

	if (slot != MLW_SLOT_NONE)
		return &thread->memo[slot];
	return thread->detached.valid ? &thread->detached : &thread->last;
}

/* A stack that the writer knows and we do not (after damage) is none, and cut. */
static inline uint32_t mlw_trace_of(struct mlw_run *run, struct mlw_thread *thread,
                                    struct mlw_memo *stack)
{
	if (__builtin_expect(stack->context != thread->context, 0)) {
		stack->trace =
		        mlw_run_trace(run, stack->node, stack->truncated || !stack->valid,
		                      thread->context, MLW_DOMAIN_MALLOC);
		stack->context = thread->context;
	}
	return stack->trace;
}

#endif /* MLW_COLLECT_STACKS_H */
