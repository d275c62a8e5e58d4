/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_POOLS_H
#define MLW_COLLECT_POOLS_H

/*
 * The pools of a process: memory from which it carves blocks itself. A block is one of
 * the pool's domain, in a table of the pool's own, so that its pool can end them
 * together.
 *
 * Pools of one domain whose blocks take the same number of bytes are a class; what is
 * told of them in the end is told by class.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/map64.h"
#include "collect/run.h"
#include "collect/thread.h"
#include "heap/blocks.h"

#define MLW_POOL_CLASSES 1024u /* further ones go by the first of their domain */

struct mlw_pool_class {
	uint32_t domain; /* the run's */
	uint64_t block_size; /* 0: any */
	uint64_t created; /* pools so far */
	uint64_t pools; /* now */
	uint64_t size; /* bytes of their memory */
	uint64_t peak_size; /* highest so far */
};

struct mlw_pool {
	uint64_t start, size; /* size 0: there is no such pool now */
	uint32_t class; /* index */
	struct mlw_blocks *blocks; /* NULL: none yet */
};

struct mlw_pools {
	struct mlw_map64 numbers; /* by name, of all that ever were; index + 1 */
	struct mlw_pool *pools;
	size_t count, capacity;
	struct mlw_pool_class *classes;
	size_t class_count, class_capacity;
};

/* An event as its words say it (wire/event.h). */
struct mlw_pool_event {
	uint64_t pool;
	uint32_t op, kind;
	uint64_t address, size, block_size;
};

void mlw_pools_free(struct mlw_pools *pools); /* NULL is fine */

/* False: it makes no sense. What is said of a pool that is not there is nothing. */
bool mlw_pools_take(struct mlw_run *run, struct mlw_thread *thread,
                    const struct mlw_memo *stack, const struct mlw_pool_event *event);

/* As mlw_blocks_each, of all pools; of NULL nothing. */
int mlw_pools_each(const struct mlw_pools *pools,
                   int (*visit)(const struct mlw_block *block, void *context),
                   void *context);

/* The block at `address` in a pool of the domain (the run's id); false: none. */
bool mlw_pools_find(const struct mlw_pools *pools, uint32_t domain, uint64_t address,
                    struct mlw_block *block);

/* Writes a row for each class, as it is now. `forgotten`: blocks with ordinals up to this
 * one are not live. Of NULL nothing. */
void mlw_pools_write(const struct mlw_pools *pools, struct mlw_run *run, uint32_t process,
                     uint64_t forgotten);

/* What is free of [start, start + size) where blocks lie, and how they lie. */
struct mlw_pool_room {
	uint64_t blocks, used_size; /* that lie in it */
	uint64_t free_size, largest_free;
};

/* Adds one pool to `room`. `block_size`: what a block takes at least; `forgotten` as
 * above. */
int mlw_pool_room_add(struct mlw_pool_room *room, const struct mlw_pool *pool,
                      uint64_t block_size, uint64_t forgotten, struct mlw_error *err);

#endif /* MLW_COLLECT_POOLS_H */
