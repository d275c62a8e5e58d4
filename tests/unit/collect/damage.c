/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "producer.h"

/* What a program that overwrites its own memory may do to a ring. */

static struct producer producer;
static struct writer first;

static void setup(void)
{
	producer_init(&producer);
	first = writer_claim(producer.process, 0, 100);
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(damage, .init = setup, .fini = teardown, .timeout = 20);

/* Whatever was there: it is counted, and the thread goes on. */
static void expect_damage(void)
{
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_geq(producer.run.damaged_events, 1);
	cr_expect_eq(first.view->tail, atomic_load(&first.ring->head));
	first.head = atomic_load(&first.ring->head);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x7000, 5, -1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 5);
}

Test(damage, a_type_that_does_not_exist)
{
	writer_put(&first, 14);
	expect_damage();
}

Test(damage, an_event_longer_than_what_was_published)
{
	writer_put(&first, mlw_word(MLW_EVENT_ALLOC, MLW_SLOT_NONE, 0x1000));
	expect_damage();
}

/* The last word of the ring and its first one. */
Test(damage, an_allocation_across_the_end_of_the_ring)
{
	uint32_t capacity = first.ring->capacity;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	while (first.head + 1 < capacity)
		put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	writer_publish(&first);
	producer_read(&producer);
	cr_assert_eq(producer.run.damaged_events, 0);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 10, -1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer.run.damaged_events, 1);
	cr_expect_eq(producer_totals(&producer)->allocations, 1);
}

Test(damage, a_pad_of_nothing)
{
	writer_put(&first, mlw_word(MLW_EVENT_PAD, 0, 0));
	expect_damage();
}

Test(damage, a_pad_beyond_head)
{
	writer_put(&first, mlw_word(MLW_EVENT_PAD, 0, UINT64_C(1) << 40));
	expect_damage();
}

Test(damage, more_frames_kept_than_there_are)
{
	put_stack(&first, 1, 5, 0, NULL);
	expect_damage();
}

Test(damage, a_stack_of_too_many_frames)
{
	writer_put(&first, mlw_word(MLW_EVENT_STACK, MLW_SLOT_NONE, 0xffffu << 16));
	for (uint32_t i = 0; i < 4000; i++)
		writer_put(&first, 0x1234);
	expect_damage();
}

Test(damage, a_memo_slot_that_was_never_filled_is_no_stack)
{
	writer_put(&first, mlw_word(MLW_EVENT_ALLOC, 77, 0x1000));
	writer_put(&first, 10);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 10);
}

Test(damage, a_switch_to_a_ring_that_does_not_exist)
{
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, 5000));
	expect_damage();
}

Test(damage, a_switch_to_the_ring_itself)
{
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, 0));
	expect_damage();
}

Test(damage, a_switch_to_the_ring_of_another_thread)
{
	struct writer second = writer_claim(producer.process, 1, 101);

	put_alloc(&second, MLW_EVENT_ALLOC, 0x9000, 0, -1);
	writer_publish(&second);
	producer_read(&producer);
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, 1));
	expect_damage();
}

Test(damage, a_control_that_does_not_exist)
{
	put_control(&first, 99, 0);
	expect_damage();
}

Test(damage, a_mapping_around_the_end_of_memory)
{
	writer_put(&first, mlw_word(MLW_EVENT_MAP, MLW_SLOT_NONE, 0x10000));
	writer_put(&first, UINT64_MAX);
	writer_put(&first, (uint64_t)MLW_MAP_MMAP << 32);
	expect_damage();
}

/* One wild word must not use up what the run can count. */
Test(damage, more_bytes_than_there_can_be)
{
	writer_put(&first, mlw_word(MLW_EVENT_SIZE, 0, UINT32_MAX / 2));
	put_alloc(&first, MLW_EVENT_ALLOC, 0x7000, 5, -1);
	expect_damage();
	writer_put(&first, mlw_word(MLW_EVENT_SIZE, 0, MLW_SIZE_MOST >> 32));
	put_alloc(&first, MLW_EVENT_ALLOC, 0x8000, 1, -1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer.run.damaged_events, 2);
	cr_expect_eq(producer.run.allocated_size, 5);
	cr_expect_eq(producer_totals(&producer)->allocations, 1);
}

Test(damage, a_mapping_larger_than_there_can_be)
{
	writer_put(&first, mlw_word(MLW_EVENT_MAP, MLW_SLOT_NONE, 0x10000));
	writer_put(&first, MLW_SIZE_MOST + 1);
	writer_put(&first, (uint64_t)MLW_MAP_MMAP << 32);
	expect_damage();
}

/* Where a block is live already the two are taken one by one. */
Test(damage, a_pair_that_is_refused_is_counted_once)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x7000, 5, -1);
	writer_publish(&first);
	producer_read(&producer);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x7000, 8, -1);
	put_free(&first, MLW_EVENT_FREE, 0x7000, -1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer.run.allocated_size, 13);
	cr_expect_eq(producer_totals(&producer)->allocations, 2);
}

Test(damage, a_head_before_the_tail)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 0, -1);
	writer_publish(&first);
	producer_read(&producer);
	first.head = 1;
	expect_damage();
}

Test(damage, a_head_further_than_the_ring_is_long)
{
	first.head = UINT64_C(1) << 60;
	expect_damage();
}

Test(damage, capacity_and_offset_in_the_segment_are_not_believed)
{
	uint32_t capacity = first.ring->capacity;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	first.ring->capacity = 1u << 31;
	first.ring->data = UINT64_MAX;
	writer_publish(&first);
	producer_read(&producer);
	first.ring->capacity = capacity;
	cr_expect_eq(producer_totals(&producer)->live_size, 10);
}

/* A module announcement is filled and made valid as the program would. */
static struct mlw_module_slot *announce(uint64_t number)
{
	struct mlw_module_slot *slot =
	        &producer.process->shared.segment->modules[number % MLW_MODULE_SLOTS];

	*slot = (struct mlw_module_slot){ .start = 0x1000, .end = 0x2000 };
	return slot;
}

Test(damage, modules_that_make_no_sense_are_left_out)
{
	struct mlw_module_slot *slot = announce(0);

	slot->path_size = UINT32_MAX;
	atomic_store(&slot->ready, 1);
	slot = announce(1);
	slot->end = slot->start;
	atomic_store(&slot->ready, 2);
	slot = announce(2);
	slot->build_id_size = MLW_BUILD_ID_MAX + 1;
	atomic_store(&slot->ready, 3);
	put_time(&first, 1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(producer.run.damaged_events, 3);
	cr_expect_eq(producer.process->modules.count, 0);
	cr_expect_eq(atomic_load(&producer.process->shared.segment->module_tail), 3);
}

/* Random words in all rings, by threads that also end: nothing may crash or hang, and the
 * model must hold. */
Test(damage, any_words_at_all)
{
	struct mlw_error err;

	srand(1);
	for (int round = 0; round < 2000; round++) {
		struct mlw_ring *ring =
		        &producer.process->shared.segment->rings[rand() % 68];
		struct writer writer = { .process = producer.process,
			                 .ring = ring,
			                 .head = atomic_load(&ring->head) };

		for (int i = rand() % 200; i > 0; i--) {
			uint64_t word = (uint64_t)rand() << 33 ^ (uint64_t)rand() << 10 ^
			                (uint64_t)rand();

			if (rand() % 2)
				word &= UINT64_C(0xffff00ff000f);
			writer_put(&writer, word);
		}
		atomic_store(&ring->head, writer.head);
		if (rand() % 20 == 0)
			atomic_store(&ring->head, (uint64_t)rand() << 20);
		if (rand() % 10 == 0)
			atomic_store(&ring->state, (uint32_t)rand() % 5);
		mlw_order_round(&producer.order, &producer.decoder,
		                producer.household.processes);
		producer.process->lossy = true;
	}
	cr_expect(mlw_heap_check(producer.run.heap, &err), "%s", err.text);
	producer.process->gone = true;
	producer_read(&producer);
	cr_expect(producer.process->finished);
}
