/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "producer.h"

static struct producer producer;
static struct writer parent;

static void setup(void)
{
	producer_init(&producer);
	parent = writer_claim(producer.process, 0, 100);
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(family, .init = setup, .fini = teardown, .timeout = 20);

static struct mlw_hello hello_of_fork(uint64_t sequence)
{
	return (struct mlw_hello){ .pid = 0x3ffffffe,
		                   .forked_from = producer.process->own_pid,
		                   .fork_sequence = sequence };
}

static void free_in_child(struct mlw_process *child, uint64_t address)
{
	struct writer writer = { .process = child,
		                 .view = &child->views[0],
		                 .ring = child->views[0].ring };

	writer.head = atomic_load(&writer.ring->head);
	put_free(&writer, MLW_EVENT_FREE, address, -1);
	writer_publish(&writer);
	producer_read(&producer);
}

Test(family, a_child_inherits_what_lived_at_the_fork)
{
	struct mlw_hello hello = hello_of_fork(1);
	struct mlw_process *child;

	put_alloc(&parent, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_alloc(&parent, MLW_EVENT_ALLOC, 0x2000, 20, -1);
	put_free(&parent, MLW_EVENT_FREE, 0x2000, -1);
	put_control(&parent, MLW_CONTROL_FORK, 1);
	put_free(&parent, MLW_EVENT_FREE, 0x1000, -1);
	put_alloc(&parent, MLW_EVENT_ALLOC, 0x3000, 30, -1);
	writer_publish(&parent);
	producer_read(&producer);
	child = producer_meet(&producer, hello.pid, &hello);
	free_in_child(child, 0x1000);
	cr_expect_eq(mlw_heap_process(producer.run.heap, child->id)->inherited_frees, 1);
	free_in_child(child, 0x1000);
	free_in_child(child, 0x2000);
	free_in_child(child, 0x3000);
	cr_expect_eq(mlw_heap_process(producer.run.heap, child->id)->inherited_frees, 1);
	cr_expect_eq(mlw_heap_process(producer.run.heap, child->id)->foreign_frees, 3);
	cr_expect_eq(child->parent, producer.process);
}

Test(family, a_child_waits_until_its_fork_has_been_read)
{
	struct mlw_hello hello = hello_of_fork(1);
	struct mlw_process *child = producer_meet(&producer, hello.pid, &hello);

	free_in_child(child, 0x1000);
	cr_expect_null(child->blocks);
	put_alloc(&parent, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_control(&parent, MLW_CONTROL_FORK, 1);
	writer_publish(&parent);
	producer_read(&producer);
	producer_read(&producer);
	cr_assert_not_null(child->blocks);
	cr_expect_eq(producer_totals(&producer)->inherited_frees, 1);
}

Test(family, a_child_whose_fork_is_unknown_inherits_what_lives)
{
	struct mlw_hello hello = hello_of_fork(0);
	struct mlw_process *child;

	put_alloc(&parent, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	writer_publish(&parent);
	producer_read(&producer);
	child = producer_meet(&producer, hello.pid, &hello);
	free_in_child(child, 0x1000);
	cr_expect_eq(producer_totals(&producer)->inherited_frees, 1);
}

Test(family, a_parent_that_has_ended_still_answers)
{
	struct mlw_hello hello = hello_of_fork(1);
	struct mlw_process *child;
	pid_t pid = fork();

	/* Alive while the parent's end is handled: the fork is not forgotten. */
	if (pid == 0)
		for (;;)
			pause();
	producer.process->own_pid = producer.process->pid;
	hello.pid = pid;
	put_alloc(&parent, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_control(&parent, MLW_CONTROL_FORK, 1);
	put_control(&parent, MLW_CONTROL_CHILD, (uint64_t)pid);
	writer_publish(&parent);
	producer.process->gone = true;
	producer_read(&producer);
	cr_expect(producer.process->finished);
	cr_expect_eq(mlw_household_living(&producer.household, 0), 1);
	child = producer_meet(&producer, pid, &hello);
	free_in_child(child, 0x1000);
	cr_expect_eq(producer_totals(&producer)->inherited_frees, 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

Test(family, a_fork_is_forgotten_with_its_child)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	put_control(&parent, MLW_CONTROL_FORK, 1);
	put_control(&parent, MLW_CONTROL_CHILD, (uint64_t)pid);
	writer_publish(&parent);
	producer_read(&producer);
	waitpid(pid, NULL, 0);
	mlw_household_living(&producer.household, 0);
	cr_expect_eq(producer.process->fork_count, 0);
}

Test(family, an_exec_ends_one_process_and_begins_another)
{
	struct mlw_process *next;

	put_alloc(&parent, MLW_EVENT_ALLOC, 0x1000, 10, -1);
	put_control(&parent, MLW_CONTROL_EXEC, 0);
	writer_publish(&parent);
	producer.process->gone = producer.process->replaced = true;
	next = producer_meet(&producer, producer.process->pid, NULL);
	free_in_child(next, 0x1000);
	cr_expect(producer.process->finished);
	cr_expect_eq(next->id, 2);
	cr_expect_eq(next->parent, producer.process);
	cr_expect_eq(producer_totals(&producer)->foreign_frees, 1);
	cr_expect_eq(mlw_household_final_program(&producer.household), next);
	cr_expect_not(mlw_household_program_done(&producer.household));
}

Test(family, an_exec_that_is_never_heard_of_has_a_row_with_a_reason)
{
	const struct mlw_process *next;

	put_control(&parent, MLW_CONTROL_EXEC, 0);
	writer_publish(&parent);
	producer_read(&producer);
	producer.process->gone = producer.process->has_status = true;
	producer.process->status = 3 << 8;
	producer_read(&producer);
	next = mlw_household_final_program(&producer.household);
	cr_expect(producer.process->replaced);
	cr_expect_neq(next, producer.process);
	cr_expect_not_null(next->reason);
	cr_expect_eq(WEXITSTATUS(next->status), 3);
	cr_expect(mlw_household_program_done(&producer.household));
}

Test(family, an_exec_that_failed_changes_nothing)
{
	put_control(&parent, MLW_CONTROL_EXEC, 0);
	put_control(&parent, MLW_CONTROL_EXEC_FAILED, 0);
	put_control(&parent, MLW_CONTROL_EXIT, 300);
	writer_publish(&parent);
	producer_read(&producer);
	producer.process->gone = true;
	producer_read(&producer);
	cr_expect_not(producer.process->replaced);
	cr_expect_eq(producer.process->exit_value, 300 & 0xff);
	cr_expect_eq(mlw_household_final_program(&producer.household), producer.process);
}

Test(family, counters_of_the_segment_are_taken_at_the_end)
{
	struct mlw_segment *segment = producer.process->shared.segment;

	atomic_store(&segment->lost_events, 5);
	atomic_store(&segment->stacks_verified, 100);
	atomic_store(&segment->stack_mismatches, 2);
	atomic_store(&segment->tracer_size, 1 << 20);
	producer.process->gone = true;
	producer_read(&producer);
	cr_expect_eq(producer.run.lost_events, 5);
	cr_expect_eq(producer.run.stacks_verified, 100);
	cr_expect_eq(producer.run.stack_mismatches, 2);
	cr_expect_gt(producer.process->tracer_size, 1 << 20);
}
