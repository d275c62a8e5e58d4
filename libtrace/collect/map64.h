/* SPDX-License-Identifier: MIT */
#ifndef MLW_MAP64_H
#define MLW_MAP64_H

/*
 * A map from 64-bit keys to ids, for interning: open addressing, linear probing, never
 * more than two thirds full, nothing is ever removed. 16 bytes a slot, so that a hit
 * costs one cache miss.
 *
 *	id = mlw_map64_find(&map, key);
 *	if (!id && mlw_map64_add(&map, key, id = ++last, err))
 *		return -1;
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

struct mlw_map64_slot {
	uint64_t key;
	uint32_t id; /* 0: empty */
};

/* A zeroed map is empty. */
struct mlw_map64 {
	struct mlw_map64_slot *slots;
	uint32_t bits; /* there are 2^bits slots */
	size_t count;
};

void mlw_map64_release(struct mlw_map64 *map);

/* `key` must be absent and `id` not 0. Fails without memory. */
int mlw_map64_add(struct mlw_map64 *map, uint64_t key, uint32_t id,
                  struct mlw_error *err);

/* Where the search for a key begins: the high bits of its hash. */
static inline size_t mlw_map64_place(const struct mlw_map64 *map, uint64_t key)
{
	return (size_t)(mlw_hash64_high(key) >> (64 - map->bits));
}

/* The id of `key`, or 0. */
static inline uint32_t mlw_map64_find(const struct mlw_map64 *map, uint64_t key)
{
	size_t mask = ((size_t)1 << map->bits) - 1, at;

	if (!map->slots)
		return 0;
	for (at = mlw_map64_place(map, key); map->slots[at].id; at = (at + 1) & mask)
		if (map->slots[at].key == key)
			return map->slots[at].id;
	return 0;
}

#endif /* MLW_MAP64_H */
