/* SPDX-License-Identifier: MIT */
#ifndef MLW_VERIFY_H
#define MLW_VERIFY_H

/*
 * The other unwinders: libunwind, which is the reference that stacks are compared with
 * (MALLOW_VERIFY_STACKS) and an alternative to ours (--unwinder=libunwind), and plain
 * frame pointers (--unwinder=fp).
 *
 * libunwind is loaded only when asked for, by dlopen and with local names: a preloaded
 * library that links it would take over the program's C++ exceptions. It takes locks and
 * may block where ours never does.
 */

#include <stdbool.h>
#include <stdint.h>

#include "record/stack.h"

/* Loads libunwind.so.8. Call it once, outside all hooks. False: it is not there. */
bool mlw_verify_init(void);

/*
 * Compares the whole stack that `result` of the call just before stands for with a plain
 * libunwind walk of the caller of the hook whose frame address is `frame` (up to
 * MLW_STACK_MAX_FRAMES innermost frames). False: they differ. True without libunwind.
 */
bool mlw_verify_stack(struct mlw_stack *stack, const struct mlw_stack_result *result,
                      const uintptr_t *frame);

/* What the last comparison compared, innermost frame first; the arrays are borrowed. */
void mlw_verify_last(const struct mlw_stack *stack, const uint64_t **ours,
                     uint32_t *our_count, const uint64_t **theirs, uint32_t *their_count);

/* The whole stack, as a detached result. Without libunwind: by our own rules. */
void mlw_libunwind_take(struct mlw_stack *stack, const uintptr_t *frame,
                        struct mlw_stack_result *result);

/* The same by the chain of frame pointers. */
void mlw_fp_take(struct mlw_stack *stack, const uintptr_t *frame,
                 struct mlw_stack_result *result);

#endif /* MLW_VERIFY_H */
