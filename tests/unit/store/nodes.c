/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sample.h"
#include "store/nodes.h"
#include "store/reader.h"

#define NODES 200000u /* more than fit in three segments */

/* By id, as they were written. */
static uint32_t parents[NODES + 1], frames[NODES + 1];

/* Writes random runs of up to `longest` nodes; those after the first have any node, or
 * none, for a caller. */
static void write_nodes(struct mlw_writer *writer, uint64_t seed, uint32_t longest)
{
	struct sample random = { .state = seed };
	struct mlw_error err;
	uint32_t count = 0;

	while (count < NODES) {
		uint32_t length = 1 + (uint32_t)sample_random(&random, longest);
		uint32_t first = count + 1,
		         parent = (uint32_t)sample_random(&random, first);

		for (uint32_t i = 0; i < length && count < NODES; i++) {
			count++;
			parents[count] = i ? count - 1 : parent;
			frames[count] = 1 + (uint32_t)sample_random(&random, 20);
		}
		cr_assert_eq(mlw_writer_nodes(writer, parent, frames + first,
		                              count - first + 1, &err),
		             0, "%s", err.text);
	}
}

static void check_round_trip(uint64_t seed, uint32_t longest)
{
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_heap *heap = sample_heap();
	const struct mlw_nodes *nodes;
	struct mlw_reader *reader;
	struct mlw_error err;

	write_nodes(writer, seed, longest);
	sample_describe(writer);
	sample_close(writer, heap);
	cr_assert_eq(mlw_reader_open(&reader, path, &err), 0, "%s", err.text);
	cr_assert_eq(mlw_reader_nodes(reader, &nodes, &err), 0, "%s", err.text);
	cr_assert_eq(nodes->count, NODES + 40);
	for (uint32_t i = 1; i <= NODES; i++) {
		cr_assert_eq(mlw_nodes_parent(nodes, i), parents[i], "node %u", i);
		cr_assert_eq(nodes->frames[i], frames[i], "node %u", i);
	}
	mlw_reader_close(reader);
	mlw_heap_free(heap);
	sample_remove(path);
}

Test(nodes, short_runs_come_back)
{
	check_round_trip(3, 4);
}

Test(nodes, runs_longer_than_a_segment_come_back)
{
	check_round_trip(4, 150000);
}

static void unpack(struct mlw_unpacked *unpacked, const struct mlw_bytes *bytes)
{
	unpacked->bytes = calloc(1, bytes->size + MLW_BLOB_SLACK);
	cr_assert_not_null(unpacked->bytes);
	memcpy(unpacked->bytes, bytes->bytes, bytes->size);
	unpacked->size = bytes->size;
}

/* Are these values one after the other `count` sound nodes? */
static bool are_sound(const uint64_t *values, size_t value_count, size_t count)
{
	struct mlw_nodes nodes = { 0 };
	struct mlw_unpacked unpacked = { 0 };
	struct mlw_bytes bytes = { 0 };
	struct mlw_error err;
	bool sound = false;

	for (size_t i = 0; i < value_count; i++)
		mlw_bytes_put(&bytes, values[i]);
	unpack(&unpacked, &bytes);
	cr_assert_eq(mlw_nodes_decode(&unpacked, &nodes, count, 9, &sound, &err), 0);
	mlw_nodes_release(&nodes);
	mlw_unpacked_release(&unpacked);
	mlw_bytes_release(&bytes);
	return sound;
}

#define SOUND(count, ...)                            \
	are_sound((const uint64_t[]){ __VA_ARGS__ }, \
	          sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), count)

Test(nodes, contradictions_are_noticed)
{
	/* Runs, their lengths, distances of their parents, frames. */
	cr_expect(SOUND(3, 2, 2, 1, 0, 2, 7, 8, 9));
	cr_expect_not(SOUND(3, 0, 7, 8, 9), "no runs");
	cr_expect_not(SOUND(1, 2, 1, 1, 0, 0, 7, 8), "more runs than nodes");
	cr_expect_not(SOUND(3, 2, 3, 0, 0, 2, 7, 8, 9), "an empty run");
	cr_expect_not(SOUND(3, 2, 2, 2, 0, 2, 7, 8, 9), "runs beyond the end");
	cr_expect_not(SOUND(3, 2, 1, 1, 0, 1, 7, 8, 9), "runs that end too early");
	cr_expect_not(SOUND(3, 2, 2, 1, 1, 2, 7, 8, 9), "a parent before all nodes");
	cr_expect_not(SOUND(3, 2, 2, 1, 0, 3, 7, 8, 9), "a parent before all nodes");
	cr_expect_not(SOUND(3, 2, 2, 1, 0, 2, 7, 0, 9), "no frame");
	cr_expect_not(SOUND(3, 2, 2, 1, 0, 2, 7, 8, 10), "a frame that does not exist");
	cr_expect_not(SOUND(3, 2, 2, 1, 0, 2, 7, 8, UINT64_C(1) << 32 | 9),
	              "a big frame");
	cr_expect_not(SOUND(3, 2, 2, 1, 0, 2, 7, 8), "too few values");
	cr_expect_not(SOUND(3, 2, 2, 1, 0, 2, 7, 8, 9, 9), "too many values");
	cr_expect_not(SOUND(2, 1, UINT64_MAX, 0, 7, 8), "an endless run");
}
