/* SPDX-License-Identifier: MIT */
#include "collect/tree.h"

#include <stdlib.h>

#include "base/array.h"

#define OFFSET_BITS 48u

void mlw_tree_release(struct mlw_tree *tree)
{
	if (!tree)
		return;
	mlw_map64_release(&tree->frame_ids);
	mlw_map64_release(&tree->node_ids);
	free(tree->frames);
	free(tree->nodes);
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

uint32_t mlw_tree_child(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                        struct mlw_error *err)
{
	uint64_t key = (uint64_t)parent << 32 | frame;
	uint32_t id = mlw_map64_find(&tree->node_ids, key);

	if (id)
		return id;
	if (grow(&tree->nodes, &tree->node_count, &tree->node_capacity,
	         sizeof(*tree->nodes), err))
		return 0;
	id = (uint32_t)tree->node_count;
	if (mlw_map64_add(&tree->node_ids, key, id, err))
		return 0;
	tree->nodes[id] = (struct mlw_tree_node){
		.parent = parent,
		.frame = frame,
		.depth = parent ? tree->nodes[parent].depth + 1 : 1,
	};
	tree->node_count++;
	return id;
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
		frames[i] = tree->nodes[node].frame;
		node = tree->nodes[node].parent;
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

	if (tree->nodes[node].depth <= depth)
		return node;
	if (tree->nodes[node].cut)
		return tree->nodes[node].cut;
	cut = cut_chain(tree, node, depth, err);
	tree->nodes[node].cut = cut;
	return cut;
}
