/* SPDX-License-Identifier: MIT */
#include "store/nodes.h"

#include <stdlib.h>

#include "base/array.h"

void mlw_nodes_release(struct mlw_nodes *nodes)
{
	free(nodes->frames);
	free(nodes->parents);
	mlw_runs_release(&nodes->runs);
	*nodes = (struct mlw_nodes){ 0 };
}

/* A parent comes before its children, mostly not long before: how far, 0 for none. */
void mlw_nodes_encode(const struct mlw_node_run *runs, size_t run_count,
                      const uint32_t *frames, size_t count, uint64_t first,
                      struct mlw_bytes *bytes)
{
	mlw_bytes_put(bytes, run_count);
	for (size_t i = 0; i < run_count; i++)
		mlw_bytes_put(bytes, runs[i].length);
	for (size_t i = 0; i < run_count; i++) {
		mlw_bytes_put(bytes, runs[i].parent ? first - runs[i].parent : 0);
		first += runs[i].length;
	}
	for (size_t i = 0; i < count; i++)
		mlw_bytes_put(bytes, frames[i]);
}

/* Begins runs at and after the id `first`, `count` ids in all. Their lengths stay in
 * `parents` for a moment. */
static int get_lengths(struct mlw_byte_reader *reader, struct mlw_nodes *nodes,
                       uint64_t first, size_t count, bool *sound, struct mlw_error *err)
{
	uint64_t end = first + count, runs = mlw_bytes_get(reader);

	*sound = runs > 0 && runs <= count;
	if (!*sound)
		return 0;
	if (mlw_grow(&nodes->parents, &nodes->parent_capacity,
	             nodes->runs.count + runs + 1, sizeof(*nodes->parents), err))
		return -1;
	for (; runs > 0; runs--) {
		uint64_t length = mlw_bytes_get(reader);

		*sound = length > 0 && length <= end - first;
		if (!*sound)
			return 0;
		if (mlw_runs_extend(&nodes->runs, (uint32_t)first, err))
			return -1;
		mlw_runs_begin(&nodes->runs, (uint32_t)first);
		nodes->parents[nodes->runs.count] = (uint32_t)length;
		first += length;
	}
	*sound = first == end;
	return mlw_runs_extend(&nodes->runs, (uint32_t)(end - 1), err);
}

/* Of the runs behind `run`, the first of which begins at the id `first`. */
static bool get_parents(struct mlw_byte_reader *reader, struct mlw_nodes *nodes,
                        uint32_t run, uint64_t first)
{
	while (run++ < nodes->runs.count) {
		uint32_t length = nodes->parents[run];
		uint64_t distance = mlw_bytes_get(reader);

		if (distance >= first)
			return false;
		nodes->parents[run] = distance ? (uint32_t)(first - distance) : 0;
		first += length;
	}
	return true;
}

static bool get_frames(struct mlw_byte_reader *reader, uint32_t *frames, size_t count,
                       uint32_t limit)
{
	uint64_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t frame = mlw_bytes_get(reader);

		wrong |= frame - 1 >= limit;
		frames[i] = (uint32_t)frame;
	}
	return !wrong;
}

int mlw_nodes_decode(const struct mlw_unpacked *unpacked, struct mlw_nodes *nodes,
                     size_t count, uint32_t frame_limit, bool *sound,
                     struct mlw_error *err)
{
	struct mlw_byte_reader reader = mlw_byte_reader(unpacked);
	uint32_t run = nodes->runs.count;
	uint64_t first = nodes->count + 1;

	if (mlw_grow(&nodes->frames, &nodes->frame_capacity, first + count,
	             sizeof(*nodes->frames), err) ||
	    get_lengths(&reader, nodes, first, count, sound, err))
		return -1;
	*sound = *sound && get_parents(&reader, nodes, run, first) &&
	         get_frames(&reader, nodes->frames + first, count, frame_limit) &&
	         mlw_bytes_done(&reader);
	nodes->count += count;
	return 0;
}
