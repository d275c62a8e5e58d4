/* SPDX-License-Identifier: MIT */
#include "collect/errands.h"

#include <criterion/criterion.h>

#include "producer.h"

static struct producer producer;
static struct mlw_run_page page;
static struct mlw_segment *segment;

static void setup(void)
{
	producer_init(&producer);
	producer.decoder.page = &page;
	segment = producer.process->shared.segment;
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(errands, .init = setup, .fini = teardown, .timeout = 20);

static void ask(enum mlw_errand errand)
{
	atomic_fetch_add(&segment->errands[errand].asked, 1);
}

static uint32_t done(enum mlw_errand errand)
{
	return atomic_load(&segment->errands[errand].done);
}

/* One round, as the collector's. */
static void go_round(void)
{
	struct mlw_process *processes = producer.household.processes;
	uint64_t now = mlw_decoder_clock(&producer.decoder), cut;
	bool cutting = producer.order.cut_us;

	mlw_errands_look(processes, now);
	if (!cutting)
		mlw_errands_begin(processes, &producer.order, &producer.decoder, now);
	mlw_order_round(&producer.order, &producer.decoder, processes);
	cut = producer.order.cut_us;
	if (cut && !producer.order.waiting) {
		producer.order.cut_us = 0;
		mlw_errands_do(processes, &producer.run, cut);
	}
	mlw_errands_tell(processes);
}

Test(errands, a_look_sees_all_that_was_published)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 100, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x20000, 30, -1);
	put_free(&writer, MLW_EVENT_FREE, 0x10000, -1);
	writer_publish(&writer);
	ask(MLW_ERRAND_LOOK);
	cr_expect_eq(done(MLW_ERRAND_LOOK), 0);
	go_round();
	cr_expect_eq(done(MLW_ERRAND_LOOK), 1);
	cr_expect_eq(atomic_load(&segment->traced_size), 30);
	cr_expect_eq(atomic_load(&segment->traced_peak), 130);
}

/* The event's ticket is not the next one: another thread has not published it yet. */
Test(errands, a_look_waits_for_what_has_to_wait)
{
	struct writer first = writer_claim(producer.process, 0, 1);
	struct writer second = writer_claim(producer.process, 1, 2);

	put_alloc(&first, MLW_EVENT_ALLOC, 0x10000, 100, 0);
	put_free(&second, MLW_EVENT_FREE, 0x10000, 1);
	writer_publish(&second);
	ask(MLW_ERRAND_LOOK);
	go_round();
	cr_expect_eq(done(MLW_ERRAND_LOOK), 0);
	writer_publish(&first);
	go_round();
	cr_expect_eq(done(MLW_ERRAND_LOOK), 1);
	cr_expect_eq(atomic_load(&segment->traced_size), 0);
	cr_expect_eq(atomic_load(&segment->traced_peak), 100);
}

Test(errands, mappings_and_tracked_blocks_are_traced_too)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	writer_put(&writer, mlw_word(MLW_EVENT_MAP, MLW_SLOT_NONE, 0x100000));
	writer_put(&writer, 8192);
	writer_put(&writer, (uint64_t)MLW_MAP_MMAP << 32);
	writer_put(&writer, mlw_word(MLW_EVENT_UNMAP, 0, 0x101000));
	writer_put(&writer, 4096);
	writer_put(&writer, (uint64_t)MLW_MAP_MMAP << 32);
	writer_publish(&writer);
	go_round();
	cr_expect_eq(atomic_load(&segment->traced_size), 4096);
	cr_expect_eq(atomic_load(&segment->traced_peak), 8192);
}

/* What a thread does behind the cut has its counters still to come. */
Test(errands, a_peak_is_lowered_between_two_ticks)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 100, -1);
	put_free(&writer, MLW_EVENT_FREE, 0x10000, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x20000, 30, -1);
	writer_publish(&writer);
	ask(MLW_ERRAND_RESET_PEAK);
	go_round();
	cr_expect_eq(done(MLW_ERRAND_RESET_PEAK), 1);
	cr_expect_eq(atomic_load(&segment->traced_peak), 30);
	cr_expect_eq(producer_totals(&producer)->peak_size, 100, "the recording's");
	cr_expect_eq(producer.order.cut_us, 0);
}

static void clear(void)
{
	uint32_t before = done(MLW_ERRAND_CLEAR);

	ask(MLW_ERRAND_CLEAR);
	go_round();
	cr_assert_eq(done(MLW_ERRAND_CLEAR), before + 1);
}

Test(errands, ends_of_what_was_forgotten_are_ignored)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	const struct mlw_totals *totals;

	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 100, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x20000, 30, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x30000, 7, -1);
	writer_publish(&writer);
	clear();
	cr_expect_eq(atomic_load(&segment->traced_size), 0);
	cr_expect_eq(atomic_load(&segment->traced_peak), 0);
	put_free(&writer, MLW_EVENT_FREE, 0x10000, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 5, -1);
	put_free(&writer, MLW_EVENT_REALLOC_FREE, 0x20000, -1);
	put_alloc(&writer, MLW_EVENT_REALLOC_ALLOC, 0x20000, 60, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x30000, 1, -1); /* its free was lost */
	put_free(&writer, MLW_EVENT_FREE, 0x40000, -1); /* of nobody */
	writer_publish(&writer);
	go_round();
	totals = producer_totals(&producer);
	cr_expect_eq(atomic_load(&segment->traced_size), 66);
	cr_expect_eq(totals->live_size, 66);
	cr_expect_eq(totals->live_count, 3);
	cr_expect_eq(totals->frees, 0);
	cr_expect_eq(totals->foreign_frees, 1);
	cr_expect_eq(totals->reallocations, 1);
	cr_expect_eq(producer.run.damaged_events, 0);
	put_free(&writer, MLW_EVENT_FREE, 0x10000, -1);
	writer_publish(&writer);
	clear();
	cr_expect_eq(totals->frees, 1);
	cr_expect_eq(totals->live_count, 0);
	cr_expect(mlw_heap_check(producer.run.heap, &(struct mlw_error){ "" }));
}

/* A realloc under way when all is forgotten. */
Test(errands, a_realloc_around_a_clear_is_a_new_block)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 100, -1);
	put_free(&writer, MLW_EVENT_REALLOC_FREE, 0x10000, -1);
	writer_publish(&writer);
	clear();
	put_alloc(&writer, MLW_EVENT_REALLOC_ALLOC, 0x20000, 60, -1);
	writer_publish(&writer);
	go_round();
	cr_expect_eq(atomic_load(&segment->traced_size), 60);
	cr_expect_eq(producer_totals(&producer)->live_size, 60);
	cr_expect_eq(producer_totals(&producer)->frees, 0);
}

Test(errands, a_process_can_ask_for_nonsense)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 100, -1);
	writer_publish(&writer);
	for (uint32_t i = 0; i < 64; i++) {
		atomic_store(&segment->errands[i % MLW_ERRANDS].asked,
		             i * UINT32_C(0x9e3779b1));
		atomic_store(&segment->errands[i % MLW_ERRANDS].done, ~i);
		atomic_store(&segment->window, i);
		go_round();
		if (producer.order.cut_us)
			producer.order.cut_us = 0;
	}
	cr_expect(mlw_heap_check(producer.run.heap, &(struct mlw_error){ "" }));
}

/* Who looks often is not to wait for all that fits a ring. */
Test(errands, while_threads_look_writers_leave_less_unread)
{
	cr_expect_eq(atomic_load(&segment->window), 0);
	ask(MLW_ERRAND_LOOK);
	go_round();
	cr_expect_gt(atomic_load(&segment->window), 0);
	cr_expect_lt(producer.process->views[0].step,
	             producer.process->views[0].mask / 4);
	mlw_errands_look(producer.household.processes,
	                 mlw_decoder_clock(&producer.decoder) + 2000000);
	cr_expect_eq(atomic_load(&segment->window), 0);
	cr_expect_eq(producer.process->views[0].step,
	             producer.process->views[0].mask / 4);
}

/* It stopped its recording in between: what it is not known to have had, it may have had.
 */
Test(errands, of_a_late_process_what_is_unknown_is_ignored)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	const struct mlw_totals *totals = producer_totals(&producer);

	atomic_store(&segment->late, 1);
	put_free(&writer, MLW_EVENT_FREE, 0x10000, -1);
	put_free(&writer, MLW_EVENT_REALLOC_FREE, 0x20000, -1);
	put_alloc(&writer, MLW_EVENT_REALLOC_ALLOC, 0x20000, 60, -1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x20000, 70, -1); /* freed unseen */
	writer_publish(&writer);
	go_round();
	cr_expect_eq(totals->foreign_frees, 0);
	cr_expect_eq(totals->live_size, 70);
	cr_expect_eq(producer.run.damaged_events, 0);
}

/* The other half of a realloc was not recorded, and its address is another block's. */
Test(errands, a_realloc_without_end_takes_no_place_that_is_taken)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	struct writer other = writer_claim(producer.process, 1, 2);

	atomic_store(&segment->late, 1);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 100, -1);
	put_free(&writer, MLW_EVENT_REALLOC_FREE, 0x10000, -1);
	writer_publish(&writer);
	clear();
	put_alloc(&other, MLW_EVENT_ALLOC, 0x10000, 30, -1);
	writer_publish(&other);
	go_round();
	put_free(&writer, MLW_EVENT_REALLOC_FREE, 0x20000, -1);
	writer_publish(&writer);
	go_round();
	put_free(&other, MLW_EVENT_FREE, 0x10000, -1);
	writer_publish(&other);
	go_round();
	cr_expect_eq(producer_totals(&producer)->live_size, 0);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
}
