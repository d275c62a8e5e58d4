/* SPDX-License-Identifier: MIT */
#include "heap/weight.h"

#include <criterion/criterion.h>
#include <math.h>

#include "heap/heap.h"

#define ORDINALS 200000u
#define MOST     (UINT64_C(1) << 30)

static double chance(uint64_t sample, uint64_t size)
{
	return -expm1((double)(size ? size : 1) * log1p(-1 / (double)sample));
}

Test(weight, a_block_is_a_block_where_nothing_is_sampled)
{
	for (uint64_t sample = 0; sample < 2; sample++) {
		struct mlw_weight weight = mlw_weigh(sample, 1000, 5);

		cr_expect_eq(weight.count, 1);
		cr_expect_eq(weight.size, 1000);
		cr_expect_eq(mlw_weigh(sample, 0, 6).count, 1);
		cr_expect_eq(mlw_weigh(sample, 0, 6).size, 0);
	}
}

Test(weight, a_large_block_stands_for_itself)
{
	struct mlw_weight weight = mlw_weigh(4096, UINT64_C(1) << 48, 5);

	cr_expect_eq(weight.count, 1);
	cr_expect_eq(weight.size, UINT64_C(1) << 48);
	weight = mlw_weigh(4096, 4096 * 50, 6);
	cr_expect_eq(weight.count, 1);
	cr_expect_eq(weight.size, 4096 * 50);
}

/* What the mean of the weights is over many ordinals. */
static void check(uint64_t sample, uint64_t size)
{
	double p = chance(sample, size), counts = 0, sizes = 0, most = 0;

	for (uint64_t i = 1; i <= ORDINALS; i++) {
		struct mlw_weight weight = mlw_weigh(sample, size, i);

		cr_assert_leq(weight.size, size + sample);
		cr_assert_leq(weight.count, sample);
		cr_assert_float_eq((double)weight.count, 1 / p, 1);
		cr_assert_float_eq((double)weight.size, (double)size / p, 1);
		counts += (double)weight.count;
		sizes += (double)weight.size;
	}
	/* The fraction is rounded: a variance of at most 1/4. */
	most = 5 * 0.5 / sqrt(ORDINALS);
	cr_expect_float_eq(counts / ORDINALS, 1 / p, most + 1e-8 / p,
	                   "1 in %zu, size %zu: count %g, not %g", (size_t)sample,
	                   (size_t)size, counts / ORDINALS, 1 / p);
	cr_expect_float_eq(sizes / ORDINALS, (double)size / p,
	                   most + 1e-8 * (double)size / p,
	                   "1 in %zu, size %zu: size %g, not %g", (size_t)sample,
	                   (size_t)size, sizes / ORDINALS, (double)size / p);
}

Test(weight, weights_are_one_over_the_chance_on_average)
{
	const uint64_t samples[] = { 2, 3, 7, 1000, 4096, 524288, MOST };

	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		uint64_t sample = samples[i];

		check(sample, 0);
		check(sample, 1);
		check(sample, 24);
		check(sample, sample / 10 + 1);
		check(sample, sample);
		check(sample, 5 * sample);
	}
}

/* Of a block that stands for `size` / p bytes: size^2 (1 - p) / p^2. What errors are
 * made of (analyze/sums.h). */
Test(weight, a_variance_is_at_most_what_sums_tell)
{
	for (uint64_t sample = 2; sample <= MOST; sample *= 2)
		for (uint64_t size = 1; size <= 64 * sample; size += size / 4 + 1) {
			double p = chance(sample, size), bytes = (double)size / p;
			double variance = bytes * bytes * (1 - p), room = 1 + 1e-6;
			double each = (double)(sample - 1);

			cr_assert_leq(variance, each * bytes * room, "%zu of %zu",
			              (size_t)size, (size_t)sample);
			cr_assert_leq(variance, each * (double)sample * room,
			              "%zu of %zu", (size_t)size, (size_t)sample);
		}
}

Test(weight, the_same_block_weighs_the_same)
{
	for (uint64_t i = 1; i < 1000; i++) {
		struct mlw_weight first = mlw_weigh(777, 333, i);
		struct mlw_weight again = mlw_weigh(777, 333, i);

		cr_assert_eq(first.count, again.count);
		cr_assert_eq(first.size, again.size);
	}
}

static struct mlw_heap *make_heap(uint64_t sample)
{
	struct mlw_error err;
	struct mlw_heap *heap = mlw_heap_new(&err);

	cr_assert_not_null(heap);
	mlw_heap_set_sample(heap, sample);
	cr_assert_eq(mlw_heap_add_thread(heap, 1, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 1, MLW_DOMAIN_MALLOC, &err), 0);
	cr_assert_eq(mlw_heap_add_trace(heap, 1, MLW_DOMAIN_MMAP, &err), 0);
	return heap;
}

static void apply(struct mlw_heap *heap, struct mlw_change change)
{
	cr_assert(mlw_heap_accepts(heap, &change));
	mlw_heap_apply(heap, &change);
}

static void allocate(struct mlw_heap *heap, uint32_t trace, uint64_t ordinal,
                     uint64_t size)
{
	apply(heap, (struct mlw_change){ .op = MLW_OP_ALLOC,
	                                 .thread = 1,
	                                 .trace = trace,
	                                 .ordinal = ordinal,
	                                 .size = size });
}

static struct mlw_change the_end(uint8_t op, uint32_t trace, uint64_t ordinal,
                                 uint64_t size)
{
	return (struct mlw_change){
		.op = op,
		.old_kind = MLW_OLD_BLOCK,
		.thread = 1,
		.old = { .ordinal = ordinal, .size = size, .trace = trace }
	};
}

Test(weight, the_model_counts_blocks_as_what_they_stand_for)
{
	struct mlw_heap *heap = make_heap(1000);
	struct mlw_weight first = mlw_weigh(1000, 10, 1);
	struct mlw_weight second = mlw_weigh(1000, 600, 2);
	const struct mlw_totals *totals = mlw_heap_totals(heap);
	struct mlw_change change = the_end(MLW_OP_REALLOC, 1, 1, 10);
	struct mlw_error err;

	allocate(heap, 1, 1, 10);
	cr_expect_eq(totals->live_size, first.size);
	cr_expect_eq(totals->live_count, first.count);
	change.trace = 1;
	change.ordinal = 2;
	change.size = 600;
	apply(heap, change);
	cr_expect_eq(totals->allocations, first.count + second.count);
	cr_expect_eq(totals->reallocations, second.count);
	cr_expect_eq(totals->frees, first.count);
	cr_expect_eq(totals->live_size, second.size);
	cr_expect_eq(mlw_heap_sizes(heap)->count[4], first.count);
	cr_expect_eq(mlw_heap_sizes(heap)->size[10], second.size);
	apply(heap, the_end(MLW_OP_FREE, 1, 2, 600));
	cr_expect_eq(totals->live_size, 0);
	cr_expect_eq(totals->live_count, 0);
	cr_expect_eq(totals->frees, totals->allocations);
	cr_expect_eq(totals->temporary_count, 0, "nobody knows what came in between");
	cr_expect(mlw_heap_check(heap, &err));
	mlw_heap_free(heap);
}

Test(weight, a_mapping_is_no_sample)
{
	struct mlw_heap *heap = make_heap(1 << 20);
	struct mlw_change change = the_end(MLW_OP_SHRINK, 2, 1, 8192);
	struct mlw_error err;

	allocate(heap, 2, 1, 8192);
	cr_expect_eq(mlw_heap_domain(heap, MLW_DOMAIN_MMAP)->live_size, 8192);
	cr_expect_eq(mlw_heap_domain(heap, MLW_DOMAIN_MMAP)->live_count, 1);
	change.size = 4096;
	apply(heap, change);
	cr_expect_eq(mlw_heap_domain(heap, MLW_DOMAIN_MMAP)->live_size, 4096);
	cr_expect(mlw_heap_check(heap, &err));
	mlw_heap_free(heap);
}

Test(weight, a_pair_is_taken_one_by_one)
{
	struct mlw_heap *heap = make_heap(1000);
	const struct mlw_change pair = {
		.op = MLW_OP_ALLOC, .thread = 1, .trace = 1, .ordinal = 2, .size = 1
	};

	allocate(heap, 1, 1, 100000);
	apply(heap, the_end(MLW_OP_FREE, 1, 1, 100000));
	cr_expect_not(mlw_heap_apply_pair(heap, &pair));
	mlw_heap_free(heap);
}

Test(weight, a_trace_is_full_before_its_count_is)
{
	struct mlw_heap *heap = make_heap(MOST);
	uint64_t ordinal = 0;

	while (mlw_heap_has_room(heap, 1))
		allocate(heap, 1, ++ordinal, 1);
	cr_expect_eq(ordinal, 3);
	mlw_heap_free(heap);
}

Test(weight, an_end_of_more_than_there_is_is_refused)
{
	struct mlw_heap *heap = make_heap(1000);
	const struct mlw_change wrong = the_end(MLW_OP_FREE, 1, 2, 10);

	allocate(heap, 1, 1, 5000);
	allocate(heap, 1, 2, 5000);
	cr_expect_eq(mlw_heap_totals(heap)->live_count, 2);
	cr_expect_not(mlw_heap_accepts(heap, &wrong), "10 bytes stand for 100 blocks");
	mlw_heap_free(heap);
}
