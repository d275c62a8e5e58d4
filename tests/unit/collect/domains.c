/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

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

TestSuite(domains, .init = setup, .fini = teardown);

static void name_domain(struct mlw_process *process, uint32_t index, const char *name)
{
	put_name(&process->shared.segment->domains[index], name);
}

/* MAP and UNMAP of the process's domain `index`. `ticket` < 0: without one. */
static void put_track(struct writer *writer, uint32_t index, uint64_t address,
                      uint64_t size, int64_t ticket)
{
	uint64_t kind = MLW_MAP_TRACKED + index;
	uint32_t flag = ticket < 0 ? 0 : MLW_ARG_TICKET;

	writer_put(writer, mlw_word(MLW_EVENT_MAP, MLW_SLOT_NONE | flag, address));
	writer_put(writer, size);
	writer_put(writer, kind << 32 | (ticket < 0 ? 0 : (uint32_t)ticket));
}

static void put_untrack(struct writer *writer, uint32_t index, uint64_t address,
                        int64_t ticket)
{
	uint64_t kind = MLW_MAP_TRACKED + index;

	writer_put(writer,
	           mlw_word(MLW_EVENT_UNMAP, ticket < 0 ? 0 : MLW_ARG_TICKET, address));
	writer_put(writer, 0);
	writer_put(writer, kind << 32 | (ticket < 0 ? 0 : (uint32_t)ticket));
}

static void read_all(void)
{
	producer_read_two(&producer, &first, &second);
}

static const struct mlw_totals *domain(uint32_t index)
{
	return producer_domain(&producer, index);
}

Test(domains, are_apart_from_malloc_and_from_each_other)
{
	name_domain(producer.process, 0, "mesh");
	name_domain(producer.process, 1, "text");
	put_alloc(&first, MLW_EVENT_ALLOC, 0x1000, 64, -1);
	put_track(&first, 0, 0x1000, 16, -1);
	put_track(&first, 1, 0x1000, 8, -1);
	put_free(&first, MLW_EVENT_FREE, 0x1000, -1);
	read_all();
	cr_expect_eq(producer_totals(&producer)->live_count, 0);
	cr_expect_eq(domain(0)->live_size, 16);
	cr_expect_eq(domain(1)->live_size, 8);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(domains, what_is_tracked_again_is_replaced)
{
	name_domain(producer.process, 0, "mesh");
	put_track(&first, 0, 0x1001, 16, -1);
	put_track(&first, 0, 0x1001, 40, -1);
	read_all();
	cr_expect_eq(domain(0)->allocations, 2);
	cr_expect_eq(domain(0)->frees, 1);
	cr_expect_eq(domain(0)->live_count, 1);
	cr_expect_eq(domain(0)->live_size, 40);
	cr_expect_eq(domain(0)->peak_size, 40);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(domains, the_end_of_an_unknown_block_is_nothing)
{
	name_domain(producer.process, 0, "mesh");
	put_untrack(&first, 0, 0x1000, -1);
	read_all();
	cr_expect_eq(domain(0)->foreign_frees, 0);
	cr_expect_eq(domain(0)->frees, 0);
	cr_expect_eq(producer.run.damaged_events, 0);
}

/* Both threads' events lie there at once, and only the tickets tell their order. */
Test(domains, threads_are_in_order_on_one_address)
{
	name_domain(producer.process, 0, "mesh");
	put_untrack(&first, 0, 0x1000, 1);
	put_track(&first, 0, 0x1000, 30, 3);
	put_track(&second, 0, 0x1000, 10, 0);
	put_track(&second, 0, 0x1000, 20, 2);
	read_all();
	cr_expect_eq(domain(0)->allocations, 3);
	cr_expect_eq(domain(0)->frees, 2);
	cr_expect_eq(domain(0)->live_size, 30);
}

Test(domains, of_one_name_are_one_in_all_processes)
{
	struct mlw_process *other = producer_meet(&producer, 4242, NULL);
	struct writer third = writer_claim(other, 0, 200);

	name_domain(producer.process, 0, "mesh");
	name_domain(other, 0, "text");
	name_domain(other, 1, "mesh");
	put_track(&first, 0, 0x1000, 1, -1);
	put_track(&third, 1, 0x1000, 2, -1);
	put_track(&third, 0, 0x1000, 4, -1);
	writer_publish(&third);
	read_all();
	cr_expect_eq(producer.run.domain_count, 2);
	cr_expect_eq(domain(0)->live_size, 3);
	cr_expect_eq(domain(1)->live_size, 4);
}

Test(domains, without_a_name_are_damage)
{
	put_track(&first, 0, 0x1000, 1, -1);
	put_track(&second, MLW_DOMAINS, 0x1000, 1, -1);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 2);
	cr_expect_eq(producer.run.domain_count, 0);
}

Test(domains, a_scribbled_name_is_made_harmless)
{
	struct mlw_shared_name *shared = &producer.process->shared.segment->domains[3];

	memset(shared->text, '\n', sizeof(shared->text));
	atomic_store(&shared->ready, 1);
	put_track(&first, 3, 0x1000, 1, -1);
	read_all();
	cr_assert_eq(producer.run.domain_count, 1);
	cr_expect_eq(strlen(producer.run.domains[0]), MLW_NAME_SIZE - 1);
	cr_expect_eq(strspn(producer.run.domains[0], "?"), MLW_NAME_SIZE - 1);
}

Test(domains, a_size_that_cannot_be_is_damage)
{
	name_domain(producer.process, 0, "mesh");
	put_track(&first, 0, 0x1000, UINT64_MAX, -1);
	read_all();
	put_track(&first, 0, 0x1000, MLW_SIZE_MOST + 1, -1);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 2);
	cr_expect_eq(producer.run.allocated_size, 0);
	cr_expect_eq(domain(0)->live_count, 0);
}

/* Whoever does not look at both events at once gets the same. */
Test(domains, a_block_that_ends_as_it_begins_is_one_step)
{
	name_domain(producer.process, 0, "mesh");
	name_domain(producer.process, 1, "text");
	put_track(&first, 0, 0x1000, 100, -1);
	for (int i = 0; i < 3; i++) {
		put_track(&first, 0, 0x2000, 10, -1);
		put_untrack(&first, 0, 0x2000, -1);
	}
	read_all();
	cr_expect_eq(domain(0)->allocations, 4);
	cr_expect_eq(domain(0)->frees, 3);
	cr_expect_eq(domain(0)->temporary_count, 3);
	cr_expect_eq(domain(0)->allocated_size, 130);
	cr_expect_eq(domain(0)->live_size, 100);
	cr_expect_eq(domain(0)->peak_size, 110);
	cr_expect_eq(producer_totals(&producer)->allocations, 0);
	cr_expect_eq(producer.run.events, 7);
}

Test(domains, what_only_looks_like_one_step_is_two)
{
	name_domain(producer.process, 0, "mesh");
	name_domain(producer.process, 1, "text");
	put_track(&first, 0, 0x1000, 100, -1);
	put_track(&first, 1, 0x1000, 100, -1);
	put_track(&first, 0, 0x1000, 10, -1); /* replaces */
	put_untrack(&first, 0, 0x1000, -1);
	put_track(&first, 0, 0x2000, 10, -1); /* and the other domain's ends */
	put_untrack(&first, 1, 0x2000, -1);
	put_track(&first, 0, 0x3000, 10, -1); /* another address */
	put_untrack(&first, 0, 0x1000, -1);
	read_all();
	cr_expect_eq(domain(0)->reallocations, 1);
	cr_expect_eq(domain(0)->allocations, 4);
	cr_expect_eq(domain(0)->frees, 2);
	cr_expect_eq(domain(0)->live_size, 20);
	cr_expect_eq(domain(1)->live_size, 100);
	cr_expect_eq(producer.run.damaged_events, 0);
}
