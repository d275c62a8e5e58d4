/* SPDX-License-Identifier: MIT */
#include "render/tree_walk.h"

#include <stdlib.h>

#include "base/array.h"

void mlw_tree_walk_init(struct mlw_tree_walk *walk, struct mlw_tree *tree)
{
	*walk = (struct mlw_tree_walk){ .tree = tree };
}

static void pop(struct mlw_tree_walk *walk)
{
	mlw_tree_children_release(&walk->rows[--walk->count]);
}

void mlw_tree_walk_release(struct mlw_tree_walk *walk)
{
	while (walk->count)
		pop(walk);
	free(walk->rows);
	free(walk->next);
}

static int enter(struct mlw_tree_walk *walk, const struct mlw_tree_node *node,
                 struct mlw_error *err)
{
	if (mlw_grow(&walk->rows, &walk->capacity, walk->count + 1, sizeof(*walk->rows),
	             err) ||
	    mlw_grow(&walk->next, &walk->next_capacity, walk->count + 1,
	             sizeof(*walk->next), err) ||
	    mlw_tree_children(walk->tree, node, &walk->rows[walk->count], err))
		return -1;
	walk->next[walk->count++] = 0;
	return MLW_TREE_ENTER;
}

int mlw_tree_walk_next(struct mlw_tree_walk *walk, const struct mlw_tree_node **node,
                       struct mlw_error *err)
{
	struct mlw_tree_children *row;
	size_t next;

	*node = NULL;
	if (!walk->started) {
		walk->started = true;
		*node = &walk->tree->root;
		return enter(walk, *node, err);
	}
	if (!walk->count)
		return MLW_TREE_END;
	row = &walk->rows[walk->count - 1];
	next = walk->next[walk->count - 1]++;
	if (next == row->count) {
		pop(walk);
		return MLW_TREE_LEAVE;
	}
	*node = &row->nodes[next];
	return enter(walk, *node, err);
}
