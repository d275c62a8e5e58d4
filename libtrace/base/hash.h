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

#endif /* MLW_HASH_H */
