/* SPDX-License-Identifier: MIT */
#ifndef MLW_SAMPLE_H
#define MLW_SAMPLE_H

/*
 * Under --sample: which allocations are recorded (wire/sample.h), and which addresses are
 * blocks that were. An allocation that is not costs a subtraction, its free a look at one
 * byte.
 *
 *	if (mlw_sample_takes(block, size, frame))
 *		... record it
 *	if (mlw_sample_ends(block))
 *		... record its end
 *
 * malloc and free themselves have it all in their own way, and those of others call
 * record/outer.h.
 *
 * The sampled blocks are in a table of fixed size, in lines of 8 addresses. A line that
 * was once too small is full for good: the end of every block that belongs there is told,
 * and the collector finds out which it knows. It is private memory, so that a forked
 * child has its own.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/hidden.h"
#include "record/thread.h"

enum mlw_sampling {
	MLW_SAMPLING_OFF = 0, /* everything is recorded */
	MLW_SAMPLING_UNKNOWN = 1, /* the process has not met the collector yet */
	MLW_SAMPLING_ON = 2,
};

/* Known from the first allocation of a process that is recorded on, when the real
 * functions are, and the same in its forked children. */
extern MLW_HIDDEN _Atomic uint32_t mlw_sampling;

#define MLW_SAMPLE_LINES_LOG2 13u
#define MLW_SAMPLE_LINES      (1u << MLW_SAMPLE_LINES_LOG2)
#define MLW_SAMPLE_SLOTS      8u

/*
 * For each line one more than there are addresses in it, or about to be. So 1 is a block
 * that was not sampled, and all else has to be looked at: 0 where nothing is known yet, or
 * with a bit that stays.
 */
#define MLW_SAMPLE_EMPTY 1u
#define MLW_SAMPLE_COUNT 0x0fu
#define MLW_SAMPLE_OTHER 0x40u /* a block that is none of the real allocator's, too */
#define MLW_SAMPLE_FULL  0x80u

extern MLW_HIDDEN _Atomic uint8_t mlw_sample_counts[MLW_SAMPLE_LINES];

static inline uint32_t mlw_sampling_now(void)
{
	return atomic_load_explicit(&mlw_sampling, memory_order_relaxed);
}

/* Is the process sampled? Meets the collector if that was not done. Where the real
 * functions are known. */
bool mlw_sample_known(const uintptr_t *frame);

/* The parts that are seldom reached: a marked byte; a line that is not empty. */
bool mlw_sample_reached(uint64_t size, const uintptr_t *frame);
bool mlw_sample_remove(const void *block);
void mlw_sample_add(const void *block);

/* Makes the table ready, once, before there is a thread that samples. */
void mlw_sample_prepare(void);

/* The line of this block has to be looked at. */
void mlw_sample_is_other(const void *block);

/* In a child, whoever forked it (libc's daemon and forkpty do so without our fork): the
 * thread draws anew, and joins as a new process does. */
void mlw_sample_forked(void);

/*
 * Has the thread a block of that size to go on without sampling one? To be asked once a
 * block; if not, mlw_sample_reached is next, and nothing was counted: what no real
 * function can give (a size of 2^64 - 1) never is. A signal handler in between counts as
 * if it had not been.
 */
static inline bool mlw_sample_passes(uint64_t size)
{
	uint64_t left = mlw_local.sampler.left, bytes = size + !size;
	bool is_above; /* left > bytes, as the subtraction itself says */

	__asm__("subq %2, %1" : "=@cca"(is_above), "+r"(left) : "r"(bytes) : "cc");
	if (__builtin_expect(is_above, 1))
		mlw_local.sampler.left = left;
	return is_above;
}

static inline bool mlw_sample_draws(uint64_t size, const uintptr_t *frame)
{
	return !mlw_sample_passes(size) && mlw_sample_reached(size, frame);
}

static inline uint32_t mlw_sample_line(uint64_t address)
{
	return (uint32_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >>
	                  (64 - MLW_SAMPLE_LINES_LOG2));
}

/* False: the block was not sampled, and is the real allocator's. */
static inline bool mlw_sample_may_have(const void *block)
{
	uint32_t line = mlw_sample_line((uintptr_t)block);
	uint8_t count =
	        atomic_load_explicit(&mlw_sample_counts[line], memory_order_relaxed);

	return __builtin_expect(count != MLW_SAMPLE_EMPTY, 0);
}

/* Is the block, a new one, to be recorded? Also where all are. */
static inline bool mlw_sample_takes(const void *block, uint64_t size,
                                    const uintptr_t *frame)
{
	if (mlw_sampling_now() == MLW_SAMPLING_OFF || !mlw_sample_known(frame))
		return true;
	if (!mlw_sample_draws(size, frame))
		return false;
	mlw_sample_add(block);
	return true;
}

/* Is the end of the block to be recorded? Also where all are. Before the real free. */
static inline bool mlw_sample_ends(const void *block)
{
	return mlw_sampling_now() != MLW_SAMPLING_ON ||
	       (mlw_sample_may_have(block) && mlw_sample_remove(block));
}

#endif /* MLW_SAMPLE_H */
