/* SPDX-License-Identifier: MIT */
#ifndef MLW_BLOCKS_H
#define MLW_BLOCKS_H

/*
 * The live blocks of one process by address: what turns a pointer into a block. Aim: at
 * most 48 bytes a live block (heap/granules.h has the layout).
 *
 * Fork. The blocks of a parent at the moment of a fork belong to the child too
 * ("inherited"), but nothing is copied: while a table has children that may still ask,
 * it remembers the blocks that were allocated before the youngest fork and freed since
 * (the graveyard). A child that does not know a pointer asks its parent about the moment
 * of the fork.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mlw_block {
	uint64_t address;
	uint64_t size;
	uint64_t ordinal; /* of the allocation, run-wide */
	uint64_t time_us;
	uint32_t trace;
};

struct mlw_blocks;

/*
 * `parent` (NULL for none; borrowed: it must stay until the child is freed or
 * mlw_blocks_disown is called) and `fork_ordinal`: the last ordinal of the run when the
 * fork happened.
 */
struct mlw_blocks *mlw_blocks_new(struct mlw_blocks *parent, uint64_t fork_ordinal,
                                  struct mlw_error *err);
void mlw_blocks_free(struct mlw_blocks *blocks);
/* The child will not ask about its parent any more (it executed another program). */
void mlw_blocks_disown(struct mlw_blocks *blocks);

/*
 * Adds a block. If its address is live already (its free was lost), that block is
 * replaced, copied to `replaced`, and 1 is returned; else 0. -1 without memory.
 */
int mlw_blocks_add(struct mlw_blocks *blocks, const struct mlw_block *block,
                   struct mlw_block *replaced, struct mlw_error *err);

/* Removes the block at `address`; false if there is none. `ordinal_now`: the run's last
 * ordinal, for the graveyard. */
bool mlw_blocks_take(struct mlw_blocks *blocks, uint64_t address, uint64_t ordinal_now,
                     struct mlw_block *block);
bool mlw_blocks_has(const struct mlw_blocks *blocks, uint64_t address);
bool mlw_blocks_find(const struct mlw_blocks *blocks, uint64_t address,
                     struct mlw_block *block);

/* Was `address` live in an ancestor when this table forked from it, and not yet freed
 * here? Says so once: the pointer is then gone. */
bool mlw_blocks_take_inherited(struct mlw_blocks *blocks, uint64_t address);

size_t mlw_blocks_count(const struct mlw_blocks *blocks);
size_t mlw_blocks_memory(const struct mlw_blocks *blocks); /* bytes */

/* Of a table that does not fit the cache: asks the processor for the place of an address
 * ahead of time, and then for the block there. */
bool mlw_blocks_are_many(const struct mlw_blocks *blocks);
void mlw_blocks_prefetch(const struct mlw_blocks *blocks, uint64_t address);
void mlw_blocks_prefetch_block(const struct mlw_blocks *blocks, uint64_t address);

/* Calls `visit` for every live block, in no particular order, until it returns non-zero;
 * returns that value. */
int mlw_blocks_each(const struct mlw_blocks *blocks,
                    int (*visit)(const struct mlw_block *block, void *context),
                    void *context);

#endif /* MLW_BLOCKS_H */
