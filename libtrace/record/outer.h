/* SPDX-License-Identifier: MIT */
#ifndef MLW_OUTER_H
#define MLW_OUTER_H

/*
 * The call of a real function that may call other hooks of ours. It is recorded once:
 *
 *	mlw_outer_begin(&outer, size, frame);
 *	block = real_function(...);
 *	mlw_outer_end(&outer, block, size, frame);
 *
 * If everything is recorded, by the first hook that has the block; if blocks are sampled,
 * by the outermost, which draws, and inside of it none is.
 */

#include "record/record.h"
#include "record/sample.h"

struct mlw_outer {
	bool is_sampling;
	bool is_drawn;
	uint64_t left;
};

static inline void mlw_outer_begin(struct mlw_outer *outer, size_t size,
                                   const uintptr_t *frame)
{
	struct mlw_sampler *sampler = &mlw_local.sampler;

	outer->is_sampling = __builtin_expect(mlw_sampling_now(), MLW_SAMPLING_OFF) !=
	                             MLW_SAMPLING_OFF &&
	                     mlw_sample_known(frame);
	if (__builtin_expect(!outer->is_sampling, 1)) {
		mlw_local.last_block = 0;
		return;
	}
	outer->is_drawn = mlw_sample_draws(size, frame);
	outer->left = sampler->left;
	*(volatile uint64_t *)&sampler->left = UINT64_MAX;
}

static inline void mlw_outer_end(const struct mlw_outer *outer, const void *block,
                                 size_t size, const uintptr_t *frame)
{
	if (__builtin_expect(!outer->is_sampling, 1)) {
		if (block && mlw_local.last_block != (uintptr_t)block)
			mlw_record_alloc(MLW_EVENT_ALLOC, block, size, frame);
		return;
	}
	*(volatile uint64_t *)&mlw_local.sampler.left = outer->left;
	if (block && outer->is_drawn) {
		mlw_sample_add(block);
		mlw_record_alloc(MLW_EVENT_ALLOC, block, size, frame);
	}
}

#endif /* MLW_OUTER_H */
