/* SPDX-License-Identifier: MIT */
#ifndef MLW_OUTER_H
#define MLW_OUTER_H

/*
 * The call of a real function that may call other hooks of ours. It is recorded once, by
 * the first hook that has the block:
 *
 *	mlw_outer_begin(&outer);
 *	block = real_function(...);
 *	mlw_outer_end(&outer, block, size, frame);
 *
 * If blocks are sampled, whoever comes first draws for it. That somebody has is seen by
 * what the thread has left until the next marked byte, so that nothing has to be put back
 * where the real function is left by an exception or a jump.
 */

#include "record/record.h"
#include "record/sample.h"

struct mlw_outer {
	uint64_t left;
};

static inline void mlw_outer_begin(struct mlw_outer *outer)
{
	mlw_local.last_block = 0;
	outer->left = mlw_local.sampler.left;
}

static inline void mlw_outer_end(const struct mlw_outer *outer, const void *block,
                                 size_t size, const uintptr_t *frame)
{
	if (!block || mlw_local.last_block == (uintptr_t)block ||
	    outer->left != mlw_local.sampler.left)
		return;
	if (mlw_sample_takes(block, size, frame))
		mlw_record_alloc(MLW_EVENT_ALLOC, block, size, frame);
}

#endif /* MLW_OUTER_H */
