/* SPDX-License-Identifier: MIT */
#ifndef MLW_GRAVEYARD_H
#define MLW_GRAVEYARD_H

/*
 * What a table of live blocks remembers for the children that forked from it: blocks that
 * are gone, and when they were there. A multimap from addresses to graves, open
 * addressing; it only grows, until it is pruned or released as a whole.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mlw_grave {
	uint64_t address;
	uint64_t born; /* ordinal of the allocation, from 1; 0 marks an empty slot */
	uint64_t died; /* the run's last ordinal at the free */
	uint32_t forks; /* how often the process had forked by then */
};

struct mlw_graveyard {
	struct mlw_grave *graves; /* on the heap when capacity is not 0 */
	size_t count;
	size_t capacity; /* a power of two, or 0 */
};

void mlw_graveyard_release(struct mlw_graveyard *yard); /* and leaves it empty */

/* False without memory: the block is then forgotten. */
bool mlw_graveyard_add(struct mlw_graveyard *yard, const struct mlw_grave *grave);

/* The first grave at `address`, then the next after `previous`; NULL at the end. */
const struct mlw_grave *mlw_graveyard_find(const struct mlw_graveyard *yard,
                                           uint64_t address,
                                           const struct mlw_grave *previous);

/* True when the next add would grow it: a good time to prune. */
bool mlw_graveyard_full(const struct mlw_graveyard *yard);

/* Drops what `keep` says no to; grows it if that was not much. Without memory, it stays
 * as it is. */
void mlw_graveyard_prune(struct mlw_graveyard *yard,
                         bool (*keep)(const struct mlw_grave *grave, const void *context),
                         const void *context);

#endif /* MLW_GRAVEYARD_H */
