/* SPDX-License-Identifier: MIT */
#ifndef MLW_HASH_H
#define MLW_HASH_H

/* Integer hashing for the project's open-addressing tables. */

#include <stdint.h>

/*
 * Mixes all bits of `x`: the finaliser of MurmurHash3 (Austin Appleby, public
 * domain). Take the low bits of the result as an index.
 */
static inline uint64_t mlw_hash64(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

/* Only its high bits are good (Knuth's multiplicative hashing): a third of the time. */
static inline uint64_t mlw_hash64_high(uint64_t value)
{
	return (value ^ value >> 32) * UINT64_C(0x9e3779b97f4a7c15);
}

#endif /* MLW_HASH_H */
