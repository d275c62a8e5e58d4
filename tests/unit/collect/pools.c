/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "collect/pools.h"
#include "producer.h"

#define KIND MLW_MAP_TRACKED

static struct producer producer;
static struct writer first, second;

static void name_domain(uint32_t index, const char *name)
{
	put_name(&producer.process->shared.segment->domains[index], name);
}

static void setup(void)
{
	producer_init(&producer);
	first = writer_claim(producer.process, 0, 100);
	second = writer_claim(producer.process, 1, 101);
	name_domain(0, "objects");
	name_domain(1, "arenas");
}

static void teardown(void)
{
	producer_release(&producer);
}

TestSuite(pools, .init = setup, .fini = teardown);

/* `ticket` < 0: without one. */
static void put_pool(struct writer *writer, uint64_t pool, enum mlw_pool_op op,
                     uint64_t kind, uint64_t address, uint64_t size, uint64_t block_size,
                     int64_t ticket)
{
	uint32_t flag = ticket < 0 ? 0 : MLW_ARG_TICKET;

	writer_put(writer, mlw_word(MLW_EVENT_POOL, MLW_SLOT_NONE | flag, pool));
	writer_put(writer,
	           (ticket < 0 ? 0 : (uint32_t)ticket) | (uint64_t)op << 32 | kind << 40);
	writer_put(writer, address);
	writer_put(writer, size);
	writer_put(writer, block_size);
}

static void create(uint64_t pool, uint64_t size, uint64_t block_size)
{
	put_pool(&first, pool, MLW_POOL_CREATE, KIND, pool, size, block_size, -1);
}

static void alloc(uint64_t pool, uint64_t block, uint64_t size)
{
	put_pool(&first, pool, MLW_POOL_ALLOC, 0, block, size, 0, -1);
}

static void say(uint64_t pool, enum mlw_pool_op op, uint64_t block)
{
	put_pool(&first, pool, op, 0, block, 0, 0, -1);
}

static void read_all(void)
{
	producer_read_two(&producer, &first, &second);
}

static const struct mlw_totals *domain(uint32_t index)
{
	return producer_domain(&producer, index);
}

static const struct mlw_pool_class *class(uint32_t index)
{
	cr_assert(producer.process->pools);
	cr_assert_lt(index, producer.process->pools->class_count);
	return &producer.process->pools->classes[index];
}

/* Of the pool that was created first. */
static struct mlw_pool_room room(uint64_t block_size)
{
	struct mlw_pool_room found = { 0 };
	struct mlw_error err;

	cr_assert_eq(mlw_pool_room_add(&found, &producer.process->pools->pools[0],
	                               block_size, producer.process->forgotten, &err),
	             0);
	return found;
}

Test(pools, blocks_are_those_of_the_domain)
{
	create(0x1000, 4096, 0);
	alloc(0x1000, 0x1000, 10);
	alloc(0x1000, 0x1010, 20);
	say(0x1000, MLW_POOL_FREE, 0x1000);
	say(0x1000, MLW_POOL_FREE, 0x1008); /* there is none */
	read_all();
	cr_expect_eq(domain(0)->allocations, 2);
	cr_expect_eq(domain(0)->frees, 1);
	cr_expect_eq(domain(0)->live_size, 20);
	cr_expect_eq(producer_totals(&producer)->allocations, 0);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(pools, a_reset_ends_all_blocks_of_that_pool_alone)
{
	create(0x1000, 4096, 0);
	create(0x2000, 4096, 0);
	for (uint64_t i = 0; i < 100; i++) {
		alloc(0x1000, 0x1000 + i * 16, 1);
		alloc(0x2000, 0x2000 + i * 16, 2);
	}
	say(0x1000, MLW_POOL_RESET, 0);
	alloc(0x1000, 0x1000, 5);
	read_all();
	cr_expect_eq(domain(0)->live_size, 205);
	cr_expect_eq(domain(0)->frees, 100);
	cr_expect_eq(class(0)->pools, 2);
}

Test(pools, what_is_said_of_a_pool_that_was_destroyed_is_nothing)
{
	create(0x1000, 4096, 0);
	alloc(0x1000, 0x1000, 10);
	say(0x1000, MLW_POOL_DESTROY, 0);
	alloc(0x1000, 0x1000, 10);
	say(0x1000, MLW_POOL_FREE, 0x1000);
	say(0x1000, MLW_POOL_RESET, 0);
	say(0x1000, MLW_POOL_DESTROY, 0);
	alloc(0x9000, 0x9000, 10);
	read_all();
	cr_expect_eq(domain(0)->allocations, 1);
	cr_expect_eq(domain(0)->live_count, 0);
	cr_expect_eq(class(0)->pools, 0);
	cr_expect_eq(class(0)->size, 0);
	cr_expect_eq(class(0)->peak_size, 4096);
	cr_expect_eq(producer.run.damaged_events, 0);
}

Test(pools, one_of_the_same_name_takes_the_place_of_the_other)
{
	create(0x1000, 4096, 0);
	alloc(0x1000, 0x1000, 10);
	create(0x1000, 8192, 64);
	read_all();
	cr_expect_eq(domain(0)->live_count, 0);
	cr_expect_eq(class(0)->pools, 0);
	cr_expect_eq(class(1)->pools, 1);
	cr_expect_eq(class(1)->size, 8192);
	cr_expect_eq(class(1)->block_size, 64);
}

Test(pools, a_pool_may_be_a_block_of_another)
{
	put_pool(&first, 0xa000, MLW_POOL_CREATE, KIND + 1, 0x1000, 65536, 4096, -1);
	put_pool(&first, 0xa000, MLW_POOL_ALLOC, 0, 0x1000, 4096, 0, -1);
	create(0x1000, 4096, 32);
	alloc(0x1000, 0x1000, 24);
	say(0x1000, MLW_POOL_DESTROY, 0);
	read_all();
	cr_expect_eq(domain(0)->live_count, 1, "4096 bytes in arenas, named first");
	cr_expect_eq(domain(0)->live_size, 4096);
	cr_expect_eq(domain(1)->live_count, 0);
	cr_expect_eq(domain(1)->allocations, 1);
}

/* Both rings lie there at once, and only the tickets tell their order. */
Test(pools, threads_are_in_order_on_one_pool)
{
	put_pool(&first, 0x1000, MLW_POOL_CREATE, KIND, 0x1000, 4096, 0, 0);
	put_pool(&first, 0x1000, MLW_POOL_RESET, 0, 0, 0, 0, 2);
	put_pool(&second, 0x1000, MLW_POOL_ALLOC, 0, 0x80001000, 10, 0, 1);
	put_pool(&second, 0x1000, MLW_POOL_ALLOC, 0, 0x1010, 20, 0, 3);
	read_all();
	cr_expect_eq(domain(0)->allocations, 2);
	cr_expect_eq(domain(0)->live_size, 20);
}

Test(pools, what_cannot_be_is_damage)
{
	create(0x1000, 0, 0);
	read_all();
	create(0x1000, UINT64_MAX, 0);
	read_all();
	create(0x1000, 64, 65);
	read_all();
	put_pool(&first, 0x1000, MLW_POOL_CREATE, KIND + 5, 0x1000, 64, 0, -1);
	read_all();
	put_pool(&first, 0x1000, MLW_POOL_CREATE, KIND, UINT64_MAX, 64, 0, -1);
	read_all();
	say(0x1000, (enum mlw_pool_op)0, 0);
	read_all();
	say(0x1000, (enum mlw_pool_op)6, 0);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 7);
	create(0x1000, 64, 0);
	alloc(0x1000, UINT64_MAX, 1);
	read_all();
	alloc(0x1000, 0x1000, UINT64_MAX);
	read_all();
	cr_expect_eq(producer.run.damaged_events, 9);
	cr_expect_eq(domain(0)->live_count, 0);
}

Test(pools, more_classes_than_there_may_be_go_by_the_first)
{
	for (uint64_t i = 0; i < MLW_POOL_CLASSES + 10; i++)
		create(0x1000 + 4096 * i, 4096, i + 1);
	read_all();
	cr_expect_eq(producer.process->pools->class_count, MLW_POOL_CLASSES);
	cr_expect_eq(class(0)->pools, 11);
}

Test(pools, what_no_block_takes_is_free)
{
	create(0x1000, 1000, 0);
	read_all();
	cr_expect_eq(room(0).free_size, 1000);
	cr_expect_eq(room(0).largest_free, 1000);
	alloc(0x1000, 0x1000 + 100, 50);
	alloc(0x1000, 0x1000 + 900, 50);
	read_all();
	cr_expect_eq(room(0).blocks, 2);
	cr_expect_eq(room(0).used_size, 100);
	cr_expect_eq(room(0).free_size, 900);
	cr_expect_eq(room(0).largest_free, 750);
}

Test(pools, a_block_takes_what_its_class_says)
{
	create(0x1000, 1000, 100);
	alloc(0x1000, 0x1000, 60);
	alloc(0x1000, 0x1000 + 500, 1);
	alloc(0x1000, 0x1000 + 600, 150); /* more than it may */
	read_all();
	cr_expect_eq(room(100).used_size, 211);
	cr_expect_eq(room(100).free_size, 1000 - 350);
	cr_expect_eq(room(100).largest_free, 400);
}

/* Whatever the program means by them. */
Test(pools, blocks_that_overlap_or_lie_elsewhere_do_no_harm)
{
	create(0x1000, 1000, 0);
	alloc(0x1000, 0x1000, 300);
	alloc(0x1000, 0x1000 + 100, 50);
	alloc(0x1000, 0x1000 + 200, 200);
	alloc(0x1000, 0x1000 + 990, UINT32_MAX);
	alloc(0x1000, 0x800, 7);
	alloc(0x1000, 0x9000, 7);
	read_all();
	cr_expect_eq(domain(0)->live_count, 6);
	cr_expect_eq(room(0).blocks, 4);
	cr_expect_eq(room(0).free_size, 590);
	cr_expect_eq(room(0).largest_free, 590);
}

/* Also when they are freed later, or their place is taken again. */
Test(pools, what_was_forgotten_takes_no_room)
{
	create(0x1000, 1000, 0);
	alloc(0x1000, 0x1000, 300);
	alloc(0x1000, 0x1000 + 500, 100);
	read_all();
	mlw_process_clear(producer.process, &producer.run, 0);
	cr_expect_eq(room(0).blocks, 0);
	cr_expect_eq(room(0).used_size, 0);
	cr_expect_eq(room(0).largest_free, 1000);
	alloc(0x1000, 0x1000 + 500, 50);
	read_all();
	cr_expect_eq(room(0).blocks, 1);
	cr_expect_eq(room(0).used_size, 50);
	cr_expect_eq(room(0).free_size, 950);
}
