/* SPDX-License-Identifier: MIT */
#include "collect/tree.h"

#include <stdlib.h>

#include "base/array.h"
#include "heap/table_memory.h"

#define OFFSET_BITS      48u
#define FIRST_INDEX_BITS 8u
#define MOST_INDEX_BITS  32u

static size_t index_size(uint32_t bits)
{
	return ((size_t)1 << bits) * sizeof(struct mlw_tree_slot);
}

void mlw_tree_release(struct mlw_tree *tree)
{
	if (!tree)
		return;
	mlw_map64_release(&tree->frame_ids);
	mlw_map64_release(&tree->strays);
	mlw_map64_release(&tree->cuts);
	mlw_table_free(tree->index, index_size(tree->index_bits));
	free(tree->frames);
	free(tree->node_frames);
	free(tree->blocks);
	free(tree->runs);
	*tree = (struct mlw_tree){ 0 };
}

/* Room for one more element; the first call also leaves out element 0. */
static int grow(void *array, size_t *count, size_t *capacity, size_t element,
                struct mlw_error *err)
{
	size_t used = *count ? *count : 1;

	if (used >= UINT32_MAX)
		return mlw_fail(err, "too many different stacks");
	if (mlw_grow(array, capacity, used + 1, element, err))
		return -1;
	*count = used;
	return 0;
}

uint32_t mlw_tree_frame(struct mlw_tree *tree, uint32_t module, uint64_t offset,
                        struct mlw_error *err)
{
	const uint64_t mask = (UINT64_C(1) << OFFSET_BITS) - 1;
	uint64_t key = (uint64_t)module << OFFSET_BITS | (offset & mask);
	uint32_t id = mlw_map64_find(&tree->frame_ids, key);

	if (id)
		return id;
	if (grow(&tree->frames, &tree->frame_count, &tree->frame_capacity,
	         sizeof(*tree->frames), err))
		return 0;
	id = (uint32_t)tree->frame_count;
	if (mlw_map64_add(&tree->frame_ids, key, id, err))
		return 0;
	tree->frames[id] =
	        (struct mlw_tree_frame){ .offset = offset & mask, .module = module };
	tree->frame_count++;
	return id;
}

/* The run of a node: how many began up to there. */
static uint32_t run_of(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_block *block = &tree->blocks[node / MLW_TREE_BLOCK];
	uint64_t up_to = UINT64_MAX >> (MLW_TREE_BLOCK - 1 - node % MLW_TREE_BLOCK);

	return block->runs + (uint32_t)__builtin_popcountll(block->begins & up_to);
}

uint32_t mlw_tree_parent(const struct mlw_tree *tree, uint32_t node)
{
	if (!mlw_tree_begins_run(tree, node))
		return node - 1;
	return tree->runs[run_of(tree, node)].parent;
}

uint32_t mlw_tree_depth(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_run *run = &tree->runs[run_of(tree, node)];

	return run->depth + (node - run->first);
}

static uint32_t hash_of(uint32_t parent, uint32_t frame)
{
	return (uint32_t)(mlw_hash64((uint64_t)parent << 32 | frame) >> 32);
}

static void put(struct mlw_tree_slot *index, uint32_t bits,
                const struct mlw_tree_slot *slot)
{
	size_t mask = ((size_t)1 << bits) - 1, at = slot->hash >> (32 - bits);

	while (index[at].run)
		at = (at + 1) & mask;
	index[at] = *slot;
}

/* Slots lie in the order of their hashes: the old table is read and the new one written
 * from its beginning to its end. */
static int grow_index(struct mlw_tree *tree, struct mlw_error *err)
{
	uint32_t bits = tree->index ? tree->index_bits + 1 : FIRST_INDEX_BITS;
	struct mlw_tree_slot *bigger =
	        bits <= MOST_INDEX_BITS ? mlw_table_alloc(index_size(bits)) : NULL;

	if (!bigger)
		return mlw_fail(err, "out of memory (%zu stacks)", tree->run_count);
	for (size_t i = 0; tree->index && i < (size_t)1 << tree->index_bits; i++)
		if (tree->index[i].run)
			put(bigger, bits, &tree->index[i]);
	mlw_table_free(tree->index, index_size(tree->index_bits));
	tree->index = bigger;
	tree->index_bits = bits;
	return 0;
}

static bool is_full(const struct mlw_tree *tree)
{
	return !tree->index ||
	       (tree->run_count + 1) * 3 > ((size_t)2 << tree->index_bits);
}

/* The child of `parent` that begins a run, or 0. */
static uint32_t find_run(const struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                         uint32_t hash)
{
	size_t mask = ((size_t)1 << tree->index_bits) - 1;

	if (!tree->index)
		return 0;
	for (size_t at = hash >> (32 - tree->index_bits); tree->index[at].run;
	     at = (at + 1) & mask) {
		const struct mlw_tree_run *run = &tree->runs[tree->index[at].run];

		if (tree->index[at].hash == hash && run->parent == parent &&
		    tree->node_frames[run->first] == frame)
			return run->first;
	}
	return 0;
}

/* The next node, of the latest run so far. */
static uint32_t append(struct mlw_tree *tree, uint32_t frame, struct mlw_error *err)
{
	uint32_t id;
	size_t block;

	if (grow(&tree->node_frames, &tree->node_count, &tree->node_capacity,
	         sizeof(*tree->node_frames), err))
		return 0;
	id = (uint32_t)tree->node_count;
	block = id / MLW_TREE_BLOCK;
	if (mlw_grow(&tree->blocks, &tree->block_capacity, block + 1,
	             sizeof(*tree->blocks), err))
		return 0;
	if (id % MLW_TREE_BLOCK == 0 || id == 1)
		tree->blocks[block] = (struct mlw_tree_block){
			.runs = tree->run_count ? (uint32_t)tree->run_count - 1 : 0
		};
	tree->node_frames[id] = frame;
	tree->node_count++;
	return id;
}

static uint32_t begin_run(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                          uint32_t hash, struct mlw_error *err)
{
	struct mlw_tree_slot slot = { .hash = hash };
	uint32_t id;

	if ((is_full(tree) && grow_index(tree, err)) ||
	    grow(&tree->runs, &tree->run_count, &tree->run_capacity, sizeof(*tree->runs),
	         err))
		return 0;
	id = append(tree, frame, err);
	if (!id)
		return 0;
	slot.run = (uint32_t)tree->run_count++;
	tree->runs[slot.run] = (struct mlw_tree_run){
		.first = id,
		.parent = parent,
		.depth = parent ? mlw_tree_depth(tree, parent) + 1 : 1,
	};
	tree->blocks[id / MLW_TREE_BLOCK].begins |= UINT64_C(1) << id % MLW_TREE_BLOCK;
	put(tree->index, tree->index_bits, &slot);
	return id;
}

/* The youngest node has no child yet: what comes above it is new. */
uint32_t mlw_tree_other_child(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                              struct mlw_error *err)
{
	uint32_t hash, id;

	if (parent && parent + 1 == tree->node_count)
		return append(tree, frame, err);
	hash = hash_of(parent, frame);
	id = find_run(tree, parent, frame, hash);
	return id ? id : begin_run(tree, parent, frame, hash, err);
}

static uint32_t cut_chain(struct mlw_tree *tree, uint32_t node, uint32_t depth,
                          struct mlw_error *err)
{
	uint32_t *frames = malloc(depth * sizeof(*frames)), cut = 0;

	if (!frames) {
		mlw_fail(err, "out of memory (%u frames)", depth);
		return 0;
	}
	for (uint32_t i = 0; i < depth; i++) {
		frames[i] = tree->node_frames[node];
		node = mlw_tree_parent(tree, node);
	}
	for (uint32_t i = depth; i-- > 0;) {
		cut = mlw_tree_child(tree, cut, frames[i], err);
		if (!cut)
			break;
	}
	free(frames);
	return cut;
}

uint32_t mlw_tree_cut(struct mlw_tree *tree, uint32_t node, uint32_t depth,
                      struct mlw_error *err)
{
	uint32_t cut;

	if (mlw_tree_depth(tree, node) <= depth)
		return node;
	cut = mlw_map64_find(&tree->cuts, node);
	if (cut)
		return cut;
	cut = cut_chain(tree, node, depth, err);
	if (!cut || mlw_map64_add(&tree->cuts, node, cut, err))
		return 0;
	return cut;
}

uint32_t mlw_tree_file_id(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_run *run = &tree->runs[run_of(tree, node)];

	if (node - run->first < run->file_count)
		return run->file_first + (node - run->first);
	return run->file_count ? mlw_map64_find(&tree->strays, node) : 0;
}

uint32_t mlw_tree_unwritten(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_run *run = &tree->runs[run_of(tree, node)];
	uint32_t first = run->first + run->file_count;

	while (first < node && mlw_map64_find(&tree->strays, first))
		first++;
	return first;
}

int mlw_tree_written(struct mlw_tree *tree, uint32_t last, uint32_t file_first,
                     struct mlw_error *err)
{
	uint32_t first = mlw_tree_unwritten(tree, last);
	struct mlw_tree_run *run = &tree->runs[run_of(tree, last)];

	if (!run->file_count)
		run->file_first = file_first;
	if (run->first + run->file_count == first &&
	    run->file_first + run->file_count == file_first) {
		run->file_count += last - first + 1;
		return 0;
	}
	for (uint32_t node = first; node <= last; node++)
		if (mlw_map64_add(&tree->strays, node, file_first + (node - first), err))
			return -1;
	return 0;
}
