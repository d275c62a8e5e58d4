/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "collect/context.h"
#include "producer.h"

static struct producer producer;
static struct writer first, second;

static void setup(void)
{
	producer_init(&producer);
	first = writer_claim(producer.process, 0, 100);
	second = writer_claim(producer.process, 1, 101);
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(scopes, .init = setup, .fini = teardown);

static void name_scope(uint32_t index, const char *name)
{
	put_name(&producer.process->shared.segment->scopes[index], name);
}

static void read_all(void)
{
	producer_read_two(&producer, &first, &second);
}

/* What was allocated without a stack by the thread in the scope, NULL: in none. */
static struct mlw_trace_totals totals_in(uint32_t thread, const char *scope)
{
	struct mlw_trace_totals totals = { 0 };
	uint32_t id = scope ? mlw_run_scope(&producer.run, scope) : 0;
	uint32_t context = mlw_run_context(&producer.run, thread, id);

	mlw_heap_trace(producer.run.heap,
	               mlw_run_trace(&producer.run, 0, true, context, MLW_DOMAIN_MALLOC),
	               &totals);
	return totals;
}

Test(scopes, an_allocation_is_of_the_scope_told_last)
{
	name_scope(0, "parse");
	name_scope(7, "emit");
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_control(&first, MLW_CONTROL_SCOPE, 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 2, -1);
	put_control(&first, MLW_CONTROL_SCOPE, 8);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x3000, 4, -1);
	put_control(&first, MLW_CONTROL_SCOPE, 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x4000, 8, -1);
	put_control(&first, MLW_CONTROL_SCOPE, 0);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x5000, 16, -1);
	read_all();
	cr_expect_eq(totals_in(1, NULL).live_size, 17);
	cr_expect_eq(totals_in(1, "parse").live_size, 10);
	cr_expect_eq(totals_in(1, "emit").live_size, 4);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(scopes, a_stack_of_the_memo_is_another_trace_in_another_scope)
{
	static const uint64_t pcs[] = { 0x10, 0x20 };

	name_scope(0, "parse");
	put_stack(&first, 5, 0, 2, pcs);
	for (uint64_t i = 0; i < 4; i++) {
		put_control(&first, MLW_CONTROL_SCOPE, i % 2);
		writer_put(&first, mlw_word(MLW_EVENT_ALLOC, 5, 0x1000 * (i + 1)));
		writer_put(&first, 1);
	}
	read_all();
	cr_expect_eq(mlw_heap_trace_count(producer.run.heap), 2);
	for (uint32_t i = 1; i <= 2; i++) {
		struct mlw_trace_totals totals;

		mlw_heap_trace(producer.run.heap, i, &totals);
		cr_expect_eq(totals.live_count, 2);
	}
}

Test(scopes, a_block_that_is_freed_at_once_is_of_its_scope)
{
	name_scope(0, "parse");
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 3, -1);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	put_control(&first, MLW_CONTROL_SCOPE, 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 5, -1);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	read_all();
	cr_expect_eq(totals_in(1, NULL).allocated_size, 3);
	cr_expect_eq(totals_in(1, "parse").allocated_size, 5);
}

Test(scopes, a_thread_is_in_its_own)
{
	name_scope(0, "parse");
	put_control(&first, MLW_CONTROL_SCOPE, 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_alloc(&second, MLW_EVENT_ALLOC, 0x2000, 2, -1);
	read_all();
	cr_expect_eq(totals_in(1, "parse").live_size, 1);
	cr_expect_eq(totals_in(1, NULL).live_size, 0);
	cr_expect_eq(totals_in(2, NULL).live_size, 2);
}

Test(scopes, two_places_of_one_name_are_one_scope)
{
	name_scope(0, "parse");
	name_scope(1, "parse");
	put_control(&first, MLW_CONTROL_SCOPE, 1);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	put_control(&first, MLW_CONTROL_SCOPE, 2);
	put_alloc(&first, MLW_EVENT_ALLOC, 0x2000, 2, -1);
	read_all();
	cr_expect_eq(totals_in(1, "parse").live_size, 3);
	cr_expect_eq(producer.run.scope_count, 1);
}

Test(scopes, a_scope_without_a_name_is_damage)
{
	put_control(&first, MLW_CONTROL_SCOPE, 1);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 1);
	put_control(&first, MLW_CONTROL_SCOPE, MLW_SCOPES + 1);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 2);
	put_control(&first, MLW_CONTROL_SCOPE, UINT64_MAX >> 16);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 3);
	cr_expect_eq(producer.run.scope_count, 0);
}

Test(scopes, a_name_is_what_a_name_can_be)
{
	struct mlw_shared_name *shared = &producer.process->shared.segment->scopes[3];

	memset(shared->text, '\n', sizeof(shared->text));
	atomic_store(&shared->ready, 1);
	put_control(&first, MLW_CONTROL_SCOPE, 4);
	read_all();
	cr_assert_eq(producer.run.scope_count, 1);
	cr_expect_eq(strspn(producer.run.scopes[0], "?"), MLW_NAME_SIZE - 1);
}

Test(scopes, names_beyond_the_limit_are_none)
{
	char name[16];

	for (int i = 1; i <= (int)MLW_RUN_SCOPES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		cr_assert_eq(mlw_run_scope(&producer.run, name), (uint32_t)i);
	}
	cr_expect_eq(mlw_run_scope(&producer.run, "one more"), 0);
	cr_expect_eq(mlw_run_scope(&producer.run, "7"), 7);
}

Test(scopes, many_threads_in_many_scopes_leave_room_for_threads)
{
	uint32_t known = mlw_run_context(&producer.run, 1, 5);
	uint32_t none = mlw_run_context(&producer.run, 1, 0);
	size_t count = producer.run.contexts.count;

	cr_expect_neq(known, none);
	producer.run.contexts.count = MLW_CONTEXTS_MAX / 2;
	cr_expect_eq(mlw_run_context(&producer.run, 1, 6), none);
	cr_expect_eq(mlw_run_context(&producer.run, 2, 0), MLW_CONTEXTS_MAX / 2 + 1);
	cr_expect(!producer.run.dead);
	producer.run.contexts.count = count;
}

Test(contexts, are_numbered_as_they_come)
{
	struct mlw_contexts contexts = { 0 };
	struct mlw_error err;

	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 1000; i++)
			cr_assert_eq(
			        mlw_contexts_find(&contexts, i % 10 + 1, i / 10, &err),
			        i + 1);
	cr_expect_eq(contexts.rows[999].thread, 10);
	cr_expect_eq(contexts.rows[999].scope, 99);
	mlw_contexts_release(&contexts);
}
