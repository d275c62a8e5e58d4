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
	size_t mask; /* slots - 1 */
	size_t count;
};

void mlw_map64_release(struct mlw_map64 *map);

/* `key` must be absent and `id` not 0. Fails without memory. */
int mlw_map64_add(struct mlw_map64 *map, uint64_t key, uint32_t id,
                  struct mlw_error *err);

/* The id of `key`, or 0. */
static inline uint32_t mlw_map64_find(const struct mlw_map64 *map, uint64_t key)
{
	size_t at = mlw_hash64(key) & map->mask;

	if (!map->slots)
		return 0;
	while (map->slots[at].id && map->slots[at].key != key)
		at = (at + 1) & map->mask;
	return map->slots[at].id;
}

#endif /* MLW_MAP64_H */
