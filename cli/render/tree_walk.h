/* SPDX-License-Identifier: MIT */
#ifndef MLW_TREE_WALK_H
#define MLW_TREE_WALK_H

/*
 * Goes through a whole tree of calls, each node before its children. Nothing recurses: a
 * tree is as deep as the deepest stack.
 *
 *	mlw_tree_walk_init(&walk, tree);
 *	while ((step = mlw_tree_walk_next(&walk, &node, err)) > 0)
 *		if (step == MLW_TREE_ENTER) ...
 *	mlw_tree_walk_release(&walk);
 */

#include <mallow/snapshot.h>

#include "base/error.h"

enum mlw_tree_step {
	MLW_TREE_END = 0,
	MLW_TREE_ENTER = 1, /* `node`, valid until it is left */
	MLW_TREE_LEAVE = 2, /* the node entered last that was not left yet */
};

struct mlw_tree_walk {
	struct mallow_tree *tree; /* borrowed */
	struct mallow_nodes **rows; /* the siblings of each node down to here */
	size_t *next; /* of the row's nodes */
	size_t count, capacity, next_capacity;
	bool started;
};

void mlw_tree_walk_init(struct mlw_tree_walk *walk, struct mallow_tree *tree);
void mlw_tree_walk_release(struct mlw_tree_walk *walk);

/* An enum mlw_tree_step, or -1 without memory. */
int mlw_tree_walk_next(struct mlw_tree_walk *walk, const struct mallow_node **node,
                       struct mlw_error *err);

#endif /* MLW_TREE_WALK_H */
