/* SPDX-License-Identifier: MIT */
#include "heap/blocks.h"

#include <stdlib.h>

#include "heap/granules.h"
#include "heap/graveyard.h"

#define PRUNE_CHILDREN 64u /* with more children, looking through them costs too much */

/*
 * Who keeps whom: a child holds its parent (`holders`), so that a parent that its owner
 * has freed stays until nobody can ask it any more.
 */
struct mlw_blocks {
	struct mlw_granules live;

	struct mlw_blocks *parent;
	struct mlw_blocks *children; /* those that may still ask, youngest first */
	struct mlw_blocks *sibling;
	uint64_t fork_ordinal; /* the run's last ordinal when this table forked */
	uint32_t fork_number; /* this was the parent's n-th fork */
	uint32_t forks; /* of this table so far */
	uint64_t youngest_fork; /* highest fork_ordinal of all children */
	struct mlw_graveyard graveyard; /* own blocks that children may ask for */
	struct mlw_graveyard gone; /* inherited blocks that were freed here */
	size_t child_count;
	bool freed; /* by its owner; children still ask */
	bool disowned; /* asks its parent only for its children */
};

struct mlw_blocks *mlw_blocks_new(struct mlw_blocks *parent, uint64_t fork_ordinal,
                                  struct mlw_error *err)
{
	struct mlw_blocks *blocks = calloc(1, sizeof(*blocks));

	if (!blocks) {
		mlw_fail(err, "out of memory for a table of live blocks");
		return NULL;
	}
	if (!parent)
		return blocks;
	blocks->parent = parent;
	blocks->fork_ordinal = fork_ordinal;
	blocks->fork_number = ++parent->forks;
	blocks->sibling = parent->children;
	parent->children = blocks;
	parent->child_count++;
	if (fork_ordinal > parent->youngest_fork)
		parent->youngest_fork = fork_ordinal;
	return blocks;
}

static void destroy(struct mlw_blocks *blocks)
{
	mlw_granules_release(&blocks->live);
	mlw_graveyard_release(&blocks->graveyard);
	mlw_graveyard_release(&blocks->gone);
	free(blocks);
}

/* Takes the table out of its parent's children and returns the parent. */
static struct mlw_blocks *leave_parent(struct mlw_blocks *blocks)
{
	struct mlw_blocks *parent = blocks->parent;
	struct mlw_blocks **link = &parent->children;

	while (*link != blocks)
		link = &(*link)->sibling;
	*link = blocks->sibling;
	blocks->parent = NULL;
	mlw_graveyard_release(&blocks->gone);
	if (--parent->child_count == 0) {
		mlw_graveyard_release(&parent->graveyard);
		parent->youngest_fork = 0;
	}
	return parent;
}

/* Ends what nobody asks any more, from `blocks` up through its ancestors. */
static void settle(struct mlw_blocks *blocks)
{
	while (blocks && !blocks->children && (blocks->freed || blocks->disowned)) {
		struct mlw_blocks *parent = blocks->parent ? leave_parent(blocks) : NULL;

		if (blocks->freed)
			destroy(blocks);
		blocks = parent;
	}
}

void mlw_blocks_free(struct mlw_blocks *blocks)
{
	if (!blocks)
		return;
	blocks->freed = true;
	settle(blocks);
}

void mlw_blocks_disown(struct mlw_blocks *blocks)
{
	blocks->disowned = true;
	settle(blocks);
}

/* Can any child that may still ask see this grave? */
static bool is_visible(const struct mlw_grave *grave, const void *context)
{
	const struct mlw_blocks *parent = context;

	for (const struct mlw_blocks *child = parent->children; child;
	     child = child->sibling)
		if (grave->born <= child->fork_ordinal &&
		    (grave->died > child->fork_ordinal ||
		     grave->forks >= child->fork_number))
			return true;
	return false;
}

/* Could a child ask for the block? */
static inline bool is_asked_for(const struct mlw_blocks *blocks,
                                const struct mlw_block *block)
{
	return __builtin_expect(blocks->children != NULL, 0) &&
	       block->ordinal <= blocks->youngest_fork;
}

/* Remembers a block that is gone, and that a child could ask for. */
static void bury(struct mlw_blocks *blocks, const struct mlw_block *block,
                 uint64_t ordinal_now)
{
	const struct mlw_grave grave = {
		.address = block->address,
		.born = block->ordinal,
		.died = ordinal_now,
		.forks = blocks->forks,
	};

	if (mlw_graveyard_full(&blocks->graveyard) &&
	    blocks->child_count <= PRUNE_CHILDREN)
		mlw_graveyard_prune(&blocks->graveyard, is_visible, blocks);
	mlw_graveyard_add(&blocks->graveyard, &grave);
}

int mlw_blocks_add(struct mlw_blocks *blocks, const struct mlw_block *block,
                   struct mlw_block *replaced, struct mlw_error *err)
{
	int status = mlw_granules_add(&blocks->live, block, replaced, err);

	if (status > 0 && is_asked_for(blocks, replaced))
		bury(blocks, replaced, block->ordinal - 1);
	return status;
}

bool mlw_blocks_take(struct mlw_blocks *blocks, uint64_t address, uint64_t ordinal_now,
                     struct mlw_block *block)
{
	if (!mlw_granules_take(&blocks->live, address, block))
		return false;
	if (is_asked_for(blocks, block))
		bury(blocks, block, ordinal_now);
	return true;
}

bool mlw_blocks_has(const struct mlw_blocks *blocks, uint64_t address)
{
	return mlw_granules_has(&blocks->live, address);
}

bool mlw_blocks_find(const struct mlw_blocks *blocks, uint64_t address,
                     struct mlw_block *block)
{
	return mlw_granules_find(&blocks->live, address, block);
}

/* Was `address` a block of the table's own when `child` forked from it? */
static bool had_block(const struct mlw_blocks *blocks, uint64_t address,
                      const struct mlw_blocks *child)
{
	uint64_t then = child->fork_ordinal;
	const struct mlw_grave *grave = NULL;
	struct mlw_block block;

	if (mlw_blocks_find(blocks, address, &block) && block.ordinal <= then)
		return true;
	while ((grave = mlw_graveyard_find(&blocks->graveyard, address, grave)))
		if (grave->born <= then &&
		    (grave->died > then ||
		     (grave->died == then && grave->forks >= child->fork_number)))
			return true;
	return false;
}

/* Had `blocks` freed its inherited block at `address` before its `forks`-th fork? */
static bool was_gone(const struct mlw_blocks *blocks, uint64_t address, uint32_t forks)
{
	const struct mlw_grave *grave = mlw_graveyard_find(&blocks->gone, address, NULL);

	return grave && grave->forks < forks;
}

bool mlw_blocks_take_inherited(struct mlw_blocks *blocks, uint64_t address)
{
	struct mlw_grave gone = { .address = address, .born = 1, .forks = blocks->forks };
	const struct mlw_blocks *child = blocks;

	if (blocks->disowned || was_gone(blocks, address, UINT32_MAX))
		return false;
	while (child->parent && !had_block(child->parent, address, child)) {
		if (was_gone(child->parent, address, child->fork_number))
			return false;
		child = child->parent;
	}
	if (!child->parent)
		return false;
	mlw_graveyard_add(&blocks->gone, &gone);
	return true;
}

size_t mlw_blocks_count(const struct mlw_blocks *blocks)
{
	return blocks->live.count;
}

size_t mlw_blocks_memory(const struct mlw_blocks *blocks)
{
	size_t graves = blocks->graveyard.capacity + blocks->gone.capacity;

	return sizeof(*blocks) + graves * sizeof(struct mlw_grave) +
	       mlw_granules_memory(&blocks->live);
}

bool mlw_blocks_are_many(const struct mlw_blocks *blocks)
{
	return mlw_granules_are_many(&blocks->live);
}

void mlw_blocks_prefetch(const struct mlw_blocks *blocks, uint64_t address)
{
	mlw_granules_prefetch(&blocks->live, address);
}

void mlw_blocks_prefetch_block(const struct mlw_blocks *blocks, uint64_t address)
{
	mlw_granules_prefetch_block(&blocks->live, address);
}

int mlw_blocks_each(const struct mlw_blocks *blocks,
                    int (*visit)(const struct mlw_block *block, void *context),
                    void *context)
{
	return mlw_granules_each(&blocks->live, visit, context);
}
