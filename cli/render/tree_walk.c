/* SPDX-License-Identifier: MIT */
#include "render/tree_walk.h"

#include <stdlib.h>

#include "base/array.h"
#include "render/reason.h"

void mlw_tree_walk_init(struct mlw_tree_walk *walk, struct mallow_tree *tree)
{
	*walk = (struct mlw_tree_walk){ .tree = tree };
}

static void pop(struct mlw_tree_walk *walk)
{
	mallow_nodes_free(walk->rows[--walk->count]);
}

void mlw_tree_walk_release(struct mlw_tree_walk *walk)
{
	while (walk->count)
		pop(walk);
	free(walk->rows);
	free(walk->next);
}

static int enter(struct mlw_tree_walk *walk, const struct mallow_node *node,
                 struct mlw_error *err)
{
	struct mallow_error reason;

	if (mlw_grow(&walk->rows, &walk->capacity, walk->count + 1,
	             sizeof(struct mallow_nodes *), err) ||
	    mlw_grow(&walk->next, &walk->next_capacity, walk->count + 1,
	             sizeof(*walk->next), err))
		return -1;
	if (mallow_tree_children(walk->tree, node, &walk->rows[walk->count], &reason))
		return mlw_reason(err, &reason);
	walk->next[walk->count++] = 0;
	return MLW_TREE_ENTER;
}

int mlw_tree_walk_next(struct mlw_tree_walk *walk, const struct mallow_node **node,
                       struct mlw_error *err)
{
	const struct mallow_nodes *row;
	size_t next;

	*node = NULL;
	if (!walk->started) {
		walk->started = true;
		*node = mallow_tree_root(walk->tree);
		return enter(walk, *node, err);
	}
	if (!walk->count)
		return MLW_TREE_END;
	row = walk->rows[walk->count - 1];
	next = walk->next[walk->count - 1]++;
	if (next == mallow_nodes_count(row)) {
		pop(walk);
		return MLW_TREE_LEAVE;
	}
	*node = mallow_nodes_get(row, next);
	return enter(walk, *node, err);
}
