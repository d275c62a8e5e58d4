/* SPDX-License-Identifier: MIT */
/* Which blocks are sampled, and the table of those that were. */
#include "record/sample.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/real.h"
#include "wire/sample.h"

#define HERE  ((const uintptr_t *)__builtin_frame_address(0))
#define DRAWS 1000000u

static void sample_one_in(uint64_t bytes, uint64_t seed)
{
	mlw_session = calloc(1, sizeof(*mlw_session));
	mlw_session->state = MLW_SESSION_READY;
	mlw_local.starting = 1; /* there is no collector to be met */
	mlw_session->config =
	        (struct mlw_config){ .process = 1,
		                     .sample_bytes = bytes,
		                     .sample_scale = mlw_sample_scale(bytes),
		                     .sample_seed = seed };
	mlw_sample_prepare();
	cr_assert(mlw_sample_known(HERE));
}

static uint64_t random_state;

static uint64_t random_word(void)
{
	random_state += UINT64_C(0x9e3779b97f4a7c15);
	return (random_state ^ random_state >> 29) * UINT64_C(0xbf58476d1ce4e5b9) ^
	       random_state >> 32;
}

Test(sample, a_logarithm_is_that_of_the_library)
{
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t value = random_word() | UINT64_C(1) << 63;
		double expected = log2l((long double)value) - 63;
		double got = (double)mlw_sample_log2(value, 1) / 0x1p63;

		cr_assert_float_eq(got, expected, 1e-14);
	}
	cr_expect_eq(mlw_sample_log2(UINT64_C(1) << 63, 1), 0);
}

Test(sample, a_scale_is_that_of_the_logarithm)
{
	const uint64_t bytes[] = { 2, 3, 4, 5, 100, 4096, 524288, MLW_SAMPLE_MOST };

	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		double expected = -1 / (log1p(-1 / (double)bytes[i]) / log(2));
		double got = ldexp((double)mlw_sample_scale(bytes[i]),
		                   -(int)MLW_SAMPLE_SCALE_BITS);

		cr_expect_float_eq(got / expected, 1, 1e-6, "of %zu: %g, not %g",
		                   (size_t)bytes[i], got, expected);
	}
}

Test(sample, each_byte_is_marked_if_it_is_1_in_1)
{
	cr_expect_eq(mlw_sample_scale(1), 0);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert_eq(mlw_sample_distance(random_word(), 0), 1);
	cr_expect_eq(mlw_sample_distance(0, 0), 1);
	cr_expect_eq(mlw_sample_distance(UINT64_MAX, 0), 1);
}

/* How many distances are above a limit is a binomial number: within 5 sigma of what the
 * geometric distribution says, and so is their sum. */
static void check_distances(uint64_t bytes)
{
	const uint64_t limits[] = { 1, 2, bytes / 4 + 1, bytes, 3 * bytes };
	uint64_t above[5] = { 0 }, scale = mlw_sample_scale(bytes);
	double sum = 0, miss = 1 - 1 / (double)bytes;

	for (unsigned i = 0; i < DRAWS; i++) {
		uint64_t distance = mlw_sample_distance(random_word(), scale);

		cr_assert_geq(distance, 1);
		sum += (double)distance;
		for (unsigned j = 0; j < 5; j++)
			above[j] += distance > limits[j];
	}
	cr_expect_float_eq(sum / DRAWS, (double)bytes, 5 * (double)bytes / sqrt(DRAWS));
	for (unsigned j = 0; j < 5; j++) {
		double p = pow(miss, (double)limits[j]);
		double sigma = sqrt(DRAWS * p * (1 - p));

		cr_expect_float_eq((double)above[j], DRAWS * p, 5 * sigma + 1e-6,
		                   "1 in %zu: %zu above %zu, not %g +- %g", (size_t)bytes,
		                   (size_t)above[j], (size_t)limits[j], DRAWS * p, sigma);
	}
}

Test(sample, distances_are_those_of_bytes_that_are_marked_each_for_itself)
{
	check_distances(2);
	check_distances(3);
	check_distances(100);
	check_distances(524288);
}

Test(sample, a_block_is_sampled_as_often_as_its_size_says)
{
	const uint64_t sizes[] = { 0, 1, 1000, 4096, 20000 };
	unsigned hits[5] = { 0 };

	sample_one_in(4096, 7);
	for (unsigned i = 0; i < DRAWS; i++)
		hits[i % 5] += mlw_sample_draws(sizes[i % 5], HERE);
	for (unsigned i = 0; i < 5; i++) {
		double size = (double)(sizes[i] ? sizes[i] : 1);
		double p = 1 - pow(1 - 1.0 / 4096, size), draws = DRAWS / 5.0;

		cr_expect_float_eq(hits[i], draws * p, 5 * sqrt(draws * p * (1 - p)),
		                   "%u of size %zu, not %g", hits[i], (size_t)sizes[i],
		                   draws * p);
	}
}

Test(sample, all_blocks_are_sampled_at_1_in_1)
{
	sample_one_in(1, 7);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert(mlw_sample_draws(i % 3, HERE));
}

/* It is no block at all, and what comes after it is as if it had not been asked for. */
Test(sample, a_size_that_no_memory_has_does_not_count)
{
	const uint64_t impossible[] = { UINT64_MAX, UINT64_MAX - 5000, UINT64_C(1) << 63,
		                        UINT64_C(3) << 62, INT64_MAX };
	unsigned hits[2] = { 0 };

	sample_one_in(1000, 7);
	for (unsigned i = 0; i < 200000; i++) {
		hits[i % 2] += mlw_sample_draws(100, HERE);
		cr_assert(mlw_sample_draws(impossible[i % 5], HERE));
	}
	cr_expect_float_eq(hits[0] + hits[1], 200000 * (1 - pow(0.999, 100)), 5 * 131);
}

/* Which of 10000 draws hit first. */
static unsigned first_hit(void)
{
	unsigned i = 0;

	while (i < 10000 && !mlw_sample_draws(100, HERE))
		i++;
	return i;
}

Test(sample, the_same_seed_draws_the_same_and_a_child_draws_anew)
{
	unsigned hits[3];

	for (unsigned i = 0; i < 3; i++) {
		sample_one_in(100000, i == 1 ? 8 : 7);
		mlw_sample_forked();
		hits[i] = first_hit();
	}
	cr_expect_eq(hits[0], hits[2]);
	cr_expect_neq(hits[0], hits[1]);
	mlw_sample_forked();
	cr_expect_neq(first_hit(), hits[0], "the second thread draws numbers of its own");
}

static const void *block_at(uint64_t address)
{
	return (const void *)(uintptr_t)address;
}

/* So many addresses of one line. */
static void find_mates(uint64_t *mates, unsigned count)
{
	for (uint64_t address = 0x7f0000000010; count; address += 16)
		if (mlw_sample_line(address) == 77)
			mates[--count] = address;
}

Test(sample, a_block_ends_once)
{
	sample_one_in(1000, 1);
	cr_expect_not(mlw_sample_ends(block_at(0x1000)));
	mlw_sample_add(block_at(0x1000));
	mlw_sample_add(block_at(0x2000));
	cr_expect(mlw_sample_ends(block_at(0x1000)));
	cr_expect_not(mlw_sample_ends(block_at(0x1000)));
	cr_expect(mlw_sample_ends(block_at(0x2000)));
	cr_expect_not(mlw_sample_may_have(block_at(0x2000)));
}

Test(sample, a_line_holds_8_and_is_emptied)
{
	uint64_t mates[9];

	sample_one_in(1000, 1);
	find_mates(mates, 9);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 8; i++)
			mlw_sample_add(block_at(mates[i]));
		cr_expect(mlw_sample_may_have(block_at(mates[8])));
		cr_expect_not(mlw_sample_ends(block_at(mates[8])));
		for (unsigned i = 0; i < 8; i++)
			cr_expect(mlw_sample_ends(block_at(mates[i])));
		cr_expect_not(mlw_sample_may_have(block_at(mates[0])));
	}
}

Test(sample, of_a_line_that_was_too_small_every_end_is_told)
{
	uint64_t mates[9];

	sample_one_in(1000, 1);
	find_mates(mates, 9);
	for (unsigned i = 0; i < 9; i++)
		mlw_sample_add(block_at(mates[i]));
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 9; i++)
			cr_expect(mlw_sample_ends(block_at(mates[i])));
}

Test(sample, a_line_with_a_block_of_another_allocator_is_looked_at)
{
	uint64_t mates[3];

	find_mates(mates, 3);
	mlw_sample_is_other(block_at(mates[0]));
	sample_one_in(1000, 1);
	for (unsigned round = 0; round < 2; round++) {
		mlw_sample_add(block_at(mates[1]));
		cr_expect(mlw_sample_may_have(block_at(mates[0])));
		cr_expect_not(mlw_sample_ends(block_at(mates[0])));
		cr_expect_not(mlw_sample_ends(block_at(mates[2])));
		cr_expect(mlw_sample_ends(block_at(mates[1])));
		mlw_sample_prepare();
	}
	cr_expect(mlw_sample_may_have(block_at(mates[2])));
}

Test(sample, a_block_of_the_arena_is_one)
{
	const void *block = mlw_arena_alloc(16, 10);

	sample_one_in(1000, 1);
	cr_assert_not_null(block);
	cr_expect(mlw_sample_may_have(block), "or the real free would be given it");
	cr_expect_not(mlw_sample_ends(block));
}

#define THREADS 4u
#define ROUNDS  200000u

/* Blocks of a few lines, so that the threads meet there. */
static void *add_and_end(void *context)
{
	uint64_t mates[2 * THREADS], number = (uintptr_t)context, missed = 0;

	find_mates(mates, 2 * THREADS);
	for (unsigned i = 0; i < ROUNDS; i++) {
		const void *block = block_at(mates[2 * number + i % 2]);

		mlw_sample_add(block);
		missed += !mlw_sample_ends(block);
	}
	return (void *)(uintptr_t)missed;
}

Test(sample, threads_share_a_line)
{
	pthread_t threads[THREADS];
	void *missed;

	sample_one_in(1000, 1);
	for (uintptr_t i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, add_and_end, (void *)i),
		             0);
	for (uintptr_t i = 0; i < THREADS; i++) {
		cr_assert_eq(pthread_join(threads[i], &missed), 0);
		cr_expect_eq((uintptr_t)missed, 0);
	}
	cr_expect_eq(mlw_sample_counts[77], MLW_SAMPLE_EMPTY, "and leave it, not full");
}

Test(sample, a_forked_child_has_a_table_of_its_own)
{
	int status = -1;
	pid_t child;

	sample_one_in(1000, 1);
	mlw_sample_add(block_at(0x1000));
	child = fork();
	if (child == 0)
		_exit(mlw_sample_ends(block_at(0x1000)) &&
		      !mlw_sample_ends(block_at(0x1000)));
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(WEXITSTATUS(status), 1);
	cr_expect(mlw_sample_ends(block_at(0x1000)));
}

Test(sample, without_a_session_everything_is_told)
{
	cr_expect(mlw_sample_ends(block_at(0x1000)));
	cr_expect(mlw_sample_may_have(block_at(0x1000)));
	cr_expect(mlw_sample_takes(block_at(0x1000), 1, HERE));
	cr_expect_eq(mlw_sampling_now(), MLW_SAMPLING_UNKNOWN);
}
