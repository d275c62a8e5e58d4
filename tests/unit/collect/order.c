/* SPDX-License-Identifier: MIT */
#include "collect/order.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "producer.h"

static struct producer producer;

static void setup(void)
{
	producer_init(&producer);
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(order, .init = setup, .fini = teardown, .timeout = 30);

static uint64_t foreign(void)
{
	return producer_totals(&producer)->foreign_frees;
}

Test(order, what_came_before_the_first_ticket_is_read_first)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	/* The later time of the first thread must not put it behind. */
	put_time(&first, 1000);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_free(&second, MLW_EVENT_FREE, 0x1000, 0);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1000, 2, 1);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 2);
	writer_publish(&second);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(foreign(), 0);
	cr_expect_eq(producer_totals(&producer)->live_count, 0);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(order, also_when_the_first_thread_has_switched_rings)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);
	struct writer big = writer_claim(producer.process, MLW_RINGS_FIRST, 100);

	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, MLW_RINGS_FIRST));
	put_alloc(&big, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_free(&second, MLW_EVENT_FREE, 0x1000, 0);
	writer_publish(&second);
	writer_publish(&big);
	writer_done(&first);
	producer_read(&producer);
	cr_expect_eq(foreign(), 0);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
}

Test(order, a_ring_waits_for_the_ticket_of_another)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->foreign_frees, 0);
	cr_expect(first.view->blocked);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1000, 5, 0);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(foreign(), 0);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
}

Test(order, other_counters_do_not_wait)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);
	uint64_t other = 0x1000;

	while (mlw_ticket_index(other) == mlw_ticket_index(0x1000))
		other += 1u << 20;
	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	put_alloc(&second, MLW_EVENT_ALLOC, other, 5, 0);
	writer_publish(&first);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 5);
	cr_expect(first.view->blocked);
}

Test(order, tickets_wrap_around)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);
	uint32_t counter = mlw_ticket_index(0x1000);

	producer.process->next_ticket[counter] = UINT32_MAX;
	put_free(&first, MLW_EVENT_FREE, 0x1000, 0);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1000, 5, UINT32_MAX);
	writer_publish(&first);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(foreign(), 0);
	cr_expect_eq(producer.process->next_ticket[counter], 1);
}

/* A handler's event lies behind the one that it interrupted, with an earlier ticket. */
Test(order, an_event_that_interrupted_itself_does_not_wait)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);
	uint32_t counter = mlw_ticket_index(0x1000);

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, 2);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1100, 1, 0);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1200, 1, 1);
	put_free(&second, MLW_EVENT_FREE, 0x1000, 3);
	writer_publish(&first);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 3);
	cr_expect_eq(foreign(), 0);
	cr_expect_eq(producer_totals(&producer)->live_count, 2);
	cr_expect_eq(producer.process->next_ticket[counter], 4);
	cr_expect_eq(producer.process->early_count, 0);
}

Test(order, the_dead_are_not_waited_for)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, 7);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1100, 1, 3);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1200, 1, 9);
	writer_publish(&first);
	writer_publish(&second);
	producer.process->gone = true;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 3);
	cr_expect(producer.process->finished);
}

Test(order, a_gap_is_given_up_after_a_while)
{
	struct writer first = writer_claim(producer.process, 0, 100);

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, 7);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 0);
	cr_assert_neq(first.view->blocked_since_us, 0);
	first.view->blocked_since_us -= 2000000;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 1);
}

Test(order, a_ticket_that_comes_too_late_is_applied_at_once)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	producer.process->next_ticket[mlw_ticket_index(0x1000)] = 10;
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, 10);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1100, 1, 4);
	writer_publish(&first);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 2);
	cr_expect_eq(producer.process->next_ticket[mlw_ticket_index(0x1000)], 11);
}

Test(order, threads_are_merged_by_time)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	/* 100 bytes twice, never at the same time. */
	put_time(&first, 10);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 100, -1);
	put_time(&first, 20);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	put_time(&second, 30);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x100000, 100, 0);
	put_time(&second, 40);
	put_free(&second, MLW_EVENT_FREE, 0x100000, 1);
	writer_publish(&second);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->peak_size, 100);
	cr_expect_leq(producer.order.peak_bound, 100);
}

Test(order, what_cannot_be_told_apart_widens_the_bound_of_the_peak)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	producer.process->ticketed = true;
	put_time(&first, 10);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 100, 0);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	put_time(&second, 10);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x100000, 70, 0);
	put_free(&second, MLW_EVENT_FREE, 0x100000, 1);
	writer_publish(&second);
	writer_publish(&first);
	cr_assert_neq(mlw_ticket_index(0x1000), mlw_ticket_index(0x100000));
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->peak_size, 100);
	cr_expect_eq(producer.order.peak_bound, 170);
}

Test(order, a_big_ring_waits_for_its_switch)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer big = writer_claim(producer.process, MLW_RINGS_FIRST, 100);

	put_time(&first, 1);
	writer_publish(&first);
	put_alloc(&big, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	writer_publish(&big);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 0);
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, MLW_RINGS_FIRST));
	writer_done(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->allocations, 1);
	cr_expect_eq(mlw_heap_thread_count(producer.run.heap), 1);
}

/* Its rings are all there at once, the first thread's last. */
Test(order, a_big_ring_of_a_dead_process_waits_too)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer big = writer_claim(producer.process, MLW_RINGS_FIRST, 100);

	producer.process->ticketed = true;
	producer.process->gone = true;
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, 0);
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, MLW_RINGS_FIRST));
	put_free(&big, MLW_EVENT_FREE, 0x1000, 1);
	writer_publish(&big);
	writer_done(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
	cr_expect_eq(mlw_heap_thread_count(producer.run.heap), 1);
	cr_expect_eq(producer.run.damaged_events, 0);
}

/*
 * A million blocks that four threads pass around and free for each other, in an order
 * that the tickets alone know; each ring is published in pieces of random length.
 */
#define THREADS 4

struct passing {
	struct writer writers[THREADS];
	uint64_t live[1000];
	uint32_t live_count;
	uint32_t tickets[MLW_TICKET_COUNTERS];
};

static void pass_one(struct passing *passing)
{
	struct writer *writer = &passing->writers[rand() % THREADS];
	uint32_t place = (uint32_t)rand() % 1000;
	uint64_t address = passing->live[place];
	uint32_t *ticket;

	if (address) {
		ticket = &passing->tickets[mlw_ticket_index(address)];
		put_free(writer, MLW_EVENT_FREE, address, (*ticket)++);
		passing->live[place] = 0;
		passing->live_count--;
		return;
	}
	address = 0x1000 + (uint64_t)place * 64 + ((uint64_t)place % 7 << 20);
	ticket = &passing->tickets[mlw_ticket_index(address)];
	put_alloc(writer, MLW_EVENT_ALLOC, address, 16, (*ticket)++);
	passing->live[place] = address;
	passing->live_count++;
}

static void align(struct writer *writer)
{
	uint64_t left = -writer->head & (writer->ring->capacity - 1);

	if (left && left < 8) {
		writer_put(writer, mlw_word(MLW_EVENT_PAD, 0, left));
		writer->head += left - 1;
	}
}

static bool has_room(const struct passing *passing)
{
	for (int i = 0; i < THREADS; i++)
		if (passing->writers[i].head + 64 >
		    passing->writers[i].view->tail + passing->writers[i].ring->capacity)
			return false;
	return true;
}

static void publish_and_read(struct passing *passing, bool all)
{
	for (int i = 0; i < THREADS; i++)
		if (all || rand() % 2)
			writer_publish(&passing->writers[i]);
	producer_read(&producer);
}

Test(order, a_million_blocks_across_threads)
{
	static struct passing passing;
	uint32_t events = 0;

	srand(7);
	producer.process->ticketed = true;
	for (uint32_t i = 0; i < THREADS; i++)
		passing.writers[i] = writer_claim(producer.process, i, 100 + i);
	while (events < 1000000) {
		for (int i = 0; i < 100 && has_room(&passing); i++, events++) {
			pass_one(&passing);
			for (int j = 0; j < THREADS; j++)
				align(&passing.writers[j]);
		}
		publish_and_read(&passing, !has_room(&passing));
	}
	publish_and_read(&passing, true);
	cr_expect_eq(foreign(), 0);
	cr_expect_eq(producer.run.damaged_events, 0);
	cr_expect_eq(producer_totals(&producer)->live_count, passing.live_count);
	cr_expect_eq(producer_totals(&producer)->allocations +
	                     producer_totals(&producer)->frees,
	             events);
}

Test(order, what_is_later_than_a_cut_stays_in_its_ring)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	producer.process->ticketed = true;
	put_time(&first, 10);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 100, 0);
	put_time(&first, 30);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	put_time(&second, 20);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x100000, 70, 0);
	put_time(&second, 21);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x100100, 7, 1);
	writer_publish(&second);
	writer_publish(&first);
	producer.order.cut_us = 20;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 170);
	cr_expect_eq(producer.order.waiting, 0);
	producer.order.cut_us = 0;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 77);
}

Test(order, a_cut_holds_for_a_thread_alone)
{
	struct writer first = writer_claim(producer.process, 0, 100);

	put_time(&first, 10);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 100, -1);
	put_time(&first, 30);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	writer_publish(&first);
	producer.order.cut_us = 29;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 100);
	producer.order.cut_us = 0;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 0);
}

Test(order, says_what_has_to_wait_before_a_cut)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);

	producer.process->ticketed = true;
	put_time(&first, 10);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	writer_publish(&first);
	producer.order.cut_us = 20;
	producer_read(&producer);
	cr_expect_eq(producer.order.waiting, 1);
	put_time(&second, 10);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x1000, 5, 0);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(producer.order.waiting, 0);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
}

/* The thread goes on in a big ring, later than the cut: nobody has to wait for that. */
Test(order, an_orphan_behind_a_cut_keeps_nobody_waiting)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer big = writer_claim(producer.process, MLW_RINGS_FIRST, 100);

	producer.process->ticketed = true;
	put_time(&first, 10);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 5, 0);
	put_time(&first, 30);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, MLW_RINGS_FIRST));
	writer_publish(&first);
	put_alloc(&big, MLW_EVENT_ALLOC, 0x2000, 70, 2);
	writer_publish(&big);
	producer.order.cut_us = 20;
	producer_read(&producer);
	producer_read(&producer);
	cr_expect_eq(producer.order.waiting, 0);
	cr_expect_eq(producer_totals(&producer)->live_size, 5);
	producer.order.cut_us = 0;
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 70);
}

/* A block that its thread frees at once is one step, if nobody's ticket is in between. */
Test(order, a_pair_is_taken_in_its_turn)
{
	struct writer first = writer_claim(producer.process, 0, 100);
	struct writer second = writer_claim(producer.process, 1, 101);
	const uint32_t *next = &producer.process->next_ticket[mlw_ticket_index(0x1000)];

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 100, 0); /* the peak */
	put_free(&first, MLW_EVENT_FREE, 0x1000, 1);
	for (uint32_t i = 2; i < 10; i += 2) {
		put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 7, i);
		put_free(&first, MLW_EVENT_FREE, 0x1000, i + 1);
	}
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(*next, 10);
	cr_expect_eq(producer_totals(&producer)->temporary_count, 5);

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 7, 10);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 12);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(*next, 11);
	cr_expect_eq(producer_totals(&producer)->live_size, 7);
	cr_expect(first.view->blocked);

	put_free(&second, MLW_EVENT_FREE, 0x2000, 11);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(*next, 13);
	cr_expect_eq(foreign(), 1);
	cr_expect_eq(producer_totals(&producer)->live_count, 0);

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 7, 14);
	put_free(&first, MLW_EVENT_FREE, 0x1000, 15);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(*next, 13);
	cr_expect_eq(producer_totals(&producer)->allocations, 6);
	cr_expect_eq(producer.run.damaged_events, 0);
}
