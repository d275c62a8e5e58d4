/* SPDX-License-Identifier: MIT */
#include "analyze/weights.h"

#include <criterion/criterion.h>

static const struct mlw_trace_row traces[] = {
	{ .thread = 1, .domain = MLW_DOMAIN_MALLOC },
	{ .thread = 1, .domain = MLW_DOMAIN_MMAP },
};
static const struct mlw_run_row sampled = { .sample_bytes = 1000 }, whole = { 0 };

static const struct mlw_recording sample = { .run = &sampled, .traces = traces };
static const struct mlw_recording all = { .run = &whole, .traces = traces };

static void expect(struct mlw_weight weight, uint64_t count, uint64_t size)
{
	cr_expect_eq(weight.count, count);
	cr_expect_eq(weight.size, size);
}

Test(weights, blocks_of_malloc_are_sampled)
{
	const struct mlw_weight one = mlw_weigh(1000, 10, 1),
	                        two = mlw_weigh(1000, 20, 2);
	const struct mlw_change change = {
		.op = MLW_OP_REALLOC,
		.old_kind = MLW_OLD_BLOCK,
		.trace = 1,
		.ordinal = 2,
		.size = 20,
		.old = { .ordinal = 1, .size = 10, .trace = 1 },
	};

	cr_assert_gt(one.count, 1);
	expect(mlw_weigh_new(&sample, &change), two.count, two.size);
	expect(mlw_weigh_gone(&sample, &change), one.count, one.size);
	expect(mlw_weigh_new(&all, &change), 1, 20);
	expect(mlw_weigh_gone(&all, &change), 1, 10);
}

Test(weights, mappings_are_not_and_shrink)
{
	struct mlw_change change = {
		.op = MLW_OP_SHRINK,
		.old_kind = MLW_OLD_BLOCK,
		.trace = 2,
		.ordinal = 2,
		.size = 30,
		.old = { .ordinal = 1, .size = 100, .trace = 2 },
	};

	expect(mlw_weigh_gone(&sample, &change), 0, 70);
	expect(mlw_weigh_gone(&all, &change), 0, 70);
	expect(mlw_weigh_new(&sample, &change), 1, 30);
	change.op = MLW_OP_FREE;
	expect(mlw_weigh_gone(&sample, &change), 1, 100);
}
