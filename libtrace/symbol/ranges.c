/* SPDX-License-Identifier: MIT */
#include "symbol/ranges.h"

#include <stdlib.h>

#include "base/array.h"

/* The ranges that have begun and perhaps not ended, the winner on top. */
struct sweep {
	struct mlw_ranges pieces;
	struct mlw_range *open;
	size_t depth;
	size_t capacity;
	uint64_t from; /* up to here the pieces are written */
};

void mlw_ranges_release(struct mlw_ranges *ranges)
{
	if (!ranges)
		return;
	free(ranges->items);
	*ranges = (struct mlw_ranges){ 0 };
}

int mlw_ranges_add(struct mlw_ranges *ranges, uint64_t lo, uint64_t hi, uint32_t value,
                   struct mlw_error *err)
{
	if (lo >= hi)
		return 0;
	if (mlw_grow(&ranges->items, &ranges->capacity, ranges->count + 1,
	             sizeof(*ranges->items), err))
		return -1;
	ranges->items[ranges->count++] = (struct mlw_range){ lo, hi, value };
	return 0;
}

static int by_start(const void *left, const void *right)
{
	const struct mlw_range *a = left, *b = right;

	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return (a->value > b->value) - (a->value < b->value);
}

/* Writes what the winner on top has between `from` and `to`. */
static int write_piece(struct sweep *sweep, uint64_t to, struct mlw_error *err)
{
	const struct mlw_range *top = &sweep->open[sweep->depth - 1];
	uint64_t end = top->hi < to ? top->hi : to;

	if (end <= sweep->from)
		return 0;
	if (mlw_ranges_add(&sweep->pieces, sweep->from, end, top->value, err))
		return -1;
	sweep->from = end;
	return 0;
}

/* Closes all that ends up to `to`, and leaves the pieces written up to there. */
static int advance(struct sweep *sweep, uint64_t to, struct mlw_error *err)
{
	while (sweep->depth) {
		if (write_piece(sweep, to, err))
			return -1;
		if (sweep->open[sweep->depth - 1].hi > to)
			break;
		sweep->depth--;
	}
	sweep->from = to;
	return 0;
}

static int open_range(struct sweep *sweep, const struct mlw_range *range,
                      struct mlw_error *err)
{
	if (advance(sweep, range->lo, err) ||
	    mlw_grow(&sweep->open, &sweep->capacity, sweep->depth + 1,
	             sizeof(*sweep->open), err))
		return -1;
	sweep->open[sweep->depth++] = *range;
	return 0;
}

int mlw_ranges_flatten(struct mlw_ranges *ranges, struct mlw_error *err)
{
	struct sweep sweep = { 0 };
	int result = -1;

	if (!ranges->count)
		return 0;
	qsort(ranges->items, ranges->count, sizeof(*ranges->items), by_start);
	for (size_t i = 0; i < ranges->count; i++)
		if (open_range(&sweep, &ranges->items[i], err))
			goto out;
	if (advance(&sweep, UINT64_MAX, err))
		goto out;
	mlw_ranges_release(ranges);
	*ranges = sweep.pieces;
	sweep.pieces = (struct mlw_ranges){ 0 };
	result = 0;
out:
	mlw_ranges_release(&sweep.pieces);
	free(sweep.open);
	return result;
}

bool mlw_ranges_find(const struct mlw_ranges *ranges, uint64_t address, uint32_t *value)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->items[middle].hi <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == ranges->count || ranges->items[low].lo > address)
		return false;
	*value = ranges->items[low].value;
	return true;
}
