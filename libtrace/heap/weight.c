/* SPDX-License-Identifier: MIT */
#include "heap/weight.h"

__extension__ typedef unsigned __int128 wide;

/* The product of two parts of 1, each in 2^-64. */
static uint64_t part(uint64_t a, uint64_t b)
{
	return (uint64_t)((wide)a * b >> 64);
}

/* (1 - 1 / sample) ^ size, in 2^-64: that none of so many bytes is marked. */
static uint64_t missed(uint64_t sample, uint64_t size)
{
	uint64_t power = UINT64_MAX - UINT64_MAX / sample, result = UINT64_MAX;

	for (; size && power && result; size >>= 1) {
		if (size & 1)
			result = part(result, power);
		power = part(power, power);
	}
	return size && !power ? 0 : result;
}

/* splitmix64 */
static uint64_t hash(uint64_t ordinal)
{
	ordinal *= UINT64_C(0x9e3779b97f4a7c15);
	ordinal = (ordinal ^ ordinal >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	ordinal = (ordinal ^ ordinal >> 27) * UINT64_C(0x94d049bb133111eb);
	return ordinal ^ ordinal >> 31;
}

/* value / p, in whole numbers: the next one up as often as the remainder says. */
static uint64_t divide(uint64_t value, uint64_t p, uint64_t random)
{
	wide dividend = (wide)value << 64;
	uint64_t rest = (uint64_t)(dividend % p);

	return (uint64_t)(dividend / p) + (part(random, p) < rest);
}

struct mlw_weight mlw_weigh_sampled(uint64_t sample, uint64_t size, uint64_t ordinal)
{
	uint64_t none = missed(sample, size + !size), random = hash(ordinal);
	uint64_t p = UINT64_C(0) - none; /* 2^64 is 0 */

	if (!none)
		return (struct mlw_weight){ 1, size };
	return (struct mlw_weight){ divide(1, p, random), divide(size, p, random) };
}
