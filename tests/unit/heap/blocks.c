/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "heap/blocks.h"

static struct mlw_blocks *new_table(struct mlw_blocks *parent, uint64_t fork_ordinal)
{
	struct mlw_error err;
	struct mlw_blocks *blocks = mlw_blocks_new(parent, fork_ordinal, &err);

	cr_assert_not_null(blocks);
	return blocks;
}

static void add(struct mlw_blocks *blocks, uint64_t address, uint64_t ordinal)
{
	struct mlw_block block = { .address = address, .size = 8, .ordinal = ordinal };
	struct mlw_block replaced;
	struct mlw_error err;

	cr_assert_eq(mlw_blocks_add(blocks, &block, &replaced, &err), 0);
}

static bool take(struct mlw_blocks *blocks, uint64_t address, uint64_t now)
{
	struct mlw_block block;

	return mlw_blocks_take(blocks, address, now, &block);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

Test(blocks, a_block_comes_back_as_it_was)
{
	struct mlw_blocks *blocks = new_table(NULL, 0);
	struct mlw_block in = {
		.address = UINT64_C(0x7ffff7a01230),
		.size = UINT64_MAX,
		.ordinal = (UINT64_C(1) << 48) - 1,
		.time_us = (UINT64_C(1) << 48) - 1,
		.trace = UINT32_MAX,
	};
	struct mlw_block out;
	struct mlw_error err;

	cr_assert_eq(mlw_blocks_add(blocks, &in, &out, &err), 0);
	cr_assert(mlw_blocks_find(blocks, in.address, &out));
	cr_assert(mlw_blocks_take(blocks, in.address, in.ordinal, &out));
	cr_assert_eq(out.address, in.address);
	cr_assert_eq(out.size, in.size);
	cr_assert_eq(out.ordinal, in.ordinal);
	cr_assert_eq(out.time_us, in.time_us);
	cr_assert_eq(out.trace, in.trace);
	cr_assert_not(mlw_blocks_find(blocks, in.address, &out));
	mlw_blocks_free(blocks);
}

static int find_address(const struct mlw_block *block, void *context)
{
	return block->address == *(const uint64_t *)context;
}

/* Also blocks closer to each other than any allocator's. */
Test(blocks, addresses_at_both_ends_and_odd_ones)
{
	static const uint64_t addresses[] = {
		0,         1, 2, 15, 16, 17, 1023, 1024, UINT64_MAX - 16, UINT64_MAX - 1,
		UINT64_MAX
	};
	const size_t count = sizeof(addresses) / sizeof(addresses[0]);
	struct mlw_blocks *blocks = new_table(NULL, 0);
	struct mlw_block block;

	for (size_t i = 0; i < count; i++)
		add(blocks, addresses[i], i + 1);
	cr_assert_not(mlw_blocks_find(blocks, 3, &block));
	for (size_t i = 0; i < count; i++) {
		uint64_t address = addresses[i];

		cr_assert_eq(mlw_blocks_each(blocks, find_address, &address), 1);
		cr_assert(mlw_blocks_find(blocks, address, &block));
		cr_assert_eq(block.address, address);
		cr_assert_eq(block.ordinal, i + 1);
		cr_assert(take(blocks, address, count));
		cr_assert_eq(mlw_blocks_each(blocks, find_address, &address), 0);
	}
	cr_assert_eq(mlw_blocks_count(blocks), 0);
	mlw_blocks_free(blocks);
}

Test(blocks, a_live_address_is_replaced_and_the_old_block_told)
{
	struct mlw_blocks *blocks = new_table(NULL, 0);
	struct mlw_block block = { .address = 64, .size = 10, .ordinal = 7, .trace = 3 };
	struct mlw_block replaced;
	struct mlw_error err;

	add(blocks, 64, 5);
	cr_assert_eq(mlw_blocks_add(blocks, &block, &replaced, &err), 1);
	cr_assert_eq(replaced.ordinal, 5);
	cr_assert_eq(mlw_blocks_count(blocks), 1);
	cr_assert(mlw_blocks_find(blocks, 64, &block));
	cr_assert_eq(block.ordinal, 7);
	mlw_blocks_free(blocks);
}

/* The naive model: one slot an address. */
#define PLACES 200000u

static void compare(const struct mlw_blocks *blocks, const uint64_t *live)
{
	struct mlw_block block;
	size_t count = 0;

	for (size_t i = 0; i < PLACES; i++) {
		bool found = mlw_blocks_find(blocks, 4096 + i * 16, &block);

		cr_assert_eq(found, live[i] != 0, "address %zu", i);
		if (found)
			cr_assert_eq(block.ordinal, live[i]);
		count += live[i] != 0;
	}
	cr_assert_eq(mlw_blocks_count(blocks), count);
}

Test(blocks, random_streams_as_in_a_plain_array)
{
	struct mlw_blocks *blocks = new_table(NULL, 0);
	uint64_t *live = calloc(PLACES, sizeof(*live));
	uint64_t state = 88172645463325252u, ordinal = 0;

	for (size_t i = 0; i < 900000; i++) {
		/* Drains for a while, fills for a while. */
		size_t place = next_random(&state) % PLACES;
		bool wanted = next_random(&state) % 100 < (i / 200000 % 2 ? 25 : 80);

		if (wanted && !live[place]) {
			live[place] = ++ordinal;
			add(blocks, 4096 + place * 16, ordinal);
		} else if (!wanted) {
			cr_assert_eq(take(blocks, 4096 + place * 16, ordinal),
			             live[place] != 0);
			live[place] = 0;
		}
		if (i % 300000 == 299999)
			compare(blocks, live);
	}
	compare(blocks, live);
	free(live);
	mlw_blocks_free(blocks);
}

static int count_visit(const struct mlw_block *block, void *context)
{
	uint64_t *sum = context;

	*sum += block->ordinal;
	return 0;
}

static int stop_visit(const struct mlw_block *block, void *context)
{
	(void)block;
	++*(int *)context;
	return 42;
}

Test(blocks, each_visits_every_block_once_or_until_told_to_stop)
{
	struct mlw_blocks *blocks = new_table(NULL, 0);
	uint64_t sum = 0;
	int visits = 0;

	for (uint64_t i = 1; i <= 50000; i++)
		add(blocks, i * 48, i);
	cr_assert_eq(mlw_blocks_each(blocks, count_visit, &sum), 0);
	cr_assert_eq(sum, UINT64_C(50000) * 50001 / 2);
	cr_assert_eq(mlw_blocks_each(blocks, stop_visit, &visits), 42);
	cr_assert_eq(visits, 1);
	mlw_blocks_free(blocks);
}

/* Of a table that is big enough for it to matter, however dense its blocks lie. */
Test(blocks, a_live_block_costs_at_most_48_bytes)
{
	static const uint64_t distances[] = { 32, 64, 112, 240 };

	for (size_t k = 0; k < 4; k++) {
		struct mlw_blocks *blocks = new_table(NULL, 0);
		uint64_t state = 1;

		for (uint64_t i = 1; i <= 1000000; i++) {
			add(blocks, i * distances[k] + (next_random(&state) & 16), i);
			if (i > 500000 && i % 1000 == 0)
				cr_assert_leq(mlw_blocks_memory(blocks), i * 48,
				              "%zu bytes for %zu blocks, %zu apart",
				              mlw_blocks_memory(blocks), (size_t)i,
				              (size_t)distances[k]);
		}
		mlw_blocks_free(blocks);
	}
}

/* Most go, here and there one stays; then memory is filled anew. */
Test(blocks, what_was_freed_is_used_again)
{
	struct mlw_blocks *blocks = new_table(NULL, 0);
	uint64_t ordinal = 0;
	size_t once;

	for (uint64_t i = 0; i < 200000; i++)
		add(blocks, i * 32, ++ordinal);
	once = mlw_blocks_memory(blocks);
	for (unsigned round = 0; round < 10; round++) {
		for (uint64_t i = 0; i < 200000; i++)
			if (i % 40 != round)
				cr_assert(take(blocks, i * 32, ordinal));
		for (uint64_t i = 0; i < 200000; i++)
			if (i % 40 != round)
				add(blocks, i * 32, ++ordinal);
	}
	cr_assert_leq(mlw_blocks_memory(blocks), once + once / 2);
	mlw_blocks_free(blocks);
}

/* Granules that all have the same home: only the places behind it are left to them. */
Test(blocks, colliding_addresses_only_cost_time)
{
	struct mlw_blocks *blocks = new_table(NULL, 0);
	uint64_t inverse = UINT64_C(0xf1de83e19937733d), mask = (UINT64_C(1) << 54) - 1;
	struct mlw_block block;

	cr_assert_eq(inverse * UINT64_C(0x9e3779b97f4a7c15), 1);
	for (uint64_t i = 1; i <= 600; i++)
		add(blocks, (((i * inverse) & mask) - 1) << 10, i);
	for (uint64_t i = 1; i <= 600; i++) {
		cr_assert(mlw_blocks_find(blocks, (((i * inverse) & mask) - 1) << 10,
		                          &block));
		cr_assert_eq(block.ordinal, i);
	}
	cr_assert_lt(mlw_blocks_memory(blocks), 1u << 20);
	mlw_blocks_free(blocks);
}

Test(blocks, a_child_inherits_what_was_live_at_the_fork)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *child;

	add(parent, 100, 1);
	add(parent, 200, 2);
	cr_assert(take(parent, 200, 2));
	child = new_table(parent, 2);
	cr_assert_not(take(child, 100, 2));
	cr_assert(mlw_blocks_take_inherited(child, 100), "live then and now");
	cr_assert_not(mlw_blocks_take_inherited(child, 100),
	              "the second free is foreign");
	cr_assert_not(mlw_blocks_take_inherited(child, 200), "freed before the fork");
	cr_assert_not(mlw_blocks_take_inherited(child, 300), "never there");
	mlw_blocks_free(child);
	mlw_blocks_free(parent);
}

Test(blocks, what_the_parent_does_after_the_fork_is_not_the_childs)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *child;

	add(parent, 100, 1);
	child = new_table(parent, 1);
	cr_assert(take(parent, 100, 1));
	add(parent, 100, 2);
	add(parent, 200, 3);
	cr_assert(mlw_blocks_take_inherited(child, 100), "the parent used it again");
	cr_assert_not(mlw_blocks_take_inherited(child, 200), "allocated after the fork");
	mlw_blocks_free(child);
	mlw_blocks_free(parent);
}

Test(blocks, a_free_just_before_a_fork_is_told_from_one_just_after)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *first, *second;

	add(parent, 100, 1);
	add(parent, 200, 2);
	first = new_table(parent, 2);
	cr_assert(take(parent, 100, 2));
	second = new_table(parent, 2);
	cr_assert(take(parent, 200, 2));
	cr_assert(mlw_blocks_take_inherited(first, 100));
	cr_assert_not(mlw_blocks_take_inherited(second, 100));
	cr_assert(mlw_blocks_take_inherited(first, 200));
	cr_assert(mlw_blocks_take_inherited(second, 200));
	mlw_blocks_free(first);
	mlw_blocks_free(second);
	mlw_blocks_free(parent);
}

Test(blocks, grandchildren_inherit_through_their_parent)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *child, *grandchild;

	add(parent, 100, 1);
	add(parent, 200, 2);
	child = new_table(parent, 2);
	add(child, 300, 3);
	cr_assert(mlw_blocks_take_inherited(child, 200));
	grandchild = new_table(child, 3);
	cr_assert(mlw_blocks_take_inherited(child, 100));
	cr_assert(take(parent, 100, 3));
	cr_assert(mlw_blocks_take_inherited(grandchild, 100), "freed by both, later");
	cr_assert_not(mlw_blocks_take_inherited(grandchild, 200), "gone in the child");
	cr_assert(mlw_blocks_take_inherited(grandchild, 300));
	mlw_blocks_free(grandchild);
	mlw_blocks_free(child);
	mlw_blocks_free(parent);
}

Test(blocks, a_freed_parent_still_answers)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *child, *grandchild;

	add(parent, 100, 1);
	child = new_table(parent, 1);
	grandchild = new_table(child, 1);
	mlw_blocks_free(parent);
	mlw_blocks_disown(child);
	cr_assert_not(mlw_blocks_take_inherited(child, 100), "it executed something");
	mlw_blocks_free(child);
	cr_assert(mlw_blocks_take_inherited(grandchild, 100));
	mlw_blocks_free(grandchild);
}

Test(blocks, the_graveyard_ends_with_the_last_child)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *childless = new_table(NULL, 0);
	struct mlw_blocks *child;

	for (uint64_t i = 1; i <= 5000; i++) {
		add(parent, i * 16, i);
		add(childless, i * 16, i);
	}
	child = new_table(parent, 5000);
	for (uint64_t i = 1; i <= 5000; i++) {
		cr_assert(take(parent, i * 16, 5000));
		cr_assert(take(childless, i * 16, 5000));
	}
	cr_assert_gt(mlw_blocks_memory(parent), mlw_blocks_memory(childless));
	cr_assert(mlw_blocks_take_inherited(child, 4992));
	mlw_blocks_free(child);
	cr_assert_eq(mlw_blocks_memory(parent), mlw_blocks_memory(childless));
	mlw_blocks_free(parent);
	mlw_blocks_free(childless);
}

/* A server that forks for each request, while its first child lives on. */
Test(blocks, the_graveyard_keeps_only_what_a_child_can_ask_for)
{
	struct mlw_blocks *parent = new_table(NULL, 0);
	struct mlw_blocks *first;
	uint64_t ordinal = 1;

	add(parent, 16, 1);
	first = new_table(parent, 1);
	for (unsigned i = 0; i < 2000; i++) {
		struct mlw_blocks *child;

		for (uint64_t k = 0; k < 20; k++)
			add(parent, 4096 + k * 16, ++ordinal);
		child = new_table(parent, ordinal);
		for (uint64_t k = 0; k < 20; k++)
			cr_assert(take(parent, 4096 + k * 16, ordinal));
		cr_assert(mlw_blocks_take_inherited(child, 4096));
		mlw_blocks_free(child);
	}
	cr_assert_lt(mlw_blocks_memory(parent), 32768);
	cr_assert(mlw_blocks_take_inherited(first, 16));
	mlw_blocks_free(first);
	mlw_blocks_free(parent);
}
