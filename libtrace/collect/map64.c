/* SPDX-License-Identifier: MIT */
#include "collect/map64.h"

#include <stdlib.h>

#define FIRST_SLOTS 256u

void mlw_map64_release(struct mlw_map64 *map)
{
	if (!map)
		return;
	free(map->slots);
	*map = (struct mlw_map64){ 0 };
}

static void put(struct mlw_map64 *map, const struct mlw_map64_slot *slot)
{
	size_t at = mlw_hash64(slot->key) & map->mask;

	while (map->slots[at].id)
		at = (at + 1) & map->mask;
	map->slots[at] = *slot;
}

static int grow(struct mlw_map64 *map, struct mlw_error *err)
{
	size_t size = map->slots ? map->mask + 1 : 0;
	struct mlw_map64 bigger = { .mask = (size ? size * 2 : FIRST_SLOTS) - 1,
		                    .count = map->count };

	bigger.slots = calloc(bigger.mask + 1, sizeof(*bigger.slots));
	if (!bigger.slots)
		return mlw_fail(err, "out of memory (%zu ids)", bigger.mask + 1);
	for (size_t i = 0; i < size; i++)
		if (map->slots[i].id)
			put(&bigger, &map->slots[i]);
	free(map->slots);
	*map = bigger;
	return 0;
}

int mlw_map64_add(struct mlw_map64 *map, uint64_t key, uint32_t id, struct mlw_error *err)
{
	const struct mlw_map64_slot slot = { .key = key, .id = id };

	if ((!map->slots || (map->count + 1) * 3 > (map->mask + 1) * 2) && grow(map, err))
		return -1;
	put(map, &slot);
	map->count++;
	return 0;
}
