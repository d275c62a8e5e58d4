/* SPDX-License-Identifier: MIT */
#include "collect/decode.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

#include "producer.h"

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

TestSuite(decode, .init = setup, .fini = teardown);

static void read_all(void)
{
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(first.view->tail, first.head);
	cr_expect_eq(atomic_load(&first.ring->tail), first.head);
}

Test(decode, counts_what_is_allocated_and_freed)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 20, -1);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->allocations, 2);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
	cr_expect_eq(producer_totals(&producer)->live_size, 20);
	cr_expect_eq(producer_totals(&producer)->peak_size, 30);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(decode, a_size_event_adds_the_high_half)
{
	writer_put(&first, mlw_word(MLW_EVENT_SIZE, 0, 3));
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 5, -1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 1, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->live_size, (UINT64_C(3) << 32) + 6);
}

Test(decode, a_realloc_is_one_change)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x1000, -1);
	put_alloc(&first, MLW_EVENT_REALLOC_ALLOC, 0x1000, 30, -1);
	put_alloc(&first, MLW_EVENT_REALLOC_ALLOC, 0x2000, 1, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->allocations, 3);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
	cr_expect_eq(producer_totals(&producer)->reallocations, 2);
	cr_expect_eq(producer_totals(&producer)->live_size, 31);
	cr_expect_eq(producer_totals(&producer)->peak_size, 31);
}

Test(decode, a_realloc_that_failed_leaves_the_old_block)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x1000, -1);
	put_free(&first, MLW_EVENT_REALLOC_UNDO, 0x1000, -1);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->reallocations, 0);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
	cr_expect_eq(producer_totals(&producer)->foreign_frees, 0);
	cr_expect_eq(producer_totals(&producer)->live_count, 0);
}

Test(decode, a_realloc_cut_short_by_death_did_not_happen)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x1000, -1);
	writer_publish(&first);
	producer_read(&producer);
	cr_expect_eq(mlw_blocks_count(producer.process->blocks), 0);
	producer.process->gone = true;
	mlw_process_free_ring(producer.process, &producer.run, first.view, 0);
	cr_expect_eq(mlw_blocks_count(producer.process->blocks), 1);
	cr_expect_eq(producer_totals(&producer)->live_size, 10);
}

Test(decode, an_unknown_pointer_is_foreign)
{
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	put_free(&first, MLW_EVENT_REALLOC_FREE, 0x2000, -1);
	put_alloc(&first, MLW_EVENT_REALLOC_ALLOC, 0x3000, 7, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->frees, 0);
	cr_expect_eq(producer_totals(&producer)->foreign_frees, 2);
	cr_expect_eq(producer_totals(&producer)->live_size, 7);
}

Test(decode, a_block_that_is_live_already_is_freed_first)
{
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 30, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->allocations, 2);
	cr_expect_eq(producer_totals(&producer)->frees, 1);
	cr_expect_eq(producer_totals(&producer)->live_size, 30);
	cr_expect_eq(producer.run.damaged_events, 1);
}

static uint32_t depth_of_last_trace(void)
{
	return first.view->thread->last.node
	               ? mlw_tree_depth(&producer.run.tree, first.view->thread->last.node)
	               : 0;
}

Test(decode, stacks_are_told_as_differences)
{
	const uint64_t pcs[] = { 0x111, 0x222, 0x333 }, other[] = { 0x444 };
	const struct mlw_tree *tree = &producer.run.tree;

	put_stack(&first, MLW_SLOT_NONE, 0, 3, pcs);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_stack(&first, MLW_SLOT_NONE, 2, 1, other);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 1, -1);
	put_stack(&first, MLW_SLOT_NONE, 1, 0, NULL);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x3000, 1, -1);
	read_all();
	cr_expect_eq(mlw_heap_trace_count(producer.run.heap), 3);
	cr_expect_eq(tree->node_count, 1 + 4);
	cr_expect_eq(depth_of_last_trace(), 1);
	cr_expect_eq(tree->frames[tree->node_frames[4]].offset, 0x444 - 1);
	cr_expect_eq(mlw_tree_parent(tree, 4), 2);
}

Test(decode, the_memo_is_mirrored_slot_by_slot)
{
	const uint64_t pcs[] = { 0x111, 0x222 };
	struct mlw_trace_totals totals;

	put_stack(&first, 7, 0, 2, pcs);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_stack(&first, 8, 1, 0, NULL);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 1, -1);
	for (uint32_t i = 0; i < 5; i++) {
		writer_put(&first, mlw_word(MLW_EVENT_ALLOC, 7, 0x3000 + i * 16));
		writer_put(&first, 10);
	}
	read_all();
	mlw_heap_trace(producer.run.heap, 1, &totals);
	cr_expect_eq(totals.allocations, 6);
	cr_expect_eq(totals.live_size, 51);
	cr_expect_eq(depth_of_last_trace(), 1);
}

Test(decode, a_detached_stack_is_of_the_next_allocation_alone)
{
	const uint64_t pcs[] = { 0x111, 0x222 }, nested[] = { 0x999 };
	struct mlw_trace_totals totals;

	put_stack(&first, 3, 0, 2, pcs);
	writer_put(&first,
	           mlw_word(MLW_EVENT_STACK, MLW_SLOT_NONE | MLW_ARG_DETACHED, 1u << 16));
	writer_put(&first, nested[0]);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 100, -1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 1, -1);
	writer_put(&first, mlw_word(MLW_EVENT_ALLOC, 3, 0x3000));
	writer_put(&first, 2);
	read_all();
	mlw_heap_trace(producer.run.heap, 1, &totals);
	cr_expect_eq(totals.live_size, 100);
	mlw_heap_trace(producer.run.heap, 2, &totals);
	cr_expect_eq(totals.live_size, 3);
	cr_expect_eq(first.view->thread->depth, 2);
}

Test(decode, a_stack_deeper_than_depth_keeps_its_most_recent_frames)
{
	uint64_t pcs[10];
	const struct mlw_tree *tree = &producer.run.tree;
	uint32_t cut;

	for (uint32_t i = 0; i < 10; i++)
		pcs[i] = 0x1000 * (i + 1) + 1;
	producer.options.depth = 3;
	put_stack(&first, MLW_SLOT_NONE, 0, 10, pcs);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	read_all();
	cr_expect_eq(mlw_tree_depth(tree, 10), 10);
	cut = mlw_map64_find(&tree->cuts, 10);
	cr_assert_neq(cut, 0);
	cr_expect_eq(mlw_tree_depth(tree, cut), 3);
	cr_expect_eq(tree->frames[tree->node_frames[cut]].offset, 0xa000);
}

Test(decode, an_exact_pc_is_the_instruction_itself)
{
	const uint64_t pcs[] = { 0x500 | MLW_PC_EXACT, 0x500 };

	put_stack(&first, MLW_SLOT_NONE, 0, 2, pcs);
	read_all();
	cr_expect_eq(producer.run.tree.frames[1].offset, 0x500);
	cr_expect_eq(producer.run.tree.frames[2].offset, 0x4ff);
}

Test(decode, after_a_loss_cursor_and_memo_are_empty)
{
	const uint64_t pcs[] = { 0x111 };

	put_stack(&first, 5, 0, 1, pcs);
	writer_put(&first, mlw_word(MLW_EVENT_LOST, 0, 42));
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	read_all();
	cr_expect_eq(producer.run.lost_events, 42);
	cr_expect_eq(first.view->thread->depth, 0);
	cr_expect_not(first.view->thread->memo[5].valid);
	cr_expect_eq(producer_totals(&producer)->live_count, 1);
}

Test(decode, time_goes_forward_and_never_into_the_future)
{
	producer.decoder.start_ns = 0;
	put_time(&first, 1000);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_time(&first, 500);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 1, -1);
	read_all();
	cr_expect_eq(producer.run.time_us, 1000);
	put_time(&first, (UINT64_C(1) << 48) - 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x3000, 1, -1);
	read_all();
	cr_expect_leq(producer.run.time_us, mlw_decoder_clock(&producer.decoder));
}

Test(decode, a_pad_is_skipped_unread)
{
	writer_put(&first, mlw_word(MLW_EVENT_PAD, 0, 3));
	writer_put(&first, UINT64_MAX);
	writer_put(&first, UINT64_MAX);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->live_count, 1);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(decode, events_go_on_after_the_end_of_the_ring)
{
	uint32_t capacity = first.ring->capacity;

	for (uint32_t i = 0; i < 10 * capacity / 4; i++) {
		put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 8, -1);
		put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
		put_time(&first, i);
		if (first.head % capacity > capacity / 2)
			read_all();
	}
	read_all();
	cr_expect_eq(producer_totals(&producer)->allocations, 10 * capacity / 4);
	cr_expect_eq(producer_totals(&producer)->live_count, 0);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(decode, a_thread_goes_on_in_another_ring)
{
	const uint64_t pcs[] = { 0x111, 0x222 };
	struct writer big = writer_claim(producer.process, MLW_RINGS_FIRST, 100);

	put_stack(&first, 9, 0, 2, pcs);
	writer_put(&first, mlw_word(MLW_EVENT_SWITCH, 0, MLW_RINGS_FIRST));
	writer_done(&first);
	put_alloc(&big, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	writer_put(&big, mlw_word(MLW_EVENT_ALLOC, 9, 0x2000));
	writer_put(&big, 2);
	writer_publish(&big);
	producer_read(&producer);
	cr_expect_eq(producer_totals(&producer)->live_size, 3);
	cr_expect_eq(mlw_heap_trace_count(producer.run.heap), 1);
	cr_expect_eq(mlw_heap_thread_count(producer.run.heap), 1);
	cr_expect_eq(producer.process->first_ring, MLW_RINGS_FIRST);
	cr_expect_eq(atomic_load(&first.ring->state), MLW_RING_FREE);
}

Test(decode, a_ring_is_free_after_its_thread)
{
	struct writer second;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_control(&first, MLW_CONTROL_THREAD_EXIT, 0);
	writer_done(&first);
	producer_read(&producer);
	cr_expect_eq(atomic_load(&first.ring->state), MLW_RING_FREE);
	cr_expect_eq(atomic_load(&first.ring->head), 0);
	second = writer_claim(producer.process, 0, 101);
	put_free(&second, MLW_EVENT_FREE, 0x1000, -1);
	writer_publish(&second);
	producer_read(&producer);
	cr_expect_eq(mlw_heap_thread_count(producer.run.heap), 2);
	cr_expect_eq(producer_totals(&producer)->live_count, 0);
}

static void *nothing(void *context)
{
	*(pid_t *)context = gettid();
	return NULL;
}

Test(decode, a_thread_that_lingers_keeps_its_ring_until_it_is_gone)
{
	pthread_t thread;
	pid_t gone = 0;

	pthread_create(&thread, NULL, nothing, &gone);
	pthread_join(thread, NULL);
	producer.process->pid = producer.process->own_pid = getpid();
	producer.process->sees_threads = true;
	first.ring->tid = (uint32_t)getpid();
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_control(&first, MLW_CONTROL_THREAD_EXIT, 0);
	writer_publish(&first);
	atomic_store(&first.ring->state, MLW_RING_LINGERING);
	producer_read(&producer);
	cr_expect_eq(atomic_load(&first.ring->state), MLW_RING_LINGERING);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	writer_publish(&first);
	first.ring->tid = (uint32_t)gone;
	producer_read(&producer);
	cr_expect_eq(atomic_load(&first.ring->state), MLW_RING_FREE);
	cr_expect_eq(mlw_heap_thread_count(producer.run.heap), 1);
	cr_expect_eq(producer_totals(&producer)->live_count, 0);
}

Test(decode, mappings_are_a_domain_of_their_own)
{
	writer_put(&first, mlw_word(MLW_EVENT_MAP, MLW_SLOT_NONE, 0x10000));
	writer_put(&first, 0x4000);
	writer_put(&first, (uint64_t)MLW_MAP_MMAP << 32);
	writer_put(&first, mlw_word(MLW_EVENT_UNMAP, 0, 0x11000));
	writer_put(&first, 0x1000);
	writer_put(&first, (uint64_t)MLW_MAP_MMAP << 32);
	read_all();
	cr_expect_eq(producer_totals(&producer)->allocations, 0);
	cr_expect_eq(mlw_heap_domain(producer.run.heap, MLW_DOMAIN_MMAP)->live_size,
	             0x3000);
	cr_expect_eq(mlw_heap_domain(producer.run.heap, MLW_DOMAIN_MMAP)->live_count, 1);
}

Test(decode, the_model_holds_after_all_kinds_of_events)
{
	struct mlw_error err;

	for (uint32_t i = 0; i < 1000; i++) {
		put_alloc(&first, MLW_EVENT_ALLOC, 0x1000 + i * 64, i, -1);
		if (i % 3 == 0)
			put_free(&first, MLW_EVENT_FREE, 0x1000 + i * 32, -1);
		if (i % 5 == 0) {
			put_free(&first, MLW_EVENT_REALLOC_FREE, 0x1000 + i * 64, -1);
			put_alloc(&first, MLW_EVENT_REALLOC_ALLOC, 0x900000 + i * 64, 9,
			          -1);
		}
	}
	read_all();
	cr_expect(mlw_heap_check(producer.run.heap, &err), "%s", err.text);
	cr_expect_eq(producer_totals(&producer)->live_count,
	             mlw_blocks_count(producer.process->blocks));
}
