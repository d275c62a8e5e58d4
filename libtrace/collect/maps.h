/* SPDX-License-Identifier: MIT */
#ifndef MLW_MAPS_H
#define MLW_MAPS_H

/*
 * The mappings of one process (--mmap): what munmap takes away may be a part of one, or
 * of several. A mapping is one block of the heap model, whatever pieces are left of it.
 *
 * Pieces are kept sorted by address and never overlap.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap/blocks.h"

struct mlw_mapping {
	struct mlw_block block; /* size: what is left of it */
	uint32_t pieces;
	bool seen; /* by mlw_maps_each */
};

struct mlw_map_piece {
	uint64_t start, end;
	struct mlw_mapping *mapping;
};

/* A zeroed struct is empty. */
struct mlw_maps {
	struct mlw_map_piece *pieces;
	size_t count, capacity;
};

void mlw_maps_release(struct mlw_maps *maps);

/* Adds a mapping where nothing is mapped (mlw_maps_take comes before). */
int mlw_maps_add(struct mlw_maps *maps, const struct mlw_block *block,
                 struct mlw_error *err);

/*
 * Takes the first piece away that lies within [start, end), or the part of it that does.
 * 1: `before` is its mapping as it was, `left` how much of that is still mapped (0: it is
 * gone). 0: nothing (more) is mapped there. -1: no memory.
 */
int mlw_maps_take(struct mlw_maps *maps, uint64_t start, uint64_t end,
                  struct mlw_block *before, uint64_t *left, struct mlw_error *err);

/* The mapping that `address` lies in, with what is left of it; false: none. */
bool mlw_maps_find(const struct mlw_maps *maps, uint64_t address,
                   struct mlw_block *block);

/* As mlw_blocks_each, of the mappings of which something is left. */
int mlw_maps_each(struct mlw_maps *maps,
                  int (*visit)(const struct mlw_block *block, void *context),
                  void *context);

#endif /* MLW_MAPS_H */
