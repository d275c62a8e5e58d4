/* SPDX-License-Identifier: MIT */
#ifndef MLW_WEIGHT_H
#define MLW_WEIGHT_H

/*
 * For how many blocks and bytes a sampled block stands (wire/sample.h says how they are
 * chosen): 1 / p and size / p, if a block of its size is sampled with a probability of p.
 * Then sums over the sampled blocks are on average the sums over all.
 *
 * Both are whole numbers. The fraction is rounded up as often as it says, by a hash of the
 * block's ordinal: so a block weighs the same whoever asks, now and later, at its begin
 * and at its end, and nothing has to be kept for it.
 */

#include <stdint.h>

struct mlw_weight {
	uint64_t count;
	uint64_t size; /* bytes; at most the block's and `sample` */
};

/* `sample`: BYTES, 0: everything is recorded, and a block is a block. */
struct mlw_weight mlw_weigh_sampled(uint64_t sample, uint64_t size, uint64_t ordinal);

static inline struct mlw_weight mlw_weigh(uint64_t sample, uint64_t size,
                                          uint64_t ordinal)
{
	if (__builtin_expect(sample < 2, 1))
		return (struct mlw_weight){ 1, size };
	return mlw_weigh_sampled(sample, size, ordinal);
}

#endif /* MLW_WEIGHT_H */
