/* SPDX-License-Identifier: MIT */
/* What a process says under --sample. */
#include <criterion/criterion.h>

#include "collect/decode.h"
#include "producer.h"

#define SAMPLE 1000u

static struct producer producer;
static struct writer first;

static void setup(void)
{
	producer_init(&producer);
	producer.options.sample_bytes = SAMPLE;
	mlw_heap_set_sample(producer.run.heap, SAMPLE);
	first = writer_claim(producer.process, 0, 100);
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(sampled, .init = setup, .fini = teardown);

static const struct mlw_totals *read_all(void)
{
	struct mlw_error err;

	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(first.view->tail, first.head);
	cr_expect_eq(producer.run.damaged_events, 0);
	cr_expect(mlw_heap_check(producer.run.heap, &err));
	return producer_totals(&producer);
}

Test(sampled, a_block_counts_as_those_for_which_it_stands)
{
	struct mlw_weight weight = mlw_weigh(SAMPLE, 10, 1);
	const struct mlw_totals *totals;

	cr_assert_gt(weight.count, 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	totals = read_all();
	cr_expect_eq(totals->allocations, weight.count);
	cr_expect_eq(totals->live_size, weight.size);
	cr_expect_eq(producer.process->traced_size, weight.size);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	read_all();
	cr_expect_eq(totals->frees, weight.count);
	cr_expect_eq(totals->live_size, 0);
	cr_expect_eq(totals->temporary_count, 0);
	cr_expect_eq(producer.process->traced_size, 0);
	cr_expect_eq(producer.process->traced_peak, weight.size);
}

Test(sampled, an_unknown_pointer_is_one_that_was_not_sampled)
{
	const struct mlw_totals *totals;

	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x2000, -1);
	put_alloc(&first, MLW_EVENT_REALLOC_ALLOC, 0x3000, 7000, -1);
	totals = read_all();
	cr_expect_eq(totals->frees, 0);
	cr_expect_eq(totals->foreign_frees, 0);
	cr_expect_eq(totals->inherited_frees, 0);
	cr_expect_geq(totals->live_count, 1);
	cr_expect_eq(totals->reallocations, totals->live_count);
}

Test(sampled, a_realloc_to_a_block_that_is_not_sampled_ends_the_old_one)
{
	const struct mlw_totals *totals;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x1000, -1);
	put_control(&first, MLW_CONTROL_REALLOC_END, 0);
	totals = read_all();
	cr_expect_eq(totals->live_size, 0);
	cr_expect_eq(totals->frees, totals->allocations);
	cr_expect_eq(totals->reallocations, 0);
	cr_expect_eq(producer.process->traced_size, 0);
}

Test(sampled, the_end_of_a_realloc_that_nobody_knows_is_nothing)
{
	const struct mlw_totals *totals;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_control(&first, MLW_CONTROL_REALLOC_END, 0);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x5000, -1);
	put_control(&first, MLW_CONTROL_REALLOC_END, 0);
	totals = read_all();
	cr_expect_eq(totals->frees, 0);
	cr_expect_gt(totals->live_size, 0);
}

Test(sampled, a_realloc_that_failed_leaves_the_old_block)
{
	const struct mlw_totals *totals;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x1000, -1);
	put_free(&first, MLW_EVENT_REALLOC_UNDO, 0x1000, -1);
	put_control(&first, MLW_CONTROL_REALLOC_END, 0);
	totals = read_all();
	cr_expect_gt(totals->live_size, 0);
	cr_expect_eq(mlw_blocks_count(producer.process->blocks), 1);
}

/* A program may claim what it likes. */
Test(sampled, blocks_beyond_what_a_trace_can_count_are_damage)
{
	producer.options.sample_bytes = UINT64_C(1) << 30;
	mlw_heap_set_sample(producer.run.heap, UINT64_C(1) << 30);
	for (uint64_t i = 1; i <= 5; i++) {
		put_alloc(&first, MLW_EVENT_ALLOC, i << 12, 1, -1);
		writer_publish(&first);
		producer_read(&producer);
	}
	cr_expect_eq(producer.run.damaged_events, 2);
	cr_expect_eq(mlw_blocks_count(producer.process->blocks), 3);
}
