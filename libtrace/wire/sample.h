/* SPDX-License-Identifier: MIT */
#ifndef MLW_WIRE_SAMPLE_H
#define MLW_WIRE_SAMPLE_H

/*
 * Which blocks are sampled (--sample BYTES). Every byte that a thread allocates is marked
 * with a probability of 1 in BYTES, each for itself, and a block is sampled if one of its
 * bytes is marked: with a probability of
 *
 *	1 - (1 - 1 / BYTES) ^ size
 *
 * A block of size 0 counts as one of size 1. Nobody throws a die for each byte: how far
 * it is to the next marked one is drawn when the last one is reached (a geometric
 * distribution). All in integers: the floating-point unit belongs to the program.
 */

#include <stdint.h>

#define MLW_SAMPLE_MOST (UINT64_C(1) << 30) /* BYTES are 1 to this */

#define MLW_SAMPLE_SCALE_BITS 20u

/* log2(value / 2^63), in 2^-63, down to the bit `least`; `value` has its highest bit. */
static inline uint64_t mlw_sample_log2(uint64_t value, uint64_t least)
{
	uint64_t result = 0;

	for (uint64_t bit = UINT64_C(1) << 62; bit >= least; bit >>= 1) {
		value = (uint64_t)((__extension__(unsigned __int128) value * value) >>
		                   64);
		if (value >> 63)
			result |= bit;
		else
			value <<= 1;
	}
	return result;
}

/* 1 / log2(BYTES / (BYTES - 1)), in 2^-MLW_SAMPLE_SCALE_BITS: what tells a program how
 * far marked bytes are apart. 0: each is marked. */
static inline uint64_t mlw_sample_scale(uint64_t bytes)
{
	uint64_t ratio; /* of 1 - 1 / bytes to 1/2, in 2^-63 */

	if (bytes < 2)
		return 0;
	if (bytes == 2)
		return UINT64_C(1) << MLW_SAMPLE_SCALE_BITS;
	ratio = ((UINT64_C(1) << 63) / bytes * 2 +
	         (UINT64_C(1) << 63) % bytes * 2 / bytes);
	ratio = UINT64_C(0) - ratio;
	return (uint64_t)((__extension__(unsigned __int128) 1
	                   << (63 + MLW_SAMPLE_SCALE_BITS)) /
	                  ((UINT64_C(1) << 63) - mlw_sample_log2(ratio, 1)));
}

/* How many bytes it is to the next marked one, that one included, by a random number. */
static inline uint64_t mlw_sample_distance(uint64_t random, uint64_t scale)
{
	unsigned zeros = (unsigned)__builtin_clzll(random | 1);
	uint64_t halvings =
	        ((uint64_t)(zeros + 1) << 32) -
	        (mlw_sample_log2((random | 1) << zeros, UINT64_C(1) << 31) >> 31);

	return 1 + (uint64_t)((__extension__(unsigned __int128) halvings * scale) >>
	                      (32 + MLW_SAMPLE_SCALE_BITS));
}

#endif /* MLW_WIRE_SAMPLE_H */
