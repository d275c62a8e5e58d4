/* SPDX-License-Identifier: MIT */
#ifndef MLW_HISTOGRAM_H
#define MLW_HISTOGRAM_H

/* Classes of sizes or lifetimes as bars, few enough for a part of a screen. */

#include <mallow/snapshot.h>
#include <stdio.h>

#include "base/units.h"

#define MLW_HISTOGRAM_ROWS 9u

struct mlw_bars {
	struct mallow_class rows[MLW_HISTOGRAM_ROWS];
	size_t count;
	/* The name of the class of exactly 0; NULL: as `unit` writes it. */
	const char *zero;
};

/* Joins neighbours, all rows the same number of powers of two, until they fit. */
void mlw_bars_init(struct mlw_bars *bars, const struct mallow_class *classes,
                   size_t count);

/*
 * One row in at most `width` columns: what it holds, how many, and a bar of its share of
 * the largest count. `unit` writes a bound. A row beyond the last is empty. Returns the
 * columns written.
 */
unsigned mlw_bars_row(const struct mlw_bars *bars, size_t row, unsigned width,
                      const char *(*unit)(uint64_t value, char *text), FILE *out);

#endif /* MLW_HISTOGRAM_H */
