/* SPDX-License-Identifier: MIT */
#ifndef MLW_TREE_H
#define MLW_TREE_H

/*
 * Every stack that the run has seen, as a tree: a frame is a module and an offset in it,
 * a node is a frame and the node of its caller (0: none). Shared by all processes of the
 * run. Ids are the tree's own, from 1; the file gets only what some trace refers to, so
 * frames and nodes carry their id in the file beside (0: not written).
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "collect/map64.h"

struct mlw_tree_frame {
	uint64_t offset; /* as struct mlw_frame_row has it */
	uint32_t module; /* the run's number, 0: the offset is an address */
	uint32_t file_id;
};

struct mlw_tree_node {
	uint32_t parent;
	uint32_t frame;
	uint32_t depth; /* frames from the outermost on, this one included */
	uint32_t cut; /* node of the most recent frames alone, 0: not made yet */
	uint32_t file_id;
};

/* A zeroed tree is empty. Element 0 of each array is never used. */
struct mlw_tree {
	struct mlw_tree_frame *frames;
	size_t frame_count, frame_capacity;
	struct mlw_map64 frame_ids;

	struct mlw_tree_node *nodes;
	size_t node_count, node_capacity;
	struct mlw_map64 node_ids;
};

void mlw_tree_release(struct mlw_tree *tree);

/* Each returns an id, or 0 without memory. */
uint32_t mlw_tree_frame(struct mlw_tree *tree, uint32_t module, uint64_t offset,
                        struct mlw_error *err);
uint32_t mlw_tree_child(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                        struct mlw_error *err);

/* The node that has only the `depth` most recent frames of `node`; made once a node. */
uint32_t mlw_tree_cut(struct mlw_tree *tree, uint32_t node, uint32_t depth,
                      struct mlw_error *err);

#endif /* MLW_TREE_H */
