/* SPDX-License-Identifier: MIT */
#ifndef MLW_RUNS_H
#define MLW_RUNS_H

/*
 * Ids from 1 on in runs: which of them begin one, and to which run an id belongs. A bit
 * an id and a number each 64; both questions cost one access.
 *
 *	mlw_runs_extend(&runs, id, err);   for each id in turn, or for the last of several
 *	mlw_runs_begin(&runs, id);	   it begins a run, and is the latest id
 *	mlw_runs_of(&runs, id)		   1, 2, ...: the number of its run
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MLW_RUNS_BLOCK 64u

struct mlw_runs_block {
	uint64_t begins; /* bit n: a run begins at the block's id n */
	uint32_t before; /* runs that began before this block */
};

/* Zeroed runs are none. */
struct mlw_runs {
	struct mlw_runs_block *blocks;
	size_t block_count, block_capacity;
	uint32_t count; /* runs */
};

void mlw_runs_release(struct mlw_runs *runs);

/* Room for the ids up to `id`. Fails without memory. */
int mlw_runs_extend(struct mlw_runs *runs, uint32_t id, struct mlw_error *err);

static inline void mlw_runs_begin(struct mlw_runs *runs, uint32_t id)
{
	runs->blocks[id / MLW_RUNS_BLOCK].begins |= UINT64_C(1) << id % MLW_RUNS_BLOCK;
	runs->count++;
}

static inline bool mlw_runs_begins(const struct mlw_runs *runs, uint32_t id)
{
	return runs->blocks[id / MLW_RUNS_BLOCK].begins >> id % MLW_RUNS_BLOCK & 1;
}

static inline uint32_t mlw_runs_of(const struct mlw_runs *runs, uint32_t id)
{
	const struct mlw_runs_block *block = &runs->blocks[id / MLW_RUNS_BLOCK];
	uint64_t up_to = UINT64_MAX >> (MLW_RUNS_BLOCK - 1 - id % MLW_RUNS_BLOCK);

	return block->before + (uint32_t)__builtin_popcountll(block->begins & up_to);
}

#endif /* MLW_RUNS_H */
