/* SPDX-License-Identifier: MIT */
#ifndef MLW_TREE_H
#define MLW_TREE_H

/*
 * The stacks of a run as one tree: who calls whom, and how much was allocated below each
 * call. Callers come first, from the outermost call down to the allocation sites;
 * inverted the sites come first and their callers below them.
 *
 *	mlw_tree_new(&tree, &query, err);
 *	mlw_tree_children(tree, &tree->root, &children, err);
 *	... children->nodes[i], i < children->count, each of which has children again
 *	free(children);
 *	mlw_tree_free(tree);
 *
 * A node is what `query.by` says: a line, function, file or module; calls from one file
 * or module into itself are one node then. Children are made when asked for, so that
 * memory is that of the stacks (four bytes a frame), not that of the tree. Ask from the
 * root down, in any order. Stacks may be of any depth: nothing here recurses.
 */

#include "analyze/frame.h"
#include "analyze/query.h"
#include "analyze/sums.h"
#include "base/error.h"

struct mallow_nodes {
	size_t count;
	size_t hidden; /* by min_size and limit */
	struct mallow_sums hidden_sums;
	struct mallow_node nodes[]; /* as rows of `mallow top` are ordered */
};

struct mallow_tree {
	struct mallow_about about;
	struct mallow_sums total; /* of all that passed the filter */
	/* Of what is live or has a part in what is sorted by. */
	struct mallow_node root;

	struct mlw_tree_store *store;
};

/* Fails unless query.by is line, function, file or module. */
int mlw_tree_new(struct mallow_tree **tree, const struct mlw_query *query,
                 struct mlw_error *err);
void mlw_tree_free(struct mallow_tree *tree); /* NULL is fine */

/* `node` came from this tree. The caller frees `*children` with free(). */
int mlw_tree_children(struct mallow_tree *tree, const struct mallow_node *node,
                      struct mallow_nodes **children, struct mlw_error *err);

#endif /* MLW_TREE_H */
