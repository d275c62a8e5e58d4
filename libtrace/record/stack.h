/* SPDX-License-Identifier: MIT */
#ifndef MLW_STACK_H
#define MLW_STACK_H

/*
 * The stack of a traced thread, as differences (wire/event.h, STACK).
 *
 * A thread remembers the stack of its previous allocation as rows, outermost first, and
 * the words of memory from which each row was computed. Unwinding is a pure function of
 * (pc, sp, rbp), the rules and the words read: once a walk stands in a remembered state
 * and every word that the old walk read from there outward is unchanged, the outer
 * frames are the same, for one load and one compare each.
 *
 *	struct mlw_stack_result r;
 *
 *	mlw_stack_take(stack, __builtin_frame_address(0), &r);
 *	if (r.words)
 *		mlw_stack_write(stack, &r, reserved_words);
 *	... ALLOC with r.slot
 *
 * Laws: as everywhere in record/: no malloc, no lock, no errno, no libc call that could
 * do these. Not reentrant for one struct mlw_stack: a nested caller (signal handler
 * inside a hook) has another one and uses mlw_stack_detached. A result is good until the
 * next call for the same stack. When a STACK event was not written after all (a handler
 * left by longjmp), both sides must start anew with mlw_stack_reset.
 *
 * How stacks are taken is described in record/remember.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/event.h"

struct mlw_stack; /* one a thread; in private memory of the tracer */

/*
 * words: ring words that a STACK event needs (0: no STACK event, the slot says it all).
 * slot: for the ALLOC event: a memo slot, or MLW_SLOT_NONE for the cursor or for the
 * STACK event written just before.
 */
struct mlw_stack_result {
	uint32_t words;
	uint32_t slot;
	uint32_t store; /* memo slot that the STACK event fills, or MLW_SLOT_NONE */
	uint32_t keep, push, flags;
	bool detached;
};

/* Maps what a thread needs; NULL without memory. Memory is paid for where touched. */
struct mlw_stack *mlw_stack_new(void);
void mlw_stack_free(struct mlw_stack *stack);

/* Forgets everything: the next stack is sent whole. The reader's cursor must be told
 * (GENERATION, LOST or a new ring). */
void mlw_stack_reset(struct mlw_stack *stack);

/*
 * The stack of the caller of the hook whose frame address is `frame` (frame[0]: saved
 * rbp, frame[1]: return address).
 */
void mlw_stack_take(struct mlw_stack *stack, const uintptr_t *frame,
                    struct mlw_stack_result *result);

/* The same without touching what is remembered: a plain walk, sent whole. */
void mlw_stack_detached(struct mlw_stack *stack, const uintptr_t *frame,
                        struct mlw_stack_result *result);

/* Writes the STACK event of `result`: exactly result->words words. */
void mlw_stack_write(const struct mlw_stack *stack, const struct mlw_stack_result *result,
                     uint64_t *words);

/* Bytes of private memory that this stack may have touched so far. */
size_t mlw_stack_size(const struct mlw_stack *stack);

#endif /* MLW_STACK_H */
