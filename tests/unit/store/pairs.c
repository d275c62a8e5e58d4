/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "store/chunk.h"

static uint64_t state = 88172645463325252u;

static uint64_t random_below(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

static struct mlw_change free_of(const struct mlw_change *alloc)
{
	return (struct mlw_change){ .op = MLW_OP_FREE,
		                    .old_kind = MLW_OLD_BLOCK,
		                    .time_us = alloc->time_us,
		                    .thread = alloc->thread,
		                    .address = alloc->address,
		                    .old = { .ordinal = alloc->ordinal,
		                             .size = alloc->size,
		                             .time_us = alloc->time_us,
		                             .trace = alloc->trace } };
}

static void compare(const struct mlw_chunk_encoder *a, const struct mlw_chunk_encoder *b)
{
	cr_assert_eq(a->head.count, b->head.count);
	cr_assert_eq(a->head.end_us, b->head.end_us);
	cr_assert_eq(memcmp(&a->state, &b->state, sizeof(a->state)), 0);
	for (unsigned i = 0; i < MLW_COLUMNS; i++) {
		size_t size = (size_t)(a->end[i] - a->start[i]);

		cr_assert_eq(size, (size_t)(b->end[i] - b->start[i]), "column %u", i);
		cr_assert_eq(memcmp(a->start[i], b->start[i], size), 0, "column %u", i);
	}
}

static void check(bool keep_addresses)
{
	static struct mlw_chunk_encoder one, both;
	struct mlw_error err;
	uint64_t time_us = 0, ordinal = 0;

	cr_assert_eq(mlw_chunk_encoder_init(&one, keep_addresses, &err), 0);
	cr_assert_eq(mlw_chunk_encoder_init(&both, keep_addresses, &err), 0);
	for (unsigned i = 0; i < 20000; i++) {
		struct mlw_change alloc = { .op = MLW_OP_ALLOC,
			                    .time_us = time_us += random_below(20) == 0,
			                    .thread = 1 + (uint32_t)random_below(3),
			                    .trace = 1 + (uint32_t)random_below(9000),
			                    .size = random_below(500),
			                    .ordinal = ++ordinal,
			                    .address = random_below(1u << 30) * 16 };
		struct mlw_change end = free_of(&alloc);

		mlw_chunk_add(&one, &alloc);
		if (random_below(2)) {
			mlw_chunk_add(&one, &end);
			mlw_chunk_add_pair(&both, &alloc);
		} else {
			mlw_chunk_add(&both, &alloc);
		}
	}
	compare(&one, &both);
	mlw_chunk_encoder_release(&one);
	mlw_chunk_encoder_release(&both);
}

Test(pairs, are_written_as_one_after_the_other)
{
	check(false);
	check(true);
}
