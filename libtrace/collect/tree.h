/* SPDX-License-Identifier: MIT */
#ifndef MLW_TREE_H
#define MLW_TREE_H

/*
 * Every stack that the run has seen, as a tree: a frame is a module and an offset in it,
 * a node is a frame and the node of its caller (0: none). Shared by all processes of the
 * run. Ids are the tree's own, from 1; the file gets only what some trace refers to, so
 * frames and nodes have an id in the file beside (0: not written).
 *
 * A program may have a hundred million nodes, and nearly all of them have one child. A
 * stack that ends in n new frames makes n nodes with ids that follow one another, a run,
 * and only the run says where it begins:
 *
 *	node + 1 is a child of node unless a run begins there
 *	any other child of node begins a run; it is found in `others`
 *	parent(node) = node - 1, or run.parent where a run begins
 *	depth(node) = run.depth + (node - run.first)
 *
 * So a node costs 4 bytes and a bit, a run some 50 bytes, and a frame of a new stack
 * costs no look-up at all. Of a run its beginning is written to the file, mostly in
 * one go:
 *
 *	file_id(node) = run.file_first + (node - run.first) for the first run.file_count
 *
 * and the few that were written later, when others had come between, are in `strays`.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/runs.h"
#include "collect/map64.h"

struct mlw_tree_frame {
	uint64_t offset; /* as struct mlw_frame_row has it */
	uint32_t module; /* the run's number, 0: the offset is an address */
	uint32_t file_id;
};

/* Children that were looked for lately, of a node whose number falls here: what lies
 * side by side in stacks mostly has numbers side by side, a hash would scatter it. */
#define MLW_TREE_RECENT   16384u
#define MLW_TREE_CHILDREN 3u

struct mlw_tree_recent {
	uint32_t parent;
	uint32_t children[MLW_TREE_CHILDREN]; /* 0: none */
};

struct mlw_tree_run {
	uint32_t first; /* node */
	uint32_t parent; /* of the first, 0: none */
	uint32_t depth; /* frames from the outermost to the first, both included */
	uint32_t file_first; /* id of the first in the file */
	uint32_t file_count;
};

/* A zeroed tree is empty. Element 0 of frames, node_frames and runs is never used. */
struct mlw_tree {
	struct mlw_tree_frame *frames;
	size_t frame_count, frame_capacity;
	struct mlw_map64 frame_ids;

	uint32_t *node_frames;
	size_t node_count, node_capacity;
	struct mlw_runs node_runs;

	struct mlw_tree_run *runs; /* by their numbers in node_runs */
	size_t run_capacity;
	struct mlw_map64 others; /* parent and frame to the first node of a run */
	struct mlw_tree_recent *recent; /* MLW_TREE_RECENT, or NULL: goes without */

	struct mlw_map64 strays; /* node to id in the file */
	struct mlw_map64 cuts; /* node to mlw_tree_cut */
};

void mlw_tree_release(struct mlw_tree *tree);

/* An id, or 0 without memory. */
uint32_t mlw_tree_frame(struct mlw_tree *tree, uint32_t module, uint64_t offset,
                        struct mlw_error *err);

/* The child that is not node + 1 and was not looked for lately, or a new one; 0 without
 * memory. */
uint32_t mlw_tree_other_child(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                              struct mlw_error *err);

/* The node that has only the `depth` most recent frames of `node`; made once a node. 0
 * without memory. */
uint32_t mlw_tree_cut(struct mlw_tree *tree, uint32_t node, uint32_t depth,
                      struct mlw_error *err);

uint32_t mlw_tree_parent(const struct mlw_tree *tree, uint32_t node);
uint32_t mlw_tree_depth(const struct mlw_tree *tree, uint32_t node);

/* The id of `node` in the file, 0: not written. */
uint32_t mlw_tree_file_id(const struct mlw_tree *tree, uint32_t node);

/* Of the nodes from the beginning of its run to `node`, which is not written, the first
 * that is not. */
uint32_t mlw_tree_unwritten(const struct mlw_tree *tree, uint32_t node);

/* The nodes from mlw_tree_unwritten(last) to `last` have ids from `file_first` on. */
int mlw_tree_written(struct mlw_tree *tree, uint32_t last, uint32_t file_first,
                     struct mlw_error *err);

/* A child of `parent` that was looked for lately, or 0. */
static inline uint32_t mlw_tree_recent(const struct mlw_tree *tree, uint32_t parent,
                                       uint32_t frame)
{
	const struct mlw_tree_recent *recent;

	if (!tree->recent)
		return 0;
	recent = &tree->recent[parent % MLW_TREE_RECENT];
	if (recent->parent != parent)
		return 0;
	for (uint32_t i = 0; i < MLW_TREE_CHILDREN && recent->children[i]; i++)
		if (tree->node_frames[recent->children[i]] == frame)
			return recent->children[i];
	return 0;
}

/* The node of `frame` above `parent`; 0 without memory. The youngest node has no child
 * yet: what comes above it is new. */
static inline uint32_t mlw_tree_child(struct mlw_tree *tree, uint32_t parent,
                                      uint32_t frame, struct mlw_error *err)
{
	uint32_t next = parent + 1, recent;

	if (next < tree->node_count) {
		if (tree->node_frames[next] == frame &&
		    !mlw_runs_begins(&tree->node_runs, next))
			return next;
	} else if (parent && next < tree->node_capacity && next % MLW_RUNS_BLOCK) {
		tree->node_frames[next] = frame;
		tree->node_count++;
		return next;
	}
	recent = mlw_tree_recent(tree, parent, frame);
	return recent ? recent : mlw_tree_other_child(tree, parent, frame, err);
}

#endif /* MLW_TREE_H */
