/* SPDX-License-Identifier: MIT */
#include "analyze/tree.h"

#include <stdlib.h>

#include "snapshot/query.h"
#include "snapshot/state.h"

int mallow_tree_new(struct mallow_tree **tree, const struct mallow_query *query,
                    struct mallow_error *err)
{
	struct mlw_query asked;
	struct mlw_error inner;

	*tree = NULL;
	if (mlw_query_of(&asked, query, &inner) || mlw_tree_new(tree, &asked, &inner))
		return mlw_query_fail(err, query->place, &inner);
	return 0;
}

void mallow_tree_free(struct mallow_tree *tree)
{
	mlw_tree_free(tree);
}

const struct mallow_about *mallow_tree_about(const struct mallow_tree *tree)
{
	return &tree->about;
}

const struct mallow_sums *mallow_tree_total(const struct mallow_tree *tree)
{
	return &tree->total;
}

const struct mallow_node *mallow_tree_root(const struct mallow_tree *tree)
{
	return &tree->root;
}

int mallow_tree_children(struct mallow_tree *tree, const struct mallow_node *node,
                         struct mallow_nodes **nodes, struct mallow_error *err)
{
	struct mlw_error inner;

	return mlw_tree_children(tree, node, nodes, &inner)
	               ? mlw_snapshot_fail(err, &inner)
	               : 0;
}

void mallow_nodes_free(struct mallow_nodes *nodes)
{
	free(nodes);
}

size_t mallow_nodes_count(const struct mallow_nodes *nodes)
{
	return nodes->count;
}

const struct mallow_node *mallow_nodes_get(const struct mallow_nodes *nodes, size_t index)
{
	return index < nodes->count ? &nodes->nodes[index] : NULL;
}

size_t mallow_nodes_hidden(const struct mallow_nodes *nodes)
{
	return nodes->hidden;
}

const struct mallow_sums *mallow_nodes_hidden_sums(const struct mallow_nodes *nodes)
{
	return &nodes->hidden_sums;
}
