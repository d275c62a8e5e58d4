/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "symbol/ranges.h"

#define NOTHING UINT32_MAX

static void add(struct mlw_ranges *ranges, uint64_t lo, uint64_t hi, uint32_t value)
{
	struct mlw_error err;

	cr_assert_eq(mlw_ranges_add(ranges, lo, hi, value, &err), 0);
}

static void flatten(struct mlw_ranges *ranges)
{
	struct mlw_error err;

	cr_assert_eq(mlw_ranges_flatten(ranges, &err), 0);
}

static uint32_t at(const struct mlw_ranges *ranges, uint64_t address)
{
	uint32_t value;

	return mlw_ranges_find(ranges, address, &value) ? value : NOTHING;
}

Test(ranges, empty_map_has_nothing)
{
	struct mlw_ranges ranges = { 0 };

	flatten(&ranges);
	cr_assert_eq(at(&ranges, 0), NOTHING);
	mlw_ranges_release(&ranges);
}

Test(ranges, end_is_outside_and_gaps_are_empty)
{
	struct mlw_ranges ranges = { 0 };

	add(&ranges, 30, 40, 3);
	add(&ranges, 10, 20, 1);
	add(&ranges, 25, 25, 2);
	flatten(&ranges);
	cr_assert_eq(at(&ranges, 9), NOTHING);
	cr_assert_eq(at(&ranges, 10), 1);
	cr_assert_eq(at(&ranges, 19), 1);
	cr_assert_eq(at(&ranges, 20), NOTHING);
	cr_assert_eq(at(&ranges, 25), NOTHING);
	cr_assert_eq(at(&ranges, 39), 3);
	cr_assert_eq(at(&ranges, 40), NOTHING);
	mlw_ranges_release(&ranges);
}

Test(ranges, outer_range_goes_on_behind_an_inner_one)
{
	struct mlw_ranges ranges = { 0 };

	add(&ranges, 0, 100, 0);
	add(&ranges, 10, 50, 1);
	add(&ranges, 20, 30, 2);
	flatten(&ranges);
	cr_assert_eq(at(&ranges, 5), 0);
	cr_assert_eq(at(&ranges, 10), 1);
	cr_assert_eq(at(&ranges, 25), 2);
	cr_assert_eq(at(&ranges, 30), 1);
	cr_assert_eq(at(&ranges, 50), 0);
	mlw_ranges_release(&ranges);
}

Test(ranges, of_those_that_begin_together_the_greater_value_wins)
{
	struct mlw_ranges ranges = { 0 };

	add(&ranges, 0, 10, 7);
	add(&ranges, 0, 20, 3);
	add(&ranges, 0, 10, 5);
	flatten(&ranges);
	cr_assert_eq(at(&ranges, 9), 7);
	cr_assert_eq(at(&ranges, 10), 3);
	mlw_ranges_release(&ranges);
}

/* The rule of ranges.h, said plainly. */
static uint32_t expected(const struct mlw_range *all, size_t count, uint64_t address)
{
	const struct mlw_range *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct mlw_range *it = &all[i];

		if (address < it->lo || address >= it->hi)
			continue;
		if (!best || it->lo > best->lo ||
		    (it->lo == best->lo && it->value > best->value))
			best = it;
	}
	return best ? best->value : NOTHING;
}

Test(ranges, overlaps_of_any_shape_follow_the_rule)
{
	for (unsigned int seed = 1; seed <= 300; seed++) {
		struct mlw_ranges ranges = { 0 };
		struct mlw_range all[12];

		srand(seed);
		for (uint32_t i = 0; i < 12; i++) {
			uint64_t lo = (uint64_t)rand() % 40;

			all[i] = (struct mlw_range){ lo, lo + (uint64_t)rand() % 20, i };
			add(&ranges, all[i].lo, all[i].hi, i);
		}
		flatten(&ranges);
		for (uint64_t address = 0; address < 64; address++)
			cr_assert_eq(at(&ranges, address), expected(all, 12, address),
			             "seed %u, address %d", seed, (int)address);
		mlw_ranges_release(&ranges);
	}
}
