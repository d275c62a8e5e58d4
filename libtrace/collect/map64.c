/* SPDX-License-Identifier: MIT */
#include "collect/map64.h"

#include "heap/table_memory.h"

#define FIRST_BITS 8u

static size_t slots_of(const struct mlw_map64 *map)
{
	return map->slots ? (size_t)1 << map->bits : 0;
}

void mlw_map64_release(struct mlw_map64 *map)
{
	if (!map)
		return;
	mlw_table_free(map->slots, slots_of(map) * sizeof(*map->slots));
	*map = (struct mlw_map64){ 0 };
}

static void put(struct mlw_map64 *map, const struct mlw_map64_slot *slot)
{
	size_t mask = slots_of(map) - 1, at = mlw_map64_place(map, slot->key);

	while (map->slots[at].id)
		at = (at + 1) & mask;
	map->slots[at] = *slot;
}

/* Slots lie in the order of their hashes: the old table is read and the new one written
 * from its beginning to its end. */
static int grow(struct mlw_map64 *map, struct mlw_error *err)
{
	struct mlw_map64 bigger = { .bits = map->slots ? map->bits + 1 : FIRST_BITS,
		                    .count = map->count };
	size_t size = (size_t)1 << bigger.bits;

	bigger.slots = mlw_table_alloc(size * sizeof(*bigger.slots));
	if (!bigger.slots)
		return mlw_fail(err, "out of memory (%zu ids)", size);
	for (size_t i = 0; i < slots_of(map); i++)
		if (map->slots[i].id)
			put(&bigger, &map->slots[i]);
	mlw_map64_release(map);
	*map = bigger;
	return 0;
}

int mlw_map64_add(struct mlw_map64 *map, uint64_t key, uint32_t id, struct mlw_error *err)
{
	const struct mlw_map64_slot slot = { .key = key, .id = id };

	if ((map->count + 1) * 3 > slots_of(map) * 2 && grow(map, err))
		return -1;
	put(map, &slot);
	map->count++;
	return 0;
}
