/* SPDX-License-Identifier: MIT */
#ifndef MLW_SUMS_H
#define MLW_SUMS_H

/* What is added up, of one group or of all, and how sums are put in order. */

#include "analyze/query.h"
#include "heap/heap.h"

void mlw_sums_add(struct mallow_sums *sums, const struct mlw_trace_totals *totals);
void mlw_sums_join(struct mallow_sums *sums, const struct mallow_sums *more);
void mlw_sums_subtract(struct mallow_sums *sums, const struct mallow_sums *less);

/* What is sorted by. */
uint64_t mlw_sums_value(const struct mallow_sums *sums, enum mallow_sort sort);
/* The same in bytes: live ones where it is a number of blocks. */
uint64_t mlw_sums_bytes(const struct mallow_sums *sums, enum mallow_sort sort);

/*
 * Standard error of the bytes that a key looks at, at most, where 1 byte in `sample` was
 * marked (heap/weight.h); 0: everything was recorded. The variance of what one block
 * stands for is size^2 (1 - p) / p^2, which is at most (sample - 1) times its bytes, and
 * (sample - 1) * sample. So a sum of many small blocks is within
 * sqrt(sample * bytes), one of few large ones within sample * sqrt(blocks).
 */
uint64_t mlw_sums_error(const struct mallow_sums *sums, enum mallow_sort sort,
                        uint64_t sample);
/* That of a sum or difference of what has these, each by itself. */
uint64_t mlw_sums_join_errors(uint64_t first, uint64_t second);

/* Ascending by the value, then by size and count, as tracemalloc. */
int mlw_sums_compare(const struct mallow_sums *a, const struct mallow_sums *b,
                     enum mallow_sort sort);

#endif /* MLW_SUMS_H */
