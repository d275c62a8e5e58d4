/* SPDX-License-Identifier: MIT */

/* What is free of the memory of a pool. */

#include <stdlib.h>

#include "base/array.h"
#include "collect/pools.h"

struct extent {
	uint64_t start, size;
};

struct extents {
	struct extent *rows;
	size_t count, capacity;
	const struct mlw_pool *pool;
	uint64_t forgotten; /* ordinals */
	struct mlw_error *err;
};

/* Those that lie elsewhere, whatever the program meant by it, take no room here; nor do
 * those that are not recorded any more. */
static int collect(const struct mlw_block *block, void *context)
{
	struct extents *extents = context;
	uint64_t offset = block->address - extents->pool->start;

	if (offset >= extents->pool->size || block->ordinal <= extents->forgotten)
		return 0;
	if (mlw_grow(&extents->rows, &extents->capacity, extents->count + 1,
	             sizeof(*extents->rows), extents->err))
		return -1;
	extents->rows[extents->count++] = (struct extent){ offset, block->size };
	return 0;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = ((const struct extent *)left)->start;
	uint64_t b = ((const struct extent *)right)->start;

	return (a > b) - (a < b);
}

static void add_free(struct mlw_pool_room *room, uint64_t from, uint64_t to)
{
	if (to <= from)
		return;
	room->free_size += to - from;
	if (to - from > room->largest_free)
		room->largest_free = to - from;
}

static void add_extents(struct mlw_pool_room *room, const struct extents *extents,
                        uint64_t block_size)
{
	uint64_t size = extents->pool->size, taken = 0;

	for (size_t i = 0; i < extents->count; i++) {
		const struct extent *block = &extents->rows[i];
		uint64_t takes = block->size > block_size ? block->size : block_size;
		uint64_t end = takes < size - block->start ? block->start + takes : size;

		room->blocks++;
		room->used_size += block->size;
		add_free(room, taken, block->start);
		if (end > taken)
			taken = end;
	}
	add_free(room, taken, size);
}

int mlw_pool_room_add(struct mlw_pool_room *room, const struct mlw_pool *pool,
                      uint64_t block_size, uint64_t forgotten, struct mlw_error *err)
{
	struct extents extents = { .pool = pool, .forgotten = forgotten, .err = err };

	if (pool->blocks && mlw_blocks_each(pool->blocks, collect, &extents)) {
		free(extents.rows);
		return -1;
	}
	if (extents.count)
		qsort(extents.rows, extents.count, sizeof(*extents.rows), compare);
	add_extents(room, &extents, block_size);
	free(extents.rows);
	return 0;
}
