/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_RANGES_H
#define MLW_SYMBOL_RANGES_H

/*
 * From an address to the value of the innermost range that holds it.
 *
 * Ranges are added in any order and may nest or overlap; flattening cuts them into
 * pieces that do not, so that a look-up is one binary search. Where ranges overlap the
 * one that begins later wins; among those that begin together, the one with the greater
 * value. (So a caller who numbers parents before their children gets the child.)
 *
 *	mlw_ranges_add(&ranges, lo, hi, value, err);
 *	mlw_ranges_flatten(&ranges, err);
 *	if (mlw_ranges_find(&ranges, address, &value))
 *
 * Cost: 24 bytes a piece, at most two pieces a range; flattening sorts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mlw_range {
	uint64_t lo;
	uint64_t hi; /* first address behind it */
	uint32_t value;
};

struct mlw_ranges {
	struct mlw_range *items;
	size_t count;
	size_t capacity;
};

/* Zeroed is empty and ready. */
void mlw_ranges_release(struct mlw_ranges *ranges);

/* Adds [lo, hi); an empty one is left out. Only before flattening. */
int mlw_ranges_add(struct mlw_ranges *ranges, uint64_t lo, uint64_t hi, uint32_t value,
                   struct mlw_error *err);

int mlw_ranges_flatten(struct mlw_ranges *ranges, struct mlw_error *err);

/* Only after flattening. */
bool mlw_ranges_find(const struct mlw_ranges *ranges, uint64_t address, uint32_t *value);

#endif /* MLW_SYMBOL_RANGES_H */
