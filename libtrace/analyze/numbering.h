/* SPDX-License-Identifier: MIT */
#ifndef MLW_NUMBERING_H
#define MLW_NUMBERING_H

/* Numbers keys from 1, in the order in which they were first asked for: equal keys have
 * equal numbers. */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Numbers, or pointers of interned strings. */
struct mlw_key {
	uint64_t part[3];
};

struct mlw_numbering {
	unsigned parts; /* of each key, set before the first: 0 is 3. Others are zero */
	uint64_t *keys; /* that of number i begins at keys[(i - 1) * parts] */
	size_t count, capacity;
	uint32_t *slots; /* open addressing: a number; 0 free */
	size_t slot_capacity; /* a power of two, at least twice count */
};

/* Zeroed is ready for use. */
void mlw_numbering_release(struct mlw_numbering *numbering);

/* The number of `key`, a new one if it had none. 0 without memory. */
uint32_t mlw_numbering_add(struct mlw_numbering *numbering, const struct mlw_key *key,
                           struct mlw_error *err);
/* Its number, 0 if it has none. */
uint32_t mlw_numbering_find(const struct mlw_numbering *numbering,
                            const struct mlw_key *key);

#endif /* MLW_NUMBERING_H */
