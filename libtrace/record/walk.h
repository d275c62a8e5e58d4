/* SPDX-License-Identifier: MIT */
#ifndef MLW_WALK_H
#define MLW_WALK_H

/*
 * The full evaluator of call frame information: all registers, all expressions. It
 * follows what a rule of 28 bits cannot say (rules.h): assembly that keeps its CFA in rbx
 * or r10, registers saved by expressions, signal frames of any shape. It needs the real
 * registers, so it begins inside the tracer and unwinds the tracer's own frames, whose
 * CFI is exact, until it stands at the caller of the hook.
 *
 *	struct mlw_walk walk = { .cfi = scratch, .range = &range };
 *	if (mlw_walk_collect(&walk, frame, pcs, 1024, &count, &flags)) ...
 *
 * It costs half a microsecond a frame, and is used for stacks that hold such a frame.
 */

#include "record/cfi.h"
#include "record/readable.h"

struct mlw_walk {
	struct mlw_cfi *cfi; /* borrowed */
	struct mlw_readable *range; /* borrowed */
	uint64_t registers[MLW_REG_COUNT];
	uint32_t valid; /* a bit a register: its value is known */
	bool exact; /* the pc is not a return address: it was interrupted there */
};

enum mlw_step {
	MLW_STEP_OK = 0,
	MLW_STEP_END, /* that was the outermost frame */
	MLW_STEP_CUT, /* it cannot be told how to go on */
};

/* Steps to the caller of the frame that `walk` stands in. */
enum mlw_step mlw_walk_step(struct mlw_walk *walk);

/*
 * Collects up to `size` pcs of the stack that begins at the caller of the hook whose
 * frame address is `frame`, innermost first, MLW_PC_EXACT where it applies. `frame` must
 * be a caller's of this function. Returns the count and sets the flags of enum
 * mlw_stack_flag.
 */
uint32_t mlw_walk_collect(struct mlw_walk *walk, const uintptr_t *frame, uint64_t *pcs,
                          uint32_t size, uint32_t *flags);

/*
 * Step for code without CFI (libunwind's guess): a frame pointer that points a little
 * above. Sets *sp and *bp to the caller's and returns its pc, or 0 if there is none; then
 * *end says whether rbp was 0, by which the psABI marks the outermost frame.
 */
uint64_t mlw_walk_guess(struct mlw_readable *range, uint64_t *sp, uint64_t *bp,
                        bool *end);

#endif /* MLW_WALK_H */
