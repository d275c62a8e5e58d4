/* SPDX-License-Identifier: MIT */
#include "analyze/sums.h"

void mlw_sums_add(struct mallow_sums *sums, const struct mlw_trace_totals *totals)
{
	sums->size += totals->live_size;
	sums->count += totals->live_count;
	sums->allocated_size += totals->allocated_size;
	sums->allocations += totals->allocations;
	sums->peak_size += totals->peak_size;
	sums->peak_count += totals->peak_count;
	sums->temporary_count += totals->temporary_count;
}

void mlw_sums_join(struct mallow_sums *sums, const struct mallow_sums *more)
{
	sums->size += more->size;
	sums->count += more->count;
	sums->allocated_size += more->allocated_size;
	sums->allocations += more->allocations;
	sums->peak_size += more->peak_size;
	sums->peak_count += more->peak_count;
	sums->temporary_count += more->temporary_count;
}

void mlw_sums_subtract(struct mallow_sums *sums, const struct mallow_sums *less)
{
	sums->size -= less->size;
	sums->count -= less->count;
	sums->allocated_size -= less->allocated_size;
	sums->allocations -= less->allocations;
	sums->peak_size -= less->peak_size;
	sums->peak_count -= less->peak_count;
	sums->temporary_count -= less->temporary_count;
}

uint64_t mlw_sums_value(const struct mallow_sums *sums, enum mallow_sort sort)
{
	switch (sort) {
	case MALLOW_SORT_SIZE:
		return sums->size;
	case MALLOW_SORT_COUNT:
		return sums->count;
	case MALLOW_SORT_PEAK:
		return sums->peak_size;
	case MALLOW_SORT_ALLOCATED:
		return sums->allocated_size;
	case MALLOW_SORT_ALLOCATIONS:
		return sums->allocations;
	case MALLOW_SORT_TEMPORARY:
		return sums->temporary_count;
	}
	return 0;
}

uint64_t mlw_sums_bytes(const struct mallow_sums *sums, enum mallow_sort sort)
{
	if (sort == MALLOW_SORT_PEAK || sort == MALLOW_SORT_ALLOCATED)
		return mlw_sums_value(sums, sort);
	return sums->size;
}

__extension__ typedef unsigned __int128 wide;

static uint64_t square_root(wide value)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 63; bit; bit >>= 1)
		if ((wide)(root | bit) * (root | bit) <= value)
			root |= bit;
	return root;
}

uint64_t mlw_sums_error(const struct mallow_sums *sums, enum mallow_sort sort,
                        uint64_t sample)
{
	uint64_t size = sums->size, count = sums->count;
	wide most;

	if (sample < 2)
		return 0;
	if (sort == MALLOW_SORT_PEAK) {
		size = sums->peak_size;
		count = sums->peak_count;
	} else if (sort >= MALLOW_SORT_ALLOCATED) {
		size = sums->allocated_size;
		count = sums->allocations;
	}
	most = (wide)sample * count;
	return square_root((wide)(sample - 1) * (uint64_t)(most < size ? most : size));
}

uint64_t mlw_sums_join_errors(uint64_t first, uint64_t second)
{
	return square_root((wide)first * first + (wide)second * second);
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int mlw_sums_compare(const struct mallow_sums *a, const struct mallow_sums *b,
                     enum mallow_sort sort)
{
	int order = compare_number(mlw_sums_value(a, sort), mlw_sums_value(b, sort));

	if (!order)
		order = compare_number(a->size, b->size);
	if (!order)
		order = compare_number(a->count, b->count);
	return order;
}
