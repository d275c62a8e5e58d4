/* SPDX-License-Identifier: MIT */
#ifndef MLW_SUMS_H
#define MLW_SUMS_H

/* What is added up, of one group or of all, and how sums are put in order. */

#include "analyze/query.h"
#include "heap/heap.h"

struct mlw_sums {
	uint64_t size, count; /* live at the place */
	/* Of the whole run: */
	uint64_t allocated_size, allocations;
	uint64_t peak_size, peak_count; /* live here at the run's peak */
	uint64_t temporary_count;
};

void mlw_sums_add(struct mlw_sums *sums, const struct mlw_trace_totals *totals);
void mlw_sums_join(struct mlw_sums *sums, const struct mlw_sums *more);
void mlw_sums_subtract(struct mlw_sums *sums, const struct mlw_sums *less);

/* What is sorted by. */
uint64_t mlw_sums_value(const struct mlw_sums *sums, enum mlw_sort sort);
/* The same in bytes: live ones where it is a number of blocks. */
uint64_t mlw_sums_bytes(const struct mlw_sums *sums, enum mlw_sort sort);

/* Ascending by the value, then by size and count, as tracemalloc. */
int mlw_sums_compare(const struct mlw_sums *a, const struct mlw_sums *b,
                     enum mlw_sort sort);

#endif /* MLW_SUMS_H */
